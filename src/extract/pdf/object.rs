//! The objects of a file, and how they are written (ISO 32000-1, section 7.3).

use std::collections::BTreeMap;
use std::ops::Range;

use super::PdfFault;
use super::budget::Budget;

/// Arrays and dictionaries stand in one another to this depth.
const DEPTH: usize = 64;
/// About what an object takes in memory, beside its bytes.
const OBJECT_BYTES: usize = 48;

pub(super) type Dict = BTreeMap<Vec<u8>, Object>;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Object {
    Null,
    Bool,
    Number(f64),
    Name(Vec<u8>),
    Text(Vec<u8>),
    Array(Vec<Object>),
    Dict(Dict),
    /// A dictionary with the place of its bytes, from there to wherever they end.
    Stream(Dict, Range<usize>),
    /// The number of another object.
    Reference(u32),
    /// An operator, or a word that is no object.
    Word(Vec<u8>),
}

impl Object {
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn integer(&self) -> Option<u32> {
        self.number().and_then(integer)
    }

    pub(super) fn name(&self) -> &[u8] {
        match self {
            Self::Name(name) => name,
            _ => b"",
        }
    }

    pub(super) fn array(&self) -> &[Object] {
        match self {
            Self::Array(items) => items,
            _ => &[],
        }
    }

    /// About what a copy takes in memory.
    pub(super) fn weight(&self) -> usize {
        let of_dict = |dict: &Dict| -> usize {
            let entries = dict.iter();
            entries.map(|(key, value)| key.len() + value.weight()).sum()
        };
        OBJECT_BYTES
            + match self {
                Self::Null | Self::Bool | Self::Number(_) | Self::Reference(_) => 0,
                Self::Name(bytes) | Self::Text(bytes) | Self::Word(bytes) => bytes.len(),
                Self::Array(items) => items.iter().map(Self::weight).sum(),
                Self::Dict(dict) | Self::Stream(dict, _) => of_dict(dict),
            }
    }

    /// The dictionary of a dictionary or a stream.
    pub(super) fn dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) | Self::Stream(dict, _) => Some(dict),
            _ => None,
        }
    }
}

/// A number as a count or a code, if it is one.
pub(super) fn integer(number: f64) -> Option<u32> {
    let is_one = (0.0..=f64::from(u32::MAX)).contains(&number) && number.fract() == 0.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "its range was just looked at"
    )]
    is_one.then_some(number as u32)
}

/// Reads objects one after another.
pub(super) struct Parser<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    budget: &'a Budget,
}

impl<'a> Parser<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize, budget: &'a Budget) -> Self {
        Self { bytes, at, budget }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub(super) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
                let rest = self.rest();
                self.at += rest.iter().position(is_end).unwrap_or(rest.len());
            } else if is_space(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    /// The next object; none at the end, or where an array or dictionary ends that was not begun.
    pub(super) fn object(&mut self) -> Result<Option<Object>, PdfFault> {
        let from = self.at;
        let object = self.nested(0);
        // What was read is work, also where the same object is read again.
        self.budget.spend(self.at - from)?;
        object
    }

    fn nested(&mut self, depth: usize) -> Result<Option<Object>, PdfFault> {
        if depth > DEPTH {
            return Err(PdfFault::Damaged);
        }
        self.budget.spend(OBJECT_BYTES)?;
        self.skip_space();
        let Some(first) = self.peek() else {
            return Ok(None);
        };
        let rest = self.rest();
        Ok(Some(match first {
            b'/' => {
                self.at += 1;
                Object::Name(self.name())
            }
            b'(' => self.literal(),
            b'<' if rest.starts_with(b"<<") => {
                self.at += 2;
                Object::Dict(self.dict(depth)?)
            }
            b'<' => self.hexadecimal(),
            b'[' => {
                self.at += 1;
                let mut items = Vec::new();
                while let Some(item) = self.nested(depth + 1)? {
                    items.push(item);
                }
                if self.peek() == Some(b']') {
                    self.at += 1;
                }
                Object::Array(items)
            }
            b'0'..=b'9' | b'+' | b'-' | b'.' => self.number(),
            b']' | b'>' => return Ok(None),
            b'{' | b'}' | b')' => {
                self.at += 1;
                Object::Word(vec![first])
            }
            _ => {
                let word = self.regular();
                match word {
                    b"null" => Object::Null,
                    b"true" | b"false" => Object::Bool,
                    word => Object::Word(word.to_vec()),
                }
            }
        }))
    }

    fn regular(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let is_end = |byte: &u8| is_space(*byte) || b"()<>[]{}/%".contains(byte);
        let end = rest.iter().position(is_end).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn name(&mut self) -> Vec<u8> {
        let written = self.regular();
        let mut name = Vec::with_capacity(written.len());
        let mut at = 0;
        while let Some(byte) = written.get(at) {
            let digits = written.get(at + 1..at + 3).unwrap_or_default();
            match digits {
                [high, low] if *byte == b'#' && is_hex(*high) && is_hex(*low) => {
                    name.push(hex(*high) * 16 + hex(*low));
                    at += 3;
                }
                _ => {
                    name.push(*byte);
                    at += 1;
                }
            }
        }
        name
    }

    /// A number, or a reference to another object.
    fn number(&mut self) -> Object {
        let written = self.regular();
        if written.iter().all(u8::is_ascii_digit)
            && let Some(reference) = self.reference(written)
        {
            return reference;
        }
        let written = std::str::from_utf8(written).unwrap_or_default();
        match written.parse::<f64>() {
            Ok(number) if number.is_finite() => Object::Number(number),
            // Writers of wrong numbers are known, and what they meant is not.
            _ => Object::Number(0.0),
        }
    }

    fn reference(&mut self, written: &[u8]) -> Option<Object> {
        let mut ahead = Parser::new(self.bytes, self.at, self.budget);
        ahead.skip_blank();
        let generation = ahead.digits()?;
        if generation.len() > 5 {
            return None;
        }
        ahead.skip_blank();
        if ahead.regular() != b"R" {
            return None;
        }
        let number = std::str::from_utf8(written).ok()?.parse().ok()?;
        self.at = ahead.at;
        Some(Object::Reference(number))
    }

    /// Skips white space without comments, so that looking ahead stays short.
    fn skip_blank(&mut self) {
        for _ in 0..4 {
            if self.peek().is_some_and(is_space) {
                self.at += 1;
            }
        }
    }

    /// A few digits; none where there are none.
    pub(super) fn digits(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest();
        let is_digit = |byte: &&u8| byte.is_ascii_digit();
        let count = rest.iter().take(10).take_while(is_digit).count();
        self.at += count;
        Some(&rest[..count]).filter(|digits| !digits.is_empty())
    }

    fn dict(&mut self, depth: usize) -> Result<Dict, PdfFault> {
        let mut dict = Dict::new();
        while let Some(key) = self.nested(depth + 1)? {
            let Object::Name(key) = key else { continue };
            let Some(value) = self.nested(depth + 1)? else {
                break;
            };
            dict.insert(key, value);
        }
        for _ in 0..2 {
            if self.peek() == Some(b'>') {
                self.at += 1;
            }
        }
        Ok(dict)
    }

    fn literal(&mut self) -> Object {
        self.at += 1;
        let (mut text, mut open) = (Vec::new(), 1);
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' => {
                    open -= 1;
                    if open == 0 {
                        break;
                    }
                }
                b'\\' => {
                    self.escaped(&mut text);
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
        Object::Text(text)
    }

    /// What stands behind a backslash.
    fn escaped(&mut self, text: &mut Vec<u8>) {
        let Some(byte) = self.peek() else { return };
        self.at += 1;
        text.push(match byte {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'f' => 12,
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else {
                        break;
                    };
                    code = code * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                code.to_le_bytes()[0]
            }
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
                return;
            }
            b'\n' => return,
            other => other,
        });
    }

    fn hexadecimal(&mut self) -> Object {
        let rest = &self.rest()[1..];
        let end = rest.iter().position(|byte| *byte == b'>');
        let written = &rest[..end.unwrap_or(rest.len())];
        self.at += 1 + written.len() + usize::from(end.is_some());
        Object::Text(of_hex(written))
    }
}

/// The bytes that pairs of hexadecimal digits stand for; a last one without another has a zero behind it.
pub(super) fn of_hex(written: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = written.iter().copied().filter(|one| is_hex(*one)).collect();
    let bytes = digits.chunks(2);
    bytes
        .map(|pair| hex(pair[0]) * 16 + pair.get(1).map_or(0, |low| hex(*low)))
        .collect()
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => 0,
    }
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}
