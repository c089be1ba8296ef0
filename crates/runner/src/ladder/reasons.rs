//! Why a rung is missing, in words an operator can act on.
//!
//! In: the error of a trial, and what the machine says of itself. Out: a sentence with the cause where it is known:
//! Ubuntu's AppArmor limit, a switched-off setting, a container, an old kernel. Tests are at the end.

use std::fs;
use std::path::Path;

use crate::error::Error;
use crate::report::Step;

/// What is known of the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Machine {
    /// `kernel.apparmor_restrict_unprivileged_userns`, Ubuntu since 23.10.
    apparmor_restricts: bool,
    /// `user.max_user_namespaces` is 0.
    namespaces_are_none: bool,
    /// `kernel.unprivileged_userns_clone` is 0: Debian's own patch.
    debian_forbids: bool,
    /// In a container of Docker, Podman or Kubernetes.
    contained: bool,
    root: bool,
    release: String,
}

/// The error and its likely cause.
pub(super) fn explain(error: &Error) -> String {
    let Error::Setup { step, .. } = error else { return error.to_string() };
    match Machine::look().cause(*step) {
        Some(cause) => format!("{error}; {cause}"),
        None => error.to_string(),
    }
}

impl Machine {
    fn look() -> Self {
        let setting = |path: &str| fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
        let is = |path: &str, value: &str| setting(path).is_some_and(|found| found == value);
        let any = |paths: &[&str]| paths.iter().any(|path| Path::new(path).exists());
        Self {
            apparmor_restricts: is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"),
            namespaces_are_none: is("/proc/sys/user/max_user_namespaces", "0"),
            debian_forbids: is("/proc/sys/kernel/unprivileged_userns_clone", "0"),
            contained: any(&[
                "/.dockerenv",
                "/run/.containerenv",
                "/var/run/secrets/kubernetes.io",
            ]),
            root: rustix::process::geteuid().is_root(),
            release: rustix::system::uname().release().to_string_lossy().into_owned(),
        }
    }

    fn cause(&self, step: Step) -> Option<String> {
        let cause = match step {
            Step::Namespaces | Step::Identities | Step::Root | Step::Network => {
                if self.namespaces_are_none {
                    "user namespaces are switched off; `sysctl user.max_user_namespaces` is 0".into()
                } else if self.apparmor_restricts && !self.root {
                    "Ubuntu's AppArmor keeps ordinary programs from user namespaces; give this program an AppArmor \
                     profile with `userns,`, or set `sysctl kernel.apparmor_restrict_unprivileged_userns=0`"
                        .into()
                } else if self.debian_forbids && !self.root {
                    "set `sysctl kernel.unprivileged_userns_clone=1`".into()
                } else if self.contained {
                    "this is a container, and its runtime forbids new namespaces; allow `unshare`, `clone` with \
                     namespaces, `mount` and `pivot_root` in its seccomp profile, or run outside"
                        .into()
                } else {
                    return None;
                }
            }
            Step::Proc if self.contained => {
                "this is a container whose `/proc` is partly hidden, so the kernel gives no new one; \
                 run it with an unmasked `/proc` (`--security-opt systempaths=unconfined`), or outside"
                    .into()
            }
            Step::Upper | Step::Workspace => {
                format!("overlays in memory need Linux 6.6, this is {}", self.release)
            }
            Step::Landlock => format!("Landlock needs Linux 6.2 and `lsm=landlock`, this is {}", self.release),
            Step::Order
            | Step::Proc
            | Step::Paths
            | Step::Limits
            | Step::Privileges
            | Step::Syscalls
            | Step::Directory
            | Step::Program
            | Step::Watch => return None,
        };
        Some(cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(machine: &Machine, step: Step, expect: &str) {
        let cause = machine.cause(step).unwrap_or_default();
        assert!(cause.contains(expect) && cause.is_empty() == expect.is_empty(), "{cause}");
    }

    #[test]
    fn known_limits_are_recognised() {
        let ubuntu = Machine { apparmor_restricts: true, ..Machine::default() };
        check(&ubuntu, Step::Root, "AppArmor");
        check(&Machine { root: true, ..ubuntu }, Step::Root, "");
        let none = Machine { namespaces_are_none: true, ..Machine::default() };
        check(&none, Step::Namespaces, "user.max_user_namespaces");
        let debian = Machine { debian_forbids: true, ..Machine::default() };
        check(&debian, Step::Namespaces, "unprivileged_userns_clone");
        let container = Machine { contained: true, ..Machine::default() };
        check(&container, Step::Namespaces, "container");
        check(&container, Step::Proc, "systempaths");
        let old = Machine { release: "5.15.0".into(), ..Machine::default() };
        check(&old, Step::Workspace, "6.6, this is 5.15.0");
        check(&old, Step::Namespaces, "");
    }
}
