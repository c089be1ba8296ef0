//! "Did you mean": the known word nearest to an unknown one.
//!
//! Used for tools, arguments, fields and words alike, so that a slip is met the same way everywhere.

/// The candidate nearest to `given` by edits (insert, delete, replace, swap), if it is near enough to be a
/// slip: at most a third of the longer word's characters. Of equally near ones the first.
pub fn closest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const CHARACTERS_MAX: usize = 128;
    if given.chars().count() > CHARACTERS_MAX {
        return None;
    }
    let given_folded = given.to_lowercase();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let distance = strsim::damerau_levenshtein(&given_folded, &candidate.to_lowercase());
            let longer = given.chars().count().max(candidate.chars().count());
            (distance <= (longer / 3).max(1)).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `, did you mean ...?`, or nothing.
pub(crate) fn hint<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    closest(given, candidates).map(|near| format!(", did you mean `{near}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_other_words_are_not() {
        let known = ["path", "content", "bytes_max"];
        for (given, expect) in [
            ("pth", Some("path")),
            ("PATH", Some("path")),
            ("contnet", Some("content")),
            ("bytes-max", Some("bytes_max")),
            ("recursive", None),
            ("", None),
        ] {
            assert_eq!(closest(given, known), expect, "{given}");
        }
    }
}
