//! Where a long paragraph is divided: behind its sentences.

/// A paragraph of which a person reads more bytes than this is divided.
pub(super) const LONG: usize = 1_000;
/// A piece without the end of a sentence is cut at the first gap behind this many bytes.
pub(super) const LONGEST: usize = 8_000;

/// Whether a sentence ends behind `reading`, where a gap follows. A number or a short abbreviation ends none.
pub(super) fn ends(reading: &str) -> bool {
    let trimmed = reading.trim_end_matches(['"', '\'', ')', ']', '”', '’']);
    match trimmed.chars().next_back() {
        Some('!' | '?' | ';' | ':') => true,
        Some('.') => {
            let before = &trimmed[..trimmed.len() - 1];
            let word = before.rsplit([' ', '(']).next().unwrap_or_default();
            word.chars().count() > 3 && word.chars().any(char::is_alphabetic)
        }
        _ => false,
    }
}

/// Whether a sentence ends with this character though no gap follows: scripts that don't put gaps between words.
pub(super) fn is_full_stop_without_gap(one: char) -> bool {
    matches!(one, '。' | '!' | '?' | '؟' | '।' | '۔')
}
