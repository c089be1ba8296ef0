//! The place of the demo: a repository with history, a workspace with its files, and a configuration.
//!
//! ```text
//! checkrein-demo-…/  checkrein.toml  server.log
//!   witness.git/     the history, out of every tool's reach: git looks from here
//!   remote.git/      a bare repository that agents push to, by Checkrein's leave
//!   workspace/       a clone of it: all that agents can touch
//!   state/           data directory and first keys          config/  master key
//! ```
//! The directory is new, private (0700) and stays when the demo has ended.

use std::collections::BTreeMap;
use std::fs::DirBuilder;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::git::Git;
use super::repository;
use crate::failure::{Failure, Result};
use crate::toml_text::{Entry, Way};

/// Reports in `archive/`: enough that moving them takes longer than ending a process.
pub(super) const REPORTS: usize = 1_500;

/// The contract of the deploy.
const DEPLOY: &str = include_str!("../../../../examples/high-stakes/site.toml");

/// The bare repository.
const REMOTE: &str = "remote.git";

/// The credential of the notes server. It stands for one: whoever gets it may sign notes in nobody's name.
pub(super) const NOTES_TOKEN: &str = "nt-5f2c81-demo-credential-94";

/// Everything in the workspace: path and content.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// The place.
#[derive(Debug)]
pub(super) struct Scratch {
    pub(super) root: PathBuf,
    /// Where the directory `site` of the workspace is served.
    pub(super) web: SocketAddr,
    pub(super) git: Git,
}

impl Scratch {
    /// Makes everything but the server.
    pub(super) fn make(directory: Option<PathBuf>) -> Result<Self> {
        let root = match directory {
            Some(directory) => directory,
            None => std::env::temp_dir().join(unique()),
        };
        make_private(&root)?;
        // Links in the way to it would make two spellings of one place.
        let root = root.canonicalize().map_err(|error| Failure::file(&root, &error))?;
        for name in ["workspace", "state", "config", "notes", "secrets"] {
            make_private(&root.join(name))?;
        }
        let git = Git::new(root.join("witness.git"), root.join("workspace"));
        let web = super::web::serve(root.join("workspace/site"))?;
        let scratch = Self { root, web, git };
        make_private(&scratch.root.join("contracts"))?;
        scratch.put(&scratch.root.join("contracts/site.toml"), DEPLOY)?;
        scratch.write_history()?;
        scratch.write_token()?;
        scratch.git.publish(&scratch.remote(), &scratch.clone())?;
        Ok(scratch)
    }

    /// The bare repository that agents push to.
    pub(super) fn remote(&self) -> Git {
        Git::bare(self.root.join(REMOTE))
    }

    /// The workspace's own repository.
    pub(super) fn clone(&self) -> Git {
        Git::new(self.workspace().join(".git"), self.workspace())
    }

    pub(super) fn workspace(&self) -> PathBuf {
        self.root.join("workspace")
    }

    pub(super) fn config(&self) -> PathBuf {
        self.root.join("checkrein.toml")
    }

    /// Writes the configuration for a port.
    pub(super) fn configure(&self, port: u16) -> Result<()> {
        let text = format!(
            "# Made by `checkrein demo`.\n\
             [server]\n\
             listen = \"127.0.0.1:{port}\"\n\
             data_dir = \"state/data\"\n\
             config_dir = \"config\"\n\
             master_key_file = \"config/master.key\"\n\n\
             # There is only one person here, who may decide about the agent's calls too.\n\
             [approvals]\n\
             requester_may_decide = true\n\n\
             [[workspace]]\n\
             root = \"workspace\"\n\n"
        );
        let commands = repository::commands(&self.root.join(REMOTE).display().to_string());
        let servers = format!("{}\n{}", self.notes_server()?, self.health_server()?);
        self.put(&self.config(), &format!("{text}{commands}\n{servers}"))
    }

    /// The tool server of the demo: this very program, in a jail that can change one directory.
    fn notes_server(&self) -> Result<String> {
        let program = std::env::current_exe()
            .map_err(|error| Failure::file(Path::new("checkrein"), &error))?;
        let notes = self.root.join("notes");
        let text = |path: &Path| path.display().to_string();
        let entry = Entry {
            name: "notes"
                .parse()
                .map_err(|error: domain::NameError| Failure::new(error.to_string()))?,
            way: Way::Stdio {
                command: vec![text(&program), "demo-notes-server".to_owned(), text(&notes)],
                environment: Vec::new(),
                environment_from: Vec::new(),
                environment_files: vec![(
                    "NOTES_TOKEN".to_owned(),
                    self.root.join("secrets/notes.token"),
                )],
                reads: vec![program.clone()],
                writes: vec![notes],
                hosts: Vec::new(),
                jailed: true,
            },
            pack: None,
            offers: Vec::new(),
            comments: vec!["A tool server: see docs/guides/mcp.md.".to_owned()],
        };
        Ok(entry.text())
    }

    /// The tool server that asks the web server for a page. It reaches this machine's loopback, so it has no jail.
    fn health_server(&self) -> Result<String> {
        let program = std::env::current_exe()
            .map_err(|error| Failure::file(Path::new("checkrein"), &error))?;
        let entry = Entry {
            name: "health"
                .parse()
                .map_err(|error: domain::NameError| Failure::new(error.to_string()))?,
            way: Way::Stdio {
                command: vec![
                    program.display().to_string(),
                    "demo-health-server".to_owned(),
                    self.web.to_string(),
                ],
                environment: Vec::new(),
                environment_from: Vec::new(),
                environment_files: Vec::new(),
                reads: Vec::new(),
                writes: Vec::new(),
                hosts: Vec::new(),
                jailed: false,
            },
            pack: None,
            offers: Vec::new(),
            comments: vec!["What a deploy is checked with.".to_owned()],
        };
        Ok(entry.text())
    }

    fn write_token(&self) -> Result<()> {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;
        let path = self.root.join("secrets/notes.token");
        let file = std::fs::File::options().write(true).create_new(true).mode(0o600).open(&path);
        let written = file.and_then(|mut file| file.write_all(NOTES_TOKEN.as_bytes()));
        written.map_err(|error| Failure::file(&path, &error))
    }

    /// What the notes server keeps.
    pub(super) fn notes(&self) -> String {
        std::fs::read_to_string(self.root.join("notes/notes.txt")).unwrap_or_default()
    }

    pub(super) fn write_notes(&self, text: &str) -> Result<()> {
        self.put(&self.root.join("notes/notes.txt"), text)
    }

    /// What the notes server says of `delete` from its next start on.
    pub(super) fn write_manual(&self, text: &str) -> Result<()> {
        self.put(&self.root.join("notes/manual.txt"), text)
    }

    /// What a path of the workspace contains; none if it is not there.
    pub(super) fn read(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.workspace().join(path)).ok()
    }

    /// Every file of the workspace with its content. Git's own are left out: git keeps books while it looks.
    pub(super) fn files(&self) -> Result<Files> {
        let mut files = Files::new();
        let mut left = vec![self.workspace()];
        while let Some(directory) = left.pop() {
            let failed = |error: std::io::Error| Failure::file(&directory, &error);
            for entry in std::fs::read_dir(&directory).map_err(failed)? {
                let path = entry.map_err(failed)?.path();
                if path.is_dir() {
                    left.extend((!path.ends_with(".git")).then_some(path));
                    continue;
                }
                let name =
                    path.strip_prefix(self.workspace()).unwrap_or(&path).display().to_string();
                let content = std::fs::read(&path).map_err(|error| Failure::file(&path, &error))?;
                files.insert(name, content);
            }
        }
        Ok(files)
    }

    fn write_history(&self) -> Result<()> {
        self.git.init()?;
        self.write("README.md", "# Greeter\n\nGreets whoever asks.\n")?;
        self.write("src/greeting.sh", repository::GREETING)?;
        self.git.commit("begin a greeter")?;
        self.write("src/total.sh", repository::TOTAL)?;
        self.write("CHANGELOG.md", "# Changes\n\n- nothing yet\n")?;
        self.git.commit("add up prices")?;
        self.write("tests/run.sh", repository::TESTS)?;
        self.write("tools/format.sh", repository::FORMATTER)?;
        self.git.commit("test it, and format it")?;
        self.write("prod/service.toml", "replicas = 3\ntimeout_ms = 800\n")?;
        self.git.commit("run it in production")?;
        for day in 17..20 {
            let text = format!("2026-11-{day} 08:00 started\n2026-11-{day} 18:00 stopped\n");
            self.write(&format!("logs/2026-11-{day}.log"), &text)?;
        }
        self.git.commit("keep a few logs")?;
        for report in 0..REPORTS {
            let text = format!("report {report}\nincome {}\n", report * 7);
            self.write(&format!("archive/report-{report:04}.txt"), &text)?;
        }
        self.git.commit("keep last year's reports")
    }

    fn write(&self, path: &str, text: &str) -> Result<()> {
        let path = self.workspace().join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|error| Failure::file(parent, &error))?;
        }
        self.put(&path, text)
    }

    fn put(&self, path: &Path, text: &str) -> Result<()> {
        std::fs::write(path, text).map_err(|error| Failure::file(path, &error))
    }
}

fn unique() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("checkrein-demo-{}-{}", std::process::id(), now.subsec_nanos())
}

/// A new directory that nobody else can look into. One that is there already is somebody's.
fn make_private(path: &Path) -> Result<()> {
    DirBuilder::new().mode(0o700).create(path).map_err(|error| {
        Failure::new(format!("`{}` cannot be made: {error}", path.display()))
            .expected("a directory that does not exist yet, in one that does")
            .fix("name another with `--dir DIRECTORY`")
    })
}
