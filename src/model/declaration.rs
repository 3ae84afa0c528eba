//! Declarations: where a document is published, and which part of its pages is the document.

use serde::{Deserialize, Serialize};

use crate::model::{BlobId, DocumentName, Instant, PartName};

/// One end of a range: just before or just after the first element that a CSS selector matches.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Boundary {
    /// The element is on the far side.
    Before(String),
    /// The element is on the near side.
    After(String),
}

/// What is selected from a page, or removed from it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// Every element that a CSS selector matches.
    Elements(String),
    /// All that lies between two boundaries.
    Range {
        /// Where it starts.
        start: Boundary,
        /// Where it ends.
        end: Boundary,
    },
}

/// A change to a page that every extractor knows, made before its text is taken.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// Takes parameters of these names out of the query of each link and image.
    RemoveQueryParams(Vec<String>),
}

/// One address that a document is published at, with what is kept of the page there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SourcePart {
    /// An absolute address, `http` or `https`.
    pub address: String,
    /// What is kept, in this order; nothing stands for the main content of the page.
    pub select: Vec<Selection>,
    /// What is taken out of it before.
    pub remove: Vec<Selection>,
    /// The filters that are applied, in this order.
    pub filters: Vec<Filter>,
    /// The names of filters that are programs of their own, which are never run.
    pub unsupported_filters: Vec<String>,
    /// Whether the page makes its text by scripts, so that a browser has to show it.
    pub client_scripts: bool,
}

/// Where a document is published at one time: one part or several, whose texts follow one another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Declaration {
    parts: Vec<SourcePart>,
}

impl Declaration {
    /// Declares a document of one part and those that follow it.
    #[must_use]
    pub fn new(first: SourcePart, following: Vec<SourcePart>) -> Self {
        let mut parts = vec![first];
        parts.extend(following);
        Self { parts }
    }

    /// The parts in the order of the text; at least one.
    #[must_use]
    pub fn parts(&self) -> &[SourcePart] {
        &self.parts
    }

    /// Reads the only form of a declaration; none where the bytes are not in it.
    #[must_use]
    pub fn parse(canonical: &[u8]) -> Option<Self> {
        let parts: Vec<SourcePart> = serde_json::from_slice(canonical).ok()?;
        let declaration = Self { parts };
        let is_canonical = declaration
            .canonical()
            .is_ok_and(|bytes| bytes == canonical);
        (is_canonical && !declaration.parts.is_empty()).then_some(declaration)
    }

    /// The names of the parts in their order: none for the only one, else their numbers.
    pub fn part_names(&self) -> impl Iterator<Item = Option<PartName>> {
        let count = self.parts.len();
        (1..=count).map(move |number| {
            let name = (count > 1).then(|| PartName::new(number.to_string()));
            name.and_then(Result::ok)
        })
    }

    /// The only form of what the declaration says: JSON without white space, its keys in the order of the fields.
    ///
    /// # Errors
    /// Never for a declaration; the error is that of the encoder.
    pub fn canonical(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// The BLAKE3 of [`canonical`](Self::canonical): equal for declarations that say the same, in whatever form they
    /// were written.
    ///
    /// # Errors
    /// As those of [`canonical`](Self::canonical).
    pub fn digest(&self) -> Result<BlobId, serde_json::Error> {
        Ok(BlobId::of(&self.canonical()?))
    }
}

/// A declaration that no longer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierDeclaration {
    /// The last instant at which it held.
    pub valid_until: Instant,
    /// What it said.
    pub declaration: Declaration,
}

/// All that is declared of one document, now and before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredDocument {
    /// Its name.
    pub document: DocumentName,
    /// What holds now; none where only earlier declarations are left.
    pub current: Option<Declaration>,
    /// What held before, the oldest first.
    pub earlier: Vec<EarlierDeclaration>,
}

impl DeclaredDocument {
    /// The declaration that held at an instant: the earliest that was still valid then, else the current one.
    #[must_use]
    pub fn valid_at(&self, instant: Instant) -> Option<&Declaration> {
        self.earlier
            .iter()
            .filter(|earlier| earlier.valid_until >= instant)
            .min_by_key(|earlier| earlier.valid_until)
            .map(|earlier| &earlier.declaration)
            .or(self.current.as_ref())
    }
}
