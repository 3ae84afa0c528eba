//! Heads of responses: statuses, redirects, cookies, validators, and what is no HTTP.

use recension::fetch::{Policy, Validators};

use super::site::{Asked, Line, Site, page, respond, write};
use super::{fetch, fetch_again, hasty, told};

fn redirect(line: &mut dyn Line, status: &str, to: &str) {
    respond(line, status, &[&format!("Location: {to}")], b"");
}

fn answer(asked: &Asked, line: &mut dyn Line) {
    match asked.path.as_str() {
        "/" => page(line, "<p>Home</p>"),
        "/moved" => redirect(line, "301 Moved Permanently", "/"),
        "/found" => redirect(line, "302 Found", "moved"),
        "/other" => redirect(line, "307 Temporary Redirect", "//127.0.0.1/x"),
        "/permanent" => redirect(line, "308 Permanent Redirect", "/#part"),
        "/loop" => redirect(line, "302 Found", "/loop"),
        "/nowhere" => respond(line, "302 Found", &[], b""),
        "/file" => redirect(line, "302 Found", "file:///etc/passwd"),
        "/metadata" => redirect(line, "302 Found", "http://169.254.169.254/latest"),
        "/metadata-number" => redirect(line, "302 Found", "http://2852039166/latest"),
        "/private-6" => redirect(line, "302 Found", "http://[::1]:1/"),
        "/mapped" => redirect(line, "302 Found", "http://[::ffff:10.0.0.1]/"),
        "/password" => redirect(line, "302 Found", "http://me:secret@127.0.0.1/"),
        "/long-location" => redirect(line, "302 Found", &format!("/{}", "x".repeat(20_000))),
        "/bad-location" => redirect(line, "302 Found", "http://[::1"),
        "/latin1-location" => write(
            line,
            b"HTTP/1.1 302 Found\r\nLocation: /caf\xe9\r\nContent-Length: 0\r\n\r\n",
        ),
        "/cookie" if asked.header("cookie") == Some("seen=yes") => page(line, "<p>Welcome</p>"),
        "/cookie" => respond(
            line,
            "302 Found",
            &["Set-Cookie: seen=yes; Path=/", "Location: /cookie"],
            b"",
        ),
        "/gone" => respond(line, "410 Gone", &[], b""),
        "/forbidden" => respond(line, "403 Forbidden", &[], b"<p>Who are you?</p>"),
        "/created" => respond(line, "204 No Content", &[], b""),
        "/part" => respond(line, "206 Partial Content", &[], b"<p>"),
        "/choices" => respond(line, "300 Multiple Choices", &[], b"<p>"),
        "/nine" => respond(line, "999 Request denied", &[], b""),
        "/once" if asked.before == 0 => respond(line, "500 Internal Server Error", &[], b""),
        "/once" => page(line, "<p>Again</p>"),
        "/busy" if asked.before == 0 => {
            respond(line, "503 Service Unavailable", &["Retry-After: 1"], b"");
        }
        "/busy" => page(line, "<p>Ready</p>"),
        "/limited" => respond(line, "429 Too Many Requests", &["Retry-After: 3600"], b""),
        "/limited-until" => {
            let until = "Retry-After: Fri, 01 Jan 2100 00:00:00 GMT";
            respond(line, "429 Too Many Requests", &[until], b"");
        }
        "/limited-somehow" => {
            respond(line, "429 Too Many Requests", &["Retry-After: soon"], b"");
        }
        "/etag" if asked.header("if-none-match") == Some("\"one\"") => {
            write(line, b"HTTP/1.1 304 Not Modified\r\nETag: \"one\"\r\n\r\n");
        }
        "/dated" if asked.header("if-modified-since").is_some() => {
            write(line, b"HTTP/1.1 304 Not Modified\r\n\r\n");
        }
        "/etag" => respond(line, "200 OK", &["ETag: \"one\""], b"<html>One"),
        "/dated" => {
            let dated = "Last-Modified: Fri, 01 May 2026 10:00:00 GMT";
            respond(line, "200 OK", &[dated], b"<html>Dated");
        }
        "/unasked" => write(line, b"HTTP/1.1 304 Not Modified\r\n\r\n"),
        "/early" => {
            write(line, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
            page(line, "<p>Late</p>");
        }
        "/headers" => {
            write(line, b"HTTP/1.1 200 OK\r\n");
            for number in 0..20_000 {
                write(line, format!("X-{number}: y\r\n").as_bytes());
            }
            write(line, b"\r\n");
        }
        "/long-header" => {
            write(line, b"HTTP/1.1 200 OK\r\nX: ");
            write(line, &vec![b'y'; 2_000_000]);
            write(line, b"\r\n\r\n");
        }
        "/not-http" => write(line, b"SSH-2.0-OpenSSH_9.6\r\n"),
        "/http-0.9" => write(line, b"<html>old</html>\r\n"),
        "/silent" => {}
        "/break" => line.break_off(),
        "/bytes" => write(
            line,
            b"HTTP/1.1 200 OK\r\nX-Name: caf\xe9\r\nX-Two: a\r\nx-TWO: b\r\nContent-Length: 0\r\n\r\n",
        ),
        _ => respond(line, "404 Not Found", &[], b""),
    }
}

const NOT_PUBLIC: &str = "is no address of the public internet";

#[test]
fn a_head_is_understood_or_refused() {
    let site = Site::new(answer);
    let home = "text/html, no charset: <p>Home</p>";
    for (path, expected) in [
        ("/", format!("[200] {home}")),
        ("/#frag", format!("[200] {home}")),
        ("/moved", format!("[301 200] {home}")),
        ("/found", format!("[302 301 200] {home}")),
        ("/permanent", format!("[308 200] {home}")),
        ("/loop", "[302 302 302 302 302] redirects: more than 4 redirects".into()),
        ("/nowhere", "[302] redirects: a redirect names no address".into()),
        ("/bad-location", "[302] redirects: a redirect leads to \"http://[::1\": invalid IPv6 address".into()),
        ("/long-location", "[302] address: an address of more than 8192 bytes is not fetched".into()),
        ("/latin1-location", "[302 404] status: the server answers 404 Not Found".into()),
        ("/file", "[302] address: \"file:///etc/passwd\" is neither http nor https".into()),
        ("/metadata", format!("[302] guard: 169.254.169.254 {NOT_PUBLIC}")),
        ("/metadata-number", format!("[302] guard: 169.254.169.254 {NOT_PUBLIC}")),
        ("/private-6", format!("[302] guard: [::1] {NOT_PUBLIC}")),
        ("/mapped", format!("[302] guard: [::ffff:a00:1] {NOT_PUBLIC}")),
        ("/password", "[302] address: \"http://me:secret@127.0.0.1/\" holds a user name or a password".into()),
        ("/cookie", "[302 200] text/html, no charset: <p>Welcome</p>".into()),
        ("/missing", "[404] status: the server answers 404 Not Found".into()),
        ("/gone", "[410] status: the server answers 410 Gone".into()),
        ("/forbidden", "[403] status: the server answers 403 Forbidden".into()),
        ("/created", "[204] status: the server answers 204 No Content".into()),
        ("/part", "[206] status: the server answers 206 Partial Content".into()),
        ("/choices", "[300] status: the server answers 300 Multiple Choices".into()),
        ("/nine", "[999 999] status: the server answers 999".into()),
        ("/once", "[500 200] text/html, no charset: <p>Again</p>".into()),
        ("/busy", "[503 200] text/html, no charset: <p>Ready</p>".into()),
        ("/limited-somehow", "[429 429] status: the server answers 429 Too Many Requests".into()),
        ("/unasked", "[304] status: the server answers 304 Not Modified, although nothing is stored that could be as it was".into()),
        ("/early", "[200] text/html, no charset: <p>Late</p>".into()),
        ("/headers", "[- -] response: message head is too large".into()),
        ("/long-header", "[- -] response: message head is too large".into()),
        ("/not-http", "[- -] response: invalid HTTP version parsed".into()),
        ("/http-0.9", "[- -] response: invalid HTTP version parsed".into()),
        ("/silent", "[- -] response: connection closed before message completed".into()),
        ("/break", "[- -] response: connection closed before message completed".into()),
    ] {
        assert_eq!(told(&fetch(hasty(), &site.url(path))), expected, "{path}");
    }
}

#[test]
fn a_host_that_asks_for_a_long_rest_is_left_for_another_time() {
    let site = Site::new(answer);
    let failure = fetch(hasty(), &site.url("/limited-until")).unwrap_err();
    assert_eq!(
        failure.retry_at.unwrap().to_string(),
        "2100-01-01T00:00:00Z"
    );
    assert!(failure.may_pass());
    assert_eq!(
        failure.reason,
        "the server answers 429 Too Many Requests and asks to be left alone until 2100-01-01T00:00:00Z"
    );
    let failure = fetch(hasty(), &site.url("/limited")).unwrap_err();
    let evidence = failure.evidence.unwrap();
    assert_eq!(evidence.exchanges.len(), 1);
    let response = evidence.response().unwrap();
    assert_eq!(response.header("retry-after"), Some("3600"));
}

#[test]
fn what_is_stored_need_not_be_sent_again() {
    let site = Site::new(answer);
    for (path, unchanged) in [("/etag", true), ("/dated", true), ("/", false)] {
        let first = fetch(hasty(), &site.url(path)).unwrap();
        let validators = Validators::of(&first.evidence);
        assert_eq!(validators.is_some(), unchanged, "{path}");
        let again = told(&fetch_again(hasty(), &site.url(path), validators));
        let expected = if unchanged {
            "[304] not modified"
        } else {
            "[200] text/html, no charset: <p>Home</p>"
        };
        assert_eq!(again, expected, "{path}");
    }
    let stale = Validators {
        etag: Some("\"two\"".to_owned()),
        last_modified: None,
    };
    assert_eq!(
        told(&fetch_again(hasty(), &site.url("/etag"), Some(stale))),
        "[200] text/html, no charset: <html>One"
    );
}

#[test]
fn every_byte_of_a_header_is_kept() {
    let site = Site::new(answer);
    let fetched = fetch(hasty(), &site.url("/bytes")).unwrap();
    let response = fetched.evidence.response().unwrap();
    let expected = [
        ("x-name", "caf\u{e9}"),
        ("x-two", "a"),
        ("x-two", "b"),
        ("content-length", "0"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(response.headers, expected);
    assert_eq!(response.http_version, "HTTP/1.1");
    let exchange = &fetched.evidence.exchanges[0];
    assert_eq!(exchange.remote, Some(site.address.to_string()));
    let sent = &exchange.request_headers;
    let agent = sent.iter().find(|(name, _)| name == "user-agent").unwrap();
    assert!(
        agent.1.ends_with("(+mailto:archive@example.org)"),
        "{agent:?}"
    );
}

#[test]
fn addresses_that_are_none_are_told() {
    for (address, expected) in [
        (
            "terms",
            "[] address: \"terms\" is no address: relative URL without a base",
        ),
        (
            "ftp://example.org/",
            "[] address: \"ftp://example.org/\" is neither http nor https",
        ),
        (
            "https://",
            "[] address: \"https://\" is no address: empty host",
        ),
        (
            "http://10.0.0.1/",
            "[] guard: 10.0.0.1 is no address of the public internet",
        ),
        (
            "http://0x7f.1/",
            "[] guard: 127.0.0.1 is no address of the public internet",
        ),
        (
            "http://[fe80::1]/",
            "[] guard: [fe80::1] is no address of the public internet",
        ),
    ] {
        let policy = Policy {
            allowed_hosts: std::collections::BTreeSet::new(),
            ..hasty()
        };
        assert_eq!(told(&fetch(policy, address)), expected, "{address}");
    }
}
