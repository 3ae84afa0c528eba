//! The use cases: make an archive, bring histories in, ask it, verify it, build its views again, take contents out.
//!
//! An archive is a folder:
//!
//! | file | what it is |
//! |---|---|
//! | `recension.toml` | what marks the folder as an archive: its format, origin and verifier key |
//! | `log.sqlite` | the event log and its tree: the only truth |
//! | `blobs.sqlite` | the contents that events name |
//! | `views.sqlite` | what replaying the log gives; may be deleted |
//! | `search.sqlite` | which words clauses have, made at the first search; may be deleted |
//! | `histories.sqlite` | what judging the next version of a document needs of those before; may be deleted |
//! | `checkpoint` | the newest signed head of the log, outside the database |
//! | `signing.key` | the private key that signs checkpoints, mode 0600 |
//! | `sweep` | when a sweep began that has not ended |
//! | `lock` | held by the one process that writes |
//! | `views.lock` | held by those that open or write the views, and alone by the one that replaces them |
//! | `search.lock` | held by those that open the search index, and alone by the one that writes it |

mod accept_log;
mod alarm;
mod as_of;
mod backup;
mod capture;
mod changes;
mod compact;
mod contents;
mod demonstration;
mod error;
mod import;
mod layout;
mod named;
mod picture;
mod places;
mod provisions;
mod query;
mod rebuild;
mod repair;
mod report;
mod search;
mod stats;
mod trial;
mod unread;
mod verify;
mod warc;
mod withheld;
mod withhold;
mod writer;

use std::cell::OnceCell;
use std::collections::HashMap;
use std::path::Path;

pub use accept_log::accept_log;
pub use alarm::Alarm;
pub use backup::{Backup, backup};
pub use capture::{
    CaptureError, FailedLook, Health, ReExtractProgress, ReExtracted, Scope, State, SweepProgress,
    SweepReport, Sweeper, Tracked, Tracking, re_extract, track,
};
pub use changes::{
    ChangeFilter, DetectProgress, Detected, Judged, Texts, ToldChange, VersionTold, reassess,
};
pub use compact::{Compaction, compact};
pub use demonstration::{Demonstration, demonstrate};
pub use error::ArchiveError;
pub use import::{HistoryImport, ImportProgress, ImportReport};
pub use layout::{discover, init};
pub use provisions::{HeldProvision, Holding, Near, ProvisionOn, ProvisionReader, WordingsOn};
pub use rebuild::{Rebuilt, rebuild};
pub use repair::{Repaired, repair};
pub use report::{Peers, Reference, ReportOn};
pub use search::{Hit, IndexProgress, Question, SearchFound, Searcher, Stood};
pub use trial::{Pages, Trial, TrialError, try_declaration};
pub use verify::{Finding, Verification, VerifyProgress};
pub use warc::{WarcImported, WarcWritten, import_warc};
pub use withhold::{Use, Withdrawn, withhold};
pub use writer::Writer;

pub use crate::fetch::{Browser, Clock, Policy, Stop};
pub use crate::segment::segment as clauses_of;

use crate::model::{BlobId, Event};
use crate::prove::{Checkpoint, Note, VerifierKey};
use crate::store::{Blobs, Log, Views};
use layout::{Layout, Manifest};

/// An archive, open for reading as of its newest checkpoint.
#[derive(Debug)]
pub struct Archive {
    layout: Layout,
    manifest: Manifest,
    log: Log,
    views: Views,
    blobs: OnceCell<Blobs>,
    withheld: OnceCell<HashMap<BlobId, u64>>,
    alarm: Option<Alarm>,
}

impl Archive {
    /// Opens the archive in `folder`. Views that are missing or behind the log are brought up to it.
    ///
    /// # Errors
    /// An [`ArchiveError`] that says what is missing, altered or damaged.
    pub fn open(folder: &Path) -> Result<Self, ArchiveError> {
        // What stands beside the log is read before the log. A writer signs in the log first, then in the sidecar, and
        // brings the views up last, so that neither is ahead of what is then read of the log, unless it lost events.
        let layout = Layout::new(folder);
        let manifest = layout.read_manifest()?;
        let sidecar = layout.read_sidecar(&manifest);
        let (log, views) = rebuild::current(&layout, &manifest)?;
        let alarm = sidecar.compare(&log)?;
        Ok(Self {
            layout,
            manifest,
            log,
            views,
            blobs: OnceCell::new(),
            withheld: OnceCell::new(),
            alarm,
        })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.layout.folder()
    }

    /// Why nothing may be written to the archive and its answers may lack the newest events, if that is so.
    #[must_use]
    pub fn alarm(&self) -> Option<&Alarm> {
        self.alarm.as_ref()
    }

    /// The key that verifies the archive's checkpoints.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.manifest.verifier
    }

    /// The newest checkpoint.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        self.log.checkpoint()
    }

    /// The newest checkpoint as it was signed.
    #[must_use]
    pub fn checkpoint_note(&self) -> &Note {
        self.log.note()
    }

    /// Reads an event, proven to be in the log.
    ///
    /// # Errors
    /// [`ArchiveError::Log`].
    pub fn event(&self, seq: u64) -> Result<Event, ArchiveError> {
        Ok(self.log.event(seq)?)
    }

    fn blobs(&self) -> Result<&Blobs, ArchiveError> {
        if let Some(blobs) = self.blobs.get() {
            return Ok(blobs);
        }
        let opened = Blobs::open(&self.layout.blobs())?;
        Ok(self.blobs.get_or_init(|| opened))
    }
}
