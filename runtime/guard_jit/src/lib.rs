//! Makes a plan fast without changing its meaning.
