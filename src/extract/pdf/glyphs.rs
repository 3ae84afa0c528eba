//! The characters of simple fonts: encodings (ISO 32000-1, annex D) and the names of glyphs.

use encoding_rs::{MACINTOSH, WINDOWS_1252};
use unicode_normalization::UnicodeNormalization as _;

/// How the codes of a font are meant where it does not say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Standard,
    WinAnsi,
    MacRoman,
}

/// The upper half of the standard encoding.
const STANDARD: &[(u8, char)] = &[
    (0xa1, '¡'),
    (0xa2, '¢'),
    (0xa3, '£'),
    (0xa4, '⁄'),
    (0xa5, '¥'),
    (0xa6, 'ƒ'),
    (0xa7, '§'),
    (0xa8, '¤'),
    (0xa9, '\''),
    (0xaa, '“'),
    (0xab, '«'),
    (0xac, '‹'),
    (0xad, '›'),
    (0xae, 'ﬁ'),
    (0xaf, 'ﬂ'),
    (0xb1, '–'),
    (0xb2, '†'),
    (0xb3, '‡'),
    (0xb4, '·'),
    (0xb6, '¶'),
    (0xb7, '•'),
    (0xb8, '‚'),
    (0xb9, '„'),
    (0xba, '”'),
    (0xbb, '»'),
    (0xbc, '…'),
    (0xbd, '‰'),
    (0xbf, '¿'),
    (0xd0, '—'),
    (0xe1, 'Æ'),
    (0xe3, 'ª'),
    (0xe8, 'Ł'),
    (0xe9, 'Ø'),
    (0xea, 'Œ'),
    (0xeb, 'º'),
    (0xf1, 'æ'),
    (0xf5, 'ı'),
    (0xf8, 'ł'),
    (0xf9, 'ø'),
    (0xfa, 'œ'),
    (0xfb, 'ß'),
];

/// Names of glyphs that are neither a letter nor a letter with an accent, from the Adobe Glyph List.
const NAMES: &[(&str, char)] = &[
    ("space", ' '),
    ("nbspace", ' '),
    ("exclam", '!'),
    ("quotedbl", '"'),
    ("numbersign", '#'),
    ("dollar", '$'),
    ("percent", '%'),
    ("ampersand", '&'),
    ("quotesingle", '\''),
    ("parenleft", '('),
    ("parenright", ')'),
    ("asterisk", '*'),
    ("plus", '+'),
    ("comma", ','),
    ("hyphen", '-'),
    ("period", '.'),
    ("slash", '/'),
    ("zero", '0'),
    ("one", '1'),
    ("two", '2'),
    ("three", '3'),
    ("four", '4'),
    ("five", '5'),
    ("six", '6'),
    ("seven", '7'),
    ("eight", '8'),
    ("nine", '9'),
    ("colon", ':'),
    ("semicolon", ';'),
    ("less", '<'),
    ("equal", '='),
    ("greater", '>'),
    ("question", '?'),
    ("at", '@'),
    ("bracketleft", '['),
    ("backslash", '\\'),
    ("bracketright", ']'),
    ("asciicircum", '^'),
    ("underscore", '_'),
    ("grave", '`'),
    ("quoteleft", '‘'),
    ("quoteright", '’'),
    ("braceleft", '{'),
    ("bar", '|'),
    ("braceright", '}'),
    ("asciitilde", '~'),
    ("exclamdown", '¡'),
    ("cent", '¢'),
    ("sterling", '£'),
    ("fraction", '⁄'),
    ("yen", '¥'),
    ("florin", 'ƒ'),
    ("section", '§'),
    ("currency", '¤'),
    ("quotedblleft", '“'),
    ("quotedblright", '”'),
    ("guillemotleft", '«'),
    ("guillemotright", '»'),
    ("guilsinglleft", '‹'),
    ("guilsinglright", '›'),
    ("fi", 'ﬁ'),
    ("fl", 'ﬂ'),
    ("ff", 'ﬀ'),
    ("ffi", 'ﬃ'),
    ("ffl", 'ﬄ'),
    ("endash", '–'),
    ("emdash", '—'),
    ("dagger", '†'),
    ("daggerdbl", '‡'),
    ("periodcentered", '·'),
    ("middot", '·'),
    ("paragraph", '¶'),
    ("bullet", '•'),
    ("quotesinglbase", '‚'),
    ("quotedblbase", '„'),
    ("ellipsis", '…'),
    ("perthousand", '‰'),
    ("questiondown", '¿'),
    ("AE", 'Æ'),
    ("ae", 'æ'),
    ("OE", 'Œ'),
    ("oe", 'œ'),
    ("Oslash", 'Ø'),
    ("oslash", 'ø'),
    ("Lslash", 'Ł'),
    ("lslash", 'ł'),
    ("germandbls", 'ß'),
    ("dotlessi", 'ı'),
    ("Eth", 'Ð'),
    ("eth", 'ð'),
    ("Thorn", 'Þ'),
    ("thorn", 'þ'),
    ("Dcroat", 'Đ'),
    ("dcroat", 'đ'),
    ("ordfeminine", 'ª'),
    ("ordmasculine", 'º'),
    ("copyright", '©'),
    ("registered", '®'),
    ("trademark", '™'),
    ("degree", '°'),
    ("plusminus", '±'),
    ("minus", '−'),
    ("multiply", '×'),
    ("divide", '÷'),
    ("mu", 'µ'),
    ("Euro", '€'),
    ("brokenbar", '¦'),
    ("logicalnot", '¬'),
    ("onesuperior", '¹'),
    ("twosuperior", '²'),
    ("threesuperior", '³'),
    ("onequarter", '¼'),
    ("onehalf", '½'),
    ("threequarters", '¾'),
    ("softhyphen", '\u{ad}'),
    ("sfthyphen", '\u{ad}'),
    ("openbullet", '◦'),
    ("filledbox", '■'),
    ("arrowright", '→'),
];

/// Accents as names end with them, with the character that puts one on the letter before.
const ACCENTS: &[(&str, char)] = &[
    ("acute", '\u{301}'),
    ("grave", '\u{300}'),
    ("circumflex", '\u{302}'),
    ("dieresis", '\u{308}'),
    ("tilde", '\u{303}'),
    ("cedilla", '\u{327}'),
    ("caron", '\u{30c}'),
    ("ring", '\u{30a}'),
    ("ogonek", '\u{328}'),
    ("macron", '\u{304}'),
    ("breve", '\u{306}'),
    ("dotaccent", '\u{307}'),
    ("hungarumlaut", '\u{30b}'),
    ("commaaccent", '\u{326}'),
];

/// The character of a code in an encoding.
pub(super) fn of_code(encoding: Encoding, code: u8) -> Option<char> {
    let in_page = |page: &'static encoding_rs::Encoding| {
        let decoded = page.decode_without_bom_handling(&[code]).0.chars().next();
        decoded.filter(|one| !one.is_control())
    };
    match (encoding, code) {
        (_, 0..=0x1f) => None,
        (Encoding::Standard, b'\'') => Some('’'),
        (Encoding::Standard, b'`') => Some('‘'),
        (_, 0x20..=0x7e) => Some(char::from(code)),
        (Encoding::Standard, _) => {
            let found = STANDARD.iter().find(|(one, _)| *one == code);
            found.map(|(_, character)| *character)
        }
        (Encoding::WinAnsi, _) => in_page(WINDOWS_1252),
        (Encoding::MacRoman, _) => in_page(MACINTOSH),
    }
}

/// The characters that the name of a glyph stands for, by the rules of the Adobe Glyph List.
pub(super) fn of_name(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    let name = name.split('.').next().filter(|name| !name.is_empty())?;
    if let [one] = name.as_bytes() {
        return one.is_ascii_alphabetic().then(|| name.to_owned());
    }
    if let Some((_, character)) = NAMES.iter().find(|(one, _)| *one == name) {
        return Some(character.to_string());
    }
    let mut letters = name.chars();
    if let (Some(letter), accent) = (letters.next(), letters.as_str())
        && let Some((_, accent)) = ACCENTS.iter().find(|(one, _)| *one == accent)
    {
        return Some([letter, *accent].into_iter().nfc().collect());
    }
    let digits = name.strip_prefix("uni").filter(|rest| rest.len() == 4);
    let digits = digits.or_else(|| {
        name.strip_prefix('u')
            .filter(|rest| (4..=6).contains(&rest.len()))
    });
    let code = u32::from_str_radix(digits?, 16).ok()?;
    char::from_u32(code).map(String::from)
}
