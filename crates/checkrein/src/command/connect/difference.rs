//! What differs between two texts, line by line, for a person: what goes, what comes, and a few lines around.
//!
//! In: two texts. Out: lines that begin with `-`, `+` or a space. Only where they begin and end to differ is looked for: changes
//! of this command are few and near each other. Tests are at the end.

/// Lines around what differs.
const AROUND: usize = 3;

/// The difference; empty where there is none.
pub(super) fn lines(before: &str, after: &str) -> String {
    if before == after {
        return String::new();
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let same = old.iter().zip(&new).take_while(|(one, other)| one == other).count();
    let room = old.len().min(new.len()) - same;
    let end = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take(room)
        .take_while(|(one, other)| one == other)
        .count();
    let mut out = format!("@@ line {} @@\n", same + 1);
    let mut put = |mark: char, lines: &[&str]| {
        for line in lines {
            out.push_str(&format!("{mark}{line}\n"));
        }
    };
    put(' ', old.get(same.saturating_sub(AROUND)..same).unwrap_or_default());
    put('-', old.get(same..old.len() - end).unwrap_or_default());
    put('+', new.get(same..new.len() - end).unwrap_or_default());
    let from = old.len() - end;
    put(' ', old.get(from..old.len().min(from + AROUND)).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_shown_with_a_few_lines_around() {
        for (before, after, expect) in [
            ("a\nb\n", "a\nb\n", ""),
            ("a\nb\nc\n", "a\nx\nc\n", "@@ line 2 @@\n a\n-b\n+x\n c\n"),
            ("", "a\n", "@@ line 1 @@\n+a\n"),
            ("a\na\n", "a\n", "@@ line 2 @@\n a\n-a\n"),
            ("1\n2\n3\n4\n5\n", "1\n2\n3\n4\n6\n", "@@ line 5 @@\n 2\n 3\n 4\n-5\n+6\n"),
        ] {
            assert_eq!(lines(before, after), expect, "{before:?} {after:?}");
        }
    }
}
