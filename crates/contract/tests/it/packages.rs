//! Packs against the real packages: each server is started, its tools are listed, and nothing may differ from its pack.
//!
//! In: the packages that `cargo xtask suites` installs from lock files, the packs, and `conformance/packs/labels.toml`, where we say
//! of every tool what it does from having read its source. One test per server, so that they run side by side. No server needs an
//! account, a database or a network to list its tools. What labels say by themselves is tested in `packages/labels.rs`.

mod labels;
mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use contract::discovered::{self, Definition, Discovered, Given, definition_digest, infer};
use contract::packs::{self, Pack};
use domain::{EffectClass, Provenance, ToolName};
use serde_json::{Value, json};

use crate::support::chain;
use labels::Label;
use server::Server;

/// What is wrong with a pack or its labels, one line each.
type Wrong = Vec<String>;

/// A call of a tool, and the resource that the pack's entry names for it; none if the call is refused.
type Named = (&'static str, Value, Option<&'static str>);

/// Starts the server that a pack is about, and compares.
fn compare(name: &str, server: &Server) {
    compare_with(name, server, &[]);
}

/// The same, and what calls of its tools act on.
fn compare_with(name: &str, server: &Server, calls: &[Named]) {
    let pack = packs::named(name).unwrap_or_else(|| panic!("no pack `{name}`"));
    assert_eq!(server.version(), pack.version, "the version of `{}`", pack.package);
    let definitions = server.tools();
    let definitions: BTreeMap<&str, &Value> =
        definitions.iter().map(|raw| (raw["name"].as_str().unwrap(), raw)).collect();
    let labels = labels::of(name);
    let offered: BTreeSet<&str> = definitions.keys().copied().collect();
    let known: BTreeSet<&str> = pack.tools.iter().map(|tool| tool.name.as_str()).collect();
    let labelled: BTreeSet<&str> = labels.keys().map(String::as_str).collect();
    assert_eq!(offered, known, "the tools of the server, and those of the pack");
    assert_eq!(offered, labelled, "the tools of the server, and those of the labels");
    let mut wrong = Wrong::new();
    for (&wire, &raw) in &definitions {
        digest(pack, wire, raw, &mut wrong);
        made_into_a_contract(pack, wire, raw, &mut wrong);
        guessed(labels.get(wire).unwrap(), wire, raw, &mut wrong);
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    for (wire, arguments, expect) in calls {
        let compiled = made(pack, wire, definitions.get(wire).unwrap()).compiled.unwrap();
        let resolved = compiled.resolve(arguments, &chain(), None);
        let resource = resolved.as_ref().map(|call| call.resource.as_str()).ok();
        assert_eq!(resource, *expect, "{wire} {arguments}: {resolved:?}");
    }
}

fn digest(pack: &Pack, wire: &str, raw: &Value, wrong: &mut Wrong) {
    let digest = definition_digest(raw);
    if pack.tool(wire).unwrap().definitions != [digest] {
        wrong.push(format!("{wire}: the definition is `sha256:{digest}`"));
    }
}

fn made(pack: &Pack, wire: &str, raw: &Value) -> Discovered {
    let server = "s".parse().unwrap();
    let name: ToolName = format!("s.{}", wire.to_lowercase()).parse().unwrap();
    let definition = Definition { server: &server, name: &name, wire, raw };
    let given = Given {
        pack: Some(pack),
        classification: None,
        attempts: None,
        timeout: Duration::from_secs(60),
    };
    discovered::contract(&definition, &given)
}

/// The pack's entry makes a contract that says what the entry says.
fn made_into_a_contract(pack: &Pack, wire: &str, raw: &Value, wrong: &mut Wrong) {
    let entry = pack.tool(wire).unwrap();
    let made = made(pack, wire, raw);
    if made.is_held_back() {
        wrong.push(format!("{wire}: held back: {:?}", made.findings));
    }
    let Some(compiled) = made.compiled else { return };
    let contract = &compiled.contract;
    if (contract.effect_class, contract.provenance) != (entry.effect_class, Provenance::Confirmed) {
        wrong.push(format!("{wire}: {} {}", contract.effect_class, contract.provenance));
    }
    if contract.consequences != entry.consequences || !contract.resource.starts_with("mcp:s/") {
        wrong.push(format!("{wire}: {:?} {}", contract.consequences, contract.resource));
    }
}

/// Our own reading, without the pack, takes nothing that changes something for pure, and is what it was.
fn guessed(label: &Label, wire: &str, raw: &Value, wrong: &mut Wrong) {
    let (class, _) = infer(raw, &"s".parse().unwrap());
    if label.changes && class.effect_class == EffectClass::Pure {
        wrong.push(format!("{wire}: changes something and is read as pure: {:?}", class.reasons));
    }
    if class.effect_class.word() != label.inferred {
        wrong.push(format!(
            "{wire}: read as `{}`, labelled `{}`: {:?}",
            class.effect_class, label.inferred, class.reasons
        ));
    }
}

#[test]
fn everything() {
    compare("everything", &Server::npm("@modelcontextprotocol/server-everything", "dist/index.js"));
}

#[test]
fn fetch() {
    let calls = [
        (
            "fetch",
            json!({"url": "https://EXAMPLE.com/a?b=1"}),
            Some("mcp:s/urls/https://example.com/a?b=1"),
        ),
        ("fetch", json!({"url": "file:///etc/passwd"}), None),
        ("fetch", json!({"url": "https://me:secret@example.com"}), None),
    ];
    compare_with("fetch", &Server::pypi("mcp-server-fetch"), &calls);
}

#[test]
fn filesystem() {
    let server = Server::npm("@modelcontextprotocol/server-filesystem", "dist/index.js");
    let calls = [
        ("read_text_file", json!({"path": "/srv/a.txt"}), Some("mcp:s/files/%2Fsrv%2Fa.txt")),
        ("write_file", json!({"path": "a", "content": "b", "mode": "0777"}), None),
        ("move_file", json!({"source": "a", "destination": "b"}), Some("mcp:s/files/b")),
    ];
    compare_with("filesystem", &server.argument("."), &calls);
}

#[test]
fn git() {
    compare("git", &Server::pypi("mcp-server-git"));
}

#[test]
fn github() {
    let server = Server::pack("@modelcontextprotocol/server-github", "dist/index.js");
    let issue = |owner: &str, repo: &str| json!({"owner": owner, "repo": repo, "title": "t"});
    let file = |path: &str| json!({"owner": "acme", "repo": "app", "path": path});
    let calls = [
        ("create_issue", issue("acme", "app"), Some("mcp:s/repos/acme/app/issues")),
        ("create_issue", issue("acme", "../other/app"), None),
        ("create_issue", issue("acme", "%2e%2e/other/app"), None),
        ("get_file_contents", file("src/main.rs"), Some("mcp:s/repos/acme/app/files/src/main.rs")),
        ("get_file_contents", file("../../../other/secret/contents/a"), None),
    ];
    compare_with("github", &server.variable("GITHUB_PERSONAL_ACCESS_TOKEN", "none"), &calls);
}

#[test]
fn gitlab() {
    let server = Server::pack("@modelcontextprotocol/server-gitlab", "dist/index.js");
    compare("gitlab", &server.variable("GITLAB_PERSONAL_ACCESS_TOKEN", "none"));
}

#[test]
fn kubernetes() {
    compare("kubernetes", &Server::pack("mcp-server-kubernetes", "dist/index.js"));
}

#[test]
fn memory() {
    compare("memory", &Server::pack("@modelcontextprotocol/server-memory", "dist/index.js"));
}

#[test]
fn notion() {
    let server = Server::pack("@notionhq/notion-mcp-server", "bin/cli.mjs");
    compare("notion", &server.variable("NOTION_TOKEN", "none"));
}

#[test]
fn playwright() {
    let calls = [
        (
            "browser_navigate",
            json!({"url": "https://example.com"}),
            Some("mcp:s/urls/https://example.com/"),
        ),
        ("browser_navigate", json!({"url": "javascript:alert(1)"}), None),
        ("browser_snapshot", json!({"filename": ".git/hooks/pre-commit"}), Some("mcp:s/page")),
    ];
    compare_with("playwright", &Server::pack("@playwright/mcp", "cli.js"), &calls);
}

#[test]
fn postgres() {
    let server = Server::pack("@modelcontextprotocol/server-postgres", "dist/index.js");
    compare("postgres", &server.argument("postgresql://localhost/none"));
}

#[test]
fn sentry() {
    let server = Server::pack("@sentry/mcp-server", "dist/index.js");
    compare(
        "sentry",
        &server.argument("--access-token=none").argument("--host=sentry.example.com"),
    );
}

#[test]
fn sequential_thinking() {
    let server = Server::pack("@modelcontextprotocol/server-sequential-thinking", "dist/index.js");
    compare("sequential-thinking", &server);
}

#[test]
fn slack() {
    let server = Server::pack("@modelcontextprotocol/server-slack", "dist/index.js");
    compare("slack", &server.variable("SLACK_BOT_TOKEN", "none").variable("SLACK_TEAM_ID", "T0"));
}

#[test]
fn sqlite() {
    compare("sqlite", &Server::sqlite().argument("--db-path").argument("none.db"));
}

/// Its definitions name the time zone of the computer, unless it is told one.
#[test]
fn time() {
    compare("time", &Server::pypi("mcp-server-time").argument("--local-timezone").argument("UTC"));
}
