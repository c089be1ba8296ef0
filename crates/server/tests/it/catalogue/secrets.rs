//! Is what a server was given as a secret masked wherever it would be shown, also where the server itself tells it?
//! Looked at are answers, lists, standings and what is written to disk.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::{calls, classified, place, program, stands};
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
