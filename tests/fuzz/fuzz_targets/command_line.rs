//! `command_line` of `tests/src/fuzz.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (guard_tests::fuzz::target("command_line").run)(bytes));
