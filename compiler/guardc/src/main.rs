//! Reads arguments, calls one library function, draws the answer.
fn main() {}
