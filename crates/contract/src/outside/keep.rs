//! Which characters of a text from outside stay.
//!
//! In: a character, what stands before it in the cleaned text, and what follows it in the text as given. A character stays only for
//! reasons that also hold in the cleaned text, which makes cleaning idempotent.
//!
//! Private-use characters of the first plane stay: they are drawn, if only as boxes, and files have them.

use unicode_general_category::{GeneralCategory, get_general_category};

use super::Kind;

/// Why a character is removed; none if it stays.
pub(super) fn removed(character: char, last: Option<char>, next: Option<char>) -> Option<Kind> {
    match character {
        '\n' | '\t' | ' '..='~' => None,
        // A carriage return on its own moves the cursor; before a line end it is a line end of other systems.
        '\r' => (next != Some('\n')).then_some(Kind::Control),
        '\u{200C}' | '\u{200D}' => (!joins(last, next)).then_some(Kind::Hidden),
        '\u{FE00}'..='\u{FE0F}'
        | '\u{180B}'..='\u{180D}'
        | '\u{180F}'
        | '\u{E0100}'..='\u{E01EF}' => (!selects(character, last, next)).then_some(Kind::Variation),
        '\u{E0000}'..='\u{E007F}' => Some(Kind::Tag),
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
            Some(Kind::Bidirectional)
        }
        other if drawn_as_nothing(other) => Some(Kind::Hidden),
        other => by_category(other),
    }
}

fn by_category(character: char) -> Option<Kind> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the enum is not ours, and every other category is drawn"
    )]
    match get_general_category(character) {
        GeneralCategory::Control => Some(Kind::Control),
        GeneralCategory::Format
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator
        | GeneralCategory::Surrogate => Some(Kind::Hidden),
        GeneralCategory::PrivateUse => (u32::from(character) > 0xFFFF).then_some(Kind::Hidden),
        GeneralCategory::Unassigned => ignorable(character).then_some(Kind::Hidden),
        _ => None,
    }
}

/// Letters and marks without a glyph that are not of category format.
const fn drawn_as_nothing(character: char) -> bool {
    matches!(
        character,
        '\u{34F}'
            | '\u{115F}'
            | '\u{1160}'
            | '\u{17B4}'
            | '\u{17B5}'
            | '\u{180E}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{FFA0}'
    )
}

/// Code points that programs leave out although they mean nothing yet, and those that never will.
const fn ignorable(character: char) -> bool {
    let code = character as u32;
    matches!(code, 0x2065 | 0xFFF0..=0xFFF8 | 0xFDD0..=0xFDEF | 0xE0000..=0xE0FFF)
        || code & 0xFFFE == 0xFFFE
}

/// Whether a joiner between these is part of an emoji or of a script that joins letters.
fn joins(last: Option<char>, next: Option<char>) -> bool {
    let (Some(last), Some(next)) = (last, next) else { return false };
    // What follows must stay itself: some signs of these scripts are format characters.
    let stays = next != '\u{FE0F}' && get_general_category(next) != GeneralCategory::Format;
    stays && ((pictured(last) && pictured(next)) || (joining(last) && joining(next)))
}

/// Whether a selector behind this character picks a form of it. A second one in a row never does.
fn selects(selector: char, last: Option<char>, next: Option<char>) -> bool {
    let Some(last) = last else { return false };
    let run = next
        .is_some_and(|next| matches!(next, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}'));
    if run {
        return false;
    }
    match selector {
        '\u{FE0E}' | '\u{FE0F}' => {
            (pictured(last) && !matches!(last, '\u{FE0F}' | '\u{200D}'))
                || matches!(last, '0'..='9' | '#' | '*')
        }
        '\u{FE00}'..='\u{FE02}' | '\u{E0100}'..='\u{E01EF}' => ideograph(last),
        '\u{180B}'..='\u{180D}' | '\u{180F}' => matches!(last, '\u{1820}'..='\u{18AA}'),
        _ => false,
    }
}

/// Whether a character is a picture or part of one.
const fn pictured(character: char) -> bool {
    matches!(
        character,
        '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{21FF}'
            | '\u{2300}'..='\u{23FF}' | '\u{24C2}' | '\u{25A0}'..='\u{27BF}' | '\u{2900}'..='\u{297F}'
            | '\u{2B00}'..='\u{2BFF}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}' | '\u{FE0F}'
            | '\u{1F000}'..='\u{1FAFF}'
    )
}

/// Scripts in which a joiner changes how letters are drawn: Arabic to Thaana, the scripts of India to Sinhala, Myanmar, Khmer,
/// Mongolian.
const fn joining(character: char) -> bool {
    matches!(
        character,
        '\u{620}'..='\u{6FF}' | '\u{700}'..='\u{7FF}' | '\u{8A0}'..='\u{8FF}' | '\u{900}'..='\u{DFF}'
            | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17B3}' | '\u{17B6}'..='\u{17FF}' | '\u{1820}'..='\u{18AA}'
    )
}

const fn ideograph(character: char) -> bool {
    matches!(
        character,
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}'
    )
}
