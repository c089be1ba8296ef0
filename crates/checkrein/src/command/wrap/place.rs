//! Where a wrapped server's records lie, and the configuration that is made for it anew at each start.
//!
//! In: what the command line says. Out: a private directory with a `checkrein.toml`, data, keys, and a directory for policies
//! and contracts of the operator's own. The configuration is written, so that `checkrein --config` can be used with it;
//! what is decided at run time (accepted tools, classes, a mode) is in the data and outlasts it.

use std::fs::DirBuilder;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use domain::Name;
use server::Config;
use server::config::Source;

use super::Arguments;
use crate::failure::{Failure, Result};
use crate::program::{self, Machine, Needs};
use crate::toml_text::{Entry, Way};

/// The place.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) name: Name,
    pub(super) root: PathBuf,
    /// What a person should know.
    pub(super) notes: Vec<String>,
}

impl Place {
    /// Makes the directory and writes the configuration.
    pub(super) fn make(given: &Arguments) -> Result<Self> {
        let name = named(given)?;
        let root = match &given.data_dir {
            Some(directory) => {
                std::path::absolute(directory).map_err(|error| Failure::file(directory, &error))?
            }
            None => state()?.join("checkrein/wrap").join(name.as_str()),
        };
        let (entry, notes) = entry(given, &name)?;
        for place in [root.clone(), root.join("config")] {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(&place);
            made.map_err(|error| Failure::file(&place, &error))?;
        }
        let mode = if given.enforce { "enforce" } else { "shadow" };
        let text = format!(
            "# Made anew by `checkrein wrap` at each start.\n\
             [server]\nlisten = \"127.0.0.1:0\"\ndata_dir = \"data\"\nconfig_dir = \"config\"\n\
             master_key_file = \"config/master.key\"\ncontracts = []\npolicies = []\n\n\
             # Only whoever started it decides here.\n\
             [approvals]\nrequester_may_decide = true\n\n\
             [[space]]\nname = \"experiment\"\nmode = \"{mode}\"\n\n{}",
            entry.text()
        );
        let place = Self { name, root, notes };
        place.write(&text)?;
        Ok(place)
    }

    fn file(&self) -> PathBuf {
        self.root.join("checkrein.toml")
    }

    fn write(&self, text: &str) -> Result<()> {
        let path = self.file();
        let mut options = std::fs::File::options();
        let file = options.write(true).create(true).truncate(true).mode(0o600).open(&path);
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| Failure::file(&path, &error))
    }

    /// The configuration, checked. Variables of another installation do not reach it.
    pub(super) fn config(&self) -> Result<Config> {
        let mut source = Source::of_process(Some(self.file()))
            .map_err(|error| Failure::file(&self.root, &error))?;
        source.environment.retain(|name, _| !name.starts_with("CHECKREIN_"));
        Ok(Config::load(&source)?)
    }
}

fn named(given: &Arguments) -> Result<Name> {
    let name = match &given.name {
        Some(name) => program::name(name).filter(|found| found.as_str() == name),
        None => program::name_of(&given.command),
    };
    name.ok_or_else(|| {
        Failure::usage("there is no name for this server")
            .expected("`--name` with small letters, digits and `-`, at most 30")
            .fix("add `--name`, such as `--name notes`")
    })
}

fn state() -> Result<PathBuf> {
    let absolute =
        |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || absolute("HOME").map(|home| home.join(".local/state"));
    absolute("XDG_STATE_HOME").or_else(home).ok_or_else(|| {
        Failure::new("there is no home directory")
            .fix("set `HOME`, or name a place with `--data-dir`")
    })
}

fn entry(given: &Arguments, name: &Name) -> Result<(Entry, Vec<String>)> {
    let directory =
        std::env::current_dir().map_err(|error| Failure::file(Path::new("."), &error))?;
    let machine = Machine::here(&directory);
    let variables: Vec<(String, String)> = given
        .env
        .iter()
        .filter_map(|name| Some((name.clone(), std::env::var(name).ok()?)))
        .collect();
    let Needs { command, reads, writes, unjailable, mut notes } =
        program::needs(&given.command, &variables, &machine);
    if let (Some(why), false) = (&unjailable, given.no_jail) {
        return Err(Failure::new(format!("`{name}` cannot be started in a jail: {why}"))
            .expected("a program that lies on this machine")
            .fix("mend that, or give it all rights of this user with `--no-jail`"));
    }
    let jailed = !given.no_jail;
    if jailed {
        notes.extend(writes.iter().map(|path| format!("it may change `{}`", path.display())));
        if given.hosts.is_empty() {
            notes.push("it may connect to nothing; allow it with `--hosts HOST:PORT`".to_owned());
        }
    }
    let absolute = |path: &PathBuf| directory.join(path);
    let more = |mut all: Vec<PathBuf>, given: &[PathBuf]| {
        all.extend(given.iter().map(absolute));
        if jailed { all } else { Vec::new() }
    };
    let pack = given.pack.clone().or_else(|| program::pack(&given.command).map(str::to_owned));
    let way = Way::Stdio {
        command,
        environment: Vec::new(),
        environment_from: given.env.clone(),
        environment_files: Vec::new(),
        reads: more(reads, &given.reads),
        writes: more(writes, &given.writes),
        hosts: if jailed { given.hosts.clone() } else { Vec::new() },
        jailed,
    };
    Ok((
        Entry { name: name.clone(), way, pack, offers: given.offers.clone(), comments: Vec::new() },
        notes,
    ))
}
