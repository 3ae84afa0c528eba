//! Characters that people don't see, and that could make a name or a text look like another.

/// Whether a character has no shape of its own, but changes where others stand or how they look.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{061C}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{2069}'
            | '\u{FEFF}'
    )
}

/// Whether a hidden character is one that words of some languages and emoji are written with.
#[must_use]
pub fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}
