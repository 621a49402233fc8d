//! Whole texts to scores.
