//! The fetches that the archive made, as a WARC file.

use std::collections::{HashMap, HashSet};
use std::io::Write;

use serde::Deserialize;

use crate::archive::capture::CaptureError;
use crate::archive::{Archive, ArchiveError};
use crate::export::warc::{Body, WarcWriter};
use crate::model::{
    BlobId, Content, DocumentName, Event, Evidence, Fact, Instant, Origin, SnapshotRecorded,
    StreamId,
};
use crate::project::Document;

/// What a file of WARC records holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WarcWritten {
    /// Snapshots, with their bytes.
    pub snapshots: u64,
    /// Other fetches: pages that were as before, and failures.
    pub others: u64,
    /// Snapshots whose bytes are withheld.
    pub withheld: u64,
}

/// A line of the evidence of looks.
#[derive(Deserialize)]
struct Line {
    document: String,
    part: Option<String>,
    evidence: Evidence,
}

impl Archive {
    /// Writes the fetches of documents, in the order of the log.
    ///
    /// # Errors
    /// [`CaptureError::Write`], and what is wrong with the archive.
    pub fn write_warc(
        &self,
        out: impl Write,
        documents: &[Document],
        now: Instant,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<WarcWritten, ArchiveError> {
        let mut writing = Writing {
            archive: self,
            names: documents
                .iter()
                .map(|document| (document.stream(), document.name.to_string()))
                .collect(),
            writer: WarcWriter::begin(out, &self.checkpoint_line().origin, now)
                .map_err(CaptureError::Write)?,
            written: WarcWritten::default(),
            told: HashSet::new(),
        };
        let size = self.log.size();
        self.events::<ArchiveError>(0, size, |event, _| {
            progress(event.seq, size);
            writing.event(&event)
        })?;
        writing.writer.end().map_err(CaptureError::Write)?;
        Ok(writing.written)
    }
}

/// A file under way.
struct Writing<'a, W> {
    archive: &'a Archive,
    names: HashMap<StreamId, String>,
    writer: WarcWriter<W>,
    written: WarcWritten,
    /// The evidence of looks that was written: several events may share it.
    told: HashSet<BlobId>,
}

impl<W: Write> Writing<'_, W> {
    fn event(&mut self, event: &Event) -> Result<(), ArchiveError> {
        match &event.fact {
            Fact::SnapshotRecorded(snapshot) if self.names.contains_key(&event.stream) => {
                self.snapshot(event, snapshot)
            }
            Fact::ObservationsRecorded {
                evidence: Some(evidence),
                ..
            } => self.looks(event, evidence),
            _ => Ok(()),
        }
    }

    fn snapshot(&mut self, event: &Event, snapshot: &SnapshotRecorded) -> Result<(), ArchiveError> {
        let Origin::Fetched(fetch) = &snapshot.origin else {
            return Ok(());
        };
        let Ok(evidence) = self.archive.content(fetch.evidence.blob)? else {
            self.written.withheld += 1;
            return Ok(());
        };
        let parsed: Evidence = evidence_of(event.seq, &evidence)?;
        let content = self.archive.content(snapshot.content.blob)?;
        let body = content
            .as_ref()
            .map_or(Body::None, |bytes| Body::Bytes(bytes));
        let declaration = self.archive.content(fetch.declaration)?.unwrap_or_default();
        let value = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).ok();
        let about = serde_json::json!({
            "document": self.names.get(&event.stream),
            "part": snapshot.part.as_ref().map(ToString::to_string),
            "seq": event.seq,
            "event_id": event.event_id.to_string(),
            "observed_at": event.observed_at,
            "sha256": snapshot.content.sha256.to_string(),
            "blake3": snapshot.content.blob.to_string(),
            "media_type": snapshot.media_type.as_str(),
            "declaration": value(&declaration),
            "evidence": value(&evidence),
        });
        let about = about.to_string();
        self.writer
            .fetch((event.seq, 0), &parsed, body, about.as_bytes())
            .map_err(CaptureError::Write)?;
        self.written.snapshots += 1;
        self.written.withheld += u64::from(content.is_err());
        Ok(())
    }

    fn looks(&mut self, event: &Event, evidence: &Content) -> Result<(), ArchiveError> {
        if !self.told.insert(evidence.blob) {
            return Ok(());
        }
        let Ok(lines) = self.archive.content(evidence.blob)? else {
            return Ok(());
        };
        let lines = lines.split(|byte| *byte == b'\n');
        for (place, line) in (0..).zip(lines.filter(|line| !line.is_empty())) {
            let parsed: Line = evidence_of(event.seq, line)?;
            let document = DocumentName::parse(&parsed.document)?;
            if !self.names.contains_key(&StreamId::of_document(&document)) {
                continue;
            }
            let status = parsed.evidence.response().map(|response| response.status);
            let body = match status {
                Some(200 | 203) if parsed.evidence.body.is_some() => Body::AsBefore,
                Some(304) => Body::AsBefore,
                _ => Body::None,
            };
            let about = serde_json::json!({
                "document": parsed.document,
                "part": parsed.part,
                "seq": event.seq,
                "evidence": parsed.evidence,
            });
            let about = about.to_string();
            self.writer
                .fetch((event.seq, place), &parsed.evidence, body, about.as_bytes())
                .map_err(CaptureError::Write)?;
            self.written.others += 1;
        }
        Ok(())
    }
}

fn evidence_of<'b, T: Deserialize<'b>>(seq: u64, bytes: &'b [u8]) -> Result<T, ArchiveError> {
    serde_json::from_slice(bytes).map_err(|source| CaptureError::Evidence { seq, source }.into())
}
