//! Fixed-size binary names: content hashes and identifiers, written in hexadecimal for people.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// A text is not the hexadecimal form of a hash or identifier of the expected size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} hexadecimal digits, found {found:?}")]
pub struct HexError {
    /// How many digits the type has.
    pub expected: usize,
    /// The text that was given.
    pub found: String,
}

/// Writes bytes as lower-case hexadecimal digits.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out
}

fn from_hex<const N: usize>(text: &str) -> Result<[u8; N], HexError> {
    let error = || HexError {
        expected: N * 2,
        found: text.to_owned(),
    };
    let digits = text.as_bytes();
    if digits.len() != N * 2 {
        return Err(error());
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |c: u8| {
            char::from(c)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
        };
        let (Some(high), Some(low)) = (digit(pair[0]), digit(pair[1])) else {
            return Err(error());
        };
        *byte = high << 4 | low;
    }
    Ok(out)
}

macro_rules! binary_name {
    ($(#[$doc:meta])* $name:ident, $size:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $size]);

        impl $name {
            /// How many bytes it has.
            pub const SIZE: usize = $size;

            /// Its bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $size] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&to_hex(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl FromStr for $name {
            type Err = HexError;

            fn from_str(text: &str) -> Result<Self, HexError> {
                from_hex(text).map(Self)
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = std::array::TryFromSliceError;

            fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
                bytes.try_into().map(Self)
            }
        }
    };
}

binary_name!(
    /// The SHA-256 of some bytes: of a blob's content, of a leaf or of a node of the log's tree.
    Sha256,
    32
);
binary_name!(
    /// The name of a blob: the BLAKE3 of its uncompressed content.
    BlobId,
    32
);
binary_name!(
    /// The name of a stream of events: a document's, or the archive's own.
    StreamId,
    16
);
binary_name!(
    /// The name of an event, derived from what it records and never from the attempt.
    EventId,
    16
);
binary_name!(
    /// The name of a clause, the same through all versions of its document that have it.
    ClauseId,
    16
);
binary_name!(
    /// The id of a git commit (SHA-1).
    CommitId,
    20
);

impl Sha256 {
    /// Hashes the concatenation of `parts`.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        use sha2::Digest as _;
        let mut hasher = sha2::Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }
}

impl BlobId {
    /// Names `content`.
    #[must_use]
    pub fn of(content: &[u8]) -> Self {
        Self(*blake3::hash(content).as_bytes())
    }
}

/// How many digits of a blob's name are enough: as many as a timeline prints.
const LEAST_DIGITS: usize = 12;

/// The names of blobs that begin with these hexadecimal digits, of which there are 12 to 64 in either case: from the
/// first to the last possible. None if the text is no beginning of a name.
#[must_use]
pub fn blobs_named(digits: &str) -> Option<RangeInclusive<BlobId>> {
    let all = 2 * BlobId::SIZE;
    if !(LEAST_DIGITS..=all).contains(&digits.len()) {
        return None;
    }
    let filled = |digit: &str| format!("{digits}{}", digit.repeat(all - digits.len())).parse();
    Some(filled("0").ok()?..=filled("f").ok()?)
}
