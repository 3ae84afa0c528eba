//! What a person reads: characters in one form, without those that only the layout needs.

use unicode_normalization::{UnicodeNormalization as _, is_nfc_quick};

/// Text as it is read, built piece by piece.
#[derive(Debug, Default)]
pub(super) struct Reading {
    text: String,
    /// White space came since the last character.
    gap: bool,
}

impl Reading {
    /// Adds what is read in a piece of text.
    pub(super) fn add(&mut self, piece: &str) {
        if piece.is_ascii() {
            self.add_ascii(piece);
        } else if is_nfc_quick(piece.chars()) == unicode_normalization::IsNormalized::Yes {
            piece.chars().for_each(|one| self.add_char(one));
        } else {
            piece.nfc().for_each(|one| self.add_char(one));
        }
    }

    /// Adds a gap between words.
    pub(super) fn add_gap(&mut self) {
        self.gap = true;
    }

    /// The text read so far.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Takes the text, to begin anew.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.gap = false;
    }

    /// A piece in which words stand one gap apart is taken whole, any other one word by word.
    fn add_ascii(&mut self, piece: &str) {
        if !piece.bytes().any(|byte| byte.is_ascii_control()) && !piece.contains("  ") {
            self.gap |= piece.starts_with(' ');
            let words = piece.trim_matches(' ');
            if !words.is_empty() {
                self.close_gap();
                self.text.push_str(words);
                self.gap = piece.ends_with(' ');
            }
            return;
        }
        for (place, run) in piece
            .split(|one: char| one.is_ascii_whitespace() || one.is_ascii_control())
            .enumerate()
        {
            self.gap |= place > 0;
            if !run.is_empty() {
                self.close_gap();
                self.text.push_str(run);
            }
        }
    }

    fn close_gap(&mut self) {
        if self.gap && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.gap = false;
    }

    fn add_char(&mut self, one: char) {
        let as_read = match one {
            // Soft hyphen, characters without width, marks of direction, the mark of the byte order, variation selectors.
            '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            // Private use: glyphs of icon fonts.
            | '\u{e000}'..='\u{f8ff}' => return,
            '‘' | '’' | '‚' | '‛' | '′' | '´' | '`' => '\'',
            '“' | '”' | '„' | '‟' | '″' | '«' | '»' => '"',
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => '-',
            '…' => {
                self.close_gap();
                self.text.push_str("...");
                return;
            }
            one if one.is_whitespace() || one.is_control() => {
                self.gap = true;
                return;
            }
            one => one,
        };
        self.close_gap();
        self.text.push(as_read);
    }
}
