//! The whole story, told by the real binary: if any claim of the demo does not hold, it ends with an error.
//!
//! This is the end-to-end test: server, gate, policy, journal, files tools, commands, git, the jail and command line in
//! one run. Where the machine gives no preview, it is said which chapters are left out, and they are.

use std::process::Stdio;

use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::support::{Place, Said};
use crate::terminal::Person;

#[test]
fn the_demo_tells_its_story_and_every_claim_holds() {
    let place = Place::new();
    let said = place.run(&["demo", "--no-input", "--dir", "demo"]).expect(0);
    let commands = [
        "✓ the call succeeded, and the tests did not: exit code 1",
        "✓ mended, and now they pass: exit code 0",
        "✓ what nobody named is not run",
        "✓ there is one commit more, with the two files and nothing else",
        "✓ the bare repository has the branch, at exactly this commit",
        "✓ it is held and NOT EXECUTED: main is where it was",
        "✓ the operator rejected it: the agent is told, and main is where it was",
        "✓ it ran where nothing can happen, and was refused with what it tried to leave behind",
        "✓ there is no such hook, and no file of the workspace changed, src/ included",
        "✓ there was nothing to remove: the journal is where it was, and so is every file",
        "✓ it was ended at the number of processes that the operator allows; nothing was executed",
        "✓ no process of it is left",
    ];
    // Where servers have no jail the chapters on them are left out, and that is said.
    let servers = !said.out.contains("This machine gives no jail for tool servers");
    for claim in [
        "✓ the agent sees its three tools, each pinned by the digest of its whole definition",
        "✓ the server told everybody its token, and what the agent got has it masked",
        "✓ a character that nobody can see was taken out on the way, and that is said",
        "✓ the agent is told that nothing happened and that a person must decide; the note is there",
        "✓ after the approval it ran, once, and the note is gone",
        "✓ the tool is stopped: it is listed no more, and the call did not happen",
        "✓ the operator sees what changed, and the hidden words as what they are",
        "✓ it is refused, and stays so",
    ] {
        assert_eq!(said.out.contains(claim), servers, "{claim}\n{}", said.out);
    }
    let left_out = said.out.contains("Commands are left out on this machine");
    for claim in commands {
        assert_eq!(said.out.contains(claim), !left_out, "{claim}\n{}", said.out);
    }
    for claim in [
        "✓ the file is as it was: git sees no difference",
        "✓ every log is back, byte for byte",
        "✓ it was refused because `/logs` is another place than `logs`",
        "✓ the agent's own key could not have approved it",
        "✓ after the approval it ran, once, as it was shown",
        "✓ the line stands there once",
        "✓ it died in the middle: some files had moved and some had not",
        "✓ every file is there once, byte for byte, and nothing else",
        "✓ they were taken back in reverse",
        "✓ every entry, head and payload is as it was written",
        "✓ it does not verify: exit code 7",
        "✓ the server was asked to stop, and stopped in order",
    ] {
        assert!(said.out.contains(claim), "{claim}\n{}", said.out);
    }
    // One screen for each chapter, also on a small terminal.
    for chapter in said.out.split("\n\n") {
        assert!(chapter.lines().count() <= 40, "{chapter}");
    }
    // No process is left behind: the address is free, so a doctor finds nothing wrong.
    let config = place.path("demo/checkrein.toml");
    place.run(&["doctor", "--config", config.to_str().unwrap()]).expect(0);
}

#[test]
fn the_demo_takes_no_directory_that_is_there() {
    let place = Place::new();
    let said = place.run(&["demo", "--no-input", "--dir", "workspace"]).expect(1);
    assert!(said.err.contains("a directory that does not exist yet"), "{}", said.err);
}

#[test]
fn without_a_terminal_the_demo_asks_nobody() {
    let place = Place::new();
    let output = place.command(&["demo", "--dir", "demo"]).stdin(Stdio::null()).output().unwrap();
    let said = Said::of(output).expect(2);
    assert!(said.err.contains("--no-input"), "{}", said.err);
    assert!(!place.path("demo").exists());
}

/// The console as the server sees it: a session by the printed link, its cookie, and the token of its pages.
struct Console {
    runtime: tokio::runtime::Runtime,
    client: Client,
    origin: String,
    cookie: String,
    csrf: String,
}

impl Console {
    fn opens(link: &str) -> Self {
        let (origin, ticket) = link.split_once("/login#ticket=").unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut console = Self {
            runtime,
            client: Client::builder().no_proxy().build().unwrap(),
            origin: origin.to_owned(),
            cookie: String::new(),
            csrf: String::new(),
        };
        let (session, set) =
            console.sends(Method::POST, "/v1/session/link", &json!({ "ticket": ticket }));
        console.cookie = set.split(';').next().unwrap().to_owned();
        console.csrf = session["csrf"].as_str().unwrap().to_owned();
        console
    }

    fn sends(&self, method: Method, path: &str, body: &Value) -> (Value, String) {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.origin));
        request = request.header(COOKIE, &self.cookie);
        if method == Method::POST {
            request = request.header(ORIGIN, &self.origin).json(body);
            request = request.header("x-checkrein-csrf", &self.csrf);
        }
        self.runtime.block_on(async {
            let said = request.send().await.unwrap();
            let status = said.status();
            let set = said.headers().get(SET_COOKIE).map(|set| set.to_str().unwrap().to_owned());
            let body: Value = said.json().await.unwrap();
            assert!(status.is_success(), "{path}: {status} {body}");
            (body, set.unwrap_or_default())
        })
    }

    /// Opens the one request that waits, as its screen does, and says yes to what is shown or no.
    fn decides(&self, yes: bool) {
        let (pending, _) = self.sends(Method::GET, "/v1/approvals?state=pending", &Value::Null);
        let approval = pending["items"][0]["approval"].as_str().unwrap();
        let path = format!("/v1/approvals/{approval}");
        let (shown, _) = self.sends(Method::GET, &path, &Value::Null);
        assert_eq!(
            (&shown["may_decide"]["yes"], &shown["shown"]["complete"]),
            (&json!(true), &json!(true))
        );
        let (verb, body) = match yes {
            true => {
                let confirm = &shown["confirm"]["text"];
                ("approve", json!({ "shown": shown["shown"]["digest"], "confirm": confirm }))
            }
            false => ("reject", json!({ "reason": "not from here" })),
        };
        self.sends(Method::POST, &format!("{path}/{verb}"), &body);
    }
}

/// Tells the demo to somebody who turns pages at the terminal and decides in the console alone.
fn told_with_a_console(place: &Place, decisions: &[bool]) -> String {
    let person = Person::sits_down(place, &["demo", "--dir", "demo"], &[]);
    let (mut after, mut console, mut decided) = (0, None, 0);
    loop {
        let steps = ["[Enter goes on] ", "or use the console: ", "until you press Ctrl-C here"];
        let (which, next) = person.hears(after, &steps);
        after = next;
        match which {
            0 => person.types("\n"),
            1 => {
                let console = console.get_or_insert_with(|| {
                    let heard = person.heard();
                    let link =
                        heard.split_whitespace().find(|word| word.contains("/login#ticket="));
                    Console::opens(link.unwrap())
                });
                console.decides(decisions[decided]);
                decided += 1;
                let (_, next) = person.hears(after, &["That was decided in the console."]);
                after = next;
            }
            _ => break,
        }
    }
    person.types("\u{3}");
    let (code, heard) = person.ends();
    assert_eq!(code, 0, "{heard}");
    let servers = !heard.contains("This machine gives no jail for tool servers");
    assert_eq!(decided, if servers { decisions.len() } else { 1 }, "{heard}");
    heard
}

#[test]
fn held_calls_that_are_approved_in_the_console_run_and_the_story_goes_on_by_itself() {
    let heard = told_with_a_console(&Place::new(), &[true, true]);
    assert!(heard.contains("after the approval it ran, once, as it was shown"), "{heard}");
    assert!(heard.contains("claims were made and each was looked at"), "{heard}");
}

#[test]
fn held_calls_that_are_rejected_in_the_console_do_not_run_and_the_story_goes_on_by_itself() {
    let heard = told_with_a_console(&Place::new(), &[false, false]);
    let claim = "the agent was told that a person rejected it, and the file is as it was";
    assert!(heard.contains(claim), "{heard}");
    assert!(heard.contains("claims were made and each was looked at"), "{heard}");
}
