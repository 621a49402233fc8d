//! cedar-policy. It has no third effect: a `forbid` whose id begins with `escalate` stands for one. It
//! has no regular expressions: `like` stands in, and decides the pool alike.

use crate::call::{
    ALLOW, CURRENCIES, Call, DENY, ESCALATE, HOSTS, MAIL_ENDINGS, ROLES, TOOLS_IN_SCOPE, Tool,
};
use crate::rule_set::{Condition, Operation, RuleSet, agent_name, moves_amounts, tool_name};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicyId,
    PolicySet, Request, RestrictedExpression,
};
use std::collections::HashSet;
use std::str::FromStr;

/// The twelve rules.
pub fn policy() -> String {
    let currencies = list(&CURRENCIES);
    let endings = list(&MAIL_ENDINGS);
    let hosts = list(&HOSTS);
    let tools: Vec<String> =
        TOOLS_IN_SCOPE.iter().map(|tool| format!("Action::\"{tool}\"")).collect();
    let tools = tools.join(", ");
    let files = r#"action in [Action::"read_file", Action::"write_file"]"#;
    format!(
        r#"
@id("scope") permit(principal, action in [{tools}], resource);
@id("destroys") forbid(principal, action == Action::"shell", resource) when {{
  context.command like "*rm -r*" || context.command like "*rm -f*" || context.command like "*mkfs*" ||
  context.command like "*dd if=*" || context.command like "*shutdown*" || context.command like "*reboot*" ||
  context.command like "*chmod -R 777*" || context.command like "*shred -*" || context.command like "*> /dev/sd*" }};
@id("runs-fetched") forbid(principal, action == Action::"shell", resource) when {{
  context.command like "*curl *|*sh" || context.command like "*wget *|*sh" }};
@id("large") forbid(principal, action == Action::"pay", resource) when {{
  context.amount > 10000 && principal.role != "treasurer" }};
@id("escalate-pay") forbid(principal, action == Action::"pay", resource) when {{ context.amount > 1000 }};
@id("currency") forbid(principal, action == Action::"pay", resource) unless {{ {currencies}.contains(context.currency) }};
@id("recipients") forbid(principal, action == Action::"send_email", resource) unless {{ {endings}.containsAll(context.to_endings) }};
@id("escalate-many") forbid(principal, action == Action::"send_email", resource) when {{ context.to_count > 10 }};
@id("outside") forbid(principal, {files}, resource) unless {{ context.path like "/srv/team/*" }};
@id("upwards") forbid(principal, {files}, resource) when {{ context.path like "*..*" }};
@id("secrets") forbid(principal, action == Action::"write_file", resource) when {{
  context.path like "*.env" || context.path like "*.pem" }};
@id("hosts") forbid(principal, action == Action::"http_get", resource) unless {{ {hosts}.contains(context.host) }};
"#
    )
}

/// One policy for each rule of a set.
pub fn rule_set_policy(set: &RuleSet) -> String {
    let mut text = String::from("@id(\"scope\") permit(principal, action, resource);\n");
    for (index, rule) in set.rules.iter().enumerate() {
        let condition = match &rule.condition {
            Condition::AmountAbove(bound) => format!("when {{ context.amount > {bound} }}"),
            Condition::ProductionUnlessAdmin => {
                r#"when { context.stage == "production" && context.role != "admin" }"#.to_owned()
            }
            Condition::PathOutside(folder) => {
                format!(r#"unless {{ context.path like "{folder}*" }}"#)
            }
            Condition::MailOutside(ending) => {
                format!(r#"unless {{ ["{ending}"].containsAll(context.to_endings) }}"#)
            }
        };
        let (agent, tool) = (agent_name(rule.agent), tool_name(rule.tool));
        text += &format!(
            "@id(\"r{index}\") forbid(principal == Agent::\"{agent}\", action == Action::\"{tool}\", resource) {condition};\n"
        );
    }
    text
}

fn list(texts: &[&str]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
    format!("[{}]", quoted.join(", "))
}

/// Policies with their own ids, ready to decide.
pub struct Cedar {
    policies: PolicySet,
    entities: Entities,
    authorizer: Authorizer,
    names: Names,
}

struct Names {
    agent: EntityTypeName,
    action: EntityTypeName,
    resource: EntityUid,
}

impl Cedar {
    pub fn load(text: &str) -> Self {
        let mut policies = PolicySet::new();
        for policy in PolicySet::from_str(text).expect("the policies parse").policies() {
            let id = policy.annotation("id").expect("every policy has an id").to_owned();
            policies.add(policy.new_id(PolicyId::new(id))).expect("ids are unique");
        }
        let entities = Entities::from_entities(ROLES.iter().map(|role| person(role)), None)
            .expect("ids are unique");
        let name = |text| EntityTypeName::from_str(text).expect("a name");
        let names = Names {
            agent: name("Agent"),
            action: name("Action"),
            resource: EntityUid::from_type_name_and_id(name("Host"), EntityId::new("here")),
        };
        Self { policies, entities, authorizer: Authorizer::new(), names }
    }

    /// The request for one of the twelve rules' calls.
    pub fn request(&self, call: &Call) -> Request {
        let context = match call.tool {
            Tool::Shell => vec![("command", text(&call.command))],
            Tool::Pay => vec![
                ("amount", RestrictedExpression::new_long(call.amount)),
                ("currency", text(&call.currency)),
            ],
            Tool::SendEmail => vec![
                ("to_endings", endings(&call.to)),
                ("to_count", RestrictedExpression::new_long(call.to.len() as i64)),
            ],
            Tool::ReadFile | Tool::WriteFile => vec![("path", text(&call.path))],
            Tool::HttpGet => vec![("host", text(&call.host))],
            Tool::Search | Tool::BookMeeting | Tool::Other => Vec::new(),
        };
        self.request_of(&call.role, &call.tool_name, context)
    }

    /// The request for a rule set's call.
    pub fn rule_set_request(&self, operation: &Operation) -> Request {
        let mut context = vec![("role", text(operation.role))];
        if moves_amounts(operation.tool) {
            context.push(("amount", RestrictedExpression::new_long(operation.amount)));
            context.push(("stage", text(operation.stage)));
        } else {
            context.push(("path", text(&operation.path)));
            context.push(("to_endings", endings(&operation.to)));
        }
        self.request_of(&operation.agent_name, &operation.tool_name, context)
    }

    fn request_of(
        &self,
        agent: &str,
        tool: &str,
        context: Vec<(&str, RestrictedExpression)>,
    ) -> Request {
        let uid = |name: &EntityTypeName, id| {
            EntityUid::from_type_name_and_id(name.clone(), EntityId::new(id))
        };
        let context = context.into_iter().map(|(key, value)| (key.to_owned(), value));
        let context = Context::from_pairs(context).expect("keys are unique");
        let (agent, tool) = (uid(&self.names.agent, agent), uid(&self.names.action, tool));
        Request::new(agent, tool, self.names.resource.clone(), context, None)
            .expect("there is no schema to break")
    }

    #[inline(never)]
    pub fn decide(&self, request: &Request) -> u64 {
        let response = self.authorizer.is_authorized(request, &self.policies, &self.entities);
        if response.decision() == Decision::Allow {
            return ALLOW;
        }
        let mut reasons = response.diagnostics().reason().peekable();
        let asked =
            reasons.peek().is_some() && reasons.all(|id| id.to_string().starts_with("escalate"));
        if asked { ESCALATE } else { DENY }
    }
}

fn person(role: &str) -> Entity {
    let id = EntityUid::from_str(&format!("Agent::\"{role}\"")).expect("a uid");
    Entity::new(id, [("role".to_owned(), text(role))].into(), HashSet::new())
        .expect("its attributes evaluate")
}

fn text(text: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(text.to_owned())
}

fn endings(addresses: &[String]) -> RestrictedExpression {
    let ending = |address: &String| text(address.find('@').map_or("", |at| &address[at..]));
    RestrictedExpression::new_set(addresses.iter().map(ending))
}
