//! What came of a fetch becomes events: snapshots first, then the versions and looks that name them.

use super::again::version_event;
use super::known::{Known, KnownSnapshot};
use super::text::{self, NoText, Page};
use super::{CaptureError, FailedLook, SweepReport, looks};
use crate::archive::{Archive, ArchiveError, Writer};
use crate::extract::EXTRACTOR;
use crate::fetch::{Failure, Fetched, Page as FetchedPage, Results};
use crate::model::{
    Cause, Content, EventId, Evidence, Extraction, Fact, Fetch, Instant, MediaType, Observation,
    Origin, Outcome, PartName, SnapshotRecorded, Stage, StreamId,
};
use crate::store::{Appended, NewEvent};

/// Documents that were fetched, on their way into the log.
pub(super) struct Batch<'a> {
    writer: &'a mut Writer,
    archive: Archive,
    now: Instant,
    report: &'a mut SweepReport,
    observations: Vec<Observation>,
    /// A line of JSON for each fetch that brought no snapshot.
    evidence: Vec<u8>,
    events: Vec<NewEvent>,
}

/// What came of one part of a document.
struct Part {
    /// The snapshot that it is, if it is one.
    snapshot: Option<KnownSnapshot>,
    /// Its page, where its bytes are at hand.
    page: Option<Page>,
    /// Whether the snapshot is one of before.
    is_unchanged: bool,
}

/// What a look at a document came to.
struct Looked {
    known: Known,
    observed_at: Instant,
    parts: Vec<Part>,
    failure: Option<NoText>,
    /// Whether it was a browser that looked.
    is_shown: bool,
}

/// Takes what came of fetching some documents into the log.
pub(super) fn take(
    writer: &mut Writer,
    fetched: Vec<(Known, Results)>,
    now: Instant,
    report: &mut SweepReport,
) -> Result<(), ArchiveError> {
    let archive = Archive::open(writer.folder())?;
    let mut batch = Batch {
        writer,
        archive,
        now,
        report,
        observations: Vec::new(),
        evidence: Vec::new(),
        events: Vec::new(),
    };
    let mut looked = Vec::with_capacity(fetched.len());
    for (known, results) in fetched {
        looked.push(batch.snapshots(known, results)?);
    }
    batch.number(&mut looked)?;
    for one in looked {
        batch.look(one)?;
    }
    batch.finish()
}

impl Batch<'_> {
    /// Takes the pages of a document: those that differ from the ones before become snapshots.
    fn snapshots(&mut self, known: Known, results: Results) -> Result<Looked, ArchiveError> {
        let mut looked = Looked {
            observed_at: self.now,
            parts: Vec::with_capacity(results.len()),
            failure: None,
            is_shown: results.iter().any(is_shown),
            known,
        };
        let names: Vec<Option<PartName>> = looked.known.declaration.part_names().collect();
        let mut times = Vec::new();
        for (place, result) in results.into_iter().enumerate() {
            let before = looked.known.snapshots.get(place).cloned().flatten();
            let name = names.get(place).cloned().flatten();
            match result {
                Ok(fetched) => {
                    times.push(fetched.observed_at);
                    let part = self.page(&looked.known, name, before, fetched)?;
                    looked.parts.push(part);
                }
                Err(failure) => {
                    times.extend(failure.ended_at);
                    let reason = failure.reason.clone();
                    let stage = failure.stage;
                    if let Some(evidence) = failure.evidence {
                        self.tell(&looked.known, name.as_ref(), *evidence)?;
                    }
                    looked.failure.get_or_insert(NoText { stage, reason });
                }
            }
        }
        looked.observed_at = times.into_iter().max().unwrap_or(self.now);
        Ok(looked)
    }

    fn page(
        &mut self,
        known: &Known,
        name: Option<PartName>,
        before: Option<KnownSnapshot>,
        fetched: Fetched,
    ) -> Result<Part, ArchiveError> {
        let Fetched {
            page,
            evidence,
            captures,
            observed_at,
        } = fetched;
        for capture in captures {
            self.writer.put(known.document.stream(), &capture)?;
        }
        let FetchedPage::Body {
            bytes,
            media_type,
            charset,
        } = page
        else {
            self.tell(known, name.as_ref(), evidence)?;
            return Ok(Part {
                snapshot: before,
                page: None,
                is_unchanged: true,
            });
        };
        let content = Content::of(&bytes);
        let page = Some(Page {
            bytes,
            media_type: media_type.clone(),
            charset,
        });
        let same = |one: &KnownSnapshot| one.content == content && one.media_type == media_type;
        if let Some(before) = before.filter(same) {
            self.tell(known, name.as_ref(), evidence)?;
            return Ok(Part {
                snapshot: Some(before),
                page,
                is_unchanged: true,
            });
        }
        let snapshot = self.snapshot(known, name, observed_at, content, media_type, &evidence)?;
        if let Some(page) = &page {
            self.writer.put(known.document.stream(), &page.bytes)?;
        }
        Ok(Part {
            snapshot: Some(snapshot),
            page,
            is_unchanged: false,
        })
    }

    /// The event of a page that differs from the one before.
    fn snapshot(
        &mut self,
        known: &Known,
        part: Option<PartName>,
        observed_at: Instant,
        content: Content,
        media_type: MediaType,
        evidence: &Evidence,
    ) -> Result<KnownSnapshot, ArchiveError> {
        let stream = known.document.stream();
        let address = evidence.final_address().to_owned();
        let evidence = serde_json::to_vec(evidence).map_err(CaptureError::NoEvidence)?;
        let evidence = self.writer.put(stream, &evidence)?;
        self.report.snapshots += 1;
        self.events.push(NewEvent {
            event_id: EventId::fetched_snapshot(stream, part.as_ref(), observed_at),
            stream,
            observed_at,
            fact: Fact::SnapshotRecorded(SnapshotRecorded {
                content,
                part,
                media_type: media_type.clone(),
                origin: Origin::Fetched(Fetch {
                    address,
                    evidence,
                    declaration: known.declaration_blob,
                }),
            }),
        });
        Ok(KnownSnapshot {
            seq: u64::MAX, // until the log gives it one
            observed_at,
            content,
            media_type,
            evidence,
        })
    }

    /// Records the snapshots, and numbers them as the log does.
    fn number(&mut self, looked: &mut [Looked]) -> Result<(), ArchiveError> {
        if self.events.is_empty() {
            return Ok(());
        }
        let appended = self.writer.record(&self.events, self.now)?;
        self.events.clear();
        let mut seqs = appended.iter().map(|one| match one {
            Appended::New(event) => event.seq,
            Appended::Already { seq } => *seq,
        });
        let parts = looked.iter_mut().flat_map(|one| one.parts.iter_mut());
        for part in parts.filter(|part| !part.is_unchanged) {
            if let (Some(snapshot), Some(seq)) = (&mut part.snapshot, seqs.next()) {
                snapshot.seq = seq;
            }
        }
        Ok(())
    }

    /// Tells what the document says, or why that is not known.
    fn look(&mut self, mut looked: Looked) -> Result<(), ArchiveError> {
        let stream = looked.known.document.stream();
        let unchanged = looked.parts.iter().filter(|part| part.is_unchanged);
        let unchanged: Vec<u64> = unchanged
            .filter_map(|part| Some(part.snapshot.as_ref()?.seq))
            .collect();
        let observed_at = looked.observed_at;
        for snapshot_seq in unchanged {
            self.observations.push(Observation {
                stream,
                observed_at,
                outcome: Outcome::SnapshotUnchanged { snapshot_seq },
            });
        }
        let outcome = match looked.failure.take() {
            Some(failure) => Err(failure),
            None => self.version(&mut looked)?,
        };
        let outcome = match outcome {
            Ok(None) => {
                self.report
                    .versions
                    .push(looked.known.document.name.clone());
                return Ok(());
            }
            Ok(Some(version_seq)) => {
                self.report.unchanged += 1;
                Outcome::Unchanged { version_seq }
            }
            Err(NoText { stage, reason }) => self.failed(&looked, stage, reason),
        };
        self.observations.push(Observation {
            stream,
            observed_at,
            outcome,
        });
        Ok(())
    }

    fn failed(&mut self, looked: &Looked, stage: Stage, mut reason: String) -> Outcome {
        let (known, is_text) = (
            &looked.known,
            [Stage::Selection, Stage::Quality].contains(&stage),
        );
        if is_text && known.needs_scripts() && !looked.is_shown {
            reason.push_str("; scripts make its text, and no browser ran them");
        }
        let told = looks::short(&reason);
        self.report.failed.push(FailedLook {
            document: known.document.name.clone(),
            stage,
            reason: told.clone(),
        });
        Outcome::Failed {
            stage: Some(stage),
            reason: told,
        }
    }

    /// Takes the text of the pages. Gives the version that says the same, or nothing where it became one of its own.
    fn version(
        &mut self,
        looked: &mut Looked,
    ) -> Result<Result<Option<u64>, NoText>, ArchiveError> {
        let known = &looked.known;
        let mut pages = Vec::with_capacity(looked.parts.len());
        let mut snapshots = Vec::with_capacity(looked.parts.len());
        for part in &mut looked.parts {
            let Some(snapshot) = &part.snapshot else {
                continue;
            };
            snapshots.push(snapshot.seq);
            let page = match part.page.take() {
                Some(page) => page,
                None => match self.archive.page(snapshot)? {
                    Some(page) => page,
                    None => return Ok(Err(withheld())),
                },
            };
            pages.push(page);
        }
        let text = match text::text(&known.declaration, &pages) {
            Ok(text) => text,
            Err(no_text) => return Ok(Err(no_text)),
        };
        if let Some((seq, version)) = &known.version
            && self.archive.reads_as(version, &text)?
        {
            return Ok(Ok(Some(*seq)));
        }
        if let Some(no_text) = text::verdict(&text.clauses) {
            return Ok(Err(no_text));
        }
        let cause = match &known.version {
            None => Cause::First,
            Some((_, version)) => match version.origin {
                Origin::Extracted(_) => Cause::Changed,
                // Others extracted what was known until now.
                _ => Cause::ReExtracted,
            },
        };
        let extraction = Extraction {
            snapshots,
            declaration: known.declaration_blob,
            extractor: EXTRACTOR,
        };
        let event = version_event(
            self.writer,
            known.document.stream(),
            looked.observed_at,
            cause,
            extraction,
            &text.text,
        )?;
        self.events.push(event);
        Ok(Ok(None))
    }

    /// Keeps how a fetch went that brought no snapshot.
    fn tell(
        &mut self,
        known: &Known,
        part: Option<&PartName>,
        evidence: Evidence,
    ) -> Result<(), ArchiveError> {
        let line = serde_json::json!({
            "document": known.document.name.to_string(),
            "part": part.map(PartName::as_str),
            "evidence": evidence.without_certificates(),
        });
        serde_json::to_writer(&mut self.evidence, &line).map_err(CaptureError::NoEvidence)?;
        self.evidence.push(b'\n');
        Ok(())
    }

    /// Records the versions, and the looks in one event.
    fn finish(mut self) -> Result<(), ArchiveError> {
        if !self.observations.is_empty() {
            let stream = StreamId::of_archive();
            let evidence = if self.evidence.is_empty() {
                None
            } else {
                Some(self.writer.put(stream, &self.evidence)?)
            };
            let events = looks::events(self.observations, evidence);
            self.events.extend(events);
        }
        if !self.events.is_empty() {
            self.writer.record(&self.events, self.now)?;
        }
        Ok(())
    }
}

fn is_shown(result: &Result<Fetched, Failure>) -> bool {
    let evidence = match result {
        Ok(fetched) => Some(&fetched.evidence),
        Err(failure) => failure.evidence.as_deref(),
    };
    evidence.is_some_and(|evidence| evidence.shown.is_some())
}

fn withheld() -> NoText {
    NoText {
        stage: Stage::Selection,
        reason: "the snapshot is withheld, and what it says is not known".to_owned(),
    }
}
