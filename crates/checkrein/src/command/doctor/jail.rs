//! Where commands run: which rung of the jail this machine gives, who commands run as, and what that means.
//!
//! In: this machine, tried by this very program, and the configuration. Out: one check for the rung with everything that
//! was tried, and one for each workspace whose commands would run as root. A lower rung is a warning where commands are
//! configured: it is safe, since every command is held there, and somebody should know.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use server::Config;
use server::jail::Found;

use super::Check;

const NAME: &str = "jail";

/// Tries what there is.
pub(super) async fn rung(config: &Config) -> Check {
    judged(&server::jail::look().await, !config.commands.is_empty())
}

fn judged(found: &Found, wanted: bool) -> Check {
    let steps = found.steps.iter().map(|step| {
        let word = if step.works { "works" } else { "does not work" };
        format!("{} {word}: {}", step.name, step.found)
    });
    let gaps = found.gaps.iter().map(|gap| format!("not kept from a command: {gap}"));
    let lines: Vec<String> = std::iter::once(title(found)).chain(steps).chain(gaps).collect();
    let text = lines.join("\n");
    let fix =
        "see what does not work above, and docs/guides/commands.md; files tools do not need it";
    match (found.rung, found.previews, found.runs) {
        ("overlay", true, true) => Check::ok(NAME, text),
        // Exact as well; only slower.
        (_, true, true) if !wanted => Check::ok(NAME, text),
        (_, _, true) => Check::warning(NAME, text, fix),
        (_, _, false) if wanted => Check::error(NAME, text, fix),
        (_, _, false) => Check::warning(NAME, text, fix),
    }
}

fn title(found: &Found) -> String {
    let means = match (found.previews, found.runs) {
        (true, _) => "commands are previewed exactly",
        (false, true) => {
            "commands have no preview: each that changes something is held, and cannot be undone"
        }
        (false, false) => "commands are refused",
    };
    format!("rung `{}`: {means}", found.rung)
}

/// Who the commands of a workspace run as.
pub(super) fn owner(root: &Path) -> Option<Check> {
    let own = rustix::process::geteuid();
    let owner = std::fs::metadata(root).ok()?.uid();
    let shown = root.display();
    if !own.is_root() {
        return None;
    }
    Some(match owner {
        0 => Check::warning(
            "commands run as",
            format!(
                "`{shown}` belongs to root, so its commands run as root, without root's rights"
            ),
            format!("give it to a user of its own: `chown -R USER {shown}`"),
        ),
        other => Check::ok(
            "commands run as",
            format!("`{shown}` belongs to user {other}, and its commands run as that user"),
        ),
    })
}

#[cfg(test)]
mod tests {
    use server::jail::Step;

    use super::super::Level;
    use super::*;

    fn found(rung: &'static str) -> Found {
        let step = Step {
            name: "overlay jail".to_owned(),
            works: rung == "overlay",
            found: "this kernel refuses it".to_owned(),
        };
        let (previews, runs) = (matches!(rung, "overlay" | "copy"), rung != "refuse");
        Found { rung, previews, runs, steps: vec![step], gaps: &[] }
    }

    #[test]
    fn a_lower_rung_is_told_as_loudly_as_it_matters() {
        for (rung, wanted, level) in [
            ("overlay", true, Level::Ok),
            ("overlay", false, Level::Ok),
            ("copy", true, Level::Warning),
            ("copy", false, Level::Ok),
            ("landlock", true, Level::Warning),
            ("landlock", false, Level::Warning),
            ("refuse", true, Level::Error),
            ("refuse", false, Level::Warning),
        ] {
            let check = judged(&found(rung), wanted);
            assert_eq!(check.level, level, "{rung} {wanted}");
            assert_eq!(
                check.fix.is_empty(),
                level == Level::Ok,
                "what is complained of can be mended"
            );
            assert!(check.found.contains(rung) && check.found.contains("overlay jail"));
        }
    }
}
