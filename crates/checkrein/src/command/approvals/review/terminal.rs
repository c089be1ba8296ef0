//! The terminal: taken over for the review, and given back however that ends.
//!
//! In: standard input and output. Out: a screen to draw on. Given back when it is dropped, before an editor runs, and before
//! a panic prints. What this does not cover is a kill that no program hears of; `reset` mends a terminal after that.

use std::io::{Stdout, stdout};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

use super::draw;
use super::view::View;
use crate::failure::{Failure, Result};

/// A terminal that is taken over.
pub(super) struct Screen(Terminal<CrosstermBackend<Stdout>>);

impl Screen {
    /// Takes the terminal over.
    pub(super) fn open() -> Result<Self> {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
        }));
        take_over()?;
        let backend = CrosstermBackend::new(stdout());
        match Terminal::new(backend) {
            Ok(terminal) => Ok(Self(terminal)),
            Err(error) => {
                give_back();
                Err(broken(&error))
            }
        }
    }

    pub(super) fn draw(&mut self, view: &mut View) -> Result<()> {
        let drawn = self.0.draw(|frame| draw::frame(frame, view));
        drawn.map(drop).map_err(|error| broken(&error))
    }

    /// Gives the terminal to something else for a while.
    pub(super) fn aside<T>(&mut self, work: impl FnOnce() -> T) -> Result<T> {
        give_back();
        let done = tokio::task::block_in_place(work);
        take_over()?;
        // A new one knows nothing of what the other showed; clearing would ask the terminal where its cursor is.
        self.0 = Terminal::new(CrosstermBackend::new(stdout())).map_err(|error| broken(&error))?;
        Ok(done)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn take_over() -> Result<()> {
    let taken = enable_raw_mode()
        .and_then(|()| execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste));
    taken.map_err(|error| {
        give_back();
        broken(&error)
    })
}

/// As it was. A terminal that is gone cannot be given back, and needs it no more.
fn give_back() {
    _ = execute!(stdout(), DisableBracketedPaste, LeaveAlternateScreen);
    _ = disable_raw_mode();
}

pub(super) fn broken(error: &std::io::Error) -> Failure {
    Failure::new(format!("the terminal cannot be used: {error}"))
        .expected("a terminal that stays open")
        .fix("use `checkrein approvals show ID` and `approve ID` instead")
}
