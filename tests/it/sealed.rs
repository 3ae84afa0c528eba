//! Sealed events: what a log answers does not depend on which of its events are in bundles, which are not yet, and which
//! came from a log of the format before.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use recension::archive::{self, Archive as Opened, ArchiveError, Writer};
use recension::model::{
    Cause, Content, DocumentName, Event, EventId, Fact, Instant, Observation, Origin, Outcome,
    Sha256, StreamId, VersionRecorded,
};
use recension::prove::{SigningKey, leaf_hash, tree_hash, verify_inclusion};
use recension::store::{Appended, Log, LogError, LogWriter, NewEvent, SqliteError, migrate_log};
use rusqlite::Connection;

use crate::support::archive::{Archive, copy_folder, text};

const DOCUMENTS: u64 = 7;
const FIRST_SCHEMA: &str = include_str!("../../schema/log/0001_events.sql");

fn second(number: u64) -> Instant {
    Instant::from_seconds(1_700_000_000 + i64::try_from(number).unwrap()).unwrap()
}

fn name(number: u64) -> DocumentName {
    DocumentName::new("Alder", format!("Document {}", number % DOCUMENTS)).unwrap()
}

/// The `number`th event: declarations first, then versions of the documents in turn.
fn event(number: u64) -> NewEvent {
    let document = name(number);
    let stream = StreamId::of_document(&document);
    let text = format!("{document}, version {number}\n");
    let fact = if number < DOCUMENTS {
        Fact::DocumentDeclared { document }
    } else {
        Fact::VersionRecorded(VersionRecorded {
            text: Content::of(text.as_bytes()),
            cause: Cause::Changed,
            origin: Origin::Demonstration,
        })
    };
    NewEvent {
        event_id: EventId::demonstration(number),
        stream,
        observed_at: second(number),
        fact,
    }
}

/// Records the events `first..end` in batches of so many; each is recorded at its own number.
fn record(writer: &mut Writer, first: u64, end: u64, batch: usize) {
    let numbers: Vec<u64> = (first..end).collect();
    for numbers in numbers.chunks(batch) {
        for number in numbers {
            let text = format!("{}, version {number}\n", name(*number));
            let stream = StreamId::of_document(&name(*number));
            writer.put(stream, text.as_bytes()).unwrap();
        }
        let events: Vec<NewEvent> = numbers.iter().map(|number| event(*number)).collect();
        writer.record(&events, second(numbers[0])).unwrap();
    }
}

fn archive_of(events: u64, batch: usize) -> Archive {
    let archive = Archive::new();
    record(
        &mut Writer::open(&archive.path()).unwrap(),
        0,
        events,
        batch,
    );
    archive
}

fn log(archive: &Archive) -> Connection {
    Connection::open(archive.file("log.sqlite")).unwrap()
}

fn number(connection: &Connection, query: &str) -> u64 {
    connection.query_row(query, [], |row| row.get(0)).unwrap()
}

/// All leaves, read from an archive by its public face.
fn leaves(archive: &Archive) -> Vec<Vec<u8>> {
    let mut leaves = Vec::new();
    archive
        .open()
        .events::<ArchiveError>(0, u64::MAX, |_, leaf| {
            leaves.push(leaf.to_vec());
            Ok(())
        })
        .unwrap();
    leaves
}

/// Changes a table that its triggers guard.
fn force(archive: &Archive, table: &str, statements: &str) {
    archive.damaged();
    let log = log(archive);
    let triggers: Vec<(String, String)> = log
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1")
        .unwrap()
        .query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for (name, _) in &triggers {
        log.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    log.execute_batch(statements).unwrap();
    for (_, sql) in &triggers {
        log.execute_batch(sql).unwrap();
    }
}

#[test]
fn every_256_events_are_sealed_whatever_the_batches_are() {
    for (events, batch) in [
        (255, 100),
        (256, 256),
        (256, 7),
        (257, 1000),
        (511, 100),
        (512, 512),
        (513, 1),
    ] {
        let archive = archive_of(events, batch);
        let rows = log(&archive);
        assert_eq!(number(&rows, "SELECT count(*) FROM event"), events % 256);
        assert_eq!(number(&rows, "SELECT count(*) FROM bundle"), events / 256);
        assert_eq!(
            number(&rows, "SELECT count(*) FROM sealed_event"),
            events / 256 * 256
        );
        assert_eq!(
            number(&rows, "SELECT count(*) FROM tile WHERE level = 0"),
            u64::from(events % 256 > 0)
        );
        let (opened, leaves) = (archive.open(), leaves(&archive));
        let hashes: Vec<Sha256> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
        let checkpoint = opened.checkpoint();
        assert_eq!(
            (checkpoint.size(), *checkpoint.root()),
            (events, tree_hash(&hashes))
        );
        for (seq, leaf) in (0..).zip(&leaves) {
            let (proven, proof) = opened.proof(seq).unwrap();
            assert_eq!(proven, *leaf);
            verify_inclusion(
                &hashes[usize::try_from(seq).unwrap()],
                seq,
                events,
                &proof,
                checkpoint.root(),
            )
            .unwrap();
            let found = opened.event(seq).unwrap();
            assert_eq!(
                (found.event_id, found.stream_seq),
                (event(seq).event_id, seq / DOCUMENTS)
            );
        }
        // Repeating appends nothing.
        let all: Vec<NewEvent> = (0..events).map(event).collect();
        let again = Writer::open(&archive.path())
            .unwrap()
            .record(&all, second(0))
            .unwrap();
        assert!(
            again
                .iter()
                .zip(0..)
                .all(|(one, seq)| *one == Appended::Already { seq })
        );
        archive.fine(&["verify"]);
        archive.fine(&["rebuild"]);
    }
}

#[test]
fn what_a_bundle_says_may_not_be_contradicted() {
    let archive = archive_of(300, 300);
    let mut writer = Writer::open(&archive.path()).unwrap();
    let changed = NewEvent {
        observed_at: second(9_999),
        ..event(20)
    };
    let refused = writer.record(&[changed, event(400)], second(400));
    assert!(
        matches!(
            refused,
            Err(ArchiveError::Log(LogError::Conflict { seq: 20, .. }))
        ),
        "{refused:?}"
    );
    // The writer goes on as if that had not been tried.
    record(&mut writer, 300, 520, 220);
    assert_eq!(writer.size(), 520);
}

/// What a failed batch sealed or counted is forgotten with it.
#[test]
fn a_batch_that_is_refused_leaves_no_trace() {
    let archive = archive_of(250, 250);
    let mut writer = Writer::open(&archive.path()).unwrap();
    let mut batch: Vec<NewEvent> = (250..600).map(event).collect();
    batch.push(NewEvent {
        observed_at: second(9_999),
        ..event(260)
    });
    assert!(writer.record(&batch, second(250)).is_err());
    assert_eq!(
        (
            writer.size(),
            number(&log(&archive), "SELECT count(*) FROM bundle")
        ),
        (250, 0)
    );
    record(&mut writer, 250, 600, 350);
    drop(writer);
    let undisturbed = archive_of(250, 250);
    record(
        &mut Writer::open(&undisturbed.path()).unwrap(),
        250,
        600,
        350,
    );
    assert_eq!(leaves(&archive), leaves(&undisturbed));
}

#[test]
fn a_reader_goes_on_while_what_it_reads_is_sealed() {
    let archive = archive_of(300, 300);
    let before = leaves(&archive);
    let manifest = archive.open();
    let key = manifest.verifier().clone();
    let reader = Log::open(&archive.file("log.sqlite"), key.name(), &key).unwrap();
    let streamed = |log: &Log| {
        let of = StreamId::of_document(&name(3));
        let events: Result<Vec<Event>, LogError> = log.stream(of).unwrap().collect();
        events.unwrap()
    };
    let of_document = streamed(&reader);
    for (first, end) in [(300, 301), (301, 512), (512, 900)] {
        record(
            &mut Writer::open(&archive.path()).unwrap(),
            first,
            end,
            1000,
        );
        for (seq, leaf) in (0..).zip(&before) {
            assert_eq!(reader.leaf(seq).unwrap(), *leaf);
            let proof = reader.inclusion_proof(seq).unwrap();
            verify_inclusion(
                &leaf_hash(leaf),
                seq,
                300,
                &proof,
                reader.checkpoint().root(),
            )
            .unwrap();
            assert_eq!(reader.find(event(seq).event_id).unwrap(), Some(seq));
        }
        assert_eq!(reader.find(event(300).event_id).unwrap(), None);
        assert!(matches!(reader.leaf(300), Err(LogError::NoEvent { .. })));
        assert_eq!(streamed(&reader), of_document);
        let fresh = Log::open(&archive.file("log.sqlite"), key.name(), &key).unwrap();
        assert_eq!(fresh.root_at(300).unwrap(), *reader.checkpoint().root());
    }
}

/// The paths of a log alone, and its key.
fn lone_log(folder: &Path) -> (PathBuf, PathBuf, SigningKey) {
    let key = SigningKey::from_seed("example.org/lone", &[5; 32]).unwrap();
    (folder.join("log.sqlite"), folder.join("checkpoint"), key)
}

#[test]
fn a_sealed_tail_that_was_never_signed_is_checked_and_signed() {
    for damaged in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (path, sidecar, key) = lone_log(folder.path());
        let open = |key: &SigningKey| LogWriter::open(&path, &sidecar, key.clone());
        LogWriter::create(&path, &sidecar, &key, second(0)).unwrap();
        let events: Vec<NewEvent> = (0..700).map(event).collect();
        let mut writer = open(&key).unwrap();
        writer.append(&events[..100], second(0)).unwrap();
        writer.sign().unwrap();
        writer.append(&events[100..], second(1)).unwrap();
        drop(writer);
        let verifier = key.verifier().clone();
        let reader = Log::open(&path, verifier.name(), &verifier).unwrap();
        assert_eq!(reader.size(), 100);
        assert_eq!(reader.event(99).unwrap().seq, 99);
        assert_eq!(reader.find(events[100].event_id).unwrap(), None);
        if damaged {
            // A bundle that is whole in itself and in its look-ups: only the tree says that it is another's.
            let log = Connection::open(&path).unwrap();
            log.execute_batch(
                "DROP TRIGGER bundle_never_changes;
                 UPDATE bundle SET (size_bytes, frame) = (SELECT size_bytes, frame FROM bundle WHERE position = 0)
                 WHERE position = 1",
            )
            .unwrap();
            let refused = open(&key);
            assert!(refused.is_err());
            let signed = Log::open(&path, verifier.name(), &verifier).unwrap();
            assert_eq!(signed.size(), 100);
        } else {
            assert_eq!(open(&key).unwrap().signed().size(), 700);
            let signed = Log::open(&path, verifier.name(), &verifier).unwrap();
            assert_eq!(signed.find(events[699].event_id).unwrap(), Some(699));
        }
    }
}

/// Puts an archive's log back into the format before bundles, by the schema of that time.
fn to_first_format(archive: &Archive) {
    let leaves = leaves(archive);
    let new = log(archive);
    let path = archive.place("old.sqlite");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(&format!(
        "{FIRST_SCHEMA}; PRAGMA application_id = 1380142668; PRAGMA user_version = 1; PRAGMA journal_mode = WAL;
         ATTACH '{}' AS new;
         INSERT INTO log SELECT * FROM new.log;
         INSERT INTO checkpoint SELECT * FROM new.checkpoint ORDER BY size;
         INSERT INTO tile SELECT * FROM new.tile WHERE level > 0",
        text(&archive.file("log.sqlite"))
    ))
    .unwrap();
    for (seq, leaf) in leaves.iter().enumerate() {
        old.execute("INSERT INTO event (seq, leaf) VALUES (?1, ?2)", (seq, leaf))
            .unwrap();
    }
    for (position, leaves) in leaves.chunks(256).enumerate() {
        let hashes: Vec<u8> = leaves.iter().flat_map(|leaf| leaf_hash(leaf).0).collect();
        old.execute("INSERT INTO tile VALUES (0, ?1, ?2)", (position, hashes))
            .unwrap();
    }
    drop((old, new));
    for ending in ["", "-wal", "-shm"] {
        fs::remove_file(archive.file(&format!("log.sqlite{ending}"))).ok();
    }
    fs::rename(path, archive.file("log.sqlite")).unwrap();
}

/// Its level, its position and its hashes.
type StoredTile = (u64, u64, Vec<u8>);

/// The tiles of the levels that are stored in both formats, and all checkpoints.
fn tree(archive: &Archive) -> (Vec<StoredTile>, Vec<String>) {
    let log = log(archive);
    let mut tiles = log
        .prepare("SELECT level, position, hashes FROM tile WHERE level > 0 ORDER BY 1, 2")
        .unwrap();
    let tiles = tiles.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let mut notes = log
        .prepare("SELECT note FROM checkpoint ORDER BY size")
        .unwrap();
    let notes = notes.query_map([], |row| row.get(0));
    (
        tiles.unwrap().map(Result::unwrap).collect(),
        notes.unwrap().map(Result::unwrap).collect(),
    )
}

#[test]
fn a_log_of_the_format_before_is_migrated_with_the_same_leaves_and_checkpoints() {
    for events in [0, 1, 255, 256, 700, 701] {
        let archive = archive_of(events, 90);
        let before = (leaves(&archive), tree(&archive));
        to_first_format(&archive);
        archive.complains(
            &["documents"],
            2,
            "error: $DIR/archive/log.sqlite has format 1, older than the 2 that this program reads\n\
             hint: `recension compact` brings it to the format of this program, and so does an import\n",
        );
        assert_eq!(number(&log(&archive), "PRAGMA user_version"), 1);
        if events % 2 == 0 {
            archive.fine(&["compact"]);
        } else {
            drop(Writer::open(&archive.path()).unwrap());
        }
        assert_eq!(
            (leaves(&archive), tree(&archive)),
            before,
            "{events} events"
        );
        assert_eq!(
            number(&log(&archive), "SELECT count(*) FROM bundle"),
            events / 256
        );
        // Compaction gives back what migration leaves free.
        let free = number(&log(&archive), "PRAGMA freelist_count");
        assert_eq!(free > 0, events == 701, "{free} pages");
        archive.fine(&["verify"]);
        record(
            &mut Writer::open(&archive.path()).unwrap(),
            events,
            events + 300,
            300,
        );
        archive.fine(&["verify"]);
    }
}

#[test]
fn a_damaged_event_is_never_sealed_by_a_migration() {
    let archive = archive_of(300, 300);
    to_first_format(&archive);
    force(
        &archive,
        "event",
        "UPDATE event SET leaf = CAST(substr(leaf, 1, 150) || x'a5' || substr(leaf, 152) AS BLOB) WHERE seq = 77",
    );
    archive.complains(
        &["compact"],
        2,
        "error: event 77 in $DIR/archive/log.sqlite was altered: its bytes are not those that were signed\n\
         hint: `recension verify` lists everything that is wrong\n",
    );
    let log = log(&archive);
    assert_eq!(number(&log, "PRAGMA user_version"), 1);
    assert_eq!(number(&log, "SELECT count(*) FROM event"), 300);
}

/// Where a migration is killed, the write-ahead log ends anywhere: the log is then of one format or the other, and whole.
#[test]
fn a_migration_that_is_killed_is_done_or_not_done() {
    let archive = archive_of(900, 900);
    let before = leaves(&archive);
    to_first_format(&archive);
    let path = archive.file("log.sqlite");
    // Somebody who reads keeps the write-ahead log from being carried over.
    let reader = Connection::open(&path).unwrap();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM event")
        .unwrap();
    reader
        .query_row("SELECT count(*) FROM event", [], |row| row.get::<_, u64>(0))
        .unwrap();
    migrate_log(&path).unwrap();
    let files = ["log.sqlite", "log.sqlite-wal"].map(|name| fs::read(archive.file(name)).unwrap());
    drop(reader);
    let mut formats = BTreeMap::new();
    for cut in 0..=24 {
        let stopped = Archive::none();
        copy_folder(&archive.path(), &stopped.path());
        fs::remove_file(stopped.file("log.sqlite-shm")).ok();
        fs::write(stopped.file("log.sqlite"), &files[0]).unwrap();
        let wal = &files[1][..files[1].len() * cut / 24];
        fs::write(stopped.file("log.sqlite-wal"), wal).unwrap();
        *formats
            .entry(number(&log(&stopped), "PRAGMA user_version"))
            .or_insert(0) += 1;
        stopped.fine(&["compact"]);
        assert_eq!(leaves(&stopped), before, "cut at {} bytes", wal.len());
    }
    assert_eq!(
        formats.keys().copied().collect::<Vec<u64>>(),
        [1, 2],
        "{formats:?}"
    );
}

/// Ways in which the second bundle can be damaged.
const DAMAGE: &[&str] = &[
    "UPDATE bundle SET frame = CAST(substr(frame, 1, 40) || x'a5a5' || substr(frame, 43) AS BLOB) WHERE position = 1",
    "UPDATE bundle SET frame = CAST(substr(frame, 1, length(frame) - 1) AS BLOB) WHERE position = 1",
    "UPDATE bundle SET frame = (SELECT frame FROM bundle WHERE position = 0) WHERE position = 1",
    "UPDATE bundle SET size_bytes = size_bytes + 1 WHERE position = 1",
    "UPDATE bundle SET frame = x'' WHERE position = 1",
    "DELETE FROM bundle WHERE position = 1",
];

#[test]
fn a_damaged_bundle_is_named_passed_over_and_repaired() {
    for damage in DAMAGE {
        let archive = archive_of(800, 300);
        let before = leaves(&archive);
        let backup = archive.place("backup");
        archive.fine(&["backup", text(&backup)]);
        force(&archive, "bundle", damage);
        let report = archive
            .recension(&["verify", "--format", "json"])
            .json()
            .remove(0);
        assert_eq!(
            (&report["clean"], &report["events"]),
            (&false.into(), &(800 - 256).into()),
            "{damage}"
        );
        let findings = report["findings"].as_array().unwrap();
        let touched: Vec<u64> = findings
            .iter()
            .flat_map(|one| one["touches"].as_array().unwrap())
            .map(|one| one["seq"].as_u64().unwrap())
            .collect();
        assert_eq!(touched.len(), 256, "{damage}");
        assert!(touched.iter().all(|seq| (256..512).contains(seq)));
        let what = findings[0]["what"].as_str().unwrap();
        assert!(
            what.starts_with("the bundle of events 256 to 511 in "),
            "{what}"
        );
        assert_eq!(findings.len(), 1, "{damage}");
        // The others are read.
        for seq in ["0", "511", "798"] {
            archive.fine(&["log", "--after", seq, "--limit", "1"]);
        }
        let opened = archive.open();
        for seq in (0..256).chain(512..800) {
            assert_eq!(
                opened.proof(seq).unwrap().0,
                before[usize::try_from(seq).unwrap()]
            );
        }
        assert!(opened.event(256).is_err());
        drop(opened);
        let said = archive.fine(&["repair", "--from", text(&backup)]);
        assert!(
            said.starts_with("1 bundles of events were lost or damaged; 1 were taken from "),
            "{said}"
        );
        assert_eq!(leaves(&archive), before);
        archive.fine(&["verify"]);
        assert!(archive.fine(&["repair"]).starts_with("0 contents"));
        record(&mut Writer::open(&archive.path()).unwrap(), 800, 1100, 300);
        archive.fine(&["verify"]);
    }
}

#[test]
fn a_bundle_is_only_taken_from_a_log_with_the_same_events() {
    let archive = archive_of(600, 600);
    let short = Archive::none();
    copy_folder(&archive_of(300, 300).path(), &short.path());
    let foreign = Archive::new();
    let mut writer = Writer::open(&foreign.path()).unwrap();
    record(&mut writer, 0, 20, 20);
    record(&mut writer, 21, 700, 700);
    drop(writer);
    force(&archive, "bundle", DAMAGE[0]);
    for (from, reason) in [
        (&archive, " is damaged: "),
        (&short, "the other log has no such bundle"),
        (&foreign, "the other log has other events there"),
    ] {
        let ran = archive.recension(&["repair", "--from", text(&from.path())]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(
            ran.stdout
                .contains("  the one from event 256 on is not restored: "),
            "{ran:?}"
        );
        assert!(ran.stdout.contains(reason), "{ran:?}");
    }
    let ran = archive.recension(&["repair"]);
    assert!(ran.stdout.contains("no other archive was named"), "{ran:?}");
}

#[test]
fn a_lost_look_up_lets_no_event_be_appended_twice() {
    for damage in [
        "DELETE FROM sealed_event WHERE seq = 100",
        "UPDATE sealed_event SET event_id = event_id + 1 WHERE seq = 100",
        "UPDATE sealed_event SET seq = 101 WHERE seq = 100",
        "DELETE FROM sealed_stream WHERE stream = (SELECT min(stream) FROM sealed_stream)",
        "INSERT INTO sealed_stream VALUES (5, 1)",
    ] {
        let archive = archive_of(600, 600);
        let before = leaves(&archive);
        force(&archive, "sealed_event", damage);
        let refused = Writer::open(&archive.path()).unwrap_err();
        assert!(
            matches!(refused, ArchiveError::Log(LogError::LookUps { .. })),
            "{damage}: {refused:?}"
        );
        assert_eq!(
            refused.hint().unwrap(),
            "`recension repair` builds them again"
        );
        let ran = archive.recension(&["verify"]);
        assert!(
            ran.stdout.contains("the look-up tables of "),
            "{damage}: {ran:?}"
        );
        let said = archive.fine(&["repair"]);
        assert!(
            said.starts_with("The tables that look up events were built again.\n"),
            "{said}"
        );
        archive.fine(&["verify"]);
        let all: Vec<NewEvent> = (0..600).map(event).collect();
        Writer::open(&archive.path())
            .unwrap()
            .record(&all, second(0))
            .unwrap();
        assert_eq!(leaves(&archive), before);
    }
}

/// The time in a bundle's row is proven by nobody: it helps to find an answer, and is no part of it.
#[test]
fn a_wrong_time_in_a_bundle_changes_no_answer() {
    let archive = archive_of(900, 1);
    let sizes = |archive: &Archive| -> Vec<u64> {
        let opened = archive.open();
        let (key, path) = (opened.verifier(), archive.file("log.sqlite"));
        let log = Log::open(&path, key.name(), key).unwrap();
        let at = [
            0, 100, 255, 256, 257, 400, 511, 512, 700, 767, 768, 899, 5000,
        ];
        at.map(|at| log.size_at(second(at)).unwrap()).to_vec()
    };
    let before = sizes(&archive);
    assert_eq!(
        before,
        [
            1, 101, 256, 257, 258, 401, 512, 513, 701, 768, 769, 900, 900
        ]
    );
    for wrong in ["0", "9223372036854775807"] {
        for position in 0..3 {
            let damaged = Archive::none();
            copy_folder(&archive.path(), &damaged.path());
            let sql =
                format!("UPDATE bundle SET recorded_at = {wrong} WHERE position = {position}");
            force(&damaged, "bundle", &sql);
            assert_eq!(sizes(&damaged), before, "{sql}");
            let ran = damaged.recension(&["verify"]);
            assert!(
                ran.stdout.contains("the look-up tables of "),
                "{sql}: {ran:?}"
            );
            damaged.fine(&["repair"]);
            damaged.fine(&["verify"]);
        }
    }
}

#[test]
fn a_reader_says_what_to_do_about_another_format() {
    let archive = archive_of(10, 10);
    archive.damaged();
    log(&archive)
        .execute_batch("PRAGMA user_version = 1")
        .unwrap();
    let opened = Opened::open(&archive.path()).unwrap_err();
    let older = |error: &ArchiveError| {
        matches!(
            error,
            ArchiveError::Log(LogError::Sqlite(SqliteError::OlderFormat {
                found: 1,
                known: 2,
                ..
            }))
        )
    };
    assert!(older(&opened), "{opened:?}");
    let refused = archive::rebuild(&archive.path(), |_, _| ()).unwrap_err();
    assert!(older(&refused), "{refused:?}");
}

/// An event with an id and a stream that begin like those of others.
fn alike(number: u64) -> NewEvent {
    let mut id = [number.to_be_bytes()[7] % 3; 16];
    let mut stream = [7; 16];
    id[8..].copy_from_slice(&number.to_be_bytes());
    stream[15] = number.to_be_bytes()[7] % 5;
    NewEvent {
        event_id: EventId(id),
        stream: StreamId(stream),
        observed_at: second(number),
        fact: Fact::ObservationsRecorded {
            evidence: None,
            observations: vec![Observation {
                stream: StreamId(stream),
                observed_at: second(number),
                outcome: Outcome::Failed {
                    stage: None,
                    reason: "it is away".to_owned(),
                },
            }],
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Ids and streams that begin alike are told apart, in any batches, and by a writer that is opened again and again.
    #[test]
    fn every_event_is_found_by_its_id_and_in_its_stream(
        batches in prop::collection::vec(1..400_u64, 1..6),
        again in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (path, sidecar, key) = lone_log(folder.path());
        LogWriter::create(&path, &sidecar, &key, second(0)).unwrap();
        let mut writer = LogWriter::open(&path, &sidecar, key.clone()).unwrap();
        let mut size = 0;
        for batch in &batches {
            let events: Vec<NewEvent> = (size..size + batch).map(alike).collect();
            writer.append(&events, second(size)).unwrap();
            writer.sign().unwrap();
            size += batch;
            if again {
                drop(writer);
                writer = LogWriter::open(&path, &sidecar, key.clone()).unwrap();
            }
        }
        prop_assert_eq!(writer.find(alike(size).event_id).unwrap(), None);
        let verifier = key.verifier().clone();
        let log = Log::open(&path, verifier.name(), &verifier).unwrap();
        let mut streams: BTreeMap<StreamId, Vec<u64>> = BTreeMap::new();
        for number in 0..size {
            prop_assert_eq!(log.find(alike(number).event_id).unwrap(), Some(number));
            prop_assert_eq!(writer.find(alike(number).event_id).unwrap(), Some(number));
            streams.entry(alike(number).stream).or_default().push(number);
        }
        prop_assert_eq!(log.find(alike(size).event_id).unwrap(), None);
        for (stream, seqs) in streams {
            let events: Vec<Event> = log.stream(stream).unwrap().map(Result::unwrap).collect();
            prop_assert!(events.iter().map(|event| event.seq).eq(seqs.iter().copied()));
            prop_assert!(events.iter().map(|event| event.stream_seq).eq(0..seqs.len() as u64));
            let last = log.stream(stream).unwrap().next_back().unwrap().unwrap();
            prop_assert_eq!(Some(&last.seq), seqs.last());
        }
        log.check_look_ups().unwrap();
        let mut taken = 0;
        for batch in &batches {
            prop_assert_eq!(log.size_at(second(taken)).unwrap(), taken + batch);
            taken += batch;
        }
    }
}
