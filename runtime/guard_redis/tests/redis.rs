//! The store on a real server: the suite of all stores, two processes on one key, and servers that
//! die, hang, lose their memory or have none left.

#![cfg(test)]

mod server;

use guard_redis::{Options, RedisStore};
use guard_state::conformance::{check_sessions, check_state};
use guard_state::{
    Amount, Claim, Concurrency, Key, Saved, SessionStore, StateStore, StoreError, Take, Window,
    Windows,
};
use server::Server;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn count(name: &str, most: u32, window_ms: i64) -> Claim {
    let rate = Window { most: Amount::from_count(most).unwrap(), window_ms };
    let key = Key::new("test", &[name.as_bytes()]);
    Claim::Take(Take { key, amount: Amount::ONE, windows: Windows { rate, burst: None } })
}

#[test]
fn the_store_conforms() {
    let Some(server) = Server::start(&[]) else { return };
    check_state(&server.store()).unwrap();
}

#[test]
fn sessions_conform() {
    let Some(server) = Server::start(&[]) else { return };
    check_sessions(&server.store(), "a session: with any name\r\n").unwrap();
}

#[test]
fn a_decision_is_one_round_trip() {
    let Some(server) = Server::start(&[]) else { return };
    let store = server.store();
    let claims = [count("a", 100, 1000), count("b", 100, 1000), count("c", 100, 1000)];
    store.claim(&claims, 0, 0).unwrap();
    server.command(&["CONFIG", "RESETSTAT"]);
    for ticket in 1..=10 {
        assert!(store.claim(&claims, 1, ticket).unwrap().is_permitted());
    }
    let calls = server.command(&["INFO", "commandstats"]);
    assert!(calls.contains("cmdstat_evalsha:calls=10,"), "{calls}");
    assert!(!calls.contains("cmdstat_eval:"), "{calls}");
    let connections = server.command(&["INFO", "stats"]);
    // The two that asked.
    assert!(connections.contains("total_connections_received:2\\r"), "{connections}");
}

#[test]
fn a_server_that_forgot_the_scripts_is_told_again() {
    let Some(server) = Server::start(&[]) else { return };
    let store = server.store();
    let claim = count("a", 2, 1000);
    assert!(store.claim(&[claim], 0, 1).unwrap().is_permitted());
    server.command(&["SCRIPT", "FLUSH"]);
    assert!(store.claim(&[claim], 0, 2).unwrap().is_permitted());
    assert!(!store.claim(&[claim], 0, 3).unwrap().is_permitted());
}

/// Where the server is; set for the processes that the next test starts.
const HAMMER: &str = "GUARD_REDIS_TEST_HAMMER";

#[test]
fn two_processes_never_take_more_than_the_limit() {
    let claim = count("hammered", 100, 1_000_000);
    let seat = Claim::Concurrency(Concurrency {
        key: Key::new("seat", &[]),
        most: 150,
        lease_ms: 1_000_000,
    });
    if let Ok(url) = std::env::var(HAMMER) {
        hammer(&url, &[claim, seat]);
        return;
    }
    let Some(server) = Server::start(&[]) else { return };
    let start = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "two_processes_never_take_more_than_the_limit", "--nocapture"]);
        command.env(HAMMER, server.url()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let processes = [start(), start()];
    let taken = processes.map(|process| {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stderr).unwrap();
        let number = text.lines().find_map(|line| line.strip_prefix("taken: ")).unwrap();
        number.parse::<u32>().unwrap()
    });
    assert_eq!(taken[0] + taken[1], 100, "{taken:?}");
    assert!(taken.iter().all(|count| *count > 0), "one was too late to compete: {taken:?}");
    let left = server.store().peek(&[seat], 0).unwrap().standings.get(0).unwrap();
    assert_eq!(left.remaining, Amount::from_count(50).unwrap());
}

#[expect(clippy::print_stderr, reason = "how the process that was started reports to the test")]
fn hammer(url: &str, claims: &[Claim]) {
    let options = Options { timeout: Duration::from_secs(10), prefix: "test".to_owned() };
    let store = RedisStore::connect(url, options).unwrap();
    // Wait for the other one, so that they compete.
    let arrive = Claim::Concurrency(Concurrency {
        key: Key::new("arrival", &[]),
        most: 2,
        lease_ms: 1_000_000,
    });
    let me = u64::from(std::process::id()) << 32;
    assert!(store.claim(&[arrive], 0, me).unwrap().is_permitted());
    while store.peek(&[arrive], 0).unwrap().is_permitted() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let taken = (0..200_u64)
        .zip(0_i64..)
        .filter(|(step, now_ms)| store.claim(claims, *now_ms, me + step).unwrap().is_permitted());
    eprintln!("taken: {}", taken.count());
}

#[test]
fn a_server_that_died_is_an_error_and_is_found_again_when_it_is_back() {
    let Some(mut server) = Server::start(&[]) else { return };
    let store = server.store();
    let claim = count("a", 5, 1000);
    assert!(store.claim(&[claim], 0, 1).unwrap().is_permitted());
    server.kill();
    let start = Instant::now();
    for _ in 0..3 {
        assert!(matches!(store.claim(&[claim], 0, 2), Err(StoreError::Unreachable(_))));
        assert!(matches!(store.peek(&[claim], 0), Err(StoreError::Unreachable(_))));
        assert!(store.give_back(&[claim], 1).is_err());
        assert!(store.first_time(Key::new("n", &[])).is_err());
        assert!(store.rates(Key::new("n", &[]), 0, 1).is_err());
        assert!(store.load("s").is_err() && store.save("s", b"", 0).is_err());
    }
    assert!(start.elapsed() < Duration::from_secs(4), "it hung");
    let options = Options { timeout: Duration::from_secs(1), prefix: String::new() };
    assert!(RedisStore::connect(&server.url(), options).is_err());
    server.restart();
    assert!(store.claim(&[claim], 0, 3).unwrap().is_permitted());
}

#[test]
fn a_server_that_hangs_is_a_time_out_and_not_a_pass() {
    let Some(server) = Server::start(&[]) else { return };
    let store = server.store_with(Duration::from_millis(200));
    let claim = count("a", 2, 1000);
    assert!(store.claim(&[claim], 0, 1).unwrap().is_permitted());
    server.signal("STOP");
    let start = Instant::now();
    // The first over the connection it has, the second while making a new one.
    let errors = [2, 3].map(|ticket| store.claim(&[claim], 0, ticket).unwrap_err());
    server.signal("CONT");
    assert_eq!(errors, [StoreError::TimedOut, StoreError::TimedOut]);
    assert!(start.elapsed() < Duration::from_secs(3), "it hung");
    // What was asked in vain may have been taken. Giving it back settles it.
    for ticket in [2, 3] {
        store.give_back(&[claim], ticket).unwrap();
    }
    assert!(store.claim(&[claim], 0, 4).unwrap().is_permitted());
    assert!(!store.claim(&[claim], 0, 5).unwrap().is_permitted());
}

#[test]
fn what_was_taken_survives_kill_9_with_an_append_only_file() {
    let Some(mut server) = Server::start(&["--appendonly", "yes", "--appendfsync", "always"])
    else {
        return;
    };
    let store = server.store();
    let (claim, novel) = (count("a", 50, 1_000_000), Key::new("novel", &[]));
    store.remember(novel).unwrap();
    assert_eq!(store.save("s", b"one", 0).unwrap(), Saved::Done);
    let mut taken = 0;
    for round in 0..3_u64 {
        for step in 0..10 {
            taken +=
                u32::from(store.claim(&[claim], 0, round * 100 + step).unwrap().is_permitted());
        }
        server.kill();
        assert!(store.claim(&[claim], 0, round * 100 + 99).is_err());
        server.restart();
    }
    assert_eq!(taken, 30);
    let later = (0..100).filter(|n| store.claim(&[claim], 1, 1000 + n).unwrap().is_permitted());
    assert_eq!(later.count(), 20);
    assert!(!store.first_time(novel).unwrap());
    assert_eq!(store.load("s").unwrap().unwrap().version, 1);
    assert_eq!(store.save("s", b"two", 0).unwrap(), Saved::Conflict);
}

#[test]
fn a_server_that_drops_keys_is_refused_and_one_without_room_is_full() {
    let Some(server) = Server::start(&["--maxmemory", "3mb"]) else { return };
    let store = server.store();
    let long = vec![b'x'; 1 << 19];
    let errors: Vec<StoreError> =
        (0..20).filter_map(|n| store.save(&n.to_string(), &long, 0).err()).collect();
    assert!(!errors.is_empty());
    assert!(errors.iter().all(|error| matches!(error, StoreError::Full(_))), "{errors:?}");
    server.command(&["CONFIG", "SET", "maxmemory", "1"]);
    let refused = store.claim(&[count("a", 1, 1)], 0, 1).unwrap_err();
    assert!(matches!(refused, StoreError::Full(_)), "{refused:?}");
    assert!(matches!(store.remember(Key::new("n", &[])), Err(StoreError::Full(_))));
    assert!(store.first_time(Key::new("n", &[])).unwrap());
    server.command(&["FLUSHALL"]);
    server.command(&["CONFIG", "SET", "maxmemory", "10mb"]);
    assert!(store.claim(&[count("a", 1, 1)], 0, 1).unwrap().is_permitted());
    server.command(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    let options = Options { timeout: Duration::from_secs(5), prefix: String::new() };
    let refused = RedisStore::connect(&server.url(), options).unwrap_err();
    assert!(refused.to_string().contains("noeviction"), "{refused}");
}

#[test]
fn keys_expire_with_what_they_count_and_what_must_be_known_later_stays() {
    let Some(server) = Server::start(&[]) else { return };
    let store = server.store();
    let key = Key::new("k", &[]);
    let seat = Claim::Concurrency(Concurrency { key, most: 1, lease_ms: 5000 });
    store.claim(&[count("a", 1, 1000), seat], 0, 1).unwrap();
    store.record(key, true, 0, 1000).unwrap();
    store.remember(key).unwrap();
    store.save("s", b"", 0).unwrap();
    let expiring = |kind: &str| {
        let script = format!(
            "local ttls = {{}} for i, k in ipairs(redis.call('KEYS', 'test:{kind}:*')) do \
             ttls[i] = redis.call('TTL', k) end return ttls"
        );
        server.command(&["EVAL", &script, "0"])
    };
    assert_eq!(expiring("t"), "array([int(601)])");
    assert_eq!(expiring("p"), "array([int(605)])");
    assert_eq!(expiring("b"), "array([int(601)])");
    // That a breaker was opened is known until it is closed.
    store.open(key, 0, 1000).unwrap();
    store.record(key, true, 1, 1000).unwrap();
    assert_eq!(expiring("b"), "array([int(-1)])");
    store.close(key).unwrap();
    assert_eq!(expiring("b"), "array([int(600)])");
    assert_eq!(expiring("n"), "array([int(-1)])");
    assert_eq!(expiring("s"), "array([int(-1)])");
}
