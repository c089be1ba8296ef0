//! What each tool does to its call: answers twice, too much, something else, never, or dies of it.
//!
//! In: the call's id and parameters. Out: lines, or none. `echo` and whatever has no name here behave.

use serde_json::{Value, json};

use super::{Server, at, error, leaked, result, say, tell, write};

/// The tools that are always listed.
pub(super) const NAMES: [&str; 32] = [
    "echo",
    "never",
    "twice",
    "other_id",
    "huge",
    "invalid_utf8",
    "deep",
    "dies",
    "flood",
    "asks_on",
    "asks_once",
    "input",
    "input_bare",
    "changes",
    "old_jsonrpc",
    "batch",
    "null_id",
    "odd_result",
    "is_error",
    "rpc_error",
    "progress",
    "logs",
    "junk",
    "text_id",
    "hidden",
    "closes",
    "meta",
    "deaf",
    "lists",
    "changes_on",
    "newlines",
    "chatters",
];

impl Server {
    pub(super) fn call(&mut self, id: &Value, params: &Value) {
        self.calls += 1;
        let name = at(params, "/name").as_str().unwrap_or_default();
        match name {
            "asks_once" => self.ask(id),
            "never" | "twice" | "other_id" | "text_id" | "changes" | "changes_on" | "junk"
            | "null_id" => {
                answer_oddly(id, name);
            }
            "huge" | "invalid_utf8" | "deep" | "old_jsonrpc" | "batch" => write_badly(id, name),
            "dies" | "closes" | "flood" | "asks_on" | "deaf" | "newlines" | "chatters" => {
                go_wrong(name)
            }
            "progress" | "logs" => tell_meanwhile(id, (name, params)),
            "input" | "input_bare" | "odd_result" => result(id, &asks(name)),
            "is_error" => result(id, &own_error()),
            "rpc_error" => {
                let code = at(params, "/arguments/code").as_i64();
                error(id, code.unwrap_or(-32_602), "refused");
            }
            "hidden" => result(id, &text("a\u{200b}b\u{202e}c\u{1b}[0m\nd")),
            "meta" => result(id, &shown(at(params, "/_meta"))),
            "lists" => result(id, &echoed(&self.lists.into())),
            _ => result(id, &echoed(at(params, "/arguments"))),
        }
    }

    /// Asks; the call is answered with what comes back.
    fn ask(&mut self, id: &Value) {
        self.asking = Some(id.clone());
        let schema = json!({ "type": "object", "properties": {} });
        let message = format!("who?{}", leaked());
        let params = json!({ "message": message, "requestedSchema": schema });
        let method = "elicitation/create";
        say(&json!({ "jsonrpc": "2.0", "id": "q1", "method": method, "params": params })
            .to_string());
    }

    pub(super) fn answered(&mut self, message: &Value) {
        let answer = message.get("result").or(message.get("error"));
        match self.asking.take() {
            None => eprintln!("answered {message}"),
            Some(id) => result(&id, &json!({ "content": [], "structuredContent": answer })),
        }
    }
}

fn answer_oddly(id: &Value, name: &str) {
    match name {
        "twice" => (0..2).for_each(|_| result(id, &text("twice"))),
        "other_id" => result(&json!(id.as_i64().unwrap_or(0) + 1_000), &text("not yours")),
        "text_id" => result(&json!(id.to_string()), &text("not yours")),
        "null_id" => error(&Value::Null, -32_700, "parse"),
        "changes" => {
            tell("notifications/tools/list_changed", &json!({}));
            result(id, &text("changed"));
        }
        "changes_on" => {
            (0..5_000).for_each(|_| tell("notifications/tools/list_changed", &json!({})));
            result(id, &text("changed"));
        }
        "junk" => {
            (0..20).for_each(|number| say(&format!("Listening on port {number}")));
            result(id, &text("junk"));
        }
        // `never`: only so that a test knows when it has come.
        _ => eprintln!("never"),
    }
}

fn write_badly(id: &Value, name: &str) {
    let begin = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"content":"#);
    let raw = |content: &[u8]| write(&[begin.as_bytes(), content, b"}}\n"]);
    match name {
        "invalid_utf8" => raw(b"\"\xff\xfe\""),
        "deep" => raw(format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)).as_bytes()),
        "old_jsonrpc" => {
            say(&json!({ "jsonrpc": "1.0", "id": id, "result": text("old") }).to_string());
        }
        "batch" => {
            say(&json!([{ "jsonrpc": "2.0", "id": id, "result": text("batch") }]).to_string());
        }
        // `huge`: a gigabyte on one line.
        _ => {
            let piece = vec![b'x'; 1 << 20];
            (0..1_024).for_each(|_| write(&[&piece]));
        }
    }
}

fn go_wrong(name: &str) {
    match name {
        "dies" => std::process::exit(9),
        "closes" => {
            let null = std::fs::OpenOptions::new().write(true).open("/dev/null");
            let closed = null.is_ok_and(|null| rustix::stdio::dup2_stdout(&null).is_ok());
            eprintln!("closed its output: {closed}");
        }
        "flood" => loop {
            tell("notifications/message", &json!({ "level": "info", "data": "again" }));
        },
        "asks_on" => loop {
            say(r#"{"jsonrpc":"2.0","id":"q","method":"ping"}"#);
        },
        "newlines" => {
            let lines = vec![b'\n'; 1 << 16];
            loop {
                write(&[&lines]);
            }
        }
        "chatters" => {
            let words = "word ".repeat(10_000);
            loop {
                eprintln!("{words}");
            }
        }
        // `deaf`: it reads no more.
        _ => {}
    }
    loop {
        std::thread::park();
    }
}

fn tell_meanwhile(id: &Value, (name, params): (&str, &Value)) {
    if name == "progress" {
        let token = at(params, "/_meta/progressToken");
        for at in 1..=3 {
            for token in [token, &json!("foreign")] {
                let message = format!("step{}", leaked());
                let params = json!({ "progressToken": token, "progress": at, "message": message });
                tell("notifications/progress", &params);
            }
        }
    } else {
        let loud = format!("lo\u{202e}ud{}", leaked());
        for (level, data) in [("debug", "quiet"), ("error", loud.as_str())] {
            tell("notifications/message", &json!({ "level": level, "data": data }));
        }
    }
    result(id, &text("done"));
}

fn asks(name: &str) -> Value {
    match name {
        "input" => {
            let question =
                json!({ "method": "elicitation/create", "params": { "message": "who?\u{202e}" } });
            let questions = json!({ "who": question });
            json!({ "resultType": "input_required", "requestState": "its own", "inputRequests": questions })
        }
        "input_bare" => json!({ "resultType": "input_required" }),
        _ => json!({ "resultType": "task", "taskId": "1" }),
    }
}

fn text(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }], "unknown": { "kept": [1, null] } })
}

fn own_error() -> Value {
    let block = json!({ "type": "text", "text": "no\u{200b} such\u{1b}[31m row" });
    json!({ "isError": true, "structuredContent": { "why": 7 }, "content": [block] })
}

fn shown(meta: &Value) -> Value {
    let forged = json!({ "checkrein/answer": "forged", "other": 1 });
    json!({ "content": [], "structuredContent": meta, "_meta": forged })
}

fn echoed(arguments: &Value) -> Value {
    let mut said = text(&arguments.to_string());
    if let Some(said) = said.as_object_mut() {
        said.insert("structuredContent".to_owned(), arguments.clone());
    }
    said
}
