//! Events to bytes and back: the envelope, the payload within it, and the rule by which stored bytes are believed.
//!
//! The bytes of a leaf are hashed and proven before they come here; [`decode`] then insists that they are the only
//! form of what they say: the envelope takes all bytes, the payload is canonical, and every value is one that can be.

#[macro_use]
mod twin;

mod cache;
mod capture;
mod change;
mod envelope;
mod payload;
mod provision;

pub use cache::{from_cache, to_cache};
pub use envelope::{Address, EnvelopeError, MAX_LEAF_BYTES, address};
pub use payload::PayloadError;

use crate::model::{Event, Fact, Sha256};
use envelope::{CODEC_BINCODE, Envelope};

/// An event can't be written or bytes can't be read as one.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The envelope is wrong.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The payload is wrong.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// The event belongs to another log.
    #[error("the event belongs to the log {found}, not to {expected}")]
    ForeignLog {
        /// SHA-256 of this log's origin.
        expected: Sha256,
        /// The log id in the envelope.
        found: Sha256,
    },
}

/// Writes an event as the leaf of the log with the id `log_id`.
///
/// # Errors
/// A [`CodecError`] where the event is too large or its fact unknown.
pub fn encode(log_id: Sha256, event: &Event) -> Result<Vec<u8>, CodecError> {
    let encoded = payload::encode(&event.fact)?;
    let envelope = Envelope {
        codec: CODEC_BINCODE,
        event_type: encoded.event_type,
        schema_version: encoded.schema_version,
        log_id,
        seq: event.seq,
        stream: event.stream,
        stream_seq: event.stream_seq,
        event_id: event.event_id,
        recorded_at: event.recorded_at,
        observed_at: event.observed_at,
        blobs: encoded.blobs,
        payload: encoded.payload,
    };
    Ok(envelope.encode()?)
}

/// Reads a leaf of the log with the id `log_id`.
///
/// A type or schema version of a later program, or another payload codec, gives [`Fact::Unknown`].
///
/// # Errors
/// A [`CodecError`] that says what is wrong with the bytes.
pub fn decode(log_id: Sha256, leaf: &[u8]) -> Result<Event, CodecError> {
    let envelope = Envelope::decode(leaf)?;
    if envelope.log_id != log_id {
        return Err(CodecError::ForeignLog {
            expected: log_id,
            found: envelope.log_id,
        });
    }
    let (event_type, schema_version) = (envelope.event_type, envelope.schema_version);
    let fact = if envelope.codec == CODEC_BINCODE {
        let fact = payload::decode(
            event_type,
            schema_version,
            &envelope.payload,
            &envelope.blobs,
        )?;
        check_blobs(&fact, envelope.blobs.len())?;
        fact
    } else {
        Fact::Unknown {
            event_type,
            schema_version,
        }
    };
    Ok(Event {
        seq: envelope.seq,
        event_id: envelope.event_id,
        stream: envelope.stream,
        stream_seq: envelope.stream_seq,
        recorded_at: envelope.recorded_at,
        observed_at: envelope.observed_at,
        fact,
    })
}

/// The envelope names the blobs that the fact speaks of and no others; of an unknown fact, nothing is known.
fn check_blobs(fact: &Fact, count: usize) -> Result<(), PayloadError> {
    if matches!(fact, Fact::Unknown { .. }) {
        return Ok(());
    }
    let expected = fact.contents().count();
    if count == expected {
        Ok(())
    } else {
        Err(PayloadError::OtherBlobs { count, expected })
    }
}
