//! Generated documents, written as Markdown in one style or another.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Words of the generated documents. Some of them look like dates, numbers of clauses, addresses and the like.
const WORDS: &[&str] = &[
    "we",
    "you",
    "the",
    "data",
    "board",
    "drawing",
    "share",
    "sell",
    "keep",
    "show",
    "rights",
    "law",
    "may",
    "must",
    "children",
    "partners",
    "all",
    "a",
    "every",
    "last",
    "updated",
    "effective",
    "version",
    "section",
    "May",
    "June",
    "12",
    "2024",
    "2025-06-12",
    "30",
    "days",
    "ago",
    "month",
    "2.5",
    "13",
    "GB",
    "5",
    "%",
    "$",
    "€",
    "+49",
    "(555)",
    "1234567",
    "www.glimmerfold.example",
    "rights@glimmerfold.example",
    "(b)",
    "don't",
    "Straße",
    "données",
    "情報",
    "able",
    "other",
    "where",
    "ever",
    "used",
    "\"own\"",
    "able;",
    "here,",
];

/// A part of a generated document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    Heading(u8, Vec<String>),
    /// Sentences.
    Paragraph(Vec<Vec<String>>),
    List(Vec<Vec<String>>),
    Table(Vec<[Vec<String>; 2]>),
}

impl Block {
    /// The texts that it consists of, each of which is written without a gap in it.
    pub(super) fn texts(&mut self) -> Vec<&mut Vec<String>> {
        match self {
            Self::Heading(_, words) => vec![words],
            Self::Paragraph(texts) | Self::List(texts) => texts.iter_mut().collect(),
            Self::Table(rows) => rows.iter_mut().flatten().collect(),
        }
    }
}

/// How a document is written; whatever it is, a person reads the same.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub(super) struct Style {
    setext: bool,
    anchors: bool,
    /// Whether each sentence is a paragraph.
    parted: bool,
    wrap: usize,
    bullet: &'static str,
    padding: usize,
    /// Each word whose place can be divided by it is set off; none where it is 0.
    emphasis: usize,
    mark: &'static str,
    quote: (char, char),
    /// What stands in the middle of each longer word.
    invisible: &'static str,
    parameters: &'static str,
    escapes: bool,
}

impl Style {
    /// The plainest one.
    pub(super) const PLAIN: Self = Self {
        setext: false,
        anchors: false,
        parted: false,
        wrap: usize::MAX,
        bullet: "-",
        padding: 1,
        emphasis: 0,
        mark: "**",
        quote: ('"', '"'),
        invisible: "",
        parameters: "",
        escapes: false,
    };
}

pub(super) fn styles() -> impl Strategy<Value = Style> {
    let layout = (
        any::<[bool; 4]>(),
        3..40usize,
        select(vec!["-", "*   ", "+"]),
        0..4usize,
    );
    let signs = (
        0..5usize,
        select(vec!["**", "_", "***"]),
        select(vec![('"', '"'), ('“', '”'), ('„', '“'), ('«', '»')]),
        select(vec!["", "\u{ad}", "\u{200b}", "&shy;"]),
        select(vec!["", "?utm_source=x", "#part"]),
    );
    (layout, signs).prop_map(
        |(
            ([setext, anchors, parted, escapes], wrap, bullet, padding),
            (emphasis, mark, quote, invisible, parameters),
        )| {
            Style {
                setext,
                anchors,
                parted,
                wrap,
                bullet,
                padding,
                emphasis,
                mark,
                quote,
                invisible,
                parameters,
                escapes,
            }
        },
    )
}

fn words(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<String>> {
    vec(select(WORDS).prop_map(str::to_owned), count)
}

fn block() -> impl Strategy<Value = Block> {
    prop_oneof![
        2 => (1..4u8, words(1..6)).prop_map(|(level, words)| Block::Heading(level, words)),
        4 => vec(words(1..16), 1..5).prop_map(Block::Paragraph),
        2 => vec(words(1..8), 1..6).prop_map(Block::List),
        1 => vec([words(1..4), words(1..3)], 1..6).prop_map(Block::Table),
    ]
}

/// A document.
pub(super) fn documents() -> impl Strategy<Value = Vec<Block>> {
    vec(block(), 1..14)
}

/// Writes a document in a style.
pub(super) fn write(document: &[Block], style: Style) -> String {
    let mut out = String::new();
    for block in document {
        match block {
            Block::Heading(level, words) => {
                let text = style.text(words, usize::MAX, "");
                if style.setext && *level <= 2 {
                    out.push_str(&format!(
                        "{text}\n{}\n",
                        if *level == 1 { "===" } else { "---" }
                    ));
                } else {
                    out.push_str(&format!("{} {text}\n", "#".repeat(usize::from(*level))));
                }
                if style.anchors {
                    out.push_str("\n[](#h_01JD8AXQ)\n");
                }
            }
            Block::Paragraph(sentences) => {
                let gap = if style.parted { "\n\n" } else { "\n" };
                for (place, words) in sentences.iter().enumerate() {
                    out.push_str(if place > 0 { gap } else { "" });
                    out.push_str(&style.text(words, style.wrap, "\n"));
                    // A full stop behind a number would begin a list.
                    out.push('!');
                }
                out.push('\n');
            }
            Block::List(items) => {
                for words in items {
                    let text = style.text(words, style.wrap, "\n      ");
                    out.push_str(&format!("{} {text}\n", style.bullet));
                }
            }
            Block::Table(rows) => {
                let pad = " ".repeat(style.padding);
                for (place, cells) in rows.iter().enumerate() {
                    let [one, other] = cells
                        .each_ref()
                        .map(|words| style.text(words, usize::MAX, ""));
                    out.push_str(&format!("|{pad}{one}{pad}|{pad}{other}{pad}|\n"));
                    out.push_str(if place == 0 { "| --- | --- |\n" } else { "" });
                }
            }
        }
        // A comment keeps two lists apart.
        out.push_str("\n<!-- -->\n\n");
    }
    out
}

impl Style {
    fn text(self, words: &[String], wrap: usize, line_end: &str) -> String {
        let mut out = String::new();
        let mut line = 0;
        for (place, word) in words.iter().enumerate() {
            if place > 0 && line >= wrap {
                out.push_str(line_end);
                line = 0;
            } else if place > 0 {
                out.push(' ');
            }
            let written = self.word(word);
            line += written.chars().count() + 1;
            // A text that is set off as a whole is a heading.
            let is_set_off = self.emphasis > 0
                && place % self.emphasis == 1
                && word.chars().all(char::is_alphanumeric);
            if is_set_off {
                out.push_str(self.mark);
            }
            out.push_str(&written);
            if is_set_off {
                out.push_str(self.mark);
            }
        }
        out
    }

    fn word(self, word: &str) -> String {
        if word.contains('@') || word.starts_with("www.") {
            return if word.starts_with("www.") && !self.parameters.is_empty() {
                format!("[{word}](https://{word}/{})", self.parameters)
            } else {
                word.to_owned()
            };
        }
        let mut out = String::new();
        let middle = word.chars().count() / 2;
        let mut opens = true;
        for (place, one) in word.chars().enumerate() {
            if place == middle && place > 1 {
                out.push_str(self.invisible);
            }
            match one {
                '"' => {
                    out.push(if opens { self.quote.0 } else { self.quote.1 });
                    opens = !opens;
                }
                '(' | ')' | '+' | '$' | '.' if self.escapes => {
                    out.push('\\');
                    out.push(one);
                }
                _ => out.push(one),
            }
        }
        out
    }
}
