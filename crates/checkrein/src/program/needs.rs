//! What a server's program needs in a jail: what it reads, what it may change, or why it cannot run in one.
//!
//! In: a command, its variables, and this machine. Out: the command as a jail can start it. Paths that arguments and variables
//! name are what the server is for, so it may change them; nobody meant it to have more. No host is ever added: what a server
//! connects to is for a person to say.

use std::path::{Path, PathBuf};

use super::{found, naming, packages};

/// What is looked at on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    /// The person's home.
    pub(crate) home: PathBuf,
    /// `PATH`.
    pub(crate) path: String,
    /// Where relative words of the command start.
    pub(crate) directory: PathBuf,
}

impl Machine {
    /// This one, with the directory that a client starts its servers in.
    pub(crate) fn here(directory: &Path) -> Self {
        let text = |name| std::env::var(name).unwrap_or_default();
        let home = PathBuf::from(text("HOME"));
        let home = if home.is_absolute() { home } else { PathBuf::from("/") };
        Self { home, path: text("PATH"), directory: directory.to_owned() }
    }

    pub(super) fn path_places(&self) -> impl Iterator<Item = PathBuf> {
        std::env::split_paths(&self.path).collect::<Vec<_>>().into_iter()
    }
}

/// What a program needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Needs {
    /// Program and arguments.
    pub(crate) command: Vec<String>,
    /// What it reads.
    pub(crate) reads: Vec<PathBuf>,
    /// What it may change.
    pub(crate) writes: Vec<PathBuf>,
    /// Why it cannot run in a jail.
    pub(crate) unjailable: Option<String>,
    /// What a person should know.
    pub(crate) notes: Vec<String>,
}

/// What a command needs. `variables` are those that it is given.
pub(crate) fn needs(
    command: &[String],
    variables: &[(String, String)],
    machine: &Machine,
) -> Needs {
    let Some((first, rest)) = command.split_first() else { return Needs::default() };
    let runner = first.rsplit('/').next().unwrap_or(first);
    let package = match (runner, rest.first().map(String::as_str)) {
        ("npx" | "pnpx" | "bunx", _) => Some(packages::of_npx(rest, machine)),
        ("npm" | "pnpm", Some("exec" | "dlx")) => {
            Some(packages::of_npx(rest.get(1..).unwrap_or_default(), machine))
        }
        ("uvx", _) => Some(packages::of_uvx(rest, machine)),
        ("docker" | "podman", _) => {
            let why = format!(
                "`{runner}` only passes it on to a daemon that can do anything; the container is its jail"
            );
            return without(command, why);
        }
        _other => None,
    };
    let mut needs = match package {
        Some(Ok(package)) => of_package(package, machine),
        Some(Err(why)) => return without(command, format!("`{runner}` would fetch it: {why}")),
        None => of_program(first, rest, machine),
    };
    if needs.unjailable.is_none() {
        named(&mut needs, variables, machine);
    }
    needs
}

fn without(command: &[String], why: String) -> Needs {
    Needs { command: command.to_vec(), unjailable: Some(why), ..Needs::default() }
}

fn of_package(package: packages::Package, machine: &Machine) -> Needs {
    let packages::Package { program, reads, arguments, version } = package;
    let mut needs = Needs::default();
    if let Some(version) = version {
        needs.notes.push(format!(
            "version {version} as it lies here is started, and no newer one is fetched"
        ));
    }
    let interpreter = found::interpreter(&program, &machine.path);
    let shown = program.display().to_string();
    if let Some(interpreter) = &interpreter {
        needs.command.push(interpreter.display().to_string());
        read(&mut needs, found::prefix(interpreter), machine);
    }
    needs.command.push(shown);
    needs.command.extend(arguments);
    for place in reads {
        read(&mut needs, Some(place), machine);
    }
    needs
}

fn of_program(first: &str, rest: &[String], machine: &Machine) -> Needs {
    let mut command = vec![first.to_owned()];
    command.extend_from_slice(rest);
    let Some(program) = found::program(first, &machine.path, &machine.directory) else {
        return without(&command, format!("`{first}` is not found on this machine"));
    };
    if program.parent().is_some_and(|place| place.ends_with("shims")) {
        let why = format!("`{}` only chooses another program; name that one", program.display());
        return without(&command, why);
    }
    let mut needs = Needs::default();
    let environment = found::environment(&program);
    read(&mut needs, found::prefix(&program), machine);
    // An interpreter knows its environment by the path that it was started with.
    let program = if environment.is_some() { program } else { found::without_links(program) };
    read(&mut needs, environment, machine);
    if let Some(interpreter) = found::interpreter(&program, &machine.path) {
        read(&mut needs, found::prefix(&interpreter), machine);
        read(&mut needs, found::project(&program, &machine.home), machine);
    }
    needs.command.push(program.display().to_string());
    // The first file among the words of an interpreter is its script.
    let mut script = is_interpreter(&program);
    for word in rest {
        let path = machine.directory.join(word);
        let is_file = !word.starts_with('-') && path.is_file();
        if script && is_file {
            script = false;
            read(&mut needs, found::project(&path, &machine.home), machine);
        }
        let relative = !word.starts_with(['-', '/', '~'])
            && (is_file || word.starts_with('.') && path.exists());
        needs.command.push(if relative { path.display().to_string() } else { word.clone() });
    }
    needs
}

fn is_interpreter(program: &Path) -> bool {
    let name =
        program.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    ["node", "python", "ruby", "bun", "deno", "java", "perl", "sh", "bash"]
        .iter()
        .any(|known| name.starts_with(known))
}

fn read(needs: &mut Needs, place: Option<PathBuf>, machine: &Machine) {
    let Some(place) = place else { return };
    if found::is_system(&place) {
        return;
    }
    if found::is_too_wide(&place, &machine.home) {
        let why = format!("it lies in `{}`, which no jail is given as a whole", place.display());
        needs.unjailable.get_or_insert(why);
        return;
    }
    let known = needs.reads.iter().any(|known| place.starts_with(known));
    if !known {
        needs.reads.retain(|known| !known.starts_with(&place));
        needs.reads.push(place);
    }
}

/// Paths that arguments and variables name.
fn named(needs: &mut Needs, variables: &[(String, String)], machine: &Machine) {
    let words = needs.command.iter().skip(1).map(String::as_str);
    let values = variables.iter().map(|(_, value)| value.as_str());
    let paths: Vec<PathBuf> =
        words.chain(values).filter_map(|word| path_in(word, machine)).collect();
    for path in paths {
        if needs.reads.iter().any(|read| path.starts_with(read)) || found::is_system(&path) {
            continue;
        }
        if found::is_too_wide(&path, &machine.home) {
            let note = format!(
                "`{}` is too much to be given as a whole: name what it needs in `writes`",
                path.display()
            );
            needs.notes.push(note);
        } else if !path.exists() {
            let note = format!(
                "`{}` is not there yet, so it cannot be given: make it, then add it to `writes`",
                path.display()
            );
            needs.notes.push(note);
        } else if !needs.writes.contains(&path) {
            needs.writes.push(path);
        }
    }
}

/// An absolute path that a word is, or has behind its `=`.
fn path_in(word: &str, machine: &Machine) -> Option<PathBuf> {
    let text = match word.split_once('=') {
        Some((option, value)) if option.starts_with('-') => value,
        Some(_) | None => word,
    };
    let path = match text.strip_prefix("~/") {
        Some(rest) => machine.home.join(rest),
        None => PathBuf::from(text),
    };
    let good = path.is_absolute() && !text.contains("://") && path.components().count() > 1;
    good.then(|| path.canonicalize().unwrap_or(path))
}

/// A name for the server that a command starts.
pub(crate) fn name_of(command: &[String]) -> Option<domain::Name> {
    naming::of_command(command)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use tempfile::TempDir;

    use super::*;

    /// What the program at this path needs, on a machine with `opt/node/bin/node` and `opt/server/index.js`.
    fn check(make: fn(&Path), word: &str) -> (TempDir, Needs) {
        let place = TempDir::new().unwrap();
        let at = |name: &str| place.path().canonicalize().unwrap().join(name);
        for name in ["opt/node/bin", "opt/server", "home/.local/bin"] {
            std::fs::create_dir_all(at(name)).unwrap();
        }
        std::fs::write(at("opt/node/bin/node"), "a program").unwrap();
        std::fs::set_permissions(at("opt/node/bin/node"), std::fs::Permissions::from_mode(0o755))
            .unwrap();
        std::fs::write(at("opt/server/package.json"), "{}").unwrap();
        std::fs::write(at("opt/server/index.js"), "").unwrap();
        make(&at(""));
        let machine = Machine { directory: at(""), home: at("home"), path: String::new() };
        let command =
            [at(word).display().to_string(), at("opt/server/index.js").display().to_string()];
        let needs = needs(&command, &[], &machine);
        assert_eq!(needs.unjailable, None);
        (place, needs)
    }

    #[test]
    fn a_program_behind_a_link_is_started_where_it_lies() {
        // The link's own directory is not in the jail, so the path as it was written led nowhere there.
        let link = |root: &Path| {
            symlink(root.join("opt/node/bin/node"), root.join("home/.local/bin/node")).unwrap()
        };
        let (place, needs) = check(link, "home/.local/bin/node");
        let root = place.path().canonicalize().unwrap();
        assert_eq!(
            needs.command.first(),
            Some(&root.join("opt/node/bin/node").display().to_string())
        );
        assert_eq!(needs.reads, [root.join("opt/node"), root.join("opt/server")]);
    }

    #[test]
    fn an_environment_is_read_as_a_whole_and_its_interpreter_keeps_its_path() {
        let make = |root: &Path| {
            std::fs::create_dir_all(root.join("venv/bin")).unwrap();
            std::fs::write(root.join("venv/pyvenv.cfg"), "").unwrap();
            symlink(root.join("opt/node/bin/node"), root.join("venv/bin/python")).unwrap();
        };
        let (place, needs) = check(make, "venv/bin/python");
        let root = place.path().canonicalize().unwrap();
        assert_eq!(
            needs.command.first(),
            Some(&root.join("venv/bin/python").display().to_string())
        );
        assert_eq!(
            needs.reads,
            [root.join("opt/node"), root.join("venv"), root.join("opt/server")]
        );
    }
}
