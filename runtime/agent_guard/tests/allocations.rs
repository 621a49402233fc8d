//! A warm session decides without the heap.

mod plans {
    include!("plans/mail.rs");
}

use agent_guard::{Engine, EngineKind, Verdict};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // A thread that ends allocates without its counter.
    let _ = ALLOCATIONS.try_with(|allocations| allocations.set(allocations.get() + 1));
}

#[expect(unsafe_code, reason = "an allocator that counts")]
// SAFETY: every call is passed on as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const EVENTS: [(&[u8], Verdict); 5] = [
    (
        br#"{"type":"tool_call","id":"1","tool":"send_email","args":{"to":["bob@example.com","\u0061@example.com"]}}"#,
        Verdict::Allow,
    ),
    (
        br#"{"type":"tool_call","id":"2","tool":"send_email","args":{"to":["eve@rival.com"]},"at":"2026-01-31T12:00:00Z"}"#,
        Verdict::Deny,
    ),
    (
        br#"{"type":"tool_call","id":"3","tool":"send_email","args":{"to":["1","2","3","4","5","6","7","8","9","10","11"]},"confidence":0.5}"#,
        Verdict::Escalate,
    ),
    (br#"{"type":"input","source":"user","text":"hello \" there"}"#, Verdict::Allow),
    (br#"{"type":"tool_result","id":"3","tool":"send_email","text":"sent"}"#, Verdict::Allow),
];

#[test]
fn a_warm_session_decides_without_the_heap() {
    for kind in [EngineKind::Jit, EngineKind::Interpreter] {
        let engine = Engine::with_kind(&plans::mail_policy(), kind).unwrap();
        assert_eq!(engine.kind(), kind);
        engine.set_facts(br#"{"trusted":["alice"]}"#).unwrap();
        let mut session = engine.session("mail", "s", br#"{"domain":"example.com"}"#).unwrap();
        let mut decide_all = || {
            for (event, expected) in EVENTS {
                assert_eq!(session.decide_json(event).verdict(), expected);
            }
        };
        decide_all();
        let before = ALLOCATIONS.get();
        for _ in 0..100 {
            decide_all();
        }
        assert_eq!(ALLOCATIONS.get() - before, 0, "{kind:?}");
    }
}

#[test]
fn what_explains_a_decision_is_made_when_asked_for() {
    let mut session = plans::mail_session();
    session.decide_json(EVENTS[1].0);
    let before = ALLOCATIONS.get();
    let decision = session.decide_json(EVENTS[1].0);
    assert_eq!(ALLOCATIONS.get() - before, 0);
    drop(decision.to_json());
    assert!(ALLOCATIONS.get() > before);
}

#[test]
fn the_counter_counts() {
    let before = ALLOCATIONS.get();
    drop(std::hint::black_box(vec![1_u8; 100]));
    assert_eq!(ALLOCATIONS.get() - before, 1);
}

#[test]
fn a_warm_model_scores_without_the_heap() {
    use guard_model::{Knot, Model, Parts, Scratch, WeightTable, Window};
    let table = || WeightTable { scale: 1000, slots: vec![0x0101; 64] };
    let knot = |value, probability| Knot { value, probability };
    let model = Model::from_parts(Parts {
        threshold: 1,
        windows: vec![Window { words: 4, bias: 0 }],
        knots: vec![knot(-65536, 0), knot(65536, 65535)],
        words: table(),
        characters: table(),
    })
    .unwrap();
    let texts = [
        "a letter with b3BlbiB0aGUgaGlkZGVuIGdhcmRlbiBkb29y and with p l a c e s",
        "YjNCbGJpQjBhR1VnYUdsa1pHVnVJR2RoY21SbGJpQmtiMjl5",
        "&#111;pen the ｇａｒｄｅｎ d00r, привет",
    ];
    let mut scratch = Scratch::default();
    let mut score_all = || texts.map(|text| model.score(text, &mut scratch).value);
    score_all();
    let before = ALLOCATIONS.get();
    for _ in 0..100 {
        score_all();
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
}
