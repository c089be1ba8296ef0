//! The command line: what may be typed, and what help says of it.
//!
//! Each verb's own arguments stand in its file under `command`; here are those that every verb has.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::command::{
    agents, approvals, budgets, call, calls, config, connect, console, contracts, dead, doctor,
    duties, journal, keys, outlets, people, policy, runs, servers, stop, tools, undo, up, wrap,
};
use crate::demo;
use crate::output::Format;

/// The whole line.
#[derive(Debug, Parser)]
#[command(
    name = "checkrein",
    version,
    about = "The control plane between AI agents and the systems they act on",
    after_help = "Exit codes: 0 ok, 1 error, 2 usage, 3 denied, 4 not authenticated, 5 held or timed out waiting,\n\
                  6 over budget, 7 verification failed, 8 stale, 9 stopped, 10 differences found,\n\
                  78 bad configuration, 130 interrupted",
    disable_help_subcommand = true
)]
pub(crate) struct CommandLine {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every verb takes.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Global {
    /// The server; without it the one of the configuration
    #[arg(long, global = true, env = "CHECKREIN_URL", value_name = "URL")]
    pub(crate) url: Option<String>,
    /// A file with a key; else `CHECKREIN_KEY`, else the file of first keys
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// The configuration; else `CHECKREIN_CONFIG`, else `checkrein.toml` in this directory
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How data is printed
    #[arg(short, long, global = true, value_enum, default_value_t, value_name = "FORM")]
    pub(crate) output: Format,
    /// Ask nothing; what would be asked must be given
    #[arg(long, global = true)]
    pub(crate) no_input: bool,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the server
    Up(up::Arguments),
    /// Check this installation and say how to mend it
    Doctor(doctor::Arguments),
    /// See one governed call after another on a scratch repository
    Demo(demo::Arguments),
    /// A small tool server over standard input and output: notes in a file
    #[command(hide = true)]
    DemoNotesServer(demo::notes_server::Arguments),
    /// A small tool server that asks a web server for a page, for the demo and for trying things out
    #[command(hide = true)]
    DemoHealthServer(demo::health_server::Arguments),
    /// Put the tool servers of an agent's program behind Checkrein
    Connect(connect::Arguments),
    /// Govern one tool server in place, over standard input and output
    Wrap(wrap::Arguments),
    /// Propose a call, as an agent
    Call(call::Arguments),
    /// Look at calls, wait for them, settle them
    #[command(subcommand)]
    Calls(calls::Verb),
    /// Calls that wait for a person: no attempt is left, or nobody knows what became of them
    #[command(subcommand)]
    Dead(dead::Verb),
    /// Open, look at and end runs
    #[command(subcommand)]
    Runs(runs::Verb),
    /// Decide held calls
    #[command(subcommand)]
    Approvals(approvals::Verb),
    /// Notices to see and reviews to make
    #[command(subcommand)]
    Duties(duties::Verb),
    /// Give agents rights and take them away
    #[command(subcommand)]
    Agents(agents::Verb),
    /// Accounts of people who log in to the console
    #[command(subcommand)]
    People(people::Verb),
    /// See what outside services are told, and try whether it arrives
    #[command(subcommand)]
    Outlets(outlets::Verb),
    /// A link that logs you in to the console, once
    Console(console::Arguments),
    /// Make and revoke keys
    #[command(subcommand)]
    Keys(keys::Verb),
    /// See budgets and raise them
    #[command(subcommand)]
    Budgets(budgets::Verb),
    /// Take acts back
    #[command(subcommand)]
    Undo(undo::Verb),
    /// Stop agents, tools, runs or everything
    #[command(subcommand)]
    Stop(stop::Verb),
    /// Look at tools, accept what servers changed, and say what tools can do
    #[command(subcommand)]
    Tools(tools::Verb),
    /// Look at tool servers, connect them anew, log in
    #[command(subcommand)]
    Servers(servers::Verb),
    /// Check, show and begin contracts; needs no server
    #[command(subcommand)]
    Contracts(contracts::Verb),
    /// Check, test and suggest policies, let them hold, and ask why a call was decided as it was
    #[command(subcommand)]
    Policy(policy::Verb),
    /// Read, verify, export and replay the journal
    #[command(subcommand)]
    Journal(journal::Verb),
    /// Check and show the configuration; needs no server
    #[command(subcommand)]
    Config(config::Verb),
    /// Print the version
    Version,
}

/// What a listing is narrowed to.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Narrowed {
    /// Only with this text
    #[arg(long)]
    pub(crate) text: Option<String>,
    /// Only from this moment on, in milliseconds since 1970
    #[arg(long, value_name = "MS")]
    pub(crate) since: Option<u64>,
    /// Only before this moment
    #[arg(long, value_name = "MS")]
    pub(crate) until: Option<u64>,
    /// `oldest` or `newest` first
    #[arg(long, value_name = "WHICH", value_parser = ["oldest", "newest"])]
    pub(crate) first: Option<String>,
}

impl Narrowed {
    /// As a listing's parameters.
    pub(crate) fn query(self) -> [(&'static str, Option<String>); 4] {
        let moment = |at: Option<u64>| at.map(|at| at.to_string());
        [
            ("text", self.text),
            ("since_ms", moment(self.since)),
            ("until_ms", moment(self.until)),
            ("first", self.first),
        ]
    }
}

/// Which part of a listing.
#[derive(Debug, Clone, Args)]
pub(crate) struct Part {
    /// How many at most
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Go on after this one: the `next` of the page before
    #[arg(long, value_name = "ID")]
    pub(crate) after: Option<String>,
}

impl Part {
    /// As a listing's parameters.
    pub(crate) fn query(self) -> [(&'static str, Option<String>); 2] {
        [("limit", self.limit.map(|limit| limit.to_string())), ("after", self.after)]
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// Every page of the documentation, by name.
    fn pages() -> Vec<(String, String)> {
        let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");
        let places = ["guides", "errors"].map(|name| std::path::Path::new(docs).join(name));
        let files = places.iter().flat_map(|place| std::fs::read_dir(place).unwrap());
        let files = files.map(|file| file.unwrap().path());
        let read = |path: PathBuf| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path.file_name().unwrap().to_string_lossy().into_owned(), text)
        };
        files.filter(|path| path.extension().is_some_and(|one| one == "md")).map(read).collect()
    }

    /// The words of a line as a shell splits it, up to a comment; `ID`-like words stand for themselves.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
        for character in line.chars().chain([' ']) {
            match (quote, character) {
                (None, '\'' | '"') => quote = Some(character),
                (Some(open), close) if open == close => quote = None,
                (None, '#') if word.is_empty() => break,
                (None, ' ') if word.is_empty() => {}
                (None, ' ') => words.push(std::mem::take(&mut word)),
                _ => word.push(character),
            }
        }
        words
    }

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    /// Lines of blocks that call the program, up to a redirection.
    fn lines(text: &str) -> impl Iterator<Item = &str> {
        let blocks = text.lines().filter_map(|line| line.strip_prefix("    "));
        let calls = blocks.filter(|line| line.starts_with("checkrein "));
        calls.map(|line| line.split(" > ").next().unwrap_or_default())
    }

    #[test]
    fn every_line_of_the_guides_is_understood() {
        let mut seen = 0;
        for (page, text) in pages() {
            for line in lines(&text) {
                let parsed = CommandLine::try_parse_from(words(line));
                assert!(parsed.is_ok(), "{page}: {line}: {}", parsed.unwrap_err());
                seen += 1;
            }
        }
        assert!(seen > 60, "only {seen} lines were looked at");
    }

    #[test]
    fn every_verb_that_a_page_names_exists() {
        use clap::error::ErrorKind;
        for (page, text) in pages() {
            let named = text.split('`').filter(|piece| piece.starts_with("checkrein "));
            for line in named {
                // A page may name a verb without what it needs, but no verb or option that is not there.
                let error =
                    CommandLine::try_parse_from(words(line)).err().map(|error| error.kind());
                let wrong = matches!(
                    error,
                    Some(
                        ErrorKind::InvalidSubcommand
                            | ErrorKind::UnknownArgument
                            | ErrorKind::InvalidValue
                    )
                );
                assert!(!wrong, "{page}: `{line}`: {error:?}");
            }
        }
    }

    #[test]
    fn every_verb_has_its_place_in_the_guide() {
        let pages = pages();
        let guide = &pages.iter().find(|(name, _)| name == "command-line.md").unwrap().1;
        for verb in CommandLine::command().get_subcommands() {
            let name = verb.get_name();
            assert!(guide.contains(&format!("checkrein {name}")), "{name}");
            for inner in verb.get_subcommands() {
                let inner = inner.get_name();
                assert!(guide.contains(&format!("checkrein {name} {inner}")), "{name} {inner}");
            }
        }
    }
}
