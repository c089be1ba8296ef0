//! A view as cells: the list, the request, and a line that says what can be done.
//!
//! In: a view, whose rows are made to fit here. Out: a frame. Colour only helps, words carry the meaning; without colour
//! there is bold and reversed text alone. Nothing is decided here.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, List, ListItem, ListState, Paragraph, Wrap};

use super::view::{ARMED, For, Mode, View};
use crate::output::{Tone, moment};

/// From this width on the list stands beside the request.
const BESIDE: u16 = 110;
/// The list's width beside, and its height above.
const LIST_WIDTH: u16 = 38;
const LIST_HEIGHT: u16 = 7;
/// Rows of what can be done.
const FOOT: u16 = 3;

const KEYS: &str = "\
j k           the next and the previous request
Down Up       scroll; Space and PageUp by pages, g and G to both ends
a a           approve: twice, more than 0.6 seconds apart; what cannot be undone is typed
r             reject, with a reason that the agent is told
e             edit the arguments in $VISUAL or $EDITOR: a new call, judged from the beginning
?             these keys
q             leave

What cannot be shown in full here cannot be approved here, and all of it has to be on the screen once.
Any key goes back.";

pub(super) fn frame(frame: &mut Frame<'_>, view: &mut View) {
    let [main, foot] =
        Layout::vertical([Constraint::Min(1), Constraint::Length(FOOT)]).areas(frame.area());
    let [list, request] = if main.width >= BESIDE {
        Layout::horizontal([Constraint::Length(LIST_WIDTH), Constraint::Min(1)]).areas(main)
    } else {
        Layout::vertical([Constraint::Length(LIST_HEIGHT), Constraint::Min(1)]).areas(main)
    };
    listed(frame, view, list);
    if view.mode == Mode::Keys {
        let keys = Paragraph::new(KEYS).wrap(Wrap { trim: false });
        frame.render_widget(keys.block(titled(" keys ".to_owned())), request);
    } else {
        shown(frame, view, request);
    }
    frame.render_widget(Paragraph::new(said(view)).wrap(Wrap { trim: false }), foot);
}

fn titled(title: String) -> Block<'static> {
    Block::new().borders(Borders::ALL).title(title)
}

fn listed(frame: &mut Frame<'_>, view: &View, place: Rect) {
    let items = view.requests.iter().map(|one| {
        let name = |text: &Option<String>| {
            contract::visible::line(text.as_deref().unwrap_or("-")).into_owned()
        };
        let state =
            if one.state == "pending" { String::new() } else { format!(" ({})", one.state) };
        let text =
            format!("{} {} {}{state}", name(&one.tool), name(&one.resource), name(&one.agent));
        ListItem::new(text)
    });
    let more = if view.more { "+" } else { "" };
    let title = format!(" {}{more} requests ", view.requests.len());
    let list = List::new(items)
        .block(titled(title))
        .highlight_symbol("> ")
        .highlight_style(Style::new().add_modifier(Modifier::REVERSED));
    let mut state = ListState::default().with_selected(Some(view.at));
    frame.render_stateful_widget(list, place, &mut state);
}

fn shown(frame: &mut Frame<'_>, view: &mut View, place: Rect) {
    let block = titled(title(view));
    let inner = block.inner(place);
    view.fit(usize::from(inner.width), usize::from(inner.height));
    let rows = view.rows.iter().skip(view.top).take(usize::from(inner.height));
    let lines: Vec<Line<'_>> = rows
        .map(|row| {
            let style = row.tone.map_or_else(Style::new, |tone| style(view.coloured, tone));
            Line::from(Span::styled(row.text.as_str(), style))
        })
        .collect();
    frame.render_widget(Paragraph::new(lines).block(block), place);
}

fn title(view: &View) -> String {
    let Some(details) = &view.details else { return " nothing waits for a person ".to_owned() };
    let one = &details.approval;
    let below = match view.below() {
        0 => String::new(),
        below => format!("; {below} lines below"),
    };
    format!(" {} {}, decide by {}{below} ", one.approval, one.state, moment(one.decide_by_ms))
}

/// What can be done, or what came of it.
fn said(view: &View) -> Vec<Line<'static>> {
    let line = |tone, text: String| {
        Line::from(Span::styled(
            contract::visible::line(&text).into_owned(),
            style(view.coloured, tone),
        ))
    };
    let typing = |what: &str, typed: &str| {
        vec![
            line(Tone::Strong, format!("{what}> {typed}_")),
            line(Tone::Quiet, "Enter says it, Esc goes back".to_owned()),
        ]
    };
    match &view.mode {
        Mode::Typing(For::Yes, typed) => {
            let expected = view.details.as_ref().and_then(|one| one.confirm.text.clone());
            let expected = expected.unwrap_or_default();
            typing(&format!("this cannot be undone; to approve it, type `{expected}` "), typed)
        }
        Mode::Typing(For::No, typed) => typing("reject, because ", typed),
        Mode::Typing(For::Instead(_), typed) => {
            typing("put the edited call in its place, because ", typed)
        }
        Mode::Armed(first) => match first.elapsed() < ARMED {
            true => vec![line(Tone::Care, "approve it? wait a moment …".to_owned())],
            false => {
                vec![line(
                    Tone::Care,
                    "press `a` once more to approve it; any other key: no".to_owned(),
                )]
            }
        },
        Mode::Pressed(_) => vec![line(Tone::Care, "approving; any key now: no".to_owned())],
        Mode::Look | Mode::Keys => match &view.said {
            Some((tone, text)) => vec![line(*tone, text.clone())],
            // A press that was meant for the request before is none for this one.
            None if view.is_new() => vec![line(Tone::Quiet, "…".to_owned())],
            None => vec![line(
                Tone::Quiet,
                "j k requests   space read on   a a approve   r reject   e edit   ? keys   q leave"
                    .to_owned(),
            )],
        },
    }
}

fn style(coloured: bool, tone: Tone) -> Style {
    let colour = |colour| if coloured { Style::new().fg(colour) } else { Style::new() };
    match tone {
        Tone::Good => colour(Color::Green),
        Tone::Care => colour(Color::Yellow),
        Tone::Bad => colour(Color::Red),
        Tone::Strong => Style::new().add_modifier(Modifier::BOLD),
        Tone::Quiet => Style::new().add_modifier(Modifier::DIM),
    }
}
