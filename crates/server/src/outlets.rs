//! Outlets: outside services that are told what people should know, and the ways back in.
//!
//! ```text
//! journal -> follow (one task each) -> bulletins of an entry -> filter -> Outlet::tell -> told | tried again | given up
//!         <- decision in a person's name <- signature, link, eligibility <- hook | Slack (HTTP, Socket Mode)
//! ```
//! In: durable entries. Out: messages, at least once each, in order. The journal is the queue: nothing waits in memory, a
//! service that is away holds up nobody, and what was told is an entry (decision 19). What is told is a [`Bulletin`], which
//! need not be about an approval. Nothing here decides; the gate does. Tests: `tests/it/outlets/`.

mod bulletin;
mod deliver;
mod follow;
mod request;
pub(crate) mod signature;
pub(crate) mod slack;
mod standing;
mod tending;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use domain::{Assurance, Code, CredentialSource, Groups, KeyId, Name, Operator, Role, Roles};
use gate::{Later, Place, Refusal};

use crate::app::App;
use crate::config::{Config, OutletSettings, OutletWay, Tells};
use crate::secrets;

pub(crate) use bulletin::KINDS;
pub(crate) use bulletin::{About, Bulletin};
pub(crate) use follow::{follow, newest, test};
pub(crate) use request::fits;
use slack::Slack;
pub(crate) use standing::Standing;
use webhook::Webhook;

/// A service that can be told. Each call is one try; whoever calls decides on another one.
pub(crate) trait Outlet: Send + Sync {
    /// Tells it one thing. What it gives is where that stands there, if it has to be found again.
    fn tell<'a>(
        &'a self,
        app: &'a Arc<App>,
        bulletin: &'a Bulletin,
    ) -> Later<'a, Result<Option<Place>, Trouble>>;
}

/// Why a service was not told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// It could not be reached, or had a fault of its own.
    #[error("{0}")]
    Away(String),
    /// It asks for a pause.
    #[error("it asks for a pause of {} s", .0.as_secs())]
    Slow(Duration),
    /// It says no.
    #[error("{0}")]
    Refused(String),
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        // What is not there will not be there later either.
        match refusal.code.row().http {
            500.. => Self::Away(refusal.message),
            _ => Self::Refused(refusal.message),
        }
    }
}

/// One configured outlet.
pub(crate) struct Line {
    pub(crate) name: Name,
    pub(crate) tenant: Name,
    pub(crate) tells: Tells,
    pub(crate) way: Way,
    pub(crate) standing: Standing,
}

/// Its service.
pub(crate) enum Way {
    Slack(Arc<Slack>),
    Webhook(Arc<Webhook>),
}

impl Way {
    pub(crate) fn outlet(&self) -> &dyn Outlet {
        match self {
            Self::Slack(slack) => slack.as_ref(),
            Self::Webhook(webhook) => webhook.as_ref(),
        }
    }

    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Slack(_) => "slack",
            Self::Webhook(_) => "webhook",
        }
    }

    /// Whether callers may name it.
    fn callers(&self) -> bool {
        match self {
            Self::Slack(_) => false,
            Self::Webhook(webhook) => webhook.callers(),
        }
    }

    /// Whether people read it, so that of many notices which are late they are told once.
    const fn sums_up(&self) -> bool {
        match self {
            Self::Slack(_) => true,
            Self::Webhook(_) => false,
        }
    }

    /// Where it is, without anything secret.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Slack(slack) => format!("channel {}", slack.channel()),
            Self::Webhook(webhook) => webhook.place(),
        }
    }
}

/// All of them, and the ways in.
pub(crate) struct Outlets {
    pub(crate) lines: Vec<Arc<Line>>,
    hooks: Vec<Hook>,
}

/// A way in for signed decisions.
pub(crate) struct Hook {
    pub(crate) name: Name,
    pub(crate) tenant: Name,
    pub(crate) person: Name,
    pub(crate) secrets: signature::Secrets,
}

impl Outlets {
    /// # Errors
    /// A secret that cannot be read or is none, an address that may not be reached.
    pub(crate) fn new(config: &Config) -> Result<Self, Refusal> {
        let lines = config.outlets.iter().map(|settings| line(settings).map(Arc::new));
        let hooks = config.hooks.iter().map(|hook| {
            let (name, tenant) = (hook.name.clone(), hook.tenant.clone());
            let secrets = signing(("hook", &name), &hook.secret)?;
            let person = hook.person.clone();
            Ok::<_, Refusal>(Hook { name, tenant, person, secrets })
        });
        let (lines, hooks) =
            (lines.collect::<Result<Vec<_>, _>>()?, hooks.collect::<Result<_, _>>()?);
        let all = Self { lines, hooks };
        all.apps_are_apart()?;
        Ok(all)
    }

    /// A click says which app it came from, and by that which outlet it is for: two outlets of one app are refused.
    fn apps_are_apart(&self) -> Result<(), Refusal> {
        let slacks: Vec<_> = self.slacks().map(|(_, slack)| slack).collect();
        for (place, slack) in slacks.iter().enumerate() {
            let before = slacks.iter().take(place).find(|other| other.shares_app(slack));
            if let Some(other) = before {
                let fault = format!(
                    "it takes clicks from the same app as `{}`; give each channel an app of its own, or its signing secret and app-level token to one of them",
                    other.name()
                );
                return Err(wrong(("slack", slack.name()), fault));
            }
        }
        Ok(())
    }

    pub(crate) fn hook(&self, name: &str) -> Option<&Hook> {
        self.hooks.iter().find(|hook| hook.name.as_str() == name)
    }

    /// An outlet of a tenant.
    pub(crate) fn line(&self, tenant: &Name, name: &str) -> Option<&Arc<Line>> {
        self.lines.iter().find(|line| line.tenant == *tenant && line.name.as_str() == name)
    }

    /// A webhook that agents of a tenant may name.
    pub(crate) fn for_callers(&self, tenant: &Name, name: &str) -> Option<&Name> {
        let line = self.line(tenant, name)?;
        line.way.callers().then_some(&line.name)
    }

    pub(crate) fn slacks(&self) -> impl Iterator<Item = (&Arc<Line>, &Arc<Slack>)> {
        self.lines.iter().filter_map(|line| match &line.way {
            Way::Slack(slack) => Some((line, slack)),
            Way::Webhook(_) => None,
        })
    }
}

fn line(settings: &OutletSettings) -> Result<Line, Refusal> {
    let OutletSettings { name, tenant, tells, way } = settings.clone();
    let reader = reader(&tenant, &name);
    let way = match way {
        OutletWay::Slack(slack) => Way::Slack(Arc::new(Slack::new((&name, reader), &slack)?)),
        OutletWay::Webhook(webhook) => {
            let secrets = signing(("webhook", &name), &webhook.secret)?;
            Way::Webhook(Arc::new(Webhook::new((&name, reader), &webhook, secrets)?))
        }
    };
    Ok(Line { name, tenant, tells, way, standing: Standing::default() })
}

/// An outlet sees what people of its tenant see, and may do nothing.
fn reader(tenant: &Name, name: &Name) -> Operator {
    Operator {
        tenant: tenant.clone(),
        name: name.clone(),
        roles: Roles::of(&[Role::Viewer]),
        groups: Groups::none(),
        assurance: Assurance::Key,
        key: KeyId::new(uuid::Uuid::nil()),
    }
}

fn signing(
    (what, name): (&str, &Name),
    source: &CredentialSource,
) -> Result<signature::Secrets, Refusal> {
    let text = secrets::credential(source)?;
    signature::Secrets::of(&text).map_err(|fault| wrong((what, name), fault))
}

/// A fault of the configuration of an outlet.
fn wrong((what, name): (&str, &Name), fault: impl std::fmt::Display) -> Refusal {
    let message = format!("{what} `{name}`: {fault}");
    Refusal::new(Code::BadConfiguration, message, "correct it in the configuration")
}
