//! What a child writes, line by line: answers to their callers, notifications to those they belong to, questions answered.
//!
//! ```text
//! answer -> its caller, once            line that is no message -> the caller whose id stands in it, else a fault
//! question -> ping, or the only call's client, in a task beside the reading; modern servers may not ask
//! line too long -> the end: nobody knows whose it was
//! ```
//! The reader ends with the child's output, and with it everything that waits. Tests: `tests/stdio/`.

use std::sync::Arc;

use domain::limits;
use mcp::{
    Era, Id, Message, MessageError, Notification, Params, Request, Response, RpcCode, RpcError,
    lines::Lines, meta,
};
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::process::ChildStdout;
use tokio::task::JoinSet;

use super::Link;
use super::table::{Arrived, Whose};

/// Bytes that are taken from the pipe at once: what a pipe holds.
const PIECE_BYTES: usize = 64 << 10;
/// Bytes of empty lines after each other: the end of a line can come alone.
const EMPTY_BYTES_MAX: usize = 1 << 20;
/// Questions of one server that are being answered at the same time.
const QUESTIONS_AT_ONCE_MAX: usize = 64;

impl Link {
    /// Reads until the child's output ends or the connection does.
    pub(super) async fn read(self: &Arc<Self>, mut stdout: ChildStdout) {
        let mut lines = Lines::new(limits::MESSAGE_BYTES_MAX);
        let mut piece = vec![0; PIECE_BYTES];
        let (mut questions, mut empty) = (JoinSet::new(), 0);
        loop {
            let read = tokio::select! {
                biased;
                _ = self.ear.ended() => break,
                read = stdout.read(&mut piece) => read,
                Some(_) = questions.join_next() => continue,
            };
            let bytes = match read {
                Ok(0) => break self.end("its output has ended"),
                Ok(bytes) => bytes,
                Err(error) => break self.end(&format!("its output cannot be read: {error}")),
            };
            let mut rest = piece.get(..bytes).unwrap_or_default();
            // Empty lines are skipped, so nothing else would count a flood of them.
            empty += if rest.trim_ascii().is_empty() { bytes } else { 0 };
            if empty > EMPTY_BYTES_MAX {
                self.end("it writes empty lines without end");
            }
            while let Some(line) = lines.next(&mut rest) {
                match line {
                    Ok(line) => {
                        empty = 0;
                        self.line(&line, &mut questions);
                    }
                    Err(too_long) => self.end(&too_long.to_string()),
                }
                // A piece may hold a thousand messages: others have their turn between them.
                tokio::task::coop::consume_budget().await;
            }
        }
        self.end("its output has ended");
    }

    fn line(self: &Arc<Self>, line: &[u8], questions: &mut JoinSet<()>) {
        match self.ear.read(line) {
            Ok(Message::Response(response)) => self.answered(response, line.len()),
            Ok(Message::Notification(notification)) => self.notified(notification),
            Ok(Message::Request(request)) => self.asked(request, questions),
            Err(error) => self.unreadable(line, &error),
        }
    }

    fn answered(&self, response: Response, bytes: usize) {
        let id = match response.id {
            Some(Id::Number(id)) => Some(id),
            // An error without id says that a request could not be read: ours, if there is only one.
            None => self.table.only(),
            Some(Id::Text(_)) => None,
        };
        let whose = match id {
            Some(id) => self.table.arrived(id, Arrived::Answer(response.outcome, bytes)),
            None => Whose::Nobodys,
        };
        match whose {
            Whose::Waited | Whose::Late => {}
            Whose::Nobodys => self.ear.fault("it answered a request that nobody waits for"),
        }
    }

    fn notified(&self, notification: Notification) {
        self.ear.count();
        match notification.method.as_str() {
            "notifications/progress" => {
                let token = notification.params.get(meta::PROGRESS_TOKEN).and_then(Value::as_i64);
                let Some(token) = token else {
                    return self.ear.fault("it reported progress of nothing");
                };
                // The call may have ended meanwhile.
                if let Some(listener) = self.table.listener(token) {
                    listener.hear(token, notification);
                }
            }
            "notifications/message" => {
                if let Some((id, listener)) = self.table.only_call() {
                    listener.hear(id, notification);
                }
            }
            _ => self.ear.notified(&notification),
        }
    }

    fn asked(self: &Arc<Self>, request: Request, questions: &mut JoinSet<()>) {
        self.ear.count();
        if self.era.get() == Some(&Era::Modern) {
            return self.ear.fault("it asked, which servers of its revision do not");
        }
        if request.method == "ping" {
            return self.answer(request.id, Ok(Params::new()));
        }
        let refuse = |why| Err(RpcError::new(RpcCode::MethodNotFound, why));
        let Some((_, listener)) = self.table.only_call() else {
            let why = "nobody can tell which call asks, or whom";
            return self.answer(request.id, refuse(why));
        };
        if questions.len() >= QUESTIONS_AT_ONCE_MAX {
            return self.answer(request.id, refuse("too many questions at once"));
        }
        let link = Arc::clone(self);
        questions.spawn(async move {
            let id = request.id.clone();
            let answer = listener.asked(request).await;
            link.answer(id, answer);
        });
    }

    fn answer(&self, id: Id, outcome: Result<Params, RpcError>) {
        self.chore(&Message::Response(Response::to(id, outcome)));
    }

    fn unreadable(&self, line: &[u8], error: &MessageError) {
        let why = format!("it wrote a line that is no message: {error}");
        let unreadable = || Arrived::Unreadable(why.clone());
        let whose = salvaged(line).map(|id| self.table.arrived(id, unreadable()));
        tracing::debug!(server = %self.ear.server, ?whose, "a line that is no message");
        self.ear.fault(&why);
    }
}

/// The id of an answer that is otherwise refused, such as one that is nested too deeply: so its caller need not wait.
fn salvaged(line: &[u8]) -> Option<i64> {
    let mut found = None;
    for part in parts(line) {
        let digits = part.strip_prefix(b"\"id\":").unwrap_or_default().trim_ascii_start();
        let digits = digits.split(|byte| !byte.is_ascii_digit()).next().unwrap_or_default();
        if let Ok(id) = std::str::from_utf8(digits).unwrap_or_default().parse() {
            found = Some(id);
        }
    }
    found
}

/// What stands in the outermost object from each comma or brace on.
fn parts(line: &[u8]) -> Vec<&[u8]> {
    let (mut parts, mut depth, mut quoted, mut escaped) = (Vec::new(), 0_u32, false, false);
    for (at, &byte) in line.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let begins = depth == 1 && !quoted && matches!(byte, b'{' | b',');
        if begins && parts.len() < PARTS_MAX {
            parts.push(line.get(at + 1..).unwrap_or_default().trim_ascii_start());
        }
    }
    parts
}

/// Parts of an outermost object that are looked at; a message has four.
const PARTS_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_an_answer_is_found_though_the_rest_cannot_be_read() {
        let check = |line: &str, expect| assert_eq!(salvaged(line.as_bytes()), expect, "{line}");
        check(r#"{"jsonrpc":"2.0","id":7,"result":{"a":[[[["#, Some(7));
        check(r#"{"result":{"id":1,"x":"}\"{"},"jsonrpc":"2.0","id": 12}"#, Some(12));
        check(r#"{"result":{"id":1}}"#, None);
        check(r#"{"id":"7"}"#, None);
        check("log: {\"id\":3}", Some(3));
        check("hello", None);
        assert_eq!(salvaged(b"{\"id\":5,\"result\":\"\xff\"}"), Some(5));
    }
}
