//! `checkrein call`: proposes a call as an agent and prints the answer envelope.
//!
//! In: a tool, arguments as strict JSON, and what the agent says of its call. Out: the envelope; the exit code is that
//! of its code, so a held call ends with 5 and a denied one with 3. What a command prints is shown to a person as it
//! comes. How the command itself ended stands in the envelope: a test that fails is a call that succeeded. The server
//! checks everything again.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use contract::{StrictError, StrictProblem};
use domain::{Code, limits};
use serde_json::Value;
use server::wire;

use crate::context::{As, Context, read_input};
use crate::failure::{Failure, Result};
use crate::output::Live;

/// What to propose.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The tool, such as `files.read`
    tool: String,
    /// Its arguments as a JSON object
    #[arg(value_name = "JSON", conflicts_with = "file")]
    arguments: Option<String>,
    /// A file with the arguments; `-` is standard input
    #[arg(short, long)]
    file: Option<PathBuf>,
    /// What the agent wants, in words
    #[arg(long)]
    intent: Option<String>,
    /// How sure the agent is: 0 to 1, such as 0.85
    #[arg(long)]
    confidence: Option<String>,
    /// The idempotency key: the same key has at most one effect
    #[arg(long)]
    key: Option<String>,
    /// The run; else the ambient run of the agent
    #[arg(long)]
    run: Option<String>,
    /// Wait for people so many seconds if the call is held
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
    /// What will change, such as `modified:workspace:src/**:3`
    #[arg(long, value_name = "KIND:GLOB[:COUNT]")]
    expect: Vec<String>,
    /// What the agent relies on
    #[arg(long)]
    evidence: Vec<String>,
    /// For a command: the held call of the same run on whose changes its preview stands
    #[arg(long, value_name = "CALL")]
    after: Option<String>,
    /// Let it run after an approval although nobody waits
    #[arg(long)]
    detached: bool,
    /// The webhook of the installation that is told when the held call ends
    #[arg(long, value_name = "NAME")]
    callback: Option<String>,
}

/// Proposes it.
pub(crate) async fn run(context: &Context, given: Arguments) -> Result {
    let wait = Duration::from_secs(given.wait);
    if wait > limits::WAIT_MAX {
        let most = limits::WAIT_MAX.as_secs();
        return Err(Failure::usage(format!("`--wait {}` is too long", given.wait))
            .expected(format!("at most {most} seconds"))
            .fix("wait again with `checkrein calls wait CALL`"));
    }
    let proposal = wire::Proposal {
        arguments: arguments(&given)?,
        expected_effect: given.expect.iter().map(|text| expected(text)).collect::<Result<_>>()?,
        tool: given.tool,
        intent: given.intent,
        confidence: given.confidence.map(Value::String),
        key: given.key,
        run: given.run,
        evidence: given.evidence,
        after: given.after,
        detached: given.detached,
        callback: given.callback,
        wait_ms: (given.wait > 0).then_some(given.wait.saturating_mul(1_000)),
    };
    let client = context.client(As::Agent)?;
    let mut live = Live::new(context.out);
    let answer = match context.out.is_for_people() {
        true => client.watched(("/v1/calls", &proposal), wait, |heard| live.hear(&heard)).await?,
        false => client.answer("/v1/calls", &proposal, wait).await?,
    };
    if answer.status == "held" {
        let call = answer.call.as_deref().unwrap_or_default();
        context.out.talk(&format!(
            "a person decides with `checkrein approvals ls`; wait with `checkrein calls wait {call}`"
        ));
    }
    context.out.answer(&answer, live.printed())
}

fn arguments(given: &Arguments) -> Result<Value> {
    let bytes = match (&given.file, &given.arguments) {
        (Some(path), _) => read_input(path, limits::ARGUMENTS_BYTES_MAX)?,
        (None, Some(text)) => text.clone().into_bytes(),
        (None, None) => b"{}".to_vec(),
    };
    let value = contract::strict::parse(&bytes, limits::ARGUMENTS_BYTES_MAX).map_err(strict)?;
    if value.is_object() {
        return Ok(value);
    }
    Err(Failure::usage("the arguments are no JSON object")
        .expected("an object, such as `{\"path\": \"README.md\"}`")
        .fix(format!("see what it takes with `checkrein tools show {}`", given.tool)))
}

/// Refused here as the server would.
fn strict(error: StrictError) -> Failure {
    let code = match error.problem {
        StrictProblem::TooLarge { .. } | StrictProblem::TooDeep | StrictProblem::TooManyValues => {
            Code::Oversized
        }
        StrictProblem::DuplicateKey(_) => Code::DuplicateKey,
        StrictProblem::Number { .. }
        | StrictProblem::NotUtf8 { .. }
        | StrictProblem::Syntax { .. } => Code::MalformedJson,
    };
    Failure::coded(code, format!("the arguments: {error}"))
        .expected("one strict JSON object (RFC 8259)")
        .fix("put it into single quotes for the shell, or into a file for `-f`")
}

/// `KIND:GLOB[:COUNT]`; the glob has colons of its own.
fn expected(text: &str) -> Result<wire::ExpectedEffect> {
    let wrong = || {
        let shown = contract::visible::short(text);
        Failure::usage(format!("`{shown}` is not an expected effect"))
            .expected("`KIND:GLOB` or `KIND:GLOB:COUNT`, the kind `created`, `modified`, `deleted` or `other`")
            .fix("write one such as `--expect modified:workspace:src/**:3`")
    };
    let (kind, rest) = text.split_once(':').ok_or_else(wrong)?;
    let counted = rest.rsplit_once(':').and_then(|(glob, count)| Some((glob, count.parse().ok()?)));
    let (resource, count_max) = counted.unwrap_or((rest, 1));
    if kind.is_empty() || resource.is_empty() {
        return Err(wrong());
    }
    Ok(wire::ExpectedEffect { kind: kind.to_owned(), resource: resource.to_owned(), count_max })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expected_effect_has_colons_in_its_glob() {
        for (text, resource, count_max) in [
            ("modified:workspace:src/**:3", "workspace:src/**", 3),
            ("modified:workspace:src/**", "workspace:src/**", 1),
            ("other:note:7", "note", 7),
        ] {
            let effect = expected(text).unwrap();
            assert_eq!(
                (effect.resource.as_str(), effect.count_max),
                (resource, count_max),
                "{text}"
            );
        }
        for text in ["", "modified", ":x", "modified:"] {
            assert_eq!(expected(text).unwrap_err().exit, crate::failure::USAGE, "{text}");
        }
    }
}
