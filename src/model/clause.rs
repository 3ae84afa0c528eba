//! Clauses: the units between which changes are found, and how they are pointed at.

use std::ops::Range;

use super::{ClauseId, Sha256, StreamId};

/// A range of bytes in the text of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// The bytes of `text` that it points at; none where they aren't all there or cut a character.
    #[must_use]
    pub fn cut(self, text: &str) -> Option<&str> {
        text.get(self.start..self.end)
    }
}

/// What a clause is in the structure of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClauseKind {
    /// A heading, or a paragraph set in bold that serves as one.
    Heading {
        /// 1 for the highest; 7 for a paragraph set in bold.
        level: u8,
    },
    /// A paragraph, or one sentence of a long one.
    Paragraph,
    /// What an item of a list says by itself, without the lists in it.
    Item,
    /// A row of a table.
    Row,
    /// Preformatted text.
    Code,
}

impl ClauseKind {
    /// The word for it in answers and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Heading { .. } => "heading",
            Self::Paragraph => "paragraph",
            Self::Item => "item",
            Self::Row => "row",
            Self::Code => "code",
        }
    }
}

/// The digest of what a person reads in a clause or in a version: the first 128 bits of its BLAKE3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadingDigest(pub [u8; 16]);

impl ReadingDigest {
    /// The digest of a reading.
    #[must_use]
    pub fn of(reading: &[u8]) -> Self {
        let mut out = [0; 16];
        out.copy_from_slice(&blake3::hash(reading).as_bytes()[..16]);
        Self(out)
    }
}

impl ClauseId {
    /// The identity of a clause that is new in a version: of the document's stream, by the SHA-256 of the version's text
    /// and the clause's place among its clauses.
    #[must_use]
    pub fn born(stream: StreamId, text: Sha256, position: usize) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("recension 2026-11 clause id");
        hasher.update(&stream.0);
        hasher.update(&text.0);
        hasher.update(&(position as u64).to_be_bytes());
        let mut out = [0; 16];
        hasher.finalize_xof().fill(&mut out);
        Self(out)
    }
}

/// One clause of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// What it is.
    pub kind: ClauseKind,
    /// Where it stands in the text.
    pub span: Span,
    /// The heading under which it stands, by its place among the clauses; for a heading, the next higher one.
    pub heading: Option<usize>,
    /// The digest of its reading.
    pub digest: ReadingDigest,
    /// Where its reading stands in that of the version.
    reading: Range<usize>,
    /// Where its links stand among those of the version.
    links: Range<usize>,
}

/// A version divided into clauses, with what a person reads in each.
///
/// The reading leaves out white space and wrapping, markup and its escapes, the targets of links, anchors, images, table
/// padding, soft hyphens and characters without width; quotes, dashes and ellipses are written in one way.
#[derive(Debug, Clone, Default)]
pub struct Clauses {
    all: Vec<Clause>,
    reading: String,
    links: Vec<String>,
}

impl Clauses {
    /// Adds a clause behind the others; one without a reading is none.
    pub fn push(
        &mut self,
        kind: ClauseKind,
        span: Span,
        heading: Option<usize>,
        reading: &str,
        links: impl IntoIterator<Item = String>,
    ) {
        if reading.is_empty() {
            return;
        }
        let (start, first_link) = (self.reading.len(), self.links.len());
        self.reading.push_str(reading);
        self.links.extend(links);
        self.all.push(Clause {
            kind,
            span,
            heading,
            digest: ReadingDigest::of(reading.as_bytes()),
            reading: start..self.reading.len(),
            links: first_link..self.links.len(),
        });
    }

    /// The clauses in the order of the text.
    #[must_use]
    pub fn all(&self) -> &[Clause] {
        &self.all
    }

    /// What a person reads in a clause.
    #[must_use]
    pub fn reading(&self, clause: &Clause) -> &str {
        &self.reading[clause.reading.clone()]
    }

    /// Where the links of a clause lead, in their order, without what only tracks who follows them.
    #[must_use]
    pub fn links(&self, clause: &Clause) -> &[String] {
        &self.links[clause.links.clone()]
    }

    /// How many bytes a person reads.
    #[must_use]
    pub fn reading_bytes(&self) -> usize {
        self.reading.len()
    }

    /// The digest of what a person reads in the whole version, however it is divided into clauses.
    #[must_use]
    pub fn digest(&self) -> ReadingDigest {
        let mut hasher = blake3::Hasher::new();
        for clause in &self.all {
            hasher.update(self.reading(clause).as_bytes());
            hasher.update(b" ");
        }
        let mut out = [0; 16];
        hasher.finalize_xof().fill(&mut out);
        ReadingDigest(out)
    }

    /// The headings that a clause stands under, the highest first.
    #[must_use]
    pub fn path(&self, clause: &Clause) -> Vec<&str> {
        let mut path = Vec::new();
        let mut heading = clause.heading;
        while let Some(above) = heading.and_then(|place| self.all.get(place)) {
            path.push(self.reading(above));
            heading = above.heading;
        }
        path.reverse();
        path
    }
}
