//! The bytes of blobs by their names, one by one and in a batch.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::Stdio;

use proptest::prelude::*;
use recension::model::{BlobId, StreamId, blobs_named};
use recension::store::{BlobWriter, Blobs};
use rusqlite::Connection;

use crate::support::archive::{Archive, seconds};
use crate::support::fixture::Fixture;

const DAYS: i64 = 40;

/// The text of a day: most of it as on the day before.
fn page(day: i64) -> String {
    (0..60)
        .map(|clause| format!("{clause}. Clause of edition {}.\n", (day + clause) / 20))
        .collect()
}

fn history() -> Fixture {
    let mut history = Fixture::new();
    for day in 0..DAYS {
        let at = seconds("2024-01-01") + day * 86_400;
        history.commit(&[("Foo/Terms.md", Some(&page(day)))], "Update", at);
    }
    history
}

fn blob(day: i64) -> String {
    BlobId::of(page(day).as_bytes()).to_string()
}

#[test]
fn blobs_are_printed_by_their_names_or_the_first_digits() {
    let archive = Archive::of(&history());
    for day in 0..DAYS {
        let name = blob(day);
        archive.prints(&["cat", &name], &page(day));
        archive.prints(&["cat", &name[..12]], &page(day));
    }
    let (one, other) = (blob(1).to_uppercase(), &blob(7)[..40]);
    archive.prints(&["cat", &one, other], &(page(1) + &page(7)));
}

#[test]
fn what_is_no_blob_is_said() {
    let archive = Archive::of(&history());
    for name in [
        "0123456789a",
        "Foo/Terms",
        &"0".repeat(65),
        "élan élan élan",
    ] {
        archive.complains(
            &["cat", name],
            2,
            &format!(
                "error: {:?} is no name of a blob, which has 64 hexadecimal digits, of which the first 12 are enough\n",
                name.to_ascii_lowercase()
            ),
        );
    }
    archive.complains(
        &["cat", "000000000000"],
        2,
        "error: there is no blob 000000000000 in this archive\n\
         hint: `recension timeline DOCUMENT` prints the first digits of each text's blob\n",
    );
    let ran = archive.recension(&["cat", &"0".repeat(64)]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("is not in $DIR/archive/blobs.sqlite"));
    assert_eq!(archive.recension(&["cat"]).code, 2);
    assert_eq!(archive.recension(&["cat", "--batch", &blob(1)]).code, 2);
}

/// Puts a row into the store, whatever its frame.
fn insert(archive: &Archive, digest: &[u8; 32], frame: &[u8]) {
    Connection::open(archive.file("blobs.sqlite"))
        .unwrap()
        .execute(
            "INSERT INTO blob (digest, size_bytes, tier, steps, level, frame) VALUES (?1, 4, 255, 0, 3, ?2)",
            (digest, frame),
        )
        .unwrap();
}

#[test]
fn a_batch_says_of_each_name_what_there_is() {
    let archive = Archive::of(&history());
    archive.damaged();
    let twin = {
        let mut digest = *BlobId::of(page(3).as_bytes()).as_bytes();
        digest[31] ^= 1;
        insert(&archive, &digest, b"frame");
        BlobId(digest)
    };
    let (first, second) = (blob(1), blob(2));
    let ambiguous = &blob(3)[..20];
    let unknown = "0".repeat(64);
    let mut input = format!(
        "{first}\n{}  \r\n\n{unknown}\nFoo/Terms\n{ambiguous}\n{twin}\n",
        &second[..12]
    )
    .into_bytes();
    input.extend(b"\xff\xfe\n");
    input.extend(first.as_bytes());
    let ran = archive.recension_with(&["cat", "--batch"], &input);
    let answer = |name: &str, day| format!("{name} blob {}\n{}\n", page(day).len(), page(day));
    let mut expected = format!(
        "{}{} missing\n{unknown} missing\nFoo/Terms missing\n{ambiguous} ambiguous\n{twin} damaged\n",
        answer(&first, 1) + &answer(&second, 2),
        ""
    )
    .into_bytes();
    expected.extend(b"\xff\xfe missing\n");
    expected.extend(answer(&first, 1).as_bytes());
    assert_eq!(ran.bytes, expected, "{}", ran.stdout);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.starts_with(&format!(
            "warning: blob {twin} in $DIR/archive/blobs.sqlite is damaged"
        )) && ran
            .stderr
            .ends_with("error: 1 blobs of the batch are damaged\n"),
        "{}",
        ran.stderr
    );
    let ran = archive.recension_with(&["cat", "--batch"], format!("{unknown}\n").as_bytes());
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    let ran = archive.recension_with(&["cat", "--batch"], format!("{first}\n").as_bytes());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(archive.recension(&["cat", "--batch"]).code, 0);
    let long = "0".repeat(1 << 17);
    let ran = archive.recension_with(&["cat", "--batch"], long.as_bytes());
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
}

#[test]
fn a_batch_answers_each_name_before_the_next_is_asked() {
    let archive = Archive::of(&history());
    let mut child = archive
        .command(&["cat", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut names = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap());
    for day in [3, 0, 39, 20] {
        writeln!(names, "{}", blob(day)).unwrap();
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        let expected = page(day) + "\n";
        assert_eq!(line, format!("{} blob {}\n", blob(day), expected.len() - 1));
        let mut content = vec![0; expected.len()];
        answers.read_exact(&mut content).unwrap();
        assert_eq!(content, expected.as_bytes());
    }
    drop(names);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// More bytes on a way than one decoder holds on to, so that it is decoded in stretches.
#[test]
fn a_way_of_large_contents_is_decoded_to_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("blobs.sqlite");
    let content = |number: usize| {
        let mut state = 1_u64;
        let mut content: Vec<u8> = std::iter::repeat_with(|| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            state.to_be_bytes()[0]
        })
        .take(3 << 20)
        .collect();
        content[number] ^= 1;
        content.truncate((3 << 20) - number);
        content
    };
    let stream = StreamId([1; 16]);
    let mut writer = BlobWriter::open(&path, true).unwrap();
    let blobs: Vec<BlobId> = (0..6)
        .map(|number| {
            let blob = BlobId::of(&content(number));
            writer.put(blob, &content(number), Some(stream)).unwrap();
            blob
        })
        .collect();
    writer.commit().unwrap();
    drop(writer);
    for (number, blob) in blobs.iter().enumerate().rev() {
        let found = Blobs::open(&path).unwrap().get(*blob).unwrap();
        assert!(found == content(number), "content {number}");
    }
    let connection = Connection::open(&path).unwrap();
    let steps: i64 = connection
        .query_row("SELECT max(steps) FROM blob", [], |row| row.get(0))
        .unwrap();
    assert!(steps >= 4, "{steps}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// A name begins with its own digits, and with no others of the same number.
    #[test]
    fn digits_name_what_begins_with_them(digest: [u8; 32], other: [u8; 32], digits in 0_usize..70, common in 0_usize..32) {
        let (blob, mut other) = (BlobId(digest), other);
        other[..common].copy_from_slice(&digest[..common]);
        let (name, other) = (blob.to_string(), BlobId(other));
        let prefix = name.get(..digits).map_or_else(|| name.clone() + "00", str::to_owned);
        match blobs_named(&prefix) {
            None => prop_assert!(!(12..=64).contains(&prefix.len())),
            Some(names) => {
                prop_assert!((12..=64).contains(&prefix.len()));
                prop_assert!(names.contains(&blob));
                prop_assert_eq!(names.contains(&other), other.to_string().starts_with(&prefix));
            }
        }
    }
}
