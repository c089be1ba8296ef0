//! The fork of the command's own process, and its last steps up to the program.
//!
//! In: a process with the jail around it. Out: the program in a child that is watched, or a report of what failed. From
//! the moment the child is sealed it does nothing but start the program. Tests are in `tests/it`.

use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::{Mode, OFlags, ResolveFlags};

use super::identity::Identity;
use super::landlock::Rules;
use super::network::PROXY_PORT;
use super::watch::{Reach, Watch};
use super::{Handed, failed, let_go_of_output, probe, seal, syscalls, tell};
use crate::channel::Channel;
use crate::order::{Access, Network};
use crate::report::{At, Failure, Report, Spec, Step, Task};
use crate::sys::{self, Fork};

/// What the command's process needs from the one that forked it.
#[derive(Debug)]
pub(super) struct Start<'a> {
    pub(super) spec: &'a Spec,
    pub(super) channel: &'a Channel,
    pub(super) identity: Identity,
    pub(super) rules: Rules,
    /// `HOME`, and where temporary files go.
    pub(super) home: PathBuf,
    /// Processes of the same user outside, where they count.
    pub(super) others: u64,
    /// Of a session.
    pub(super) handed: Option<Handed>,
}

impl Start<'_> {
    /// Starts the command, and returns when everything in the jail has ended.
    pub(super) fn run(self, reach: Reach) -> Result<(), Failure> {
        self.channel.send(&Report::Started, None).at(Step::Watch, "report")?;
        match sys::fork(0).at(Step::Program, "fork")? {
            Fork::Child => self.become_it(),
            Fork::Parent { child } => {
                let Self { spec, channel, handed, .. } = self;
                if handed.is_some() {
                    drop(handed);
                    let_go_of_output()?;
                }
                if reach == Reach::Namespace {
                    seal::keep_only_watching()?;
                }
                Watch::new(spec, channel, reach).run(child)
            }
        }
    }

    /// Becomes the command.
    fn become_it(&self) -> ! {
        let failure = match self.sealed() {
            Ok(landlock) => match self.spec.task {
                Task::Command | Task::Session(_) | Task::Unjailed => self.start(),
                Task::Probe => match probe::work(&self.spec.order) {
                    Ok(()) => {
                        let _gone = self.channel.send(&Report::Probed { landlock }, None);
                        std::process::exit(0);
                    }
                    Err(failure) => failure,
                },
            },
            Err(failure) => failure,
        };
        tell(self.channel, failure);
        std::process::exit(127);
    }

    fn sealed(&self) -> Result<String, Failure> {
        let order = &self.spec.order;
        // A session of its own has no terminal.
        rustix::process::setsid().at(Step::Privileges, "leave the session")?;
        rustix::process::umask(Mode::from_raw_mode(0o022));
        seal::bound(self.spec, self.others)?;
        seal::give_up(self.identity)?;
        // As the command's user, and before Landlock: after it the directory might not be one it may open.
        self.enter()?;
        let landlock = self.rules.enforce()?;
        syscalls::filter(order, landlock.signals, landlock.others)?;
        Ok(landlock.words)
    }

    /// Only returns if the program cannot be started.
    fn start(&self) -> Failure {
        if let Some(Err(failure)) = self.handed.as_ref().map(Handed::use_input) {
            return failure;
        }
        let order = &self.spec.order;
        let mut command = Command::new(&order.program);
        command.args(&order.arguments).env_clear().envs(self.environment());
        let error = command.exec();
        failed(Step::Program, error.to_string())
    }

    fn environment(&self) -> Vec<(String, String)> {
        let home = self.home.to_string_lossy().into_owned();
        let mut variables: Vec<(String, String)> = [
            ("HOME", home.as_str()),
            ("LANG", "C.UTF-8"),
            ("LOGNAME", "agent"),
            ("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"),
            ("SHELL", "/bin/sh"),
            ("TERM", "dumb"),
            ("USER", "agent"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        if self.home != Path::new(HOME) {
            variables.push(("TMPDIR".into(), home));
        }
        if let Network::Hosts(_) = self.spec.order.network {
            let proxy = format!("http://127.0.0.1:{PROXY_PORT}");
            for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"] {
                variables.push((name.into(), proxy.clone()));
            }
            for name in ["no_proxy", "NO_PROXY"] {
                variables.push((name.into(), "localhost,127.0.0.1,::1".into()));
            }
            // Node reads the others only with this one.
            variables.push(("NODE_USE_ENV_PROXY".into(), "1".into()));
        }
        // The order's own come last, and so win.
        variables.extend(self.spec.order.environment.iter().cloned());
        variables
    }

    /// The directory the command starts in.
    fn enter(&self) -> Result<(), Failure> {
        let order = &self.spec.order;
        let base = match order.access {
            Access::Private => &self.home,
            Access::Read | Access::Overlay { .. } | Access::Copy | Access::Direct => {
                &order.workspace
            }
        };
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let base = rustix::fs::open(base, flags, Mode::empty())
            .at(Step::Directory, "open the workspace")?;
        let directory: OwnedFd = if order.directory.as_os_str().is_empty() {
            base
        } else {
            let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
            rustix::fs::openat2(&base, &order.directory, flags, Mode::empty(), resolve)
                .at(Step::Directory, format!("open `{}`", order.directory.display()))?
        };
        rustix::process::fchdir(directory).at(Step::Directory, "enter the directory")
    }
}

/// The home in a root of the jail's own.
pub(super) const HOME: &str = "/home/agent";
