//! The evidence of a fetch: what was asked, what came back on the way, and how it was told that it came from there.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Sha256;

/// A header as it was sent or received: its name in lower case, and its value with each byte as the character of that
/// number (ISO 8859-1), so that no byte is lost.
pub type Header = (String, String);

/// One request and what came back for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The address that was asked for.
    pub address: String,
    /// The method of the request.
    pub method: String,
    /// The headers that were sent, in their order.
    pub request_headers: Vec<Header>,
    /// When it began, by our clock: RFC 3339 with µs.
    pub started_at: String,
    /// When the last byte that was taken had come, or when it failed.
    pub ended_at: String,
    /// The address and the port of the peer, once there was one.
    pub remote: Option<String>,
    /// What secured the connection, where something did.
    pub tls: Option<Tls>,
    /// What came back, where something did.
    pub response: Option<Response>,
}

/// The head of a response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// `HTTP/1.0`, `HTTP/1.1` or `HTTP/2`.
    pub http_version: String,
    /// The status code.
    pub status: u16,
    /// The headers that were received, in their order; those of one name stand together.
    pub headers: Vec<Header>,
}

impl Response {
    /// The value of the first header of that name, given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|(one, _)| one == name);
        named.next().map(|(_, value)| value.as_str())
    }
}

/// How a connection was secured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tls {
    /// `TLS 1.2` or `TLS 1.3`; none where the handshake failed before it was agreed on.
    pub version: Option<String>,
    /// The SHA-256 of each certificate that the peer sent, its own first, in hexadecimal.
    pub certificates: Vec<String>,
}

/// What was received as the body of the last response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyReceived {
    /// How many bytes came, before encodings were undone.
    pub received_bytes: u64,
    /// The content encodings that were undone, in the order in which they were.
    pub decoded: Vec<String>,
    /// SHA-256 of the body with the encodings undone, in hexadecimal.
    pub sha256: String,
    /// Length of the body with the encodings undone.
    pub size_bytes: u64,
    /// The media type that the server gave.
    pub declared_type: Option<String>,
    /// The character encoding that the server gave.
    pub charset: Option<String>,
    /// The media type that the bytes are taken for.
    pub media_type: String,
}

/// How a browser showed a page. What it showed is the snapshot: the elements of the page as they stood then, in UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The browser, with its version.
    pub browser: String,
    /// Why it was a browser that fetched.
    pub reason: String,
    /// The BLAKE3 of the body as the server sent it, in hexadecimal, where the browser still had it.
    pub received: Option<String>,
    /// The BLAKE3 of a picture of the whole page (PNG), where one was taken.
    pub screenshot: Option<String>,
    /// The BLAKE3 of the page as printed (PDF), where it was.
    pub pdf: Option<String>,
    /// How many connections the page made.
    pub connections: u64,
    /// The connections of the page that were refused, each with why; at most 100.
    pub refused: Vec<String>,
}

/// What a fetch leaves behind beside the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The program that fetched, with its version.
    pub software: String,
    /// What fetched the page: `http` is the plain fetcher, `browser` one that ran its scripts.
    pub fetcher: String,
    /// The place that fetched, as its operator names it.
    pub vantage: Option<String>,
    /// The address that was declared.
    pub requested: String,
    /// Whether robots.txt was passed over on demand.
    pub ignored_robots: bool,
    /// Every exchange in order: redirects, and attempts that were repeated.
    pub exchanges: Vec<Exchange>,
    /// The body of the last response, where it was taken.
    pub body: Option<BodyReceived>,
    /// How a browser showed the page, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
    /// Every certificate that an exchange names, in DER as base64, by its SHA-256.
    pub certificates: BTreeMap<String, String>,
}

impl Evidence {
    /// The last response, where there was one.
    #[must_use]
    pub fn response(&self) -> Option<&Response> {
        let last = self.exchanges.last();
        last.and_then(|exchange| exchange.response.as_ref())
    }

    /// The address of the last exchange, or the one that was asked for.
    #[must_use]
    pub fn final_address(&self) -> &str {
        let last = self.exchanges.last();
        last.map_or(&self.requested, |exchange| &exchange.address)
    }

    /// The character encoding of the snapshot, as far as it is told.
    #[must_use]
    pub fn charset(&self) -> Option<&str> {
        if self.shown.is_some() {
            return Some("utf-8");
        }
        self.body.as_ref()?.charset.as_deref()
    }

    /// Keeps a certificate and gives its name.
    pub fn add_certificate(&mut self, der: &[u8], base64: impl FnOnce(&[u8]) -> String) -> String {
        let name = Sha256::of(&[der]).to_string();
        self.certificates
            .entry(name.clone())
            .or_insert_with(|| base64(der));
        name
    }

    /// The same without the certificates themselves, which an earlier evidence holds.
    #[must_use]
    pub fn without_certificates(mut self) -> Self {
        self.certificates.clear();
        self
    }
}

/// How far a look at a document came before it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The address is none that is fetched.
    Address,
    /// The site asks robots not to fetch it, or can't be asked.
    Robots,
    /// The address lies in a network that is nobody's public one.
    Guard,
    /// The name has no address.
    Dns,
    /// There was no connection.
    Connect,
    /// The connection could not be secured, or its peer not be trusted.
    Tls,
    /// No proper response came.
    Response,
    /// The redirects led nowhere.
    Redirects,
    /// The status code says that there is no document, or not now.
    Status,
    /// The body broke off.
    Body,
    /// There is more than is taken.
    TooLarge,
    /// It took longer than is waited.
    TooSlow,
    /// The body is not in the encoding that it is said to be in.
    Encoding,
    /// What came is of a kind that can't be read.
    MediaType,
    /// The declaration keeps nothing of what came.
    Selection,
    /// What came is a page about something else: an error, a wall, a shell.
    Quality,
    /// The browser that was to show the page failed.
    Browser,
}

impl Stage {
    /// All of them, in the order in which a fetch meets them.
    pub const ALL: [Self; 17] = [
        Self::Address,
        Self::Robots,
        Self::Guard,
        Self::Dns,
        Self::Connect,
        Self::Tls,
        Self::Response,
        Self::Redirects,
        Self::Status,
        Self::Body,
        Self::TooLarge,
        Self::TooSlow,
        Self::Encoding,
        Self::MediaType,
        Self::Selection,
        Self::Quality,
        Self::Browser,
    ];

    /// The word for it in answers and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Robots => "robots",
            Self::Guard => "guard",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Response => "response",
            Self::Redirects => "redirects",
            Self::Status => "status",
            Self::Body => "body",
            Self::TooLarge => "too large",
            Self::TooSlow => "too slow",
            Self::Encoding => "encoding",
            Self::MediaType => "media type",
            Self::Selection => "selection",
            Self::Quality => "quality",
            Self::Browser => "browser",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
