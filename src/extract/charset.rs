//! The characters of a page: which encoding its bytes are in, and what they say in it.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// How much of a page is searched for what it says of its encoding, as the HTML standard has it (13.2.3.2).
const PRESCAN_BYTES: usize = 1024;

/// Decodes a page: by its byte order mark, else by what the server said, else by what the page says of itself; else it
/// is UTF-8 where it can be, and Windows-1252.
pub(super) fn decode<'b>(bytes: &'b [u8], declared: Option<&str>) -> Cow<'b, str> {
    let encoding = declared
        .and_then(|label| Encoding::for_label(label.trim().as_bytes()))
        .or_else(|| of_page(bytes))
        .unwrap_or_else(|| match std::str::from_utf8(bytes) {
            Ok(_) => UTF_8,
            Err(_) => WINDOWS_1252,
        });
    // It looks for a byte order mark first.
    encoding.decode(bytes).0
}

/// The encoding that a `meta` element names at the beginning of a page.
fn of_page(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..PRESCAN_BYTES).unwrap_or(bytes);
    let head = head.to_ascii_lowercase();
    let at = head
        .windows(b"charset".len())
        .position(|window| window == b"charset")?;
    let rest = head.get(at + b"charset".len()..)?.trim_ascii_start();
    let value = rest.strip_prefix(b"=")?.trim_ascii_start();
    let value = value
        .strip_prefix(b"\"")
        .or_else(|| value.strip_prefix(b"'"))
        .unwrap_or(value);
    let is_end = |byte: &u8| b"\"' ;/>\t\r\n".contains(byte);
    let label = value.split(is_end).next()?;
    let encoding = Encoding::for_label(label)?;
    // These bytes were just read as ASCII, so that the page can't be in what it says.
    let is_ascii = encoding != encoding_rs::UTF_16LE && encoding != encoding_rs::UTF_16BE;
    Some(if is_ascii { encoding } else { UTF_8 })
}
