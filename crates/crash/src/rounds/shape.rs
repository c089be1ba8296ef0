//! Trees that a command makes, each wholly known from one number: files, links and directories of several modes.
//!
//! ```text
//! number -> nodes -> script from the nodes of another number          (what a command is given)
//! place  -> the number written in it -> its nodes, and nothing else?  (what is found after an end)
//! ```
//! From number to number contents, modes, link targets and kinds change, and whole directories come and go. A tree
//! between two numbers is the shape of none. Zero is no tree at all.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::str::FromStr;

use crate::dice::Dice;

/// Different shapes, beside none.
const SHAPES: u64 = 500;
/// Places below a tree, and below each of its directories.
const PLACES: u64 = 6;
/// Digits of a file: most are short, some take several pages.
const DIGITS_MAX: u64 = 400;
const DIGITS_MANY: u64 = 30_000;
/// The file that names the shape.
const NUMBER: &str = "number";
const FILE_MODES: [u32; 4] = [0o644, 0o755, 0o444, 0o600];
/// The last forbids writing: such a directory is opened while it is changed.
const DIRECTORY_MODES: [u32; 3] = [0o755, 0o700, 0o555];
const TARGETS: [&str; 4] = [NUMBER, "p1", "p2/p0", "missing"];
/// Lets the owner, and so the script, change everything.
const OPEN: &str = "chmod -R u+rwX";

/// One tree as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shape(u64);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Directory { mode: u32 },
    File { mode: u32, content: String },
    Link { to: String },
}

/// How a script goes from one shape to another; what is there at the end is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Removes all and makes all.
    Anew,
    /// Makes all elsewhere, and moves it in place of the old.
    Aside,
    /// Changes what differs.
    InPlace,
}

impl fmt::Display for Shape {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl FromStr for Shape {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl Shape {
    /// No tree.
    pub(crate) const NONE: Self = Self(0);

    /// Another shape; once in a while none.
    pub(crate) fn other(self, dice: &mut Dice) -> Self {
        let to = Self(if dice.once_in(8) { 0 } else { 1 + dice.below(SHAPES) });
        if to == self { Self(self.0 % SHAPES + 1) } else { to }
    }

    /// The shape that stands at a place, or what is there instead of one.
    pub(crate) fn at(place: &Path) -> Result<Self, String> {
        let found = nodes_at(place).map_err(|error| format!("{}: {error}", place.display()))?;
        let number = match found.get(NUMBER) {
            Some(Node::File { content, .. }) => content.trim().parse::<u64>().map_err(|_| content),
            Some(Node::Directory { .. } | Node::Link { .. }) | None => Ok(0),
        };
        let shape = Self(number.map_err(|content| format!("its number is `{content}`"))?);
        let wanted = shape.nodes();
        let all = || wanted.keys().chain(found.keys());
        match all().find(|path| wanted.get(*path) != found.get(*path)) {
            None => Ok(shape),
            Some(path) => Err(format!(
                "`{}` is not the shape {shape}: at `{path}` stands {}, expected {}",
                place.display(),
                shown(found.get(path)),
                shown(wanted.get(path)),
            )),
        }
    }

    /// A script for `sh` that makes another shape of this one, below the working directory.
    pub(crate) fn script(self, to: Self, tree: &str) -> String {
        let way = match Dice::of(self.0, to.0).below(3) {
            0 => Way::Anew,
            1 => Way::Aside,
            _ => Way::InPlace,
        };
        let mut script = "set -e\n".to_owned();
        let way = if self == Self::NONE || to == Self::NONE { Way::Anew } else { way };
        // Writing to a string cannot fail.
        _ = match way {
            Way::Anew => self.remove(tree, &mut script).and_then(|()| to.make(tree, &mut script)),
            Way::Aside => to.make("aside", &mut script).and_then(|()| {
                self.remove(tree, &mut script)?;
                writeln!(script, "mv -T aside {tree}")
            }),
            Way::InPlace => self.change(to, tree, &mut script),
        };
        script
    }

    fn remove(self, tree: &str, script: &mut String) -> fmt::Result {
        if self == Self::NONE { Ok(()) } else { writeln!(script, "{OPEN} {tree}; rm -r {tree}") }
    }

    fn make(self, tree: &str, script: &mut String) -> fmt::Result {
        let nodes = self.nodes();
        nodes.iter().try_for_each(|(path, node)| node.make(&at(tree, path), script))?;
        modes(&nodes, tree, script)
    }

    fn change(self, to: Self, tree: &str, script: &mut String) -> fmt::Result {
        writeln!(script, "{OPEN} {tree}")?;
        let (before, after) = (self.nodes(), to.nodes());
        for (path, node) in before.iter().rev() {
            if after.get(path).is_none_or(|new| !node.is_of_kind(new)) {
                writeln!(script, "rm -r {}", at(tree, path))?;
            }
        }
        for (path, node) in &after {
            if before.get(path) != Some(node) {
                node.make(&at(tree, path), script)?;
            }
        }
        modes(&after, tree, script)
    }

    /// Every path of the tree, parents first.
    fn nodes(self) -> BTreeMap<String, Node> {
        let mut nodes = BTreeMap::new();
        if self == Self::NONE {
            return nodes;
        }
        let dice = &mut Dice::of(u64::MAX, self.0);
        nodes.insert(String::new(), Node::directory(dice));
        let content = format!("{}\n", self.0);
        nodes.insert(NUMBER.to_owned(), Node::File { mode: 0o644, content });
        for place in 0..PLACES {
            let path = format!("p{place}");
            let node = Node::any(dice);
            if let Some(Node::Directory { .. }) = node {
                for below in 0..PLACES {
                    let inner = Node::any(dice);
                    nodes.extend(inner.map(|inner| (format!("{path}/p{below}"), inner)));
                }
            }
            nodes.extend(node.map(|node| (path, node)));
        }
        nodes
    }
}

impl Node {
    fn any(dice: &mut Dice) -> Option<Self> {
        match dice.below(8) {
            0 => None,
            1 => {
                let to = pick(&TARGETS, dice).copied().unwrap_or(NUMBER).to_owned();
                Some(Self::Link { to })
            }
            2..=4 => Some(Self::directory(dice)),
            _ => {
                let digits = if dice.once_in(10) { DIGITS_MANY } else { DIGITS_MAX };
                let width = usize::try_from(1 + dice.below(digits)).unwrap_or(1);
                let value = dice.below(1_000);
                let mode = pick(&FILE_MODES, dice).copied().unwrap_or(0o644);
                Some(Self::File { mode, content: format!("{value:0>width$}\n") })
            }
        }
    }

    fn directory(dice: &mut Dice) -> Self {
        Self::Directory { mode: pick(&DIRECTORY_MODES, dice).copied().unwrap_or(0o755) }
    }

    fn is_of_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// Lines that make it, in place of nothing or of one of its kind. Modes come last: they may forbid writing.
    fn make(&self, path: &str, script: &mut String) -> fmt::Result {
        match self {
            Self::Directory { .. } => writeln!(script, "mkdir -p {path}"),
            Self::Link { to } => writeln!(script, "ln -sfn {to} {path}"),
            Self::File { content, .. } => {
                let digits = content.trim_end();
                let value = digits.trim_start_matches('0');
                let value = if value.is_empty() { "0" } else { value };
                writeln!(script, "printf '%0{}d\\n' {value} > {path}", digits.len())
            }
        }
    }
}

/// Modes from the innermost out.
fn modes(nodes: &BTreeMap<String, Node>, tree: &str, script: &mut String) -> fmt::Result {
    for (path, node) in nodes.iter().rev() {
        match node {
            Node::Directory { mode } | Node::File { mode, .. } => {
                writeln!(script, "chmod {mode:o} {}", at(tree, path))?;
            }
            Node::Link { .. } => {}
        }
    }
    Ok(())
}

fn pick<'a, T>(all: &'a [T], dice: &mut Dice) -> Option<&'a T> {
    let end = u64::try_from(all.len()).unwrap_or(0);
    usize::try_from(dice.below(end)).ok().and_then(|at| all.get(at))
}

fn at(tree: &str, path: &str) -> String {
    if path.is_empty() { tree.to_owned() } else { format!("{tree}/{path}") }
}

fn shown(node: Option<&Node>) -> String {
    match node {
        None => "nothing".to_owned(),
        Some(Node::Directory { mode }) => format!("a directory {mode:o}"),
        Some(Node::File { mode, content }) => {
            format!("a file {mode:o} of {} bytes", content.len())
        }
        Some(Node::Link { to }) => format!("a link to `{to}`"),
    }
}

fn nodes_at(place: &Path) -> std::io::Result<BTreeMap<String, Node>> {
    let mut nodes = BTreeMap::new();
    let mut open = vec![String::new()];
    while let Some(path) = open.pop() {
        let real = if path.is_empty() { place.to_owned() } else { place.join(&path) };
        let found = match fs::symlink_metadata(&real) {
            Err(error) if path.is_empty() && error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(nodes);
            }
            found => found?,
        };
        let mode = found.permissions().mode() & 0o7777;
        let node = if found.is_dir() {
            for entry in fs::read_dir(&real)? {
                let name = entry?.file_name().to_string_lossy().into_owned();
                open.push(if path.is_empty() { name } else { format!("{path}/{name}") });
            }
            Node::Directory { mode }
        } else if found.is_symlink() {
            Node::Link { to: fs::read_link(&real)?.to_string_lossy().into_owned() }
        } else {
            let content = String::from_utf8_lossy(&fs::read(&real)?).into_owned();
            Node::File { mode, content }
        };
        nodes.insert(path, node);
    }
    Ok(nodes)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn go(directory: &Path, from: u64, to: u64) {
        let script = Shape(from).script(Shape(to), "t");
        let run = Command::new("sh").arg("-c").arg(&script).current_dir(directory).output();
        let run = run.unwrap();
        assert!(run.status.success(), "{}\n{script}", String::from_utf8_lossy(&run.stderr));
    }

    #[test]
    fn scripts_lead_to_the_shape_from_any_other() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("t");
        let mut at = 0;
        for to in [3, 7, 0, 12, 400, 499, 500, 77, 3, 12, 0] {
            go(directory.path(), at, to);
            assert_eq!(Shape::at(&place), Ok(Shape(to)), "from {at}");
            at = to;
        }
    }

    #[test]
    fn tree_between_two_shapes_is_none() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("t");
        go(directory.path(), 0, 5);
        fs::set_permissions(&place, fs::Permissions::from_mode(0o750)).unwrap();
        assert!(Shape::at(&place).unwrap_err().contains("a directory 750"));
        go(directory.path(), 5, 6);
        fs::write(place.join(".checkrein-left"), "").unwrap();
        assert!(Shape::at(&place).unwrap_err().contains(".checkrein-left"));
    }

    #[test]
    fn shapes_change_kinds_modes_and_targets() {
        let of = |number: u64| Shape(number).nodes();
        let pairs =
            || (1..60).flat_map(|number| of(number).into_iter().zip(std::iter::repeat(number)));
        let differs = |tell: fn(&Node, &Node) -> bool| {
            pairs().any(|((path, node), number)| {
                of(number + 1).get(&path).is_some_and(|other| tell(&node, other))
            })
        };
        assert!(differs(|a, b| !a.is_of_kind(b)));
        assert!(differs(
            |a, b| matches!((a, b), (Node::Link { to: a }, Node::Link { to: b }) if a != b)
        ));
        let read_only = |node: &Node| matches!(node, Node::Directory { mode: 0o555 });
        assert!(pairs().any(|((path, node), _)| path.starts_with('p') && read_only(&node)));
    }
}
