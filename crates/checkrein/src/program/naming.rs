//! What a server is called here, and which contract pack is made for its package.
//!
//! In: what the client calls it, or the words of its command. Out: a name that may begin the names of tools; the name of a pack
//! whose package stands among the words, exactly. A pack is never chosen because a name looks like it.

use contract::packs;
use domain::{Name, limits};

/// Names that tools of our own begin with, and what stands for them.
const TAKEN: [&str; 5] = ["files", "git", "command", "checkrein", "mcp"];
/// Parts of package names that say nothing.
const NOISE: [&str; 4] = ["mcp-server-", "server-", "mcp-", "-mcp"];

/// A name for a server from what it is called elsewhere.
pub(crate) fn name(given: &str) -> Option<Name> {
    let mut text = String::new();
    for character in given.trim().chars().flat_map(char::to_lowercase) {
        match character {
            'a'..='z' | '0'..='9' => text.push(character),
            _other if text.ends_with('-') || text.is_empty() => {}
            _other => text.push('-'),
        }
    }
    let text = text.trim_matches('-');
    let mut text: String = text.chars().take(limits::SERVER_NAME_CHARS_MAX - 2).collect();
    if text.starts_with(|one: char| one.is_ascii_digit()) {
        text.insert_str(0, "s-");
    }
    if TAKEN.contains(&text.as_str()) {
        text.push_str("-1");
    }
    text.trim_matches('-').parse().ok()
}

/// A name from the words of a command.
pub(crate) fn of_command(command: &[String]) -> Option<Name> {
    let package = package(command).unwrap_or_else(|| command.first().map_or("", String::as_str));
    let mut short = package.rsplit(['/', '\\']).next().unwrap_or(package);
    short = short.split('@').next().unwrap_or(short);
    short = short.strip_suffix(".js").or_else(|| short.strip_suffix(".py")).unwrap_or(short);
    for noise in NOISE {
        short = short.strip_prefix(noise).or_else(|| short.strip_suffix(noise)).unwrap_or(short);
    }
    name(short)
}

/// The pack made for a package that one of the words is or names.
pub(crate) fn pack(command: &[String]) -> Option<&'static str> {
    let named = |word: &str| {
        let word = without_version(word);
        packs::all().iter().find(|pack| {
            pack.package == word || word.contains(&format!("/node_modules/{}/", pack.package))
        })
    };
    command.iter().find_map(|word| named(word)).map(|pack| pack.name.as_str())
}

/// The word that names what a runner of packages runs, or the first that is a file.
fn package(command: &[String]) -> Option<&str> {
    let program = command.first()?.rsplit('/').next()?;
    let mut words =
        command.iter().skip(1).map(String::as_str).filter(|word| !word.starts_with('-'));
    match program {
        "npx" | "bunx" | "uvx" | "pipx" | "pnpx" => {
            words.find(|word| !matches!(*word, "run" | "dlx" | "tool" | "exec"))
        }
        "node" | "bun" | "deno" | "python" | "python3" | "ruby" | "uv" | "sh" | "bash" => {
            words.find(|word| !matches!(*word, "run" | "tool"))
        }
        _other => None,
    }
}

/// A package's name without the version behind it.
pub(super) fn without_version(spec: &str) -> &str {
    let from = usize::from(spec.starts_with('@'));
    let end = spec.get(from..).and_then(|rest| rest.find(['@', '='])).map(|at| at + from);
    end.and_then(|end| spec.get(..end)).unwrap_or(spec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_clients_become_names_that_tools_may_begin_with() {
        for (given, expect) in [
            ("github", "github"),
            ("GitHub Copilot", "github-copilot"),
            ("  my_server.v2 ", "my-server-v2"),
            ("files", "files-1"),
            ("2fast", "s-2fast"),
            ("Ünïcode", "n-code"),
        ] {
            assert_eq!(name(given).unwrap().as_str(), expect, "{given}");
        }
        assert_eq!(name("***"), None);
        let long = name(&"x".repeat(80)).unwrap();
        assert!(long.as_str().len() <= limits::SERVER_NAME_CHARS_MAX);
    }

    #[test]
    fn a_command_names_its_server() {
        for (command, expect) in [
            ("npx -y @modelcontextprotocol/server-filesystem@2025.8.1 /srv", "filesystem"),
            ("uvx mcp-server-git --repository /srv", "s"),
            ("/opt/node/bin/node /opt/notes/notes.js", "notes"),
            ("/usr/local/bin/weather-mcp", "weather"),
        ] {
            let command: Vec<String> = command.split(' ').map(str::to_owned).collect();
            let found = of_command(&command).map(|name| name.to_string()).unwrap();
            let expect = if expect == "s" { "git-1" } else { expect };
            assert_eq!(found, expect, "{command:?}");
        }
    }

    #[test]
    fn versions_are_no_part_of_a_package() {
        for (spec, expect) in
            [("@a/b@1.2", "@a/b"), ("@a/b", "@a/b"), ("x@latest", "x"), ("x==1.0", "x"), ("x", "x")]
        {
            assert_eq!(without_version(spec), expect);
        }
    }
}
