//! Two processes at one archive: one writes, the other is refused or reads.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use recension::archive::{self, Archive, ArchiveError, Verification, Writer};
use recension::model::{
    Cause, DocumentName, EventId, Fact, Instant, Origin, StreamId, VersionRecorded,
};
use recension::store::{FileError, NewEvent, ViewsWriter};

use crate::support::fixture::Fixture;

const DOCUMENTS: i64 = 8;

fn second(seconds: i64) -> Instant {
    Instant::from_seconds(1_600_000_000 + seconds).unwrap()
}

fn name(number: i64) -> DocumentName {
    DocumentName::new("Alder", format!("Document {}", number % DOCUMENTS)).unwrap()
}

fn recension(archive: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_recension"));
    command
        .env_remove("RECENSION_NOW")
        .env("RECENSION_ARCHIVE", archive)
        .stdin(Stdio::null());
    command
}

fn run(archive: &Path, args: &[&str]) -> Output {
    recension(archive).args(args).output().unwrap()
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Records the versions `first..end`, each in a batch of its own.
fn record(writer: &mut Writer, first: i64, end: i64) {
    for number in first..end {
        let document = name(number);
        let stream = StreamId::of_document(&document);
        let text = format!("{document}, version {number}\n");
        let text = writer.put(stream, text.as_bytes()).unwrap();
        let declared = (number < DOCUMENTS).then(|| NewEvent {
            event_id: EventId::declared(stream),
            stream,
            observed_at: second(number),
            fact: Fact::DocumentDeclared { document },
        });
        let version = NewEvent {
            event_id: EventId::demonstration(number.unsigned_abs()),
            stream,
            observed_at: second(number),
            fact: Fact::VersionRecorded(VersionRecorded {
                text,
                cause: Cause::Changed,
                origin: Origin::Demonstration,
            }),
        };
        let events: Vec<NewEvent> = declared.into_iter().chain([version]).collect();
        writer.record(&events, second(number)).unwrap();
    }
}

/// What a reader saw last, which a later one may not fall behind.
#[derive(Default)]
struct Reader {
    looks: u64,
    events: u64,
    versions: u64,
    latest: HashMap<i64, u64>,
}

impl Reader {
    /// Opens the archive and checks that all it says belongs together.
    fn look(&mut self, folder: &Path) {
        let archive = Archive::open(folder).unwrap();
        assert_eq!(archive.alarm(), None);
        assert!(archive.checkpoint().size() >= self.events);
        self.events = archive.checkpoint().size();
        let documents = archive.documents().unwrap();
        let versions = documents.iter().map(|document| document.versions).sum();
        assert!(versions >= self.versions, "{versions} < {}", self.versions);
        self.versions = versions;
        for (number, document) in (0..).zip(documents) {
            let answer = archive.as_of(document, second(1 << 30), None).unwrap();
            let found = answer.found.unwrap();
            let text = archive.content(found.version.text.blob).unwrap().unwrap();
            let of = found.event.observed_at.micros() / 1_000_000 - 1_600_000_000;
            let expected = format!("{}, version {of}\n", name(number));
            assert_eq!(String::from_utf8(text).unwrap(), expected);
            let before = self.latest.insert(number, found.event.seq);
            assert!(before.is_none_or(|before| before <= found.event.seq));
        }
        self.looks += 1;
    }
}

fn working_folder() -> tempfile::TempDir {
    // Where writing costs nothing, the two meet the most often.
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

fn assert_clean(folder: &Path) {
    let scratch = working_folder();
    let found = Verification::run(folder, None, scratch.path(), 1, &mut |_| ()).unwrap();
    assert!(found.is_clean(), "{:?}", found.findings);
}

#[test]
fn readers_beside_a_writer_see_one_state_after_another() {
    let temporary = working_folder();
    let folder = temporary.path();
    archive::init(folder, None, &[3; 40], second(0)).unwrap();
    let mut writer = Writer::open(folder).unwrap();
    record(&mut writer, 0, DOCUMENTS);
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers = [(); 2].map(|()| {
            scope.spawn(|| {
                let mut reader = Reader::default();
                while !ended.load(Ordering::Relaxed) {
                    reader.look(folder);
                }
                reader.looks
            })
        });
        record(&mut writer, DOCUMENTS, 800);
        ended.store(true, Ordering::Relaxed);
        for reader in readers {
            assert!(reader.join().unwrap() > 0);
        }
    });
    drop(writer);
    let mut reader = Reader::default();
    reader.look(folder);
    assert_eq!(reader.versions, 800);
    assert_clean(folder);
}

#[test]
fn verification_beside_a_writer_finds_nothing() {
    let temporary = working_folder();
    let folder = temporary.path();
    archive::init(folder, None, &[3; 40], second(0)).unwrap();
    let mut writer = Writer::open(folder).unwrap();
    record(&mut writer, 0, 100);
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let verifier = scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                assert_clean(folder);
            }
        });
        record(&mut writer, 100, 500);
        ended.store(true, Ordering::Relaxed);
        verifier.join().unwrap();
    });
}

#[test]
fn a_second_writer_is_refused() {
    let temporary = working_folder();
    let folder = temporary.path();
    archive::init(folder, None, &[3; 40], second(0)).unwrap();
    let mut writer = Writer::open(folder).unwrap();
    record(&mut writer, 0, 20);
    let refused = Writer::open(folder).unwrap_err();
    assert!(matches!(
        refused,
        ArchiveError::File(FileError::Locked { .. })
    ));
    for args in [&["import", "ota-versions", "nowhere"][..], &["rebuild"]] {
        let output = run(folder, args);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr);
        let expected = format!(
            "error: another process is writing to this archive (it holds {})\n\
             hint: wait until it has finished, then try again\n",
            folder.join("lock").display()
        );
        assert_eq!(said, expected);
        assert_eq!(output.stdout, b"");
    }
    record(&mut writer, 20, 40);
    drop(writer);
    stdout(&run(folder, &["rebuild"]));
    assert_clean(folder);
}

#[test]
fn the_program_answers_while_another_of_it_imports() {
    let temporary = working_folder();
    let folder = &temporary.path().join("archive");
    let bundle = temporary.path().join("history.bundle");
    let mut history = Fixture::new();
    for number in 0..6_000 {
        let path = format!("{}.md", name(number));
        let text = format!("{}, version {number}\n", name(number)).repeat(20);
        history.commit(&[(&path, Some(&text))], "Update", 1_600_000_000 + number);
    }
    history.write_bundle(&bundle);
    archive::init(folder, None, &[3; 40], second(0)).unwrap();
    let mut import = recension(folder)
        .args(["import", "ota-versions"])
        .arg(&bundle)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let (mut looks, mut refused, mut last) = (0, 0, 0);
    while import.try_wait().unwrap().is_none() {
        // Until it has begun, another import could be the one that gets the lock.
        if !folder.join("import.new").exists() {
            std::thread::sleep(std::time::Duration::from_millis(1));
            continue;
        }
        let stats = stdout(&run(folder, &["stats", "--format", "json"]));
        let stats: serde_json::Value = serde_json::from_str(&stats).unwrap();
        let versions = stats["versions"].as_u64().unwrap();
        assert!(versions >= last);
        last = versions;
        if versions > 0 {
            let text = stdout(&run(
                folder,
                &["show", "alder/document 3", "--format", "raw"],
            ));
            assert!(text.starts_with("Alder/Document 3, version "), "{text:?}");
            assert_eq!(text.lines().count(), 20);
            looks += 1;
        }
        let second = recension(folder)
            .args(["import", "ota-versions"])
            .arg(&bundle)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&second.stderr);
        if second.status.code() == Some(2) {
            assert!(
                said.starts_with("error: another process is writing to this archive"),
                "{said}"
            );
            refused += 1;
        } else {
            // The first had just ended.
            assert!(second.status.success(), "{said}");
        }
    }
    assert!(import.wait().unwrap().success());
    // How often depends on the machine.
    eprintln!("{looks} looks and {refused} refusals while it imported");
    let text = stdout(&run(
        folder,
        &["show", "Alder/Document 3", "--format", "raw"],
    ));
    assert!(
        text.starts_with("Alder/Document 3, version 5995\n"),
        "{text:?}"
    );
    assert_clean(folder);
}

#[test]
fn views_are_not_replaced_under_one_that_writes_them() {
    let temporary = working_folder();
    let folder = temporary.path();
    archive::init(folder, None, &[3; 40], second(0)).unwrap();
    record(&mut Writer::open(folder).unwrap(), 0, 20);
    // As a reader does that found views behind the log.
    let under_way = ViewsWriter::open(&folder.join("views.sqlite")).unwrap();
    std::thread::scope(|scope| {
        let rebuilt = scope.spawn(|| archive::rebuild(folder, |_, _| ()).unwrap());
        std::thread::sleep(std::time::Duration::from_millis(300));
        assert!(!rebuilt.is_finished());
        under_way.close().unwrap();
        assert!(rebuilt.join().unwrap().same);
    });
    assert_clean(folder);
}

#[test]
fn copies_taken_beside_a_writer_are_whole() {
    let temporary = working_folder();
    let folder = &temporary.path().join("archive");
    archive::init(folder, None, &[3; 40], second(0)).unwrap();
    let mut writer = Writer::open(folder).unwrap();
    record(&mut writer, 0, 20);
    let ended = AtomicBool::new(false);
    let copies = std::thread::scope(|scope| {
        let copies = scope.spawn(|| {
            let mut sizes = Vec::new();
            while !ended.load(Ordering::Relaxed) {
                let copy = temporary.path().join(format!("copy {}", sizes.len()));
                let taken = archive::backup(folder, &copy, false).unwrap();
                assert_eq!(taken.alarm, None);
                assert_clean(&copy);
                sizes.push(taken.checkpoint.size());
            }
            sizes
        });
        record(&mut writer, 20, 500);
        ended.store(true, Ordering::Relaxed);
        copies.join().unwrap()
    });
    assert!(copies.is_sorted() && copies[0] >= 28, "{copies:?}");
}
