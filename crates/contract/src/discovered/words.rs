//! The texts of a discovered tool's contract: its own description, cleaned and cut, and what is known of its effects.
//!
//! The server's own words never become `when_to_use` or `side_effects`: those are what people and policies rely on.

use super::Definition;
use crate::classify::Class;
use crate::outside;
use crate::packs::PackTool;
use domain::{EffectClass, limits};

/// What stands where a description was cut.
const CUT: &str = " …[cut]";

/// The three texts of a contract.
pub(super) struct Texts {
    pub(super) what: String,
    pub(super) when_to_use: String,
    pub(super) side_effects: String,
}

/// The texts of this tool.
pub(super) fn texts(definition: &Definition<'_>, class: &Class, entry: Option<&PackTool>) -> Texts {
    let said = ["/description", "/annotations/title", "/title"];
    let said = said.iter().filter_map(|at| definition.raw.pointer(at)?.as_str()).map(cleaned);
    let what = said.into_iter().find(|text| !text.is_empty());
    let what = what.unwrap_or_else(|| {
        format!("the server `{}` does not say what this does", definition.server)
    });
    let of_the_server = || format!("as the server `{}` describes it", definition.server);
    Texts {
        what,
        when_to_use: entry
            .and_then(|entry| entry.when_to_use.clone())
            .unwrap_or_else(of_the_server),
        side_effects: entry
            .and_then(|entry| entry.side_effects.clone())
            .unwrap_or_else(|| effects(class)),
    }
}

/// A description without what cannot be seen, cut to what a contract takes.
fn cleaned(text: &str) -> String {
    let text = outside::clean_text(text).0;
    let text = text.trim();
    if text.chars().count() <= limits::CONTRACT_TEXT_CHARS_MAX {
        return text.to_owned();
    }
    let kept = limits::CONTRACT_TEXT_CHARS_MAX - CUT.chars().count();
    let cut: String = text.chars().take(kept).collect();
    format!("{cut}{CUT}")
}

fn effects(class: &Class) -> String {
    let by = class.provenance.word();
    let consequences: Vec<&str> = class.consequences.iter().map(|one| one.word()).collect();
    let effects = match class.effect_class {
        EffectClass::Pure => format!("none ({by})"),
        EffectClass::Unknown => "unknown: nobody has said yet what this changes".to_owned(),
        EffectClass::Restorable
        | EffectClass::Compensable
        | EffectClass::Delayed
        | EffectClass::Irreversible => {
            format!("changes something ({}, {by})", class.effect_class)
        }
    };
    match consequences.is_empty() {
        true => effects,
        false => format!("{effects}; {}", consequences.join(", ")),
    }
}
