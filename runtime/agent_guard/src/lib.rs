//! The crate an embedder names: Policy, Session, Event, Decision, and nothing else.
