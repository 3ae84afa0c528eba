//! Timelines as one HTML page that needs nothing else: no scripts, no fonts, no addresses.

use std::io::{self, Write};

use super::rows::{Judgements, Row, judgement, rows};
use super::worked::steps;
use super::{Example, LIMIT_NOTE, count, counted, drawing, look, remark, summary, withheld_remark};
use crate::export::escape::html as text;
use crate::export::page::{self, STANDING_NOTE, code, fact, isolated};
use crate::export::shape::{
    CheckpointLine, OriginLine, ProofLine, ProvenDocumentLine, ProvenEntryLine,
};
use crate::model::Status;

pub(in crate::export) const STYLE: &str = include_str!("timeline.css");
/// How many digits of a hash a table shows; the evidence has them all.
const SHORT_DIGITS: usize = 12;

pub(super) fn begin(
    out: &mut impl Write,
    checkpoint: &CheckpointLine,
    names: &[String],
) -> io::Result<()> {
    let title = format!("Timeline of {}", names.join(", "));
    page::begin(out, &title, STYLE)?;
    writeln!(
        out,
        "<header>\n<h1>{}</h1>",
        match names {
            [name] => format!("Timeline of {}", isolated(name)),
            _ => format!("Timelines of {}", counted(names.len() as u64, "document")),
        }
    )?;
    writeln!(
        out,
        "<p class=\"lead\">From the log <code>{}</code> as of its checkpoint of {}.</p>\n\
         <p class=\"note\">{STANDING_NOTE}</p>",
        text(&checkpoint.origin),
        counted(checkpoint.size, "event")
    )?;
    writeln!(out, "<nav aria-label=\"Contents\">\n<ul>")?;
    for (number, name) in names.iter().enumerate() {
        writeln!(
            out,
            "<li><a href=\"#d{number}\">{}</a></li>",
            isolated(name)
        )?;
    }
    writeln!(
        out,
        "<li><a href=\"#check\">How to check this page</a></li>\n</ul>\n</nav>\n</header>\n<main>"
    )
}

pub(super) fn document(
    out: &mut impl Write,
    number: u64,
    document: &ProvenDocumentLine,
    entries: &[ProvenEntryLine],
    judgements: &Judgements,
) -> io::Result<()> {
    let name = isolated(&document.document.document);
    let summary = summary(document, entries);
    writeln!(
        out,
        "<section aria-labelledby=\"d{number}\">\n<h2 id=\"d{number}\">{name}</h2>\n<p>{}</p>\n<figure>",
        text(&summary)
    )?;
    let rows = rows(entries, judgements);
    drawing::draw(out, number, &summary, entries, &rows, judgements)?;
    writeln!(out, "</figure>")?;
    table(out, number, &name, entries, &rows, judgements)?;
    writeln!(
        out,
        "<h3>Evidence for {name}</h3>\n<details>\n<summary>Declaration, event {}</summary>\n<dl>",
        document.document.declared_seq
    )?;
    fact(out, "Stream", code(document.stream))?;
    proof(out, &document.proof)?;
    writeln!(out, "</dl>\n</details>")?;
    for (position, line) in entries.iter().enumerate() {
        evidence(out, number, position, line)?;
    }
    writeln!(out, "</section>")
}

fn table(
    out: &mut impl Write,
    number: u64,
    name: &str,
    entries: &[ProvenEntryLine],
    rows: &[Row],
    judgements: &Judgements,
) -> io::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<table>\n<caption>Entries of the timeline of {name}, the earliest first; times in UTC</caption>\n\
         <thead><tr><th scope=\"col\">Observed at</th><th scope=\"col\">Look</th>\
         <th scope=\"col\" class=\"number\">Bytes</th><th scope=\"col\" class=\"wide\">SHA-256</th>\
         <th scope=\"col\" class=\"number\">Event</th></tr></thead>\n<tbody>"
    )?;
    for row in rows {
        match *row {
            Row::One(position) => {
                let line = &entries[position];
                let look = format!("<span class=\"look\">{}</span>", look(line));
                let judged = judgement(line, judgements);
                let judged =
                    judged.map_or_else(String::new, |(significance, status)| match status {
                        Status::Confirmed => format!(", {}", significance.word()),
                        Status::Unconfirmed => {
                            format!(", {} ({})", significance.word(), status.word())
                        }
                    });
                self::row(out, number, position, line, &(look + &judged))?;
            }
            Row::Flicker {
                first,
                last,
                versions,
            } => {
                let words = format!(
                    "<span class=\"look\">{}</span>, reverted: texts that alternate until {}",
                    counted(versions as u64, "version"),
                    entries[last].entry.observed_at
                );
                self::row(out, number, first, &entries[first], &words)?;
            }
        }
    }
    writeln!(out, "</tbody>\n</table>")
}

fn row(
    out: &mut impl Write,
    number: u64,
    position: usize,
    line: &ProvenEntryLine,
    look: &str,
) -> io::Result<()> {
    let entry = &line.entry;
    let remark = match remark(line) {
        empty if empty.is_empty() => empty,
        remark => format!(" <span class=\"remark\">{}</span>", isolated(&remark)),
    };
    let short = entry.sha256.map_or_else(String::new, |hash| {
        format!("<code>{}…</code>", &hash.to_string()[..SHORT_DIGITS])
    });
    writeln!(
        out,
        "<tr class=\"{0}\"><td><time datetime=\"{1}\">{2}</time></td><td>{look}{remark}</td>\
         <td class=\"number\">{3}</td><td class=\"wide\">{short}</td>\
         <td class=\"number\"><a href=\"#d{number}-e{position}\">{4}</a></td></tr>",
        entry.look,
        entry.observed_at,
        entry
            .observed_at
            .to_utc()
            .format("%Y-%m-%d <small>%H:%M:%S</small>"),
        entry.size_bytes.map_or_else(String::new, count),
        entry.seq,
    )
}

fn evidence(
    out: &mut impl Write,
    number: u64,
    position: usize,
    line: &ProvenEntryLine,
) -> io::Result<()> {
    let entry = &line.entry;
    // The id stands inside, so that a link to it opens the evidence.
    writeln!(
        out,
        "<details>\n<summary>{} of {}, event {}</summary>\n<dl id=\"d{number}-e{position}\">",
        look(line),
        entry.observed_at,
        entry.seq
    )?;
    fact(out, "Recorded at", entry.recorded_at)?;
    if let Some(version_seq) = entry.version_seq.filter(|seq| *seq != entry.seq) {
        fact(out, "Text seen", format!("that of event {version_seq}"))?;
    }
    if let Some(hash) = entry.sha256 {
        fact(out, "SHA-256 of the text", code(hash))?;
    }
    if let Some(blob) = entry.blob {
        fact(out, "BLAKE3 of the text", code(blob))?;
    }
    if let Some(size_bytes) = entry.size_bytes {
        fact(
            out,
            "Length of the text",
            format!("{} bytes", count(size_bytes)),
        )?;
    }
    if let Some(withheld) = &entry.withheld {
        let withheld = withheld_remark(withheld);
        fact(out, "Withheld", isolated(&withheld))?;
    }
    if let Some(reason) = &entry.reason {
        fact(out, "Reason", isolated(reason))?;
    }
    if let Some(OriginLine::Imported {
        commit,
        committed_at,
        commit_kind,
        snapshot,
        ..
    }) = &entry.origin
    {
        let from = format!("commit {} of {committed_at} ({commit_kind})", code(commit));
        fact(out, "Comes from", from)?;
        if let Some(snapshot) = snapshot {
            let of = isolated(&snapshot.repository);
            fact(
                out,
                "Snapshot",
                format!("commit {} {of}", code(snapshot.commit)),
            )?;
        }
    }
    proof(out, &line.proof)?;
    if let Some(withheld) = &line.withheld_proof {
        fact(out, "Proof of the withholding", "")?;
        proof(out, withheld)?;
    }
    writeln!(out, "</dl>\n</details>")
}

/// Writes the facts of a proof.
pub(in crate::export) fn proof(out: &mut impl Write, proof: &ProofLine) -> io::Result<()> {
    fact(out, "Leaf hash", code(proof.leaf_hash))?;
    let siblings: Vec<String> = proof.inclusion_proof.iter().map(code).collect();
    fact(
        out,
        "Inclusion proof, from the leaf upwards",
        siblings.join("<br>"),
    )?;
    fact(out, "The event’s bytes in base64", code(&proof.leaf))
}

pub(super) fn end(
    out: &mut impl Write,
    checkpoint: &CheckpointLine,
    example: Option<&Example>,
    entries: u64,
) -> io::Result<()> {
    writeln!(
        out,
        "<section aria-labelledby=\"check\">\n<h2 id=\"check\">How to check this page</h2>\n\
         <p>{LIMIT_NOTE} Everything below works with tools that have nothing to do with the archive.</p>"
    )?;
    signed(out, checkpoint)?;
    if let Some(example) = example {
        worked(out, checkpoint, example)?;
    }
    writeln!(
        out,
        "<h3>3. The text is the one that was archived</h3>\n<p><code>sha256sum</code> on the text must print the entry’s \
         SHA-256; <code>recension show DOCUMENT --as-of DATE --format raw</code> prints the text. The hash stands in the \
         event’s bytes too, so that the proof covers it.</p>\n</section>\n</main>\n\
         <footer><p>{}. {STANDING_NOTE}</p></footer>\n</body>\n</html>",
        match entries {
            1 => "1 entry on this page".to_owned(),
            _ => format!("{} entries on this page", count(entries)),
        }
    )
}

/// Says how a reader checks the signature of a checkpoint, and that an event is in its tree.
pub(in crate::export) fn signed(
    out: &mut impl Write,
    checkpoint: &CheckpointLine,
) -> io::Result<()> {
    writeln!(
        out,
        "<h3>1. The checkpoint is signed</h3>\n<p>The checkpoint names the log, how many events it has, and the root of \
         the tree over them. Save it as a file, <code>note</code>:</p>\n<pre>{}</pre>",
        text(&checkpoint.note)
    )?;
    writeln!(
        out,
        "<p>It is signed with Ed25519 by the key <code>{}</code>. Compare the key with a copy that you have from \
         elsewhere. Save it in the form that <code>openssl</code> reads as <code>key.pem</code>:</p>\n<pre>{}</pre>",
        text(&checkpoint.verifier),
        text(&checkpoint.public_key_pem)
    )?;
    writeln!(
        out,
        "<p>What is signed is the note up to the blank line; the last 64 bytes of the signature’s base64 sign it:</p>\n\
         <pre>sed '/^$/,$d' note &gt; text\nawk 'END {{ print $NF }}' note | base64 -d | tail -c 64 &gt; signature\n\
         openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in text -sigfile signature</pre>\n\
         <h3>2. The event is in the log</h3>\n<p>The leaf hash is SHA-256(<code>00</code> ‖ the event’s bytes). Each hash of \
         the inclusion proof is joined to it, on the left or on the right, and SHA-256(<code>01</code> ‖ left ‖ right) \
         goes one step up (RFC 9162, section 2.1.3.2). The last hash must be the root in the checkpoint.</p>"
    )
}

fn worked(out: &mut impl Write, checkpoint: &CheckpointLine, example: &Example) -> io::Result<()> {
    let proof = &example.proof;
    let steps = steps(
        example.seq,
        checkpoint.size,
        proof.leaf_hash,
        &proof.inclusion_proof,
    );
    let reached = steps.last().map_or(proof.leaf_hash, |step| step.node);
    writeln!(
        out,
        "<h4>Worked through: {}, {}</h4>\n<p>Event {}, from its leaf hash {} upwards:</p>\n<ol class=\"steps\">",
        isolated(&example.document),
        text(&example.entry),
        example.seq,
        code(proof.leaf_hash)
    )?;
    for step in &steps {
        let side = if step.sibling_is_left {
            "left"
        } else {
            "right"
        };
        writeln!(
            out,
            "<li>with {} on the {side}: {}</li>",
            code(step.sibling),
            code(step.node)
        )?;
    }
    let verdict = if reached == checkpoint.root {
        "which is the root in the checkpoint"
    } else {
        "which is NOT the root in the checkpoint"
    };
    writeln!(
        out,
        "</ol>\n<p>The last is {}, {verdict}. In base64, as the checkpoint writes it, that is its third line.</p>",
        code(reached)
    )
}
