//! Changes in a JSON file: members taken out of an object, one put in, and no other byte touched.
//!
//! In: the text, the way to an object, what goes and what comes. Out: the new text. Comments stay, also those above what goes.
//! The file stays strict JSON where it was. Tests are at the end.

use std::ops::Range;

use serde_json::Value;

use super::jsonc::{self, Member, Node};

/// What changes in one object.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    /// The way to the object.
    pub(super) way: Vec<String>,
    /// Members that go.
    pub(super) without: Vec<String>,
    /// Members that come, with the text of their value; one that is there is replaced.
    pub(super) with: Vec<(String, String)>,
}

/// Makes the changes.
///
/// # Errors
/// When the text is not JSON, or something on the way is no object.
pub(super) fn change(text: &str, changes: &[Change]) -> Result<String, String> {
    let mut text = text.to_owned();
    for one in changes {
        text = changed(&text, one)?;
    }
    Ok(text)
}

/// A value as it is written into a file, at some depth.
pub(super) fn written(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn changed(text: &str, change: &Change) -> Result<String, String> {
    if change.without.is_empty() && change.with.is_empty() {
        return Ok(text.to_owned());
    }
    let text = if text.trim().is_empty() { "{}\n" } else { text };
    let root = jsonc::read(text)?;
    let Some(object) = root.at(&change.way) else { return put_way(text, &root, change) };
    let members =
        object.members().ok_or_else(|| format!("`{}` is no object", change.way.join(".")))?;
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let goes = |member: &&Member| change.without.contains(&member.key);
    let mut comes: Vec<&(String, String)> = change.with.iter().collect();
    // In the place of one that is there already.
    comes.retain(|(key, value)| match members.iter().find(|member| member.key == *key) {
        Some(member) if !goes(&member) => {
            let text = indented(value, &indent_of(text, member.start));
            edits.push((member.value.start..member.value.end, text));
            false
        }
        Some(_) | None => true,
    });
    // In the place of the first that goes.
    let first = members.iter().position(|member| goes(&member)).filter(|_| !comes.is_empty());
    if let Some(member) = first.and_then(|first| members.get(first)) {
        let indent = indent_of(text, member.start);
        let all: Vec<String> =
            comes.iter().map(|(key, value)| member_text(key, value, &indent)).collect();
        edits.push((member.start..member.value.end, all.join(&format!(",\n{indent}"))));
        comes.clear();
    }
    edits.extend(removals(text, members, |at, member| goes(&member) && Some(at) != first));
    if !comes.is_empty() {
        edits.push(insertion(text, object, &comes));
    }
    Ok(apply(text, edits))
}

/// What takes members out, with commas and lines that they leave behind.
fn removals(
    text: &str,
    members: &[Member],
    goes: impl Fn(usize, &Member) -> bool,
) -> Vec<(Range<usize>, String)> {
    let mut edits = Vec::new();
    for (at, member) in members.iter().enumerate().filter(|(at, member)| goes(*at, member)) {
        let mut range = member.start..member.value.end;
        match member.comma {
            Some(comma)
                if text.get(member.value.end..comma).is_some_and(|gap| gap.trim().is_empty()) =>
            {
                range.end = comma + 1;
            }
            Some(comma) => edits.push((comma..comma + 1, String::new())),
            None => {}
        }
        edits.push((whole_line(text, range), String::new()));
        let is_last_kept =
            members.iter().enumerate().skip(at + 1).all(|(at, member)| goes(at, member));
        let before = members.iter().enumerate().take(at).rfind(|(at, member)| !goes(*at, member));
        // A comma behind the last member stays only where there was one.
        let had_last = members.last().is_some_and(|last| last.comma.is_some());
        if let (true, false, Some(comma)) =
            (is_last_kept, had_last, before.and_then(|(_, member)| member.comma))
            && !edits.iter().any(|(range, _)| range.start == comma)
        {
            edits.push((comma..comma + 1, String::new()));
        }
    }
    edits
}

/// The line of a range, if nothing else stands on it.
fn whole_line(text: &str, range: Range<usize>) -> Range<usize> {
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    let start = before.trim_end_matches([' ', '\t']).len();
    let blank = after.len() - after.trim_start_matches([' ', '\t']).len();
    let rest = after.get(blank..).unwrap_or_default();
    let line_end =
        if rest.starts_with("\r\n") { Some(2) } else { rest.starts_with('\n').then_some(1) };
    match (before.get(..start).is_some_and(|text| text.ends_with('\n')), line_end) {
        (true, Some(length)) => start..range.end + blank + length,
        (true | false, _) => range,
    }
}

/// New members at the beginning of an object.
fn insertion(text: &str, object: &Node, comes: &[&(String, String)]) -> (Range<usize>, String) {
    let own = indent_of(text, object.start);
    let members = object.members().unwrap_or_default();
    let indent = match members.first() {
        Some(member) if indent_of(text, member.start) != own => indent_of(text, member.start),
        Some(_) | None => format!("{own}{}", unit(&own)),
    };
    let all: Vec<String> =
        comes.iter().map(|(key, value)| member_text(key, value, &indent)).collect();
    let mut put = format!("\n{indent}{}", all.join(&format!(",\n{indent}")));
    put.push_str(&match members.is_empty() {
        false => ",".to_owned(),
        true => format!("\n{own}"),
    });
    let at = object.start + 1;
    // An empty object gives up the white space in it, but no comment.
    let inner = text.get(at..object.end - 1).unwrap_or_default();
    let end = if members.is_empty() && inner.trim().is_empty() { object.end - 1 } else { at };
    (at..end, put)
}

/// An object on the way is missing: it is made, with what is missing in it.
fn put_way(text: &str, root: &Node, change: &Change) -> Result<String, String> {
    if change.with.is_empty() {
        return Ok(text.to_owned());
    }
    let there = (0..change.way.len())
        .rev()
        .find(|length| change.way.get(..*length).is_some_and(|way| root.at(way).is_some()));
    let length = there.ok_or("it is no JSON object")?;
    let (way, missing) = change.way.split_at_checked(length).unwrap_or_default();
    let members = change
        .with
        .iter()
        .map(|(key, value)| (key.clone(), serde_json::from_str(value).unwrap_or_default()));
    let inner: Value = Value::Object(members.collect());
    let value = missing
        .iter()
        .skip(1)
        .rev()
        .fold(inner, |value, key| serde_json::json!({ key.as_str(): value }));
    let key = missing.first().cloned().unwrap_or_default();
    let with = vec![(key, written(&value))];
    changed(text, &Change { way: way.to_vec(), without: Vec::new(), with })
}

fn member_text(key: &str, value: &str, indent: &str) -> String {
    format!("{}: {}", Value::from(key), indented(value, indent))
}

/// The text of a value with every further line moved in. Texts of JSON have no line breaks in them.
fn indented(value: &str, indent: &str) -> String {
    value.replace('\n', &format!("\n{indent}"))
}

/// The white space at the beginning of the line of a place.
fn indent_of(text: &str, at: usize) -> String {
    let line = text.get(..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
    line.chars().take_while(|one| matches!(one, ' ' | '\t')).collect()
}

fn unit(indent: &str) -> &'static str {
    if indent.contains('\t') { "\t" } else { "  " }
}

fn apply(text: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut out = text.to_owned();
    for (range, put) in edits {
        out.replace_range(range, &put);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check((text, without): (&str, &[&str]), with: &[(&str, &str)], expect: &str) {
        let change = Change {
            way: vec!["s".to_owned()],
            without: without.iter().map(|one| (*one).to_owned()).collect(),
            with: with
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        };
        assert_eq!(super::change(text, &[change]).unwrap(), expect);
    }

    #[test]
    fn members_go_and_everything_else_stays() {
        let text = "{\n  // all\n  \"s\": {\n    // first\n    \"a\": {\"x\": 1},\n    \"b\": 2, // two\n    \"c\": [\n      1\n    ]\n  },\n  \"t\": 1\n}\n";
        check(
            (text, &["a"]),
            &[],
            "{\n  // all\n  \"s\": {\n    // first\n    \"b\": 2, // two\n    \"c\": [\n      1\n    ]\n  },\n  \"t\": 1\n}\n",
        );
        check(
            (text, &["c"]),
            &[],
            "{\n  // all\n  \"s\": {\n    // first\n    \"a\": {\"x\": 1},\n    \"b\": 2 // two\n  },\n  \"t\": 1\n}\n",
        );
        check(
            (text, &["b", "c"]),
            &[("o", "{}")],
            "{\n  // all\n  \"s\": {\n    // first\n    \"a\": {\"x\": 1},\n    \"o\": {} // two\n  },\n  \"t\": 1\n}\n",
        );
        check(
            (text, &["a", "b", "c"]),
            &[("o", "{\n  \"k\": 1\n}")],
            "{\n  // all\n  \"s\": {\n    // first\n    \"o\": {\n      \"k\": 1\n    }\n     // two\n  },\n  \"t\": 1\n}\n",
        );
    }

    #[test]
    fn members_come_where_there_was_nothing() {
        check(("", &[]), &[("o", "1")], "{\n  \"s\": {\n    \"o\": 1\n  }\n}\n");
        check(("{\"t\": 1}", &[]), &[("o", "1")], "{\n  \"s\": {\n    \"o\": 1\n  },\"t\": 1}");
        check(("{\"s\": {}}", &[]), &[("o", "1")], "{\"s\": {\n  \"o\": 1\n}}");
        check(("{\"s\": {\"a\": 1}}", &["a"]), &[("o", "1")], "{\"s\": {\"o\": 1}}");
        check(("{\"s\": {\"a\": 1, \"o\": 2}}", &["a"]), &[("o", "1")], "{\"s\": { \"o\": 1}}");
        check(("{\"s\": {\"a\": 1, \"b\": 2,}}", &["b"]), &[], "{\"s\": {\"a\": 1, }}");
    }

    #[test]
    fn every_removal_leaves_json_behind() {
        let text = "{\"s\": {\"a\": 1, \"b\": {\"x\": [1]},\n\"c\": \"}\",\n\n\"d\": 4}}";
        for mask in 0..16_u32 {
            let without: Vec<String> = ["a", "b", "c", "d"]
                .iter()
                .enumerate()
                .filter(|(at, _)| mask >> at & 1 == 1)
                .map(|(_, key)| (*key).to_owned())
                .collect();
            for with in [Vec::new(), vec![("o".to_owned(), "5".to_owned())]] {
                let change = Change {
                    way: vec!["s".to_owned()],
                    without: without.clone(),
                    with: with.clone(),
                };
                let after = super::change(text, &[change]).unwrap();
                let value: Value =
                    serde_json::from_str(&after).unwrap_or_else(|error| panic!("{error}: {after}"));
                let left = value["s"].as_object().unwrap();
                assert_eq!(left.len(), 4 - without.len() + with.len(), "{after}");
                assert!(without.iter().all(|key| !left.contains_key(key)), "{after}");
            }
        }
    }
}
