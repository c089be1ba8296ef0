//! `checkrein policy suggest`: a policy made of what was really called, for a person to read and change.
//!
//! In: a length of time. Out: Cedar text with the evidence of each rule, on standard output or in a new file. It is put into
//! force nowhere: somebody reads it, puts it into a directory of policies and starts the server anew.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use server::wire;

use crate::context::{As, Context};
use crate::failure::{Failure, OK, Result};

#[derive(Debug, Args)]
pub(crate) struct Suggest {
    /// Look at calls since then, such as `30m`, `1h` or `7d` ago
    #[arg(long, value_name = "TIME", value_parser = length, default_value = "1h")]
    since: Duration,
    /// Only calls in this space
    #[arg(long, value_name = "NAME")]
    space: Option<String>,
    /// Write it into this new file instead of showing it
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

pub(super) async fn run(context: &Context, given: Suggest) -> Result {
    let client = context.client(As::Operator)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let since = now.saturating_sub(given.since).as_millis().to_string();
    let query = [("since_ms", Some(since)), ("space", given.space)];
    let found: wire::Suggestion = client.get("/v1/policies/suggest", &query).await?;
    match &given.write {
        None => context.out.show(&found, |found| safe(&found.text))?,
        Some(path) => {
            // A policy of somebody's is never written over.
            let mut file =
                std::fs::File::options().write(true).create_new(true).open(path).map_err(
                    |error| Failure::file(path, &error).fix("name a file that is not there yet"),
                )?;
            let written = file.write_all(found.text.as_bytes()).and_then(|()| file.sync_all());
            written.map_err(|error| Failure::file(path, &error))?;
            context.out.only_json(&found)?;
        }
    }
    let more = if found.more { ", and there were older ones" } else { "" };
    context.out.talk(&format!("{} rules from {} calls{more}", found.rules, found.calls));
    for note in &found.notes {
        context.out.talk(&format!("note: {note}"));
    }
    context.out.talk(match given.write {
        Some(_) => "read it and change what is not meant; `checkrein policy check` reads all policies, then `checkrein policy enforce`",
        None => "nothing is in force of it: `--write policies/suggested.cedar` puts it into a file for you to read and change",
    });
    Ok(OK)
}

fn safe(text: &str) -> String {
    contract::visible::visible(text, contract::visible::Breaks::Kept).into_owned()
}

/// A length of time: a number and `s`, `m`, `h` or `d`.
fn length(text: &str) -> std::result::Result<Duration, String> {
    let wrong = || {
        format!(
            "`{}` is no length of time, expected such as `30m`, `1h` or `7d`",
            contract::visible::short(text)
        )
    };
    let digits = text.trim_end_matches(|one: char| one.is_ascii_alphabetic());
    let seconds = match text.get(digits.len()..) {
        Some("s") => 1,
        Some("m" | "min") => 60,
        Some("h") => 3_600,
        Some("d") => 86_400,
        Some(_) | None => return Err(wrong()),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number
        .checked_mul(seconds)
        .filter(|length| *length > 0)
        .map(Duration::from_secs)
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_understood_or_refused() {
        for (text, expect) in [
            ("30s", Some(30)),
            ("5m", Some(300)),
            ("5min", Some(300)),
            ("1h", Some(3_600)),
            ("7d", Some(604_800)),
            ("0h", None),
            ("h", None),
            ("1", None),
            ("1w", None),
            ("-1h", None),
            ("99999999999999999999d", None),
            ("18446744073709551615d", None),
        ] {
            assert_eq!(length(text).ok().map(|length| length.as_secs()), expect, "{text}");
        }
    }
}
