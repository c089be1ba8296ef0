//! What will change: which servers move, which stay and why, and both files as they will be.
//!
//! In: a client's file and Checkrein's. Out: a plan that is shown or carried out; nothing is written here. The plan is made of
//! what the files say now: whoever carries it out looks again.

use serde_json::Value;

use super::client::{OURS, Place, Reach, Scope};
use super::edit::{self, Change};
use super::ours::{Fit, Own};
use super::secrets::Secret;
use super::{difference, jsonc, server, toml_form};
use crate::context::Context;
use crate::failure::{Failure, OK, Result};
use crate::output::diff;
use crate::toml_text::Entry;

/// Instead of the key, where a plan is only shown.
const KEY_SHOWN: &str = "ck_agent_made_when_this_is_carried_out";

/// What will change.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) place: Place,
    pub(super) own: Own,
    /// The client's file as it is; none if it is not there.
    pub(super) before: Option<String>,
    /// Names in the client's file, with the way to each and its text.
    pub(super) moved: Vec<Taken>,
    pub(super) entries: Vec<Entry>,
    pub(super) secrets: Vec<Secret>,
    /// Servers of these names here.
    pub(super) servers: Vec<String>,
    pub(super) said: Vec<String>,
    /// Whether our entry is in the client's file already.
    pub(super) connected: bool,
    value: Value,
}

/// A server that is taken out of the client's file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Taken {
    pub(super) way: Vec<String>,
    pub(super) name: String,
    /// Its value as text; empty where the form has no such thing.
    pub(super) text: String,
}

pub(super) fn make(context: &Context, place: &Place) -> Result<Plan> {
    let before = match std::fs::read_to_string(&place.file) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Failure::file(&place.file, &error)),
    };
    let own = Own::find(context, &place.home)?;
    let text = before.clone().unwrap_or_default();
    let value = value_of(place, &text)?;
    let mut plan = Plan {
        place: place.clone(),
        own,
        before,
        moved: Vec::new(),
        entries: Vec::new(),
        secrets: Vec::new(),
        servers: Vec::new(),
        said: Vec::new(),
        connected: false,
        value,
    };
    plan.look(&text);
    Ok(plan)
}

fn value_of(place: &Place, text: &str) -> Result<Value> {
    if text.trim().is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    let read = match place.client.is_toml() {
        true => toml_form::read(text),
        false => jsonc::read(text).map(|node| node.value()),
    };
    let value = read.map_err(|why| {
        Failure::new(format!("`{}`: {why}", place.file.display()))
            .expected(format!("a file of {} as it writes it", place.client.title()))
            .fix("correct it, or move it away; nothing was changed")
    })?;
    if !value.is_object() {
        return Err(Failure::new(format!("`{}` holds no object", place.file.display()))
            .fix("nothing was changed"));
    }
    Ok(value)
}

impl Plan {
    fn look(&mut self, text: &str) {
        let root = (!self.place.client.is_toml()).then(|| jsonc::read(text).ok()).flatten();
        for way in self.place.containers(&self.value) {
            let found = way
                .iter()
                .try_fold(&self.value, |value, key| value.get(key))
                .and_then(Value::as_object);
            for (name, written) in found.cloned().into_iter().flatten() {
                if name == OURS {
                    self.connected = true;
                    continue;
                }
                let kept_in = self.own.beside("secrets");
                // What was added for one project is started there.
                let scope = if way.len() > 2 { Scope::Project } else { self.place.scope };
                let place = Place { scope, ..self.place.clone() };
                match server::read((&name, &written), &place, &kept_in) {
                    Ok(moved) => {
                        let mut inside = way.clone();
                        inside.push(name.clone());
                        let node = root.as_ref().and_then(|root| root.at(&inside));
                        let raw = node
                            .and_then(|node| text.get(node.start..node.end))
                            .unwrap_or_default();
                        self.moved.push(Taken {
                            way: way.clone(),
                            name: name.clone(),
                            text: raw.to_owned(),
                        });
                        self.take(&name, moved);
                    }
                    Err(why) => self.said.push(format!("`{name}` stays where it is: {why}")),
                }
            }
        }
    }

    fn take(&mut self, name: &str, moved: server::Moved) {
        let server::Moved { mut entry, secrets, unjailed, notes } = moved;
        let fit = self.own.fit(&mut entry, &self.entries);
        self.servers.push(entry.name.to_string());
        match fit {
            Fit::Same => {
                self.said.push(format!("`{name}` is behind Checkrein already, as `{}`", entry.name))
            }
            Fit::New => {
                self.said.push(match &entry.pack {
                    Some(pack) => format!("`{name}` moves, with the contract pack `{pack}`"),
                    None => format!("`{name}` moves; no pack is made for it, so its tools are classed by what is seen of them"),
                });
                self.said.extend(
                    unjailed.map(|why| format!("WARNING: `{name}` will run without a jail: {why}")),
                );
                self.said.extend(notes.into_iter().map(|note| format!("`{name}`: {note}")));
                self.secrets.extend(secrets);
                self.entries.push(entry);
            }
        }
    }

    /// Whether there is anything to do.
    pub(super) fn is_idle(&self) -> bool {
        self.moved.is_empty() && self.connected
    }

    /// The client's file as it will be.
    pub(super) fn after(&self, reach: &Reach) -> Result<String> {
        let ours = self.place.entry(reach);
        let text = self.before.clone().unwrap_or_default();
        let changed = if self.place.client.is_toml() {
            let names: Vec<String> = self.moved.iter().map(|taken| taken.name.clone()).collect();
            let container = self.place.containers(&self.value).concat().concat();
            toml_form::change(&text, &container, (&names, &ours))
        } else {
            let mut changes = Vec::new();
            for (at, way) in self.place.containers(&self.value).into_iter().enumerate() {
                let taken = self.moved.iter().filter(|taken| taken.way == way);
                let without = taken.map(|taken| taken.name.clone()).collect();
                let with = if at == 0 {
                    vec![(OURS.to_owned(), edit::written(&ours))]
                } else {
                    Vec::new()
                };
                changes.push(Change { way, without, with });
            }
            edit::change(&text, &changes)
        };
        changed.map_err(|why| {
            Failure::new(format!("`{}`: {why}", self.place.file.display()))
                .fix("nothing was changed")
        })
    }

    /// Shows what would change. Secrets are named by their files, never shown.
    pub(super) fn show(&self, context: &Context) -> Result {
        for line in &self.said {
            context.out.talk(line);
        }
        if self.is_idle() {
            context.out.talk("nothing to do: all its servers are behind Checkrein");
            return Ok(OK);
        }
        let key_file = self.own.beside("keys").join(self.place.client.word());
        let url = "http://localhost:7420/mcp".to_owned();
        let reach = match self.place.takes_key() {
            true => Reach::Http { url, key: KEY_SHOWN.to_owned() },
            false => Reach::Wrap { program: OURS.to_owned(), url, key_file },
        };
        let (before, after) = (self.before.clone().unwrap_or_default(), self.after(&reach)?);
        let client = difference::lines(&self.masked(&before), &self.masked(&after));
        let own_before = self.own.before.clone().unwrap_or_default();
        let own = difference::lines(&own_before, &self.own.with(&self.entries));
        let (file, own_file) = (self.place.file.display(), self.own.file.display());
        let text = format!("--- {file}\n+++ {file}\n{client}--- {own_file}\n+++ {own_file}\n{own}");
        let shown = serde_json::json!({
            "client": self.place.client.word(), "file": file.to_string(), "config": own_file.to_string(),
            "servers": self.servers, "said": self.said, "diff": text,
        });
        context.out.show(&shown, |_| diff(&text, &context.out.paint))?;
        for secret in &self.secrets {
            context
                .out
                .talk(&format!("a secret would go into `{}` (mode 0600)", secret.file.display()));
        }
        context.out.talk("nothing was changed");
        Ok(OK)
    }

    /// A text with the secrets that move replaced.
    fn masked(&self, text: &str) -> String {
        let values =
            self.secrets.iter().map(|secret| secret.value.as_str()).filter(|value| value.len() > 3);
        values.fold(text.to_owned(), |text, value| text.replace(value, "[secret]"))
    }
}
