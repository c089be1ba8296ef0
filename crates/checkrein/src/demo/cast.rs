//! Who takes part: an agent with its run, an operator, and how they speak with the server.
//!
//! In: proposals and ids. Out: real answers. The agent says of each call what it wants and how sure it is, as a
//! well-behaved agent does; nothing it says can make a decision looser.

use std::time::Duration;

use serde_json::{Value, json};
use server::wire;

use super::child::Server;
use super::scratch::Scratch;
use crate::client::{Client, Key, path};
use crate::failure::{Failure, Result};

/// How long the agent waits for people; they have decided before it asks.
const WAIT: Duration = Duration::from_secs(30);

/// The agent, the operator and their run.
#[derive(Debug)]
pub(super) struct Cast {
    pub(super) agent: Client,
    pub(super) operator: Client,
    pub(super) run: String,
}

/// What the agent wants, in its words.
pub(super) struct Wish<'a> {
    pub(super) tool: &'a str,
    pub(super) arguments: Value,
    pub(super) intent: &'a str,
    pub(super) key: Option<&'a str>,
    /// Kind and glob of what will change, if the agent says it.
    pub(super) expect: Option<(&'a str, &'a str)>,
}

impl<'a> Wish<'a> {
    pub(super) const fn new(tool: &'a str, arguments: Value, intent: &'a str) -> Self {
        Self { tool, arguments, intent, key: None, expect: None }
    }

    pub(super) fn keyed(self, key: &'a str) -> Self {
        Self { key: Some(key), ..self }
    }

    pub(super) fn expecting(self, kind: &'a str, glob: &'a str) -> Self {
        Self { expect: Some((kind, glob)), ..self }
    }

    /// The call as one would type it.
    pub(super) fn text(&self) -> String {
        format!("{} {}", self.tool, self.arguments)
    }
}

impl Cast {
    /// Reads the first keys and opens a run.
    pub(super) async fn gather(scratch: &Scratch, server: &Server) -> Result<Self> {
        let file = scratch.root.join("state/first-keys");
        let keys =
            server::serve::read_first_keys(&file).map_err(|error| Failure::file(&file, &error))?;
        let agent = Client::new(&server.url, Key::new(keys.agent))?;
        let operator = Client::new(&server.url, Key::new(keys.operator))?;
        let open = wire::OpenRun {
            workflow: "default".to_owned(),
            purpose: "tidy the greeter's repository".to_owned(),
            limit: wire::Limits::default(),
        };
        let run: wire::Run = agent.post("/v1/runs", &open).await?;
        Ok(Self { agent, operator, run: run.run })
    }

    /// The proposal of a wish.
    pub(super) fn proposal(&self, wish: &Wish<'_>) -> wire::Proposal {
        let expected = wish.expect.map(|(kind, resource)| wire::ExpectedEffect {
            kind: kind.to_owned(),
            resource: resource.to_owned(),
            count_max: 10,
        });
        wire::Proposal {
            tool: wish.tool.to_owned(),
            arguments: wish.arguments.clone(),
            intent: Some(wish.intent.to_owned()),
            expected_effect: expected.into_iter().collect(),
            confidence: Some(Value::from("0.97")),
            key: wish.key.map(str::to_owned),
            run: Some(self.run.clone()),
            ..wire::Proposal::default()
        }
    }

    /// Proposes and waits for the answer.
    pub(super) async fn propose(&self, wish: &Wish<'_>) -> Result<wire::Answer> {
        self.agent.answer("/v1/calls", &self.proposal(wish), Duration::ZERO).await
    }

    /// Waits for a held call as its agent.
    pub(super) async fn wait(&self, call: &str) -> Result<wire::Answer> {
        self.agent.wait(call, WAIT).await
    }

    /// Takes an act back, as the operator.
    pub(super) async fn undo(&self, call: &str) -> Result<wire::Answer> {
        let path = path("/v1/calls", call, "/undo")?;
        self.operator.answer(&path, &json!({}), Duration::ZERO).await
    }

    /// Entries of a call, or of a kind in the run.
    pub(super) async fn entries(&self, call: &str) -> Result<Vec<wire::Entry>> {
        let query = [("call", Some(call.to_owned()))];
        let page: wire::Page<wire::Entry> =
            self.operator.get("/v1/journal/entries", &query).await?;
        Ok(page.items)
    }
}

/// An answer in one line, as the agent gets it.
pub(super) fn in_short(answer: &wire::Answer) -> String {
    let code = answer.error.as_ref().map(|error| format!(" {} ({})", error.code, error.title));
    let decision = answer.decision.as_ref();
    let decision = decision.map(|one| format!("; decision: {}, tier {}", one.verdict, one.tier));
    let entry = answer.journal.as_ref().map(|at| format!("; entry {} of the journal", at.seq));
    format!(
        "{}{}; executed: {}{}{}",
        answer.status,
        code.unwrap_or_default(),
        answer.executed,
        decision.unwrap_or_default(),
        entry.unwrap_or_default()
    )
}

/// The code of what went wrong.
pub(super) fn code(answer: &wire::Answer) -> Option<&str> {
    answer.error.as_ref().map(|error| error.code.as_str())
}

/// What a command printed, as the agent gets it.
pub(super) fn printed(answer: &wire::Answer) -> String {
    let part = |name: &str| {
        let text = answer.output.as_ref().and_then(|output| output.pointer(name)?.as_str());
        text.unwrap_or_default()
    };
    format!("{}{}", part("/stdout"), part("/stderr"))
}

/// How a command ended; none if it did not run to its end.
pub(super) fn exit_code(answer: &wire::Answer) -> Option<i64> {
    answer.output.as_ref()?.pointer("/exit_code")?.as_i64()
}

/// Whether a notice or review of a call waits for people.
pub(super) async fn has_duty(cast: &Cast, call: &str, kind: &str) -> Result<bool> {
    let open = [("state", Some("open".to_owned())), ("kind", Some(kind.to_owned()))];
    let page: wire::Page<wire::DutyRecord> = cast.operator.get("/v1/duties", &open).await?;
    Ok(page.items.iter().any(|duty| duty.call == call))
}

/// The call's id, which every accepted call has.
pub(super) fn id(answer: &wire::Answer) -> Result<&str> {
    answer.call.as_deref().ok_or_else(|| Failure::new(format!("no call: {}", in_short(answer))))
}

/// Whether it happened as it should.
pub(super) fn succeeded(answer: &wire::Answer) -> bool {
    answer.status == "succeeded" && answer.executed == "yes" && answer.error.is_none()
}
