//! What a command answers: its output as the contracts describe it, and what it was seen to do.
//!
//! In: what the jail reported. Out: an `Execution` that travels with a plan, the output of the call, and an effect for
//! each destination that was tried. Printed text is cut in the middle, where it says the least.

use domain::{
    Contact, Effect, EffectKind, Execution, Money, Observation, Printed, Resource, Rung, limits,
};
use gate::Reply;
use runner::{Captured, Finished};
use serde_json::{Value, json};

/// What is recorded of a command that ended by itself.
pub(super) fn execution(exit_code: i32, finished: &Finished, rung: Rung) -> Execution {
    let network = finished.network.iter().take(limits::CONTACTS_MAX);
    Execution {
        exit_code,
        stdout: printed(&finished.stdout),
        stderr: printed(&finished.stderr),
        wall_ms: millis(finished.wall),
        cpu_ms: millis(finished.cpu),
        memory_bytes_max: finished.memory_bytes_max,
        processes: finished.processes,
        network: network
            .map(|contact| Contact {
                host: contact.host.clone(),
                port: contact.port,
                refused: (!contact.reached).then(|| contact.why.clone()),
            })
            .collect(),
        rung,
    }
}

/// The answer to a call. `changed` is how many paths are otherwise than before; none where nobody could see.
pub(super) fn reply(execution: &Execution, effects: Vec<Effect>, changed: Option<usize>) -> Reply {
    let mut effects = effects;
    effects.extend(contacts(execution));
    Reply {
        output: output(execution, changed),
        effects,
        cost: Money::ZERO,
        read_bytes: execution.stdout.total_bytes.saturating_add(execution.stderr.total_bytes),
        warnings: Vec::new(),
    }
}

fn output(execution: &Execution, changed: Option<usize>) -> Value {
    let network: Vec<Value> = execution
        .network
        .iter()
        .map(|contact| match &contact.refused {
            Some(why) => json!({ "host": contact.host, "port": contact.port, "refused": why }),
            None => json!({ "host": contact.host, "port": contact.port }),
        })
        .collect();
    let mut output = json!({
        "exit_code": execution.exit_code,
        "stdout": execution.stdout.text,
        "stderr": execution.stderr.text,
        "stdout_bytes": execution.stdout.total_bytes,
        "stderr_bytes": execution.stderr.total_bytes,
        "wall_ms": execution.wall_ms,
        "cpu_ms": execution.cpu_ms,
        "memory_bytes_max": execution.memory_bytes_max,
        "processes": execution.processes,
        "network": network,
        "jail": execution.rung.word(),
    });
    if let (Some(changed), Some(fields)) = (changed, output.as_object_mut()) {
        fields.insert("changed".to_owned(), json!(changed));
    }
    output
}

/// Destinations that were tried.
pub(super) fn contacts(execution: &Execution) -> Vec<Effect> {
    execution.network.iter().map(contact_effect).collect()
}

/// A destination is an effect also where it was refused: it was tried.
fn contact_effect(contact: &Contact) -> Effect {
    Effect {
        kind: EffectKind::Other,
        resource: Resource::new(format!("network:{}:{}", contact.host, contact.port)),
        before: None,
        after: None,
        observation: Observation::NotStated,
    }
}

fn printed(captured: &Captured) -> Printed {
    let bytes = &captured.bytes;
    let most = limits::COMMAND_OUTPUT_BYTES_MAX;
    let text = if bytes.len() <= most {
        String::from_utf8_lossy(bytes).into_owned()
    } else {
        let (head, tail) = (most / 2, bytes.len() - most / 2);
        let head = whole_words(bytes.get(..head).unwrap_or_default());
        let tail = begun_words(bytes.get(tail..).unwrap_or_default());
        let left_out = bytes.len() - head.len() - tail.len();
        let note = format!("\n... {left_out} bytes are not shown here ...\n");
        let (head, tail) = (String::from_utf8_lossy(head), String::from_utf8_lossy(tail));
        format!("{head}{note}{tail}")
    };
    Printed { text, total_bytes: captured.total }
}

/// Up to the last whole word: half a secret would not be known as one when texts are masked.
fn whole_words(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(u8::is_ascii_whitespace).unwrap_or(0);
    bytes.get(..end).unwrap_or_default()
}

/// From the first whole word.
fn begun_words(bytes: &[u8]) -> &[u8] {
    let begin = bytes.iter().position(u8::is_ascii_whitespace).map_or(bytes.len(), |at| at + 1);
    bytes.get(begin..).unwrap_or_default()
}

fn millis(took: std::time::Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: Vec<u8>, expect: impl Fn(&str) -> bool) {
        let total = u64::try_from(bytes.len()).unwrap();
        let printed = printed(&Captured { bytes, total });
        assert_eq!(printed.total_bytes, total);
        assert!(expect(&printed.text), "{} characters", printed.text.len());
    }

    /// A cut in the middle of a secret would leave two halves that no mask finds.
    #[test]
    fn no_word_is_cut_in_two() {
        let most = limits::COMMAND_OUTPUT_BYTES_MAX;
        let mut long = vec![b'a'; most / 2 - 4];
        long.extend_from_slice(b" secret ");
        long.extend(vec![b'b'; most]);
        long.extend_from_slice(b" end");
        check(long, |text| {
            !text.contains("sec") && !text.contains("bb") && text.ends_with("\nend")
        });
    }

    #[test]
    fn long_output_keeps_its_beginning_and_its_end_and_says_what_is_missing() {
        let most = limits::COMMAND_OUTPUT_BYTES_MAX;
        check(b"all of it".to_vec(), |text| text == "all of it");
        check(vec![b'x'; most], |text| text.len() == most);
        let mut long = b"first ".repeat(most / 6);
        long.extend_from_slice(b"12345 last");
        check(long, |text| {
            text.starts_with("first") && text.ends_with(" last") && text.contains("bytes are not")
        });
        check(vec![0xff, b'a'], |text| text == "\u{fffd}a");
    }
}
