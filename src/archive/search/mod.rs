//! Full text over the clauses of all versions: the index is brought up to the log, and answers are read in the archive.

mod ask;
mod check;
mod index;
mod line;
mod quoted;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::rc::Rc;

use super::{Archive, ArchiveError};
use crate::classify::Provision;
use crate::model::{Instant, Sha256, Span};
use crate::project::{Document, Sight, TextKey};
use crate::search::{Nearness, Query};
use crate::store::SearchIndex;
use ask::Answering;

pub(super) use check::findings as index_findings;
pub(super) use index::remove as remove_index;

/// How far the building of an index has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexProgress {
    /// Versions taken up.
    pub versions: u64,
    /// Versions to take up.
    pub total: u64,
}

/// What is looked for, and among what.
#[derive(Debug, Clone)]
pub struct Question {
    /// The words.
    pub query: Query,
    /// Only in the versions that answer as of this instant.
    pub as_of: Option<Instant>,
    /// Only in these documents, by their numbers.
    pub documents: Option<BTreeSet<u64>>,
    /// Only in clauses that hold a provision of one of these kinds.
    pub kinds: Option<BTreeSet<String>>,
    /// How many hits are wanted at the most.
    pub limit: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchFound {
    /// The hits, the best first.
    pub hits: Vec<Hit>,
    /// Whether there are more than were asked for.
    pub has_more: bool,
}

/// A wording in a document that answers a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The document.
    pub document: Document,
    /// The headings that its clause stands under in the version that is quoted, the highest first.
    pub headings: Vec<String>,
    /// Where its clause stands in the text of that version.
    pub span: Span,
    /// The bytes there.
    pub quote: String,
    /// Where in that text the words stand that were looked for.
    pub marks: Vec<Span>,
    /// How near they stand to each other.
    pub nearness: Nearness,
    /// The event of the version that is quoted: the first of the last row of versions with this wording.
    pub version_seq: u64,
    /// The SHA-256 of its text.
    pub sha256: Sha256,
    /// When the wording was first observed in the document.
    pub since: Instant,
    /// Every time during which it was observed; none where only versions without an observation of their own have it.
    pub stood: Vec<Stood>,
    /// Its provisions of the kinds that were asked for.
    pub provisions: Vec<Provision>,
}

/// A time during which every observation of a document showed a wording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stood {
    /// When it was observed first.
    pub since: Instant,
    /// When the document was first observed without it; none where it was not.
    pub until: Option<Instant>,
}

/// Answers queries.
#[derive(Debug)]
pub struct Searcher {
    archive: Archive,
    index: SearchIndex,
    documents: HashMap<u64, Document>,
    withheld: HashSet<TextKey>,
    /// The sights of documents that were asked for already.
    sights: RefCell<HashMap<u64, Vec<Sight>>>,
    /// The versions that answered the last question that was as of an instant.
    answering: RefCell<Option<(Instant, Rc<Answering>)>>,
}

impl Searcher {
    /// Opens the archive in `folder` for queries, after its index is brought up to the log, or built where there is none
    /// that can be used. While another process does so, it is waited for.
    ///
    /// # Errors
    /// What is wrong with the archive; [`ArchiveError::Search`].
    pub fn open(
        folder: &Path,
        progress: &mut dyn FnMut(IndexProgress),
    ) -> Result<Self, ArchiveError> {
        let (archive, index) = index::current(Archive::open(folder)?, progress)?;
        let documents = archive.documents()?.into_iter();
        let withheld = archive.withheld_blobs()?.keys();
        Ok(Self {
            documents: documents.map(|one| (one.number, one)).collect(),
            withheld: withheld.map(|blob| TextKey::of(*blob)).collect(),
            archive,
            index,
            sights: RefCell::default(),
            answering: RefCell::default(),
        })
    }

    /// The archive, as of which queries are answered.
    #[must_use]
    pub fn archive(&self) -> &Archive {
        &self.archive
    }
}
