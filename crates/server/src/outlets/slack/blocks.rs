//! How a request looks in Slack: Block Kit, with everything that a person decides by, or without a button to approve.
//!
//! In: a request as the API gives it, masked. Out: blocks within Slack's limits (50 blocks, 3,000 characters of a text, 150 of
//! a header, 2,000 of a field). The same request always gives the same blocks, so that at a click it can be found out again
//! whether all of it was shown. Texts from outside go through `text`. No button looks like the one to press. Source:
//! Slack's reference of Block Kit. Tests: `tests/it/outlets/slack.rs`.

use domain::Digest;
use serde_json::{Value, json};

use super::super::About;
use super::super::Bulletin;
use super::super::bulletin::Kind;
use super::{console, text};
use crate::wire;

/// Characters of one text.
pub(super) const TEXT_CHARS_MAX: usize = 3_000;
/// Characters of a header.
const HEADER_CHARS_MAX: usize = 150;
/// Characters of the line that notifications show.
const FALLBACK_CHARS_MAX: usize = 300;
/// Characters inside of one fence.
const CODE_CHARS_MAX: usize = TEXT_CHARS_MAX - 8;
/// Characters of all parts of a request together. Slack takes about 13,000 of a whole message; what stands around the parts
/// has its own bounds, which are below.
const PARTS_CHARS_MAX: usize = 8_000;
/// Blocks with parts of a request.
const PARTS_MAX: usize = 12;
/// Characters of one field; there are five.
const FIELD_CHARS_MAX: usize = 400;
/// Characters of what speaks for care, and of who asks.
const LINES_CHARS_MAX: usize = 1_000;

/// The action of the button that approves.
pub(super) const APPROVE: &str = "checkrein_approve";
/// The action of the button that begins to reject.
pub(super) const REJECT: &str = "checkrein_reject";
/// The dialog that asks why.
pub(super) const REASON: &str = "checkrein_reason";
/// The block and the action of its text.
pub(super) const REASON_TEXT: &str = "reason";

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Message {
    /// What notifications show.
    pub(super) text: String,
    /// What the channel shows.
    pub(super) blocks: Vec<Value>,
}

impl Message {
    pub(super) fn body(&self) -> Value {
        json!({ "text": self.text, "blocks": self.blocks })
    }
}

/// What a channel sees of a request.
#[derive(Debug, Clone)]
pub(super) struct Sees {
    pub(super) request: wire::ApprovalDetails,
    /// On whose behalf the agent acts.
    pub(super) human: Option<String>,
    /// Whose yes counts by now.
    pub(super) yes: Vec<String>,
    /// The console's address.
    pub(super) base: String,
}

/// Why nobody approves a request here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Elsewhere {
    /// Not all of it fits into a message.
    NotWhole,
    /// It cannot be undone: somebody types what it does.
    Typed,
    /// It must be surer who says so.
    Assurance,
}

impl Elsewhere {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::NotWhole => "not all of it can be shown here",
            Self::Typed => "it cannot be undone, so that what it does has to be typed",
            Self::Assurance => "it needs somebody who is logged in",
        }
    }
}

impl Sees {
    /// Digest of what is shown, if all of it is.
    pub(super) fn shown(&self) -> Option<Digest> {
        self.request.shown.digest.parse().ok()
    }

    /// Why it is not approved here; none where it may be.
    pub(super) fn elsewhere(&self) -> Option<Elsewhere> {
        let request = &self.request;
        if request.needs.assurance != "key" {
            return Some(Elsewhere::Assurance);
        }
        if request.confirm.kind != "none" {
            return Some(Elsewhere::Typed);
        }
        let whole = request.shown.complete && !is_cut(self) && parts(self).is_some();
        (!whole).then_some(Elsewhere::NotWhole)
    }
}

/// The message about a request, as it stands now.
pub(super) fn request(sees: &Sees) -> Message {
    let approval = &sees.request.approval;
    let title = title(sees);
    let mut blocks = vec![header(&title)];
    if approval.state == "pending" {
        blocks.push(plain_section(&text::cut(&asked(sees), LINES_CHARS_MAX)));
    } else {
        blocks.push(plain_section(&text::cut(&decided(sees), LINES_CHARS_MAX)));
    }
    blocks.push(fields(sees));
    if !sees.request.risk.is_empty() {
        blocks.push(plain_section(&text::cut(&risk(sees), LINES_CHARS_MAX)));
    }
    match parts(sees) {
        Some(parts) => blocks.extend(parts),
        None => blocks
            .push(plain_section("What it does is too long for a message. Open it in the console.")),
    }
    blocks.push(actions(sees));
    blocks.push(context(sees));
    let fallback = format!("{title} — {}", approval.approval);
    Message { text: text::cut(&fallback, FALLBACK_CHARS_MAX), blocks }
}

/// Whether anything of a request that waits does not fit where it stands. What is cut is not shown.
fn is_cut(sees: &Sees) -> bool {
    let too_long = |text: &str, most: usize| text.chars().count() > most;
    too_long(&title(sees), HEADER_CHARS_MAX)
        || too_long(&asked(sees), LINES_CHARS_MAX)
        || too_long(&risk(sees), LINES_CHARS_MAX)
        || facts(sees).iter().any(|fact| too_long(fact, FIELD_CHARS_MAX))
}

fn title(sees: &Sees) -> String {
    let headline = headline(sees);
    match sees.request.approval.state.as_str() {
        "pending" => format!("Approval needed: {headline}"),
        _ => format!("{}: {headline}", capital(&state(sees))),
    }
}

/// What speaks for care.
fn risk(sees: &Sees) -> String {
    let lines: Vec<String> =
        sees.request.risk.iter().map(|line| format!("• {}", text::line(line))).collect();
    lines.join("\n")
}

fn headline(sees: &Sees) -> String {
    let approval = &sees.request.approval;
    let tool = text::line(approval.tool.as_deref().unwrap_or("a call"));
    let resource = sees.request.call.as_ref().map(|call| text::line(&call.resource));
    match resource.filter(|resource| !resource.is_empty()) {
        Some(resource) => format!("{tool} on {resource}"),
        None => tool,
    }
}

fn header(title: &str) -> Value {
    let title = text::cut(title, HEADER_CHARS_MAX);
    json!({ "type": "header", "text": { "type": "plain_text", "text": title, "emoji": false } })
}

fn plain_section(text: &str) -> Value {
    let text = text::cut(text, TEXT_CHARS_MAX);
    json!({ "type": "section", "text": { "type": "plain_text", "text": text, "emoji": false } })
}

/// Who asks for whom, and what for.
fn asked(sees: &Sees) -> String {
    let request = &sees.request;
    let agent = request.call.as_ref().map(|call| call.agent.clone());
    let agent = agent.or_else(|| request.approval.agent.clone()).unwrap_or_default();
    let mut text = format!("Agent {}", text::line(&agent));
    if let Some(human) = &sees.human {
        text.push_str(&format!(", for {}", text::line(human)));
    }
    if let Some(old) = &request.supersedes {
        text.push_str(&format!(
            "\nTakes the place of an earlier request: {}",
            text::line(&old.why)
        ));
    }
    text
}

/// How it stands, in one or two words.
fn state(sees: &Sees) -> String {
    let approval = &sees.request.approval;
    let call = sees.request.call.as_ref();
    let outcome = call.filter(|_| matches!(approval.state.as_str(), "used" | "approved"));
    match outcome.and_then(|call| call.status.as_deref()) {
        Some("held") | None => approval.state.clone(),
        Some(status) => format!("approved, {}", status.replace('_', " ")),
    }
}

fn decided(sees: &Sees) -> String {
    let approval = &sees.request.approval;
    let mut text = capital(&state(sees));
    if let Some(by) = &approval.decided_by {
        text.push_str(&format!(" by {}", text::line(by)));
    }
    if let Some(reason) = &approval.reason {
        text.push_str(&format!(": {}", text::line(reason)));
    }
    if let Some(executed) = sees.request.call.as_ref().and_then(|call| call.executed.as_deref()) {
        text.push_str(&format!("\nExecuted: {executed}"));
    }
    text
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What it does in numbers, how it is taken back, who asks, who may decide, until when.
fn fields(sees: &Sees) -> Value {
    let plain = |text: &String| {
        let text = text::cut(text, FIELD_CHARS_MAX);
        json!({ "type": "plain_text", "text": text, "emoji": false })
    };
    let mut fields: Vec<Value> = facts(sees).iter().map(plain).collect();
    let until = moment(sees.request.approval.decide_by_ms);
    let clocks = format!("*Decide by*\n{until}\nno answer is a no");
    fields.push(json!({ "type": "mrkdwn", "text": clocks, "verbatim": true }));
    json!({ "type": "section", "fields": fields })
}

/// The fields that are made of what others wrote, whole.
fn facts(sees: &Sees) -> [String; 4] {
    let request = &sees.request;
    let undo = request.effect.undo.as_deref().unwrap_or("no undo");
    let owner = request.rule.owner.as_deref().map(|owner| format!(" ({})", text::line(owner)));
    [
        format!("Changes\n{}", numbers(sees)),
        format!("Can be undone\n{}\n{}", request.effect.class, text::line(undo)),
        format!(
            "Rule\n{}{}\n{}",
            text::line(&request.rule.id),
            owner.unwrap_or_default(),
            text::line(request.rule.reason.as_deref().unwrap_or(""))
        ),
        format!("Who decides\n{}", deciders(sees)),
    ]
}

/// The groups that are asked by now.
pub(super) fn groups(sees: &Sees) -> String {
    let needs = &sees.request.needs;
    let second = needs.escalate.as_ref().filter(|second| second.done);
    let groups = std::iter::once(&needs.group).chain(second.map(|second| &second.group));
    let groups: Vec<String> = groups.map(|group| text::line(group)).collect();
    groups.join(" or ")
}

/// How many of which groups, and whose yes counts.
fn deciders(sees: &Sees) -> String {
    let groups = groups(sees);
    let groups = match sees.request.needs.quorum {
        1 => groups,
        quorum => format!("{quorum} of {groups}"),
    };
    let yes: Vec<String> = sees.yes.iter().map(|name| text::line(name)).collect();
    if yes.is_empty() { groups } else { format!("{groups}\nyes: {}", yes.join(", ")) }
}

/// A moment in the reader's own time zone.
fn moment(ms: u64) -> String {
    let seconds = ms / 1_000;
    let plain = i64::try_from(ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    let plain = plain.map(|at| format!("{at:.0}")).unwrap_or_default();
    format!("<!date^{seconds}^{{date_short_pretty}} {{time_secs}}|{plain}>")
}

/// How much it touches.
fn numbers(sees: &Sees) -> String {
    let Some(plan) = &sees.request.plan else { return "no preview".to_owned() };
    let count = |before: bool, after: bool| {
        let fits =
            |one: &&wire::Change| one.before.is_some() == before && one.after.is_some() == after;
        plan.changes.iter().filter(fits).count()
    };
    let (made, changed, gone) = (count(false, true), count(true, true), count(true, false));
    let all = plan.changes.len();
    format!("{all} paths: {made} made, {changed} changed, {gone} deleted")
}

/// Everything else that is decided by, in fences of code; none if it does not fit.
fn parts(sees: &Sees) -> Option<Vec<Value>> {
    let request = &sees.request;
    let json = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    let diff = request.plan.as_ref().map(|plan| plan.diff.clone()).filter(|diff| !diff.is_empty());
    let (mut all, mut length) = (Vec::new(), 0_usize);
    let mut put = |title: &str, body: Option<String>| {
        let Some(body) = body else { return };
        let title_chars = title.chars().count() + 1;
        for piece in text::pieces(&text::code(&body), CODE_CHARS_MAX - title_chars) {
            // The last line's end would make an empty line inside of the fence.
            let text = format!("{title}\n```{}```", piece.strip_suffix('\n').unwrap_or(&piece));
            length += text.chars().count();
            all.push(json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } }));
        }
    };
    let remarks = |all: &[wire::Remark]| {
        let lines: Vec<&str> = all.iter().map(|one| one.text.as_str()).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    };
    let moved = request.supersedes.iter().flat_map(|old| &old.changes).map(|change| {
        let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
        format!("{}: {} -> {}", change.path, side(&change.before), side(&change.after))
    });
    let moved: Vec<String> = moved.collect();
    put("What moved since it was asked before", (!moved.is_empty()).then(|| moved.join("\n")));
    put("Why, in the agent's words", request.intent.clone());
    put("Arguments", request.arguments.as_ref().map(json));
    put("Answers to the tool", request.input.as_ref().map(json));
    put("What changes", diff);
    put("Evidence", remarks(&request.evidence));
    put("Asked", remarks(&request.questions));
    (all.len() <= PARTS_MAX && length <= PARTS_CHARS_MAX).then_some(all)
}

fn actions(sees: &Sees) -> Value {
    let approval = &sees.request.approval.approval;
    let button = |action: &str, label: &str| {
        json!({
            "type": "button", "action_id": action, "value": approval,
            "text": { "type": "plain_text", "text": label, "emoji": false },
        })
    };
    let open = json!({
        "type": "button", "action_id": "checkrein_open", "url": console(&sees.base, &sees.request),
        "text": { "type": "plain_text", "text": "Open in the console", "emoji": false },
    });
    let pending = sees.request.approval.state == "pending";
    let elements = match (pending, sees.elsewhere()) {
        (false, _)
        | (true, Some(Elsewhere::NotWhole | Elsewhere::Typed | Elsewhere::Assurance)) => {
            vec![open]
        }
        (true, None) => vec![open, button(REJECT, "Reject…"), button(APPROVE, "Approve")],
    };
    json!({ "type": "actions", "elements": elements })
}

fn context(sees: &Sees) -> Value {
    let approval = &sees.request.approval;
    let why = sees.elsewhere().filter(|_| approval.state == "pending");
    let why =
        why.map(|why| format!(" · decide in the console: {}", why.words())).unwrap_or_default();
    let shown: String = sees.request.shown.digest.chars().take(8).collect();
    let text = format!("{} · shown {shown}{why}", approval.approval);
    json!({ "type": "context", "elements": [{ "type": "plain_text", "text": text, "emoji": false }] })
}

/// What the thread is told of a decision; none where the message says all.
pub(super) fn reply(bulletin: &Bulletin) -> Option<Message> {
    let by = bulletin.by.as_deref().map(text::line).unwrap_or_default();
    let reason = bulletin.reason.as_deref().map(|reason| format!(": {}", text::line(reason)));
    let reason = reason.unwrap_or_default();
    let text = match bulletin.kind {
        Kind::Voted => format!("{by} said yes{reason}"),
        Kind::Approved => format!("Approved; {by} said the last yes that was needed"),
        Kind::Rejected => format!("Rejected by {by}{reason}"),
        Kind::Expired => "Nobody decided or collected it in time: it is denied".to_owned(),
        Kind::Superseded => "A newer request took its place".to_owned(),
        Kind::Withdrawn => "Nobody needs to decide it any more".to_owned(),
        Kind::Escalated => "Nobody decided so far: a second group may decide too".to_owned(),
        Kind::Questioned => format!("{by} asks the agent{reason}"),
        Kind::Asked
        | Kind::Ended
        | Kind::Noticed
        | Kind::ReviewAsked
        | Kind::Overdue
        | Kind::Incident
        | Kind::AgentStopped
        | Kind::Stopped
        | Kind::Lifted
        | Kind::Test => return None,
    };
    Some(said(&text))
}

/// What the thread is told of the call's end.
pub(super) fn outcome(sees: &Sees) -> Message {
    let call = sees.request.call.as_ref();
    let status = call.and_then(|call| call.status.clone()).unwrap_or_else(|| "ended".to_owned());
    let executed =
        call.and_then(|call| call.executed.clone()).unwrap_or_else(|| "unknown".to_owned());
    let code = call.and_then(|call| call.code.clone()).map(|code| format!(" ({code})"));
    said(&format!(
        "The call {}{}; executed: {executed}",
        status.replace('_', " "),
        code.unwrap_or_default()
    ))
}

fn said(text: &str) -> Message {
    let text = text::cut(text, TEXT_CHARS_MAX);
    Message { text: text::cut(&text, FALLBACK_CHARS_MAX), blocks: vec![plain_section(&text)] }
}

/// A message about anything that nobody decides here.
pub(super) fn plain(bulletin: &Bulletin, link: Option<String>) -> Message {
    let title = match bulletin.kind {
        Kind::Noticed if bulletin.more > 0 => "To know: several calls ran",
        Kind::Noticed => "To know: a call ran",
        Kind::ReviewAsked => "To review: a call ran",
        Kind::Overdue => "Nobody reviewed this in time",
        Kind::Incident => "An act was rejected afterwards and could not be taken back",
        Kind::AgentStopped => "An agent was stopped",
        Kind::Stopped => "Something was stopped",
        Kind::Lifted => "A stop was lifted",
        Kind::Test => "A test from Checkrein: nothing happened",
        Kind::Asked
        | Kind::Voted
        | Kind::Approved
        | Kind::Rejected
        | Kind::Expired
        | Kind::Superseded
        | Kind::Withdrawn
        | Kind::Escalated
        | Kind::Questioned
        | Kind::Ended => "News of a request",
    };
    let what = match &bulletin.about {
        About::Duty { duty, .. } => duty.clone(),
        About::Stop { stop, scope } => scope.clone().unwrap_or_else(|| stop.clone()),
        About::Call(call) => call.to_string(),
        About::Approval { approval, .. } => approval.to_string(),
        About::Nothing => String::new(),
    };
    let mut lines = vec![text::line(&what)];
    if bulletin.more > 0 {
        lines.push(format!("and {} more while messages were behind", bulletin.more));
    }
    lines.extend(bulletin.by.as_deref().map(|by| format!("by {}", text::line(by))));
    lines.extend(bulletin.reason.as_deref().map(text::line));
    lines.retain(|line| !line.is_empty());
    let mut blocks = vec![header(title)];
    if !lines.is_empty() {
        blocks.push(plain_section(&lines.join("\n")));
    }
    blocks.extend(link.map(|url| {
        json!({ "type": "actions", "elements": [{
            "type": "button", "action_id": "checkrein_open", "url": url,
            "text": { "type": "plain_text", "text": "Open in the console", "emoji": false },
        }] })
    }));
    Message { text: title.to_owned(), blocks }
}

/// The dialog that asks why somebody rejects.
pub(super) fn reason_dialog(approval: &str) -> Value {
    json!({
        "type": "modal", "callback_id": REASON, "private_metadata": approval,
        "title": { "type": "plain_text", "text": "Reject the call" },
        "submit": { "type": "plain_text", "text": "Reject" },
        "close": { "type": "plain_text", "text": "Back" },
        "blocks": [{
            "type": "input", "block_id": REASON_TEXT,
            "label": { "type": "plain_text", "text": "Why? The agent is told." },
            "element": {
                "type": "plain_text_input", "action_id": REASON_TEXT, "multiline": true,
                "max_length": domain::limits::REASON_CHARS_MAX,
            },
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sees(change: impl Fn(&mut Value)) -> Sees {
        let mut request = json!({
            "approval": {
                "approval": "apr_1", "call": "call_1", "requirement": "r", "asked_of": "group:a", "quorum": 1, "votes": 0,
                "assurance": "key", "binding": "b", "state": "pending", "asked_ms": 0, "decide_by_ms": 1_000_000,
                "tool": "files.write",
            },
            "needs": { "quorum": 1, "group": "group:a", "assurance": "key" },
            "votes": [], "may_decide": { "yes": false }, "excluded": [], "rule": { "id": "r" }, "risk": [],
            "effect": { "class": "restorable", "consequences": [] }, "evidence": [], "questions": [],
            "similar": {
                "asked": 0, "approved": 0, "rejected": 0, "superseded": 0, "expired": 0, "failed": 0, "latest": [],
            },
            "confirm": { "kind": "none" }, "arguments": { "path": "a" },
            "shown": { "digest": "00", "chars": 1, "complete": true },
        });
        change(&mut request);
        let request = serde_json::from_value(request).unwrap();
        Sees { request, human: None, yes: Vec::new(), base: "https://rein.example.com".to_owned() }
    }

    fn check(change: impl Fn(&mut Value), expect: Option<Elsewhere>) {
        let sees = sees(change);
        assert_eq!(sees.elsewhere(), expect);
        let shown = Value::Array(request(&sees).blocks).to_string();
        assert_eq!(shown.contains(APPROVE), expect.is_none(), "{shown}");
        assert!(shown.contains("https://rein.example.com/approvals/apr_1"));
        assert!(shown.chars().count() < 13_000);
    }

    #[test]
    fn only_what_is_whole_and_can_be_undone_and_needs_no_login_has_a_button_to_approve() {
        check(|_| {}, None);
        check(
            |request| request["confirm"] = json!({ "kind": "type", "text": "a" }),
            Some(Elsewhere::Typed),
        );
        for word in ["session", "passkey"] {
            check(
                |request| request["needs"]["assurance"] = json!(word),
                Some(Elsewhere::Assurance),
            );
        }
        check(|request| request["shown"]["complete"] = json!(false), Some(Elsewhere::NotWhole));
        let long = |request: &mut Value| request["arguments"] = json!("x".repeat(9_000));
        check(long, Some(Elsewhere::NotWhole));
        // Each of these was cut, and could be approved all the same.
        for (place, length) in [
            ("/approval/tool", 150),
            ("/rule/id", 400),
            ("/effect/class", 400),
            ("/needs/group", 400),
            ("/approval/agent", 1_000),
            ("/risk/0", 1_000),
        ] {
            let change = |length: usize| {
                move |request: &mut Value| {
                    request["approval"]["agent"] = json!("agent");
                    request["rule"]["owner"] = json!("owner");
                    request["risk"] = json!([""]);
                    *request.pointer_mut(place).unwrap() = json!("x".repeat(length));
                }
            };
            check(change(length), Some(Elsewhere::NotWhole));
            check(change(length - 60), None);
        }
        let decided = sees(|request| request["approval"]["state"] = json!("rejected"));
        let shown = Value::Array(super::request(&decided).blocks).to_string();
        assert!(!shown.contains(APPROVE) && !shown.contains(REJECT));
    }

    #[test]
    fn however_long_its_texts_are_a_message_keeps_to_slacks_limits() {
        let long = "x&".repeat(3_000);
        let message = request(&sees(|request| {
            request["risk"] = json!([&long, &long]);
            request["rule"] = json!({ "id": &long, "reason": &long, "owner": &long });
            request["needs"]["group"] = json!(&long);
            request["effect"]["undo"] = json!(&long);
            request["approval"]["tool"] = json!(&long);
            request["arguments"] = json!("y".repeat(3_500));
            request["intent"] = json!("z".repeat(3_500));
        }));
        assert!(message.blocks.len() <= 50);
        assert!(Value::Array(message.blocks).to_string().chars().count() < 16_000);
        assert!(message.text.chars().count() <= FALLBACK_CHARS_MAX);
    }
}
