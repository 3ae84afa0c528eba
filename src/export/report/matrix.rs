//! The drawing of what platforms say of each kind: shapes tell the answers apart, never a colour alone.

use std::io::{self, Write};

use super::words;
use crate::export::escape::html as text;
use crate::export::page::begin_drawing;
use crate::export::shape::{CellLine, ComparisonLine, MatrixRowLine};
use crate::export::timeline::shapes::explained;

/// The height of a row, and of the names of the platforms above them, in pixels.
const ROW: u32 = 24;
const NAMES: u32 = 92;
/// Between which per cents the columns stand.
const FIRST: f64 = 50.0;
const LAST: f64 = 88.0;
/// How far the marks of a cell stand apart, in pixels.
const APART: usize = 13;
/// How many letters of the name of a kind and of a platform fit.
const KIND_LETTERS: usize = 28;
const PLATFORM_LETTERS: usize = 14;

const STATED: &str = r#"<circle class="stated" r="5"/>"#;
const DENIED: &str = r#"<path class="denied" d="M-4.5-4.5 4.5 4.5M-4.5 4.5 4.5-4.5"/>"#;
const EXCEPTED: &str =
    r#"<path class="denied" d="M-6-6H6V6H-6ZM-3.5-3.5 3.5 3.5M-3.5 3.5 3.5-3.5"/>"#;
const NONE: &str = r#"<path class="none" d="M-3.5 0H3.5"/>"#;
const UNREAD: &str = r#"<path class="none" stroke-dasharray="2 2" d="M-6-6H6V6H-6Z"/>"#;

/// Draws a matrix for each group of kinds, with a legend.
pub(super) fn draw(out: &mut impl Write, comparison: &ComparisonLine) -> io::Result<()> {
    writeln!(out, "<ul class=\"legend\">")?;
    for (drawn, words) in [
        (STATED, "stated"),
        (DENIED, "denied"),
        (EXCEPTED, "denied with exceptions"),
        (NONE, "none found in the documents archived as of that date"),
        (UNREAD, "no text to read"),
    ] {
        explained(out, drawn, words)?;
    }
    writeln!(out, "</ul>")?;
    for (number, rows) in groups(&comparison.rows).into_iter().enumerate() {
        group(out, number, comparison, rows)?;
    }
    Ok(())
}

/// The rows of each group.
pub(super) fn groups(rows: &[MatrixRowLine]) -> Vec<&[MatrixRowLine]> {
    rows.chunk_by(|one, next| one.group == next.group).collect()
}

fn group(
    out: &mut impl Write,
    number: usize,
    comparison: &ComparisonLine,
    rows: &[MatrixRowLine],
) -> io::Result<()> {
    let name = rows.first().map_or("", |row| row.group.as_str());
    let height = NAMES + ROW * u32::try_from(rows.len()).unwrap_or(0);
    writeln!(out, "<figure>\n<figcaption>{}</figcaption>", text(name))?;
    begin_drawing(
        out,
        &format!("matrix-{number}"),
        (0, height),
        &format!("What each platform says of {name}, kind by kind"),
        "A row for each kind and a column for each platform. The table of the same kinds below says the same in words.",
    )?;
    let columns = comparison.platforms.len();
    for (place, platform) in comparison.platforms.iter().enumerate() {
        writeln!(
            out,
            "<svg x=\"{}\" y=\"{}\" overflow=\"visible\"><title>{}</title><text class=\"name\" transform=\"rotate(-60)\">{}</text></svg>",
            x(place, columns),
            NAMES - 10,
            text(&platform.platform),
            text(&shortened(&platform.platform, PLATFORM_LETTERS))
        )?;
    }
    for (row, top) in rows.iter().zip((NAMES..).step_by(ROW as usize)) {
        writeln!(
            out,
            "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{top}\" y2=\"{top}\"/>\
             <g><title>{}</title><text class=\"name\" x=\"0\" y=\"{}\">{}</text></g>",
            text(&row.name),
            top + 16,
            text(&shortened(&row.name, KIND_LETTERS))
        )?;
        for (place, (cell, platform)) in row.cells.iter().zip(&comparison.platforms).enumerate() {
            let title = format!("{}, {}: {}", row.name, platform.platform, words::cell(cell));
            writeln!(
                out,
                "<svg x=\"{}\" y=\"{}\" overflow=\"visible\"><title>{}</title>{}</svg>",
                x(place, columns),
                top + ROW / 2,
                text(&title),
                marks(cell)
            )?;
        }
    }
    writeln!(out, "</svg>\n</figure>")
}

/// Where a column stands.
#[expect(clippy::cast_precision_loss, reason = "there are few columns")]
fn x(place: usize, columns: usize) -> String {
    let between = (LAST - FIRST) / columns.saturating_sub(1).max(1) as f64;
    format!("{:.2}%", FIRST + between * place as f64)
}

/// The marks of a cell, beside each other where it holds several answers.
fn marks(cell: &CellLine) -> String {
    let said = [
        (cell.stated, STATED),
        (cell.denied, DENIED),
        (cell.denied_with_exceptions, EXCEPTED),
    ];
    let mut marks: Vec<&str> = said
        .into_iter()
        .filter(|(clauses, _)| *clauses > 0)
        .map(|(_, mark)| mark)
        .collect();
    if marks.is_empty() {
        marks.push(if words::is_read(cell) { NONE } else { UNREAD });
    }
    let width = (marks.len() - 1) * APART;
    let mut drawn = String::new();
    for (mark, at) in marks.iter().zip((0..).step_by(APART)) {
        let at = offset(at, width);
        drawn.push_str(&format!("<g transform=\"translate({at} 0)\">{mark}</g>"));
    }
    drawn
}

/// How far from the middle of a cell a mark stands.
#[expect(clippy::cast_precision_loss, reason = "a few pixels")]
fn offset(at: usize, width: usize) -> f64 {
    at as f64 - width as f64 / 2.0
}

fn shortened(name: &str, letters: usize) -> String {
    let mut short: String = name.chars().take(letters).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    short
}
