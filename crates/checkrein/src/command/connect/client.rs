//! The programs that can be connected: where each keeps its tool servers, in which form, and how it writes one of Checkrein.
//!
//! In: a client and whose file. Out: a path, the way to the servers inside, and an entry. As the clients' own documentation says
//! in November 2026. A file that people share never gets a key: its entry names a file that each of them has.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::{Value, json};

use super::Arguments;
use crate::failure::{Failure, Result};

/// What the entry is called.
pub(super) const OURS: &str = "checkrein";

/// A program that is a client of tool servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Client {
    /// Claude Code
    Claude,
    /// Claude Desktop
    ClaudeDesktop,
    /// Cursor
    Cursor,
    /// VS Code
    Vscode,
    /// Codex
    Codex,
    /// Gemini CLI
    Gemini,
    /// opencode
    Opencode,
}

/// Whose file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Person,
    Project,
}

/// A client's file.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) client: Client,
    pub(super) scope: Scope,
    pub(super) home: PathBuf,
    /// Where the client works.
    pub(super) directory: PathBuf,
    pub(super) file: PathBuf,
}

/// How an entry of Checkrein reaches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reach {
    /// The client speaks HTTP and keeps the key.
    Http { url: String, key: String },
    /// The client starts `checkrein wrap --to`, which reads the key.
    Wrap { program: String, url: String, key_file: PathBuf },
}

impl Client {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::ClaudeDesktop => "claude-desktop",
            Self::Cursor => "cursor",
            Self::Vscode => "vscode",
            Self::Codex => "codex",
            Self::Gemini => "gemini",
            Self::Opencode => "opencode",
        }
    }

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Claude => "Claude Code",
            Self::ClaudeDesktop => "Claude Desktop",
            Self::Cursor => "Cursor",
            Self::Vscode => "VS Code",
            Self::Codex => "Codex",
            Self::Gemini => "Gemini CLI",
            Self::Opencode => "opencode",
        }
    }

    pub(super) const fn is_toml(self) -> bool {
        matches!(self, Self::Codex)
    }

    /// The file, from where it may stand; the first that is there, else the first.
    fn files(self, scope: Scope, (home, directory): (&Path, &Path)) -> Vec<PathBuf> {
        let application = |name: &str| match cfg!(target_os = "macos") {
            true => home.join("Library/Application Support").join(name),
            false => home.join(".config").join(name),
        };
        match (self, scope) {
            (Self::Claude, Scope::Person) => vec![home.join(".claude.json")],
            (Self::Claude, Scope::Project) => vec![directory.join(".mcp.json")],
            (Self::ClaudeDesktop, _) => vec![application("Claude/claude_desktop_config.json")],
            (Self::Cursor, Scope::Person) => vec![home.join(".cursor/mcp.json")],
            (Self::Cursor, Scope::Project) => vec![directory.join(".cursor/mcp.json")],
            (Self::Vscode, Scope::Person) => vec![application("Code/User/mcp.json")],
            (Self::Vscode, Scope::Project) => vec![directory.join(".vscode/mcp.json")],
            (Self::Codex, Scope::Person) => vec![home.join(".codex/config.toml")],
            (Self::Codex, Scope::Project) => vec![directory.join(".codex/config.toml")],
            (Self::Gemini, Scope::Person) => vec![home.join(".gemini/settings.json")],
            (Self::Gemini, Scope::Project) => vec![directory.join(".gemini/settings.json")],
            (Self::Opencode, Scope::Person) => ["opencode.json", "opencode.jsonc"]
                .map(|name| home.join(".config/opencode").join(name))
                .into(),
            (Self::Opencode, Scope::Project) => {
                ["opencode.json", "opencode.jsonc"].map(|name| directory.join(name)).into()
            }
        }
    }
}

impl Place {
    pub(super) fn of(given: &Arguments) -> Result<Self> {
        let scope = if given.project { Scope::Project } else { Scope::Person };
        if given.project && given.client == Client::ClaudeDesktop {
            return Err(Failure::usage("Claude Desktop has no file of a project")
                .fix("leave `--project` out"));
        }
        let home = std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
        let home =
            home.ok_or_else(|| Failure::new("there is no home directory").fix("set `HOME`"))?;
        let directory =
            std::env::current_dir().map_err(|error| Failure::file(Path::new("."), &error))?;
        let files = given.client.files(scope, (&home, &directory));
        let there = files.iter().find(|file| file.exists()).or(files.first()).cloned();
        let file = there.unwrap_or_default();
        // Many keep these files in a repository and link to them: what is changed is the file itself.
        let file = file.canonicalize().unwrap_or(file);
        Ok(Self { client: given.client, scope, home, directory, file })
    }

    /// The ways to servers inside of the file; ours goes to the first.
    pub(super) fn containers(&self, whole: &Value) -> Vec<Vec<String>> {
        let text = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
        match self.client {
            Client::Vscode => vec![text(&["servers"])],
            Client::Codex => vec![text(&["mcp_servers"])],
            // Its second form keeps them one step deeper; a server may be called `servers`, but then it has a type.
            Client::Opencode => match whole.pointer("/mcp/servers") {
                Some(servers) if servers.is_object() && servers.get("type").is_none() => {
                    vec![text(&["mcp", "servers"])]
                }
                Some(_) | None => vec![text(&["mcp"])],
            },
            // What was added for one project alone stands in the person's file too.
            Client::Claude if self.scope == Scope::Person => {
                let directory = self.directory.display().to_string();
                vec![text(&["mcpServers"]), text(&["projects", &directory, "mcpServers"])]
            }
            Client::Claude | Client::ClaudeDesktop | Client::Cursor | Client::Gemini => {
                vec![text(&["mcpServers"])]
            }
        }
    }

    /// Whether the key may stand in the file: the client speaks HTTP with headers, and the file is one person's.
    pub(super) fn takes_key(&self) -> bool {
        self.scope == Scope::Person && self.client != Client::ClaudeDesktop
    }

    /// The entry of Checkrein.
    pub(super) fn entry(&self, reach: &Reach) -> Value {
        match reach {
            Reach::Http { url, key } => {
                let headers = json!({ "Authorization": format!("Bearer {key}") });
                match self.client {
                    Client::Claude | Client::Vscode => {
                        json!({ "type": "http", "url": url, "headers": headers })
                    }
                    Client::Cursor | Client::ClaudeDesktop => {
                        json!({ "url": url, "headers": headers })
                    }
                    Client::Codex => json!({ "url": url, "http_headers": headers }),
                    Client::Gemini => json!({ "httpUrl": url, "headers": headers }),
                    Client::Opencode => {
                        // A key is all there is: no login is to be tried.
                        json!({ "type": "remote", "url": url, "headers": headers, "oauth": false })
                    }
                }
            }
            Reach::Wrap { program, url, key_file } => {
                let key_file = key_file.display().to_string();
                let words = ["wrap", "--to", url, "--key-file", &key_file];
                match self.client {
                    Client::Opencode => {
                        let command: Vec<&str> =
                            std::iter::once(program.as_str()).chain(words).collect();
                        json!({ "type": "local", "command": command })
                    }
                    Client::Vscode | Client::Claude => {
                        json!({ "type": "stdio", "command": program, "args": words })
                    }
                    Client::ClaudeDesktop | Client::Cursor | Client::Codex | Client::Gemini => {
                        json!({ "command": program, "args": words })
                    }
                }
            }
        }
    }
}
