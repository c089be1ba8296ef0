//! What a command answered, for people: how it ended, how long it took, what it printed, where it wanted to reach.
//!
//! In: the output of a command tool, as its contract describes it. Out: text whose every printed line was made visible;
//! none if the output is another tool's. What was shown while the command ran is not printed again.

use std::time::Duration;

use contract::visible::{self, Breaks};
use serde_json::Value;

use super::paint::{Paint, Tone};
use super::table::Facts;
use super::time::length;

/// Lines of each stream that are shown; all of it is in `-o json`.
const LINES_MAX: usize = 200;

/// Whether a person saw already what was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Printed {
    /// While it ran.
    Seen,
    /// Not yet.
    Unseen,
}

/// The output of a command, or none.
pub(crate) fn text(output: &Value, printed: Printed, paint: &Paint) -> Option<String> {
    let number = |name: &str| output.get(name).and_then(Value::as_u64);
    let (exit_code, jail) = (number("exit_code")?, output.get("jail")?.as_str()?);
    let mut out = match printed {
        Printed::Seen => String::new(),
        Printed::Unseen => {
            format!("{}{}", stream(output, "stdout", paint), stream(output, "stderr", paint))
        }
    };
    let code = exit_code.to_string();
    let tone = if exit_code == 0 { Tone::Good } else { Tone::Bad };
    let mut line = format!("exit code {}", paint.tone(tone, &code));
    if let Some(wall) = number("wall_ms") {
        line.push_str(&format!(" after {}", precise(wall)));
    }
    let mut facts = Facts::new();
    let used = [
        number("cpu_ms").map(|cpu| format!("{} of processor time", precise(cpu))),
        number("memory_bytes_max")
            .map(|bytes| format!("{} MiB of memory", bytes.div_ceil(1 << 20))),
        number("processes").map(|count| format!("{count} processes")),
    ];
    facts.fact("used", used.into_iter().flatten().collect::<Vec<_>>().join(", "));
    for contact in output.get("network").and_then(Value::as_array).into_iter().flatten() {
        facts.fact("network", contacted(contact));
    }
    if let Some(changed) = number("changed") {
        facts.fact("changed", format!("{changed} paths"));
    }
    facts.fact("jail", jail);
    out.push_str(&format!("{line}\n{}", facts.text(paint)));
    Some(out)
}

fn contacted(contact: &Value) -> String {
    let host = contact.get("host").and_then(Value::as_str).unwrap_or_default();
    let port = contact.get("port").and_then(Value::as_u64).unwrap_or_default();
    match contact.get("refused").and_then(Value::as_str) {
        Some(why) => format!("{host}:{port} was not reached: {why}"),
        None => format!("{host}:{port} was reached"),
    }
}

/// One stream, with a line before it that says which; nothing where nothing was printed.
fn stream(output: &Value, name: &str, paint: &Paint) -> String {
    let text = output.get(name).and_then(Value::as_str).unwrap_or_default();
    if text.is_empty() {
        return String::new();
    }
    let shown = visible::visible(text, Breaks::Kept);
    let lines: Vec<&str> = shown.lines().collect();
    let mut out = format!("{}\n", paint.tone(Tone::Quiet, &format!("--- {name}")));
    // The end of what a test run prints says the most.
    let left_out = lines.len().saturating_sub(LINES_MAX);
    if left_out > 0 {
        out.push_str(&format!("… {left_out} lines before (all of it with `-o json`)\n"));
    }
    for line in lines.iter().skip(left_out) {
        out.push_str(&format!("{line}\n"));
    }
    out
}

/// Milliseconds as people say them: with tenths up to a minute.
fn precise(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        _ => length(Duration::from_millis(milliseconds)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn output() -> Value {
        json!({
            "exit_code": 1, "stdout": "one\ntwo\u{1B}[31m\n", "stderr": "", "stdout_bytes": 12, "stderr_bytes": 0,
            "wall_ms": 1_234, "cpu_ms": 12, "memory_bytes_max": 1_048_577, "processes": 3,
            "network": [{"host": "example.org", "port": 443, "refused": "not a host of this command"}],
            "changed": 2, "jail": "overlay",
        })
    }

    #[test]
    fn how_it_ended_and_what_it_printed_is_told_and_escapes_are_not_obeyed() {
        let text = text(&output(), Printed::Unseen, &Paint::of(false)).unwrap();
        for part in [
            "--- stdout\none\ntwo",
            "exit code 1 after 1.2 s",
            "2 MiB",
            "3 processes",
            "2 paths",
            "overlay",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(text.contains("example.org:443 was not reached"), "{text}");
        assert!(!text.contains('\u{1B}') && !text.contains("--- stderr"), "{text}");
    }

    #[test]
    fn what_was_seen_is_not_printed_again() {
        let text = text(&output(), Printed::Seen, &Paint::of(false)).unwrap();
        assert!(text.starts_with("exit code 1") && !text.contains("one"), "{text}");
    }

    #[test]
    fn the_end_of_much_is_shown() {
        let many: String = (0..1_000).map(|number| format!("line {number}\n")).collect();
        let mut output = output();
        output["stdout"] = Value::from(many);
        let text = text(&output, Printed::Unseen, &Paint::of(false)).unwrap();
        assert!(text.contains("… 800 lines before") && text.contains("line 999\n"), "{text}");
        assert!(!text.contains("line 799\n"));
    }

    #[test]
    fn the_output_of_another_tool_is_left_alone() {
        assert_eq!(text(&json!({"path": "a"}), Printed::Unseen, &Paint::of(false)), None);
    }
}
