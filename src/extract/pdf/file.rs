//! A file as its objects by their numbers. Its tables of offsets are not trusted and not read: the objects are found by
//! how they begin, and the last of a number holds, as one that is appended replaces the one before.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::PdfFault;
use super::budget::Budget;
use super::filter;
use super::object::{Dict, Object, Parser, integer};

/// How many references lead to one another at most.
const STEPS: usize = 16;
/// About what an entry of the list of objects takes in memory.
const ENTRY_BYTES: usize = 48;

#[derive(Debug, Clone, Copy)]
enum Place {
    /// Where an object begins in the file.
    At(usize),
    /// Where it begins in what an object stream gives, which has this number.
    In(u32, usize),
}

pub(super) struct File<'a> {
    bytes: &'a [u8],
    pub(super) budget: &'a Budget,
    places: HashMap<u32, Place>,
    packed: RefCell<HashMap<u32, Rc<[u8]>>>,
    /// The dictionary that tells where to begin.
    root: Option<Object>,
}

impl<'a> File<'a> {
    pub(super) fn open(bytes: &'a [u8], budget: &'a Budget) -> Result<Self, PdfFault> {
        let mut file = Self {
            bytes,
            budget,
            places: HashMap::new(),
            packed: RefCell::default(),
            root: None,
        };
        let mut packed = Vec::new();
        let mut at = 0;
        while let Some(next) = file.next_mark(at) {
            at = match next {
                Mark::Object { number, body } => {
                    budget.spend(ENTRY_BYTES)?;
                    file.places.insert(number, Place::At(body));
                    let (object, end) = file.parse(bytes, body)?;
                    if let Object::Stream(dict, _) = &object {
                        match file.get(dict, b"Type")?.name() {
                            b"ObjStm" => packed.push((number, object.clone())),
                            b"XRef" => file.trailer(dict)?,
                            _ => {}
                        }
                    } else if let Some(dict) = object.dict()
                        && file.root.is_none()
                        && file.get(dict, b"Type")?.name() == b"Catalog"
                    {
                        file.root = Some(Object::Reference(number));
                    }
                    end
                }
                Mark::Trailer { body } => {
                    let (object, end) = file.parse(bytes, body)?;
                    if let Some(dict) = object.dict() {
                        file.trailer(dict)?;
                    }
                    end
                }
            };
        }
        for (number, object) in packed {
            file.unpack(number, &object)?;
        }
        Ok(file)
    }

    /// The next thing that begins an object or a trailer.
    fn next_mark(&self, from: usize) -> Option<Mark> {
        let mut at = from;
        loop {
            let rest = self.bytes.get(at..)?;
            let found = rest.iter().position(|byte| matches!(byte, b'o' | b't'))?;
            at += found;
            let rest = &self.bytes[at..];
            if rest.starts_with(b"obj") {
                if let Some(number) = self.number_before(at) {
                    return Some(Mark::Object {
                        number,
                        body: at + 3,
                    });
                }
            } else if rest.starts_with(b"trailer") {
                return Some(Mark::Trailer { body: at + 7 });
            }
            at += 1;
        }
    }

    /// The number of an object whose word `obj` stands at a place: `12 0 obj`.
    fn number_before(&self, at: usize) -> Option<u32> {
        let before = &self.bytes[at.saturating_sub(32)..at];
        let before = before.trim_ascii_end();
        let digits = |bytes: &[u8]| {
            bytes
                .iter()
                .rev()
                .take_while(|one| one.is_ascii_digit())
                .count()
        };
        let generation = digits(before);
        let (rest, _) = before.split_at(before.len() - generation);
        let trimmed = rest.trim_ascii_end();
        let number = digits(trimmed);
        if generation == 0 || number == 0 || trimmed.len() == rest.len() {
            return None;
        }
        let number = &trimmed[trimmed.len() - number..];
        std::str::from_utf8(number).ok()?.parse().ok()
    }

    /// Reads the object at a place, and tells where it ends.
    fn parse(&self, bytes: &[u8], at: usize) -> Result<(Object, usize), PdfFault> {
        let mut parser = Parser::new(bytes, at, self.budget);
        let object = parser.object()?.unwrap_or(Object::Null);
        let Object::Dict(dict) = object else {
            return Ok((object, parser.at));
        };
        parser.skip_space();
        let rest = bytes.get(parser.at..).unwrap_or_default();
        let Some(rest) = rest.strip_prefix(b"stream") else {
            return Ok((Object::Dict(dict), parser.at));
        };
        let line = match rest {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => 0,
        };
        let start = parser.at + b"stream".len() + line;
        let end = self.end_of_stream(bytes, start, &dict)?;
        Ok((Object::Stream(dict, start..end), end))
    }

    /// The end of a stream, by its length where that leads to its last word, else by that word.
    fn end_of_stream(&self, bytes: &[u8], start: usize, dict: &Dict) -> Result<usize, PdfFault> {
        let length = dict.get(&b"Length"[..]).and_then(Object::integer);
        let length = length.and_then(|length| usize::try_from(length).ok());
        if let Some(end) = length.and_then(|length| start.checked_add(length)) {
            let rest = bytes.get(end..).unwrap_or_default();
            let rest = &rest[..rest.len().min(20)];
            if rest.trim_ascii_start().starts_with(b"endstream") {
                return Ok(end);
            }
        }
        let rest = bytes.get(start..).unwrap_or_default();
        let mut at = 0;
        while let Some(next) = rest[at..].iter().position(|byte| *byte == b'e') {
            at += next;
            if rest[at..].starts_with(b"endstream") || rest[at..].starts_with(b"endobj") {
                break;
            }
            at += 1;
        }
        let at = if rest[at..].starts_with(b"end") {
            at
        } else {
            rest.len()
        };
        // The search is work: streams that share one end must not each search for it.
        self.budget.spend(at)?;
        Ok(start + at)
    }

    /// Takes up a trailer: the last one that names a root holds.
    fn trailer(&mut self, dict: &Dict) -> Result<(), PdfFault> {
        if !matches!(dict.get(&b"Encrypt"[..]), None | Some(Object::Null)) {
            return Err(PdfFault::Encrypted);
        }
        if let Some(root) = dict.get(&b"Root"[..]) {
            self.root = Some(root.clone());
        }
        Ok(())
    }

    /// Lists the objects of an object stream (section 7.5.7).
    fn unpack(&mut self, number: u32, object: &Object) -> Result<(), PdfFault> {
        let Object::Stream(dict, _) = object else {
            return Ok(());
        };
        let plain = self.bytes_of(object)?;
        let first = self.get(dict, b"First")?.integer();
        let first = first.and_then(|first| usize::try_from(first).ok());
        let Some(first) = first.filter(|first| *first <= plain.len()) else {
            return Ok(());
        };
        let mut parser = Parser::new(&plain[..first], 0, self.budget);
        let mut found = Vec::new();
        while let (Some(one), Some(at)) = (parser.object()?, parser.object()?) {
            let at = at.integer().and_then(|at| usize::try_from(at).ok());
            if let (Some(one), Some(at)) = (one.integer(), at) {
                self.budget.spend(ENTRY_BYTES)?;
                found.push((one, Place::In(number, first.saturating_add(at))));
            }
        }
        for (one, place) in found {
            // An object that stands in the file by itself was appended to what is packed.
            match self.places.get(&one) {
                Some(Place::At(at)) if self.is_behind(*at, number) => {}
                _ => {
                    self.places.insert(one, place);
                }
            }
        }
        self.packed.borrow_mut().insert(number, plain.into());
        Ok(())
    }

    fn is_behind(&self, at: usize, number: u32) -> bool {
        matches!(self.places.get(&number), Some(Place::At(packed)) if at > *packed)
    }

    /// An object behind any references to it; null where there is none.
    pub(super) fn resolve(&self, object: &Object) -> Result<Object, PdfFault> {
        if !matches!(object, Object::Reference(_)) {
            self.budget.spend(object.weight())?;
        }
        let mut object = object.clone();
        for _ in 0..STEPS {
            let Object::Reference(number) = object else {
                return Ok(object);
            };
            object = match self.places.get(&number) {
                Some(Place::At(at)) => self.parse(self.bytes, *at)?.0,
                Some(Place::In(packed, at)) => {
                    let plain = self.packed.borrow().get(packed).cloned();
                    let plain = plain.unwrap_or_default();
                    let mut parser = Parser::new(&plain, *at, self.budget);
                    parser.object()?.unwrap_or(Object::Null)
                }
                None => Object::Null,
            };
        }
        Ok(Object::Null)
    }

    /// What a dictionary has under a key; null where there is nothing.
    pub(super) fn get(&self, dict: &Dict, key: &[u8]) -> Result<Object, PdfFault> {
        dict.get(key)
            .map_or(Ok(Object::Null), |one| self.resolve(one))
    }

    /// The bytes of a stream, with all filters undone.
    pub(super) fn bytes_of(&self, stream: &Object) -> Result<Vec<u8>, PdfFault> {
        let Object::Stream(dict, range) = stream else {
            return Ok(Vec::new());
        };
        let raw = self.bytes.get(range.clone()).unwrap_or_default();
        let raw = match self.get(dict, b"Length")?.number().and_then(integer) {
            Some(length) if usize::try_from(length).is_ok_and(|one| one < raw.len()) => {
                &raw[..usize::try_from(length).unwrap_or(raw.len())]
            }
            _ => raw,
        };
        let (filter, parameters) = (self.get(dict, b"Filter")?, self.get(dict, b"DecodeParms")?);
        let filters = filter::filters(&filter, &parameters);
        let Some(((name, parameters), others)) = filters.split_first() else {
            self.budget.spend(raw.len())?;
            return Ok(raw.to_vec());
        };
        let mut plain = filter::undo(name, *parameters, raw, self.budget)?;
        for (name, parameters) in others {
            plain = filter::undo(name, *parameters, &plain, self.budget)?;
        }
        Ok(plain)
    }

    /// The pages in their order, each with its resources, which it may have from above.
    pub(super) fn pages(&self) -> Result<Vec<(Dict, Rc<Object>)>, PdfFault> {
        let root = self.root.as_ref().ok_or(PdfFault::Damaged)?;
        let root = self.resolve(root)?;
        let tree = root.dict().and_then(|root| root.get(&b"Pages"[..]));
        let tree = tree.cloned().unwrap_or(Object::Null);
        let mut waiting = vec![(tree, Rc::new(Object::Null))];
        let (mut pages, mut seen) = (Vec::new(), HashSet::new());
        while let Some((node, inherited)) = waiting.pop() {
            // What leads to itself is no tree.
            if matches!(node, Object::Reference(number) if !seen.insert(number)) {
                continue;
            }
            let Object::Dict(dict) = self.resolve(&node)? else {
                continue;
            };
            let resources = match self.get(&dict, b"Resources")? {
                Object::Null => inherited,
                own => Rc::new(own),
            };
            self.budget.spend(ENTRY_BYTES)?;
            match self.get(&dict, b"Kids")? {
                Object::Array(kids) => {
                    for kid in kids.into_iter().rev() {
                        self.budget.spend(ENTRY_BYTES)?;
                        waiting.push((kid, Rc::clone(&resources)));
                    }
                }
                _ if dict.contains_key(&b"Contents"[..])
                    || self.get(&dict, b"Type")?.name() == b"Page" =>
                {
                    pages.push((dict, resources));
                }
                _ => {}
            }
        }
        Ok(pages)
    }
}

enum Mark {
    Object { number: u32, body: usize },
    Trailer { body: usize },
}
