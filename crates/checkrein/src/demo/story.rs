//! How the story is told: chapters, plain words, quotes of real answers, and claims that are checked as they are made.
//!
//! In: text, answers, and whether a claim holds. Out: lines of at most a screen's width, with everything invisible made
//! visible. A claim that does not hold is an error and ends the demo; none is ever printed unchecked.

use contract::visible::{self, Breaks};

use super::cast::Cast;
use super::person::{self, Decided, Lines};
use crate::failure::{Failure, Result};
use crate::output::{Out, Tone};

/// Lines of one quote; a chapter fits one screen.
const QUOTE_LINES: usize = 9;
/// Characters of a line.
const WIDTH: usize = 96;
/// How often a person is asked the same.
const ASKED_MAX: usize = 5;

/// Who turns the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Nobody is asked; what a person would approve is approved.
    Alone,
    /// A person at the terminal reads and decides.
    WithPerson,
}

/// What the person at the terminal decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    Approve,
    Reject,
}

/// The teller.
#[derive(Debug)]
pub(super) struct Story {
    out: Out,
    pace: Pace,
    lines: Lines,
    chapters: u32,
    claims: u32,
}

impl Story {
    pub(super) fn new(out: Out, pace: Pace) -> Self {
        Self { out, pace, lines: Lines::default(), chapters: 0, claims: 0 }
    }

    /// How many claims were made and held.
    pub(super) const fn claims(&self) -> u32 {
        self.claims
    }

    /// Begins a chapter; a person says when.
    pub(super) async fn chapter(&mut self, title: &str) -> Result<()> {
        if self.chapters > 0 && self.pace == Pace::WithPerson {
            self.out.ask("\n[Enter goes on] ");
            self.lines.next().await?;
        }
        self.chapters += 1;
        let title = format!("{}. {title}", self.chapters);
        self.out.data(&format!("\n{}", self.out.paint.tone(Tone::Strong, &title)));
        Ok(())
    }

    /// Whether somebody is there to read and decide.
    pub(super) fn has_person(&self) -> bool {
        self.pace == Pace::WithPerson
    }

    /// Says something in plain words.
    pub(super) fn say(&self, text: &str) {
        self.out.data(&wrapped(&visible::visible(text, Breaks::Kept), WIDTH));
    }

    /// Says who does what.
    pub(super) fn act(&self, who: &str, what: &str) {
        let who = self.out.paint.tone(Tone::Strong, &format!("{who}:"));
        self.out.data(&format!("{who} {}", visible::line(what)));
    }

    /// Quotes what was really answered: a few lines, folded at the edge of the screen.
    pub(super) fn quote(&self, text: &str) {
        self.quote_shown(&visible::visible(text, Breaks::Kept));
    }

    /// The same of a text that was made visible already.
    pub(super) fn quote_shown(&self, shown: &str) {
        let lines: Vec<String> = shown.lines().flat_map(|line| folded(line, WIDTH)).collect();
        let most = if lines.len() > QUOTE_LINES { QUOTE_LINES - 1 } else { QUOTE_LINES };
        let quiet = |text: &str| self.out.paint.tone(Tone::Quiet, &format!("   | {text}"));
        for line in lines.iter().take(most) {
            self.out.data(&quiet(line));
        }
        if lines.len() > most {
            self.out.data(&quiet(&format!("… and {} lines more", lines.len() - most)));
        }
    }

    /// Claims something that was looked at. A claim that does not hold ends the demo.
    pub(super) fn claim(&mut self, claim: &str, holds: bool) -> Result<()> {
        if !holds {
            return Err(Failure::new(format!(
                "the demo wanted to say: {claim}. That did not happen"
            ))
            .expected("every claim of the story to be true")
            .fix("look at the answer above and at `server.log` in the demo's directory"));
        }
        self.claims += 1;
        let tick = self.out.paint.tone(Tone::Good, "   ✓");
        self.out.data(&format!("{tick} {}", visible::line(claim)));
        Ok(())
    }

    /// Lets the person decide a request, here or in the console; alone, approves. No answer is a no.
    pub(super) async fn decide(&mut self, cast: &Cast, approval: &str) -> Result<Decided> {
        if self.pace == Pace::Alone {
            return Ok(Decided::Here(Choice::Approve));
        }
        let elsewhere = person::decided_elsewhere(cast, approval);
        tokio::select! {
            choice = self.typed() => choice.map(Decided::Here),
            choice = elsewhere => {
                self.out.data("");
                self.say("That was decided in the console.");
                choice.map(Decided::Elsewhere)
            }
        }
    }

    async fn typed(&mut self) -> Result<Choice> {
        for _ in 0..ASKED_MAX {
            self.out.ask("You decide. Type `approve` or `reject`, or use the console: ");
            match self.lines.next().await?.as_deref().map(str::trim) {
                Some("approve" | "a") => return Ok(Choice::Approve),
                Some("reject" | "r") | None => return Ok(Choice::Reject),
                Some(_) => {}
            }
        }
        Ok(Choice::Reject)
    }
}

/// One line as several that fit, at a space where there is one; what goes on is indented.
fn folded(line: &str, width: usize) -> Vec<String> {
    let mut left: Vec<char> = line.chars().collect();
    let (mut lines, mut indent) = (Vec::new(), "");
    while left.len() > width - indent.len() {
        let room = width - indent.len();
        let space = left.iter().take(room).rposition(|one| *one == ' ').filter(|at| *at > room / 2);
        let rest = left.split_off(space.map_or(room, |at| at + 1));
        lines.push(format!("{indent}{}", left.iter().collect::<String>().trim_end()));
        (left, indent) = (rest, "    ");
    }
    lines.push(format!("{indent}{}", left.iter().collect::<String>()));
    lines
}

/// Words of each line, at most `width` characters a line.
fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut used = 0;
        for word in line.split_whitespace() {
            let length = word.chars().count();
            if used > 0 && used + 1 + length > width {
                out.push('\n');
                used = 0;
            }
            if used > 0 {
                out.push(' ');
                used += 1;
            }
            out.push_str(word);
            used += length;
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_and_lines_end_in_time() {
        assert_eq!(wrapped("aa bb cc", 5), "aa bb\ncc\n");
        assert_eq!(wrapped("toolong a\nb", 3), "toolong\na\nb\n");
    }

    #[test]
    fn long_lines_are_folded_and_nothing_is_lost() {
        assert_eq!(folded("", 6), [""]);
        assert_eq!(folded("abcdef", 6), ["abcdef"]);
        assert_eq!(folded("abcdefghi", 6), ["abcdef", "    gh", "    i"]);
        assert_eq!(folded("word after word", 12), ["word after", "    word"]);
    }

    #[test]
    fn a_claim_that_does_not_hold_is_an_error() {
        let mut story = Story::new(Out::new(crate::output::Format::Table), Pace::Alone);
        assert!(story.claim("it holds", true).is_ok());
        assert!(story.claim("it does not", false).unwrap_err().happened.contains("it does not"));
        assert_eq!(story.claims(), 1);
    }
}
