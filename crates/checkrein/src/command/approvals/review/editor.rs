//! Other arguments for a held call, from the person's own editor.
//!
//! In: the arguments as they are shown. Out: what the person left in the file, read strictly. The file is new, 0600, in a
//! directory of its own, and gone afterwards.

use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::process::Command;

use domain::limits;
use serde_json::Value;

use crate::output::json;

/// Lets the person edit; the error is a sentence for the screen.
pub(super) fn edit(arguments: &Value) -> Result<Value, String> {
    let set = |name| std::env::var(name).ok().filter(|value: &String| !value.trim().is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR"));
    let editor = editor.ok_or("neither `VISUAL` nor `EDITOR` names an editor")?;
    let text = json(arguments).map_err(|failure| failure.happened)?;
    let directory = std::env::temp_dir().join(format!("checkrein-edit-{}", std::process::id()));
    let made = std::fs::DirBuilder::new().mode(0o700).create(&directory);
    made.map_err(|error| cannot(&directory, &error))?;
    let edited = by(&editor, &directory.join("arguments.json"), &text);
    // Whatever came of it, nothing stays lying about.
    let removed = std::fs::remove_dir_all(&directory);
    let bytes = edited?;
    removed.map_err(|error| cannot(&directory, &error))?;
    contract::strict::parse(&bytes, limits::ARGUMENTS_BYTES_MAX)
        .map_err(|error| format!("what was written is no JSON object: {error}"))
}

fn by(editor: &str, file: &Path, text: &str) -> Result<Vec<u8>, String> {
    let mut options = std::fs::OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(file);
    let written = opened.and_then(|mut opened| writeln!(opened, "{text}"));
    written.map_err(|error| cannot(file, &error))?;
    // As git does: an editor may be a command with words of its own.
    let ran = Command::new("sh").args(["-c", &format!("{editor} \"$1\""), "sh"]).arg(file).status();
    match ran {
        Ok(status) if status.success() => {}
        Ok(status) => return Err(format!("the editor `{editor}` ended with {status}")),
        Err(error) => return Err(format!("the editor `{editor}` cannot be started: {error}")),
    }
    crate::context::read_input(file, limits::ARGUMENTS_BYTES_MAX)
        .map_err(|failure| failure.happened)
}

fn cannot(path: &Path, error: &std::io::Error) -> String {
    format!("`{}` cannot be used: {error}", path.display())
}
