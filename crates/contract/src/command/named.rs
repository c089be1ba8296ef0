//! A call of a program that an operator names, with its words as they are.
//!
//! The program must be the same text, and the arguments must begin with the named words. Where several fit, the one with
//! the most words decides on role and jail. What is not named is not run.

use serde_json::Value;

use crate::problem::{ArgumentError, ProblemKind};
use crate::visible::short;
use crate::{pointer, programs, suggest};
use domain::{CommandFacts, CommandLine, NamedCommand, Profile};

/// Named commands that an error lists.
const LISTED_MAX: usize = 10;

/// What a call with `program` and `arguments` runs.
pub(super) fn line(
    commands: &[NamedCommand],
    arguments: &Value,
) -> Result<CommandLine, ArgumentError> {
    let program = arguments.get("program").and_then(Value::as_str);
    let program = program.ok_or_else(|| {
        ArgumentError::one(ProblemKind::Missing, "/program", "is needed to run a command")
    })?;
    let words = words(arguments)?;
    let fits =
        |named: &&NamedCommand| named.program == program && words.starts_with(&named.arguments);
    let found = commands.iter().filter(fits).max_by_key(|named| named.arguments.len());
    let Some(named) = found else { return Err(not_named(commands, program, &words)) };
    Ok(CommandLine {
        facts: CommandFacts {
            program: programs::name(program).to_owned(),
            role: named.role,
            starts_programs: programs::starts_programs(program, &words),
        },
        program: program.to_owned(),
        arguments: words,
        needs: named.needs.clone(),
        profile: Profile::Plain,
        remote: None,
    })
}

fn words(arguments: &Value) -> Result<Vec<String>, ArgumentError> {
    let given = arguments.get("arguments").and_then(Value::as_array);
    let mut words = Vec::new();
    for (index, word) in given.into_iter().flatten().enumerate() {
        let at = || pointer::join("/arguments", &index.to_string());
        match word.as_str() {
            Some(text) if !text.contains('\0') => words.push(text.to_owned()),
            Some(_) => {
                return Err(ArgumentError::one(
                    ProblemKind::Kind,
                    &at(),
                    "contains the NUL character",
                ));
            }
            None => return Err(ArgumentError::one(ProblemKind::Kind, &at(), "expected text")),
        }
    }
    Ok(words)
}

fn not_named(commands: &[NamedCommand], program: &str, words: &[String]) -> ArgumentError {
    let given = joined(program, words);
    let lines: Vec<String> =
        commands.iter().map(|named| joined(&named.program, &named.arguments)).collect();
    let same = commands.iter().zip(&lines).filter(|(named, _)| named.program == program);
    let mut near: Vec<&str> = same.map(|(_, line)| line.as_str()).collect();
    if near.is_empty() {
        near.extend(suggest::closest(&given, lines.iter().map(String::as_str)));
    }
    let list = |lines: &[&str]| {
        let shown: Vec<String> =
            lines.iter().take(LISTED_MAX).map(|line| format!("`{}`", short(line))).collect();
        shown.join(", ")
    };
    let all: Vec<&str> = lines.iter().map(String::as_str).collect();
    let then = match (near.is_empty(), all.is_empty()) {
        (false, _) => format!("did you mean {}?", list(&near)),
        (true, false) => format!("named are {}", list(&all)),
        (true, true) => {
            "an operator names commands with `[[command]]` in the configuration".to_owned()
        }
    };
    let text = format!("`{}` is not a command that an operator names; {then}", short(&given));
    ArgumentError::one(ProblemKind::Scope, "/program", text)
}

fn joined(program: &str, words: &[String]) -> String {
    std::iter::once(program).chain(words.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
}
