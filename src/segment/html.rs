//! Blocks of HTML within Markdown: the text between the tags.

/// Where in a block of HTML a walk is; a block is walked line by line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Markup {
    /// In the text.
    #[default]
    Text,
    /// In a tag.
    Tag,
    /// In a comment.
    Comment,
}

impl Markup {
    /// Takes the next piece of text off the beginning of a line.
    pub(super) fn next_text<'a>(&mut self, line: &mut &'a str) -> Option<&'a str> {
        while !line.is_empty() {
            match self {
                Self::Text => {
                    let end = opening(line).unwrap_or(line.len());
                    let (text, rest) = line.split_at(end);
                    *line = rest;
                    if rest.starts_with("<!--") {
                        *self = Self::Comment;
                    } else if !rest.is_empty() {
                        *self = Self::Tag;
                    }
                    if !text.is_empty() {
                        return Some(text);
                    }
                }
                Self::Tag | Self::Comment => {
                    let close = if matches!(self, Self::Tag) {
                        ">"
                    } else {
                        "-->"
                    };
                    match line.split_once(close) {
                        Some((_, rest)) => (*self, *line) = (Self::Text, rest),
                        None => *line = "",
                    }
                }
            }
        }
        None
    }
}

/// Where the first tag begins: a sign of comparison opens none.
fn opening(line: &str) -> Option<usize> {
    let opens = |(at, _): &(usize, &str)| {
        let next = line.as_bytes().get(at + 1);
        next.is_some_and(|next| next.is_ascii_alphabetic() || b"/!?".contains(next))
    };
    line.match_indices('<').find(opens).map(|(at, _)| at)
}
