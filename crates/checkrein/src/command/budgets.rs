//! `checkrein budgets`: what is left, and raising the budget of a run.
//!
//! In: a run or a grant, and amounts. Out: a line for each dimension with limit, spent, reserved and left. Amounts are
//! calls, money in the accounting currency, irreversible acts, bytes and milliseconds. Limits are set in the configuration.

use clap::{Args, Subcommand};
use server::wire;

use crate::context::{As, Context};
use crate::failure::{Failure, OK, Result};
use crate::output::Table;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List the budget of a run, of a grant's days, or of the latest runs
    Ls {
        /// Of this run
        #[arg(long, conflicts_with = "grant")]
        run: Option<String>,
        /// Of this grant, a line for each day
        #[arg(long)]
        grant: Option<String>,
        /// How many at most
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Raise the budget of a run; a run that its budget paused goes on
    Raise {
        /// The run's id
        run: String,
        #[command(flatten)]
        by: Amounts,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
}

/// An amount of each dimension that is named.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Amounts {
    /// Calls
    #[arg(long, value_name = "N")]
    calls: Option<u64>,
    /// Money in the accounting currency, such as 12.50
    #[arg(long, value_name = "AMOUNT")]
    money: Option<String>,
    /// Acts that cannot be undone
    #[arg(long, value_name = "N")]
    irreversible: Option<u64>,
    /// Bytes that tools may read
    #[arg(long, value_name = "N")]
    read_bytes: Option<u64>,
    /// Milliseconds in tools
    #[arg(long, value_name = "N")]
    wall_ms: Option<u64>,
}

impl From<Amounts> for wire::Limits {
    fn from(given: Amounts) -> Self {
        let Amounts { calls, money, irreversible, read_bytes, wall_ms } = given;
        Self { calls, money, irreversible, read_bytes, wall_ms }
    }
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    let client = context.client(As::Operator)?;
    match verb {
        Verb::Ls { run, grant, limit } => {
            let query =
                [("run", run), ("grant", grant), ("limit", limit.map(|limit| limit.to_string()))];
            let page: wire::Page<wire::Budget> = client.get("/v1/budgets", &query).await?;
            context.out.page(&page, "no budgets; they begin with the first call", table)?;
        }
        Verb::Raise { run, by, reason } => {
            let by = wire::Limits::from(by);
            if by == wire::Limits::default() {
                return Err(Failure::usage("nothing is raised")
                    .expected("at least one amount")
                    .fix("add one such as `--calls 100`"));
            }
            let body = wire::Raise { run, by, reason: context.reason(reason)? };
            let budget: wire::Budget = client.post("/v1/budgets/raise", &body).await?;
            context.out.show(&budget, |budget| {
                table(std::slice::from_ref(budget)).text(&context.out.paint)
            })?;
        }
    }
    Ok(OK)
}

/// A line for each dimension of each budget.
fn table(budgets: &[wire::Budget]) -> Table {
    let mut table =
        Table::new(&["SCOPE", "OF", "LIMIT", "SPENT", "RESERVED", "LEFT", "AT THE LIMIT"]);
    for budget in budgets {
        let (limit, left) = (&budget.limit, &budget.left);
        let (spent, reserved) = (&budget.spent, &budget.reserved);
        let number =
            |value: Option<u64>| value.map_or_else(|| "none".to_owned(), |value| value.to_string());
        let money = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
        let mut line = |of: &str, cells: [String; 4]| {
            let [limit, spent, reserved, left] = &cells;
            table.row([&budget.scope, of, limit, spent, reserved, left, &budget.on_exceeded]);
        };
        let counted = [
            ("calls", limit.calls, spent.calls, reserved.calls, left.calls),
            (
                "irreversible",
                limit.irreversible,
                spent.irreversible,
                reserved.irreversible,
                left.irreversible,
            ),
            (
                "read bytes",
                limit.read_bytes,
                spent.read_bytes,
                reserved.read_bytes,
                left.read_bytes,
            ),
            ("wall ms", limit.wall_ms, spent.wall_ms, reserved.wall_ms, left.wall_ms),
        ];
        for (of, limit, spent, reserved, left) in counted {
            line(of, [number(limit), spent.to_string(), reserved.to_string(), number(left)]);
        }
        line(
            &budget.currency,
            [money(&limit.money), spent.money.clone(), reserved.money.clone(), money(&left.money)],
        );
    }
    table
}
