//! Row 6: what an event costs in a session of ten events, of a thousand and of a million, with origin,
//! temporal, mark and limit rules.
//!
//! An event changes the session that it is timed on. So events are timed in groups of ten, and the clock
//! is looked at around each group, whatever the length; what looking costs falls on all alike. A session
//! is used until it is a tenth longer than it says (that of ten, for one group: it is one of 15 on
//! average while it is timed). Then it begins anew, untimed: it is set back to its beginning (`restore`)
//! and decides as many events as it says, so that its buffers are as warm as those of the others. The
//! session of a million is not begun anew. Limits are kept by the engine's store and not by the session:
//! each new session begins two hours after the one before, when they are free again.
//!
//! The session of 5,000 is there because it is dearer than both: the index of its texts is large and
//! still takes new ones, whereas that of a million is full and only looks them up.

use crate::bench::{Effort, Goal, Table, Unit, cpu_time};
use crate::guard::engine_of;
use crate::random::Random;
use guard_engine::{Engine, Session};
use guard_origin::{Bounds, OriginIndex};
use guard_plan::Verdict;

const POLICY: &str = include_str!("../../policies/session.guard");
const PRINCIPAL: &[u8] = br#"{"user":{"id":"u-17"}}"#;

/// Events of a group: one customer's affair.
const GROUP: usize = 10;

/// A session of so many events is not begun anew.
const ENDLESS: usize = 1_000_000;

/// Customers come back. Each has an address that they give and an order.
const CUSTOMERS: usize = 200;

const WORDS: [&str; 16] = [
    "invoice",
    "parcel",
    "yesterday",
    "the",
    "with",
    "broken",
    "address",
    "please",
    "our",
    "team",
    "tomorrow",
    "customer",
    "colour",
    "wrong",
    "size",
    "thanks",
];

/// Prints the table, and gives the goals and what came of them.
pub fn run(effort: Effort) -> Vec<String> {
    let mut desks = [10, 1_000, 5_000, 1_000_000].map(Desk::new);
    println!(
        "\nAn index of a session's texts takes at most {} bytes of memory.\n",
        OriginIndex::bytes_max(Bounds::USUAL),
    );
    for desk in &desks {
        let (events, saved) = (desk.session.events(), desk.session.to_bytes().len());
        println!("- After {events} events the session is saved as {saved} bytes.");
    }
    let title = "Row 6: an event, with origin, temporal, mark and limit rules";
    let mut table = Table::new(title, Unit::Nanoseconds);
    for desk in &mut desks {
        table.add_timed(format!("in a session of {}", desk.length), |n| desk.time(n));
    }
    let measured = table.run(effort);
    println!();
    for desk in &desks {
        let share = 100.0 * desk.passed as f64 / desk.timed as f64;
        println!("- After {} events {share:.1} % of the timed events pass.", desk.length);
    }
    let goal = |(what, ours)| Goal { row: 6, what, ours, theirs: "in a session of 10", goal: 1.1 };
    let goals = [
        ("an event in a session of 1000 against one of 10", "in a session of 1000"),
        ("an event in a session of 1000000 against one of 10", "in a session of 1000000"),
    ];
    goals.map(|pair| measured.against(&goal(pair))).to_vec()
}

/// A session of some length and the events that come next.
struct Desk {
    length: usize,
    session: Session,
    beginning: Vec<u8>,
    source: Source,
    group: Vec<String>,
    timed: usize,
    passed: usize,
}

impl Desk {
    fn new(length: usize) -> Self {
        let engine: Engine = engine_of(POLICY);
        let session = engine.session("desk", "session-1", PRINCIPAL).expect("it begins");
        let (beginning, source) = (session.to_bytes(), Source::new());
        let (group, timed, passed) = (Vec::new(), 0, 0);
        let mut desk = Self { length, session, beginning, source, group, timed, passed };
        desk.decide_history();
        desk
    }

    fn decide_history(&mut self) {
        for _ in 0..self.length / GROUP {
            self.source.write_group(&mut self.group);
            for event in &self.group {
                self.session.decide(event.as_bytes());
            }
        }
    }

    /// Times `events` events, rounded to groups.
    fn time(&mut self, events: usize) -> u64 {
        let longest = (self.length + self.length.div_ceil(10).max(GROUP)) as u64;
        let groups = events.div_ceil(GROUP);
        let mut spent = 0;
        for _ in 0..groups {
            if self.length < ENDLESS && self.session.events() >= longest {
                self.begin_anew();
            }
            self.source.write_group(&mut self.group);
            let Self { group, session, .. } = self;
            let start = cpu_time();
            let passes =
                |event: &&String| session.decide(event.as_bytes()).verdict() == Verdict::Allow;
            let passed = group.iter().filter(passes).count();
            spent += cpu_time() - start;
            self.passed += passed;
            self.timed += GROUP;
        }
        spent * events as u64 / (groups * GROUP) as u64
    }

    fn begin_anew(&mut self) {
        self.source.at += 2 * 3_600_000;
        self.session.restore(&self.beginning).expect("these are its bytes");
        self.decide_history();
    }
}

/// Writes events. Times go on, no id comes twice, and no text is said twice.
struct Source {
    random: Random,
    at: i64,
    next: usize,
    /// The number of the last call.
    call: usize,
}

impl Source {
    fn new() -> Self {
        Self { random: Random(6), at: 1_780_000_000_000, next: 0, call: 0 }
    }

    /// A customer asks for a refund, the order is looked up and refunded, the owner gets a mail; before
    /// it another order is looked up or, in one group of four, a stranger's mail is read.
    fn write_group(&mut self, group: &mut Vec<String>) {
        group.clear();
        let customer = self.random.below(CUSTOMERS);
        let address = address_of(customer);
        let order = if self.random.below(16) == 0 { self.new_order() } else { order_of(customer) };
        let amount = self.random.below(20_000);
        let amount = format!("{}.{:02}", amount / 100, amount % 100);

        let text = format!("Refund {amount} for {order} to {address}, {}", self.prose(12));
        group.push(self.said("input", &text));
        if self.random.below(4) == 0 {
            self.next += 1;
            let (sender, body) = (self.next, self.prose(16));
            let text = format!(r"- sender: p{sender}@else.example\n  body: {body}");
            group.push(self.called("read_mail", r#""folder":"in""#));
            group.push(self.returned("read_mail", &text));
        } else {
            let other = self.random.below(CUSTOMERS);
            self.look_up(&order_of(other), &address_of(other), group);
        }
        self.look_up(&order, &address, group);
        let arguments =
            format!(r#""order_id":"{order}","amount":{amount},"recipient":"{address}""#);
        group.push(self.called("refund", &arguments));
        let text = format!("done: r-{}", self.call);
        group.push(self.returned("refund", &text));
        let arguments = format!(r#""to":"{address}","body":"{}""#, self.prose(12));
        group.push(self.called("send_mail", &arguments));
        group.push(self.returned("send_mail", "sent"));
        let text = self.prose(12);
        group.push(self.said("output", &text));
        assert_eq!(group.len(), GROUP);
    }

    /// A call of `get_order` and its result, JSON in a text.
    fn look_up(&mut self, order: &str, owner: &str, group: &mut Vec<String>) {
        let status = if self.random.below(8) == 0 { "pending" } else { "delivered" };
        let note = self.prose(10);
        let text =
            format!(r#"{{\"status\":\"{status}\",\"owner\":\"{owner}\",\"note\":\"{note}\"}}"#);
        group.push(self.called("get_order", &format!(r#""order_id":"{order}""#)));
        group.push(self.returned("get_order", &text));
    }

    fn new_order(&mut self) -> String {
        self.next += 1;
        format!("V{:08}", self.next)
    }

    /// Some words, among them two that nobody said before.
    fn prose(&mut self, words: usize) -> String {
        let mut text = String::new();
        for word in 0..words {
            if word % 8 == 3 {
                self.next += 1;
                text += &format!("n{:x} ", self.next.wrapping_mul(0x9E37_79B1));
            } else {
                text += self.random.pick(&WORDS);
                text.push(' ');
            }
        }
        text
    }

    fn said(&mut self, kind: &str, text: &str) -> String {
        let at = self.later();
        format!(r#"{{"type":"{kind}","text":"{text}","at":{at}}}"#)
    }

    fn called(&mut self, tool: &str, args: &str) -> String {
        self.call += 1;
        let (at, id) = (self.later(), self.call);
        format!(r#"{{"type":"tool_call","id":"{id}","tool":"{tool}","args":{{{args}}},"at":{at}}}"#)
    }

    /// The result of the last call.
    fn returned(&mut self, tool: &str, text: &str) -> String {
        let (at, id) = (self.later(), self.call);
        format!(r#"{{"type":"tool_result","id":"{id}","tool":"{tool}","text":"{text}","at":{at}}}"#)
    }

    fn later(&mut self) -> i64 {
        self.at += 10_000 + self.random.below(20_000) as i64;
        self.at
    }
}

fn address_of(customer: usize) -> String {
    format!("c{customer}@shop.example")
}

fn order_of(customer: usize) -> String {
    format!("W{customer:05}")
}
