//! Blobs that build on one another: what is put is what is got, whatever happens to how it is stored.

use std::path::Path;

use proptest::prelude::*;
use recension::model::{BlobId, DocumentName, StreamId};
use recension::store::{BlobWriter, Blobs};
use rusqlite::Connection;

use crate::support::archive::{Archive, seconds, text};
use crate::support::fixture::Fixture;

const NOW: &str = "2025-01-01T00:00:00Z";
const VERSIONS: i64 = 300;

/// A page of some kilobytes in its `number`th version: a clause or two differ from the one before, and now and then it
/// collapses to next to nothing.
fn page(number: i64) -> String {
    if number % 37 == 36 {
        return format!("# Terms\n\nNothing to see ({number}).\n");
    }
    let clause = |index: i64| {
        let edition = (number + 150 - index) / 150 * 31 + number / (index % 7 + 5);
        format!(
            "{index}. Clause {index} in its wording {edition} stands for {}.\n\n",
            edition * 7919
        )
    };
    (0..150).map(clause).collect()
}

fn history() -> Fixture {
    let mut history = Fixture::new();
    for number in 0..VERSIONS {
        let at = seconds("2020-01-01") + number * 86_400;
        let text = page(number);
        history.commit(&[("Foo/Terms.md", Some(&text))], "Update", at);
        if number % 50 == 0 {
            // Another document, which has most of its words from the first.
            let other = format!("# Policy of Bar\n\n{text}");
            history.commit(&[("Bar/Policy.md", Some(&other))], "Update", at + 1);
        }
    }
    history
}

fn blobs(archive: &Archive) -> Connection {
    let connection = Connection::open(archive.file("blobs.sqlite")).unwrap();
    connection
        .execute_batch("PRAGMA foreign_keys = OFF")
        .unwrap();
    connection
}

fn number(archive: &Archive, query: &str) -> i64 {
    blobs(archive)
        .query_row(query, [], |row| row.get(0))
        .unwrap()
}

/// Every version of the first document is answered to the byte.
fn assert_all_there(archive: &Archive) {
    let questions: String = (0..VERSIONS)
        .map(|number| {
            let at = seconds("2020-01-01") + number * 86_400;
            let at = chrono::DateTime::from_timestamp(at, 0)
                .unwrap()
                .to_rfc3339();
            format!("{{\"document\": \"Foo/Terms\", \"as_of\": \"{at}\"}}\n")
        })
        .collect();
    let ran = archive.recension_with(
        &["show", "--batch", "-", "--with-text"],
        questions.as_bytes(),
    );
    let answers = ran.json();
    assert_eq!(answers.len(), usize::try_from(VERSIONS).unwrap());
    for (answer, number) in answers.iter().zip(0..) {
        assert_eq!(answer["text"], page(number), "version {number}");
    }
}

#[test]
fn versions_are_stored_as_what_differs_and_ways_are_bounded() {
    let archive = Archive::of(&history());
    assert_all_there(&archive);
    let raw = number(&archive, "SELECT sum(size_bytes) FROM blob");
    let stored = number(&archive, "SELECT sum(length(frame)) FROM blob");
    assert!(stored * 20 < raw, "{stored} bytes for {raw}");
    assert_eq!(
        number(&archive, "SELECT count(*) FROM blob WHERE base IS NULL"),
        2
    );
    let longest = number(
        &archive,
        "WITH RECURSIVE way (id, steps) AS (
             SELECT id, 0 FROM blob WHERE base IS NULL
             UNION ALL SELECT blob.id, way.steps + 1 FROM blob JOIN way ON blob.base = way.id)
         SELECT max(steps) FROM way",
    );
    // A stride on each of two tiers.
    assert!(longest < 2 * 128, "{longest} steps");
}

#[test]
fn a_compaction_changes_nothing_but_the_size() {
    let archive = Archive::of(&history());
    let (root, before) = (
        archive.root(),
        number(&archive, "SELECT sum(length(frame)) FROM blob"),
    );
    let said = archive.fine(&["compact"]);
    assert!(said.contains("blobs were compressed anew"), "{said}");
    let after = number(&archive, "SELECT sum(length(frame)) FROM blob");
    assert!(after < before, "{after} bytes, and {before} before");
    assert_all_there(&archive);
    assert_eq!(archive.root(), root);
    archive.fine(&["verify"]);
    assert_eq!(
        number(&archive, "SELECT count(*) FROM blob WHERE base IS NULL"),
        1,
        "the other document builds on the first"
    );
    assert!(archive.fine(&["compact"]).starts_with("0 blobs"));
}

#[test]
fn a_compaction_that_was_stopped_goes_on() {
    let archive = Archive::of(&history());
    archive.fine(&["compact"]);
    // What a stop between two transactions leaves: some rows done, others as they came.
    blobs(&archive)
        .execute_batch("UPDATE blob SET level = 6 WHERE id % 3 = 0")
        .unwrap();
    let left = number(&archive, "SELECT count(*) FROM blob WHERE level = 6");
    assert!(
        archive
            .fine(&["compact"])
            .starts_with(&format!("{left} blobs"))
    );
    assert_all_there(&archive);
    archive.fine(&["verify"]);
}

#[test]
fn a_compaction_leaves_what_is_damaged() {
    let archive = Archive::of(&history());
    blobs(&archive)
        .execute_batch("UPDATE blob SET frame = x'00' WHERE id = (SELECT max(id) FROM blob)")
        .unwrap();
    archive.damaged();
    let ran = archive.recension(&["compact"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stdout.contains("1 blobs are damaged"), "{ran:?}");
}

#[test]
fn contents_that_are_lost_or_damaged_come_back_from_another_archive() {
    let archive = Archive::of(&history());
    let backup = archive.place("backup");
    archive.fine(&["backup", text(&backup)]);
    // One that others build on is damaged, another is gone, and with it what builds on it.
    blobs(&archive)
        .execute_batch(
            "UPDATE blob SET frame = x'00' WHERE id = 20; DELETE FROM blob WHERE id = 100",
        )
        .unwrap();
    assert_eq!(archive.recension(&["verify"]).code, 1);
    let said = archive.fine(&["repair", "--from", text(&backup)]);
    assert!(said.contains(" were lost or damaged; "), "{said}");
    assert_all_there(&archive);
    archive.fine(&["verify"]);
    assert!(
        archive
            .fine(&["repair", "--from", text(&backup)])
            .starts_with("0 contents")
    );
}

#[test]
fn what_the_other_archive_does_not_have_is_named() {
    let archive = Archive::of(&history());
    let other = Archive::new();
    blobs(&archive)
        .execute_batch("UPDATE blob SET frame = x'00' WHERE id = (SELECT max(id) FROM blob)")
        .unwrap();
    archive.damaged();
    let ran = archive.recension(&["repair", "--from", text(&other.path())]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stdout
            .starts_with("1 contents were lost or damaged; 0 were taken"),
        "{ran:?}"
    );
    assert!(ran.stdout.contains(" is not restored: blob "), "{ran:?}");
}

#[test]
fn an_import_builds_on_no_damage() {
    let archive = Archive::new();
    let mut history = Fixture::new();
    let at = |number: i64| seconds("2024-01-01") + number * 86_400;
    history.commit(&[("Foo/Terms.md", Some(&page(1)))], "Update", at(1));
    let other = page(1).replace("wording", "WORDING");
    history.commit(&[("Bar/Terms.md", Some(&other))], "Update", at(2));
    archive.import(&history, NOW);
    // A frame that decodes well, to a content of the right length that is another.
    blobs(&archive)
        .execute_batch("UPDATE blob SET frame = (SELECT frame FROM blob WHERE id = 2) WHERE id = 1")
        .unwrap();
    history.commit(&[("Foo/Terms.md", Some(&page(2)))], "Update", at(3));
    archive.import(&history, NOW);
    archive.prints(&["show", "Foo/Terms", "--format", "raw"], &page(2));
    // Whatever had been built on the damage could not be read once it is repaired.
    let bundle = archive.place("import.bundle");
    archive.fine(&["import", "ota-versions", "--again", text(&bundle)]);
    archive.prints(&["show", "Foo/Terms", "--format", "raw"], &page(2));
    archive.fine(&["verify"]);
}

/// A step of a random life: which document, and what of an earlier content it keeps.
fn contents() -> impl Strategy<Value = Vec<(u8, Vec<u8>)>> {
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..64),
        // What begins like a dictionary or a frame of zstd's is a content like any other.
        Just(vec![0x37, 0xa4, 0x30, 0xec, 1, 2, 3]),
        Just(vec![0x28, 0xb5, 0x2f, 0xfd, 4, 0, 9]),
        (any::<u8>(), 1..5000_usize).prop_map(|(byte, length)| vec![byte; length]),
    ];
    let pieces = prop::collection::vec(piece, 8);
    (
        pieces,
        prop::collection::vec((0..3_u8, prop::collection::vec(0..8_usize, 0..12)), 1..40),
    )
        .prop_map(|(pieces, lives)| {
            lives
                .into_iter()
                .map(|(document, picked)| {
                    (
                        document,
                        picked
                            .into_iter()
                            .flat_map(|at| pieces[at].clone())
                            .collect(),
                    )
                })
                .collect()
        })
}

fn assert_holds(path: &Path, contents: &[(u8, Vec<u8>)]) {
    let blobs = Blobs::open(path).unwrap();
    for (_, content) in contents.iter().rev() {
        assert!(blobs.get(BlobId::of(content)).unwrap() == *content);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_put_is_got(contents in contents(), compact in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("blobs.sqlite");
        let mut writer = BlobWriter::open(&path, true).unwrap();
        for (document, content) in &contents {
            let stream = (*document > 0).then(|| {
                StreamId::of_document(&DocumentName::new("Foo", format!("Terms {document}")).unwrap())
            });
            writer.put(BlobId::of(content), content, stream).unwrap();
        }
        writer.commit().unwrap();
        assert_holds(&path, &contents);
        if compact {
            let compacted = writer.compact(|_, _| ()).unwrap();
            prop_assert_eq!(compacted.damaged, 0);
            prop_assert!(compacted.frame_bytes_after <= compacted.frame_bytes_before);
        }
        for (_, content) in contents.iter().step_by(3) {
            writer.restore(BlobId::of(content), content, None).unwrap();
        }
        writer.commit().unwrap();
        assert_holds(&path, &contents);
    }
}
