//! The program from end to end: histories in, answers out.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use recension::model::BlobId;
use serde_json::Value;

use crate::support::archive::{Archive, NOW, copy_folder, seconds, text};
use crate::support::fixture::{EXECUTABLE, FILE, Fixture, SUBMODULE, SYMLINK};

/// The first text again after another one: A → B → A.
fn there_and_back() -> Fixture {
    let mut history = Fixture::new();
    history.commit(
        &[("README.md", Some("# Versions\n")), ("Foo/Terms of Service.md", Some("One\nsame\n"))],
        "First record of Foo Terms of Service\n\nThis version was recorded after filtering snapshot \
         https://github.com/example/snapshots/commit/00112233445566778899aabbccddeeff00112233\n\nX-engine-version: 1.2\n",
        seconds("2024-01-10"),
    );
    history.commit(
        &[("Foo/Terms of Service.md", Some("Two\nsame\n"))],
        "Record new changes of Foo Terms of Service",
        seconds("2024-02-10"),
    );
    history.commit(
        &[
            ("Foo/Terms of Service.md", Some("One\nsame\n")),
            ("Bar/Privacy Policy.md", Some("Private\n")),
        ],
        "Update",
        seconds("2024-03-10"),
    );
    history
}

const TERMS: &str = "Foo/Terms of Service";

/// The answers to `show --format json` as of several dates, as `first line of the text, certainty, next sight`.
#[track_caller]
fn answers(archive: &Archive, more: &[&str], expected: &[(&str, &str)]) {
    for (as_of, expected) in expected {
        let mut args = vec![
            "show",
            TERMS,
            "--as-of",
            as_of,
            "--format",
            "json",
            "--with-text",
        ];
        args.extend(more);
        let ran = archive.recension(&args);
        let line = ran.json().remove(0);
        let word = |name: &str| line[name].as_str().unwrap_or("none").to_owned();
        let first_line = word("text").lines().next().unwrap_or_default().to_owned();
        let found = if line["found"] == true {
            let (first, last, next) = (word("first_seen"), word("last_seen"), word("next_seen"));
            let day = |instant: String| instant.get(..10).map_or(instant.clone(), str::to_owned);
            let (first, last, next) = (day(first), day(last), day(next));
            format!(
                "{first_line} | {} | {first}..{last} then {next}",
                word("certainty")
            )
        } else {
            format!("nothing before {}", word("first_observed_at"))
        };
        assert_eq!(&found, expected, "{as_of} {more:?}");
        assert_eq!(ran.code, i32::from(line["found"] == false), "{as_of}");
    }
}

#[test]
fn init_says_what_it_made_and_which_key_verifies_it() {
    let archive = Archive::none();
    let made = archive.fine(&["init", "archive", "--origin", "example.org/test"]);
    let (first, key) = made.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(
        first,
        "An archive was made in archive.\n\
         Its checkpoints are verified with this key; keep a copy elsewhere:"
    );
    assert!(key.starts_with("example.org/test+"), "{key}");
    let report = archive.fine(&["verify", "--verifier", key]);
    assert_eq!(
        report,
        "Checked 0 events, 1 checkpoints and 0 contents (0 B).\n\
         root e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n\
         Nothing was altered since it was recorded.\n"
    );
}

#[test]
fn init_makes_the_archive_that_was_named_before_the_command() {
    let archive = Archive::none();
    archive.fine(&["init"]);
    assert!(archive.file("recension.toml").exists());
    let other = archive.place("other");
    archive.fine(&["--archive", text(&other), "init"]);
    assert!(other.join("recension.toml").exists());
}

#[test]
fn an_empty_archive_answers_every_question() {
    let archive = Archive::new();
    archive.prints(&["documents", "--format", "json"], "[]\n");
    archive.prints(&["platforms", "--format", "jsonl"], "");
    archive.prints(
        &["documents"],
        "DOCUMENT  VERSIONS  FIRST SEEN  LAST SEEN\n",
    );
    archive.prints(
        &["log"],
        "    SEQ  OBSERVED AT (UTC)     TYPE                  ABOUT\n",
    );
    archive.prints(&["export", "events"], "");
    let stats = archive
        .recension(&["stats", "--format", "json"])
        .json()
        .remove(0);
    assert_eq!(
        (&stats["events"], &stats["first_observed_at"]),
        (&0.into(), &serde_json::Value::Null)
    );
    archive.complains(
        &["show", TERMS],
        2,
        "error: there is no document \"Foo/Terms of Service\" in this archive\n\
         hint: `recension documents` lists them all\n",
    );
    let output = archive.place("texts");
    let none = archive.recension(&["show", "--all", "--output", text(&output)]);
    assert_eq!(
        (none.code, none.stdout.as_str()),
        (
            1,
            "0 texts were written below $DIR/texts.\n\
             documents.jsonl lists them all, with files, hashes and brackets.\n"
        )
    );
}

#[test]
fn an_import_sums_up_what_the_history_held() {
    let archive = Archive::new();
    let bundle = archive.place("history.bundle");
    there_and_back().write_bundle(&bundle);
    archive.prints(
        &["import", "ota-versions", text(&bundle)],
        "Imported up to commit 070c8511d81410f84fe97cca9369c70ba4593b11.\n\
         \x20          3  commits read\n\
         \x20          0    that touch no document\n\
         \x20          0    that are merges\n\
         \x20          4  versions\n\
         \x20          0    with an empty text\n\
         \x20          0    observed before an earlier version of the document\n\
         \x20          2  documents seen for the first time\n\
         \x20          0    that are numbered parts of a larger one\n\
         \x20          0  documents that continue under another name\n\
         \x20          0  documents deleted\n\
         \x20          1  changed files that are no documents\n\
         \x20          0  changed files left out, as listed\n\
         \x20          7  events appended\n\
         \x20          0  versions and events that were in the archive already\n\
         \x20          2  changes judged for the first time\n\
         \x20       35 B  of text read\n",
    );
    archive.prints(&["import", "ota-versions", text(&bundle)], "Nothing to do: everything up to commit 070c8511d81410f84fe97cca9369c70ba4593b11 is in the archive.\n");
}

#[test]
fn documents_and_platforms_are_listed_in_the_order_of_their_names() {
    let archive = Archive::of(&there_and_back());
    archive.prints(
        &["documents"],
        "DOCUMENT              VERSIONS  FIRST SEEN  LAST SEEN\n\
         Bar/Privacy Policy           1  2024-03-10  2024-03-10\n\
         Foo/Terms of Service         3  2024-01-10  2024-03-10\n",
    );
    archive.prints(
        &["platforms"],
        "PLATFORM  DOCUMENTS  VERSIONS  FIRST SEEN  LAST SEEN\n\
         Bar               1         1  2024-03-10  2024-03-10\n\
         Foo               1         3  2024-01-10  2024-03-10\n",
    );
    archive.prints(&["documents", "foo", "--format", "jsonl"], "{\"document\":\"Foo/Terms of Service\",\"platform\":\"Foo\",\"document_type\":\"Terms of Service\",\"versions\":3,\"withheld\":0,\"looks\":3,\"first_observed_at\":\"2024-01-10T00:00:00Z\",\"last_observed_at\":\"2024-03-10T00:00:00Z\",\"retired_at\":null,\"declared_seq\":0}\n");
    archive.prints(&["platforms", "--format", "jsonl"], "{\"platform\":\"Bar\",\"documents\":1,\"versions\":1,\"first_observed_at\":\"2024-03-10T00:00:00Z\",\"last_observed_at\":\"2024-03-10T00:00:00Z\"}\n\
         {\"platform\":\"Foo\",\"documents\":1,\"versions\":3,\"first_observed_at\":\"2024-01-10T00:00:00Z\",\"last_observed_at\":\"2024-03-10T00:00:00Z\"}\n");
}

#[test]
fn the_timeline_shows_every_look() {
    let archive = Archive::of(&there_and_back());
    archive.prints(
        &["timeline", TERMS],
        "Foo/Terms of Service: 3 versions in 3 looks\n\
         OBSERVED AT (UTC)     EVENT  LOOK         SIZE  BLOB\n\
         2024-01-10T00:00:00Z      1  first         9 B  fd6d211507c1  first record\n\
         2024-02-10T00:00:00Z      2  substantive   9 B  02af20634cd9  changes\n\
         Left out: 1 versions, reverted (--all shows them).\n",
    );
    archive.prints(
        &["timeline", TERMS, "--all"],
        "Foo/Terms of Service: 3 versions in 3 looks\n\
         OBSERVED AT (UTC)     EVENT  LOOK         SIZE  BLOB\n\
         2024-01-10T00:00:00Z      1  first         9 B  fd6d211507c1  first record\n\
         2024-02-10T00:00:00Z      2  substantive   9 B  02af20634cd9  changes\n\
         2024-03-10T00:00:00Z      5  reverted      9 B  fd6d211507c1  other\n",
    );
    archive.prints(
        &[
            "timeline", TERMS, "--since", "2024-02", "--until", "2024-02",
        ],
        "Foo/Terms of Service: 3 versions in 3 looks\n\
         OBSERVED AT (UTC)     EVENT  LOOK         SIZE  BLOB\n\
         2024-02-10T00:00:00Z      2  substantive   9 B  02af20634cd9  changes\n\
         Left out: 2 looks outside the dates asked for.\n",
    );
    for command in [&["timeline"][..], &["export", "timeline"]] {
        let range = [TERMS, "--since", "2024-03", "--until", "2024-02"];
        archive.complains(
            &[command, &range].concat(),
            2,
            "error: --since \"2024-03\" (2024-03-01T00:00:00Z) is after --until \"2024-02\" \
             (2024-02-29T23:59:59.999999Z): nothing lies between them\n",
        );
    }
    let lines = archive
        .recension(&["timeline", TERMS, "--format", "jsonl"])
        .json();
    assert_eq!(lines.len(), 3);
    let origin = &lines[0]["origin"];
    assert_eq!(origin["commit_kind"], "first record");
    assert_eq!(
        origin["snapshot"]["repository"],
        "https://github.com/example/snapshots"
    );
    assert_eq!(
        origin["snapshot"]["commit"],
        "00112233445566778899aabbccddeeff00112233"
    );
    assert_eq!(
        origin["trailers"],
        serde_json::json!([["X-engine-version", "1.2"]])
    );
}

#[test]
fn show_says_how_the_answer_is_known() {
    let archive = Archive::of(&there_and_back());
    archive.prints(
        &["show", TERMS, "--as-of", "2024-02-01"],
        "document    Foo/Terms of Service\n\
         as of       2024-02-01T23:59:59.999999Z\n\
         certainty   changed in between: the next look showed another text\n\
         first seen  2024-01-10T00:00:00Z\n\
         last seen   2024-01-10T00:00:00Z\n\
         next seen   2024-02-10T00:00:00Z\n\
         event       1 (recorded at 2025-06-01T12:00:00Z)\n\
         blake3      fd6d211507c195fd9d8e70f7c7a7ef1ad073928b34ff251bdf4a3895c61a2b30\n\
         sha256      ff084a18ec984a932eeffa9a809e5f12147577fe381535987b5a4e06c39d4971\n\
         length      9 B\n\n\
         One\n\
         same\n",
    );
    archive.prints(
        &[
            "show",
            TERMS,
            "--as-of",
            "2024-02-10T00:00:00Z",
            "--format",
            "markdown",
        ],
        "---\n\
         document: \"Foo/Terms of Service\"\n\
         as_of: 2024-02-10T00:00:00Z\n\
         certainty: held\n\
         first_seen: 2024-02-10T00:00:00Z\n\
         last_seen: 2024-02-10T00:00:00Z\n\
         next_seen: 2024-03-10T00:00:00Z\n\
         event: 2\n\
         blake3: 02af20634cd9978751d2da8e61ee559d9430b6e1284bb8e932d216d4d630743b\n\
         sha256: a8c5c92477b556794bcb1585eb33ede260b2b892a48ee297df996129ba94dffe\n\
         ---\n\
         Two\n\
         same\n",
    );
    archive.prints(
        &["show", TERMS, "--format", "json"],
        "{\n\
         \x20 \"document\": \"Foo/Terms of Service\",\n\
         \x20 \"as_of\": \"2025-06-01T12:00:00Z\",\n\
         \x20 \"known_at\": null,\n\
         \x20 \"found\": true,\n\
         \x20 \"blob\": \"fd6d211507c195fd9d8e70f7c7a7ef1ad073928b34ff251bdf4a3895c61a2b30\",\n\
         \x20 \"sha256\": \"ff084a18ec984a932eeffa9a809e5f12147577fe381535987b5a4e06c39d4971\",\n\
         \x20 \"size_bytes\": 9,\n\
         \x20 \"withheld\": null,\n\
         \x20 \"seq\": 5,\n\
         \x20 \"observed_at\": \"2024-03-10T00:00:00Z\",\n\
         \x20 \"first_seen\": \"2024-03-10T00:00:00Z\",\n\
         \x20 \"last_seen\": \"2024-03-10T00:00:00Z\",\n\
         \x20 \"next_seen\": null,\n\
         \x20 \"certainty\": \"latest\",\n\
         \x20 \"first_observed_at\": \"2024-01-10T00:00:00Z\",\n\
         \x20 \"retired_at\": null\n\
         }\n",
    );
    archive.prints(&["show", TERMS, "--format", "raw"], "One\nsame\n");
}

#[test]
fn a_text_seen_at_the_very_instant_is_said_to_be() {
    let archive = Archive::of(&there_and_back());
    let at = ["show", TERMS, "--as-of", "2024-02-10T00:00:00Z"];
    let shown = archive.fine(&at);
    assert!(
        shown.contains("\ncertainty   held: seen at that very instant\n"),
        "{shown}"
    );
    let known = archive.fine(&[&at[..], &["--known-at", "now", "--format", "markdown"]].concat());
    assert!(
        known.contains("\nknown_at: 2025-06-01T12:00:00Z\n"),
        "{known}"
    );
}

#[test]
fn every_date_has_the_answer_of_its_end() {
    let archive = Archive::of(&there_and_back());
    answers(
        &archive,
        &[],
        &[
            ("2024-01-09", "nothing before 2024-01-10T00:00:00Z"),
            (
                "2024-01-09T23:59:59.999999Z",
                "nothing before 2024-01-10T00:00:00Z",
            ),
            (
                "2024-01-10T00:00:00Z",
                "One | held | 2024-01-10..2024-01-10 then 2024-02-10",
            ),
            (
                "2024-01-10",
                "One | changed in between | 2024-01-10..2024-01-10 then 2024-02-10",
            ),
            (
                "2024-01",
                "One | changed in between | 2024-01-10..2024-01-10 then 2024-02-10",
            ),
            (
                "2024-02-10T01:00:00+02:00",
                "One | changed in between | 2024-01-10..2024-01-10 then 2024-02-10",
            ),
            (
                "2024-02-10T00:00:00Z",
                "Two | held | 2024-02-10..2024-02-10 then 2024-03-10",
            ),
            (
                "2024-02",
                "Two | changed in between | 2024-02-10..2024-02-10 then 2024-03-10",
            ),
            ("2024-Q1", "One | latest | 2024-03-10..2024-03-10 then none"),
            (
                "yesterday",
                "One | latest | 2024-03-10..2024-03-10 then none",
            ),
            ("now", "One | latest | 2024-03-10..2024-03-10 then none"),
        ],
    );
}

#[test]
fn the_whole_collection_is_listed_as_of_a_date() {
    let archive = Archive::of(&there_and_back());
    let blob = |text: &str| BlobId::of(text.as_bytes()).to_string();
    archive.prints(
        &["documents", "--as-of", "2024-02"],
        &format!(
            "DOCUMENT              OBSERVED AT (UTC)     EVENT  SIZE  BLOB\n\
             Bar/Privacy Policy                                                     not observed by then\n\
             Foo/Terms of Service  2024-02-10T00:00:00Z      2   9 B  {}  changed in between\n",
            &blob("Two\nsame\n")[..12]
        ),
    );
    // Each is what is answered of the document alone.
    for date in ["2024-01", "2024-02", "2024-03", "now"] {
        let list = archive
            .recension(&["documents", "--as-of", date, "--format", "jsonl"])
            .json();
        let alone = |name| {
            let args = ["show", name, "--as-of", date, "--format", "json"];
            archive.recension(&args).json().remove(0)
        };
        assert_eq!(list, [alone("Bar/Privacy Policy"), alone(TERMS)], "{date}");
        let of_platform = ["documents", "foo", "--as-of", date, "--format", "json"];
        let list = archive.recension(&of_platform).json().remove(0);
        assert_eq!(list, Value::from(vec![alone(TERMS)]));
    }
    let ran = archive.recension(&["documents", "--as-of", "2023", "--format", "jsonl"]);
    assert_eq!((ran.code, ran.json().len()), (1, 2));
    archive.complains(
        &["documents", "nobody", "--as-of", "2023"],
        2,
        "error: there is no platform \"nobody\" in this archive\n\
         hint: `recension platforms` lists them all\n",
    );
}

#[test]
fn a_text_seen_again_unchanged_in_content_is_held_in_between() {
    let mut history = Fixture::new();
    let terms = "Foo/Terms of Service.md";
    history.commit(&[(terms, Some("One\n"))], "1", seconds("2024-01-10"));
    history.commit(&[(terms, Some("Two\n"))], "2", seconds("2024-01-10"));
    history.commit(&[(terms, Some("One\n"))], "3", seconds("2024-01-20"));
    let archive = Archive::of(&history);
    // The tie is won by the later commit: "One" of the first never stood at any instant.
    answers(
        &archive,
        &[],
        &[
            ("2024-01-09", "nothing before 2024-01-10T00:00:00Z"),
            (
                "2024-01-10T00:00:00Z",
                "Two | held | 2024-01-10..2024-01-10 then 2024-01-20",
            ),
            (
                "2024-01-15",
                "Two | changed in between | 2024-01-10..2024-01-10 then 2024-01-20",
            ),
            (
                "2024-01-20",
                "One | latest | 2024-01-20..2024-01-20 then none",
            ),
        ],
    );
}

#[test]
fn texts_observed_out_of_order_stand_where_they_were_observed() {
    let mut history = Fixture::new();
    let terms = "Foo/Terms of Service.md";
    history.commit(&[(terms, Some("One\n"))], "1", seconds("2024-01-10"));
    history.commit(&[(terms, Some("Three\n"))], "2", seconds("2024-03-10"));
    history.commit(&[(terms, Some("Two\n"))], "3", seconds("2024-02-10"));
    history.commit(&[(terms, Some("One\n"))], "4", seconds("2024-01-20"));
    let archive = Archive::new();
    let summary = archive.import(&history, NOW);
    assert_eq!(summary["counts"]["out_of_order"], 2);
    answers(
        &archive,
        &[],
        &[
            (
                "2024-01-15",
                "One | held | 2024-01-10..2024-01-10 then 2024-01-20",
            ),
            (
                "2024-01-25",
                "One | changed in between | 2024-01-10..2024-01-20 then 2024-02-10",
            ),
            (
                "2024-02-20",
                "Two | changed in between | 2024-02-10..2024-02-10 then 2024-03-10",
            ),
            (
                "2024-03-10",
                "Three | latest | 2024-03-10..2024-03-10 then none",
            ),
        ],
    );
}

#[test]
fn every_version_can_be_shown_by_its_event_even_one_hidden_at_the_same_instant() {
    let mut history = Fixture::new();
    let terms = "Foo/Terms of Service.md";
    history.commit(&[(terms, Some("One\n"))], "1", seconds("2024-01-10"));
    history.commit(&[(terms, Some("Two\n"))], "2", seconds("2024-01-10"));
    let archive = Archive::of(&history);
    let raw = |seq| archive.fine(&["show", "--event", seq, "--format", "raw"]);
    assert_eq!((raw("1").as_str(), raw("2").as_str()), ("One\n", "Two\n"));
    let shown = archive
        .recension(&["show", "--event", "1", "--format", "json"])
        .json();
    assert_eq!(shown[0]["seq"], 1);
    archive.complains(
        &["show", "--event", "0"],
        2,
        "error: event 0 records no version: it is a DocumentDeclared\n",
    );
    archive.complains(
        &["show", "--event", "9"],
        2,
        "error: event 9 is not in $DIR/archive/log.sqlite (it has 5 signed events)\n\
         hint: `recension log` lists the events\n",
    );
}

#[test]
fn known_at_answers_as_the_archive_would_have_answered_then() {
    let mut history = there_and_back();
    let archive = Archive::new();
    archive.import(&history, "2024-04-01T00:00:00Z");
    let terms = "Foo/Terms of Service.md";
    history.commit(
        &[(terms, Some("Early\n"))],
        "found later",
        seconds("2023-12-01"),
    );
    history.commit(&[(terms, None)], "gone", seconds("2024-04-05"));
    history.commit(
        &[("Late/Terms.md", Some("Late\n"))],
        "new",
        seconds("2024-04-06"),
    );
    archive.import(&history, "2024-05-01T00:00:00Z");
    let now = [
        (
            "2023-12-31",
            "Early | changed in between | 2023-12-01..2023-12-01 then 2024-01-10",
        ),
        (
            "2024-03-31",
            "One | latest | 2024-03-10..2024-03-10 then none",
        ),
    ];
    answers(&archive, &[], &now);
    answers(&archive, &["--known-at", "2024-05-01T00:00:00Z"], &now);
    answers(
        &archive,
        &["--known-at", "2024-04"],
        &[
            ("2023-12-31", "nothing before 2024-01-10T00:00:00Z"),
            (
                "2024-03-31",
                "One | latest | 2024-03-10..2024-03-10 then none",
            ),
        ],
    );
    answers(
        &archive,
        &["--known-at", "2024-03-31"],
        &[("2024-03-31", "nothing before none")],
    );
    // The retirement, too, was not known before the second import.
    let retired = |known_at: &str| {
        let args = ["show", TERMS, "--known-at", known_at, "--format", "json"];
        archive.recension(&args).json()[0]["retired_at"].clone()
    };
    assert_eq!(retired("2024-04"), serde_json::Value::Null);
    assert_eq!(retired("2024-05"), "2024-04-05T00:00:00Z");
    for (format, line) in [
        ("text", "retired     2024-04-05T00:00:00Z"),
        ("markdown", "retired_at: 2024-04-05T00:00:00Z"),
    ] {
        let args = ["show", TERMS, "--format", format, "--known-at"];
        let before = archive.fine(&[&args[..], &["2024-04"]].concat());
        assert!(!before.contains("retired"), "{before}");
        let after = archive.fine(&[&args[..], &["2024-05"]].concat());
        assert!(after.contains(line), "{after}");
    }
    let late = archive.recension(&["show", "Late/Terms", "--known-at", "2024-04"]);
    assert_eq!(
        (late.code, late.stdout.as_str()),
        (
            1,
            "No text of Late/Terms had been observed by 2025-06-01T12:00:00Z (as known at\n2024-04-30T23:59:59.999999Z).\n"
        )
    );
    // A timeline counts what was known.
    let timeline = archive.fine(&["timeline", TERMS, "--known-at", "2024-04"]);
    assert!(
        timeline.starts_with(
            "Foo/Terms of Service: 3 versions in 3 looks\nas known at 2024-04-30T23:59:59.999999Z\n"
        ),
        "{timeline}"
    );
    assert_eq!(timeline.lines().count(), 6, "{timeline}");
}

#[test]
fn a_document_that_is_gone_is_retired_until_it_returns() {
    let mut history = there_and_back();
    let terms = "Foo/Terms of Service.md";
    history.commit(&[(terms, None)], "gone", seconds("2024-04-10"));
    let archive = Archive::of(&history);
    let shown = archive.fine(&["show", TERMS]);
    assert!(
        shown.contains("\nretired     2024-04-10T00:00:00Z: not looked at since\n"),
        "{shown}"
    );
    let documents = archive.fine(&["documents", "Foo"]);
    assert!(documents.ends_with("retired 2024-04-10\n"), "{documents}");
    history.commit(&[(terms, Some("Back\n"))], "back", seconds("2024-05-10"));
    let summary = archive.import(&history, NOW);
    assert_eq!(
        (&summary["appended"], &summary["counts"]["commits"]),
        (&2.into(), &1.into())
    );
    let shown = archive.fine(&["show", TERMS]);
    assert!(!shown.contains("retired"), "{shown}");
    let timeline = archive.fine(&["timeline", TERMS]);
    assert!(
        timeline.contains("retired") && timeline.contains("  its file was deleted"),
        "{timeline}"
    );
}

#[test]
fn a_text_is_not_said_to_have_held_while_its_document_was_gone() {
    let mut history = Fixture::new();
    let terms = "Foo/Terms of Service.md";
    history.commit(&[(terms, Some("One\n"))], "1", seconds("2020-01-01"));
    history.commit(&[(terms, None)], "2", seconds("2021-01-01"));
    history.commit(&[(terms, Some("One\n"))], "3", seconds("2023-01-01"));
    let archive = Archive::of(&history);
    let at = |as_of| {
        let args = ["show", TERMS, "--as-of", as_of, "--format", "json"];
        let answer = archive.recension(&args).json().remove(0);
        (answer["certainty"].clone(), answer["retired_at"].clone())
    };
    let gone = serde_json::Value::from("2021-01-01T00:00:00Z");
    assert_eq!(at("2022"), ("changed in between".into(), gone.clone()));
    assert_eq!(
        at("2020-06"),
        ("changed in between".into(), serde_json::Value::Null)
    );
    assert_eq!(at("2024"), ("latest".into(), serde_json::Value::Null));
    let shown = archive.fine(&["show", TERMS, "--as-of", "2022", "--brief"]);
    assert!(
        shown.contains("changed in between: the document was gone for a time, then back"),
        "{shown}"
    );
}

#[test]
fn a_retirement_recorded_late_leaves_the_newest_one_standing() {
    let mut history = Fixture::new();
    let terms = "Foo/Terms of Service.md";
    history.commit(&[(terms, Some("One\n"))], "1", seconds("2020-01-01"));
    history.commit(&[(terms, None)], "2", seconds("2023-01-01"));
    history.commit(&[(terms, Some("Two\n"))], "3", seconds("2021-01-01"));
    history.commit(&[(terms, None)], "4", seconds("2020-06-01"));
    let archive = Archive::of(&history);
    let listed = archive
        .recension(&["documents", "--format", "jsonl"])
        .json();
    assert_eq!(listed[0]["retired_at"], "2023-01-01T00:00:00Z");
}

#[test]
fn a_renamed_document_is_retired_with_its_successor() {
    let mut history = Fixture::new();
    history.commit(
        &[("Foo/Terms.md", Some("One\n"))],
        "1",
        seconds("2024-01-10"),
    );
    history.commit(
        &[
            ("Foo/Terms.md", None),
            ("Foo/Terms of Service.md", Some("One\n")),
        ],
        "2",
        seconds("2024-02-10"),
    );
    let archive = Archive::new();
    let summary = archive.import(&history, NOW);
    let counts = &summary["counts"];
    assert_eq!(
        (&counts["renamed"], &counts["deleted"], &counts["documents"]),
        (&1.into(), &0.into(), &2.into())
    );
    let events = archive.recension(&["export", "events"]).json();
    let told: Vec<String> = events
        .iter()
        .map(|event| {
            format!(
                "{} {} {} {}",
                event["type"],
                event["document"],
                event["fact"]["successor"],
                event["fact"]["cause"]
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "\"DocumentDeclared\" \"Foo/Terms\" null null",
            "\"VersionRecorded\" \"Foo/Terms\" null \"first\"",
            "\"DocumentRetired\" \"Foo/Terms\" \"Foo/Terms of Service\" null",
            "\"DocumentDeclared\" \"Foo/Terms of Service\" null null",
            "\"VersionRecorded\" \"Foo/Terms of Service\" null \"first\"",
            "\"HistoryImported\" null null null",
        ]
    );
}

#[test]
fn what_is_no_document_is_counted_and_left_alone() {
    let mut history = Fixture::new();
    let text = history.blob(b"text");
    history.put(b"README.md", FILE, text);
    history.put(b"LICENSE", FILE, text);
    history.put(b".github/pull_request_template.md", FILE, text);
    history.put(b"Foo/logo.png", FILE, text);
    history.put(b"Foo/run.md", EXECUTABLE, text);
    history.put(b"Foo/link.md", SYMLINK, text);
    history.put(b"Foo/module", SUBMODULE, text);
    history.put(b"Foo/Terms of Service #2.md", FILE, text);
    history.commit_bytes(b"1", "", seconds("2024-01-10"), seconds("2024-01-10"));
    history.commit(&[], "an empty commit", seconds("2024-01-11"));
    let archive = Archive::new();
    let summary = archive.import(&history, NOW);
    let counts = &summary["counts"];
    assert_eq!(counts["other_files"], 4);
    assert_eq!(counts["commits_without_document"], 1);
    assert_eq!(
        (&counts["documents"], &counts["parts"]),
        (&2.into(), &1.into())
    );
    archive.prints(
        &["show", "foo/terms of service #2", "--format", "raw"],
        "text",
    );
    let names: Vec<_> = archive
        .recension(&["documents", "--format", "jsonl"])
        .json();
    assert_eq!(
        (&names[0]["document"], &names[1]["document"]),
        (&"Foo/Terms of Service #2".into(), &"Foo/run".into())
    );
}

#[test]
fn an_empty_text_is_a_version_like_any_other() {
    let mut history = Fixture::new();
    history.commit(
        &[("Foo/Terms of Service.md", Some("One\n"))],
        "1",
        seconds("2024-01-10"),
    );
    history.commit(
        &[("Foo/Terms of Service.md", Some(""))],
        "2",
        seconds("2024-02-10"),
    );
    let archive = Archive::new();
    assert_eq!(archive.import(&history, NOW)["counts"]["empty_texts"], 1);
    archive.prints(&["show", TERMS, "--format", "raw"], "");
    answers(
        &archive,
        &[],
        &[("2024-03", " | latest | 2024-02-10..2024-02-10 then none")],
    );
    let shown = archive.fine(&["show", TERMS]);
    assert!(shown.contains("length      0 B\n"), "{shown}");
}

#[test]
fn a_merge_counts_once_what_its_branches_brought() {
    let mut history = Fixture::new();
    let base = history.commit(
        &[("Foo/Terms.md", Some("One\n"))],
        "1",
        seconds("2024-01-10"),
    );
    history.branch("side", Some(base));
    let side = history.commit(
        &[("Foo/Privacy.md", Some("Side\n"))],
        "2",
        seconds("2024-01-20"),
    );
    history.branch("main", Some(base));
    history.commit(
        &[("Foo/Terms.md", Some("Two\n"))],
        "3",
        seconds("2024-01-30"),
    );
    history.file("Foo/Privacy.md", "Side\n");
    history.merge(side);
    history.commit(&[], "merge", seconds("2024-02-01"));
    let archive = Archive::new();
    let summary = archive.import(&history, NOW);
    let counts = &summary["counts"];
    assert_eq!(
        (&counts["merges"], &counts["versions"], &counts["commits"]),
        (&1.into(), &3.into(), &4.into())
    );
    // The branch alone is in the archive, too.
    let bundle = archive.place("import.bundle");
    let args = [
        "import",
        "ota-versions",
        "--branch",
        "side",
        "--format",
        "json",
        text(&bundle),
    ];
    let branch = archive.recension(&args).json().remove(0);
    assert_eq!(
        (&branch["appended"], &branch["already"]),
        (&1.into(), &2.into())
    );
}

#[test]
fn names_are_found_however_they_are_typed() {
    let mut history = Fixture::new();
    history.commit(
        &[
            ("Ça va?/Conditions d’utilisation.md", Some("1\n")),
            ("Платформа/利用規約.md", Some("2\n")),
            ("Foo/Terms of Service.md", Some("3\n")),
            ("foo/terms of service.md", Some("4\n")),
        ],
        "1",
        seconds("2024-01-10"),
    );
    let archive = Archive::of(&history);
    for (typed, text) in [
        ("ça VA?/conditions d'utilisation", "1\n"),
        ("  Ça-va?/Conditions_d’utilisation ", "1\n"),
        ("платформа/利用規約", "2\n"),
        ("Foo/Terms of Service", "3\n"),
        ("foo/terms of service", "4\n"),
    ] {
        archive.prints(&["show", typed, "--format", "raw"], text);
    }
    archive.complains(
        &["show", "FOO/TERMS OF SERVICE"],
        2,
        "error: \"FOO/TERMS OF SERVICE\" may mean Foo/Terms of Service or foo/terms of service\n\
         hint: write the name exactly as it is listed\n",
    );
    archive.complains(
        &["show", "Fo/Term of Service"],
        2,
        "error: there is no document \"Fo/Term of Service\" in this archive\n\
         hint: did you mean Foo/Terms of Service or foo/terms of service?\n",
    );
    archive.complains(
        &["documents", "fooo"],
        2,
        "error: there is no platform \"fooo\" in this archive\n\
         hint: did you mean Foo or foo?\n",
    );
    let table = archive.fine(&["documents"]);
    let columns: Vec<_> = table
        .lines()
        .map(|line| line.chars().position(|c| c == '1' || c == 'V'))
        .collect();
    assert!(table.contains("Платформа/利用規約"), "{table} {columns:?}");
}

#[test]
fn a_second_import_appends_nothing_and_a_longer_history_the_rest() {
    let mut history = there_and_back();
    let archive = Archive::new();
    let first = archive.import(&history, NOW);
    assert_eq!(
        (&first["appended"], &first["since"]),
        (&7.into(), &serde_json::Value::Null)
    );
    let root = archive.root();
    let again = archive.import(&history, "2025-06-01T13:00:00Z");
    assert_eq!(
        (&again["appended"], &again["counts"]["commits"]),
        (&0.into(), &0.into())
    );
    assert_eq!(archive.root(), root);
    history.commit(
        &[("Foo/Terms of Service.md", Some("Three\n"))],
        "4",
        seconds("2024-04-10"),
    );
    let rest = archive.import(&history, NOW);
    assert_eq!(
        (&rest["appended"], &rest["already"], &rest["since"]),
        (&2.into(), &0.into(), &first["head"])
    );
    // In one run it comes to the same texts.
    let whole = Archive::of(&history);
    for at in ["2024-01-31", "2024-02-28", "2024-03-31", "2024-05"] {
        let args = ["show", TERMS, "--as-of", at, "--format", "raw"];
        assert_eq!(whole.fine(&args), archive.fine(&args));
    }
}

#[test]
fn a_bare_repository_a_work_tree_and_a_bundle_give_the_same_root() {
    let history = there_and_back();
    let roots: Vec<String> = ["bare", "work", "bundle"]
        .into_iter()
        .map(|kind| {
            let archive = Archive::new();
            let path = archive.place(kind);
            match kind {
                "bare" => history.write_repository(&path),
                "work" => history.write_repository(&path.join(".git")),
                _ => history.write_bundle(&path),
            }
            if kind == "work" {
                let config = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n";
                fs::write(path.join(".git/config"), config).unwrap();
            }
            archive.fine(&["import", "ota-versions", text(&path)]);
            archive.root()
        })
        .collect();
    assert_eq!(roots[0], roots[1]);
    assert_eq!(roots[0], roots[2]);
}

#[test]
fn a_batch_answers_line_by_line_and_says_what_it_cannot() {
    let archive = Archive::of(&there_and_back());
    let long = format!("{{\"document\":\"{}\"}}", "x".repeat(70_000));
    let questions = [
        r#"{"document":"Foo/Terms of Service","as_of":"2024-01"}"#,
        "",
        "   \t",
        "not JSON",
        r#"{"document":"Foo/Terms of Service","when":"2024"}"#,
        r#"{"document":"Foo/Terms"}"#,
        r#"{"document":"Bar/Privacy Policy","as_of":"2024-01"}"#,
        long.as_str(),
        r#"{"document":"Bar/Privacy Policy","as_of":"2030"}"#,
        r#"{"document":"bar/privacy policy","known_at":"2024"}"#,
        "\u{fffd}",
        r#"{"document":"Bar/Privacy Policy"}"#,
    ]
    .join("\n");
    let from_stdin = archive.recension_with(
        &["show", "--batch", "-", "--with-text"],
        questions.as_bytes(),
    );
    let file = archive.place("questions.jsonl");
    fs::write(&file, questions.replace('\n', "\r\n")).unwrap();
    let from_file = archive.recension(&["show", "--batch", text(&file), "--with-text"]);
    assert_eq!(from_stdin, from_file);
    let answers: Vec<String> = from_stdin
        .json()
        .iter()
        .map(|line| match line["error"].as_str() {
            Some(error) => format!("line {}: {error}", line["line"]),
            None => format!("{} {} {}", line["document"], line["found"], line["text"]),
        })
        .collect();
    assert_eq!(
        answers,
        [
            r#""Foo/Terms of Service" true "One\nsame\n""#,
            "line 4: it is not a question: expected ident at line 1 column 2",
            "line 5: it is not a question: unknown field `when`, expected one of `document`, `as_of`, `known_at` \
             at line 1 column 41",
            "line 6: there is no document \"Foo/Terms\" in this archive",
            r#""Bar/Privacy Policy" false null"#,
            "line 8: it has more than 65536 bytes",
            "line 9: \"2030\" lies in the future (now is 2025-06-01T12:00:00Z).",
            r#""Bar/Privacy Policy" false null"#,
            "line 11: it is not a question: expected value at line 1 column 1",
            r#""Bar/Privacy Policy" true "Private\n""#,
        ]
    );
    let lines = from_stdin.json();
    assert_eq!(lines[3]["hint"], "did you mean Foo/Terms of Service?");
    let refused = lines.iter().filter(|line| line.get("error").is_some());
    let given: Vec<String> = refused
        .map(|line| {
            has_the_fields_of("refusal", line);
            assert_eq!(line["found"], false);
            format!(
                "{} {} {}",
                line["document"], line["as_of"], line["known_at"]
            )
        })
        .collect();
    assert_eq!(
        given,
        [
            "null null null",
            r#""Foo/Terms of Service" null null"#,
            r#""Foo/Terms" null null"#,
            "null null null",
            r#""Bar/Privacy Policy" "2030" null"#,
            "null null null",
        ]
    );
    assert_eq!(from_stdin.code, 2);
    assert_eq!(
        from_stdin.stderr,
        "error: 6 questions of the batch could not be answered; their lines say why\n"
    );
}

#[test]
fn all_texts_are_written_under_names_that_every_system_takes() {
    let mut history = Fixture::new();
    let long = "é".repeat(127);
    let names = [
        "a:b*c?/x<y>|z\"\\.md".to_owned(),
        "dots./.hidden .md".to_owned(),
        "100%/100%25.md".to_owned(),
        "Con/nul.md".to_owned(),
        "aux.txt/Terms.md".to_owned(),
        format!("{long}/{long}.md"),
        format!("{long}/{long}x.md"),
        format!("{0}/{0}.md", "?".repeat(200)),
    ];
    for (number, name) in names.iter().enumerate() {
        history.file(name, &format!("{number}\n"));
    }
    history.commit(&[], "1", seconds("2024-01-10"));
    history.commit(
        &[("Later/Terms.md", Some("later\n"))],
        "2",
        seconds("2024-02-10"),
    );
    let archive = Archive::of(&history);
    let output = archive.place("texts");
    archive.prints(
        &[
            "show",
            "--all",
            "--as-of",
            "2024-01",
            "--output",
            text(&output),
        ],
        "8 texts were written below $DIR/texts.\n\
         1 documents had not been observed by then.\n\
         documents.jsonl lists them all, with files, hashes and brackets.\n",
    );
    let mut written = Vec::new();
    for folder in fs::read_dir(&output).unwrap() {
        let folder = folder.unwrap();
        if folder.path().is_file() {
            continue;
        }
        for file in fs::read_dir(folder.path()).unwrap() {
            let file = file.unwrap();
            let name = |entry: &fs::DirEntry| entry.file_name().into_string().unwrap();
            for half in [name(&folder), name(&file)] {
                assert!(
                    half.len() <= 255 && !half.starts_with('.') && !half.ends_with([' ', '.']),
                    "{half}"
                );
                assert!(
                    !half.contains(['<', '>', ':', '"', '/', '\\', '|', '?', '*']),
                    "{half}"
                );
                let stem = half.split('.').next().unwrap().to_lowercase();
                assert!(
                    !["con", "nul", "aux", "prn"].contains(&stem.as_str()),
                    "{half}"
                );
            }
            let number = fs::read_to_string(file.path()).unwrap();
            written.push(number.trim().to_owned());
        }
    }
    written.sort();
    assert_eq!(written, ["0", "1", "2", "3", "4", "5", "6", "7"]);
    let lines = list(&output);
    assert_eq!(lines.len(), 9);
    for line in lines {
        match line["file"].as_str() {
            Some(file) => {
                let content = fs::read(output.join(file)).unwrap();
                assert_eq!(line["size_bytes"], content.len(), "{line}");
                assert_eq!(line["blob"], BlobId::of(&content).to_string(), "{line}");
            }
            None => assert_eq!(
                (&line["document"], &line["file"], &line["found"]),
                (&"Later/Terms".into(), &Value::Null, &false.into())
            ),
        }
    }
    archive.complains(
        &["show", "--all", "--output", text(&output)],
        2,
        "error: $DIR/texts is not empty\n",
    );
}

/// The lines of the list that `show --all` writes, each with the fields that its schema names.
fn list(folder: &Path) -> Vec<Value> {
    let list = fs::read_to_string(folder.join("documents.jsonl")).unwrap();
    let lines: Vec<Value> = list
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for line in &lines {
        has_the_fields_of("listed", line);
    }
    lines
}

/// Checks that a line has the fields that its schema asks for, and no others.
#[track_caller]
fn has_the_fields_of(schema: &str, line: &Value) {
    let file = format!("schema/json/{schema}.schema.json");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let required: BTreeSet<&str> = schema["required"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    let fields = |value: &'_ Value| -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    assert!(fields(line).iter().eq(&required), "{line}");
    assert!(fields(&schema["properties"]).iter().eq(&required));
}

#[test]
fn a_platform_may_be_named_as_the_list_of_the_texts_is() {
    let mut history = Fixture::new();
    for (number, platform) in ["documents.jsonl", "Documents.JSONL", "documents"]
        .iter()
        .enumerate()
    {
        history.file(&format!("{platform}/Terms.md"), &format!("{number}\n"));
    }
    history.commit(&[], "1", seconds("2024-01-10"));
    let archive = Archive::of(&history);
    let output = archive.place("texts");
    archive.fine(&["show", "--all", "--output", text(&output)]);
    let mut files: Vec<String> = list(&output)
        .iter()
        .map(|line| {
            let file = line["file"].as_str().unwrap();
            assert!(output.join(file).is_file(), "{line}");
            file.to_owned()
        })
        .collect();
    files.sort();
    assert_eq!(
        files,
        [
            "Documents%2EJSONL/Terms.md",
            "documents%2Ejsonl/Terms~2.md",
            "documents/Terms.md"
        ]
    );
}

#[test]
fn texts_of_a_date_before_every_observation_are_a_finding() {
    let archive = Archive::of(&there_and_back());
    let output = archive.place("texts");
    let args = [
        "show",
        "--all",
        "--as-of",
        "2023",
        "--output",
        text(&output),
    ];
    let ran = archive.recension(&args);
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (
            1,
            "0 texts were written below $DIR/texts.\n\
             2 documents had not been observed by then.\n\
             documents.jsonl lists them all, with files, hashes and brackets.\n",
            ""
        )
    );
    assert!(list(&output).iter().all(|line| line["file"].is_null()));
}

#[test]
fn a_batch_answers_each_question_before_the_next_is_asked() {
    let archive = Archive::of(&there_and_back());
    let mut child = archive
        .command(&["show", "--batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut questions = child.stdin.take().unwrap();
    let (sender, answers) = mpsc::channel();
    let output = BufReader::new(child.stdout.take().unwrap());
    let reader = thread::spawn(move || {
        for line in output.lines() {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let wait = || answers.recv_timeout(Duration::from_secs(60)).unwrap();
    let question = r#"{"document":"Foo/Terms of Service","as_of":"2024-01"}"#;
    for _ in 0..3 {
        writeln!(questions, "{question}").unwrap();
        assert_eq!(wait()["seq"], 1);
    }
    // Two at once, and the beginning of a third.
    let (begin, end) = question.split_at(10);
    write!(questions, "{question}\nnot JSON\n{begin}").unwrap();
    assert_eq!(wait()["seq"], 1);
    assert_eq!(wait()["line"], 5);
    write!(questions, "{end}").unwrap();
    drop(questions);
    assert_eq!(wait()["seq"], 1);
    assert_eq!(child.wait().unwrap().code(), Some(2));
    reader.join().unwrap();
}

#[test]
fn names_that_differ_in_case_alone_are_written_to_different_files() {
    let mut history = Fixture::new();
    history.commit(
        &[("Foo/Terms.md", Some("1")), ("foo/terms.md", Some("2"))],
        "1",
        seconds("2024-01-10"),
    );
    let archive = Archive::of(&history);
    let output = archive.place("texts");
    archive.fine(&["show", "--all", "--output", text(&output)]);
    assert_eq!(fs::read_dir(&output).unwrap().count(), 3);
}

#[test]
fn events_are_exported_from_a_cursor_without_gap_or_repeat() {
    let archive = Archive::of(&there_and_back());
    let whole = archive.fine(&["export", "events"]);
    assert_eq!(whole.lines().count(), 9);
    for step in ["1", "2", "3", "9", "10"] {
        let mut read = String::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut args = vec!["export", "events", "--limit", step];
            if let Some(cursor) = &cursor {
                args.extend(["--after", cursor]);
            }
            let lines = archive.recension(&args);
            let Some(last) = lines.json().pop() else {
                break;
            };
            cursor = Some(last["seq"].to_string());
            read.push_str(&lines.stdout);
            assert!(read.len() <= whole.len(), "{step} at a time: {read}");
        }
        assert_eq!(read, whole, "{step} at a time");
    }
    // After the last event there is nothing new, which is no error.
    archive.prints(&["export", "events", "--after", "8"], "");
    archive.prints(&["log", "--after", "8", "--format", "jsonl"], "");
    for beyond in ["9", "9223372036854775807", "18446744073709551615"] {
        let complaint = format!(
            "error: there is no event {beyond}: the log has 9 signed events; is this cursor of another archive?\n"
        );
        archive.complains(&["export", "events", "--after", beyond], 2, &complaint);
        archive.complains(&["log", "--after", beyond], 2, &complaint);
    }
    archive.prints(&["export", "events", "--limit", "0"], "");
}

#[test]
fn the_log_lists_events_of_all_documents_or_of_one() {
    let archive = Archive::of(&there_and_back());
    archive.prints(
        &["log"],
        "    SEQ  OBSERVED AT (UTC)     TYPE                  ABOUT\n\
         \x20     0  2024-01-10T00:00:00Z  DocumentDeclared      Foo/Terms of Service\n\
         \x20     1  2024-01-10T00:00:00Z  VersionRecorded       Foo/Terms of Service\n\
         \x20     2  2024-02-10T00:00:00Z  VersionRecorded       Foo/Terms of Service\n\
         \x20     3  2024-03-10T00:00:00Z  DocumentDeclared      Bar/Privacy Policy\n\
         \x20     4  2024-03-10T00:00:00Z  VersionRecorded       Bar/Privacy Policy\n\
         \x20     5  2024-03-10T00:00:00Z  VersionRecorded       Foo/Terms of Service\n\
         \x20     6  2024-02-10T00:00:00Z  ChangeDetected        Foo/Terms of Service\n\
         \x20     7  2024-03-10T00:00:00Z  ChangeDetected        Foo/Terms of Service\n\
         \x20     8  2024-03-10T00:00:00Z  HistoryImported       to 070c8511d814: 4 versions\n",
    );
    archive.prints(
        &["log", "bar/privacy policy"],
        "    SEQ  OBSERVED AT (UTC)     TYPE                  ABOUT\n\
         \x20     3  2024-03-10T00:00:00Z  DocumentDeclared      Bar/Privacy Policy\n\
         \x20     4  2024-03-10T00:00:00Z  VersionRecorded       Bar/Privacy Policy\n",
    );
    archive.prints(
        &["log", TERMS, "--after", "1", "--limit", "1"],
        "    SEQ  OBSERVED AT (UTC)     TYPE                  ABOUT\n\
         \x20     2  2024-02-10T00:00:00Z  VersionRecorded       Foo/Terms of Service\n",
    );
    let lines = archive.recension(&["log", "--format", "jsonl"]);
    assert_eq!(lines.stdout, archive.fine(&["export", "events"]));
    assert_eq!(
        archive.recension(&["log", "--format", "json"]).json()[0]
            .as_array()
            .unwrap()
            .len(),
        9
    );
}

#[test]
fn a_difference_is_shown_line_by_line_and_word_by_word() {
    let archive = Archive::of(&there_and_back());
    let diff = |args: &[&str]| {
        let mut all = vec!["diff", TERMS];
        all.extend(args);
        let ran = archive.recension(&all);
        assert_eq!(ran.stderr, "", "{args:?}");
        (ran.code, ran.stdout)
    };
    let names = "--- Foo/Terms of Service as of 2024-01-31T23:59:59.999999Z (event 1, observed at 2024-01-10T00:00:00Z)\n\
                 +++ Foo/Terms of Service as of 2024-02-29T23:59:59.999999Z (event 2, observed at 2024-02-10T00:00:00Z)\n";
    let lines = format!("{names}@@ -1,2 +1,2 @@\n-One\n+Two\n same\n");
    assert_eq!(diff(&["--from", "2024-01", "--to", "2024-02"]), (1, lines));
    let words = format!("{names}- [-One-]\n+ {{+Two+}}\n  same\n");
    assert_eq!(
        diff(&["--from", "2024-01", "--to", "2024-02", "--words"]),
        (1, words)
    );
    let same = "The text is the same: \
                Foo/Terms of Service as of 2024-01-31T23:59:59.999999Z (event 1, observed at 2024-01-10T00:00:00Z) and \
                Foo/Terms of Service as of 2024-03-31T23:59:59.999999Z (event 5, observed at 2024-03-10T00:00:00Z).\n";
    assert_eq!(
        diff(&["--from", "2024-01", "--to", "2024-03"]),
        (0, same.to_owned())
    );
    // Without dates: the newest text and the one before it.
    let newest = "--- Foo/Terms of Service as of 2024-03-09T23:59:59.999999Z (event 2, observed at 2024-02-10T00:00:00Z)\n\
         +++ Foo/Terms of Service as of 2025-06-01T12:00:00Z (event 5, observed at 2024-03-10T00:00:00Z)\n\
         @@ -1,2 +1,2 @@\n-Two\n+One\n same\n";
    assert_eq!(diff(&[]), (1, newest.to_owned()));
}

#[test]
fn a_difference_only_in_the_last_newline_or_in_bytes_that_are_no_text_is_one() {
    let mut history = Fixture::new();
    let terms = b"Foo/Terms of Service.md";
    for (day, text) in [
        &b"One\nlast"[..],
        b"One\nlast\n",
        b"One\n\xff\n",
        b"One\n\xfe\n",
    ]
    .into_iter()
    .enumerate()
    {
        let blob = history.blob(text);
        history.put(terms, FILE, blob);
        let at = seconds("2024-01-01") + 86_400 * i64::try_from(day).unwrap();
        history.commit_bytes(b"1", "", at, at);
    }
    let archive = Archive::of(&history);
    let newline = archive.recension(&["diff", TERMS, "--from", "2024-01-01", "--to", "2024-01-02"]);
    assert_eq!(newline.code, 1);
    assert!(
        newline
            .stdout
            .ends_with(" One\n-last\n\\ No newline at the end\n+last\n"),
        "{}",
        newline.stdout
    );
    let bytes = archive.recension(&["diff", TERMS, "--from", "2024-01-03", "--to", "2024-01-04"]);
    assert_eq!(bytes.code, 1);
    assert!(
        bytes
            .stdout
            .starts_with("The texts differ only in bytes that are not UTF-8: "),
        "{}",
        bytes.stdout
    );
}

#[test]
fn stats_count_what_is_there() {
    let archive = Archive::of(&there_and_back());
    let shown = archive.fine(&["stats"]);
    let (counts, files) = shown.split_at(shown.find("  blobs.sqlite").unwrap());
    assert!(files.contains("  log.sqlite "), "{files}");
    let counts: Vec<String> = counts
        .lines()
        .filter(|line| !line.starts_with("stored in"))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        counts,
        [
            "platforms 2",
            "documents 2",
            "versions 4",
            "looks 4",
            "first seen 2024-01-10",
            "last seen 2024-03-10",
            "events 9",
            "distinct texts 3",
            "their length 26 B",
        ]
    );
}

#[test]
fn rebuilding_gives_the_same_views() {
    let archive = Archive::of(&there_and_back());
    archive.prints(
        &["rebuild"],
        "The views were built again from 9 events; they are the same as before, row for row.\n",
    );
    fs::remove_file(archive.file("views.sqlite")).unwrap();
    archive.prints(
        &["rebuild"],
        "The views were built again from 9 events; there were none before that could be read.\n",
    );
}

#[test]
fn the_archive_is_found_from_a_folder_within_it_and_the_option_beats_the_environment() {
    let archive = Archive::of(&there_and_back());
    let inner = archive.file("notes/today");
    fs::create_dir_all(&inner).unwrap();
    let run = |arguments: &[&str], environment: Option<&str>| {
        let mut command = archive.command(arguments);
        command.current_dir(&inner).env_remove("RECENSION_ARCHIVE");
        if let Some(folder) = environment {
            command.env("RECENSION_ARCHIVE", folder);
        }
        let output = command.output().unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).lines().count(),
        )
    };
    assert_eq!(run(&["documents"], None), (Some(0), 3));
    assert_eq!(run(&["documents"], Some("")), (Some(0), 3));
    assert_eq!(run(&["documents"], Some("/nowhere")), (Some(2), 0));
    let other = Archive::new();
    let there = text(&other.path()).to_owned();
    assert_eq!(run(&["documents"], Some(&there)), (Some(0), 1));
    assert_eq!(
        run(&["--archive", "../..", "documents"], Some(&there)),
        (Some(0), 3)
    );
    assert_eq!(
        run(&["documents", "--archive", "../.."], Some(&there)),
        (Some(0), 3)
    );
    assert_eq!(
        archive
            .recension(&["--archive", "", "documents"])
            .stderr
            .lines()
            .next(),
        Some("error: there is no archive in $DIR or in any folder above it")
    );
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let mut history = Fixture::new();
    let long: String = (0..40_000).map(|line| format!("line {line}\n")).collect();
    history.commit(
        &[("Foo/Terms of Service.md", Some("One\n"))],
        "1",
        seconds("2024-01-10"),
    );
    history.commit(
        &[("Foo/Terms of Service.md", Some(&long))],
        "2",
        seconds("2024-02-10"),
    );
    let archive = Archive::of(&history);
    for args in [
        &["show", TERMS][..],
        &["show", TERMS, "--format", "raw"],
        &["show", TERMS, "--format", "json", "--with-text"],
        &["diff", TERMS],
        &["diff", TERMS, "--words"],
        &["export", "events"],
        &["reference"],
    ] {
        let mut child = archive
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::with_capacity(16, child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{args:?}: {}",
            output.status
        );
        assert!(!line.is_empty(), "{args:?}");
    }
}

#[test]
fn what_a_person_reads_fits_eighty_columns() {
    let archive = Archive::of(&there_and_back());
    for args in [
        &["documents"][..],
        &["platforms"],
        &["timeline", TERMS],
        &["stats"],
        &["show", TERMS],
        &["show", TERMS, "--as-of", "2024-02-01"],
        &["show", TERMS, "--as-of", "2024-01-10T00:00:00Z"],
        &["log"],
        &["verify"],
        &["show", TERMS, "--as-of", "2023"],
        &["show", TERMS, "--as-of", "2023", "--known-at", "2024-02-01"],
    ] {
        let shown = archive.recension(args).stdout;
        assert!(!shown.is_empty(), "{args:?}");
        let widest = shown
            .lines()
            .max_by_key(|line| line.chars().count())
            .unwrap();
        assert!(widest.chars().count() <= 80, "{args:?}: {widest}");
    }
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let mut history = Fixture::new();
    let evil = "red \u{1b}[31m, title \u{1b}]0;x\u{7}, back\u{8}, csi \u{9b}2J, return\r, del\u{7f}, nul\0\n\ttab\n";
    history.commit(
        &[("Foo/Terms of Service.md", Some("plain\n"))],
        "1",
        seconds("2024-01-10"),
    );
    history.commit(
        &[("Foo/Terms of Service.md", Some(evil))],
        "2\n\n\u{1b}[31m: x\n",
        seconds("2024-02-10"),
    );
    history.file("Foo/\u{1b}[31mred.md", "x");
    history.commit(&[], "3", seconds("2024-02-11"));
    let archive = Archive::new();
    let bundle = archive.place("evil.bundle");
    history.write_bundle(&bundle);
    let mut shown: Vec<String> = Vec::new();
    for args in [
        &["import", "ota-versions", text(&bundle)][..],
        &["show", TERMS],
        &["diff", TERMS],
        &["diff", TERMS, "--words"],
        &["timeline", TERMS],
        &["log"],
        &["show", "\u{1b}[31m/\u{1b}[32m"],
        &["documents", "\u{1b}[31m"],
        &["show", TERMS, "--as-of", "\u{1b}[31m"],
        &["import", "ota-versions", "\u{1b}[31m"],
        &[
            "import",
            "ota-versions",
            "--branch",
            "\u{1b}[31m",
            text(&bundle),
        ],
        &["show", "--batch", "\u{1b}[31m"],
        &["--archive", "\u{1b}[31m", "log"],
        &["--now", "\u{1b}[31m", "log"],
        &["verify", "--verifier", "\u{1b}[31m"],
    ] {
        let ran = archive.recension(args);
        for output in [ran.stdout, ran.stderr] {
            let control = output
                .chars()
                .find(|c| c.is_control() && *c != '\n' && *c != '\t');
            assert_eq!(control, None, "{args:?}: {output:?}");
            shown.push(output);
        }
    }
    assert!(
        shown
            .iter()
            .any(|output| output.contains("red \\u{1b}[31m"))
    );
    // The archived bytes are another matter.
    assert_eq!(archive.fine(&["show", TERMS, "--format", "raw"]), evil);
}

#[test]
fn characters_that_make_one_name_look_like_another_are_shown() {
    let hidden = [
        '\u{61c}', '\u{200b}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{202a}',
        '\u{202e}', '\u{2060}', '\u{2066}', '\u{2069}', '\u{feff}',
    ];
    let joiners = ['\u{200c}', '\u{200d}'];
    let all: String = hidden.iter().chain(&joiners).collect();
    let (first, second) = (format!("one {all}\n"), format!("two {all}\n"));
    let (file, name) = (
        format!("Foo{all}/Terms{all}.md"),
        format!("Foo{all}/Terms{all}"),
    );
    let mut history = Fixture::new();
    history.commit(&[(&file, Some(&first))], "1", seconds("2024-01-10"));
    history.commit(&[(&file, Some(&second))], "2", seconds("2024-02-10"));
    let archive = Archive::of(&history);
    let output = archive.place("texts");
    for args in [
        &["documents"][..],
        &["platforms"],
        &["log"],
        &["timeline", &name],
        &["show", &name],
        &["diff", &name],
        &["diff", &name, "--words"],
        &["show", &name, "--as-of", "2023"],
        &["show", "--all", "--output", text(&output)],
    ] {
        let ran = archive.recension(args);
        assert!(ran.code < 2, "{args:?}: {ran:?}");
        let shown = ran.stdout + &ran.stderr;
        assert!(!shown.contains(hidden), "{args:?}: {shown:?}");
        // Words of some languages and emoji are written with joiners: in a text they stay.
        let has_text = shown.contains("two ") || shown.contains("{+two+}");
        assert_eq!(shown.contains(joiners), has_text, "{args:?}: {shown:?}");
    }
    let shown = archive.fine(&["show", &name]);
    assert!(
        shown.starts_with("document    Foo\\u{61c}\\u{200b}\\u{200e}"),
        "{shown}"
    );
    assert!(
        shown.contains("\\u{200c}\\u{200d}/Terms\\u{61c}"),
        "{shown}"
    );
    assert!(shown.ends_with("\\u{feff}\u{200c}\u{200d}\n"), "{shown:?}");
    for folder in fs::read_dir(&output).unwrap().map(Result::unwrap) {
        let name = folder.file_name().into_string().unwrap();
        assert!(name.is_ascii(), "{name:?}");
    }
    // The archived bytes are another matter.
    assert_eq!(archive.fine(&["show", &name, "--format", "raw"]), second);
}

#[test]
fn an_archive_on_read_only_media_can_be_read() {
    let archive = Archive::of(&there_and_back());
    let copy = archive.place("copy");
    copy_folder(&archive.path(), &copy);
    for entry in fs::read_dir(&copy).unwrap() {
        let path = entry.unwrap().path();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
    }
    let shown = archive.fine(&["--archive", text(&copy), "show", TERMS, "--format", "raw"]);
    assert_eq!(shown, "One\nsame\n");
}

#[test]
fn a_run_can_be_repeated_to_the_byte() {
    let roots: Vec<String> = (0..2)
        .map(|_| Archive::of(&there_and_back()).root())
        .collect();
    assert_eq!(roots[0], roots[1]);
}

#[test]
fn the_log_of_a_document_has_the_sweeps_that_looked_at_it() {
    let archive = Archive::none();
    archive.fine(&["demo", "--keep", "archive"]);
    let of = |args: &[&str]| {
        let ran = archive.recension(&[&["log", "--format", "jsonl"], args].concat());
        ran.json()
    };
    let document = "Glimmerfold/Privacy Policy";
    let stream = of(&[])[0]["stream"].clone();
    let concerns = |line: &Value| {
        let looks = line["fact"]["observations"].as_array();
        line["stream"] == stream
            || looks.is_some_and(|looks| looks.iter().any(|one| one["stream"] == stream))
    };
    let expected: Vec<Value> = of(&[]).into_iter().filter(concerns).collect();
    let sweeps = expected.iter().filter(|line| line["stream"] != stream);
    assert!(sweeps.count() > 0);
    assert_eq!(of(&[document]), expected);
    assert_eq!(of(&[document, "--limit", "3"]), expected[..3]);
}

#[test]
fn a_backup_is_an_archive_without_the_key_unless_asked() {
    let archive = Archive::of(&there_and_back());
    let (copy, with_key) = (archive.place("copy"), archive.place("with key"));
    let said = archive.fine(&["backup", text(&copy)]);
    assert_eq!(
        said,
        format!(
            "The archive was copied to $DIR/copy: 9 events, root {}.\n\
             Without the signing key, the copy can be read and verified, not written to.\n",
            archive.root()
        )
    );
    assert!(!copy.join("signing.key").exists());
    archive.fine(&["--archive", text(&copy), "verify"]);
    assert_eq!(
        archive.fine(&["--archive", text(&copy), "log"]),
        archive.fine(&["log"])
    );
    archive.fine(&["backup", "--with-key", text(&with_key)]);
    let key = fs::read(with_key.join("signing.key")).unwrap();
    assert_eq!(key, fs::read(archive.file("signing.key")).unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = fs::metadata(with_key.join("signing.key")).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
    archive.complains(
        &["backup", text(&copy)],
        2,
        "error: $DIR/copy is not empty\nhint: an archive is made in a new or empty folder\n",
    );
}

#[test]
fn a_backup_of_an_alarming_archive_is_as_alarming() {
    let archive = Archive::of(&there_and_back());
    fs::remove_file(archive.file("checkpoint")).unwrap();
    let ran = archive.recension(&["backup", "copy"]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.stderr.starts_with(
            "warning: as the archive, so the copy is read-only: its file `checkpoint` is missing"
        ),
        "{ran:?}"
    );
    assert!(!archive.place("copy/checkpoint").exists());
    archive.damaged();
}
