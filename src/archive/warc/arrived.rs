//! What a WARC record of a WARC file tells of a page, by our own metadata or by the response alone.

use serde::Deserialize;

use crate::fetch::{self, Page};
use crate::import::warc::{HttpResponse, WarcRecord, http_response};
use crate::model::{
    Content, Declaration, DocumentName, Evidence, Exchange, Instant, MediaType, PartName, Response,
    SourcePart,
};

/// What our metadata records tell of a snapshot.
#[derive(Deserialize)]
struct About {
    document: String,
    part: Option<String>,
    observed_at: String,
    sha256: String,
    media_type: String,
    declaration: Option<Vec<SourcePart>>,
    evidence: Evidence,
}

/// A page that is to become a snapshot.
pub(super) struct Arrived {
    pub(super) document: DocumentName,
    pub(super) part: Option<PartName>,
    pub(super) observed_at: Instant,
    pub(super) bytes: Vec<u8>,
    pub(super) media_type: MediaType,
    pub(super) evidence: Evidence,
}

/// A page of another program's, of a document that the caller knows.
pub(super) struct Found {
    observed_at: Instant,
    bytes: Vec<u8>,
    media_type: MediaType,
    evidence: Evidence,
}

impl Found {
    /// The page as that of a document.
    pub(super) fn of(&self, document: DocumentName, part: Option<PartName>) -> Arrived {
        Arrived {
            document,
            part,
            observed_at: self.observed_at,
            bytes: self.bytes.clone(),
            media_type: self.media_type.clone(),
            evidence: self.evidence.clone(),
        }
    }
}

impl Arrived {
    /// Reads the snapshot that one of our metadata records tells of, with its declaration; none where it tells of another
    /// fetch. It is what a browser made of the response, where one did, and else the response.
    pub(super) fn own(
        about: &[u8],
        response: Option<&[u8]>,
        shown: Option<Vec<u8>>,
    ) -> Result<Option<(Self, Option<Declaration>)>, String> {
        let is_snapshot = serde_json::from_slice::<serde_json::Value>(about)
            .is_ok_and(|about| about.get("sha256").is_some());
        if !is_snapshot {
            return Ok(None);
        }
        let about: About = serde_json::from_slice(about).map_err(|error| error.to_string())?;
        let bytes = shown.or_else(|| Some(response.and_then(http_response)?.body.to_vec()));
        let bytes = bytes.ok_or("the response that it tells of is missing")?;
        if Content::of(&bytes).sha256.to_string() != about.sha256 {
            return Err("the response is not the one that it tells of".to_owned());
        }
        let document = DocumentName::parse(&about.document).map_err(|error| error.to_string())?;
        let part = about.part.map(PartName::new).transpose();
        let observed_at = Instant::parse_rfc3339(&about.observed_at);
        let declaration = about.declaration.and_then(|parts| {
            let mut parts = parts.into_iter();
            Some(Declaration::new(parts.next()?, parts.collect()))
        });
        let arrived = Self {
            document,
            part: part.map_err(|error| error.to_string())?,
            observed_at: observed_at.ok_or("it tells of no time")?,
            bytes,
            media_type: MediaType::parse(&about.media_type).ok_or("it tells of no media type")?,
            evidence: about.evidence,
        };
        Ok(Some((arrived, declaration)))
    }

    /// Reads a response that another program recorded; none where it is no page. Whose page it is, the caller knows.
    pub(super) fn foreign(
        record: &WarcRecord,
        address: &str,
        block: Option<&[u8]>,
        software: &str,
        max_bytes: u64,
    ) -> Result<Option<Found>, String> {
        let block = block.ok_or("it is larger than is taken")?;
        let date = record.field("warc-date").and_then(Instant::parse_rfc3339);
        let observed_at = date.ok_or("it has no date")?;
        let response = http_response(block).ok_or("it is no response of HTTP")?;
        if response.status != 200 {
            return Ok(None);
        }
        let mut evidence = evidence(record, address, observed_at, &response);
        software.clone_into(&mut evidence.software);
        let sent = dechunked(&response).ok_or("its chunks are broken")?;
        let head = evidence.response();
        let header = |name| head.and_then(|head| head.header(name)).map(str::to_owned);
        let encodings = header("content-encoding").unwrap_or_default();
        let content_type = header("content-type");
        let (page, body) = fetch::read_body(sent, &encodings, content_type.as_deref(), max_bytes)
            .map_err(|failure| failure.to_string())?;
        evidence.body = Some(body);
        Ok(match page {
            Page::Body {
                bytes, media_type, ..
            } => Some(Found {
                observed_at,
                bytes,
                media_type,
                evidence,
            }),
            Page::NotModified => None,
        })
    }
}

/// The evidence that a WARC record of another program gives.
fn evidence(
    record: &WarcRecord,
    address: &str,
    at: Instant,
    response: &HttpResponse<'_>,
) -> Evidence {
    let exchange = Exchange {
        address: address.to_owned(),
        method: "GET".to_owned(),
        request_headers: Vec::new(),
        started_at: at.to_string(),
        ended_at: at.to_string(),
        remote: record.field("warc-ip-address").map(str::to_owned),
        tls: None,
        response: Some(Response {
            http_version: response.version.clone(),
            status: response.status,
            headers: response.headers.clone(),
        }),
    };
    Evidence {
        software: String::new(),
        fetcher: "warc".to_owned(),
        vantage: None,
        requested: address.to_owned(),
        ignored_robots: false,
        exchanges: vec![exchange],
        body: None,
        shown: None,
        certificates: std::collections::BTreeMap::new(),
    }
}

/// A body without its chunks (RFC 9112, section 7.1), where it was sent in chunks; none where they are broken.
fn dechunked(response: &HttpResponse<'_>) -> Option<Vec<u8>> {
    let is_chunked = |(name, value): &(String, String)| {
        name == "transfer-encoding" && value.eq_ignore_ascii_case("chunked")
    };
    let mut rest = response.body;
    if !response.headers.iter().any(is_chunked) {
        return Some(rest.to_vec());
    }
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let line = std::str::from_utf8(rest.get(..end)?).ok()?;
        let size = line.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = rest.get(end + 2..)?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size..)?.strip_prefix(b"\r\n")?;
    }
}
