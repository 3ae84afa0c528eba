//! Questions that come a line each, from someone who may wait for an answer before asking on.

use std::io::{self, BufRead as _, BufReader, Read, Write as _};

use super::output::Out;

/// The longest line that a question may have, in bytes.
pub(super) const MAX_BYTES: u64 = 1 << 16;

/// A line that is longer than any question.
pub(super) struct TooLong;

/// Reads lines, and writes what is due before it waits for one.
pub(super) struct Lines<R> {
    input: BufReader<R>,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input: BufReader::new(input),
        }
    }

    /// The next line with its end; none behind the last, and an error in place of a line that is too long, which is
    /// passed over.
    pub(super) fn next(&mut self, out: &mut Out) -> io::Result<Option<Result<Vec<u8>, TooLong>>> {
        // Reading on may have to wait, and whoever asks may wait for the answers before asking more.
        if !self.input.buffer().contains(&b'\n') {
            out.flush()?;
        }
        let mut line = Vec::new();
        if self.read(MAX_BYTES + 1, &mut line)? == 0 {
            return Ok(None);
        }
        if line.len() as u64 <= MAX_BYTES {
            return Ok(Some(Ok(line)));
        }
        while !line.ends_with(b"\n") {
            line.clear();
            if self.read(MAX_BYTES, &mut line)? == 0 {
                break;
            }
        }
        Ok(Some(Err(TooLong)))
    }

    fn read(&mut self, limit: u64, line: &mut Vec<u8>) -> io::Result<usize> {
        self.input.by_ref().take(limit).read_until(b'\n', line)
    }
}
