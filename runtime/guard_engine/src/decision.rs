//! What was decided about one event. The verdict is there; everything else is looked up when asked
//! for, in the session that decided.

use crate::About;
use crate::approving::AskedOf;
use crate::interpret::at;
use crate::recording::Recording;
use crate::session::Target;
use crate::share::share_of;
use crate::{
    ApprovalReport, DecisionReport, EventFault, LimitReport, ObligationReport, Outcome,
    ReasonReport, Receipt, RedactionReport, Session,
};
use guard_plan::{Effect, Entry, EntryId, OnExpiry, Plan, Rule, Verdict};
use guard_redact::Redacted;
use sha2::{Digest as _, Sha256};
use std::fmt::Write;

/// A decision on one event.
#[derive(Debug)]
pub struct Decision<'a> {
    pub(crate) session: &'a Session,
    /// The event's bytes.
    pub(crate) event: &'a [u8],
    pub(crate) verdict: Verdict,
    pub(crate) target: Option<Target>,
    pub(crate) sequence: u64,
}

/// A rule that brought the verdict.
#[derive(Debug, Clone, Copy)]
pub struct Reason<'a> {
    rule: &'a Rule,
    /// Which of the entry's rules it is.
    index: usize,
    is_unknown: bool,
}

/// Who is to be asked about an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approval<'a> {
    /// Who decides.
    pub role: &'a str,
    /// How many of them must agree.
    pub quorum: u32,
    /// How many milliseconds the question stands, and what follows then.
    pub expires: Option<(i64, OnExpiry)>,
    /// What the answer is given by, where the host asks people through the engine.
    pub ticket: Option<&'a str>,
}

impl<'a> Decision<'a> {
    /// What is done with the event.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The rules that brought the verdict, sorted by where they stand: of an event that passes the
    /// rules that permit it, of any other all rules that fired and are more restrictive.
    pub fn reasons(&self) -> impl Iterator<Item = Reason<'a>> + use<'a> {
        let is_allowed = self.verdict == Verdict::Allow;
        let mut reasons = self.fired();
        reasons.retain(|reason| {
            let effect = &reason.rule.effect;
            let is_reason = effect.decides() || matches!(effect, Effect::Limit | Effect::Redact);
            is_reason && (*effect == Effect::Allow) == is_allowed
        });
        reasons.into_iter()
    }

    /// What is wrong with the event. Any fault denies.
    pub fn faults(&self) -> &'a [EventFault] {
        &self.session.faults
    }

    /// What to tell the agent or the user: of the most restrictive rule that says something.
    pub fn respond(&self) -> Option<&'a str> {
        self.said(|rule| rule.respond.as_deref())
    }

    /// Why, for the log and the operator: of the most restrictive rule that says something.
    pub fn because(&self) -> Option<&'a str> {
        self.said(|rule| rule.because.as_deref())
    }

    /// Who is to be asked, where the verdict is escalate, or a denial that the user's yes may lift.
    /// Where rules name several roles all of them have to agree: this is one that has not.
    pub fn approval(&self) -> Option<Approval<'a>> {
        let ticket = self.session.ticket.as_ref();
        if self.verdict == Verdict::Deny {
            let ticket = Some(ticket?.id.as_str());
            return Some(Approval { role: Approval::USER, quorum: 1, expires: None, ticket });
        }
        if self.verdict != Verdict::Escalate {
            return None;
        }
        let asked = self.asked();
        let role = ticket.and_then(|ticket| asked.iter().find(|of| of.role == ticket.role));
        let AskedOf { role, quorum, expires } = *role.or(asked.first())?;
        Some(Approval { role, quorum, expires, ticket: ticket.map(|ticket| ticket.id.as_str()) })
    }

    /// Every role that the rules put the event to; one that does not let it pass by itself first.
    /// Rules that name one role ask it once, for the most that any of them asks.
    pub(crate) fn asked(&self) -> Vec<AskedOf<'a>> {
        let mut asked: Vec<AskedOf<'a>> = Vec::new();
        for reason in self.fired() {
            let Effect::Escalate { role, quorum, expires } = &reason.rule.effect else { continue };
            match asked.iter_mut().find(|of| of.role == role) {
                Some(known) => {
                    known.quorum = known.quorum.max(*quorum);
                    known.expires = stricter(known.expires, *expires);
                }
                None => asked.push(AskedOf { role, quorum: *quorum, expires: *expires }),
            }
        }
        asked.sort_by_key(|of| matches!(of.expires, Some((_, OnExpiry::Allow))));
        asked
    }

    /// What the decision is about.
    pub fn receipt(&self) -> Receipt {
        let mut event = String::with_capacity(64);
        for byte in Sha256::digest(self.event) {
            // Writing to a `String` cannot fail.
            let _ = write!(event, "{byte:02x}");
        }
        let policy = self.session.shared.digest.clone();
        Receipt { event, policy, sequence: self.sequence }
    }

    /// What it is about.
    pub fn about(&self) -> About<'a> {
        let session = self.session;
        let tool = self.target.and_then(|target| at(&self.plan().tools, target.tool?.0));
        About {
            session: session.id(),
            agent: session.shared.agent(session.agent).map_or("", |agent| agent.name.as_str()),
            kind: self.target.map(|target| target.kind),
            tool: tool.map(|tool| tool.name.as_str()),
            failed: session.past.failed(),
            now_ms: session.now,
        }
    }

    /// What is to be passed on in place of the event's text, or of a call's arguments as JSON; nothing
    /// where it passes as it is, or does not pass.
    pub fn redacted(&self) -> Option<&'a str> {
        Some(self.replaced()?.text.as_str())
    }

    fn replaced(&self) -> Option<&'a Redacted> {
        let is_let_through = self.verdict < Verdict::Deny;
        self.session.replaced.as_ref().filter(|_| is_let_through)?.redacted.as_ref()
    }

    fn redactions(&self) -> Vec<RedactionReport> {
        let all = self.replaced().into_iter().flat_map(|redacted| &redacted.redactions);
        all.map(|of| RedactionReport {
            at: of.at.clone(),
            start: of.start,
            end: of.end,
            kind: at(&self.plan().detectors, of.detector).map_or("", |d| &d.name).to_owned(),
            replacement: of.replacement.clone(),
        })
        .collect()
    }

    /// Whether a text must not be written anywhere: it holds a confidential value or what was replaced, or
    /// that can no longer be told.
    pub fn conceals(&self, text: &str) -> bool {
        let is_replaced = self.session.replaced.as_ref().is_some_and(|of| of.conceals(text));
        is_replaced || self.session.past.origins.conceals(text)
    }

    /// Everything, to be written as JSON.
    pub fn report(&self) -> DecisionReport {
        let recording = self.recording();
        let mut reasons: Vec<ReasonReport> =
            self.unpermitted().map(unpermitted_report).into_iter().collect();
        for reason in self.reasons() {
            let of_entry = recording.as_ref().and_then(|recording| {
                Some(recording.clauses_of(recording.entry.rules.get(reason.index)?))
            });
            reasons.push(reason.report(of_entry.unwrap_or_default()));
        }
        DecisionReport {
            decision: self.verdict,
            reasons,
            faults: self.faults().to_vec(),
            respond: self.respond().map(str::to_owned),
            redactions: self.redactions(),
            approval: self.approval().map(Approval::report),
            limits: self.limits(),
            obligations: self.obligations(),
            shadow: self.shadow(recording.as_ref()),
            receipt: self.receipt(),
        }
    }

    /// [`Decision::report`] on one line.
    pub fn to_json(&self) -> String {
        // Texts, numbers and lists of them: writing them cannot fail.
        serde_json::to_string(&self.report()).unwrap_or_default()
    }

    /// The name of the tool, where the event is a call that no rule permits and none refuses.
    pub(crate) fn unpermitted(&self) -> Option<&'a str> {
        let target = self.target.filter(|target| target.is_call())?;
        let tool = at(&self.plan().tools, target.tool?.0)?;
        let mut fired = self.fired().into_iter().map(|reason| reason.verdict());
        let is_decided = fired.any(|v| v >= Verdict::Deny) || self.is_permitted();
        (!is_decided).then_some(&tool.name)
    }

    /// Whether some rule permits the event.
    fn is_permitted(&self) -> bool {
        self.fired().iter().any(|reason| reason.rule.effect == Effect::Allow)
    }

    pub(crate) fn recording(&self) -> Option<Recording<'a>> {
        let (id, _) = self.entry()?;
        let (agent, frames) = (self.session.agent, self.session.frames());
        // What was too much for the decision is not done for its explanation.
        if self.session.shared.is_too_much(agent, id, &frames) {
            return None;
        }
        let missing = self.session.past.memories.missing();
        Recording::of(self.plan(), agent, id, frames, missing)
    }

    pub(crate) fn plan(&self) -> &'a Plan {
        &self.session.shared.plan
    }

    pub(crate) fn entry(&self) -> Option<(EntryId, &'a Entry)> {
        let id = self.target?.entry?;
        let agent = self.session.shared.agent(self.session.agent)?;
        Some((id, at(&agent.entries, id.0)?))
    }

    /// All rules that fired, sorted by where they stand.
    fn fired(&self) -> Vec<Reason<'a>> {
        let (outcome, plan) = (&self.session.outcome, self.plan());
        let Some((_, entry)) = self.entry() else { return Vec::new() };
        let replaced = self.session.replaced.as_ref();
        let refused = self.session.counting.refused.and_then(|rule| usize::try_from(rule).ok());
        let mut fired: Vec<Reason<'a>> = entry
            .rules
            .iter()
            .enumerate()
            .filter(|(index, _)| Outcome::is_set(&outcome.rules_fired, *index))
            .filter_map(|(index, rule)| {
                let is_unknown = Outcome::is_set(&outcome.rules_unknown, index);
                let rule = at(&plan.rules, rule.rule.0)?;
                let counts = match rule.effect {
                    // A limit is a reason where it is used up, a redaction where it found something.
                    Effect::Limit => refused == Some(index),
                    Effect::Redact => replaced.is_some_and(|of| of.rules.contains(&index)),
                    _ => true,
                };
                counts.then_some(Reason { rule, index, is_unknown })
            })
            .collect();
        fired.sort_by(|a, b| a.rule.place.cmp(&b.rule.place));
        fired
    }

    /// Which of the entry's rules fired; of limits those that refused the event.
    pub(crate) fn fired_rules(&self) -> Vec<usize> {
        self.fired().into_iter().map(|reason| reason.index).collect()
    }

    fn limits(&self) -> Vec<LimitReport> {
        let shared = &self.session.shared;
        let Some(agent) = shared.agent(self.session.agent) else { return Vec::new() };
        let left = self.session.counting.left(agent);
        left.map(|(limit, remaining, resets_in_ms)| LimitReport {
            limit: limit.to_owned(),
            remaining,
            resets_in_ms,
        })
        .collect()
    }

    fn obligations(&self) -> Vec<ObligationReport> {
        if self.verdict >= Verdict::Deny {
            return Vec::new();
        }
        let sampled = |share: u32| {
            let mut key = self.session.id().as_bytes().to_vec();
            key.extend_from_slice(&self.sequence.to_le_bytes());
            share_of(&key) < share
        };
        let fired = self.fired();
        let duties = fired.iter().filter_map(|reason| match &reason.rule.effect {
            Effect::Credential { name, for_ms } => {
                Some(ObligationReport::Credential { name: name.clone(), for_ms: *for_ms })
            }
            Effect::Review { share } if sampled(*share) => {
                Some(ObligationReport::Review { rule: reason.rule.title.clone() })
            }
            _ => None,
        });
        duties.collect()
    }

    /// What rules on trial would have done.
    fn shadow(&self, recording: Option<&Recording<'_>>) -> Vec<ReasonReport> {
        let fired = self.fired();
        let shadows = fired.into_iter().filter_map(|reason| {
            let Effect::Shadow(of) = &reason.rule.effect else { return None };
            let clauses = recording.and_then(|recording| {
                Some(recording.clauses_of(recording.entry.rules.get(reason.index)?))
            });
            Some(ReasonReport {
                effect: of.verdict(),
                ..reason.report(clauses.unwrap_or_default())
            })
        });
        shadows.collect()
    }

    fn said(&self, what: impl Fn(&'a Rule) -> Option<&'a str>) -> Option<&'a str> {
        let mut reasons: Vec<Reason<'a>> = self.reasons().collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.verdict()));
        reasons.into_iter().find_map(|reason| what(reason.rule))
    }
}

impl<'a> Reason<'a> {
    /// The rule's first line without its condition.
    pub fn title(&self) -> &'a str {
        &self.rule.title
    }

    /// The file, relative to the package.
    pub fn module(&self) -> &'a str {
        &self.rule.place.module
    }

    /// The line, counted from 1.
    pub fn line(&self) -> u32 {
        self.rule.place.line
    }

    /// The verdict it brings.
    pub fn verdict(&self) -> Verdict {
        match self.rule.effect {
            Effect::Limit => Verdict::Deny,
            Effect::Redact => Verdict::Redact,
            _ => self.rule.effect.verdict(),
        }
    }

    /// For the log and the operator.
    pub fn because(&self) -> Option<&'a str> {
        self.rule.because.as_deref()
    }

    /// For the agent or the user.
    pub fn respond(&self) -> Option<&'a str> {
        self.rule.respond.as_deref()
    }

    /// Whether its condition was unknown rather than true.
    pub fn is_unknown(&self) -> bool {
        self.is_unknown
    }

    fn report(self, clauses: Vec<crate::ClauseReport>) -> ReasonReport {
        ReasonReport {
            rule: self.rule.title.clone(),
            module: self.rule.place.module.clone(),
            line: self.rule.place.line,
            effect: self.verdict(),
            because: self.rule.because.clone(),
            clauses,
            unknown: self.is_unknown,
        }
    }
}

/// Of two expiries the one that lets less pass: none that allows, then the shorter.
fn stricter(
    one: Option<(i64, OnExpiry)>,
    other: Option<(i64, OnExpiry)>,
) -> Option<(i64, OnExpiry)> {
    let allows = |expires: &Option<(i64, OnExpiry)>| matches!(expires, Some((_, OnExpiry::Allow)));
    match (allows(&one), allows(&other)) {
        (true, false) => other,
        (false, true) => one,
        _ => match (one, other) {
            (Some(a), Some(b)) => Some(if b.0 < a.0 { b } else { a }),
            (one, other) => one.or(other),
        },
    }
}

impl Approval<'_> {
    /// The role of the session's own user, in `confirmed by user`.
    pub const USER: &'static str = "user";

    fn report(self) -> ApprovalReport {
        ApprovalReport {
            role: self.role.to_owned(),
            quorum: self.quorum,
            ticket: self.ticket.map(str::to_owned),
            expires_ms: self.expires.map(|(milliseconds, _)| milliseconds),
            on_expiry: self.expires.map(|(_, on_expiry)| on_expiry.into()),
        }
    }
}

fn unpermitted_report(tool: &str) -> ReasonReport {
    ReasonReport {
        rule: format!("no scope permits `{tool}`"),
        module: String::new(),
        line: 0,
        effect: Verdict::Deny,
        because: None,
        clauses: Vec::new(),
        unknown: false,
    }
}
