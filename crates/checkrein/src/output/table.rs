//! Tables and lists of facts for people. Every cell is made visible, so no text of an agent can break a line.
//!
//! In: headings and cells. Out: text with aligned columns. Long cells are cut with `…`; ids never are. Widths count
//! characters, so wide letters may shift a column and nothing else.

use contract::visible::{self, Breaks};

use super::paint::{Paint, Tone};

/// Characters of a cell that is not an id.
const CELL_CHARACTERS: usize = 60;
/// Characters of an id with its prefix, and of a digest.
const ID_CHARACTERS: usize = 64;

/// Rows under headings.
#[derive(Debug)]
pub(crate) struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(headings: &[&'static str]) -> Self {
        Self { headings: headings.to_vec(), rows: Vec::new() }
    }

    /// Adds a row, in the order of the headings.
    pub(crate) fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.rows.push(cells.iter().map(|cell| shown(cell)).collect());
    }

    /// The table as text.
    pub(crate) fn text(&self, paint: &Paint) -> String {
        let widths: Vec<usize> =
            (0..self.headings.len()).map(|column| self.width(column)).collect();
        let mut out =
            paint.tone(Tone::Strong, &line(&self.headings, &widths, |_, text| text.to_owned()));
        out.push('\n');
        for row in &self.rows {
            out.push_str(&line(row, &widths, |cell, padded| paint.word(cell, padded)));
            out.push('\n');
        }
        out
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        let widest = cells.map(|cell| cell.chars().count()).max().unwrap_or_default();
        let heading = self.headings.get(column).map_or(0, |heading| heading.len());
        widest.max(heading)
    }
}

fn line<T: AsRef<str>>(
    cells: &[T],
    widths: &[usize],
    paint: impl Fn(&str, &str) -> String,
) -> String {
    let last = cells.len().saturating_sub(1);
    let cells = cells.iter().zip(widths).enumerate().map(|(at, (cell, width))| {
        let (cell, width) = (cell.as_ref(), if at == last { 0 } else { *width });
        paint(cell, &format!("{cell:<width$}"))
    });
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

fn shown(cell: &str) -> String {
    if cell.is_empty() {
        return "-".to_owned();
    }
    let is_id = cell.len() <= ID_CHARACTERS
        && cell.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_id || cell.chars().count() <= CELL_CHARACTERS {
        return visible::line(cell).into_owned();
    }
    let cut: String = cell.chars().take(CELL_CHARACTERS - 1).collect();
    format!("{}…", visible::line(&cut))
}

/// Facts of one thing, a line each.
#[derive(Debug, Default)]
pub(crate) struct Facts(Vec<(&'static str, String)>);

impl Facts {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a fact; an empty one is left out.
    pub(crate) fn fact(&mut self, name: &'static str, value: impl AsRef<str>) -> &mut Self {
        let value = value.as_ref();
        if !value.is_empty() {
            self.0.push((name, visible::line(value).into_owned()));
        }
        self
    }

    /// Adds a fact that the server has made visible already; an empty one is left out.
    pub(crate) fn shown(&mut self, name: &'static str, value: impl AsRef<str>) -> &mut Self {
        let value = value.as_ref();
        if !value.is_empty() {
            self.0.push((name, visible::already(value, Breaks::Shown).into_owned()));
        }
        self
    }

    /// Adds a fact that may not be there.
    pub(crate) fn maybe(
        &mut self,
        name: &'static str,
        value: Option<impl AsRef<str>>,
    ) -> &mut Self {
        if let Some(value) = value {
            self.fact(name, value);
        }
        self
    }

    /// The facts as text.
    pub(crate) fn text(&self, paint: &Paint) -> String {
        let width = self.0.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        let lines = self.0.iter().map(|(name, value)| {
            let name = paint.tone(Tone::Quiet, &format!("{name:<width$}"));
            format!("{name}  {}\n", paint.word(value, value))
        });
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_can_neither_break_a_line_nor_obey() {
        let mut table = Table::new(&["TOOL", "RESOURCE"]);
        table.row(["files.read", "a\n\u{1B}[2Jevil\u{202E}"]);
        let text = table.text(&Paint::Plain);
        assert_eq!(text, "TOOL        RESOURCE\nfiles.read  a⟪U+000A⟫⟪U+001B⟫[2Jevil⟪U+202E⟫\n");
    }

    /// What the server had made visible was made visible again, so that its marks stood for themselves.
    #[test]
    fn a_fact_that_was_made_visible_keeps_its_marks_and_hides_nothing() {
        let mut facts = Facts::new();
        facts.shown("a", "x⟪U+202E⟫").shown("b", "x\u{202E}").fact("c", "x⟪U+202E⟫").shown("d", "");
        let text = facts.text(&Paint::Plain);
        assert_eq!(text, "a  x⟪U+202E⟫\nb  x⟪U+202E⟫\nc  x⟪U+27EA⟫U+202E⟫\n");
    }

    #[test]
    fn long_text_is_cut_and_ids_are_not() {
        let id = format!("call_{}", "0".repeat(32));
        let digest = "a".repeat(64);
        let mut table = Table::new(&["ID", "TEXT", "DIGEST"]);
        table.row([&id, &"x y".repeat(40), &digest]);
        let text = table.text(&Paint::Plain);
        assert!(text.contains(&id) && text.contains('…') && text.contains(&digest), "{text}");
    }
}
