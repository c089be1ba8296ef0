//! `[tool.command]` to what a contract says of its program.
//!
//! In: the fields as written, and whose file it is. Out: a template or named commands, with every text in its one
//! spelling, `--` in front of the first word that begins with a value, and the errors of every command; or findings. Whether the words fit the
//! contract's arguments is asked in `judge/command.rs`.

use std::collections::BTreeMap;

use crate::command::rules::{self, Fault};
use crate::command::{Word, is_guard, standard_errors};
use crate::load::Origin;
use crate::load::findings::InTool;
use crate::load::twin;
use domain::{
    CommandMeans, CommandRole, CommandTemplate, CredentialSource, EffectClass, ErrorCase,
    JailNeeds, NamedCommand, Profile, Remote, TemplateWord,
};

/// The template or the named commands of a tool.
pub(super) fn means(
    command: twin::Command,
    origin: Origin,
    at: &mut InTool<'_, '_>,
) -> Option<CommandMeans> {
    if origin == Origin::Project && !within_a_project(&command, at) {
        return None;
    }
    let twin::Command {
        program,
        words,
        named,
        profile,
        reads,
        caches,
        hosts,
        environment,
        remotes,
    } = command;
    let needs = needs((reads, caches, hosts, environment), "command", at);
    match (program, named) {
        (Some(program), None) => {
            let good = kept(rules::program(&program), &["command", "program"], at);
            let words = template(words.unwrap_or_default(), at);
            let profile = super::word(
                at,
                &["command", "profile"],
                profile.as_deref().unwrap_or(Profile::Plain.word()),
                (Profile::ALL, Profile::word),
            );
            let remotes = all(remotes, |index, one| remote(index, one, at));
            good?;
            Some(CommandMeans::Template(CommandTemplate {
                program,
                words: words?,
                needs: needs?,
                profile: profile?,
                remotes: remotes?,
            }))
        }
        (None, Some(named)) => {
            if words.is_some()
                || profile.is_some()
                || !remotes.is_empty()
                || needs.as_ref() != Some(&JailNeeds::default())
            {
                let what = "beside `named` stands a field that belongs to a program with `words`";
                at.add(&["command"], what, "put `reads`, `caches` and `environment` into each named command, and remove the rest");
                return None;
            }
            all(named, |index, one| self::named(index, one, at)).map(CommandMeans::Named)
        }
        (Some(_), Some(_)) | (None, None) => {
            at.add(
                &["command"],
                "expected either `program` with `words`, or `named`",
                "write `program = \"…\"` and `words = […]`",
            );
            None
        }
    }
}

/// The errors of every such command, then the tool's own.
pub(super) fn errors(
    own: Vec<ErrorCase>,
    (means, effect_class): (&CommandMeans, EffectClass),
    at: &mut InTool<'_, '_>,
) -> Option<Vec<ErrorCase>> {
    let mut errors = standard_errors(means, effect_class);
    let mut good = true;
    for (index, case) in own.iter().enumerate() {
        if errors.iter().any(|standard| standard.code == case.code) {
            good = false;
            let what = format!(
                "`{}` is an error of every such command and stands in its contract already",
                case.code
            );
            at.add(&["errors", &index.to_string()], what, "remove it");
        }
    }
    at.inserted(&["errors"], 0, errors.len());
    errors.extend(own);
    good.then_some(errors)
}

/// Converts each item, so that the findings of all are told.
fn all<T, U>(items: Vec<T>, mut convert: impl FnMut(usize, T) -> Option<U>) -> Option<Vec<U>> {
    let converted: Vec<Option<U>> =
        items.into_iter().enumerate().map(|(index, item)| convert(index, item)).collect();
    converted.into_iter().collect()
}

fn kept<T>(result: Result<T, Fault>, path: &[&str], at: &mut InTool<'_, '_>) -> Option<T> {
    result.map_err(|fault| at.add(path, fault.what, fault.fix)).ok()
}

/// What reaches beyond the workspace is an operator's to give: whoever can change the project could take it else.
fn within_a_project(command: &twin::Command, at: &mut InTool<'_, '_>) -> bool {
    let beyond = [
        ("reads", !command.reads.is_empty()),
        ("hosts", !command.hosts.is_empty()),
        ("remotes", !command.remotes.is_empty()),
        ("named", command.named.is_some()),
        ("profile", command.profile.is_some()),
    ];
    let mut within = true;
    for (field, _) in beyond.iter().filter(|(_, there)| *there) {
        within = false;
        at.add(
            &["command", field],
            format!("`{field}` reaches beyond the project, and only files of the operator's configuration directory may name it"),
            "remove it, or let an operator put this file into the configuration directory",
        );
    }
    within
}

type Written = (Vec<String>, Vec<String>, Vec<String>, BTreeMap<String, String>);

fn needs(
    (reads, caches, hosts, environment): Written,
    field: &str,
    at: &mut InTool<'_, '_>,
) -> Option<JailNeeds> {
    let reads =
        all(reads, |_, path| kept(rules::reads(&path), &[field, "reads"], at).map(|()| path));
    let caches = all(caches, |_, path| kept(rules::cache(&path), &[field, "caches"], at));
    let hosts = all(hosts, |_, host| kept(rules::host_port(&host), &[field, "hosts"], at));
    let variables: Vec<(String, String)> = environment.into_iter().collect();
    let environment = all(variables, |_, (name, value)| {
        kept(rules::variable(&name, &value), &[field, "environment", &name], at)
            .map(|()| (name, value))
    });
    Some(JailNeeds {
        reads: reads?,
        caches: caches?,
        hosts: hosts?,
        environment: environment?.into_iter().collect(),
    })
}

/// The words of a template, with `--` before the first one that begins with a value.
fn template(words: Vec<twin::Word>, at: &mut InTool<'_, '_>) -> Option<Vec<TemplateWord>> {
    let mut good = true;
    let mut converted = Vec::new();
    let mut guard = None;
    let mut value = None;
    for (index, word) in words.into_iter().enumerate() {
        let word = match word {
            twin::Word::Text(text) => TemplateWord { text, when: None, each: None },
            twin::Word::Table { text, when, each } => TemplateWord { text, when, each },
        };
        match Word::parse(&word.text) {
            Ok(parsed) if parsed.begins_with_value() && value.is_none() => value = Some(index),
            Ok(_) => {}
            Err(why) => {
                good = false;
                let what = format!("the word `{}` has {why}", crate::visible::short(&word.text));
                at.add(
                    &["command", "words", &index.to_string()],
                    what,
                    "write text such as `--count={count}`",
                );
            }
        }
        if is_guard(&word.text) && word.when.is_none() && word.each.is_none() && guard.is_none() {
            guard = Some(index);
        }
        converted.push(word);
    }
    match (guard, value) {
        (None, Some(first)) => {
            let dashes = TemplateWord { text: "--".to_owned(), when: None, each: None };
            converted.insert(first, dashes);
            at.inserted(&["command", "words"], first, 1);
        }
        (Some(guard), Some(first)) if first < guard => {
            good = false;
            let what = "the word begins with a value and stands before `--`, so the value could be taken for an option";
            at.add(
                &["command", "words", &first.to_string()],
                what,
                "put `--end-of-options` before it if the program knows that, or write it as `--name={value}`",
            );
        }
        (Some(_) | None, Some(_) | None) => {}
    }
    good.then_some(converted)
}

fn named(index: usize, given: twin::Named, at: &mut InTool<'_, '_>) -> Option<NamedCommand> {
    let index = index.to_string();
    let path = ["command", "named", &index];
    let role = match &given.role {
        None => Some(None),
        Some(word) => super::word(at, &path, word, (CommandRole::ALL, CommandRole::word)).map(Some),
    };
    let needs = needs((given.reads, given.caches, Vec::new(), given.environment), "command", at);
    kept(rules::program(&given.program), &path, at)?;
    Some(NamedCommand {
        program: given.program,
        arguments: given.arguments,
        role: role?,
        needs: needs?,
    })
}

fn remote(index: usize, given: twin::GitRemote, at: &mut InTool<'_, '_>) -> Option<Remote> {
    let index = index.to_string();
    let path = ["command", "remotes", &index];
    let name = kept(rules::remote_name(&given.name), &path, at);
    let url = kept(rules::remote_url(&given.url), &path, at);
    name?;
    Some(Remote {
        name: given.name,
        url: url?,
        credential: given.credential.map(|credential| match credential {
            twin::Credential::Environment(name) => CredentialSource::Environment(name),
            twin::Credential::File(path) => CredentialSource::File(path),
        }),
    })
}
