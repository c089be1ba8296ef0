//! One server as a client wrote it down, and what it becomes behind Checkrein.
//!
//! ```text
//! entry -> words and variables, references of the client resolved -> command | address -> [[mcp_server]] and secrets
//! ```
//! In: the entry. Out: an entry of ours, or why the server stays where it is. A reference that cannot be resolved here, a header
//! that Checkrein does not send, a transport it does not speak: these stay, and it is said.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::client::{Client, Place, Scope};
use super::secrets::{self, Secret};
use crate::program::{self, Machine, Needs};
use crate::toml_text::{Entry, Way};

/// A server that moves.
#[derive(Debug, Clone)]
pub(super) struct Moved {
    pub(super) entry: Entry,
    pub(super) secrets: Vec<Secret>,
    /// Why it runs without a jail.
    pub(super) unjailed: Option<String>,
    pub(super) notes: Vec<String>,
}

/// Reads an entry. The error is why it stays.
pub(super) fn read(
    (name, written): (&str, &Value),
    place: &Place,
    kept_in: &Path,
) -> Result<Moved, String> {
    let own =
        program::name(name).ok_or("its name has no letter or digit that a name here could have")?;
    let off =
        written["disabled"].as_bool() == Some(true) || written["enabled"].as_bool() == Some(false);
    if off {
        return Err("it is switched off".to_owned());
    }
    if written.get("envFile").is_some() {
        return Err("its variables stand in an `envFile`".to_owned());
    }
    let file = |what: &str| kept_in.join(format!("{own}.{what}"));
    match words(written, place)? {
        Some(command) => stdio(own.clone(), (command, written), place, file),
        None => http(own.clone(), written, place, file),
    }
}

/// Program and arguments; none where there is no command.
fn words(written: &Value, place: &Place) -> Result<Option<Vec<String>>, String> {
    let mut words: Vec<&Value> = Vec::new();
    match &written["command"] {
        Value::Null => return Ok(None),
        Value::Array(all) => words.extend(all),
        one @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            words.push(one);
        }
    }
    words.extend(written["args"].as_array().into_iter().flatten());
    let each = words.into_iter().map(|word| {
        let text = word.as_str().ok_or("its command has something that is no text")?;
        resolved(text, place).map(|found| found.text)
    });
    let words = each.collect::<Result<Vec<String>, String>>()?;
    if words.first().is_none_or(String::is_empty) {
        return Err("its command names no program".to_owned());
    }
    Ok(Some(words))
}

fn stdio(
    name: domain::Name,
    (command, written): (Vec<String>, &Value),
    place: &Place,
    file: impl Fn(&str) -> PathBuf,
) -> Result<Moved, String> {
    let Variables { plain, inherited, files, secrets } = variables(written, place, file)?;
    let machine = Machine::here(&directory(written, place)?);
    let Needs { command: started, reads, writes, unjailable, mut notes } =
        program::needs(&command, &plain, &machine);
    if !inherited.is_empty() {
        notes.push(format!("set {} where `checkrein up` runs", inherited.join(", ")));
    }
    if started.iter().any(|word| secrets::looks_like_one(word)) {
        notes.push(
            "its command seems to have a secret in it: the configuration has mode 0600 for that"
                .to_owned(),
        );
    }
    let jailed = unjailable.is_none();
    if jailed {
        notes.push("it may connect to nothing: add what it needs to `hosts`".to_owned());
    }
    let mut comments =
        vec![format!("Moved from {} (`{}`).", place.client.title(), place.file.display())];
    comments.extend(unjailable.iter().map(|why| format!("Without a jail, because {why}.")));
    let way = Way::Stdio {
        command: started,
        environment: plain,
        environment_from: inherited,
        environment_files: files,
        reads: if jailed { reads } else { Vec::new() },
        writes: if jailed { writes } else { Vec::new() },
        hosts: Vec::new(),
        jailed,
    };
    let pack = program::pack(&command).map(str::to_owned);
    let entry = Entry { name, way, pack, offers: Vec::new(), comments };
    Ok(Moved { entry, secrets, unjailed: unjailable, notes })
}

/// A server's variables by where each value comes from.
#[derive(Default)]
struct Variables {
    plain: Vec<(String, String)>,
    inherited: Vec<String>,
    files: Vec<(String, PathBuf)>,
    secrets: Vec<Secret>,
}

fn variables(
    written: &Value,
    place: &Place,
    file: impl Fn(&str) -> PathBuf,
) -> Result<Variables, String> {
    let mut all = Variables::default();
    let given =
        written.get("env").or_else(|| written.get("environment")).and_then(Value::as_object);
    for (variable, value) in given.into_iter().flatten() {
        // Its value may get a file that is called like it.
        if !is_plain(variable) {
            return Err(format!(
                "`{}` is no name of a variable",
                contract::visible::short(variable)
            ));
        }
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                return Err(format!("its variable `{variable}` is no text"));
            }
        };
        let found =
            resolved(&text, place).or_else(|why| match whole_reference(&text, place.client) {
                // Where Checkrein runs it may be set: that is asked when it starts.
                Some(named) if named == variable => {
                    Ok(Resolved { text: String::new(), from: Some(named.to_owned()) })
                }
                Some(_) | None => Err(why),
            })?;
        if found.from.as_ref() == Some(variable) {
            all.inherited.push(variable.clone());
        } else if found.from.is_some() || secrets::may_be(variable, &found.text) {
            all.files.push((variable.clone(), file(variable)));
            all.secrets.push(Secret { file: file(variable), value: found.text });
        } else {
            all.plain.push((variable.clone(), found.text));
        }
    }
    all.inherited.extend(texts(&written["env_vars"]));
    Ok(all)
}

fn http(
    name: domain::Name,
    written: &Value,
    place: &Place,
    file: impl Fn(&str) -> PathBuf,
) -> Result<Moved, String> {
    let is_sse = written["type"].as_str() == Some("sse")
        || (place.client == Client::Gemini && written.get("httpUrl").is_none());
    let url = ["httpUrl", "url", "serverUrl"].iter().find_map(|key| written[*key].as_str());
    let url = url.ok_or("it has neither a command nor an address")?;
    if is_sse {
        return Err("it is spoken to over the older transport with events alone".to_owned());
    }
    let url = resolved(url, place)?.text;
    let here = ["http://localhost", "http://127.0.0.1", "http://[::1]"]
        .iter()
        .any(|known| url.starts_with(known));
    if !url.starts_with("https://") && !here {
        return Err("its address is neither `https` nor on this machine".to_owned());
    }
    let mut token = None;
    let headers =
        written.get("headers").or_else(|| written.get("http_headers")).and_then(Value::as_object);
    for (header, value) in headers.into_iter().flatten() {
        let value = resolved(value.as_str().unwrap_or_default(), place)?.text;
        let bearer = value.split_once(' ').filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer"));
        match (header.eq_ignore_ascii_case("authorization"), bearer) {
            (true, Some((_, found))) => token = Some(found.trim().to_owned()),
            (true | false, _) => {
                return Err(format!("its header `{header}` is not one that Checkrein sends"));
            }
        }
    }
    if ["env_http_headers", "headersHelper", "oauth"]
        .iter()
        .any(|key| written.get(*key).is_some_and(|value| value != &Value::Bool(false)))
    {
        return Err(
            "how it is logged in at is written in a way that only the client knows".to_owned()
        );
    }
    if let Some(variable) = written["bearer_token_env_var"].as_str() {
        token = Some(
            std::env::var(variable)
                .map_err(|_| format!("the variable `{variable}` is not set here"))?,
        );
    }
    let secrets: Vec<Secret> =
        token.map(|value| Secret { file: file("token"), value }).into_iter().collect();
    let credential_file = secrets.first().map(|secret| secret.file.clone());
    let mut comments =
        vec![format!("Moved from {} (`{}`).", place.client.title(), place.file.display())];
    let mut notes = Vec::new();
    if credential_file.is_none() && !here {
        comments.push(format!(
            "If it asks for a login: add `oauth = {{}}`, then `checkrein servers login {name}`."
        ));
        notes.push(format!("if it asks for a login, add `oauth = {{}}` to it, then `checkrein servers login {name}`"));
    }
    let entry = Entry {
        name,
        way: Way::Http { url, credential_file },
        pack: None,
        offers: Vec::new(),
        comments,
    };
    Ok(Moved { entry, secrets, unjailed: None, notes })
}

/// Where a client starts its servers.
fn directory(written: &Value, place: &Place) -> Result<PathBuf, String> {
    let base = match place.scope {
        Scope::Project => place.directory.clone(),
        Scope::Person => place.home.clone(),
    };
    match written["cwd"].as_str() {
        Some(text) => resolved(text, place).map(|found| base.join(found.text)),
        None => Ok(base),
    }
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A text with the client's references resolved.
struct Resolved {
    text: String,
    /// The variable that the whole of it came from.
    from: Option<String>,
}

/// How a client begins a reference; all of them end it with `}`.
const fn opening(client: Client) -> Option<&'static str> {
    match client {
        Client::Claude | Client::Cursor | Client::Vscode | Client::Gemini => Some("${"),
        Client::Opencode => Some("{"),
        Client::ClaudeDesktop | Client::Codex => None,
    }
}

fn is_plain(variable: &str) -> bool {
    !variable.is_empty()
        && variable.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The variable that a text is a reference to, and nothing else.
fn whole_reference(text: &str, client: Client) -> Option<&str> {
    if let (Client::Gemini, Some(name)) =
        (client, text.strip_prefix('$').filter(|rest| !rest.starts_with('{')))
    {
        return Some(name);
    }
    let inner = text.strip_prefix(opening(client)?)?.strip_suffix('}')?;
    let name = inner.strip_prefix("env:").unwrap_or(inner);
    let expects_env = matches!(client, Client::Cursor | Client::Vscode | Client::Opencode);
    (is_plain(name) && (name.len() < inner.len() || !expects_env)).then_some(name)
}

fn resolved(text: &str, place: &Place) -> Result<Resolved, String> {
    let from = whole_reference(text, place.client).map(str::to_owned);
    if let (Client::Gemini, Some(name)) = (place.client, &from) {
        return Ok(Resolved { text: variable(name)?, from });
    }
    let Some(open) = opening(place.client) else {
        return Ok(Resolved { text: text.to_owned(), from: None });
    };
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once(open) {
        let Some((inner, behind)) = after.split_once('}') else { break };
        out.push_str(before);
        match reference(inner, place)? {
            Some(value) => out.push_str(&value),
            None => out.push_str(&format!("{open}{inner}}}")),
        }
        rest = behind;
    }
    out.push_str(rest);
    Ok(Resolved { text: out, from })
}

/// What a reference stands for; none where it is none.
fn reference(inner: &str, place: &Place) -> Result<Option<String>, String> {
    let directory = || match place.scope {
        Scope::Project => Ok(Some(place.directory.display().to_string())),
        Scope::Person => Err("it depends on which project is open".to_owned()),
    };
    match (place.client, inner) {
        (Client::Cursor | Client::Vscode, "workspaceFolder") => directory(),
        (Client::Cursor | Client::Vscode, "userHome") => Ok(Some(place.home.display().to_string())),
        (Client::Cursor | Client::Vscode, "pathSeparator" | "/") => Ok(Some("/".to_owned())),
        (Client::Vscode, _) if inner.starts_with("input:") => Err(format!(
            "it asks for `{}` in the editor; write the value there first",
            inner.trim_start_matches("input:")
        )),
        (Client::Opencode, _) if inner.starts_with("file:") => {
            let path = place.home.join(inner.trim_start_matches("file:").trim_start_matches("~/"));
            let read = std::fs::read_to_string(&path)
                .map_err(|error| format!("`{}`: {error}", path.display()))?;
            Ok(Some(read.trim().to_owned()))
        }
        (Client::Cursor | Client::Vscode | Client::Opencode, _) => match inner.strip_prefix("env:")
        {
            Some(name) => variable(name).map(Some),
            None if place.client == Client::Opencode => Ok(None),
            None => Err(format!("`{inner}` is something that only the client knows")),
        },
        (Client::Claude | Client::Gemini, "CLAUDE_PROJECT_DIR") => directory(),
        (Client::Claude | Client::Gemini, _) => match inner.split_once(":-") {
            Some((name, otherwise)) => {
                Ok(Some(variable(name).unwrap_or_else(|_| otherwise.to_owned())))
            }
            None => variable(inner).map(Some),
        },
        (Client::ClaudeDesktop | Client::Codex, _) => Ok(None),
    }
}

fn variable(name: &str) -> Result<String, String> {
    std::env::var(name)
        .map_err(|_| format!("the variable `{}` is not set here", contract::visible::short(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(client: Client, scope: Scope) -> Place {
        Place {
            client,
            scope,
            home: "/home/ada".into(),
            directory: "/home/ada/work".into(),
            file: "/f".into(),
        }
    }

    #[test]
    fn references_are_resolved_as_each_client_means_them() {
        let path = std::env::var("PATH").unwrap();
        let project = |client| place(client, Scope::Project);
        for (client, text, expect) in [
            (Client::Claude, "a-${PATH}-b", Some(format!("a-{path}-b"))),
            (Client::Claude, "${NOT_SET_ANYWHERE:-x}", Some("x".to_owned())),
            (Client::Claude, "${NOT_SET_ANYWHERE}", None),
            (Client::Gemini, "$PATH", Some(path.clone())),
            (Client::Cursor, "${workspaceFolder}/a", Some("/home/ada/work/a".to_owned())),
            (Client::Vscode, "${userHome}/a", Some("/home/ada/a".to_owned())),
            (Client::Vscode, "${input:token}", None),
            (Client::Vscode, "${env:PATH}", Some(path.clone())),
            (Client::Opencode, "{env:PATH}", Some(path.clone())),
            (Client::Opencode, "{\"a\": 1}", Some("{\"a\": 1}".to_owned())),
            (Client::ClaudeDesktop, "${PATH}", Some("${PATH}".to_owned())),
            (Client::Codex, "${PATH}", Some("${PATH}".to_owned())),
        ] {
            assert_eq!(
                resolved(text, &project(client)).ok().map(|found| found.text),
                expect,
                "{client:?} {text}"
            );
        }
        let person = place(Client::Cursor, Scope::Person);
        assert!(resolved("${workspaceFolder}", &person).is_err());
    }
}
