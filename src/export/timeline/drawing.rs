//! The drawing of a timeline: an SVG whose places along the time axis are per cents, so that it fits any width while its
//! letters keep their size.

use std::collections::HashMap;
use std::fmt::Display;
use std::io::{self, Write};

use chrono::{Datelike as _, TimeZone as _, Utc};

use super::html::text;
use super::{count, look, remark};
use crate::export::shape::ProvenEntryLine;
use crate::model::Instant;

/// Where the greatest length is drawn, where length 0, and where the looks that brought no version, in pixels.
const TOP: f64 = 28.0;
const BASE: f64 = 148.0;
const LANE: f64 = 168.0;
const LABELS: u32 = 202;
/// Where the earliest entry is drawn, in per cents: the labels of the lengths stand to the left.
const LEFT: f64 = 11.0;
const HEIGHT: u32 = 210;
/// The most labels that the time axis may have to be legible on a telephone: of months, and of years.
const MAX_MONTHS: i32 = 4;
const MAX_YEARS: i32 = 7;
/// How many months may lie between two labels of the time axis.
const TICK_MONTHS: [i32; 10] = [1, 2, 3, 6, 12, 24, 60, 120, 600, 1200];

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
    let scale = Scale {
        first: first.entry.observed_at,
        last: last.entry.observed_at,
        top_bytes: top(entries
            .iter()
            .filter_map(|line| line.entry.size_bytes)
            .max()),
    };
    writeln!(
        out,
        "<svg class=\"drawing\" width=\"100%\" height=\"{HEIGHT}\" role=\"img\" aria-labelledby=\"d{number}-t d{number}-s\">\n\
         <title id=\"d{number}-t\">When the document was looked at, and how long its text was</title>\n\
         <desc id=\"d{number}-s\">{} The table of entries below says the same in words.</desc>",
        text(summary)
    )?;
    axes(out, &scale)?;
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

/// How times and lengths become places.
struct Scale {
    first: Instant,
    last: Instant,
    top_bytes: u64,
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a drawing shows three digits at most"
)]
impl Scale {
    fn per_cent(&self, at: Instant) -> f64 {
        let from_first =
            |at: Instant| (i128::from(at.micros()) - i128::from(self.first.micros())) as f64;
        let span = from_first(self.last);
        if span > 0.0 {
            LEFT + (98.0 - LEFT) * from_first(at) / span
        } else {
            50.0
        }
    }

    fn x(&self, at: Instant) -> impl Display {
        format!("{:.2}%", self.per_cent(at))
    }

    fn y(&self, size_bytes: u64) -> f64 {
        BASE - (BASE - TOP) * size_bytes as f64 / self.top_bytes as f64
    }
}

/// The least round number that is not below the greatest length.
fn top(greatest: Option<u64>) -> u64 {
    let greatest = greatest.unwrap_or(0).max(1);
    let mut unit = 1_u64;
    while unit.saturating_mul(10) < greatest {
        unit = unit.saturating_mul(10);
    }
    [1, 2, 4, 6, 8, 10]
        .into_iter()
        .map(|times| unit.saturating_mul(times))
        .find(|round| *round >= greatest)
        .unwrap_or(greatest)
}

/// A round length for the axis: `40 kB`.
fn length(size_bytes: u64) -> String {
    let in_tenths = |unit: u64, name| {
        let tenths = size_bytes * 10 / unit;
        match tenths % 10 {
            0 => format!("{} {name}", count(tenths / 10)),
            tenth => format!("{}.{tenth} {name}", count(tenths / 10)),
        }
    };
    match size_bytes {
        0..1_000 => format!("{size_bytes} B"),
        1_000..1_000_000 => in_tenths(1_000, "kB"),
        _ => in_tenths(1_000_000, "MB"),
    }
}

fn axes(out: &mut impl Write, scale: &Scale) -> io::Result<()> {
    for size_bytes in [scale.top_bytes, scale.top_bytes / 2] {
        let y = scale.y(size_bytes);
        writeln!(
            out,
            "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text x=\"0\" y=\"{:.1}\">{}</text>",
            y - 4.0,
            length(size_bytes)
        )?;
    }
    writeln!(
        out,
        "<line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"{BASE}\" y2=\"{BASE}\"/>"
    )?;
    for (at, label) in ticks(scale.first, scale.last) {
        let x = scale.x(at);
        writeln!(
            out,
            "<line class=\"grid\" x1=\"{x}\" x2=\"{x}\" y1=\"{TOP}\" y2=\"{}\"/>\
             <text class=\"tick\" x=\"{x}\" y=\"{LABELS}\">{label}</text>",
            LABELS - 14
        )?;
    }
    Ok(())
}

/// The labels of the time axis: beginnings of years or months.
fn ticks(first: Instant, last: Instant) -> Vec<(Instant, String)> {
    let month = |at: Instant| {
        let at = at.to_utc();
        at.year() * 12 + at.month0().cast_signed()
    };
    let (from, to) = (month(first) + 1, month(last));
    let step = TICK_MONTHS
        .into_iter()
        .find(|step| {
            let most = if step % 12 == 0 {
                MAX_YEARS
            } else {
                MAX_MONTHS
            };
            (to - from) / step < most
        })
        .unwrap_or(12_000);
    let ticks: Vec<(Instant, String)> = (from..=to)
        .filter(|month| month % step == 0)
        .filter_map(|month| {
            let (year, in_year) = (month.div_euclid(12), month.rem_euclid(12) + 1);
            let start = Utc
                .with_ymd_and_hms(year, in_year.cast_unsigned(), 1, 0, 0, 0)
                .single()?;
            let label = if step % 12 == 0 {
                format!("{year}")
            } else {
                format!("{year}-{in_year:02}")
            };
            Some((Instant::from_utc(start)?, label))
        })
        .collect();
    if ticks.is_empty() {
        return vec![(first, first.date())];
    }
    ticks
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
