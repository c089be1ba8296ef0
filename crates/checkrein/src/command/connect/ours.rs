//! Checkrein's own configuration file, with servers added at its end.
//!
//! In: where it is, and new entries. Out: its new text. What stands there is not touched. A file that is made new begins with a
//! space in shadow mode; one that is there keeps its modes.

use std::path::{Path, PathBuf};

use serde_json::Value;
use server::config::FILE_NAME;

use crate::context::Context;
use crate::failure::{Failure, Result};
use crate::toml_text::{Entry, Way};

const NEW: &str = "# Checkrein's configuration, begun by `checkrein connect`.\n\
    # docs/guides/configuration.md has every key, docs/guides/mcp.md those of servers.\n\n\
    # In shadow mode policies are judged and recorded, and stop nothing yet: `checkrein policy enforce` ends that.\n\
    [[space]]\nname = \"experiment\"\nmode = \"shadow\"\n\n";

/// The file as it is.
#[derive(Debug, Clone)]
pub(super) struct Own {
    pub(super) file: PathBuf,
    /// Its text; none if it is not there yet.
    pub(super) before: Option<String>,
    servers: Vec<Value>,
}

/// How an entry fits among those that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is there already.
    Same,
    /// It is new.
    New,
}

impl Own {
    /// The named file, the one of this directory, else the person's own.
    pub(super) fn find(context: &Context, home: &Path) -> Result<Self> {
        let source = context.source()?;
        let named = source
            .file
            .clone()
            .or_else(|| source.environment.get("CHECKREIN_CONFIG").map(PathBuf::from));
        let here = source.directory.join(FILE_NAME);
        let configs = source
            .environment
            .get("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute());
        let file = match named {
            Some(file) => source.directory.join(file),
            None if here.is_file() => here,
            None => {
                configs.unwrap_or_else(|| home.join(".config")).join("checkrein").join(FILE_NAME)
            }
        };
        let before = match std::fs::read_to_string(&file) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Failure::file(&file, &error)),
        };
        let value: Value =
            toml::from_str(before.as_deref().unwrap_or_default()).map_err(|error| {
                Failure::new(format!("`{}`: {}", file.display(), error.message()))
                    .fix("correct it; `checkrein config check`")
            })?;
        let servers =
            value.get("mcp_server").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(Self { file, before, servers })
    }

    /// Where secrets of servers go.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("/")).join(name)
    }

    /// Gives an entry a name that no other server has, unless it is there already.
    pub(super) fn fit(&self, entry: &mut Entry, others: &[Entry]) -> Fit {
        let same = |server: &&Value| match &entry.way {
            Way::Http { url, .. } => server["url"].as_str() == Some(url),
            Way::Stdio { command, .. } => {
                let words = server["command"].as_array().into_iter().flatten();
                words
                    .map(|word| word.as_str().unwrap_or_default())
                    .eq(command.iter().map(String::as_str))
            }
        };
        if let Some(known) = self.servers.iter().find(same)
            && let Some(name) = known["name"].as_str().and_then(|name| name.parse().ok())
        {
            entry.name = name;
            return Fit::Same;
        }
        let taken = |name: &str| {
            self.servers.iter().any(|server| server["name"].as_str() == Some(name))
                || others.iter().any(|other| other.name.as_str() == name)
        };
        let base = entry.name.to_string();
        let numbered = (2..).map(|number| format!("{base}-{number}"));
        let free = std::iter::once(base.clone()).chain(numbered).find(|name| !taken(name));
        if let Some(name) = free.and_then(|name| name.parse().ok()) {
            entry.name = name;
        }
        Fit::New
    }

    /// The text with these entries.
    pub(super) fn with(&self, entries: &[Entry]) -> String {
        let mut text = self.before.clone().unwrap_or_else(|| NEW.to_owned());
        if !text.is_empty() && !text.ends_with("\n\n") {
            text.push_str(if text.ends_with('\n') { "\n" } else { "\n\n" });
        }
        for entry in entries {
            text.push_str(&entry.text());
        }
        if text.ends_with("\n\n") {
            text.pop();
        }
        text
    }
}
