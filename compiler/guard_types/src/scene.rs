//! What a rule's conditions can see: which event, which arguments, whose parameters.

use crate::declared::ToolTypes;
use crate::ty::{RecordTy, Ty};
use std::sync::Arc;

/// What a condition is about.
#[derive(Debug, Clone)]
pub(crate) enum Scene {
    /// Text to the agent.
    Input,
    /// Text from the agent.
    Output,
    /// Calls of these tools.
    Call(Vec<(String, Arc<ToolTypes>)>),
    /// Results of these tools.
    Result(Vec<(String, Arc<ToolTypes>)>),
    /// No event: the body of a function or the value of a constant.
    Nowhere,
}

/// What is found when an argument is looked up among several tools.
#[derive(Debug)]
pub(crate) enum Shared {
    /// All have it, of one type.
    Yes(Ty),
    /// Some tool lacks it: its name, and the name of one that has it.
    Lacks(String, String),
    /// Two tools have it with different types.
    Differs(String, String),
    /// No tool has it.
    No,
}

impl Scene {
    /// The tools of a call or a result.
    pub(crate) fn tools(&self) -> &[(String, Arc<ToolTypes>)] {
        match self {
            Self::Call(tools) | Self::Result(tools) => tools,
            _ => &[],
        }
    }

    /// Looks an argument up; only calls have any.
    pub(crate) fn argument(&self, name: &str) -> Shared {
        let Self::Call(tools) = self else { return Shared::No };
        let mut found: Option<(&str, Ty)> = None;
        let mut lacking: Option<&str> = None;
        for (tool, types) in tools {
            let Some(field) = types.arguments.field(name) else {
                lacking = lacking.or(Some(tool));
                continue;
            };
            match &found {
                None => found = Some((tool, field.ty.clone())),
                Some((_, ty)) if *ty == field.ty => {}
                Some((first, ty)) if ty.present() == field.ty.present() => {
                    found = Some((first, Ty::Optional(Arc::new(ty.present()))));
                }
                Some((first, _)) => return Shared::Differs((*first).to_owned(), tool.clone()),
            }
        }
        match (found, lacking) {
            (Some((_, ty)), None) => Shared::Yes(ty),
            (Some((first, _)), Some(lacking)) => {
                Shared::Lacks(lacking.to_owned(), first.to_owned())
            }
            (None, _) => Shared::No,
        }
    }

    /// The names of arguments that any of the tools has, for suggestions.
    pub(crate) fn argument_names(&self) -> Vec<&str> {
        let Self::Call(tools) = self else { return Vec::new() };
        tools
            .iter()
            .flat_map(|(_, types)| types.arguments.fields.iter().map(|f| f.name.as_str()))
            .collect()
    }

    /// The type of a result's value, where all tools declare the same.
    pub(crate) fn result(&self) -> Option<Ty> {
        let Self::Result(tools) = self else { return None };
        let mut types = tools.iter().map(|(_, types)| types.result.as_ref());
        let first = types.next()??;
        types.all(|ty| ty == Some(first)).then(|| first.clone())
    }
}

/// The agent's parameters, where there is an agent.
pub(crate) type Principal = Option<Arc<RecordTy>>;
