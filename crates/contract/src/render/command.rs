//! What a command's contract says, for a person.
//!
//! A word that stands only sometimes is shown in brackets, as manuals do it.

use crate::contract_form::host;
use domain::{
    CommandMeans, CommandTemplate, JailNeeds, NamedCommand, Profile, Remote, TemplateWord,
};

type Facts = Vec<(&'static str, String)>;

/// A fact a line: what runs, and what its jail holds.
pub(super) fn facts(means: &CommandMeans) -> Facts {
    match means {
        CommandMeans::Template(template) => self::template(template),
        CommandMeans::Named(commands) if commands.is_empty() => {
            vec![(
                "runs",
                "nothing yet: an operator names commands in the configuration".to_owned(),
            )]
        }
        CommandMeans::Named(commands) => commands.iter().flat_map(named).collect(),
    }
}

fn template(template: &CommandTemplate) -> Facts {
    let words = template.words.iter().map(word);
    let line: Vec<String> = std::iter::once(template.program.clone()).chain(words).collect();
    let mut facts = vec![("runs", line.join(" "))];
    if template.profile != Profile::Plain {
        facts.push(("profile", template.profile.to_string()));
    }
    facts.extend(template.remotes.iter().map(remote));
    facts.extend(needs(&template.needs));
    facts
}

fn word(word: &TemplateWord) -> String {
    let text = match word.each {
        Some(_) => format!(
            "{}…",
            word.text.replace("{item}", &format!("{{{}}}", word.each.as_deref().unwrap_or("item")))
        ),
        None => word.text.clone(),
    };
    match &word.when {
        Some(when) if word.text.contains(&format!("{{{when}}}")) => format!("[{text}]"),
        Some(when) => format!("[{text} if {when}]"),
        None => text,
    }
}

fn remote(remote: &Remote) -> (&'static str, String) {
    let credential = if remote.credential.is_some() { ", with a credential" } else { "" };
    ("remote", format!("{}: {}{credential}", remote.name, remote.url))
}

fn named(command: &NamedCommand) -> Facts {
    let words = command.arguments.iter().map(String::as_str);
    let line: Vec<&str> = std::iter::once(command.program.as_str()).chain(words).collect();
    let role = command.role.map(|role| format!(" ({role})")).unwrap_or_default();
    let mut facts = vec![("runs", format!("{} …{role}", line.join(" ")))];
    facts.extend(needs(&command.needs));
    facts
}

fn needs(needs: &JailNeeds) -> Facts {
    let hosts: Vec<String> = needs.hosts.iter().map(host).collect();
    let environment: Vec<String> =
        needs.environment.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let lists = [
        ("may read", needs.reads.join(", ")),
        ("caches", needs.caches.join(", ")),
        ("may reach", hosts.join(", ")),
        ("variables", environment.join(", ")),
    ];
    lists.into_iter().filter(|(_, list)| !list.is_empty()).collect()
}
