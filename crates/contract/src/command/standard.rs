//! What all commands answer alike: their output, and the errors of the jail, of plans, of git and of the network.
//!
//! In: what a contract says of its command. Out: the part of the contract that nobody writes, because it is Checkrein's own:
//! commands run in its jail, and `tools` reports how that went. The loader puts it in, so that a contract's digest covers
//! it. Which errors of its own a contract adds is not known here. Tests: `tests/it/builtin.rs` and `tests/it/load.rs`.

use domain::{CommandMeans, EffectClass, ErrorCase, Executed, Profile};

use super::word::takes_remote;

/// JSON Schema of what every command gives back.
pub(crate) const OUTPUT: &str = include_str!("../../../../contracts/command-output.json");

/// A code and what it means to a caller.
type Case = (&'static str, &'static str);

/// It did not begin.
const NOT_BEGUN: &[Case] = &[
    ("not_found", "the program is not in the jail, or cannot be started"),
    ("no_jail", "there is no place on this machine to run it in"),
];
/// It began and did not end by itself. Where the tool knows how far it came, as in a preview, it says so.
const ENDED: &[Case] = &[
    ("over_time", "it ran longer than it may and was ended"),
    ("over_memory", "it needed more memory than it may and was ended"),
    ("over_processes", "it started more processes than it may and was ended"),
    ("over_output", "it printed more than it may and was ended"),
    ("over_disk", "its caches left too little room on their disk and it was ended"),
    ("killed", "it was ended by a signal"),
    ("lost", "its jail went away while it ran"),
];
/// Of the profile `git`.
const GIT: &[Case] =
    &[("not_a_repository", "no repository with a `.git` directory of its own stands there")];
/// What it left is not a plan, or the plan cannot be applied; then the workspace is as it was.
const PLAN: &[Case] = &[
    (
        "not_plannable",
        "it made something that a plan cannot hold, such as a device or a setuid file",
    ),
    ("changed_since", "the workspace changed between preview and act"),
    ("link_in_path", "a part of a path that changes is a symbolic link, which is never followed"),
    ("not_a_directory", "a part of a path that changes is no directory"),
    ("not_readable", "the operating system refuses to read what changes"),
    ("not_writable", "the operating system refuses to write the changes"),
    ("no_space", "the disk has no room for the changes"),
];
/// Of a command that takes `{remote:url}`.
const REMOTE: &[Case] = &[("no_credential", "the credential for the remote cannot be read")];
/// It reached the network before anybody saw what it changes here, so it happened there already.
const NETWORK: &[Case] = &[(
    "out_of_scope",
    "it changed what its contract does not let it change; the workspace is as before",
)];

/// The errors of a command of this effect class, in the order in which they can happen first.
pub(crate) fn errors(means: &CommandMeans, effect_class: EffectClass) -> Vec<ErrorCase> {
    let changes = effect_class.changes();
    let (git, remote, hosts) = match means {
        CommandMeans::Named(_) => (false, false, false),
        CommandMeans::Template(template) => (
            template.profile == Profile::Git,
            takes_remote(template),
            !template.needs.hosts.is_empty(),
        ),
    };
    let ended = if changes { Executed::Unknown } else { Executed::No };
    let groups = [
        (true, NOT_BEGUN, Executed::No),
        (true, ENDED, ended),
        (git, GIT, Executed::No),
        (changes, PLAN, Executed::No),
        (remote, REMOTE, Executed::No),
        (remote || hosts, NETWORK, Executed::Partly),
    ];
    let there = groups.into_iter().filter(|(there, ..)| *there);
    there
        .flat_map(|(_, cases, executed)| cases.iter().map(move |one| case(*one, executed)))
        .collect()
}

fn case((code, meaning): Case, executed: Executed) -> ErrorCase {
    ErrorCase { code: code.to_owned(), meaning: meaning.to_owned(), executed }
}
