//! Decides what every name means.
