//! A program that is nothing but the jail's entry, so that tests and benches have one to start.
//!
//! In: the jail's own marker, written by a supervisor. Out: the jail. Started by hand it says what it is and ends with 2.
//! It does not supervise; the product's own binary does that and calls `runner::entry` the same way.

fn main() -> std::process::ExitCode {
    checkrein_runner::entry();
    eprintln!("this is only the entry of a jail, started by a supervisor; see `checkrein doctor`");
    std::process::ExitCode::from(2)
}
