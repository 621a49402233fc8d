//! Event files as lines: plain or gzipped, each line and the whole of bounded length.

use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// The longest line that is read. A trace is one line; the longest in use are below 1 MiB.
pub(crate) const LINE_BYTES_MAX: usize = 64 << 20;
/// The most that is read of one file, counted after unpacking: a gzip bomb ends here.
pub(crate) const FILE_BYTES_MAX: u64 = 4 << 30;

/// Reads lines, and knows which one it read last.
pub(crate) struct Lines<'a> {
    input: Box<dyn BufRead + 'a>,
    bytes_left: u64,
    /// From 1; 0 before the first.
    pub(crate) number: u64,
}

impl std::fmt::Debug for Lines<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("number", &self.number).finish_non_exhaustive()
    }
}

/// Opens a file, or standard input for `-`; `seen` is told how many bytes of the file itself have
/// been read.
pub(crate) fn open<'a>(path: &Path, seen: impl FnMut(u64) + 'a) -> io::Result<Lines<'a>> {
    let raw: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path)?)
    };
    Lines::new(Counted { raw, seen })
}

impl<'a> Lines<'a> {
    /// Lines of plain or gzipped bytes: gzip is known by its first two.
    pub(crate) fn new(raw: impl Read + 'a) -> io::Result<Self> {
        let mut raw = BufReader::with_capacity(1 << 16, raw);
        let gzipped = raw.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        let input: Box<dyn BufRead + 'a> = if gzipped {
            Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(raw)))
        } else {
            Box::new(raw)
        };
        let mut lines = Self { input, bytes_left: FILE_BYTES_MAX, number: 0 };
        lines.skip_byte_order_mark()?;
        Ok(lines)
    }

    fn skip_byte_order_mark(&mut self) -> io::Result<()> {
        if self.input.fill_buf()?.starts_with(&[0xef, 0xbb, 0xbf]) {
            self.input.consume(3);
        }
        Ok(())
    }

    /// Reads the next line that is not blank, without its end, into `line`. False at the end.
    pub(crate) fn next(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        loop {
            line.clear();
            if !self.append_line(line, LINE_BYTES_MAX)? {
                return Ok(false);
            }
            if !line.iter().all(u8::is_ascii_whitespace) {
                return Ok(true);
            }
        }
    }

    /// Adds what is left of the input to `text`, for files that are one document.
    pub(crate) fn append_rest(&mut self, text: &mut Vec<u8>) -> io::Result<()> {
        let first = self.number;
        loop {
            text.push(b'\n');
            if !self.append_line(text, LINE_BYTES_MAX)? {
                text.pop();
                self.number = first;
                return Ok(());
            }
        }
    }

    /// Adds the next line to `text`, which may then be `bytes_max` long in all.
    fn append_line(&mut self, text: &mut Vec<u8>, bytes_max: usize) -> io::Result<bool> {
        let room = bytes_max.saturating_sub(text.len()).saturating_add(1);
        let limit = self.bytes_left.min(u64::try_from(room).unwrap_or(u64::MAX));
        let read = (&mut self.input).take(limit).read_until(b'\n', text)?;
        self.bytes_left -= u64::try_from(read).unwrap_or(u64::MAX).min(self.bytes_left);
        if read == 0 {
            return if self.input.fill_buf()?.is_empty() { Ok(false) } else { Err(too_long()) };
        }
        self.number += 1;
        if text.last() == Some(&b'\n') {
            text.pop();
        } else if !self.input.fill_buf()?.is_empty() {
            return Err(too_long());
        }
        Ok(true)
    }
}

fn too_long() -> io::Error {
    let line = LINE_BYTES_MAX >> 20;
    let file = FILE_BYTES_MAX >> 30;
    io::Error::new(
        io::ErrorKind::FileTooLarge,
        format!("a line or document is longer than {line} MiB, or the file than {file} GiB"),
    )
}

/// Tells how far a reader has come.
struct Counted<R, F> {
    raw: R,
    seen: F,
}

impl<R: Read, F: FnMut(u64)> Read for Counted<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.raw.read(buffer)?;
        (self.seen)(u64::try_from(read).unwrap_or(0));
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn all(bytes: &[u8]) -> io::Result<Vec<(u64, String)>> {
        let mut lines = Lines::new(bytes)?;
        let (mut line, mut found) = (Vec::new(), Vec::new());
        while lines.next(&mut line)? {
            found.push((lines.number, String::from_utf8(line.clone()).unwrap()));
        }
        Ok(found)
    }

    #[test]
    fn blank_lines_are_counted_and_skipped() {
        let expected = vec![(1, "a".to_owned()), (3, "b".to_owned())];
        assert_eq!(all(b"\xef\xbb\xbfa\n \r\nb").unwrap(), expected);
        assert_eq!(all(b"").unwrap(), vec![]);
    }

    #[test]
    fn gzip_is_seen_from_the_content_and_may_have_several_members() {
        let pack = |bytes: &[u8]| {
            let mut packer = GzEncoder::new(Vec::new(), Compression::default());
            packer.write_all(bytes).unwrap();
            packer.finish().unwrap()
        };
        let packed = [pack(b"a\n"), pack(b"b\n")].concat();
        assert_eq!(all(&packed).unwrap(), vec![(1, "a".to_owned()), (2, "b".to_owned())]);
        let truncated = packed.get(..packed.len() - 12).unwrap();
        assert!(all(truncated).is_err());
    }

    #[test]
    fn a_line_without_end_is_refused_in_bounded_memory() {
        let mut lines = Lines::new(io::repeat(b'x')).unwrap();
        let mut line = Vec::new();
        assert_eq!(lines.next(&mut line).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert!(line.len() <= LINE_BYTES_MAX + 1);
    }
}
