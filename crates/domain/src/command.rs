//! Commands: how a contract names a program with its arguments, what one call of it runs, and what was seen.
//!
//! A command line is a program and a list of words, never a shell's text. `contract` fills templates and
//! classifies programs (`CommandLine`), `tools` runs the line in a jail, and what it printed and used comes
//! back as an `Execution` that travels with the plan. Nothing here runs anything.

use std::collections::BTreeMap;

use crate::contract::words;

/// How a tool's calls become command lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandMeans {
    /// One program with a template of words.
    Template(CommandTemplate),
    /// Programs that the operator names, with the words of the call as they are. The call's arguments are
    /// `program` and `arguments`.
    Named(Vec<NamedCommand>),
}

/// One program and the words it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandTemplate {
    /// A name that is looked up in the jail's path, or an absolute path.
    pub program: String,
    /// In order. Before the first word that begins with an argument stands `--` or `--end-of-options`.
    pub words: Vec<TemplateWord>,
    /// What the jail must hold.
    pub needs: JailNeeds,
    /// Which house rules the program needs.
    pub profile: Profile,
    /// What `{remote:url}` may stand for.
    pub remotes: Vec<Remote>,
}

/// One word of a template, or none or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateWord {
    /// `{name}` stands for the argument of that name, `{item}` for the item of `each`, `{remote:url}` for the
    /// address of the remote that the argument `remote` names.
    pub text: String,
    /// The word stands only if this argument is given and not `false`.
    pub when: Option<String>,
    /// The word stands once for each item of this array argument.
    pub each: Option<String>,
}

/// A command that an operator allows for `command.run`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedCommand {
    /// A name that is looked up in the jail's path, or an absolute path.
    pub program: String,
    /// Words with which the arguments must begin; none admits any.
    pub arguments: Vec<String>,
    /// What it is for, if the operator says so.
    pub role: Option<CommandRole>,
    /// What the jail must hold.
    pub needs: JailNeeds,
}

/// What an operator lists a command as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommandRole {
    /// It tests.
    Test,
    /// It builds.
    Build,
    /// It looks for mistakes, or formats.
    Lint,
}

/// House rules for programs that read configuration from where agents write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// None.
    Plain,
    /// Git: only harmless keys of the repository's configuration, no hooks, filters, pagers or helpers.
    Git,
}

/// What a jail holds beside the workspace and the system's own read-only paths.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JailNeeds {
    /// Absolute paths, readable: toolchains.
    pub reads: Vec<String>,
    /// Absolute paths or paths in the workspace, writable, kept by Checkrein between calls and never part of a plan.
    pub caches: Vec<String>,
    /// Hosts that may be reached through the proxy. With any, the command cannot be previewed.
    pub hosts: Vec<HostPort>,
    /// Variables. Nothing else is inherited.
    pub environment: BTreeMap<String, String>,
}

/// A host and the port on which it may be reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostPort {
    /// A DNS name or an address, in canonical form.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// A repository elsewhere that the operator names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// The name that calls use.
    pub name: String,
    /// An `https://` or `http://` address, or an absolute path of a bare repository on this machine.
    pub url: String,
    /// Where the credential for it is read when a call is dispatched; never the credential itself.
    pub credential: Option<CredentialSource>,
}

/// Where a credential is read from, at the moment it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialSource {
    /// An environment variable of Checkrein's own process.
    Environment(String),
    /// A file that only Checkrein reads.
    File(String),
}

/// What one call would run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    /// The program.
    pub program: String,
    /// Its words, without the program.
    pub arguments: Vec<String>,
    /// What the jail must hold.
    pub needs: JailNeeds,
    /// Which house rules hold.
    pub profile: Profile,
    /// The remote it talks to.
    pub remote: Option<Remote>,
    /// What a decision may know of it.
    pub facts: CommandFacts,
}

/// What a decision may know of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandFacts {
    /// The program's name without its directory.
    pub program: String,
    /// What the operator lists it as.
    pub role: Option<CommandRole>,
    /// Whether it is a shell, an interpreter, or starts programs that its arguments or files name.
    pub starts_programs: bool,
}

/// What a command printed, used and reached while it ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// How it ended. A command that was killed has no execution: it made no plan.
    pub exit_code: i32,
    /// What it printed.
    pub stdout: Printed,
    /// What it printed as errors.
    pub stderr: Printed,
    /// How long it ran, in milliseconds.
    pub wall_ms: u64,
    /// Processor time of all its processes, in milliseconds.
    pub cpu_ms: u64,
    /// The most memory that its processes held at once, in bytes, as far as it was seen.
    pub memory_bytes_max: u64,
    /// Processes and threads it started.
    pub processes: u64,
    /// Where it tried to connect to.
    pub network: Vec<Contact>,
    /// The place it ran in.
    pub rung: Rung,
}

/// Printed text, cut in the middle where there was more than `limits::COMMAND_OUTPUT_BYTES_MAX`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Printed {
    /// The text; bytes that are no UTF-8 are shown as U+FFFD.
    pub text: String,
    /// Bytes printed, also those that are not in the text.
    pub total_bytes: u64,
}

/// One attempt to reach a host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contact {
    /// As the command named it.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Why it was refused or failed; none if it was reached.
    pub refused: Option<String>,
}

/// How narrow the place is that a command runs in, narrowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// Own namespaces, the workspace under an overlay: exact preview.
    Overlay,
    /// Own namespaces, a copy of the workspace: exact preview, slower.
    Copy,
    /// Landlock alone on the real workspace: no preview.
    Landlock,
}

words! {
    CommandRole { Test = "test", Build = "build", Lint = "lint" }
    Profile { Plain = "plain", Git = "git" }
    Rung { Overlay = "overlay", Copy = "copy", Landlock = "landlock" }
}
