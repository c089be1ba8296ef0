//! What the journal keeps of outlets: how far each has told, what it showed where, and which messages it took.
//!
//! ```text
//! journal -> outlet (server) -> service      each part told, or given up, is an entry: the place to go on from
//! service -> message -> Message -> a decision, in one commit with the word that it was taken
//! ```
//! In: what an outlet did. Out: entries, and where it stands. Nothing is sent here, and nothing that is sent is kept.
//! Tests: `crates/server/tests/it/outlets.rs`.

use domain::{
    ApprovalId, CallId, Caller, Digest, Entry, Event, Name, Operator, Surface, Timestamp, limits,
};

use crate::commit::{CommitError, Guard, Query, Record};
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::projection::{callback_key, message_key, told_key};
use crate::refusal::Refusal;
use crate::table::Table;

/// How far an outlet has told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutletAt {
    /// The entry where it is.
    pub position: u64,
    /// The last part of that entry that is done; none where all of it is.
    pub part: Option<u64>,
    /// How much it told.
    pub told: u64,
    /// When last.
    pub told_at: Option<Timestamp>,
    /// How much it gave up.
    pub gave_up: u64,
    /// When last.
    pub gave_up_at: Option<Timestamp>,
    /// Why, the last time.
    pub reason: Option<String>,
}

/// A part of an entry, as an outlet told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The entry.
    pub position: u64,
    /// Which part of it.
    pub part: u64,
}

/// Where something stands that an outlet told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What it is about, such as an approval's id.
    pub about: String,
    /// Where, in the service's own words; none where it cannot be found again.
    pub place: Option<String>,
    /// Digest of what it showed.
    pub shown: Option<Digest>,
}

/// A message from outside in which a person decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The outlet or hook that it came by.
    pub outlet: Name,
    /// SHA-256 of what makes it one.
    pub digest: Digest,
    /// What kind of way that is.
    pub surface: Surface,
}

/// The call as which the same proposal goes on, because its plan moved; none where it ended, and where somebody edited it:
/// that is another act.
pub fn goes_on_as(call: &Record) -> Option<CallId> {
    call.text("superseded_by").parse().ok().filter(|_| call.text("edited_by").is_empty())
}

impl Place {
    fn showed(self, outlet: &Name) -> Event {
        let Self { about, place, shown } = self;
        Event::OutletShowed { outlet: outlet.clone(), about, place, shown }
    }
}

impl Message {
    /// That it was not taken before.
    pub(crate) fn not_taken(&self) -> Guard {
        Guard::Free { table: Table::Messages, key: message_key(&self.outlet, self.digest) }
    }

    /// That it is taken now.
    pub(crate) fn taken(
        &self,
        person: &Name,
        (approval, outcome): (Option<ApprovalId>, &str),
    ) -> Event {
        Event::MessageTaken {
            outlet: self.outlet.clone(),
            message: self.digest,
            person: person.clone(),
            surface: self.surface,
            approval,
            outcome: outcome.to_owned(),
        }
    }
}

impl<J: Journal, W: World> Gate<J, W> {
    /// How far an outlet has told; none if it never began.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn outlet(&self, outlet: &Name) -> Result<Option<OutletAt>, Refusal> {
        let record = self.journal.read(Table::Outlets, outlet.as_str()).await?;
        let Some(record) = record else { return Ok(None) };
        let number = |column| record.integer(column).and_then(|value| u64::try_from(value).ok());
        let reason = record.text("reason");
        Ok(Some(OutletAt {
            position: record.count("position"),
            part: number("part"),
            told: record.count("told"),
            told_at: number("told_ms").map(Timestamp::from_millis),
            gave_up: record.count("gave_up"),
            gave_up_at: number("gave_up_ms").map(Timestamp::from_millis),
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
        }))
    }

    /// Records that an outlet has nothing to tell of anything up to an entry.
    ///
    /// # Errors
    /// A store that cannot be written.
    pub async fn outlet_moved(
        &self,
        (tenant, outlet): (&Name, &Name),
        position: u64,
    ) -> Result<(), Refusal> {
        let event = Event::OutletMoved { outlet: outlet.clone(), position };
        self.of_outlet(tenant, event).await
    }

    /// Records that an outlet told something.
    ///
    /// # Errors
    /// A store that cannot be written.
    pub async fn outlet_told(
        &self,
        (tenant, outlet): (&Name, &Name),
        Part { position, part }: Part,
        place: Option<Place>,
    ) -> Result<(), Refusal> {
        let told = Event::OutletTold { outlet: outlet.clone(), position, part };
        let showed = place.map(|place| place.showed(outlet));
        let entries = std::iter::once(told).chain(showed);
        let entries = entries.map(|event| self.of_tenant(tenant, event)).collect();
        Ok(self.commit_all(entries, Vec::new()).await?)
    }

    /// Records where an outlet shows something now, beside what it was to tell.
    ///
    /// # Errors
    /// A store that cannot be written.
    pub async fn outlet_showed(
        &self,
        (tenant, outlet): (&Name, &Name),
        place: Place,
    ) -> Result<(), Refusal> {
        self.of_outlet(tenant, place.showed(outlet)).await
    }

    /// Records that an outlet tries something no more.
    ///
    /// # Errors
    /// A store that cannot be written.
    pub async fn outlet_gave_up(
        &self,
        (tenant, outlet): (&Name, &Name),
        Part { position, part }: Part,
        (tries, reason): (u64, &str),
    ) -> Result<(), Refusal> {
        let reason = self.masker.mask_text(reason).into_owned();
        let outlet = outlet.clone();
        let event = Event::OutletGaveUp { outlet, position, part, tries, reason };
        self.of_outlet(tenant, event).await
    }

    /// Where an outlet told something, if it did.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn place_of(&self, outlet: &Name, about: &str) -> Result<Option<Place>, Refusal> {
        let record = self.journal.read(Table::Told, &told_key(outlet, about)).await?;
        Ok(record.map(|record| Place {
            about: about.to_owned(),
            place: Some(record.text("place")).filter(|at| !at.is_empty()).map(str::to_owned),
            shown: record.text("shown").parse().ok(),
        }))
    }

    /// Whether a message from outside was acted on before, and what came of it.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn message_taken(&self, message: &Message) -> Result<Option<String>, Refusal> {
        let key = message_key(&message.outlet, message.digest);
        let record = self.journal.read(Table::Messages, &key).await?;
        Ok(record.map(|record| record.text("outcome").to_owned()))
    }

    /// Records that a message from outside was looked at and refused, so that it counts for nothing later.
    ///
    /// # Errors
    /// A store that cannot be written; a message that was taken before.
    pub async fn refuse_message(
        &self,
        by: &Operator,
        message: &Message,
        (approval, outcome): (Option<ApprovalId>, &str),
    ) -> Result<(), Refusal> {
        let event = message.taken(&by.name, (approval, outcome));
        let entry = self.of_tenant(&by.tenant, event);
        Ok(self.commit_all(vec![entry], vec![message.not_taken()]).await?)
    }

    /// Records that the caller of a held call wants to be told of its end by an outlet. Once is enough. Where the same proposal
    /// goes on as another call by now, it is asked of that one.
    ///
    /// # Errors
    /// A call that is unknown or another caller's; a store that cannot be written.
    pub async fn ask_callback(
        &self,
        caller: &Caller,
        mut call: CallId,
        outlet: &Name,
    ) -> Result<(), Refusal> {
        for _ in 0..limits::PLACES_TAKEN_MAX {
            let record = self.own_call(caller, call).await?;
            let next = goes_on_as(&record);
            if let Some(next) = next
                && self.journal.read(Table::Calls, &next.to_string()).await?.is_some()
            {
                call = next;
                continue;
            }
            let entry = Entry {
                at: self.world.now(),
                tenant: Some(caller.chain.tenant.clone()),
                run: record.text("run").parse().ok(),
                call: Some(call),
                event: Event::CallbackAsked { outlet: outlet.clone() },
            };
            let mut guards = vec![
                Guard::Free { table: Table::Callbacks, key: callback_key(call, outlet) },
                Guard::Is {
                    table: Table::Calls,
                    key: record.key.clone(),
                    column: "state",
                    value: record.text("state").into(),
                },
            ];
            // The next one is on its way and looks back; once it is there, it is asked itself.
            guards.extend(
                next.map(|next| Guard::Free { table: Table::Calls, key: next.to_string() }),
            );
            match self.commit_all(vec![entry], guards).await {
                Ok(()) | Err(CommitError::Guard { index: 0, .. }) => return Ok(()),
                // It moved on between looking and writing.
                Err(CommitError::Guard { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::conflict(format!("{call} moves on at this very moment")))
    }

    /// For which call a caller asked to be told by an outlet of the end of this one: for itself, or for one that goes on as this
    /// one, over however many steps; none if nobody asked.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn wants_callback(
        &self,
        call: CallId,
        outlet: &Name,
    ) -> Result<Option<CallId>, Refusal> {
        let mut one = call;
        for _ in 0..limits::PLACES_TAKEN_MAX {
            if self.journal.read(Table::Callbacks, &callback_key(one, outlet)).await?.is_some() {
                return Ok(Some(one));
            }
            let before = Query::all(Table::Calls).with("superseded_by", one.to_string());
            let before = self.journal.select(before).await?.into_iter();
            let mut before = before.filter(|record| goes_on_as(record) == Some(one));
            let Some(before) = before.next().and_then(|record| record.key.parse().ok()) else {
                return Ok(None);
            };
            one = before;
        }
        Ok(None)
    }

    async fn of_outlet(&self, tenant: &Name, event: Event) -> Result<(), Refusal> {
        Ok(self.commit_all(vec![self.of_tenant(tenant, event)], Vec::new()).await?)
    }
}
