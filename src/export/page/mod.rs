//! What every page and every drawing has: a head, a style, a description, and text that stays what it is.

pub(super) mod axes;

use std::fmt::Display;
use std::io::{self, Write};

use super::hidden::{is_hidden, is_joiner};

const PAGE_STYLE: &str = include_str!("page.css");
/// The colours, in the light and in the dark, and what drawings consist of.
pub(super) const DRAWING_STYLE: &str = include_str!("drawing.css");

/// Begins a page that needs nothing else, up to and with its heading, which is HTML.
pub(super) fn begin(out: &mut impl Write, title: &str, heading: &str) -> io::Result<()> {
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{}</title>\n<style>\n{DRAWING_STYLE}{PAGE_STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{heading}</h1>",
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

/// Escapes text for HTML and for attribute values in quotes.
pub(super) fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = line
            .strip_suffix('\n')
            .map_or((line, ""), |line| (line, "\n"));
        for c in visible(line).chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                c => out.push(c),
            }
        }
        out.push_str(end);
    }
    out
}

/// Shows what could hide or reorder text as an escape: control characters and the marks of the bidirectional algorithm.
pub(super) fn visible(text: &str) -> String {
    let hidden = |c: char| c.is_control() || (is_hidden(c) && !is_joiner(c));
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if hidden(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}
