//! `/etc` of the jail: a few made files, and a few from outside that programs need and that hold no secret.
//!
//! In: this machine's `/etc`. Out: the jail's. Users, hosts and name servers are made, so that a command learns nothing
//! of this machine's; keys below `/etc/ssl` and system-wide configuration of git are left out. Tests are in `tests/it`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::outside;
use crate::jail::mount::READ_ONLY;
use crate::report::{At, Failure, Step};

/// Files and directories that are shown as they are.
const SHOWN: &[&str] = &[
    "alternatives",
    "ca-certificates",
    "crypto-policies",
    "debian_version",
    "fonts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "os-release",
    "perl",
    "pki/ca-trust",
    "pki/tls/certs",
    "pki/tls/openssl.cnf",
    "protocols",
    "services",
    "ssl/certs",
    "ssl/cert.pem",
    "ssl/openssl.cnf",
    "timezone",
];
/// Beginnings of names that are shown: toolchains that keep their settings here, by version.
const SHOWN_BEGINNINGS: &[&str] = &["java-", "python3"];

const MADE: &[(&str, &str)] = &[
    ("host.conf", "multi on\n"),
    ("hostname", "jail\n"),
    ("hosts", "127.0.0.1 localhost jail\n::1 localhost\n"),
    ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
    ("resolv.conf", ""),
    ("shells", "/bin/sh\n"),
];

/// Fills the jail's `/etc`, but for the users.
pub(super) fn make() -> Result<(), Failure> {
    fs::create_dir("/etc").at(Step::Root, "make `/etc`")?;
    for (name, text) in MADE {
        fs::write(format!("/etc/{name}"), text).at(Step::Root, format!("write `/etc/{name}`"))?;
    }
    for name in SHOWN {
        show(name)?;
    }
    let Ok(entries) = fs::read_dir(outside(Path::new("/etc"))) else { return Ok(()) };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if SHOWN_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning)) {
            show(&name)?;
        }
    }
    Ok(())
}

/// The one user of the jail, and root, whom files belong to.
pub(super) fn users(user: u32, group: u32) -> Result<(), Failure> {
    let mut users = "root:x:0:0:root:/home/agent:/bin/sh\n".to_owned();
    let mut groups = "root:x:0:\n".to_owned();
    if user != 0 {
        users.push_str(&format!("agent:x:{user}:{group}:agent:/home/agent:/bin/sh\n"));
    }
    if group != 0 {
        groups.push_str(&format!("agent:x:{group}:\n"));
    }
    fs::write("/etc/passwd", users).at(Step::Root, "write `/etc/passwd`")?;
    fs::write("/etc/group", groups).at(Step::Root, "write `/etc/group`")
}

/// Links stay links, if they lead into `/usr` or to a neighbour; everything else is mounted, if it is there.
fn show(name: &str) -> Result<(), Failure> {
    let path = format!("/etc/{name}");
    let source = outside(Path::new(&path));
    let Ok(found) = fs::symlink_metadata(&source) else { return Ok(()) };
    if let Some(parent) = Path::new(&path).parent() {
        fs::create_dir_all(parent).at(Step::Root, &path)?;
    }
    if found.is_symlink() {
        let target = fs::read_link(&source).at(Step::Root, &path)?;
        if target.is_relative() || target.starts_with("/usr") {
            symlink(target, &path).at(Step::Root, &path)?;
        }
        return Ok(());
    }
    super::bind(&path, READ_ONLY)
}
