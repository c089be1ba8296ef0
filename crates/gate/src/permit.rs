//! Permits: the only things that open a tool, and each opens it once.
//!
//! A `Permit<Act>` or `Permit<Preview>` is made from the `Receipt` of a durable commit, a `Permit<Read>`
//! only for calls that a confirmed contract calls pure. The fields are private to this crate, a permit is
//! neither `Clone` nor `Copy`, and `Tool` takes it by value.
//!
//! A permit cannot be made by hand (P1):
//! ```compile_fail,E0451
//! use checkrein_gate::{Act, Permit};
//! fn forge(real: Permit<Act>) -> Permit<Act> {
//!     Permit { id: real.id(), ..real }
//! }
//! ```
//! nor used twice (P3):
//! ```compile_fail,E0382
//! use checkrein_gate::{Act, Permit, Tool};
//! async fn twice(tool: &dyn Tool, permit: Permit<Act>) {
//!     let _ = tool.act(permit).await;
//!     let _ = tool.act(permit).await;
//! }
//! ```
//! A preview's permit does not act:
//! ```compile_fail,E0308
//! use checkrein_gate::{Permit, Preview, Tool};
//! async fn act(tool: &dyn Tool, permit: Permit<Preview>) {
//!     let _ = tool.act(permit).await;
//! }
//! ```
//! Used once, for what it is, it compiles:
//! ```
//! use checkrein_gate::{Act, Permit, Tool};
//! async fn once(tool: &dyn Tool, permit: Permit<Act>) {
//!     let _ = tool.act(permit).await;
//! }
//! ```

use std::marker::PhantomData;
use std::time::Duration;

use domain::{Fence, PermitId, Plan};

use crate::commit::Receipt;
use crate::port::{Invocation, ToolError};
use crate::state::stops::{Leave, StopSignal, UnderWay};
use crate::watch::Watch;

/// Lets a changing call happen.
#[derive(Debug)]
pub enum Act {}
/// Lets a plan be made without effect.
#[derive(Debug)]
pub enum Preview {}
/// Lets a call happen that changes nothing.
#[derive(Debug)]
pub enum Read {}

/// The right to reach one tool once, for one call with exactly these arguments.
#[derive(Debug)]
#[must_use]
pub struct Permit<Kind> {
    id: PermitId,
    invocation: Invocation,
    plan: Option<Plan>,
    fence: Fence,
    timeout: Duration,
    leave: Leave,
    under_way: UnderWay,
    watch: Watch,
    kind: PhantomData<Kind>,
}

/// What a permit is made for.
#[derive(Debug)]
pub(crate) struct Terms {
    pub(crate) id: PermitId,
    pub(crate) invocation: Invocation,
    pub(crate) plan: Option<Plan>,
    pub(crate) fence: Fence,
    pub(crate) timeout: Duration,
    pub(crate) leave: Leave,
    pub(crate) watch: Watch,
}

impl<Kind> Permit<Kind> {
    /// Its id, as the journal has it.
    pub fn id(&self) -> PermitId {
        self.id
    }

    /// What may be done.
    pub fn invocation(&self) -> &Invocation {
        &self.invocation
    }

    /// How long it may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// A last look at the stops. A tool that lets calls wait (for a turn, a thread, a connection) asks this
    /// after the wait and right before its first effect, so that nothing starts after a stop (P5).
    ///
    /// # Errors
    /// The stop that forbids it. Nothing may be done then.
    pub fn still_allowed(&self) -> Result<(), ToolError> {
        self.leave.look()
    }

    /// Says when a stop ends this work while it is under way: a tool that waits or works for long listens to it, ends
    /// what it can, and says what it knows.
    pub fn signal(&self) -> StopSignal {
        self.under_way.signal()
    }

    /// Where what the call prints is shown while it runs.
    pub fn watch(&self) -> Watch {
        self.watch.clone()
    }

    pub(crate) fn fence(&self) -> Fence {
        self.fence
    }

    fn on(terms: Terms) -> Self {
        let Terms { id, invocation, plan, fence, timeout, leave, watch } = terms;
        let under_way = leave.begin();
        Self { id, invocation, plan, fence, timeout, leave, under_way, watch, kind: PhantomData }
    }
}

impl Permit<Act> {
    /// The plan that must be applied exactly; none where the tool shows none.
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// INVARIANT (durable permit): a receipt exists only after the commit that carries this permit's entry.
    pub(crate) fn durable(_: &Receipt, terms: Terms) -> Self {
        Self::on(terms)
    }
}

impl Permit<Preview> {
    /// The plan that people decided on, for a call that was held. It is given back as it is if every state
    /// before still stands; else a new plan is made.
    pub fn approved_plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// As for acts: the preview's entry is durable.
    pub(crate) fn durable(_: &Receipt, terms: Terms) -> Self {
        Self::on(terms)
    }
}

impl Permit<Read> {
    /// INVARIANT (confirmed pure): the caller looked at a confirmed contract of class `pure`; the call's
    /// entry is written with its answer.
    pub(crate) fn for_confirmed_pure(terms: Terms) -> Self {
        Self::on(terms)
    }
}
