//! Lines of a stream, in bounded memory, as soon as they are there.

use std::io::{self, BufRead as _, BufReader, Read};

/// Longest line that is read, in bytes. The largest comment of the default limits,
/// wholly written in `\u` escapes, has half of it.
pub const MAX_LINE_BYTES: usize = 4 << 20;

/// A batch is full at so many lines, or so many bytes.
const BATCH_LINES: usize = 1024;
const BATCH_BYTES: usize = 1 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A line that says something.
pub struct Line {
    /// Counted from 1, blank lines included.
    pub number: u64,
    /// Its bytes; `None` if there are more than [`MAX_LINE_BYTES`].
    pub content: Option<Vec<u8>>,
}

/// The lines of `R`.
pub struct Lines<R> {
    reader: BufReader<R>,
    number: u64,
}

impl<R: Read> Lines<R> {
    pub fn new(input: R) -> Self {
        Self {
            reader: BufReader::with_capacity(1 << 18, input),
            number: 0,
        }
    }

    /// The next line that is not blank; `None` at the end.
    pub fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let mut content = Vec::new();
            let limit = MAX_LINE_BYTES as u64 + 1;
            let mut bounded = self.reader.by_ref().take(limit);
            if bounded.read_until(b'\n', &mut content)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            let number = self.number;
            if content.len() > MAX_LINE_BYTES && !content.ends_with(b"\n") {
                self.reader.skip_until(b'\n')?;
                return Ok(Some(Line {
                    number,
                    content: None,
                }));
            }
            if number == 1 && content.starts_with(BYTE_ORDER_MARK) {
                content.drain(..BYTE_ORDER_MARK.len());
            }
            if !content.trim_ascii().is_empty() {
                return Ok(Some(Line {
                    number,
                    content: Some(content),
                }));
            }
        }
    }

    /// The next lines, at least one and as many as are there without waiting; none
    /// at the end.
    pub fn next_batch(&mut self) -> io::Result<Vec<Line>> {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while let Some(line) = self.next()? {
            bytes += line.content.as_ref().map_or(0, Vec::len);
            batch.push(line);
            let full = batch.len() >= BATCH_LINES || bytes >= BATCH_BYTES;
            if full || !self.has_line_at_hand() {
                break;
            }
        }
        Ok(batch)
    }

    /// Whether the next line that is not blank is there whole.
    fn has_line_at_hand(&self) -> bool {
        let there = self.reader.buffer().trim_ascii_start();
        memchr::memchr(b'\n', there).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lines_and_passes_over_blank_ones() {
        let mut lines = Lines::new("\u{feff}{}\n\n \r\n[]".as_bytes());
        let batch = lines.next_batch().unwrap();
        assert_eq!(batch[0].content.as_deref(), Some(&b"{}\n"[..]));
        let last = lines.next_batch().unwrap();
        assert_eq!((last[0].number, last.len()), (4, 1));
        assert!(lines.next_batch().unwrap().is_empty());
    }

    #[test]
    fn a_line_too_long_is_passed_over_in_bounded_memory() {
        let long = io::repeat(b'x').take(MAX_LINE_BYTES as u64 + 5);
        let mut lines = Lines::new(long.chain(&b"\n{}\n"[..]));
        assert!(lines.next().unwrap().unwrap().content.is_none());
        let next = lines.next().unwrap().unwrap();
        assert_eq!((next.number, next.content), (2, Some(b"{}\n".to_vec())));
    }

    /// Gives one line, a blank one, and then panics where a pipe would wait.
    struct OneLine(bool);

    impl Read for OneLine {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            assert!(!std::mem::replace(&mut self.0, true), "read too far");
            buffer[..4].copy_from_slice(b"{}\n\n");
            Ok(4)
        }
    }

    #[test]
    fn does_not_wait_for_more_than_is_there() {
        let batch = Lines::new(OneLine(false)).next_batch().unwrap();
        assert_eq!(batch.len(), 1);
    }
}
