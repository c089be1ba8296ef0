//! JSON with comments, read with the places of everything, so that one part can be changed and no other byte is.
//!
//! In: a client's file. Out: its value, and where each member of an object stands. Comments (`//`, `/* */`) and a comma behind the
//! last member are taken, as these clients take them. Depth is bounded. Tests are at the end.

use serde_json::{Map, Value};

/// Objects inside of objects.
const DEPTH_MAX: usize = 64;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Object(Vec<Member>),
    Array(Vec<Node>),
    Plain(Value),
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    pub(super) key: String,
    pub(super) start: usize,
    pub(super) value: Node,
    /// Where the comma behind it stands.
    pub(super) comma: Option<usize>,
}

impl Node {
    /// The value without places.
    pub(super) fn value(&self) -> Value {
        match &self.kind {
            Kind::Plain(value) => value.clone(),
            Kind::Array(items) => items.iter().map(Self::value).collect(),
            Kind::Object(members) => {
                let members =
                    members.iter().map(|member| (member.key.clone(), member.value.value()));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }

    /// The members of an object; none of anything else.
    pub(super) fn members(&self) -> Option<&[Member]> {
        match &self.kind {
            Kind::Object(members) => Some(members),
            Kind::Array(_) | Kind::Plain(_) => None,
        }
    }

    /// What stands at the end of a way of keys.
    pub(super) fn at(&self, way: &[String]) -> Option<&Self> {
        way.iter().try_fold(self, |node, key| {
            node.members()?.iter().find(|member| member.key == *key).map(|member| &member.value)
        })
    }
}

/// Reads a text.
///
/// # Errors
/// What is wrong and on which line.
pub(super) fn read(text: &str) -> Result<Node, String> {
    let mut reader = Reader { text, at: 0 };
    if text.starts_with('\u{FEFF}') {
        reader.at = '\u{FEFF}'.len_utf8();
    }
    reader.space()?;
    let node = reader.value(0)?;
    reader.space()?;
    match reader.peek() {
        None => Ok(node),
        Some(_) => Err(reader.wrong("the end")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn wrong(&self, expected: &str) -> String {
        let line = self.text.get(..self.at).unwrap_or_default().matches('\n').count() + 1;
        format!("line {line}: expected {expected}")
    }

    /// White space and comments.
    fn space(&mut self) -> Result<(), String> {
        loop {
            let rest = self.rest();
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                let end = rest.find("*/").ok_or_else(|| self.wrong("the end of a comment"))?;
                self.at += end + 2;
            } else if self.peek().is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
                self.at += 1;
            } else {
                return Ok(());
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, String> {
        if depth > DEPTH_MAX {
            return Err(self.wrong("less depth"));
        }
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => Kind::Object(self.object(depth)?),
            Some(b'[') => Kind::Array(self.array(depth)?),
            Some(_) => Kind::Plain(self.plain()?),
            None => return Err(self.wrong("a value")),
        };
        Ok(Node { start, end: self.at, kind })
    }

    fn object(&mut self, depth: usize) -> Result<Vec<Member>, String> {
        let mut members: Vec<Member> = Vec::new();
        self.at += 1;
        loop {
            self.space()?;
            if self.peek() == Some(b'}') {
                self.at += 1;
                return Ok(members);
            }
            if members.last().is_some_and(|last| last.comma.is_none()) {
                return Err(self.wrong("`,` or `}`"));
            }
            let start = self.at;
            let Value::String(key) = self.plain()? else {
                return Err(self.wrong("a name in quotes"));
            };
            if members.iter().any(|member| member.key == key) {
                return Err(self.wrong(&format!("`{}` once", contract::visible::short(&key))));
            }
            self.space()?;
            self.take(b':')?;
            self.space()?;
            let value = self.value(depth + 1)?;
            let comma = self.comma()?;
            members.push(Member { key, start, value, comma });
        }
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Node>, String> {
        let (mut items, mut more) = (Vec::new(), true);
        self.at += 1;
        loop {
            self.space()?;
            if self.peek() == Some(b']') {
                self.at += 1;
                return Ok(items);
            }
            if !more {
                return Err(self.wrong("`,` or `]`"));
            }
            items.push(self.value(depth + 1)?);
            more = self.comma()?.is_some();
        }
    }

    /// A comma behind a value, with whatever stands before it.
    fn comma(&mut self) -> Result<Option<usize>, String> {
        self.space()?;
        let at = self.at;
        if self.peek() != Some(b',') {
            return Ok(None);
        }
        self.at += 1;
        Ok(Some(at))
    }

    fn take(&mut self, byte: u8) -> Result<(), String> {
        if self.peek() != Some(byte) {
            return Err(self.wrong(&format!("`{}`", char::from(byte))));
        }
        self.at += 1;
        Ok(())
    }

    /// A text, a number, or a word.
    fn plain(&mut self) -> Result<Value, String> {
        let rest = self.rest();
        let length = if rest.starts_with('"') {
            let mut escaped = false;
            let end = rest.bytes().skip(1).position(|byte| {
                let ends = byte == b'"' && !escaped;
                escaped = byte == b'\\' && !escaped;
                ends
            });
            end.map(|end| end + 2).ok_or_else(|| self.wrong("the end of a text"))?
        } else {
            let ends = |one: char| {
                one.is_whitespace() || matches!(one, ',' | ':' | '{' | '}' | '[' | ']' | '/' | '"')
            };
            rest.find(ends).unwrap_or(rest.len())
        };
        let value = rest.get(..length).and_then(|text| serde_json::from_str(text).ok());
        let value = value.ok_or_else(|| self.wrong("a value"))?;
        self.at += length;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn comments_and_last_commas_are_taken() {
        let text = "\u{FEFF}// one\n{ /* two */ \"a\": [1, 2.5, ], // \"b\": 1\n \"c\\\"\": {\"d\": \"// no\", }, \"e\": null }\n// end";
        let node = read(text).unwrap();
        assert_eq!(node.value(), json!({"a": [1, 2.5], "c\"": {"d": "// no"}, "e": null}));
        let member = &node.members().unwrap()[0];
        assert_eq!(&text[member.start..member.value.end], "\"a\": [1, 2.5, ]");
        assert_eq!(&text[member.comma.unwrap()..=member.comma.unwrap()], ",");
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_line() {
        for (text, line) in [
            ("", "line 1"),
            ("{\"a\" 1}", "line 1"),
            ("{\n\"a\": 1\n\"b\": 2}", "line 3"),
            ("{\"a\": 1, \"a\": 2}", "line 1"),
            ("[1 2]", "line 1"),
            ("{} x", "line 1"),
            ("/* ", "line 1"),
            ("{\"a\": tru}", "line 1"),
            ("\"a", "line 1"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(line), "{text}: {error}");
        }
        assert!(read(&"[".repeat(100_000)).is_err());
    }
}
