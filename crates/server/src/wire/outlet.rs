//! Outlets: services that are told, decisions that come in signed, and links of people with services.
//! No secret and no content of a message travels here.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A service that is told what people should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Outlet {
    /// Its name.
    pub outlet: String,
    /// `slack` or `webhook`.
    pub way: String,
    /// Where it is, without anything secret.
    pub at: String,
    /// The kinds that it is told, or their beginnings; empty for all.
    pub tells: Vec<String>,
    /// The groups whose requests it is told of; empty for all.
    pub groups: Vec<String>,
    /// `well`, or `away` where the last try did not work.
    pub standing: String,
    /// Why it is away.
    pub why: Option<String>,
    /// Since when it is away, in milliseconds since 1970.
    pub away_since_ms: Option<u64>,
    /// When it is tried again.
    pub again_at_ms: Option<u64>,
    /// Tries since it is away.
    pub tries: u64,
    /// How much it was told, ever.
    pub told: u64,
    /// When last.
    pub told_ms: Option<u64>,
    /// How much was given up, ever.
    pub gave_up: u64,
    /// When last.
    pub gave_up_ms: Option<u64>,
    /// Why, the last time.
    pub gave_up_why: Option<String>,
    /// Entries of the journal that it has not looked at yet.
    pub behind: u64,
    /// How its own connection stands (Socket Mode): `open`, `connecting` or why it ended.
    pub connection: Option<String>,
}

/// Tries whether a service can be told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestOutlet {}

/// How that came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutletTest {
    /// The outlet.
    pub outlet: String,
    /// Whether it arrived.
    pub arrived: bool,
    /// What came back, if it did not.
    pub why: Option<String>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// A decision in a signed request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedDecision {
    /// The request's id.
    pub approval: String,
    /// `approve` or `reject`.
    pub decision: String,
    /// Why; needed to reject.
    #[serde(default)]
    pub reason: Option<String>,
    /// What has to be typed, for an act that cannot be undone.
    #[serde(default)]
    pub confirm: Option<String>,
    /// The `shown.digest` of the request that was decided; needed to approve.
    #[serde(default)]
    pub shown: Option<String>,
}

/// Links an account with somebody of a service, or takes the link away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkPerson {
    /// Somebody in Slack, such as `T0123456/U0123456`: the person's own team or organisation, and the person.
    pub slack: String,
    /// The person's tenant; the asking person's own if not given.
    #[serde(default)]
    pub tenant: Option<String>,
}
