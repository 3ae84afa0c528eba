//! Re-extraction: stored pages read in the order in which they came, each under the declaration that held then.

use std::collections::{HashMap, HashSet};

use super::looks::Batch;
use super::stored::Stored;
use super::text::{self, NoText};
use super::{CaptureError, again};
use crate::archive::changes::{Detected, Scope, detect};
use crate::archive::{Archive, ArchiveError, Writer};
use crate::extract::EXTRACTOR;
use crate::model::{
    BlobId, Cause, Declaration, Extraction, Fact, Instant, Origin, ReadingDigest, Stage,
};
use crate::project::{Document, Look};
use crate::segment;

/// How far a re-extraction has come.
#[derive(Debug, Clone, Copy)]
pub struct ReExtractProgress {
    /// Documents that were read.
    pub documents: u64,
    /// Documents in all.
    pub total: u64,
}

/// What a re-extraction did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReExtracted {
    /// Documents that were read.
    pub documents: u64,
    /// Documents whose versions others extracted, which stay as they are.
    pub left: u64,
    /// Snapshots that were read.
    pub snapshots: u64,
    /// Versions that came of them.
    pub versions: u64,
    /// Snapshots that say what the one before said.
    pub unchanged: u64,
    /// Snapshots that no text came of.
    pub failed: u64,
    /// The changes that were found.
    pub changes: Detected,
}

/// Reads the stored snapshots of the tracked documents that were not read yet, or of those of them that a name means, each
/// under the declaration that held when it was fetched; what was read before is read anew where the declaration or the
/// extractor is another now.
///
/// # Errors
/// [`CaptureError::NothingTracked`], and what is wrong with the archive. What was recorded until then stays, and a later
/// run goes on.
pub fn re_extract(
    writer: &mut Writer,
    of: Option<&str>,
    now: &dyn Fn() -> Instant,
    progress: &mut dyn FnMut(ReExtractProgress),
) -> Result<ReExtracted, ArchiveError> {
    let archive = Archive::open(writer.folder())?;
    let mut documents = archive.documents_named(of)?;
    documents.retain(|document| document.declaration_seq.is_some());
    if documents.is_empty() {
        let of = of.map(str::to_owned);
        return Err(CaptureError::NothingTracked { of }.into());
    }
    let total = documents.len() as u64;
    let mut done = ReExtracted::default();
    let mut touched = HashSet::new();
    for document in documents {
        let stream = document.stream();
        match History::read(&archive, &document)? {
            None => done.left += 1,
            Some(history) => {
                history.follow(&archive, writer, now(), &mut done)?;
                touched.insert(stream);
            }
        }
        let latest = Archive::open(writer.folder())?;
        let document = latest.document(&document.name.to_string())?;
        if let Some(known) = latest.fetched(document)?
            && again::re_extract(writer, &latest, &known, now())?
        {
            done.versions += 1;
            touched.insert(stream);
        }
        done.documents += 1;
        progress(ReExtractProgress {
            documents: done.documents,
            total,
        });
    }
    done.changes = detect(writer, Scope::New(&touched), now, &mut |_| ())?;
    Ok(done)
}

/// A declaration that held from an instant on.
struct Held {
    since: Instant,
    blob: BlobId,
    declaration: Declaration,
}

/// What is to be read of a document.
struct History {
    document: Document,
    held: Vec<Held>,
    snapshots: Vec<Stored>,
    /// The last version.
    last: Option<Last>,
    /// What is read is later than this.
    after: Instant,
}

/// The last version that was recorded or is about to be.
struct Last {
    seq: u64,
    reading: ReadingDigest,
}

impl History {
    /// Reads what there is of a document; none where others extracted its versions.
    fn read(archive: &Archive, document: &Document) -> Result<Option<Self>, ArchiveError> {
        let (mut held, mut snapshots) = (Vec::new(), Vec::new());
        let mut foreign = false;
        for event in archive.log.stream(document.stream())? {
            let event = event?;
            match &event.fact {
                Fact::DeclarationChanged { declaration } => {
                    if let Ok(bytes) = archive.content(declaration.blob)? {
                        held.push(Held {
                            since: event.observed_at,
                            blob: declaration.blob,
                            declaration: Declaration::parse(&bytes)
                                .ok_or(CaptureError::Declaration { seq: event.seq })?,
                        });
                    }
                }
                Fact::SnapshotRecorded(_) => snapshots.extend(Stored::of(&event)),
                Fact::VersionRecorded(version) => {
                    foreign |= !matches!(version.origin, Origin::Extracted(_));
                }
                _ => {}
            }
        }
        if foreign {
            return Ok(None);
        }
        held.sort_by_key(|one| one.since);
        snapshots.sort_by_key(|one: &Stored| (one.observed_at, one.seq));
        let looks = archive.entries(document, archive.log.size())?;
        let after = looks.iter().map(|entry| entry.observed_at).max();
        let last = looks.iter().rev().find_map(|entry| match entry.look {
            Look::Version => Some(entry.seq),
            Look::Unchanged { version_seq } => Some(version_seq),
            Look::Failed | Look::Retired => None,
        });
        Ok(Some(Self {
            document: document.clone(),
            held,
            snapshots,
            last: last
                .map(|seq| Last::read(archive, seq))
                .transpose()?
                .flatten(),
            after: after.unwrap_or(Instant::MIN),
        }))
    }

    /// The declaration that held at an instant: the last that began before, or the first of all.
    fn held_at(&self, at: Instant) -> Option<&Held> {
        let before = self.held.iter().rev().find(|held| held.since <= at);
        before.or_else(|| self.held.first())
    }

    /// Reads the snapshots one after the other and records what they say.
    fn follow(
        mut self,
        archive: &Archive,
        writer: &mut Writer,
        now: Instant,
        done: &mut ReExtracted,
    ) -> Result<(), ArchiveError> {
        let mut batch = Batch::new(writer, self.document.stream(), now);
        let mut parts: HashMap<usize, usize> = HashMap::new();
        let mut before: Option<BlobId> = None;
        for place in 0..self.snapshots.len() {
            let at = self.snapshots[place].observed_at;
            let Some(held) = self.held_at(at) else {
                continue;
            };
            let blob = held.blob;
            if before.is_some_and(|before| before != blob) && at > self.after {
                done.versions += u64::from(self.anew(archive, &mut batch, &parts, at)?);
            }
            before = Some(blob);
            let Some(held) = self.held_at(at) else {
                continue;
            };
            let Some(part) = self.snapshots[place].part_of(&held.declaration) else {
                continue;
            };
            parts.insert(part, place);
            if at <= self.after {
                continue;
            }
            done.snapshots += 1;
            match self.text(archive, &parts, at)? {
                Err(no_text) => {
                    done.failed += 1;
                    batch.failed(at, &no_text);
                }
                Ok(text) if self.says(&text.clauses.digest()) => {
                    done.unchanged += 1;
                    if let Some(last) = &self.last {
                        batch.unchanged(at, last.seq);
                    }
                }
                Ok(text) => match text::verdict(&text.clauses) {
                    Some(no_text) => {
                        done.failed += 1;
                        batch.failed(at, &no_text);
                    }
                    None => {
                        done.versions += 1;
                        let cause = match self.last {
                            None => Cause::First,
                            Some(_) => Cause::Changed,
                        };
                        self.record(&mut batch, &parts, at, cause, &text)?;
                    }
                },
            }
            if batch.is_full() {
                batch.record()?;
            }
        }
        batch.record()
    }

    /// Reads what was read last under the declaration that holds at an instant; tells whether it says
    /// something else.
    fn anew(
        &mut self,
        archive: &Archive,
        batch: &mut Batch<'_>,
        parts: &HashMap<usize, usize>,
        at: Instant,
    ) -> Result<bool, ArchiveError> {
        let Some(since) = self.held_at(at).map(|held| held.since) else {
            return Ok(false);
        };
        let fetched = parts
            .values()
            .map(|place| self.snapshots[*place].observed_at);
        let since = fetched.max().map_or(since, |fetched| fetched.max(since));
        if let Ok(text) = self.text(archive, parts, at)?
            && self.last.is_some()
            && !self.says(&text.clauses.digest())
            && text::verdict(&text.clauses).is_none()
        {
            self.record(batch, parts, since.min(at), Cause::ReExtracted, &text)?;
            return Ok(true);
        }
        Ok(false)
    }

    fn says(&self, reading: &ReadingDigest) -> bool {
        self.last
            .as_ref()
            .is_some_and(|last| last.reading == *reading)
    }

    fn record(
        &mut self,
        batch: &mut Batch<'_>,
        parts: &HashMap<usize, usize>,
        at: Instant,
        cause: Cause,
        text: &text::Read,
    ) -> Result<(), ArchiveError> {
        let Some(held) = self.held_at(at) else {
            return Ok(());
        };
        let (declaration, count) = (held.blob, held.declaration.parts().len());
        let places = (0..count).filter_map(|part| parts.get(&part));
        let extraction = Extraction {
            snapshots: places.map(|place| self.snapshots[*place].seq).collect(),
            declaration,
            extractor: EXTRACTOR,
        };
        let seq = batch.version(at, cause, extraction, &text.text)?;
        self.last = Some(Last {
            seq,
            reading: text.clauses.digest(),
        });
        Ok(())
    }

    /// The text of the parts that were fetched last, under the declaration that holds at an instant.
    fn text(
        &self,
        archive: &Archive,
        parts: &HashMap<usize, usize>,
        at: Instant,
    ) -> Result<Result<text::Read, NoText>, ArchiveError> {
        let missing = |reason: &str| NoText {
            stage: Stage::Selection,
            reason: reason.to_owned(),
        };
        let Some(held) = self.held_at(at) else {
            return Ok(Err(missing(
                "nothing says what of the page is the document",
            )));
        };
        let mut pages = Vec::new();
        for part in 0..held.declaration.parts().len() {
            let stored = parts
                .get(&part)
                .and_then(|place| self.snapshots.get(*place));
            let Some(stored) = stored else {
                return Ok(Err(missing("a part of the document was not fetched yet")));
            };
            match stored.page(archive)? {
                Some(page) => pages.push(page),
                None => return Ok(Err(missing("the snapshot is withheld"))),
            }
        }
        Ok(text::text(&held.declaration, &pages))
    }
}

impl Last {
    fn read(archive: &Archive, seq: u64) -> Result<Option<Self>, ArchiveError> {
        let Fact::VersionRecorded(version) = archive.event(seq)?.fact else {
            return Ok(None);
        };
        let Ok(bytes) = archive.content(version.text.blob)? else {
            return Ok(None);
        };
        let clauses = segment::segment(&String::from_utf8_lossy(&bytes));
        Ok(Some(Self {
            seq,
            reading: clauses.digest(),
        }))
    }
}
