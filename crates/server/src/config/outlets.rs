//! Outlets and ways in, as configuration names them. Secrets are named here and read elsewhere.
//! In: nothing. Out: values that `read/outlets.rs` makes and `outlets` uses. Tests: `tests/it/outlets/`.

use domain::{CredentialSource, Name};
use url::Url;

use super::Config;

/// A service that is told what people should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutletSettings {
    /// Its name.
    pub name: Name,
    /// Whose requests it is told of.
    pub tenant: Name,
    /// What it is told.
    pub tells: Tells,
    /// How it is told.
    pub way: OutletWay,
}

/// What an outlet is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tells {
    /// Kinds, or their beginnings; none for all.
    pub kinds: Vec<String>,
    /// Groups that are asked; none for all.
    pub groups: Vec<String>,
}

impl Tells {
    /// Whether a kind is told.
    pub fn kind(&self, kind: &str) -> bool {
        let fits = |told: &String| {
            kind.strip_prefix(told.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.kinds.is_empty() || self.kinds.iter().any(fits)
    }

    /// Whether something that is asked of these groups is told. What is asked of nobody is told always.
    pub fn asked_of(&self, groups: &[&str]) -> bool {
        let among = |group: &&str| self.groups.iter().any(|told| told == group);
        self.groups.is_empty() || groups.is_empty() || groups.iter().any(among)
    }
}

/// How an outlet is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutletWay {
    /// A channel in Slack.
    Slack(SlackSettings),
    /// Signed requests.
    Webhook(WebhookSettings),
}

/// A channel in Slack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlackSettings {
    /// Its id.
    pub channel: String,
    /// Where the bot token stands.
    pub token: CredentialSource,
    /// Where the signing secret stands, for clicks that come in by HTTP.
    pub signing_secret: Option<CredentialSource>,
    /// Where the app-level token stands, for Socket Mode.
    pub app_token: Option<CredentialSource>,
    /// Where Slack's methods are; ends with a slash.
    pub api_url: Url,
}

/// An address for signed requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSettings {
    /// Where to.
    pub url: Url,
    /// Where the secrets stand.
    pub secret: CredentialSource,
    /// Whether agents may name it in calls.
    pub callers: bool,
}

/// A way in for signed decisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Its name.
    pub name: Name,
    /// The person's tenant.
    pub tenant: Name,
    /// Whose decisions they are.
    pub person: Name,
    /// Where the secrets stand.
    pub secret: CredentialSource,
}

impl Config {
    /// Where the secrets of all outlets and ways in stand.
    pub(crate) fn outlet_secrets(&self) -> impl Iterator<Item = &CredentialSource> {
        let outlets = self.outlets.iter().flat_map(|outlet| match &outlet.way {
            OutletWay::Webhook(webhook) => vec![&webhook.secret],
            OutletWay::Slack(slack) => std::iter::once(&slack.token)
                .chain(&slack.signing_secret)
                .chain(&slack.app_token)
                .collect(),
        });
        outlets.chain(self.hooks.iter().map(|hook| &hook.secret))
    }
}
