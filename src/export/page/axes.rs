//! The axes of a drawing: times along, lengths upwards. Places along the time axis are per cents, so that a drawing fits any
//! width while its letters keep their size.

use std::fmt::Display;
use std::io::{self, Write};
use std::ops::RangeInclusive;

use chrono::{Datelike as _, TimeZone as _, Utc};

use crate::export::numbers::count;
use crate::model::Instant;

/// Where the greatest length is drawn, and where length 0, in pixels.
const TOP: f64 = 28.0;
pub(in crate::export) const BASE: f64 = 148.0;
/// Where the labels of the times stand, below what else a drawing has.
const LABELS: u32 = 202;
/// The height of a drawing.
pub(in crate::export) const HEIGHT: u32 = 210;
/// Where the earliest entry is drawn, in per cents: the labels of the lengths stand to the left.
const LEFT: f64 = 11.0;
/// The most labels that the time axis may have to be legible on a telephone: of months, and of years.
const MAX_MONTHS: i32 = 4;
const MAX_YEARS: i32 = 7;
/// How many months may lie between two labels of the time axis.
const TICK_MONTHS: [i32; 10] = [1, 2, 3, 6, 12, 24, 60, 120, 600, 1200];

/// How times and lengths become places.
pub(in crate::export) struct Scale {
    pub(in crate::export) first: Instant,
    last: Instant,
    top_bytes: u64,
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a drawing shows three digits at most"
)]
impl Scale {
    /// Draws the axes with their labels.
    pub(in crate::export) fn draw(&self, out: &mut impl Write) -> io::Result<()> {
        for size_bytes in [self.top_bytes, self.top_bytes / 2] {
            let y = self.y(size_bytes);
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
        self.draw_times(out, TOP, LABELS)
    }

    /// Draws the axis of the times alone, from `top` down to its labels, in pixels.
    pub(in crate::export) fn draw_times(
        &self,
        out: &mut impl Write,
        top: f64,
        labels: u32,
    ) -> io::Result<()> {
        for (at, label) in ticks(self.first, self.last) {
            let x = self.x(at);
            writeln!(
                out,
                "<line class=\"grid\" x1=\"{x}\" x2=\"{x}\" y1=\"{top}\" y2=\"{}\"/>\
             <text class=\"tick\" x=\"{x}\" y=\"{labels}\">{label}</text>",
                labels - 14
            )?;
        }
        Ok(())
    }

    /// A scale for these times, and for lengths up to the greatest.
    pub(in crate::export) fn new(times: RangeInclusive<Instant>, greatest_bytes: u64) -> Self {
        Self {
            first: *times.start(),
            last: *times.end(),
            top_bytes: top(greatest_bytes),
        }
    }

    pub(in crate::export) fn per_cent(&self, at: Instant) -> f64 {
        let from_first =
            |at: Instant| (i128::from(at.micros()) - i128::from(self.first.micros())) as f64;
        let span = from_first(self.last);
        if span > 0.0 {
            LEFT + (98.0 - LEFT) * from_first(at) / span
        } else {
            50.0
        }
    }

    pub(in crate::export) fn x(&self, at: Instant) -> impl Display {
        format!("{:.2}%", self.per_cent(at))
    }

    pub(in crate::export) fn y(&self, size_bytes: u64) -> f64 {
        BASE - (BASE - TOP) * size_bytes as f64 / self.top_bytes as f64
    }
}

/// The least round number that is not below the greatest length.
fn top(greatest: u64) -> u64 {
    let greatest = greatest.max(1);
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
