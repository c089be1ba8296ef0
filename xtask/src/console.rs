//! The TypeScript parts: the SDK, the React hooks and the console, from `package-lock.json` to tests in a browser.
//!
//! ```text
//! npm ci -> types and checks -> console/dist (cargo embeds it) -> cargo build -> tests against the binary -> browser tests
//! ```
//! In: the workspace. Out: what npm prints. No script of a package runs while it is installed (`.npmrc`). Pictures of all
//! screens go to `target/screens`. The tests themselves stand in `sdk/*/test`, `console/src` and `console/tests`.

use std::path::PathBuf;

use crate::command::Call;
use crate::python::Stamp;
use crate::setup;
use crate::workspace::Workspace;

/// The npm workspace with everything installed that its lock file names.
#[derive(Debug)]
pub(crate) struct Console<'a> {
    workspace: &'a Workspace,
}

/// Builds the console and the binary, and takes pictures of every screen in both themes.
pub(crate) fn screens(workspace: &Workspace) -> anyhow::Result<()> {
    setup::require(&[setup::NPM, setup::CHROMIUM, setup::C_COMPILER])?;
    let console = Console::ready(workspace)?;
    console.build()?;
    Call::cargo(workspace.root())
        .args(["build", "--locked", "--package", "checkrein", "--bin", "checkrein"])
        .run()?;
    console.against_the_binary("screens").run()?;
    println!("pictures are in `{}`", console.pictures().display());
    Ok(())
}

impl<'a> Console<'a> {
    /// Installs the packages where they are not there yet, or from another lock file.
    pub(crate) fn ready(workspace: &'a Workspace) -> anyhow::Result<Self> {
        let root = workspace.root();
        let sources = ["package-lock.json", ".npmrc"].map(|name| root.join(name));
        // The stamp lies among what it speaks of: whoever removes the packages removes it too.
        let packages = root.join("node_modules");
        let stamp = Stamp::new(&packages, "packages", &sources.each_ref().map(PathBuf::as_path));
        let console = Self { workspace };
        stamp.unless_fresh(|| {
            setup::require(&[setup::NPM])?;
            console.npm(&["ci", "--loglevel=error"]).run()
        })?;
        Ok(console)
    }

    /// Whether generated types are current, and all types fit.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        self.script("check").run()
    }

    /// Builds `console/dist`.
    pub(crate) fn build(&self) -> anyhow::Result<()> {
        self.script("build").run()
    }

    /// Tests of the SDK, the hooks and the console's pure parts. Needs the binary.
    pub(crate) fn tests(&self) -> anyhow::Result<()> {
        self.against_the_binary("test").run()
    }

    /// Tests in a browser, the pictures of all screens with them. Needs the binary.
    pub(crate) fn browser_tests(&self) -> anyhow::Result<()> {
        self.against_the_binary("browser").run()?;
        self.against_the_binary("screens").run()
    }

    fn against_the_binary(&self, script: &str) -> Call {
        let variables = [
            ("CHECKREIN_BIN", self.workspace.built("checkrein")),
            ("CHECKREIN_FIXTURE", self.workspace.built("checkrein-fixture")),
            ("CHECKREIN_SCREENS", self.pictures()),
        ];
        self.script(script).env(variables)
    }

    fn pictures(&self) -> PathBuf {
        self.workspace.target().join("screens")
    }

    fn script(&self, name: &str) -> Call {
        self.npm(&["run", "--silent", name])
    }

    fn npm(&self, arguments: &[&str]) -> Call {
        Call::new("npm").args(arguments).directory(self.workspace.root())
    }
}
