//! The git profile: what git is told so that nothing in a repository makes it run or reach anything.
//!
//! ```text
//! .git  a real directory -> config read, harmless keys kept, covered by the copy
//! words -c core.hooksPath=… … <the template's words>      variables: no prompts, no pagers, no editors, explicit paths
//! ```
//! Hooks, fsmonitor, external diff, textconv, filters and merge drivers need a key of the configuration that is never
//! kept. So content with a `filter` attribute (git LFS) is stored and shown as it stands in the file, and a `merge`
//! attribute falls back to git's own merge. What reaches a remote is in `remote.rs`. Tests: `tests/git.rs`, a corpus of
//! attacks.

mod config;

use std::path::Path;

use domain::{FileState, Node};
use gate::Invocation;
use runner::Cover;

use super::problem::Trouble;
use crate::files::look::{Allowance, Looked, Seen};
use crate::files::workspace::Workspace;

/// What the order of a git command has beside that of any other.
#[derive(Debug, Default)]
pub(super) struct GitParts {
    /// Before the template's words.
    pub(super) words: Vec<String>,
    pub(super) environment: Vec<(String, String)>,
    pub(super) covers: Vec<Cover>,
}

/// Whether git may write, and take locks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Locks {
    Taken,
    Left,
}

/// Set on the command line, where nothing in a repository can override them.
const SETTINGS: &[&str] = &[
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.pager=cat",
    "core.editor=true",
    "core.askPass=true",
    "core.sshCommand=false",
    "core.gitProxy=",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.untrackedCache=false",
    "core.alternateRefsCommand=true",
    "credential.helper=",
    "diff.external=",
    "diff.ignoreSubmodules=all",
    "protocol.ext.allow=never",
    "protocol.ssh.allow=never",
    "protocol.git.allow=never",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "push.recurseSubmodules=no",
    "fetch.writeCommitGraph=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "commit.gpgSign=false",
    "tag.gpgSign=false",
    "push.gpgSign=false",
    "log.showSignature=false",
    "merge.verifySignatures=false",
    "gpg.program=false",
    "rerere.enabled=false",
    "sequence.editor=true",
    "color.ui=false",
    "column.ui=never",
    "advice.detachedHead=false",
    "http.followRedirects=false",
    "http.sslVerify=true",
    // What is longer goes without a length, which the jail's proxy does not carry over plain `http`.
    "http.postBuffer=67108864",
    "safe.bareRepository=explicit",
];

/// Subcommands that make text out of changes, and could run programs for it.
const DIFFING: &[&str] = &["diff", "log", "show"];
const WITH_SUBMODULES: &[&str] = &["status", "diff", "log", "show"];

/// What stands for the repository's parts that are no business of a call.
const DIRECTORIES: &[&str] = &[".git/hooks", ".git/modules", ".git/lfs"];

impl GitParts {
    /// For a repository at the top of a workspace.
    pub(super) fn of(
        workspace: &Workspace,
        root: &Path,
        invocation: &Invocation,
        locks: Locks,
    ) -> Result<Self, Trouble> {
        let config = config::harmless(&own_config(workspace)?).map_err(Trouble::Git)?;
        let mut covers = vec![Cover { path: ".git/config".into(), content: config.into_bytes() }];
        for path in DIRECTORIES {
            if is_directory(workspace, path)? {
                covers.push(Cover { path: path.into(), content: Vec::new() });
            }
        }
        let settings = SETTINGS.iter().flat_map(|setting| ["-c".to_owned(), (*setting).to_owned()]);
        let words = ["--no-pager".to_owned()].into_iter().chain(settings).collect();
        Ok(Self { words, environment: environment(root, invocation, locks), covers })
    }

    /// The words of the command, with the switches that only some subcommands take.
    pub(super) fn arguments(&self, template: &[String]) -> Vec<String> {
        let mut words = self.words.clone();
        let Some((subcommand, rest)) = template.split_first() else { return words };
        words.push(subcommand.clone());
        if DIFFING.contains(&subcommand.as_str()) {
            words.extend(["--no-ext-diff", "--no-textconv"].map(str::to_owned));
        }
        if WITH_SUBMODULES.contains(&subcommand.as_str()) {
            words.push("--ignore-submodules=all".to_owned());
        }
        words.extend_from_slice(rest);
        words
    }
}

/// The repository's own configuration. What makes git look for it elsewhere is refused.
fn own_config(workspace: &Workspace) -> Result<Vec<u8>, Trouble> {
    match workspace.look(".git", &mut Allowance::hashes())? {
        Seen::Plain(looked) if matches!(looked.state.node, Node::Directory) => {}
        Seen::Nothing => {
            return Err(Trouble::Git(
                "there is no git repository at the top of the workspace; expected a directory `.git`"
                    .to_owned(),
            ));
        }
        Seen::Plain(_) | Seen::Special(_) => {
            return Err(Trouble::Git(
                "`.git` is no directory; a linked worktree or a submodule keeps its repository outside the workspace, \
                 where no call reaches it"
                    .to_owned(),
            ));
        }
    }
    if !matches!(workspace.look(".git/commondir", &mut Allowance::hashes())?, Seen::Nothing) {
        return Err(Trouble::Git(
            "`.git/commondir` says that the repository is kept elsewhere; remove it, or work in the main worktree"
                .to_owned(),
        ));
    }
    match workspace.look(".git/config", &mut Allowance::file())? {
        Seen::Plain(Looked {
            state: FileState { node: Node::File { content: Some(content), .. }, .. },
            ..
        }) => Ok(content.bytes().to_vec()),
        Seen::Nothing => Ok(Vec::new()),
        Seen::Plain(_) | Seen::Special(_) => {
            Err(Trouble::Git("`.git/config` is no file that can be read".to_owned()))
        }
    }
}

fn is_directory(workspace: &Workspace, path: &str) -> Result<bool, Trouble> {
    Ok(match workspace.look(path, &mut Allowance::hashes())? {
        Seen::Plain(looked) => matches!(looked.state.node, Node::Directory),
        Seen::Special(_) | Seen::Nothing => false,
    })
}

/// Nothing is inherited: these are all there is.
fn environment(root: &Path, invocation: &Invocation, locks: Locks) -> Vec<(String, String)> {
    let git = root.join(".git").display().to_string();
    let author = invocation.agent.to_string();
    let address = format!("{}@checkrein.invalid", invocation.run);
    let fixed = [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_ATTR_NOSYSTEM", "1"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_PAGER", "cat"),
        ("GIT_EDITOR", "true"),
        ("GIT_SEQUENCE_EDITOR", "true"),
        ("GIT_ASKPASS", "true"),
        ("SSH_ASKPASS", "true"),
        ("GIT_SSH_COMMAND", "false"),
        ("GIT_NO_LAZY_FETCH", "1"),
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("GIT_ALLOW_PROTOCOL", "https:http:file"),
        ("GIT_MERGE_AUTOEDIT", "no"),
    ];
    let mut variables: Vec<(String, String)> =
        fixed.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let own = [
        ("GIT_DIR", git.clone()),
        ("GIT_COMMON_DIR", git),
        ("GIT_WORK_TREE", root.display().to_string()),
        ("GIT_AUTHOR_NAME", author.clone()),
        ("GIT_AUTHOR_EMAIL", address.clone()),
        ("GIT_COMMITTER_NAME", author),
        ("GIT_COMMITTER_EMAIL", address),
    ];
    variables.extend(own.map(|(name, value)| (name.to_owned(), value)));
    if locks == Locks::Left {
        variables.push(("GIT_OPTIONAL_LOCKS".to_owned(), "0".to_owned()));
    }
    variables
}
