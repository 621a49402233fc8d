//! A call that several rules put to several roles waits for all of them.

use guard_engine::{Engine, Interpreter, Session, Surroundings};
use guard_host::People;
use guard_journal::{ApprovalStore, Ballot, MemoryApprovals};
use guard_plan::Verdict;
use guard_tests::engines::plan;
use std::sync::Arc;

struct Desk {
    session: Session,
    tickets: Arc<MemoryApprovals>,
    at: i64,
}

impl Desk {
    fn of(rules: &str) -> Self {
        let plan = plan(&format!("guard 1\ntool pay(amount: int)\n{rules}\n"));
        let tickets = Arc::new(MemoryApprovals::new());
        let evaluator = Box::new(Interpreter::new(Arc::clone(&plan)));
        let approver = Some(Arc::new(People::new(Arc::clone(&tickets) as _)) as _);
        let around = Surroundings { approver, ..Surroundings::default() };
        let engine = Engine::within(plan, evaluator, around).unwrap();
        Self { session: engine.session("a", "s", b"{}").unwrap(), tickets, at: 0 }
    }

    /// Tries the call; says the verdict, and which role is asked.
    fn pay(&mut self) -> (Verdict, Option<String>) {
        self.at += 1_000;
        let event = format!(
            r#"{{"type":"tool_call","id":"c","tool":"pay","args":{{"amount":7}},"at":{}}}"#,
            self.at
        );
        let decision = self.session.decide(event.as_bytes());
        let asked = decision.approval().map(|approval| approval.role.to_owned());
        (decision.verdict(), asked)
    }

    /// The role says yes to what it was asked.
    fn yes(&mut self, role: &str) {
        self.at += 1_000;
        let all = self.tickets.list(&guard_journal::Filter::default()).unwrap();
        let ticket = all.iter().rfind(|ticket| ticket.question.role == role).unwrap();
        self.tickets.vote(&ticket.id, "somebody", &Ballot::Yes, self.at).unwrap();
    }
}

const TWO_LAYERS: &str = "layer money { escalate tool pay to \"treasurer\" }
layer safety { escalate tool pay to \"security\" }
agent a { scope { tool pay } }";

#[test]
fn two_layers_are_both_asked_and_both_have_to_agree() {
    for first in ["treasurer", "security"] {
        let mut desk = Desk::of(TWO_LAYERS);
        let second = if first == "security" { "treasurer" } else { "security" };
        assert_eq!(desk.pay().0, Verdict::Escalate);
        desk.yes(first);
        assert_eq!(desk.pay(), (Verdict::Escalate, Some(second.to_owned())));
        desk.yes(second);
        assert_eq!(desk.pay().0, Verdict::Allow);
        // Both were used up.
        assert_eq!(desk.pay().0, Verdict::Escalate);
    }
}

#[test]
fn an_agent_that_asks_somebody_else_does_not_spare_its_layer() {
    let mut desk = Desk::of(
        "layer money { escalate tool pay to \"treasurer\" }
agent a { scope { tool pay }\n escalate tool pay to \"colleague\" }",
    );
    desk.pay();
    desk.yes("colleague");
    assert_eq!(desk.pay(), (Verdict::Escalate, Some("treasurer".to_owned())));
    desk.yes("treasurer");
    assert_eq!(desk.pay().0, Verdict::Allow);
}

#[test]
fn the_yes_of_the_user_is_not_that_of_a_manager() {
    let mut desk = Desk::of(
        "agent a { scope { tool pay }
 prohibit tool pay when not (confirmed by user)
 escalate tool pay to \"manager\" }",
    );
    assert_eq!(desk.pay(), (Verdict::Deny, Some("user".to_owned())));
    desk.yes("user");
    assert_eq!(desk.pay(), (Verdict::Escalate, Some("manager".to_owned())));
    desk.yes("manager");
    assert_eq!(desk.pay().0, Verdict::Allow);
    assert_eq!(desk.pay(), (Verdict::Deny, Some("user".to_owned())));
}

#[test]
fn rules_that_name_one_role_ask_it_once_for_the_most_that_any_asks() {
    let mut desk = Desk::of(
        "agent a { scope { tool pay }
 escalate tool pay to \"manager\" expires 1h then allow
 escalate tool pay to 2 of \"manager\" when amount > 5 }",
    );
    assert_eq!(desk.pay().0, Verdict::Escalate);
    let tickets = desk.tickets.list(&guard_journal::Filter::default()).unwrap();
    assert_eq!(tickets.len(), 1);
    assert_eq!(tickets[0].question.quorum, 2);
    assert_eq!(tickets[0].question.on_expiry, guard_journal::OnExpiry::Deny);
    desk.yes("manager");
    assert_eq!(desk.pay().0, Verdict::Escalate);
}
