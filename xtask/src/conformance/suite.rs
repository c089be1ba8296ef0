//! Runs the suite, and reads its verdicts.
//!
//! In: who is judged, and the lists of what is required. Out: per revision one verdict for each scenario that ran, with what
//! the suite says of each failed check. A scenario passes when at least one check of it succeeded and none failed.
//! Where the suite's own exit code says otherwise, that is an error. Tests are at the end.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use anyhow::{Context, bail};
use serde::Deserialize;

use super::Leg;
use super::required::Required;
use crate::suites::mcp::Mcp;

/// The suite, and where its results go.
#[derive(Debug)]
pub(crate) struct Suite {
    node: PathBuf,
    program: PathBuf,
    results: PathBuf,
}

/// Who is judged.
#[derive(Debug)]
pub(crate) enum Target {
    /// A server at an address.
    Server(String),
    /// A client, started by the suite.
    Client(PathBuf),
}

/// The verdicts of one leg in one revision.
#[derive(Debug)]
pub(crate) struct Verdicts {
    pub(crate) leg: Leg,
    pub(crate) revision: &'static str,
    pub(crate) scenarios: BTreeMap<String, Verdict>,
}

/// What the suite says of one scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Every check succeeded.
    Passes,
    /// None failed, but something that should be is not; each with what is said.
    Warns(Vec<String>),
    /// At least one failed, or none was made; each with what is said.
    Fails(Vec<String>),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Check {
    id: String,
    status: String,
    error_message: Option<String>,
}

impl Suite {
    /// The installed suite; results of an earlier run are removed.
    pub(crate) fn new(mcp: &Mcp, results: &Path) -> anyhow::Result<Self> {
        if results.exists() {
            std::fs::remove_dir_all(results)?;
        }
        std::fs::create_dir_all(results)?;
        Ok(Self {
            node: mcp.node().to_path_buf(),
            program: mcp.suite().join("dist/index.js"),
            results: results.to_path_buf(),
        })
    }

    /// Judges in every revision at the same time.
    pub(crate) fn run<'a>(
        &self,
        leg: Leg,
        target: &Target,
        required: impl IntoIterator<Item = &'a Required>,
    ) -> anyhow::Result<Vec<Verdicts>> {
        std::thread::scope(|scope| {
            let all: Vec<_> = required
                .into_iter()
                .map(|required| scope.spawn(move || self.run_one(leg, target, required)))
                .collect();
            let ended = all.into_iter().map(|one| one.join());
            ended.map(|one| one.unwrap_or_else(|_| bail!("a run of the suite panicked"))).collect()
        })
    }

    fn run_one(&self, leg: Leg, target: &Target, required: &Required) -> anyhow::Result<Verdicts> {
        let revision = required.revision;
        let place = self.results.join(format!("{leg:?}-{revision}").to_lowercase());
        std::fs::create_dir_all(&place)?;
        let log = place.join("log");
        let output = File::create(&log)?;
        let mut command = Command::new(&self.node);
        command.arg(&self.program);
        match target {
            Target::Server(url) => command.args(["server", "--url", url]),
            // The suite hands this to a shell.
            Target::Client(client) => {
                command.args(["client", "--command", &format!("'{}'", client.display())])
            }
        };
        command.args(["--requirements", revision, "--output-dir"]).arg(&place);
        let status = command.stdout(output.try_clone()?).stderr(output).status();
        let status = status.with_context(|| format!("`{}`", self.node.display()))?;
        let scenarios = read(&place)?;
        let verdicts = Verdicts { leg, revision, scenarios };
        agrees(&verdicts, required, status)
            .with_context(|| format!("what the suite printed is in `{}`", log.display()))?;
        Ok(verdicts)
    }
}

/// The suite ends with 0 exactly if no required scenario failed.
fn agrees(verdicts: &Verdicts, required: &Required, status: ExitStatus) -> anyhow::Result<()> {
    let failed = verdicts.failed(required);
    if status.success() && !failed.is_empty() {
        bail!("the suite ended well, but these did not pass or did not run: {}", failed.join(", "));
    }
    if !status.success() && failed.is_empty() {
        bail!("the suite failed ({status}), but every required scenario passed");
    }
    Ok(())
}

impl Verdicts {
    /// What was said of a scenario.
    pub(crate) fn of(&self, scenario: &str) -> Option<&Verdict> {
        self.scenarios.get(scenario)
    }

    /// Required scenarios that did not pass, or did not run.
    pub(crate) fn failed(&self, required: &Required) -> Vec<String> {
        let names = required.of(self.leg).iter();
        names.filter(|name| !self.of(name).is_some_and(Verdict::is_pass)).cloned().collect()
    }
}

impl Verdict {
    /// Whether nothing failed.
    pub(crate) fn is_pass(&self) -> bool {
        match self {
            Self::Passes | Self::Warns(_) => true,
            Self::Fails(_) => false,
        }
    }

    fn from(checks: &[Check]) -> Self {
        let said = |wanted: &str| {
            let checks = checks.iter().filter(|check| check.status == wanted);
            let said = checks.map(|check| {
                format!("{}: {}", check.id, check.error_message.as_deref().unwrap_or("-"))
            });
            said.collect::<Vec<_>>()
        };
        let (failed, warned) = (said("FAILURE"), said("WARNING"));
        if !failed.is_empty() {
            return Self::Fails(failed);
        }
        if !checks.iter().any(|check| check.status == "SUCCESS") {
            return Self::Fails(vec!["nothing was checked".to_owned()]);
        }
        if warned.is_empty() { Self::Passes } else { Self::Warns(warned) }
    }
}

/// Reads the verdicts below a directory: `[server-]SCENARIO-TIME/checks.json`, where a scenario may have a `/`.
fn read(place: &Path) -> anyhow::Result<BTreeMap<String, Verdict>> {
    let mut verdicts = BTreeMap::new();
    let mut places = vec![place.to_path_buf()];
    while let Some(directory) = places.pop() {
        for entry in std::fs::read_dir(&directory)? {
            let path = entry?.path();
            let checks = path.join("checks.json");
            if checks.is_file() {
                let name = scenario(path.strip_prefix(place)?)?;
                let checks: Vec<Check> = serde_json::from_str(&std::fs::read_to_string(&checks)?)
                    .with_context(|| format!("`{}`", checks.display()))?;
                verdicts.insert(name, Verdict::from(&checks));
            } else if path.is_dir() {
                places.push(path);
            }
        }
    }
    Ok(verdicts)
}

/// The scenario in the name of a directory, without the time at its end.
fn scenario(directory: &Path) -> anyhow::Result<String> {
    const TIME: usize = "-2026-01-02T03-04-05-006Z".len();
    let name = directory.to_string_lossy();
    let name = name.strip_prefix("server-").unwrap_or(&name);
    let end = name.len().checked_sub(TIME).filter(|_| name.ends_with('Z'));
    let name = end.and_then(|end| name.get(..end));
    let name = name.with_context(|| format!("`{}` names no scenario", directory.display()))?;
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(statuses: &[&str], pass: Option<bool>) {
        let checks: Vec<Check> = statuses
            .iter()
            .map(|status| Check {
                id: "one".to_owned(),
                status: (*status).to_owned(),
                error_message: None,
            })
            .collect();
        let verdict = Verdict::from(&checks);
        let found = match &verdict {
            Verdict::Passes => Some(true),
            Verdict::Warns(_) => None,
            Verdict::Fails(_) => Some(false),
        };
        assert_eq!(found, pass, "{statuses:?}");
    }

    #[test]
    fn scenario_without_a_successful_check_fails() {
        check(&["SUCCESS", "INFO", "SKIPPED"], Some(true));
        check(&["SUCCESS", "FAILURE"], Some(false));
        check(&["SUCCESS", "WARNING"], None);
        check(&["INFO"], Some(false));
        check(&[], Some(false));
    }

    #[test]
    fn scenarios_are_found_by_the_names_of_directories() {
        let place = tempfile::tempdir().unwrap();
        let text = r#"[{"id": "a", "name": "A", "status": "SUCCESS", "description": "d"}]"#;
        for name in ["server-ping-2026-11-21T19-08-17-083Z", "auth/basic-2026-11-21T19-08-17-083Z"]
        {
            std::fs::create_dir_all(place.path().join(name)).unwrap();
            std::fs::write(place.path().join(name).join("checks.json"), text).unwrap();
        }
        let found = read(place.path()).unwrap();
        assert_eq!(found.keys().collect::<Vec<_>>(), ["auth/basic", "ping"]);
        assert!(found.values().all(|verdict| *verdict == Verdict::Passes));
    }
}
