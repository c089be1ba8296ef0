//! `sim`: plays seeds, tells the story of one, or shows that planted faults are found.
//!
//! `--seeds N` plays seeds 1 to N and every crash of a few short stories, prints what was gone through and
//! fails on a broken promise; with 500 or more also on a state that was never seen. `--seed S [--short K]`
//! tells one story, with `--short` the short one that crashes after poll K. `--faults` searches each fault.

use std::collections::BTreeSet;
use std::process::ExitCode;

use checkrein_sim::campaign::{self, Found};
use checkrein_sim::fault::{Fault, Promise};
use checkrein_sim::scenario::{Play, play};

/// Seeds from which on everything that must be seen must have been seen.
const SEEDS_FOR_COVERAGE: u64 = 500;
/// Seeds within which each planted fault must be found.
const SEEDS_FOR_FAULTS: u64 = 500;
/// Short stories that are crashed after each poll.
const SHORT_STORIES: u64 = 12;
/// Failing stories that are shown of each promise.
const SHOWN_MAX: usize = 5;

const USAGE: &str = "usage: sim --seeds N | sim --seed S [--short K] | sim --faults";

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = given.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["--seeds", count] => number(count).and_then(many),
        ["--seed", seed] => number(seed).and_then(|seed| one(seed, None)),
        ["--seed", seed, "--short", poll] => {
            number(seed).and_then(|seed| one(seed, Some(number(poll)?)))
        }
        ["--faults"] => faults(),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number; {USAGE}"))
}

fn many(count: u64) -> Result<(), String> {
    let mut found = campaign::seeds(1, count)?;
    let long = found.stories;
    for seed in 1..=SHORT_STORIES.min(count) {
        let every = campaign::every_crash(seed)?;
        found.stories += every.stories;
        found.coverage.add(&every.coverage);
        found.broken.extend(every.broken);
    }
    println!("{}", found.coverage);
    println!("{long} seeds and {} crashes of short stories", found.stories - long);
    show_broken(&found);
    if !found.broken.is_empty() {
        return Err(format!("{} stories broke a promise", found.broken.len()));
    }
    let missing = found.coverage.missing();
    if count >= SEEDS_FOR_COVERAGE && !missing.is_empty() {
        return Err(format!("never seen: {}", missing.join(", ")));
    }
    Ok(())
}

/// The first stories that broke each promise.
fn show_broken(found: &Found) {
    let all = || {
        found.broken.iter().flat_map(|(how, outcome)| {
            outcome.violations.iter().map(move |violation| (how, outcome.seed, violation))
        })
    };
    let promises: BTreeSet<Promise> = all().map(|(_, _, violation)| violation.promise).collect();
    for promise in promises {
        let of_it = all().filter(|(_, _, violation)| violation.promise == promise);
        println!("\n{}: broken {} times", promise.word(), of_it.clone().count());
        for (how, seed, violation) in of_it.take(SHOWN_MAX) {
            let short = how.short.map(|poll| format!(" --short {poll}")).unwrap_or_default();
            println!("  sim --seed {seed}{short}\n    {}", violation.what);
        }
    }
}

fn one(seed: u64, short: Option<u64>) -> Result<(), String> {
    let outcome = play(seed, Play { short, fault: None })?;
    print!("{}", outcome.story);
    if outcome.violations.is_empty() { Ok(()) } else { Err("a promise was broken".to_owned()) }
}

fn faults() -> Result<(), String> {
    let mut unseen = Vec::new();
    println!("{:<28} {:<14} {:>6}", "fault", "breaks", "seed");
    for fault in Fault::ALL {
        match campaign::search(*fault, SEEDS_FOR_FAULTS)? {
            Some((seed, what)) => {
                println!("{:<28} {:<14} {seed:>6}", fault.word(), fault.breaks().word());
                println!("    {what}");
            }
            None => unseen.push(fault.word()),
        }
    }
    if unseen.is_empty() { Ok(()) } else { Err(format!("not found: {}", unseen.join(", "))) }
}
