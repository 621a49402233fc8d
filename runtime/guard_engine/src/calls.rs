//! Calls whose results have not come: what is to be noted when they do.
//!
//! INVARIANT: at most [`OPEN_CALLS_MAX`] are kept, the oldest given up first; what a call that was
//! permitted would have noted makes its memories unsure then.

use crate::counting::Taken;
use crate::memory::{Kept, KeyBytes, Table};
use guard_plan::Truth;
use guard_plan::limits::OPEN_CALLS_MAX;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// What a call notes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Noting {
    pub(crate) memory: u32,
    /// `None` where it could not be read.
    pub(crate) key: Option<KeyBytes>,
    pub(crate) fields: Vec<Kept>,
    pub(crate) is_sure: bool,
    /// When its result is a success, not before.
    pub(crate) on_success: bool,
}

impl Noting {
    pub(crate) fn truth(&self) -> Truth {
        if self.is_sure { Truth::True } else { Truth::Unknown }
    }
}

/// A call that was decided and has no result yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OpenCall {
    pub(crate) tool: u32,
    /// Empty where the host gives none.
    pub(crate) id: Box<str>,
    /// Whether it was permitted; if it was not and its result comes all the same, it happened.
    pub(crate) is_permitted: bool,
    pub(crate) noting: Vec<Noting>,
    /// What limits know it by.
    pub(crate) ticket: u64,
    /// What it took of limits.
    pub(crate) taken: Vec<Taken>,
}

/// The calls without a result.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct OpenCalls(VecDeque<OpenCall>);

impl OpenCalls {
    /// Keeps a call.
    pub(crate) fn open(&mut self, call: OpenCall, tables: &mut [Table]) {
        while self.0.len() >= OPEN_CALLS_MAX {
            let Some(oldest) = self.0.pop_front() else { break };
            for noting in oldest.noting.iter().filter(|_| oldest.is_permitted) {
                let table = usize::try_from(noting.memory).ok();
                if let Some(table) = table.and_then(|index| tables.get_mut(index)) {
                    table.lose();
                }
            }
        }
        self.0.push_back(call);
    }

    /// Takes out the call that a result is of: by id, never by position. A host that gives no ids
    /// has one call of a tool at a time.
    pub(crate) fn close(&mut self, tool: u32, id: &str) -> Option<OpenCall> {
        let is_it = |call: &OpenCall| call.tool == tool && *call.id == *id;
        let index = self.0.iter().rposition(is_it)?;
        self.0.remove(index)
    }
}
