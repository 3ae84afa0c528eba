//! Fonts: how bytes become codes, codes characters, and how wide they are.

use std::collections::HashMap;

use super::PdfFault;
use super::cmap::{self, CMap};
use super::file::File;
use super::glyphs::{self, Encoding};
use super::object::{Dict, Object};

/// The width of a character of which none is said, in thousandths of its size: that of a small letter.
const WIDTH: f64 = 500.0;

/// What a code shows.
pub(super) struct Glyph {
    /// What it reads as; nothing where the file does not tell.
    pub(super) text: Option<String>,
    /// In units of the font's size.
    pub(super) width: f64,
    /// Whether it is the single byte 32, which words are set apart by.
    pub(super) is_space: bool,
}

#[derive(Debug)]
pub(super) struct Font {
    to_unicode: Option<CMap>,
    encoding: Encoding,
    differences: HashMap<u32, String>,
    /// How many bytes a code has: two in fonts of many characters.
    code_bytes: usize,
    /// Widths of codes from the first to the last.
    widths: Vec<(u32, u32, f64)>,
    width: f64,
    pub(super) is_bold: bool,
}

impl Font {
    pub(super) fn read(file: &File<'_>, dict: &Dict) -> Result<Self, PdfFault> {
        let is_composite = file.get(dict, b"Subtype")?.name() == b"Type0";
        let to_unicode = match file.get(dict, b"ToUnicode")? {
            stream @ Object::Stream(..) => Some(CMap::read(&file.bytes_of(&stream)?, file.budget)?),
            _ => None,
        };
        let name = file.get(dict, b"BaseFont")?;
        let name = String::from_utf8_lossy(name.name()).to_lowercase();
        let mut font = Self {
            code_bytes: if is_composite { 2 } else { 1 },
            to_unicode,
            encoding: Encoding::Standard,
            differences: HashMap::new(),
            widths: Vec::new(),
            width: WIDTH,
            is_bold: ["bold", "black", "heavy"]
                .iter()
                .any(|one| name.contains(one)),
        };
        if is_composite {
            let width = font.to_unicode.as_ref().and_then(|map| map.width);
            font.code_bytes = match file.get(dict, b"Encoding")? {
                // A mapping of its own may have codes of other widths than two.
                Object::Stream(..) => width.unwrap_or(2),
                _ => 2,
            };
            font.composite_widths(file, dict)?;
        } else {
            font.simple(file, dict)?;
        }
        Ok(font)
    }

    fn simple(&mut self, file: &File<'_>, dict: &Dict) -> Result<(), PdfFault> {
        let encoding = file.get(dict, b"Encoding")?;
        let base = match encoding.dict() {
            Some(dict) => file.get(dict, b"BaseEncoding")?,
            None => encoding.clone(),
        };
        self.encoding = match base.name() {
            b"WinAnsiEncoding" => Encoding::WinAnsi,
            b"MacRomanEncoding" => Encoding::MacRoman,
            _ => Encoding::Standard,
        };
        if let Some(dict) = encoding.dict() {
            let mut code = 0;
            for one in file.get(dict, b"Differences")?.array() {
                if let Some(first) = one.integer() {
                    code = first;
                } else {
                    let text = glyphs::of_name(one.name()).unwrap_or_default();
                    self.differences.insert(code, text);
                    code = code.saturating_add(1);
                }
            }
        }
        // The glyphs of other fonts are drawings, in units of their own.
        let unit = match file.get(dict, b"FontMatrix")?.array().first() {
            Some(Object::Number(unit)) => unit * 1000.0,
            _ => 1.0,
        };
        let first = file.get(dict, b"FirstChar")?.integer().unwrap_or_default();
        for (code, width) in (first..=u32::MAX).zip(file.get(dict, b"Widths")?.array()) {
            let width = file.resolve(width)?.number();
            self.widths
                .extend(width.map(|width| (code, code, width * unit)));
        }
        if let Some(descriptor) = file.get(dict, b"FontDescriptor")?.dict()
            && let Some(missing) = file.get(descriptor, b"MissingWidth")?.number()
        {
            self.width = missing;
        }
        Ok(())
    }

    fn composite_widths(&mut self, file: &File<'_>, dict: &Dict) -> Result<(), PdfFault> {
        let below = file.get(dict, b"DescendantFonts")?;
        let below = below.array().first().map(|one| file.resolve(one));
        let Some(Object::Dict(below)) = below.transpose()? else {
            return Ok(());
        };
        self.width = file.get(&below, b"DW")?.number().unwrap_or(1000.0);
        let widths = file.get(&below, b"W")?;
        let mut rest = widths.array();
        while let [first, next, after @ ..] = rest {
            let first = first.integer().unwrap_or_default();
            rest = after;
            if let Some(last) = next.integer() {
                let [width, after @ ..] = after else { break };
                rest = after;
                let width = width.number();
                self.widths.extend(width.map(|width| (first, last, width)));
            } else {
                for (code, width) in (first..=u32::MAX).zip(file.resolve(next)?.array()) {
                    let width = width.number();
                    self.widths.extend(width.map(|width| (code, code, width)));
                }
            }
        }
        self.widths.sort_by_key(|(first, ..)| *first);
        Ok(())
    }

    /// The glyphs that bytes show.
    pub(super) fn glyphs<'b>(&'b self, bytes: &'b [u8]) -> impl Iterator<Item = Glyph> + 'b {
        bytes.chunks(self.code_bytes).map(|bytes| {
            let code = cmap::of_bytes(bytes);
            Glyph {
                text: self.text(code),
                width: self.width(code) / 1000.0,
                is_space: *bytes == [b' '],
            }
        })
    }

    fn text(&self, code: u32) -> Option<String> {
        if let Some(text) = self.to_unicode.as_ref().and_then(|map| map.text(code)) {
            return Some(text);
        }
        if self.code_bytes != 1 {
            return None;
        }
        match self.differences.get(&code) {
            Some(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            None => glyphs::of_code(self.encoding, u8::try_from(code).ok()?).map(String::from),
        }
    }

    fn width(&self, code: u32) -> f64 {
        let behind = self.widths.partition_point(|(first, ..)| *first <= code);
        let run = behind.checked_sub(1).and_then(|at| self.widths.get(at));
        match run {
            Some((_, last, width)) if code <= *last => *width,
            _ => self.width,
        }
    }
}
