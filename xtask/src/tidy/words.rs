//! The repository stands alone: it names no place outside itself and no host that packages come from.
//!
//! In: every text file. Out: each line with such a word. The words are put together from parts here, or this file would
//! be the first finding. `Cargo.lock` and links to documentation stay allowed. Tests are at the end.

use super::report::Finding;

/// Absolute or upward paths that exist on one machine only; a match starts where a path starts.
const PLACES: &[&str] = &[concat!("/", "work/"), concat!("../", "shared")];
/// Hosts of package registries.
const HOSTS: &[&str] = &[
    concat!("registry.", "npmjs"),
    concat!("python", "hosted.org"),
    concat!("pypi.", "org/simple"),
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("deb.", "debian.org"),
];

/// Every line with a forbidden word; `texts` are paths with their text.
pub(crate) fn check(texts: &[(String, String)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in texts {
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = forbidden(line) {
                let place = format!("{path}:{}", number + 1);
                findings
                    .push(Finding::new(place, format!("names `{word}`, outside the repository")));
            }
        }
    }
    findings
}

fn forbidden(line: &str) -> Option<&'static str> {
    let place = PLACES.iter().find(|place| starts_path(line, place));
    place.or_else(|| HOSTS.iter().find(|host| line.contains(**host))).copied()
}

/// Whether `word` stands in the line and is not the middle of a longer path.
fn starts_path(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|one| {
            one.is_alphanumeric() || matches!(one, '/' | '.' | '_' | '-' | '}' | '>')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::places;

    fn check(line: &str, found: bool) {
        let texts = [("README.md".to_owned(), format!("First line.\n{line}\n"))];
        let findings = super::check(&texts);
        assert_eq!(places(&findings), if found { vec!["README.md:2"] } else { vec![] }, "{line}");
    }

    #[test]
    fn places_outside_the_repository_are_found() {
        check(concat!("see `/", "work/notes`"), true);
        check(concat!("see ..", "/shared/notes"), true);
        check(concat!("\"resolved\": \"https://registry.", "npmjs.org/a\""), true);
    }

    #[test]
    fn paths_inside_the_repository_and_other_links_are_fine() {
        check("docs/work/plan.md and frame-work/ too", false);
        check("see https://docs.rs/serde", false);
    }
}
