//! The harness: every contender runs once in each round, so that whatever else the machine does falls
//! on all of them alike. It prints medians with the smallest and the largest, and the median of the
//! ratios of each round. Time is the CPU time of this process, unless threads are compared.

use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::sync::Barrier;
use std::time::Instant;

/// How long and how often.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// How many rounds; fewer than nine are refused, because a median needs company.
    pub rounds: usize,
    /// CPU time of one contender in one round.
    pub milliseconds: u64,
}

impl Effort {
    fn nanoseconds(self) -> u64 {
        self.milliseconds * 1_000_000
    }
}

/// A contender: does its work `n` times and returns a sum of the answers.
type Work<'a> = Box<dyn FnMut(usize) -> u64 + 'a>;

/// Does some work `n` times and returns how many nanoseconds of CPU time it took.
type Timed<'a> = Box<dyn FnMut(usize) -> u64 + 'a>;

struct Contender<'a> {
    name: String,
    work: Timed<'a>,
    repeats: usize,
    samples: Vec<f64>,
}

/// Contenders for one table.
pub struct Table<'a> {
    title: String,
    unit: Unit,
    contenders: Vec<Contender<'a>>,
    absent: Vec<(String, String)>,
}

/// In what a table counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Nanoseconds,
    Milliseconds,
    /// Of a text with so many bytes; its throughput is printed beside.
    Microseconds(usize),
}

impl<'a> Table<'a> {
    pub fn new(title: impl Into<String>, unit: Unit) -> Self {
        Self { title: title.into(), unit, contenders: Vec::new(), absent: Vec::new() }
    }

    /// Adds a contender; the first is what the others are compared with.
    pub fn add(&mut self, name: impl Into<String>, mut work: impl FnMut(usize) -> u64 + 'a) {
        self.add_timed(name, move |n| cpu_time_of(&mut work, n));
    }

    /// Adds a contender that looks at the clock itself, because it prepares its work in between. It
    /// returns how many nanoseconds the work took.
    pub fn add_timed(&mut self, name: impl Into<String>, work: impl FnMut(usize) -> u64 + 'a) {
        self.contenders.push(Contender {
            name: name.into(),
            work: Box::new(work),
            repeats: 1,
            samples: Vec::new(),
        });
    }

    /// Says why a contender is not in the table.
    pub fn leave_out(&mut self, name: impl Into<String>, reason: impl Into<String>) {
        self.absent.push((name.into(), reason.into()));
    }

    /// Runs every round and prints the table. What it measured can then be compared with a goal.
    pub fn run(mut self, effort: Effort) -> Measured {
        for contender in &mut self.contenders {
            contender.repeats = repeats_for(&mut contender.work, effort.nanoseconds());
        }
        for _ in 0..effort.rounds {
            for contender in &mut self.contenders {
                let spent = (contender.work)(contender.repeats);
                contender.samples.push(spent as f64 / contender.repeats as f64);
            }
        }
        self.print();
        let samples = self.contenders.into_iter().map(|one| (one.name, one.samples));
        Measured { samples: samples.collect() }
    }

    fn print(&self) {
        let (unit, scale) = match self.unit {
            Unit::Nanoseconds => ("ns", 1.0),
            Unit::Milliseconds => ("ms", 1e-6),
            Unit::Microseconds(_) => ("µs", 1e-3),
        };
        println!("\n### {}\n", self.title);
        println!("| contender | {unit}, median | min–max | × first | min–max |");
        println!("|---|---:|---:|---:|---:|");
        let Some(first) = self.contenders.first() else { return };
        for contender in &self.contenders {
            let times = Spread::of(contender.samples.iter().map(|time| time * scale));
            let pairs = contender.samples.iter().zip(&first.samples);
            let ratios = Spread::of(pairs.map(|(time, base)| time / base));
            let name = match self.unit {
                // Bytes in a microsecond are megabytes in a second.
                Unit::Microseconds(bytes) => {
                    let rate = figure(bytes as f64 / times.median);
                    format!("{} ({rate} MB/s)", contender.name)
                }
                _ => contender.name.clone(),
            };
            println!(
                "| {name} | {} | {} | {} | {} |",
                figure(times.median),
                times.range(),
                figure(ratios.median),
                ratios.range(),
            );
        }
        for (name, reason) in &self.absent {
            println!("| {name} | – | {reason} | – | – |");
        }
    }
}

/// The rounds of a table.
pub struct Measured {
    samples: Vec<(String, Vec<f64>)>,
}

/// What a row promises: the contender `ours` takes at most `goal` times as long as `theirs`.
pub struct Goal {
    pub row: u32,
    pub what: &'static str,
    pub ours: &'static str,
    pub theirs: &'static str,
    pub goal: f64,
}

impl Measured {
    /// A goal and what came of it, as a line of JSON: medians in nanoseconds, and the median of the
    /// rounds' ratios.
    pub fn against(&self, goal: &Goal) -> String {
        let rounds = |name: &str| {
            let found = self.samples.iter().find(|(other, _)| other == name);
            found.map(|(_, samples)| samples.as_slice()).expect("the goal names a contender")
        };
        let (ours, theirs) = (rounds(goal.ours), rounds(goal.theirs));
        let ratio = Spread::of(ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs)).median;
        let [ours, theirs] = [ours, theirs].map(|all| Spread::of(all.iter().copied()).median);
        let Goal { row, what, goal, .. } = goal;
        let is_met = ratio <= *goal;
        format!(
            r#"{{"row":{row},"what":"{what}","ours":{ours:.1},"theirs":{theirs:.1},"ratio":{ratio:.3},"goal":{goal:.3},"met":{is_met}}}"#
        )
    }
}

/// Prints how much faster two threads are than one: `prepare` is called in each thread and gives the
/// work that the thread then does.
pub struct Threads {
    effort: Effort,
}

impl Threads {
    pub fn new(title: &str, effort: Effort) -> Self {
        println!("\n### {title}\n");
        println!("| contender | decisions/s, 1 thread | 2 threads | 2 against 1 | min–max |");
        println!("|---|---:|---:|---:|---:|");
        Self { effort }
    }

    pub fn compare<'a>(&self, name: &str, prepare: impl Fn() -> Work<'a> + Sync) {
        // Longer than elsewhere: threads take a moment until both run.
        let mut work = prepare();
        let repeats =
            repeats_for(&mut |n| cpu_time_of(&mut work, n), 4 * self.effort.nanoseconds());
        let rounds = (0..self.effort.rounds).map(|_| {
            let one = wall_time_of(1, repeats, &prepare);
            let two = wall_time_of(2, repeats, &prepare);
            (repeats as f64 / one, 2.0 * repeats as f64 / two)
        });
        let rounds: Vec<(f64, f64)> = rounds.collect();
        let ones = Spread::of(rounds.iter().map(|(one, _)| *one));
        let twos = Spread::of(rounds.iter().map(|(_, two)| *two));
        let gains = Spread::of(rounds.iter().map(|(one, two)| two / one));
        println!(
            "| {name} | {:.0} | {:.0} | {} | {} |",
            ones.median,
            twos.median,
            figure(gains.median),
            gains.range(),
        );
    }
}

/// A median between the smallest and the largest.
struct Spread {
    least: f64,
    median: f64,
    most: f64,
}

impl Spread {
    fn of(samples: impl Iterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = samples.collect();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        Self {
            least: at(0),
            median: at(sorted.len() / 2),
            most: at(sorted.len().saturating_sub(1)),
        }
    }

    fn range(&self) -> String {
        format!("{}–{}", figure(self.least), figure(self.most))
    }
}

/// Three digits that matter.
fn figure(number: f64) -> String {
    match number {
        n if n >= 100.0 => format!("{n:.0}"),
        n if n >= 10.0 => format!("{n:.1}"),
        n => format!("{n:.2}"),
    }
}

/// How many repeats take about as long as one round gives a contender.
fn repeats_for(work: &mut impl FnMut(usize) -> u64, nanoseconds: u64) -> usize {
    let mut repeats = 1;
    loop {
        let spent = work(repeats).max(1);
        if spent * 2 >= nanoseconds {
            return (repeats as u64 * nanoseconds / spent).max(1) as usize;
        }
        repeats *= if spent * 32 < nanoseconds { 8 } else { 2 };
    }
}

fn cpu_time_of(work: &mut impl FnMut(usize) -> u64, repeats: usize) -> u64 {
    let start = cpu_time();
    black_box(work(repeats));
    cpu_time() - start
}

/// CPU time of this process in nanoseconds, all threads.
pub fn cpu_time() -> u64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Seconds from when the first of `threads` threads begins its work until the last has done it.
fn wall_time_of<'a>(
    threads: usize,
    repeats: usize,
    prepare: &(impl Fn() -> Work<'a> + Sync),
) -> f64 {
    let ready = Barrier::new(threads);
    let worker = || {
        let mut work = prepare();
        work(repeats / 64 + 1); // warm caches are what a running service has
        ready.wait();
        let start = Instant::now();
        black_box(work(repeats));
        (start, Instant::now())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        let times = workers.into_iter().map(|worker| worker.join().expect("no worker panics"));
        let (starts, ends): (Vec<_>, Vec<_>) = times.unzip();
        let spans = ends.into_iter().max().zip(starts.into_iter().min());
        spans.map_or(f64::NAN, |(end, start)| (end - start).as_secs_f64())
    })
}

/// Asks one item of a pool after the other, `n` times in all.
#[inline(always)]
pub fn cycle<T>(pool: &[T], n: usize, mut ask: impl FnMut(&T) -> u64) -> u64 {
    let mut sum = 0_u64;
    for item in pool.iter().cycle().take(n) {
        sum = sum.wrapping_add(ask(black_box(item)));
    }
    sum
}

/// Stops with the request's number where a contender decides differently from the reference.
pub fn assert_agreement<T>(name: &str, pool: &[T], want: &[u64], mut ask: impl FnMut(&T) -> u64) {
    for (index, (item, want)) in pool.iter().zip(want).enumerate() {
        let got = ask(item);
        assert_eq!(got, *want, "{name} differs at request {index} of {}", pool.len());
    }
}
