//! Whether an order can be carried out exactly, asked before anything starts.
//!
//! In: an order. Out: the same with every outside path resolved, or what is wrong with it. It looks at outside paths, so
//! that the jail finds no link on its way; it does not look into the workspace. Tests are at the end.

use std::path::{Component, Path, PathBuf};

use super::{Access, Network, Order, Unjailed};
use crate::error::Error;
use crate::ladder::Rung;
use crate::limits::{
    ARGUMENT_BYTES_MAX, ARGUMENT_ONE_BYTES_MAX, ARGUMENTS_MAX, COVER_BYTES_MAX, HOST_CHARS_MAX,
    HOSTS_MAX, LAYERS_MAX, Limits, PATHS_MAX, VARIABLES_MAX, WALL_MAX,
};

/// What the jail makes itself. Nothing from outside may stand there, or above.
const OWN: &[&str] =
    &["/proc", "/dev", "/sys", "/tmp", "/run", "/etc", "/usr", "/home/agent", "/var/tmp", "/.jail"];
/// Below these nothing from outside may stand either.
const CLOSED: &[&str] = &["/proc", "/dev", "/sys", "/.jail"];

/// What an order is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A command that runs to its end.
    Command,
    /// A program that is talked with.
    Session,
}

impl Order {
    /// The order with outside paths resolved.
    pub(crate) fn checked(mut self, purpose: Purpose) -> Result<Self, Error> {
        self.check_rung(purpose)?;
        self.check_words()?;
        self.check_limits()?;
        self.check_network()?;
        self.check_workspace()?;
        self.check_paths()?;
        Ok(self)
    }

    fn check_rung(&self, purpose: Purpose) -> Result<(), Error> {
        let fits = match (purpose, &self.access, self.rung) {
            (_, _, Rung::Refuse) => false,
            (_, Access::Read, Rung::Overlay | Rung::Copy | Rung::Landlock)
            | (Purpose::Command, Access::Overlay { .. }, Rung::Overlay)
            | (Purpose::Command, Access::Copy, Rung::Copy)
            | (Purpose::Command, Access::Direct, Rung::Landlock)
            | (
                Purpose::Session,
                Access::Private | Access::Direct,
                Rung::Overlay | Rung::Copy | Rung::Landlock,
            ) => true,
            (
                Purpose::Command | Purpose::Session,
                Access::Overlay { .. } | Access::Copy | Access::Direct | Access::Private,
                _,
            ) => false,
        };
        if !fits {
            let (access, rung) = (self.access.word(), self.rung.word());
            let whose = match purpose {
                Purpose::Command => "commands",
                Purpose::Session => "sessions",
            };
            return Err(Error::order(format!(
                "access `{access}` is not there on rung `{rung}` for {whose}"
            )));
        }
        if self.rung == Rung::Landlock && !(self.covers.is_empty() && self.caches.is_empty()) {
            return Err(Error::order("covers and caches need mounts, rung `landlock` has none"));
        }
        Ok(())
    }

    fn check_workspace(&mut self) -> Result<(), Error> {
        if self.access == Access::Private {
            let none =
                self.workspace.as_os_str().is_empty() && self.directory.as_os_str().is_empty();
            return match none && self.covers.is_empty() {
                true => Ok(()),
                false => Err(Error::order(
                    "with access `private` no workspace, directory or cover was expected",
                )),
            };
        }
        self.workspace = outside(&self.workspace, "workspace")?;
        if !self.workspace.is_dir() {
            return Err(wrong(&self.workspace, "the workspace must be a directory"));
        }
        relative(&self.directory)
    }

    fn check_words(&self) -> Result<(), Error> {
        let program = self.program.as_os_str();
        if program.is_empty() || program.as_encoded_bytes().contains(&0) {
            return Err(Error::order("the program needs a name without a zero byte"));
        }
        if self.arguments.len() > ARGUMENTS_MAX || self.environment.len() > VARIABLES_MAX {
            return Err(Error::order(format!(
                "more than {ARGUMENTS_MAX} arguments or {VARIABLES_MAX} variables"
            )));
        }
        let named = |name: &str| !name.is_empty() && !name.contains('=');
        if let Some((name, _)) = self.environment.iter().find(|(name, _)| !named(name)) {
            return Err(Error::order(format!("a variable cannot be called `{name}`")));
        }
        let variables = self.environment.iter().flat_map(|(name, value)| [name, value]);
        let mut bytes = 0;
        for word in self.arguments.iter().chain(variables) {
            bytes += word.len();
            if word.contains('\0')
                || word.len() > ARGUMENT_ONE_BYTES_MAX
                || bytes > ARGUMENT_BYTES_MAX
            {
                return Err(Error::order(format!(
                    "arguments and variables have no zero byte, each up to {ARGUMENT_ONE_BYTES_MAX} \
                     bytes and together up to {ARGUMENT_BYTES_MAX}"
                )));
            }
        }
        Ok(())
    }

    /// Zero is never "none": to the kernel it is sometimes "as much as you like".
    fn check_limits(&self) -> Result<(), Error> {
        let Limits {
            wall,
            cpu,
            memory_bytes,
            processes,
            open_files,
            file_bytes,
            output_bytes,
            upper_bytes,
        } = &self.limits;
        let numbers = [memory_bytes, processes, open_files, file_bytes, output_bytes, upper_bytes];
        if wall.is_zero() || *wall > WALL_MAX || cpu.is_zero() {
            let most = WALL_MAX.as_secs();
            return Err(Error::order(format!("times must be above 0 and up to {most} s")));
        }
        if numbers.into_iter().any(|number| *number == 0) {
            return Err(Error::order("every limit must be above 0"));
        }
        Ok(())
    }

    fn check_network(&self) -> Result<(), Error> {
        let Network::Hosts(rules) = &self.network else { return Ok(()) };
        if self.rung == Rung::Landlock {
            return Err(Error::order("rung `landlock` has no network to restrict to named hosts"));
        }
        if rules.len() > HOSTS_MAX {
            return Err(Error::order(format!("more than {HOSTS_MAX} hosts")));
        }
        let named = |host: &str| {
            !host.is_empty()
                && host.len() <= HOST_CHARS_MAX
                && host.chars().all(|one| one.is_ascii_alphanumeric() || "-._:".contains(one))
        };
        match rules.iter().find(|rule| !named(&rule.host) || rule.port == 0) {
            Some(rule) => Err(Error::order(format!(
                "`{}:{}` is not an exact host and port",
                rule.host, rule.port
            ))),
            None => Ok(()),
        }
    }

    fn check_paths(&mut self) -> Result<(), Error> {
        let covers = self.covers.len();
        if self.reads.len() + self.caches.len() + self.mounts.len() + covers > PATHS_MAX {
            return Err(Error::order(format!("more than {PATHS_MAX} paths")));
        }
        if let Access::Overlay { layers } = &mut self.access {
            if layers.len() > LAYERS_MAX {
                return Err(Error::order(format!("more than {LAYERS_MAX} layers")));
            }
            for layer in layers {
                *layer = canonical(layer)?;
            }
        }
        for read in &mut self.reads {
            *read = outside(read, "path to read")?;
        }
        for mount in &mut self.mounts {
            mount.path = outside(&mount.path, "mount")?;
        }
        for cache in &mut self.caches {
            cache.outside = canonical(&cache.outside)?;
            inside(&cache.inside)?;
        }
        for cover in &self.covers {
            relative(&cover.path)?;
            if cover.path.as_os_str().is_empty() || cover.content.len() > COVER_BYTES_MAX {
                return Err(wrong(&cover.path, "a cover has a path and at most a mebibyte"));
            }
        }
        let fixed = self.reads.iter().chain(self.mounts.iter().map(|mount| &mount.path));
        for path in fixed {
            if self.access != Access::Private && path.starts_with(&self.workspace) {
                return Err(wrong(path, "what is mounted must be outside the workspace"));
            }
        }
        Ok(())
    }
}

impl Access {
    /// How it is called in messages.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Overlay { .. } => "overlay",
            Self::Copy => "copy",
            Self::Direct => "direct",
            Self::Private => "private",
        }
    }
}

impl Unjailed {
    /// The same as an order, which is how it travels; nothing of it but words and directory counts.
    pub(crate) fn checked(self) -> Result<Order, Error> {
        let order = Order {
            arguments: self.arguments,
            environment: self.environment,
            access: Access::Direct,
            ..Order::of(self.program, canonical(&self.directory)?)
        };
        if !order.workspace.is_dir() {
            return Err(wrong(&order.workspace, "a directory to start in was expected"));
        }
        order.check_words()?;
        Ok(order)
    }
}

/// A path outside, without links, that can stand under its own name in the jail.
fn outside(path: &Path, what: &str) -> Result<PathBuf, Error> {
    let path = canonical(path)?;
    free(&path).then_some(()).ok_or_else(|| {
        wrong(&path, &format!("a {what} must not stand where the jail has its own directories"))
    })?;
    Ok(path)
}

fn canonical(path: &Path) -> Result<PathBuf, Error> {
    if !path.is_absolute() {
        return Err(wrong(path, "an absolute path was expected"));
    }
    path.canonicalize().map_err(|error| wrong(path, &error.to_string()))
}

/// A place in the jail: absolute, without `..`, and not one of the jail's own.
fn inside(path: &Path) -> Result<(), Error> {
    let plain =
        path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
    if path.is_absolute() && plain && free(path) {
        return Ok(());
    }
    Err(wrong(path, "an absolute path was expected that is not one of the jail's own directories"))
}

fn free(path: &Path) -> bool {
    let above_own = OWN.iter().any(|own| Path::new(own).starts_with(path));
    let in_closed = CLOSED.iter().any(|closed| path.starts_with(closed));
    !above_own && !in_closed
}

fn relative(path: &Path) -> Result<(), Error> {
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    if plain { Ok(()) } else { Err(wrong(path, "a relative path without `..` was expected")) }
}

fn wrong(path: &Path, why: &str) -> Error {
    Error::order(format!("`{}`: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::HostRule;

    fn order(workspace: &Path) -> Order {
        Order::of("true", workspace)
    }

    fn check(change: impl FnOnce(&mut Order), expect: &str) {
        let workspace = tempfile::tempdir().unwrap();
        let mut order = order(workspace.path());
        change(&mut order);
        match order.checked(Purpose::Command) {
            Ok(_) => assert_eq!(expect, ""),
            Err(error) => {
                let text = error.to_string();
                assert!(!expect.is_empty() && text.contains(expect), "{text}, not {expect}");
            }
        }
    }

    #[test]
    fn plain_order_is_taken() {
        check(|_| (), "");
    }

    #[test]
    fn workspace_above_or_among_the_jails_own_directories_is_refused() {
        for place in ["/", "/usr", "/tmp", "/home", "/proc/self", "/dev/shm", "/etc"] {
            if Path::new(place).is_dir() {
                check(|order| order.workspace = place.into(), "own directories");
            }
        }
    }

    #[test]
    fn access_that_the_rung_does_not_have_is_refused() {
        check(|order| order.rung = Rung::Refuse, "not there on rung `refuse`");
        check(|order| order.rung = Rung::Landlock, "not there on rung `landlock`");
        check(|order| order.access = Access::Direct, "not there on rung `overlay`");
        check(|order| order.access = Access::Private, "not there on rung `overlay` for commands");
    }

    #[test]
    fn session_has_no_layer_and_a_private_one_no_workspace() {
        let workspace = tempfile::tempdir().unwrap();
        let check = |access: Access, rung, expect: &str| {
            let order = Order { access, rung, ..order(workspace.path()) };
            let text = order
                .checked(Purpose::Session)
                .map_or_else(|one| one.to_string(), |_| String::new());
            assert!(text.contains(expect) && text.is_empty() == expect.is_empty(), "{text}");
        };
        for rung in [Rung::Overlay, Rung::Copy, Rung::Landlock] {
            check(Access::Direct, rung, "");
            check(Access::Read, rung, "");
            check(Access::Private, rung, "no workspace");
            check(Access::Copy, rung, "for sessions");
        }
        check(Access::Overlay { layers: Vec::new() }, Rung::Overlay, "for sessions");
        check(Access::Direct, Rung::Refuse, "rung `refuse`");
        assert!(Order::private("true").checked(Purpose::Session).is_ok());
    }

    #[test]
    fn paths_that_lead_out_are_refused() {
        check(|order| order.directory = "../x".into(), "without `..`");
        check(|order| order.directory = "/etc".into(), "without `..`");
        check(|order| order.workspace = "relative".into(), "absolute");
        check(|order| order.workspace = "/nowhere/at/all".into(), "No such file");
        check(|order| order.mounts = vec![mount("/")], "own directories");
        check(|order| order.mounts = vec![mount(order.workspace.to_str().unwrap())], "outside");
    }

    fn mount(path: &str) -> crate::order::Mount {
        crate::order::Mount { path: path.into(), access: crate::order::MountAccess::Write }
    }

    #[test]
    fn words_with_zero_bytes_and_odd_names_are_refused() {
        check(|order| order.arguments = vec!["a\0b".into()], "zero byte");
        check(|order| order.program = PathBuf::new(), "needs a name");
        check(|order| order.environment = vec![("A=B".into(), String::new())], "cannot be called");
        check(|order| order.arguments = vec!["x".repeat(ARGUMENT_ONE_BYTES_MAX + 1)], "bytes");
    }

    /// To a file system in memory a size of 0 means that it has no bound at all.
    #[test]
    fn limits_of_nothing_and_of_everything_are_refused() {
        check(|order| order.limits.upper_bytes = 0, "above 0");
        check(|order| order.limits.wall = std::time::Duration::ZERO, "above 0");
        check(|order| order.limits.wall = std::time::Duration::MAX, "up to 86400 s");
    }

    #[test]
    fn hosts_are_exact() {
        let rule = |host: &str, port| HostRule { host: host.into(), port, private_allowed: false };
        check(|order| order.network = Network::Hosts(vec![rule("a.example", 443)]), "");
        check(|order| order.network = Network::Hosts(vec![rule("*.example", 443)]), "not an exact");
        check(|order| order.network = Network::Hosts(vec![rule("a.example", 0)]), "not an exact");
    }
}
