//! Runs every document and table we have against every engine we have.
