//! Blocks to Markdown.

use super::blocks::Block;

/// How many cells a table may have for each that the page has.
const MOSTLY_EMPTY: usize = 8;
/// How many cells any table may have.
const SMALL: usize = 10_000;

/// Writes blocks as Markdown, with one line feed at the end; nothing for no blocks.
pub(super) fn markdown(blocks: &[Block]) -> String {
    let mut text = joined(blocks);
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn joined(blocks: &[Block]) -> String {
    let written: Vec<String> = blocks.iter().map(block).collect();
    written.join("\n\n")
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading { level, text } => format!("{} {}", "#".repeat(*level), one_line(text)),
        Block::Paragraph(text) => {
            let lines: Vec<String> = text.split('\n').map(line).collect();
            lines.join("\n")
        }
        Block::List { first, items } => list(*first, items),
        Block::Quote(blocks) => indented(&joined(blocks), "> ", "> "),
        Block::Table { header, rows } => table(header, rows),
        Block::Rule => "---".to_owned(),
    }
}

fn list(first: Option<u32>, items: &[Vec<Block>]) -> String {
    let is_tight = items.iter().all(|item| {
        item.iter()
            .skip(1)
            .all(|one| matches!(one, Block::List { .. }))
    });
    let written = items.iter().zip(first.unwrap_or_default()..);
    let written: Vec<String> = written
        .map(|(item, number)| {
            let mark = match first {
                Some(_) => format!("{number}. "),
                None => "* ".to_owned(),
            };
            let text: Vec<String> = item.iter().map(block).collect();
            let text = text.join(if is_tight { "\n" } else { "\n\n" });
            indented(&text, &mark, &" ".repeat(mark.len()))
        })
        .collect();
    written.join(if is_tight { "\n" } else { "\n\n" })
}

/// Puts a mark before the first line and another before those that follow.
fn indented(text: &str, first: &str, following: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let mark = if number == 0 { first } else { following };
        // A blank line needs no mark but that of a quotation.
        out.push_str(if line.is_empty() {
            mark.trim_end()
        } else {
            mark
        });
        out.push_str(line);
    }
    out
}

fn table(header: &[Vec<Block>], rows: &[Vec<Vec<Block>>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let columns = columns.max(header.len());
    let all: usize = rows.iter().map(Vec::len).sum();
    // A row may be shorter than the header, and is where the empty cells would be most of the table.
    let is_filled = columns * rows.len() <= MOSTLY_EMPTY * all + SMALL;
    let row = |cells: &[Vec<Block>]| {
        let mut line = String::from("|");
        let columns = if is_filled { columns } else { cells.len() };
        for column in 0..columns {
            let text = cells.get(column).map(|cell| cell_text(cell));
            line.push_str(&format!(" {} |", text.unwrap_or_default()));
        }
        line
    };
    let mut header = header.to_vec();
    header.resize(columns, Vec::new());
    let mut lines = vec![row(&header), format!("|{}", " --- |".repeat(columns))];
    lines.extend(rows.iter().map(|cells| row(cells)));
    lines.join("\n")
}

/// The blocks of a cell, which has one line: what would end it is written as an element of HTML.
fn cell_text(blocks: &[Block]) -> String {
    joined(blocks)
        .replace("  \n", "<br>")
        .replace('\n', "<br>")
        .replace('|', "\\|")
}

/// Breaks as spaces, where there is only one line.
fn one_line(text: &str) -> String {
    text.replace("  \n", " ").replace('\n', " ")
}

/// A line of a paragraph, of which the beginning would not be taken for that of another block.
fn line(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = line.split_at(digits);
    let is_mark = |one: &str| rest == one || rest.starts_with(&format!("{one} "));
    if digits > 0 && (is_mark(".") || is_mark(")")) {
        return format!("{number}\\{rest}");
    }
    if digits == 0 && rest.starts_with(['#', '+', '-', '=', '>', '~', ':', '|']) {
        return format!("\\{rest}");
    }
    line.to_owned()
}
