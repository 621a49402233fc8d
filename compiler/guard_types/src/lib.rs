//! Decides what every expression is, and refuses what can never fire.

#![forbid(unsafe_code)]

pub mod tir;
pub mod ty;
