//! The journal as a file of JSON lines.
//!
//! INVARIANT: one process writes it, the one that holds the file's lock; what it writes follows
//! upon the last whole record that was there when it opened the file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Duration;

use super::line::{Head, LINE_BEGINS, Unchained, check, write};
use super::writer::{Sink, Writer};
use super::{Broken, Fault, Flush, Journal, JournalConfig, JournalError, Receipt, Record};
use crate::limits::LINE_BYTES_MAX;

/// A [`Journal`] in a file.
#[derive(Debug)]
pub struct FileJournal {
    writer: Writer,
}

impl FileJournal {
    /// Opens or creates the file and waits for its lock. The last record is checked; a piece of a
    /// line behind it is removed. That the records before it hold together is for
    /// [`verify`](super::verify) to find.
    pub fn open(path: &Path, config: &JournalConfig) -> Result<Self, JournalError> {
        Ok(Self { writer: Writer::start(Lines::open(path, config)?, config)? })
    }
}

impl Journal for FileJournal {
    fn append(&self, record: &Record<'_>) -> Result<Receipt, JournalError> {
        self.writer.append(record)
    }
}

struct Lines {
    file: File,
    /// The bytes of whole records.
    len: u64,
    head: Head,
    flush_each: bool,
    unflushed: bool,
    /// Why nothing is written any more: what is on the disk is not known.
    closed: Option<JournalError>,
}

impl Lines {
    fn open(path: &Path, config: &JournalConfig) -> Result<Self, JournalError> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        // What an agent does is nobody else's to read.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        // A device takes records and keeps none.
        if !file.metadata()?.is_file() {
            return Err(JournalError::Failed("a journal is a file".to_owned()));
        }
        lock(&file, config.wait_max)?;
        let (len, head) = find_tail(&mut file)?;
        if file.metadata()?.len() > len {
            file.set_len(len)?;
        }
        // A new file's name has to be on the disk too, and so has the end of a torn line.
        file.sync_all()?;
        sync_folder(path)?;
        let flush_each = config.flush == Flush::EachRecord;
        Ok(Self { file, len, head, flush_each, unflushed: false, closed: None })
    }

    /// A file that was deleted or that another has written to does not take records: they would
    /// be lost, or break the chain.
    fn check_file(&self) -> Result<(), JournalError> {
        let metadata = self.file.metadata()?;
        #[cfg(unix)]
        if std::os::unix::fs::MetadataExt::nlink(&metadata) == 0 {
            return Err(JournalError::Failed("the journal's file was deleted".to_owned()));
        }
        if metadata.len() != self.len {
            return Err(JournalError::Failed("the journal's file was changed".to_owned()));
        }
        Ok(())
    }

    fn write_text(&mut self, text: &str) -> Result<(), JournalError> {
        let written = self.file.write_all(text.as_bytes());
        if let Err(error) = written {
            // Without the piece that was written the next record can follow, once there is room.
            if self.file.set_len(self.len).is_err() {
                self.closed = Some(JournalError::Failed(error.to_string()));
            }
            return Err(error.into());
        }
        self.unflushed = true;
        if self.flush_each { self.flush() } else { Ok(()) }
    }
}

impl Sink for Lines {
    fn write(&mut self, records: &[Unchained]) -> Result<Vec<Receipt>, JournalError> {
        if let Some(error) = &self.closed {
            return Err(error.clone());
        }
        self.check_file()?;
        let mut text = String::new();
        let mut head = self.head;
        let mut receipts = Vec::with_capacity(records.len());
        for record in records {
            head = write(&head, record, &mut text);
            text.push('\n');
            receipts.push(head.receipt());
        }
        self.write_text(&text)?;
        self.head = head;
        self.len = self.len.saturating_add(u64::try_from(text.len()).unwrap_or(u64::MAX));
        Ok(receipts)
    }

    fn flush(&mut self) -> Result<(), JournalError> {
        if !self.unflushed {
            return Ok(());
        }
        if let Err(error) = self.file.sync_data() {
            // After a failed flush the system may have dropped the pages and say nothing of it the
            // next time, so it is not tried again.
            let error = JournalError::from(error);
            self.closed = Some(error.clone());
            return Err(error);
        }
        self.unflushed = false;
        Ok(())
    }
}

fn lock(file: &File, wait_max: Duration) -> Result<(), JournalError> {
    const PAUSE: Duration = Duration::from_millis(5);
    let mut waited = Duration::ZERO;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error.into()),
            Err(TryLockError::WouldBlock) if waited >= wait_max => {
                return Err(JournalError::Locked);
            }
            Err(TryLockError::WouldBlock) => {
                std::thread::sleep(PAUSE);
                waited += PAUSE;
            }
        }
    }
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> Result<(), JournalError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = File::open(parent.unwrap_or(Path::new(".")))?;
    // Some file systems cannot flush a folder; they keep names without it.
    let _ = folder.sync_all();
    Ok(())
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> Result<(), JournalError> {
    Ok(())
}

/// Where the last whole record ends, and the head that it is. Reads no more than the last two
/// lines can be long.
fn find_tail(file: &mut File) -> Result<(u64, Head), JournalError> {
    let len = file.metadata()?.len();
    let tail_max = u64::try_from(LINE_BYTES_MAX).unwrap_or(u64::MAX).saturating_mul(2);
    let start = len.saturating_sub(tail_max);
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    (&mut *file).take(len - start).read_to_end(&mut tail)?;
    let Some(end) = tail.iter().rposition(|byte| *byte == b'\n') else {
        // Without a newline this is a first record that was torn; a file that begins otherwise is
        // somebody else's, and is not emptied.
        let begun = tail.iter().zip(LINE_BEGINS).all(|(one, other)| one == other);
        return if begun { Ok((0, Head::EMPTY)) } else { Err(broken(Fault::NoRecord)) };
    };
    let (whole, torn) = tail.split_at(end);
    let mut lines = whole.rsplit(|byte| *byte == b'\n');
    let last = lines.next().unwrap_or_default();
    let (_, head) = check(last).map_err(broken)?;
    let torn_bytes = torn.len().saturating_sub(1);
    Ok((len.saturating_sub(u64::try_from(torn_bytes).unwrap_or(u64::MAX)), head))
}

/// The number of a last line is not known without reading all of them; it is given as 0.
fn broken(what: Fault) -> JournalError {
    JournalError::Broken(Broken { line: 0, what })
}
