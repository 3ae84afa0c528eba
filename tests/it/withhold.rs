//! Legal removal: what is withheld is gone from every file, every answer says so, and everything else stays as it was.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use proptest::prelude::*;
use recension::archive::{self, Writer};
use recension::model::{BlobId, BlobWithheld, Content, EventId, Fact, Instant, Sha256, StreamId};
use recension::prove::{leaf_hash, verify_inclusion};
use recension::store::{Blobs, NewEvent};
use rusqlite::Connection;
use serde_json::Value;

use crate::support::archive::{Archive, NOW, Ran, copy_folder, seconds, text};
use crate::support::fixture::Fixture;

const LATER: &str = "2025-07-01T00:00:00Z";
/// Words that stand in one version alone.
const MARK: &str = "the quartz heron of Absalom Vane lodges at 14 Turnip Row";

/// The text of a day: most of it as on the day before.
fn page(day: i64) -> String {
    let mut page = String::from("# Terms\n\n");
    for clause in 0..40 {
        let edition = if clause % 10 == day % 10 { day } else { 0 };
        page.push_str(&format!(
            "{clause}. Clause {clause}, edition {edition}.\n\n"
        ));
    }
    if day == 4 {
        page.push_str(MARK);
    }
    page
}

fn history(days: i64) -> Fixture {
    let mut history = Fixture::new();
    for day in 0..days {
        let at = seconds("2024-01-01") + day * 86_400;
        history.commit(&[("Foo/Terms.md", Some(&page(day)))], "Update", at);
        let other = format!("# Cookies\n\nOn day {day}.\n");
        history.commit(&[("Bar/Cookies.md", Some(&other))], "Update", at + 1);
    }
    history
}

fn blob(day: i64) -> String {
    BlobId::of(page(day).as_bytes()).to_string()
}

fn withhold(archive: &Archive, day: i64) -> Ran {
    let args = [
        "--now",
        LATER,
        "withhold",
        &blob(day),
        "--reason",
        "an order of a court",
    ];
    archive.recension(&args)
}

/// Every file of a folder that has these bytes in it, and every content in its blobs.
fn places(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let has = |content: &[u8]| content.windows(bytes.len()).any(|window| window == bytes);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(places(&path, bytes));
        } else if has(&fs::read(&path).unwrap()) {
            found.push(path.display().to_string());
        }
    }
    let stored = folder.join("blobs.sqlite");
    if stored.exists() {
        let blobs = Blobs::open(&stored).unwrap();
        for series in blobs.series().unwrap() {
            let mut see = |blob: BlobId, content: Result<&[u8], String>| {
                if has(content.unwrap()) {
                    found.push(format!("blob {blob}"));
                }
            };
            blobs.each_of(series, &mut see).unwrap();
        }
    }
    found
}

/// The frame that the text of a day is stored in.
fn frame(archive: &Archive, day: i64) -> Vec<u8> {
    let digest = BlobId::of(page(day).as_bytes());
    Connection::open(archive.file("blobs.sqlite"))
        .unwrap()
        .query_row(
            "SELECT frame FROM blob WHERE digest = ?1",
            [digest.as_bytes()],
            |row| row.get(0),
        )
        .unwrap()
}

/// The text of the marked day and its frame are in no file.
#[track_caller]
fn assert_gone(folder: &Path, frame: &[u8]) {
    assert_eq!(places(folder, MARK.as_bytes()), [""; 0]);
    assert_eq!(places(folder, frame), [""; 0]);
}

fn date(day: i64) -> String {
    format!("2024-01-{:02}", day + 1)
}

/// The event that withholds the text of a day.
fn withholding(day: i64) -> NewEvent {
    let content = Content::of(page(day).as_bytes());
    NewEvent {
        event_id: EventId::blob_withheld(content.blob),
        stream: StreamId::of_archive(),
        observed_at: Instant::parse_rfc3339(LATER).unwrap(),
        fact: Fact::BlobWithheld(BlobWithheld {
            blob: content.blob,
            size_bytes: content.size_bytes,
            reason: "an order of a court".to_owned(),
        }),
    }
}

/// Records the event alone: what a stop before the bytes go leaves.
fn record_only(archive: &Archive, day: i64) -> Writer {
    let mut writer = Writer::open(&archive.path()).unwrap();
    let at = Instant::parse_rfc3339(LATER).unwrap();
    writer.record(&[withholding(day)], at).unwrap();
    writer
}

fn findings(archive: &Archive) -> Vec<String> {
    let report = archive
        .recension(&["verify", "--format", "json"])
        .json()
        .remove(0);
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| finding["what"].as_str().unwrap().to_owned())
        .collect()
}

fn not_gone(day: i64) -> String {
    format!(
        "blob {} is withheld by event 63 and not gone yet: `recension withhold` on it goes on",
        blob(day)
    )
}

const SENTENCE: &str =
    "The text is withheld since 2025-07-01T00:00:00Z (event 63): an order of a court\n";

#[test]
fn the_bytes_are_gone_and_the_rest_is_there() {
    let archive = Archive::of(&history(12));
    let frame = frame(&archive, 4);
    assert_eq!(
        places(&archive.path(), MARK.as_bytes()),
        [format!("blob {}", blob(4))]
    );
    assert_eq!(places(&archive.path(), &frame).len(), 1);
    let ran = withhold(&archive, 4);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran:?}");
    assert_eq!(
        ran.stdout,
        format!(
            "Blob {} (1.12 kB) is withheld (event 63).\n\
             It is what was recorded of Foo/Terms, the version observed at\n2024-01-05T00:00:00Z (event 10).\n\
             Its bytes are gone; 1 other blobs were compressed anew without them.\n",
            blob(4)
        )
    );
    assert_gone(&archive.path(), &frame);
    let report = &archive.recension(&["verify", "--format", "json"]).json()[0];
    assert_eq!(
        (&report["clean"], &report["withheld"]),
        (&Value::from(true), &Value::from(1))
    );
    for day in (0..12).filter(|day| *day != 4) {
        assert_eq!(
            archive.fine(&[
                "show",
                "Foo/Terms",
                "--as-of",
                &date(day),
                "--format",
                "raw"
            ]),
            page(day)
        );
    }
    let rebuilt = archive.fine(&["rebuild"]);
    assert!(rebuilt.contains("they are the same"), "{rebuilt}");
}

#[test]
fn an_answer_says_that_its_text_is_withheld() {
    let archive = Archive::of(&history(12));
    withhold(&archive, 4);
    let show = |more: &[&str]| {
        let ran =
            archive.recension(&[&["show", "Foo/Terms", "--as-of", "2024-01-05"], more].concat());
        assert_eq!(ran.code, 1, "{ran:?}");
        ran
    };
    let whole = show(&[]);
    assert!(
        whole.stdout.contains(&format!("blake3      {}\n", blob(4))),
        "{whole:?}"
    );
    assert!(
        whole.stdout.contains("event       10 (recorded at"),
        "{whole:?}"
    );
    for ran in [
        &whole,
        &show(&["--brief"]),
        &show(&["--known-at", "2025-06-01"]),
    ] {
        assert!(ran.stdout.ends_with(&format!("\n\n{SENTENCE}")), "{ran:?}");
    }
    let raw = show(&["--format", "raw"]);
    assert_eq!((raw.stdout.as_str(), raw.stderr.as_str()), ("", SENTENCE));
    let markdown = show(&["--format", "markdown"]).stdout;
    let end = "withheld_by: 63\nwithheld_at: 2025-07-01T00:00:00Z\nwithheld_reason: \"an order of a court\"\n---\n";
    assert!(markdown.ends_with(end), "{markdown}");
    for more in [
        &["--format", "json", "--with-text"][..],
        &["--format", "json"],
    ] {
        let json = &show(more).json()[0];
        assert_eq!(json["withheld"], gone());
        assert_eq!(
            (&json["blob"], json.get("text")),
            (&Value::from(blob(4)), None)
        );
        assert_eq!(
            (&json["found"], &json["size_bytes"]),
            (&Value::from(true), &Value::from(page(4).len()))
        );
    }
    let by_event = archive.recension(&["show", "--event", "10"]);
    assert!(
        by_event.code == 1 && by_event.stdout.ends_with(SENTENCE),
        "{by_event:?}"
    );

    let questions =
        "{\"document\": \"Foo/Terms\", \"as_of\": \"2024-01-05\"}\n{\"document\": \"Foo/Terms\"}\n";
    let ran = archive.recension_with(
        &["show", "--batch", "-", "--with-text"],
        questions.as_bytes(),
    );
    let answers = ran.json();
    assert_eq!(
        (ran.code, &answers[0]["withheld"], answers[0].get("text")),
        (0, &gone(), None)
    );
    assert_eq!(
        (&answers[1]["withheld"], &answers[1]["text"]),
        (&Value::Null, &Value::from(page(11)))
    );

    let folder = archive.place("texts");
    let said = archive.fine(&[
        "show",
        "--all",
        "--as-of",
        "2024-01-05",
        "--output",
        text(&folder),
    ]);
    assert!(
        said.contains("1 texts were written")
            && said.contains("\n1 texts are withheld; documents.jsonl says why.\n"),
        "{said}"
    );
    let list = fs::read_to_string(folder.join("documents.jsonl")).unwrap();
    let lines: Vec<Value> = list
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&lines[0]["withheld"], &lines[0]["file"]),
        (&gone(), &Value::Null)
    );
    assert!(lines[1]["file"].is_string());
}

#[test]
fn cat_gives_no_bytes_that_are_withheld() {
    let archive = Archive::of(&history(12));
    withhold(&archive, 4);
    for digits in [64, 12] {
        let ran = archive.recension(&["cat", &blob(3), &blob(4)[..digits], &blob(5)]);
        assert_eq!((ran.code, ran.stdout), (1, page(3) + &page(5)));
        let said = ran.stderr.replace('\n', " ");
        let sentence = SENTENCE.replace("text", &format!("blob {}", blob(4)));
        assert_eq!(said, sentence.replace('\n', " "));
    }
    let names = format!("{}\n{}\n{}\n", blob(3), &blob(4)[..12], blob(4));
    let ran = archive.recension_with(&["cat", "--batch"], names.as_bytes());
    let (size, gone) = (page(3).len(), blob(4));
    assert_eq!(
        ran.stdout,
        format!(
            "{} blob {size}\n{}\n{gone} withheld\n{gone} withheld\n",
            blob(3),
            page(3)
        )
    );
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
}

/// The event is there and the bytes are too: nothing shows them. And who asked before sees them go.
#[test]
fn cat_hears_of_a_withholding_in_whatever_state_it_is() {
    let archive = Archive::of(&history(12));
    let before = archive.open();
    drop(record_only(&archive, 4));
    let ran = archive.recension(&["cat", &blob(4)]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert_eq!(withhold(&archive, 4).code, 0);
    let found = before.content(BlobId::of(page(4).as_bytes())).unwrap();
    assert_eq!(found.unwrap_err().seq, 63);
    let missing = before.content(BlobId::of(b"another"));
    assert_eq!(missing.unwrap_err().of_blob(), Some("missing"));
}

/// What every JSON answer says of it.
fn gone() -> Value {
    serde_json::json!({"seq": 63, "recorded_at": LATER, "reason": "an order of a court"})
}

#[test]
fn differences_with_a_withheld_text_are_not_shown() {
    let archive = Archive::of(&history(12));
    withhold(&archive, 4);
    for (from, to) in [("2024-01-04", "2024-01-05"), ("2024-01-05", "2024-01-06")] {
        let ran = archive.recension(&["diff", "Foo/Terms", "--from", from, "--to", to]);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
        assert!(
            ran.stderr.starts_with("Foo/Terms as of 2024-01-05"),
            "{ran:?}"
        );
        assert!(ran.stderr.ends_with(SENTENCE), "{ran:?}");
    }
    let same = archive.fine(&[
        "diff",
        "Foo/Terms",
        "--from",
        "2024-01-05",
        "--to",
        "2024-01-05",
    ]);
    assert!(same.starts_with("The text is the same"), "{same}");
}

#[test]
fn lists_and_counts_have_what_is_withheld() {
    let archive = Archive::of(&history(12));
    withhold(&archive, 4);
    let timeline = archive.fine(&["timeline", "Foo/Terms"]);
    let marked: Vec<&str> = timeline
        .lines()
        .filter(|line| line.contains("withheld"))
        .collect();
    assert_eq!(marked.len(), 1, "{timeline}");
    assert!(marked[0].starts_with("2024-01-05") && marked[0].ends_with("withheld by event 63"));
    assert!(
        archive
            .fine(&["documents"])
            .contains("Foo/Terms          12  2024-01-01  2024-01-12  1 withheld\n")
    );
    let documents = archive
        .recension(&["documents", "--format", "jsonl"])
        .json();
    assert_eq!(
        (&documents[0]["withheld"], &documents[1]["withheld"]),
        (&Value::from(0), &Value::from(1))
    );
    let then = archive.fine(&["documents", "foo", "--as-of", "2024-01-05"]);
    assert!(
        then.ends_with(&format!(
            "  10  1.12 kB  {}  changed in between, withheld by event 63\n",
            &blob(4)[..12]
        )),
        "{then}"
    );
    let then = archive
        .recension(&["documents", "--as-of", "2024-01-05", "--format", "jsonl"])
        .json();
    assert_eq!(
        (&then[0]["withheld"], &then[1]["withheld"]),
        (&Value::Null, &gone())
    );
    assert!(
        archive
            .fine(&["stats"])
            .contains("\nwithheld contents              1\n")
    );
    assert_eq!(
        archive.recension(&["stats", "--format", "json"]).json()[0]["withheld"],
        1
    );
    let log = archive.fine(&["log", "--after", "26"]);
    let short = &blob(4)[..12];
    assert!(
        log.ends_with(&format!(
            "BlobWithheld          blob {short}: an order of a court\n"
        )),
        "{log}"
    );
    let verified = archive.fine(&["verify"]);
    assert!(
        verified.contains("\n1 contents are withheld, and their bytes are gone.\n"),
        "{verified}"
    );
    let events = archive.recension(&["export", "events"]).json();
    let withheld = |event: &&Value| !event["fact"]["withheld"].is_null();
    let seqs: Vec<&Value> = events
        .iter()
        .filter(withheld)
        .map(|event| &event["seq"])
        .collect();
    assert_eq!(seqs, [10]);
    assert_eq!(events[10]["fact"]["withheld"], gone());
    let fact = serde_json::json!({"blob": blob(4), "size_bytes": page(4).len(), "reason": "an order of a court"});
    assert_eq!(events[63]["fact"], fact);
}

#[test]
fn exported_timelines_say_what_is_withheld() {
    let archive = Archive::of(&history(12));
    withhold(&archive, 4);
    let export =
        |format: &str| archive.fine(&["export", "timeline", "Foo/Terms", "--format", format]);
    let lines = archive
        .recension(&["export", "timeline", "Foo/Terms"])
        .json();
    let withheld: Vec<&Value> = lines
        .iter()
        .filter(|line| line["withheld"] == gone())
        .collect();
    assert_eq!((withheld.len(), &withheld[0]["seq"]), (1, &Value::from(10)));
    let proof = &withheld[0]["withheld_proof"];
    let leaf = BASE64_STANDARD
        .decode(proof["leaf"].as_str().unwrap())
        .unwrap();
    let hash = |value: &Value| value.as_str().unwrap().parse::<Sha256>().unwrap();
    let siblings = proof["inclusion_proof"].as_array().unwrap();
    let siblings: Vec<Sha256> = siblings.iter().map(hash).collect();
    let (size, root) = (lines[0]["size"].as_u64().unwrap(), hash(&lines[0]["root"]));
    verify_inclusion(&leaf_hash(&leaf), 63, size, &siblings, &root).unwrap();
    let reason = b"an order of a court";
    assert!(
        leaf.ends_with(reason)
            && leaf
                .windows(32)
                .any(|bytes| bytes == BlobId::of(page(4).as_bytes()).as_bytes())
    );
    assert!(
        lines
            .iter()
            .filter(|line| line["kind"] == "entry")
            .all(|line| line["withheld_proof"].is_null() == line["withheld"].is_null())
    );
    let csv = export("csv");
    let rows: Vec<&str> = csv
        .lines()
        .filter(|row| row.contains(",63,2025-07-01T00:00:00Z,an order of a court,"))
        .collect();
    assert!(
        rows.len() == 1 && rows[0].contains("2024-01-05"),
        "{rows:?}"
    );
    for format in ["md", "html"] {
        let page = export(format);
        assert!(page.contains("In 1 look, the text is withheld."), "{page}");
        assert!(page.contains(proof["leaf"].as_str().unwrap()));
        let sentence = page.replace("\\:", ":");
        assert!(sentence.contains(
            "the text is withheld since 2025-07-01T00:00:00Z (event 63): an order of a court"
        ));
    }
}

#[test]
fn a_dry_run_lists_what_it_would_touch_and_changes_nothing() {
    let archive = Archive::of(&history(12));
    let root = archive.root();
    archive.prints(
        &["withhold", &blob(4)[..12], "--dry-run"],
        &format!(
            "Blob {} (1.12 kB) would be withheld:\n\
             EVENT  OBSERVED AT (UTC)              DOCUMENT\n   10  2024-01-05T00:00:00Z  version  Foo/Terms\n",
            blob(4)
        ),
    );
    assert_eq!(archive.root(), root);
    assert!(
        archive
            .recension(&["show", "Foo/Terms", "--as-of", "2024-01-05"])
            .stdout
            .contains(MARK)
    );
}

#[test]
fn names_that_are_no_blob_of_the_archive_are_refused() {
    let archive = Archive::of(&history(2));
    let ask = |name: &str, reason: &str, stderr: &str| {
        archive.complains(&["withhold", name, "--reason", reason], 2, stderr);
    };
    let form =
        "is no name of a blob, which has 64 hexadecimal digits, of which the first 12 are enough\n";
    for name in ["0123456789a", "not a blob", "Foo/Terms", &"0".repeat(65)] {
        ask(
            name,
            "an order",
            &format!("error: {name:?} {form}").replace("Foo/Terms", "foo/terms"),
        );
    }
    let unknown = "0".repeat(12);
    ask(
        &unknown,
        "an order",
        &format!(
            "error: there is no blob {unknown} in this archive\n\
             hint: `recension timeline DOCUMENT` prints the first digits of each text's blob\n"
        ),
    );
    ask(
        &blob(1),
        " ",
        "error: --reason is blank: it is what every answer will say in place of the content\n",
    );
    assert_eq!(archive.open().checkpoint().size(), 11);
}

#[test]
fn a_second_time_finishes_and_keeps_the_first_reason() {
    let archive = Archive::of(&history(12));
    withhold(&archive, 4);
    let root = archive.root();
    let args = ["withhold", &blob(4), "--reason", "another"];
    let ran = archive.recension(&args);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (
            0,
            "warning: the reason that was recorded first stands; this one is not recorded\n"
        )
    );
    let again = format!(
        "Blob {} (1.12 kB) was withheld already, at {LATER} (event 63).\n",
        blob(4)
    );
    assert!(ran.stdout.starts_with(&again), "{ran:?}");
    assert_eq!(archive.root(), root);
    // What stands before and after it in the order of rows.
    withhold(&archive, 3);
    withhold(&archive, 5);
    assert_eq!(findings(&archive), [""; 0]);
}

#[test]
fn what_is_withheld_never_comes_back() {
    let archive = Archive::of(&history(12));
    let backup = archive.place("backup");
    archive.fine(&["backup", text(&backup)]);
    withhold(&archive, 4);
    let bundle = archive.place("import.bundle");
    let assert_still_gone = |after: &str| {
        assert_eq!(
            places(&archive.path(), MARK.as_bytes()),
            [""; 0],
            "after {after}"
        );
        assert_eq!(findings(&archive), [""; 0], "after {after}");
    };
    let again = archive.recension(&[
        "import",
        "ota-versions",
        "--again",
        "--format",
        "json",
        text(&bundle),
    ]);
    assert_eq!(again.json()[0]["healed"], 0, "{again:?}");
    assert_still_gone("an import that reads again");
    let said = archive.fine(&["repair", "--from", text(&backup)]);
    assert!(said.starts_with("0 contents were lost"), "{said}");
    assert_still_gone("a repair");
    archive.fine(&["compact"]);
    assert_still_gone("a compaction");
    // The same text is seen again, and then another document has it from the first.
    let mut longer = history(12);
    let at = seconds("2024-03-01");
    longer.commit(&[("Foo/Terms.md", Some(&page(4)))], "Update", at);
    longer.commit(&[("Foo/Terms.md", Some(&page(13)))], "Update", at + 86_400);
    longer.commit(
        &[("Baz/Terms.md", Some(&page(4)))],
        "Update",
        at + 2 * 86_400,
    );
    assert_eq!(archive.import(&longer, LATER)["withheld"], 2);
    assert_still_gone("an import of the same text");
    for document in ["Foo/Terms", "Baz/Terms"] {
        let as_of = if document == "Foo/Terms" {
            "2024-03-01"
        } else {
            "2025-01-01"
        };
        let ran = archive.recension(&["show", document, "--as-of", as_of]);
        assert!(ran.code == 1 && ran.stdout.ends_with(SENTENCE), "{ran:?}");
    }
    assert_eq!(
        archive.fine(&["show", "Foo/Terms", "--format", "raw"]),
        page(13)
    );
    // A copy has what the archive has.
    let copy = archive.place("copy");
    archive.fine(&["backup", text(&copy)]);
    assert_eq!(places(&copy, MARK.as_bytes()), [""; 0]);
    let said = archive.fine(&["--archive", text(&copy), "verify"]);
    assert!(said.contains("1 contents are withheld"), "{said}");
}

#[test]
fn a_writer_stores_nothing_that_it_withheld_itself() {
    let archive = Archive::of(&history(3));
    let mut writer = record_only(&archive, 4);
    let content = writer.put(StreamId([1; 16]), page(4).as_bytes()).unwrap();
    let restored = writer.restore(StreamId([1; 16]), page(4).as_bytes());
    assert_eq!(
        (content.blob, content.blob),
        (restored.unwrap(), BlobId::of(page(4).as_bytes()))
    );
    writer.record(&[], Instant::MAX).unwrap();
    let blobs = Blobs::open(&archive.file("blobs.sqlite")).unwrap();
    assert!(!blobs.has(content.blob).unwrap());
}

#[test]
fn bytes_that_lie_about_go_too() {
    let archive = Archive::of(&history(12));
    // What a stopped compaction and an interrupted import leave: old frames in free pages, a pack in a folder.
    Connection::open(archive.file("blobs.sqlite"))
        .unwrap()
        .execute_batch("CREATE TABLE old AS SELECT frame FROM blob; DROP TABLE old")
        .unwrap();
    fs::create_dir(archive.file("import.new")).unwrap();
    fs::write(archive.file("import.new/pack"), page(4)).unwrap();
    let frame = frame(&archive, 4);
    let occurrences = |bytes: &[u8]| {
        bytes
            .windows(frame.len())
            .filter(|window| *window == frame)
            .count()
    };
    assert!(occurrences(&fs::read(archive.file("blobs.sqlite")).unwrap()) > 1);
    assert_eq!(withhold(&archive, 4).code, 0);
    assert_gone(&archive.path(), &frame);
    assert!(!archive.file("import.new").exists());
}

#[test]
fn a_stop_between_the_steps_is_found_and_finished() {
    let archive = Archive::of(&history(12));
    drop(record_only(&archive, 4));
    // Nothing shows it any more, although the bytes are there.
    let ran = archive.recension(&["show", "Foo/Terms", "--as-of", "2024-01-05"]);
    assert!(ran.code == 1 && ran.stdout.ends_with(SENTENCE), "{ran:?}");
    assert_eq!(findings(&archive), [not_gone(4)]);
    // An import meanwhile may build on it.
    archive.import(&history(13), LATER);
    // A copy without a key can be finished as well.
    let copy = archive.place("copy");
    copy_folder(&archive.path(), &copy);
    fs::remove_file(copy.join("signing.key")).unwrap();
    archive.fine(&[
        "--archive",
        text(&copy),
        "withhold",
        &blob(4),
        "--reason",
        "an order of a court",
    ]);
    assert_eq!(places(&copy, MARK.as_bytes()), [""; 0]);
    archive.fine(&["--archive", text(&copy), "verify"]);
    // The frame is emptied and what built on it is compressed anew, but the row is there.
    let blobs = Connection::open(archive.file("blobs.sqlite")).unwrap();
    let other = Connection::open(copy.join("blobs.sqlite")).unwrap();
    let mut rows = other
        .prepare("SELECT id, base, tier, steps, frame FROM blob")
        .unwrap();
    let mut rows = rows.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let row: (i64, Option<i64>, i64, i64, Vec<u8>) = (
            row.get(0).unwrap(),
            row.get(1).unwrap(),
            row.get(2).unwrap(),
            row.get(3).unwrap(),
            row.get(4).unwrap(),
        );
        blobs
            .execute(
                "UPDATE blob SET base = ?2, tier = ?3, steps = ?4, frame = ?5 WHERE id = ?1",
                row,
            )
            .unwrap();
    }
    let digest = BlobId::of(page(4).as_bytes());
    let emptied = blobs
        .execute(
            "UPDATE blob SET frame = x'', base = NULL WHERE digest = ?1",
            [digest.as_bytes()],
        )
        .unwrap();
    assert_eq!(emptied, 1);
    drop(blobs);
    assert_eq!(findings(&archive), [not_gone(4)]);
    assert_eq!(withhold(&archive, 4).code, 0);
    assert_eq!(findings(&archive), [""; 0]);
    assert_eq!(places(&archive.path(), MARK.as_bytes()), [""; 0]);
}

#[test]
fn an_event_that_a_kill_left_unsigned_is_finished() {
    let archive = Archive::of(&history(12));
    let before = archive.place("before");
    copy_folder(&archive.path(), &before);
    drop(record_only(&archive, 4));
    // The batch is on disk, its checkpoint is not, and nothing beside the log knows of it.
    let log = Connection::open(archive.file("log.sqlite")).unwrap();
    let trigger: String = log
        .query_row(
            "SELECT sql FROM sqlite_schema WHERE name = 'checkpoint_is_never_deleted'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    log.execute_batch(&format!(
        "DROP TRIGGER checkpoint_is_never_deleted;
         DELETE FROM checkpoint WHERE size = (SELECT max(size) FROM checkpoint);
         {trigger};"
    ))
    .unwrap();
    drop(log);
    for file in ["views.sqlite", "checkpoint"] {
        fs::copy(before.join(file), archive.file(file)).unwrap();
    }
    assert_eq!(findings(&archive), [""; 0]);
    let ran = archive.recension(&[
        "--now",
        NOW,
        "withhold",
        &blob(4),
        "--reason",
        "another one",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = archive.recension(&["show", "Foo/Terms", "--as-of", "2024-01-05"]);
    assert!(ran.code == 1 && ran.stdout.ends_with(SENTENCE), "{ran:?}");
    assert_eq!(findings(&archive), [""; 0]);
}

#[test]
fn a_kill_at_any_moment_leaves_what_the_next_run_finishes() {
    let whole = Archive::of(&history(60));
    let frame = frame(&whole, 4);
    for round in 0..12 {
        let archive = Archive::none();
        copy_folder(&whole.path(), &archive.path());
        let args = ["withhold", &blob(4), "--reason", "an order of a court"];
        let mut child = archive
            .command(&args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(8 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let found = findings(&archive);
        assert!(
            found.iter().all(|finding| finding.contains("not gone yet")),
            "{found:?}"
        );
        let ran = withhold(&archive, 4);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(findings(&archive), [""; 0]);
        assert_gone(&archive.path(), &frame);
    }
}

#[test]
fn a_damaged_text_that_builds_on_it_is_not_lost_with_it() {
    let archive = Archive::of(&history(12));
    let backup = archive.place("backup");
    archive.fine(&["backup", text(&backup)]);
    let after = BlobId::of(page(5).as_bytes());
    let damaged = Connection::open(archive.file("blobs.sqlite"))
        .unwrap()
        .execute(
            "UPDATE blob SET frame = x'00' WHERE digest = ?1 AND base IS NOT NULL",
            [after.as_bytes()],
        )
        .unwrap();
    assert_eq!(damaged, 1);
    let ran = withhold(&archive, 4);
    assert_eq!(
        (ran.code, ran.stderr),
        (
            2,
            format!(
                "error: blob {} is not taken away yet: blob {after} builds on it and is damaged\n\
                 hint: `recension repair --from DIR` takes the damaged one from another archive; then withhold again\n",
                blob(4)
            )
        )
    );
    archive.fine(&["repair", "--from", text(&backup)]);
    assert_eq!(withhold(&archive, 4).code, 0);
    assert_eq!(places(&archive.path(), MARK.as_bytes()), [""; 0]);
}

#[test]
fn bytes_that_a_reader_holds_on_to_are_told() {
    let archive = Archive::of(&history(12));
    let frame = frame(&archive, 4);
    let reader = Connection::open(archive.file("blobs.sqlite")).unwrap();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM blob")
        .unwrap();
    let ran = withhold(&archive, 4);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(
        ran.stderr
            .contains("is not gone from the disk yet: somebody is reading it\nhint: wait"),
        "{ran:?}"
    );
    assert_eq!(findings(&archive), [not_gone(4)]);
    drop(reader);
    assert_eq!(withhold(&archive, 4).code, 0);
    assert_gone(&archive.path(), &frame);
}

#[test]
fn views_of_an_older_format_are_built_anew() {
    let archive = Archive::of(&history(3));
    let expected = archive.fine(&["timeline", "Foo/Terms"]);
    let views = || Connection::open(archive.file("views.sqlite")).unwrap();
    views()
        .execute_batch("DROP TABLE withheld; PRAGMA user_version = 1")
        .unwrap();
    archive.prints(&["timeline", "Foo/Terms"], &expected);
    let format: i64 = views()
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(format, 3);
}

#[test]
fn a_snapshot_and_the_text_taken_from_it_are_two_blobs() {
    let archive = Archive::new();
    let (page, name) = (format!("<p>{MARK}</p>\n"), "Foo/Terms of Service");
    let mut snapshots = Fixture::new();
    let commit = snapshots.commit(
        &[(&format!("{name}.html"), Some(&page))],
        "Record new changes",
        seconds("2024-01-10"),
    );
    let commit: String = commit.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut versions = Fixture::new();
    versions.commit(
        &[(&format!("{name}.md"), Some(MARK))],
        &format!("Update\n\nThis version was recorded after extracting from snapshot https://git.example/s/commit/{commit}\n"),
        seconds("2024-01-10"),
    );
    let bundle = archive.place("snapshots.bundle");
    snapshots.write_bundle(&bundle);
    archive.fine(&["import", "ota-snapshots", text(&bundle)]);
    archive.import(&versions, NOW);
    let blob = |bytes: &str| BlobId::of(bytes.as_bytes()).to_string();
    let dry = |bytes: &str| archive.fine(&["withhold", &blob(bytes), "--dry-run"]);
    assert!(
        dry(MARK).contains("The same words may stand in what event 1 recorded"),
        "{}",
        dry(MARK)
    );
    assert!(
        dry(&page).contains("The same words may stand in what event 3 recorded"),
        "{}",
        dry(&page)
    );
    for bytes in [MARK, &page] {
        archive.fine(&["withhold", &blob(bytes), "--reason", "an order"]);
    }
    assert_eq!(places(&archive.path(), MARK.as_bytes()), [""; 0]);
    let raw = archive.recension(&["show", "--event", "1", "--format", "raw"]);
    let sentence = format!("The snapshot is withheld since {NOW} (event 7): an order\n");
    assert_eq!(
        (raw.code, raw.stdout.as_str(), raw.stderr.as_str()),
        (1, "", sentence.as_str())
    );
    let shown = archive.recension(&["show", "--event", "1"]);
    assert!(
        shown.code == 1 && shown.stdout.ends_with(&format!("\n\n{sentence}")),
        "{shown:?}"
    );
    let json = archive.recension(&["show", "--event", "1", "--format", "json"]);
    assert_eq!(
        (json.code, &json.json()[0]["fact"]["withheld"]["seq"]),
        (1, &Value::from(7))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    /// Whatever is withheld, in whatever order: the rest is there to the byte, and everything agrees with the log.
    #[test]
    fn any_contents_can_be_withheld(
        days in proptest::collection::vec(0..24_i64, 1..8),
        compacted in any::<bool>(),
    ) {
        let archive = Archive::of(&history(24));
        if compacted {
            archive.fine(&["compact"]);
        }
        let opened = archive.open();
        let signed = opened.checkpoint().clone();
        let proofs: Vec<_> = (0..signed.size()).map(|seq| opened.proof(seq).unwrap()).collect();
        drop(opened);
        let at = Instant::parse_rfc3339(LATER).unwrap();
        for day in &days {
            let content = Content::of(page(*day).as_bytes());
            archive::withhold(&archive.path(), &content, "an order", at).unwrap();
        }
        let opened = archive.open();
        for day in 0..24 {
            let found = opened.content(BlobId::of(page(day).as_bytes())).unwrap();
            prop_assert_eq!(found.is_err(), days.contains(&day), "day {}", day);
            if let Ok(bytes) = found {
                prop_assert_eq!(bytes, page(day).into_bytes());
            }
        }
        let report = archive.recension(&["verify", "--format", "json"]).json().remove(0);
        prop_assert_eq!(&report["clean"], true, "{}", report);
        // What was proven before is proven still, of the events as they are now.
        for (seq, (leaf, proof)) in (0..).zip(&proofs) {
            let (now, _) = opened.proof(seq).unwrap();
            prop_assert_eq!(&now, leaf);
            prop_assert!(verify_inclusion(&leaf_hash(&now), seq, signed.size(), proof, signed.root()).is_ok());
        }
        prop_assert!(archive.fine(&["rebuild"]).contains("they are the same"));
    }
}
