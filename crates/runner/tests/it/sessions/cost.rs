//! What an idle session costs: time to start, memory and processor time of ours while nothing is said.
//! It prints all of them and holds the memory and the processor time.

use std::time::{Duration, Instant};

use checkrein_runner::Lifetime;

use super::{exchange, rungs, scripted};
use crate::cost::ours;
use crate::support::jailer;

#[tokio::test]
async fn idle_session_takes_little() {
    for rung in rungs() {
        let place = scripted(rung, "cat");
        let jailer = jailer();
        let mut times = Vec::new();
        for _ in 0..20 {
            let began = Instant::now();
            let (session, mut pipes) =
                jailer.start(place.order.clone(), Lifetime::Unlimited).await.unwrap();
            exchange(&mut pipes, "x\n").await;
            times.push(began.elapsed());
            session.kill();
            session.ended().await;
        }
        times.sort();
        let (session, mut pipes) =
            jailer.start(place.order.clone(), Lifetime::Unlimited).await.unwrap();
        exchange(&mut pipes, "x\n").await;
        let processor_time = processor_time_of_idling(Duration::from_secs(3)).await;
        let (processes, kilobytes) = ours();
        println!(
            "{}: first answer after {:?}, {processes} processes, {kilobytes} kB and {processor_time:?} in 3 s of ours",
            rung.word(),
            times[times.len() / 2],
        );
        assert!(kilobytes < 8 << 10, "{kilobytes} kB");
        assert!(processor_time < Duration::from_millis(150), "{processor_time:?}");
        session.kill();
        session.ended().await;
    }
}

/// What the jail's own processes compute in that time, while this one waits.
async fn processor_time_of_idling(wait: Duration) -> Duration {
    let before = crate::cost::processor_time_of_ours();
    let began = Instant::now();
    while began.elapsed() < wait {
        tokio::time::timeout(wait, std::future::pending::<()>()).await.unwrap_err();
    }
    crate::cost::processor_time_of_ours().saturating_sub(before)
}
