//! `checkrein tools`: which tools an agent can propose, and what each takes.
//!
//! In: a tool's name. Out: the contracts in force on the server, with the schema of the arguments. Contract files that
//! are not in force yet are the business of `contracts`.

use clap::Subcommand;
use server::wire;

use crate::client::path;
use crate::context::{As, Context};
use crate::failure::{OK, Result};
use crate::output::{Table, json};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List tools
    Ls,
    /// Show one tool: its contract and the schema of its arguments
    Show {
        /// The tool's name
        tool: String,
    },
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    let client = context.client(As::Operator)?;
    match verb {
        Verb::Ls => {
            let page: wire::Page<wire::Tool> = client.get("/v1/tools", &[]).await?;
            let nothing = "no tools; begin a contract with `checkrein contracts new TOOL`";
            context.out.page(&page, nothing, |tools| {
                let mut table = Table::new(&["TOOL", "EFFECT", "CONSEQUENCES", "WHAT"]);
                for tool in tools {
                    let effect = format!("{} ({})", tool.effect_class, tool.provenance);
                    table.row([&tool.tool, &effect, &tool.consequences.join(" "), &tool.what]);
                }
                table
            })?;
        }
        Verb::Show { tool } => {
            let tool: wire::ToolDetails = client.get(&path("/v1/tools", &tool, "")?, &[]).await?;
            let schema = json(&tool.input)?;
            context.out.show(&tool, |tool| {
                let text = contract::visible::visible(&tool.text, contract::visible::Breaks::Kept);
                format!("{text}\narguments as JSON Schema:\n{schema}")
            })?;
        }
    }
    Ok(OK)
}
