//! Capture, from declarations to versions, on sites of the tests over real HTTP.

use std::collections::HashMap;
use std::fs;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::fetch::shown::chromium;
use crate::fetch::site::{Site, respond};
use crate::support::archive::{Archive, seconds, text};
use crate::support::fixture::Fixture;

const HTML: &str = "Content-Type: text/html";

/// What a site answers: a status, headers of a line each, and a body.
type Answer = (&'static str, Vec<String>, String);

/// A site whose pages change while it is asked.
pub struct Pages {
    site: Site,
    pages: Arc<Mutex<HashMap<String, Answer>>>,
}

impl Pages {
    pub fn new() -> Self {
        Self::slow(Duration::ZERO)
    }

    /// A site that takes its time for every answer.
    fn slow(time: Duration) -> Self {
        let pages: Arc<Mutex<HashMap<String, Answer>>> = Arc::default();
        let known = Arc::clone(&pages);
        let site = Site::new(move |asked, line| {
            thread::sleep(time);
            let page = known.lock().unwrap().get(&asked.path).cloned();
            let (status, headers, body) =
                page.unwrap_or(("404 Not Found", Vec::new(), String::new()));
            let etag = headers.iter().find_map(|one| one.strip_prefix("ETag: "));
            if etag.is_some() && asked.header("if-none-match") == etag {
                return respond(line, "304 Not Modified", &[], b"");
            }
            let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
            respond(line, status, &headers, body.as_bytes());
        });
        Self { site, pages }
    }

    pub fn put(&self, path: &str, status: &'static str, headers: &[&str], body: &str) {
        let headers = headers.iter().map(|one| (*one).to_owned()).collect();
        let mut pages = self.pages.lock().unwrap();
        pages.insert(path.to_owned(), (status, headers, body.to_owned()));
    }

    /// Puts a page in HTML.
    pub fn page(&self, path: &str, body: &str) {
        self.put(path, "200 OK", &[HTML], body);
    }

    /// A declaration of a document of Alder for each path.
    fn declare_each(&self, archive: &Archive, paths: &[String]) {
        let number = |number| format!("Document {number}");
        let names: Vec<String> = (0..paths.len()).map(number).collect();
        let documents: Vec<(&str, &str, &str)> = names
            .iter()
            .zip(paths)
            .map(|(name, path)| (name.as_str(), path.as_str(), "select = \"main\""))
            .collect();
        self.declare(archive, &documents);
    }

    /// A declaration of documents of Alder, each with its path and what stands behind its address.
    pub fn declare(&self, archive: &Archive, documents: &[(&str, &str, &str)]) {
        let mut file = "platform = \"Alder\"\n".to_owned();
        for (document, path, rest) in documents {
            let address = self.site.url(path);
            file.push_str(&format!(
                "[documents.\"{document}\"]\naddress = \"{address}\"\n{rest}\n"
            ));
        }
        fs::write(archive.place("alder.toml"), file).unwrap();
    }
}

/// The arguments of a fetch on loopback, by a clock that stands still.
fn fetch_args<'a>(now: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let args = [
        "--now",
        now,
        "fetch",
        "--allow-host",
        "127.0.0.1",
        "--pause-ms",
        "0",
        "--contact",
        "mailto:archive@example.org",
        "--format",
        "json",
    ];
    // What a machine has installed must not matter.
    let browser = if more.contains(&"--browser") {
        None
    } else {
        Some("--no-browser")
    };
    args.into_iter()
        .chain(browser)
        .chain(more.iter().copied())
        .collect()
}

/// Fetches at a time of the first of May and gives the summary.
#[track_caller]
pub fn fetch(archive: &Archive, time: &str, more: &[&str]) -> Value {
    let now = format!("2025-05-01T{time}:00Z");
    let ran = archive.recension(&fetch_args(&now, more));
    assert!(ran.code < 2, "{ran:?}");
    ran.json().remove(0)
}

/// How many documents have a new version, are unchanged, and failed.
fn counts(summary: &Value) -> (usize, u64, usize) {
    (
        summary["versions"].as_array().unwrap().len(),
        summary["unchanged"].as_u64().unwrap(),
        summary["failed"].as_array().unwrap().len(),
    )
}

fn events(archive: &Archive) -> Vec<Value> {
    archive.recension(&["log", "--format", "jsonl"]).json()
}

fn types(archive: &Archive) -> Vec<String> {
    let events = events(archive);
    let types = events.iter().map(|event| event["type"].as_str().unwrap());
    types.map(str::to_owned).collect()
}

pub const TERMS: &str =
    "<main><h1>Terms</h1><p>You may read this text as often as you like.</p></main>";

#[test]
fn a_document_is_followed_from_its_declaration() {
    let (archive, pages) = (Archive::new(), Pages::new());
    pages.declare(
        &archive,
        &[("Terms of Service", "/terms", "select = \"main\"")],
    );
    archive.prints(
        &["track", "alder.toml"],
        "1 documents are tracked from now on, 0 in another way than before, 0 as they were.
`recension fetch` fetches what is due.
",
    );
    let followed = |time, body: &str| {
        pages.page("/terms", body);
        counts(&fetch(&archive, time, &["Alder"]))
    };
    assert_eq!(followed("10:00", TERMS), (1, 0, 0));
    assert_eq!(followed("11:00", TERMS), (0, 1, 0), "the same bytes");
    let styled = TERMS.replace("often", "<b>often</b>");
    assert_eq!(followed("12:00", &styled), (0, 1, 0), "the same reading");
    let forbidden = TERMS.replace("may read", "may not read");
    assert_eq!(followed("13:00", &forbidden), (1, 0, 0));
    let wall = "<main><p>Before you continue, accept all cookies.</p></main>";
    assert_eq!(followed("14:00", wall), (0, 0, 1));
    assert_eq!(followed("15:00", "<p>Nothing is selected.</p>"), (0, 0, 1));
    assert_eq!(followed("16:00", &forbidden), (0, 1, 0));
    let expected = [
        "DocumentDeclared",
        "DeclarationChanged",
        // first
        "SnapshotRecorded",
        "VersionRecorded",
        // the same bytes
        "ObservationsRecorded",
        // the same reading
        "SnapshotRecorded",
        "ObservationsRecorded",
        // another
        "SnapshotRecorded",
        "VersionRecorded",
        "ChangeDetected",
        // a wall
        "SnapshotRecorded",
        "ObservationsRecorded",
        // nothing
        "SnapshotRecorded",
        "ObservationsRecorded",
        // as before
        "SnapshotRecorded",
        "ObservationsRecorded",
    ];
    // What the classifier tells of so short a text is its own matter.
    let mut types = types(&archive);
    types.retain(|one| one != "ProvisionsMapped");
    assert_eq!(types, expected);
    let failed: Vec<Value> = events(&archive)
        .iter()
        .filter_map(|event| event["fact"]["observations"].as_array().cloned())
        .flatten()
        .filter(|look| !look["stage"].is_null())
        .collect();
    assert_eq!(failed[0]["stage"], "quality");
    assert_eq!(
        failed[0]["reason"],
        "what came asks for a consent before it shows the document"
    );
    assert_eq!(failed[1]["stage"], "selection");
    let said = archive.fine(&["show", "Alder/Terms of Service", "--format", "raw"]);
    assert_eq!(
        said,
        "# Terms\n\nYou may not read this text as often as you like.\n"
    );
    let said = archive.fine(&[
        "show",
        "Alder/Terms of Service",
        "--format",
        "raw",
        "--as-of",
        "2025-05-01T12:30:00Z",
    ]);
    assert_eq!(
        said,
        "# Terms\n\nYou may read this text as often as you like.\n"
    );
    let changes = archive
        .recension(&["changes", "--all", "--format", "jsonl"])
        .json();
    assert_eq!(changes[0]["significance"], "substantive");
}

#[test]
fn what_came_is_told_by_its_evidence() {
    let (archive, pages) = (Archive::new(), Pages::new());
    pages.declare(
        &archive,
        &[("Terms of Service", "/old", "select = \"main\"")],
    );
    archive.fine(&["track", "alder.toml"]);
    pages.put("/old", "301 Moved Permanently", &["Location: /terms"], "");
    pages.put("/terms", "200 OK", &[HTML, "ETag: \"one\""], TERMS);
    assert_eq!(
        counts(&fetch(&archive, "10:00", &["--vantage", "Lisbon"])),
        (1, 0, 0)
    );
    assert_eq!(counts(&fetch(&archive, "11:00", &["--all"])), (0, 1, 0));
    let events = events(&archive);
    let snapshot = &events[2]["fact"];
    assert_eq!(snapshot["origin"]["address"], pages.site.url("/terms"));
    let cat = |blob: &Value| archive.fine(&["cat", blob.as_str().unwrap()]);
    let evidence: Value = serde_json::from_str(&cat(&snapshot["origin"]["evidence"])).unwrap();
    assert_eq!(evidence["requested"], pages.site.url("/old"));
    assert_eq!(evidence["vantage"], "Lisbon");
    assert_eq!(evidence["exchanges"][0]["response"]["status"], 301);
    assert_eq!(evidence["exchanges"][1]["response"]["status"], 200);
    assert_eq!(
        evidence["exchanges"][1]["started_at"],
        "2025-05-01T10:00:00Z"
    );
    assert_eq!(evidence["body"]["sha256"], snapshot["sha256"]);
    let declaration: Value = serde_json::from_str(&cat(&events[1]["fact"]["blob"])).unwrap();
    assert_eq!(declaration[0]["address"], pages.site.url("/old"));
    assert_eq!(snapshot["origin"]["declaration"], events[1]["fact"]["blob"]);
    let version = &events[3]["fact"]["origin"];
    assert_eq!(version["snapshots"], serde_json::json!([2]));
    // The second look was answered by the server with 304, and its evidence says so.
    let line: Value = serde_json::from_str(&cat(&events[4]["fact"]["evidence"])).unwrap();
    assert_eq!(line["document"], "Alder/Terms of Service");
    assert_eq!(line["evidence"]["exchanges"][1]["response"]["status"], 304);
    let shown = archive.fine(&["show", "--event", "2"]);
    assert!(shown.contains("recension cat"), "{shown}");
}

#[test]
fn another_declaration_reads_anew_and_is_no_change() {
    let (archive, pages) = (Archive::new(), Pages::new());
    let body = "<main><h1>Terms</h1><p>You may read this.</p><p id=x>Follow us on every channel.</p></main>";
    pages.page("/terms", body);
    pages.declare(
        &archive,
        &[("Terms of Service", "/terms", "select = \"main\"")],
    );
    archive.fine(&["track", "alder.toml"]);
    fetch(&archive, "10:00", &["--all"]);
    let rest = "select = \"main\"\nremove = \"#x\"";
    pages.declare(&archive, &[("Terms of Service", "/terms", rest)]);
    let tracked = archive
        .recension(&["track", "--format", "json", "alder.toml"])
        .json();
    assert_eq!(
        tracked[0]["changed"],
        serde_json::json!(["Alder/Terms of Service"])
    );
    pages.page("/terms", &body.replace("may read", "must read"));
    let summary = fetch(&archive, "11:00", &["--all"]);
    assert_eq!(summary["re_extracted"], 1);
    assert_eq!(counts(&summary), (1, 0, 0));
    let changes = archive
        .recension(&["changes", "--all", "--format", "jsonl"])
        .json();
    let told: Vec<&str> = changes
        .iter()
        .map(|change| change["significance"].as_str().unwrap())
        .collect();
    let mut sorted = told.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["re-extraction", "substantive"]);
    // Again nothing is read anew.
    let summary = fetch(&archive, "12:00", &["--all"]);
    assert_eq!(
        (summary["re_extracted"].as_u64(), counts(&summary)),
        (Some(0), (0, 1, 0))
    );
    // What is tracked as it was, changes nothing.
    let before = types(&archive).len();
    archive.fine(&["track", "alder.toml"]);
    assert_eq!(types(&archive).len(), before);
}

#[test]
fn a_document_in_parts_needs_them_all() {
    let (archive, pages) = (Archive::new(), Pages::new());
    let parts = format!(
        "platform = \"Alder\"\n[documents.\"Terms of Service\"]\nselect = \"main\"\nparts = [{{ address = \"{}\" }}, {{ address = \"{}\" }}]\n",
        pages.site.url("/one"),
        pages.site.url("/two")
    );
    fs::write(archive.place("alder.toml"), parts).unwrap();
    let ran = archive.recension(&["track", "alder.toml"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    pages.page("/one", "<main><h1>One</h1><p>The first part.</p></main>");
    assert_eq!(counts(&fetch(&archive, "10:00", &["--all"])), (0, 0, 1));
    pages.page("/two", "<main><h1>Two</h1><p>The second part.</p></main>");
    assert_eq!(counts(&fetch(&archive, "11:00", &["--all"])), (1, 0, 0));
    let said = archive.fine(&["show", "Alder/Terms of Service", "--format", "raw"]);
    assert_eq!(
        said,
        "# One\n\nThe first part.\n\n# Two\n\nThe second part.\n"
    );
    let events = events(&archive);
    let version = events
        .iter()
        .find(|one| one["type"] == "VersionRecorded")
        .unwrap();
    // The first part was fetched before, when the second failed.
    assert_eq!(
        version["fact"]["origin"]["snapshots"],
        serde_json::json!([2, 4])
    );
    assert_eq!(events[2]["fact"]["part"], "1");
    assert_eq!(events[4]["fact"]["part"], "2");
}

#[test]
fn health_says_what_is_due_and_what_fails() {
    let (archive, pages) = (Archive::new(), Pages::new());
    pages.declare(
        &archive,
        &[
            ("Cookie Policy", "/cookies", "select = \"main\""),
            (
                "Terms of Service",
                "/terms",
                "select = [\"main\", \"aside\"]",
            ),
        ],
    );
    archive.fine(&["track", "alder.toml"]);
    pages.page("/terms", TERMS);
    let health = |now: &str| {
        let ran = archive.recension(&["--now", now, "health", "--format", "jsonl"]);
        (ran.code, ran.json())
    };
    let (code, lines) = health("2025-05-01T09:00:00Z");
    assert_eq!((code, &lines[0]["state"]), (0, &Value::from("new")));
    fetch(&archive, "10:00", &[]);
    let (code, lines) = health("2025-05-01T11:00:00Z");
    assert_eq!(code, 1);
    let cookies = &lines[0];
    assert_eq!(cookies["state"], "failing");
    assert_eq!(cookies["stage"], "status");
    assert_eq!(cookies["reason"], "the server answers 404 Not Found");
    assert_eq!(cookies["failing_since"], "2025-05-01T10:00:00Z");
    let terms = &lines[1];
    assert_eq!(terms["state"], "fine");
    assert_eq!(terms["unmatched"][0]["selector"], "aside");
    // What failed is due sooner than what did not.
    let due = |line: &Value| line["next_look"].as_str().unwrap()[..13].to_owned();
    assert!(due(cookies).as_str() < "2025-05-01T17", "{cookies}");
    assert!(due(terms).as_str() >= "2025-05-02T10", "{terms}");
    let summary = fetch(&archive, "17:00", &[]);
    assert_eq!(summary["documents"], 1, "only what failed is due");
    let (_, lines) = health("2025-05-01T18:00:00Z");
    assert_eq!(lines[0]["failures"], 2);
    assert_eq!(lines[0]["failing_since"], "2025-05-01T10:00:00Z");
}

#[test]
fn what_can_not_be_done_is_said_with_what_to_do() {
    let archive = Archive::new();
    let ran = archive.recension(&fetch_args("2025-05-01T10:00:00Z", &[]));
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (
            2,
            "error: nothing is tracked\nhint: `recension track FILE` takes declarations; data/declarations has some to begin with\n"
        )
    );
    archive.complains(
        &["fetch"],
        2,
        "error: nothing is fetched without a contact: give --contact, or set RECENSION_CONTACT, so that platforms can write to you\n",
    );
    fs::write(
        archive.place("bad.toml"),
        "platform = \"Alder\"\n[documents.Terms]\naddress = \"ftp://a.example\"\n[documents.Privacy]\nselect = 3\n",
    )
    .unwrap();
    let ran = archive.recension(&["track", "bad.toml"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("documents.Terms"), "{ran:?}");
    assert!(ran.stderr.contains("documents.Privacy"), "{ran:?}");
    assert!(ran.stderr.contains("--lenient"), "{ran:?}");
    assert_eq!(types(&archive), Vec::<String>::new());
}

#[test]
fn a_sweep_that_is_killed_goes_on_where_it_was() {
    let archive = Archive::new();
    let pages = Pages::slow(Duration::from_millis(3));
    let paths: Vec<String> = (0..60).map(|number| format!("/{number}")).collect();
    pages.declare_each(&archive, &paths);
    archive.fine(&["track", "alder.toml"]);
    for path in &paths {
        pages.page(path, &TERMS.replace("Terms", &format!("Terms of {path}")));
    }
    let mut killed = 0;
    loop {
        // Each run lives a little longer than the one before, so that some die at every stage.
        let mut child = archive
            .command(&fetch_args("2025-05-01T10:00:00Z", &["--all"]))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(20 + 15 * killed));
        if child.try_wait().unwrap().is_some() {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{output:?}");
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
        // It may have come to its end just before.
        let last = archive.open().documents().unwrap().pop().unwrap();
        if last.looks > 0 && !archive.file("sweep").exists() {
            break;
        }
    }
    assert!(killed > 2, "{killed}");
    let timelines = archive
        .recension(&["documents", "--format", "jsonl"])
        .json();
    assert_eq!(timelines.len(), 60);
    for document in timelines {
        assert_eq!(document["looks"], 1, "{document}");
        assert_eq!(document["versions"], 1, "{document}");
    }
    // The sweep has ended: the next looks at all again.
    let summary = fetch(&archive, "11:00", &["--all"]);
    assert_eq!(counts(&summary), (0, 60, 0));
}

#[test]
fn a_watch_ends_when_it_is_told_to() {
    let (archive, pages) = (Archive::new(), Pages::new());
    pages.page("/terms", TERMS);
    pages.declare(
        &archive,
        &[("Terms of Service", "/terms", "select = \"main\"")],
    );
    archive.fine(&["track", "alder.toml"]);
    let child = archive
        .command(&[
            "watch",
            "--allow-host",
            "127.0.0.1",
            "--contact",
            "mailto:archive@example.org",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It rests once the document is in the archive.
    let path = archive.path();
    while archive.open().documents().unwrap()[0].versions == 0 {
        thread::sleep(Duration::from_millis(20));
    }
    assert!(path.exists());
    let id = child.id().to_string();
    let told = std::process::Command::new("kill")
        .args(["-TERM", &id])
        .status();
    assert!(told.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("1 document: 1 with a new version"), "{said}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("stopping:"), "{said}");
}

#[test]
fn a_declaration_is_tried_over_the_network() {
    let (archive, pages) = (Archive::none(), Pages::new());
    pages.put("/old", "302 Found", &["Location: /terms"], "");
    pages.page("/terms", TERMS);
    pages.declare(
        &archive,
        &[("Terms of Service", "/old", "select = [\"main\", \".no\"]")],
    );
    let file = archive.place("alder.toml");
    let args = ["try", text(&file), "--contact", "mailto:a@example.org"];
    let ran =
        archive.recension(&[&args[..], &["--allow-host", "127.0.0.1", "--pause-ms", "0"]].concat());
    let (old, terms) = (pages.site.url("/old"), pages.site.url("/terms"));
    assert_eq!(
        ran.stdout,
        "# Terms\n\nYou may read this text as often as you like.\n"
    );
    assert_eq!(
        ran.stderr,
        format!(
            "302 {old}\n200 {terms}\nwarning: nothing on the page of {old} matches \".no\"\nAlder/Terms of Service: kept 54 B in 2 clauses\n"
        )
    );
    let ran = archive.recension(&args);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr
            .contains("guard: 127.0.0.1 is no address of the public internet"),
        "{ran:?}"
    );
}

/// The snapshots of others, and their declarations: the first held until the end of January.
fn imported(archive: &Archive) {
    let page = |text: &str, more: &str| {
        format!("<main><h1>Terms</h1><p>{text}</p></main><aside><p>{more}</p></aside>")
    };
    let pages = [
        ("2025-01-10", page("You may read this.", "Follow us.")),
        ("2025-01-20", page("You must read this.", "Follow us.")),
        (
            "2025-01-25",
            page("You <b>must</b> read this.", "Follow us."),
        ),
        (
            "2025-02-10",
            page("You must read this.", "Follow us everywhere."),
        ),
        ("2025-02-20", "<p>Nothing.</p>".to_owned()),
        (
            "2025-03-10",
            page("You must read this twice.", "Follow us."),
        ),
    ];
    let mut history = Fixture::new();
    for (day, page) in &pages {
        let changed = [("Foo/Terms of Service.html", Some(page.as_str()))];
        history.commit(&changed, "Record new changes", seconds(day));
    }
    let bundle = archive.place("snapshots.bundle");
    history.write_bundle(&bundle);
    archive.fine(&["import", "ota-snapshots", text(&bundle)]);
    let folder = archive.place("declarations");
    fs::create_dir_all(&folder).unwrap();
    let declared = |select: &str, more: &str| {
        format!("{{\"fetch\": \"https://foo.example/terms\", \"select\": {select}{more}}}")
    };
    let now = declared("\"main\"", "");
    let before = declared(
        "[\"main\", \"aside\"]",
        ", \"validUntil\": \"2025-01-31T00:00:00Z\"",
    );
    let now = format!("{{\"name\": \"Foo\", \"terms\": {{\"Terms of Service\": {now}}}}}");
    fs::write(folder.join("Foo.json"), now).unwrap();
    let before = format!("{{\"Terms of Service\": [{before}]}}");
    fs::write(folder.join("Foo.history.json"), before).unwrap();
}

#[test]
fn the_pages_of_others_are_read_under_the_declarations_of_their_time() {
    let archive = Archive::new();
    imported(&archive);
    let folder = archive.place("declarations");
    archive.fine(&["import", "ota-declarations", text(&folder)]);
    archive.prints(
        &["reextract"],
        "6 snapshots of 1 documents were read: 4 new versions, 2 unchanged, 1 without a text.\n",
    );
    let timeline = archive.recension(&[
        "timeline",
        "Foo/Terms of Service",
        "--all",
        "--format",
        "jsonl",
    ]);
    let told: Vec<String> = timeline
        .json()
        .iter()
        .filter(|line| line["look"].is_string())
        .map(|line| {
            let at = &line["observed_at"].as_str().unwrap()[..10];
            let cause = line["cause"].as_str().unwrap_or_default();
            format!("{at} {} {cause}", line["look"].as_str().unwrap())
        })
        .collect();
    let expected = [
        "2025-01-10 version first",
        "2025-01-20 version changed",
        "2025-01-25 unchanged ",
        // From here on, another declaration holds.
        "2025-01-31 version re-extracted",
        "2025-02-10 unchanged ",
        "2025-02-20 failed ",
        "2025-03-10 version changed",
    ];
    assert_eq!(told, expected);
    let changes = archive
        .recension(&["changes", "--all", "--format", "jsonl"])
        .json();
    let mut told: Vec<&str> = changes
        .iter()
        .map(|change| change["significance"].as_str().unwrap())
        .collect();
    told.sort_unstable();
    assert_eq!(told, ["re-extraction", "substantive", "substantive"]);
    // Neither finds anything new.
    let before = types(&archive).len();
    archive.fine(&["import", "ota-declarations", text(&folder)]);
    archive.prints(
        &["reextract"],
        "0 snapshots of 1 documents were read: 0 new versions, 0 unchanged, 0 without a text.\n",
    );
    assert_eq!(types(&archive).len(), before);
}

#[test]
fn many_failures_with_long_reasons_are_recorded_all() {
    let (archive, pages) = (Archive::new(), Pages::new());
    let paths: Vec<String> = (0..200)
        .map(|number| format!("/{number}?{}", "x".repeat(1000)))
        .collect();
    pages.declare_each(&archive, &paths);
    archive.fine(&["track", "alder.toml"]);
    for path in &paths {
        pages.page(path, "<p>Nothing is selected.</p>");
    }
    assert_eq!(counts(&fetch(&archive, "10:00", &["--all"])), (0, 0, 200));
    let looked = archive
        .recension(&["documents", "--format", "jsonl"])
        .json();
    assert!(looked.iter().all(|document| document["looks"] == 1));
}

/// The arguments that name the browser of this machine, which may be started by the superuser.
fn in_browser(program: &std::path::Path) -> [&str; 3] {
    [
        "--browser",
        program.to_str().unwrap(),
        "--no-browser-sandbox",
    ]
}

const SCRIPTED: &str = "<!DOCTYPE html><main id=terms></main><script>document.getElementById('terms').innerHTML = \
    '<h1>Terms</h1><p>You may not read this text as often as you like.</p>'</script>";

#[test]
fn a_browser_shows_what_is_declared_to_need_one_and_what_is_empty_or_blocked_without() {
    let Some(program) = chromium() else { return };
    let (archive, pages) = (Archive::new(), Pages::new());
    pages.declare(
        &archive,
        &[
            (
                "Cookie Policy",
                "/cookies",
                "select = \"main\"\nclient_scripts = true",
            ),
            ("Privacy Policy", "/privacy", "select = \"main\""),
            ("Terms of Service", "/terms", "select = \"main\""),
        ],
    );
    archive.fine(&["track", "alder.toml"]);
    pages.page("/cookies", SCRIPTED);
    pages.page("/privacy", "<main><p>We keep your data.</p></main>");
    pages.page("/terms", SCRIPTED);
    let without = fetch(&archive, "10:00", &["--all"]);
    assert_eq!(
        (counts(&without), &without["unshown"]),
        ((1, 0, 2), &1.into())
    );
    let reason = without["failed"][0]["reason"].as_str().unwrap();
    assert!(
        reason.ends_with("scripts make its text, and no browser ran them"),
        "{reason}"
    );

    let browser = in_browser(&program);
    let with = |time| fetch(&archive, time, &[&browser[..], &["--all"]].concat());
    let shown = with("11:00");
    assert_eq!((counts(&shown), &shown["unshown"]), ((2, 1, 0), &0.into()));
    let said = archive.fine(&["show", "Alder/Terms of Service", "--format", "raw"]);
    assert_eq!(
        said,
        "# Terms\n\nYou may not read this text as often as you like.\n"
    );

    let evidence: Vec<Value> = events(&archive)
        .iter()
        .filter(|event| event["type"] == "SnapshotRecorded")
        .filter_map(|event| {
            event["fact"]["origin"]["evidence"]
                .as_str()
                .map(str::to_owned)
        })
        .map(|blob| serde_json::from_str(&archive.fine(&["cat", &blob])).unwrap())
        .filter(|evidence: &Value| !evidence["shown"].is_null())
        .collect();
    let reasons: Vec<&str> = evidence
        .iter()
        .map(|one| one["shown"]["reason"].as_str().unwrap())
        .collect();
    assert_eq!(
        reasons,
        [
            "its declaration says that scripts make its text",
            &format!(
                "{}: what is selected on the page holds no text",
                pages.site.url("/terms")
            ),
        ]
    );
    // The plain attempt stands before the browser's.
    assert_eq!(evidence[1]["exchanges"].as_array().unwrap().len(), 2);

    // What a browser had to show is shown by one at once, and a site that lets no program in may let a browser in.
    assert_eq!(counts(&with("12:00")), (0, 3, 0));
    let asked = pages
        .site
        .asked()
        .iter()
        .filter(|path| *path == "/terms")
        .count();
    assert_eq!(asked, 4);
    pages.put("/privacy", "403 Forbidden", &[], "no");
    let blocked = with("13:00");
    assert_eq!(
        blocked["failed"][0]["reason"],
        "the server answers 403 Forbidden; in a browser: the server answers 403 Forbidden"
    );

    archive.recension(&["export", "warc", "--output", "shown.warc.gz"]);
    let other = Archive::new();
    let file = archive.place("shown.warc.gz");
    let imported = other.recension(&["import", "warc", file.to_str().unwrap(), "--format", "json"]);
    assert_eq!(imported.json()[0]["snapshots"], 5, "{imported:?}");
    assert_eq!(imported.json()[0]["problems"], Value::Array(Vec::new()));
}
