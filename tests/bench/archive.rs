//! Benches of the archive on a synthetic log of 50,000 events: `cargo bench`, or `cargo bench -- replay` for one.
//!
//! The archive lies in a temporary folder; TMPDIR says on which disk, which decides how fast events become durable. What
//! reads it does so of a copy of the archive in `RECENSION_BENCH_ARCHIVE`, where that names one.
#![allow(clippy::unwrap_used, reason = "a bench that can't go on should stop")]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use recension::archive::{self, Archive, Verification, Writer};
use recension::model::{
    BlobId, Cause, CommitId, CommitKind, Content, DocumentName, EventId, Fact, ImportedCommit,
    Instant, Origin, StreamId, VersionRecorded,
};
use recension::prove::SigningKey;
use recension::store::{BlobWriter, Blobs, Log, LogError, LogWriter, NewEvent};

const EVENTS: u64 = 50_000;
const DOCUMENTS: u64 = 500;
/// Distinct texts; the versions repeat them.
const TEXTS: u64 = 2_000;
/// How many events a batch of an import has.
const BATCH: u64 = 1024;
/// How many events are recorded at once where the archive is made.
const MADE_BATCH: u64 = 8192;
const START: i64 = 1_600_000_000;

fn main() {
    divan::main();
    if let Some(subject) = SUBJECT.get() {
        drop(std::fs::remove_dir_all(&subject.folder));
    }
}

/// What is read: an archive, and what to ask it.
struct Subject {
    folder: PathBuf,
    events: u64,
    content_bytes: u64,
    /// Its blobs in the order of their names, which is none.
    blobs: Vec<BlobId>,
    /// Its documents, each with an instant between its first observation and its last.
    questions: Vec<(String, Instant)>,
}

static SUBJECT: OnceLock<Subject> = OnceLock::new();

/// The archive, made or copied when it is first needed.
fn subject() -> &'static Subject {
    SUBJECT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap().keep();
        match std::env::var_os("RECENSION_BENCH_ARCHIVE") {
            Some(archive) => copy(Path::new(&archive), &folder),
            None => make(&folder),
        }
        let archive = Archive::open(&folder).unwrap();
        let mut blobs = Vec::new();
        let take = |event: recension::model::Event, _: &[u8]| {
            blobs.extend(event.fact.content().map(|content| content.blob));
            Ok(())
        };
        archive
            .events::<archive::ArchiveError>(0, u64::MAX, take)
            .unwrap();
        blobs.sort_unstable();
        blobs.dedup();
        let questions = archive.documents().unwrap().into_iter().zip(1_i64..);
        let questions = questions.filter_map(|(document, number)| {
            let first = document.first_observed_at?.micros();
            let span = document.last_observed_at?.micros() - first;
            let at = Instant::from_micros(first + span / 1009 * (number * 389 % 1009))?;
            Some((document.name.to_string(), at))
        });
        let stats = archive.stats().unwrap();
        Subject {
            events: stats.events,
            content_bytes: stats.content_bytes + stats.snapshot_bytes,
            blobs,
            questions: questions.collect(),
            folder,
        }
    })
}

/// Copies an archive that nobody writes to.
fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn make(folder: &Path) {
    let origin = Some("example.org/bench");
    archive::init(folder, origin, &[1; 40], second(0)).unwrap();
    let mut writer = Writer::open(folder).unwrap();
    let contents: Vec<Content> = (0..TEXTS)
        .map(|number| {
            let stream = StreamId::of_document(&document(number % DOCUMENTS));
            writer.put(stream, text(number).as_bytes()).unwrap()
        })
        .collect();
    let content = |number: u64| contents[usize::try_from(number % TEXTS).unwrap()];
    for first in (0..EVENTS).step_by(usize::try_from(MADE_BATCH).unwrap()) {
        let last = EVENTS.min(first + MADE_BATCH);
        let events: Vec<NewEvent> = (first..last)
            .map(|number| event(number, content(number)))
            .collect();
        writer.record(&events, second(number_of(last))).unwrap();
    }
}

fn number_of(number: u64) -> i64 {
    i64::try_from(number).unwrap()
}

fn second(seconds: i64) -> Instant {
    Instant::from_seconds(START + seconds).unwrap()
}

fn document(number: u64) -> DocumentName {
    DocumentName::new(
        format!("Platform {}", number / 5),
        format!("Document {}", number % 5),
    )
    .unwrap()
}

/// About 8 KB of words.
fn text(number: u64) -> String {
    let words = (0..1_000).map(|word| format!("word{} ", (number * 7919 + word * word) % 5_003));
    words.collect()
}

/// Documents are declared first; then each is seen in turn, an hour after the one before.
fn event(number: u64, text: Content) -> NewEvent {
    let document = document(number % DOCUMENTS);
    let stream = StreamId::of_document(&document);
    let observed_at = second(number_of(number) * 3600);
    if number < DOCUMENTS {
        return NewEvent {
            event_id: EventId::declared(stream),
            stream,
            observed_at,
            fact: Fact::DocumentDeclared { document },
        };
    }
    let mut commit = [0; 20];
    commit[..8].copy_from_slice(&number.to_be_bytes());
    let commit = CommitId(commit);
    let imported = ImportedCommit {
        commit,
        committed_at: observed_at,
        kind: CommitKind::Changes,
        snapshot: None,
        trailers: vec![("X-engine-version".to_owned(), "15.1.0".to_owned())],
    };
    NewEvent {
        event_id: EventId::imported_version(stream, commit),
        stream,
        observed_at,
        fact: Fact::VersionRecorded(VersionRecorded {
            text,
            cause: Cause::Changed,
            origin: Origin::Imported(imported),
        }),
    }
}

fn open_log(archive: &Archive) -> Log {
    let path = subject().folder.join("log.sqlite");
    Log::open(&path, archive.verifier().name(), archive.verifier()).unwrap()
}

/// Batches of 1,024 events into the log alone, each durable and signed.
#[divan::bench(sample_size = 1, sample_count = 40)]
fn append(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().unwrap();
    let (path, sidecar) = (
        folder.path().join("log.sqlite"),
        folder.path().join("checkpoint"),
    );
    let key = || SigningKey::from_seed("example.org/bench", &[1; 32]).unwrap();
    LogWriter::create(&path, &sidecar, &key(), second(0)).unwrap();
    let mut log = LogWriter::open(&path, &sidecar, key()).unwrap();
    let next = AtomicU64::new(0);
    let content = Content::of(b"text");
    bencher
        .counter(ItemsCount::new(BATCH))
        .with_inputs(|| {
            let first = next.fetch_add(BATCH, Ordering::Relaxed);
            (first..first + BATCH)
                .map(|number| event(number, content))
                .collect::<Vec<_>>()
        })
        .bench_local_values(|events| {
            log.append(&events, second(0)).unwrap();
            log.sign().unwrap();
        });
}

/// A text of a document after the one before, 8 KB of which a few words differ, into a store of its own.
#[divan::bench(sample_size = 16, sample_count = 40)]
fn encode(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = BlobWriter::open(&folder.path().join("blobs.sqlite"), true).unwrap();
    let (mut content, mut number) = (text(0), 0);
    bencher
        .counter(BytesCount::new(content.len()))
        .with_inputs(|| {
            number += 1;
            let place = number * 97 % (content.len() - 40);
            content.replace_range(place..place + 8, &format!("{number:08}"));
            (BlobId::of(content.as_bytes()), content.clone())
        })
        .bench_local_values(|(blob, content)| {
            let stream = Some(StreamId([1; 16]));
            writer.put(blob, content.as_bytes(), stream).unwrap();
        });
}

/// Every content, one document after another.
#[divan::bench(sample_size = 1, sample_count = 10)]
fn decode(bencher: Bencher<'_, '_>) {
    let subject = subject();
    let path = subject.folder.join("blobs.sqlite");
    bencher
        .counter(BytesCount::new(subject.content_bytes))
        .counter(ItemsCount::new(subject.blobs.len()))
        .bench_local(|| {
            let blobs = Blobs::open(&path).unwrap();
            for series in blobs.series().unwrap() {
                let see = |_, content: Result<&[u8], String>| {
                    black_box(content.unwrap());
                };
                blobs.each_of(series, see).unwrap();
            }
        });
}

/// One content after another, in no order, of an archive that stays open.
#[divan::bench(sample_size = 1, sample_count = 2_000)]
fn random_read(bencher: Bencher<'_, '_>) {
    let subject = subject();
    let archive = Archive::open(&subject.folder).unwrap();
    let mut blobs = subject.blobs.iter().cycle();
    bencher
        .with_inputs(|| *blobs.next().unwrap())
        .bench_local_values(|blob| archive.content(blob).unwrap());
}

/// Reads, proves and decodes every event.
#[divan::bench(sample_size = 1, sample_count = 20)]
fn scan(bencher: Bencher<'_, '_>) {
    let archive = Archive::open(&subject().folder).unwrap();
    bencher
        .counter(ItemsCount::new(subject().events))
        .bench_local(|| {
            let log = open_log(&archive);
            log.scan::<LogError>(0, log.size(), |event, _| {
                black_box(event);
                Ok(())
            })
            .unwrap();
        });
}

/// The same, folds every event into new views, and compares these with the ones before.
#[divan::bench(sample_size = 1, sample_count = 20)]
fn replay(bencher: Bencher<'_, '_>) {
    let subject = subject();
    bencher
        .counter(ItemsCount::new(subject.events))
        .bench_local(|| {
            let rebuilt = archive::rebuild(&subject.folder, |_, _| ()).unwrap();
            assert!(rebuilt.same);
        });
}

/// Asks an open archive what a document said, without its text.
#[divan::bench]
fn as_of(bencher: Bencher<'_, '_>) {
    let archive = Archive::open(&subject().folder).unwrap();
    let mut questions = subject().questions.iter().cycle();
    bencher
        .with_inputs(|| questions.next().unwrap())
        .bench_local_values(|(name, at)| {
            let document = archive.document(name).unwrap();
            archive.as_of(document, *at, None).unwrap()
        });
}

/// Opens the archive and asks what every document said.
#[divan::bench(sample_size = 1, sample_count = 40)]
fn open_and_list_as_of(bencher: Bencher<'_, '_>) {
    let subject = subject();
    let mut questions = subject.questions.iter().cycle();
    bencher
        .counter(ItemsCount::new(subject.questions.len()))
        .with_inputs(|| questions.next().unwrap().1)
        .bench_local_values(|at| {
            let archive = Archive::open(&subject.folder).unwrap();
            archive
                .all_as_of(archive.documents().unwrap(), at, None)
                .unwrap()
        });
}

/// Opens the archive, asks one question and reads the text.
#[divan::bench]
fn open_and_show(bencher: Bencher<'_, '_>) {
    let subject = subject();
    let mut questions = subject.questions.iter().cycle();
    bencher
        .with_inputs(|| questions.next().unwrap())
        .bench_local_values(|(name, at)| {
            let archive = Archive::open(&subject.folder).unwrap();
            let document = archive.document(name).unwrap();
            let found = archive.as_of(document, *at, None).unwrap().found.unwrap();
            archive.content(found.version.text.blob).unwrap()
        });
}

/// Verifies everything.
#[divan::bench(sample_size = 1, sample_count = 10)]
fn verify(bencher: Bencher<'_, '_>) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let subject = subject();
    bencher
        .counter(BytesCount::new(subject.content_bytes))
        .counter(ItemsCount::new(subject.events))
        .with_inputs(|| tempfile::tempdir().unwrap())
        .bench_local_refs(|scratch| {
            let (folder, scratch) = (&subject.folder, scratch.path());
            let found = Verification::run(folder, None, scratch, threads, &mut |_| ()).unwrap();
            assert!(found.is_clean());
        });
}
