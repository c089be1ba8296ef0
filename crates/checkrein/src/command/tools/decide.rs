//! What a person says of a tool: take it as it is now, keep it out, or how it is to be judged.
//!
//! In: a tool, and the digest of the definition that the person looked at. Out: the tool as it stands then. Whoever accepts
//! has seen what differs: it is shown first, and without `--yes` the digest is asked for. If the server offers yet another
//! definition meanwhile, nothing is accepted (exit 8).

use std::io::{BufRead as _, IsTerminal as _};

use clap::{Args, ValueEnum};
use domain::Code;
use server::wire;

use super::{difference, print};
use crate::client::path;
use crate::context::{As, Context};
use crate::failure::{Failure, OK, Result};

/// Characters of a digest that are enough to say which one is meant.
const DIGEST_CHARACTERS_MIN: usize = 8;

#[derive(Debug, Args)]
pub(crate) struct Accept {
    /// The tool's name
    tool: String,
    /// Ask nothing: what is shown is what is accepted
    #[arg(long)]
    yes: bool,
    /// The digest of the definition that you looked at; also without its end
    #[arg(long, value_name = "DIGEST", conflicts_with = "yes")]
    definition: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Refuse {
    /// The tool's name
    tool: String,
    /// Why
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Classify {
    /// The tool's name
    tool: String,
    /// What can be taken back of it
    #[arg(long = "as", value_enum, value_name = "CLASS")]
    class: Class,
    /// Who is hit, such as `shared` or `external`; else as it is now
    #[arg(long = "consequence", value_name = "WORD")]
    consequences: Vec<String>,
    /// What it acts on, such as `mcp:github/issue/{number}`; else as it is now
    #[arg(long, value_name = "TEMPLATE")]
    resource: Option<String>,
    /// Why
    #[arg(long)]
    reason: Option<String>,
}

/// What can be taken back of a tool. None is restorable: that takes more than somebody's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Class {
    /// It changes nothing
    Pure,
    /// Another call makes good for it
    Compensable,
    /// Nothing brings it back
    Irreversible,
    /// Nobody knows
    Unknown,
}

impl Class {
    const fn word(self) -> &'static str {
        match self {
            Self::Pure => "pure",
            Self::Compensable => "compensable",
            Self::Irreversible => "irreversible",
            Self::Unknown => "unknown",
        }
    }

    const fn follows(self) -> &'static str {
        match self {
            Self::Pure => {
                "its calls are judged as reads: rules for `class:pure` hold, and the starter policy asks nobody"
            }
            Self::Compensable => {
                "its calls are judged as changes that another call makes good for; nothing undoes them by itself"
            }
            Self::Irreversible => {
                "its calls are judged as changes that nothing brings back: the starter policy asks people first"
            }
            Self::Unknown => {
                "its calls are judged as if they could do anything: the starter policy asks people first"
            }
        }
    }
}

pub(super) async fn accept(context: &Context, given: Accept) -> Result {
    let client = context.client(As::Operator)?;
    let found = difference::of(&client, &given.tool).await?;
    if found.lines.is_empty() && found.standing == "pinned" {
        context.out.talk(&format!("`{}` is as it was accepted: nothing to do", given.tool));
        context.out.only_json(&found)?;
        return Ok(OK);
    }
    if context.out.is_for_people() {
        context.out.data(&difference::text(&found, &context.out.paint));
    } else {
        let plain = difference::text(&found, &crate::output::Paint::Plain);
        context.out.talk(&plain);
    }
    let seen = match (given.yes, given.definition) {
        (true, _) => None,
        (false, Some(digest)) => Some(digest),
        (false, None) => Some(asked(context)?),
    };
    if let Some(digest) = seen {
        matches(&digest, &found.offered)?;
    }
    let body = wire::AcceptTool { definition: found.offered.clone() };
    let tool: wire::ToolDetails =
        client.post(&path("/v1/tools", &given.tool, "/accept")?, &body).await?;
    context.out.only_json(&tool)?;
    let class = &tool.tool.effect_class;
    context.out.talk(&format!(
        "accepted: from now on `{}` can be called as shown; class {class}",
        given.tool
    ));
    Ok(OK)
}

/// The digest that a person types, having looked.
fn asked(context: &Context) -> Result<String> {
    if context.global.no_input || !std::io::stdin().is_terminal() {
        return Err(Failure::usage("nobody said that this is what is accepted")
            .expected("`--yes`, or `--definition` with the digest behind `offered`")
            .fix("look at what differs above, then add one of them"));
    }
    context
        .out
        .ask("type the beginning of the digest behind `offered` to accept it (nothing: no): ");
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|error| {
        Failure::new(format!("the terminal cannot be read: {error}")).fix("add `--yes`")
    })?;
    Ok(line.trim().to_owned())
}

fn matches(given: &str, offered: &str) -> Result<()> {
    if given.is_empty() {
        return Err(Failure::new("nothing was accepted").fix("the tool stays as it was"));
    }
    let bare = |text: &str| text.strip_prefix("sha256:").unwrap_or(text).to_ascii_lowercase();
    let given = bare(given);
    match given.len() >= DIGEST_CHARACTERS_MIN && bare(offered).starts_with(&given) {
        true => Ok(()),
        false => Err(Failure::coded(
            Code::Conflict,
            "that is not the definition that is offered now",
        )
        .expected(format!("at least the first {DIGEST_CHARACTERS_MIN} characters of `{offered}`"))
        .fix("look again with `checkrein tools diff`: the server may have changed it meanwhile")),
    }
}

pub(super) async fn refuse(context: &Context, given: Refuse) -> Result {
    let client = context.client(As::Operator)?;
    let found = difference::of(&client, &given.tool).await?;
    let reason = context.reason(given.reason)?;
    let body = wire::RefuseTool { definition: found.offered.clone(), reason };
    let tool: wire::ToolDetails =
        client.post(&path("/v1/tools", &given.tool, "/refuse")?, &body).await?;
    context.out.only_json(&tool)?;
    context.out.talk(&format!(
        "refused: `{}` cannot be called until its server offers something else that somebody accepts",
        given.tool
    ));
    Ok(OK)
}

pub(super) async fn classify(context: &Context, given: Classify) -> Result {
    let client = context.client(As::Operator)?;
    let place = path("/v1/tools", &given.tool, "")?;
    let consequences = match given.consequences.is_empty() {
        false => given.consequences,
        true => {
            let now: wire::ToolDetails = client.get(&place, &[]).await?;
            now.tool.consequences
        }
    };
    let reason = context.reason(given.reason)?;
    let effect_class = given.class.word().to_owned();
    let body = wire::ClassifyTool { effect_class, consequences, resource: given.resource, reason };
    let tool: wire::ToolDetails = client.post(&format!("{place}/classify"), &body).await?;
    print(context, &tool)?;
    let held = if tool.tool.standing.as_deref() == Some("pinned") {
        ""
    } else {
        "; it is still held back"
    };
    context.out.talk(&format!(
        "from now on, for this definition of `{}`: {}{held}. Another definition is never judged less strictly because of it",
        given.tool,
        given.class.follows()
    ));
    Ok(OK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_enough_of_the_very_digest_accepts() {
        let offered = format!("sha256:{}", "ab".repeat(32));
        for (given, good) in [
            ("abababab", true),
            ("sha256:ABABABAB", true),
            ("abababa", false),
            ("", false),
            ("abababac", false),
            ("sha256:", false),
        ] {
            assert_eq!(matches(given, &offered).is_ok(), good, "{given}");
        }
    }
}
