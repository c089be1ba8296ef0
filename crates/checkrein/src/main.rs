//! The checkrein binary.
fn main() {}
