//! The outlet `slack`: messages in one channel that follow the state of what they are about, and decisions that come back.
//!
//! ```text
//! bulletin -> present state of the request -> chat.postMessage | chat.update, thread reply     (rendered in `blocks`)
//! click -> signature or socket -> linked person -> eligible? shown whole? -> gate              (`clicks`, `socket`)
//! ```
//! In: bulletins, and what people click. Out: calls of Slack's methods through the guarded client. A message is found again
//! by its place, which the journal keeps, so that it is edited after a restart too. Buttons carry an id and nothing else.
//! Tests: `tests/it/outlets/slack.rs`, against a Slack of our own.

mod blocks;
pub(crate) mod clicks;
mod methods;
pub(crate) mod socket;
mod text;

use std::sync::Arc;

use domain::{ApprovalId, CallId, Digest, Name, Operator};
use gate::{Journal as _, Later, Place, Query, Refusal, Table};
use serde_json::{Value, json};

use super::bulletin::Kind;
use super::signature::SlackSecret;
use super::{About, Bulletin, Outlet, Trouble, request, wrong};
use crate::app::App;
use crate::config::SlackSettings;
use crate::secrets;
use crate::wire;
use blocks::{Message, Sees};
use methods::Methods;

/// A channel, and the way back from it.
#[derive(Debug)]
pub(crate) struct Slack {
    reader: Operator,
    channel: String,
    methods: Methods,
    signing: Option<SlackSecret>,
    /// Digests of what makes an app the one that clicks come from.
    app: Vec<Digest>,
}

impl Slack {
    pub(super) fn new(
        (name, reader): (&Name, Operator),
        settings: &SlackSettings,
    ) -> Result<Self, Refusal> {
        let secret = settings.signing_secret.as_ref().map(secrets::credential).transpose()?;
        let app_token = settings.app_token.as_ref().map(secrets::credential).transpose()?;
        let digest = |text: &String| contract::digest(text.as_bytes());
        let app = secret.iter().chain(&app_token).map(digest).collect();
        let tokens = (secrets::credential(&settings.token)?, app_token);
        let methods = Methods::new(&settings.api_url, tokens);
        let methods = methods.map_err(|error| wrong(("slack", name), error))?;
        let signing = secret.as_deref().map(SlackSecret::of);
        Ok(Self { reader, channel: settings.channel.clone(), methods, signing, app })
    }

    /// Whether clicks for this one and for another one come from the same app, so that nobody could tell for which.
    pub(super) fn shares_app(&self, other: &Self) -> bool {
        self.app.iter().any(|own| other.app.contains(own))
    }

    pub(super) fn channel(&self) -> &str {
        &self.channel
    }

    /// What it is called here.
    pub(crate) fn name(&self) -> &Name {
        &self.reader.name
    }

    /// Its signing secret, if clicks may come in by HTTP.
    pub(crate) const fn signing(&self) -> Option<&SlackSecret> {
        self.signing.as_ref()
    }

    async fn told(&self, app: &App, bulletin: &Bulletin) -> Result<Option<Place>, Trouble> {
        match &bulletin.about {
            About::Approval { approval, .. } => self.approval(app, bulletin, *approval).await,
            About::Call(call) => self.ended(app, *call).await.map(|()| None),
            About::Duty { call, .. } => {
                let url = match call {
                    Some(_) if bulletin.more > 0 => Some(app.site.base()),
                    Some(call) => Some(request::link(app, *call).await.map_err(Refusal::from)?),
                    None => None,
                };
                self.post(&blocks::plain(bulletin, url), None).await.map(|_| None)
            }
            About::Stop { .. } | About::Nothing => {
                let message = blocks::plain(bulletin, None);
                self.post(&message, None).await.map(|_| None)
            }
        }
    }

    /// Brings a request's message to its present state, and says in its thread what happened.
    async fn approval(
        &self,
        app: &App,
        bulletin: &Bulletin,
        approval: ApprovalId,
    ) -> Result<Option<Place>, Trouble> {
        let asks = matches!(bulletin.kind, Kind::Asked | Kind::Escalated);
        let (place, posted) = self.refresh(app, approval, asks).await?;
        if let (Some(Place { place: Some(at), .. }), Some(reply)) =
            (&place, blocks::reply(bulletin))
        {
            if let (Posted::New, Some(place)) = (posted, place.clone()) {
                // If the reply fails, the next try must find the message, not post another one.
                self.keep(app, place).await?;
            }
            self.post(&reply, at.split_once('/').map(|(_, ts)| ts)).await?;
        }
        Ok(place)
    }

    /// Records at once where something stands, since more is to be told with it.
    async fn keep(&self, app: &App, place: Place) -> Result<(), Trouble> {
        Ok(app.gate.outlet_showed((&self.reader.tenant, self.name()), place).await?)
    }

    /// Edits a request's message, or posts it where it waits for people and has none.
    async fn refresh(
        &self,
        app: &App,
        approval: ApprovalId,
        post: bool,
    ) -> Result<(Option<Place>, Posted), Trouble> {
        let sees = self.sees(app, approval).await?;
        let about = approval.to_string();
        let known = app.gate.place_of(self.name(), &about).await?;
        let message = blocks::request(&sees);
        let shown = sees.shown();
        let now = |at: Option<String>| Some(Place { about: about.clone(), place: at, shown });
        if let Some(at) = known.and_then(|known| known.place) {
            match self.edit(&message, &at).await {
                Ok(()) => return Ok((now(Some(at)), Posted::Before)),
                // Somebody took the message away: who must decide gets another one.
                Err(Trouble::Refused(why)) if methods::is_gone(&why) => {}
                Err(trouble) => return Err(trouble),
            }
        }
        if !post || sees.request.approval.state != "pending" {
            return Ok((None, Posted::Before));
        }
        let at = self.post(&message, None).await?;
        Ok((now(Some(at)), Posted::New))
    }

    /// The end of a call: on every message about it, and in the threads. Editing twice changes nothing; what stands in a thread
    /// is kept after each but the last, which is recorded with the whole.
    async fn ended(&self, app: &App, call: CallId) -> Result<(), Trouble> {
        let asked = Query::all(Table::Approvals).with("call", call.to_string());
        let asked = app.journal().select(asked).await.map_err(Refusal::from)?;
        let mut said: Option<Place> = None;
        for record in &asked {
            let Ok(approval) = record.key.parse::<ApprovalId>() else { continue };
            let known = app.gate.place_of(self.name(), &record.key).await?;
            let Some(at) = known.and_then(|known| known.place) else { continue };
            let about = format!("end/{}", record.key);
            if app.gate.place_of(self.name(), &about).await?.is_some() {
                continue;
            }
            if let Some(before) = said.take() {
                self.keep(app, before).await?;
            }
            let sees = self.sees(app, approval).await?;
            match self.edit(&blocks::request(&sees), &at).await {
                Err(Trouble::Refused(why)) if methods::is_gone(&why) => continue,
                edited => edited?,
            }
            let outcome = blocks::outcome(&sees);
            let place = self.post(&outcome, at.split_once('/').map(|(_, ts)| ts)).await?;
            said = Some(Place { about, place: Some(place), shown: None });
        }
        Ok(())
    }

    /// A request as this channel may see it, now.
    async fn sees(&self, app: &App, approval: ApprovalId) -> Result<Sees, Trouble> {
        let request = request::details(app, &self.reader, approval).await;
        let request = request.map_err(|refused| Trouble::from(refused.0))?;
        let run = match &request.approval.run {
            Some(run) => app.journal().read(Table::Runs, run).await.map_err(Refusal::from)?,
            None => None,
        };
        let human = run.map(|run| run.text("human").to_owned()).filter(|human| !human.is_empty());
        let yes = app.gate.standing_yes(&self.reader, approval).await?;
        let yes = yes.into_iter().map(|name| name.to_string()).collect();
        Ok(Sees { request, human, yes, base: app.site.base() })
    }

    /// Posts a message; where it stands then.
    async fn post(&self, message: &Message, thread: Option<&str>) -> Result<String, Trouble> {
        let mut body = message.body();
        set(&mut body, "channel", json!(self.channel));
        if let Some(thread) = thread {
            set(&mut body, "thread_ts", json!(thread));
        }
        for quiet in ["unfurl_links", "unfurl_media", "link_names"] {
            set(&mut body, quiet, json!(false));
        }
        let answer = self.methods.call("chat.postMessage", &body).await?;
        let of = |name: &str| answer.get(name).and_then(Value::as_str);
        match (of("channel"), of("ts")) {
            (Some(channel), Some(ts)) => Ok(format!("{channel}/{ts}")),
            (_, _) => Err(Trouble::Away("Slack did not say where the message stands".to_owned())),
        }
    }

    async fn edit(&self, message: &Message, at: &str) -> Result<(), Trouble> {
        let Some((channel, ts)) = at.split_once('/') else {
            return Err(Trouble::Refused("message_not_found".to_owned()));
        };
        let mut body = message.body();
        set(&mut body, "channel", json!(channel));
        set(&mut body, "ts", json!(ts));
        self.methods.call("chat.update", &body).await.map(|_| ())
    }

    /// Tells one person alone, where that person clicked.
    async fn whisper(&self, (channel, user): (&str, &str), text: &str) -> Result<(), Trouble> {
        let text = text::cut(text, blocks::TEXT_CHARS_MAX);
        let body = json!({
            "channel": channel, "user": user, "text": text,
            "blocks": [{ "type": "section", "text": { "type": "plain_text", "text": text, "emoji": false } }],
        });
        self.methods.call("chat.postEphemeral", &body).await.map(|_| ())
    }
}

/// Whether a message was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Posted {
    /// It was, or there is none.
    Before,
    /// It was posted just now.
    New,
}

fn set(body: &mut Value, name: &str, value: Value) {
    if let Some(fields) = body.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

impl Outlet for Slack {
    fn tell<'a>(
        &'a self,
        app: &'a Arc<App>,
        bulletin: &'a Bulletin,
    ) -> Later<'a, Result<Option<Place>, Trouble>> {
        Box::pin(self.told(app, bulletin))
    }
}

/// Where people decide about a request in the console.
fn console(base: &str, request: &wire::ApprovalDetails) -> String {
    format!("{base}/approvals/{}", request.approval.approval)
}
