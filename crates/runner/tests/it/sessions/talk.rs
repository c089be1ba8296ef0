//! What is said arrives, in both directions, whole and without end.
//! An end of a pipe is one for both sides, and what cannot begin is an error of the start.

use checkrein_runner::{Cause, Error, Lifetime, Order, Pipes, Rung};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{exchange, rungs, say, scripted, start};
use crate::support::jailer;

#[tokio::test]
async fn program_answers_line_by_line_and_ends_with_its_input() {
    for rung in rungs() {
        let place = scripted(rung, "while read line; do echo \"heard $line\"; done; exit 3");
        let (session, mut pipes) = start(&place.order).await.unwrap();
        assert_eq!(exchange(&mut pipes, "one\n").await, "heard one\n");
        assert_eq!(exchange(&mut pipes, "two\n").await, "heard two\n");
        drop(pipes.stdin);
        let mut rest = String::new();
        pipes.stdout.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "");
        let end = session.ended().await;
        assert_eq!(end.cause, Cause::Exited(3), "{}: {end:?}", rung.word());
        assert!(end.took.is_some_and(|took| took.processes >= 1), "{end:?}");
        assert_eq!(session.ended().await, end, "the end is told again");
    }
}

#[tokio::test]
async fn session_on_copy_is_as_on_overlay() {
    let place = scripted(Rung::Copy, "cat; pwd");
    if rungs().next() == Some(Rung::Overlay) {
        assert_eq!(say(&place.order).await.out, "/home/agent\n");
    }
}

#[tokio::test]
async fn large_messages_pass_both_ways_at_once() {
    const MESSAGES: usize = 8;
    for rung in rungs() {
        let place = scripted(rung, "cat");
        let (session, Pipes { mut stdin, mut stdout, stderr: _stderr }) =
            start(&place.order).await.unwrap();
        let message: Vec<u8> = (0..1_u32 << 20).map(|at| (at % 251) as u8).collect();
        let sent = message.clone();
        let writing = tokio::spawn(async move {
            for _ in 0..MESSAGES {
                stdin.write_all(&sent).await.unwrap();
            }
        });
        for _ in 0..MESSAGES {
            let mut answer = vec![0; message.len()];
            stdout.read_exact(&mut answer).await.unwrap();
            assert!(answer == message, "{}", rung.word());
        }
        writing.await.unwrap();
        assert_eq!(session.ended().await.cause, Cause::Exited(0));
    }
}

/// More is written than any limit of output, which is for what is kept.
#[tokio::test]
async fn output_is_not_bounded_but_by_its_reader() {
    let mut place = scripted(rungs().next().unwrap(), "head -c 20000000 /dev/zero");
    place.order.limits.output_bytes = 1;
    let (session, mut pipes) = start(&place.order).await.unwrap();
    let mut out = Vec::new();
    pipes.stdout.read_to_end(&mut out).await.unwrap();
    assert_eq!(out.len(), 20_000_000);
    assert_eq!(session.ended().await.cause, Cause::Exited(0));
}

#[tokio::test]
async fn program_that_nobody_reads_waits_and_can_be_killed() {
    for rung in rungs() {
        let place = scripted(rung, "while :; do echo yes; done");
        let (session, mut pipes) = start(&place.order).await.unwrap();
        // It writes by now; the rest stays unread.
        pipes.stdout.read_u8().await.unwrap();
        session.kill();
        assert_eq!(session.ended().await.cause, Cause::Killed, "{}", rung.word());
        let mut rest = Vec::new();
        pipes.stdout.read_to_end(&mut rest).await.unwrap();
        assert!(rest.len() <= 64 << 10, "{}", rest.len());
    }
}

/// A client of a tool server learns by this that it went away, though something of it may still run.
#[tokio::test]
async fn pipe_that_the_program_closes_is_closed_for_the_caller() {
    for rung in rungs() {
        let place = scripted(rung, "exec >&- <&-; while :; do sleep 1; done");
        let (session, Pipes { mut stdin, mut stdout, stderr: _stderr }) =
            start(&place.order).await.unwrap();
        assert_eq!(stdout.read_to_end(&mut Vec::new()).await.unwrap(), 0, "{}", rung.word());
        let mut written = Ok(());
        while written.is_ok() {
            written = stdin.write_all(&[b'x'; 4096]).await;
        }
        assert_eq!(written.unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
        session.kill();
        assert_eq!(session.ended().await.cause, Cause::Killed);
    }
}

#[tokio::test]
async fn end_by_a_signal_is_told() {
    let place = scripted(rungs().next().unwrap(), "kill -TERM $$");
    assert_eq!(say(&place.order).await.end.cause, Cause::Signalled(15));
}

#[tokio::test]
async fn what_cannot_begin_is_an_error_of_the_start() {
    for rung in rungs() {
        let mut place = scripted(rung, "");
        place.order.program = "no-such-program".into();
        let error = start(&place.order).await.unwrap_err();
        assert!(matches!(error, Error::Program { .. }), "{}: {error}", rung.word());
        place.order.program = "/etc/passwd".into();
        let error = start(&place.order).await.unwrap_err();
        assert!(error.to_string().contains("Permission denied"), "{}: {error}", rung.word());
    }
    let nowhere = checkrein_runner::Jailer::new("/bin/true".into());
    let error = nowhere.start(Order::private("/bin/sh"), Lifetime::Limited).await.unwrap_err();
    assert!(matches!(error, Error::Lost { .. }), "{error}");
}

#[tokio::test]
async fn many_sessions_at_once_are_each_their_own() {
    let place = scripted(rungs().next().unwrap(), "read line; echo $line; cat");
    let jailer = jailer();
    let mut open = Vec::new();
    for _ in 0..12 {
        open.push(jailer.start(place.order.clone(), Lifetime::Unlimited).await.unwrap());
    }
    for (number, (_, pipes)) in open.iter_mut().enumerate() {
        assert_eq!(exchange(pipes, &format!("{number}\n")).await, format!("{number}\n"));
    }
    let (first, _pipes) = open.remove(0);
    first.kill();
    assert_eq!(first.ended().await.cause, Cause::Killed);
    for (_, pipes) in &mut open {
        assert_eq!(exchange(pipes, "still\n").await, "still\n");
    }
}
