//! The drawing of a timeline: an SVG whose places along the time axis are per cents, so that it fits any width while its
//! letters keep their size.

use std::collections::HashMap;
use std::io::{self, Write};

use super::rows::{Judgements, Row};
use super::shapes::{Shape, legend};
use super::{count, look, remark};
use crate::export::escape::html as text;
use crate::export::page::axes::{BASE, HEIGHT, Scale};
use crate::export::page::begin_drawing;
use crate::export::shape::ProvenEntryLine;
use crate::model::{Instant, Significance, Status};

/// Where the looks that brought no version are drawn, in pixels.
const LANE: f64 = BASE + 20.0;

/// Draws the entries of the document with this number on the page.
pub(super) fn draw(
    out: &mut impl Write,
    number: u64,
    summary: &str,
    entries: &[ProvenEntryLine],
    rows: &[Row],
    judgements: &Judgements,
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
    let mut shapes: Vec<Shape> = Vec::new();
    for kind in ["unchanged", "version", "failed", "retired"] {
        for row in rows {
            let shape = match *row {
                Row::One(place) if entries[place].entry.look == kind => {
                    let line = &entries[place];
                    let shape = Shape::of(line, judgements);
                    mark(out, &scale, line, shape)?;
                    shape
                }
                Row::Flicker {
                    first,
                    last,
                    versions,
                } if kind == "version" => {
                    flicker(out, &scale, &entries[first], &entries[last], versions)?;
                    Shape::Judged(Significance::Reverted, Status::Confirmed)
                }
                Row::One(_) | Row::Flicker { .. } => continue,
            };
            if !shapes.contains(&shape) {
                shapes.push(shape);
            }
        }
    }
    writeln!(out, "</svg>")?;
    legend(out, &shapes)
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

fn mark(
    out: &mut impl Write,
    scale: &Scale,
    line: &ProvenEntryLine,
    shape: Shape,
) -> io::Result<()> {
    let entry = &line.entry;
    let (x, y) = (scale.x(entry.observed_at), height(scale, line));
    let size = entry.size_bytes.map_or_else(String::new, |size_bytes| {
        format!(", {} bytes", count(size_bytes))
    });
    let judged = match shape {
        Shape::Judged(..) => format!(", {}", shape.words()),
        _ => String::new(),
    };
    let remark = match remark(line) {
        empty if empty.is_empty() => empty,
        remark => format!(", {remark}"),
    };
    let title = format!(
        "{}: {}{size}, event {}{judged}{remark}",
        entry.observed_at,
        look(line),
        entry.seq
    );
    writeln!(
        out,
        "<svg x=\"{x}\" y=\"{y:.1}\" overflow=\"visible\"><title>{}</title>{}</svg>",
        text(&title),
        shape.drawn()
    )
}

/// Where an entry is drawn: at the length of its text, or below where it brought none.
fn height(scale: &Scale, line: &ProvenEntryLine) -> f64 {
    let size_bytes = line.entry.size_bytes;
    size_bytes.map_or(LANE, |size_bytes| scale.y(size_bytes))
}

/// Draws versions that alternate as one line with their number.
fn flicker(
    out: &mut impl Write,
    scale: &Scale,
    first: &ProvenEntryLine,
    last: &ProvenEntryLine,
    versions: usize,
) -> io::Result<()> {
    let (start, end) = (first.entry.observed_at, last.entry.observed_at);
    let y = height(scale, first).min(height(scale, last));
    let shape = Shape::Judged(Significance::Reverted, Status::Confirmed);
    let title = format!(
        "{start} to {end}: {versions} versions, reverted: texts that alternate, events {} to {}",
        first.entry.seq, last.entry.seq
    );
    let (from, to) = (scale.x(start), scale.x(end));
    writeln!(
        out,
        "<g><title>{}</title><line class=\"flicker\" x1=\"{from}\" x2=\"{to}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
         <svg x=\"{from}\" y=\"{y:.1}\" overflow=\"visible\">{}<text x=\"0\" y=\"-11\">{versions} ×</text></svg></g>",
        text(&title),
        shape.drawn()
    )
}
