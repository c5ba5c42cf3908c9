//! Text from bytes, a bounded line at a time.

use std::io::{self, BufRead, Chain, Cursor, Read};

/// Longest row that is read, in bytes: 1 MiB.
pub const MAX_ROW_BYTES: usize = 1 << 20;

/// Something other than UTF-8 text.
#[derive(Debug)]
pub(super) struct NotText {
    pub(super) found: &'static str,
    pub(super) remedy: &'static str,
}

/// First bytes of what is often taken for text.
const FOREIGN: [(&[u8], NotText); 7] = [
    (b"\xff\xfe\0\0", UTF_32),
    (b"\0\0\xfe\xff", UTF_32),
    (b"\xff\xfe", UTF_16),
    (b"\xfe\xff", UTF_16),
    (
        b"\x1f\x8b",
        NotText {
            found: "gzip",
            remedy: "unpack it with `gunzip`",
        },
    ),
    (
        b"PK\x03\x04",
        NotText {
            found: "a zip or spreadsheet file",
            remedy: "unpack it, or save the sheet as CSV (UTF-8)",
        },
    ),
    (
        b"PAR1",
        NotText {
            found: "Parquet",
            remedy: "export it as JSON Lines or CSV",
        },
    ),
];

const UTF_16: NotText = NotText {
    found: "UTF-16",
    remedy: "convert it with `iconv -f UTF-16 -t UTF-8 old > new`",
};

const UTF_32: NotText = NotText {
    found: "UTF-32",
    remedy: "convert it with `iconv -f UTF-32 -t UTF-8 old > new`",
};

const UTF_16_LITTLE: NotText = NotText {
    found: "NUL bytes, as in UTF-16 without a byte order mark",
    remedy: "convert it with `iconv -f UTF-16LE -t UTF-8 old > new`",
};

const UTF_16_BIG: NotText = NotText {
    found: UTF_16_LITTLE.found,
    remedy: "convert it with `iconv -f UTF-16BE -t UTF-8 old > new`",
};

/// Bytes at the start of a file that are looked at.
const HEAD_BYTES: u64 = 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A reader of which the first bytes have been looked at.
pub(super) type Checked<R> = Chain<Cursor<Vec<u8>>, R>;

/// Skips a UTF-8 byte order mark and recognises what is not text by its first bytes.
pub(super) fn check_encoding<R: BufRead>(mut reader: R) -> io::Result<Result<Checked<R>, NotText>> {
    let mut head = Vec::new();
    reader.by_ref().take(HEAD_BYTES).read_to_end(&mut head)?;
    let foreign = FOREIGN
        .into_iter()
        .find(|(magic, _)| head.starts_with(magic));
    if let Some((_, what)) = foreign {
        return Ok(Err(what));
    }
    if let Some(what) = utf_16(&head) {
        return Ok(Err(what));
    }
    if head.starts_with(BYTE_ORDER_MARK) {
        head.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(Ok(Cursor::new(head).chain(reader)))
}

/// UTF-16 without a mark: spaces, line ends and separators of any script have a NUL byte there,
/// the second of a pair if the lower byte comes first.
fn utf_16(head: &[u8]) -> Option<NotText> {
    const LEAST_SHARE: usize = 32;
    let nuls = |parity| {
        let places = head.iter().enumerate().filter(|(_, byte)| **byte == 0);
        places.filter(|(at, _)| at % 2 == parity).count()
    };
    let (first, second) = (nuls(0), nuls(1));
    let starts_so = head[..head.len().min(4)].contains(&0);
    if !starts_so && (first + second) * LEAST_SHARE <= head.len() {
        return None;
    }
    Some(if second >= first {
        UTF_16_LITTLE
    } else {
        UTF_16_BIG
    })
}

/// Lines of a file, never more than one in memory and never more than [`MAX_ROW_BYTES`] of it.
pub(super) struct Lines<R> {
    reader: R,
    number: u64,
    buffer: Vec<u8>,
}

/// One line.
pub(super) enum Line<'a> {
    /// Without its end.
    Bytes(&'a [u8]),
    /// More than [`MAX_ROW_BYTES`]; passed over.
    TooLong,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(reader: R) -> Self {
        Self {
            reader,
            number: 0,
            buffer: Vec::new(),
        }
    }

    /// The next line with its number, from 1.
    pub(super) fn next(&mut self) -> io::Result<Option<(u64, Line<'_>)>> {
        self.buffer.clear();
        let limit = MAX_ROW_BYTES as u64 + 1;
        let mut bounded = self.reader.by_ref().take(limit);
        if bounded.read_until(b'\n', &mut self.buffer)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let line = match self.buffer.strip_suffix(b"\n") {
            Some(line) => Line::Bytes(line.strip_suffix(b"\r").unwrap_or(line)),
            None if self.buffer.len() > MAX_ROW_BYTES => {
                self.reader.skip_until(b'\n')?;
                Line::TooLong
            }
            None => Line::Bytes(&self.buffer),
        };
        Ok(Some((self.number, line)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: &[u8]) -> Vec<Option<Vec<u8>>> {
        let mut lines = Lines::new(input);
        let mut all = Vec::new();
        while let Some((number, line)) = lines.next().unwrap() {
            assert_eq!(number, all.len() as u64 + 1);
            all.push(match line {
                Line::Bytes(bytes) => Some(bytes.to_vec()),
                Line::TooLong => None,
            });
        }
        all
    }

    #[test]
    fn ends_lines_at_lf_and_crlf_and_the_end_of_file() {
        let expected = [&b"a"[..], b"", b"b\r", b"c"].map(|line| Some(line.to_vec()));
        assert_eq!(read(b"a\r\n\nb\r\r\nc"), expected);
        assert!(read(b"").is_empty());
    }

    #[test]
    fn passes_over_a_line_that_is_too_long_and_reads_on() {
        let fits = vec![b'x'; MAX_ROW_BYTES];
        let too_long = vec![b'x'; MAX_ROW_BYTES + 1];
        let input = [&fits[..], &too_long, &vec![b'x'; 5_000_000], b"end"].join(&b'\n');
        assert_eq!(
            read(&input),
            [Some(fits), None, None, Some(b"end".to_vec())]
        );
        assert_eq!(read(&too_long), [None]);
    }

    #[test]
    fn skips_the_byte_order_mark_only() {
        for (input, text) in [
            (&b"\xef\xbb\xbfab"[..], "ab"),
            (b"abcdef", "abcdef"),
            (b"a", "a"),
        ] {
            let mut read = String::new();
            let mut checked = check_encoding(input).unwrap().unwrap();
            checked.read_to_string(&mut read).unwrap();
            assert_eq!(read, text);
        }
    }
}
