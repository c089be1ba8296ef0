//! File contents that can be recognised as whole, whoever wrote them and whenever.
//!
//! ```text
//! whole <bytes of the body>\n state: <word>\n <body>\n end <digest of the body>\n
//! ```
//! An edit changes only the state, so an edited file is whole too. A part of one content, or parts of two, is not.

use std::fs;
use std::path::Path;

use crate::dice::Dice;
use crate::problem::{Outcome, Promise, Trouble};

/// The state of a content that nobody edited.
pub(crate) const FRESH: &str = "state: fresh\n";

/// Contents are at most this long: many pages, and many writes.
const BODY_MAX: u64 = 40_000;

/// A fresh content.
pub(crate) fn fresh(dice: &mut Dice) -> String {
    let length = 1 + dice.below(BODY_MAX);
    let letter = |dice: &mut Dice| char::from(b'a' + u8::try_from(dice.below(26)).unwrap_or(0));
    // One letter in a row of its own is enough to tell contents apart, and cheap to make.
    let body: String = (0..length).map(|at| if at % 64 == 63 { '\n' } else { 'x' }).collect();
    let mark: String = (0..16).map(|_| letter(dice)).collect();
    let body = format!("{mark}{body}");
    let digest = contract::digest(body.as_bytes());
    format!("whole {}\n{FRESH}{body}\nend {digest}\n", body.len())
}

/// Whether a text is one whole content.
pub(crate) fn is_whole(text: &str) -> bool {
    let parts = || {
        let (length, rest) = text.strip_prefix("whole ")?.split_once('\n')?;
        let (_, rest) = rest.strip_prefix("state: ")?.split_once('\n')?;
        let (body, end) = rest.split_at_checked(length.parse().ok()?)?;
        Some(end == format!("\nend {}\n", contract::digest(body.as_bytes())))
    };
    parts().unwrap_or(false)
}

/// Looks at every file below a directory but those below `beside`; gives how many there are. Links hold no content.
pub(crate) fn check(directory: &Path, beside: &Path) -> Outcome<usize> {
    let broken = |path: &Path, what: &str| {
        Trouble::broken(Promise::FilesAreWhole, format!("`{}` {what}", path.display()))
    };
    let mut files = 0;
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with(".checkrein") {
            return Err(broken(&path, "was left behind"));
        }
        if path == beside || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            files += check(&path, beside)?;
        } else if is_whole(&fs::read_to_string(&path)?) {
            files += 1;
        } else {
            return Err(broken(&path, "is half written"));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_contents_are_told_from_parts_and_mixtures() {
        let mut dice = Dice::new(1);
        let (one, two) = (fresh(&mut dice), fresh(&mut dice));
        assert!(is_whole(&one) && is_whole(&two));
        assert!(is_whole(&one.replace(FRESH, "state: edited\n")));
        assert!(!is_whole(""));
        assert!(!is_whole(&one[..one.len() - 1]));
        let torn = 512.min(one.len() / 2);
        assert!(!is_whole(&format!("{}{}", &one[..torn], &two[torn.min(two.len())..])));
    }

    #[test]
    fn leftovers_and_half_files_are_found() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        let whole = fresh(&mut Dice::new(2));
        fs::write(path("a"), &whole).unwrap();
        fs::create_dir(path("beside")).unwrap();
        fs::write(path("beside/c"), "").unwrap();
        assert_eq!(check(directory.path(), &path("beside")).unwrap(), 1);
        fs::write(path("b"), &whole[..20]).unwrap();
        assert!(
            check(directory.path(), &path("beside"))
                .unwrap_err()
                .to_string()
                .contains("half written")
        );
        fs::remove_file(path("b")).unwrap();
        fs::write(path(".checkrein-x"), &whole).unwrap();
        assert!(
            check(directory.path(), &path("beside"))
                .unwrap_err()
                .to_string()
                .contains("left behind")
        );
    }
}
