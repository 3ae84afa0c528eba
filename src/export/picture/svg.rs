//! The picture as one SVG that stands alone.

use std::io::{self, Write};

use super::Picture;
use super::drawings::Drawing;
use super::figures::{Figures, summary};
use crate::export::escape::html as text;
use crate::export::page::DRAWING_STYLE;

/// How wide it is, and how much space is around what is drawn and between two drawings, in pixels.
const WIDTH: u32 = 960;
const MARGIN: u32 = 24;
const BETWEEN: u32 = 56;

/// Writes the picture.
///
/// # Errors
/// Those of the output.
pub fn write(out: &mut impl Write, picture: &Picture) -> io::Result<()> {
    let figures = Figures::of(picture);
    let drawings = Drawing::all(&figures);
    let height = 2 * MARGIN + drawings.iter().map(|one| one.height + BETWEEN).sum::<u32>();
    let inner = WIDTH - 2 * MARGIN;
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         role=\"img\" aria-labelledby=\"all-t all-s\">\n<title id=\"all-t\">The store of {}</title>\n\
         <desc id=\"all-s\">{}</desc>\n<style>\n{DRAWING_STYLE}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"var(--paper)\"/>\n\
         <svg x=\"{MARGIN}\" y=\"{MARGIN}\" width=\"{inner}\" height=\"{}\" overflow=\"visible\">",
        text(&picture.origin),
        text(&summary(picture, &figures)),
        height - 2 * MARGIN,
    )?;
    let mut y = 0;
    for drawing in drawings {
        writeln!(
            out,
            "<svg class=\"drawing\" y=\"{y}\" width=\"100%\" height=\"24\"><text class=\"heading\" y=\"16\">{}</text></svg>",
            text(drawing.title)
        )?;
        drawing.draw(out, y + 28)?;
        y += drawing.height + BETWEEN;
    }
    writeln!(out, "</svg>\n</svg>")
}
