//! WARC files: what an archive exports comes back as it was, and what others wrote is taken where it is tracked.

use std::fs;
use std::io::{Read as _, Write as _};

use flate2::read::MultiGzDecoder;
use recension::import::warc::{WarcReader, WarcRecord, http_response};
use serde_json::Value;

use crate::capture::{Pages, TERMS, fetch};
use crate::support::archive::{Archive, text};

/// An archive that looked at three documents twice: one was redirected and not modified, one changed, one failed.
fn fetched(archive: &Archive, pages: &Pages) {
    pages.declare(
        archive,
        &[
            ("Cookie Policy", "/none", "select = \"main\""),
            ("Privacy Policy", "/privacy", "select = \"main\""),
            ("Terms of Service", "/old", "select = \"main\""),
        ],
    );
    archive.fine(&["track", "alder.toml"]);
    pages.put("/old", "301 Moved Permanently", &["Location: /terms"], "");
    pages.put(
        "/terms",
        "200 OK",
        &["Content-Type: text/html", "ETag: \"1\""],
        TERMS,
    );
    pages.page("/privacy", "<main><p>We keep your data.</p></main>");
    fetch(archive, "10:00", &["--all"]);
    pages.page("/privacy", "<main><p>We sell your data.</p></main>");
    fetch(archive, "11:00", &["--all"]);
}

fn records(archive: &Archive, name: &str) -> Vec<WarcRecord> {
    let mut reader = WarcReader::open(&archive.place(name), 1 << 20).unwrap();
    std::iter::from_fn(|| reader.next_record().unwrap()).collect()
}

/// The events of an archive that tell of snapshots, without their places in the log.
fn snapshots(archive: &Archive) -> Vec<Value> {
    let events = archive.recension(&["log", "--format", "jsonl"]).json();
    let mut found: Vec<Value> = events
        .into_iter()
        .filter(|event| event["type"] == "SnapshotRecorded")
        .map(|event| {
            serde_json::json!([
                event["event_id"],
                event["observed_at"],
                event["document"],
                event["fact"]
            ])
        })
        .collect();
    found.sort_by_key(ToString::to_string);
    found
}

#[test]
fn what_is_exported_comes_back_as_it_was() {
    let (archive, pages) = (Archive::new(), Pages::new());
    fetched(&archive, &pages);
    let ran = archive.recension(&["export", "warc", "--output", "all.warc.gz"]);
    assert_eq!(ran.stderr, "3 snapshots and 3 other fetches were written\n");
    let told: Vec<String> = records(&archive, "all.warc.gz")
        .iter()
        .map(|record| {
            let kind = record.field("warc-type").unwrap();
            let block = record.block.as_ref().unwrap();
            let response = http_response(block).filter(|_| kind != "request");
            match response {
                Some(response) => format!("{kind} {}", response.status),
                None => kind.to_owned(),
            }
        })
        .collect();
    let exchange = |told: &'static str| ["request", told];
    let expected: Vec<&str> = [
        &["warcinfo"][..],
        &exchange("response 200"), // privacy
        &["metadata"],
        &exchange("response 301"), // terms
        &exchange("response 200"),
        &["metadata"],
        &exchange("response 404"), // cookies
        &["metadata"],
        &exchange("response 200"), // privacy, changed
        &["metadata"],
        &exchange("response 404"),
        &["metadata"],
        &exchange("response 301"),
        &exchange("revisit 304"),
        &["metadata"],
    ]
    .concat();
    assert_eq!(told, expected);

    let copy = Archive::new();
    fs::copy(archive.place("all.warc.gz"), copy.place("all.warc.gz")).unwrap();
    let imported = copy.fine(&["import", "warc", "all.warc.gz"]);
    assert_eq!(
        imported,
        "23 records were read: 3 new snapshots, 0 that were there already, 0 responses of addresses that are not tracked.
`recension reextract` takes their texts.
"
    );
    assert_eq!(snapshots(&copy), snapshots(&archive));
    copy.fine(&["reextract"]);
    for document in ["Alder/Privacy Policy", "Alder/Terms of Service"] {
        let show = ["show", document, "--format", "raw"];
        assert_eq!(copy.fine(&show), archive.fine(&show));
    }
    let again = copy.fine(&["import", "warc", "all.warc.gz"]);
    assert!(
        again.starts_with("23 records were read: 0 new snapshots, 3 that were there"),
        "{again}"
    );
    assert_eq!(snapshots(&copy), snapshots(&archive));
}

/// A WARC record as other programs write them.
fn record(kind: &str, uri: &str, date: &str, block: &[u8]) -> Vec<u8> {
    let mut record = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nWARC-Date: {date}\r\nWARC-Record-ID: <urn:uuid:{date}>\r\nContent-Length: {}\r\n\r\n",
        block.len()
    )
    .into_bytes();
    record.extend_from_slice(block);
    record.extend_from_slice(b"\r\n\r\n");
    record
}

#[test]
fn the_pages_of_others_are_taken_where_they_are_tracked() {
    let archive = Archive::new();
    let file = "platform = \"Foo\"\n[documents.\"Terms of Service\"]\naddress = \"https://foo.example/terms\"\nselect = \"main\"\n";
    fs::write(archive.place("foo.toml"), file).unwrap();
    archive.fine(&["track", "foo.toml"]);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(TERMS.as_bytes()).unwrap();
    let body = encoder.finish().unwrap();
    let (first, rest) = body.split_at(20);
    let mut chunked = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for chunk in [first, rest] {
        chunked.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        chunked.extend_from_slice(chunk);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    let terms = "https://foo.example/terms";
    let plain = [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
        TERMS.as_bytes(),
    ]
    .concat();
    let broken = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    let file = [
        record(
            "warcinfo",
            "",
            "2024-01-01T00:00:00Z",
            b"software: Crawler 3\r\n",
        ),
        record("response", terms, "2024-01-01T00:00:00Z", &chunked),
        record(
            "response",
            "https://foo.example/",
            "2024-01-01T00:00:01Z",
            &plain,
        ),
        record("response", terms, "2024-01-02T00:00:00Z", &plain),
        record(
            "response",
            terms,
            "2024-01-03T00:00:00Z",
            b"HTTP/1.1 503 Busy\r\n\r\n",
        ),
        record("response", terms, "2024-01-04T00:00:00Z", broken),
    ]
    .concat();
    fs::write(archive.place("others.warc"), &file).unwrap();
    let ran = archive.recension(&["import", "warc", "others.warc"]);
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str()),
        (
            "6 records were read: 1 new snapshots, 1 that were there already, 1 responses of addresses that are not tracked.
`recension reextract` takes their texts.
",
            "left out: the record <urn:uuid:2024-01-04T00:00:00Z>: its chunks are broken\n"
        )
    );
    archive.fine(&["reextract"]);
    let said = archive.fine(&["show", "Foo/Terms of Service", "--format", "raw"]);
    assert_eq!(
        said,
        "# Terms\n\nYou may read this text as often as you like.\n"
    );
    let evidence = &snapshots(&archive)[0][3]["origin"]["evidence"];
    let evidence: Value =
        serde_json::from_str(&archive.fine(&["cat", evidence.as_str().unwrap()])).unwrap();
    assert_eq!(evidence["software"], "Crawler 3");
    assert_eq!(evidence["fetcher"], "warc");
    assert_eq!(evidence["body"]["decoded"], serde_json::json!(["gzip"]));
}

#[test]
fn files_that_are_no_warc_are_refused_and_cut_ones_say_so() {
    let (archive, pages) = (Archive::new(), Pages::new());
    fetched(&archive, &pages);
    let ran = archive.recension(&[
        "export",
        "warc",
        "Alder/Privacy Policy",
        "-o",
        "one.warc.gz",
    ]);
    assert_eq!(ran.stderr, "2 snapshots and 0 other fetches were written\n");
    let mut plain = Vec::new();
    let file = fs::File::open(archive.place("one.warc.gz")).unwrap();
    MultiGzDecoder::new(file).read_to_end(&mut plain).unwrap();
    let copy = Archive::new();
    for cut in (0..plain.len() - 4).step_by(97) {
        fs::write(copy.place("cut.warc"), &plain[..cut]).unwrap();
        let ran = copy.recension(&["import", "warc", "cut.warc"]);
        let is_between = plain[..cut].ends_with(b"\r\n\r\n") || cut == 0;
        assert!(
            ran.code == 2 || is_between || ran.stdout.contains("records were read"),
            "{ran:?}"
        );
    }
    fs::write(copy.place("no.warc"), "<html>").unwrap();
    let ran = copy.recension(&["import", "warc", text(&copy.place("no.warc"))]);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (
            2,
            "error: $DIR/no.warc can't be read\n  because: \"<html>\" stands where a WARC record should begin\n"
        )
    );
}
