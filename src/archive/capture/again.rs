//! Stored pages read again: what they say under another declaration, or by another extractor.

use super::known::{Known, KnownSnapshot};
use super::text::{self, Page};
use crate::archive::{Archive, ArchiveError, Writer};
use crate::extract::EXTRACTOR;
use crate::model::{
    Cause, Content, EventId, Extraction, Fact, Instant, MediaType, Origin, StreamId,
    VersionRecorded,
};
use crate::segment;
use crate::store::NewEvent;

/// Reads the newest snapshots of a document again where another declaration or extractor read them; the text that comes
/// becomes a version if it reads otherwise. Tells whether one did.
pub(super) fn re_extract(
    writer: &mut Writer,
    archive: &Archive,
    known: &Known,
    now: Instant,
) -> Result<bool, ArchiveError> {
    let Some((_, version)) = &known.version else {
        return Ok(false);
    };
    let Origin::Extracted(before) = &version.origin else {
        return Ok(false);
    };
    if before.declaration == known.declaration_blob && before.extractor == EXTRACTOR {
        return Ok(false);
    }
    let (mut pages, mut snapshots) = (Vec::new(), Vec::new());
    for snapshot in &known.snapshots {
        let Some(snapshot) = snapshot else {
            return Ok(false);
        };
        let Some(page) = archive.page(snapshot)? else {
            return Ok(false);
        };
        pages.push(page);
        snapshots.push(snapshot);
    }
    let Ok(text) = text::text(&known.declaration, &pages) else {
        return Ok(false);
    };
    if archive.reads_as(version, &text)? || text::verdict(&text.clauses).is_some() {
        return Ok(false);
    }
    // The pages are those that were seen last, whenever they came.
    let fetched = snapshots.iter().map(|snapshot| snapshot.observed_at);
    let observed_at = fetched.chain(known.document.last_observed_at).max();
    let extraction = Extraction {
        snapshots: snapshots.iter().map(|snapshot| snapshot.seq).collect(),
        declaration: known.declaration_blob,
        extractor: EXTRACTOR,
    };
    let (observed_at, cause) = (observed_at.unwrap_or(now), Cause::ReExtracted);
    let stream = known.document.stream();
    let event = version_event(writer, stream, observed_at, cause, extraction, &text.text)?;
    writer.record(&[event], now)?;
    Ok(true)
}

/// The event of a version that was extracted, whose text is stored.
pub(super) fn version_event(
    writer: &mut Writer,
    stream: StreamId,
    observed_at: Instant,
    cause: Cause,
    extraction: Extraction,
    text: &str,
) -> Result<NewEvent, ArchiveError> {
    let text = writer.put(stream, text.as_bytes())?;
    Ok(NewEvent {
        event_id: EventId::extracted_version(stream, &extraction, observed_at),
        stream,
        observed_at,
        fact: Fact::VersionRecorded(VersionRecorded {
            text,
            cause,
            origin: Origin::Extracted(extraction),
        }),
    })
}

impl Archive {
    /// The page of a snapshot; none where it is withheld.
    pub(super) fn page(&self, snapshot: &KnownSnapshot) -> Result<Option<Page>, ArchiveError> {
        let evidence = Some(&snapshot.evidence);
        self.stored_page(
            snapshot.seq,
            &snapshot.content,
            &snapshot.media_type,
            evidence,
        )
    }

    /// The page that an event recorded, with the charset that its evidence tells; none where it is withheld.
    pub(super) fn stored_page(
        &self,
        seq: u64,
        content: &Content,
        media_type: &MediaType,
        evidence: Option<&Content>,
    ) -> Result<Option<Page>, ArchiveError> {
        let Ok(bytes) = self.content(content.blob)? else {
            return Ok(None);
        };
        let evidence = evidence.map(|evidence| self.evidence(seq, evidence));
        let evidence = evidence.transpose()?.flatten();
        Ok(Some(Page {
            bytes,
            media_type: media_type.clone(),
            charset: evidence.and_then(|evidence| evidence.charset().map(str::to_owned)),
        }))
    }

    /// Whether a person reads the same in a version and in a text.
    pub(super) fn reads_as(
        &self,
        version: &VersionRecorded,
        text: &text::Read,
    ) -> Result<bool, ArchiveError> {
        if version.text.blob == Content::of(text.text.as_bytes()).blob {
            return Ok(true);
        }
        let Ok(before) = self.content(version.text.blob)? else {
            return Ok(false);
        };
        let before = segment::segment(&String::from_utf8_lossy(&before));
        Ok(before.digest() == text.clauses.digest())
    }
}
