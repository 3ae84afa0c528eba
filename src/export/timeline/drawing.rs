//! The drawing of a timeline: an SVG whose places along the time axis are per cents, so that it fits any width while its
//! letters keep their size.

use std::collections::HashMap;
use std::io::{self, Write};

use super::{look, remark};
use crate::export::numbers::count;
use crate::export::page::axes::{BASE, HEIGHT, Scale};
use crate::export::page::{begin_drawing, text};
use crate::export::shape::ProvenEntryLine;
use crate::model::Instant;

/// Where the looks that brought no version are drawn, in pixels.
const LANE: f64 = BASE + 20.0;

/// Draws the entries of the document with this number on the page.
pub(super) fn draw(
    out: &mut impl Write,
    number: u64,
    summary: &str,
    entries: &[ProvenEntryLine],
) -> io::Result<()> {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return Ok(());
    };
    let greatest = entries.iter().filter_map(|line| line.entry.size_bytes);
    let (first, last) = (first.entry.observed_at, last.entry.observed_at);
    let scale = Scale::new(first..=last, greatest.max().unwrap_or(0));
    begin_drawing(
        out,
        &format!("d{number}"),
        (0, HEIGHT),
        "When the document was looked at, and how long its text was",
        &format!("{summary} The table of entries below says the same in words."),
    )?;
    scale.draw(out)?;
    lengths(out, &scale, entries)?;
    // What is seldom and small is drawn last, so that nothing covers it.
    for kind in ["unchanged", "version", "failed", "retired"] {
        for line in entries.iter().filter(|line| line.entry.look == kind) {
            mark(out, &scale, line)?;
        }
    }
    writeln!(out, "</svg>")?;
    legend(out, entries)
}

/// Fills the space below the length of the text that was seen last.
fn lengths(out: &mut impl Write, scale: &Scale, entries: &[ProvenEntryLine]) -> io::Result<()> {
    let mut known: HashMap<u64, u64> = HashMap::new();
    let mut stretches: Vec<(Instant, u64)> = Vec::new();
    let mut end = scale.first;
    for line in entries {
        let entry = &line.entry;
        if let (Some(seq), Some(size_bytes)) = (entry.version_seq, entry.size_bytes) {
            known.insert(seq, size_bytes);
        }
        if let Some(&size_bytes) = entry.version_seq.and_then(|seq| known.get(&seq)) {
            if stretches
                .last()
                .is_none_or(|(_, before)| *before != size_bytes)
            {
                stretches.push((entry.observed_at, size_bytes));
            }
            end = entry.observed_at;
        }
    }
    for (position, (start, size_bytes)) in stretches.iter().enumerate() {
        let end = stretches.get(position + 1).map_or(end, |(next, _)| *next);
        let y = scale.y(*size_bytes);
        writeln!(
            out,
            "<rect class=\"length\" x=\"{}\" y=\"{y:.1}\" width=\"{:.2}%\" height=\"{:.1}\"/>",
            scale.x(*start),
            scale.per_cent(end) - scale.per_cent(*start),
            BASE - y
        )?;
    }
    Ok(())
}

fn mark(out: &mut impl Write, scale: &Scale, line: &ProvenEntryLine) -> io::Result<()> {
    let entry = &line.entry;
    let (x, y) = (
        scale.x(entry.observed_at),
        entry
            .size_bytes
            .map_or(LANE, |size_bytes| scale.y(size_bytes)),
    );
    let size = entry.size_bytes.map_or_else(String::new, |size_bytes| {
        format!(", {} bytes", count(size_bytes))
    });
    let remark = match remark(line) {
        empty if empty.is_empty() => empty,
        remark => format!(", {remark}"),
    };
    let title = format!(
        "{}: {}{size}, event {}{remark}",
        entry.observed_at,
        look(line),
        entry.seq
    );
    writeln!(
        out,
        "<svg x=\"{x}\" y=\"{y:.1}\" overflow=\"visible\"><title>{}</title>{}</svg>",
        text(&title),
        shape(entry.look)
    )
}

/// The shape for each kind of look, around its place.
fn shape(look: &str) -> &'static str {
    match look {
        "version" => r#"<circle class="version" r="4"/>"#,
        "unchanged" => r#"<path class="unchanged" d="M0-6V6"/>"#,
        "failed" => r#"<path class="failed" d="M-5-5 5 5M-5 5 5-5"/>"#,
        _ => r#"<path class="retired" d="M-5-5H5V5H-5Z"/>"#,
    }
}

/// Explains the shapes that occur.
fn legend(out: &mut impl Write, entries: &[ProvenEntryLine]) -> io::Result<()> {
    writeln!(out, "<ul class=\"legend\">")?;
    let shapes = [
        (
            "version",
            "version: a text that differs from the one before",
        ),
        ("unchanged", "unchanged: the same text again"),
        ("failed", "failed: no text was obtained"),
        ("retired", "retired: archiving ended"),
    ];
    let occur = |look: &str| entries.iter().any(|line| line.entry.look == look);
    for (look, words) in shapes.into_iter().filter(|(look, _)| occur(look)) {
        writeln!(
            out,
            "<li><svg width=\"16\" height=\"16\" viewBox=\"-8 -8 16 16\" aria-hidden=\"true\">{}</svg><span>{words}</span></li>",
            shape(look)
        )?;
    }
    writeln!(
        out,
        "<li><svg width=\"16\" height=\"16\" viewBox=\"-8 -8 16 16\" aria-hidden=\"true\">\
         <path class=\"length\" d=\"M-8-4H0V-7H8V8H-8Z\"/></svg><span>length of the text seen last</span></li>\n</ul>"
    )
}
