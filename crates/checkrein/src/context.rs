//! What every verb works with: where to print, which server, which key, which configuration.
//!
//! In: the global arguments and the environment. Out: a client for an agent or an operator, checked configuration,
//! a person's reason. The configuration is read only where something is not named on the command line.

use std::io::{BufRead as _, IsTerminal as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use domain::{Code, limits};
use server::config::{Config, Source};

use crate::cli::Global;
use crate::client::{Client, Key};
use crate::failure::{Failure, NOT_AUTHENTICATED, Result};
use crate::output::Out;

/// The variable with a key.
const KEY: &str = "CHECKREIN_KEY";
/// Bytes of a file with a key.
const KEY_FILE_BYTES_MAX: u64 = 4_096;

/// As whom a verb speaks to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum As {
    /// As the agent of the first keys, where no key is named.
    Agent,
    /// As the operator of the first keys, where no key is named.
    Operator,
}

/// What every verb works with.
#[derive(Debug)]
pub(crate) struct Context {
    /// Where to print.
    pub(crate) out: Out,
    /// What was given.
    pub(crate) global: Global,
}

impl Context {
    pub(crate) fn new(global: Global) -> Self {
        Self { out: Out::new(global.output), global }
    }

    /// Where configuration is read from.
    pub(crate) fn source(&self) -> Result<Source> {
        Source::of_process(self.global.config.clone()).map_err(|error| {
            Failure::new(format!("the working directory cannot be told: {error}"))
                .expected("a working directory that exists")
                .fix("change into a directory that exists")
        })
    }

    /// The configuration, checked.
    pub(crate) fn config(&self) -> Result<Config> {
        Ok(Config::load(&self.source()?)?)
    }

    /// A client with a key.
    pub(crate) fn client(&self, whom: As) -> Result<Client> {
        let key = self.key(whom)?;
        Client::new(&self.url()?, key)
    }

    /// A client for stopping: over the control socket of the local installation where somebody answers there, so that it
    /// works when the port cannot be reached.
    pub(crate) async fn stop_client(&self, whom: As) -> Result<Client> {
        let key = self.key(whom)?;
        if self.global.url.is_none()
            && let Ok(config) = self.config()
        {
            let socket = server::control_socket(&config);
            let port = config.listen.port();
            let client = Client::at_socket(&socket, port, key.clone())?;
            if socket.exists() && client.is_up().await {
                return Ok(client);
            }
        }
        Client::new(&self.url()?, key)
    }

    fn url(&self) -> Result<String> {
        match &self.global.url {
            Some(url) => Ok(url.clone()),
            None => Ok(self.config()?.url()),
        }
    }

    /// A named file, else the variable, else the file of first keys.
    pub(crate) fn key(&self, whom: As) -> Result<Key> {
        if let Some(path) = &self.global.key_file {
            return in_file(path, whom);
        }
        if let Some(key) = std::env::var(KEY).ok().filter(|key| !key.is_empty()) {
            return Ok(Key::new(key));
        }
        let path = self.config()?.first_keys_file();
        if !path.exists() {
            return Err(no_key(&path));
        }
        in_file(&path, whom)
    }

    /// A person's reason: given, or asked for at a terminal.
    pub(crate) fn reason(&self, given: Option<String>) -> Result<String> {
        if let Some(reason) = given {
            return Ok(reason);
        }
        if self.global.no_input || !std::io::stdin().is_terminal() {
            return Err(Failure::usage("no reason is given")
                .expected("a few words that say why")
                .fix("add `--reason \"…\"`"));
        }
        let reason = self.typed("why? ", "add `--reason \"…\"`")?;
        match reason.is_empty() {
            true => Err(Failure::usage("no reason is given").fix("add `--reason \"…\"`")),
            false => Ok(reason),
        }
    }

    /// What a person types to confirm an act that cannot be undone: given, or asked for at a terminal. Whether it is
    /// right is checked where it counts.
    pub(crate) fn confirmation(&self, given: Option<String>, expected: &str) -> Result<String> {
        if let Some(given) = given {
            return Ok(given);
        }
        let shown = contract::visible::line(expected).into_owned();
        let fix = format!("add `--confirm \"{shown}\"`");
        if self.global.no_input || !std::io::stdin().is_terminal() {
            return Err(Failure::coded(
                Code::NotConfirmed,
                "this cannot be undone, and nothing was typed",
            )
            .expected(format!("`{shown}`"))
            .fix(fix));
        }
        self.typed(&format!("this cannot be undone; type `{shown}` to approve it: "), &fix)
    }

    fn typed(&self, question: &str, fix: &str) -> Result<String> {
        self.out.ask(question);
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map_err(|error| {
            Failure::new(format!("the terminal cannot be read: {error}")).fix(fix)
        })?;
        Ok(line.trim().to_owned())
    }
}

/// A file with one key, or the file of first keys with one for each side. Others must not be able to read it.
fn in_file(path: &Path, whom: As) -> Result<Key> {
    let found = std::fs::metadata(path).map_err(|error| Failure::file(path, &error))?;
    let mode = found.permissions().mode() & 0o777;
    if found.is_file() && mode & 0o077 != 0 {
        let message = format!("`{}` can be used by others (mode {mode:04o})", path.display());
        return Err(Failure::new(message)
            .expected("mode 0600: a key is a password")
            .fix(format!(
                "`chmod 600 {}`, and make a new key if others may have read it",
                path.display()
            ))
            .exit(NOT_AUTHENTICATED));
    }
    if found.len() > KEY_FILE_BYTES_MAX {
        return Err(not_a_key(path));
    }
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    if let Ok(keys) = server::serve::read_first_keys(path) {
        return Ok(Key::new(match whom {
            As::Agent => keys.agent,
            As::Operator => keys.operator,
        }));
    }
    match text.trim() {
        key if key.starts_with("ck_") && !key.contains(char::is_whitespace) => Ok(Key::new(key)),
        _other_text => Err(not_a_key(path)),
    }
}

fn not_a_key(path: &Path) -> Failure {
    Failure::new(format!("`{}` holds no key", path.display()))
        .expected("one line `ck_…`, or the file of first keys")
        .fix("make a key with `checkrein keys new` and put it there")
        .exit(NOT_AUTHENTICATED)
}

fn no_key(path: &Path) -> Failure {
    Failure::coded(Code::NotAuthenticated, "no key is given")
        .expected(format!("`{KEY}`, `--key-file FILE`, or first keys in `{}`", path.display()))
        .fix("`checkrein up` shows or writes the first keys when it starts for the first time")
}

/// Reads a file or, for `-`, standard input; at most `most` bytes.
pub(crate) fn read_input(path: &Path, most: usize) -> Result<Vec<u8>> {
    use std::io::Read as _;
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        let file = std::fs::File::open(path).map_err(|error| Failure::file(path, &error))?;
        file.take(limit).read_to_end(&mut bytes)
    };
    read.map_err(|error| Failure::file(path, &error))?;
    if bytes.len() > most {
        let message = format!("`{}` has more than {most} bytes", path.display());
        return Err(Failure::coded(Code::Oversized, message).fix("give less at once"));
    }
    Ok(bytes)
}

/// Reads a text file of the operator's, such as a policy.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    let most = usize::try_from(limits::SOURCE_FILE_BYTES_MAX).unwrap_or(usize::MAX);
    String::from_utf8(read_input(path, most)?).map_err(|_| {
        Failure::new(format!("`{}` is not UTF-8 text", path.display()))
            .expected("a text file")
            .fix("save it as UTF-8")
    })
}
