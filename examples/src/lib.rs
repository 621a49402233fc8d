//! Whole agents as packages, and small programs that embed `agent_guard`.

#![forbid(unsafe_code)]
