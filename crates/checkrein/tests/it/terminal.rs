//! A person at a terminal: a pseudo-terminal is what the program sees, and a terminal's own parser reads what a person would
//! see of it. Every step waits for what is on the screen, and for no time.

use std::io::{Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};
use rustix::process::Pid;
use rustix::termios::{LocalModes, tcgetattr};

use crate::support::Place;

const SIZE: (u16, u16) = (90, 120);
/// The longest that anything may take on a machine that is busy.
const WITHIN: Duration = Duration::from_secs(60);

/// What a terminal shows, and everything that was sent to it.
struct Seen {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    ended: bool,
}

/// A program at a terminal.
pub(crate) struct Person {
    terminal: Arc<Pty>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    program: Child,
}

impl Person {
    pub(crate) fn sits_down(place: &Place, arguments: &[&str], more: &[(&str, &str)]) -> Self {
        let (terminal, program) = begun(place, arguments, more);
        let parser = vt100::Parser::new(SIZE.0, SIZE.1, 0);
        let seen = Seen { parser, bytes: Vec::new(), ended: false };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));
        let terminal = Arc::new(terminal);
        let (reads, shared) = (Arc::clone(&terminal), Arc::clone(&seen));
        std::thread::spawn(move || watch(&reads, &shared));
        Self { terminal, seen, program }
    }

    /// Sits down at a terminal that goes away once the program shows this. The exit code.
    pub(crate) fn hangs_up(place: &Place, arguments: &[&str], shows: &str) -> Option<i32> {
        let (terminal, mut program) = begun(place, arguments, &[]);
        let (mut sent, mut buffer) = (Vec::new(), [0; 4_096]);
        while !String::from_utf8_lossy(&sent).contains(shows) {
            let length = (&terminal).read(&mut buffer).unwrap();
            sent.extend_from_slice(&buffer[..length]);
        }
        drop(terminal);
        program.wait().unwrap().code()
    }

    pub(crate) fn process(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.program.id()).unwrap()).unwrap()
    }

    pub(crate) fn terminal(&self) -> Arc<Pty> {
        Arc::clone(&self.terminal)
    }

    pub(crate) fn types(&self, keys: &str) {
        (&*self.terminal).write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until the screen shows this, and gives the screen.
    #[track_caller]
    pub(crate) fn sees(&self, what: &str) -> String {
        let (seen, news) = &*self.seen;
        let shown = |seen: &Seen| seen.parser.screen().contents();
        let (mut now, begun) = (seen.lock().unwrap(), Instant::now());
        loop {
            if shown(&now).contains(what) {
                return shown(&now);
            }
            assert!(!now.ended, "it ended without `{what}`:\n{}", shown(&now));
            assert!(begun.elapsed() < WITHIN, "no `{what}`:\n{}", shown(&now));
            now = news.wait_timeout(now, WITHIN).unwrap().0;
        }
    }

    /// Waits until one of these was sent behind a place in everything that was sent; which one, and the place behind it.
    #[track_caller]
    pub(crate) fn hears(&self, after: usize, which: &[&str]) -> (usize, usize) {
        let (seen, news) = &*self.seen;
        let (mut now, begun) = (seen.lock().unwrap(), Instant::now());
        loop {
            let text = String::from_utf8_lossy(&now.bytes[after..]).into_owned();
            let found =
                which.iter().enumerate().filter_map(|(one, what)| Some((text.find(what)?, one)));
            if let Some((at, one)) = found.min() {
                return (one, after + at + which[one].len());
            }
            assert!(!now.ended, "it ended without any of {which:?}:\n{text}");
            assert!(begun.elapsed() < WITHIN, "none of {which:?} in\n{text}");
            now = news.wait_timeout(now, WITHIN).unwrap().0;
        }
    }

    /// Everything that was sent so far.
    pub(crate) fn heard(&self) -> String {
        String::from_utf8_lossy(&self.seen.0.lock().unwrap().bytes).into_owned()
    }

    /// Waits for the end, and gives the exit code with all that was sent to the terminal.
    pub(crate) fn ends(mut self) -> (i32, String) {
        let code = self.program.wait().unwrap().code().unwrap_or(-1);
        let (seen, news) = &*self.seen;
        let now = news.wait_while(seen.lock().unwrap(), |seen| !seen.ended).unwrap();
        (code, String::from_utf8_lossy(&now.bytes).into_owned())
    }

    /// Whether the terminal hands over whole lines, as it does for a shell.
    pub(crate) fn is_as_before(terminal: &Pty) -> bool {
        tcgetattr(terminal.as_fd())
            .unwrap()
            .local_modes
            .contains(LocalModes::ICANON | LocalModes::ECHO)
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        // A test that fails leaves nobody behind at a terminal.
        let _ = self.program.kill();
    }
}

/// A program at a terminal of its own.
fn begun(place: &Place, arguments: &[&str], more: &[(&str, &str)]) -> (Pty, Child) {
    let (terminal, other) = open().unwrap();
    terminal.resize(Size::new(SIZE.0, SIZE.1)).unwrap();
    let program = Command::new(env!("CARGO_BIN_EXE_checkrein"))
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", place.path("home"))
        .env("TERM", "xterm-256color")
        .env("CHECKREIN_CONFIG", place.path("checkrein.toml"))
        .envs(more.iter().copied())
        .current_dir(place.directory.path())
        .spawn(other)
        .unwrap();
    (terminal, program)
}

fn watch(terminal: &Pty, (seen, news): &(Mutex<Seen>, Condvar)) {
    let mut buffer = [0; 4_096];
    loop {
        let read = { terminal }.read(&mut buffer);
        let mut seen = seen.lock().unwrap();
        match read {
            Ok(length) if length > 0 => {
                seen.parser.process(&buffer[..length]);
                seen.bytes.extend_from_slice(&buffer[..length]);
            }
            // The other side is closed.
            Ok(_) | Err(_) => seen.ended = true,
        }
        news.notify_all();
        if seen.ended {
            return;
        }
    }
}
