//! The two contracts of shared state, said in scripts.

use crate::link::{Link, Options};
use crate::scripts::Scripts;
use guard_state::limits::{TIME_MS_MAX, WINDOW_EVENTS_MAX};
use guard_state::{
    Amount, Claim, Claimed, Key, Rates, Saved, SessionStore, Standing, StateStore, StoreError,
    Versioned, Window, check_session,
};

/// State and sessions on a Redis server (6.2 or later).
///
/// **The server must keep what it is told.** One that drops keys when its memory is full is refused.
/// What a restart loses is lost to the limits as well: turn on its append-only file, with
/// `appendfsync always` where not even the last second may be lost.
///
/// **Bounds:** the number of keys is bounded by the server's memory, past which
/// [`StoreError::Full`] is the answer; one key holds at most [`WINDOW_EVENTS_MAX`] takes. Keys of
/// limits and breakers go ten minutes after their end by the server's clock, so the hosts' clocks
/// may differ by that much. Novelty and sessions stay.
#[derive(Debug)]
pub struct RedisStore {
    link: Link,
    prefix: String,
    scripts: Scripts,
}

/// What a key is used for, as a part of its name.
#[derive(Clone, Copy)]
enum Used {
    Takes,
    Places,
    Novelty,
    Events,
    Failures,
    Breaker,
}

impl RedisStore {
    /// Connects, and asks whether the server keeps what it is told. Later connections are made when
    /// they are needed: after a failure the next call tries again.
    ///
    /// `url` is `redis://[user:password@]host[:port][/database]` or `redis+unix:///path`.
    pub fn connect(url: &str, options: Options) -> Result<Self, StoreError> {
        let link = Link::new(url, options.timeout)?;
        let store = Self { link, prefix: options.prefix, scripts: Scripts::new() };
        store.link.ask::<String>(&redis::cmd("PING"))?;
        Ok(store)
    }

    fn name(&self, used: Used, key: Key) -> String {
        let used = match used {
            Used::Takes => 't',
            Used::Places => 'p',
            Used::Novelty => 'n',
            Used::Events => 'e',
            Used::Failures => 'f',
            Used::Breaker => 'b',
        };
        format!("{}:{used}:{:032x}", self.prefix, key.bits())
    }

    fn name_of(&self, claim: &Claim) -> String {
        let used = match claim {
            Claim::Take(_) => Used::Takes,
            Claim::Concurrency(_) => Used::Places,
        };
        self.name(used, claim.key())
    }

    fn breaker_names(&self, key: Key) -> [String; 3] {
        [Used::Events, Used::Failures, Used::Breaker].map(|used| self.name(used, key))
    }

    fn session_name(&self, id: &str) -> String {
        format!("{}:s:{id}", self.prefix)
    }

    fn ask_claims(
        &self,
        claims: &[Claim],
        now_ms: i64,
        ticket: u64,
        taking: bool,
    ) -> Result<Claimed, StoreError> {
        Claim::check_all(claims, now_ms)?;
        if claims.is_empty() {
            return Ok(Claimed::default());
        }
        let keys: Vec<String> = claims.iter().map(|claim| self.name_of(claim)).collect();
        let head = [
            now_ms.to_string(),
            ticket.to_string(),
            WINDOW_EVENTS_MAX.to_string(),
            u8::from(taking).to_string(),
        ];
        let texts: Vec<String> = head.into_iter().chain(claims.iter().flat_map(words)).collect();
        let arguments: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
        let answer: Vec<i64> = self.link.run(&self.scripts.claim, &keys, &arguments)?;
        claimed(claims, &answer)
            .ok_or_else(|| StoreError::Broken(format!("the script answered {answer:?}")))
    }
}

/// The six words of a claim; see `claim.lua`.
fn words(claim: &Claim) -> [String; 6] {
    let zero = || "0".to_owned();
    match claim {
        Claim::Take(take) => {
            let pair = |window: Window| {
                (window.most.millionths().to_string(), window.window_ms.to_string())
            };
            let (most, length) = pair(take.windows.rate);
            let (burst, burst_length) = take.windows.burst.map_or_else(|| (zero(), zero()), pair);
            let amount = take.amount.millionths().to_string();
            ["t".to_owned(), amount, most, length, burst, burst_length]
        }
        Claim::Concurrency(place) => {
            let (most, lease) = (place.most.to_string(), place.lease_ms.to_string());
            ["p".to_owned(), zero(), most, lease, zero(), zero()]
        }
    }
}

/// `None` when the answer is not one: it must not pass for a permission.
fn claimed(claims: &[Claim], answer: &[i64]) -> Option<Claimed> {
    let (refused, standings) = answer.split_first()?;
    let refused = usize::try_from(*refused).ok()?;
    let (pairs, rest) = standings.as_chunks::<2>();
    if pairs.len() != claims.len() || !rest.is_empty() || refused > claims.len() {
        return None;
    }
    let mut claimed = Claimed { refused: refused.checked_sub(1), ..Claimed::default() };
    for [remaining, resets_in_ms] in pairs {
        let remaining = Amount::from_millionths(*remaining)?;
        claimed.standings.push(Standing { remaining, resets_in_ms: *resets_in_ms });
    }
    Some(claimed)
}

fn check_span(now_ms: i64, over_ms: i64) -> Result<(), StoreError> {
    let is_time = (-TIME_MS_MAX..=TIME_MS_MAX).contains(&now_ms);
    if is_time && (1..=TIME_MS_MAX).contains(&over_ms) {
        return Ok(());
    }
    Err(StoreError::Misuse("a time that is out of range"))
}

impl StateStore for RedisStore {
    fn claim(&self, claims: &[Claim], now_ms: i64, ticket: u64) -> Result<Claimed, StoreError> {
        self.ask_claims(claims, now_ms, ticket, true)
    }

    fn give_back(&self, claims: &[Claim], ticket: u64) -> Result<(), StoreError> {
        let keys: Vec<String> = claims.iter().map(|claim| self.name_of(claim)).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let ticket = ticket.to_string();
        self.link.run::<i64>(&self.scripts.give_back, &keys, &[ticket.as_bytes()]).map(drop)
    }

    fn peek(&self, claims: &[Claim], now_ms: i64) -> Result<Claimed, StoreError> {
        self.ask_claims(claims, now_ms, 0, false)
    }

    fn first_time(&self, key: Key) -> Result<bool, StoreError> {
        let name = self.name(Used::Novelty, key);
        self.link.ask::<bool>(redis::cmd("EXISTS").arg(name)).map(|is_known| !is_known)
    }

    fn remember(&self, key: Key) -> Result<(), StoreError> {
        let name = self.name(Used::Novelty, key);
        self.link.ask::<String>(redis::cmd("SET").arg(name).arg("1")).map(drop)
    }

    fn record(&self, key: Key, failed: bool, now_ms: i64, over_ms: i64) -> Result<(), StoreError> {
        check_span(now_ms, over_ms)?;
        let texts = [
            u8::from(failed).to_string(),
            now_ms.to_string(),
            over_ms.to_string(),
            WINDOW_EVENTS_MAX.to_string(),
        ];
        let arguments = texts.each_ref().map(String::as_bytes);
        self.link.run::<i64>(&self.scripts.record, &self.breaker_names(key), &arguments).map(drop)
    }

    fn rates(&self, key: Key, now_ms: i64, over_ms: i64) -> Result<Rates, StoreError> {
        check_span(now_ms, over_ms)?;
        let texts = [now_ms.to_string(), over_ms.to_string()];
        let arguments = texts.each_ref().map(String::as_bytes);
        let names = self.breaker_names(key);
        let answer: Vec<i64> = self.link.run(&self.scripts.rates, &names, &arguments)?;
        rates(&answer).ok_or_else(|| StoreError::Broken(format!("the script answered {answer:?}")))
    }

    fn open(&self, key: Key, now_ms: i64, until_ms: i64) -> Result<(), StoreError> {
        check_span(now_ms, 1)?;
        check_span(until_ms, 1)?;
        let texts = [now_ms.to_string(), until_ms.to_string()];
        let arguments = texts.each_ref().map(String::as_bytes);
        self.link.run::<i64>(&self.scripts.open, &self.breaker_names(key), &arguments).map(drop)
    }

    fn close(&self, key: Key) -> Result<(), StoreError> {
        self.link.run::<i64>(&self.scripts.close, &self.breaker_names(key), &[]).map(drop)
    }
}

fn rates(answer: &[i64]) -> Option<Rates> {
    let (events, failures, open_until_ms) = match answer {
        [events, failures] => (events, failures, None),
        [events, failures, until_ms] => (events, failures, Some(*until_ms)),
        _ => return None,
    };
    let number = |count: &i64| u32::try_from(*count).ok();
    Some(Rates { events: number(events)?, failures: number(failures)?, open_until_ms })
}

impl SessionStore for RedisStore {
    fn load(&self, id: &str) -> Result<Option<Versioned>, StoreError> {
        let name = self.session_name(id);
        let command = redis::cmd("HMGET").arg(name).arg("version").arg("bytes").to_owned();
        let answer: (Option<u64>, Option<Vec<u8>>) = self.link.ask(&command)?;
        match answer {
            (None, None) => Ok(None),
            (Some(version), Some(bytes)) => Ok(Some(Versioned { bytes, version })),
            _ => Err(StoreError::Broken("half of a session".to_owned())),
        }
    }

    fn save(&self, id: &str, bytes: &[u8], expected_version: u64) -> Result<Saved, StoreError> {
        check_session(id, bytes)?;
        let version = expected_version.to_string();
        let names = [self.session_name(id)];
        let arguments = [version.as_bytes(), bytes];
        match self.link.run::<i64>(&self.scripts.save, &names, &arguments)? {
            1 => Ok(Saved::Done),
            0 => Ok(Saved::Conflict),
            other => Err(StoreError::Broken(format!("the script answered {other}"))),
        }
    }
}
