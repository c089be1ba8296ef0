//! The call that counters a tool's own: which tool, and where each of its arguments comes from.
//!
//! In: the `undo` field of a contract file, or of a pack's entry. Out: its meaning, or findings. Whether its pointers lead
//! anywhere is asked in `judge/inverse.rs`, whether the other tool takes such arguments in `load/across.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::Origin;
use super::twin;
use crate::load::findings::InTool;
use crate::suggest;
use domain::{InverseMeans, PartialUndo, Source, ToolName, UndoMeans};

/// What is written before a pointer into the act's own arguments.
const INPUT: &str = "input:";
/// What is written before a pointer into its output.
const OUTPUT: &str = "output:";
/// What is written before text that stands for itself.
const TEXT: &str = "text:";

pub(super) fn means(
    given: twin::InverseCall,
    (known, origin): (&BTreeSet<String>, Origin),
    at: &mut InTool<'_, '_>,
) -> Option<UndoMeans> {
    let shown = crate::visible::short(&given.tool);
    // What the journal recorded was in force, and the other tool may be gone since.
    if origin != Origin::Recorded && !known.contains(&given.tool) {
        let near = suggest::hint(&given.tool, known.iter().map(String::as_str));
        let what = format!("undo names the tool `{shown}`, which does not exist{near}");
        at.add(&["undo"], what, "name a tool that has a contract, or write `undo = \"none\"`");
        return None;
    }
    let Ok(tool) = given.tool.parse::<ToolName>() else {
        at.add(&["undo"], format!("`{shown}` is no name of a tool"), "name a tool");
        return None;
    };
    let Some(partial) = partial(given.partial.as_deref()) else {
        let what = "it is not known what `partial` means";
        at.add(&["undo"], what, "write `\"safe\"` or `\"refused\"`");
        return None;
    };
    let arguments = match sources(given.arguments) {
        Ok(arguments) => arguments,
        Err(what) => {
            let fix = "write `\"input:/…\"`, `\"output:/…\"`, `\"text:…\"`, or a number, list or table as it is";
            at.add(&["undo"], what, fix);
            return None;
        }
    };
    let window = Duration::from_millis(given.window_ms);
    Some(UndoMeans::Call(Box::new(InverseMeans { tool, arguments, window, partial })))
}

/// What holds after a part, by its word; refused where nobody said.
pub(crate) fn partial(word: Option<&str>) -> Option<PartialUndo> {
    word.map_or(Some(PartialUndo::Refused), PartialUndo::from_word)
}

/// Where arguments come from, as they are written.
///
/// # Errors
/// Text that says of no place where it comes from.
pub(crate) fn sources(given: BTreeMap<String, Value>) -> Result<BTreeMap<String, Source>, String> {
    let each = |(name, value): (String, Value)| {
        let source = match &value {
            Value::String(text) => source(text).ok_or_else(|| {
                let name = crate::visible::short(&name);
                format!("it is not said where the argument `{name}` of the undo comes from")
            })?,
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => Source::Fixed(value),
        };
        Ok((name, source))
    };
    given.into_iter().map(each).collect()
}

fn source(text: &str) -> Option<Source> {
    if let Some(pointer) = text.strip_prefix(INPUT) {
        return Some(Source::Input(pointer.to_owned()));
    }
    if let Some(pointer) = text.strip_prefix(OUTPUT) {
        return Some(Source::Output(pointer.to_owned()));
    }
    text.strip_prefix(TEXT).map(|text| Source::Fixed(text.into()))
}
