//! Content encodings undone, with a limit on what comes out: a small body can be made to decode to any length.

use std::io::{self, Read};

use super::Failure;
use crate::model::Stage;

/// How many encodings may lie on one another.
const MAX_ENCODINGS: usize = 3;

/// Undoes the encodings that `Content-Encoding` lists, the last one first. Gives the bytes and what was undone.
pub(super) fn decode(
    mut bytes: Vec<u8>,
    listed: &str,
    limit: u64,
) -> Result<(Vec<u8>, Vec<String>), Failure> {
    let encodings: Vec<String> = listed
        .split(',')
        .map(|one| one.trim().to_ascii_lowercase())
        .filter(|one| !one.is_empty() && one != "identity")
        .collect();
    if encodings.len() > MAX_ENCODINGS {
        let count = encodings.len();
        let reason =
            format!("the body is encoded {count} times over, and {MAX_ENCODINGS} are undone");
        return Err(Failure::new(Stage::Encoding, reason));
    }
    let mut undone = Vec::new();
    for encoding in encodings.into_iter().rev() {
        bytes = undo(&bytes, &encoding, limit)?;
        undone.push(encoding);
    }
    Ok((bytes, undone))
}

fn undo(bytes: &[u8], encoding: &str, limit: u64) -> Result<Vec<u8>, Failure> {
    let wrong = |error: io::Error| {
        let reason = format!("the body is said to be {encoding}, and can't be decoded: {error}");
        Failure::new(Stage::Encoding, reason)
    };
    let reader: Box<dyn Read + '_> = match encoding {
        "gzip" | "x-gzip" => Box::new(flate2::read::MultiGzDecoder::new(bytes)),
        // What is called deflate is a zlib stream (RFC 9110); some servers send it without its frame.
        "deflate" if is_zlib(bytes) => Box::new(flate2::read::ZlibDecoder::new(bytes)),
        "deflate" => Box::new(flate2::read::DeflateDecoder::new(bytes)),
        "br" => Box::new(brotli_decompressor::Decompressor::new(bytes, 1 << 14)),
        "zstd" => Box::new(zstd_reader(bytes).map_err(wrong)?),
        _ => {
            let reason = format!("the body is encoded as {encoding:?}, which was not asked for");
            return Err(Failure::new(Stage::Encoding, reason));
        }
    };
    let mut decoded = Vec::new();
    reader
        .take(limit.saturating_add(1))
        .read_to_end(&mut decoded)
        .map_err(wrong)?;
    if decoded.len() as u64 > limit {
        let reason = format!("the body decodes to more than {limit} bytes");
        return Err(Failure::new(Stage::TooLarge, reason));
    }
    Ok(decoded)
}

/// The window that a decoder of pages must have at most (RFC 9659): 8 MiB.
const ZSTD_WINDOW_LOG: u32 = 23;

fn zstd_reader(bytes: &[u8]) -> io::Result<impl Read + '_> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(bytes)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
    Ok(decoder)
}

/// Whether the bytes begin as a zlib stream does (RFC 1950, section 2.2).
fn is_zlib(bytes: &[u8]) -> bool {
    match bytes {
        [cmf, flg, ..] => cmf & 0x0f == 8 && (u16::from(*cmf) << 8 | u16::from(*flg)) % 31 == 0,
        _ => false,
    }
}
