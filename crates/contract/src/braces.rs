//! Text with names in braces, such as `workspace:{path}`: where the text ends and a name begins.
//!
//! In: the text. Out: its parts in order. What a name stands for is for its readers: `resource_template` and
//! `command/word`. Tests are theirs.

/// A part of such a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'t> {
    /// Text as it is, never empty.
    Text(&'t str),
    /// What stands between braces, never empty.
    Name(&'t str),
}

/// The parts of a text; the error says what is wrong.
pub(crate) fn parts(text: &str) -> Result<Vec<Part<'_>>, &'static str> {
    const UNPAIRED: &str = "a `{` or `}` without its partner";
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').ok_or(UNPAIRED)?;
        if before.contains('}') || name.is_empty() || name.contains('{') {
            return Err(UNPAIRED);
        }
        parts.extend(some(before));
        parts.push(Part::Name(name));
        rest = behind;
    }
    if rest.contains('}') {
        return Err(UNPAIRED);
    }
    parts.extend(some(rest));
    Ok(parts)
}

fn some(text: &str) -> Option<Part<'_>> {
    (!text.is_empty()).then_some(Part::Text(text))
}
