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
    let alone = "SELECT count(*) FROM blob
                 WHERE base IS NULL AND id NOT IN (SELECT blob FROM joint_base)";
    assert_eq!(
        number(&archive, alone),
        1,
        "the other document builds on the first"
    );
    assert!(archive.fine(&["compact"]).starts_with("0 blobs"));
}

/// How many frames there are on the longest way to a root, and on all ways together.
fn steps(archive: &Archive) -> (u64, u64) {
    let blobs = Blobs::open(&archive.file("blobs.sqlite")).unwrap();
    let frames = blobs.frames().unwrap();
    let steps = frames.iter().map(|frame| frame.frames);
    (steps.clone().max().unwrap(), steps.sum())
}

#[test]
fn a_compaction_makes_ways_shorter() {
    let archive = Archive::of(&history());
    let (longest, all) = steps(&archive);
    archive.fine(&["compact"]);
    let after = steps(&archive);
    assert!(
        after.0 < longest && after.1 < all,
        "{after:?} after {longest}, {all}"
    );
}

/// A clause that no other has a word of.
fn own_clause(document: &str, number: u64) -> String {
    let words = (0..24).map(|word| {
        let digest = blake3::hash(format!("{document} {number} {word}").as_bytes());
        digest.to_hex()[..7].to_owned()
    });
    words.collect::<Vec<_>>().join(" ") + ".\n\n"
}

/// Three documents that have nothing in common, and a fourth with a third of each.
fn patchwork() -> Fixture {
    let mut history = Fixture::new();
    let at = seconds("2020-01-01");
    let clauses = |document: &str, most: u64| -> String {
        (0..most)
            .map(|number| own_clause(document, number))
            .collect()
    };
    let mut patched = String::new();
    for (document, day) in ["Bar/Terms.md", "Foo/Terms.md", "Qux/Terms.md"]
        .into_iter()
        .zip(0..)
    {
        let text = clauses(document, 90);
        history.commit(&[(document, Some(&text))], "Update", at + day * 86_400);
        patched += &clauses(document, 60);
    }
    history.commit(
        &[("Zap/Terms.md", Some(&patched))],
        "Update",
        at + 4 * 86_400,
    );
    history
}

#[test]
fn a_text_from_passages_of_several_documents_builds_on_all_of_them() {
    let archive = Archive::of(&patchwork());
    archive.fine(&["compact"]);
    let joint = "SELECT count(*) FROM joint_base WHERE blob = 4";
    assert_eq!(number(&archive, joint), 3);
    let frame = number(&archive, "SELECT length(frame) FROM blob WHERE id = 4");
    let size = number(&archive, "SELECT size_bytes FROM blob WHERE id = 4");
    assert!(frame * 50 < size, "{frame} bytes for {size}");
    archive.fine(&["verify"]);
    // One of the three goes, and the fourth stays as it is.
    let before = archive.fine(&["show", "Zap/Terms"]);
    let gone = archive.fine(&["show", "Foo/Terms", "--brief", "--format", "json"]);
    let gone: serde_json::Value = serde_json::from_str(&gone).unwrap();
    let gone = gone["blob"].as_str().unwrap();
    archive.fine(&["withhold", gone, "--reason", "an order"]);
    assert_eq!(archive.fine(&["show", "Zap/Terms"]), before);
    assert_eq!(number(&archive, joint), 0);
    archive.fine(&["compact"]);
    assert_eq!(archive.fine(&["show", "Zap/Terms"]), before);
    assert_eq!(number(&archive, joint), 2);
    archive.fine(&["verify"]);
}

#[test]
fn a_store_of_the_format_before_is_migrated() {
    let archive = Archive::of(&history());
    blobs(&archive)
        .execute_batch("DROP TABLE joint_base; PRAGMA user_version = 2")
        .unwrap();
    archive.complains(
        &["show", "Foo/Terms"],
        2,
        "error: $DIR/archive/blobs.sqlite has format 2, older than the 3 that this program reads\n\
         hint: `recension compact` brings it to the format of this program, and so does an import\n",
    );
    archive.fine(&["compact"]);
    assert_all_there(&archive);
    archive.fine(&["verify"]);
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
            prop_assert_eq!(writer.compact(|_, _| ()).unwrap().blobs, 0);
        }
        for (_, content) in contents.iter().step_by(3) {
            writer.restore(BlobId::of(content), content, None).unwrap();
        }
        writer.commit().unwrap();
        assert_holds(&path, &contents);
    }
}
