//! What we say of every tool of every pack, from having read what it does: `conformance/packs/labels.toml`.
//!
//! Each line also says what our own reading of the definition, without the pack, makes of it: the tests with the real servers hold it
//! to that, so that a change of those rules shows here. What follows from the list alone is tested here.

use std::collections::BTreeMap;

use contract::packs;
use domain::{Consequence, EffectClass};
use serde::Deserialize;

/// Of a hundred tools, for how many our own reading must tell whether they change something.
const RIGHT_PERCENT_MIN: usize = 90;

/// What one tool does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Label {
    /// Whether any call of it can change anything outside of the answer.
    pub(super) changes: bool,
    class: String,
    #[serde(default)]
    consequences: Vec<String>,
    /// What is inferred from the definition alone.
    pub(super) inferred: String,
}

type Labels = BTreeMap<String, Label>;

fn all() -> BTreeMap<String, Labels> {
    toml::from_str(include_str!("../../../../../conformance/packs/labels.toml")).unwrap()
}

/// The labels of one server's tools.
pub(super) fn of(server: &str) -> Labels {
    all().remove(server).unwrap_or_else(|| panic!("`{server}` has no labels"))
}

#[test]
fn a_pack_says_what_the_labels_say() {
    let mut labels = all();
    for pack in packs::all() {
        let mut labels = labels.remove(&pack.name).unwrap_or_else(|| panic!("{}", pack.name));
        for tool in &pack.tools {
            let label = labels.remove(&tool.name).unwrap_or_else(|| panic!("{}", tool.name));
            let of = format!("{}.{}", pack.name, tool.name);
            assert_eq!(tool.effect_class.word(), label.class, "{of}");
            assert_eq!(tool.effect_class.changes(), label.changes, "{of}");
            let said: Vec<&str> = tool.consequences.iter().map(|one| one.word()).collect();
            assert_eq!(said, label.consequences, "{of}");
        }
        assert!(labels.is_empty(), "{} has labels of no tool: {labels:?}", pack.name);
    }
    assert!(labels.is_empty(), "labels without a pack: {labels:?}");
}

#[test]
fn what_deletes_or_shows_secrets_is_never_called_harmless() {
    let harmless = |class: EffectClass| match class {
        EffectClass::Pure | EffectClass::Restorable | EffectClass::Compensable => true,
        EffectClass::Delayed | EffectClass::Irreversible | EffectClass::Unknown => false,
    };
    for tool in packs::all().iter().flat_map(|pack| &pack.tools) {
        let deletes = tool.consequences.contains(&Consequence::Delete)
            || tool.consequences.contains(&Consequence::CodeExecution);
        assert!(!(deletes && harmless(tool.effect_class)), "{}", tool.name);
        let kept = tool.side_effects.as_deref().unwrap_or_default();
        assert!(tool.effect_class == EffectClass::Pure || !kept.is_empty(), "{}", tool.name);
    }
}

#[test]
fn our_own_reading_tells_what_changes_something_from_what_reads() {
    let labels = all();
    let labels: Vec<&Label> = labels.values().flat_map(BTreeMap::values).collect();
    let pure = |label: &Label| label.inferred == EffectClass::Pure.word();
    assert!(!labels.iter().any(|label| label.changes && pure(label)));
    let right = labels.iter().filter(|label| label.changes != pure(label)).count();
    assert!(labels.len() > 180, "only {} tools", labels.len());
    assert!(right * 100 >= labels.len() * RIGHT_PERCENT_MIN, "{right} of {}", labels.len());
}
