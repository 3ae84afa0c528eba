//! WARC 1.1 (ISO 28500:2017): fetches as other archives keep them, each record in a gzip member of its own.
//!
//! A fetch becomes, for each exchange, a `request` and a `response`, and at its end a `metadata` record with our own evidence
//! in JSON, from which nothing is left out. What a browser showed is a `conversion` of the response. A page that was as before is a `revisit`. What WARC wants to be one way is
//! written so: header names are as we have them, HTTP 2 as 1.1 with its name in `WARC-Protocol`, and the headers of an
//! encoding that was undone are named `X-Archive-Orig-Content-Encoding` and the like.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::model::{Evidence, Exchange, Instant, Sha256, to_hex};

/// Headers of a response that speak of how its body was sent, and not of the body that is kept.
const OF_TRANSFER: [&str; 3] = ["content-encoding", "transfer-encoding", "content-length"];
/// An identical payload (WARC 1.1, section 6.7.2).
const SAME_BYTES: &str = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest";
/// The server said that nothing changed (WARC 1.1, section 6.7.3).
const NOT_MODIFIED: &str = "http://netpreserve.org/warc/1.1/revisit/server-not-modified";

/// What the last response of a fetch came to.
#[derive(Debug, Clone, Copy)]
pub enum Body<'b> {
    /// These bytes.
    Bytes(&'b [u8]),
    /// The bytes of an earlier fetch.
    AsBefore,
    /// Nothing that is kept.
    None,
}

/// Writes a file of WARC records.
pub struct WarcWriter<W> {
    out: W,
}

impl<W: Write> WarcWriter<W> {
    /// Begins a file, which tells of the archive by its log's origin.
    ///
    /// # Errors
    /// Those of writing.
    pub fn begin(out: W, origin: &str, now: Instant) -> io::Result<Self> {
        let mut writer = Self { out };
        let block = format!(
            "software: recension {}\r\nformat: WARC File Format 1.1\r\n\
             conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n\
             isPartOf: {origin}\r\n",
            env!("CARGO_PKG_VERSION")
        );
        let id = id(&[origin.as_bytes(), &now.micros().to_be_bytes()]);
        let fields = [("Content-Type", "application/warc-fields".to_owned())];
        writer.record("warcinfo", &id, &now.to_string(), &fields, block.as_bytes())?;
        Ok(writer)
    }

    /// Writes a fetch that the event `seq` tells of, as its fetch number `place`; `about` is what its metadata record holds.
    ///
    /// # Errors
    /// Those of writing.
    pub fn fetch(
        &mut self,
        (seq, place): (u64, u64),
        evidence: &Evidence,
        body: Body<'_>,
        about: &[u8],
    ) -> io::Result<()> {
        let of_fetch = |what: &str, number: usize| {
            let place = [seq.to_be_bytes(), place.to_be_bytes()].concat();
            id(&[&place, what.as_bytes(), &(number as u64).to_be_bytes()])
        };
        let last = evidence.exchanges.len().saturating_sub(1);
        let mut date = String::new();
        let mut response_id = None;
        // What a browser made of a page is no response of the server's.
        let (body, shown) = match (&evidence.shown, body) {
            (Some(_), Body::Bytes(shown)) => (Body::None, Some(shown)),
            (_, body) => (body, None),
        };
        for (number, exchange) in evidence.exchanges.iter().enumerate() {
            date.clone_from(&exchange.started_at);
            let request_id = of_fetch("request", number);
            let mut fields = common(exchange);
            let id = exchange
                .response
                .as_ref()
                .map(|_| of_fetch("response", number));
            if let Some(id) = &id {
                fields.push(("WARC-Concurrent-To", format!("<urn:uuid:{id}>")));
            }
            fields.push((
                "Content-Type",
                "application/http; msgtype=request".to_owned(),
            ));
            self.record("request", &request_id, &date, &fields, &request(exchange))?;
            let Some(id) = id else {
                continue;
            };
            let body = if number == last { body } else { Body::None };
            self.response(&id, evidence, exchange, body)?;
            response_id = Some(id);
        }
        if let (Some(shown), Some(response)) = (shown, &response_id) {
            let fields = [
                ("WARC-Target-URI", evidence.final_address().to_owned()),
                ("WARC-Refers-To", format!("<urn:uuid:{response}>")),
                ("Content-Type", "text/html; charset=utf-8".to_owned()),
            ];
            let id = of_fetch("conversion", 0);
            self.record("conversion", &id, &date, &fields, shown)?;
        }
        let mut fields = vec![
            // Under the page's own address, what replays pages would show the evidence in its place.
            (
                "WARC-Target-URI",
                format!("urn:recension:evidence:{seq}:{place}"),
            ),
            ("Content-Type", "application/json".to_owned()),
        ];
        if let Some(response) = response_id {
            fields.push(("WARC-Concurrent-To", format!("<urn:uuid:{response}>")));
        }
        let id = of_fetch("metadata", 0);
        self.record("metadata", &id, &date, &fields, about)
    }

    fn response(
        &mut self,
        id: &str,
        evidence: &Evidence,
        exchange: &Exchange,
        body: Body<'_>,
    ) -> io::Result<()> {
        let mut fields = common(exchange);
        fields.push((
            "Content-Type",
            "application/http; msgtype=response".to_owned(),
        ));
        let mut block = head(exchange, body);
        let kind = match body {
            Body::Bytes(bytes) => {
                block.extend_from_slice(bytes);
                let digest = Sha256::of(&[bytes]);
                fields.push(("WARC-Payload-Digest", format!("sha256:{digest}")));
                "response"
            }
            Body::AsBefore => {
                let received = evidence.body.as_ref();
                let profile = match received {
                    Some(body) => {
                        fields.push(("WARC-Payload-Digest", format!("sha256:{}", body.sha256)));
                        SAME_BYTES
                    }
                    None => NOT_MODIFIED,
                };
                fields.push(("WARC-Profile", profile.to_owned()));
                fields.push(("WARC-Refers-To-Target-URI", exchange.address.clone()));
                "revisit"
            }
            Body::None => {
                let response = exchange.response.as_ref();
                let length = response.and_then(|response| response.header("content-length"));
                if length != Some("0") {
                    fields.push(("WARC-Truncated", "unspecified".to_owned()));
                }
                "response"
            }
        };
        self.record(kind, id, &exchange.started_at, &fields, &block)
    }

    /// Writes one record as a gzip member.
    fn record(
        &mut self,
        kind: &str,
        id: &str,
        date: &str,
        fields: &[(&str, String)],
        block: &[u8],
    ) -> io::Result<()> {
        let mut member = GzEncoder::new(&mut self.out, Compression::default());
        write!(
            member,
            "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{id}>\r\nWARC-Date: {date}\r\n"
        )?;
        for (name, value) in fields {
            write!(member, "{name}: {}\r\n", one_line(value))?;
        }
        let digest = Sha256::of(&[block]);
        let length = block.len();
        write!(
            member,
            "WARC-Block-Digest: sha256:{digest}\r\nContent-Length: {length}\r\n\r\n"
        )?;
        member.write_all(block)?;
        member.write_all(b"\r\n\r\n")?;
        member.finish()?;
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// Those of writing.
    pub fn end(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The id of a WARC record: a UUID of version 8 (RFC 9562), the same whenever the same is written.
fn id(of: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("recension 2026-11 warc record id");
    for part in of {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = to_hex(&bytes);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default());
    parts.join("-")
}

/// The fields that both sides of an exchange have.
fn common(exchange: &Exchange) -> Vec<(&'static str, String)> {
    let mut fields = vec![("WARC-Target-URI", exchange.address.clone())];
    let remote = exchange.remote.as_deref();
    // The port goes, and the brackets of an address of version 6.
    if let Some((address, _)) = remote.and_then(|remote| remote.rsplit_once(':')) {
        let address = address.trim_matches(['[', ']']);
        fields.push(("WARC-IP-Address", address.to_owned()));
    }
    if let Some(response) = &exchange.response {
        let protocol = match response.http_version.as_str() {
            "HTTP/2" => "h2".to_owned(),
            other => other.to_ascii_lowercase(),
        };
        fields.push(("WARC-Protocol", protocol));
    }
    let version = exchange.tls.as_ref().and_then(|tls| tls.version.as_deref());
    if let Some(version) = version {
        fields.push((
            "WARC-Protocol",
            version.to_ascii_lowercase().replace(' ', "/"),
        ));
    }
    fields
}

/// A request as it was sent.
fn request(exchange: &Exchange) -> Vec<u8> {
    let (_, rest) = exchange.address.split_once("://").unwrap_or_default();
    let path = rest.find(['/', '?']).and_then(|at| rest.get(at..));
    let (host, path) = match path {
        Some(path) => (rest.strip_suffix(path).unwrap_or(rest), path),
        None => (rest, "/"),
    };
    let mut block = format!("{} {path} HTTP/1.1\r\n", exchange.method).into_bytes();
    header(&mut block, "host", host);
    for (name, value) in &exchange.request_headers {
        header(&mut block, name, value);
    }
    block.extend_from_slice(b"\r\n");
    block
}

/// The head of a response, for the body that is kept of it.
fn head(exchange: &Exchange, body: Body<'_>) -> Vec<u8> {
    let Some(response) = &exchange.response else {
        return Vec::new();
    };
    let version = match response.http_version.as_str() {
        "HTTP/2" => "HTTP/1.1",
        other => other,
    };
    // The reason that servers write behind it says nothing more, and isn't kept; some readers want one.
    let status = http::StatusCode::from_u16(response.status).ok();
    let reason = status
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default();
    let mut block = format!("{version} {} {reason}\r\n", response.status).into_bytes();
    let length = match body {
        Body::Bytes(bytes) => Some(bytes.len().to_string()),
        Body::AsBefore | Body::None => None,
    };
    let is_told = response.header("content-length") == length.as_deref();
    for (name, value) in &response.headers {
        let is_other = OF_TRANSFER.contains(&name.as_str()) && length.is_some();
        if is_other && !(is_told && name == "content-length") {
            header(&mut block, &format!("x-archive-orig-{name}"), value);
        } else {
            header(&mut block, name, value);
        }
    }
    if let Some(length) = length.filter(|_| !is_told) {
        header(&mut block, "content-length", &length);
    }
    block.extend_from_slice(b"\r\n");
    block
}

/// Writes a header: each character of its value is the byte of that number.
fn header(block: &mut Vec<u8>, name: &str, value: &str) {
    block.extend_from_slice(name.as_bytes());
    block.extend_from_slice(b": ");
    block.extend(
        value
            .chars()
            .map(|one| u8::try_from(u32::from(one)).unwrap_or(b'?')),
    );
    block.extend_from_slice(b"\r\n");
}

/// A value that can't end its line.
fn one_line(value: &str) -> String {
    value.replace(['\r', '\n'], " ")
}
