//! Contract packs: what is known of the tools of servers that people use, looked up from the real packages.
//!
//! In: the files of `contracts/packs/`, as built in. Out: [`Pack`]s. An entry counts only for a server whose operator names the
//! pack, and in full only for the very definition it was made from: servers change, and a pack must not vouch for what it has
//! not seen. What an entry says is judged with the contract that is made of it, by the rules of contract files.
//!
//! Not here: whether an entry counts (`discovered::class`). Tests: `tests/it/packs.rs`, and with the real servers
//! `tests/it/packages.rs`.

mod files;

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use domain::{
    ArgumentKind, Consequence, Consequences, Digest, EffectClass, ErrorCase, Executed, Idempotency,
    Label, Labels, Maturity, PartialUndo, Scope, Source, limits,
};

use crate::load;

/// What is known of one server.
#[derive(Debug, Clone, PartialEq)]
pub struct Pack {
    /// The name that operators write.
    pub name: String,
    /// The package in its registry.
    pub package: String,
    /// The registry: `npm`, `pypi`, `oci`, `go` or `remote`.
    pub registry: String,
    /// The version that the list of tools came from.
    pub version: String,
    /// Where the project lives.
    pub homepage: String,
    /// Its tools, by wire name.
    pub tools: Vec<PackTool>,
}

/// What is known of one tool.
#[derive(Debug, Clone, PartialEq)]
pub struct PackTool {
    /// The name on the wire.
    pub name: String,
    /// The exact definitions that it was made from, by digest.
    pub definitions: Vec<Digest>,
    /// What can be taken back.
    pub effect_class: EffectClass,
    /// Who is hit.
    pub consequences: Consequences,
    /// The template of its resource, beginning with `mcp:{server}/`.
    pub resource: Option<String>,
    /// What it may touch; empty for everything.
    pub scope: Vec<Scope>,
    /// How a repeated call is recognised.
    pub idempotency: Idempotency,
    /// What arguments mean, by JSON pointer.
    pub kinds: BTreeMap<String, ArgumentKind>,
    /// By which call of the same server it is countered.
    pub undo: Option<PackInverse>,
    /// The errors that it reports.
    pub errors: Vec<ErrorCase>,
    /// How settled its interface is.
    pub maturity: Maturity,
    /// Labels of its output beside `untrusted`.
    pub output_labels: Labels,
    /// Whether arguments that its schema does not name may be given although it changes something.
    pub open_arguments: bool,
    /// When an agent should use it.
    pub when_to_use: Option<String>,
    /// Its side effects in words, and by which call they are countered.
    pub side_effects: Option<String>,
}

/// The call that counters a tool's own.
#[derive(Debug, Clone, PartialEq)]
pub struct PackInverse {
    /// The name of its tool on the wire.
    pub tool: String,
    /// Where its arguments come from.
    pub arguments: BTreeMap<String, Source>,
    /// How long it may be made.
    pub window: Duration,
    /// What holds after an act of which only a part happened.
    pub partial: PartialUndo,
}

/// Why the text of a pack cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("pack `{file}`: {what}")]
pub struct PackError {
    file: String,
    what: String,
}

impl Pack {
    /// What is known of a tool.
    pub fn tool(&self, wire: &str) -> Option<&PackTool> {
        self.tools.iter().find(|tool| tool.name == wire)
    }
}

static BUILT_IN: LazyLock<Vec<Pack>> = LazyLock::new(|| {
    // Fail closed: a pack that cannot be read is no pack. A test reads them all.
    files::FILES.iter().filter_map(|(file, text)| read(file, text).ok()).collect()
});

/// Every pack of this program, by name.
pub fn all() -> &'static [Pack] {
    &BUILT_IN
}

/// The files that the packs were read from: name and text.
pub fn sources() -> &'static [(&'static str, &'static str)] {
    files::FILES
}

/// The pack of this name.
pub fn named(name: &str) -> Option<&'static Pack> {
    all().iter().find(|pack| pack.name == name)
}

/// Reads one pack.
///
/// # Errors
/// What is wrong with the text, its author's fault.
pub fn read(file: &str, text: &str) -> Result<Pack, PackError> {
    let wrong = |what: String| PackError { file: file.to_owned(), what };
    let twin: File = toml::from_str(text)
        .map_err(|error| wrong(crate::visible::line(error.message()).into_owned()))?;
    let File { pack: head, tool } = twin;
    if tool.len() > limits::SERVER_TOOLS_MAX {
        return Err(wrong(format!(
            "{} tools, at most {} are allowed",
            tool.len(),
            limits::SERVER_TOOLS_MAX
        )));
    }
    let mut tools: Vec<PackTool> = Vec::with_capacity(tool.len());
    for one in tool {
        let name = crate::visible::short(&one.name);
        let one = entry(one).map_err(|what| wrong(format!("tool `{name}`: {what}")))?;
        if tools.iter().any(|known| known.name == one.name) {
            return Err(wrong(format!("tool `{name}` stands there twice; join the entries")));
        }
        tools.push(one);
    }
    let Head { name, package, registry, version, homepage } = head;
    if !matches!(registry.as_str(), "npm" | "pypi" | "oci" | "go" | "remote") {
        return Err(wrong(format!(
            "registry `{registry}`; expected `npm`, `pypi`, `oci`, `go` or `remote`"
        )));
    }
    Ok(Pack { name, package, registry, version, homepage, tools })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    pack: Head,
    #[serde(default)]
    tool: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    name: String,
    package: String,
    registry: String,
    version: String,
    homepage: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    definition: OneOrMany,
    effect_class: String,
    #[serde(default)]
    consequences: Vec<String>,
    resource: Option<String>,
    #[serde(default)]
    scope: Vec<String>,
    #[serde(default)]
    idempotency: Repeated,
    #[serde(default)]
    arguments: BTreeMap<String, String>,
    undo: Option<Inverse>,
    #[serde(default)]
    errors: Vec<Case>,
    maturity: Option<String>,
    #[serde(default)]
    output_labels: Vec<String>,
    #[serde(default)]
    open_arguments: bool,
    when_to_use: Option<String>,
    side_effects: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inverse {
    call: InverseCall,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InverseCall {
    tool: String,
    #[serde(default)]
    arguments: BTreeMap<String, Value>,
    window_ms: u64,
    partial: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Repeated {
    #[default]
    CallerKey,
    Natural(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    code: String,
    meaning: String,
    executed: String,
}

fn entry(entry: Entry) -> Result<PackTool, String> {
    let definitions = match entry.definition {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    };
    let definitions =
        definitions.iter().map(|text| definition(text)).collect::<Result<Vec<_>, String>>()?;
    let resource = entry.resource.map(resource).transpose()?;
    let undo = entry.undo.map(|undo| inverse(undo.call)).transpose()?;
    let kind =
        |(pointer, word): (String, String)| Ok((pointer, known(&word, ArgumentKind::from_word)?));
    let case = |case: Case| {
        let executed = known(&case.executed, Executed::from_word)?;
        Ok(ErrorCase { code: case.code, meaning: case.meaning, executed })
    };
    Ok(PackTool {
        name: entry.name,
        definitions,
        effect_class: known(&entry.effect_class, EffectClass::from_word)?,
        consequences: entry
            .consequences
            .iter()
            .map(|word| known(word, Consequence::from_word))
            .collect::<Result<_, String>>()?,
        resource,
        scope: entry
            .scope
            .iter()
            .map(|text| text.parse().map_err(|error: domain::ScopeError| error.to_string()))
            .collect::<Result<_, String>>()?,
        idempotency: match entry.idempotency {
            Repeated::CallerKey => Idempotency::CallerKey,
            Repeated::Natural(pointers) => Idempotency::Natural(pointers),
        },
        kinds: entry.arguments.into_iter().map(kind).collect::<Result<_, String>>()?,
        undo,
        errors: entry.errors.into_iter().map(case).collect::<Result<_, String>>()?,
        maturity: entry
            .maturity
            .map_or(Ok(Maturity::Beta), |word| known(&word, Maturity::from_word))?,
        output_labels: entry
            .output_labels
            .iter()
            .map(|word| known(word, Label::from_word))
            .collect::<Result<_, String>>()?,
        open_arguments: entry.open_arguments,
        when_to_use: entry.when_to_use,
        side_effects: entry.side_effects,
    })
}

fn inverse(given: InverseCall) -> Result<PackInverse, String> {
    let partial = load::inverse::partial(given.partial.as_deref());
    Ok(PackInverse {
        tool: given.tool,
        arguments: load::inverse::sources(given.arguments)?,
        window: Duration::from_millis(given.window_ms),
        partial: partial.ok_or("`partial` is `safe` or `refused`")?,
    })
}

fn known<T>(word: &str, of: fn(&str) -> Option<T>) -> Result<T, String> {
    of(word).ok_or_else(|| format!("`{}` is not known here", crate::visible::short(word)))
}

fn definition(text: &str) -> Result<Digest, String> {
    let digest = text.strip_prefix("sha256:").and_then(|digits| digits.parse().ok());
    digest.ok_or_else(|| {
        format!(
            "`{}` is no definition; expected `sha256:` and 64 hexadecimal digits",
            crate::visible::short(text)
        )
    })
}

/// A resource names its server, so that two servers never share one.
fn resource(template: String) -> Result<String, String> {
    match template.starts_with("mcp:{server}/") {
        true => Ok(template),
        false => Err(format!(
            "the resource `{}` does not begin with `mcp:{{server}}/`",
            crate::visible::short(&template)
        )),
    }
}
