//! WARC files (ISO 28500:2017), read record by record, compressed by record, as a whole, or not at all.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

/// The longest line of a WARC record's head, and of a head in HTTP.
const MAX_LINE_BYTES: u64 = 64 << 10;
/// The most lines of a WARC record's head.
const MAX_FIELDS: usize = 256;

/// A WARC record of a WARC file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarcRecord {
    /// The fields of its head in their order, names in lower case.
    pub fields: Vec<(String, String)>,
    /// Its block; none where it is longer than is read.
    pub block: Option<Vec<u8>>,
}

impl WarcRecord {
    /// The value of the first field of that name, given in lower case.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut named = self.fields.iter().filter(|(one, _)| one == name);
        named.next().map(|(_, value)| value.as_str())
    }
}

/// A WARC file that is being read.
pub struct WarcReader {
    input: Box<dyn BufRead>,
    max_block_bytes: u64,
}

impl WarcReader {
    /// Opens a file. Blocks that are longer than `max_block_bytes` are passed over.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn open(path: &Path, max_block_bytes: u64) -> io::Result<Self> {
        let mut file = BufReader::new(File::open(path)?);
        let input: Box<dyn BufRead> = if file.fill_buf()?.starts_with(b"\x1f\x8b") {
            Box::new(BufReader::new(MultiGzDecoder::new(file)))
        } else {
            Box::new(file)
        };
        Ok(Self {
            input,
            max_block_bytes,
        })
    }

    /// Reads the next record; none at the end of the file.
    ///
    /// # Errors
    /// The file can't be read, breaks off, or is no WARC file.
    pub fn next_record(&mut self) -> io::Result<Option<WarcRecord>> {
        let mut version = self.line()?;
        while version.as_deref() == Some("") {
            version = self.line()?;
        }
        let Some(version) = version else {
            return Ok(None);
        };
        if !version.starts_with("WARC/") {
            return Err(wrong(format!(
                "{version:?} stands where a WARC record should begin"
            )));
        }
        let mut fields = Vec::new();
        loop {
            let line = self
                .line()?
                .ok_or_else(|| wrong("it breaks off in a WARC record"))?;
            if line.is_empty() {
                break;
            }
            if fields.len() == MAX_FIELDS {
                return Err(wrong("a WARC record has too many fields"));
            }
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| wrong(format!("{line:?} is no field of a WARC record")))?;
            fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut record = WarcRecord {
            fields,
            block: None,
        };
        let length = record.field("content-length");
        let length: u64 = length
            .and_then(|length| length.parse().ok())
            .ok_or_else(|| wrong("a WARC record has no length"))?;
        record.block = self.block(length)?;
        Ok(Some(record))
    }

    fn block(&mut self, length: u64) -> io::Result<Option<Vec<u8>>> {
        if length > self.max_block_bytes {
            let passed = io::copy(&mut (&mut self.input).take(length), &mut io::sink())?;
            return if passed == length {
                Ok(None)
            } else {
                Err(wrong("it breaks off in a WARC record"))
            };
        }
        let mut block = Vec::new();
        (&mut self.input).take(length).read_to_end(&mut block)?;
        if block.len() as u64 == length {
            Ok(Some(block))
        } else {
            Err(wrong("it breaks off in a WARC record"))
        }
    }

    /// Reads a line without its end; none at the end of the file.
    fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let read = (&mut self.input)
            .take(MAX_LINE_BYTES)
            .read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(None);
        }
        if read as u64 == MAX_LINE_BYTES {
            return Err(wrong("a line of a WARC record's head has no end"));
        }
        let line = String::from_utf8_lossy(&line);
        Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

fn wrong(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}

/// A response of HTTP as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse<'b> {
    /// `HTTP/1.1` and the like.
    pub version: String,
    /// The status code.
    pub status: u16,
    /// Headers in their order, names in lower case; each byte of a value is the character of that number.
    pub headers: Vec<(String, String)>,
    /// What follows the head.
    pub body: &'b [u8],
}

/// Takes the block of a `response` record apart; none where it is no response of HTTP.
#[must_use]
pub fn http_response(block: &[u8]) -> Option<HttpResponse<'_>> {
    let end = block.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = (block.get(..end)?, block.get(end + 4..)?);
    let text: String = head.iter().map(|byte| char::from(*byte)).collect();
    let mut lines = text.split("\r\n");
    let mut status = lines.next()?.split(' ');
    let version = status.next()?.to_owned();
    let status = status.next()?.parse().ok()?;
    let headers = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    version.starts_with("HTTP/").then(|| HttpResponse {
        version,
        status,
        headers: headers.collect(),
        body,
    })
}
