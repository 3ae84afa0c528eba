//! Kinds of bodies: what the server says, what the bytes show, and which of the two is believed.

use crate::model::MediaType;

/// A `Content-Type` taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ContentType {
    /// The type without parameters, where it is one.
    pub(super) media_type: Option<MediaType>,
    /// The `charset`, in the form that was given.
    pub(super) charset: Option<String>,
}

/// Reads a `Content-Type` (RFC 9110, section 8.3.1).
pub(super) fn content_type(value: &str) -> ContentType {
    let mut parts = value.split(';');
    let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let charset = parts.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        let named = name.trim().eq_ignore_ascii_case("charset") && !value.is_empty();
        named.then(|| value.to_owned())
    });
    ContentType {
        media_type: MediaType::parse(&essence),
        charset,
    }
}

/// Bytes at the beginning of a file that tell its kind, in a subset of what the MIME Sniffing Standard lists.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
];

/// The kind that a body is taken for: what its first bytes show, else what the server says, else what it looks like.
pub(super) fn media_type(declared: Option<&MediaType>, bytes: &[u8]) -> Option<MediaType> {
    let shown = SIGNATURES
        .iter()
        .find(|(start, _)| bytes.starts_with(start));
    if let Some((_, shown)) = shown {
        return MediaType::parse(shown);
    }
    if let Some(declared) = declared {
        return Some(declared.clone());
    }
    let visible = bytes.trim_ascii_start();
    let start = visible.get(..visible.len().min(14)).unwrap_or_default();
    let start = start.to_ascii_lowercase();
    let is_page = [
        &b"<!doctype html"[..],
        b"<html",
        b"<head",
        b"<body",
        b"<!--",
    ]
    .iter()
    .any(|tag| start.starts_with(tag));
    let guess = match (is_page, bytes.contains(&0)) {
        (true, _) => "text/html",
        (false, false) => "text/plain",
        (false, true) => "application/octet-stream",
    };
    MediaType::parse(guess)
}
