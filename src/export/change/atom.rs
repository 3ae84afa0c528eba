//! Changes as an Atom feed (RFC 4287).

use std::io::{self, Write};

use super::{FeedHead, LeftOut, claims, html};
use crate::export::escape::{html as text, xml};
use crate::export::shape::ChangeLine;
use crate::model::{Sha256, to_hex};

pub(super) fn begin(out: &mut impl Write, head: &FeedHead<'_>) -> io::Result<()> {
    // A feed is the same as long as it lists the same of the same log.
    let hash = Sha256::of(&[
        b"changes\0",
        head.origin.as_bytes(),
        b"\0",
        head.title.as_bytes(),
    ]);
    let mut id = [0; 16];
    id.copy_from_slice(&hash.as_bytes()[..16]);
    writeln!(
        out,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n\
         <id>{}</id>\n<title>{}</title>\n<updated>{}</updated>\n<author><name>{}</name></author>\n\
         <generator>Recension</generator>",
        uuid(id),
        xml(head.title),
        head.updated,
        xml(head.origin)
    )
}

pub(super) fn entry(out: &mut impl Write, line: &ChangeLine, page: Option<&str>) -> io::Result<()> {
    writeln!(
        out,
        "<entry>\n<id>{}</id>\n<title>{}</title>\n<published>{}</published>\n<updated>{}</updated>\n\
         <category term=\"{}\"/>\n<category term=\"{}\"/>",
        uuid(*line.id.as_bytes()),
        xml(&format!("{}: {}", line.document, line.headline)),
        line.observed_at,
        line.recorded_at,
        line.significance,
        line.status
    )?;
    if let Some(page) = page {
        writeln!(
            out,
            "<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>",
            xml(page)
        )?;
    }
    let mut content = format!(
        "<p>{}, {}: event {}, version of event {} against that of event {}.</p>\n",
        line.significance, line.status, line.seq, line.to.seq, line.from.seq
    );
    for claim in claims(line) {
        content.push_str(&format!("<p>{}</p>\n", text(&claim)));
    }
    if let Some(summary) = &line.summary {
        content.push_str(&html::excerpts(summary));
    }
    writeln!(
        out,
        "<content type=\"html\">{}</content>\n</entry>",
        xml(&content)
    )
}

/// The counts of what is left out stand last, where they are known: the order of a feed's elements means nothing.
pub(super) fn end(out: &mut impl Write, left_out: &[LeftOut<'_>]) -> io::Result<()> {
    if !left_out.is_empty() {
        let sentences: Vec<String> = left_out.iter().map(ToString::to_string).collect();
        writeln!(out, "<subtitle>{}</subtitle>", xml(&sentences.join(" ")))?;
    }
    writeln!(out, "</feed>")
}

/// The bytes of a name as a UUID of version 8, whose bits are free but for the version and the variant (RFC 9562,
/// section 5.8).
fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = to_hex(&bytes);
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}
