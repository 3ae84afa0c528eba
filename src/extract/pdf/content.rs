//! What the operators of a page show (ISO 32000-1, sections 8.4 and 9): strings, each with where it stands.

use std::collections::HashMap;
use std::rc::Rc;

use super::PdfFault;
use super::file::File;
use super::font::Font;
use super::lines::{Line, Lines, Piece};
use super::object::{Dict, Object, Parser, is_space};

/// How deep forms show other forms.
const FORMS: usize = 12;
/// How many graphics states are kept at once.
const STATES: usize = 64;
/// The most operands that an operator has.
const OPERANDS: usize = 40;
/// What stands for a character that the file does not tell.
const UNKNOWN: char = '\u{fffd}';

/// What pages show.
pub(super) struct Shown {
    pub(super) lines: Vec<Line>,
    pub(super) characters: usize,
    /// How many of the characters are not told.
    pub(super) unknown: usize,
}

/// Where something stands: the six numbers of section 8.3.3.
type Matrix = [f64; 6];

const SAME: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

fn times(a: Matrix, b: Matrix) -> Matrix {
    [
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    ]
}

#[derive(Clone)]
struct State {
    page: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    character_space: f64,
    word_space: f64,
    scale: f64,
    leading: f64,
    rise: f64,
}

struct Reader<'f> {
    file: &'f File<'f>,
    fonts: HashMap<u32, Rc<Font>>,
    lines: Lines,
    characters: usize,
    unknown: usize,
}

/// Reads all pages.
pub(super) fn show(file: &File<'_>, pages: &[(Dict, Rc<Object>)]) -> Result<Shown, PdfFault> {
    let mut reader = Reader {
        file,
        fonts: HashMap::new(),
        lines: Lines::default(),
        characters: 0,
        unknown: 0,
    };
    for (number, (page, resources)) in pages.iter().enumerate() {
        reader.lines.begin_page(number);
        let mut bytes = Vec::new();
        let contents = file.get(page, b"Contents")?;
        for stream in match &contents {
            Object::Array(streams) => streams.as_slice(),
            one => std::slice::from_ref(one),
        } {
            bytes.extend(file.bytes_of(&file.resolve(stream)?)?);
            bytes.push(b'\n');
        }
        let state = State {
            page: SAME,
            font: None,
            size: 0.0,
            character_space: 0.0,
            word_space: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        let resources = resources.dict().cloned().unwrap_or_default();
        reader.run(&bytes, &resources, state, 0)?;
    }
    Ok(Shown {
        lines: reader.lines.end(),
        characters: reader.characters,
        unknown: reader.unknown,
    })
}

/// The places within a text object: of what is shown next, and of its line.
#[derive(Clone, Copy)]
struct Text {
    at: Matrix,
    line: Matrix,
}

impl Text {
    fn next_line(&mut self, x: f64, y: f64) {
        self.line = times([1.0, 0.0, 0.0, 1.0, x, y], self.line);
        self.at = self.line;
    }
}

impl Reader<'_> {
    /// Runs the operators of a page or a form.
    fn run(
        &mut self,
        bytes: &[u8],
        resources: &Dict,
        state: State,
        depth: usize,
    ) -> Result<(), PdfFault> {
        let mut parser = Parser::new(bytes, 0, self.file.budget);
        let (mut state, mut kept) = (state, Vec::new());
        let mut text = Text {
            at: SAME,
            line: SAME,
        };
        let mut operands: Vec<Object> = Vec::new();
        while parser.at < bytes.len() {
            let Some(object) = parser.object()? else {
                parser.at += 1;
                continue;
            };
            let Object::Word(operator) = object else {
                if operands.len() < OPERANDS {
                    operands.push(object);
                }
                continue;
            };
            match operator.as_slice() {
                b"q" => {
                    if kept.len() < STATES {
                        kept.push(state.clone());
                    }
                }
                b"Q" => state = kept.pop().unwrap_or(state),
                b"cm" => state.page = times(matrix(&operands), state.page),
                b"Do" => self.form(operands.first(), resources, &state, depth)?,
                b"ID" => skip_picture(&mut parser),
                b"Tf" => {
                    state.font = self.font(operands.first(), resources)?;
                    state.size = number(&operands, 1);
                }
                b"Tj" | b"TJ" | b"'" | b"\"" => {
                    if operator == b"\"" {
                        state.word_space = number(&operands, 0);
                        state.character_space = number(&operands, 1);
                    }
                    if matches!(operator.as_slice(), b"'" | b"\"") {
                        text.next_line(0.0, -state.leading);
                    }
                    if let Some(shown) = operands.last() {
                        self.strings(shown, &state, &mut text)?;
                    }
                }
                other => place(other, &operands, &mut state, &mut text),
            }
            operands.clear();
        }
        Ok(())
    }

    /// Shows a form, which is a page within a page.
    fn form(
        &mut self,
        name: Option<&Object>,
        resources: &Dict,
        state: &State,
        depth: usize,
    ) -> Result<(), PdfFault> {
        let forms = self.file.get(resources, b"XObject")?;
        let form = match (forms.dict(), name) {
            (Some(forms), Some(name)) => self.file.get(forms, name.name())?,
            _ => return Ok(()),
        };
        let Some(dict) = form.dict().filter(|_| depth < FORMS) else {
            return Ok(());
        };
        if self.file.get(dict, b"Subtype")?.name() != b"Form" {
            return Ok(());
        }
        let own = self.file.get(dict, b"Resources")?;
        let resources = own.dict().unwrap_or(resources);
        let mut state = state.clone();
        if let Object::Array(numbers) = self.file.get(dict, b"Matrix")? {
            state.page = times(matrix(&numbers), state.page);
        }
        let bytes = self.file.bytes_of(&form)?;
        self.run(&bytes, resources, state, depth + 1)
    }

    fn font(
        &mut self,
        name: Option<&Object>,
        resources: &Dict,
    ) -> Result<Option<Rc<Font>>, PdfFault> {
        let fonts = self.file.get(resources, b"Font")?;
        let named = match (fonts.dict(), name) {
            (Some(fonts), Some(name)) => fonts.get(name.name()),
            _ => None,
        };
        let Some(named) = named else { return Ok(None) };
        if let Object::Reference(number) = named
            && let Some(font) = self.fonts.get(number)
        {
            return Ok(Some(Rc::clone(font)));
        }
        let Object::Dict(dict) = self.file.resolve(named)? else {
            return Ok(None);
        };
        let font = Rc::new(Font::read(self.file, &dict)?);
        if let Object::Reference(number) = named {
            self.fonts.insert(*number, Rc::clone(&font));
        }
        Ok(Some(font))
    }

    /// Shows a string, or strings with the gaps between them.
    fn strings(&mut self, shown: &Object, state: &State, text: &mut Text) -> Result<(), PdfFault> {
        match shown {
            Object::Text(bytes) => self.string(bytes, state, text)?,
            Object::Array(items) => {
                for item in items {
                    match item {
                        Object::Text(bytes) => self.string(bytes, state, text)?,
                        Object::Number(gap) => {
                            let by = -gap / 1000.0 * state.size * state.scale;
                            text.at = times([1.0, 0.0, 0.0, 1.0, by, 0.0], text.at);
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn string(&mut self, bytes: &[u8], state: &State, text: &mut Text) -> Result<(), PdfFault> {
        let Some(font) = &state.font else {
            return Ok(());
        };
        let (mut read, mut advance) = (String::new(), 0.0);
        for glyph in font.glyphs(bytes) {
            let characters = glyph.text.unwrap_or_else(|| {
                self.unknown += 1;
                UNKNOWN.to_string()
            });
            self.characters += 1;
            // It is held three times on its way to the text.
            self.file.budget.spend(4 * characters.len())?;
            read.push_str(&characters);
            let word_space = if glyph.is_space {
                state.word_space
            } else {
                0.0
            };
            advance +=
                (glyph.width * state.size + state.character_space + word_space) * state.scale;
        }
        let at = times(
            [1.0, 0.0, 0.0, 1.0, 0.0, state.rise],
            times(text.at, state.page),
        );
        text.at = times([1.0, 0.0, 0.0, 1.0, advance, 0.0], text.at);
        let end = times(
            [1.0, 0.0, 0.0, 1.0, 0.0, state.rise],
            times(text.at, state.page),
        );
        let high = (at[2] * at[2] + at[3] * at[3]).sqrt() * state.size.abs();
        let is_told = [at[0], at[1], at[4], at[5], end[4], end[5], high]
            .iter()
            .all(|one| one.is_finite());
        if !is_told || read.is_empty() {
            return Ok(());
        }
        self.file.budget.spend(size_of::<Line>())?;
        let piece = Piece::new(at, (end[4], end[5]), high, font.is_bold, read);
        self.lines.add(&piece);
        Ok(())
    }
}

/// The operators that only say where or how the next text stands.
fn place(operator: &[u8], operands: &[Object], state: &mut State, text: &mut Text) {
    match operator {
        b"BT" => {
            *text = Text {
                at: SAME,
                line: SAME,
            }
        }
        b"Td" => text.next_line(number(operands, 0), number(operands, 1)),
        b"TD" => {
            state.leading = -number(operands, 1);
            text.next_line(number(operands, 0), number(operands, 1));
        }
        b"Tm" => {
            let at = matrix(operands);
            *text = Text { at, line: at };
        }
        b"T*" => text.next_line(0.0, -state.leading),
        b"Tc" => state.character_space = number(operands, 0),
        b"Tw" => state.word_space = number(operands, 0),
        b"Tz" => state.scale = number(operands, 0) / 100.0,
        b"TL" => state.leading = number(operands, 0),
        b"Ts" => state.rise = number(operands, 0),
        _ => {}
    }
}

fn number(operands: &[Object], at: usize) -> f64 {
    let number = operands.get(at).and_then(Object::number);
    number.unwrap_or_default()
}

fn matrix(operands: &[Object]) -> Matrix {
    if operands.len() < 6 {
        return SAME;
    }
    std::array::from_fn(|at| number(operands, at))
}

/// Skips the bytes of a picture that stands among the operators.
fn skip_picture(parser: &mut Parser<'_>) {
    let rest = parser.bytes.get(parser.at..).unwrap_or_default();
    let is_end = |four: &[u8]| is_space(four[0]) && &four[1..3] == b"EI" && is_space(four[3]);
    let end = rest.windows(4).position(is_end);
    parser.at += end.map_or(rest.len(), |end| end + 3);
}
