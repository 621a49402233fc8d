//! The thread that writes, so that a stuck disk holds up a decision for its bound and no longer.
//!
//! An append is given to the thread and waits for the answer. Appends that wait at the same time
//! are written, and flushed, together.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use serde_json::Value;

use super::line::Unchained;
use super::{Flush, JournalConfig, JournalError, Receipt, Record};
use crate::limits::{BATCH_RECORDS_MAX, ENTRY_DEPTH_MAX, LINE_BYTES_MAX};

/// Bytes of a line that are not its entry: names, two digests, two numbers, a kind.
const LINE_OVERHEAD_BYTES_MAX: usize = 512;

/// What a journal's thread writes to.
pub(super) trait Sink: Send + 'static {
    /// Writes all records or none, and returns a receipt for each.
    fn write(&mut self, records: &[Unchained]) -> Result<Vec<Receipt>, JournalError>;

    /// Brings to the disk what was written and is not there.
    fn flush(&mut self) -> Result<(), JournalError>;
}

enum Job {
    Append(Append),
    /// Says with the flag whether it waits in the queue.
    Flush(Arc<AtomicBool>),
}

struct Append {
    record: Unchained,
    /// Set by whoever is first: the thread when it begins to write the record, or the caller when
    /// its bound is over, and then the record is never written.
    taken: Arc<AtomicBool>,
    reply: SyncSender<Result<Receipt, JournalError>>,
}

pub(super) struct Writer {
    jobs: Option<SyncSender<Job>>,
    wait_max: Duration,
    thread: Option<JoinHandle<()>>,
    clockwork: Option<Clockwork>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Writer").field("wait_max", &self.wait_max).finish_non_exhaustive()
    }
}

impl Writer {
    pub(super) fn start(sink: impl Sink, config: &JournalConfig) -> Result<Self, JournalError> {
        let (jobs, waiting) = sync_channel(config.queue_max.max(1));
        let thread =
            Builder::new().name("guard-journal".to_owned()).spawn(move || run(sink, &waiting))?;
        let clockwork = match config.flush {
            Flush::EachRecord => None,
            Flush::Interval(interval) => Some(Clockwork::start(interval, jobs.clone())?),
        };
        Ok(Self { jobs: Some(jobs), wait_max: config.wait_max, thread: Some(thread), clockwork })
    }

    pub(super) fn append(&self, record: &Record<'_>) -> Result<Receipt, JournalError> {
        // What nests deeper could be written and never be read again.
        if !is_shallow(record.entry) {
            return Err(JournalError::TooLarge);
        }
        let entry = serde_json::to_string(record.entry)
            .map_err(|error| JournalError::Failed(error.to_string()))?;
        if entry.len() > LINE_BYTES_MAX - LINE_OVERHEAD_BYTES_MAX {
            return Err(JournalError::TooLarge);
        }
        let record = Unchained { at_ms: record.at_ms, kind: record.kind, entry };
        let taken = Arc::new(AtomicBool::new(false));
        let (reply, answer) = sync_channel(1);
        let append = Append { record, taken: Arc::clone(&taken), reply };
        let jobs = self.jobs.as_ref().ok_or_else(ended)?;
        jobs.try_send(Job::Append(append)).map_err(|error| match error {
            TrySendError::Full(_) => JournalError::QueueFull,
            TrySendError::Disconnected(_) => ended(),
        })?;
        match answer.recv_timeout(self.wait_max) {
            Ok(written) => written,
            Err(RecvTimeoutError::Disconnected) => Err(ended()),
            Err(RecvTimeoutError::Timeout) => {
                let may_be_written = taken.swap(true, Ordering::AcqRel);
                Err(JournalError::TimedOut { may_be_written })
            }
        }
    }
}

/// Whether lists and objects nest no deeper than [`ENTRY_DEPTH_MAX`].
fn is_shallow(entry: &Value) -> bool {
    let mut open = vec![(entry, 0)];
    while let Some((value, depth)) = open.pop() {
        match value {
            Value::Array(_) | Value::Object(_) if depth == ENTRY_DEPTH_MAX => return false,
            Value::Array(elements) => open.extend(elements.iter().map(|value| (value, depth + 1))),
            Value::Object(fields) => open.extend(fields.values().map(|value| (value, depth + 1))),
            _ => {}
        }
    }
    true
}

fn ended() -> JournalError {
    JournalError::Failed("the journal's thread has ended".to_owned())
}

impl Drop for Writer {
    /// Waits until what was taken is written and flushed. On a disk that never answers this waits
    /// as long as the disk does.
    fn drop(&mut self) {
        drop(self.clockwork.take());
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has answered nobody since; the appends have said so.
            let _ = thread.join();
        }
    }
}

fn run(mut sink: impl Sink, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let more = std::iter::from_fn(|| jobs.try_recv().ok()).take(BATCH_RECORDS_MAX - 1);
        let mut records = Vec::new();
        let mut replies = Vec::new();
        let mut flush = false;
        for job in std::iter::once(first).chain(more) {
            match job {
                Job::Flush(waits) => {
                    waits.store(false, Ordering::Release);
                    flush = true;
                }
                Job::Append(append) if append.taken.swap(true, Ordering::AcqRel) => {}
                Job::Append(append) => {
                    records.push(append.record);
                    replies.push(append.reply);
                }
            }
        }
        if !records.is_empty() {
            answer(&replies, sink.write(&records));
        }
        if flush {
            // A sink that could not flush refuses every later write, and so says it.
            let _ = sink.flush();
        }
    }
    let _ = sink.flush();
}

fn answer(
    replies: &[SyncSender<Result<Receipt, JournalError>>],
    written: Result<Vec<Receipt>, JournalError>,
) {
    // Whoever does not wait any longer does not read its answer.
    match written {
        Ok(receipts) => {
            for (reply, receipt) in replies.iter().zip(receipts) {
                let _ = reply.try_send(Ok(receipt));
            }
        }
        Err(error) => {
            for reply in replies {
                let _ = reply.try_send(Err(error.clone()));
            }
        }
    }
}

/// Asks for a flush at every interval, until it is dropped.
struct Clockwork {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Clockwork {
    fn start(interval: Duration, jobs: SyncSender<Job>) -> Result<Self, JournalError> {
        // An interval of nothing would keep a processor busy with flushes of nothing.
        let interval = interval.max(Duration::from_millis(1));
        let (stop, stopped) = sync_channel::<()>(0);
        let beat = move || {
            let waits = Arc::new(AtomicBool::new(false));
            while stopped.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                // One at a time: on a slow disk they would take the places of appends.
                if waits.swap(true, Ordering::AcqRel) {
                    continue;
                }
                // Where the queue is full, the thread has work, and the next beat asks again.
                if jobs.try_send(Job::Flush(Arc::clone(&waits))).is_err() {
                    waits.store(false, Ordering::Release);
                }
            }
        };
        let thread = Builder::new().name("guard-journal-flush".to_owned()).spawn(beat)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Clockwork {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Kind;
    use serde_json::Value;
    use std::sync::Mutex;
    use std::sync::mpsc::{Sender, channel};

    /// Writes nothing, and not before it is let.
    struct Stuck {
        let_go: Receiver<()>,
        written: Arc<Mutex<Vec<Vec<i64>>>>,
        begun: Sender<()>,
    }

    impl Sink for Stuck {
        fn write(&mut self, records: &[Unchained]) -> Result<Vec<Receipt>, JournalError> {
            let _ = self.begun.send(());
            let _ = self.let_go.recv();
            let times = records.iter().map(|record| record.at_ms).collect();
            self.written.lock().unwrap().push(times);
            Ok(records.iter().map(|_| Receipt { seq: 1, hash: String::new() }).collect())
        }

        fn flush(&mut self) -> Result<(), JournalError> {
            Ok(())
        }
    }

    struct Rig {
        writer: Writer,
        let_go: SyncSender<()>,
        written: Arc<Mutex<Vec<Vec<i64>>>>,
        begun: Receiver<()>,
    }

    fn rig(wait_ms: u64, queue_max: usize) -> Rig {
        rig_with(Flush::EachRecord, wait_ms, queue_max)
    }

    fn rig_with(flush: Flush, wait_ms: u64, queue_max: usize) -> Rig {
        let (let_go, waits) = sync_channel(10);
        let (begins, begun) = channel();
        let written = Arc::default();
        let sink = Stuck { let_go: waits, written: Arc::clone(&written), begun: begins };
        let wait_max = Duration::from_millis(wait_ms);
        let config = JournalConfig { flush, wait_max, queue_max };
        Rig { writer: Writer::start(sink, &config).unwrap(), let_go, written, begun }
    }

    fn append(writer: &Writer, at_ms: i64) -> Result<Receipt, JournalError> {
        writer.append(&Record { at_ms, kind: Kind::Decision, entry: &Value::Null })
    }

    #[test]
    fn a_stuck_disk_holds_an_append_up_for_its_bound_alone() {
        let Rig { writer, let_go, written, .. } = rig(30, 10);
        let late = Err(JournalError::TimedOut { may_be_written: true });
        assert_eq!(append(&writer, 1), late);
        let never = Err(JournalError::TimedOut { may_be_written: false });
        assert_eq!(append(&writer, 2), never);
        drop(let_go);
        drop(writer);
        assert_eq!(*written.lock().unwrap(), [[1]], "what was given up is not written later");
    }

    #[test]
    fn flushes_take_no_place_from_appends_on_a_slow_disk() {
        let flush = Flush::Interval(Duration::from_millis(1));
        let Rig { writer, let_go, .. } = rig_with(flush, 100, 3);
        let begun = Err(JournalError::TimedOut { may_be_written: true });
        assert_eq!(append(&writer, 1), begun);
        // A hundred intervals are over, and the disk still holds the first record.
        let waited = Err(JournalError::TimedOut { may_be_written: false });
        assert_eq!(append(&writer, 2), waited);
        drop(let_go);
    }

    #[test]
    fn a_full_queue_refuses_at_once() {
        let Rig { writer, let_go, begun, .. } = rig(60_000, 1);
        std::thread::scope(|scope| {
            scope.spawn(|| append(&writer, 1).unwrap());
            begun.recv().unwrap();
            let (first, second) =
                (scope.spawn(|| append(&writer, 2)), scope.spawn(|| append(&writer, 3)));
            while !first.is_finished() && !second.is_finished() {
                std::thread::yield_now();
            }
            let refused = if first.is_finished() { 2 } else { 3 };
            drop(let_go);
            let answers = [first.join().unwrap(), second.join().unwrap()];
            assert_eq!(answers[refused - 2], Err(JournalError::QueueFull));
            assert!(answers[3 - refused].is_ok());
        });
    }

    #[test]
    fn appends_that_wait_together_are_written_together() {
        let Rig { writer, let_go, written, begun } = rig(60_000, 10);
        std::thread::scope(|scope| {
            scope.spawn(|| append(&writer, 1).unwrap());
            begun.recv().unwrap();
            for at_ms in 2..=6 {
                let writer = &writer;
                scope.spawn(move || append(writer, at_ms).unwrap());
            }
            // Five threads have had the time to ask.
            std::thread::sleep(Duration::from_millis(200));
            drop(let_go);
        });
        let batches: Vec<usize> = written.lock().unwrap().iter().map(Vec::len).collect();
        assert!(batches.len() <= 3, "{batches:?}");
        assert_eq!(batches.iter().sum::<usize>(), 6);
    }

    #[test]
    fn what_was_written_is_flushed_at_each_interval_while_records_come() {
        struct Counts(Sender<()>);
        impl Sink for Counts {
            fn write(&mut self, records: &[Unchained]) -> Result<Vec<Receipt>, JournalError> {
                Ok(records.iter().map(|_| Receipt { seq: 1, hash: String::new() }).collect())
            }
            fn flush(&mut self) -> Result<(), JournalError> {
                let _ = self.0.send(());
                Ok(())
            }
        }
        let (flushed, flushes) = channel();
        let flush = Flush::Interval(Duration::ZERO);
        let config = JournalConfig { flush, wait_max: Duration::from_mins(1), queue_max: 4 };
        let writer = Writer::start(Counts(flushed), &config).unwrap();
        let mut seen = 0;
        while seen < 3 {
            append(&writer, 1).unwrap();
            seen += flushes.try_iter().count();
        }
        drop(writer);
        assert_eq!(flushes.iter().last(), Some(()), "the last flush comes when the journal ends");
    }

    #[test]
    fn a_thread_that_panicked_is_an_error_and_no_wait() {
        struct Panics;
        impl Sink for Panics {
            fn write(&mut self, _: &[Unchained]) -> Result<Vec<Receipt>, JournalError> {
                panic!("in the sink")
            }
            fn flush(&mut self) -> Result<(), JournalError> {
                Ok(())
            }
        }
        let wait_max = Duration::from_mins(1);
        let config = JournalConfig { flush: Flush::EachRecord, wait_max, queue_max: 1 };
        let writer = Writer::start(Panics, &config).unwrap();
        for at_ms in 0..2 {
            assert_eq!(append(&writer, at_ms), Err(ended()));
        }
    }
}
