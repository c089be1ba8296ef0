//! Findings: what a person should know of a tool that a stranger's server describes.
//!
//! In: definitions as servers sent them. Out: [`Finding`]s, each with a code, a place in the definition and a text that is safe
//! to show. A finding of [`Severity::HeldBack`] keeps the tool from being called; every other one is only shown.
//!
//! ```text
//! one definition  -> in_definition -> characters (hidden), credential, addressed (instructions to a model), shape (length, links, payloads)
//! all definitions -> across        -> shadowed, look-alike, colliding and reserved names, mentions of other servers' tools
//! ```
//!
//! A list of phrases finds the careless and the known; it proves nothing about a text without findings. Tests:
//! `tests/it/finding.rs`.

mod across;
mod addressed;
mod characters;
mod credential;
mod shape;
mod texts;

use serde_json::Value;

pub use across::across;

use crate::visible::{self, Breaks};
use domain::{Name, ToolName, limits};

/// One thing that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What kind of thing.
    pub code: FindingCode,
    /// Whether it keeps the tool from being called.
    pub severity: Severity,
    /// Whose tool.
    pub server: Name,
    /// Which tool; none for a text that belongs to no tool.
    pub tool: Option<ToolName>,
    /// JSON pointer into the definition; empty for the whole.
    pub pointer: String,
    /// What was found, with what cannot be seen made visible.
    pub text: String,
}

/// What a finding does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It is shown.
    Shown,
    /// The tool is held back.
    HeldBack,
}

macro_rules! codes {
    ($($(#[$about:meta])* $variant:ident = $word:literal),* $(,)?) => {
        /// What kind of thing was found.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingCode { $($(#[$about])* $variant),* }

        impl FindingCode {
            /// Every code, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word used in files, on the wire and on screens.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    };
}

codes! {
    /// Two servers offer a tool of the same name.
    ShadowedName = "shadowed_name",
    /// Two servers offer tools whose names a person could take for each other.
    LookAlikeName = "look_alike_name",
    /// Two definitions have the same name within Checkrein.
    CollidingName = "colliding_name",
    /// The name is one of Checkrein's own.
    ReservedName = "reserved_name",
    /// The name is not one that the protocol allows.
    OddName = "odd_name",
    /// Characters that cannot be seen, or that reorder what is seen.
    HiddenCharacters = "hidden_characters",
    /// A credential that the server was given, masked.
    HoldsCredential = "holds_credential",
    /// Text that speaks to a model instead of saying what the tool does.
    SpeaksToModel = "speaks_to_model",
    /// Text that asks to keep something from people.
    AsksForSecrecy = "asks_for_secrecy",
    /// Text that names a place where secrets lie.
    NamesSecretPlace = "names_secret_place",
    /// Text that names a tool of another server.
    NamesOtherServer = "names_other_server",
    /// A block of encoded content inside a text.
    HiddenPayload = "hidden_payload",
    /// A text so long, or so padded, that nobody reads it whole.
    LongText = "long_text",
    /// An address inside a text.
    LinkInText = "link_in_text",
    /// The server's annotations contradict the tool's own words, or each other.
    AnnotationContradicts = "annotation_contradicts",
    /// The input or output schema cannot be used.
    SchemaUnusable = "schema_unusable",
    /// The server sent no input schema.
    SchemaMissing = "schema_missing",
    /// The definition is larger than what is looked at.
    DefinitionTooLarge = "definition_too_large",
    /// The pack knows another definition of this tool.
    PackOtherVersion = "pack_other_version",
    /// The pack does not know this tool.
    PackUnknownTool = "pack_unknown_tool",
    /// What the pack says does not fit the definition.
    PackUnusable = "pack_unusable",
    /// An operator classified another definition of this tool.
    ClassifiedOtherVersion = "classified_other_version",
    /// There are more findings than are shown.
    MoreFindings = "more_findings",
}

impl std::fmt::Display for FindingCode {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.word())
    }
}

impl Severity {
    /// The word used on the wire and on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::HeldBack => "held_back",
        }
    }
}

/// What was found at a place, before it is known whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) code: FindingCode,
    pub(crate) severity: Severity,
    pub(crate) pointer: String,
    pub(crate) text: String,
}

impl Found {
    pub(crate) fn shown(code: FindingCode, pointer: &str, text: impl Into<String>) -> Self {
        Self::new(code, Severity::Shown, pointer, text.into())
    }

    pub(crate) fn held_back(code: FindingCode, pointer: &str, text: impl Into<String>) -> Self {
        Self::new(code, Severity::HeldBack, pointer, text.into())
    }

    /// INVARIANT (visible findings): no finding carries a character that cannot be seen.
    fn new(code: FindingCode, severity: Severity, pointer: &str, text: String) -> Self {
        let pointer = visible::short(pointer);
        Self { code, severity, pointer, text: visible::already(&text, Breaks::Shown).into_owned() }
    }

    pub(crate) fn of(self, server: &Name, tool: Option<&ToolName>) -> Finding {
        let Self { code, severity, pointer, text } = self;
        Finding { code, severity, server: server.clone(), tool: tool.cloned(), pointer, text }
    }
}

/// What one definition's texts and characters show, bounded.
pub(crate) fn in_definition(raw: &Value) -> Vec<Found> {
    bounded(texts::each(raw, &mut |place| texts::judge(&place)))
}

/// What a text shows that is no tool's: instructions of a server, a prompt, a question.
pub fn in_text(text: &str, pointer: &str, server: &Name) -> Vec<Finding> {
    let place = texts::Place { text, pointer, role: texts::Role::Prose };
    bounded(texts::judge(&place)).into_iter().map(|found| found.of(server, None)).collect()
}

/// What all texts of a value show: an entry of a list of prompts or resources.
pub fn in_value(value: &Value, server: &Name) -> Vec<Finding> {
    in_definition(value).into_iter().map(|found| found.of(server, None)).collect()
}

/// What holds a tool back comes first, and only so many are kept.
fn bounded(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(|one| std::cmp::Reverse(one.severity));
    let more = found.len().saturating_sub(limits::DEFINITION_FINDINGS_MAX);
    if more > 0 {
        found.truncate(limits::DEFINITION_FINDINGS_MAX);
        let text = format!("{more} more findings are not shown");
        found.push(Found::shown(FindingCode::MoreFindings, "", text));
    }
    found
}
