//! What every page and every drawing has: a head, a style, a description, and text that stays what it is.

pub(super) mod axes;

use std::fmt::Display;
use std::io::{self, Write};

use super::escape::html as text;

const PAGE_STYLE: &str = include_str!("page.css");
/// The colours, in the light and in the dark, and what drawings consist of.
pub(super) const DRAWING_STYLE: &str = include_str!("drawing.css");

/// What stands on every page for people.
pub(super) const STANDING_NOTE: &str = "This page describes what was archived, and when. It gives no legal advice, and it \
    comes from nobody who is affiliated with the platforms that it names.";

/// Writes what stands before the header of a page, with its own `style` beside that of all pages.
pub(super) fn begin(out: &mut impl Write, title: &str, style: &str) -> io::Result<()> {
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{}</title>\n<style>\n{DRAWING_STYLE}{PAGE_STYLE}{style}</style>\n</head>\n<body>",
        text(title)
    )
}

/// Begins a drawing as wide as what it stands in, with its top at `y` and its height in pixels; the caller ends it.
/// What it shows is said in words.
pub(super) fn begin_drawing(
    out: &mut impl Write,
    id: &str,
    (y, height): (u32, u32),
    title: &str,
    description: &str,
) -> io::Result<()> {
    let y = match y {
        0 => String::new(),
        y => format!(" y=\"{y}\""),
    };
    writeln!(
        out,
        "<svg class=\"drawing\"{y} width=\"100%\" height=\"{height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-s\">\n\
         <title id=\"{id}-t\">{}</title>\n<desc id=\"{id}-s\">{}</desc>",
        text(title),
        text(description)
    )
}

/// A value as code.
pub(super) fn code(value: impl Display) -> String {
    format!("<code>{}</code>", text(&value.to_string()))
}

/// Text from outside, kept from changing the direction of what stands around it.
pub(super) fn isolated(name: &str) -> String {
    format!("<bdi>{}</bdi>", text(name))
}

/// Writes a name and a value that is HTML already.
pub(super) fn fact(out: &mut impl Write, name: &str, html: impl Display) -> io::Result<()> {
    writeln!(out, "<dt>{name}</dt><dd>{html}</dd>")
}
