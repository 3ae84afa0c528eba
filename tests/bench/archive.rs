//! Benches of the archive on a synthetic log of 50,000 events: `cargo bench`, or `cargo bench -- replay` for one.
//!
//! The archive lies in a temporary folder; TMPDIR says on which disk, which decides how fast events become durable.
#![allow(clippy::unwrap_used, reason = "a bench that can't go on should stop")]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use recension::archive::{self, Archive, Verification, Writer};
use recension::model::{
    Cause, CommitId, CommitKind, Content, DocumentName, EventId, Fact, ImportedCommit, Instant,
    Origin, StreamId, VersionRecorded,
};
use recension::prove::SigningKey;
use recension::store::{Log, LogError, LogWriter, NewEvent};

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
    if let Some(folder) = FOLDER.get() {
        drop(std::fs::remove_dir_all(folder));
    }
}

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// The archive, made when it is first needed.
fn folder() -> &'static Path {
    FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap().keep();
        let origin = Some("example.org/bench");
        archive::init(&folder, origin, &[1; 40], second(0)).unwrap();
        let mut writer = Writer::open(&folder).unwrap();
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
        folder
    })
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
    let path = folder().join("log.sqlite");
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

/// Reads, proves and decodes every event.
#[divan::bench(sample_size = 1, sample_count = 20)]
fn scan(bencher: Bencher<'_, '_>) {
    let archive = Archive::open(folder()).unwrap();
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        let log = open_log(&archive);
        log.scan::<LogError>(0, EVENTS, |event, _| {
            black_box(event);
            Ok(())
        })
        .unwrap();
    });
}

/// The same, folds every event into new views, and compares these with the ones before.
#[divan::bench(sample_size = 1, sample_count = 20)]
fn replay(bencher: Bencher<'_, '_>) {
    folder();
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        let rebuilt = archive::rebuild(folder(), |_, _| ()).unwrap();
        assert!(rebuilt.same);
    });
}

/// Asks an open archive what a document said, without its text.
#[divan::bench]
fn as_of(bencher: Bencher<'_, '_>) {
    let archive = Archive::open(folder()).unwrap();
    let mut number = 0;
    bencher
        .with_inputs(|| {
            number = (number + 7_919) % EVENTS;
            (
                document(number % DOCUMENTS).to_string(),
                second(number_of(number) * 3600),
            )
        })
        .bench_local_values(|(name, at)| {
            let document = archive.document(&name).unwrap();
            archive.as_of(document, at, None).unwrap()
        });
}

/// Opens the archive, asks one question and reads the text.
#[divan::bench]
fn open_and_show(bencher: Bencher<'_, '_>) {
    let name = document(17).to_string();
    let at = second(number_of(EVENTS / 2) * 3600);
    folder();
    bencher.bench_local(|| {
        let archive = Archive::open(folder()).unwrap();
        let document = archive.document(&name).unwrap();
        let found = archive.as_of(document, at, None).unwrap().found.unwrap();
        archive.content(found.version.text.blob).unwrap().unwrap()
    });
}

/// Verifies everything.
#[divan::bench(sample_size = 1, sample_count = 10)]
fn verify(bencher: Bencher<'_, '_>) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let bytes: usize = (0..TEXTS).map(|number| text(number).len()).sum();
    folder();
    bencher
        .counter(BytesCount::new(bytes))
        .counter(ItemsCount::new(EVENTS))
        .with_inputs(|| tempfile::tempdir().unwrap())
        .bench_local_refs(|scratch| {
            let found =
                Verification::run(folder(), None, scratch.path(), threads, &mut |_| ()).unwrap();
            assert!(found.is_clean());
        });
}
