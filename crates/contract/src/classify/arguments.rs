//! The arguments of a tool: which say that it changes something, and which are sensitive.
//!
//! Names are compared word by word, with the words of the enumerations they allow: `action: create | list` changes something. So does
//! an argument whose description says that results are saved there.
//! Only arguments at the top count; what lies deeper belongs to one of them.

use serde_json::Value;

use super::text::{self, Reading};
use super::verbs::{self, CHANGES, CHANGES_OR_THINGS};

/// Arguments that only a change needs, as whole names in words.
const CHANGING: &[&str] = &[
    "amount",
    "bcc",
    "body",
    "cc",
    "changes",
    "children",
    "cmd",
    "code",
    "command",
    "commands",
    "confirm",
    "content",
    "contents",
    "data",
    "ddl",
    "dest",
    "destination",
    "destination path",
    "disable",
    "download path",
    "dry run",
    "edits",
    "enable",
    "enabled",
    "entities",
    "export path",
    "force",
    "insert text",
    "javascript",
    "message",
    "mutation",
    "observations",
    "out file",
    "out path",
    "output dir",
    "output directory",
    "output file",
    "output filename",
    "output folder",
    "output path",
    "overwrite",
    "patch",
    "payload",
    "recipient",
    "recipients",
    "relations",
    "replacement",
    "save",
    "script",
    "shell",
    "sql",
    "statement",
    "statements",
    "updates",
    "upsert",
    "value",
    "values",
];

/// First words of arguments that only a change needs (`new_name`, `add_labels`, `save_as`).
const CHANGING_LEADS: &[&str] =
    &["new", "add", "remove", "delete", "insert", "replace", "overwrite", "append", "save"];

/// Words by which the description of an argument says that something is put there: at its beginning, or after `to`
/// (`Save results to a file`, `file to write them to`).
const PUTS: &[&str] = &["append", "download", "dump", "export", "overwrite", "save", "write"];

/// Arguments that choose what happens.
const CHOICES: &[&str] =
    &["action", "operation", "method", "mode", "op", "verb", "subcommand", "query type"];

/// Words by which a free text called `query` is a statement of a language that can change something.
const LANGUAGES: &[&str] = &[
    "bigquery",
    "clickhouse",
    "cypher",
    "database",
    "databases",
    "db",
    "duckdb",
    "gql",
    "graphql",
    "mongo",
    "mongodb",
    "mysql",
    "neo4j",
    "postgres",
    "postgresql",
    "redis",
    "snowflake",
    "sparql",
    "sql",
    "sqlite",
    "warehouse",
];

/// Arguments that can be such a statement.
const STATEMENTS: &[&str] =
    &["aggregate", "aggregation", "cypher", "pipeline", "q", "query", "queries"];

/// Words of arguments that are secrets.
const SECRETS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "apikey",
    "credential",
    "credentials",
    "pin",
    "otp",
    "cvv",
    "cvc",
];

/// Words of sensitive matters, in names, arguments and descriptions.
const SENSITIVE: &[&str] = &[
    "address",
    "bank",
    "birthday",
    "birthdate",
    "card",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "cvc",
    "cvv",
    "diagnosis",
    "dob",
    "email",
    "emails",
    "health",
    "iban",
    "license",
    "medical",
    "passport",
    "passwd",
    "password",
    "passwords",
    "patient",
    "payroll",
    "personal",
    "phone",
    "pin",
    "private",
    "salary",
    "secret",
    "secrets",
    "ssn",
    "tax",
    "token",
    "tokens",
];

/// One argument at the top.
#[derive(Debug)]
struct Argument {
    name: String,
    words: Vec<String>,
    is_text: bool,
}

/// What the arguments say.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    all: Vec<Argument>,
    /// Why the tool changes something, one text for each sign.
    pub(super) changing: Vec<String>,
}

impl Arguments {
    pub(super) fn of(raw: &Value) -> Self {
        let mut arguments = Self::default();
        let properties = raw.pointer("/inputSchema/properties").and_then(Value::as_object);
        for (name, schema) in properties.into_iter().flatten() {
            let words = text::name_words(name);
            arguments.changing.extend(changes(name, &words, schema));
            let is_text = schema.get("type").and_then(Value::as_str) == Some("string");
            arguments.all.push(Argument { name: name.clone(), words, is_text });
        }
        arguments
    }

    /// A text called `query` reads where it searches, and does anything where it is a statement.
    pub(super) fn statement(&mut self, reading: &Reading) {
        let language = reading
            .name
            .iter()
            .chain(&reading.description)
            .find(|word| LANGUAGES.contains(&word.as_str()));
        let statement =
            self.all.iter().find(|one| STATEMENTS.contains(&one.words.join(" ").as_str()));
        if let (Some(language), Some(statement)) = (language, statement) {
            let shown = crate::visible::short(&statement.name);
            self.changing.push(format!(
                "the argument `{shown}` can be a statement, since the text says `{language}`"
            ));
        }
    }

    /// Whether an argument has exactly this name, in words.
    pub(super) fn has(&self, name: &str) -> bool {
        self.all.iter().any(|one| one.words.join(" ") == name)
    }

    /// Whether a word stands in any argument's name.
    pub(super) fn has_word(&self, word: &str) -> bool {
        self.all.iter().any(|one| one.words.iter().any(|known| known == word))
    }

    /// Top-level texts that are secrets by their name.
    pub(super) fn secrets(&self) -> Vec<String> {
        let secret = |one: &&Argument| {
            let named = one.words.iter().any(|word| SECRETS.contains(&word.as_str()));
            let phrase = one.words.join(" ");
            let key = [
                "api key",
                "private key",
                "secret key",
                "access key",
                "access token",
                "auth token",
                "bearer token",
            ];
            one.is_text
                && (named || phrase == "token" || key.iter().any(|key| phrase.contains(key)))
        };
        self.all.iter().filter(secret).map(|one| one.name.clone()).collect()
    }

    /// Words of sensitive matters in the tool's name and arguments, sorted.
    pub(super) fn sensitive(&self, reading: &Reading) -> Vec<String> {
        let words = self
            .all
            .iter()
            .flat_map(|one| &one.words)
            .chain(&reading.name)
            .chain(&reading.description);
        let found: std::collections::BTreeSet<&String> =
            words.filter(|word| SENSITIVE.contains(&word.as_str())).collect();
        found.into_iter().cloned().collect()
    }
}

fn changes(name: &str, words: &[String], schema: &Value) -> Option<String> {
    let shown = crate::visible::short(name);
    let phrase = words.join(" ");
    if CHANGING.contains(&phrase.as_str()) {
        return Some(format!("it takes the argument `{shown}`"));
    }
    if words.len() > 1 && words.first().is_some_and(|word| CHANGING_LEADS.contains(&word.as_str()))
    {
        return Some(format!("it takes the argument `{shown}`"));
    }
    if CHOICES.contains(&phrase.as_str()) {
        return choice(&shown, schema);
    }
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    puts(description).map(|word| format!("the argument `{shown}` says `{word}`"))
}

/// The word by which the description of an argument says that something is put there.
fn puts(description: &str) -> Option<String> {
    let sentences = text::sentences(description);
    let mut leading = sentences.iter().flat_map(|words| {
        let after_to = words.windows(2).filter_map(|pair| match pair {
            [to, word] if to == "to" => Some(word),
            _ => None,
        });
        words.first().into_iter().chain(after_to)
    });
    leading.find(|word| verbs::base(word, |word| PUTS.contains(&word)).is_some()).cloned()
}

/// An argument that chooses what happens changes something if one of its values does, or if nobody lists them.
fn choice(shown: &str, schema: &Value) -> Option<String> {
    let Some(values) = schema.get("enum").and_then(Value::as_array) else {
        return Some(format!(
            "the argument `{shown}` chooses what happens, and its values are not listed"
        ));
    };
    let changing = values.iter().filter_map(Value::as_str).find(|value| {
        let known = |word: &str| CHANGES.contains(&word) || CHANGES_OR_THINGS.contains(&word);
        text::name_words(value).iter().any(|word| verbs::base(word, known).is_some())
    });
    changing
        .map(|value| format!("the argument `{shown}` can be `{}`", crate::visible::short(value)))
}
