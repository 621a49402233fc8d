//! Memories, limits and questions: that every answer fits its slot, every key its memory, and what
//! is kept is bounded.

use super::{Check, find, require};
use crate::limits::{KEY_PARTS_MAX, MEMORIES_MAX, MEMORY_COUNT_MAX, SERVICE_MS_MAX};
use crate::{
    Action, AfterOpen, Agent, Ask, Breaker, Effect, Entry, EventTarget, Layout, Limit, Load,
    Memory, Plan, Question, Region, Slot, SlotType, Sources, Stage, Wrongs,
};

pub(super) fn agent(plan: &Plan, agent: &Agent) -> Check {
    require(agent.memories.len() <= MEMORIES_MAX, "it has too many memories")?;
    require(agent.limits.len() <= MEMORIES_MAX, "it has too many limits")?;
    agent.memories.iter().try_for_each(memory)?;
    agent.limits.iter().try_for_each(limit)?;
    require(agent.breakers.len() <= MEMORIES_MAX, "it has too many breakers")?;
    agent.breakers.iter().try_for_each(breaker)?;
    let provenance = &agent.provenance;
    require(provenance.names.len() <= Sources::MAX, "it tells too many sources apart")?;
    let tools = provenance.results.iter().map(|result| result.tool);
    require(super::is_increasing(tools), "the sources of its results are not sorted by tool")?;
    provenance.results.iter().try_for_each(|result| {
        find(&plan.tools, result.tool.0, "a source is a tool that there is not").map(|_| ())
    })
}

fn memory(memory: &Memory) -> Check {
    let keys = usize::try_from(memory.keys).unwrap_or(usize::MAX);
    require(keys <= KEY_PARTS_MAX, "a memory's key is too long")?;
    require(memory.fields.len() <= KEY_PARTS_MAX, "a memory has too many fields")?;
    require(
        memory.fields.iter().all(|ty| is_scalar(*ty)),
        "a memory keeps what is no single value",
    )?;
    require(memory.window_ms.is_none_or(|window| window > 0), "a memory looks back over no time")?;
    require(memory.most <= MEMORY_COUNT_MAX, "a memory counts too far")
}

fn limit(limit: &Limit) -> Check {
    require(limit.most > 0, "a limit permits nothing")?;
    require(limit.window_ms.is_none_or(|window| window > 0), "a limit is over no time")?;
    require(limit.burst.is_none_or(|burst| burst > 0), "a limit has no burst")
}

fn breaker(breaker: &Breaker) -> Check {
    require(breaker.share < 10_000, "a breaker never opens")?;
    require(breaker.at_least > 0, "a breaker opens before anything went wrong")?;
    require(breaker.at_least <= MEMORY_COUNT_MAX, "a breaker counts too far")?;
    require(breaker.over_ms > 0 && breaker.open_ms > 0, "a breaker is over no time")
}

pub(super) fn entry(plan: &Plan, agent: &Agent, entry: &Entry, layout: &Layout) -> Check {
    let entry = Of { plan, agent, entry, layout };
    entry.asks()?;
    entry.updates()?;
    entry.limits()?;
    entry.breakers()?;
    entry.redactions()
}

struct Of<'p> {
    plan: &'p Plan,
    agent: &'p Agent,
    entry: &'p Entry,
    layout: &'p Layout,
}

impl<'p> Of<'p> {
    fn asks(&self) -> Check {
        require(self.entry.asks.len() <= MEMORIES_MAX, "it asks too many questions")?;
        let mut places: Vec<(Option<u32>, u32)> = Vec::with_capacity(self.entry.asks.len());
        for ask in &self.entry.asks {
            self.ask(ask)?;
            places.push((ask.row, ask.slot));
        }
        places.sort_unstable();
        require(super::is_increasing(places.into_iter()), "two answers go into one slot")
    }

    fn ask(&self, ask: &Ask) -> Check {
        let is_answer = self.layout.answers.contains(&(ask.row, ask.slot));
        require(is_answer, "an answer goes into a slot that is not for answers")?;
        let slot = self.slot(ask.row, ask.slot)?;
        let ty = ask.question.slot_type(&self.agent.memories);
        require(ty == Some(slot.ty), "an answer does not fit its slot")?;
        require(
            ask.row.is_none() || ask.question.has_subject(),
            "a question that is not about elements is asked of one",
        )?;
        match &ask.question {
            Question::Origin { subject, sources, .. } => {
                let slot = self.slot(ask.row, *subject)?;
                let has_origin =
                    matches!(slot.ty, SlotType::Text | SlotType::Int | SlotType::Float);
                require(has_origin, "the origin of what has none is asked")?;
                self.sources(*sources)
            }
            Question::Grounded { subject, sources } | Question::Support { subject, sources } => {
                let is_text = self.slot(ask.row, *subject)?.ty == SlotType::Text;
                require(is_text, "what is no text claims nothing")?;
                let keeps = self.agent.provenance.has_facts;
                require(keeps, "claims are looked for where nothing is kept")?;
                self.sources(*sources)
            }
            Question::Carries { subject } => {
                let is_text = self.slot(ask.row, *subject)?.ty == SlotType::Text;
                require(is_text, "what is no text carries nothing")
            }
            Question::Finds { subject, detector } => {
                find(&self.plan.detectors, *detector, "there is no such detector")?;
                match subject {
                    Some(subject) => {
                        let is_text = self.slot(ask.row, *subject)?.ty == SlotType::Text;
                        require(is_text, "a detector looks at what is no text")
                    }
                    None => {
                        let is_call = matches!(self.entry.target, EventTarget::Call(_));
                        require(is_call, "what has no arguments is searched for them")
                    }
                }
            }
            Question::Consult { subject, service } => {
                let service = find(&self.plan.services, *service, "there is no such service")?;
                let is_bounded = (1..=SERVICE_MS_MAX).contains(&service.timeout_ms);
                require(is_bounded, "a service is waited for without an end")?;
                let is_text = self.slot(ask.row, *subject)?.ty == SlotType::Text;
                require(is_text, "what is no text is sent to a service")
            }
            Question::Score { subject, model } => {
                find(&self.plan.models, *model, "there is no such model")?;
                let is_text = self.slot(ask.row, *subject)?.ty == SlotType::Text;
                require(is_text, "what is no text is scored")
            }
            Question::Noted { memory, key } => self.memory(*memory, key).map(|_| ()),
            Question::Count { memory, key } => {
                let counts = self.memory(*memory, key)?.most > 0;
                require(counts, "a memory that does not count is asked how often")
            }
            Question::Last { memory, key, field } => {
                let memory = self.memory(*memory, key)?;
                find(&memory.fields, *field, "a memory has no such field").map(|_| ())
            }
            Question::Novel { key } => {
                require(!key.is_empty(), "nothing is asked to be new")?;
                self.loads(key)
            }
            Question::Share { key, share } => {
                require(*share <= 10_000, "a share is more than the whole")?;
                self.loads(key)
            }
            Question::Breaker { breaker, stage } => {
                let why = "it asks a breaker that there is not";
                let breaker = find(&self.agent.breakers, *breaker, why)?;
                let has_stage = *stage == Stage::Open || breaker.then == AfterOpen::Trial;
                require(has_stage, "a breaker is asked for a trial that it does not have")
            }
            Question::Confirmed => {
                let is_call = matches!(self.entry.target, EventTarget::Call(_));
                require(is_call, "only calls are confirmed")
            }
        }
    }

    fn sources(&self, sources: Sources) -> Check {
        let known = self.agent.provenance.names.len();
        let bits = u64::BITS - sources.0.leading_zeros();
        let is_known = usize::try_from(bits).is_ok_and(|bits| bits <= known);
        require(is_known && !sources.is_empty(), "a source that there is not is asked about")
    }

    fn memory(
        &self,
        memory: u32,
        key: &[Load],
    ) -> Result<&'p Memory, std::borrow::Cow<'static, str>> {
        let memory = find(&self.agent.memories, memory, "it asks a memory that there is not")?;
        let is_whole = u32::try_from(key.len()).is_ok_and(|parts| parts == memory.keys);
        require(is_whole, "a key does not fit its memory")?;
        self.loads(key)?;
        Ok(memory)
    }

    fn updates(&self) -> Check {
        for update in &self.entry.updates {
            self.of_rule(update.rule, &Effect::Note)?;
            let memory = find(&self.agent.memories, update.memory, "it notes in no memory")?;
            let (fields, on_success) = match &update.action {
                Action::Clear => continue,
                Action::Finish { fields } => {
                    let is_result = matches!(self.entry.target, EventTarget::Result(_));
                    require(is_result, "only results finish a call")?;
                    (fields, false)
                }
                Action::Note { key, fields, on_success } => {
                    self.memory(update.memory, key)?;
                    (fields, *on_success)
                }
            };
            if on_success && fields.is_empty() {
                let is_call = matches!(self.entry.target, EventTarget::Call(_));
                require(is_call, "only calls succeed")?;
                continue;
            }
            self.loads(fields)?;
            require(fields.len() == memory.fields.len(), "what is noted does not fit its memory")?;
            for (load, ty) in fields.iter().zip(&memory.fields) {
                require(self.load(*load)?.ty == *ty, "what is noted does not fit its memory")?;
            }
            let is_call = matches!(self.entry.target, EventTarget::Call(_));
            require(is_call || !on_success, "only calls succeed")?;
        }
        Ok(())
    }

    fn limits(&self) -> Check {
        for used in &self.entry.limits {
            self.of_rule(used.rule, &Effect::Limit)?;
            find(&self.agent.limits, used.limit, "it counts against no limit")?;
            require(used.key.len() <= KEY_PARTS_MAX, "a limit's key is too long")?;
            self.loads(&used.key)?;
            if let Some(amount) = used.amount {
                let ty = self.load(amount)?.ty;
                let is_number = matches!(ty, SlotType::Int | SlotType::Float);
                require(is_number, "what is no number is added up")?;
            }
        }
        // A limit that no store is asked about would never refuse.
        for (index, rule) in self.entry.rules.iter().enumerate() {
            let effect = find(&self.plan.rules, rule.rule.0, "it names a rule that there is not")?;
            let is_used = || {
                self.entry.limits.iter().any(|l| usize::try_from(l.rule).is_ok_and(|l| l == index))
            };
            require(effect.effect != Effect::Limit || is_used(), "a limit counts nothing")?;
        }
        Ok(())
    }

    fn breakers(&self) -> Check {
        self.entry.breakers.iter().try_for_each(|used| {
            self.of_rule(used.rule, &Effect::Note)?;
            let breaker = find(&self.agent.breakers, used.breaker, "it counts for no breaker")?;
            let is_result = matches!(self.entry.target, EventTarget::Result(_));
            let is_counted = is_result || breaker.counts == Wrongs::Denials;
            require(is_counted, "only results fail")
        })
    }

    fn redactions(&self) -> Check {
        for used in &self.entry.redactions {
            self.of_rule(used.rule, &Effect::Redact)?;
            require(!used.detectors.is_empty(), "a redaction looks for nothing")?;
            let detectors = used.detectors.iter().copied();
            require(super::is_increasing(detectors), "its detectors are not sorted")?;
            for detector in &used.detectors {
                find(&self.plan.detectors, *detector, "there is no such detector")?;
            }
        }
        let uses = |index: usize| {
            let rule = u32::try_from(index).ok();
            self.entry.redactions.iter().filter(|used| Some(used.rule) == rule).count()
        };
        // A redaction that nobody does would let everything pass.
        for (index, rule) in self.entry.rules.iter().enumerate() {
            let rule = find(&self.plan.rules, rule.rule.0, "it names a rule that there is not")?;
            let is_one = rule.effect == Effect::Redact;
            require(!is_one || uses(index) == 1, "a redaction replaces nothing")?;
        }
        Ok(())
    }

    fn of_rule(&self, rule: u32, effect: &Effect) -> Check {
        let rule = find(&self.entry.rules, rule, "it names no rule of the entry")?;
        let rule = find(&self.plan.rules, rule.rule.0, "it names a rule that there is not")?;
        require(rule.effect == *effect, "a rule has another effect")
    }

    fn loads(&self, loads: &[Load]) -> Check {
        require(loads.len() <= KEY_PARTS_MAX, "a key is too long")?;
        loads.iter().try_for_each(|load| {
            require(is_scalar(self.load(*load)?.ty), "a key is no single value")
        })
    }

    fn load(&self, load: Load) -> Result<&'p Slot, std::borrow::Cow<'static, str>> {
        let slots = match load.region {
            Region::Event => &self.layout.slots,
            Region::Principal => &self.agent.parameters.slots,
            Region::Data | Region::Row(_) => return Err("a key is neither said nor given".into()),
        };
        find(slots, load.slot, "a key names a slot that there is not")
    }

    fn slot(
        &self,
        row: Option<u32>,
        slot: u32,
    ) -> Result<&'p Slot, std::borrow::Cow<'static, str>> {
        let slots = match row {
            None => &self.layout.slots,
            Some(row) => find(&self.layout.rows, row, "an answer is for a row that there is not")?,
        };
        find(slots, slot, "it names a slot that there is not")
    }
}

fn is_scalar(ty: SlotType) -> bool {
    matches!(ty, SlotType::Bool | SlotType::Int | SlotType::Float | SlotType::Text)
}
