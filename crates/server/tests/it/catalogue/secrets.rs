//! Is what a server was given as a secret masked wherever it would be shown, also where the server itself tells it?
//! Looked at are answers, lists, standings and what is written to disk.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::{calls, classified, place, program, stands, tool};
use crate::mcp::peer::Modern;
use crate::mcp::upstream::{Speaks, Upstream};
use crate::world::Server;

const SECRET: &str = "a-token-of-the-server-4711";

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_a_server_is_masked_in_answers_and_in_the_journal() {
    let node = program("CHECKREIN_MCP_NODE", ".tools/mcp/node");
    let packages = program("CHECKREIN_MCP_PACKAGES", ".tools/mcp/node_modules");
    let script = packages.join("@modelcontextprotocol/server-everything/dist/index.js");
    let servers = format!(
        "\n[[mcp_server]]\nname = \"all\"\ncommand = [\"{}\", \"{}\"]\nreads = [\"{}\", \"{}\"]\n\
         environment_files = {{ TOKEN = \"token\" }}\n",
        node.display(),
        script.display(),
        node.display(),
        packages.display(),
    );
    let place = place(&servers);
    place.write("token", SECRET);
    std::fs::set_permissions(place.path("token"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let server = Server::at(place).await;
    stands(&server, "all.get-env", "pinned").await;
    classified(&server, "all.get-env", "pure").await;
    let said = calls(&server, "all.get-env", json!({})).await.ok();
    assert!(
        said.to_string().contains("TOKEN") && said.to_string().contains("⟦masked:known⟧"),
        "{said}"
    );
    assert!(!said.to_string().contains(SECRET));
    let call = said["call"].as_str().unwrap();
    for path in [
        format!("/v1/calls/{call}"),
        "/v1/servers/all".to_owned(),
        "/v1/journal/entries".to_owned(),
    ] {
        assert!(!server.sees(&path).await.to_string().contains(SECRET), "{path}");
    }
}

/// A server told its own token in a definition: it stood in lists, in the directory of definitions and in the contract.
#[tokio::test(flavor = "multi_thread")]
async fn a_definition_with_a_secret_is_held_back_and_the_secret_is_kept_nowhere() {
    let up = Upstream::start(Speaks::Modern).await;
    let hidden = format!("{}\u{200b}{}", &SECRET[..9], &SECRET[9..]);
    let mut deep = tool("deep", "Lists notes.");
    deep["inputSchema"]["properties"][SECRET] = json!({ "type": "string", "default": SECRET });
    up.offers(vec![
        tool("plain", "Lists notes."),
        tool("told", &format!("Lists notes with {SECRET}.")),
        tool("spread", &format!("Lists notes with {hidden}.")),
        deep,
    ]);
    let place = up.place("credential_file = \"token\"\n");
    place.write("token", SECRET);
    let server = Server::at(place).await;
    stands(&server, "up.plain", "pinned").await;
    for name in ["up.told", "up.spread", "up.deep"] {
        let shown = stands(&server, name, "held_back").await;
        let findings = shown["tool"]["findings"].as_array().unwrap();
        let held = findings.iter().find(|one| one["code"] == "holds_credential");
        assert_eq!(held.unwrap()["severity"], "held_back", "{shown}");
        // Whoever looks at it lets nothing in: what would be called is not what is shown.
        let said = classified(&server, name, "pure").await;
        assert_eq!(said["tool"]["standing"], "held_back", "{said}");
        assert!(shown.to_string().contains("⟦masked:known⟧"), "{shown}");
    }
    let client = Modern::new(&server, "/mcp/up");
    let listed = client.ask("tools/list", json!({})).await;
    let mut seen = vec![listed.result().to_string()];
    for path in ["/v1/tools", "/v1/servers/up", "/v1/journal/entries", "/v1/tools/up.deep"] {
        seen.push(server.sees(path).await.to_string());
    }
    let Server { place, running, .. } = server;
    running.stop();
    running.ended().await;
    let mut left = vec![place.path("state")];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            seen.push(String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned());
        }
    }
    assert!(seen.iter().any(|text| text.contains("⟦masked:known⟧")));
    for text in seen {
        assert!(!text.replace('\u{200b}', "").contains(SECRET), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_others_can_read_or_that_cannot_be_masked_ends_the_start() {
    for (text, mode, says) in
        [(SECRET, 0o644, "can be used by others"), ("short", 0o600, "cannot be masked")]
    {
        let place = place(
            "\n[[mcp_server]]\nname = \"x\"\ncommand = [\"true\"]\nenvironment_files = { TOKEN = \"token\" }\n",
        );
        place.write("token", text);
        std::fs::set_permissions(place.path("token"), std::fs::Permissions::from_mode(mode))
            .unwrap();
        let refusal = place.serve().await.unwrap_err();
        assert!(refusal.message.contains(says), "{refusal:?}");
        assert!(!refusal.message.contains(text), "{refusal:?}");
    }
}
