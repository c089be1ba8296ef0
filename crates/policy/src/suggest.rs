//! "Did you mean", as a whole sentence for the fix of an error.
//!
//! A word that is not known and the words that are go in; out comes the nearest of them, or a bounded list of
//! all. It words an error and never decides anything: a name is not corrected, it stays refused.

use contract::closest;

/// Candidates shown where none is near.
const SHOWN_MAX: usize = 20;

/// `did you mean` the nearest candidate, or the candidates.
pub(crate) fn hint(word: &str, candidates: &[&str]) -> String {
    match closest(word, candidates.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if candidates.is_empty() => "there is nothing to choose from".to_owned(),
        None => {
            let shown: Vec<String> =
                candidates.iter().take(SHOWN_MAX).map(|name| format!("`{name}`")).collect();
            let more = if candidates.len() > SHOWN_MAX { ", …" } else { "" };
            format!("expected one of {}{more}", shown.join(", "))
        }
    }
}
