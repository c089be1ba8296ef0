//! `files.search`: lines that match a regular expression.
//!
//! Patterns are those of the `regex` crate: matching takes time in proportion to the text, so no pattern can
//! hang a search. Files that are not UTF-8 text, or too large, are skipped and counted. The search ends with
//! what it has at its limits or its deadline.

use std::time::Instant;

use domain::{Node, Resource, Scope, limits};
use gate::Reply;
use regex::{Regex, RegexBuilder};
use serde_json::{Value, json};

use super::arguments::Arguments;
use super::look::{Allowance, Seen};
use super::problem::Problem;
use super::reading::answer;
use super::workspace::{Workspace, join, split};

/// Searches a file, or a directory with everything below it.
pub(crate) fn search(
    workspace: &Workspace,
    arguments: Arguments<'_>,
    deadline: Instant,
) -> Result<Reply, Problem> {
    let path = arguments.path("path")?;
    let pattern = pattern(arguments.text("pattern")?)?;
    let glob = arguments.optional_text("glob")?.map(glob).transpose()?;
    let matches_max = arguments
        .count("matches_max", limits::LISTING_ENTRIES_MAX)?
        .unwrap_or(limits::SEARCH_MATCHES_DEFAULT);
    let mut search = Search {
        workspace,
        top: path,
        pattern,
        glob,
        matches_max,
        bytes_left: limits::SEARCH_BYTES_MAX,
        deadline,
        found: Found { complete: true, ..Found::default() },
    };
    search.run()?;
    let Found { matches, searched, skipped, bytes, complete } = search.found;
    let output = json!({
        "path": path,
        "matches": matches,
        "files_searched": searched,
        "files_skipped": skipped,
        "complete": complete,
    });
    Ok(answer(output, bytes))
}

fn pattern(text: &str) -> Result<Regex, Problem> {
    RegexBuilder::new(text)
        .size_limit(limits::SEARCH_PATTERN_BYTES_MAX)
        .dfa_size_limit(limits::SEARCH_PATTERN_BYTES_MAX)
        .build()
        .map_err(|error| Problem::PatternInvalid(last_line(&error.to_string())))
}

/// The regex crate draws the pattern over several lines; its last one says what is wrong.
fn last_line(text: &str) -> String {
    let line = text.lines().last().unwrap_or_default();
    line.trim_start_matches("error: ").to_lowercase()
}

fn glob(text: &str) -> Result<Scope, Problem> {
    let wrong = || {
        Problem::GlobInvalid(format!(
            "`{text}` is not a glob; expected one such as `src/**` or `*.rs`, with `**` only as a whole part"
        ))
    };
    text.parse().map_err(|_| wrong())
}

struct Search<'a> {
    workspace: &'a Workspace,
    top: &'a str,
    pattern: Regex,
    glob: Option<Scope>,
    matches_max: usize,
    bytes_left: u64,
    deadline: Instant,
    found: Found,
}

#[derive(Default)]
struct Found {
    matches: Vec<Value>,
    searched: usize,
    skipped: usize,
    bytes: usize,
    complete: bool,
}

/// Whether there is room for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    Left,
    Full,
}

impl Search<'_> {
    fn run(&mut self) -> Result<(), Problem> {
        let mut files = match self.workspace.names(self.top) {
            Ok(_) => self.files()?,
            Err(Problem::NotFound { .. }) => {
                let seen = self.workspace.look(self.top, &mut Allowance::file());
                if matches!(seen, Ok(Seen::Nothing)) {
                    return Err(self.workspace.not_found(self.top));
                }
                vec![self.top.to_owned()]
            }
            Err(other) => return Err(other),
        };
        files.sort();
        for path in files {
            if self.file(&path)? == Room::Full {
                self.found.complete = false;
                break;
            }
        }
        Ok(())
    }

    /// Paths of all entries below that are no directories, as far as the limits go.
    fn files(&mut self) -> Result<Vec<String>, Problem> {
        let mut files = Vec::new();
        let mut open = vec![self.top.to_owned()];
        let mut seen = 0;
        while let Some(directory) = open.pop() {
            let names = match self.workspace.names(&directory) {
                Err(_) if directory != self.top => {
                    self.found.complete = false;
                    continue;
                }
                names => names?,
            };
            self.found.complete &= !names.cut && names.unreadable == 0;
            for named in names.names {
                seen += 1;
                let path = join(&directory, &named.name);
                if named.is_directory {
                    open.push(path);
                } else if self.wanted(&path) {
                    files.push(path);
                }
            }
            if seen > limits::DIRECTORY_ENTRIES_MAX || Instant::now() > self.deadline {
                self.found.complete = false;
                break;
            }
        }
        Ok(files)
    }

    /// Whether the glob, if there is one, matches the path below the top.
    fn wanted(&self, path: &str) -> bool {
        let Some(glob) = &self.glob else { return true };
        let below = path.strip_prefix(self.top).and_then(|rest| rest.strip_prefix('/'));
        let relative = if path == self.top { split(path).1 } else { below.unwrap_or(path) };
        glob.contains(&Resource::new(relative))
    }

    fn file(&mut self, path: &str) -> Result<Room, Problem> {
        if Instant::now() > self.deadline {
            return Ok(Room::Full);
        }
        if !self.wanted(path) {
            return Ok(Room::Left);
        }
        let looked = match self.workspace.look(path, &mut Allowance::file()) {
            Ok(Seen::Plain(looked)) => looked,
            // A named file that cannot be read is an error, one among many is counted.
            Err(problem) if path == self.top => return Err(problem),
            Ok(Seen::Nothing | Seen::Special(_)) | Err(_) => {
                self.found.skipped += 1;
                return Ok(Room::Left);
            }
        };
        let Node::File { size, content: Some(content), .. } = &looked.state.node else {
            self.found.skipped += 1;
            return Ok(Room::Left);
        };
        let Some(left) = self.bytes_left.checked_sub(*size) else { return Ok(Room::Full) };
        self.bytes_left = left;
        let text = std::str::from_utf8(content.bytes()).ok().filter(|text| !text.contains('\0'));
        let Some(text) = text else {
            self.found.skipped += 1;
            return Ok(Room::Left);
        };
        self.found.searched += 1;
        Ok(self.lines(path, text))
    }

    fn lines(&mut self, path: &str, text: &str) -> Room {
        for (index, line) in text.lines().enumerate() {
            let Some(hit) = self.pattern.find(line) else { continue };
            let column = line.get(..hit.start()).unwrap_or_default().chars().count() + 1;
            let shown: String = line.chars().take(limits::SEARCH_LINE_CHARS_MAX).collect();
            let entry = json!({ "path": path, "line": index + 1, "column": column, "text": shown });
            let bytes = entry.to_string().len() + 1;
            let full = self.found.matches.len() >= self.matches_max
                || self.found.bytes + bytes > limits::LISTING_BYTES_MAX;
            if full {
                return Room::Full;
            }
            self.found.bytes += bytes;
            self.found.matches.push(entry);
        }
        Room::Left
    }
}
