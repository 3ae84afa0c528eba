//! What a person reads in a piece of Markdown, with the way back to the bytes of it.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::model::Span;

/// What is read in a piece of a text, and where in the piece it stands.
#[derive(Debug, Clone, Default)]
pub struct Along {
    text: String,
    /// Where pieces of it begin, in it and in the source; a gap is of no source.
    pieces: Vec<(Range<usize>, usize)>,
}

impl Along {
    /// Reads a piece of a text.
    #[must_use]
    pub fn of(source: &str) -> Self {
        let mut along = Self::default();
        let mut image = 0_usize;
        let options = Options::ENABLE_TABLES;
        for (event, range) in Parser::new_ext(source, options).into_offset_iter() {
            match event {
                Event::Start(Tag::Image { .. }) => image += 1,
                Event::End(TagEnd::Image) => image = image.saturating_sub(1),
                Event::Text(piece) if image == 0 => along.add(&piece, &range),
                // The range has the signs of the code around it.
                Event::Code(piece) if image == 0 => {
                    let at = source[range.clone()].find(piece.as_ref()).unwrap_or(0);
                    let start = range.start + at;
                    along.add(&piece, &(start..start + piece.len()));
                }
                Event::Start(
                    Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. },
                )
                | Event::End(
                    TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link,
                ) => {}
                _ => along.text.push(' '),
            }
        }
        along
    }

    /// What is read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where in the source something stands that is read.
    #[must_use]
    pub fn source(&self, read: Span) -> Option<Span> {
        let at = |place: usize| {
            let found = self.pieces.partition_point(|(range, _)| range.end <= place);
            let (range, source) = self.pieces.get(found)?;
            Some(source + place.checked_sub(range.start)?)
        };
        Some(Span {
            start: at(read.start)?,
            end: at(read.end.checked_sub(1)?)? + 1,
        })
    }

    fn add(&mut self, piece: &str, range: &Range<usize>) {
        // A character that is written otherwise than it is read has no bytes of its own.
        if piece.len() == range.len() {
            let start = self.text.len();
            self.pieces.push((start..start + piece.len(), range.start));
        }
        self.text.push_str(piece);
    }
}
