//! What a server offers now, against what was pinned: first sights, drift, and tools that are as pinned again.
//!
//! In: a server's tools with the digests of their definitions. Out: their pins, recorded. Saying the same again records
//! nothing. What is held back follows from the pins (`state/pins.rs`); diffs and contracts are made elsewhere
//! (`server::catalogue`). If this fails, nobody knows how the tools stand, and none of them may be offered.
//! Tests: `sim/tests/it/pins.rs`.

use std::collections::BTreeSet;

use domain::{Code, Digest, Event, Name, Pin, PinState, ToolName, limits};

use crate::commit::Guard;
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::state::pins;
use crate::table::{Cell, Table};

/// A tool with the digest of the definition that its server offers.
pub type Offered = (ToolName, Digest);

impl<J: Journal, W: World> Gate<J, W> {
    /// Every pin, by tool.
    pub fn pins(&self) -> Vec<Pin> {
        self.pins.all()
    }

    /// The pin of one tool.
    pub fn pin(&self, tool: &ToolName) -> Option<Pin> {
        self.pins.of(tool)
    }

    /// Takes note of what a server offers: what is new is pinned at first sight, what differs from its pin drifts, what
    /// is as pinned again returns. Gives the pins of these tools, in their order.
    ///
    /// # Errors
    /// A tool that is not named after its server, or twice; more tools than can be pinned; a failure of the store.
    pub async fn sighted(&self, server: &Name, offered: &[Offered]) -> Result<Vec<Pin>, Refusal> {
        named_after(server, offered)?;
        let _alone = self.pins.change().await;
        let new = offered.iter().filter(|(tool, _)| self.pins.of(tool).is_none()).count();
        if !self.pins.room_for(new) {
            let message = format!("more than {} tools would be pinned", limits::PINS_MAX);
            return Err(Refusal::new(Code::Oversized, message, "use servers with fewer tools"));
        }
        for some in offered.chunks(limits::COMMIT_ENTRIES_MAX) {
            let told = |(tool, digest): &Offered| {
                let pin = self.pins.of(tool);
                let event = told(pin.as_ref(), (tool, server), *digest)?;
                Some((pin, event))
            };
            self.change_pins(some.iter().filter_map(told).collect()).await?;
        }
        Ok(offered.iter().filter_map(|(tool, _)| self.pins.of(tool)).collect())
    }

    /// Puts changes of different tools in place and records them in one commit. What is held back is so before it is
    /// recorded. INVARIANT (pins change alone): whoever calls this holds `Pins::change`.
    pub(crate) async fn change_pins(
        &self,
        changes: Vec<(Option<Pin>, Event)>,
    ) -> Result<(), Refusal> {
        let mut entries = Vec::new();
        let mut guards = Vec::new();
        let mut later = Vec::new();
        for (before, event) in &changes {
            let entry = self.entry_of(None, event.clone());
            let after = pins::after(before.as_ref(), event, entry.at).ok_or_else(impossible)?;
            guards.extend(as_known(before.as_ref(), &after.tool));
            entries.push(entry);
            match after.state {
                PinState::Pinned => later.push(after),
                PinState::Drifted | PinState::Refused => self.pins.put(after),
            }
        }
        if entries.is_empty() {
            return Ok(());
        }
        let written = self.commit_all(entries, guards).await;
        if written.is_ok() {
            later.into_iter().for_each(|pin| self.pins.put(pin));
        } else {
            changes.into_iter().for_each(|(before, _)| {
                before.into_iter().for_each(|pin| self.pins.put(pin));
            });
        }
        Ok(written?)
    }
}

fn impossible() -> Refusal {
    Refusal::conflict("the tool is no longer as it was when this was decided")
}

/// The pin is recorded as it is known here.
fn as_known(before: Option<&Pin>, tool: &ToolName) -> Vec<Guard> {
    let (table, key) = (Table::Pins, tool.as_str().to_owned());
    match before {
        None => vec![Guard::Free { table, key }],
        Some(pin) => {
            let is = |column, value: String| Guard::Is {
                table,
                key: key.clone(),
                column,
                value: Cell::from(value),
            };
            vec![
                is("state", pin.state.word().to_owned()),
                is("definition", pin.definition.to_string()),
            ]
        }
    }
}

fn named_after(server: &Name, offered: &[Offered]) -> Result<(), Refusal> {
    let prefix = format!("{server}.");
    if let Some((other, _)) = offered.iter().find(|(tool, _)| !tool.as_str().starts_with(&prefix)) {
        let message = format!("the tool `{other}` is not named after its server `{server}`");
        return Err(Refusal::new(Code::InvalidRequest, message, "name it `server.tool`"));
    }
    let mut names = BTreeSet::new();
    if let Some((twice, _)) = offered.iter().find(|(tool, _)| !names.insert(tool)) {
        let message = format!("the tool `{twice}` is offered twice");
        return Err(Refusal::new(Code::InvalidRequest, message, "give each tool its own name"));
    }
    Ok(())
}

/// What is to be recorded of an offered definition, if anything is.
fn told(
    pin: Option<&Pin>,
    (tool, server): (&ToolName, &Name),
    definition: Digest,
) -> Option<Event> {
    let (tool, server) = (tool.clone(), server.clone());
    let Some(pin) = pin else {
        return Some(Event::ToolPinned { tool, server, definition, by: None });
    };
    // What was refused stays refused, also if it is the definition that was pinned before.
    if pin.offered() == definition {
        return None;
    }
    if pin.definition == definition {
        return Some(Event::ToolPinned { tool, server, definition, by: None });
    }
    Some(Event::ToolDrifted { tool, pinned: pin.definition, seen: definition })
}
