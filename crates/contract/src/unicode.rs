//! Which characters a person can't see or would take for others.
//!
//! Used where text is compared (paths, hosts, addresses: such characters are refused) and shown (`visible`).

use unicode_general_category::{GeneralCategory, get_general_category};

/// Whether a character has no glyph of its own: control, format (bidi, zero width), private, unassigned, line
/// separators, and letters or marks that are drawn as nothing.
pub(crate) fn hidden(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    let drawn_as_nothing = matches!(
        character,
        '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{2800}' | '\u{3164}'
            | '\u{FFA0}' | '\u{180B}'..='\u{180F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}'
    );
    drawn_as_nothing
        || matches!(
            get_general_category(character),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::PrivateUse
                | GeneralCategory::Unassigned
                | GeneralCategory::Surrogate
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
        )
}

/// Whether a character is a space that is not the space of the keyboard.
pub(crate) fn odd_space(character: char) -> bool {
    character != ' ' && get_general_category(character) == GeneralCategory::SpaceSeparator
}

/// Whether a letter belongs to an alphabet with letters that are drawn like Latin ones: Greek, Cyrillic, Armenian,
/// Cherokee, full width and mathematical letters.
pub(crate) fn passes_for_latin(character: char) -> bool {
    matches!(
        character,
        '\u{370}'..='\u{58F}'
            | '\u{13A0}'..='\u{13FF}'
            | '\u{AB70}'..='\u{ABBF}'
            | '\u{FF21}'..='\u{FF5A}'
            | '\u{1D400}'..='\u{1D7FF}'
    )
}
