//! `files.edit`: exact pieces of text replaced, each as often as stated, all or none.
//!
//! Edits apply one after the other, each to what the one before it left. Nothing is guessed: a piece that stands
//! there more or less often is refused, and for one that is missing the line perhaps meant is named. Only UTF-8
//! text within the size limit is edited; line ends and the file's mode stay as they are.

use domain::{Node, Plan, limits};

use super::super::arguments::{Arguments, Edit};
use super::super::problem::Problem;
use super::Draft;
use super::write::replace;

/// Lines compared to find the one that was perhaps meant.
const HINT_LINES_MAX: usize = 2_000;

pub(super) fn plan(mut draft: Draft<'_>, arguments: Arguments<'_>) -> Result<Plan, Problem> {
    let path = arguments.path("path")?;
    let edits = arguments.edits()?;
    let looked = draft.existing(path)?;
    let Node::File { size, content, .. } = &looked.state.node else {
        return Err(Problem::NotAFile { path: path.to_owned(), what: looked.what() });
    };
    let Some(content) = content else {
        return Err(Problem::TooLarge(format!(
            "`{path}` has {size} bytes; files of at most {} are edited",
            limits::FILE_BYTES_MAX
        )));
    };
    let not_text = |_| Problem::NotText(path.to_owned());
    let mut text = std::str::from_utf8(content.bytes()).map_err(not_text)?.to_owned();
    for (index, edit) in edits.iter().enumerate() {
        text = replaced(&text, edit, (path, index + 1))?;
    }
    replace(draft, path, (looked, text.into_bytes()))
}

fn replaced(text: &str, edit: &Edit<'_>, (path, number): (&str, usize)) -> Result<String, Problem> {
    let found = text.matches(edit.old).count();
    if found == 0 {
        let hint = hint(text, edit.old);
        return Err(Problem::TextNotFound { path: path.to_owned(), edit: number, hint });
    }
    if found != edit.occurrences {
        let expected = edit.occurrences;
        return Err(Problem::OccurrencesDiffer {
            path: path.to_owned(),
            edit: number,
            found,
            expected,
        });
    }
    // Checked before the new text is built: many short matches with a long replacement grow fast.
    let grown = text.len().saturating_add(found.saturating_mul(edit.new.len()));
    let size = grown.saturating_sub(found.saturating_mul(edit.old.len()));
    if u64::try_from(size).unwrap_or(u64::MAX) > limits::FILE_BYTES_MAX {
        return Err(Problem::TooLarge(format!(
            "`{path}` would have {size} bytes; at most {} are allowed",
            limits::FILE_BYTES_MAX
        )));
    }
    Ok(text.replace(edit.old, edit.new))
}

/// The line that was perhaps meant: the same but for spaces, else the nearest one.
fn hint(text: &str, old: &str) -> String {
    let Some(wanted) = old.lines().map(str::trim).find(|line| !line.is_empty()) else {
        return "; it is only spaces, which differ there".to_owned();
    };
    let same = text.lines().enumerate().find(|(_, line)| line.trim() == wanted);
    if let Some((index, _)) = same {
        return format!(
            "; line {} begins like it, but spaces or what follows differ: read the file and copy the text exactly",
            index + 1
        );
    }
    let lines = || text.lines().take(HINT_LINES_MAX);
    let near = contract::closest(wanted, lines().map(str::trim));
    let place =
        near.and_then(|near| lines().position(|line| line.trim() == near).map(|at| (at, near)));
    match place {
        Some((index, near)) => {
            let near: String = near.chars().take(120).collect();
            format!("; the nearest is line {}: `{near}`", index + 1)
        }
        None => "; read the file and copy the text exactly".to_owned(),
    }
}
