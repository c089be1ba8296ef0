//! The table of verdicts in `docs/conformance.md`: written, or compared.
//!
//! In: what is required, and the verdicts of every leg. Out: text between two marks of the page, which holds verdicts and
//! nothing that differs from run to run; and the lists of what failed. Tests are at the end.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, bail};

use super::Leg;
use super::required::Required;
use super::suite::{Verdict, Verdicts};

const BEGIN: &str = "<!-- measured: begin -->\n";
const END: &str = "<!-- measured: end -->";

/// The tables of all revisions.
pub(crate) fn text(required: &[Required], verdicts: &[Verdicts]) -> String {
    let mut text = String::new();
    for required in required {
        let of = |leg| {
            verdicts.iter().find(|each| each.leg == leg && each.revision == required.revision)
        };
        let legs = [
            (Leg::Direct, "direct"),
            (Leg::Gateway, "through the gateway"),
            (Leg::Older, "through the gateway to a server of 2025-11-25 only"),
        ];
        let servers: Vec<_> =
            legs.into_iter().filter_map(|(leg, head)| Some((head, of(leg)?))).collect();
        table(&mut text, required, ("Servers", &servers));
        let client: Vec<_> =
            of(Leg::Client).into_iter().map(|client| ("our client", client)).collect();
        table(&mut text, required, ("Clients", &client));
    }
    text
}

/// One table: required scenarios first, then those that ran all the same.
fn table(text: &mut String, required: &Required, (title, columns): (&str, &[(&str, &Verdicts)])) {
    let Some((_, first)) = columns.first() else { return };
    let names = required.of(first.leg);
    let others = first.scenarios.keys().filter(|name| !names.contains(*name));
    // Writing to a text cannot fail, here and below.
    let _ = writeln!(text, "## {title}, {}\n", required.revision);
    for (head, verdicts) in columns {
        let passed = names.len() - verdicts.failed(required).len();
        let _ = writeln!(text, "- {head}: {passed} of {} required scenarios pass", names.len());
    }
    let heads: Vec<&str> = columns.iter().map(|(head, _)| *head).collect();
    let _ = writeln!(text, "\n| scenario | {} |", heads.join(" | "));
    let _ = writeln!(text, "|---|{}", "---|".repeat(heads.len()));
    for (name, note) in
        names.iter().map(|name| (name, "")).chain(others.map(|name| (name, ", not required")))
    {
        let words: Vec<&str> =
            columns.iter().map(|(_, verdicts)| word(verdicts.of(name))).collect();
        let _ = writeln!(text, "| `{name}`{note} | {} |", words.join(" | "));
    }
    text.push('\n');
}

fn word(verdict: Option<&Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Passes) => "passes",
        Some(Verdict::Warns(_)) => "passes, with a warning",
        Some(Verdict::Fails(_)) => "fails",
        None => "did not run",
    }
}

/// Writes the text into the page, or fails if the page has another one.
pub(crate) fn kept(page: &Path, text: &str, check: bool) -> anyhow::Result<()> {
    let shown = page.display();
    let before = std::fs::read_to_string(page).with_context(|| format!("`{shown}`"))?;
    let (head, rest) = before.split_once(BEGIN).with_context(|| format!("no mark in `{shown}`"))?;
    let (old, tail) = rest.split_once(END).with_context(|| format!("no end mark in `{shown}`"))?;
    if old == text {
        return Ok(());
    }
    if !check {
        std::fs::write(page, format!("{head}{BEGIN}{text}{END}{tail}"))?;
        println!("`{shown}` is written anew");
        return Ok(());
    }
    let new: Vec<&str> = text.lines().filter(|line| !old.lines().any(|old| old == *line)).collect();
    bail!(
        "verdicts differ from `{shown}`, write it anew with `cargo xtask conformance` if that is right:\n{}",
        new.join("\n")
    )
}

/// What failed or warned, with what the suite says of it.
pub(crate) fn failures(required: &[Required], verdicts: &[Verdicts]) -> Vec<String> {
    let mut lines = Vec::new();
    for each in verdicts {
        let names = required.iter().find(|required| required.revision == each.revision);
        for (name, verdict) in &each.scenarios {
            let (word, said) = match verdict {
                Verdict::Passes => continue,
                Verdict::Warns(said) => ("warns", said),
                Verdict::Fails(said) => ("fails", said),
            };
            // What is not required fails without a word in the table, so it needs none here.
            if names.is_some_and(|required| required.of(each.leg).contains(name)) {
                lines.push(format!("{:?} {}: `{name}` {word}", each.leg, each.revision));
                lines.extend(said.iter().map(|said| format!("    {said}")));
            }
        }
    }
    lines
}

/// Required scenarios that do not pass, or did not run.
pub(crate) fn broken(required: &[Required], verdicts: &[Verdicts]) -> Vec<String> {
    let mut broken = Vec::new();
    for each in verdicts {
        let required = required.iter().find(|required| required.revision == each.revision);
        let failed = required.map(|required| each.failed(required)).unwrap_or_default();
        broken.extend(
            failed.into_iter().map(|name| format!("  {:?} {}: {name}", each.leg, each.revision)),
        );
    }
    broken
}

impl Verdicts {
    /// One line.
    pub(crate) fn summary(&self, required: &[Required]) -> String {
        let required = required.iter().find(|required| required.revision == self.revision);
        let all = required.map_or(0, |required| required.of(self.leg).len());
        let failed = required.map_or(0, |required| self.failed(required).len());
        format!(
            "{:?} {}: {} of {all} required scenarios pass",
            self.leg,
            self.revision,
            all - failed
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "server:\n  - ping\n  - tools-list\nclient:\n  - initialize\nnot_scored:\n";

    fn required() -> Vec<Required> {
        vec![Required::parse("2025-11-25", LIST).unwrap()]
    }

    fn verdicts(leg: Leg, scenarios: &[(&str, Verdict)]) -> Verdicts {
        let scenarios = scenarios.iter().map(|(name, said)| ((*name).to_owned(), said.clone()));
        Verdicts { leg, revision: "2025-11-25", scenarios: scenarios.collect() }
    }

    fn fails() -> Verdict {
        Verdict::Fails(vec!["a-check: what is said".to_owned()])
    }

    #[test]
    fn table_has_a_row_for_each_scenario_and_no_more_than_verdicts() {
        let all = [
            verdicts(
                Leg::Direct,
                &[
                    ("ping", Verdict::Passes),
                    ("tools-list", Verdict::Warns(vec![String::new()])),
                    ("tasks", fails()),
                ],
            ),
            verdicts(Leg::Gateway, &[("ping", fails())]),
        ];
        let expect = "## Servers, 2025-11-25\n\n\
            - direct: 2 of 2 required scenarios pass\n\
            - through the gateway: 0 of 2 required scenarios pass\n\n\
            | scenario | direct | through the gateway |\n|---|---|---|\n\
            | `ping` | passes | fails |\n\
            | `tools-list` | passes, with a warning | did not run |\n\
            | `tasks`, not required | fails | did not run |\n\n";
        assert_eq!(text(&required(), &all), expect);
    }

    #[test]
    fn required_scenario_that_fails_or_does_not_run_is_broken() {
        let gateway = verdicts(Leg::Gateway, &[("ping", fails()), ("tasks", fails())]);
        let found = broken(&required(), &[gateway]);
        assert_eq!(found, ["  Gateway 2025-11-25: ping", "  Gateway 2025-11-25: tools-list"]);
        let client = verdicts(Leg::Client, &[("initialize", Verdict::Passes)]);
        assert_eq!(broken(&required(), &[client]), Vec::<String>::new());
    }

    #[test]
    fn page_with_another_verdict_fails_the_check_and_is_written_without_it() {
        let directory = tempfile::tempdir().unwrap();
        let page = directory.path().join("page.md");
        std::fs::write(&page, format!("Head.\n{BEGIN}| `ping` | passes |\n{END}\nTail.\n"))
            .unwrap();
        kept(&page, "| `ping` | passes |\n", true).unwrap();
        let error = kept(&page, "| `ping` | fails |\n", true).unwrap_err().to_string();
        assert!(error.ends_with("| `ping` | fails |"), "{error}");
        kept(&page, "| `ping` | fails |\n", false).unwrap();
        let after = std::fs::read_to_string(&page).unwrap();
        assert_eq!(after, format!("Head.\n{BEGIN}| `ping` | fails |\n{END}\nTail.\n"));
    }

    #[test]
    fn what_the_suite_says_is_told_for_required_scenarios() {
        let direct = verdicts(Leg::Direct, &[("ping", fails()), ("tasks", fails())]);
        let lines = failures(&required(), &[direct]);
        assert_eq!(lines, ["Direct 2025-11-25: `ping` fails", "    a-check: what is said"]);
    }
}
