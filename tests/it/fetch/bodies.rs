//! Bodies: lengths that lie, encodings that lie, and more than anybody wants.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use recension::fetch::Policy;

use super::site::{Asked, Line, Site, page, respond, write};
use super::{fetch, hasty, told};

const PAGE: &[u8] = b"<h1>Terms</h1><p>You may read this.</p>";
/// The page as brotli.
const PAGE_BR: &[u8] = b"\x0b\x13\x80<h1>Terms</h1><p>You may read this.</p>\x03";
const HTML: &str = "Content-Type: text/html";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn encoded(line: &mut dyn Line, encoding: &str, body: &[u8]) {
    let encoding = format!("Content-Encoding: {encoding}");
    respond(line, "200 OK", &[HTML, &encoding], body);
}

fn start(line: &mut dyn Line, headers: &str) {
    write(
        line,
        format!("HTTP/1.1 200 OK\r\n{headers}\r\n\r\n").as_bytes(),
    );
}

fn answer(asked: &Asked, line: &mut dyn Line) {
    match asked.path.as_str() {
        "/plain" => page(line, "<p>Plain</p>"),
        "/short" => {
            start(line, "Content-Length: 10000");
            write(line, PAGE);
        }
        "/long" => {
            start(line, "Content-Length: 9");
            write(line, PAGE);
        }
        "/two-lengths" => {
            start(line, "Content-Length: 9\r\nContent-Length: 39");
            write(line, PAGE);
        }
        "/no-length" => {
            write(line, b"HTTP/1.0 200 OK\r\n\r\n");
            write(line, PAGE);
        }
        "/chunked" => {
            start(line, "Transfer-Encoding: chunked");
            write(line, b"6\r\n<p>One\r\n6\r\n two</\r\n2\r\np>\r\n0\r\n\r\n");
        }
        "/broken-chunks" => {
            start(line, "Transfer-Encoding: chunked");
            write(line, b"6\r\n<p>One\r\nnone\r\n");
        }
        "/reset" => {
            start(line, "Transfer-Encoding: chunked");
            write(line, b"6\r\n<p>One\r\n");
            line.break_off();
        }
        "/drip" => {
            start(line, "Content-Length: 1000");
            for _ in 0..1000 {
                if line.write_all(b".").is_err() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        "/endless" => {
            start(line, "Transfer-Encoding: chunked");
            while line.write_all(b"4\r\nmore\r\n").is_ok() {}
        }
        "/says-huge" => start(line, "Content-Length: 99999999999999"),
        "/gzip" => encoded(line, "gzip", &gzip(PAGE)),
        "/x-gzip" => encoded(line, "X-GZip", &gzip(PAGE)),
        "/br" => encoded(line, "br", PAGE_BR),
        "/zstd" => encoded(line, "zstd", &zstd::encode_all(PAGE, 3).unwrap()),
        "/zlib" => encoded(line, "deflate", &zlib(PAGE)),
        "/deflate" => encoded(line, "deflate", &deflate(PAGE)),
        "/gzip-in-br" => encoded(
            line,
            "zstd, gzip",
            &gzip(&zstd::encode_all(PAGE, 3).unwrap()),
        ),
        "/bomb" => encoded(line, "gzip", &gzip(&vec![b'a'; 10_000_000])),
        "/bomb-in-bomb" => encoded(line, "gzip, gzip", &gzip(&gzip(&vec![0; 80_000_000]))),
        "/zstd-window" => {
            // A frame that asks for a window of 2 GiB (RFC 8878, section 3.1.1.1.2).
            encoded(line, "zstd", b"\x28\xb5\x2f\xfd\x00\xa8\x0d\x00\x00");
        }
        "/garbage" => encoded(line, "gzip", PAGE),
        "/cut-gzip" => encoded(line, "gzip", gzip(PAGE).split_at(20).0),
        "/unknown-encoding" => encoded(line, "compress", PAGE),
        "/four-encodings" => encoded(line, "gzip, gzip, gzip, gzip", PAGE),
        "/windows-1252" => respond(
            line,
            "200 OK",
            &["Content-Type: text/html; charset=windows-1252"],
            b"<p>\x93Terms\x94</p>",
        ),
        "/no-type" => respond(line, "200 OK", &[], PAGE),
        "/no-type-page" => respond(line, "200 OK", &[], b"<!doctype HTML><p>You"),
        "/no-type-bytes" => respond(line, "200 OK", &[], b"\0\x01\x02"),
        "/bad-type" => respond(line, "200 OK", &["Content-Type: <html>"], b"<html><p>You"),
        "/pdf-as-html" => respond(line, "200 OK", &[HTML], b"%PDF-1.7"),
        "/empty" => respond(line, "200 OK", &[HTML], b""),
        _ => respond(line, "404 Not Found", &[], b""),
    }
}

#[test]
fn a_body_is_taken_as_it_was_meant_or_not_at_all() {
    let site = Site::new(answer);
    let page = "<h1>Terms</h1><p>You may read this.</p>";
    let html = "[200] text/html, no charset";
    for (path, expected) in [
        ("/plain", format!("{html}: <p>Plain</p>")),
        ("/short", "[200 200] body: end of file before message length reached".into()),
        ("/long", "[200] text/plain, no charset: <h1>Terms".into()),
        ("/two-lengths", "[- -] response: invalid content-length parsed".into()),
        ("/no-length", format!("[200] text/plain, no charset: {page}")),
        ("/chunked", "[200] text/plain, no charset: <p>One two</p>".into()),
        ("/broken-chunks", "[200 200] body: Invalid chunk size line: missing size digit".into()),
        ("/reset", "[200 200] body: unexpected EOF during chunk size line".into()),
        ("/endless", "[200] too large: more than 100000 bytes".into()),
        ("/says-huge", "[200] too large: more than 100000 bytes".into()),
        ("/gzip", format!("{html}, gzip undone: {page}")),
        ("/x-gzip", format!("{html}, x-gzip undone: {page}")),
        ("/br", format!("{html}, br undone: {page}")),
        ("/zstd", format!("{html}, zstd undone: {page}")),
        ("/zlib", format!("{html}, deflate undone: {page}")),
        ("/deflate", format!("{html}, deflate undone: {page}")),
        ("/gzip-in-br", format!("{html}, gzip and zstd undone: {page}")),
        ("/bomb", "[200] too large: the body decodes to more than 100000 bytes".into()),
        ("/bomb-in-bomb", "[200] too large: the body decodes to more than 100000 bytes".into()),
        ("/zstd-window", "[200] encoding: the body is said to be zstd, and can't be decoded: Frame requires too much memory for decoding".into()),
        ("/garbage", "[200] encoding: the body is said to be gzip, and can't be decoded: invalid gzip header".into()),
        ("/cut-gzip", "[200] encoding: the body is said to be gzip, and can't be decoded: incomplete deflate stream".into()),
        ("/unknown-encoding", "[200] encoding: the body is encoded as \"compress\", which was not asked for".into()),
        ("/four-encodings", "[200] encoding: the body is encoded 4 times over, and 3 are undone".into()),
        ("/windows-1252", "[200] text/html, windows-1252: <p>\u{fffd}Terms\u{fffd}</p>".into()),
        ("/no-type", format!("[200] text/plain, no charset: {page}")),
        ("/no-type-page", "[200] text/html, no charset: <!doctype HTML><p>You".into()),
        ("/no-type-bytes", "[200] application/octet-stream, no charset: \0\u{1}\u{2}".into()),
        ("/bad-type", "[200] text/html, no charset: <html><p>You".into()),
        ("/pdf-as-html", "[200] application/pdf, no charset: %PDF-1.7".into()),
        ("/empty", format!("{html}: ")),
    ] {
        assert_eq!(told(&fetch(hasty(), &site.url(path))), expected, "{path}");
    }
}

#[test]
fn what_drips_is_given_up() {
    let site = Site::new(answer);
    let policy = Policy {
        timeout: Duration::from_millis(300),
        ..hasty()
    };
    assert_eq!(
        told(&fetch(policy, &site.url("/drip"))),
        "[200 200] too slow: the exchange was not at its end after 0.3 s"
    );
}

#[test]
fn the_evidence_tells_what_came_and_what_was_undone() {
    let site = Site::new(answer);
    let fetched = fetch(hasty(), &site.url("/gzip")).unwrap();
    let body = fetched.evidence.body.unwrap();
    assert_eq!(body.received_bytes, gzip(PAGE).len() as u64);
    assert_eq!(body.size_bytes, PAGE.len() as u64);
    let sha256 = recension::model::Sha256::of(&[PAGE]).to_string();
    assert_eq!(body.sha256, sha256);
    assert_eq!(body.media_type, "text/html");
}
