//! What stands on the screen, and what a key means. No terminal, no server, no clock of its own.
//!
//! In: requests as the server has them, keys with their moments. Out: acts. A yes is two presses of `a`, more than `ARMED`
//! apart and after the request stood there that long, and then no other key for `CALM`: a key that is held down repeats by
//! then, however late it begins to. One that was meant for another request is no yes either. What cannot be undone is typed.
//! Tests: at the end.

use std::time::{Duration, Instant};

use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use serde_json::Value;
use server::wire;

use super::super::text;
use super::rows::{self, Row};
use crate::failure::Failure;
use crate::output::{Paint, Tone};

/// How long a request stands, and how long after the first press, before a press counts.
pub(super) const ARMED: Duration = Duration::from_millis(600);
/// How long no key comes after the second press. Keyboards repeat a key that is held down several times in that time.
pub(super) const CALM: Duration = Duration::from_millis(300);
/// How long a first press is remembered.
const FORGOTTEN: Duration = Duration::from_secs(10);
/// What stands where a value was masked: it cannot be sent back.
const MASKED: &str = "⟦masked:";
/// What ends an output that was cut.
const CUT: &str = "(all of it with `-o json`)";

/// What a person wants done.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Act {
    /// To go.
    Leave,
    /// To see the list, or another request, as it is now.
    Look,
    /// To write other arguments.
    Edit {
        /// Those that the call has.
        arguments: Value,
    },
    /// To decide.
    Decide {
        /// The request.
        approval: String,
        /// What is said.
        asked: Asked,
    },
}

/// What a person says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Asked {
    /// Yes, to what has this digest.
    Yes {
        /// What was typed.
        confirm: Option<String>,
        /// `shown.digest`.
        shown: String,
    },
    /// No.
    No {
        /// Why.
        reason: String,
    },
    /// Other arguments.
    Instead {
        /// All of them.
        arguments: Value,
        /// Why.
        reason: String,
    },
}

/// What keys are for just now.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mode {
    /// Looking.
    Look,
    /// The first `a` was pressed.
    Armed(Instant),
    /// So was the second one: it counts if no other follows.
    Pressed(Instant),
    /// Words are typed.
    Typing(For, String),
    /// The keys are shown.
    Keys,
}

/// What words are typed for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum For {
    /// To confirm an act that cannot be undone.
    Yes,
    /// The reason of a no.
    No,
    /// The reason of other arguments.
    Instead(Value),
}

/// The screen.
#[derive(Debug)]
pub(super) struct View {
    pub(super) coloured: bool,
    pub(super) requests: Vec<wire::Approval>,
    /// Whether there are more than are listed.
    pub(super) more: bool,
    pub(super) at: usize,
    pub(super) details: Option<wire::ApprovalDetails>,
    pub(super) mode: Mode,
    pub(super) said: Option<(Tone, String)>,
    /// The request as rows of the screen's width.
    pub(super) rows: Vec<Row>,
    pub(super) top: usize,
    text: String,
    width: usize,
    height: usize,
    /// Up to which row it was shown.
    seen: usize,
    /// Since when this request stands on the screen as it is.
    since: Instant,
    decided: usize,
}

impl View {
    pub(super) fn new(coloured: bool, now: Instant) -> Self {
        Self {
            coloured,
            requests: Vec::new(),
            more: false,
            at: 0,
            details: None,
            mode: Mode::Look,
            said: None,
            rows: Vec::new(),
            top: 0,
            text: String::new(),
            width: 0,
            height: 0,
            seen: 0,
            since: now,
            decided: 0,
        }
    }

    /// The id of the selected request.
    pub(super) fn selected(&self) -> Option<&str> {
        self.requests.get(self.at).map(|one| one.approval.as_str())
    }

    /// The list as it is now. The selected request stays selected, also when it waits no more.
    pub(super) fn listed(&mut self, mut requests: Vec<wire::Approval>, more: bool) {
        let selected = self.requests.get(self.at).cloned();
        if let Some(selected) = selected {
            match requests.iter().position(|one| one.approval == selected.approval) {
                Some(at) => self.at = at,
                // Nothing else slips under the person's fingers.
                None => {
                    self.at = self.at.min(requests.len());
                    requests.insert(self.at, selected);
                }
            }
        }
        self.more = more;
        self.requests = requests;
    }

    /// Selects a request that was named.
    pub(super) fn begin_with(&mut self, approval: wire::Approval) {
        match self.requests.iter().position(|one| one.approval == approval.approval) {
            Some(at) => self.at = at,
            None => {
                self.requests.insert(0, approval);
                self.at = 0;
            }
        }
    }

    /// The selected request as it is now.
    pub(super) fn show(&mut self, details: wire::ApprovalDetails, now: Instant) {
        let before = self.details.as_ref().map(|one| one.approval.approval.as_str());
        let other = before != Some(details.approval.approval.as_str());
        if let Some(listed) = self.requests.get_mut(self.at) {
            listed.clone_from(&details.approval);
        }
        let text = text(&details, &Paint::Plain);
        if other || text != self.text {
            self.text = text;
            self.since = now;
            self.seen = 0;
            self.wrap();
            self.takes_back(other);
        }
        if other {
            self.top = 0;
        }
        self.details = Some(details);
    }

    /// What was begun was meant for what stood there. A reason of a no is meant for the request, however it changes.
    fn takes_back(&mut self, other: bool) {
        let words = matches!(self.mode, Mode::Typing(For::Yes | For::Instead(_), _));
        if words && !other {
            let why = "it changed meanwhile: read it again; nothing is decided";
            self.said = Some((Tone::Bad, why.to_owned()));
        }
        let kept = !other && matches!(self.mode, Mode::Typing(For::No, _) | Mode::Keys);
        if !kept {
            self.mode = Mode::Look;
        }
    }

    /// The selected request, if it is the one on the screen: what was selected just now may not be read yet.
    fn current(&self) -> Option<&wire::ApprovalDetails> {
        let details = self.details.as_ref()?;
        (self.selected() == Some(details.approval.approval.as_str())).then_some(details)
    }

    /// The same, or a word that there is none.
    fn on_the_screen(&mut self) -> Option<wire::ApprovalDetails> {
        let current = self.current().cloned();
        if current.is_none() && self.selected().is_some() {
            self.mode = Mode::Look;
            let why = "the selected request is not read yet; nothing is decided";
            self.said = Some((Tone::Bad, why.to_owned()));
        }
        current
    }

    /// What follows from no key having come.
    pub(super) fn rests(&mut self, now: Instant) -> Option<Act> {
        let Mode::Pressed(second) = self.mode else { return None };
        if now.duration_since(second) < CALM {
            return None;
        }
        self.mode = Mode::Look;
        let details = self.on_the_screen()?;
        if let Some(why) = self.barred(&details) {
            self.said = Some((Tone::Bad, why));
            return None;
        }
        let asked = Asked::Yes { confirm: None, shown: details.shown.digest };
        Some(Act::Decide { approval: details.approval.approval, asked })
    }

    /// Makes rows for a place of this size.
    pub(super) fn fit(&mut self, width: usize, height: usize) {
        if width != self.width {
            self.width = width;
            self.wrap();
        }
        self.height = height;
        self.top = self.top.min(self.rows.len().saturating_sub(height));
        // What is gone from the top was seen before; what stands below was not.
        if self.top <= self.seen {
            self.seen = self.seen.max(self.top + height);
        }
    }

    fn wrap(&mut self) {
        self.rows = rows::wrapped(&self.text, self.width);
        self.seen = 0;
        self.top = 0;
    }

    /// Whether all of the request was on the screen. Where there is no room for a row, nothing was.
    pub(super) fn is_read(&self) -> bool {
        !self.rows.is_empty() && self.seen >= self.rows.len()
    }

    /// Whether it came up just now.
    pub(super) fn is_new(&self) -> bool {
        self.since.elapsed() < ARMED
    }

    /// Rows below the screen.
    pub(super) fn below(&self) -> usize {
        self.rows.len().saturating_sub(self.top + self.height)
    }

    pub(super) fn failed(&mut self, failure: &Failure) {
        let fix = if failure.fix.is_empty() { String::new() } else { format!("; {}", failure.fix) };
        let code = failure.code.map(|code| format!("{}: ", code.shown())).unwrap_or_default();
        self.said = Some((Tone::Bad, format!("{code}{}{fix}", failure.happened)));
    }

    pub(super) fn decided(&mut self, said: String) {
        self.decided += 1;
        self.said = Some((Tone::Good, said));
    }

    /// What came out of the editor.
    pub(super) fn edited(&mut self, edited: Result<Value, String>, before: &Value) {
        match edited {
            Err(why) => self.said = Some((Tone::Bad, why)),
            Ok(same) if same == *before => {
                self.said = Some((Tone::Quiet, "nothing was changed".to_owned()));
            }
            Ok(arguments) => self.mode = Mode::Typing(For::Instead(arguments), String::new()),
        }
    }

    /// What is said when the screen is gone.
    pub(super) fn farewell(&self) -> String {
        let waiting = self.requests.iter().filter(|one| one.state == "pending").count();
        format!("{} decided, {waiting} wait", self.decided)
    }

    /// Takes what came from the terminal.
    pub(super) fn take(&mut self, event: &Event, now: Instant) -> Option<Act> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => self.key(*key, now),
            Event::Paste(text) => {
                if let Mode::Typing(_, typed) = &mut self.mode {
                    typed.push_str(&text.replace(['\r', '\n'], " "));
                }
                None
            }
            // What it is drawn on is looked at when it is drawn.
            Event::Resize(..)
            | Event::Key(_)
            | Event::Mouse(_)
            | Event::FocusGained
            | Event::FocusLost => None,
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "keys that mean nothing here are many, and not ours"
    )]
    fn key(&mut self, key: KeyEvent, now: Instant) -> Option<Act> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        if control && matches!(key.code, KeyCode::Char('c')) {
            return Some(Act::Leave);
        }
        match &mut self.mode {
            Mode::Typing(_, typed) => match key.code {
                KeyCode::Enter => self.typed(),
                KeyCode::Esc => {
                    self.mode = Mode::Look;
                    None
                }
                KeyCode::Backspace => {
                    typed.pop();
                    None
                }
                KeyCode::Char(letter) if !control => {
                    typed.push(letter);
                    None
                }
                _ => None,
            },
            Mode::Keys => {
                self.mode = Mode::Look;
                None
            }
            Mode::Look | Mode::Armed(_) | Mode::Pressed(_) => self.looking(key, now),
        }
    }

    fn looking(&mut self, key: KeyEvent, now: Instant) -> Option<Act> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let page = self.height.saturating_sub(2).max(1);
        if !control && matches!(key.code, KeyCode::Char('a')) {
            return self.yes(now);
        }
        self.mode = Mode::Look;
        self.said = None;
        match (key.code, control) {
            (KeyCode::Char('q') | KeyCode::Esc, false) => return Some(Act::Leave),
            (KeyCode::Char('j') | KeyCode::Right, false) => return self.select(self.at + 1),
            (KeyCode::Char('k') | KeyCode::Left, false) => {
                return self.select(self.at.wrapping_sub(1));
            }
            (KeyCode::Down | KeyCode::Char('J'), false) => self.scroll(self.top + 1),
            (KeyCode::Up | KeyCode::Char('K'), false) => self.scroll(self.top.saturating_sub(1)),
            (KeyCode::PageDown | KeyCode::Char(' '), false) | (KeyCode::Char('d' | 'f'), true) => {
                self.scroll(self.top + page);
            }
            (KeyCode::PageUp, false) | (KeyCode::Char('u' | 'b'), true) => {
                self.scroll(self.top.saturating_sub(page));
            }
            (KeyCode::Home | KeyCode::Char('g'), false) => self.scroll(0),
            (KeyCode::End | KeyCode::Char('G'), false) => self.scroll(usize::MAX),
            (KeyCode::Char('r'), false) if self.on_the_screen().is_some() => {
                self.mode = Mode::Typing(For::No, String::new());
            }
            (KeyCode::Char('e'), false) => return self.edit(),
            (KeyCode::Char('?'), false) => self.mode = Mode::Keys,
            _other_keys => {}
        }
        None
    }

    fn select(&mut self, at: usize) -> Option<Act> {
        (at < self.requests.len()).then(|| {
            self.at = at;
            Act::Look
        })
    }

    /// A jump past rows that were not shown is no reading: `fit` counts only what follows on what was seen.
    fn scroll(&mut self, top: usize) {
        self.top = top.min(self.rows.len().saturating_sub(self.height));
    }

    fn edit(&mut self) -> Option<Act> {
        let arguments = self.on_the_screen()?.arguments;
        let Some(arguments) = arguments else {
            self.said = Some((Tone::Bad, "its arguments are not kept any more".to_owned()));
            return None;
        };
        if arguments.to_string().contains(MASKED) {
            let why = "a masked value cannot be sent back: use `checkrein approvals edit` with all arguments";
            self.said = Some((Tone::Bad, why.to_owned()));
            return None;
        }
        Some(Act::Edit { arguments })
    }

    /// Why this request cannot be approved here, if so.
    fn barred(&self, details: &wire::ApprovalDetails) -> Option<String> {
        if details.approval.state != "pending" {
            return Some(format!("it is {}", details.approval.state));
        }
        if !details.may_decide.yes {
            let why = details.may_decide.why.clone().unwrap_or_default();
            return Some(format!("you may not approve it: {why}"));
        }
        if !details.shown.complete || self.text.contains(CUT) {
            return Some(
                "it cannot be shown in full here, so it cannot be approved here; open it in the console".to_owned(),
            );
        }
        if !self.is_read() {
            let left = self.rows.len().saturating_sub(self.seen);
            return Some(format!(
                "{left} lines of it were not shown yet; read on with the space bar"
            ));
        }
        None
    }

    fn yes(&mut self, now: Instant) -> Option<Act> {
        let details = self.on_the_screen()?;
        if let Some(why) = self.barred(&details) {
            self.mode = Mode::Look;
            self.said = Some((Tone::Bad, why));
            return None;
        }
        if now.duration_since(self.since) < ARMED {
            return None;
        }
        if details.confirm.text.is_some() {
            self.mode = Mode::Typing(For::Yes, String::new());
            return None;
        }
        match self.mode {
            Mode::Armed(first) if now.duration_since(first) >= FORGOTTEN => {}
            Mode::Armed(first) if now.duration_since(first) >= ARMED => {
                self.mode = Mode::Pressed(now);
                self.said = None;
                return None;
            }
            Mode::Armed(_) | Mode::Pressed(_) | Mode::Look | Mode::Typing(..) | Mode::Keys => {}
        }
        // Also a press that came too early, and one after the second: a key that is held down never gets there.
        self.mode = Mode::Armed(now);
        self.said = None;
        None
    }

    fn typed(&mut self) -> Option<Act> {
        let Mode::Typing(what, typed) = std::mem::replace(&mut self.mode, Mode::Look) else {
            return None;
        };
        let details = self.on_the_screen()?;
        let approval = details.approval.approval.clone();
        let words = typed.trim().to_owned();
        if words.is_empty() {
            self.said = Some((Tone::Quiet, "nothing was typed, nothing is decided".to_owned()));
            return None;
        }
        let asked = match what {
            For::Yes => {
                if let Some(why) = self.barred(&details) {
                    self.said = Some((Tone::Bad, why));
                    return None;
                }
                Asked::Yes { confirm: Some(words), shown: details.shown.digest }
            }
            For::No => Asked::No { reason: words },
            For::Instead(arguments) => Asked::Instead { arguments, reason: words },
        };
        Some(Act::Decide { approval, asked })
    }
}

#[cfg(test)]
mod tests;
