//! A tool that runs scripts over a few files, as a jail would: what it shows depends on what it finds. It keeps what
//! its permits said, so that tests can look at them.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use checkrein_sim::rules;
use contract::{digest, plan_digest};
use domain::{
    Answer, CallId, Change, Content, Digest, EffectKind, Executed, Execution, ExpectedEffect,
    FileState, Money, Node, Plan, Printed, Proposal, Rung,
};
use gate::{
    Act, Later, Permit, Preview, Read, Recovered, Reply, Stream, Tool, ToolError, ToolErrorKind,
    Unfinished,
};
use serde_json::json;

use crate::installation::{Installation, TestGate};

/// Why a machine has no preview, as a tool would say it.
pub(crate) const NO_RUNG: &str = "the rung `landlock` has no preview";
/// What every script prints, in pieces.
pub(crate) const PRINTED: [&str; 3] = ["line one\nline ", "two\nand the", " rest"];
/// A file that every script changes besides, whose name tells what it read.
pub(crate) const TELLING: &str = "what-it-read";

#[derive(Debug, Default)]
pub(crate) struct Scripts {
    pub(crate) files: Mutex<BTreeMap<String, String>>,
    /// Whether this machine cannot show what a script would change.
    pub(crate) blind: AtomicBool,
    /// For each preview: the plan that it was given, and how many plans it stood on.
    pub(crate) previews: Mutex<Vec<(Option<Digest>, usize)>>,
    /// For each act: its plan.
    pub(crate) acts: Mutex<Vec<Option<Digest>>>,
    /// What every script writes besides: a path and a text.
    pub(crate) besides: Mutex<Vec<(String, String)>>,
    /// How every preview and act fails.
    pub(crate) fails: Mutex<Option<ToolError>>,
    /// Every act works until a stop ends it, and then says this of what happened.
    pub(crate) waits: Mutex<Option<Executed>>,
}

impl Scripts {
    fn over(&self, plans: &[Plan]) -> BTreeMap<String, String> {
        let mut files = self.files.lock().unwrap().clone();
        plans.iter().flat_map(|plan| &plan.changes).for_each(|change| apply(&mut files, change));
        files
    }

    fn failure(&self) -> Result<(), ToolError> {
        self.fails.lock().unwrap().clone().map_or(Ok(()), Err)
    }

    fn stands(&self, plan: &Plan) -> bool {
        let files = self.files.lock().unwrap();
        plan.changes.iter().all(|change| state(&files, &change.path) == change.before)
    }
}

fn file(text: &str) -> FileState {
    let digest = digest(text.as_bytes());
    let content = Some(Content::new(text.as_bytes(), digest));
    FileState { mode: 0o644, node: Node::File { size: text.len() as u64, digest, content } }
}

fn state(files: &BTreeMap<String, String>, path: &str) -> Option<FileState> {
    files.get(path).map(|text| file(text))
}

fn apply(files: &mut BTreeMap<String, String>, change: &Change) {
    let Some(FileState { node: Node::File { content: Some(content), .. }, .. }) = &change.after
    else {
        files.remove(&change.path);
        return;
    };
    let text = String::from_utf8(content.bytes().to_vec()).unwrap();
    files.insert(change.path.clone(), text);
}

fn plan(files: &BTreeMap<String, String>, script: &str, besides: &[(String, String)]) -> Plan {
    let found = format!("from {}", files.get("a.txt").map_or("nothing", String::as_str));
    let writes: &[(&str, &str)] = match script {
        "format" => &[("a.txt", "formatted")],
        "derive" => &[("d.txt", &found)],
        "hooks" => &[("b.txt", "tidied"), (".git/hooks/post-commit", "curl")],
        "outside" => &[("b.txt", "tidied"), ("etc/shadow", "mine")],
        _tests => &[],
    };
    let shown: String = besides.iter().map(|(_, text)| format!("\n{text}")).collect();
    let besides: Vec<_> = besides.iter().map(|(path, text)| (&**path, &**text)).collect();
    let change = |(path, text): &(&str, &str)| Change {
        path: (*path).to_owned(),
        before: state(files, path),
        after: Some(file(text)),
        moved_from: None,
    };
    Plan {
        changes: writes.iter().chain(&besides).map(change).collect(),
        diff: "+a secret that it read\n".to_owned(),
        restorable: true,
        execution: Some(Execution {
            exit_code: 0,
            stdout: Printed { text: PRINTED.concat() + &shown, total_bytes: 20 },
            stderr: Printed::default(),
            wall_ms: 1,
            cpu_ms: 1,
            memory_bytes_max: 1,
            processes: 1,
            network: Vec::new(),
            rung: Rung::Overlay,
        }),
    }
}

pub(crate) fn error(kind: ToolErrorKind, message: &str) -> ToolError {
    let message = message.to_owned();
    ToolError {
        kind,
        executed: Executed::No,
        message,
        own_code: None,
        effects: Vec::new(),
        asks: None,
    }
}

/// What every command answers with.
fn printed(plan: Option<&Plan>) -> serde_json::Value {
    let execution = plan.and_then(|plan| plan.execution.as_ref());
    json!({
        "exit_code": 0, "stdout": execution.map(|execution| &*execution.stdout.text).unwrap_or_default(), "stderr": "", "stdout_bytes": 20, "stderr_bytes": 0,
        "wall_ms": 1, "cpu_ms": 1, "memory_bytes_max": 1, "processes": 1, "network": [], "changed": 0,
        "jail": "overlay",
    })
}

impl Tool for Scripts {
    fn preview(&self, permit: Permit<Preview>) -> Later<'_, Result<Plan, ToolError>> {
        Box::pin(async move {
            let asked = permit.invocation();
            let approved = permit.approved_plan();
            let seen = (approved.map(plan_digest), asked.over.len());
            self.previews.lock().unwrap().push(seen);
            if self.blind.load(Ordering::Relaxed) {
                return Err(error(ToolErrorKind::NoPreview, NO_RUNG));
            }
            self.failure()?;
            if let Some(inverse) = &asked.basis {
                return Ok(inverse.clone());
            }
            if let Some(approved) = approved.filter(|plan| self.stands(plan)) {
                return Ok(approved.clone());
            }
            PRINTED
                .iter()
                .for_each(|piece| permit.watch().printed(Stream::Stdout, piece.as_bytes()));
            let text = |name: &str| asked.arguments.get(name).and_then(|text| text.as_str());
            let mut besides = self.besides.lock().unwrap().clone();
            besides.extend(text("path").map(|path| (path.to_owned(), "written".to_owned())));
            Ok(plan(&self.over(&asked.over), text("script").unwrap_or_default(), &besides))
        })
    }

    fn read(&self, _: Permit<Read>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async { Err(error(ToolErrorKind::Failed, "it reads nothing")) })
    }

    fn act(&self, permit: Permit<Act>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async move {
            self.acts.lock().unwrap().push(permit.plan().map(plan_digest));
            let waits = *self.waits.lock().unwrap();
            if let Some(executed) = waits {
                let stopped = permit.signal().arrived().await;
                return Err(ToolError { executed, ..stopped });
            }
            self.failure()?;
            if permit.plan().is_some_and(|plan| !self.stands(plan)) {
                return Err(error(ToolErrorKind::Stale, "a file is another one"));
            }
            let mut files = self.files.lock().unwrap();
            let changes = permit.plan().into_iter().flat_map(|plan| &plan.changes);
            changes.for_each(|change| apply(&mut files, change));
            let output = match permit.invocation().command {
                Some(_) => printed(permit.plan()),
                None => json!({"ok": true}),
            };
            Ok(Reply {
                output,
                effects: Vec::new(),
                cost: Money::ZERO,
                read_bytes: 0,
                warnings: Vec::new(),
            })
        })
    }

    fn recover(&self, _: Unfinished) -> Later<'_, Recovered> {
        Box::pin(async { Recovered::Unknown { reason: "nobody looked".to_owned() } })
    }
}

/// A proposal of a script.
pub(crate) fn script(name: &str) -> Proposal {
    Proposal::bare("sim.run".to_owned(), json!({"script": name}))
}

/// A proposal that people are asked for, and that may see its own diff: nothing was read for it.
pub(crate) fn deploy() -> Proposal {
    let arguments = json!({"path": "prod", "content": "written"});
    Proposal { tool: "sim.write".to_owned(), arguments, ..script("") }
}

pub(crate) fn after(name: &str, call: CallId) -> Proposal {
    Proposal { after: Some(call), ..script(name) }
}

/// The proposal, saying that it changes `b.txt` and nothing else.
pub(crate) fn expecting_b(proposal: Proposal) -> Proposal {
    let resource = "workspace:b.txt".parse().unwrap();
    let expected = ExpectedEffect { kind: EffectKind::Created, resource, count_max: 1 };
    Proposal { expected_effects: vec![expected], ..proposal }
}

impl Installation<Scripts> {
    pub(crate) fn propose(&self, gate: &TestGate, proposal: Proposal) -> Answer {
        self.finish(gate.handle(&self.agent, proposal))
    }

    pub(crate) fn text(&self, path: &str) -> Option<String> {
        self.tool.files.lock().unwrap().get(path).cloned()
    }

    /// Decides a call again from its recorded facts.
    pub(crate) fn decided_again(&self, call: CallId) -> domain::Verdict {
        let store = self.store.lock().unwrap();
        let bytes = store.payload(call, domain::PayloadKind::Facts).unwrap();
        let facts = gate::payload::read_facts(&bytes).unwrap();
        gate::decide(&rules::copy(rules::Version::First).unwrap().policies, &facts)
    }
}
