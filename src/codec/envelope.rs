//! The envelope of an event: hand-specified bytes, big-endian, that outlive the program.
//!
//! | bytes | field |
//! |---|---|
//! | 4 | magic `RCN1` |
//! | 1 | envelope version (1) |
//! | 1 | payload codec (1 = bincode 2 standard) |
//! | 2 | event type |
//! | 2 | payload schema version |
//! | 2 | flags (0) |
//! | 32 | log id: SHA-256 of the origin |
//! | 8 | seq |
//! | 16 | stream id |
//! | 8 | stream seq |
//! | 16 | event id |
//! | 8 | `recorded_at`, i64, µs since the Unix epoch |
//! | 8 | `observed_at`, i64, µs since the Unix epoch |
//! | 2 | count of blob references, each 43 bytes: role u16, algorithm u8 (1 = BLAKE3), digest 32, uncompressed length u64 |
//! | 4 | payload length |
//! | … | payload |

use crate::model::{BlobId, EventId, Instant, Sha256, StreamId};

/// The largest envelope, payload included, in bytes; what is larger is a blob.
pub const MAX_LEAF_BYTES: usize = 65_535;

const MAGIC: &[u8; 4] = b"RCN1";
/// All fields but the blob references and the payload.
const FIXED_BYTES: usize = 114;
/// Where the stream id stands.
const STREAM_OFFSET: usize = 52;
const ENVELOPE_VERSION: u8 = 1;
/// The payload codec: bincode 2, `config::standard()`.
pub const CODEC_BINCODE: u8 = 1;
const ALGORITHM_BLAKE3: u8 = 1;

/// Everything of an event but the meaning of its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// How the payload is encoded.
    pub codec: u8,
    /// The number of the event type.
    pub event_type: u16,
    /// The schema version of the payload.
    pub schema_version: u16,
    /// SHA-256 of the log's origin.
    pub log_id: Sha256,
    /// Position in the log.
    pub seq: u64,
    /// The stream.
    pub stream: StreamId,
    /// Position in the stream.
    pub stream_seq: u64,
    /// The event's name.
    pub event_id: EventId,
    /// When the log took the event.
    pub recorded_at: Instant,
    /// When the fact was observed.
    pub observed_at: Instant,
    /// The blobs that the event names.
    pub blobs: Vec<BlobReference>,
    /// The encoded fact.
    pub payload: Vec<u8>,
}

/// A blob that an event names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobReference {
    /// What the blob is to the event: 1 = the version's text, 2 = the snapshot's bytes.
    pub role: u16,
    /// The blob.
    pub blob: BlobId,
    /// The length of its content.
    pub size_bytes: u64,
}

/// Bytes are not an envelope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The bytes end before the envelope does.
    #[error("the envelope ends within its {field}")]
    Truncated {
        /// The field that is cut.
        field: &'static str,
    },
    /// Bytes follow the payload.
    #[error("{count} bytes follow the payload")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// A field holds a value that this format version doesn't allow.
    #[error("the envelope's {field} is {value}")]
    BadField {
        /// The field.
        field: &'static str,
        /// Its value.
        value: String,
    },
    /// The event is larger than an envelope may be.
    #[error("the event takes {size_bytes} bytes, more than {MAX_LEAF_BYTES}")]
    TooLarge {
        /// Its size.
        size_bytes: usize,
    },
}

impl Envelope {
    /// Writes the envelope.
    ///
    /// # Errors
    /// [`EnvelopeError::TooLarge`] over [`MAX_LEAF_BYTES`].
    pub fn encode(&self) -> Result<Vec<u8>, EnvelopeError> {
        let size_bytes = FIXED_BYTES + 43 * self.blobs.len() + self.payload.len();
        let (Ok(blob_count), Ok(payload_length), true) = (
            u16::try_from(self.blobs.len()),
            u32::try_from(self.payload.len()),
            size_bytes <= MAX_LEAF_BYTES,
        ) else {
            return Err(EnvelopeError::TooLarge { size_bytes });
        };
        let mut out = Vec::with_capacity(size_bytes);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&[ENVELOPE_VERSION, self.codec]);
        out.extend_from_slice(&self.event_type.to_be_bytes());
        out.extend_from_slice(&self.schema_version.to_be_bytes());
        out.extend_from_slice(&0_u16.to_be_bytes());
        out.extend_from_slice(&self.log_id.0);
        out.extend_from_slice(&self.seq.to_be_bytes());
        out.extend_from_slice(&self.stream.0);
        out.extend_from_slice(&self.stream_seq.to_be_bytes());
        out.extend_from_slice(&self.event_id.0);
        out.extend_from_slice(&self.recorded_at.micros().to_be_bytes());
        out.extend_from_slice(&self.observed_at.micros().to_be_bytes());
        out.extend_from_slice(&blob_count.to_be_bytes());
        for reference in &self.blobs {
            out.extend_from_slice(&reference.role.to_be_bytes());
            out.push(ALGORITHM_BLAKE3);
            out.extend_from_slice(&reference.blob.0);
            out.extend_from_slice(&reference.size_bytes.to_be_bytes());
        }
        out.extend_from_slice(&payload_length.to_be_bytes());
        out.extend_from_slice(&self.payload);
        Ok(out)
    }

    /// Reads an envelope that takes all of `leaf`.
    ///
    /// # Errors
    /// An [`EnvelopeError`] that names the first field that is wrong.
    pub fn decode(leaf: &[u8]) -> Result<Self, EnvelopeError> {
        if leaf.len() > MAX_LEAF_BYTES {
            return Err(EnvelopeError::TooLarge {
                size_bytes: leaf.len(),
            });
        }
        let mut reader = Reader(leaf);
        expect("magic", MAGIC, &reader.take::<4>("magic")?)?;
        expect(
            "version",
            &[ENVELOPE_VERSION],
            &reader.take::<1>("version")?,
        )?;
        let [codec] = reader.take("codec")?;
        let event_type = u16::from_be_bytes(reader.take("event type")?);
        let schema_version = u16::from_be_bytes(reader.take("schema version")?);
        expect("flags", &[0, 0], &reader.take::<2>("flags")?)?;
        let envelope = Self {
            codec,
            event_type,
            schema_version,
            log_id: Sha256(reader.take("log id")?),
            seq: reader.u64("seq")?,
            stream: StreamId(reader.take("stream id")?),
            stream_seq: reader.u64("stream seq")?,
            event_id: EventId(reader.take("event id")?),
            recorded_at: reader.instant("recorded_at")?,
            observed_at: reader.instant("observed_at")?,
            blobs: reader.blob_references()?,
            payload: reader.payload()?,
        };
        match reader.0.len() {
            0 => Ok(envelope),
            count => Err(EnvelopeError::TrailingBytes { count }),
        }
    }
}

/// What an event is looked up by; it stands at the same offsets in every leaf, also in those of a later program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    /// The stream.
    pub stream: StreamId,
    /// Position in the stream.
    pub stream_seq: u64,
    /// The event's name.
    pub event_id: EventId,
    /// When the log took the event.
    pub recorded_at: Instant,
}

/// Reads the address of an event and nothing else of its leaf.
///
/// # Errors
/// An [`EnvelopeError`] where the leaf ends before it does or has no instant in its place.
pub fn address(leaf: &[u8]) -> Result<Address, EnvelopeError> {
    let mut reader = Reader(leaf);
    reader.take::<STREAM_OFFSET>("head")?;
    Ok(Address {
        stream: StreamId(reader.take("stream id")?),
        stream_seq: reader.u64("stream seq")?,
        event_id: EventId(reader.take("event id")?),
        recorded_at: reader.instant("recorded_at")?,
    })
}

fn expect(field: &'static str, expected: &[u8], found: &[u8]) -> Result<(), EnvelopeError> {
    if expected == found {
        Ok(())
    } else {
        Err(EnvelopeError::BadField {
            field,
            value: crate::model::to_hex(found),
        })
    }
}

/// What is left of the bytes.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], EnvelopeError> {
        let (head, rest) = self
            .0
            .split_first_chunk()
            .ok_or(EnvelopeError::Truncated { field })?;
        self.0 = rest;
        Ok(*head)
    }

    fn u64(&mut self, field: &'static str) -> Result<u64, EnvelopeError> {
        self.take(field).map(u64::from_be_bytes)
    }

    fn instant(&mut self, field: &'static str) -> Result<Instant, EnvelopeError> {
        let micros = i64::from_be_bytes(self.take(field)?);
        Instant::from_micros(micros).ok_or_else(|| EnvelopeError::BadField {
            field,
            value: micros.to_string(),
        })
    }

    fn blob_references(&mut self) -> Result<Vec<BlobReference>, EnvelopeError> {
        let count = u16::from_be_bytes(self.take("blob count")?);
        (0..count)
            .map(|_| {
                let role = u16::from_be_bytes(self.take("blob role")?);
                expect(
                    "blob algorithm",
                    &[ALGORITHM_BLAKE3],
                    &self.take::<1>("blob algorithm")?,
                )?;
                let blob = BlobId(self.take("blob digest")?);
                Ok(BlobReference {
                    role,
                    blob,
                    size_bytes: self.u64("blob length")?,
                })
            })
            .collect()
    }

    fn payload(&mut self) -> Result<Vec<u8>, EnvelopeError> {
        let length = u32::from_be_bytes(self.take("payload length")?) as usize;
        let (payload, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(EnvelopeError::Truncated { field: "payload" })?;
        self.0 = rest;
        Ok(payload.to_vec())
    }
}
