//! What the codes of a font mean in Unicode, as its `ToUnicode` says (ISO 32000-1, section 9.10.3).

use super::PdfFault;
use super::budget::Budget;
use super::object::{Object, Parser};

/// The longest text that one code stands for, in UTF-16 units.
const TEXT_UNITS: usize = 32;

/// A run of codes, whose texts differ in their last character.
#[derive(Debug)]
struct Run {
    first: u32,
    last: u32,
    text: Vec<u16>,
}

#[derive(Debug, Default)]
pub(super) struct CMap {
    /// The runs by their first code.
    runs: Vec<Run>,
    /// How many bytes a code has.
    pub(super) width: Option<usize>,
}

impl CMap {
    pub(super) fn read(bytes: &[u8], budget: &Budget) -> Result<Self, PdfFault> {
        let mut map = Self::default();
        let mut parser = Parser::new(bytes, 0, budget);
        let mut operands: Vec<Object> = Vec::new();
        while parser.at < bytes.len() {
            let Some(object) = parser.object()? else {
                parser.at += 1;
                continue;
            };
            let Object::Word(word) = &object else {
                operands.push(object);
                continue;
            };
            match word.as_slice() {
                b"endbfchar" => {
                    for pair in operands.chunks_exact(2) {
                        map.add(&pair[0], &pair[0], &pair[1]);
                    }
                }
                b"endbfrange" => {
                    for three in operands.chunks_exact(3) {
                        map.range(&three[0], &three[1], &three[2]);
                    }
                }
                b"endcodespacerange" => {
                    if let Some(Object::Text(code)) = operands.last() {
                        map.width = Some(code.len()).filter(|width| (1..=4).contains(width));
                    }
                }
                _ => {}
            }
            operands.clear();
        }
        map.runs.sort_by_key(|run| run.first);
        Ok(map)
    }

    fn range(&mut self, first: &Object, last: &Object, text: &Object) {
        let Object::Array(texts) = text else {
            return self.add(first, last, text);
        };
        let Some(start) = code(first) else { return };
        for (code, text) in (start..=u32::MAX).zip(texts) {
            if let Object::Text(text) = text {
                self.push(code, code, text);
            }
        }
    }

    fn add(&mut self, first: &Object, last: &Object, text: &Object) {
        if let (Some(first), Some(last), Object::Text(text)) = (code(first), code(last), text) {
            self.push(first, last, text);
        }
    }

    fn push(&mut self, first: u32, last: u32, text: &[u8]) {
        let units = text.chunks(2).take(TEXT_UNITS);
        let unit = |pair: &[u8]| pair.iter().fold(0, |all, one| all << 8 | u16::from(*one));
        let text = units.map(unit).collect();
        self.runs.push(Run { first, last, text });
    }

    /// What a code stands for.
    pub(super) fn text(&self, code: u32) -> Option<String> {
        let behind = self.runs.partition_point(|run| run.first <= code);
        let run = self.runs.get(behind.checked_sub(1)?)?;
        if run.last < code {
            return None;
        }
        let mut units = run.text.clone();
        let by = u16::try_from(code - run.first).ok()?;
        let last = units.last_mut()?;
        *last = last.checked_add(by)?;
        let text = String::from_utf16_lossy(&units);
        Some(text).filter(|text| text.chars().all(|one| one != '\0' && one != '\u{fffd}'))
    }
}

/// A code as its bytes say it.
fn code(object: &Object) -> Option<u32> {
    match object {
        Object::Text(bytes) if (1..=4).contains(&bytes.len()) => Some(of_bytes(bytes)),
        _ => None,
    }
}

pub(super) fn of_bytes(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |all, one| all << 8 | u32::from(*one))
}
