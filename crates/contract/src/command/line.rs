//! Arguments of a call to the words of a command line.
//!
//! A value becomes a part of exactly one word. Where it begins the word it may not begin with `-`; where it begins the
//! word or stands behind fixed text that is no option it holds no line break; it never holds a NUL. Too many
//! words or bytes are refused, and so is a line that starts other programs although the contract does not say so.

use serde_json::Value;

use super::word::{Piece, Word};
use super::{named, rules};
use crate::pointer;
use crate::problem::{ArgumentError, ProblemKind};
use crate::programs;
use crate::visible::short;
use domain::{
    CommandFacts, CommandLine, CommandMeans, CommandTemplate, Consequence, Contract, Profile,
    Remote, TemplateWord, limits,
};

/// The words of a contract's template, parsed; none for a contract whose commands an operator names.
#[derive(Debug)]
pub(crate) struct Line(Vec<Parsed>);

#[derive(Debug)]
struct Parsed {
    word: Word,
    when: Option<String>,
    each: Option<String>,
}

/// One value on its way into a word, and where it came from.
struct Given<'a> {
    arguments: &'a Value,
    item: Option<(&'a Value, String)>,
    url: Option<&'a str>,
}

impl Line {
    /// Parses a contract's template; the error says which word is wrong, and how.
    pub(crate) fn new(means: &CommandMeans) -> Result<Self, String> {
        let words: &[TemplateWord] = match means {
            CommandMeans::Template(template) => &template.words,
            CommandMeans::Named(_) => &[],
        };
        let parse = |word: &TemplateWord| {
            let parsed = Word::parse(&word.text)
                .map_err(|why| format!("the word `{}` has {why}", short(&word.text)))?;
            Ok(Parsed { word: parsed, when: word.when.clone(), each: word.each.clone() })
        };
        words.iter().map(parse).collect::<Result<_, String>>().map(Self)
    }

    /// What one call runs. `arguments` are resolved: checked by the schema and in canonical form.
    pub(crate) fn fill(
        &self,
        contract: &Contract,
        arguments: &Value,
    ) -> Result<CommandLine, ArgumentError> {
        let Some(means) = &contract.command else {
            return Err(ArgumentError::one(ProblemKind::Kind, "", "the contract names no command"));
        };
        let line = match means {
            CommandMeans::Template(template) => self.template(template, arguments)?,
            CommandMeans::Named(commands) => named::line(commands, arguments)?,
        };
        bounded(&line)?;
        // A harmless program can be made to start others by one argument, such as a script of `sed`. What no rule
        // over `code_execution` sees must not run.
        if line.facts.starts_programs
            && !contract.consequences.contains(&Consequence::CodeExecution)
        {
            let text = format!(
                "these arguments make `{}` start other programs, which the contract of `{}` does not say (`code_execution`)",
                short(&line.program),
                contract.name
            );
            return Err(ArgumentError::one(ProblemKind::Scope, "", text));
        }
        Ok(line)
    }

    fn template(
        &self,
        template: &CommandTemplate,
        arguments: &Value,
    ) -> Result<CommandLine, ArgumentError> {
        let takes_remote = self.0.iter().any(|parsed| parsed.word.takes_remote());
        let remote = if takes_remote { Some(remote(&template.remotes, arguments)?) } else { None };
        let mut given =
            Given { arguments, item: None, url: remote.map(|remote| remote.url.as_str()) };
        let mut words = Vec::new();
        for parsed in self.0.iter().filter(|parsed| stands(parsed.when.as_deref(), arguments)) {
            let Some(each) = &parsed.each else {
                given.item = None;
                words.push(fill(&parsed.word, &given)?);
                continue;
            };
            let at = pointer::join("", each);
            let items = arguments.get(each).and_then(Value::as_array);
            for (index, item) in items.into_iter().flatten().enumerate() {
                given.item = Some((item, pointer::join(&at, &index.to_string())));
                words.push(fill(&parsed.word, &given)?);
            }
        }
        let mut needs = template.needs.clone();
        needs.hosts.extend(remote.and_then(|remote| rules::remote_host(&remote.url)));
        Ok(CommandLine {
            facts: CommandFacts {
                program: programs::name(&template.program).to_owned(),
                role: None,
                // The profile switches off everything by which git starts what files or arguments name.
                starts_programs: match template.profile {
                    Profile::Git => false,
                    Profile::Plain => programs::starts_programs(&template.program, &words),
                },
            },
            program: template.program.clone(),
            arguments: words,
            needs,
            profile: template.profile,
            remote: remote.cloned(),
        })
    }
}

/// Whether the argument is given and not `false`.
fn stands(when: Option<&str>, arguments: &Value) -> bool {
    when.is_none_or(|name| match arguments.get(name) {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(
            Value::Bool(true)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_),
        ) => true,
    })
}

fn remote<'r>(remotes: &'r [Remote], arguments: &Value) -> Result<&'r Remote, ArgumentError> {
    let given = arguments.get("remote").and_then(Value::as_str).unwrap_or_default();
    let found = remotes.iter().find(|remote| remote.name == given);
    found.ok_or_else(|| {
        let names: Vec<String> =
            remotes.iter().map(|remote| format!("`{}`", remote.name)).collect();
        let known = match names.is_empty() {
            true => {
                "an operator names none yet; `[[git_remote]]` in the configuration does".to_owned()
            }
            false => format!("expected one of {}", names.join(", ")),
        };
        let text = format!("`{}` is not a remote that an operator names; {known}", short(given));
        ArgumentError::one(ProblemKind::Scope, "/remote", text)
    })
}

fn fill(word: &Word, given: &Given<'_>) -> Result<String, ArgumentError> {
    let mut out = String::new();
    let mut first = None;
    for piece in word.pieces() {
        let (at, text) = match piece {
            Piece::Text(text) => {
                out.push_str(text);
                continue;
            }
            Piece::RemoteUrl => ("/remote".to_owned(), given.url.map(str::to_owned)),
            Piece::Item => given
                .item
                .as_ref()
                .map_or((String::new(), None), |(item, at)| (at.clone(), plain(item))),
            Piece::Argument(name) => {
                (pointer::join("", name), given.arguments.get(name).and_then(plain))
            }
        };
        let Some(text) = text else {
            let what =
                "is needed for the command line of this call; give it as text or a whole number";
            return Err(ArgumentError::one(ProblemKind::Missing, &at, what));
        };
        admit(&text, word, &at)?;
        out.push_str(&text);
        first.get_or_insert(at);
    }
    let refuse = |what: &str| {
        let at = first.clone().unwrap_or_default();
        Err(ArgumentError::one(ProblemKind::Kind, &at, what))
    };
    if word.begins_with_value() && out.is_empty() {
        return refuse("is empty; a command line has no empty words");
    }
    if word.begins_with_value() && out.starts_with('-') {
        return refuse(
            "begins with `-`, so the program could take it for an option; expected a plain value",
        );
    }
    Ok(out)
}

/// Whether a value may stand in this word.
fn admit(text: &str, word: &Word, at: &str) -> Result<(), ArgumentError> {
    if text.contains('\0') {
        return Err(ArgumentError::one(ProblemKind::Kind, at, "contains the NUL character"));
    }
    if !word.is_option_value() && text.contains(['\n', '\r']) {
        let what = "contains a line break; expected one line";
        return Err(ArgumentError::one(ProblemKind::Kind, at, what));
    }
    Ok(())
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
        Value::Number(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    }
}

fn bounded(line: &CommandLine) -> Result<(), ArgumentError> {
    let (words, most) = (line.arguments.len(), limits::COMMAND_WORDS_MAX);
    if words > most {
        let text = format!("the command line has {words} words, at most {most} are allowed");
        return Err(ArgumentError::one(ProblemKind::Kind, "", text));
    }
    let bytes: usize = line.arguments.iter().map(|word| word.len() + 1).sum();
    let most = limits::COMMAND_LINE_BYTES_MAX;
    if bytes + line.program.len() > most {
        let text = format!("the command line has {bytes} bytes, at most {most} are allowed");
        return Err(ArgumentError::one(ProblemKind::Kind, "", text));
    }
    Ok(())
}
