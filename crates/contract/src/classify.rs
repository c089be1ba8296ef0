//! What a tool probably does, read from its definition: a guess of ours, never a server's word alone.
//!
//! In: a definition. Out: effect class, consequences and sensitive words, each with the reason in words. The rules, in order:
//!
//! ```text
//! a changing word in name or description, or an argument that changes something   -> irreversible
//!    ... while the server's annotations say that it only reads                    -> unknown, and a finding
//! a word of reading, but the server says that it changes something                -> irreversible, annotated
//! a reading word leads the name, or the description of a name without verbs,
//!    and nothing speaks against it                                                -> pure
//! nothing found                                                                   -> unknown
//! ```
//! `readOnlyHint` alone proves nothing; `destructiveHint` and `openWorldHint` only make stricter. Tests: `tests/it/classify.rs` and
//! the labelled list in `tests/it/labelled`.

mod annotations;
mod arguments;
mod consequences;
mod text;
mod verbs;

use serde_json::Value;

use crate::finding::{Finding, FindingCode, Found};
use annotations::Annotations;
use arguments::Arguments;
use domain::{Consequence, Consequences, EffectClass, Name, Provenance};
use text::Reading;

/// What a tool does, and why that is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// What can be taken back.
    pub effect_class: EffectClass,
    /// Who is hit.
    pub consequences: Consequences,
    /// Whose word it is.
    pub provenance: Provenance,
    /// Why, in words safe to show.
    pub reasons: Vec<String>,
    /// Words of sensitive matters that were found, such as `password`.
    pub sensitive: Vec<String>,
    /// Top-level arguments that are secrets by their name.
    pub secrets: Vec<String>,
}

/// A guess, with what contradicts it.
pub(crate) struct Inference {
    pub(crate) class: Class,
    pub(crate) found: Vec<Found>,
}

impl Class {
    /// Nobody said, and nothing was found.
    pub(crate) fn unknown(reason: &str) -> Self {
        Self {
            effect_class: EffectClass::Unknown,
            consequences: Consequences::new(),
            provenance: Provenance::Inferred,
            reasons: vec![reason.to_owned()],
            sensitive: Vec::new(),
            secrets: Vec::new(),
        }
    }

    /// Takes from another opinion only what is stricter.
    pub(crate) fn stricter(&mut self, effect_class: EffectClass, consequences: &Consequences) {
        // INVARIANT (order of classes): they are declared from the most harmless to the least.
        self.effect_class = self.effect_class.max(effect_class);
        self.consequences.extend(consequences.iter().copied());
        self.fit();
    }

    /// A pure tool cannot have every consequence: one that has such a consequence is not pure.
    fn fit(&mut self) {
        let impossible =
            self.consequences.iter().find(|one| !crate::load::possible_without_change(**one));
        if self.effect_class == EffectClass::Pure
            && let Some(impossible) = impossible
        {
            self.reasons
                .push(format!("what only reads cannot have the consequence `{impossible}`"));
            self.effect_class = EffectClass::Unknown;
        }
    }

    fn because(&mut self, reason: impl Into<String>) {
        self.reasons.push(crate::visible::line(&reason.into()).into_owned());
    }
}

/// Our own reading of a definition alone, for people who ask why.
pub fn read(raw: &Value, server: &Name) -> (Class, Vec<Finding>) {
    let Inference { class, found } = infer(raw);
    (class, found.into_iter().map(|one| one.of(server, None)).collect())
}

/// Guesses the class of a definition. Total: any JSON has one.
pub(crate) fn infer(raw: &Value) -> Inference {
    let reading = Reading::of(raw);
    let mut arguments = Arguments::of(raw);
    arguments.statement(&reading);
    let annotations = Annotations::of(raw);
    let mut class = Class::unknown("");
    class.reasons.clear();
    effect(&mut class, (&reading, &arguments), annotations);
    consequences::add(&mut class, &reading, &arguments);
    if annotations.destructive == Some(true) {
        class.because("the server annotates it as destructive");
        class.consequences.insert(Consequence::Delete);
        class.effect_class = class.effect_class.max(EffectClass::Irreversible);
    }
    if annotations.open_world == Some(true) && class.effect_class.changes() {
        class.because("the server says that it reaches the world outside");
        class.consequences.insert(Consequence::OutsideCommunication);
    }
    class.fit();
    class.sensitive = arguments.sensitive(&reading);
    class.secrets = arguments.secrets();
    let found = contradictions(&reading, &arguments, annotations);
    Inference { class, found }
}

fn effect(
    class: &mut Class,
    (reading, arguments): (&Reading, &Arguments),
    annotations: Annotations,
) {
    let changing =
        reading.changing.first().cloned().or_else(|| arguments.changing.first().cloned());
    class.effect_class = match (changing, annotations.read_only) {
        (Some(why), Some(true)) => {
            class.because(format!("the server says that it only reads, but {why}"));
            EffectClass::Unknown
        }
        (Some(why), Some(false) | None) => {
            class.because(why);
            EffectClass::Irreversible
        }
        (None, Some(false)) => {
            class.because("the server says that it changes something");
            class.provenance = Provenance::Annotated;
            // Without a word that says what it does, that it changes something does not make it better known.
            match reading.reads {
                Some(_) => EffectClass::Irreversible,
                None => EffectClass::Unknown,
            }
        }
        (None, read_only) => match &reading.reads {
            Some(why) => {
                class.because(why.clone());
                class.because("no argument and no word says that it changes anything");
                if read_only == Some(true) {
                    class.because("the server says that it only reads");
                    class.provenance = Provenance::Annotated;
                }
                EffectClass::Pure
            }
            None => {
                class.because("no word says what it does, and a server's word alone is not enough");
                EffectClass::Unknown
            }
        },
    };
}

fn contradictions(
    reading: &Reading,
    arguments: &Arguments,
    annotations: Annotations,
) -> Vec<Found> {
    let mut found = Vec::new();
    let place = "/annotations";
    let mut add =
        |text: String| found.push(Found::shown(FindingCode::AnnotationContradicts, place, text));
    let changing = reading.changing.first().or_else(|| arguments.changing.first());
    if annotations.read_only == Some(true) {
        if let Some(why) = changing {
            add(format!("`readOnlyHint` is true, but {why}"));
        }
        if annotations.destructive == Some(true) {
            add("`readOnlyHint` and `destructiveHint` are both true".to_owned());
        }
    }
    if annotations.destructive == Some(false)
        && let Some(why) = &reading.destroys
    {
        add(format!("`destructiveHint` is false, but {why}"));
    }
    if annotations.odd {
        add("a hint is neither true nor false".to_owned());
    }
    found
}
