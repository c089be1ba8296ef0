//! What operators decide. Each decision is one commit with its guards.
//!
//! Held calls are in `people/deciding.rs`, calls in doubt in `doubt.rs`, grants and keys in `access.rs`,
//! stops in `stopping.rs`, undo in `undoing.rs`, pins in `pinning.rs`; duties and modes are here. A role and a tenant are checked in
//! every one of them.

mod access;
mod deciding;
mod doubt;
mod pinning;
mod reach;
mod stopping;
mod undoing;

use domain::{Code, Entry, Event, HOME_TENANT, Mode, Name, Operator, Role, limits};

pub use access::GrantAsk;
pub(crate) use doubt::Found;
pub use reach::Reach;
pub use stopping::{StopAsk, StopReceipt};
pub use undoing::UndoOrder;

use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::runs::state_is;
use crate::table::Table;

pub(crate) fn needs(by: &Operator, role: Role) -> Result<(), Refusal> {
    if by.role.includes(role) {
        return Ok(());
    }
    let message = format!("the role `{}` may not do this; it needs `{role}`", by.role);
    Err(Refusal::new(Code::NotAllowed, message, "ask somebody with that role"))
}

/// What all tenants share is changed by admins of the tenant that runs the installation.
fn runs_installation(by: &Operator) -> Result<(), Refusal> {
    needs(by, Role::Admin)?;
    if by.runs_installation() {
        return Ok(());
    }
    let message = format!("this concerns all tenants; it needs an admin of `{HOME_TENANT}`");
    Err(Refusal::new(Code::NotAllowed, message, "ask whoever runs this installation"))
}

fn reason_fits(reason: &str) -> Result<(), Refusal> {
    if reason.chars().count() <= limits::REASON_CHARS_MAX {
        return Ok(());
    }
    let message = format!("the reason is longer than {} characters", limits::REASON_CHARS_MAX);
    Err(Refusal::new(Code::Oversized, message, "shorten the reason"))
}

impl<J: Journal, W: World> Gate<J, W> {
    /// A person's words as they are recorded and shown: bounded, and without secrets (P10).
    pub(crate) fn said(&self, words: &str) -> Result<String, Refusal> {
        reason_fits(words)?;
        Ok(self.masker.mask_text(words).into_owned())
    }

    /// Marks a notice as seen or a review as made.
    ///
    /// # Errors
    /// A duty that is not open or of another tenant.
    pub async fn done(
        &self,
        by: &Operator,
        duty: String,
        note: Option<String>,
    ) -> Result<(), Refusal> {
        needs(by, Role::Operator)?;
        let note = note.map(|note| self.said(&note)).transpose()?;
        let record = self.journal.read(Table::Duties, &duty).await?;
        let record = record.filter(|record| record.text("tenant") == by.tenant.as_str());
        let record = record.ok_or_else(|| Refusal::not_found(format!("duty `{duty}`")))?;
        let guard = state_is(Table::Duties, record.key.clone(), "open");
        let entry = Entry {
            at: self.world.now(),
            tenant: Some(by.tenant.clone()),
            run: record.text("run").parse().ok(),
            call: record.text("call").parse().ok(),
            event: Event::DutyDone { duty, by: by.name.clone(), note },
        };
        Ok(self.commit_all(vec![entry], vec![guard]).await?)
    }

    /// Switches a space between enforcing and shadow: a right of its own, journalled. Whoever lets policies stop nothing
    /// says why.
    ///
    /// # Errors
    /// An unknown space, a role below admin, or no reason for shadow.
    pub async fn set_mode(
        &self,
        by: &Operator,
        (space, mode): (Name, Mode),
        reason: Option<&str>,
    ) -> Result<(), Refusal> {
        runs_installation(by)?;
        let reason = reason.map(|reason| self.said(reason)).transpose()?;
        match (mode, &reason) {
            (Mode::Shadow, None) => {
                let message = "switching to `shadow` needs a reason: policies stop nothing then";
                return Err(Refusal::new(Code::InvalidRequest, message, "give `reason`"));
            }
            (Mode::Shadow, Some(_)) | (Mode::Enforce, _) => {}
        }
        if self.space(&space).is_none() {
            return Err(Refusal::not_found(format!("space `{space}`")));
        }
        let event = Event::ModeSet { space: space.clone(), mode, by: by.name.clone(), reason };
        self.commit_one((None, event), Vec::new()).await?;
        self.apply_mode(&space, mode);
        Ok(())
    }

    pub(crate) fn apply_mode(&self, space: &Name, mode: Mode) {
        let mut spaces = self.spaces.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        spaces.iter_mut().filter(|known| known.name == *space).for_each(|known| known.mode = mode);
    }
}
