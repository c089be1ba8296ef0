//! What people click in Slack: who it was, whether that is somebody here, and what becomes of it.
//!
//! ```text
//! payload (signed, or over our socket) -> team and user -> linked person -> still what was shown? -> gate, in one commit
//!                                                       `-> nobody, or not eligible: told so, alone, with who may
//! ```
//! In: the payload of an interaction. Out: what Slack is answered at once; messages follow the journal (`follow`). A click
//! counts once, by its own moment, also after a restart. Who clicks is whom a link says, never what Slack calls them.
//! Source: Slack's reference of interaction payloads. Tests: `tests/it/outlets/slack.rs`.

use std::sync::Arc;
use std::time::Duration;

use domain::{ApprovalId, Digest, Name, Operator, Right, Surface};
use gate::{Message, No, Place, Refusal, Yes};
use serde_json::{Value, json};

use super::blocks::{self, APPROVE, REASON, REASON_TEXT, REJECT, Sees};
use super::{Slack, console, text};
use crate::app::App;
use crate::outlets::Trouble;

/// Slack waits three seconds for an answer.
const ANSWER_WITHIN: Duration = Duration::from_millis(2_500);
/// People who are named as those who may decide.
const NAMED_MAX: usize = 5;

/// What Slack is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ack {
    /// That it arrived.
    Arrived,
    /// What is wrong with what a dialog was given.
    Wrong(String),
    /// That it was not taken: Slack shows that to who clicked.
    Busy,
}

impl Ack {
    /// As Slack reads it; none for an empty answer.
    pub(crate) fn body(&self) -> Option<Value> {
        match self {
            Self::Arrived | Self::Busy => None,
            Self::Wrong(why) => {
                let why = text::cut(why, 1_000);
                Some(json!({ "response_action": "errors", "errors": { REASON_TEXT: why } }))
            }
        }
    }
}

/// Somebody in Slack, in Slack's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Who {
    /// The person's own team, which in a shared channel or an organisation is another one than where it was clicked.
    team: String,
    user: String,
    /// Further names for the same person: the organisation, where the person's team is of it.
    also: Vec<String>,
}

impl Who {
    fn of(payload: &Value) -> Option<Self> {
        let text = |path: &str| payload.pointer(path).and_then(Value::as_str);
        let user = text("/user/id")?;
        let here = text("/team/id");
        let organisation = text("/enterprise/id").or_else(|| text("/team/enterprise_id"));
        let team = text("/user/team_id").or(here).or(organisation)?;
        // An id of a user means one person within a team or an organisation, and nothing beyond it.
        let own = Some(team) == here || Some(team) == organisation;
        let also = [here, organisation].into_iter().flatten().filter(|other| own && *other != team);
        let also = also.map(str::to_owned).collect();
        Some(Self { team: team.to_owned(), user: user.to_owned(), also })
    }

    fn identities(&self, tenant: &Name) -> impl Iterator<Item = Digest> {
        let teams = std::iter::once(&self.team).chain(&self.also);
        teams.map(move |team| identity(tenant, (team, &self.user)))
    }
}

/// What a person of Slack is known by in a tenant: whom one tenant links is nothing to another one.
pub(crate) fn identity(tenant: &Name, (team, user): (&str, &str)) -> Digest {
    contract::digest(format!("slack\n{tenant}\n{team}\n{user}").as_bytes())
}

/// Takes an interaction. What has to be recorded is recorded before Slack is answered, if the store is quick enough.
pub(crate) async fn take(app: &Arc<App>, slack: &Arc<Slack>, payload: Value) -> Ack {
    let dialog = payload.get("type").and_then(Value::as_str) == Some("view_submission");
    let Ok(place) = Arc::clone(&app.messages).try_acquire_owned() else {
        return match dialog {
            true => {
                Ack::Wrong("Nothing happened: too much arrives at once. Press again.".to_owned())
            }
            false => Ack::Busy,
        };
    };
    let (app, slack) = (Arc::clone(app), Arc::clone(slack));
    let work = tokio::spawn(async move {
        let ack = act(&app, &slack, &payload).await;
        drop(place);
        ack
    });
    match tokio::time::timeout(ANSWER_WITHIN, work).await {
        Ok(Ok(ack)) => ack,
        Ok(Err(_)) if dialog => {
            Ack::Wrong("A fault in Checkrein: nothing is known of it.".to_owned())
        }
        Ok(Err(_)) => Ack::Busy,
        // A dialog that closes looks like one that was taken. Pressed again, it counts once.
        Err(_) if dialog => {
            Ack::Wrong("It is not recorded yet. Press again to see how it came out.".to_owned())
        }
        // It goes on: the message tells how it came out, or a word to who clicked.
        Err(_) => Ack::Arrived,
    }
}

async fn act(app: &Arc<App>, slack: &Arc<Slack>, payload: &Value) -> Ack {
    let Some(who) = Who::of(payload) else { return Ack::Arrived };
    match payload.get("type").and_then(Value::as_str) {
        Some("block_actions") => {
            if let Some(click) = Click::of(payload, who) {
                clicked(app, slack, click).await;
            }
            Ack::Arrived
        }
        Some("view_submission") => submitted(app, slack, (payload, &who)).await,
        Some(_) | None => Ack::Arrived,
    }
}

/// A click on a button of ours.
struct Click {
    who: Who,
    approval: ApprovalId,
    action: String,
    channel: String,
    ts: String,
    trigger: String,
    digest: Digest,
}

impl Click {
    fn of(payload: &Value, who: Who) -> Option<Self> {
        let text = |path: &str| payload.pointer(path).and_then(Value::as_str);
        let action = text("/actions/0/action_id").filter(|one| [APPROVE, REJECT].contains(one))?;
        let (channel, ts) = (text("/container/channel_id")?, text("/container/message_ts")?);
        // A click's own moment: the same when Slack sends it again.
        let at = text("/actions/0/action_ts")?;
        let parts = ["click", &who.team, &who.user, channel, ts, action, at];
        Some(Self {
            approval: text("/actions/0/value")?.parse().ok()?,
            action: action.to_owned(),
            channel: channel.to_owned(),
            ts: ts.to_owned(),
            trigger: text("/trigger_id").unwrap_or_default().to_owned(),
            digest: contract::digest(parts.join("\n").as_bytes()),
            who,
        })
    }

    fn place(&self) -> String {
        format!("{}/{}", self.channel, self.ts)
    }
}

/// The person whom somebody in Slack is linked with.
fn person(app: &App, slack: &Slack, who: &Who) -> Option<Operator> {
    let tenant = &slack.reader.tenant;
    let mut linked = who.identities(tenant).filter_map(|identity| app.gate.linked_with(identity));
    linked.find(|person| person.tenant == *tenant)
}

async fn clicked(app: &Arc<App>, slack: &Arc<Slack>, click: Click) {
    let Some(by) = person(app, slack, &click.who) else {
        let (team, user) = (text::line(&click.who.team), text::line(&click.who.user));
        let text = format!(
            "Nothing happened: you are not linked with a person of Checkrein. An admin links you with\n\
             checkrein people link NAME --slack {team}/{user}"
        );
        return whisper(slack, &click, text);
    };
    let sees = match slack.sees(app, click.approval).await {
        Ok(sees) => sees,
        Err(trouble) => return whisper(slack, &click, format!("Nothing happened: {trouble}")),
    };
    if click.action == REJECT {
        return reject(slack, (&by, &sees), click);
    }
    match approve(app, slack, (&by, &sees, &click)).await {
        Ok(()) => {}
        Err(Refusal { message, fix, .. }) => {
            let who = who_may(app, (&by, click.approval), &sees).await;
            let text = format!("Nothing happened: {message}. {who} What to do: {fix}.");
            whisper(slack, &click, text::block(&text));
        }
    }
}

async fn approve(
    app: &Arc<App>,
    slack: &Arc<Slack>,
    (by, sees, click): (&Operator, &Sees, &Click),
) -> Result<(), Refusal> {
    let message = message(slack, click.digest);
    // The same click once more: it was answered.
    if app.gate.message_taken(&message).await?.is_some() {
        return Ok(());
    }
    if let Some(elsewhere) = sees.elsewhere() {
        let why = format!("this is decided in the console: {}", elsewhere.words());
        let fix = format!("open {}", console(&sees.base, &sees.request));
        return Err(Refusal::new(domain::Code::NotConfirmed, why, fix));
    }
    let about = click.approval.to_string();
    let known = app.gate.place_of(slack.name(), &about).await?;
    let as_shown = known.is_some_and(|known| {
        known.place.as_deref() == Some(&click.place()) && known.shown == sees.shown()
    });
    if !as_shown && sees.request.approval.state == "pending" {
        renew(app, slack, (sees, click)).await?;
        let why = "the message did not show what is asked now; it does from now on";
        let fix = "read it again, then decide";
        return Err(Refusal::new(domain::Code::Conflict, why, fix));
    }
    let yes = Yes {
        reason: None,
        confirm: None,
        shown: sees.shown(),
        surface: Surface::Slack,
        message: Some(message),
    };
    app.gate.approve(by, click.approval, yes).await
}

/// Brings the message that was clicked to what is asked now: it is the one that counts from then on.
async fn renew(
    app: &Arc<App>,
    slack: &Arc<Slack>,
    (sees, click): (&Sees, &Click),
) -> Result<(), Refusal> {
    if let Err(trouble) = slack.edit(&blocks::request(sees), &click.place()).await {
        let why = format!(
            "the message does not show what is asked now, and cannot be changed: {trouble}"
        );
        return Err(Refusal::new(domain::Code::Conflict, why, "decide in the console"));
    }
    let about = click.approval.to_string();
    let place = Place { about, place: Some(click.place()), shown: sees.shown() };
    app.gate.outlet_showed((&slack.reader.tenant, slack.name()), place).await
}

/// Opens the dialog that asks why; whoever may decide nothing is told so instead.
fn reject(slack: &Arc<Slack>, (by, sees): (&Operator, &Sees), click: Click) {
    if !by.roles.allow(Right::Decide) {
        let text = format!("Nothing happened: {} may not decide.", text::line(by.name.as_str()));
        return whisper(slack, &click, text);
    }
    if sees.request.approval.state != "pending" {
        let text = format!("Nothing happened: it is {} already.", sees.request.approval.state);
        return whisper(slack, &click, text);
    }
    let dialog = blocks::reason_dialog(&click.approval.to_string());
    let body = json!({ "trigger_id": click.trigger, "view": dialog });
    let slack = Arc::clone(slack);
    tokio::spawn(async move {
        if let Err(trouble) = slack.methods.call("views.open", &body).await {
            tell(&slack, (&click.channel, &click.who.user), format!("Nothing happened: {trouble}"))
                .await;
        }
    });
}

/// The dialog comes back with a reason.
async fn submitted(app: &Arc<App>, slack: &Arc<Slack>, (payload, who): (&Value, &Who)) -> Ack {
    let text = |path: &str| payload.pointer(path).and_then(Value::as_str);
    if text("/view/callback_id") != Some(REASON) {
        return Ack::Arrived;
    }
    let approval = text("/view/private_metadata").and_then(|id| id.parse::<ApprovalId>().ok());
    let said = text(&format!("/view/state/values/{REASON_TEXT}/{REASON_TEXT}/value"));
    let (Some(approval), Some(reason)) = (approval, said.filter(|said| !said.trim().is_empty()))
    else {
        return Ack::Wrong("Say why in a few words: the agent is told.".to_owned());
    };
    let Some(by) = person(app, slack, who) else {
        return Ack::Wrong(format!("You are not linked with a person: {}/{}", who.team, who.user));
    };
    let view = text("/view/id").unwrap_or_default();
    let parts = ["dialog", &who.team, &who.user, view, &approval.to_string()];
    let message = message(slack, contract::digest(parts.join("\n").as_bytes()));
    match app.gate.message_taken(&message).await {
        Ok(Some(_)) => return Ack::Arrived,
        Ok(None) => {}
        Err(refusal) => return Ack::Wrong(refusal.message),
    }
    let no = No { reason: reason.to_owned(), message: Some(message) };
    match app.gate.say_no(&by, approval, no).await {
        Ok(()) => Ack::Arrived,
        Err(refusal) => Ack::Wrong(refusal.message),
    }
}

fn message(slack: &Slack, digest: Digest) -> Message {
    Message { outlet: slack.name().clone(), digest, surface: Surface::Slack }
}

/// Who may decide, by name.
async fn who_may(app: &App, (by, approval): (&Operator, ApprovalId), sees: &Sees) -> String {
    let groups = blocks::groups(sees);
    let may = app.gate.who_may_approve(by, approval).await.unwrap_or_default();
    let named: Vec<String> = may.iter().take(NAMED_MAX).map(ToString::to_string).collect();
    match named.is_empty() {
        true => format!("{groups} may decide."),
        false => format!("{groups} may decide: {}.", named.join(", ")),
    }
}

/// Tells somebody alone, without keeping Slack waiting.
fn whisper(slack: &Arc<Slack>, click: &Click, text: String) {
    let (slack, to) = (Arc::clone(slack), (click.channel.clone(), click.who.user.clone()));
    tokio::spawn(async move { tell(&slack, (&to.0, &to.1), text).await });
}

async fn tell(slack: &Slack, to: (&str, &str), text: String) {
    match slack.whisper(to, &text).await {
        Ok(()) => {}
        Err(Trouble::Away(why) | Trouble::Refused(why)) => {
            tracing::warn!(outlet = %slack.name(), why, "somebody in Slack could not be told");
        }
        Err(Trouble::Slow(_)) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(payload: Value) -> Option<(String, Vec<String>)> {
        Who::of(&payload).map(|who| (format!("{}/{}", who.team, who.user), who.also))
    }

    #[test]
    fn somebody_is_known_by_their_own_team_and_never_by_where_they_clicked() {
        let plain = json!({ "user": { "id": "U1", "team_id": "T1" }, "team": { "id": "T1" } });
        assert_eq!(who(plain), Some(("T1/U1".into(), vec![])));
        let no_team = json!({ "user": { "id": "U1" }, "team": { "id": "T1" } });
        assert_eq!(who(no_team), Some(("T1/U1".into(), vec![])));
        let stranger = json!({
            "user": { "id": "U1", "team_id": "T9" }, "team": { "id": "T1" }, "enterprise": { "id": "E1" },
        });
        assert_eq!(who(stranger), Some(("T9/U1".into(), vec![])), "a shared channel");
        let organisation = json!({
            "user": { "id": "U1", "team_id": "E1" }, "team": { "id": "T1", "enterprise_id": "E1" },
        });
        assert_eq!(who(organisation), Some(("E1/U1".into(), vec!["T1".into()])));
        let whole = json!({
            "user": { "id": "U1", "team_id": "T1" }, "team": { "id": "T1" }, "enterprise": { "id": "E1" },
        });
        assert_eq!(who(whole), Some(("T1/U1".into(), vec!["E1".into()])));
        let no_workspace =
            json!({ "user": { "id": "U1" }, "team": null, "enterprise": { "id": "E1" } });
        assert_eq!(who(no_workspace), Some(("E1/U1".into(), vec![])));
        assert_eq!(who(json!({ "user": {} })), None);
    }
}
