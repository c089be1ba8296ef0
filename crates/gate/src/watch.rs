//! What a running command prints, shown while it runs: masked, bounded, and waited for by nobody.
//!
//! ```text
//! tool -> Watch (whole lines, masked) -> Outputs (a ring) -> Listener of a caller or an operator
//! ```
//! In: bytes as they come. Out: text of whole lines, so that a secret that came in two pieces is masked all the
//! same; a line that is too long, and what follows a private key's first line, is not shown before its end. A
//! listener that is too slow is told that it missed something. Nothing of this is recorded: what was printed is
//! in the plan and in the answer. Tests: below, and `sim/tests/it/watching.rs`.

use std::sync::{Arc, Mutex};

use contract::Masker;
use contract::mask::KNOWN_CHARS_MIN;
use domain::{CallId, Caller, GrantId, Name, Operator, limits};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::broadcast::{Receiver, Sender};

use crate::gate::Gate;
use crate::journey::Call;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::state::lock;

mod lines;

use lines::Lines;

/// Which of a command's two streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stream {
    /// What it prints.
    Stdout,
    /// What it prints as errors.
    Stderr,
}

impl Stream {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

/// Who may see what is printed while the call has no verdict yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Also the agent: nothing that is known without the plan would hold or deny the call.
    Everybody,
    /// People only: the agent is told what was printed if the call runs.
    Operators,
}

/// A piece of what a command printed.
#[derive(Debug, PartialEq, Eq)]
pub struct Output {
    /// The call.
    pub call: CallId,
    /// Where it was printed.
    pub stream: Stream,
    /// Whole lines, masked.
    pub text: String,
    tenant: Name,
    grant: GrantId,
    audience: Audience,
}

/// Whose output, and who may see it.
#[derive(Debug, Clone)]
pub(crate) struct About {
    pub(crate) call: CallId,
    pub(crate) tenant: Name,
    pub(crate) grant: GrantId,
    pub(crate) audience: Audience,
}

/// Everything that is printed, for whoever listens.
#[derive(Debug)]
pub(crate) struct Outputs {
    sender: Sender<Arc<Output>>,
    masker: Masker,
}

/// Masks these credentials, in what is shown live and in what is kept alike. One of several lines is known by each of
/// them too: live, only lines are looked at, and a command can print one line alone. The first and last line of a key
/// in armour are no secret, and without them other keys would not be recognised.
pub(crate) fn masker(secrets: &[String]) -> Result<Masker, Refusal> {
    let several = secrets.iter().filter(|secret| secret.trim().lines().nth(1).is_some());
    let lines = several.flat_map(|secret| secret.lines().map(str::trim));
    let lines = lines.filter(|line| line.chars().count() >= KNOWN_CHARS_MIN);
    let lines = lines.filter(|line| !(line.starts_with("-----") && line.ends_with("-----")));
    let known = secrets.iter().map(String::as_str).chain(lines);
    Masker::new(known).map_err(|error| Refusal::configuration(error.to_string()))
}

impl Outputs {
    pub(crate) fn new(masker: Masker) -> Self {
        Self { sender: Sender::new(limits::OUTPUT_QUEUE_MAX), masker }
    }

    pub(crate) fn watch(self: &Arc<Self>, about: About) -> Watch {
        let lines = Mutex::default();
        Watch(Arc::new(Watched { outputs: Arc::clone(self), about, lines }))
    }

    pub(crate) fn listen(&self, to: To) -> Listener {
        Listener { receiver: self.sender.subscribe(), to }
    }
}

impl<J: Journal, W: World> Gate<J, W> {
    /// Hears what a call prints, as the agent that proposed it. To anybody else it prints nothing.
    pub fn listen_to_call(&self, caller: &Caller, call: CallId) -> Listener {
        self.outputs.listen(To::Call(call, caller.grant))
    }

    /// Hears what every call of the operator's tenant prints.
    pub fn listen_to_calls(&self, by: &Operator) -> Listener {
        self.outputs.listen(To::Tenant(by.tenant.clone()))
    }

    pub(crate) fn watch(&self, call: &Call, audience: Audience) -> Watch {
        let (tenant, grant) = (call.caller.chain.tenant.clone(), call.caller.grant);
        self.outputs.watch(About { call: call.id, tenant, grant, audience })
    }
}

/// A tool's handle on whoever watches its call. Cheap to clone; never waits.
#[derive(Debug, Clone)]
pub struct Watch(Arc<Watched>);

#[derive(Debug)]
struct Watched {
    outputs: Arc<Outputs>,
    about: About,
    lines: Mutex<[Lines; 2]>,
}

impl Watch {
    /// Shows what was printed, as far as it ends lines. The rest is shown with its end, or when the last handle
    /// of this call is dropped.
    pub fn printed(&self, stream: Stream, bytes: &[u8]) {
        self.0.shows(stream, |lines| lines.push(bytes));
    }
}

impl Watched {
    fn shows(&self, stream: Stream, take: impl FnOnce(&mut Lines) -> Vec<String>) {
        let mut both = lock(&self.lines);
        let [stdout, stderr] = &mut *both;
        let lines = match stream {
            Stream::Stdout => stdout,
            Stream::Stderr => stderr,
        };
        // Sent under the lock: pieces of one stream keep their order.
        for piece in take(lines) {
            let About { call, tenant, grant, audience } = self.about.clone();
            let text = self.outputs.masker.mask_text(&piece).into_owned();
            let output = Output { call, stream, text, tenant, grant, audience };
            // Nobody listens: nothing is lost that anybody wanted.
            let _listeners = self.outputs.sender.send(Arc::new(output));
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.shows(Stream::Stdout, Lines::end);
        self.shows(Stream::Stderr, Lines::end);
    }
}

/// What somebody listens to.
#[derive(Debug, Clone)]
pub(crate) enum To {
    /// One call, as the agent that proposed it.
    Call(CallId, GrantId),
    /// Every call of a tenant, as an operator.
    Tenant(Name),
}

/// Hears what commands print from now on.
#[derive(Debug)]
pub struct Listener {
    receiver: Receiver<Arc<Output>>,
    to: To,
}

/// What a listener hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A piece of output.
    Output(Arc<Output>),
    /// It was too slow: this many pieces are gone, some of which it may not have been meant to hear.
    Missed(u64),
}

impl Listener {
    /// The next piece; waits for it. None when the gate is gone. May be cancelled without loss.
    pub async fn next(&mut self) -> Option<Heard> {
        loop {
            match self.receiver.recv().await {
                Ok(output) if self.hears(&output) => return Some(Heard::Output(output)),
                Ok(_) => {}
                Err(RecvError::Lagged(count)) => return Some(Heard::Missed(count)),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// The next piece that is there already.
    pub fn next_ready(&mut self) -> Option<Heard> {
        loop {
            match self.receiver.try_recv() {
                Ok(output) if self.hears(&output) => return Some(Heard::Output(output)),
                Ok(_) => {}
                Err(TryRecvError::Lagged(count)) => return Some(Heard::Missed(count)),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return None,
            }
        }
    }

    fn hears(&self, output: &Output) -> bool {
        match &self.to {
            To::Call(call, grant) => {
                output.call == *call
                    && output.grant == *grant
                    && output.audience == Audience::Everybody
            }
            To::Tenant(tenant) => output.tenant == *tenant,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const KNOWN: &str = "known-credential-4711";
    const SEVERAL: &str = "first-line-of-it\nsecond-line-of-it\n";
    const KEY: &str =
        "-----BEGIN PRIVATE KEY-----\nour-own-key-in-armour\n-----END PRIVATE KEY-----\n";

    fn outputs() -> Arc<Outputs> {
        let secrets = [KNOWN, SEVERAL, KEY].map(str::to_owned);
        Arc::new(Outputs::new(masker(&secrets).unwrap()))
    }

    fn about(audience: Audience) -> About {
        let id = Uuid::from_u128(1);
        let tenant = "local".parse().unwrap();
        About { call: CallId::new(id), tenant, grant: GrantId::new(id), audience }
    }

    fn as_agent(outputs: &Outputs) -> Listener {
        let About { call, grant, .. } = about(Audience::Everybody);
        outputs.listen(To::Call(call, grant))
    }

    fn heard(listener: &mut Listener) -> String {
        let pieces = std::iter::from_fn(|| listener.next_ready());
        let text = |heard: Heard| match heard {
            Heard::Output(output) => output.text.clone(),
            Heard::Missed(count) => format!("<missed {count}>"),
        };
        pieces.map(text).collect()
    }

    /// What an agent hears of bytes that come in these pieces.
    fn shown(pieces: &[&str]) -> String {
        let outputs = outputs();
        let mut listener = as_agent(&outputs);
        let watch = outputs.watch(about(Audience::Everybody));
        pieces.iter().for_each(|piece| watch.printed(Stream::Stdout, piece.as_bytes()));
        drop(watch);
        heard(&mut listener)
    }

    #[test]
    fn a_secret_is_masked_wherever_it_is_cut() {
        let whole = format!("before\nkey {KNOWN} end\nafter");
        let expect = "before\nkey ⟦masked:known⟧ end\nafter";
        for at in 0..=whole.len() {
            let (left, right) = whole.split_at(at);
            assert_eq!(shown(&[left, right]), expect, "cut at {at}");
        }
        let single: Vec<&str> = whole.split_inclusive(|_| true).collect();
        assert_eq!(shown(&single), expect);
    }

    #[test]
    fn a_private_key_is_masked_although_it_has_many_lines() {
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n".repeat(20);
        let end = "-----END PRIVATE KEY-----\nafter\n";
        let text = format!("before\n-----BEGIN PRIVATE KEY-----\n{body}{end}");
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        assert_eq!(shown(&lines), "before\n⟦masked:private-key⟧\nafter\n");
        // Longer than what is kept: nothing of it is shown either.
        let long = format!("-----BEGIN PRIVATE KEY-----\n{}{end}", body.repeat(20));
        let lines: Vec<&str> = long.split_inclusive('\n').collect();
        let told = shown(&lines);
        assert!(!told.contains("MIIEvQ") && told.ends_with("after\n"), "{told}");
    }

    #[test]
    fn a_credential_of_several_lines_is_masked_line_by_line() {
        assert_eq!(
            shown(&["first-line", "-of-it\nsecond-line-of-it", "\n"]),
            "⟦masked:known⟧\n⟦masked:known⟧\n"
        );
    }

    /// The lines around a known key were masked first, and the body of another key stayed readable.
    #[test]
    fn the_armour_of_a_known_key_hides_no_other_key() {
        let other = KEY.replace("our-own-key-in-armour", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC");
        let body = |key: &str| key.lines().nth(1).unwrap().to_owned();
        for (key, kind) in [(KEY, "⟦masked:known⟧"), (&other, "⟦masked:private-key⟧")] {
            let told = shown(&[key, "end\n"]);
            assert!(told.contains(kind) && !told.contains(&body(key)), "{told}");
            assert!(told.ends_with("end\n"), "{told}");
        }
        assert_eq!(shown(&[&body(KEY)]), "⟦masked:known⟧", "also alone");
    }

    #[test]
    fn a_line_that_is_too_long_is_not_shown_and_the_next_one_is() {
        let long = "x".repeat(limits::OUTPUT_LINE_BYTES_MAX + 1);
        let told = shown(&[&long, KNOWN, "\nnext\n"]);
        assert!(!told.contains("xxx") && !told.contains("4711"), "{told}");
        assert!(told.ends_with("next\n"), "{told}");
    }

    #[test]
    fn what_has_no_verdict_yet_is_for_people_only() {
        let outputs = outputs();
        let (mut agent, mut person) =
            (as_agent(&outputs), outputs.listen(To::Tenant("local".parse().unwrap())));
        let mut stranger = outputs.listen(To::Tenant("other".parse().unwrap()));
        let watch = outputs.watch(about(Audience::Operators));
        watch.printed(Stream::Stderr, b"one\n");
        assert_eq!((heard(&mut agent), heard(&mut person)), (String::new(), "one\n".into()));
        assert_eq!(heard(&mut stranger), "");
    }

    #[test]
    fn a_slow_listener_is_told_that_it_missed_some() {
        let outputs = outputs();
        let mut listener = as_agent(&outputs);
        let watch = outputs.watch(about(Audience::Everybody));
        for _ in 0..limits::OUTPUT_QUEUE_MAX + 7 {
            watch.printed(Stream::Stdout, b"line\n");
        }
        assert_eq!(listener.next_ready(), Some(Heard::Missed(7)));
        assert_eq!(heard(&mut listener), "line\n".repeat(limits::OUTPUT_QUEUE_MAX));
    }
}
