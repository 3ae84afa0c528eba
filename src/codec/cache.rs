//! What can be made again, as bytes: no format that lasts, and never in the log.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// No more is read or taken up than this.
const CONFIG: Configuration<LittleEndian, Varint, Limit<{ 1 << 28 }>> =
    bincode::config::standard().with_limit::<{ 1 << 28 }>();

/// Writes a value; none where it is too large.
#[must_use]
pub fn to_cache(value: &impl Serialize) -> Option<Vec<u8>> {
    bincode::serde::encode_to_vec(value, CONFIG).ok()
}

/// Reads a value back; none where the bytes are not all of one.
#[must_use]
pub fn from_cache<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (value, used) = bincode::serde::decode_from_slice(bytes, CONFIG).ok()?;
    (used == bytes.len()).then_some(value)
}
