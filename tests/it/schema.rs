//! The database of the log refuses by itself what must never happen to it, whatever program opens it.

use recension::archive::Archive as Opened;
use rusqlite::Connection;

use crate::support::archive::{Archive, seconds};
use crate::support::fixture::Fixture;

fn archive() -> Archive {
    let mut history = Fixture::new();
    history.commit(
        &[("Foo/Terms.md", Some("One\n"))],
        "First record of",
        seconds("2024-01-10"),
    );
    history.commit(
        &[("Foo/Terms.md", Some("Two\n"))],
        "Update",
        seconds("2024-02-10"),
    );
    Archive::of(&history)
}

fn log(archive: &Archive) -> Connection {
    Connection::open(archive.file("log.sqlite")).unwrap()
}

/// Runs a statement on the log, with and without the settings that the program itself makes.
#[track_caller]
fn refused(archive: &Archive, sql: &str, reason: &str) {
    for recursive_triggers in [false, true] {
        let connection = log(archive);
        connection
            .pragma_update(None, "recursive_triggers", recursive_triggers)
            .unwrap();
        let error = connection.execute_batch(sql).expect_err(sql).to_string();
        assert!(error.contains(reason), "{sql}: {error}");
    }
}

#[test]
fn events_are_neither_changed_nor_deleted_nor_replaced() {
    let archive = archive();
    let changed = "an event never changes";
    refused(
        &archive,
        "UPDATE event SET leaf = leaf WHERE seq = 1",
        changed,
    );
    refused(&archive, "UPDATE event SET seq = 77 WHERE seq = 3", changed);
    refused(
        &archive,
        "UPDATE OR IGNORE event SET leaf = zeroblob(200)",
        changed,
    );
    let deleted = "an event is never deleted";
    refused(&archive, "DELETE FROM event WHERE seq = 3", deleted);
    refused(&archive, "DELETE FROM event", deleted);
    let next = "an event takes the next seq";
    for verb in [
        "INSERT",
        "INSERT OR REPLACE",
        "REPLACE",
        "INSERT OR ROLLBACK",
    ] {
        for seq in ["0", "4", "6", "-1", "9223372036854775807"] {
            let sql = format!("{verb} INTO event (seq, leaf) VALUES ({seq}, zeroblob(200))");
            refused(&archive, &sql, next);
        }
    }
    let upsert = "INSERT INTO event (seq, leaf) VALUES (4, zeroblob(200)) \
                  ON CONFLICT (seq) DO UPDATE SET leaf = excluded.leaf";
    refused(&archive, upsert, next);
}

#[test]
fn an_event_of_an_impossible_size_or_with_a_known_id_is_refused() {
    let archive = archive();
    for size in [0, 113, 65_536] {
        let sql = format!("INSERT INTO event (seq, leaf) VALUES (5, zeroblob({size}))");
        // Of too few bytes not even an id can be made.
        let reason = if size == 0 {
            "NOT NULL constraint failed"
        } else {
            "CHECK constraint failed"
        };
        refused(&archive, &sql, reason);
    }
    let known = "INSERT INTO event (seq, leaf) SELECT 5, leaf FROM event WHERE seq = 1";
    refused(&archive, known, "UNIQUE constraint failed");
}

/// With `INSERT OR REPLACE`, SQLite deletes a row that has the same event id under another seq; only with
/// `recursive_triggers` does it ask the trigger first. The program makes that setting; its proofs find the rest.
#[test]
fn replacing_an_event_by_its_id_under_the_next_seq_is_refused_with_the_settings_of_the_program() {
    let archive = archive();
    let connection = log(&archive);
    connection
        .pragma_update(None, "recursive_triggers", true)
        .unwrap();
    let sql = "INSERT OR REPLACE INTO event (seq, leaf) SELECT 5, leaf FROM event WHERE seq = 1";
    let error = connection.execute_batch(sql).unwrap_err().to_string();
    assert!(error.contains("an event is never deleted"), "{error}");
}

#[test]
fn a_bundle_takes_the_oldest_events_and_is_neither_changed_nor_deleted_nor_replaced() {
    let archive = archive();
    let oldest = "a bundle takes the oldest 256 events";
    for verb in ["INSERT", "INSERT OR REPLACE"] {
        for position in ["0", "1", "-1"] {
            let row = format!("({position}, 0, 0, 30000, x'')");
            let sql = format!(
                "{verb} INTO bundle (position, recorded_at, look_ups, size_bytes, frame) VALUES {row}"
            );
            refused(&archive, &sql, oldest);
        }
    }
    let connection = log(&archive);
    connection
        .execute_batch(
            "WITH RECURSIVE more (seq) AS (SELECT 5 UNION ALL SELECT seq + 1 FROM more WHERE seq < 520)
             INSERT INTO event (seq, leaf)
             SELECT seq, CAST(zeroblob(52) || randomblob(16) || zeroblob(8) || randomblob(16) || zeroblob(22) AS BLOB)
             FROM more",
        )
        .unwrap();
    archive.damaged();
    let put = |position| {
        format!(
            "INSERT INTO bundle (position, recorded_at, look_ups, size_bytes, frame)
             VALUES ({position}, 0, 0, 30000, x'')"
        )
    };
    refused(&archive, &put(1), oldest);
    refused(
        &archive,
        "DELETE FROM event WHERE seq = 0",
        "an event is never deleted",
    );
    connection.execute_batch(&put(0)).unwrap();
    connection
        .execute_batch("DELETE FROM event WHERE seq < 256")
        .unwrap();
    refused(
        &archive,
        "DELETE FROM event WHERE seq = 256",
        "an event is never deleted",
    );
    refused(&archive, &put(0), oldest);
    refused(&archive, &put(0).replace("INSERT", "REPLACE"), oldest);
    let changed = "a bundle never changes";
    refused(&archive, "UPDATE bundle SET frame = x'00'", changed);
    refused(&archive, "UPDATE bundle SET position = 7", changed);
    refused(&archive, "DELETE FROM bundle", "a bundle is never deleted");
    let leaf = "CAST(zeroblob(52) || randomblob(16) || zeroblob(8) || randomblob(16) || zeroblob(22) AS BLOB)";
    connection.execute_batch(&put(1)).unwrap();
    connection
        .execute_batch("DELETE FROM event WHERE seq < 512")
        .unwrap();
    for seq in ["0", "256", "511", "520", "522"] {
        let sql = format!("INSERT INTO event (seq, leaf) VALUES ({seq}, {leaf})");
        refused(&archive, &sql, "an event takes the next seq");
    }
    connection
        .execute_batch(&format!(
            "INSERT INTO event (seq, leaf) VALUES (521, {leaf})"
        ))
        .unwrap();
}

#[test]
fn checkpoints_are_neither_changed_nor_deleted_nor_replaced_and_only_grow() {
    let archive = archive();
    let changed = "a checkpoint never changes";
    refused(&archive, "UPDATE checkpoint SET note = ''", changed);
    refused(&archive, "UPDATE checkpoint SET size = size + 1", changed);
    refused(
        &archive,
        "DELETE FROM checkpoint WHERE size = 0",
        "a checkpoint is never deleted",
    );
    refused(
        &archive,
        "DELETE FROM checkpoint",
        "a checkpoint is never deleted",
    );
    for verb in ["INSERT", "INSERT OR REPLACE", "REPLACE"] {
        for size in ["0", "1", "3", "4"] {
            let sql = format!("{verb} INTO checkpoint VALUES ({size}, 'another')");
            refused(&archive, &sql, "a checkpoint is larger than the one before");
        }
    }
}

#[test]
fn what_was_refused_left_nothing_behind() {
    let archive = archive();
    let before = archive.root();
    let connection = log(&archive);
    drop(connection.execute_batch("BEGIN; DELETE FROM event; COMMIT"));
    drop(connection.execute_batch("ROLLBACK"));
    drop(connection);
    assert_eq!(archive.root(), before);
    let opened: Opened = archive.open();
    assert_eq!(opened.checkpoint().size(), 5);
}
