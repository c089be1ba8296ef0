//! The jail that the tests of this package start.
//!
//! In a jail it never returns from the first line; started by hand it only says what it is. Programs that serve calls
//! have the same first line in a `main` of their own.

fn main() {
    runner::entry();
    eprintln!("this is only the entry of a jail; a supervisor starts it");
}
