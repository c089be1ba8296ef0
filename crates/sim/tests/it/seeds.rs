//! Seeds: no promise breaks, and a seed is a whole story.
//! A failing seed is told by `sim --seed S`. Large campaigns are `cargo xtask sim --seeds N`.

use checkrein_sim::campaign;
use checkrein_sim::scenario::{Play, play};

/// The seeds whose promises broke, each with what broke first.
fn broken(found: &campaign::Found) -> Vec<String> {
    let first = |outcome: &checkrein_sim::scenario::Outcome| {
        let violation = outcome.violations.first().map(ToString::to_string);
        format!("seed {}: {}", outcome.seed, violation.unwrap_or_default())
    };
    found.broken.iter().map(|(_, outcome)| first(outcome)).collect()
}

#[test]
fn sixty_seeds_keep_every_promise() {
    let found = campaign::seeds(1, 60).unwrap();
    assert_eq!(broken(&found), Vec::<String>::new());
    assert_eq!(found.stories, 60);
}

#[test]
fn the_same_seed_tells_the_same_story() {
    for seed in [1, 2, 3, 5, 8, 13, 21, 34] {
        let (one, other) =
            (play(seed, Play::default()).unwrap(), play(seed, Play::default()).unwrap());
        assert_eq!(one.story, other.story, "seed {seed}");
        assert_eq!(one, other, "seed {seed}");
    }
}

#[test]
fn another_seed_tells_another_story() {
    let stories: std::collections::BTreeSet<String> =
        (1..=20).map(|seed| play(seed, Play::default()).unwrap().story).collect();
    assert_eq!(stories.len(), 20);
}

#[test]
fn sixty_seeds_go_through_most_of_what_there_is() {
    let missing = campaign::seeds(1, 60).unwrap().coverage.missing();
    assert!(missing.len() <= 6, "{missing:?}");
}
