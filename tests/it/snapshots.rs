//! Histories of snapshots: bytes as fetched come in beside the versions of their documents, and change no answer.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::support::archive::{Archive, seconds, text};
use crate::support::fixture::{Fixture, SYMLINK};

const TERMS: &str = "Foo/Terms of Service.html";
const PART: &str = "Foo/Terms of Service #2.html";
const POLICY: &str = "Bar/Privacy Policy.pdf";

const MESSAGE: &str = "First record of Foo Terms of Service\n\nX-engine-version: 15.1.0\nX-fetcher: htmlOnly\n\
                       X-source-document-location: https://foo.example/terms\n";

/// Two documents, one of them in two parts, one of which goes and comes back with the same bytes.
fn captures() -> Fixture {
    let mut history = Fixture::new();
    let day = seconds;
    history.commit(
        &[("README.md", Some("# Snapshots\n"))],
        "Start",
        day("2024-01-01"),
    );
    history.commit(&[(TERMS, Some("<p>One</p>\n"))], MESSAGE, day("2024-01-10"));
    history.commit(&[(PART, Some("<p>Part</p>\n"))], MESSAGE, day("2024-01-11"));
    history.commit(
        &[
            (TERMS, Some("<p>Two</p>\n")),
            (POLICY, Some("%PDF-1.7\u{1b}[2J")),
        ],
        "Record new changes",
        day("2024-02-10"),
    );
    history.commit(&[(PART, None)], "Remove a part", day("2024-02-11"));
    history.commit(&[(PART, Some("<p>Part</p>\n"))], "Again", day("2024-02-12"));
    history
}

/// The versions of the same documents.
fn texts(snapshot: &str) -> Fixture {
    let mut history = Fixture::new();
    history.commit(
        &[("Foo/Terms of Service.md", Some("One\n"))],
        &format!(
            "First record of Foo Terms of Service\n\nThis version was recorded after extracting from snapshot \
             https://git.example/snapshots/commit/{snapshot}\n"
        ),
        seconds("2024-01-10"),
    );
    history.commit(
        &[("Foo/Terms of Service.md", Some("Two\n"))],
        "Record new changes",
        seconds("2024-02-10"),
    );
    history
}

fn import_with(archive: &Archive, history: &Fixture, more: &[&str]) -> Value {
    let bundle = archive.place("snapshots.bundle");
    history.write_bundle(&bundle);
    let args = ["import", "ota-snapshots", "--format", "json", text(&bundle)];
    let ran = archive.recension(&[&args[..], more].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.json().remove(0)
}

fn import(archive: &Archive, history: &Fixture) -> Value {
    import_with(archive, history, &[])
}

fn events(archive: &Archive) -> Vec<Value> {
    archive.recension(&["export", "events"]).json()
}

/// The facts of one type, in the order of the log.
fn facts(archive: &Archive, event_type: &str) -> Vec<Value> {
    let of_type = |event: &Value| event["type"] == event_type;
    let events = events(archive).into_iter().filter(of_type);
    events.map(|event| event["fact"].clone()).collect()
}

#[test]
fn an_import_sums_up_what_the_history_held() {
    let archive = Archive::new();
    captures().write_repository(&archive.place("repository"));
    let shown = archive.fine(&["import", "ota-snapshots", "repository"]);
    let (head, counts) = shown.split_once('\n').unwrap();
    assert!(head.starts_with("Imported up to commit "), "{head}");
    assert_eq!(
        counts,
        "           6  commits read
           1    that touch no document
           0    that are merges
           4  snapshots
           1  observations of unchanged bytes
           0    of either, without a byte
           0    observed before an earlier one of the document
           2  documents seen for the first time
           1  parts of documents seen for the first time
           0  files that continue under another name
           1  files deleted
           1  changed files that are no documents
           0  changed files left out, as listed
           8  events appended
           0  snapshots and events that were in the archive already
        58 B  of snapshots read
"
    );
}

#[test]
fn a_snapshot_is_an_event_of_its_document_and_the_same_bytes_again_are_an_observation() {
    let archive = Archive::new();
    import(&archive, &captures());
    archive.prints(
        &["log"],
        &format!(
            "    SEQ  OBSERVED AT (UTC)     TYPE                  ABOUT
      0  2024-01-10T00:00:00Z  DocumentDeclared      Foo/Terms of Service
      1  2024-01-10T00:00:00Z  SnapshotRecorded      Foo/Terms of Service
      2  2024-01-11T00:00:00Z  SnapshotRecorded      Foo/Terms of Service #2
      3  2024-02-10T00:00:00Z  DocumentDeclared      Bar/Privacy Policy
      4  2024-02-10T00:00:00Z  SnapshotRecorded      Bar/Privacy Policy
      5  2024-02-10T00:00:00Z  SnapshotRecorded      Foo/Terms of Service
      6  2024-02-12T00:00:00Z  ObservationsRecorded  1 unchanged, 0 failed
      7  2024-02-12T00:00:00Z  HistoryImported       to {}: 4 snapshots
",
            &facts(&archive, "HistoryImported")[0]["head"]
                .as_str()
                .unwrap()[..12]
        ),
    );
    let of_terms = archive.fine(&["log", "foo/terms of service"]);
    assert_eq!(of_terms.lines().count(), 5, "{of_terms}");
    let seen = &facts(&archive, "ObservationsRecorded")[0]["observations"][0];
    assert_eq!(
        (
            &seen["document"],
            &seen["snapshot_seq"],
            &seen["version_seq"]
        ),
        (&json!("Foo/Terms of Service"), &json!(2), &Value::Null)
    );
    let snapshots = facts(&archive, "SnapshotRecorded");
    let told = |fact: &Value| {
        let word = |name: &str| fact[name].as_str().unwrap_or("none").to_owned();
        format!(
            "{} {} {}",
            word("part"),
            word("media_type"),
            fact["size_bytes"]
        )
    };
    assert_eq!(
        snapshots.iter().map(told).collect::<Vec<_>>(),
        [
            "none text/html 11",
            "2 text/html 12",
            "none application/pdf 12",
            "none text/html 11"
        ]
    );
    assert_eq!(
        snapshots[0]["origin"]["trailers"][2],
        json!(["X-source-document-location", "https://foo.example/terms"])
    );
}

#[test]
fn the_bytes_of_a_snapshot_are_had_by_its_event() {
    let archive = Archive::new();
    import(&archive, &captures());
    archive.prints(
        &["show", "--event", "2", "--format", "raw"],
        "<p>Part</p>\n",
    );
    let shown = archive.fine(&["show", "--event", "2"]);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(
        lines[..6],
        [
            "document    Foo/Terms of Service",
            "part        2",
            "observed    2024-01-11T00:00:00Z",
            "media type  text/html",
            "location    https://foo.example/terms",
            "fetcher     htmlOnly",
        ]
    );
    assert_eq!(
        lines[7],
        "evidence    that commit's word; none of the fetch was archived"
    );
    assert_eq!(lines[lines.len() - 2..], ["", "<p>Part</p>"]);
    // What is no text is not printed.
    let pdf = archive.fine(&["show", "--event", "4"]);
    assert!(pdf.ends_with("length      12 B\n"), "{pdf}");
    let line = archive
        .recension(&["show", "--event", "2", "--format", "json"])
        .json();
    assert_eq!(line[0], events(&archive)[2]);
    for args in [
        ["--format", "markdown"].as_slice(),
        &["--format", "json", "--with-text"],
    ] {
        archive.complains(
            &[&["show", "--event", "2"], args].concat(),
            2,
            "error: event 2 records a snapshot, which has bytes and no text; --format raw gives them\n",
        );
    }
}

#[test]
fn snapshots_change_no_answer_whichever_history_comes_first() {
    let captures = captures();
    let texts = texts(&"5".repeat(40));
    let ask = |archive: &Archive| {
        let mut answers = vec![archive.fine(&["timeline", "Foo/Terms of Service"])];
        for as_of in ["2024-01-31", "2024-02-11", "2025-01"] {
            let args = [
                "show",
                "Foo/Terms of Service",
                "--as-of",
                as_of,
                "--format",
                "raw",
            ];
            answers.push(archive.fine(&args));
        }
        let difference = archive.recension(&["diff", "Foo/Terms of Service"]);
        assert_eq!(difference.code, 1, "{difference:?}");
        answers.push(difference.stdout);
        // The seqs depend on the order in which the log took things.
        answers
            .iter()
            .map(|answer| answer.replace(|c: char| c.is_ascii_digit(), ""))
            .collect::<Vec<_>>()
    };
    let alone = Archive::of(&texts);
    let versions_first = Archive::of(&texts);
    import(&versions_first, &captures);
    let snapshots_first = Archive::new();
    import(&snapshots_first, &captures);
    snapshots_first.import(&texts, "2025-06-01T13:00:00Z");
    for archive in [&versions_first, &snapshots_first] {
        assert_eq!(ask(archive), ask(&alone));
        assert_eq!(
            facts(archive, "VersionRecorded"),
            facts(&alone, "VersionRecorded")
        );
        let document = archive
            .recension(&["documents", "Foo", "--format", "json"])
            .json();
        assert_eq!(
            (&document[0][0]["versions"], &document[0][0]["looks"]),
            (&json!(2), &json!(2))
        );
        assert_eq!(facts(archive, "DocumentDeclared").len(), 2);
    }
    assert_eq!(facts(&alone, "VersionRecorded")[0]["cause"], "first");
}

#[test]
fn a_document_known_by_snapshots_alone_has_no_text_to_show() {
    let archive = Archive::new();
    import(&archive, &captures());
    let ran = archive.recension(&["show", "Bar/Privacy Policy"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (
            1,
            "No text of Bar/Privacy Policy had been observed by 2025-06-01T12:00:00Z.\n"
        )
    );
    archive.prints(
        &["documents"],
        "DOCUMENT              VERSIONS  FIRST SEEN  LAST SEEN\n\
         Bar/Privacy Policy           0  never       never\n\
         Foo/Terms of Service         0  never       never\n",
    );
    let stats = archive
        .recension(&["stats", "--format", "json"])
        .json()
        .remove(0);
    let counts = [
        "versions",
        "blobs",
        "snapshots",
        "snapshot_blobs",
        "snapshot_bytes",
    ];
    assert_eq!(
        counts.map(|name| stats[name].as_u64().unwrap()),
        [0, 0, 4, 4, 46]
    );
    let shown = archive.fine(&["stats"]);
    let shown: Vec<&str> = shown.split_whitespace().collect();
    let shown = shown.join(" ");
    assert!(
        shown.contains("snapshots 4 distinct contents 4 their length 46 B stored in"),
        "{shown}"
    );
}

#[test]
fn a_version_leads_to_the_snapshot_that_it_names() {
    let archive = Archive::new();
    import(&archive, &captures());
    let commit = facts(&archive, "SnapshotRecorded")[0]["origin"]["commit"].clone();
    archive.import(&texts(commit.as_str().unwrap()), "2025-06-01T13:00:00Z");
    let show = |as_of| archive.fine(&["show", "Foo/Terms of Service", "--brief", "--as-of", as_of]);
    assert!(show("2024-01-31").ends_with("\nsnapshot    event 1\n"));
    assert!(!show("2024-02-28").contains("snapshot"));
}

#[test]
fn a_second_import_appends_nothing_and_a_longer_history_the_rest() {
    let mut history = captures();
    let archive = Archive::new();
    let first = import(&archive, &history);
    let root = archive.root();
    let again = import(&archive, &history);
    assert_eq!(
        (&again["appended"], &again["counts"]["commits"]),
        (&json!(0), &json!(0))
    );
    let read_again = import_with(&archive, &history, &["--again"]);
    assert_eq!(
        (&read_again["appended"], &read_again["already"]),
        (&json!(0), &json!(5))
    );
    assert_eq!(read_again["counts"], first["counts"]);
    assert_eq!(archive.root(), root);
    // What was seen before the first import ended is known to the next one.
    history.commit(&[(POLICY, None)], "Gone", seconds("2024-03-01"));
    history.commit(
        &[(POLICY, Some("%PDF-1.7\u{1b}[2J"))],
        "Back",
        seconds("2024-03-02"),
    );
    history.commit(
        &[(TERMS, Some("<p>Three</p>\n"))],
        "New",
        seconds("2024-03-03"),
    );
    let rest = import(&archive, &history);
    let counts = |summary: &Value| {
        let names = ["commits", "snapshots", "unchanged", "deleted"];
        names.map(|name| summary["counts"][name].as_u64().unwrap())
    };
    assert_eq!(
        (counts(&rest), &rest["appended"]),
        ([3, 1, 1, 1], &json!(3))
    );
    assert_eq!(rest["since"], first["head"]);
    let seen = &facts(&archive, "ObservationsRecorded")[1]["observations"][0];
    assert_eq!(seen["snapshot_seq"], 4);
    // In one run it comes to the same facts.
    let whole = Archive::new();
    import(&whole, &history);
    for event_type in ["SnapshotRecorded", "DocumentDeclared"] {
        assert_eq!(facts(&whole, event_type), facts(&archive, event_type));
    }
}

#[test]
fn an_interrupted_import_goes_on_and_counts_as_if_it_had_not_been() {
    let mut history = captures();
    let lost = history.blob(b"<p>Lost</p>\n");
    history.file(TERMS, "<p>Lost</p>\n");
    history.commit(&[], "Later", seconds("2024-03-01"));
    let mut damaged = history.clone();
    damaged.lose(lost);
    let archive = Archive::new();
    let bundle = archive.place("damaged.bundle");
    damaged.write_bundle(&bundle);
    let ran = archive.recension(&["import", "ota-snapshots", text(&bundle)]);
    assert_eq!(ran.code, 2, "{ran:?}");
    // The snapshot that was seen again had to be recorded before the observation of it.
    assert_eq!(facts(&archive, "SnapshotRecorded").len(), 4);
    assert_eq!(facts(&archive, "HistoryImported").len(), 0);
    let resumed = import(&archive, &history);
    let whole = Archive::new();
    let at_once = import(&whole, &history);
    assert_eq!(resumed["counts"], at_once["counts"]);
    assert_eq!(resumed["already"], 4);
    assert_eq!(archive.root(), whole.root());
}

#[test]
fn what_is_too_large_is_left_out_until_it_is_asked_for_again() {
    let archive = Archive::new();
    let history = captures();
    let bundle = archive.place("snapshots.bundle");
    history.write_bundle(&bundle);
    let args = [
        "import",
        "ota-snapshots",
        "--format",
        "json",
        "--max-snapshot-bytes",
        "11",
        text(&bundle),
    ];
    let ran = archive.recension(&args);
    let summary = &ran.json()[0];
    assert_eq!(
        (
            &summary["counts"]["snapshots"],
            &summary["counts"]["left_out"]
        ),
        (&json!(2), &json!(3))
    );
    let first = ran.stderr.lines().next().unwrap();
    assert!(
        first.starts_with("left out: \"Foo/Terms of Service #2.html\" in commit "),
        "{first}"
    );
    assert!(
        first.ends_with(": it has 12 bytes, more than --max-snapshot-bytes allows"),
        "{first}"
    );
    let again = import_with(&archive, &history, &["--again"]);
    assert_eq!(
        (&again["counts"]["snapshots"], &again["counts"]["unchanged"]),
        (&json!(4), &json!(1))
    );
    assert_eq!(
        (&again["appended"], &again["already"]),
        (&json!(4), &json!(2))
    );
}

#[test]
fn what_is_no_snapshot_is_counted_and_left_alone() {
    let mut history = captures();
    let link = history.blob(b"elsewhere");
    history.put(b"Foo/Link.html", SYMLINK, link);
    history.put(b"Foo/\xff.html", 0o100_644, link);
    history.commit(
        &[
            (".github/workflows/a.yml", Some("x")),
            ("LICENSE", Some("x")),
            ("Foo/README", Some("x")),
            ("Foo/Terms.md", Some("x")),
            ("Foo/Terms.docm", Some("x")),
            ("Foo/a/Terms.html", Some("x")),
            ("Foo/ .html", Some("x")),
            ("Foo/Privacy Policy.txt", Some("x")),
        ],
        "More",
        seconds("2024-03-01"),
    );
    let archive = Archive::new();
    let summary = import(&archive, &history);
    let counts = ["snapshots", "other_files", "left_out"];
    assert_eq!(
        counts.map(|name| summary["counts"][name].as_u64().unwrap()),
        [5, 5, 5]
    );
    let problems: Vec<String> = summary["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| {
            problem
                .as_str()
                .unwrap()
                .rsplit(": ")
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(
        problems,
        [
            "they are no snapshots",
            "The document type in \"Foo/ \" is empty.",
            "its ending is none of a snapshot's (html, pdf, xhtml, txt, xml, json, rtf, odt, doc, docx)",
            "its path has more than a platform and a document type",
            "its path is not UTF-8",
        ]
    );
}

#[test]
fn histories_without_snapshots_are_refused() {
    let archive = Archive::new();
    let refuses = |path: &str, expected: &str| {
        let mut history = Fixture::new();
        history.commit(&[(path, Some("x"))], "1", seconds("2024-01-10"));
        history.write_bundle(&archive.place("a.bundle"));
        let ran = archive.recension(&["import", "ota-snapshots", "a.bundle"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (2, expected));
    };
    refuses(
        "Foo/Terms.md",
        "error: a.bundle holds no snapshots of documents, which are files named <platform>/<document type>.html, .pdf and the like; it looks like a history of versions\n\
         hint: `recension import ota-versions` takes such a history\n",
    );
    refuses(
        "README",
        "error: a.bundle holds no snapshots of documents, which are files named <platform>/<document type>.html, .pdf and the like\n",
    );
    archive.complains(
        &["import", "ota-snapshots", "nowhere"],
        2,
        &archive
            .recension(&["import", "ota-versions", "nowhere"])
            .stderr,
    );
    // One repository may hold both kinds, each for its own import.
    let mut both = captures();
    both.commit(
        &[("Foo/Terms of Service.md", Some("One\n"))],
        "1",
        seconds("2024-03-01"),
    );
    archive.import(&both, "2025-06-01T12:00:00Z");
    let summary = import(&archive, &both);
    assert_eq!(
        (&summary["since"], &summary["counts"]["snapshots"]),
        (&Value::Null, &json!(4))
    );
}

#[test]
fn damage_to_a_snapshot_is_named_with_its_document_and_date() {
    let archive = Archive::new();
    import(&archive, &captures());
    let blob = facts(&archive, "SnapshotRecorded")[0]["blob"]
        .as_str()
        .unwrap()
        .to_owned();
    let blobs = Connection::open(archive.file("blobs.sqlite")).unwrap();
    let sql = "UPDATE blob SET frame = x'00' WHERE lower(hex(digest)) = ?1";
    assert_eq!(blobs.execute(sql, [&blob]).unwrap(), 1);
    drop(blobs);
    archive.damaged();
    let ran = archive.recension(&["verify"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stdout.contains(&format!("WRONG: blob {blob}")),
        "{ran:?}"
    );
    let touched =
        "       touches Foo/Terms of Service as observed at 2024-01-10T00:00:00Z (event 1)\n";
    assert!(ran.stdout.contains(touched), "{ran:?}");
}
