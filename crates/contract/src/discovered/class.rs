//! Which of several opinions about a tool's class counts.
//!
//! ```text
//! an operator, of this definition   counts alone
//! an operator, of another           only makes the following stricter
//! a pack, of this definition        counts before what was inferred
//! a pack, of another                only makes what was inferred stricter
//! annotations and inference         otherwise
//! ```

use super::{Classification, Definition, Given};
use crate::classify::Class;
use crate::finding::{FindingCode, Found};
use crate::packs::PackTool;
use domain::{Digest, Provenance};

/// The class that counts, and what goes with it.
pub(super) struct Settled<'a> {
    pub(super) class: Class,
    /// The pack's entry, if it is about this very definition.
    pub(super) entry: Option<&'a PackTool>,
    /// Whether an operator, or the pack that an operator chose, looked at this very definition.
    pub(super) looked_at: bool,
    pub(super) found: Vec<Found>,
}

/// Settles the class of a definition with this digest.
pub(super) fn settle<'a>(
    definition: &Definition<'_>,
    digest: Digest,
    given: &Given<'a>,
    inferred: Class,
) -> Settled<'a> {
    let mut settled = Settled { class: inferred, entry: None, looked_at: false, found: Vec::new() };
    if let Some(pack) = given.pack {
        match pack.tool(definition.wire) {
            Some(entry) if entry.definitions.contains(&digest) => settled.known(entry, &pack.name),
            Some(entry) => settled.other_version(entry, &pack.name),
            None => {
                let text = format!("the pack `{}` does not know this tool", pack.name);
                settled.found.push(Found::shown(FindingCode::PackUnknownTool, "/name", text));
            }
        }
    }
    if let Some(word) = given.classification {
        settled.operator(word, digest);
    }
    settled
}

impl<'a> Settled<'a> {
    fn known(&mut self, entry: &'a PackTool, pack: &str) {
        self.class.effect_class = entry.effect_class;
        self.class.consequences = entry.consequences.clone();
        self.class.provenance = Provenance::Confirmed;
        self.class.reasons =
            vec![format!("the pack `{pack}` says so, and knows this very definition")];
        self.entry = Some(entry);
        self.looked_at = true;
    }

    fn other_version(&mut self, entry: &PackTool, pack: &str) {
        let text = format!("this is not the version of the tool that the pack `{pack}` knows");
        self.found.push(Found::shown(FindingCode::PackOtherVersion, "", text));
        let before = self.class.effect_class;
        self.class.stricter(entry.effect_class, &entry.consequences);
        if self.class.effect_class != before {
            let reason =
                format!("the pack `{pack}` calls another version of it `{}`", entry.effect_class);
            self.class.reasons.push(reason);
        }
    }

    fn operator(&mut self, word: &Classification, digest: Digest) {
        if word.definition.is_none_or(|definition| definition == digest) {
            self.class.effect_class = word.effect_class;
            self.class.consequences = word.consequences.clone();
            self.class.provenance = Provenance::Confirmed;
            self.class.reasons = vec!["an operator classified it".to_owned()];
            self.looked_at |= word.definition.is_some();
            return;
        }
        let text = "an operator classified another version of this tool; classify this one";
        self.found.push(Found::shown(FindingCode::ClassifiedOtherVersion, "", text));
        self.class.stricter(word.effect_class, &word.consequences);
        self.class.reasons.push("an operator classified another version of it".to_owned());
    }
}

/// The resource that an operator names, if that counts for this definition.
pub(super) fn resource(word: Option<&Classification>, digest: Digest) -> Option<&str> {
    let word = word.filter(|word| word.definition.is_none_or(|definition| definition == digest));
    word.and_then(|word| word.resource.as_deref())
}
