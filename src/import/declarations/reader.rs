//! Values of either form to declarations, with every problem on the way.

use std::path::Path;

use serde_json::{Map, Value};

use super::keys::Keys;
use super::{Problem, Severity};
use crate::model::{
    Boundary, Declaration, DeclaredDocument, DocumentName, EarlierDeclaration, Filter, Instant,
    Selection, SourcePart,
};

type Object = Map<String, Value>;

/// Reads the documents of one file, with the earlier declarations in the file of its history.
pub(super) fn documents(
    keys: &Keys,
    (file, value): (&Path, &Value),
    history: Option<(&Path, &Value)>,
    problems: &mut Vec<Problem>,
) -> Vec<DeclaredDocument> {
    let mut reader = Reader {
        keys,
        file,
        problems,
    };
    let Some((platform, declared)) = reader.platform(value) else {
        return Vec::new();
    };
    let mut documents = Vec::new();
    for (document_type, value) in declared {
        let place = format!("{}.{document_type}", keys.documents);
        if let Some(document) = reader.document(platform, document_type, &place, value) {
            documents.push(document);
        }
    }
    let Some((file, value)) = history else {
        return documents;
    };
    let mut reader = Reader {
        keys,
        file,
        problems,
    };
    for (document_type, value) in reader.object("", value).into_iter().flatten() {
        let Some(name) = reader.name(platform, document_type, document_type) else {
            continue;
        };
        let earlier = reader.earlier(document_type, value);
        match documents.iter_mut().find(|known| known.document == name) {
            Some(known) => known.earlier = earlier,
            None => documents.push(DeclaredDocument {
                document: name,
                current: None,
                earlier,
            }),
        }
    }
    documents
}

struct Reader<'a> {
    keys: &'a Keys,
    file: &'a Path,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn report(&mut self, place: &str, severity: Severity, message: impl Into<String>) {
        self.problems.push(Problem {
            file: self.file.to_owned(),
            line: None,
            place: place.to_owned(),
            message: message.into(),
            severity,
        });
    }

    fn error<T>(&mut self, place: &str, message: impl Into<String>) -> Option<T> {
        self.report(place, Severity::Error, message);
        None
    }

    fn object<'v>(&mut self, place: &str, value: &'v Value) -> Option<&'v Object> {
        match value.as_object() {
            Some(object) => Some(object),
            None => self.error(place, "a table of keys must stand here"),
        }
    }

    fn text<'v>(&mut self, place: &str, value: &'v Value) -> Option<&'v str> {
        match value.as_str().filter(|text| !text.trim().is_empty()) {
            Some(text) => Some(text),
            None => self.error(place, "a text that is not blank must stand here"),
        }
    }

    /// The platform's name, and the documents by type.
    fn platform<'v>(&mut self, value: &'v Value) -> Option<(&'v str, &'v Object)> {
        let object = self.object("", value)?;
        let (platform, documents) = (self.keys.platform, self.keys.documents);
        self.known_keys("", object, &[platform, documents]);
        let name = match object.get(platform) {
            Some(name) => self.text(platform, name),
            None => self.error(platform, "it is missing: write the platform's name"),
        };
        let declared = match object.get(documents) {
            Some(declared) => self.object(documents, declared),
            None => self.error(documents, "it is missing: write a table for each document"),
        };
        Some((name?, declared?))
    }

    fn name(&mut self, platform: &str, document_type: &str, place: &str) -> Option<DocumentName> {
        match DocumentName::new(platform, document_type) {
            Ok(name) => Some(name),
            Err(error) => self.error(place, error.to_string()),
        }
    }

    fn document(
        &mut self,
        platform: &str,
        document_type: &str,
        place: &str,
        value: &Value,
    ) -> Option<DeclaredDocument> {
        let document = self.name(platform, document_type, place);
        let object = self.object(place, value)?;
        let current = self.declaration(place, object, self.keys.earlier);
        let earlier = match self
            .keys
            .earlier
            .and_then(|key| Some((key, object.get(key)?)))
        {
            Some((key, earlier)) => self.earlier(&format!("{place}.{key}"), earlier),
            None => Vec::new(),
        };
        Some(DeclaredDocument {
            document: document?,
            current: Some(current?),
            earlier,
        })
    }

    fn earlier(&mut self, place: &str, value: &Value) -> Vec<EarlierDeclaration> {
        let key = self.keys.valid_until;
        let mut earlier = Vec::new();
        for (place, value) in items(place, value) {
            let Some(object) = self.object(&place, value) else {
                continue;
            };
            let declaration = self.declaration(&place, object, Some(key));
            let until = object.get(key).and_then(Value::as_str);
            let valid_until = match until.and_then(Instant::parse_rfc3339) {
                Some(until) => Some(until),
                None => self.error(
                    &format!("{place}.{key}"),
                    "an instant must stand here, as in \"2024-05-31T12:00:00Z\"",
                ),
            };
            if let (Some(valid_until), Some(declaration)) = (valid_until, declaration) {
                earlier.push(EarlierDeclaration {
                    valid_until,
                    declaration,
                });
            }
        }
        earlier.sort_by_key(|earlier| earlier.valid_until);
        earlier
    }

    /// Reads one declaration: its parts, or the one that it is itself. `also` is a key that others read.
    fn declaration(
        &mut self,
        place: &str,
        object: &Object,
        also: Option<&str>,
    ) -> Option<Declaration> {
        let key = self.keys.parts;
        let mut known = self.part_keys().to_vec();
        known.push(key);
        known.extend(also);
        self.known_keys(place, object, &known);
        let Some(parts) = object.get(key) else {
            return Some(Declaration::new(
                self.part(place, object, None)?,
                Vec::new(),
            ));
        };
        let place = format!("{place}.{key}");
        let mut read = Vec::new();
        for (place, part) in items(&place, parts) {
            read.push(self.object(&place, part).and_then(|part| {
                let known = self.part_keys();
                self.known_keys(&place, part, &known);
                self.part(&place, part, Some(object))
            }));
        }
        if read.is_empty() {
            return self.error(&place, "it is empty: write at least one part");
        }
        let mut read = read.into_iter().collect::<Option<Vec<_>>>()?.into_iter();
        Some(Declaration::new(read.next()?, read.collect()))
    }

    fn part_keys(&self) -> [&'static str; 5] {
        let keys = self.keys;
        [
            keys.address,
            keys.select,
            keys.remove,
            keys.filters,
            keys.client_scripts,
        ]
    }

    fn known_keys(&mut self, place: &str, object: &Object, known: &[&str]) {
        for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
            let message = format!("no such key is known here; known are {}", known.join(", "));
            let place = format!("{place}.{key}");
            self.report(place.trim_start_matches('.'), Severity::Warning, message);
        }
    }

    /// Reads a part; what it doesn't say itself, the declaration `above` that it stands in says for it.
    fn part(&mut self, place: &str, object: &Object, above: Option<&Object>) -> Option<SourcePart> {
        let keys = self.keys;
        let value = |key: &str| object.get(key).or_else(|| above?.get(key));
        let at = |key: &str| format!("{place}.{key}");
        let address = match value(keys.address) {
            Some(address) => self.address(&at(keys.address), address),
            None => self.error(&at(keys.address), "it is missing: write the page's address"),
        };
        let select = self.selections(&at(keys.select), value(keys.select));
        let remove = self.selections(&at(keys.remove), value(keys.remove));
        let filters = value(keys.filters);
        let (filters, unsupported_filters) = self.filters(&at(keys.filters), filters);
        let client_scripts = match value(keys.client_scripts) {
            None => Some(false),
            Some(Value::Bool(scripts)) => Some(*scripts),
            Some(_) => self.error(&at(keys.client_scripts), "true or false must stand here"),
        };
        Some(SourcePart {
            address: address?,
            select: select?,
            remove: remove?,
            filters,
            unsupported_filters,
            client_scripts: client_scripts?,
        })
    }

    fn address(&mut self, place: &str, value: &Value) -> Option<String> {
        let address = self.text(place, value)?.trim();
        let host = ["https://", "http://"]
            .iter()
            .find_map(|scheme| address.strip_prefix(scheme));
        let whole = !address.contains(|c: char| c.is_whitespace() || c.is_control());
        match host.filter(|host| whole && !host.starts_with(['/', '?', '#']) && !host.is_empty()) {
            Some(_) => Some(address.to_owned()),
            None => self.error(
                place,
                "an absolute address must stand here, as in \"https://example.org/terms\"",
            ),
        }
    }

    fn selections(&mut self, place: &str, value: Option<&Value>) -> Option<Vec<Selection>> {
        let list = value.map_or_else(Vec::new, |value| items(place, value));
        let read: Vec<Option<Selection>> = list
            .into_iter()
            .map(|(place, item)| self.selection(&place, item))
            .collect();
        read.into_iter().collect()
    }

    fn selection(&mut self, place: &str, value: &Value) -> Option<Selection> {
        let keys = self.keys;
        let Value::Object(range) = value else {
            let selector = self.text(place, value)?;
            return Some(Selection::Elements(selector.to_owned()));
        };
        let known = [
            keys.start_before,
            keys.start_after,
            keys.end_before,
            keys.end_after,
        ];
        self.known_keys(place, range, &known);
        let start = self.boundary(place, range, keys.start_before, keys.start_after);
        let end = self.boundary(place, range, keys.end_before, keys.end_after);
        Some(Selection::Range {
            start: start?,
            end: end?,
        })
    }

    fn boundary(
        &mut self,
        place: &str,
        range: &Object,
        before: &str,
        after: &str,
    ) -> Option<Boundary> {
        match (range.get(before), range.get(after)) {
            (Some(selector), None) => {
                let selector = self.text(&format!("{place}.{before}"), selector)?;
                Some(Boundary::Before(selector.to_owned()))
            }
            (None, Some(selector)) => {
                let selector = self.text(&format!("{place}.{after}"), selector)?;
                Some(Boundary::After(selector.to_owned()))
            }
            _ => self.error(place, format!("write either {before} or {after}")),
        }
    }

    /// The filters that are known, and the names of the others.
    fn filters(&mut self, place: &str, value: Option<&Value>) -> (Vec<Filter>, Vec<String>) {
        let (mut filters, mut unsupported) = (Vec::new(), Vec::new());
        let list = value.map_or_else(Vec::new, |value| items(place, value));
        for (place, item) in list {
            match item {
                Value::String(name) => self.unsupported(&place, name, &mut unsupported),
                Value::Object(table) => {
                    for (name, given) in table {
                        if name == self.keys.remove_query_params {
                            let place = format!("{place}.{name}");
                            let names = items(&place, given);
                            let names = names
                                .into_iter()
                                .filter_map(|(place, name)| {
                                    Some(self.text(&place, name)?.to_owned())
                                })
                                .collect();
                            filters.push(Filter::RemoveQueryParams(names));
                        } else {
                            self.unsupported(&place, name, &mut unsupported);
                        }
                    }
                }
                _ => self.report(
                    &place,
                    Severity::Warning,
                    "the name of a filter must stand here, or a table with its name as the key",
                ),
            }
        }
        (filters, unsupported)
    }

    fn unsupported(&mut self, place: &str, name: &str, unsupported: &mut Vec<String>) {
        let message = format!(
            "the filter {name} is a program of the collection's own and is not run; known is {}",
            self.keys.remove_query_params
        );
        self.report(place, Severity::Warning, message);
        unsupported.push(name.to_owned());
    }
}

/// The items of a list with their places; a single value is a list of one.
fn items<'v>(place: &str, value: &'v Value) -> Vec<(String, &'v Value)> {
    match value.as_array() {
        Some(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (format!("{place}[{index}]"), item))
            .collect(),
        None => vec![(place.to_owned(), value)],
    }
}
