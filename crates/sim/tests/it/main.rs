//! The simulation: promises hold over seeds and over every crash of short stories, and planted faults are found.

mod crashes;
mod faults;
mod journal;
mod seeds;
