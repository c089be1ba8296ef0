//! Is what a person should know of tools found and shown, and does what nobody can use stay out without harming others?
//! Servers with odd tools are scripted; what is shown is read over the HTTP API.

use serde_json::{Value, json};

use super::{behind, calls, classified, fixture, place, program, stands, tool, until};
use crate::mcp::peer::{Modern, names};
use crate::mcp::upstream::{Speaks, Upstream};
use crate::world::{Server, code};

fn codes(shown: &Value) -> Vec<&str> {
    let findings = shown["tool"]["findings"].as_array().unwrap();
    findings.iter().map(|one| one["code"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_with_one_tool_name_are_both_shown_and_never_mixed_up() {
    let (one, other) =
        (Upstream::start(Speaks::Modern).await, Upstream::start(Speaks::Modern).await);
    let more = format!("[[mcp_server]]\nname = \"other\"\nurl = \"{}\"", other.url);
    let server = behind(&one, &more).await;
    stands(&server, "other.echo", "pinned").await;
    let shown =
        until(&server, "/v1/tools/up.echo", |shown| codes(shown).contains(&"shadowed_name")).await;
    assert!(shown["tool"]["findings"].to_string().contains("`other`"), "{shown}");
    classified(&server, "other.echo", "pure").await;
    assert_eq!(code(&calls(&server, "other.echo", json!({ "text": "x" })).await.envelope()), "");
    assert_eq!((one.sent("tools/call").len(), other.sent("tools/call").len()), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_used_is_held_back_with_its_reason_and_harms_no_other() {
    let up = Upstream::start(Speaks::Legacy).await;
    let mut mirrored = tool("mirrored", "Lists notes.");
    mirrored["inputSchema"]["properties"] =
        json!({ "a": { "type": "object", "x-mcp-header": "A" } });
    let mut schema = tool("bent", "Lists notes.");
    schema["inputSchema"] =
        json!({ "type": "object", "properties": { "a": { "type": "nothing" } } });
    up.offers(vec![
        tool("notes", "Lists notes."),
        tool("hidden", "Lists\u{202e} notes."),
        tool("mcp.read_resource", "Lists notes."),
        mirrored,
        schema,
    ]);
    let server = behind(&up, "offers = [\"resources\"]").await;
    stands(&server, "up.notes", "pinned").await;
    let listed = server.sees("/v1/tools").await;
    let listed = listed["items"].as_array().unwrap();
    let of = |wire: &str| listed.iter().find(|item| item["wire"] == wire).unwrap();
    for (wire, found) in [
        ("hidden", "hidden_characters"),
        ("mirrored", "schema_unusable"),
        ("bent", "schema_unusable"),
    ] {
        let tool = of(wire);
        assert_eq!(tool["standing"], "held_back", "{tool}");
        let held = tool["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["code"] == found && one["severity"] == "held_back");
        assert!(held, "{tool}");
        let answer = calls(&server, tool["tool"].as_str().unwrap(), json!({})).await.envelope();
        assert!(["CR-3011", "CR-1005"].contains(&code(&answer)), "{answer:?}");
    }
    // A server's tool never takes the place of our own contract for its resources.
    let ours = server.sees("/v1/tools/up.mcp.read_resource").await;
    assert_eq!(
        (&ours["tool"]["standing"], &ours["tool"]["provenance"]),
        (&json!(null), &json!("confirmed"))
    );
    assert_ne!(of("mcp.read_resource")["tool"], "up.mcp.read_resource");
    assert!(up.sent("tools/call").is_empty());
    let counted = server.sees("/v1/servers/up").await;
    assert_eq!((&counted["held_back"], &counted["tools"]), (&json!(3), &json!(5)), "{counted}");
    // Whoever looked at exactly this text may let it in.
    let hidden = classified(&server, of("hidden")["tool"].as_str().unwrap(), "pure").await;
    assert_eq!(hidden["tool"]["standing"], "pinned", "{hidden}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_whose_annotations_no_client_could_follow_has_that_tool_left_out() {
    let server = Server::at(place(&fixture("fix", ""))).await;
    stands(&server, "fix.redefine", "pinned").await;
    classified(&server, "fix.redefine", "pure").await;
    let schema = |header: &str| json!({ "type": "object", "properties": { "a": { "type": "string", "x-mcp-header": header } } });
    for (tool, header) in [("good", "Region"), ("bad", "no name of a header")] {
        let change = json!({ "tool": tool, "with": { "inputSchema": schema(header) } });
        let told = calls(&server, "fix.redefine", change).await.envelope();
        assert_eq!(code(&told), "");
    }
    stands(&server, "fix.good", "pinned").await;
    let held = stands(&server, "fix.bad", "held_back").await;
    assert!(codes(&held).contains(&"schema_unusable"), "{held}");
    // Whatever a person says of it: clients of 2026-07-28 must not be shown it.
    classified(&server, "fix.bad", "pure").await;
    let listed = Modern::new(&server, "/mcp/fix").ask("tools/list", json!({})).await;
    let listed = names(listed.result());
    assert!(listed.contains(&"good") && !listed.contains(&"bad"), "{listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_whose_names_meet_here_are_both_held_back() {
    let up = Upstream::start(Speaks::Modern).await;
    up.offers(vec![tool("notes", "Lists notes.")]);
    let server = behind(&up, "").await;
    // The same name within Checkrein, made on purpose: what is replaced is told apart by a part of a digest.
    let met = mcp::names::internal(&"up".parse().unwrap(), "Notes!");
    let twin = met.as_str().strip_prefix("up.").unwrap().to_owned();
    up.offers(vec![tool("Notes!", "Lists notes.")]);
    stands(&server, met.as_str(), "pinned").await;
    up.offers(vec![tool("Notes!", "Lists notes."), tool(&twin, "Lists notes.")]);
    let held = stands(&server, met.as_str(), "held_back").await;
    assert!(codes(&held).contains(&"colliding_name"), "{held}");
    assert_eq!(code(&calls(&server, met.as_str(), json!({})).await.envelope()), "CR-3011");
}

#[tokio::test(flavor = "multi_thread")]
async fn packs_are_listed_with_the_servers_that_use_them() {
    let up = Upstream::start(Speaks::Modern).await;
    let server: Server = behind(&up, "pack = \"filesystem\"").await;
    let packs = server.sees("/v1/packs").await;
    let packs = packs["items"].as_array().unwrap();
    let pack = packs.iter().find(|pack| pack["pack"] == "filesystem").unwrap();
    assert_eq!(pack["servers"], json!(["up"]));
    assert!(
        pack["tools"]
            .as_array()
            .unwrap()
            .iter()
            .any(|tool| tool["tool"] == "write_file" && tool["effect_class"] != "pure")
    );
    let echo = server.sees("/v1/tools/up.echo").await;
    assert!(codes(&echo).contains(&"pack_unknown_tool"), "{echo}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_confirms_the_tools_of_the_real_package_and_nothing_else() {
    let node = program("CHECKREIN_MCP_NODE", ".tools/mcp/node");
    let packages = program("CHECKREIN_MCP_PACKAGES", ".tools/mcp/node_modules");
    let script = packages.join("@modelcontextprotocol/server-filesystem/dist/index.js");
    let served = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    std::fs::write(served.path().join("a.txt"), "hello").unwrap();
    let root = served.path().canonicalize().unwrap();
    let servers = format!(
        "\n[[mcp_server]]\nname = \"disk\"\npack = \"filesystem\"\ncommand = [\"{}\", \"{}\", \"{}\"]\n\
         reads = [\"{}\", \"{}\"]\nwrites = [\"{}\"]\n",
        node.display(),
        script.display(),
        root.display(),
        node.display(),
        packages.display(),
        root.display(),
    );
    let server = Server::at(place(&servers)).await;
    let read = stands(&server, "disk.read_text_file", "pinned").await;
    assert_eq!(
        (&read["tool"]["effect_class"], &read["tool"]["provenance"]),
        (&json!("pure"), &json!("confirmed"))
    );
    let write = server.sees("/v1/tools/disk.write_file").await;
    assert_ne!(write["tool"]["effect_class"], "pure");
    assert_eq!(write["tool"]["provenance"], "confirmed");
    let listed = server.sees("/v1/tools").await;
    assert!(
        !listed.to_string().contains("pack_other_version"),
        "the pack is of another version than the installed package"
    );
    let path = root.join("a.txt");
    let said = calls(&server, "disk.read_text_file", json!({ "path": path })).await.envelope();
    assert_eq!(said.output.unwrap()["content"][0]["text"], "hello");
}
