//! The timeline of a dossier's documents: a lane each, with their versions by significance.

use std::collections::BTreeSet;
use std::io::{self, Write};

use crate::export::escape::html as text;
use crate::export::page::axes::Scale;
use crate::export::page::begin_drawing;
use crate::export::shape::{CoveredLine, Dossier, MarkLine};
use crate::export::timeline::shapes::{JUDGEMENT_NOTE, Shape, explained};
use crate::model::{Instant, Significance, Status};

/// The height of a lane with its name, and where in it the name and the marks stand, in pixels.
const LANE: u32 = 46;
const NAME: u32 = 14;
const MARKS: u32 = 32;
/// The height of the axis of the times.
const AXIS: u32 = 30;
/// Marks of the same shape within so many per cents are drawn once.
const APART: f64 = 0.5;

/// Draws the lanes, with a legend; nothing where no version was observed in the period.
pub(super) fn draw(out: &mut impl Write, dossier: &Dossier) -> io::Result<()> {
    let versions = dossier.documents.iter().flat_map(|line| &line.versions);
    let Some(first) = versions.map(|mark| mark.observed_at).min() else {
        return Ok(());
    };
    let scale = Scale::new(first..=dossier.as_of, 1);
    let lanes = u32::try_from(dossier.documents.len()).unwrap_or(0);
    let labels = lanes * LANE + AXIS - 8;
    writeln!(
        out,
        "<figure>\n<figcaption>The documents through time</figcaption>"
    )?;
    begin_drawing(
        out,
        "lanes",
        (0, lanes * LANE + AXIS),
        "The versions of each document in the period, by significance",
        "A lane for each document, with a mark where a version was observed. The table of versions by significance says the \
         same in numbers.",
    )?;
    scale.draw_times(out, 0.0, labels)?;
    let mut shapes = BTreeSet::new();
    for (line, top) in dossier.documents.iter().zip((0..).step_by(LANE as usize)) {
        lane(out, &scale, line, top, dossier.as_of, &mut shapes)?;
    }
    writeln!(out, "</svg>\n<ul class=\"legend\">")?;
    for (_, drawn, words) in &shapes {
        explained(out, drawn, words)?;
    }
    writeln!(
        out,
        "</ul>\n<p class=\"remark\">{JUDGEMENT_NOTE}</p>\n</figure>"
    )
}

/// A lane; adds the shapes that it has to those of the legend.
fn lane(
    out: &mut impl Write,
    scale: &Scale,
    line: &CoveredLine,
    top: u32,
    as_of: Instant,
    shapes: &mut BTreeSet<(usize, String, String)>,
) -> io::Result<()> {
    let middle = top + MARKS;
    writeln!(
        out,
        "<text class=\"name\" x=\"0\" y=\"{}\">{}</text>",
        top + NAME,
        text(&line.document.document_type)
    )?;
    if let Some(first) = line.coverage.first_observed_at {
        let (from, to) = (scale.x(first), scale.x(as_of));
        writeln!(
            out,
            "<line class=\"axis\" x1=\"{from}\" x2=\"{to}\" y1=\"{middle}\" y2=\"{middle}\"/>"
        )?;
    }
    // What matters most is drawn last, so that nothing covers it.
    let mut marks: Vec<(usize, Shape, &MarkLine)> = line.versions.iter().map(ranked).collect();
    marks.sort_by_key(|(rank, _, mark)| (std::cmp::Reverse(*rank), mark.observed_at));
    let mut drawn: Option<(usize, f64)> = None;
    for (rank, shape, mark) in marks {
        let place = scale.per_cent(mark.observed_at);
        if drawn.is_some_and(|(same, before)| same == rank && place - before < APART) {
            continue;
        }
        drawn = Some((rank, place));
        let title = format!(
            "{}: {}, event {}",
            mark.observed_at,
            shape.words(),
            mark.seq
        );
        writeln!(
            out,
            "<svg x=\"{}\" y=\"{middle}\" overflow=\"visible\"><title>{}</title>{}</svg>",
            scale.x(mark.observed_at),
            text(&title),
            shape.drawn()
        )?;
        shapes.insert((rank, shape.drawn(), shape.words()));
    }
    Ok(())
}

/// The shape of a mark, with its place among the shapes.
fn ranked(mark: &MarkLine) -> (usize, Shape, &MarkLine) {
    let mut all = Significance::ALL.into_iter().enumerate();
    let found = all.find(|(_, one)| Some(one.word()) == mark.significance);
    match found {
        Some((place, significance)) => {
            let unconfirmed = mark.status == Some(Status::Unconfirmed.word());
            let status = if unconfirmed {
                Status::Unconfirmed
            } else {
                Status::Confirmed
            };
            let rank = 1 + 2 * place + usize::from(unconfirmed);
            (rank, Shape::Judged(significance, status), mark)
        }
        None => (0, Shape::Version, mark),
    }
}
