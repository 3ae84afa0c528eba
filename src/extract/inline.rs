//! Text within a block, put together as Markdown with one space where the page has white space.

/// The Markdown of one line of text after another.
#[derive(Debug, Default)]
pub(super) struct Inline {
    text: String,
    /// White space stood before the text.
    leading: bool,
    /// White space came since the last character.
    gap: bool,
}

impl Inline {
    /// Adds text as it stands on the page.
    pub(super) fn text(&mut self, text: &str) {
        for (at, one) in text.char_indices() {
            if one.is_whitespace() {
                self.space();
            } else if one != '\u{200b}' && one != '\u{feff}' {
                if is_special(one, &text[at + one.len_utf8()..]) {
                    self.close_gap();
                    self.text.push('\\');
                }
                self.close_gap();
                self.text.push(one);
            }
        }
    }

    /// Adds Markdown between two marks; white space and breaks at its ends stay outside them.
    pub(super) fn within(&mut self, open: &str, inner: &Self, close: &str) {
        if inner.leading {
            self.space();
        }
        // A break at the end would keep the closing mark from being one.
        let text = inner.text.trim_end_matches("  \n");
        if !text.is_empty() {
            self.close_gap();
            for part in [open, text, close] {
                self.text.push_str(part);
            }
        }
        if text.len() < inner.text.len() {
            self.line_break();
        } else if inner.gap {
            self.space();
        }
    }

    /// Ends the line.
    pub(super) fn line_break(&mut self) {
        if !self.text.is_empty() {
            self.gap = false;
            self.text.push_str("  \n");
        }
    }

    /// Takes the text, to begin anew; none if there is nothing but white space.
    pub(super) fn take(&mut self) -> Option<String> {
        let taken = std::mem::take(self);
        Some(taken.text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// Whether there is nothing to read.
    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    fn space(&mut self) {
        if self.text.is_empty() {
            self.leading = true;
        } else {
            self.gap = !self.text.ends_with('\n');
        }
    }

    fn close_gap(&mut self) {
        if std::mem::take(&mut self.gap) {
            self.text.push(' ');
        }
    }
}

/// Whether a character would mean something else in Markdown than on the page.
fn is_special(one: char, rest: &str) -> bool {
    match one {
        '\\' | '*' | '_' | '[' | ']' | '`' | '<' => true,
        '&' => {
            let name = rest.split(';').next().unwrap_or_default();
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '#';
            name.len() < rest.len() && !name.is_empty() && name.chars().all(is_name)
        }
        _ => false,
    }
}
