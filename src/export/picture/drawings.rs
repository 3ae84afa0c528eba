//! The drawings of a picture: steps along the time, and bars.

use std::io::{self, Write};

use super::figures::{Figures, Platform, Row, Sum};
use crate::export::escape::html as text;
use crate::export::numbers::bytes;
use crate::export::page::axes::{BASE, HEIGHT, Scale};
use crate::export::page::begin_drawing;
use crate::model::Instant;

/// The height of a bar with its label, of the bar alone, and where it begins below the label, in pixels.
const ROW: u32 = 36;
const BAR: u32 = 12;
const BELOW: u32 = 18;
/// How many letters of a label fit beside an amount on a telephone.
const LETTERS: usize = 28;

/// A drawing: what it shows, and how it is drawn at a height.
pub(super) struct Drawing<'a> {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) height: u32,
    content: Content<'a>,
}

enum Content<'a> {
    Steps(&'a [(Instant, Sum)], fn(&Sum) -> u64),
    Bars(Vec<Row>),
}

impl<'a> Drawing<'a> {
    /// All drawings of a picture, those that have something to show.
    pub(super) fn all(figures: &'a Figures) -> Vec<Self> {
        let steps = |id, title, value| Self {
            id,
            title,
            height: HEIGHT,
            content: Content::Steps(&figures.growth, value),
        };
        let bars = |id, title, rows: Vec<Row>| Self {
            id,
            title,
            height: ROW * u32::try_from(rows.len()).unwrap_or(0),
            content: Content::Bars(rows),
        };
        let mut all = vec![
            steps("raw", "Length of the contents seen so far", |sum| {
                sum.size_bytes
            }),
            steps("stored", "What they take now in the store", |sum| {
                sum.frame_bytes
            }),
            bars(
                "platforms",
                "What the contents of the platforms with most take",
                platforms(figures),
            ),
            bars(
                "frames",
                "How many frames a read decodes",
                figures.frames.clone(),
            ),
            bars("reads", "How long a read took", figures.reads.clone()),
        ];
        all.retain(Self::shows_something);
        all
    }

    fn shows_something(&self) -> bool {
        match &self.content {
            Content::Steps(steps, _) => !steps.is_empty(),
            Content::Bars(rows) => !rows.is_empty(),
        }
    }

    /// Draws it with its top at `y`, in pixels.
    pub(super) fn draw(&self, out: &mut impl Write, y: u32) -> io::Result<()> {
        let description = self.description();
        begin_drawing(out, self.id, (y, self.height), self.title, &description)?;
        match &self.content {
            Content::Steps(steps, value) => draw_steps(out, steps, *value)?,
            Content::Bars(rows) => draw_bars(out, rows)?,
        }
        writeln!(out, "</svg>")
    }

    fn description(&self) -> String {
        match &self.content {
            Content::Steps(steps, value) => match (steps.first(), steps.last()) {
                (Some((first, before)), Some((last, after))) => format!(
                    "{} on {}, {} on {}.",
                    bytes(value(before)),
                    first.date(),
                    bytes(value(after)),
                    last.date()
                ),
                _ => String::new(),
            },
            Content::Bars(rows) => {
                let rows: Vec<String> = rows
                    .iter()
                    .map(|row| format!("{}: {}", row.label, row.said))
                    .collect();
                format!("{}.", rows.join("; "))
            }
        }
    }
}

fn platforms(figures: &Figures) -> Vec<Row> {
    let row = |(name, sum): &Platform| Row {
        label: name.clone(),
        value: sum.frame_bytes,
        said: format!("{} for {}", bytes(sum.frame_bytes), bytes(sum.size_bytes)),
    };
    figures.platforms.iter().map(row).collect()
}

fn draw_steps(
    out: &mut impl Write,
    steps: &[(Instant, Sum)],
    value: fn(&Sum) -> u64,
) -> io::Result<()> {
    let (Some((first, _)), Some((last, most))) = (steps.first(), steps.last()) else {
        return Ok(());
    };
    let scale = Scale::new(*first..=*last, value(most));
    scale.draw(out)?;
    for (position, (at, sum)) in steps.iter().enumerate() {
        let end = steps.get(position + 1).map_or(*last, |(next, _)| *next);
        let y = scale.y(value(sum));
        writeln!(
            out,
            "<rect class=\"length\" x=\"{}\" y=\"{y:.1}\" width=\"{:.2}%\" height=\"{:.1}\"/>",
            scale.x(*at),
            scale.per_cent(end) - scale.per_cent(*at),
            BASE - y
        )?;
    }
    Ok(())
}

fn draw_bars(out: &mut impl Write, rows: &[Row]) -> io::Result<()> {
    let most = rows.iter().map(|row| row.value).max().unwrap_or(0).max(1);
    for (row, top) in rows.iter().zip((0..).step_by(ROW as usize)) {
        let hundredths = u128::from(row.value) * 10_000 / u128::from(most);
        let mut label: String = row.label.chars().take(LETTERS).collect();
        if label.len() < row.label.len() {
            label.push('…');
        }
        writeln!(
            out,
            "<g><title>{}: {}</title><text x=\"0\" y=\"{1}\">{2}</text>\
             <text class=\"amount\" x=\"100%\" y=\"{1}\">{said}</text>\
             <rect class=\"bar\" x=\"0\" y=\"{3}\" width=\"{4}.{5:02}%\" height=\"{BAR}\"/></g>",
            text(&row.label),
            top + BELOW - 5,
            text(&label),
            top + BELOW,
            hundredths / 100,
            hundredths % 100,
            said = text(&row.said),
        )?;
    }
    Ok(())
}
