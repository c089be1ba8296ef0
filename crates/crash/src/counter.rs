//! `counter.add`: a tool in another process, which outlives the one that is killed.
//!
//! ```text
//! act     -> "add <ticket> <call> <permit>" -> the recorder writes a line, syncs it, says "done"
//! recover -> "seen <call>"                  -> "yes": it happened; "no": nobody can tell
//! ```
//! A call that the recorder has not seen may still be on its way, so recovery never says that it did not happen.

use std::path::PathBuf;

use domain::{Effect, EffectKind, Executed, Money, Observation, Plan, Resource};
use gate::{
    Act, Later, Permit, Preview, Read, Recovered, Reply, Tool, ToolError, ToolErrorKind, Unfinished,
};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;

/// Its contract. The ticket is the key too: it names what must happen at most once.
pub(crate) const CONTRACT: &str = r#"
[[tool]]
name = "counter.add"
version = 1
effect_class = "irreversible"
provenance = "confirmed"
scope = ["counter:**"]
resource = "counter:{ticket}"
idempotency = "caller_key"
timeout_ms = 60_000
cost_max = "0"
maturity = "stable"
output_labels = []
output_bytes_max = 4_096
input = '''
{
  "type": "object",
  "properties": {
    "ticket": {"type": "string", "pattern": "^[a-z0-9-]{1,80}$"},
    "amount": {"type": "integer", "minimum": 1, "maximum": 1000}
  },
  "required": ["ticket", "amount"],
  "additionalProperties": false
}
'''
output = '''
{
  "type": "object",
  "properties": {"ticket": {"type": "string"}},
  "required": ["ticket"],
  "additionalProperties": false
}
'''

[tool.description]
what = "adds to a counter in another process"
when_to_use = "to see whether something happens twice"
side_effects = "the counter is larger for good"
"#;

/// Reaches the recorder through its socket.
#[derive(Debug)]
pub(crate) struct Counter {
    socket: PathBuf,
}

impl Counter {
    pub(crate) const fn new(socket: PathBuf) -> Self {
        Self { socket }
    }

    async fn ask(&self, line: String) -> std::io::Result<String> {
        let mut stream = UnixStream::connect(&self.socket).await?;
        stream.write_all(line.as_bytes()).await?;
        let mut said = String::new();
        BufReader::new(stream).read_line(&mut said).await?;
        Ok(said.trim_end().to_owned())
    }
}

/// The ticket of a call.
fn ticket(arguments: &Value) -> String {
    arguments.get("ticket").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What a call of this ticket says when it is done.
pub(crate) fn reply(arguments: &Value) -> Reply {
    let ticket = ticket(arguments);
    let effect = Effect {
        kind: EffectKind::Modified,
        resource: Resource::new(format!("counter:{ticket}")),
        before: None,
        after: None,
        observation: Observation::Unobserved,
    };
    Reply {
        output: json!({ "ticket": ticket }),
        effects: vec![effect],
        cost: Money::ZERO,
        read_bytes: 0,
        warnings: Vec::new(),
    }
}

/// A tool that cannot do what nobody should ask of it.
pub(crate) fn impossible(executed: Executed, message: impl Into<String>) -> ToolError {
    ToolError {
        kind: ToolErrorKind::Failed,
        executed,
        message: message.into(),
        own_code: None,
        effects: Vec::new(),
        asks: None,
    }
}

impl Tool for Counter {
    fn preview(&self, _: Permit<Preview>) -> Later<'_, Result<Plan, ToolError>> {
        Box::pin(async { Err(impossible(Executed::No, "a counter shows no plan")) })
    }

    fn read(&self, _: Permit<Read>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async { Err(impossible(Executed::No, "a counter is not read")) })
    }

    fn act(&self, permit: Permit<Act>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async move {
            let invocation = permit.invocation();
            let ticket = ticket(&invocation.arguments);
            let line = format!("add {ticket} {} {}\n", invocation.call, permit.id());
            match self.ask(line).await {
                Ok(said) if said == "done" => Ok(reply(&invocation.arguments)),
                Ok(said) => Err(impossible(Executed::Unknown, format!("it said `{said}`"))),
                Err(error) => Err(impossible(Executed::Unknown, error.to_string())),
            }
        })
    }

    fn recover(&self, unfinished: Unfinished) -> Later<'_, Recovered> {
        Box::pin(async move {
            let Unfinished { invocation, .. } = unfinished;
            match self.ask(format!("seen {}\n", invocation.call)).await {
                Ok(said) if said == "yes" => Recovered::Happened(reply(&invocation.arguments)),
                Ok(_) => Recovered::Unknown { reason: "the recorder has not seen it".to_owned() },
                Err(error) => Recovered::Unknown { reason: error.to_string() },
            }
        })
    }
}
