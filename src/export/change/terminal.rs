//! A change as text for a terminal: signs as wdiff writes them, and underlined or struck beside that where styles show.

use std::io::{self, Write};

use super::{Shown, claims, provisions, withheld, wording};
use crate::compare::blocks::{Block, Changed, blocks};
use crate::compare::redline::{Mark, Piece};
use crate::export::escape::visible;
use crate::model::{ClauseChangeKind, ClauseKind};

/// How far words stand from the left.
const INDENT: usize = 4;

/// What the terminal can show.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    /// How many characters fit a line.
    pub width: usize,
    /// Whether it underlines and strikes. Signs stand there either way: not every terminal strikes.
    pub styled: bool,
    /// Whether every judgement is explained.
    pub explain: bool,
}

/// Writes a change.
///
/// # Errors
/// Those of `out`.
pub fn terminal(out: &mut impl Write, shown: &Shown<'_>, terminal: Terminal) -> io::Result<()> {
    let line = &shown.line;
    writeln!(out, "{}", visible(&line.document))?;
    flow(out, &plain(&line.headline), 0, terminal)?;
    writeln!(
        out,
        "{}, {}; change {}, event {}",
        line.significance, line.status, line.id, line.seq
    )?;
    for (name, side) in [("from", &line.from), ("to  ", &line.to)] {
        writeln!(
            out,
            "{name} event {}, observed at {}",
            side.seq, side.observed_at
        )?;
    }
    for claim in claims(line) {
        flow(out, &plain(&claim), 0, terminal)?;
    }
    for sentence in provisions::sentences(line) {
        flow(out, &plain(&sentence), 0, terminal)?;
    }
    if terminal.explain {
        explain(out, shown, terminal)?;
    }
    let Some(compared) = shown.compared else {
        writeln!(out)?;
        return flow(out, &plain(&withheld(line)), 0, terminal);
    };
    for block in blocks(compared) {
        writeln!(out)?;
        match block {
            Block::Heading { reading, .. } => {
                flow(out, &plain(&format!("# {reading}")), 0, terminal)?;
            }
            Block::Unchanged { clauses } => writeln!(out, "  … {}", wording::unchanged(clauses))?,
            Block::Changed(changed) => change(out, &changed, terminal)?,
        }
    }
    writeln!(out, "\n{{+inserted+}} [-deleted-] ¶ a clause ends here")
}

fn explain(out: &mut impl Write, shown: &Shown<'_>, terminal: Terminal) -> io::Result<()> {
    let change = shown.change;
    writeln!(out, "\nWhy {}:", change.significance.word())?;
    let meaning = wording::significance(change.significance).to_owned();
    let reasons = change.reasons.iter().map(wording::reason);
    let status = wording::status(change.status).to_owned();
    for sentence in [meaning].into_iter().chain(reasons).chain([status]) {
        flow(out, &plain(&sentence), 2, terminal)?;
    }
    Ok(())
}

fn change(out: &mut impl Write, changed: &Changed<'_>, terminal: Terminal) -> io::Result<()> {
    let sign = match changed.kind {
        ClauseChangeKind::Added => '+',
        ClauseChangeKind::Removed => '-',
        ClauseChangeKind::Moved => '>',
        _ => '~',
    };
    let mut title = format!("{sign} {}", wording::became(changed));
    if matches!(changed.clause, ClauseKind::Heading { .. }) {
        title.push_str(" (a heading)");
    }
    flow(out, &plain(&title), 0, terminal)?;
    if terminal.explain {
        let rule = format!(
            "Rule “{}”: {}",
            changed.rule.word(),
            wording::rule(changed.rule)
        );
        flow(out, &plain(&rule), 2, terminal)?;
    }
    flow(out, &changed.pieces, INDENT, terminal)?;
    for (old, new) in &changed.retargeted {
        let link = [
            ("link ", Mark::Kept),
            (old, Mark::Deleted),
            (" ", Mark::Kept),
            (new, Mark::Inserted),
        ]
        .map(|(text, mark)| Piece {
            mark,
            text: text.to_owned(),
        });
        flow(out, &link, INDENT, terminal)?;
    }
    Ok(())
}

fn plain(text: &str) -> [Piece; 1] {
    [Piece {
        mark: Mark::Kept,
        text: text.to_owned(),
    }]
}

/// Writes pieces as lines that fit the terminal, so far from the left.
fn flow(
    out: &mut impl Write,
    pieces: &[Piece],
    indent: usize,
    terminal: Terminal,
) -> io::Result<()> {
    let mut lines = Lines {
        text: " ".repeat(indent),
        column: indent,
        indent,
        last: String::new(),
        last_width: 0,
        gap: false,
        terminal,
    };
    for piece in pieces {
        lines.piece(piece);
    }
    lines.close_word();
    writeln!(out, "{}", lines.text)
}

/// Lines under construction.
struct Lines {
    text: String,
    column: usize,
    indent: usize,
    /// The last word, which may go on.
    last: String,
    /// How many characters of it show.
    last_width: usize,
    /// Whether a gap follows it.
    gap: bool,
    terminal: Terminal,
}

impl Lines {
    fn piece(&mut self, piece: &Piece) {
        let (open, close, style) = match piece.mark {
            Mark::Kept => ("", "", ""),
            Mark::Inserted => ("{+", "+}", "\u{1b}[4m"),
            Mark::Deleted => ("[-", "-]", "\u{1b}[9m"),
        };
        let style = if self.terminal.styled { style } else { "" };
        // The end of a clause that came or went is seen; one that was kept is a new line.
        let text = match piece.mark {
            Mark::Kept => piece.text.clone(),
            Mark::Inserted | Mark::Deleted => piece.text.replace('\n', " ¶ "),
        };
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.is_empty() && piece.mark != Mark::Kept {
            // A gap alone came or went.
            self.word(&format!("{open} {close}"), "");
            return;
        }
        self.gap |= text.starts_with(char::is_whitespace);
        let mut behind = text.as_str();
        for (place, word) in words.iter().enumerate() {
            if let Some(at) = behind.find(word) {
                let gap = &behind[..at];
                if gap.contains('\n') {
                    self.end_line();
                }
                self.gap |= !gap.is_empty();
                behind = &behind[at + word.len()..];
            }
            let open = if place == 0 { open } else { "" };
            let close = if place + 1 == words.len() { close } else { "" };
            self.word(&format!("{open}{}{close}", visible(word)), style);
        }
        if behind.contains('\n') {
            self.end_line();
        }
        self.gap |= !behind.is_empty();
    }

    /// Adds a word behind the others, or to the last where no gap stands between them.
    fn word(&mut self, word: &str, style: &str) {
        if self.gap {
            self.close_word();
            self.gap = false;
        }
        let end = if style.is_empty() { "" } else { "\u{1b}[0m" };
        self.last.push_str(&format!("{style}{word}{end}"));
        self.last_width += word.chars().count();
    }

    /// Writes the last word, on the next line where it doesn't fit.
    fn close_word(&mut self) {
        if self.last.is_empty() {
            return;
        }
        if self.column > self.indent {
            if self.column + 1 + self.last_width > self.terminal.width {
                self.new_line();
            } else {
                self.text.push(' ');
                self.column += 1;
            }
        }
        self.text.push_str(&self.last);
        self.column += self.last_width;
        self.last.clear();
        self.last_width = 0;
    }

    fn end_line(&mut self) {
        self.close_word();
        self.new_line();
        self.gap = false;
    }

    fn new_line(&mut self) {
        self.text.push('\n');
        self.text.push_str(&" ".repeat(self.indent));
        self.column = self.indent;
    }
}
