//! Signed notes (C2SP signed-note): a text, a blank line, and who signed it with Ed25519.

use std::fmt;
use std::str::FromStr;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use ed25519_dalek::{PUBLIC_KEY_LENGTH, Signer as _};

use crate::model::Sha256;

/// The most bytes that a note may have to be read.
pub const MAX_NOTE_BYTES: usize = 64 * 1024;
/// The most signatures that a note may have to be read.
pub const MAX_SIGNATURES: usize = 100;

/// The signature type byte of Ed25519.
const ED25519: u8 = 0x01;
/// What stands before an Ed25519 public key in its DER form: the SPKI header of RFC 8410.
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];

/// Something isn't a usable key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The name is empty or has a space, a plus sign or a control character.
    #[error("{name:?} can't name a key: it is empty or has a space, a plus or a control character")]
    Name {
        /// The name that was given.
        name: String,
    },
    /// The text isn't of the form `<name>+<key id>+<base64>`.
    #[error("{text:?} isn't a verifier key of the form <name>+<key id>+<base64>")]
    Form {
        /// The text that was given.
        text: String,
    },
    /// The key isn't an Ed25519 one that could have signed anything.
    #[error("the key of {name} isn't an Ed25519 public key")]
    PublicKey {
        /// The key's name.
        name: String,
    },
    /// The key id isn't the one that follows from the name and key.
    #[error("the key of {name} has the id {expected:08x}, not {found:?}")]
    Id {
        /// The key's name.
        name: String,
        /// The id that follows from the name and key.
        expected: u32,
        /// The id that was given.
        found: String,
    },
}

/// Something isn't a note, or not one that a key signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The note is too long.
    #[error("a note of {found} bytes is beyond the most allowed, {MAX_NOTE_BYTES}")]
    Size {
        /// How many bytes it has.
        found: usize,
    },
    /// The note isn't UTF-8.
    #[error("the note isn't UTF-8")]
    Utf8(#[from] std::str::Utf8Error),
    /// The note has a control character other than newline.
    #[error("the note has the control character {found:#04x} at byte {at}")]
    Control {
        /// The character.
        found: u8,
        /// Its offset in bytes from the beginning.
        at: usize,
    },
    /// The text doesn't end in a newline.
    #[error("the text of a note must end in a newline")]
    Unended,
    /// There is no blank line with signature lines after it.
    #[error("the note has no blank line with whole signature lines after it")]
    Unsigned,
    /// There are too many signatures.
    #[error("the note has more than {MAX_SIGNATURES} signatures")]
    Signatures,
    /// A line isn't a signature line.
    #[error("{line:?} isn't a signature line")]
    Line {
        /// The line, without its newline.
        line: String,
    },
    /// There is no signature by the key.
    #[error("the note isn't signed by {name}+{id:08x}")]
    Stranger {
        /// The key's name.
        name: String,
        /// The key's id.
        id: u32,
    },
    /// There is a signature that claims to be by the key and isn't.
    #[error("the note's signature by {name}+{id:08x} is wrong")]
    Forged {
        /// The key's name.
        name: String,
        /// The key's id.
        id: u32,
    },
}

fn check_name(name: &str) -> Result<(), KeyError> {
    let unfit = |c: char| c.is_whitespace() || c == '+' || c < ' ';
    if name.is_empty() || name.contains(unfit) {
        return Err(KeyError::Name {
            name: name.to_owned(),
        });
    }
    Ok(())
}

fn check_size(found: usize) -> Result<(), NoteError> {
    (found <= MAX_NOTE_BYTES)
        .then_some(())
        .ok_or(NoteError::Size { found })
}

/// Checks that `text` has no ASCII control character but newline, as C2SP signed-note demands.
fn check_characters(text: &str) -> Result<(), NoteError> {
    match text
        .bytes()
        .enumerate()
        .find(|&(_, byte)| byte < b' ' && byte != b'\n')
    {
        None => Ok(()),
        Some((at, found)) => Err(NoteError::Control { found, at }),
    }
}

/// An Ed25519 public key with the name of whom it belongs to.
///
/// Its text form is the vkey `<name>+<key id, 8 hex digits>+<base64 of 0x01 ‖ public key>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: u32,
    key: ed25519_dalek::VerifyingKey,
}

impl VerifierKey {
    fn new(name: &str, key: ed25519_dalek::VerifyingKey) -> Result<Self, KeyError> {
        check_name(name)?;
        let hash = Sha256::of(&[name.as_bytes(), b"\n", &[ED25519], key.as_bytes()]);
        let [a, b, c, d, ..] = hash.0;
        Ok(Self {
            name: name.to_owned(),
            id: u32::from_be_bytes([a, b, c, d]),
            key,
        })
    }

    /// Whom the key belongs to.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key id: the first four bytes, big-endian, of SHA-256(name ‖ newline ‖ 0x01 ‖ key).
    #[must_use]
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// The key in the PEM form of RFC 8410 (SPKI), as `openssl pkeyutl -pubin -inkey` reads it.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let der = [&SPKI_PREFIX[..], self.key.as_bytes()].concat();
        let base64 = BASE64_STANDARD.encode(der);
        format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----\n")
    }

    /// Tells whether `signature` is this key's of `message`; RFC 8032, refusing weak keys too.
    fn verifies(&self, message: &str, signature: &[u8]) -> bool {
        ed25519_dalek::Signature::from_slice(signature)
            .and_then(|signature| self.key.verify_strict(message.as_bytes(), &signature))
            .is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = BASE64_STANDARD.encode([&[ED25519], &self.key.as_bytes()[..]].concat());
        write!(f, "{}+{:08x}+{key}", self.name, self.id)
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let form = || KeyError::Form {
            text: text.to_owned(),
        };
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(form());
        };
        let bytes = BASE64_STANDARD.decode(key).map_err(|_| form())?;
        let key = bytes
            .strip_prefix(&[ED25519])
            .and_then(|key| <&[u8; PUBLIC_KEY_LENGTH]>::try_from(key).ok())
            .and_then(|key| ed25519_dalek::VerifyingKey::from_bytes(key).ok())
            .filter(|key| !key.is_weak())
            .ok_or_else(|| KeyError::PublicKey {
                name: name.to_owned(),
            })?;
        let key = Self::new(name, key)?;
        if id == format!("{:08x}", key.id) {
            Ok(key)
        } else {
            Err(KeyError::Id {
                name: key.name,
                expected: key.id,
                found: id.to_owned(),
            })
        }
    }
}

/// An Ed25519 private key with the name of whom it belongs to.
#[derive(Clone)]
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
    verifier: VerifierKey,
}

impl SigningKey {
    /// Takes the key that `seed` stands for (the private key of RFC 8032), which must be random.
    ///
    /// # Errors
    /// [`KeyError::Name`] if `name` can't name a key.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let verifier = VerifierKey::new(name, key.verifying_key())?;
        Ok(Self { key, verifier })
    }

    /// The public key to verify its signatures with.
    #[must_use]
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs a text, which must end in a newline.
    ///
    /// # Errors
    /// [`NoteError`] if `text` can't be a note's: too long, without a newline at its end, or with
    /// other control characters.
    pub fn sign(&self, text: &str) -> Result<Note, NoteError> {
        check_characters(text)?;
        text.ends_with('\n')
            .then_some(())
            .ok_or(NoteError::Unended)?;
        let signature = Signature {
            name: self.verifier.name.clone(),
            key_id: self.verifier.id,
            bytes: self.key.sign(text.as_bytes()).to_bytes().to_vec(),
        };
        let note = Note {
            text: text.to_owned(),
            signatures: vec![signature],
        };
        check_size(note.to_string().len())?;
        Ok(note)
    }
}

impl fmt::Debug for SigningKey {
    /// Shows the public key only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.verifier)
    }
}

/// A signature under a note, by a key of whatever kind; not verified by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    name: String,
    key_id: u32,
    bytes: Vec<u8>,
}

impl Signature {
    /// Whom the key is said to belong to.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the key.
    #[must_use]
    pub const fn key_id(&self) -> u32 {
        self.key_id
    }

    /// The signature proper, without the key id: 64 bytes from an Ed25519 key, at least one.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn parse(line: &str) -> Option<Self> {
        let (name, base64) = line.strip_prefix("— ")?.split_once(' ')?;
        check_name(name).ok()?;
        let decoded = BASE64_STANDARD.decode(base64).ok()?;
        let (id, bytes) = decoded.split_first_chunk()?;
        (!bytes.is_empty()).then(|| Self {
            name: name.to_owned(),
            key_id: u32::from_be_bytes(*id),
            bytes: bytes.to_vec(),
        })
    }

    fn is_by(&self, key: &VerifierKey) -> bool {
        self.name == key.name && self.key_id == key.id
    }
}

impl fmt::Display for Signature {
    /// The signature line, without its newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.key_id.to_be_bytes(), &self.bytes[..]].concat();
        write!(f, "— {} {}", self.name, BASE64_STANDARD.encode(bytes))
    }
}

/// A text with signatures; what it says is to be believed only as [`Self::verify`] gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

impl Note {
    /// Reads a note; verifies none of its signatures.
    ///
    /// # Errors
    /// [`NoteError`] if `bytes` aren't a well-formed note of at most [`MAX_NOTE_BYTES`] with 1 to
    /// [`MAX_SIGNATURES`] signatures.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        check_size(bytes.len())?;
        let note = str::from_utf8(bytes)?;
        check_characters(note)?;
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Unsigned)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Unsigned)?;
        if lines.split('\n').count() > MAX_SIGNATURES {
            return Err(NoteError::Signatures);
        }
        let signatures = lines.split('\n').map(|line| {
            Signature::parse(line).ok_or_else(|| NoteError::Line {
                line: line.to_owned(),
            })
        });
        Ok(Self {
            text: format!("{text}\n"),
            signatures: signatures.collect::<Result<_, _>>()?,
        })
    }

    /// Verifies that the key signed the note; gives the text, which is to be believed now.
    ///
    /// Signatures by other keys are ignored, even by those that share its name or its id.
    ///
    /// # Errors
    /// [`NoteError::Stranger`] if the key has no signature, [`NoteError::Forged`] if it has a
    /// wrong one.
    pub fn verify(&self, key: &VerifierKey) -> Result<&str, NoteError> {
        let (name, id) = (key.name.clone(), key.id);
        let mut signatures = self
            .signatures
            .iter()
            .filter(|one| one.is_by(key))
            .peekable();
        if signatures.peek().is_none() {
            Err(NoteError::Stranger { name, id })
        } else if signatures.all(|one| key.verifies(&self.text, &one.bytes)) {
            Ok(&self.text)
        } else {
            Err(NoteError::Forged { name, id })
        }
    }

    /// The text, up to and with the newline before the blank line, whose bytes are what is signed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, in order; none is verified.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }
}

impl fmt::Display for Note {
    /// The note as it is published.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|signature| writeln!(f, "{signature}"))
    }
}
