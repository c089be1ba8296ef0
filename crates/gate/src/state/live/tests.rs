//! What open calls promise: identical calls join, a journey that vanished leaves the truth behind, and only
//! answers that were not delivered wait for delivery.

use domain::{CallId, Digest, GrantId, limits};
use uuid::Uuid;

use super::{Began, Entered, InWork, Leaves, Live, News, Place};

fn call(number: u128) -> CallId {
    CallId::new(Uuid::from_u128(number))
}

fn digest(number: usize) -> Digest {
    contract::digest(&number.to_be_bytes())
}

const GRANT: GrantId = GrantId::new(Uuid::from_u128(9));

/// The place of calls with this identity, and with arguments of their own.
fn place(identity: usize) -> Place {
    Place { grant: GRANT, identity: Some(digest(identity)), arguments: digest(identity) }
}

fn first(live: &Live, number: u128, place: Place) -> InWork<'_> {
    match live.enter(call(number), place) {
        Entered::First(work) => work,
        other @ (Entered::Joined(_) | Entered::OtherArguments | Entered::Full) => {
            panic!("call {number}: {other:?}")
        }
    }
}

/// How a call stands, and what becomes of an identical one.
#[derive(Debug, PartialEq, Eq)]
struct Stands {
    news: Option<News>,
    joined: bool,
    held: usize,
}

/// Ends the journey of a call and looks.
fn check(began: Began, end: impl FnOnce(InWork<'_>), expect: &Stands) {
    let live = Live::default();
    let work = match began {
        Began::New => first(&live, 1, place(1)),
        Began::Held => {
            live.restore(call(1), place(1), News::Held);
            live.take_up(call(1)).unwrap()
        }
    };
    assert_eq!(live.in_work(), [call(1)]);
    end(work);
    assert_eq!(live.in_work(), []);
    let news = live.subscribe(call(1)).map(|news| *news.borrow());
    let held = live.held_by(GRANT);
    let joined = match live.enter(call(2), place(1)) {
        Entered::Joined(open) => open == call(1),
        Entered::First(_) | Entered::OtherArguments | Entered::Full => false,
    };
    assert_eq!(Stands { news, joined, held }, *expect);
}

#[test]
fn a_finished_journey_leaves_what_it_says() {
    for (leaves, news, held) in [
        (Leaves::Nothing, None, 0),
        (Leaves::Held, Some(News::Held), 1),
        (Leaves::Answer, Some(News::Answered), 0),
        (Leaves::Doubt, Some(News::InDoubt), 0),
    ] {
        let expect = Stands { news, joined: news.is_some(), held };
        check(Began::New, |work| work.finish(leaves), &expect);
        check(Began::Held, |work| work.finish(leaves), &expect);
        let admitted = |work: InWork<'_>| {
            work.admitted();
            work.finish(leaves);
        };
        check(Began::New, admitted, &expect);
    }
}

#[test]
fn a_vanished_journey_leaves_nothing_or_a_held_call_before_the_permit_and_doubt_after_it() {
    let nothing = Stands { news: None, joined: false, held: 0 };
    let look_again = Stands { news: Some(News::Decided), joined: true, held: 1 };
    let doubt = Stands { news: Some(News::InDoubt), joined: true, held: 0 };
    check(Began::New, |work| drop(work), &nothing);
    check(Began::Held, |work| drop(work), &look_again);
    for began in [Began::New, Began::Held] {
        check(began, |work| work.admitted(), &doubt);
    }
}

#[test]
fn a_journey_that_panics_leaves_doubt_after_the_permit() {
    let live = Live::default();
    let work = first(&live, 1, place(1));
    let end = std::panic::AssertUnwindSafe(move || {
        work.admitted();
        panic!("a bug");
    });
    assert!(std::panic::catch_unwind(end).is_err());
    assert_eq!(*live.subscribe(call(1)).unwrap().borrow(), News::InDoubt);
    assert!(matches!(live.enter(call(2), place(1)), Entered::Joined(open) if open == call(1)));
}

#[test]
fn one_key_is_not_used_with_other_arguments() {
    let live = Live::default();
    let work = first(&live, 1, place(1));
    let other = Place { arguments: digest(2), ..place(1) };
    assert!(matches!(live.enter(call(2), other), Entered::OtherArguments));
    work.finish(Leaves::Nothing);
    assert!(matches!(live.enter(call(2), other), Entered::First(_)));
}

#[test]
fn only_a_call_that_waits_for_people_is_taken_up_and_by_one_journey() {
    let live = Live::default();
    for (news, taken) in [
        (News::Held, true),
        (News::Decided, true),
        (News::Working, false),
        (News::Answered, false),
        (News::InDoubt, false),
    ] {
        live.restore(call(1), place(1), news);
        let work = live.take_up(call(1));
        assert_eq!(work.is_some(), taken, "{news:?}");
        assert!(live.take_up(call(1)).is_none(), "{news:?} is taken up twice");
        drop(work);
        live.forget(call(1));
    }
    assert!(live.take_up(call(1)).is_none());
}

#[test]
fn a_decision_during_a_journey_is_told_at_its_end() {
    let live = Live::default();
    let work = first(&live, 1, place(1));
    live.tell(call(1), News::Decided);
    assert_eq!(*live.subscribe(call(1)).unwrap().borrow(), News::Working);
    work.finish(Leaves::Held);
    assert_eq!(*live.subscribe(call(1)).unwrap().borrow(), News::Decided);
}

#[test]
fn an_identical_call_is_a_new_one_once_the_answer_was_delivered() {
    let live = Live::default();
    let work = first(&live, 1, place(1));
    live.delivered(call(1));
    assert!(matches!(live.enter(call(2), place(1)), Entered::Joined(_)), "it is still in work");
    work.finish(Leaves::Answer);
    assert!(matches!(live.enter(call(2), place(1)), Entered::Joined(_)), "nothing was delivered");
    live.delivered(call(1));
    first(&live, 2, place(1)).finish(Leaves::Doubt);
    live.delivered(call(2));
    assert!(matches!(live.enter(call(3), place(1)), Entered::Joined(_)), "nobody knows");
}

#[test]
fn delivered_answers_push_out_no_undelivered_one() {
    let live = Live::default();
    first(&live, 1, place(1)).finish(Leaves::Answer);
    for number in 2..=2 * limits::UNDELIVERED_ANSWERS_MAX {
        let id = call(u128::try_from(number).unwrap());
        let work = first(&live, id.uuid().as_u128(), place(2));
        work.finish(if number % 2 == 0 { Leaves::Answer } else { Leaves::Nothing });
        live.delivered(id);
    }
    assert!(matches!(live.enter(call(0), place(1)), Entered::Joined(open) if open == call(1)));
}

#[test]
fn beyond_the_bound_the_oldest_undelivered_answer_is_forgotten() {
    let live = Live::default();
    let most = limits::UNDELIVERED_ANSWERS_MAX;
    for number in 0..=most {
        first(&live, u128::try_from(number).unwrap(), place(number)).finish(Leaves::Answer);
    }
    let fresh = call(u128::MAX);
    assert!(matches!(live.enter(fresh, place(0)), Entered::First(_)));
    assert!(matches!(live.enter(fresh, place(1)), Entered::Joined(open) if open == call(1)));
    assert!(matches!(live.enter(fresh, place(most)), Entered::Joined(_)));
}

#[test]
fn a_restored_answer_is_joined_and_gives_way_to_an_open_call() {
    let live = Live::default();
    live.restore(call(1), place(1), News::InDoubt);
    live.restore(call(2), place(1), News::Answered);
    live.restore(call(3), place(3), News::Answered);
    live.restore(call(4), Place { identity: None, ..place(4) }, News::Answered);
    assert!(matches!(live.enter(call(5), place(1)), Entered::Joined(open) if open == call(1)));
    assert!(matches!(live.enter(call(5), place(3)), Entered::Joined(open) if open == call(3)));
    assert!(live.subscribe(call(2)).is_none());
    assert!(live.subscribe(call(4)).is_none());
    live.delivered(call(3));
    assert!(matches!(live.enter(call(5), place(3)), Entered::First(_)));
}
