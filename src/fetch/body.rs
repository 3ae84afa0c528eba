//! Bodies of responses, wherever they come from: encodings undone, and what they are taken for.

use super::{Failure, Page, decode, media};
use crate::model::{BodyReceived, Sha256, Stage};

/// Takes a body as it was sent, by the values of its headers `Content-Encoding` and `Content-Type`. Nothing that is larger
/// than `limit` comes of it.
///
/// # Errors
/// A [`Failure`] at the stages `encoding`, `too large` and `media type`.
pub fn read_body(
    bytes: Vec<u8>,
    encodings: &str,
    content_type: Option<&str>,
    limit: u64,
) -> Result<(Page, BodyReceived), Failure> {
    let received_bytes = bytes.len() as u64;
    let (bytes, decoded) = decode::decode(bytes, encodings, limit)?;
    let given = content_type.map(media::content_type).unwrap_or_default();
    let Some(media_type) = media::media_type(given.media_type.as_ref(), &bytes) else {
        let reason = "the media type of the body can't be told";
        return Err(Failure::new(Stage::MediaType, reason));
    };
    let received = BodyReceived {
        received_bytes,
        decoded,
        sha256: Sha256::of(&[&bytes]).to_string(),
        size_bytes: bytes.len() as u64,
        declared_type: content_type.map(str::to_owned),
        charset: given.charset.clone(),
        media_type: media_type.to_string(),
    };
    let page = Page::Body {
        bytes,
        media_type,
        charset: given.charset,
    };
    Ok((page, received))
}
