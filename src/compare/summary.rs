//! The summary of a change: counts, headings and quotes of the texts, put into sentences by templates and nothing else.

use std::ops::Range;

use super::Delta;
use super::blocks::{Compared, joined, retargeted};
use super::claims::{Claims, claims};
use crate::model::{Change, ClauseChangeKind, ClauseCounts, ClauseKind, Clauses, Rule, Span};

/// How many characters a quote may have.
pub const QUOTE_CHARS: usize = 240;
/// How many characters of unchanged words may stand before the first edit of a quote.
const LEAD_CHARS: usize = 60;
/// How many characters of a heading a headline repeats.
const HEADING_CHARS: usize = 80;
/// How many headings a headline names.
const HEADINGS: usize = 2;

/// What a change is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// What changed, by the headings that it stands under, in the order of the texts.
    pub sections: Vec<Section>,
    /// How many changed clauses more there are than are quoted.
    pub left_out: usize,
    /// The dates that the version before gives of itself.
    pub claims_before: Claims,
    /// The dates that the version gives of itself.
    pub claims: Claims,
}

/// What changed under a heading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    /// The heading; none above the first one.
    pub heading: Option<String>,
    /// What changed under it.
    pub excerpts: Vec<Excerpt>,
}

impl Summary {
    /// The headings that something changed under, each once: some of the first, where there are many.
    #[must_use]
    pub fn headings(&self) -> Vec<Option<&str>> {
        let mut headings = Vec::new();
        for section in &self.sections {
            let heading = section.heading.as_deref();
            if !headings.contains(&heading) && headings.len() <= HEADINGS {
                headings.push(heading);
            }
        }
        headings
    }
}

/// A changed clause in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// What became of it.
    pub kind: ClauseChangeKind,
    /// The rule that judges it.
    pub rule: Rule,
    /// Words of it as it was; none where it came.
    pub before: Option<Quote>,
    /// Words of it as it is; none where it went.
    pub after: Option<Quote>,
    /// Where its links led and lead, of those that lead elsewhere.
    pub retargeted: Vec<(String, String)>,
}

/// Words of a text, and where the clause that has them stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The words, as they are read; an ellipsis stands where others were cut off.
    pub words: String,
    /// The bytes of the text that the clause has.
    pub span: Span,
}

/// Sums up a change. At most [`Change::CLAUSES`] changed clauses are quoted.
#[must_use]
pub fn summarise(compared: Compared<'_>) -> Summary {
    let Compared {
        from,
        to,
        comparison,
    } = compared;
    let mut sections: Vec<Section> = Vec::new();
    for delta in comparison.deltas.iter().take(Change::CLAUSES) {
        let heading = heading(from.clauses, to.clauses, delta);
        if sections
            .last()
            .is_none_or(|last| last.heading.as_deref() != heading)
        {
            sections.push(Section {
                heading: heading.map(str::to_owned),
                excerpts: Vec::new(),
            });
        }
        if let Some(section) = sections.last_mut() {
            section
                .excerpts
                .push(excerpt(from.clauses, to.clauses, delta));
        }
    }
    Summary {
        sections,
        left_out: comparison.deltas.len().saturating_sub(Change::CLAUSES),
        claims_before: claims(from.text, from.clauses),
        claims: claims(to.text, to.clauses),
    }
}

/// The heading that a changed clause stands under, or stood under where it went; for a heading, itself.
fn heading<'a>(from: &'a Clauses, to: &'a Clauses, delta: &Delta) -> Option<&'a str> {
    let (clauses, place) = if delta.to.is_empty() {
        (from, delta.from.start)
    } else {
        (to, delta.to.start)
    };
    heading_of(clauses, place)
}

/// The heading that a clause stands under; for a heading, itself.
#[must_use]
pub fn heading_of(clauses: &Clauses, place: usize) -> Option<&str> {
    let clause = clauses.all().get(place)?;
    match clause.kind {
        ClauseKind::Heading { .. } => Some(clauses.reading(clause)),
        _ => clauses.path(clause).last().copied(),
    }
}

/// The headline of a change: how many clauses changed, by kind, and the headings that all of them stand under.
#[must_use]
pub fn headline(counts: &ClauseCounts, headings: &[Option<&str>]) -> String {
    let mut text = String::new();
    let mut noun_before = "";
    for (kind, count) in counts.iter() {
        let noun = match kind {
            ClauseChangeKind::Retitled => "heading",
            ClauseChangeKind::LinkRetargeted => "link",
            _ => "clause",
        };
        let verb = match kind {
            ClauseChangeKind::LinkRetargeted => "retargeted",
            kind => kind.word(),
        };
        if !text.is_empty() {
            text.push_str(", ");
        }
        if noun == noun_before {
            text.push_str(&format!("{count} {verb}"));
        } else {
            let plural = if count == 1 { "" } else { "s" };
            text.push_str(&format!("{count} {noun}{plural} {verb}"));
        }
        noun_before = noun;
    }
    if text.is_empty() {
        return "No clause changed".to_owned();
    }
    let named = |heading: Option<&str>| match heading {
        Some(heading) => format!("under “{}”", cut(heading, HEADING_CHARS)),
        None => "above the first heading".to_owned(),
    };
    match *headings {
        [] => {}
        [one] => text.push_str(&format!(" {}", named(one))),
        [one, other] => text.push_str(&format!(" {} and {}", named(one), named(other))),
        [one, other, ..] => {
            text.push_str(&format!(" {}, {} and elsewhere", named(one), named(other)));
        }
    }
    text
}

fn excerpt(from: &Clauses, to: &Clauses, delta: &Delta) -> Excerpt {
    let (old, new) = (
        joined(from, delta.from.clone()),
        joined(to, delta.to.clone()),
    );
    let lead = common_prefix(&old, &new);
    let quote = |clauses: &Clauses, range: &Range<usize>, words: &str| {
        let all = clauses.all().get(range.clone())?;
        let (first, last) = (all.first()?, all.last()?);
        Some(Quote {
            words: window(words, lead),
            span: Span {
                start: first.span.start,
                end: last.span.end,
            },
        })
    };
    let links = retargeted(from, to, delta).into_iter();
    Excerpt {
        kind: delta.kind,
        rule: delta.rule,
        before: quote(from, &delta.from, &old),
        after: quote(to, &delta.to, &new),
        retargeted: links
            .map(|(old, new)| (old.to_owned(), new.to_owned()))
            .collect(),
    }
}

/// How many bytes at the beginning two readings that differ have in common.
fn common_prefix(old: &str, new: &str) -> usize {
    if old == new {
        return 0;
    }
    let mut pairs = old.char_indices().zip(new.chars());
    let differs = pairs.find(|((_, one), other)| one != other);
    differs.map_or(old.len().min(new.len()), |((at, _), _)| at)
}

/// As many words of a reading as a quote may have, beginning a few words before this byte.
fn window(reading: &str, lead: usize) -> String {
    let head = reading.get(..lead).unwrap_or_default();
    let skipped = head.chars().count().saturating_sub(LEAD_CHARS);
    if skipped == 0 || reading.chars().nth(QUOTE_CHARS).is_none() {
        return cut(reading, QUOTE_CHARS);
    }
    let at = reading.char_indices().nth(skipped).map_or(0, |(at, _)| at);
    // The next beginning of a word.
    let behind = reading[at..]
        .find(char::is_whitespace)
        .map_or(at, |gap| at + gap);
    format!("… {}", cut(reading[behind..].trim_start(), QUOTE_CHARS))
}

/// The beginning of a text, at most so many characters long and cut between words where it has gaps.
#[must_use]
pub fn cut(text: &str, chars: usize) -> String {
    let text = text.trim();
    let Some((end, _)) = text.char_indices().nth(chars) else {
        return text.replace('\n', " ");
    };
    let gap = text[..end].rfind(char::is_whitespace);
    // A word that fills half of the room is cut itself.
    let end = gap.filter(|gap| *gap > end / 2).unwrap_or(end);
    format!("{} …", text[..end].trim_end().replace('\n', " "))
}
