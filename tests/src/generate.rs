//! Random policies that check, and random events for them, some of which do not fit.
//!
//! A policy is made of source text, so that a failing case can be read and pasted. Every form of
//! condition the language gives a meaning to can come up, and every way in which an argument can be
//! wrong.

use crate::engines::try_plan;
use crate::random::Random;
use guard_plan::Plan;
use std::fmt::Write as _;
use std::sync::Arc;

/// What every generated policy begins with.
pub const DECLARATIONS: &str = r#"guard 1

type Item = { name: string, size: int, mail: email?, tags: [string] }

tool full(
  a: int, b: int?, f: float, g: float?, s: string, o: string?, m: email, u: url?, p: path, h: host?,
  flag: bool, maybe: bool?, kind: "red" | "green" | "blue", items: [Item], words: [string]?, nums: [int],
  line: command?, lines: [command], query: sql
) { external }
tool ns.part(a: int, s: string, f: float, flag: bool, m: email) { writes things }
tool ns.tiny(s: string, a: int) { untrusted }

data allowed: set[string]
data ceiling: int
data listed: [string]

detector digits = r"[0-9]{2,6}"
detector word = r"[a-c]+x?" where entropy(it) >= 0.5
detector flagged = r"\b[0-9]+\b" near "a", "alpha" within 12
detector attack = model "std/injection.model"

const LIMIT = 10
const NAMES = ["alpha", "beta", "gamma", "delta"]
fn small(n: int) -> bool = n < LIMIT and n > -LIMIT
fn at_home(x: email) -> bool = x.domain == "home.example"
"#;

/// The agent's parameters in every generated policy.
pub const PARAMETERS: &str =
    r#"user: { id: string, level: int, role: "lead" | "staff", quota: float? }"#;

/// A policy: the declarations above, and these rules in one agent.
#[derive(Debug, Clone)]
pub struct GeneratedPolicy {
    /// Each rule's source.
    pub rules: Vec<String>,
}

impl GeneratedPolicy {
    /// The whole file.
    pub fn source(&self) -> String {
        let mut source = format!("{DECLARATIONS}\nagent generated({PARAMETERS}) {{\n");
        for rule in &self.rules {
            writeln!(source, "  {rule}").unwrap();
        }
        source.push_str("}\n");
        source
    }
}

/// A policy of up to twelve rules.
pub fn policy(random: &mut Random) -> GeneratedPolicy {
    // A mark that is asked about or cleared must be set somewhere.
    let mut rules = vec![
        "scope { tool full when a != 77 tool ns.part, ns.tiny when a != 77 }".to_owned(),
        "mark marked on tool ns.tiny when a > 2".to_owned(),
    ];
    for _ in 0..=random.below(11) {
        rules.push(rule(random));
    }
    GeneratedPolicy { rules }
}

/// A policy that checks. A generated rule that says nothing (a condition that is always false, a
/// calculation that overflows, a word that is no host, a permission that a prohibition covers) is left out, as the compiler
/// says it must be.
///
/// # Panics
/// Where the compiler finds any other error: every generated rule is well typed.
pub fn checked_policy(random: &mut Random) -> (GeneratedPolicy, Arc<Plan>) {
    let mut policy = policy(random);
    loop {
        let source = policy.source();
        let errors = match try_plan(&source) {
            Ok(plan) => return (policy, plan),
            Err(errors) => errors,
        };
        for error in &errors {
            let vacuous = ["G0213", "G0215", "G0301", "G0302"].contains(&error.code);
            assert!(vacuous, "{error:?}\n{source}");
            let line = source.lines().nth(usize::try_from(error.line - 1).unwrap()).unwrap().trim();
            policy.rules.retain(|rule| rule != line);
        }
    }
}

/// What a condition can read.
#[derive(Clone, Copy, PartialEq)]
enum Scene {
    Full,
    Part,
    Tiny,
    Text,
}

fn rule(random: &mut Random) -> String {
    let (target, scene) = *random.pick(&[
        ("tool full", Scene::Full),
        ("tool full", Scene::Full),
        ("tool full", Scene::Full),
        ("tool ns.part", Scene::Part),
        ("tool ns.part, full", Scene::Part),
        ("tool ns.*", Scene::Tiny),
        ("any tool", Scene::Tiny),
        ("tool labelled external", Scene::Full),
        ("input", Scene::Text),
        ("output", Scene::Text),
        ("result of full", Scene::Text),
    ]);
    if random.one_in(4) {
        return remembering(random);
    }
    let writer = &mut Writer { random, scene, elements: 0 };
    let mut condition = writer.truth(3);
    let random = &mut *writer.random;
    if random.one_in(3) {
        let question = question(random, scene);
        condition = match random.below(3) {
            0 => question,
            1 => format!("({condition}) or {question}"),
            _ => format!("{question} and ({condition})"),
        };
    }
    let is_tool = !matches!(scene, Scene::Text);
    match random.below(if is_tool { 9 } else { 7 }) {
        0..=2 => format!("prohibit {target} when {condition} because \"b{}\"", random.below(9)),
        3 => {
            let other = Writer { random, scene, elements: 0 }.truth(2);
            format!("prohibit {target} when {condition} unless {other} respond \"no\"")
        }
        4 => format!("escalate {target} to \"lead\" when {condition} expires 15m then deny"),
        5 if random.one_in(4) => format!("halt session on {target} when {condition}"),
        5 => format!("escalate {target} to \"owner\" when {condition}"),
        6 if !is_tool || random.one_in(2) => redaction(random, target, &condition),
        _ => format!("scope {{ {target} when {condition} }}"),
    }
}

fn redaction(random: &mut Random, target: &str, condition: &str) -> String {
    let what = random.pick(&["digits", "word", "digits, word", "flagged"]);
    let with = random.pick(&["", " with \"<{kind}>\"", " with \"{mask 2}\"", " with \"12\""]);
    if random.one_in(2) {
        return format!("redact {what} in {target}{with}");
    }
    format!("redact {what} in {target}{with} when {condition}")
}

/// A question about the session, in brackets.
fn question(random: &mut Random, scene: Scene) -> String {
    let general = [
        "marked",
        "seen(ns.tiny when a > 3)",
        "seen(full when flag) since ns.tiny",
        "seen(result of full)",
        "succeeded(ns.part when flag)",
        "count(any tool, over: 10s) >= 4",
        "count(input) > 2",
        "last(ns.part).text contains \"a\"",
        "last(ns.tiny).a > 3",
    ];
    let of_text = [
        "text finds digits",
        "(text finds word or text finds flagged)",
        "attack.score(text) > 0.5",
        "grounded(text, in: results)",
        "support(text, in: session) < 0.7",
    ];
    let of_call = [
        "seen(ns.tiny when s == args.s)",
        "succeeded(full when a == args.a and flag)",
        "count(full when s == args.s, over: 10s) >= 2",
        "last(ns.part when s == args.s).a == a",
        "s from user",
        "s whole from result of full",
        "s from field \"name\" of ns.part",
        "a from untrusted",
        "s from nowhere",
        "novel(s, per: user.id)",
        "confirmed by user",
        "s finds digits",
        "s finds flagged",
        "args finds word",
        "attack.score(s) < 0.9",
        "grounded(s, in: user)",
    ];
    let of_full = [
        "items from user",
        "(any i in items: i.name finds word)",
        "(all i in items: not i.name finds digits)",
        "(any i in items: not grounded(i.name))",
        "(any i in items: i.name from result of ns.tiny)",
        "(all n in nums: n from user)",
        "m.domain from result of any tool",
    ];
    let question = match (scene, random.below(4)) {
        (Scene::Text, 2..) => *random.pick(&of_text),
        (Scene::Text, _) | (_, 0) => *random.pick(&general),
        (Scene::Full, 1) => *random.pick(&of_full),
        _ => *random.pick(&of_call),
    };
    if random.one_in(3) { format!("not {question}") } else { format!("({question})") }
}

/// A rule that changes what the session remembers, or counts.
fn remembering(random: &mut Random) -> String {
    let rules = [
        "mark marked on input when text contains \"a\"",
        "mark marked on tool full when a < 2",
        "clear marked on tool full when flag",
        "clear marked on output",
        "limit any tool to 6 per 10s",
        "limit tool full to 2 per 10s per s burst 1",
        "limit sum of a on tool ns.part to 9 per 10s per user.id",
        "limit tool ns.tiny to 2 at once",
        "review 50% of tool full",
        "use credential \"c\" for 5m on tool ns.part when flag",
        "shadow prohibit tool full when s from user",
        "rollout 50% by s prohibit tool ns.tiny when a > 1",
        "breaker b on tool full, ns.part opens when failures > 30% of at least 2 over 20s \
         closes after 5s then escalate",
        "breaker c on any tool opens when denials > 50% of at least 3 over 10s closes after 4s",
        "breaker d on output opens when denials > 5% of at least 2 over 10s closes after 9s then deny",
        "halt agent on tool ns.tiny when a > 20",
        "subject s on tool full",
        "subject s on tool ns.part when a > 1",
    ];
    (*random.pick(&rules)).to_owned()
}

struct Writer<'a> {
    random: &'a mut Random,
    scene: Scene,
    /// How many element variables `i0`, `i1`, … of type `Item` are in scope.
    elements: usize,
}

impl Writer<'_> {
    fn truth(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.leaf();
        }
        match self.random.below(12) {
            0 | 1 => self.joined(" and ", depth),
            2 | 3 => self.joined(" or ", depth),
            4 => format!("not ({})", self.truth(depth - 1)),
            5 => {
                let (c, a, b) =
                    (self.truth(depth - 1), self.truth(depth - 1), self.truth(depth - 1));
                format!("(if {c} then {a} else {b})")
            }
            6 if self.scene == Scene::Full => self.quantifier(depth),
            7 => format!("({}) == ({})", self.truth(depth - 1), self.truth(depth - 1)),
            _ => self.leaf(),
        }
    }

    fn joined(&mut self, word: &str, depth: usize) -> String {
        let count = 2 + self.random.below(2);
        let operands: Vec<String> =
            (0..count).map(|_| format!("({})", self.truth(depth - 1))).collect();
        operands.join(word)
    }

    fn quantifier(&mut self, depth: usize) -> String {
        let which = if self.random.one_in(2) { "all" } else { "any" };
        match self.random.below(5) {
            0 => format!("({which} w in (words otherwise []): {})", self.about_text("w")),
            1 => format!("({which} n in nums: n {} {})", self.comparison(), self.int(0)),
            2 => format!("({which} w in listed: {})", self.about_text("w")),
            _ if self.elements < 2 => {
                let name = format!("i{}", self.elements);
                self.elements += 1;
                let body = self.truth(depth - 1);
                self.elements -= 1;
                format!("({which} {name} in items: {body})")
            }
            _ => self.leaf(),
        }
    }

    fn leaf(&mut self) -> String {
        match self.random.below(10) {
            0 | 1 => format!("{} {} {}", self.int(2), self.comparison(), self.int(1)),
            2 => format!("{} {} {}", self.float(2), self.comparison(), self.float(1)),
            3 | 4 => {
                let text = self.text();
                self.about_text(&text)
            }
            5 => self.flag(),
            6 => self.special(),
            7 if self.elements > 0 => self.about_element(),
            7 => format!("{}.length {} {}", self.text(), self.comparison(), self.random.below(8)),
            8 => format!("user.role == \"{}\"", self.random.pick(&["lead", "staff"])),
            _ => format!("{} in allowed", self.text()),
        }
    }

    fn about_text(&mut self, text: &str) -> String {
        match self.random.below(9) {
            0 => format!("{text} == \"{}\"", self.word()),
            1 => format!("{text} != \"{}\"", self.word()),
            2 => format!("{text} starts with \"{}\"", self.word()),
            3 => format!("{text} ends with \"{}\"", self.word()),
            4 => format!("{text} contains \"{}\"", self.word()),
            5 => format!("{text} in NAMES"),
            6 => format!("{text} like \"*{}*\"", self.word()),
            7 => format!("{text} finds r\"(?i)[a-c]+{}\"", self.random.pick(&["", "[0-9]", "\\b"])),
            _ => format!("{text} matches r\"[a-z]*\""),
        }
    }

    fn about_element(&mut self) -> String {
        let item = format!("i{}", self.random.below(self.elements));
        match self.random.below(6) {
            0 => format!("{item}.size {} {}", self.comparison(), self.int(0)),
            1 => self.about_text(&format!("{item}.name")),
            2 => format!("{item}.name in {item}.tags"),
            3 => format!("has {item}.mail and {item}.mail.domain == \"home.example\""),
            4 => format!("{item}.tags.length > {}", self.random.below(3)),
            _ => format!("(any t in {item}.tags: t == {item}.name)"),
        }
    }

    fn special(&mut self) -> String {
        let choices: &[&str] = match self.scene {
            Scene::Full => &[
                "has b",
                "has u and u.is_private",
                "has u and has u.host and u.host == \"home.example\"",
                "has u and has u.port and u.port > 400",
                "p.within(\"/work\")",
                "has p.extension and p.extension == \"rs\"",
                "has h and h.is_private",
                "m.domain == \"home.example\"",
                "at_home(m)",
                "kind == \"red\"",
                "kind in [\"red\", \"blue\"]",
                "small(a)",
                "has o and (b otherwise 2) > 1",
                "words.length > 1",
                "items.length > 1",
                "(maybe otherwise flag)",
                "a < ceiling",
                "has user.quota and f < user.quota",
                "s == o",
                "\"rm\" in line.programs",
                "has line and (any x in line.commands: x finds r\"-f\")",
                "has line and line.is_opaque",
                "has line and line.programs.length > 1",
                "any l in lines: l.is_simple and (all p in l.programs: p in NAMES)",
                "any l in lines: any x in l.arguments: x finds digits",
                "query.writes or \"alpha\" in query.tables",
                "all k in query.statements: k == \"select\"",
            ],
            Scene::Part => &["m.local == \"ada\"", "at_home(m)", "small(a)", "a < ceiling"],
            Scene::Tiny => &[
                "small(a)",
                "s == user.id",
                "call.tool == \"full\"",
                "(call.confidence otherwise 0.5) > 0.4",
            ],
            Scene::Text => &["text.length > 3", "session.events > 0", "text == user.id"],
        };
        let choice = *self.random.pick(choices);
        match choice {
            "words.length > 1" => "has words and words.length > 1".to_owned(),
            "s == o" => "has o and s == o".to_owned(),
            "\"rm\" in line.programs" => "has line and \"rm\" in line.programs".to_owned(),
            _ => format!("({choice})"),
        }
    }

    fn flag(&mut self) -> String {
        match self.scene {
            Scene::Full | Scene::Part => "flag".to_owned(),
            _ => self.random.pick(&["true", "false", "user.level > 3"]).to_string(),
        }
    }

    fn int(&mut self, depth: usize) -> String {
        if depth > 0 && self.random.one_in(3) {
            let operation = self.random.pick(&["+", "-", "*", "/"]).to_string();
            return format!("({} {operation} {})", self.int(depth - 1), self.int(depth - 1));
        }
        if depth > 0 && self.random.one_in(6) {
            let condition = self.truth(0);
            return format!("(if {condition} then {} else {})", self.int(0), self.int(0));
        }
        let here: &[&str] = match self.scene {
            Scene::Full => &["a", "a", "(b otherwise -3)", "nums.length", "items.length"],
            Scene::Part | Scene::Tiny => &["a"],
            Scene::Text => &["session.events"],
        };
        match self.random.below(5) {
            0 => "user.level".to_owned(),
            1 => "LIMIT".to_owned(),
            2 => self
                .random
                .pick(&["0", "1", "-1", "7", "9223372036854775807", "(-9223372036854775807 - 1)"])
                .to_string(),
            _ => self.random.pick(here).to_string(),
        }
    }

    fn float(&mut self, depth: usize) -> String {
        if depth > 0 && self.random.one_in(3) {
            let operation = self.random.pick(&["+", "-", "*", "/"]).to_string();
            return format!("({} {operation} {})", self.float(depth - 1), self.float(depth - 1));
        }
        let here: &[&str] = match self.scene {
            Scene::Full => &["f", "f", "(g otherwise 1.5)"],
            Scene::Part => &["f"],
            _ => &["(user.quota otherwise 2.0)"],
        };
        match self.random.below(4) {
            0 => self.random.pick(&["0.0", "0.5", "-2.25", "1e300"]).to_string(),
            1 => "(user.quota otherwise 3.5)".to_owned(),
            _ => self.random.pick(here).to_string(),
        }
    }

    fn text(&mut self) -> String {
        let here: &[&str] = match self.scene {
            Scene::Full => &["s", "s", "(o otherwise \"none\")", "m.local", "m.domain"],
            Scene::Part => &["s", "m.local"],
            Scene::Tiny => &["s", "call.tool"],
            Scene::Text => &["text", "text", "session.id"],
        };
        if self.random.one_in(5) {
            "user.id".to_owned()
        } else {
            self.random.pick(here).to_string()
        }
    }

    fn comparison(&mut self) -> &'static str {
        self.random.pick::<&'static str>(&["==", "!=", "<", "<=", ">", ">="])
    }

    fn word(&mut self) -> &'static str {
        self.random.pick::<&'static str>(&WORDS)
    }
}

const WORDS: [&str; 12] =
    ["alpha", "beta", "a", "ab", "ada", "home", "u1", "abc1", "é", "alphabet soup", "delta", "x.y"];

/// The agent's principal for the generated policies.
pub fn principal(random: &mut Random) -> String {
    let quota = random.pick(&["null", "2.5", "-1", "1e10"]).to_string();
    let role = random.pick(&["lead", "staff"]).to_string();
    format!(
        r#"{{"user":{{"id":"{}","level":{},"role":"{role}","quota":{quota}}}}}"#,
        word(random),
        random.below(6)
    )
}

/// The host's facts for the generated policies; some are missing.
pub fn facts(random: &mut Random) -> String {
    let mut facts = Vec::new();
    if !random.one_in(4) {
        facts.push(format!(r#""allowed":["{}","{}"]"#, word(random), word(random)));
    }
    if !random.one_in(4) {
        facts.push(format!(r#""ceiling":{}"#, int(random)));
    }
    if !random.one_in(4) {
        facts.push(format!(r#""listed":{}"#, texts(random)));
    }
    format!("{{{}}}", facts.join(","))
}

/// An event for the generated policies, as bytes. About one in three does not fit.
pub fn event(random: &mut Random) -> Vec<u8> {
    let event = match random.below(8) {
        0 => format!(r#"{{"type":"input","role":"user","text":"{}"}}"#, word(random)),
        1 => format!(r#"{{"type":"output","text":"{}"}}"#, word(random)),
        2 => result(random),
        _ => call(random),
    };
    let mut bytes = event.into_bytes();
    if random.one_in(12) {
        damage(random, &mut bytes);
    }
    bytes
}

/// What a tool returned: a word, or words in fields.
fn result(random: &mut Random) -> String {
    let tool = *random.pick(&["full", "full", "ns.part", "ns.tiny"]);
    let (one, other) = (word(random), word(random));
    let text = match random.below(4) {
        0 => format!(r"name: {one}\nsize: {}", random.below(9)),
        1 => format!(r#"[{{\"name\":\"{one}\",\"tags\":[\"{other}\", {}]}}]"#, random.below(9)),
        _ => one.clone(),
    };
    let (failed, at) = (random.one_in(4), at(random));
    format!(
        r#"{{"type":"tool_result","id":"c","tool":"{tool}","text":"{text}","error":{failed}{at}}}"#
    )
}

/// When an event happens, where it says so; clocks run back now and then.
fn at(random: &mut Random) -> String {
    if random.one_in(2) {
        return String::new();
    }
    format!(r#","at":{}"#, 1_000_000 + 1_000 * random.below(60))
}

fn call(random: &mut Random) -> String {
    let (tool, names): (&str, &[&str]) = match random.below(8) {
        0 | 1 => ("ns.part", &["a", "s", "f", "flag", "m"]),
        2 => ("ns.tiny", &["s", "a"]),
        3 if random.one_in(6) => ("nobody", &["a"]),
        _ => (
            "full",
            &[
                "a", "b", "f", "g", "s", "o", "m", "u", "p", "h", "flag", "maybe", "kind", "items",
                "words", "nums", "line", "lines", "query",
            ],
        ),
    };
    let mut arguments: Vec<String> = Vec::new();
    for name in names {
        let optional = matches!(*name, "b" | "g" | "o" | "u" | "h" | "maybe" | "words" | "line");
        if random.one_in(if optional { 3 } else { 60 }) {
            continue;
        }
        let value = if random.one_in(40) { anything(random) } else { argument(random, name) };
        arguments.push(format!(r#""{name}":{value}"#));
    }
    if random.one_in(40) {
        arguments.push(r#""extra":{"x":[1,2]}"#.to_owned());
    }
    if random.one_in(60) {
        arguments.push(r#""a":1"#.to_owned());
    }
    random.shuffle(&mut arguments);
    let confidence = if random.one_in(4) { r#","confidence":0.3"# } else { "" };
    let confidence = format!("{confidence}{}", at(random));
    let arguments = arguments.join(",");
    if random.one_in(6) {
        return format!(
            r#"{{"args":{{{arguments}}},"type":"tool_call","tool":"{tool}","id":"c"{confidence}}}"#
        );
    }
    format!(r#"{{"type":"tool_call","id":"c","tool":"{tool}","args":{{{arguments}}}{confidence}}}"#)
}

fn argument(random: &mut Random, name: &str) -> String {
    match name {
        "a" | "b" => int(random),
        "f" | "g" => random.pick(&["0", "0.0", "-2.25", "1.5", "1e300", "7", "12.75"]).to_string(),
        "s" | "o" => format!("\"{}\"", word(random)),
        "m" => mail(random),
        "u" => random
            .pick(&[
                r#""https://home.example/a?b""#,
                r#""http://10.0.0.1:8080/""#,
                r#""http://HOME.example""#,
                r#""mailto:a@b.example""#,
                r#""https://u@home.example.evil.test""#,
            ])
            .to_string(),
        "p" => random
            .pick(&[
                r#""/work/a.rs""#,
                r#""/work/../etc""#,
                r#""work//x/""#,
                r#""/workshop""#,
                r#""/work""#,
            ])
            .to_string(),
        "h" => {
            random.pick(&[r#""localhost""#, r#""Home.example""#, r#""192.168.1.1""#]).to_string()
        }
        "flag" | "maybe" => random.pick(&["true", "false"]).to_string(),
        "kind" => random.pick(&[r#""red""#, r#""green""#, r#""blue""#]).to_string(),
        "items" => list(random, item),
        "words" => texts(random),
        "line" => line(random),
        "lines" => list(random, line),
        "query" => random
            .pick(&[
                r#""select * from alpha""#,
                r#""delete from beta; select 1""#,
                r#""drop it all""#,
                r#""select '""#,
            ])
            .to_string(),
        _ => list(random, int),
    }
}

fn line(random: &mut Random) -> String {
    random
        .pick(&[
            r#""rm -rf /""#,
            r#""alpha beta 42""#,
            r#""sudo env A=1 rm 'x y' | sh""#,
            r#""echo $(alpha) > gamma""#,
            r#""echo 'x""#,
            r#""""#,
        ])
        .to_string()
}

fn item(random: &mut Random) -> String {
    let mail =
        if random.one_in(2) { format!(r#","mail":{}"#, mail(random)) } else { String::new() };
    format!(
        r#"{{"name":"{}","size":{},"tags":{}{mail}}}"#,
        word(random),
        int(random),
        texts(random)
    )
}

fn list(random: &mut Random, element: fn(&mut Random) -> String) -> String {
    let elements: Vec<String> = (0..random.below(4)).map(|_| element(random)).collect();
    format!("[{}]", elements.join(","))
}

fn texts(random: &mut Random) -> String {
    list(random, |random| format!("\"{}\"", word(random)))
}

fn int(random: &mut Random) -> String {
    random
        .pick(&[
            "0",
            "1",
            "-1",
            "7",
            "10",
            "77",
            "9223372036854775807",
            "-9223372036854775808",
            "3",
        ])
        .to_string()
}

fn mail(random: &mut Random) -> String {
    random
        .pick(&[r#""ada@home.example""#, r#""eve@HOME.example""#, r#""bob@else.test""#])
        .to_string()
}

fn word(random: &mut Random) -> String {
    let word = *random.pick::<&'static str>(&WORDS);
    if random.one_in(8) { word.replace('a', "\\u0061") } else { word.to_owned() }
}

fn anything(random: &mut Random) -> String {
    random
        .pick(&[
            "null",
            "true",
            "5",
            "2.5",
            "1e999",
            "9223372036854775808",
            r#""""#,
            r#""text""#,
            "[]",
            "{}",
            r#"["x",1]"#,
            r#"[{"name":5}]"#,
            r#"{"name":"a"}"#,
            r#""not@an@address""#,
            r#""\u0000""#,
        ])
        .to_string()
}

/// Cuts, flips, doubles or inserts a byte.
fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    let at = random.below(bytes.len());
    match random.below(4) {
        0 => bytes.truncate(at),
        1 => bytes[at] ^= 1 << random.below(8),
        2 => bytes.insert(at, bytes[at]),
        _ => bytes.insert(at, *random.pick(b"\"{}[],:\\\0\xff")),
    }
}
