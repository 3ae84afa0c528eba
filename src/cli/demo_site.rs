//! The site of a platform that the demonstration fetches from: pages as real sites have them, on loopback.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

/// The declarations of the site's documents; `{site}` stands for its address.
pub(super) const DECLARATIONS: &str = include_str!("../../data/demo/site/harrowmint.toml");

const TERMS: &[u8] = include_bytes!("../../data/demo/site/terms.html");
const PRIVACY: &[u8] = include_bytes!("../../data/demo/site/privacy.html");
const COOKIES: &[u8] = include_bytes!("../../data/demo/site/cookies.html");
const CONDITIONS: &[u8] = include_bytes!("../../data/demo/site/conditions.html");
const GUIDELINES: [&[u8]; 2] = [
    include_bytes!("../../data/demo/site/guidelines-1.html"),
    include_bytes!("../../data/demo/site/guidelines-2.html"),
];

/// How long a line of a request is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
const HTML: &str = "Content-Type: text/html; charset=utf-8";
const ETAG: &str = "\"march\"";

/// Opens the site, which answers until the program ends; gives its address.
pub(super) fn open() -> io::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = format!("http://{}", listener.local_addr()?);
    let asked = Arc::new(Asked::default());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let asked = Arc::clone(&asked);
            // Whoever hangs up needs no answer.
            thread::spawn(move || drop(answer(&stream, &asked)));
        }
    });
    Ok(address)
}

/// How often the pages were asked for that change.
#[derive(Default)]
struct Asked {
    privacy: AtomicU32,
    guidelines: AtomicU32,
}

fn answer(mut stream: &TcpStream, asked: &Asked) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    let mut knows = false;
    for line in lines {
        let line = line?;
        knows |= line.ends_with(ETAG);
        if line.is_empty() {
            break;
        }
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let (status, headers, body): (&str, &[&str], &[u8]) = match path {
        "/legal/terms" => (
            "301 Moved Permanently",
            &["Location: /legal/terms-2026"],
            b"",
        ),
        "/legal/terms-2026" if knows => ("304 Not Modified", &["ETag: \"march\""], b""),
        "/legal/terms-2026" => ("200 OK", &[HTML, "ETag: \"march\""], TERMS),
        "/legal/privacy" if asked.privacy.fetch_add(1, Ordering::Relaxed) == 0 => {
            ("503 Busy", &["Retry-After: 1"], b"")
        }
        "/legal/privacy" => ("200 OK", &[HTML], PRIVACY),
        "/legal/cookies" => ("200 OK", &[HTML], COOKIES),
        "/legal/conditions" => (
            "200 OK",
            &["Content-Type: text/html; charset=windows-1252"],
            CONDITIONS,
        ),
        "/legal/guidelines" => {
            let times = asked.guidelines.fetch_add(1, Ordering::Relaxed);
            ("200 OK", &[HTML], GUIDELINES[usize::from(times > 0)])
        }
        _ => ("404 Not Found", &[], b""),
    };
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("Connection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}
