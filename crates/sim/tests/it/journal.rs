//! The simulated journal keeps what every journal must keep, so that what holds over it holds over others.
//! The suite is `gate::conformance`; the same one runs against SQLite.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use checkrein_sim::executor::Spawner;
use checkrein_sim::journal::{SimJournal, Store};
use checkrein_sim::random::Dice;
use checkrein_sim::world::{BEGIN, Clock};
use domain::Timestamp;

/// Polls a future that waits for nothing outside of itself.
fn finish<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

fn fresh() -> SimJournal {
    let store = Arc::new(Mutex::new(Store::new(None, None)));
    SimJournal::open(&store, (Clock::default(), Dice::new(1), Spawner::default()))
}

#[test]
fn every_promise_of_the_port_is_kept() {
    let kept = gate::conformance::run_all(async || fresh(), Timestamp::from_millis(BEGIN));
    assert_eq!(finish(kept), Ok(()));
}

#[test]
fn every_promise_is_kept_when_commits_change_places() {
    let slow = async || {
        let journal = fresh();
        let trouble = journal.trouble();
        let mut trouble = trouble.lock().unwrap();
        (trouble.slow, trouble.turns) = (80, 5);
        drop(trouble);
        journal
    };
    let kept = gate::conformance::run_all(slow, Timestamp::from_millis(BEGIN));
    assert_eq!(finish(kept), Ok(()));
}

#[test]
fn outcomes_are_written_when_there_is_no_room_for_permits() {
    let journal = fresh();
    journal.trouble().lock().unwrap().full = true;
    let kept = gate::conformance::out_of_space(&journal, Timestamp::from_millis(BEGIN));
    assert_eq!(finish(kept), Ok(()));
}
