//! The end of an import: what its versions changed, and the account of it.

use std::path::Path;

use super::take::Run;
use super::{ImportProgress, ImportReport};
use crate::archive::ArchiveError;
use crate::archive::changes::{self, Scope};
use crate::model::{CommitId, EventId, Fact, HistoryImported, HistoryKind, StreamId};
use crate::store::NewEvent;

impl Run<'_> {
    /// Why a history without a single content isn't imported.
    pub(super) fn nothing(self, path: &Path) -> ArchiveError {
        let (kind, path) = (self.kind, path.to_owned());
        match self.report.problems.into_iter().next() {
            Some(example) => ArchiveError::AllLeftOut {
                kind,
                path,
                left_out: self.report.counts.left_out,
                example,
            },
            None => ArchiveError::NothingToImport {
                kind,
                path,
                other_kind: self.other_kind,
            },
        }
    }

    /// Records what the versions changed. The history as a whole tells it: what a later version shows of an earlier one
    /// is known when the first is judged.
    fn detect(&mut self) -> Result<(), ArchiveError> {
        let (commits, content_bytes) = (self.report.counts.commits, self.report.content_bytes);
        let (total, progress) = (self.total, &mut self.progress);
        let mut progress = |judged| {
            progress(ImportProgress {
                commits,
                total,
                content_bytes,
                judged: Some(judged),
            });
        };
        let scope = Scope::New(&self.declared);
        self.report.changes = changes::detect(self.writer, scope, self.now, &mut progress)?;
        Ok(())
    }

    pub(super) fn finish(mut self, head: CommitId) -> Result<ImportReport, ArchiveError> {
        if self.kind == HistoryKind::Versions {
            self.detect()?;
        }
        let event_id = EventId::history_imported(self.kind, head);
        if self.writer.find(event_id)?.is_some() {
            // The history was read again: what was new is recorded, and the account of it stands.
            return Ok(self.report);
        }
        let observed_at = self.latest.values().max().copied().unwrap_or((self.now)());
        let imported = HistoryImported {
            kind: self.kind,
            head,
            since: self.report.since,
            counts: self.report.counts,
        };
        self.batch.push(NewEvent {
            event_id,
            stream: StreamId::of_archive(),
            observed_at,
            fact: Fact::HistoryImported(imported),
        });
        self.record()?;
        Ok(self.report)
    }
}
