//! Callers of commands in real jails: turns of trees from one shape to another, plain programs on the files that all
//! tools want, and one command that never ends by itself.
//!
//! A tree has one caller, so what each of its calls must do is known: the tree is looked at after every answer. A turn
//! that an earlier life was not answered is asked for again first, under its key. Operators take turns back, newest
//! first, those of earlier lives too.

use domain::{Answer, CallId, Executed, Proposal, Status};
use gate::UndoOrder;
use serde_json::{Value, json};

use super::super::shape::Shape;
use super::super::trees::{self, Done, Handed, TURN, Turn, UNDO};
use super::Load;
use crate::commands::TOOL;
use crate::dice::Dice;
use crate::installation::TREES;
use crate::problem::{Outcome, Promise, Trouble};

/// The directories and files of the files tools, some more, and links among them.
const DIRECTORIES: u64 = 6;
const FILES: u64 = 6;
/// Outlives every campaign, as do its child and whatever asks them to end.
const ENDLESS: &str = "trap '' HUP INT TERM; setsid sleep 604800 & exec sleep 604800";

/// The caller of one tree.
struct Caller<'a> {
    load: &'a Load,
    tree: u64,
    /// What can be taken back, newest last.
    done: Vec<Done>,
    /// The number of the next key.
    key: u64,
}

/// Turns one tree, over and over.
pub(super) async fn turn(load: &Load, tree: u64, mut dice: Dice) -> Outcome<()> {
    let Handed { open, done } = Handed::read(&load.site, tree)?;
    let mut caller = Caller { load, tree, done, key: 0 };
    if let Some(open) = open {
        caller.ask(open).await?;
    }
    loop {
        let from = caller.shape()?;
        caller.done.truncate(trees::standing(&caller.done, from));
        let undone = if dice.once_in(2) { caller.done.pop() } else { None };
        if let Some(done) = undone {
            let turn = caller.turn(UNDO, (from, done.from));
            caller.undo(turn, done.call).await?;
            continue;
        }
        let turn = caller.turn(TURN, (from, from.other(&mut dice)));
        let (line, answer) = (turn.line(), caller.ask(turn).await?);
        // Nobody else wants this tree.
        if answer.status != Status::Succeeded {
            return Err(Trouble::other(format!("{line} was answered {answer:?}")));
        }
    }
}

impl Caller<'_> {
    fn turn(&mut self, kind: &str, (from, to): (Shape, Shape)) -> Turn {
        self.key += 1;
        let (tree, life, key) = (self.tree, self.load.life, self.key);
        Turn { tree, from, to, key: format!("{kind}{tree}-{life}-{key}") }
    }

    fn shape(&self) -> Outcome<Shape> {
        Shape::at(&trees::place(&self.load.site, self.tree))
            .map_err(|found| Trouble::broken(Promise::PlansAreWhole, found))
    }

    /// Announces a turn, asks for it, and looks at what it did.
    async fn ask(&mut self, turn: Turn) -> Outcome<Answer> {
        self.load.say(format!("{}\n", turn.line()).as_bytes())?;
        let script = turn.from.script(turn.to, &trees::name(turn.tree));
        let arguments = json!({ "program": "sh", "arguments": ["-c", script], "directory": TREES });
        let mut dice = Dice::of(turn.tree, self.load.life);
        let proposal = self.load.proposal(TOOL, arguments, &mut dice);
        let key = Some(turn.key.clone());
        let answer = self.load.propose(Proposal { key, ..proposal }).await?;
        self.stands(&turn, &answer)?;
        self.done.extend(turn.done(&answer));
        Ok(answer)
    }

    /// Takes a turn back.
    async fn undo(&self, turn: Turn, act: CallId) -> Outcome<()> {
        self.load.say(format!("{}\n", turn.line()).as_bytes())?;
        let answer = self.load.gate.undo(&self.load.people.operator, act, UndoOrder::Asked).await;
        if answer.status != Status::Succeeded {
            let found = format!("{} was answered {answer:?}", turn.line());
            return Err(Trouble::broken(Promise::PlansAreWhole, found));
        }
        let answer = self.load.give(Some(turn.key.clone()), answer)?;
        self.stands(&turn, &answer)
    }

    /// What was answered is what stands there.
    fn stands(&self, turn: &Turn, answer: &Answer) -> Outcome<()> {
        let wanted = match answer.executed {
            Executed::Yes => turn.to,
            Executed::No => turn.from,
            // The campaign reads the answer too, and does not take it.
            Executed::Partly | Executed::Unknown => return Ok(()),
        };
        let exit_code = answer.output.as_ref().and_then(|output| output.get("exit_code"));
        if exit_code.and_then(Value::as_i64).is_some_and(|code| code != 0) {
            return Err(Trouble::other(format!("{} failed: {:?}", turn.line(), answer.output)));
        }
        let found = self.shape()?;
        if found == wanted {
            return Ok(());
        }
        let found =
            format!("{} was answered `{}`, but it is {found}", turn.line(), answer.executed);
        Err(Trouble::broken(Promise::PlansAreWhole, found))
    }
}

/// Changes what the files tools change too, over and over. Many of these commands fail, or come too late.
pub(super) async fn shuffle(load: &Load, mut dice: Dice) -> Outcome<()> {
    let mut last: Option<CallId> = None;
    loop {
        let undone = last.take().filter(|_| dice.once_in(4));
        let answer = match undone {
            Some(act) => super::files::undo(load, act).await?,
            None => {
                let (program, words) = plain(&mut dice);
                let arguments = json!({ "program": program, "arguments": words });
                load.propose(load.proposal(TOOL, arguments, &mut dice)).await?
            }
        };
        last = answer.call.filter(|_| answer.undo.is_some());
    }
}

fn plain(dice: &mut Dice) -> (&'static str, Vec<String>) {
    let mut directory = || format!("d{}", dice.below(DIRECTORIES));
    let (one, two) = (directory(), directory());
    let (file, other) = (dice.below(FILES), dice.below(FILES));
    let (program, words) = match dice.below(8) {
        0 | 1 => ("cp", format!("-- {one}/f{file} {two}/f{other}")),
        2 => ("cp", format!("-rT -- {one} {two}")),
        3 => ("mv", format!("-T -- {one} {two}")),
        4 => ("rm", format!("-r -- {one}")),
        5 => ("ln", format!("-sfn -- f{file} {one}/f{other}")),
        6 => ("mkdir", format!("-p -- {one}/e/e{file}")),
        _ => ("chmod", format!("{} -- {one}/f{file}", if file % 2 == 0 { "600" } else { "644" })),
    };
    (program, words.split(' ').map(str::to_owned).collect())
}

/// Is in its preview when the process is killed.
pub(super) async fn endless(load: &Load, mut dice: Dice) -> Outcome<()> {
    let arguments = json!({ "program": "sh", "arguments": ["-c", ENDLESS] });
    let proposal = load.proposal(TOOL, arguments, &mut dice);
    let answer = load.propose(proposal).await?;
    Err(Trouble::other(format!("a command that never ends was answered {answer:?}")))
}
