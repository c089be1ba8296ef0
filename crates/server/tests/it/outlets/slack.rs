//! Deciding in Slack: who may, what is shown, once and only once, and what the channel sees afterwards. Each case that broke
//! elsewhere is a test here.

use aws_lc_rs::hmac;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::slack_stand_in::{CHANNEL, Instead, SIGNING, Slack};
use super::{held, held_in_prod, outlet, person, ran, seconds, start, until};
use crate::world::{PLAIN, Place, Said, Server, writes};

const HTTP: &str = "signing_secret_file = \"secrets/signing\"";

/// A click as Slack sends it.
pub(super) struct Click<'a> {
    pub(super) approval: &'a str,
    pub(super) action: &'a str,
    pub(super) ts: &'a str,
    pub(super) at: &'a str,
    pub(super) who: Value,
}

impl<'a> Click<'a> {
    pub(super) fn new((approval, ts): (&'a str, &'a str), user: &str) -> Self {
        let who = json!({
            "user": { "id": user, "username": "ann", "team_id": "T1" }, "team": { "id": "T1", "domain": "x" },
            "enterprise": null, "is_enterprise_install": false,
        });
        Self { approval, action: "checkrein_approve", ts, at: "1763780100.000100", who }
    }

    pub(super) fn payload(&self) -> Value {
        let mut payload = json!({
            "type": "block_actions", "api_app_id": "A1", "trigger_id": "12.34.abc",
            "container": { "type": "message", "message_ts": self.ts, "channel_id": CHANNEL, "is_ephemeral": false },
            "channel": { "id": CHANNEL, "name": "oncall" },
            "actions": [{
                "type": "button", "action_id": self.action, "block_id": "b", "value": self.approval,
                "action_ts": self.at,
            }],
        });
        for (name, value) in self.who.as_object().unwrap() {
            payload[name] = value.clone();
        }
        payload
    }
}

/// What a test changes of a signed request.
#[derive(Default)]
struct Changed {
    late: u64,
    body: bool,
    secret: bool,
}

async fn send(server: &Server, payload: &Value, changed: Changed) -> Said {
    let form = |payload: &Value| {
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("payload", &payload.to_string())
            .finish()
    };
    let (body, at) = (form(payload), (seconds() - changed.late).to_string());
    let secret = if changed.secret { "another" } else { SIGNING };
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("v0:{at}:{body}").as_bytes());
    let tag: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let sent = if changed.body { body.replace("U1", "U2") } else { body };
    let url = format!("http://{}/v1/slack/interactions", server.running.address);
    let request = reqwest::Client::new().post(url);
    let request = request.header("x-slack-request-timestamp", at);
    let request = request.header("x-slack-signature", format!("v0={tag}"));
    let kind = "application/x-www-form-urlencoded";
    Said::of(request.header("content-type", kind).body(sent)).await
}

async fn sends(server: &Server, payload: &Value) -> Value {
    send(server, payload, Changed::default()).await.ok()
}

pub(super) async fn link(server: &Server, name: &str, slack: &str) {
    server.does(&format!("/v1/people/{name}/link"), json!({ "slack": slack })).await;
}

pub(super) async fn standing(server: &Server, approval: &str) -> Value {
    server.sees(&format!("/v1/approvals/{approval}")).await
}

/// The actions of a message's buttons.
pub(super) fn buttons(message: &Value) -> Vec<String> {
    let blocks = message["blocks"].as_array().unwrap().iter();
    let actions = blocks.filter(|block| block["type"] == "actions");
    let elements = actions.flat_map(|block| block["elements"].as_array().unwrap());
    elements.map(|one| one["action_id"].as_str().unwrap().to_owned()).collect()
}

/// Waits until the journal says where the message stands.
pub(super) async fn told(server: &Server, count: u64) {
    let one = || async { (outlet(server, "slack").await["told"] == count).then_some(()) };
    until(one).await;
}

async fn begun(more: &str) -> (Slack, Server) {
    let slack = Slack::start().await;
    let server = start(&slack.toml(more)).await;
    (slack, server)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_linked_person_approves_and_the_channel_sees_how_it_ended() {
    let (mut slack, server) = begun(HTTP).await;
    person(&server, "ann", &["oncall"]).await;
    link(&server, "ann", "T1/U1").await;
    let (call, approval) = held_in_prod(&server, "live\n").await;
    let asked = slack.next("chat.postMessage").await;
    assert_eq!(buttons(&asked), ["checkrein_open", "checkrein_reject", "checkrein_approve"]);
    let shown = asked.to_string();
    for part in [
        "prod/a.txt",
        "+live",
        "ask-prod",
        "this changes production",
        "group:platform",
        "made, 0 changed",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    told(&server, 1).await;
    let (ts, _) = slack.message();
    assert_eq!(sends(&server, &Click::new((&approval, &ts), "U1").payload()).await, "");
    let details = standing(&server, &approval).await;
    assert_eq!(details["approval"]["state"], "approved");
    let vote = &details["votes"][0];
    assert_eq!((&vote["by"], &vote["surface"]), (&json!("ann"), &json!("slack")));
    assert_eq!(vote["shown"], details["shown"]["digest"]);
    let edited = slack.next("chat.update").await;
    assert_eq!(buttons(&edited), ["checkrein_open"]);
    let reply = slack.next("chat.postMessage").await;
    assert_eq!((&reply["thread_ts"], &reply["text"]), (&json!(ts), &json!("ann said yes")));
    slack.next("chat.update").await;
    slack.next("chat.postMessage").await;
    assert_eq!(ran(&server, &call).await, "succeeded");
    let last = slack.next("chat.update").await;
    assert!(last["text"].as_str().unwrap().starts_with("Approved, succeeded"), "{last}");
    let outcome = slack.next("chat.postMessage").await;
    assert_eq!(outcome["text"], "The call succeeded; executed: yes");
    assert!(slack.nothing_more());
}

#[tokio::test(flavor = "multi_thread")]
async fn any_member_of_the_channel_may_click_and_nothing_happens_but_a_word_to_them() {
    let (mut slack, server) = begun(HTTP).await;
    person(&server, "ann", &["oncall"]).await;
    person(&server, "ben", &["other"]).await;
    link(&server, "ben", "T1/U2").await;
    let (_, approval) = held_in_prod(&server, "live\n").await;
    slack.next("chat.postMessage").await;
    told(&server, 1).await;
    let (ts, _) = slack.message();
    sends(&server, &Click::new((&approval, &ts), "U9").payload()).await;
    let stranger = slack.next("chat.postEphemeral").await;
    assert_eq!((&stranger["user"], &stranger["channel"]), (&json!("U9"), &json!(CHANNEL)));
    assert!(
        stranger["text"].as_str().unwrap().contains("checkrein people link NAME --slack T1/U9")
    );
    sends(&server, &Click::new((&approval, &ts), "U2").payload()).await;
    let refused = slack.next("chat.postEphemeral").await;
    let text = refused["text"].as_str().unwrap();
    assert!(text.contains("does not stand in group:oncall"), "{text}");
    assert!(text.contains("group:oncall may decide: ann, operator."), "{text}");
    let details = standing(&server, &approval).await;
    assert_eq!((&details["approval"]["state"], &details["votes"]), (&json!("pending"), &json!([])));
    // Somebody's name is no proof of who it is.
    link(&server, "ann", "T1/U1").await;
    server.does("/v1/people/ann/unlink", json!({ "slack": "T1/U1" })).await;
    sends(&server, &Click::new((&approval, &ts), "U1").payload()).await;
    slack.next("chat.postEphemeral").await;
    let disabled = json!({ "disabled": true, "reason": "left" });
    link(&server, "ann", "T1/U1").await;
    server.does("/v1/people/ann", disabled).await;
    sends(&server, &Click::new((&approval, &ts), "U1").payload()).await;
    slack.next("chat.postEphemeral").await;
    assert_eq!(standing(&server, &approval).await["approval"]["state"], "pending");
    assert!(slack.nothing_more());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_click_counts_once_and_after_a_restart_the_first_click_counts() {
    let (mut slack, server) = begun(HTTP).await;
    for name in ["ann", "ben"] {
        person(&server, name, &["oncall"]).await;
    }
    link(&server, "ann", "T1/U1").await;
    link(&server, "ben", "T1/U2").await;
    let (_, approval) = held(&server, writes("both/a.txt", "live\n")).await;
    slack.next("chat.postMessage").await;
    told(&server, 1).await;
    let (ts, _) = slack.message();
    let click = Click::new((&approval, &ts), "U1").payload();
    sends(&server, &click).await;
    sends(&server, &click).await;
    slack.next("chat.update").await;
    slack.next("chat.postMessage").await;
    told(&server, 2).await;
    let server = server.again().await;
    sends(&server, &click).await;
    let details = standing(&server, &approval).await;
    assert_eq!(
        (&details["approval"]["state"], &details["approval"]["votes"]),
        (&json!("pending"), &json!(1))
    );
    let second = Click { at: "1763780200.000200", ..Click::new((&approval, &ts), "U1") };
    sends(&server, &second.payload()).await;
    let said = slack.next("chat.postEphemeral").await;
    assert!(said["text"].as_str().unwrap().contains("already said yes"), "{said}");
    sends(&server, &Click::new((&approval, &ts), "U2").payload()).await;
    assert_eq!(standing(&server, &approval).await["approval"]["state"], "approved");
    let taken = server.sees("/v1/journal/entries?kind=message_taken").await;
    assert_eq!(taken["items"].as_array().unwrap().len(), 2, "{taken}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_an_organisation_the_buttons_work_and_a_stranger_with_the_same_id_is_nobody() {
    let (mut slack, server) = begun(HTTP).await;
    for name in ["ann", "ben"] {
        person(&server, name, &["oncall"]).await;
    }
    link(&server, "ann", "E1/U1").await;
    link(&server, "ben", "T2/U2").await;
    let (_, approval) = held(&server, writes("both/a.txt", "live\n")).await;
    slack.next("chat.postMessage").await;
    told(&server, 1).await;
    let (ts, _) = slack.message();
    let who = |team: &str, user: &str| {
        json!({
            "user": { "id": user, "team_id": team }, "team": { "id": "T1", "enterprise_id": "E1" },
            "enterprise": { "id": "E1", "name": "org" }, "is_enterprise_install": true,
        })
    };
    let stranger = Click { who: who("T9", "U1"), ..Click::new((&approval, &ts), "") };
    sends(&server, &stranger.payload()).await;
    let said = slack.next("chat.postEphemeral").await;
    assert!(said["text"].as_str().unwrap().contains("--slack T9/U1"), "{said}");
    for (team, user) in [("T1", "U1"), ("T2", "U2")] {
        let click = Click { who: who(team, user), ..Click::new((&approval, &ts), "") };
        sends(&server, &click.payload()).await;
    }
    assert_eq!(standing(&server, &approval).await["approval"]["state"], "approved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_asks_why_and_the_thread_says_it() {
    let (mut slack, server) = begun(HTTP).await;
    person(&server, "ann", &["oncall"]).await;
    link(&server, "ann", "T1/U1").await;
    let (_, approval) = held_in_prod(&server, "live\n").await;
    slack.next("chat.postMessage").await;
    told(&server, 1).await;
    let (ts, _) = slack.message();
    let click = Click { action: "checkrein_reject", ..Click::new((&approval, &ts), "U1") };
    sends(&server, &click.payload()).await;
    let opened = slack.next("views.open").await;
    assert_eq!(opened["trigger_id"], "12.34.abc");
    assert_eq!(standing(&server, &approval).await["approval"]["state"], "pending");
    let dialog = |why: &str, user: &str| {
        let mut view = opened["view"].clone();
        view["id"] = json!("V1");
        view["state"] = json!({ "values": { "reason": { "reason": { "type": "plain_text_input", "value": why } } } });
        json!({
            "type": "view_submission", "user": { "id": user, "team_id": "T1" }, "team": { "id": "T1" }, "view": view,
        })
    };
    let wrong = sends(&server, &dialog(" ", "U1")).await;
    assert_eq!(wrong["response_action"], "errors");
    let nobody = sends(&server, &dialog("no", "U7")).await;
    assert!(nobody["errors"]["reason"].as_str().unwrap().contains("not linked"));
    let why = "tests <!channel> fail";
    assert_eq!(sends(&server, &dialog(why, "U1")).await, "");
    let details = standing(&server, &approval).await;
    assert_eq!(
        (&details["approval"]["state"], &details["approval"]["reason"]),
        (&json!("rejected"), &json!(why))
    );
    let edited = slack.next("chat.update").await;
    assert_eq!(buttons(&edited), ["checkrein_open"]);
    let reply = slack.next("chat.postMessage").await;
    assert_eq!(reply["text"], "Rejected by ann: tests &lt;!channel&gt; fail");
    assert_eq!(reply["thread_ts"], json!(ts));
    // The same dialog once more is the same message.
    assert_eq!(sends(&server, &dialog(why, "U1")).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_late_or_of_another_sender_is_refused() {
    let (mut slack, server) = begun(HTTP).await;
    person(&server, "ann", &["oncall"]).await;
    link(&server, "ann", "T1/U1").await;
    let (_, approval) = held_in_prod(&server, "live\n").await;
    slack.next("chat.postMessage").await;
    told(&server, 1).await;
    let (ts, _) = slack.message();
    let click = Click::new((&approval, &ts), "U1").payload();
    for changed in [
        Changed { late: 301, ..Changed::default() },
        Changed { body: true, ..Changed::default() },
        Changed { secret: true, ..Changed::default() },
    ] {
        assert_eq!(send(&server, &click, changed).await.problem(401), "CR-4001");
    }
    assert_eq!(standing(&server, &approval).await["approval"]["state"], "pending");
    let fine = send(&server, &click, Changed { late: 290, ..Changed::default() }).await;
    assert_eq!(fine.status, StatusCode::OK);
    assert_eq!(standing(&server, &approval).await["approval"]["state"], "approved");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_opened_in_the_console_and_a_forged_click_changes_nothing() {
    let (mut slack, server) = begun(HTTP).await;
    person(&server, "ann", &["oncall"]).await;
    link(&server, "ann", "T1/U1").await;
    let (_, approval) = held_in_prod(&server, &"a line of text\n".repeat(2_000)).await;
    let asked = slack.next("chat.postMessage").await;
    assert_eq!(buttons(&asked), ["checkrein_open"]);
    told(&server, 1).await;
    let (ts, _) = slack.message();
    sends(&server, &Click::new((&approval, &ts), "U1").payload()).await;
    let said = slack.next("chat.postEphemeral").await;
    assert!(said["text"].as_str().unwrap().contains("decided in the console"), "{said}");
    assert_eq!(standing(&server, &approval).await["approval"]["state"], "pending");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_passkey_has_no_button_and_a_forged_click_changes_nothing() {
    let (mut slack, server) = begun(HTTP).await;
    person(&server, "ann", &["oncall"]).await;
    link(&server, "ann", "T1/U1").await;
    let (_, approval) = held(&server, writes("sure/a.txt", "live\n")).await;
    let asked = slack.next("chat.postMessage").await;
    assert_eq!(buttons(&asked), ["checkrein_open"]);
    assert!(asked.to_string().contains("it needs somebody who is logged in"), "{asked}");
    told(&server, 1).await;
    let (ts, _) = slack.message();
    sends(&server, &Click::new((&approval, &ts), "U1").payload()).await;
    let said = slack.next("chat.postEphemeral").await;
    assert!(said["text"].as_str().unwrap().contains("decided in the console"), "{said}");
    assert_eq!(standing(&server, &approval).await["approval"]["votes"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_on_a_message_that_is_not_the_one_renews_it_and_has_to_be_made_again() {
    let (mut slack, server) = begun(HTTP).await;
    person(&server, "ann", &["oncall"]).await;
    link(&server, "ann", "T1/U1").await;
    let (_, approval) = held_in_prod(&server, "live\n").await;
    slack.next("chat.postMessage").await;
    told(&server, 1).await;
    // A message that was posted and not recorded, as a process that is killed in between leaves one.
    let (_, message) = slack.message();
    let orphan = "1763780000.999999";
    slack.shared.messages.lock().unwrap().insert(orphan.to_owned(), message);
    let click = Click::new((&approval, orphan), "U1");
    sends(&server, &click.payload()).await;
    let renewed = slack.next("chat.update").await;
    assert_eq!(renewed["ts"], orphan);
    let said = slack.next("chat.postEphemeral").await;
    assert!(said["text"].as_str().unwrap().contains("read it again"), "{said}");
    assert_eq!(standing(&server, &approval).await["approval"]["state"], "pending");
    let again = Click { at: "1763780300.000300", ..click };
    sends(&server, &again.payload()).await;
    assert_eq!(standing(&server, &approval).await["approval"]["state"], "approved");
    assert_eq!(slack.next("chat.update").await["ts"], orphan);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_a_decision_and_its_message_it_edits_the_message_at_the_next_start() {
    let (mut slack, server) = begun(HTTP).await;
    person(&server, "ann", &["oncall"]).await;
    link(&server, "ann", "T1/U1").await;
    let (_, approval) = held_in_prod(&server, "live\n").await;
    slack.next("chat.postMessage").await;
    told(&server, 1).await;
    let (ts, _) = slack.message();
    slack.instead("chat.update", std::iter::repeat_n(Instead::Status(500, None), 10_000));
    sends(&server, &Click::new((&approval, &ts), "U1").payload()).await;
    slack.next("chat.update").await;
    assert_eq!(buttons(&slack.message().1).len(), 3, "the message is as it was");
    let server = server.again().await;
    assert_eq!(standing(&server, &approval).await["approval"]["state"], "approved");
    slack.shared.instead.lock().unwrap().clear();
    let reply = slack.until("chat.postMessage").await;
    assert_eq!((&reply["text"], &reply["thread_ts"]), (&json!("ann said yes"), &json!(ts)));
    assert_eq!(buttons(&slack.message().1), ["checkrein_open"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_is_left_alone_as_long_as_it_asks_and_its_faults_hold_up_nothing() {
    let (mut slack, server) = begun(HTTP).await;
    let post = "chat.postMessage";
    slack.instead(post, [Instead::Status(429, Some(1)), Instead::Error("internal_error")]);
    let begun = std::time::Instant::now();
    let (_, approval) = held_in_prod(&server, "live\n").await;
    slack.next(post).await;
    slack.next(post).await;
    assert!(begun.elapsed() >= std::time::Duration::from_secs(1), "it asked for a second");
    slack.next(post).await;
    told(&server, 1).await;
    // What Slack refuses for good is given up; the message that is gone is posted no more once it is decided.
    slack.shared.messages.lock().unwrap().clear();
    server.does(&format!("/v1/approvals/{approval}/approve"), json!({})).await;
    slack.next("chat.update").await;
    slack.next("chat.update").await;
    told(&server, 3).await;
    slack.instead(post, std::iter::repeat_n(Instead::Error("not_in_channel"), 4));
    let said = server.does("/v1/outlets/slack/test", json!({})).await;
    assert_eq!(
        (&said["arrived"], &said["why"]),
        (&json!(false), &json!("chat.postMessage: not_in_channel"))
    );
}

/// A try that failed in the middle said everything before it once more.
#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_one_thread_is_not_said_again_because_another_one_failed() {
    let (slack, server) = begun(HTTP).await;
    let (_, approval) = held(&server, writes("both/ways", "live\n")).await;
    told(&server, 2).await;
    // Two replies and the first outcome; then the second outcome fails.
    let usual = std::iter::repeat_n(Instead::Usual, 3);
    let fails = std::iter::once(Instead::Error("internal_error"));
    slack.instead("chat.postMessage", usual.chain(fails));
    let no = json!({ "reason": "no" });
    server.does(&format!("/v1/approvals/{approval}/reject"), no).await;
    told(&server, 5).await;
    let messages = slack.shared.messages.lock().unwrap();
    let replies = messages.values().filter(|one| one.get("thread_ts").is_some());
    let outcomes: Vec<&str> = replies.filter_map(|one| one["text"].as_str()).collect();
    let ended = |text: &&&str| text.starts_with("The call denied");
    assert_eq!(outcomes.iter().filter(ended).count(), 2, "{outcomes:?}");
    assert_eq!(outcomes.len(), 4, "{outcomes:?}");
}

/// A busy agent's notices, one message a second, kept people from being asked for as long as there were any.
#[tokio::test(flavor = "multi_thread")]
async fn notices_that_are_behind_are_one_message_and_keep_nobody_waiting() {
    let (mut slack, server) = begun(HTTP).await;
    slack.instead("chat.postMessage", std::iter::repeat_n(Instead::Status(500, None), 1_000));
    for number in 0..8 {
        let (_, done) = server.proposes(writes(&format!("logs/{number}"), "x\n")).await;
        assert_eq!(done.status, "succeeded");
    }
    held_in_prod(&server, "live\n").await;
    slack.shared.instead.lock().unwrap().clear();
    until(|| async { (outlet(&server, "slack").await["told"] == 3).then_some(()) }).await;
    let messages: Vec<String> = {
        let messages = slack.shared.messages.lock().unwrap();
        messages.values().map(|one| one["text"].as_str().unwrap().to_owned()).collect()
    };
    let [first, others, asked] = messages.as_slice() else { panic!("{messages:?}") };
    assert_eq!(
        (first.as_str(), others.as_str()),
        ("To know: a call ran", "To know: several calls ran")
    );
    assert!(asked.starts_with("Approval needed"), "{asked}");
    while slack.any().await.body["text"] != *others {}
    // After a restart nothing of it is told once more.
    let server = server.again().await;
    held(&server, writes("prod/b.txt", "more\n")).await;
    told(&server, 4).await;
    assert_eq!(slack.shared.messages.lock().unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_an_agent_says_is_markup_a_mention_or_invisible() {
    let (mut slack, server) = begun(HTTP).await;
    let mut body = writes("prod/a.txt", "``` <!channel> *bold*\n");
    body["intent"] = json!("please <!here> <@U1> approve \u{202E}txt.exe & go");
    body["evidence"] = json!(["<https://evil.example|ticket>"]);
    held(&server, body).await;
    // The stand-in refuses every message with something in it that Slack would act on.
    let asked = slack.next("chat.postMessage").await.to_string();
    for part in [
        "please &lt;!here&gt;",
        "⟪U+202E⟫",
        "&lt;https://evil.example|ticket&gt;",
        "&amp; go",
        "⟪U+0060⟫",
    ] {
        assert!(asked.contains(part), "{part}: {asked}");
    }
    told(&server, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_set_by_an_admin_dropped_by_its_person_and_of_one_tenant() {
    let server = start("").await;
    for name in ["ann", "ben"] {
        person(&server, name, &["oncall"]).await;
    }
    let body =
        json!({ "holder": "operator", "name": "ann", "roles": ["approver"], "groups": ["oncall"] });
    let ann = server.does("/v1/keys", body).await["secret"].as_str().unwrap().to_owned();
    let own = json!({ "slack": "T1/U1" });
    for name in ["ann", "ben"] {
        let claimed = server.post(&format!("/v1/people/{name}/link"), &ann, own.clone()).await;
        assert_eq!(claimed.problem(403), "CR-4002", "nothing shows that it is theirs");
    }
    server.does("/v1/people/ann/link", own.clone()).await;
    let taken = server.post("/v1/people/ben/link", &server.keys.operator, own.clone()).await;
    assert!(taken.body.to_string().contains("linked with `ann` already"), "{}", taken.body);
    assert_eq!(taken.problem(409), "CR-1014");
    let wrong = server.post("/v1/people/ben/unlink", &server.keys.operator, own.clone()).await;
    assert_eq!(wrong.problem(404), "CR-1011");
    for text in ["U1", "T1", "t1/u1", "T1/U1/x", "T1/@ann", ""] {
        let said = server
            .post("/v1/people/ben/link", &server.keys.operator, json!({ "slack": text }))
            .await;
        assert_eq!(said.problem(400), "CR-1010", "{text}");
    }
    // Whom another tenant links says nothing here, and keeps nobody out.
    let eve = server.other_tenant().await;
    let theirs = json!({ "name": "max", "roles": ["approver"], "groups": ["oncall"] });
    assert_eq!(server.post("/v1/people", &eve, theirs).await.status, StatusCode::CREATED);
    server.post("/v1/people/max/link", &eve, own.clone()).await.ok();
    let listed = server.sees("/v1/people?tenant=other").await;
    assert_eq!(listed["items"][0]["name"], "max", "{listed}");
    server.post("/v1/people/ann/unlink", &ann, own.clone()).await.ok();
    server.does("/v1/people/ben/link", own).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_that_take_clicks_from_one_app_are_refused() {
    let slack = Slack::start().await;
    let other = |more: &str| slack.toml(more).replace("\"slack\"", "\"second\"");
    let app = "app_token_file = \"secrets/app\"";
    let place = |second: &str| {
        let place = Place::new(&format!("{PLAIN}\n{}{}", slack.toml(app), other(second)));
        for name in ["bot", "app", "app-again", "signing"] {
            let secret = format!("{}-secret", name.split('-').next().unwrap());
            place.write(&format!("secrets/{name}"), &secret);
        }
        place
    };
    let problems = place(app).config().unwrap_err().to_string();
    assert!(problems.contains("`second` takes clicks from the same app as `slack`"), "{problems}");
    // The same token from another place is seen when it is read.
    let refusal = place("app_token_file = \"secrets/app-again\"").serve().await.unwrap_err();
    assert_eq!(refusal.code, domain::Code::BadConfiguration);
    assert!(refusal.message.contains("the same app as `slack`"), "{}", refusal.message);
    for fine in ["", HTTP] {
        place(fine).config().unwrap();
    }
}
