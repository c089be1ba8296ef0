//! Undo of many acts: how long it takes until a run's files stand again as before.
//!
//! In: the effort. Out: a row. Every act is a file of its own, written through the whole journey into a real workspace, and
//! taken back by one order of an operator, each as a call of its own in a real store. Policies permit everything: what is
//! measured is the way, not the rules.

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use domain::{Proposal, Status};
use gate::{Rules, Secret, Tool, UndoAsk, UndoOrder, UndoScope};
use policy::{PolicySet, Source};
use serde_json::{Map, json};
use tools::files::Files;
use tools::workspaces::Workspaces;

use crate::installation::{agent, gate_to, name, operator, store};
use crate::table::{Table, Target};
use crate::{Effort, Outcome};

const PERMIT: &str = "@id(\"all\") permit (principal, action, resource);";
/// Seconds that a thousand acts may take (issue of effects, "Speed").
const UNDO_S: f64 = 3.0;

/// Measures.
pub(crate) fn measure(effort: Effort, table: &mut Table) -> Outcome<()> {
    let acts = match effort {
        Effort::Quick => 20,
        Effort::Full => domain::limits::UNDO_ACTS_MAX,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let took = runtime.block_on(taken_back(acts))?;
    let target = Target::AtMost(UNDO_S);
    table.hold(format!("undo of {acts} acts, each a file, in one order"), (took, "s"), target);
    Ok(())
}

async fn taken_back(acts: usize) -> Outcome<f64> {
    let directory = tempfile::tempdir()?;
    let workspace = directory.path().join("workspace");
    fs::create_dir(&workspace)?;
    let root = (name("local")?, name("work")?, workspace.clone());
    let workspaces = Arc::new(Workspaces::open([root])?);
    let files: Arc<dyn Tool> = Arc::new(Files::of(workspaces));
    let tools = vec![("files.".to_owned(), Arc::clone(&files)), ("checkrein.".to_owned(), files)];
    let gate = gate_to(store(directory.path())?, rules()?, (tools, "default")).await?;
    let secret: Secret = agent(&gate).await?;
    let by = operator(&gate).await?;
    for act in 0..acts {
        let arguments = json!({ "path": format!("f{act:04}"), "content": format!("act {act}\n") });
        let proposal = Proposal {
            intent: Some("to measure".to_owned()),
            ..Proposal::bare("files.write".to_owned(), arguments)
        };
        let answer = gate.handle(&secret, proposal).await;
        if answer.status != Status::Succeeded {
            return Err(format!("a file was not written: {answer:?}").into());
        }
    }
    let ask = UndoAsk {
        scope: UndoScope::Agent(name("builder")?),
        last: Some(u32::try_from(acts)?),
        told: Map::new(),
    };
    let begun = Instant::now();
    let report = gate.undo_all(&by, ask, UndoOrder::Asked).await?;
    let took = begun.elapsed().as_secs_f64();
    let whole = report.len() == acts && report.iter().all(|act| act.outcome.is_whole());
    if !whole || fs::read_dir(&workspace)?.next().is_some() {
        return Err("not everything was taken back".into());
    }
    Ok(took)
}

fn rules() -> Outcome<Rules> {
    let catalogue = contract::load::all(&contract::builtin::FILES)?;
    let sources = [Source { file: "bench.cedar".to_owned(), text: PERMIT.to_owned() }];
    let policies = PolicySet::load_compiled(&sources, catalogue.iter().map(|one| &**one))?;
    Ok(Rules::new(catalogue, policies))
}
