//! Characters that cannot be seen, in any text.
//!
//! What [`outside::clean_text`] would remove is what is found, so that the two never disagree. Bidirectional, tag and
//! smuggling characters hold a tool back: no honest definition has them. Others, such as a soft hyphen, are shown.

use super::texts::Place;
use super::{FindingCode, Found};
use crate::outside;
use crate::visible;

/// What is hidden in a text, if anything is.
pub(super) fn judge(place: &Place<'_>) -> Option<Found> {
    let (_, removed) = outside::clean_text(place.text);
    let kinds = removed.say()?;
    let text = format!("{kinds}: `{}`", around(place.text));
    let deceives = removed.bidirectional + removed.tags + removed.variation > 0;
    Some(match deceives {
        true => Found::held_back(FindingCode::HiddenCharacters, place.pointer, text),
        false => Found::shown(FindingCode::HiddenCharacters, place.pointer, text),
    })
}

/// The text around the first character that is removed.
fn around(text: &str) -> String {
    const BEFORE: usize = 20;
    let cleaned = outside::clean_text(text).0;
    let same = text.chars().zip(cleaned.chars()).take_while(|(one, other)| one == other).count();
    let from = same.saturating_sub(BEFORE);
    visible::short(&text.chars().skip(from).take(60).collect::<String>())
}
