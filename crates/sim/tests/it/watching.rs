//! Who hears what a command prints while it runs.
//! Masking and lines are tested where they are done (`gate/src/watch.rs`); here it is who may hear.

use domain::Status;
use gate::{Heard, Listener, Stream};

use crate::installation::Installation;
use crate::scripts::{PRINTED, Scripts, script};

fn heard(listener: &mut Listener) -> String {
    let pieces = std::iter::from_fn(|| listener.next_ready());
    let text = |heard: Heard| match heard {
        Heard::Output(output) => {
            assert_eq!(output.stream, Stream::Stdout);
            output.text.clone()
        }
        Heard::Missed(count) => format!("<missed {count}>"),
    };
    pieces.map(text).collect()
}

#[test]
fn an_agent_hears_a_command_that_nobody_is_asked_for_and_a_person_hears_all() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let caller = installation.finish(gate.identify(&installation.agent)).unwrap().agent().unwrap();
    let mut person = gate.listen_to_calls(&installation.person(&gate));

    let told = std::sync::Mutex::new(None);
    let begun = |call| *told.lock().unwrap() = Some((call, gate.listen_to_call(&caller, call)));
    let answer = installation.finish(gate.handle_told(&installation.agent, script("tests"), begun));
    let (call, mut agent) = told.into_inner().unwrap().unwrap();
    assert_eq!((answer.status, answer.call), (Status::Succeeded, Some(call)));
    assert_eq!(heard(&mut agent), PRINTED.concat());
    assert_eq!(heard(&mut person), PRINTED.concat());
}

/// What a command reads reaches its agent by what it prints: nobody may see it before people said yes.
#[test]
fn an_agent_does_not_hear_a_command_that_people_are_asked_for() {
    let (installation, gate) = Installation::<Scripts>::begin();
    let caller = installation.finish(gate.identify(&installation.agent)).unwrap().agent().unwrap();
    let mut person = gate.listen_to_calls(&installation.person(&gate));
    let told = std::sync::Mutex::new(None);
    let begun = |call| *told.lock().unwrap() = Some(gate.listen_to_call(&caller, call));
    let answer =
        installation.finish(gate.handle_told(&installation.agent, script("format"), begun));
    assert_eq!(answer.status, Status::Held);
    assert_eq!(heard(&mut told.into_inner().unwrap().unwrap()), "");
    assert_eq!(heard(&mut person), PRINTED.concat());
    let told = format!("{answer:?}");
    assert!(
        !told.contains("line one") && !told.contains("that it read"),
        "nor in the answer: {told}"
    );
}
