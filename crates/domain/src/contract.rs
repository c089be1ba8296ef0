//! A tool's contract: everything Checkrein knows of a tool before an agent may call it.
//!
//! Written by people (`contracts/*.toml`) and read by the `contract` crate, which also compiles the
//! schemas. Here it is only a value. A field exists here only if something enforces or shows it.
//!
//! The two questions every decision starts from are `effect_class` (what can be taken back?) and
//! `consequences` (who is hit?). Both carry a provenance; an unknown class counts as irreversible.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::{
    Attempts, CommandMeans, Digest, Executed, InverseMeans, Labels, Money, Safeguards, Scope,
    ToolName, UpstreamTool,
};

/// One pinned version of a tool's contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Contract {
    /// The tool it describes.
    pub name: ToolName,
    /// The contract's own version, chosen by its author.
    pub version: u32,
    /// What the tool does.
    pub what: String,
    /// When an agent should use it.
    pub when_to_use: String,
    /// Its side effects in words.
    pub side_effects: String,
    /// JSON Schema 2020-12 of the arguments.
    pub input: Value,
    /// JSON Schema 2020-12 of the output.
    pub output: Value,
    /// Rules over the output that a schema can't say.
    pub output_rules: Vec<OutputRule>,
    /// The errors the tool declares. An undeclared error is flagged.
    pub errors: Vec<ErrorCase>,
    /// What can be taken back.
    pub effect_class: EffectClass,
    /// Who is hit.
    pub consequences: Consequences,
    /// Whether the classes above were only declared by an author or confirmed by an operator.
    pub provenance: Provenance,
    /// Resources that the tool may touch at all.
    pub scope: Vec<Scope>,
    /// What the arguments mean beyond their JSON type, by JSON pointer.
    pub kinds: BTreeMap<String, ArgumentKind>,
    /// Arguments set from the principal, by JSON pointer of a top-level argument.
    pub bound: Vec<BoundTo>,
    /// Names the resource of a call, such as `workspace:{path}`.
    pub resource: String,
    /// How a repeated call is recognised.
    pub idempotency: Idempotency,
    /// How a change can be shown before it happens.
    pub preview: PreviewMeans,
    /// How a change can be taken back.
    pub undo: UndoMeans,
    /// How long a call waits, after it was allowed, before it is sent; none for all that are sent at once.
    pub outbox: Option<Duration>,
    /// How it is checked that the change happened.
    pub verify: VerifyMeans,
    /// Which program it is, for a tool that is a command.
    pub command: Option<CommandMeans>,
    /// What it is on the server that offers it, for a tool of an upstream server.
    pub upstream: Option<UpstreamTool>,
    /// What is done about an attempt that failed, or of which nobody knows what it did.
    pub attempts: Attempts,
    /// The longest one attempt may take.
    pub timeout: Duration,
    /// How often the tool may be called by one grant.
    pub rate: Option<RateLimit>,
    /// The most that one call costs. A tool that reports more stops the run.
    pub cost_max: Money,
    /// How settled the tool's interface is.
    pub maturity: Maturity,
    /// What its output is labelled with.
    pub output_labels: Labels,
    /// Bytes of output as JSON.
    pub output_bytes_max: usize,
    /// What is asked for beside policy, before the act and after it.
    pub safeguards: Safeguards,
    /// SHA-256 over the canonical form of all fields above; what a decision pins.
    pub digest: Digest,
}

/// What can be taken back after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EffectClass {
    /// Changes nothing.
    Pure,
    /// Restored exactly from what was kept before.
    Restorable,
    /// Countered by another call.
    Compensable,
    /// Takes effect later and can be withdrawn until then.
    Delayed,
    /// Cannot be taken back.
    Irreversible,
    /// Nobody said. Treated as irreversible.
    Unknown,
}

impl EffectClass {
    /// Whether a call of this class changes something outside. Unknown counts as changing.
    pub const fn changes(self) -> bool {
        match self {
            Self::Pure => false,
            Self::Restorable
            | Self::Compensable
            | Self::Delayed
            | Self::Irreversible
            | Self::Unknown => true,
        }
    }

    /// Whether a call of this class counts against the budget of irreversible acts.
    pub const fn cannot_be_undone(self) -> bool {
        match self {
            Self::Irreversible | Self::Unknown => true,
            Self::Pure | Self::Restorable | Self::Compensable | Self::Delayed => false,
        }
    }
}

/// Who or what is hit by a call. A call may have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Consequence {
    /// Something is gone afterwards.
    Delete,
    /// Something is replaced.
    Overwrite,
    /// Somebody outside hears of it.
    OutsideCommunication,
    /// Money moves.
    Money,
    /// A secret is made, changed or shown.
    Credential,
    /// Rights change.
    Rights,
    /// A production system changes.
    Production,
    /// Identity or contact data change.
    IdentityChange,
    /// Many records are read at once.
    BulkRead,
    /// Code that the agent wrote or chose is run.
    CodeExecution,
}

/// The consequences of a call, in order and without repeats.
pub type Consequences = std::collections::BTreeSet<Consequence>;

/// Where a class comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provenance {
    /// Guessed from the tool's name and schema.
    Inferred,
    /// As the server itself annotates the tool; a claim of a stranger.
    Annotated,
    /// The contract's author says so.
    Declared,
    /// An operator of this installation confirmed it.
    Confirmed,
}

/// How settled a tool's interface is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Maturity {
    /// A documented, versioned interface.
    Stable,
    /// Works, may change.
    Beta,
    /// Screen scraping and the like.
    Brittle,
}

/// One error that a tool declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorCase {
    /// The tool's own code, as it reports it.
    pub code: String,
    /// What it means.
    pub meaning: String,
    /// Whether the act happened although this error came back.
    pub executed: Executed,
}

/// A rule over the output beyond its schema, checked after the call.
#[derive(Debug, Clone, PartialEq)]
pub enum OutputRule {
    /// The value at this JSON pointer of the output equals the argument at the other pointer.
    EqualsArgument {
        /// Pointer into the output.
        output: String,
        /// Pointer into the arguments.
        argument: String,
    },
    /// The array or string at this JSON pointer has at most this many items or characters.
    LengthMax {
        /// Pointer into the output.
        output: String,
        /// Items or characters.
        max: u64,
    },
}

/// What an argument means beyond its JSON type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArgumentKind {
    /// A path inside the workspace, resolved against its root and shown resolved.
    Path,
    /// A DNS name or address, compared in its canonical form.
    Host,
    /// An absolute URL, compared in its canonical form.
    Url,
    /// A decimal amount of money as text or integer millionths.
    Money,
    /// A person's address; its domain is visible to policy.
    Email,
    /// A secret: masked everywhere, never shown.
    Secret,
}

/// A top-level argument whose value comes from the principal, never from the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundTo {
    /// The argument's name.
    pub argument: String,
    /// The part of the principal chain it must equal.
    pub part: PrincipalPart,
}

/// A part of the principal chain that an argument can be bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrincipalPart {
    /// The tenant's name.
    Tenant,
    /// The human on whose behalf the agent acts.
    Human,
    /// The agent's name.
    Agent,
}

/// How a repeated call is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Idempotency {
    /// Only by a key that the caller gives.
    CallerKey,
    /// By these arguments (JSON pointers) when the caller gives no key.
    Natural(Vec<String>),
}

/// How a change can be shown before it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PreviewMeans {
    /// It can't.
    None,
    /// The tool itself produces an exact plan without effect.
    Plan,
}

/// How a change can be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UndoMeans {
    /// It can't.
    None,
    /// By applying the plan's inverse, from kept originals, for this long.
    InversePlan {
        /// How long originals are kept.
        window: Duration,
    },
    /// By another call.
    Call(Box<InverseMeans>),
}

/// How it is checked that a change happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VerifyMeans {
    /// Only by the tool's own word.
    None,
    /// By looking at the resource again and comparing it with the plan.
    Plan,
}

/// At most `calls` in any window of `per`, for one grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RateLimit {
    /// Calls in the window; at least 1.
    pub calls: u32,
    /// The window's length.
    pub per: Duration,
}

macro_rules! words {
    ($($type:ident { $($variant:ident = $word:literal),* $(,)? })*) => {$(
        impl $type {
            /// Every value, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word used in files, on the wire and on screens.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The value that this word stands for.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.word())
            }
        }
    )*};
}
pub(crate) use words;

words! {
    EffectClass {
        Pure = "pure", Restorable = "restorable", Compensable = "compensable",
        Delayed = "delayed", Irreversible = "irreversible", Unknown = "unknown",
    }
    Consequence {
        Delete = "delete", Overwrite = "overwrite", OutsideCommunication = "outside_communication",
        Money = "money", Credential = "credential", Rights = "rights", Production = "production",
        IdentityChange = "identity_change", BulkRead = "bulk_read", CodeExecution = "code_execution",
    }
    Provenance { Inferred = "inferred", Annotated = "annotated", Declared = "declared", Confirmed = "confirmed" }
    Maturity { Stable = "stable", Beta = "beta", Brittle = "brittle" }
    ArgumentKind {
        Path = "path", Host = "host", Url = "url", Money = "money", Email = "email", Secret = "secret",
    }
    PrincipalPart { Tenant = "tenant", Human = "human", Agent = "agent" }
}
