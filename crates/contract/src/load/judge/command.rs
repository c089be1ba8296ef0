//! Whether a command's words fit the contract's arguments, and its jail fits what the contract promises.
//!
//! A word that could never be filled, a value that could become an option, and a promise that a jail with a network
//! cannot keep are errors here, so that a call is never the first to find them.

use serde_json::Value;

use crate::command::{Piece, Word, installation_faults, takes_remote};
use crate::load::findings::InTool;
use crate::visible::short;
use crate::{pointer, programs, suggest};
use domain::{
    ArgumentKind, CommandMeans, CommandTemplate, Consequence, Contract, EffectClass, JailNeeds,
    NamedCommand, PreviewMeans, Profile, Provenance, TemplateWord, limits,
};

pub(super) fn judge(contract: &Contract, findings: &mut InTool<'_, '_>) {
    match &contract.command {
        None => {}
        Some(CommandMeans::Named(commands)) => {
            shown(contract, false, findings);
            named(contract, commands, findings);
        }
        Some(CommandMeans::Template(template)) => {
            let reaches = takes_remote(template) || !template.needs.hosts.is_empty();
            shown(contract, reaches, findings);
            needs(contract, &template.needs, findings);
            words(contract, template, findings);
            remotes(contract, template, findings);
            git(template, findings);
            starts(contract, template, findings);
        }
    }
}

/// Without a preview runs what reaches out, and what an operator confirms to be `pure`: else a machine without previews
/// would run unseen what others refuse.
fn shown(contract: &Contract, reaches: bool, findings: &mut InTool<'_, '_>) {
    if contract.effect_class == EffectClass::Pure && contract.provenance != Provenance::Confirmed {
        findings.add(
            &["effect_class"],
            "a `pure` command runs without a preview, so an operator must confirm it",
            "write `effect_class = \"restorable\"` with a preview and an undo, or let an operator put this file into the configuration directory with `provenance = \"confirmed\"`",
        );
    }
    if contract.effect_class.changes() && contract.preview == PreviewMeans::None && !reaches {
        findings.add(
            &["preview"],
            "a command that changes something and reaches no host runs by its preview only",
            "write `preview = \"plan\"`",
        );
    }
}

fn named(contract: &Contract, commands: &[NamedCommand], findings: &mut InTool<'_, '_>) {
    const AT: &[&str] = &["command", "named"];
    if commands.len() > limits::NAMED_COMMANDS_MAX {
        findings.add(
            AT,
            format!(
                "{} commands, at most {} are allowed",
                commands.len(),
                limits::NAMED_COMMANDS_MAX
            ),
            "name fewer",
        );
    }
    for (index, command) in commands.iter().enumerate() {
        let twice = commands.iter().take(index).any(|other| {
            (&other.program, &other.arguments) == (&command.program, &command.arguments)
        });
        for fault in installation_faults(command, twice) {
            findings.add(&["command", "named", &index.to_string()], fault.what, fault.fix);
        }
    }
    let required = contract.input.get("required").and_then(Value::as_array);
    let program = required.is_some_and(|names| names.iter().any(|name| name == "program"));
    let list = argument(contract, "arguments").is_some_and(|schema| of_type(schema, &["array"]));
    if !program || !list {
        findings.add(
            &["input"],
            "calls of named commands need the arguments `program` and `arguments`",
            "declare `program` as required text and `arguments` as a list of texts",
        );
    }
    if !contract.consequences.contains(&Consequence::CodeExecution) {
        findings.add(
            &["consequences"],
            "named programs run code, and the contract does not say so",
            "add `code_execution`",
        );
    }
}

/// What a jail holds against what the contract promises.
fn needs(contract: &Contract, needs: &JailNeeds, findings: &mut InTool<'_, '_>) {
    let counts = [
        ("reads", needs.reads.len(), limits::JAIL_PATHS_MAX),
        ("caches", needs.caches.len(), limits::JAIL_PATHS_MAX),
        ("hosts", needs.hosts.len(), limits::JAIL_PATHS_MAX),
        ("environment", needs.environment.len(), limits::JAIL_VARIABLES_MAX),
    ];
    for (field, count, most) in counts.into_iter().filter(|(_, count, most)| count > most) {
        findings.add(
            &["command", field],
            format!("{count} are named, at most {most} are allowed"),
            "name fewer",
        );
    }
    if contract.effect_class == EffectClass::Pure {
        let means = [("caches", !needs.caches.is_empty()), ("hosts", !needs.hosts.is_empty())];
        for (field, _) in means.iter().filter(|(_, there)| *there) {
            let what = format!(
                "a `pure` command writes nothing and reaches nobody, so there is nothing for `{field}`"
            );
            findings.add(
                &["command", field],
                what,
                "remove the field, or choose another effect class",
            );
        }
    }
    if contract.preview == PreviewMeans::Plan && !needs.hosts.is_empty() {
        findings.add(
            &["command", "hosts"],
            "a command that reaches hosts cannot be previewed",
            "write `preview = \"none\"`",
        );
    }
}

fn words(contract: &Contract, template: &CommandTemplate, findings: &mut InTool<'_, '_>) {
    if template.words.len() > limits::COMMAND_WORDS_MAX {
        let what = format!(
            "{} words, at most {} are allowed",
            template.words.len(),
            limits::COMMAND_WORDS_MAX
        );
        findings.add(&["command", "words"], what, "join some");
    }
    for (index, word) in template.words.iter().enumerate() {
        let index = index.to_string();
        let at = ["command", "words", index.as_str()];
        let Ok(parsed) = Word::parse(&word.text) else { continue };
        for (what, fix) in wrong_with(contract, word, &parsed) {
            findings.add(&at, format!("the word `{}` {what}", short(&word.text)), fix);
        }
    }
}

/// What is wrong with a word, and what to write instead.
type Wrong = Vec<(String, String)>;

fn wrong_with(contract: &Contract, word: &TemplateWord, parsed: &Word) -> Wrong {
    let mut wrong = Vec::new();
    let mut note = |what: String, fix: &str| wrong.push((what, fix.to_owned()));
    if word.text.is_empty() || word.text.contains(['\0', '\n', '\r']) {
        note("is empty, or has a line break or a NUL in it".to_owned(), "write one line of text");
    }
    if let Some(when) = word.when.as_deref().filter(|when| argument(contract, when).is_none()) {
        note(
            format!(
                "depends on the argument `{}`, which does not exist{}",
                short(when),
                near(contract, when)
            ),
            "name a top-level argument",
        );
    }
    let items = parsed.pieces().contains(&Piece::Item);
    match &word.each {
        Some(each) if !is_list_of_words(contract, each) => {
            note(
                format!(
                    "stands for each item of `{}`, which is no list of texts or whole numbers",
                    short(each)
                ),
                "name such a list",
            );
        }
        Some(_) if !items => note(
            "stands for each item and has no `{item}` in it".to_owned(),
            "write `{item}` where the item belongs",
        ),
        None if items => note(
            "has an `{item}` and no `each`".to_owned(),
            "add `each = \"…\"` with the name of a list",
        ),
        Some(_) | None => {}
    }
    for name in parsed.arguments() {
        value(contract, (word, name), &mut note);
    }
    if parsed.has_value() && parsed.head().starts_with('-') && !parsed.is_option_value() {
        let whole = parsed.arguments().all(|name| {
            argument(contract, name).is_some_and(|schema| of_type(schema, &["integer"]))
        });
        if !whole || items || parsed.takes_remote() {
            note(
                "would let a value name options".to_owned(),
                "put `=` between the option and its value, such as `--count={count}`",
            );
        }
    }
    wrong
}

fn value(
    contract: &Contract,
    (word, name): (&TemplateWord, &str),
    note: &mut dyn FnMut(String, &str),
) {
    let Some(schema) = argument(contract, name) else {
        let what = format!(
            "takes the argument `{}`, which does not exist{}",
            short(name),
            near(contract, name)
        );
        return note(what, "name a top-level argument");
    };
    if of_type(schema, &["array"]) {
        note(
            format!("takes the list `{name}` as one value"),
            "write `{ each = \"…\", text = \"{item}\" }`",
        );
    } else if !of_type(schema, &["string", "integer"]) && !is_words(schema) {
        note(
            format!("takes `{name}`, whose schema says neither text nor whole number"),
            "write `\"type\": \"string\"` for it",
        );
    }
    if contract.kinds.get(&pointer::join("", name)) == Some(&ArgumentKind::Secret) {
        note(format!("would show the secret `{name}`: command lines are recorded"), "leave it out");
    }
    let required = contract.input.get("required").and_then(Value::as_array);
    let required = required.is_some_and(|names| names.iter().any(|one| one == name));
    if !required
        && word.when.is_none()
        && !contract.bound.iter().any(|bound| bound.argument == name)
    {
        note(
            format!("needs the argument `{name}`, which may be absent"),
            "add it to `required`, or write `when = \"…\"`",
        );
    }
}

fn argument<'c>(contract: &'c Contract, name: &str) -> Option<&'c Value> {
    pointer::subschema(&contract.input, &[name.to_owned()])
}

fn of_type(schema: &Value, words: &[&str]) -> bool {
    schema.get("type").and_then(Value::as_str).is_some_and(|word| words.contains(&word))
}

/// Whether a schema lists texts.
fn is_words(schema: &Value) -> bool {
    schema.get("enum").and_then(Value::as_array).is_some_and(|all| all.iter().all(Value::is_string))
}

fn is_list_of_words(contract: &Contract, name: &str) -> bool {
    let list = argument(contract, name).filter(|schema| of_type(schema, &["array"]));
    let item =
        list.and_then(|_| pointer::subschema(&contract.input, &[name.to_owned(), "*".to_owned()]));
    item.is_some_and(|item| of_type(item, &["string", "integer"]) || is_words(item))
}

fn near(contract: &Contract, name: &str) -> String {
    let properties = contract.input.get("properties").and_then(Value::as_object);
    suggest::hint(name, properties.into_iter().flatten().map(|(name, _)| name.as_str()))
}

fn remotes(contract: &Contract, template: &CommandTemplate, findings: &mut InTool<'_, '_>) {
    if !takes_remote(template) {
        if !template.remotes.is_empty() {
            findings.add(
                &["command", "remotes"],
                "no word takes `{remote:url}`",
                "remove the remotes",
            );
        }
        return;
    }
    let required = contract.input.get("required").and_then(Value::as_array);
    let named = required.is_some_and(|names| names.iter().any(|name| name == "remote"));
    if !named || !argument(contract, "remote").is_some_and(|schema| of_type(schema, &["string"])) {
        findings.add(
            &["input"],
            "`{remote:url}` needs the argument `remote`",
            "declare `remote` as required text",
        );
    }
    if contract.preview == PreviewMeans::Plan {
        findings.add(
            &["preview"],
            "a command that talks to a remote cannot be previewed",
            "write `preview = \"none\"`",
        );
    }
    if contract.effect_class == EffectClass::Pure {
        findings.add(
            &["effect_class"],
            "a command that talks to a remote is not `pure`",
            "choose another effect class",
        );
    }
}

/// Subcommands of git that do only what their words say once hooks, filters, pagers and helpers are off.
const SUBCOMMANDS: &[&str] = &[
    "add",
    "blame",
    "branch",
    "cat-file",
    "cherry-pick",
    "commit",
    "describe",
    "diff",
    "fetch",
    "log",
    "ls-files",
    "ls-tree",
    "merge",
    "merge-base",
    "mv",
    "push",
    "reset",
    "restore",
    "rev-list",
    "rev-parse",
    "revert",
    "rm",
    "show",
    "stash",
    "status",
    "switch",
    "tag",
];

/// Options of these subcommands that name a program or a file outside.
const PROGRAMS: &[&str] = &[
    "--exec",
    "--ext-diff",
    "--external",
    "--gpg-sign",
    "--open-files-in-pager",
    "--output",
    "--receive-pack",
    "--recurse-submodules",
    "--strategy",
    "--template",
    "--textconv",
    "--tool",
    "--upload-pack",
];

fn git(template: &CommandTemplate, findings: &mut InTool<'_, '_>) {
    if template.profile != Profile::Git {
        return;
    }
    let first = template.words.first();
    let known = first.is_some_and(|word| {
        word.when.is_none() && word.each.is_none() && SUBCOMMANDS.contains(&word.text.as_str())
    });
    if template.program != "git" || !known {
        let fix =
            format!("write `program = \"git\"` and begin with one of {}", SUBCOMMANDS.join(", "));
        findings.add(
            &["command", "profile"],
            "the profile `git` is for git and the subcommands it is known to tame",
            fix,
        );
    }
    for (index, word) in template.words.iter().enumerate() {
        let name = word.text.split(['=', '{']).next().unwrap_or_default();
        if PROGRAMS.iter().any(|option| name.len() > 3 && option.starts_with(name)) {
            let what =
                format!("`{name}` makes git run or write something else than its repository");
            findings.add(&["command", "words", &index.to_string()], what, "remove it");
        }
    }
}

/// A program that starts others must be called what it is, so that rules over `code_execution` reach it.
fn starts(contract: &Contract, template: &CommandTemplate, findings: &mut InTool<'_, '_>) {
    if template.profile == Profile::Git
        || contract.consequences.contains(&Consequence::CodeExecution)
    {
        return;
    }
    let fixed: Vec<String> = template.words.iter().map(|word| word.text.clone()).collect();
    if programs::starts_programs(&template.program, &fixed) {
        let what = format!(
            "`{}` with these words starts other programs, or is not known to start none, and the contract does not say so",
            short(&template.program)
        );
        findings.add(&["consequences"], what, "add `code_execution`");
    }
}
