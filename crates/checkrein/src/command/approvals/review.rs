//! `checkrein approvals review`: requests one after the other in a full screen, each with everything, decided by keys.
//!
//! ```text
//! keys -> view (what is on the screen, what a key means) -> an act -> the server -> the next look
//!          draw (rows to cells)                              terminal (raw mode, and back from it)
//! ```
//! In: a terminal. Out: decisions. Nothing is cut: what cannot be shown in full here cannot be approved here. A yes takes two
//! presses of `a` more than 600 ms apart and no key after them, or typed words for what cannot be undone. Tests: `view`, and
//! `tests/it/review.rs`.

mod draw;
mod editor;
mod rows;
mod terminal;
mod view;

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use ratatui::crossterm::event;
use server::wire;
use tokio::signal::unix::{SignalKind, signal};

use self::terminal::Screen;
use self::view::{Act, Asked, View};
use crate::client::{Client, path};
use crate::context::Context;
use crate::failure::{Failure, OK, Result};
use crate::output::Paint;

/// How long a key is waited for before it is looked whether anything else happened.
const KEY_WITHIN: Duration = Duration::from_millis(100);
/// How often the list is read again.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The exit code of a process that SIGHUP ends, as shells tell it.
const HUNG_UP: i32 = 129;
/// Requests in the list.
const LISTED_MAX: usize = 200;

pub(super) async fn run(context: &Context, client: &Client, first: Option<String>) -> Result {
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if !terminal || context.global.no_input || !context.out.is_for_people() {
        return Err(Failure::usage(
            "`review` needs a terminal to show requests on and to read keys from",
        )
        .expected("standard input and output at a terminal, without `-o json` and `--no-input`")
        .fix("use `checkrein approvals show ID`, `approve ID` and `reject ID --reason …`"));
    }
    let mut view = View::new(context.out.paint == Paint::Coloured, Instant::now());
    let mut review = Review { client, looked: Instant::now() };
    // Before the screen changes: what is wrong with key or address is said where it can be read.
    review.look(&mut view, first.as_deref()).await?;
    let mut end = signal(SignalKind::terminate());
    let hung_up = tokio::spawn(ends_with_its_terminal(signal(SignalKind::hangup())));
    let mut screen = Screen::open()?;
    let ended = review.keys(&mut view, &mut screen, &mut end).await;
    hung_up.abort();
    drop(screen);
    ended?;
    context.out.talk(&view.farewell());
    Ok(OK)
}

type End = std::io::Result<tokio::signal::unix::Signal>;

struct Review<'a> {
    client: &'a Client,
    looked: Instant,
}

impl Review<'_> {
    /// Until the person leaves, or a signal ends it.
    async fn keys(&mut self, view: &mut View, screen: &mut Screen, end: &mut End) -> Result<()> {
        loop {
            screen.draw(view)?;
            let came = tokio::task::block_in_place(|| {
                event::poll(KEY_WITHIN).and_then(|some| some.then(event::read).transpose())
            });
            let came = came.map_err(|error| terminal::broken(&error))?;
            let act = match came {
                Some(came) => view.take(&came, Instant::now()),
                None => view.rests(Instant::now()),
            };
            match act {
                Some(Act::Leave) => return Ok(()),
                Some(act) => self.act(view, screen, act).await?,
                None if self.looked.elapsed() >= LOOK_EVERY => {
                    if let Err(failure) = self.look(view, None).await {
                        view.failed(&failure);
                        self.looked = Instant::now();
                    }
                }
                None => {}
            }
            if ended(end).await {
                return Ok(());
            }
        }
    }

    async fn act(&mut self, view: &mut View, screen: &mut Screen, act: Act) -> Result<()> {
        let done = match act {
            Act::Leave => Ok(()),
            Act::Look => self.look(view, None).await,
            Act::Edit { arguments } => {
                let edited = screen.aside(|| editor::edit(&arguments))?;
                view.edited(edited, &arguments);
                Ok(())
            }
            Act::Decide { approval, asked } => match self.decide(&approval, asked).await {
                Ok(said) => {
                    view.decided(said);
                    self.look(view, None).await
                }
                Err(failure) => Err(failure),
            },
        };
        // A refusal is shown; it ends nothing.
        if let Err(failure) = done {
            view.failed(&failure);
        }
        Ok(())
    }

    async fn decide(&self, approval: &str, asked: Asked) -> Result<String> {
        let route = |verb| path("/v1/approvals", approval, verb);
        match asked {
            Asked::Yes { confirm, shown } => {
                let (surface, shown) = (Some("cli".to_owned()), Some(shown));
                let body = wire::Approve { reason: None, confirm, shown, surface };
                let now: wire::Approval = self.client.post(&route("/approve")?, &body).await?;
                Ok(format!("{}: {}", now.approval, now.state))
            }
            Asked::No { reason } => {
                let body = wire::Reject { reason };
                let now: wire::Approval = self.client.post(&route("/reject")?, &body).await?;
                Ok(format!("{}: {}", now.approval, now.state))
            }
            Asked::Instead { arguments, reason } => {
                let body = wire::EditCall { arguments, reason };
                let new: wire::Answer = self.client.post(&route("/edit")?, &body).await?;
                let call = new.call.unwrap_or_default();
                Ok(format!("{call} takes its place: {}", new.status))
            }
        }
    }

    /// Reads the list, and the selected request if it is another one or may have changed.
    async fn look(&mut self, view: &mut View, first: Option<&str>) -> Result<()> {
        self.looked = Instant::now();
        let query =
            [("state", Some("pending".to_owned())), ("limit", Some(LISTED_MAX.to_string()))];
        let page: wire::Page<wire::Approval> = self.client.get("/v1/approvals", &query).await?;
        view.listed(page.items, page.next.is_some());
        if let Some(first) = first {
            let route = path("/v1/approvals", first, "")?;
            let details: wire::ApprovalDetails = self.client.get(&route, &[]).await?;
            view.begin_with(details.approval);
        }
        let Some(selected) = view.selected().map(str::to_owned) else { return Ok(()) };
        let route = path("/v1/approvals", &selected, "")?;
        let details: wire::ApprovalDetails = self.client.get(&route, &[]).await?;
        view.show(details, Instant::now());
        Ok(())
    }
}

/// Whether a signal came. Does not wait.
async fn ended(end: &mut End) -> bool {
    let Ok(end) = end else { return false };
    tokio::select! {
        biased;
        _ = end.recv() => true,
        () = std::future::ready(()) => false,
    }
}

/// Ends the process when its terminal is gone: whoever waits for keys there would read nothing, again and again, and never see
/// the signal. There is nothing to give back and nobody to tell.
async fn ends_with_its_terminal(hangup: End) {
    if let Ok(mut hangup) = hangup {
        hangup.recv().await;
        std::process::exit(HUNG_UP);
    }
}
