//! Power loss: of a recorded piece of work, only what was synced survives for sure.
//!
//! ```text
//! workload under strace -> trace -> disk (synced, not synced) -> cut anywhere -> image -> open, recover, check
//! ```
//! What was not synced is lost, kept, mixed or torn at 512 bytes, by seed; names count too, until their
//! directory is synced. Each image must open, verify and hold every answer that was given before the cut. Then
//! the same is done with a store that syncs too little, and must be noticed: a check that finds nothing there
//! would find nothing at all. The method is that of ALICE (Pillai et al., OSDI 2014).

mod disk;
mod examine;
mod image;
mod record;
mod trace;
pub(crate) mod workload;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use journal::Synchronous;
use tempfile::TempDir;

use crate::dice::Dice;
use crate::given::Given;
use crate::problem::{Outcome, Promise, Trouble};
use disk::Disk;
use image::Fate;
use trace::Step;

/// Calls of the recorded work: enough for several checkpoints.
const CALLS: u64 = 500;
/// Images of the store that syncs too little. Most of them are broken, so a few are enough.
const WEAK_IMAGES: u64 = 40;
/// Threads that examine images.
const EXAMINERS: usize = 2;

/// An image with what had been answered when the power went.
struct Image {
    directory: TempDir,
    answered: Vec<Given>,
    /// Which one, and how it was made, for the report.
    label: String,
}

/// What images showed.
#[derive(Debug, Default)]
struct Shown {
    images: u64,
    answers: usize,
    broken: Vec<Trouble>,
}

/// Builds and checks so many images, then those that must fail.
pub(crate) fn run(images: u64, seed: u64) -> Outcome<()> {
    let sound = campaign(Synchronous::Full, images, seed)?;
    if let Some(trouble) = sound.broken.into_iter().next() {
        return Err(trouble);
    }
    println!(
        "{} images, seed {seed}: each opens, verifies and holds all that was answered before the cut \
         ({} answers looked for)",
        sound.images, sound.answers
    );
    let weak = campaign(Synchronous::UnsafeNormalForTests, images.min(WEAK_IMAGES), seed)?;
    println!(
        "with `synchronous=NORMAL` {} of {} images break a promise, as they must",
        weak.broken.len(),
        weak.images
    );
    match weak.broken.first() {
        Some(trouble) => {
            println!("the first of them: {}", short(&trouble.to_string()));
            Ok(())
        }
        None => Err(Trouble::broken(
            Promise::WeakSyncIsNoticed,
            format!("none of {} images with `synchronous=NORMAL` showed it", weak.images),
        )),
    }
}

fn short(text: &str) -> String {
    text.chars().take(160).collect()
}

fn campaign(synchronous: Synchronous, images: u64, seed: u64) -> Outcome<Shown> {
    let directory = tempfile::Builder::new().prefix("checkrein-power-").tempdir()?;
    let recording = record::record(directory.path(), synchronous, CALLS)?;
    let steps = trace::read(&recording)?;
    let mut cuts = cuts(&steps, images, seed);
    cuts.sort_unstable();
    let (queue, waiting) = sync_channel(EXAMINERS);
    let waiting = Arc::new(Mutex::new(waiting));
    std::thread::scope(|scope| {
        let examiner = || scope.spawn(|| examine_all(&waiting));
        let examiners: Vec<_> = (0..EXAMINERS).map(|_| examiner()).collect();
        let built = build(&steps, &cuts, seed, |image| queue.send(image).is_ok());
        drop(queue);
        let mut shown = Shown::default();
        for examiner in examiners {
            let part = examiner.join().map_err(|_| Trouble::other("an examiner broke off"))?;
            shown.images += part.images;
            shown.answers += part.answers;
            shown.broken.extend(part.broken);
        }
        built.map(|()| shown)
    })
}

/// Random places in the recording; of each pair one right after an answer, where most is at stake.
fn cuts(steps: &[Step], images: u64, seed: u64) -> Vec<(usize, u64)> {
    let answers: Vec<usize> = steps
        .iter()
        .enumerate()
        .filter(|(_, step)| matches!(step, Step::Answered(_)))
        .map(|(at, _)| at + 1)
        .collect();
    let mut dice = Dice::new(seed);
    let below = |dice: &mut Dice, end: usize| {
        usize::try_from(dice.below(u64::try_from(end).unwrap_or(u64::MAX))).unwrap_or(0)
    };
    let mut cut = |number: u64| match number % 2 {
        0 => below(&mut dice, steps.len() + 1),
        _ => answers.get(below(&mut dice, answers.len())).copied().unwrap_or(0),
    };
    (0..images).map(|number| (cut(number), number)).collect()
}

/// Replays the recording once, and makes an image at every cut. `deliver` says whether anybody still wants them.
fn build(
    steps: &[Step],
    cuts: &[(usize, u64)],
    seed: u64,
    deliver: impl Fn(Image) -> bool,
) -> Outcome<()> {
    let mut disk = Disk::default();
    let mut answered = Vec::new();
    let mut done = 0;
    for (cut, number) in cuts {
        for step in steps.get(done..*cut).unwrap_or_default() {
            if let Step::Answered(line) = step {
                answered.extend(Given::read(line));
            }
            disk.apply(step);
        }
        done = *cut;
        let mut dice = Dice::of(seed, *number);
        let fate = Fate::draw(&mut dice);
        let directory =
            tempfile::Builder::new().prefix("checkrein-image-").tempdir_in(quick_place())?;
        image::write(&disk, directory.path(), (fate, &mut dice))?;
        let label = format!("image {number} ({fate:?}) cut at step {cut} of {}", steps.len());
        if !deliver(Image { directory, answered: answered.clone(), label }) {
            return Ok(());
        }
    }
    Ok(())
}

/// Memory where there is a place for it: images are read once and thrown away.
fn quick_place() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}

fn examine_all(waiting: &Mutex<Receiver<Image>>) -> Shown {
    let mut shown = Shown::default();
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(image) = next else { return shown };
        shown.images += 1;
        shown.answers += image.answered.len();
        if let Err(trouble) = examine::examine(image.directory.path(), &image.answered) {
            shown.broken.push(labelled(trouble, &image.label));
        }
    }
}

fn labelled(trouble: Trouble, label: &str) -> Trouble {
    match trouble {
        Trouble::Broken { promise, found } => Trouble::broken(promise, format!("{label}: {found}")),
        Trouble::Usage(_) | Trouble::NoTracing(_) | Trouble::Other { .. } => trouble,
    }
}
