//! A contract's command as JSON, in the words of contract files, so that a recorded one reads back.
//!
//! Fields that say nothing are left out: `null` has no place in TOML.

use serde_json::{Map, Value, json};

use domain::{
    CommandMeans, CommandTemplate, CredentialSource, HostPort, JailNeeds, NamedCommand, Remote,
    TemplateWord,
};

/// `[tool.command]` as JSON.
pub(super) fn form(means: &CommandMeans) -> Value {
    match means {
        CommandMeans::Template(template) => self::template(template),
        CommandMeans::Named(commands) => {
            json!({ "named": commands.iter().map(named).collect::<Vec<_>>() })
        }
    }
}

fn template(template: &CommandTemplate) -> Value {
    let mut form = needs(&template.needs);
    form.insert("program".to_owned(), template.program.as_str().into());
    form.insert("words".to_owned(), template.words.iter().map(word).collect());
    form.insert("profile".to_owned(), template.profile.word().into());
    if !template.remotes.is_empty() {
        form.insert("remotes".to_owned(), template.remotes.iter().map(remote).collect());
    }
    Value::Object(form)
}

/// A word: text alone where nothing else is said of it.
fn word(word: &TemplateWord) -> Value {
    let mut form = Map::new();
    let optional = [("when", &word.when), ("each", &word.each)];
    form.extend(
        optional
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value.as_deref()?.into()))),
    );
    if form.is_empty() {
        return word.text.as_str().into();
    }
    form.insert("text".to_owned(), word.text.as_str().into());
    Value::Object(form)
}

fn named(command: &NamedCommand) -> Value {
    let mut form = needs(&command.needs);
    form.insert("program".to_owned(), command.program.as_str().into());
    form.insert("arguments".to_owned(), json!(command.arguments));
    if let Some(role) = command.role {
        form.insert("role".to_owned(), role.word().into());
    }
    Value::Object(form)
}

fn needs(needs: &JailNeeds) -> Map<String, Value> {
    let hosts: Vec<String> = needs.hosts.iter().map(host).collect();
    let lists =
        [("reads", json!(needs.reads)), ("caches", json!(needs.caches)), ("hosts", json!(hosts))];
    let filled = |(_, list): &(&str, Value)| list.as_array().is_some_and(|list| !list.is_empty());
    let mut form: Map<String, Value> =
        lists.into_iter().filter(filled).map(|(name, list)| (name.to_owned(), list)).collect();
    if !needs.environment.is_empty() {
        form.insert("environment".to_owned(), json!(needs.environment));
    }
    form
}

/// `host:port`, as it is written in a file.
pub(crate) fn host(host: &HostPort) -> String {
    format!("{}:{}", host.host, host.port)
}

fn remote(remote: &Remote) -> Value {
    let mut form = Map::from_iter([
        ("name".to_owned(), Value::from(remote.name.as_str())),
        ("url".to_owned(), Value::from(remote.url.as_str())),
    ]);
    if let Some(credential) = &remote.credential {
        let source = match credential {
            CredentialSource::Environment(name) => json!({ "environment": name }),
            CredentialSource::File(path) => json!({ "file": path }),
        };
        form.insert("credential".to_owned(), source);
    }
    Value::Object(form)
}
