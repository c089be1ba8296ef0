//! What operators decide. Each decision is one commit with its guards.
//!
//! Held calls are in `people/deciding.rs`, who may decide them in `eligible.rs`, what is shown of them in `brief.rs`,
//! reviews in `reviewing.rs`, calls in doubt in `doubt.rs`, grants and keys in `access.rs`,
//! accounts of people in `accounts.rs`, logging in
//! in `logins.rs`, stops in `stopping.rs`, kills in `killing.rs`, their receipts in `receipts.rs`, undo in `undoing.rs`, pins in `pinning.rs`; modes are here. A role and a tenant are checked in
//! every one of them.

mod access;
mod accounts;
mod asking;
mod brief;
mod deciding;
mod doubt;
mod drilling;
mod editing;
mod eligible;
mod escalating;
mod killing;
mod linking;
mod logins;
mod pinning;
mod reach;
mod receipts;
mod reviewing;
mod stopping;
mod undoing;

use domain::{Code, Event, HOME_TENANT, Mode, Name, Operator, Right, limits};

pub use access::GrantAsk;
pub use accounts::{Outside, PersonAsk, PersonChange};
pub use brief::{Brief, Difference, Link, Past, Rendering, Said, Similar, Supersedes};
pub use deciding::{No, Yes};
pub(crate) use doubt::Found;
pub use drilling::Drill;
pub use eligible::{ApprovalRules, FourEyes, Party};
pub use killing::{KillAct, KillAsk, KillPlan};
pub use logins::{LoginProof, OpenedSession, SessionView};
pub use reach::Reach;
pub use receipts::StopReport;
pub use reviewing::Done;
pub use stopping::{StopAsk, StopReceipt, is_by_file};
pub use undoing::UndoOrder;

use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::Refusal;

pub(crate) fn needs(by: &Operator, right: Right) -> Result<(), Refusal> {
    if by.roles.allow(right) {
        return Ok(());
    }
    let role = right.role();
    let message = format!("the role `{}` may not do this; it needs `{role}`", by.roles);
    Err(Refusal::new(Code::NotAllowed, message, "ask somebody with that role"))
}

/// What all tenants share is changed by people of the tenant that runs the installation.
fn runs_installation(by: &Operator, right: Right) -> Result<(), Refusal> {
    needs(by, right)?;
    if by.runs_installation() {
        return Ok(());
    }
    let role = right.role();
    let message =
        format!("this concerns all tenants; it needs the role `{role}` in `{HOME_TENANT}`");
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

    /// Switches a space between enforcing and shadow: a right of its own, journalled. Whoever lets policies stop nothing
    /// says why.
    ///
    /// # Errors
    /// An unknown space, roles without the right, or no reason for shadow.
    pub async fn set_mode(
        &self,
        by: &Operator,
        (space, mode): (Name, Mode),
        reason: Option<&str>,
    ) -> Result<(), Refusal> {
        // Whoever writes rules may let them bite; only an admin may take their teeth.
        let right = match mode {
            Mode::Enforce => Right::WritePolicy,
            Mode::Shadow => Right::Administer,
        };
        runs_installation(by, right)?;
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
