//! The import of fetches from WARC files: those that this program exported, as they were, and those of others, where they
//! are of addresses that are tracked.

use std::collections::HashMap;
use std::path::Path;

use super::arrived::Arrived;
use crate::archive::capture::CaptureError;
use crate::archive::{Archive, ArchiveError, Writer};
use crate::import::warc::{WarcReader, WarcRecord};
use crate::model::{
    BlobId, Content, Declaration, DocumentName, EventId, Fact, Fetch, Instant, Origin, PartName,
    SnapshotRecorded, StreamId,
};
use crate::store::{Appended, NewEvent};

/// A batch ends at so many bytes of pages.
const BATCH_BYTES: usize = 32 << 20;

/// What an import of a WARC file did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WarcImported {
    /// Records read.
    pub records: u64,
    /// Snapshots that are new to the archive.
    pub snapshots: u64,
    /// Snapshots that were there already, or whose bytes are those of the one before.
    pub already: u64,
    /// Responses of addresses that are not tracked.
    pub untracked: u64,
    /// What could not be taken, each with its record; at most [`Self::PROBLEMS`] of them.
    pub problems: Vec<String>,
}

impl WarcImported {
    /// How many problems are spelled out.
    pub const PROBLEMS: usize = 100;
}

/// Takes the pages of a WARC file, of at most so many bytes each.
///
/// # Errors
/// [`CaptureError::Files`] where the file can't be read or is none, and what is wrong with the archive. What was recorded
/// until then stays.
pub fn import_warc(
    writer: &mut Writer,
    path: &Path,
    max_bytes: u64,
    now: Instant,
) -> Result<WarcImported, ArchiveError> {
    let failed = |source| CaptureError::Files {
        path: path.to_owned(),
        source,
    };
    let mut reader = WarcReader::open(path, max_bytes.saturating_add(1 << 20)).map_err(failed)?;
    let mut import = Import::new(writer, max_bytes, now)?;
    while let Some(record) = reader.next_record().map_err(failed)? {
        import.done.records += 1;
        import.take(record)?;
    }
    import.record()?;
    Ok(import.done)
}

/// An import under way.
struct Import<'a> {
    writer: &'a mut Writer,
    now: Instant,
    max_bytes: u64,
    done: WarcImported,
    /// The program that wrote the file, as the file says.
    software: String,
    /// The block of the last response.
    response: Option<Vec<u8>>,
    /// What a browser made of it.
    shown: Option<Vec<u8>>,
    /// Which documents and parts are published at an address.
    tracked: HashMap<String, Vec<(DocumentName, Option<PartName>)>>,
    /// The declaration of each document that is declared, if there is one, with the event that says so.
    declared: HashMap<StreamId, Option<(u64, BlobId)>>,
    /// The content of the last snapshot of each part.
    last: HashMap<(StreamId, Option<PartName>), BlobId>,
    batch: Vec<NewEvent>,
    batch_bytes: usize,
}

impl<'a> Import<'a> {
    fn new(writer: &'a mut Writer, max_bytes: u64, now: Instant) -> Result<Self, ArchiveError> {
        let archive = Archive::open(writer.folder())?;
        let (mut tracked, mut declared, mut last) =
            (HashMap::<_, Vec<_>>::new(), HashMap::new(), HashMap::new());
        for document in archive.documents()? {
            let (stream, name, seq) = (
                document.stream(),
                document.name.clone(),
                document.declaration_seq,
            );
            let known = archive.fetched(document)?;
            let blob = known.as_ref().map(|known| known.declaration_blob);
            declared.insert(stream, seq.zip(blob));
            let Some(known) = known else {
                continue;
            };
            let parts = known.declaration.parts().iter();
            let names = known.declaration.part_names();
            for ((part, part_name), snapshot) in parts.zip(names).zip(&known.snapshots) {
                if let Some(snapshot) = snapshot {
                    last.insert((stream, part_name.clone()), snapshot.content.blob);
                }
                let at = tracked.entry(part.address.clone()).or_default();
                at.push((name.clone(), part_name));
            }
        }
        Ok(Self {
            writer,
            now,
            max_bytes,
            done: WarcImported::default(),
            software: String::new(),
            response: None,
            shown: None,
            tracked,
            declared,
            last,
            batch: Vec::new(),
            batch_bytes: 0,
        })
    }

    fn take(&mut self, mut record: WarcRecord) -> Result<(), ArchiveError> {
        let block = record.block.take();
        match record.field("warc-type") {
            Some("warcinfo") => {
                let block = block.unwrap_or_default();
                let text = String::from_utf8_lossy(&block);
                let mut software = text
                    .lines()
                    .filter_map(|line| line.strip_prefix("software:"));
                software
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .clone_into(&mut self.software);
            }
            Some("response") if self.is_own() => self.response = block,
            Some("conversion") if self.is_own() => self.shown = block,
            Some("response") => self.foreign(&record, block.as_deref())?,
            Some("metadata") if self.is_own() => {
                self.own(&record, &block.unwrap_or_default())?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the file is one of our own.
    fn is_own(&self) -> bool {
        self.software.starts_with("recension ")
    }

    /// Takes a snapshot that this program exported.
    fn own(&mut self, record: &WarcRecord, about: &[u8]) -> Result<(), ArchiveError> {
        let (response, shown) = (self.response.take(), self.shown.take());
        match Arrived::own(about, response.as_deref(), shown) {
            Ok(None) => {}
            Ok(Some((arrived, declaration))) => {
                let (document, at) = (&arrived.document, arrived.observed_at);
                self.declare(document, declaration.as_ref(), at)?;
                self.arrive(arrived)?;
            }
            Err(problem) => self.problem(record, &problem),
        }
        Ok(())
    }

    /// Takes a response that another program recorded, where its address is tracked.
    fn foreign(&mut self, record: &WarcRecord, block: Option<&[u8]>) -> Result<(), ArchiveError> {
        let address = record.field("warc-target-uri").unwrap_or_default();
        let address = address.trim_matches(['<', '>']);
        let Some(documents) = self.tracked.get(address).cloned() else {
            self.done.untracked += 1;
            return Ok(());
        };
        match Arrived::foreign(record, address, block, &self.software, self.max_bytes) {
            Ok(None) => {}
            Ok(Some(found)) => {
                for (document, part) in documents {
                    self.arrive(found.of(document, part))?;
                }
            }
            Err(problem) => self.problem(record, &problem),
        }
        Ok(())
    }

    /// Declares a document, and how it is obtained where that is another way than before.
    fn declare(
        &mut self,
        document: &DocumentName,
        declaration: Option<&Declaration>,
        observed_at: Instant,
    ) -> Result<(), ArchiveError> {
        let stream = StreamId::of_document(document);
        let new = |event_id, fact| NewEvent {
            event_id,
            stream,
            observed_at,
            fact,
        };
        let before = self.declared.get(&stream).copied();
        if before.is_none() {
            let document = document.clone();
            let fact = Fact::DocumentDeclared { document };
            self.batch.push(new(EventId::declared(stream), fact));
        }
        let before = before.flatten();
        self.declared.insert(stream, before);
        let Some(declaration) = declaration else {
            return Ok(());
        };
        let canonical = declaration.canonical().map_err(CaptureError::NoJson)?;
        let blob = BlobId::of(&canonical);
        if before.is_some_and(|(_, known)| known == blob) {
            return Ok(());
        }
        let declaration = self.writer.put(stream, &canonical)?;
        let event_id = EventId::declaration_changed(stream, blob, before.map(|(seq, _)| seq));
        self.batch
            .push(new(event_id, Fact::DeclarationChanged { declaration }));
        self.record()?;
        let seq = self.writer.find(event_id)?;
        self.declared.insert(stream, seq.map(|seq| (seq, blob)));
        Ok(())
    }

    fn arrive(&mut self, arrived: Arrived) -> Result<(), ArchiveError> {
        let stream = StreamId::of_document(&arrived.document);
        self.declare(&arrived.document, None, arrived.observed_at)?;
        let Some((_, declaration)) = self.declared.get(&stream).copied().flatten() else {
            self.done.untracked += 1;
            return Ok(());
        };
        let event_id =
            EventId::fetched_snapshot(stream, arrived.part.as_ref(), arrived.observed_at);
        let content = Content::of(&arrived.bytes);
        let key = (stream, arrived.part.clone());
        let is_same = self.last.insert(key, content.blob) == Some(content.blob);
        if is_same || self.writer.find(event_id)?.is_some() {
            self.done.already += 1;
            return Ok(());
        }
        self.writer.put(stream, &arrived.bytes)?;
        self.batch_bytes += arrived.bytes.len();
        let address = arrived.evidence.final_address().to_owned();
        let evidence = serde_json::to_vec(&arrived.evidence).map_err(CaptureError::NoEvidence)?;
        let evidence = self.writer.put(stream, &evidence)?;
        self.batch.push(NewEvent {
            event_id,
            stream,
            observed_at: arrived.observed_at,
            fact: Fact::SnapshotRecorded(SnapshotRecorded {
                content,
                part: arrived.part,
                media_type: arrived.media_type,
                origin: Origin::Fetched(Fetch {
                    address,
                    evidence,
                    declaration,
                }),
            }),
        });
        if self.batch_bytes >= BATCH_BYTES {
            self.record()?;
        }
        Ok(())
    }

    fn record(&mut self) -> Result<(), ArchiveError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        for appended in self.writer.record(&self.batch, self.now)? {
            if let Appended::New(event) = appended
                && let Fact::SnapshotRecorded(_) = event.fact
            {
                self.done.snapshots += 1;
            }
        }
        self.batch.clear();
        self.batch_bytes = 0;
        Ok(())
    }

    fn problem(&mut self, record: &WarcRecord, what: &str) {
        if self.done.problems.len() < WarcImported::PROBLEMS {
            let id = record.field("warc-record-id").unwrap_or("without an id");
            self.done.problems.push(format!("the record {id}: {what}"));
        }
    }
}
