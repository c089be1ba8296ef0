//! Text that speaks to a model instead of saying what a tool does.
//!
//! Compared after folding: compatibility forms, look-alike letters, case, hidden characters and runs of space do not hide a phrase.
//! Asking to keep something from people holds a tool back; the other phrases occur in honest descriptions too and are shown.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::texts::Place;
use super::{FindingCode, Found, Severity};
use crate::outside;
use crate::visible;

/// A phrase: what it is, and how it looks after folding.
struct Phrase {
    code: FindingCode,
    pattern: Regex,
}

const PHRASES: &[(FindingCode, &str)] = &[
    (
        FindingCode::AsksForSecrecy,
        r"\b(?:do not|don'?t|never|must not|should not|without|avoid|refrain from)\s+(?:ever\s+)?(?:tell(?:ing)?|mention(?:ing)?|inform(?:ing)?|notify(?:ing)?|alert(?:ing)?|reveal(?:ing)?|disclos(?:e|ing)|show(?:ing)?|ask(?:ing)?|let(?:ting)?|explain(?:ing)?)\b[^.\n]{0,60}\b(?:users?|humans?|operators?|people|person|owner|anyone|anybody)\b",
    ),
    (
        FindingCode::AsksForSecrecy,
        r"\b(?:keep|hide|conceal)\b[^.\n]{0,40}\b(?:from|secret|hidden)\b[^.\n]{0,30}\b(?:users?|humans?|operators?|people|person)\b",
    ),
    (
        FindingCode::SpeaksToModel,
        r"\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,40}\b(?:instructions?|prompts?|rules?|guidelines?|guardrails?|messages?|polic(?:y|ies)|tools?)\b",
    ),
    (
        FindingCode::SpeaksToModel,
        r"<\s*/?\s*(?:important|system|instructions?|assistant|secret|hidden|admin|override|critical|user)\s*>|\[/?(?:inst|system|important)\]|<\|[a-z_]{2,30}\|>|^\s*#{2,}\s*(?:system|instructions?)\b|\bsystem prompt\b",
    ),
    (
        FindingCode::SpeaksToModel,
        r"\b(?:before|after|prior to|when(?:ever)?)\s+(?:you\s+)?(?:us(?:e|ing)|call(?:ing)?|invok(?:e|ing)|run(?:ning)?)\s+(?:this|any|another|other|the|every)\b[^.\n]{0,40}\btools?\b[^.\n]{0,80}\b(?:read|fetch|get|call|send|use|run|open|pass|include|first|must)\b",
    ),
    (
        FindingCode::SpeaksToModel,
        r"\byou\s+(?:must|are required to|are now|have to|shall)\b|\byour (?:new )?(?:instructions?|role|task) (?:is|are)\b|\b(?:always|must)\s+(?:be\s+)?(?:call(?:ed)?|use|used|invoke|invoked|run)\s+(?:this|first|before|this tool)\b",
    ),
    (
        FindingCode::SpeaksToModel,
        r"\b(?:pass|send|include|copy|append|attach|forward|put|upload|provide|exfiltrate)\b[^.\n]{0,60}\b(?:conversation|chat history|previous messages|message history|context window|system prompt|environment variables|api keys?|private keys?|ssh keys?|credentials|all (?:the )?(?:files|data|messages|emails))\b",
    ),
    (
        FindingCode::SpeaksToModel,
        r"\b(?:instead of|rather than|do not use|don'?t use|never use|prefer (?:this|it) (?:over|to))\b[^.\n]{0,40}\b(?:tools?|servers?)\b",
    ),
    (
        FindingCode::NamesSecretPlace,
        r"~/\.(?:ssh|aws|gnupg|kube|config/gcloud|netrc|npmrc|pypirc|docker|cursor|claude)|\bid_(?:rsa|ed25519|ecdsa)\b|/etc/(?:passwd|shadow|sudoers)\b|\.cursor/mcp\.json|\bmcp\.json\b|claude_desktop_config|\bauthorized_keys\b",
    ),
];

static PATTERNS: LazyLock<Vec<Option<Phrase>>> = LazyLock::new(|| {
    let phrase = |(code, pattern): &(FindingCode, &str)| {
        Regex::new(pattern).ok().map(|pattern| Phrase { code: *code, pattern })
    };
    PHRASES.iter().map(phrase).collect()
});

/// What a text says to a model, one finding for each phrase.
pub(super) fn judge(place: &Place<'_>) -> Vec<Found> {
    const CHARACTERS_MIN: usize = 8;
    if place.text.len() < CHARACTERS_MIN {
        return Vec::new();
    }
    let folded = folded(place.text);
    let spaced = folded.replace(['_', '-'], " ");
    let mut found = Vec::new();
    for phrase in PATTERNS.iter() {
        let Some(Phrase { code, pattern }) = phrase else {
            found.push(Found::shown(
                FindingCode::SpeaksToModel,
                place.pointer,
                "the text could not be looked at",
            ));
            continue;
        };
        let Some(at) = pattern.find(&folded).or_else(|| pattern.find(&spaced)) else { continue };
        let text = format!("`{}`", visible::short(at.as_str()));
        let (severity, says) = says(*code);
        found.push(Found::new(*code, severity, place.pointer, format!("{says}: {text}")));
    }
    found
}

/// What a phrase does to its tool, and what is said of it.
fn says(code: FindingCode) -> (Severity, &'static str) {
    if code == FindingCode::AsksForSecrecy {
        (Severity::HeldBack, "asks to keep something from people")
    } else if code == FindingCode::NamesSecretPlace {
        (Severity::Shown, "names a place where secrets lie")
    } else {
        (Severity::Shown, "speaks to the model")
    }
}

/// Text as phrases are compared: what only looks different becomes the same.
fn folded(text: &str) -> String {
    let cleaned = outside::clean_text(text).0;
    let mut out = String::with_capacity(cleaned.len());
    let mut spaced = true;
    for character in cleaned.nfkc().flat_map(char::to_lowercase).map(plain) {
        if character.is_whitespace() && character != '\n' {
            if !spaced {
                out.push(' ');
            }
            spaced = true;
        } else {
            spaced = character == '\n';
            out.push(character);
        }
    }
    out
}

/// Cyrillic and Greek letters that are drawn like Latin ones, and curled quotes.
const fn plain(character: char) -> char {
    match character {
        'а' | 'α' => 'a',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ε' => 'e',
        'һ' => 'h',
        'і' | 'ι' | 'ı' => 'i',
        'ј' => 'j',
        'ո' => 'n',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' => 'u',
        'ν' => 'v',
        'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'у' => 'y',
        '’' | '‘' | 'ʼ' | '＇' => '\'',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phrases_are_patterns() {
        assert!(PATTERNS.iter().all(Option::is_some));
    }
}
