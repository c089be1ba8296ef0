//! A crash after every single poll of short stories: whatever was under way, every promise holds afterwards.
//! A failing poll is told again by `sim --seed S --short K`.

use checkrein_sim::campaign;

fn check(seed: u64) {
    let found = campaign::every_crash(seed).unwrap();
    let broken: Vec<_> = found
        .broken
        .iter()
        .map(|(how, outcome)| (how.short, outcome.violations.first().map(ToString::to_string)))
        .collect();
    assert_eq!(broken, [], "seed {seed}");
    assert!(found.stories > 5, "seed {seed} has only {} polls", found.stories);
}

#[test]
fn a_crash_after_any_poll_breaks_no_promise() {
    (1..=6).for_each(check);
}
