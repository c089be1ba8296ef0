//! A `[[mcp_server]]` of `checkrein.toml` as text.
//!
//! In: a server as `wrap` and `connect` found it. Out: the table, with every text quoted so that it reads back as it was. Whether
//! it is right is asked where configuration is read. Tests are at the end.

use std::path::PathBuf;

use domain::Name;

/// A server to write down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: Name,
    pub(crate) way: Way,
    pub(crate) pack: Option<String>,
    pub(crate) offers: Vec<String>,
    /// Lines above it, without their `#`.
    pub(crate) comments: Vec<String>,
}

/// How it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// It is started here.
    Stdio {
        command: Vec<String>,
        environment: Vec<(String, String)>,
        environment_from: Vec<String>,
        /// Variables whose values stand in files of their own.
        environment_files: Vec<(String, PathBuf)>,
        reads: Vec<PathBuf>,
        writes: Vec<PathBuf>,
        hosts: Vec<String>,
        jailed: bool,
    },
    /// It runs elsewhere.
    Http { url: String, credential_file: Option<PathBuf> },
}

impl Entry {
    /// The table, with an empty line behind it.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        for comment in &self.comments {
            out.push_str(&format!("# {}\n", contract::visible::line(comment)));
        }
        out.push_str(&format!("[[mcp_server]]\nname = {}\n", quoted(self.name.as_str())));
        self.way.write(&mut out);
        if let Some(pack) = &self.pack {
            out.push_str(&format!("pack = {}\n", quoted(pack)));
        }
        list(&mut out, "offers", &self.offers);
        out.push('\n');
        out
    }
}

impl Way {
    fn write(&self, out: &mut String) {
        match self {
            Self::Http { url, credential_file } => {
                out.push_str(&format!("url = {}\n", quoted(url)));
                if let Some(file) = credential_file {
                    out.push_str(&format!(
                        "credential_file = {}\n",
                        quoted(&file.display().to_string())
                    ));
                }
            }
            Self::Stdio {
                command,
                environment,
                environment_from,
                environment_files,
                reads,
                writes,
                hosts,
                jailed,
            } => {
                list(out, "command", command);
                table(
                    out,
                    "environment",
                    environment.iter().map(|(name, value)| (name, value.clone())),
                );
                list(out, "environment_from", environment_from);
                let files =
                    environment_files.iter().map(|(name, path)| (name, path.display().to_string()));
                table(out, "environment_files", files);
                list(out, "reads", &shown(reads));
                list(out, "writes", &shown(writes));
                list(out, "hosts", hosts);
                if !jailed {
                    out.push_str("jail = \"off\"\n");
                }
            }
        }
    }
}

fn shown(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(|path| path.display().to_string()).collect()
}

fn list(out: &mut String, key: &str, texts: &[String]) {
    if !texts.is_empty() {
        let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
        out.push_str(&format!("{key} = [{}]\n", texts.join(", ")));
    }
}

fn table<'a>(out: &mut String, key: &str, members: impl Iterator<Item = (&'a String, String)>) {
    let members: Vec<String> =
        members.map(|(name, value)| format!("{} = {}", quoted(name), quoted(&value))).collect();
    if !members.is_empty() {
        out.push_str(&format!("{key} = {{ {} }}\n", members.join(", ")));
    }
}

/// A basic string of TOML 1.0: what must be escaped is, and nothing else.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control.is_control() => {
                out.push_str(&format!("\\u{:04X}", u32::from(control)))
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_reads_back_as_it_was() {
        for text in ["", "a b", "\"\\\n\t\r\u{0}\u{7F}\u{85}", "ä\u{202E}🎈", "'''\"\"\""] {
            let written = format!("a = {}", quoted(text));
            let read: toml_edit::DocumentMut = written.parse().unwrap();
            assert_eq!(read["a"].as_str(), Some(text), "{written}");
        }
    }
}
