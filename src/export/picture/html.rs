//! The picture as one HTML page that needs nothing else, with a table beside each drawing.

use std::io::{self, Write};

use super::Picture;
use super::drawings::Drawing;
use super::figures::{Figures, Row, Sum, frames_sentence, reads_sentence, summary};
use crate::export::escape::html as text;
use crate::export::numbers::{bytes, count, counted};
use crate::export::page::{self, isolated};

/// Writes the picture.
///
/// # Errors
/// Those of the output.
pub fn write(out: &mut impl Write, picture: &Picture) -> io::Result<()> {
    let figures = Figures::of(picture);
    let drawings = Drawing::all(&figures);
    let title = format!("The store of {}", picture.origin);
    page::begin(out, &title, "")?;
    writeln!(
        out,
        "<header>\n<h1>The store of {}</h1>\n<p class=\"lead\">As of its checkpoint of {}.</p>\n<p>{}</p>\n</header>\n<main>",
        isolated(&picture.origin),
        counted(picture.events, "event"),
        text(&summary(picture, &figures))
    )?;
    sizes(out, &figures, &drawings)?;
    readings(out, picture, &figures, &drawings)?;
    writeln!(out, "</section>\n</main>\n</body>\n</html>")
}

/// What contents take, by time and by platform.
fn sizes(out: &mut impl Write, figures: &Figures, drawings: &[Drawing<'_>]) -> io::Result<()> {
    let sentence = "Contents by the time at which each was first seen, repeated ones once.";
    section(out, "growth", "Growth", sentence)?;
    draw(out, drawings, &["raw", "stored"])?;
    let years = figures.years.iter();
    let years = years.map(|(year, sum)| (year.to_string(), sum));
    let caption = "What had been seen by the end of each year";
    sums(out, caption, "Year", years)?;
    let sentence = "Contents by the platform that each was first seen at.";
    section(out, "by-platform", "Platforms", sentence)?;
    draw(out, drawings, &["platforms"])?;
    let platforms = figures.platforms.iter().chain(&figures.others);
    let platforms = platforms.map(|(name, sum)| (isolated(name), sum));
    let caption = "What the contents of each platform take, the largest first";
    sums(out, caption, "Platform", platforms)
}

/// What it is to read them.
fn readings(
    out: &mut impl Write,
    picture: &Picture,
    figures: &Figures,
    drawings: &[Drawing<'_>],
) -> io::Result<()> {
    section(out, "ways", "Ways", &frames_sentence(picture))?;
    draw(out, drawings, &["frames"])?;
    let caption = "Contents by the number of frames that a read decodes";
    rows(out, caption, ["Frames", "Contents"], &figures.frames)?;
    if picture.reads.is_empty() {
        return Ok(());
    }
    section(out, "reading", "Reading", &reads_sentence(picture))?;
    draw(out, drawings, &["reads"])?;
    let caption = "Reads by how long they took";
    rows(out, caption, ["Time", "Reads"], &figures.reads)
}

/// Ends the section before, but for the first, and begins one.
fn section(out: &mut impl Write, id: &str, heading: &str, sentence: &str) -> io::Result<()> {
    if id != "growth" {
        writeln!(out, "</section>")?;
    }
    writeln!(
        out,
        "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{heading}</h2>\n<p>{}</p>",
        text(sentence)
    )
}

/// Draws those of the drawings that there are.
fn draw(out: &mut impl Write, drawings: &[Drawing<'_>], ids: &[&str]) -> io::Result<()> {
    let mut drawn = drawings.iter().filter(|one| ids.contains(&one.id));
    drawn.try_for_each(|one| figure(out, one))
}

fn figure(out: &mut impl Write, drawing: &Drawing<'_>) -> io::Result<()> {
    writeln!(
        out,
        "<figure>\n<figcaption>{}</figcaption>",
        text(drawing.title)
    )?;
    drawing.draw(out, 0)?;
    writeln!(out, "</figure>")
}

/// A table of sums; what they are of is HTML already.
fn sums<'a>(
    out: &mut impl Write,
    caption: &str,
    of: &str,
    sums: impl Iterator<Item = (String, &'a Sum)>,
) -> io::Result<()> {
    writeln!(
        out,
        "<table>\n<caption>{caption}</caption>\n<thead><tr><th scope=\"col\">{of}</th><th scope=\"col\" class=\"number\">Contents</th>\
         <th scope=\"col\" class=\"number\">Length</th><th scope=\"col\" class=\"number\">Stored</th>\
         <th scope=\"col\" class=\"number\">Times smaller</th></tr></thead>\n<tbody>"
    )?;
    for (name, sum) in sums {
        writeln!(
            out,
            "<tr><th scope=\"row\">{name}</th><td class=\"number\">{}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td><td class=\"number\">{}</td></tr>",
            count(sum.contents),
            bytes(sum.size_bytes),
            bytes(sum.frame_bytes),
            sum.times()
        )?;
    }
    writeln!(out, "</tbody>\n</table>")
}

fn rows(
    out: &mut impl Write,
    caption: &str,
    [what, amount]: [&str; 2],
    rows: &[Row],
) -> io::Result<()> {
    writeln!(
        out,
        "<table>\n<caption>{caption}</caption>\n<thead><tr><th scope=\"col\">{what}</th>\
         <th scope=\"col\" class=\"number\">{amount}</th></tr></thead>\n<tbody>"
    )?;
    for row in rows {
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td></tr>",
            text(&row.label),
            text(&row.said)
        )?;
    }
    writeln!(out, "</tbody>\n</table>")
}
