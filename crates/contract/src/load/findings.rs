//! Where things stand in a contract file, and the errors found there.
//!
//! Places are found by walking the parsed table, which keeps the position of every key and value.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ContractFile, Diagnostic};

/// Collects the errors of one file.
pub(super) struct Findings<'a> {
    file: &'a str,
    text: &'a str,
    table: Option<DeTable<'a>>,
    list: Vec<Diagnostic>,
}

/// Collects the errors of one tool.
pub(super) struct InTool<'f, 'a> {
    findings: &'f mut Findings<'a>,
    list: &'static str,
    index: usize,
    before: usize,
    inserted: Vec<Inserted>,
}

/// Items of a list that its author did not write.
struct Inserted {
    list: &'static [&'static str],
    index: usize,
    count: usize,
}

impl Inserted {
    /// The author's index of an item, from its index with what was put in.
    fn before(&self, index: usize) -> usize {
        index.min(self.index).max(index.saturating_sub(self.count))
    }
}

impl<'a> Findings<'a> {
    pub(super) fn new(file: &ContractFile<'a>) -> Self {
        Self { file: file.name, text: file.text, table: None, list: Vec::new() }
    }

    pub(super) fn set_table(&mut self, table: DeTable<'a>) {
        self.table = Some(table);
    }

    pub(super) fn in_tool(&mut self, index: usize) -> InTool<'_, 'a> {
        self.in_list("tool", index)
    }

    /// The same for a table of another list of the file.
    pub(super) fn in_list(&mut self, list: &'static str, index: usize) -> InTool<'_, 'a> {
        let before = self.list.len();
        InTool { findings: self, list, index, before, inserted: Vec::new() }
    }

    /// Adds an error at a byte of the text.
    pub(super) fn add_at(&mut self, byte: usize, what: String, fix: String) {
        self.push(byte, None, (what, fix));
    }

    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.list
    }

    fn push(&mut self, byte: usize, tool: Option<String>, (what, fix): (String, String)) {
        let (line, column) = place(self.text, byte);
        self.list.push(Diagnostic { file: self.file.to_owned(), line, column, tool, what, fix });
    }

    fn item(&self, (list, index): (&str, usize)) -> Option<&Spanned<DeValue<'a>>> {
        let (_, items) = entry(self.table.as_ref()?, list)?;
        items.get_ref().as_array()?.get(index)
    }
}

impl InTool<'_, '_> {
    /// From now on paths into this list count items that the loader put in: so many, the first at `index`.
    pub(super) fn inserted(&mut self, list: &'static [&'static str], index: usize, count: usize) {
        self.inserted.push(Inserted { list, index, count });
    }

    /// Adds an error at the value of a key, or at the tool where it is absent.
    pub(super) fn add(&mut self, path: &[&str], what: impl Into<String>, fix: impl Into<String>) {
        let byte = self.place_of(path).map_or(0, |place| place.start);
        self.add_at(byte, what, fix);
    }

    /// Adds an error at a line inside the text of a value, such as JSON in a TOML string; `line` from 1.
    pub(super) fn add_inside(&mut self, path: &[&str], line: usize, problem: (String, String)) {
        let start = self.place_of(path).map_or(0, |place| place.start);
        let rest = self.findings.text.get(start..).unwrap_or_default();
        // The line end right behind an opening `'''` or `"""` is no part of the text.
        let opens = ["'''\n", "\"\"\"\n", "'''\r\n"].iter().any(|quotes| rest.starts_with(quotes));
        let skipped = line.saturating_sub(1) + usize::from(opens);
        let ends = rest.match_indices('\n').map(|(at, _)| start + at + 1);
        let byte = ends.take(skipped).last().unwrap_or(start);
        self.add_at(byte, problem.0, problem.1);
    }

    pub(super) fn add_at(&mut self, byte: usize, what: impl Into<String>, fix: impl Into<String>) {
        let name = self
            .value_of(&["name"])
            .or_else(|| self.value_of(&["tool"]))
            .and_then(|name| name.get_ref().as_str())
            .map(crate::visible::short);
        self.findings.push(byte, name, (what.into(), fix.into()));
    }

    /// Where the tool begins, as far as the text tells.
    pub(super) fn start(&self) -> usize {
        self.place_of(&["name"]).map_or(0, |place| place.start)
    }

    /// Whether nothing was found in this tool.
    pub(super) fn is_clean(&self) -> bool {
        self.findings.list.len() == self.before
    }

    fn place_of(&self, path: &[&str]) -> Option<Range<usize>> {
        let whole = self.value_of(&self.as_written(path)).or_else(|| self.value_of(&["name"]));
        whole.or_else(|| self.findings.item((self.list, self.index))).map(Spanned::span)
    }

    /// The path as the text has it. What the loader put in is told at the author's item behind it.
    fn as_written<'p>(&self, path: &[&'p str]) -> Vec<Cow<'p, str>> {
        let mut written: Vec<Cow<'p, str>> = path.iter().copied().map(Cow::Borrowed).collect();
        for inserted in self.inserted.iter().filter(|inserted| path.starts_with(inserted.list)) {
            let step = written.get_mut(inserted.list.len());
            let index = step.as_ref().and_then(|step| step.parse::<usize>().ok());
            if let (Some(step), Some(index)) = (step, index) {
                *step = Cow::Owned(inserted.before(index).to_string());
            }
        }
        written
    }

    fn value_of<S: AsRef<str>>(&self, path: &[S]) -> Option<&Spanned<DeValue<'_>>> {
        let mut value = self.findings.item((self.list, self.index))?;
        for (depth, step) in path.iter().map(AsRef::as_ref).enumerate() {
            let next = match value.get_ref() {
                DeValue::Table(table) => entry(table, step).map(|(_, value)| value),
                DeValue::Array(items) => {
                    step.parse::<usize>().ok().and_then(|index| items.get(index))
                }
                DeValue::String(_)
                | DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_) => None,
            };
            match next {
                Some(next) => value = next,
                // Something inside a value is reported at the value; an absent key is not found.
                None => return (depth > 0).then_some(value),
            }
        }
        Some(value)
    }
}

/// A key of a table and its value.
pub(super) fn entry<'t, 'a>(
    table: &'t DeTable<'a>,
    key: &str,
) -> Option<(Range<usize>, &'t Spanned<DeValue<'a>>)> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(name, value)| (name.span(), value))
}

/// Line and column, both from 1, of a byte.
fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
