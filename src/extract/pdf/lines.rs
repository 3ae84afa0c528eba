//! Strings at places to lines, in the order in which a page shows them.

use unicode_normalization::UnicodeNormalization as _;

/// From how much of its size on a gap parts words.
const GAP: f64 = 0.16;

/// A string, where it stands along its line and across it.
pub(super) struct Piece {
    /// How many quarters it is turned.
    turn: u8,
    start: f64,
    end: f64,
    base: f64,
    size: f64,
    is_bold: bool,
    text: String,
}

impl Piece {
    /// A string at a place, from the matrix that it is shown with; `end` is where it ends, in points.
    pub(super) fn new(
        at: [f64; 6],
        end: (f64, f64),
        size: f64,
        is_bold: bool,
        text: String,
    ) -> Self {
        let (turn, start, end, base) = if at[0].abs() >= at[1].abs() {
            if at[0] >= 0.0 {
                (0, at[4], end.0, at[5])
            } else {
                (2, -at[4], -end.0, -at[5])
            }
        } else if at[1] >= 0.0 {
            (1, at[5], end.1, -at[4])
        } else {
            (3, -at[5], -end.1, at[4])
        };
        Self {
            turn,
            start,
            end: end.max(start),
            base,
            size: (size * 2.0).round() / 2.0,
            is_bold,
            text,
        }
    }
}

/// A line of text.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) page: usize,
    pub(super) turn: u8,
    /// Where it begins and ends along itself, in points.
    pub(super) start: f64,
    pub(super) end: f64,
    /// How high it stands, in points from below.
    pub(super) base: f64,
    /// The size of most of it, in points.
    pub(super) size: f64,
    votes: usize,
    pub(super) characters: usize,
    bold: usize,
    pub(super) text: String,
}

impl Line {
    pub(super) fn is_bold(&self) -> bool {
        self.bold * 10 > self.characters * 9
    }
}

#[derive(Default)]
pub(super) struct Lines {
    page: usize,
    all: Vec<Line>,
    /// Where the piece before began, and the piece of the line's text that it is.
    last: (f64, usize),
}

impl Lines {
    pub(super) fn begin_page(&mut self, page: usize) {
        self.page = page;
    }

    /// Adds a piece: to the line under way where it stands on it, else as a new one.
    pub(super) fn add(&mut self, piece: &Piece) {
        if self.is_again(piece) {
            return;
        }
        let page = self.page;
        let Some(line) = self
            .all
            .last_mut()
            .filter(|line| continues(line, page, piece))
        else {
            if !piece.text.trim().is_empty() {
                self.begin(piece);
            }
            return;
        };
        let is_apart = piece.start - line.end > GAP * line.size.min(piece.size);
        if is_apart && !line.text.ends_with(' ') {
            line.text.push(' ');
        }
        self.last = (piece.start, line.text.len());
        line.end = line.end.max(piece.end);
        take(line, piece);
    }

    /// Whether a piece is the one before once more: some writers make letters bold by showing them twice.
    fn is_again(&self, piece: &Piece) -> bool {
        let (began, from) = self.last;
        self.all.last().is_some_and(|line| {
            line.text.get(from..) == Some(&piece.text)
                && line.page == self.page
                && (line.base - piece.base).abs() < 0.2 * piece.size
                && (piece.start - began).abs() < 0.2 * piece.size
                && !piece.text.trim().is_empty()
        })
    }

    fn begin(&mut self, piece: &Piece) {
        let mut line = Line {
            page: self.page,
            turn: piece.turn,
            start: piece.start,
            end: piece.end,
            base: piece.base,
            size: piece.size,
            votes: 0,
            characters: 0,
            bold: 0,
            text: String::new(),
        };
        take(&mut line, piece);
        self.last = (piece.start, 0);
        self.all.push(line);
    }

    pub(super) fn end(self) -> Vec<Line> {
        self.all
    }
}

fn continues(line: &Line, page: usize, piece: &Piece) -> bool {
    let (small, large) = (line.size.min(piece.size), line.size.max(piece.size));
    // A note's mark stands higher than its line.
    let high = if small < 0.85 * large { 0.5 } else { 0.3 };
    line.page == page
        && line.turn == piece.turn
        && (line.base - piece.base).abs() <= high * large
        && piece.start > line.end - large.max(0.5 * (line.end - line.start))
}

/// Takes the text of a piece. The size of a line is that of the most of its characters, by a majority vote.
fn take(line: &mut Line, piece: &Piece) {
    for one in piece.text.chars() {
        match one {
            // Ligatures are a matter of type.
            '\u{fb00}'..='\u{fb06}' => line.text.extend(std::iter::once(one).nfkc()),
            one if one.is_control() => line.text.push(' '),
            one => line.text.push(one),
        }
    }
    let count = piece
        .text
        .chars()
        .filter(|one| !one.is_whitespace())
        .count();
    line.characters += count;
    line.bold += if piece.is_bold { count } else { 0 };
    if same_size(line.size, piece.size) {
        line.votes += count;
    } else if line.votes >= count {
        line.votes -= count;
    } else {
        (line.size, line.base, line.votes) = (piece.size, piece.base, count - line.votes);
    }
}

pub(super) fn same_size(one: f64, other: f64) -> bool {
    (one - other).abs() < 0.75
}
