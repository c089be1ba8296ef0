//! Speed and size, as ratios taken in one run on one machine. Development only.
//!
//! ```text
//! decision   resolve and judge            against bare Cedar on the same policies
//! durable    a whole call, instant tool   against the same rows through the same writer, and against a bare log
//! memory     the idle server, and what held calls add
//! commands   governed commands                against the bare ones, and many at once
//! mcp        calls through the gateway        against the same calls made directly
//! undo       a thousand file acts taken back
//! ```
//! In: `--quick` for a smoke test with small counts, `commands`, `mcp`, `lists` or `undo` for that part alone. Out: a table, also written into `docs/benchmarks.md`
//! unless quick, and exit code 1 if a target is missed. Both sides of a ratio take turns, so that the machine's
//! moods hit both.

mod commands;
mod decision;
mod durable;
mod installation;
mod lists;
mod machine;
mod mcp;
mod memory;
mod statistics;
mod table;
mod undo;
mod world;

use std::path::Path;
use std::process::ExitCode;

use table::Table;

/// What a step gives. Nobody but a developer reads these errors.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effort {
    /// Enough to see that everything still runs.
    Quick,
    /// Enough for numbers.
    Full,
}

fn main() -> ExitCode {
    runner::entry();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [] => bench(Effort::Full),
        ["--quick"] => bench(Effort::Quick),
        ["commands"] => alone(commands::measure, Effort::Full),
        ["mcp"] => alone(mcp::measure, Effort::Full),
        ["undo"] => alone(undo::measure, Effort::Full),
        ["undo", "--quick"] => alone(undo::measure, Effort::Quick),
        ["lists"] => alone(lists::measure, Effort::Full),
        ["lists", "--quick"] => alone(lists::measure, Effort::Quick),
        ["--upstream", delay_ms, tools] => mcp::upstream(delay_ms, tools),
        ["--held", directory, calls] => memory::hold(Path::new(directory), calls),
        _ => {
            eprintln!(
                "unknown arguments `{}`; expected none, `--quick`, `commands`, `mcp`, `lists` or `undo`",
                words.join(" ")
            );
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// One part needs a minute and the rest ten: for whoever works on it. Writes no page.
fn alone(part: fn(Effort, &mut Table) -> Outcome<()>, effort: Effort) -> Outcome<ExitCode> {
    let mut table = Table::default();
    part(effort, &mut table)?;
    println!("{}", table.markdown());
    Ok(if table.missed().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn bench(effort: Effort) -> Outcome<ExitCode> {
    let mut table = Table::default();
    decision::measure(effort, &mut table)?;
    durable::measure(effort, &mut table)?;
    memory::measure(effort, &mut table)?;
    commands::measure(effort, &mut table)?;
    mcp::measure(effort, &mut table)?;
    lists::measure(effort, &mut table)?;
    undo::measure(effort, &mut table)?;
    let text = format!("{}\n\n{}", machine::describe(), table.markdown());
    println!("{text}");
    if effort == Effort::Quick {
        return Ok(ExitCode::SUCCESS);
    }
    table::write(&text)?;
    let missed = table.missed();
    if missed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("missed: {}", missed.join("; "));
    Ok(ExitCode::FAILURE)
}
