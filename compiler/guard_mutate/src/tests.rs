//! What a policy's slips are.

use super::*;
use std::fmt::Write as _;

const POLICY: &str = r#"guard 1

tool pay(to: string, amount: float, note: string?)
tool look(id: string) -> { id: string }
tool mail(to: [email], body: string)

const MOST = 100.0
const KNOWN = ["ada", "bob"]

fn is_known(name: string) -> bool = name in KNOWN or name like "shop-*"

detector ticket = r"\bT-[0-9]+\b" | r"^#[0-9]+$" where luhn(it) near "ticket" within 20

agent desk(user: { role: "owner" | "guest" }) {
  scope {
    tool look, mail
    /// Small sums.
    tool pay when amount > 0.0 and amount <= MOST and is_known(to)
  }

  /// Nobody pays strangers.
  prohibit tool pay when not to from user because "said by nobody"

  shadow prohibit tool look
  review 2% of tool pay
  escalate tool pay to 2 of "lead" when if user.role == "guest" then amount > 1.5 else amount > 50.0 expires 1h then deny
  prohibit tool mail when any a in to: not (a.domain ends with "shop.example") unless count(pay when amount > 5.0, over: 10m) < 3
  limit sum of amount on tool pay to 500.0 per 1d per user.role
  redact ticket in output with "[{kind}]"
}

test "not this" for desk(user: { role: "owner" }) {
  call pay(to: "ada", amount: 5.0) => allow
}
"#;

#[test]
fn every_kind_of_slip_is_made_where_it_can_be() {
    let mut listed = String::new();
    for mutation in mutations(POLICY) {
        let was = mutation.span.text(POLICY).replace('\n', "⏎");
        let line = POLICY.get(..mutation.span.start as usize).unwrap().matches('\n').count() + 1;
        let Mutation { operator, replacement, title, .. } = &mutation;
        writeln!(listed, "{line} {operator} ({title}): {was} → {replacement}").unwrap();
    }
    insta::assert_snapshot!(listed);
}

#[test]
fn every_operator_has_a_name_of_its_own() {
    for operator in Operator::ALL {
        assert_eq!(Operator::named(operator.name()), Some(operator));
        assert!(
            mutations(POLICY).iter().any(|mutation| mutation.operator == operator)
                || operator == Operator::DropOperand,
            "{operator}"
        );
    }
}

#[test]
fn what_is_changed_still_parses_and_is_another_text() {
    for mutation in mutations(POLICY) {
        let changed = mutation.applied(POLICY);
        assert_ne!(changed, POLICY);
        assert!(mutation.inside.contains(mutation.span) || mutation.operator == Operator::DropRule);
        let errors = guard_grammar::parse(&changed).errors;
        assert!(errors.is_empty(), "{mutation:?}\n{errors:?}");
    }
}
