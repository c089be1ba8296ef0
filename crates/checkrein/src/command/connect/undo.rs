//! Takes back what was changed last: byte for byte where nothing moved since, else the servers alone, with a word of what moved.
//!
//! In: a client's file. Out: the file as it was before, or with its servers put back into what it has become. If our own entry
//! was changed by somebody, nothing is touched (exit 8): the backup lies beside.

use domain::Code;

use super::client::{OURS, Place};
use super::edit::{self, Change as Edit};
use super::kept::{self, Step};
use super::{difference, jsonc, secrets};
use crate::context::Context;
use crate::failure::{Failure, OK, Result};

pub(super) fn run(context: &Context, place: &Place) -> Result {
    let mut steps = kept::steps(place)?;
    let Some(step) = steps.pop() else {
        return Err(Failure::new(format!(
            "nothing was changed in `{}` by this command",
            place.file.display()
        ))
        .expected("a client that was connected")
        .fix("see what would be changed with `--dry-run`"));
    };
    let out = &context.out;
    if step.client.stands() {
        step.client.restore()?;
        out.talk(&format!("`{}` is as it was, byte for byte", place.file.display()));
    } else {
        let now = step.client.now();
        out.talk(&format!(
            "`{}` moved since:\n{}",
            place.file.display(),
            difference::lines(&step.client.after, &now)
        ));
        let back = put_back(place, &step, &now)?;
        let mode = step.client.before.as_ref().map_or(0o600, |(_, mode)| *mode);
        kept::write(&place.file, &back, mode)?;
        out.talk("its servers are where they were; everything else that moved was left as it is");
    }
    if step.own.stands() {
        step.own.restore()?;
        for file in &step.files {
            secrets::remove(file)?;
        }
        out.talk(&format!("`{}` is as it was", step.own.file.display()));
    } else {
        out.talk(&format!(
            "`{}` moved since and was left as it is: take out the servers that you do not want there",
            step.own.file.display()
        ));
    }
    out.talk(&format!(
        "its key still exists: `checkrein agents revoke {} --reason 'disconnected'` ends it",
        step.grant
    ));
    kept::keep(place, &steps)?;
    if !steps.is_empty() {
        out.talk("there is an earlier step: `--undo` once more takes it back");
    }
    let done = serde_json::json!({ "file": place.file.display().to_string(), "grant": step.grant, "left": steps.len() });
    context.out.only_json(&done)?;
    Ok(OK)
}

/// The file as it is now, with our entry taken out and what it replaced put in.
fn put_back(place: &Place, step: &Step, now: &str) -> Result<String> {
    let stale = |why: &str| {
        let backup = step.client.backup.as_ref().map(|path| path.display().to_string());
        Failure::coded(Code::Conflict, format!("it cannot be put back: {why}"))
            .expected("the entry of Checkrein as this command wrote it")
            .fix(format!(
                "put back what you need from `{}`",
                backup.unwrap_or_else(|| "your own copy".to_owned())
            ))
    };
    if place.client.is_toml() {
        return Err(stale("other parts of the file moved, and its form has no places"));
    }
    let root = jsonc::read(now).map_err(|why| stale(&why))?;
    let value = root.value();
    let containers = place.containers(&value);
    let first = containers.first().cloned().unwrap_or_default();
    let entry =
        root.at(&first).and_then(|object| object.at(&[OURS.to_owned()])).map(jsonc::Node::value);
    if entry.as_ref() != Some(&step.entry) {
        return Err(stale("somebody changed the entry of Checkrein"));
    }
    let mut changes =
        vec![Edit { way: first.clone(), without: vec![OURS.to_owned()], with: Vec::new() }];
    for taken in &step.taken {
        let with = (taken.name.clone(), taken.text.clone());
        match changes.iter_mut().find(|change| change.way == taken.way) {
            Some(change) => change.with.push(with),
            None => {
                changes.push(Edit { way: taken.way.clone(), without: Vec::new(), with: vec![with] })
            }
        }
    }
    edit::change(now, &changes).map_err(|why| stale(&why))
}
