//! Paragraphs, lists, tables and quotes in Markdown.

use std::io::{self, Write};

use crate::export::escape;

/// How wide prose is.
const COLUMNS: usize = 80;

/// Makes text from outside plain, as everywhere; but a colon before a gap or within a time needs no escape to be one.
pub(super) fn escape(text: &str) -> String {
    let escaped = escape::markdown(text);
    let mut out = String::with_capacity(escaped.len());
    for (place, part) in escaped.split("\\:").enumerate() {
        let in_time = out.ends_with(|one: char| one.is_ascii_digit())
            && part.starts_with(|one: char| one.is_ascii_digit());
        match place {
            0 => {}
            _ if in_time || part.starts_with(' ') => out.push(':'),
            _ => out.push_str("\\:"),
        }
        out.push_str(part);
    }
    out
}

/// Breaks Markdown between its words. A word that would begin a list or a heading begins no line.
fn wrapped(text: &str, first: &str, rest: &str) -> String {
    let starts_something = |word: &str| {
        let digits = word.trim_start_matches(|one: char| one.is_ascii_digit());
        let is_number = digits.len() < word.len() && matches!(digits, "." | ")");
        is_number || matches!(word, "-" | "+" | "*" | "=" | ">") || word.starts_with("---")
    };
    let mut out = first.to_owned();
    let mut width = first.chars().count();
    for (place, word) in text.split_whitespace().enumerate() {
        let length = word.chars().count();
        if place > 0 && width + 1 + length > COLUMNS && !starts_something(word) {
            out.push('\n');
            out.push_str(rest);
            width = rest.chars().count();
        } else if place > 0 {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += length;
    }
    out
}

/// Writes a paragraph.
pub(super) fn prose(out: &mut impl Write, markdown: &str) -> io::Result<()> {
    writeln!(out, "{}\n", wrapped(markdown, "", ""))
}

/// Writes an item of a list.
pub(super) fn item(out: &mut impl Write, markdown: &str) -> io::Result<()> {
    writeln!(out, "{}", wrapped(markdown, "- ", "  "))
}

/// Writes a table; each cell is Markdown already.
pub(super) fn table(
    out: &mut impl Write,
    header: &[String],
    rows: impl Iterator<Item = Vec<String>>,
) -> io::Result<()> {
    writeln!(out, "| {} |", header.join(" | "))?;
    writeln!(out, "|{}", " --- |".repeat(header.len()))?;
    for row in rows {
        writeln!(out, "| {} |", row.join(" | "))?;
    }
    writeln!(out)
}

/// The headings of columns that are our own words.
pub(super) fn header(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A quote line by line, so that no line begins anything else and each ends where it ends in the text. The gap before a
/// line is left out, as Markdown would do.
pub(super) fn quoted(quote: &str) -> String {
    let mut out = String::new();
    let mut lines = quote.split('\n').map(str::trim_start).peekable();
    while let Some(line) = lines.next() {
        out.push_str(&format!("> {}", plain_start(&escape(line))));
        match lines.peek() {
            // A paragraph ends here, and a break at its end would be a sign of its own.
            Some(next) if line.is_empty() || next.is_empty() => out.push('\n'),
            Some(_) => out.push_str("\\\n"),
            None => {}
        }
    }
    out
}

/// Escapes what would begin a list, a definition or a line under a heading.
fn plain_start(line: &str) -> String {
    let rest = line.trim_start_matches(|one: char| one.is_ascii_digit());
    let (number, rest) = line.split_at(line.len() - rest.len());
    let begins = if number.is_empty() {
        rest.starts_with(['-', '+', '=', ':'])
    } else {
        rest.starts_with(['.', ')'])
    };
    let escaped = if begins { "\\" } else { "" };
    format!("{number}{escaped}{rest}")
}
