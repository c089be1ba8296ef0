//! `checkrein tools`: which tools there are, how those of servers stand, what changed, and what a person says of them.
//!
//! ```text
//! ls, show, packs -> what is known       diff -> what changed -> accept | refuse       classify -> how a tool is judged
//! ```
//! In: a tool's name. Out: the contracts in force on the server, with the schema of the arguments. Contract files that
//! are not in force yet are the business of `contracts`. Tests: `tests/it/servers.rs`.

mod decide;
mod difference;

use clap::{Args, Subcommand, ValueEnum};
use contract::visible::{self, Breaks};
use server::wire;

use crate::cli::Part;
use crate::client::path;
use crate::context::{As, Context};
use crate::failure::{OK, Result};
use crate::output::{Facts, Paint, Table, Tone, json, moment};

pub(crate) use decide::{Accept, Classify, Refuse};
pub(crate) use difference::safe;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List tools
    Ls(List),
    /// Show one tool: its contract and the schema of its arguments
    Show {
        /// The tool's name
        tool: String,
    },
    /// Show what a server changed in a tool since it was accepted
    Diff {
        /// The tool's name
        tool: String,
    },
    /// Accept a tool as its server offers it now
    Accept(Accept),
    /// Refuse a tool as its server offers it now
    Refuse(Refuse),
    /// Say what a tool can do, where nobody else says it
    Classify(Classify),
    /// List the contract packs that come with this program
    Packs,
}

/// Which tools.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those of this server
    #[arg(long, value_name = "NAME")]
    server: Option<String>,
    /// Only those that stand so
    #[arg(long, value_enum)]
    standing: Option<Standing>,
    /// Only with this text in name, description or server
    #[arg(long)]
    text: Option<String>,
    #[command(flatten)]
    part: Part,
}

/// How a tool of a server stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Standing {
    /// As it was accepted
    Pinned,
    /// Its server offers another definition
    Drifted,
    /// A person refused it
    Refused,
    /// Something about it must be looked at first
    HeldBack,
}

impl Standing {
    const fn word(self) -> &'static str {
        match self {
            Self::Pinned => "pinned",
            Self::Drifted => "drifted",
            Self::Refused => "refused",
            Self::HeldBack => "held_back",
        }
    }
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    match verb {
        Verb::Ls(asked) => list(context, &asked).await,
        Verb::Show { tool } => show(context, &tool).await,
        Verb::Diff { tool } => difference::show(context, &tool).await,
        Verb::Accept(given) => decide::accept(context, given).await,
        Verb::Refuse(given) => decide::refuse(context, given).await,
        Verb::Classify(given) => decide::classify(context, given).await,
        Verb::Packs => packs(context).await,
    }
}

async fn list(context: &Context, asked: &List) -> Result {
    let client = context.client(As::Operator)?;
    let mut page: wire::Page<wire::Tool> = {
        let own = [("text", asked.text.clone())];
        let query: Vec<_> = own.into_iter().chain(asked.part.clone().query()).collect();
        client.get("/v1/tools", &query).await?
    };
    page.items.retain(|tool| {
        let server = asked.server.as_ref();
        let standing = asked.standing.map(Standing::word);
        server.is_none_or(|server| tool.server.as_ref() == Some(server))
            && standing.is_none_or(|standing| tool.standing.as_deref() == Some(standing))
    });
    let nothing = "no tools; begin a contract with `checkrein contracts new TOOL`, or name a server: docs/guides/mcp.md";
    context.out.page(&page, nothing, |tools| {
        let mut table = Table::new(&["TOOL", "STANDING", "EFFECT", "CONSEQUENCES", "WHAT"]);
        for tool in tools {
            let effect = format!("{} ({})", tool.effect_class, tool.provenance);
            let consequences = tool.consequences.join(" ");
            table.row([&tool.tool, &standing(tool), &effect, &consequences, &tool.what]);
        }
        table
    })?;
    tell_of(context, &page.items);
    Ok(OK)
}

/// How a tool stands, in one word; a tool that its server does not offer any more is told apart.
fn standing(tool: &wire::Tool) -> String {
    match (&tool.standing, tool.offered) {
        (None, _) => "own".to_owned(),
        (Some(_), Some(false)) => "gone".to_owned(),
        (Some(word), _) => word.clone(),
    }
}

/// What somebody should do next.
fn tell_of(context: &Context, tools: &[wire::Tool]) {
    let of = |word: &str| tools.iter().find(|tool| tool.standing.as_deref() == Some(word));
    if let Some(tool) = of("drifted") {
        context.out.talk(&format!(
            "a server changed a tool after it was accepted: see `checkrein tools diff {}`",
            tool.tool
        ));
    }
    if let Some(tool) = of("held_back") {
        context.out.talk(&format!(
            "a tool is held back until somebody looks: see `checkrein tools show {}`",
            tool.tool
        ));
    }
}

async fn show(context: &Context, tool: &str) -> Result {
    let client = context.client(As::Operator)?;
    let tool: wire::ToolDetails = client.get(&path("/v1/tools", tool, "")?, &[]).await?;
    print(context, &tool)?;
    Ok(OK)
}

/// A tool with everything that is known of it.
fn print(context: &Context, tool: &wire::ToolDetails) -> Result<()> {
    let (schema, paint) = (json(&tool.input)?, &context.out.paint);
    context.out.show(tool, |tool| {
        let text = visible::already(&tool.text, Breaks::Kept);
        let upstream = tool.upstream.as_ref().map(|found| upstream(found, &tool.tool, paint));
        let findings = findings(&tool.tool.findings, paint);
        let before = format!("{}{findings}", upstream.unwrap_or_default());
        let gap = if before.is_empty() { "" } else { "\n" };
        format!("{before}{gap}{text}\narguments as JSON Schema:\n{schema}")
    })
}

/// Where a tool of a server comes from and who accepted it.
fn upstream(found: &wire::UpstreamTool, tool: &wire::Tool, paint: &Paint) -> String {
    let mut facts = Facts::new();
    let by = found.by.as_deref().unwrap_or("first sight");
    facts
        .fact("server", &found.server)
        .shown("there", &found.wire)
        .fact("standing", standing(tool))
        .fact("definition", &found.definition)
        .fact("pinned by", format!("{by}, {}", moment(found.at_ms)))
        .maybe("offered now", found.seen.as_ref())
        .maybe("reason", found.reason.as_ref());
    for reason in &found.class_reasons {
        facts.shown("class", reason);
    }
    facts.fact("sensitive", found.sensitive.join(" "));
    if let Some(classified) = &found.classified {
        let text = format!(
            "{} by {}, {}: {}",
            classified.effect_class,
            classified.by,
            moment(classified.at_ms),
            classified.reason
        );
        facts.fact("classified", text);
    }
    if let Some(held) = &found.held_back {
        facts.shown("held back", &held.message).fact("to do", &held.fix);
    }
    facts.text(paint)
}

/// What was found in a definition, a line each.
fn findings(findings: &[wire::Finding], paint: &Paint) -> String {
    let line = |finding: &wire::Finding| {
        let at = if finding.pointer.is_empty() { "the definition" } else { &finding.pointer };
        let word = match finding.severity.as_str() {
            "held_back" => paint.tone(Tone::Bad, "HOLDS BACK"),
            _shown => paint.tone(Tone::Care, "finding   "),
        };
        format!(
            "{word}  {} at {}: {}\n",
            finding.code,
            difference::safe(at),
            difference::safe(&finding.text)
        )
    };
    findings.iter().map(line).collect()
}

async fn packs(context: &Context) -> Result {
    let client = context.client(As::Operator)?;
    let page: wire::Page<wire::Pack> = client.get("/v1/packs", &[]).await?;
    context.out.page(&page, "no packs come with this program", |packs| {
        let mut table = Table::new(&["PACK", "PACKAGE", "VERSION", "TOOLS", "USED BY", "HOME"]);
        for pack in packs {
            let package = format!("{} ({})", pack.package, pack.registry);
            let (tools, servers) = (pack.tools.len().to_string(), pack.servers.join(" "));
            table.row([&pack.pack, &package, &pack.version, &tools, &servers, &pack.homepage]);
        }
        table
    })?;
    Ok(OK)
}
