//! Clients' files as they really look: comments, other keys, several servers, remote ones, secrets. What moves, what stays, and
//! that everything comes back.
//!
//! No client is needed: their files are what is tested. The server that moves is the program's own notes server.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Place, Said};

/// What no configuration and no output may hold.
const SECRETS: [&str; 2] = ["tok-5f2c81-of-nobody-94", "gh-token-of-nobody-0017"];

struct Desk {
    place: Place,
}

impl Desk {
    fn new() -> Self {
        let place = Place::new();
        for name in ["home", "home/work", "notes"] {
            std::fs::create_dir_all(place.path(name)).unwrap();
        }
        // The configuration is made new, in the person's own directory.
        std::fs::remove_file(place.path("checkrein.toml")).unwrap();
        Self { place }
    }

    /// A client's file, with what differs from place to place put in.
    fn write(&self, name: &str, text: &str) -> PathBuf {
        let program = env!("CARGO_BIN_EXE_checkrein");
        let notes = self.place.path("notes").display().to_string();
        let text = text.replace("PROGRAM", program).replace("\"NOTES\"", &format!("\"{notes}\""));
        self.place.write(name, &text.replace("TOKEN1", SECRETS[0]).replace("TOKEN2", SECRETS[1]))
    }

    fn connect(&self, arguments: &[&str]) -> Said {
        let mut all = vec!["connect"];
        all.extend_from_slice(arguments);
        let mut command = self.place.command(&all);
        command.env_remove("CHECKREIN_CONFIG").current_dir(self.place.path("home/work"));
        Said::of(command.output().unwrap())
    }

    fn config(&self) -> String {
        std::fs::read_to_string(self.place.path("home/.config/checkrein/checkrein.toml")).unwrap()
    }
}

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Connects, looks, does it again, takes it back.
#[track_caller]
fn check(client: &[&str], (file, text): (&str, &str), (ours, stays): (&str, &[&str])) {
    let desk = Desk::new();
    let path = desk.write(file, text);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let before = std::fs::read_to_string(&path).unwrap();

    let said = desk.connect(&[client, &["--dry-run"]].concat()).expect(0);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before, "a dry run changes nothing");
    assert!(!desk.place.path("home/.config/checkrein").exists());
    assert!(SECRETS.iter().all(|secret| !said.out.contains(secret)), "{}", said.out);

    let said = desk.connect(client).expect(0);
    let after = std::fs::read_to_string(&path).unwrap();
    assert!(after.contains(ours), "{after}");
    for part in stays {
        assert!(after.contains(part), "{part}\n{after}");
    }
    assert!(SECRETS.iter().all(|secret| !after.contains(secret)), "{after}");
    assert!(said.err.contains("MODE: SHADOW") && said.err.contains("--undo"), "{}", said.err);
    let config = desk.config();
    assert!(
        config.contains("mode = \"shadow\"") && config.contains("name = \"notes\""),
        "{config}"
    );
    assert!(SECRETS.iter().all(|secret| !config.contains(secret)), "{config}");
    let secrets = desk.place.path("home/.config/checkrein/secrets");
    for file in std::fs::read_dir(&secrets).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
    assert_eq!(mode(&secrets), 0o700);
    // A key for the client stands in its file, which then is nobody else's, or in a file of its own.
    let holds_key = after.contains("ck_agent_");
    assert_eq!(holds_key, mode(&path) == 0o600, "{after}");
    let config = desk.place.path("home/.config/checkrein/checkrein.toml");
    desk.place.run(&["config", "check", "--config", config.to_str().unwrap()]).expect(0);

    let said = desk.connect(client).expect(0);
    assert!(said.err.contains("nothing to do"), "{}", said.err);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), after);

    desk.connect(&[client, &["--undo"]].concat()).expect(0);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before, "byte for byte");
    assert_eq!(mode(&path), 0o644);
    assert!(!config.exists() && std::fs::read_dir(&secrets).unwrap().next().is_none());
}

const CLAUDE: &str = r#"{
  "numStartups": 41,
  // what I use every day
  "mcpServers": {
    /* my notes */
    "notes": {
      "type": "stdio",
      "command": "PROGRAM",
      "args": ["demo-notes-server", "NOTES"],
      "env": { "NOTES_TOKEN": "TOKEN1", "LOG_LEVEL": "debug" }
    },
    "github": {
      "type": "http",
      "url": "https://api.example.com/mcp/",
      "headers": { "Authorization": "Bearer TOKEN2" }
    },
    "old": { "type": "sse", "url": "https://old.example.com/sse" }
  },
  "projects": { "/elsewhere": { "mcpServers": { "other": { "command": "x" } } } },
  "tipsHistory": { "a": 1, },
}
"#;

#[test]
fn claude_code_keeps_everything_but_its_servers() {
    let stays = [
        "// what I use every day",
        "/* my notes */",
        "\"old\"",
        "\"other\"",
        "\"numStartups\": 41",
        "{ \"a\": 1, }",
    ];
    check(&["claude"], ("home/.claude.json", CLAUDE), ("\"type\": \"http\"", &stays));
}

#[test]
fn a_file_that_people_share_gets_no_key() {
    let text = r#"{
  "mcpServers": {
    "notes": { "command": "PROGRAM", "args": ["demo-notes-server", "NOTES"], "env": { "NOTES_TOKEN": "TOKEN1" } }
  }
}"#;
    let ours = "\"--to\",\n        \"http://localhost:7420/mcp\"";
    check(&["claude", "--project"], ("home/work/.mcp.json", text), (ours, &[]));
    check(&["cursor", "--project"], ("home/work/.cursor/mcp.json", text), (ours, &[]));
}

#[test]
fn claude_desktop_starts_a_program_that_reads_the_key() {
    let text = r#"{"globalShortcut":"Ctrl+Space","mcpServers":{"notes":{"command":"PROGRAM","args":["demo-notes-server","NOTES"],"env":{"NOTES_TOKEN":"TOKEN1"}}}}"#;
    let stays = ["\"globalShortcut\":\"Ctrl+Space\""];
    check(
        &["claude-desktop"],
        ("home/.config/Claude/claude_desktop_config.json", text),
        ("\"wrap\"", &stays),
    );
}

#[test]
fn cursor_keeps_its_tabs_and_its_comments() {
    let text = "{\n\t\"mcpServers\": {\n\t\t// notes\n\t\t\"notes\": {\n\t\t\t\"command\": \"PROGRAM\",\n\t\t\t\"args\": [\"demo-notes-server\", \"NOTES\"],\n\t\t\t\"env\": { \"NOTES_TOKEN\": \"TOKEN1\" }\n\t\t}\n\t}\n}\n";
    check(&["cursor"], ("home/.cursor/mcp.json", text), ("\t\t\"checkrein\"", &["\t\t// notes"]));
}

#[test]
fn vs_code_keeps_its_inputs_and_what_asks_for_them() {
    let text = r#"{
  "inputs": [{ "type": "promptString", "id": "token", "password": true }],
  "servers": {
    "notes": { "type": "stdio", "command": "PROGRAM", "args": ["demo-notes-server", "NOTES"], "env": { "NOTES_TOKEN": "TOKEN1" } },
    "asks": { "type": "http", "url": "https://x.example.com/mcp", "headers": { "Authorization": "Bearer ${input:token}" } }
  }
}
"#;
    let stays = ["promptString", "${input:token}"];
    check(&["vscode"], ("home/.config/Code/User/mcp.json", text), ("\"type\": \"http\"", &stays));
}

#[test]
fn codex_keeps_its_comments_and_tables() {
    let text = "# mine\nmodel = \"gpt\"\n\n[mcp_servers.notes] # notes\ncommand = \"PROGRAM\"\nargs = [\"demo-notes-server\", \"NOTES\"]\n\n[mcp_servers.notes.env]\nNOTES_TOKEN = \"TOKEN1\"\n\n[mcp_servers.off]\ncommand = \"x\"\nenabled = false\n\n[tui]\n# quiet\nnotifications = false\n";
    let stays = ["# mine", "[mcp_servers.off]", "# quiet"];
    check(&["codex"], ("home/.codex/config.toml", text), ("http_headers", &stays));
}

#[test]
fn gemini_cli_keeps_its_settings() {
    let text = r#"{
  "theme": "Dracula",
  "mcpServers": {
    "notes": { "command": "PROGRAM", "args": ["demo-notes-server", "NOTES"], "env": { "NOTES_TOKEN": "TOKEN1" }, "trust": false },
    "events": { "url": "https://x.example.com/sse" }
  }
}
"#;
    check(
        &["gemini"],
        ("home/.gemini/settings.json", text),
        ("\"httpUrl\"", &["Dracula", "\"events\""]),
    );
}

#[test]
fn opencode_is_understood_in_both_of_its_forms() {
    let server = r#"{ "type": "local", "command": ["PROGRAM", "demo-notes-server", "NOTES"], "environment": { "NOTES_TOKEN": "TOKEN1" } }"#;
    let first = format!(
        "{{\n  \"$schema\": \"https://opencode.ai/config.json\",\n  \"mcp\": {{\n    \"notes\": {server},\n  }},\n}}\n"
    );
    let second = format!(
        "{{\n  \"mcp\": {{\n    \"servers\": {{\n      \"notes\": {server}\n    }}\n  }}\n}}\n"
    );
    check(
        &["opencode"],
        ("home/.config/opencode/opencode.json", &first),
        ("\"type\": \"remote\"", &["$schema"]),
    );
    check(
        &["opencode"],
        ("home/.config/opencode/opencode.jsonc", &second),
        ("\"type\": \"remote\"", &["\"servers\""]),
    );
}

#[test]
fn what_moved_since_is_said_and_kept() {
    let desk = Desk::new();
    let path = desk.write("home/.claude.json", CLAUDE);
    let before: Value =
        serde_json::from_str(&without_comments(&std::fs::read_to_string(&path).unwrap())).unwrap();
    desk.connect(&["claude"]).expect(0);
    let moved = std::fs::read_to_string(&path)
        .unwrap()
        .replace("\"numStartups\": 41", "\"numStartups\": 42");
    std::fs::write(&path, moved).unwrap();
    let said = desk.connect(&["claude", "--undo"]).expect(0);
    assert!(said.err.contains("+  \"numStartups\": 42"), "{}", said.err);
    let after: Value =
        serde_json::from_str(&without_comments(&std::fs::read_to_string(&path).unwrap())).unwrap();
    assert_eq!(after["numStartups"], 42);
    assert_eq!(after["mcpServers"], before["mcpServers"]);
    // Nothing is left to take back.
    desk.connect(&["claude", "--undo"]).expect(1);
}

#[test]
fn an_entry_of_checkrein_that_somebody_changed_is_not_touched() {
    let desk = Desk::new();
    let path = desk.write("home/.claude.json", CLAUDE);
    desk.connect(&["claude"]).expect(0);
    let moved = std::fs::read_to_string(&path)
        .unwrap()
        .replace("\"type\": \"http\"", "\"type\": \"streamable-http\"");
    std::fs::write(&path, &moved).unwrap();
    let said = desk.connect(&["claude", "--undo"]).expect(8);
    assert!(said.err.contains("checkrein-backup"), "{}", said.err);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), moved);
}

#[test]
fn a_configuration_that_enforces_still_does() {
    let desk = Desk::new();
    desk.write("home/.claude.json", CLAUDE);
    let own = desk.place.path("home/.config/checkrein");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::set_permissions(&own, std::fs::Permissions::from_mode(0o700)).unwrap();
    desk.place.write(
        "home/.config/checkrein/checkrein.toml",
        "# mine\n[[space]]\nname = \"staging\"\nmode = \"enforce\"\n",
    );
    let said = desk.connect(&["claude"]).expect(0);
    assert!(said.err.contains("MODE: ENFORCE"), "{}", said.err);
    let config = desk.config();
    assert!(config.starts_with("# mine\n") && !config.contains("shadow"), "{config}");
}

#[test]
fn a_file_that_cannot_be_read_is_left_alone() {
    let desk = Desk::new();
    let path = desk.write("home/.claude.json", "{ \"mcpServers\": { \"a\": ");
    let said = desk.connect(&["claude"]).expect(1);
    assert!(said.err.contains("nothing was changed"), "{}", said.err);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "{ \"mcpServers\": { \"a\": ");
}

/// Good enough for the files here: their texts have neither `//` before a comment nor commas before a bracket.
fn without_comments(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.trim().starts_with("//") && !line.trim().starts_with("/*"));
    let text: String = lines.collect::<Vec<_>>().join("\n");
    text.replace("1, }", "1 }").replace("},\n}", "}\n}")
}
