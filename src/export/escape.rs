//! Text from outside, written so that it stays text in every form and hides nothing.

use super::hidden::{is_hidden, is_joiner};

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

/// Escapes text for HTML and for attribute values in quotes.
pub(super) fn html(text: &str) -> String {
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

/// Escapes text for XML 1.0, whose forbidden characters are shown as escapes or, where they are none at all, replaced.
pub(super) fn xml(text: &str) -> String {
    html(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// Makes text from outside plain: no markup, no link, no table cell, no HTML.
pub(super) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let dots = text.to_ascii_lowercase().contains("www.");
    for c in visible(text).chars() {
        let marks = matches!(
            c,
            '\\' | '`'
                | '*'
                | '_'
                | '{'
                | '}'
                | '['
                | ']'
                | '<'
                | '>'
                | '#'
                | '|'
                | '~'
                | '&'
                | '!'
                | '$'
                | '@'
                | ':'
        );
        // A dot after `www` is enough for a link.
        if marks || (dots && c == '.') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
