//! The rows of the search index that say where a wording stands.

use blake3::hazmat::hash_derive_key_context;

use crate::model::Span;
use crate::project::DigestContext;

static PLACE: DigestContext =
    DigestContext::new(|| hash_derive_key_context("recension 2026-11 search place digest"));

/// Versions of a document, one behind the other, in which a wording stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The event of the first of them.
    pub first_seq: u64,
    /// The event of the last of them; none where that is the document's newest version.
    pub last_seq: Option<u64>,
}

/// Where a wording stands in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The document, by its number.
    pub document: u64,
    /// In which versions, in the order of the log.
    pub runs: Vec<Run>,
    /// Where its clause stands in the text of the first version of the last run.
    pub span: Span,
    /// Where the headings above it stand there, from the highest.
    pub headings: Vec<Span>,
}

impl Place {
    /// Whether the wording stands in the version of an event, which must be one of the document.
    #[must_use]
    pub fn holds(&self, version_seq: u64) -> bool {
        self.runs.iter().any(|run| {
            run.first_seq <= version_seq && run.last_seq.is_none_or(|last| version_seq <= last)
        })
    }

    /// Whether it stands in the document's newest version.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.runs.last().is_some_and(|run| run.last_seq.is_none())
    }

    pub(super) fn runs_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut before = 0;
        for run in &self.runs {
            put(&mut bytes, run.first_seq - before);
            put(
                &mut bytes,
                run.last_seq.map_or(0, |last| last - run.first_seq + 1),
            );
            before = run.last_seq.unwrap_or(run.first_seq);
        }
        bytes
    }

    pub(super) fn spans_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for span in std::iter::once(&self.span).chain(&self.headings) {
            put(&mut bytes, span.start as u64);
            put(&mut bytes, (span.end - span.start) as u64);
        }
        bytes
    }

    /// Reads a row; none where its bytes are none that were written.
    pub(super) fn read(document: u64, runs: &[u8], spans: &[u8]) -> Option<Self> {
        let (mut all, mut before) = (Vec::new(), 0_u64);
        for (gap, length) in pairs(runs)? {
            let first_seq = before.checked_add(gap)?;
            let last_seq = match length {
                0 => None,
                length => Some(first_seq.checked_add(length - 1)?),
            };
            before = last_seq.unwrap_or(first_seq);
            all.push(Run {
                first_seq,
                last_seq,
            });
        }
        let mut spans = pairs(spans)?.into_iter().map(|(start, length)| {
            let start = usize::try_from(start).ok()?;
            let end = start.checked_add(usize::try_from(length).ok()?)?;
            Some(Span { start, end })
        });
        let span = spans.next()??;
        Some(Self {
            document,
            runs: all,
            span,
            headings: spans.collect::<Option<_>>()?,
        })
    }
}

/// A digest over a row, for finding damage.
pub(super) fn digest(wording: i64, document: u64, runs: &[u8], spans: &[u8]) -> [u8; 4] {
    let whole = PLACE.digest(&[
        &wording.to_be_bytes(),
        &document.to_be_bytes(),
        &(runs.len() as u64).to_be_bytes(),
        runs,
        spans,
    ]);
    let mut digest = [0; 4];
    digest.copy_from_slice(&whole[..4]);
    digest
}

/// Adds a number as unsigned LEB128.
fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

/// Reads numbers that stand in pairs.
fn pairs(bytes: &[u8]) -> Option<Vec<(u64, u64)>> {
    let (mut numbers, mut number, mut shift) = (Vec::new(), 0_u64, 0_u32);
    for byte in bytes {
        if shift > 63 {
            return None;
        }
        number |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            numbers.push(number);
            (number, shift) = (0, 0);
        }
    }
    let (pairs, rest) = numbers.as_chunks::<2>();
    (rest.is_empty() && shift == 0).then(|| pairs.iter().map(|pair| (pair[0], pair[1])).collect())
}
