//! A repository's configuration, with only what is harmless left in it.
//!
//! In: the bytes of `.git/config`. Out: text that git reads in its place, written anew from the keys on the list, each
//! value quoted. What is not on the list is left out, includes are never followed, and a format that this cannot read
//! as git would is refused with its line. An extension that is not known is refused too: git would misread the
//! repository without it. Tests are at the end, and `tests/git.rs` compares with git itself.

use std::fmt::Write as _;

/// Settings in one file.
const SETTINGS_MAX: usize = 20_000;

/// Keys without a subsection that change how git reads a repository, and nothing that it runs or reaches.
const KEPT: &[&str] = &[
    "core.repositoryformatversion",
    "core.filemode",
    "core.bare",
    "core.logallrefupdates",
    "core.ignorecase",
    "core.symlinks",
    "core.precomposeunicode",
    "core.autocrlf",
    "core.eol",
    "core.safecrlf",
    "core.quotepath",
    "core.abbrev",
    "core.sharedrepository",
    "core.sparsecheckout",
    "core.sparsecheckoutcone",
    "index.sparse",
    "index.version",
    "extensions.objectformat",
    "extensions.refstorage",
    "extensions.preciousobjects",
    "user.name",
    "user.email",
    "init.defaultbranch",
    "merge.conflictstyle",
    "merge.ff",
    "merge.renames",
    "diff.algorithm",
    "diff.renames",
    "diff.context",
    "pull.rebase",
    "pull.ff",
    "push.default",
    "i18n.commitencoding",
    "status.showuntrackedfiles",
];

/// Keys with a subsection: section and name.
const KEPT_BELOW: &[(&str, &str)] =
    &[("branch", "remote"), ("branch", "merge"), ("branch", "rebase"), ("remote", "fetch")];

/// Extensions that a repository can be read without.
const DROPPED_EXTENSIONS: &[&str] =
    &["worktreeconfig", "partialclone", "noop", "relativeworktrees"];

/// The harmless part of a configuration. The error is safe to show.
pub(super) fn harmless(bytes: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| "`.git/config` is not UTF-8 text; rewrite it with `git config`".to_owned())?;
    let mut kept = String::new();
    let settings = Reader { rest: text.trim_start_matches('\u{feff}'), line: 1 }.settings()?;
    for setting in settings {
        if setting.section == "extensions" && !setting.is_known_extension() {
            return Err(format!(
                "the repository uses the extension `{}`, which is not known here",
                setting.name
            ));
        }
        if setting.names_another_format() {
            return Err("`extensions.refstorage` names a format that is not known here".to_owned());
        }
        if setting.is_kept() {
            setting.write(&mut kept);
        }
    }
    Ok(kept)
}

/// One key with its value; none stands for true.
#[derive(Debug, PartialEq, Eq)]
struct Setting {
    section: String,
    subsection: Option<String>,
    name: String,
    value: Option<String>,
}

impl Setting {
    fn is_kept(&self) -> bool {
        match &self.subsection {
            None => KEPT.contains(&format!("{}.{}", self.section, self.name).as_str()),
            Some(below) => {
                plain(below) && KEPT_BELOW.contains(&(self.section.as_str(), self.name.as_str()))
            }
        }
    }

    fn is_known_extension(&self) -> bool {
        self.subsection.is_none()
            && (self.is_kept() || DROPPED_EXTENSIONS.contains(&self.name.as_str()))
    }

    /// Newer git takes a place outside of the repository as part of this value.
    fn names_another_format(&self) -> bool {
        let known = ["files", "reftable"];
        (self.section.as_str(), self.name.as_str()) == ("extensions", "refstorage")
            && !self.value.as_deref().is_some_and(|value| known.contains(&value))
    }

    fn write(&self, out: &mut String) {
        // INVARIANT (text buffer): writing to a `String` cannot fail.
        let _ = match &self.subsection {
            None => writeln!(out, "[{}]", self.section),
            Some(below) => writeln!(out, "[{} \"{}\"]", self.section, escaped(below)),
        };
        let _ = match &self.value {
            None => writeln!(out, "\t{}", self.name),
            Some(value) => {
                let value = escaped(value).replace('\n', "\\n").replace('\t', "\\t");
                writeln!(out, "\t{} = \"{}\"", self.name, value.replace('\u{8}', "\\b"))
            }
        };
    }
}

/// Whether a subsection is a name and nothing that git could take for the address of a remote: an address on the command
/// line that is also a remote's name is replaced by what that remote's keys say.
fn plain(name: &str) -> bool {
    !name.contains(':') && !name.starts_with(['/', '.', '~'])
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Reads as `git-config` says, and refuses what it would refuse.
struct Reader<'t> {
    rest: &'t str,
    line: usize,
}

impl Reader<'_> {
    fn settings(mut self) -> Result<Vec<Setting>, String> {
        let mut settings = Vec::new();
        let mut section: Option<(String, Option<String>)> = None;
        loop {
            self.skip_blank();
            match self.peek() {
                None => return Ok(settings),
                Some('#' | ';') => self.skip_line(),
                Some('[') => section = Some(self.section()?),
                Some(letter) if letter.is_ascii_alphabetic() => {
                    let (section, subsection) =
                        section.clone().ok_or_else(|| self.wrong("a key before any section"))?;
                    let (name, value) = self.key()?;
                    settings.push(Setting { section, subsection, name, value });
                    if settings.len() > SETTINGS_MAX {
                        return Err(self.wrong("too many settings"));
                    }
                }
                Some(_) => return Err(self.wrong("neither a section nor a key")),
            }
        }
    }

    /// `[section]`, `[section "sub section"]` or the old `[section.subsection]`.
    fn section(&mut self) -> Result<(String, Option<String>), String> {
        self.next();
        let name =
            self.word(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.'));
        let name = name.to_ascii_lowercase();
        if name.is_empty() {
            return Err(self.wrong("a section without a name"));
        }
        match self.next() {
            Some(']') => Ok(match name.split_once('.') {
                None => (name, None),
                Some((section, below)) => (section.to_owned(), Some(below.to_owned())),
            }),
            Some(' ' | '\t') => {
                self.word(|letter| matches!(letter, ' ' | '\t'));
                let below = self.subsection()?;
                Ok((name, Some(below)))
            }
            Some(_) | None => Err(self.wrong("a section that does not end with `]`")),
        }
    }

    fn subsection(&mut self) -> Result<String, String> {
        if self.next() != Some('"') {
            return Err(self.wrong("a subsection without quotes"));
        }
        let mut below = String::new();
        loop {
            match self.next() {
                Some('"') => break,
                Some('\\') => match self.next() {
                    Some(letter) if letter != '\n' => below.push(letter),
                    Some(_) | None => return Err(self.wrong("a subsection that does not end")),
                },
                Some('\n') | None => return Err(self.wrong("a subsection that does not end")),
                Some(letter) => below.push(letter),
            }
        }
        match self.next() {
            Some(']') => Ok(below),
            Some(_) | None => Err(self.wrong("a section that does not end with `]`")),
        }
    }

    fn key(&mut self) -> Result<(String, Option<String>), String> {
        let name = self.word(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        let name = name.to_ascii_lowercase();
        self.word(|letter| matches!(letter, ' ' | '\t' | '\r'));
        match self.peek() {
            None | Some('\n') => Ok((name, None)),
            Some('=') => {
                self.next();
                self.value().map(|value| (name, Some(value)))
            }
            Some('#' | ';') => {
                self.skip_line();
                Ok((name, None))
            }
            Some(_) => Err(self.wrong("a key that is not followed by `=`")),
        }
    }

    /// To the end of the line: quotes group, `\` continues or escapes, blanks at both ends fall away.
    fn value(&mut self) -> Result<String, String> {
        self.word(|letter| matches!(letter, ' ' | '\t'));
        let (mut value, mut blanks, mut quoted) = (String::new(), String::new(), false);
        loop {
            match self.next() {
                None if quoted => return Err(self.wrong("a value whose quotes do not end")),
                Some('\n') if quoted => return Err(self.wrong("a value whose quotes do not end")),
                None | Some('\n') => return Ok(value),
                Some('\r') if matches!(self.peek(), None | Some('\n')) => {}
                Some(letter @ (' ' | '\t' | '\r')) if !quoted => blanks.push(letter),
                Some('#' | ';') if !quoted => {
                    self.skip_line();
                    return Ok(value);
                }
                Some('"') => {
                    value.push_str(&std::mem::take(&mut blanks));
                    quoted = !quoted;
                }
                Some('\\') => {
                    value.push_str(&std::mem::take(&mut blanks));
                    if let Some(letter) = self.escape()? {
                        value.push(letter);
                    }
                }
                Some(letter) => {
                    value.push_str(&std::mem::take(&mut blanks));
                    value.push(letter);
                }
            }
        }
    }

    fn escape(&mut self) -> Result<Option<char>, String> {
        match self.next() {
            Some('\n') => Ok(None),
            Some('\r') if self.peek() == Some('\n') => {
                self.next();
                Ok(None)
            }
            Some('n') => Ok(Some('\n')),
            Some('t') => Ok(Some('\t')),
            Some('b') => Ok(Some('\u{8}')),
            Some(letter @ ('"' | '\\')) => Ok(Some(letter)),
            Some(_) | None => Err(self.wrong("an escape that git does not know")),
        }
    }

    fn skip_blank(&mut self) {
        self.word(|letter| matches!(letter, ' ' | '\t' | '\r' | '\n'));
    }

    fn skip_line(&mut self) {
        self.word(|letter| letter != '\n');
    }

    fn word(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let mut word = String::new();
        while let Some(letter) = self.peek().filter(|letter| belongs(*letter)) {
            self.next();
            word.push(letter);
        }
        word
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut letters = self.rest.chars();
        let letter = letters.next()?;
        self.rest = letters.as_str();
        if letter == '\n' {
            self.line += 1;
        }
        Some(letter)
    }

    fn wrong(&self, what: &str) -> String {
        format!(
            "`.git/config` cannot be read: {what}, at line {}; correct it with `git config`",
            self.line
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(config: &str, expect: Result<&[(&str, &str)], &str>) {
        match (harmless(config.as_bytes()), expect) {
            (Ok(kept), Ok(expect)) => {
                let again = Reader { rest: &kept, line: 1 }.settings().unwrap();
                let found: Vec<(String, String)> = again
                    .into_iter()
                    .map(|setting| {
                        let below = setting.subsection.map(|below| format!(".{below}"));
                        let below = below.unwrap_or_default();
                        let key = format!("{}{below}.{}", setting.section, setting.name);
                        (key, setting.value.unwrap_or_default())
                    })
                    .collect();
                let found: Vec<(&str, &str)> =
                    found.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
                assert_eq!(found, expect, "{config}");
            }
            (Err(error), Err(part)) => assert!(error.contains(part), "{config}: {error}"),
            (found, expect) => panic!("{config}: {found:?}, expected {expect:?}"),
        }
    }

    #[test]
    fn only_harmless_keys_are_left_and_their_values_stay() {
        check("", Ok(&[]));
        check(
            "[core]\n\tfileMode = true ; yes\n  hooksPath = .evil\n fsmonitor=./x\n\tbare\n",
            Ok(&[("core.filemode", "true"), ("core.bare", "")]),
        );
        check(
            "[remote \"or\\\"i\"]\n url = \" a b\"  \n uploadpack = ./x\n fetch=+refs/*:refs/*\n",
            Ok(&[("remote.or\"i.fetch", "+refs/*:refs/*")]),
        );
        check("[remote \"https://host/x.git\"]\n url = https://host/evil\n fetch = a:b", Ok(&[]));
        check("[remote \"/srv/bare.git\"]\n url = .git/sink\n fetch = +a:b", Ok(&[]));
        check("[user] name = A \\\n  B # c\n", Ok(&[("user.name", "A   B")]));
        check("[user]\r\n\tname = A\r\n", Ok(&[("user.name", "A")]));
        check("[include]\n path = ../x\n[includeIf \"gitdir:**\"]\n path = x\n", Ok(&[]));
        check(
            "[alias] status = !./x\n[filter \"lfs\"] clean = ./x\n[diff \"x\"] textconv = ./x",
            Ok(&[]),
        );
        check("[url \"ext::sh -c x\"] insteadOf = https://\n[core \"x\"] bare = true", Ok(&[]));
        check(
            "[core] bare = \"a\\\"b\\\\ \\n[core]\\n\\tfsmonitor = x\"",
            Ok(&[("core.bare", "a\"b\\ \n[core]\n\tfsmonitor = x")]),
        );
        check(
            "[extensions]\n worktreeConfig = true\n objectFormat = sha256",
            Ok(&[("extensions.objectformat", "sha256")]),
        );
    }

    #[test]
    fn what_git_would_misread_is_refused() {
        check("key = 1", Err("before any section"));
        check("[extensions]\n refStorage = reftable:///elsewhere", Err("format that is not known"));
        check("[core\nbare = 1", Err("end with `]`"));
        check("[core] bare = \"open", Err("quotes do not end"));
        check("[core] bare = \\x", Err("does not know"));
        check("[a \"b\n\"]", Err("does not end"));
        check("[core] ba_re = 1", Err("not followed by `=`"));
        check("[extensions] future = 1", Err("the extension `future`"));
        check("[extensions \"x\"] objectFormat = sha1", Err("the extension"));
        check("=", Err("line 1"));
    }
}
