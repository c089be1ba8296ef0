//! From the file's text and the environment to checked values; every problem is collected, none stops the reading.
//! In: where configuration comes from. Out: `Config`, or all problems. The tables are in `read/tables.rs`, the rules about
//! places in `check.rs`.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use domain::{Name, limits};
use gate::{ApprovalRules, FourEyes};
use toml::Spanned;

use super::file::{self, File, Text};
use super::paths::Homes;
use super::{Config, FILE_NAME, KEYS, Problem, Problems, Secrets, Source, check};

mod commands;
mod issuers;
mod outlets;
mod reach;
mod remotes;
mod servers;
mod tables;

/// Variables of the command line, which are no configuration of the server.
const OTHER_VARIABLES: [&str; 4] =
    ["CHECKREIN_CONFIG", "CHECKREIN_URL", "CHECKREIN_KEY", "CHECKREIN_LOG"];

pub(super) fn load(source: &Source) -> Result<Config, Problems> {
    let named = source.file.clone().or_else(|| variable(source, "CHECKREIN_CONFIG"));
    let found = source.directory.join(FILE_NAME);
    let path = match &named {
        Some(path) => Some(source.directory.join(path)),
        None => found.is_file().then_some(found),
    };
    let Some(path) = path else { return Reader::new(source, None).config(File::default()) };
    if named.is_none() {
        check::not_from_an_agent(&path, &Homes::of(source))?;
    }
    let text = text_of(&path)?;
    let file = toml::from_str(&text).map_err(|error| unreadable(&path, &text, &error))?;
    Reader::new(source, Some((path, text))).config(file)
}

fn variable(source: &Source, name: &str) -> Option<PathBuf> {
    source.environment.get(name).map(PathBuf::from)
}

fn text_of(path: &Path) -> Result<String, Problems> {
    let wrong = |message: String, fix: &str| {
        Problems(vec![Problem { file: Some(path.into()), ..Problem::new(message, fix) }])
    };
    let size = std::fs::metadata(path).map(|found| found.len());
    if size.is_ok_and(|size| size > limits::SOURCE_FILE_BYTES_MAX) {
        let most = limits::SOURCE_FILE_BYTES_MAX;
        return Err(wrong(format!("larger than {most} bytes"), "name the configuration file"));
    }
    std::fs::read_to_string(path)
        .map_err(|error| wrong(format!("cannot be read: {error}"), "name a readable UTF-8 file"))
}

fn unreadable(path: &Path, text: &str, error: &toml::de::Error) -> Problems {
    let line = error.span().map(|span| line_of(text, span.start));
    let message = error.message().replace('\n', " ");
    let fix = suggestion(&message).unwrap_or_else(|| "see docs/guides/configuration.md".into());
    Problems(vec![Problem { file: Some(path.into()), line, ..Problem::new(message, fix) }])
}

/// For an unknown key the nearest known one of any table.
fn suggestion(message: &str) -> Option<String> {
    let given = message.strip_prefix("unknown field `")?.split('`').next()?;
    if given == "hosts" {
        let fix = "a named command is previewed, so it reaches no network; describe a tool with `hosts` in a contract";
        return Some(fix.to_owned());
    }
    let known = KEYS.iter().filter_map(|key| key.name.rsplit('.').next());
    let tables = KEYS.iter().filter_map(|key| key.name.split_once('.')).map(|(table, _)| table);
    let nearest = contract::closest(given, known.chain(tables).chain(["budget"]))?;
    Some(format!("did you mean `{nearest}`?"))
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count().saturating_add(1)
}

/// What reading needs beside the file's values, and what it found wrong.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
    pub(super) homes: Homes,
    file: Option<(PathBuf, String)>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn new(source: &'a Source, file: Option<(PathBuf, String)>) -> Self {
        Self { source, homes: Homes::of(source), file, problems: Vec::new() }
    }

    fn config(mut self, file: File) -> Result<Config, Problems> {
        let server = file.server;
        let spaces = self.spaces(file.space);
        let grant_day = self.grant_day(file.grant_day);
        let everywhere = self.reads(&file.jail.reads);
        let addresses = (server.listen, server.public_url);
        let reach = self.reach(addresses, (server.tls, server.trusted_proxy));
        let config = Config {
            file: self.file.as_ref().map(|(path, _)| path.clone()),
            listen: reach.listen,
            public_url: reach.public_url,
            tls: reach.tls,
            trusted_proxy: reach.trusted_proxy,
            data_dir: self.path("CHECKREIN_DATA_DIR", server.data_dir, self.homes.state.clone()),
            config_dir: self.path(
                "CHECKREIN_CONFIG_DIR",
                server.config_dir,
                self.homes.config.clone(),
            ),
            master_key_file: self.path(
                "CHECKREIN_MASTER_KEY_FILE",
                server.master_key_file,
                self.homes.config.join("master.key"),
            ),
            contracts: self.directories("CHECKREIN_CONTRACTS", server.contracts, "contracts"),
            policies: self.directories("CHECKREIN_POLICIES", server.policies, "policies"),
            currency: self.currency(file.currency),
            workspaces: self.workspaces(file.workspace, &spaces),
            workflows: self.workflows(file.workflow, &spaces),
            grant_day,
            approvals: self.approvals(&file.approvals),
            secrets: self.secrets(file.secrets),
            commands: self.commands(file.command, &everywhere),
            remotes: self.remotes(file.git_remote),
            servers: self.servers(file.mcp_server),
            issuers: self.issuers(file.token_issuer),
            login_issuers: self.login_issuers(file.login_issuer),
            outlets: self.outlets(file.slack, file.webhook),
            hooks: self.hooks(file.hook),
            outlet_pause: limits::OUTLET_PAUSE,
            notice_age: limits::NOTICE_AGE_MAX,
            jail: self.jail(&file.jail),
            warnings: self.unknown_variables(),
            jail_program: PathBuf::from("/proc/self/exe"),
            served: check::served(&self.homes),
            spaces,
        };
        let (config, more) = check::places(config);
        more.into_iter().for_each(|problem| self.note(problem, None));
        if self.problems.is_empty() { Ok(config) } else { Err(Problems(self.problems)) }
    }

    fn note(&mut self, problem: Problem, at: Option<std::ops::Range<usize>>) {
        let file = self.file.as_ref();
        let line = at.zip(file).map(|(span, (_, text))| line_of(text, span.start));
        let file = problem.file.clone().or_else(|| file.map(|(path, _)| path.clone()));
        self.problems.push(Problem { line, file, ..problem });
    }

    fn base(&self) -> PathBuf {
        let beside = self.file.as_ref().and_then(|(path, _)| path.parent());
        beside.unwrap_or(&self.source.directory).to_path_buf()
    }

    /// The environment's value, else the file's, else none.
    fn text(&self, variable: &str, written: Option<Text>) -> Option<Text> {
        let given = self.source.environment.get(variable);
        given.map(|value| Spanned::new(0..0, value.clone())).or(written)
    }

    fn parsed<T: FromStr<Err: std::fmt::Display>>(&mut self, text: &Text) -> Option<T> {
        let result = text.get_ref().parse();
        result
            .map_err(|error: T::Err| {
                self.note(Problem::new(error.to_string(), "change it"), Some(text.span()));
            })
            .ok()
    }

    fn name(&mut self, text: Option<Text>, default: &Name) -> Name {
        text.and_then(|text| self.parsed(&text)).unwrap_or_else(|| default.clone())
    }

    fn word<T: Copy>(
        &mut self,
        text: Option<Text>,
        (from_word, words): (fn(&str) -> Option<T>, &str),
        default: T,
    ) -> T {
        let Some(text) = text else { return default };
        from_word(text.get_ref()).unwrap_or_else(|| {
            let message = format!("`{}` is not one of the words", text.get_ref());
            self.note(Problem::new(message, format!("write {words}")), Some(text.span()));
            default
        })
    }

    fn path(&self, variable: &str, written: Option<Text>, default: PathBuf) -> PathBuf {
        if let Some(given) = self.source.environment.get(variable) {
            return self.homes.resolve(given, &self.source.directory);
        }
        let written = written.map(|text| self.homes.resolve(text.get_ref(), &self.base()));
        written.unwrap_or_else(|| super::paths::real(&default))
    }

    /// Directories that must exist if they are named; the default is taken only if it is there.
    fn directories(
        &mut self,
        variable: &str,
        written: Option<Vec<Text>>,
        default: &str,
    ) -> Vec<PathBuf> {
        if let Some(given) = self.source.environment.get(variable) {
            let parts = given.split(':').filter(|part| !part.is_empty());
            let paths: Vec<PathBuf> =
                parts.map(|part| self.homes.resolve(part, &self.source.directory)).collect();
            paths.iter().for_each(|path| self.must_be_directory(path, None));
            return paths;
        }
        let Some(written) = written else {
            let default = self.homes.resolve(default, &self.base());
            return if default.is_dir() { vec![default] } else { Vec::new() };
        };
        let mut paths = Vec::new();
        for text in written {
            let path = self.homes.resolve(text.get_ref(), &self.base());
            self.must_be_directory(&path, Some(text.span()));
            paths.push(path);
        }
        paths
    }

    fn must_be_directory(&mut self, path: &Path, at: Option<std::ops::Range<usize>>) {
        if !path.is_dir() {
            let message = format!("`{}` is not a directory", path.display());
            self.note(Problem::new(message, "make it, or take the line out"), at);
        }
    }

    fn currency(&mut self, written: Option<Text>) -> String {
        let Some(text) = self.text("CHECKREIN_CURRENCY", written) else { return "EUR".to_owned() };
        let given = text.get_ref();
        if given.len() != 3 || !given.bytes().all(|byte| byte.is_ascii_uppercase()) {
            let message = format!("`{given}` is not a currency");
            self.note(Problem::new(message, "write three capital letters"), Some(text.span()));
        }
        given.clone()
    }

    fn approvals(&mut self, written: &file::Approvals) -> ApprovalRules {
        // Where nobody wrote a file, one person tries it alone.
        let waived = written.requester_may_decide.unwrap_or(self.file.is_none());
        let most = written.asks_per_minute_max.as_ref();
        let asks_max = most.map_or(limits::ASKS_MAX, |number| {
            let fits = u32::try_from(*number.get_ref()).ok().filter(|number| *number > 0);
            fits.unwrap_or_else(|| {
                let message =
                    format!("`{}` asks per minute are too few or too many", number.get_ref());
                let problem = Problem::new(message, format!("write 1 to {}", u32::MAX));
                self.note(problem, Some(number.span()));
                limits::ASKS_MAX
            })
        });
        let four_eyes = if waived { FourEyes::Waived } else { FourEyes::Kept };
        ApprovalRules { four_eyes, asks_max }
    }

    fn secrets(&self, written: file::Secrets) -> Secrets {
        let base = self.base();
        let files = written.files.iter().map(|text| self.homes.resolve(text.get_ref(), &base));
        Secrets { files: files.collect(), env: written.env }
    }

    fn unknown_variables(&self) -> Vec<String> {
        let known = |name: &str| {
            OTHER_VARIABLES.contains(&name) || KEYS.iter().any(|key| key.variable == name)
        };
        let ours = self.source.environment.keys().filter(|name| name.starts_with("CHECKREIN_"));
        ours.filter(|name| !known(name))
            .map(|name| format!("the variable `{name}` is no key of Checkrein and is not used"))
            .collect()
    }
}
