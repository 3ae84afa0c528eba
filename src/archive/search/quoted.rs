//! Hits, read in the archive: the index only says where to look, and what is there must be what it says.

use super::ask::Candidate;
use super::{Hit, Question, Searcher};
use crate::archive::ArchiveError;
use crate::classify::{Classifier, context};
use crate::model::{Fact, Span};
use crate::search::Query;
use crate::segment::{self, Along};

impl Searcher {
    /// The hit of a candidate; none where the text was withheld just now, or no provision is of the kinds asked for.
    pub(super) fn hit(
        &self,
        question: &Question,
        candidate: &Candidate,
    ) -> Result<Option<Hit>, ArchiveError> {
        let place = &candidate.place;
        let document = self.document(place)?;
        let version_seq = place.runs.last().map_or(0, |run| run.first_seq);
        let event = self.archive.event(version_seq)?;
        let content = match &event.fact {
            Fact::VersionRecorded(version) if event.stream == document.stream() => version.text,
            _ => {
                let (document, seq) = (document.name.clone(), event.seq);
                return Err(ArchiveError::NotAVersion { document, seq });
            }
        };
        let Ok(text) = self.archive.content(content.blob)? else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(&text);
        let clause = self.read(candidate, &text)?;
        let provisions = match &question.kinds {
            None => Vec::new(),
            Some(kinds) => {
                let headings = clause.headings.iter().map(String::as_str);
                let above = context(Some(document.name.document_type()), headings);
                let classifier = Classifier::built_in()?;
                let mut all = classifier.classify(&clause.reading, above.as_deref());
                all.retain(|one| kinds.contains(&one.kind));
                if all.is_empty() {
                    return Ok(None);
                }
                all
            }
        };
        let stood = self.stood(place)?;
        Ok(Some(Hit {
            since: stood.first().map_or(event.observed_at, |first| first.since),
            document: document.clone(),
            headings: clause.headings,
            span: place.span,
            marks: marks(&question.query, clause.quote, place.span),
            quote: clause.quote.to_owned(),
            nearness: candidate.nearness,
            version_seq,
            sha256: content.sha256,
            stood,
            provisions,
        }))
    }

    /// Reads the clause where the index says that it stands.
    fn read<'a>(&self, candidate: &Candidate, text: &'a str) -> Result<Read<'a>, ArchiveError> {
        let place = &candidate.place;
        let damaged = || {
            let what = format!("wording {} does not stand where it says", candidate.wording);
            ArchiveError::from(self.index.damaged(what))
        };
        let quote = place.span.cut(text).ok_or_else(damaged)?;
        // Most clauses read the same by themselves as in their text, which takes far longer to divide.
        let alone = segment::segment(quote);
        if let [clause] = alone.all()
            && self.index.wording(clause.digest)? == Some(candidate.wording)
        {
            let headings = place.headings.iter().map(|span| heading(*span, text));
            return Ok(Read {
                quote,
                reading: alone.reading(clause).to_owned(),
                headings: headings.collect::<Option<_>>().ok_or_else(damaged)?,
            });
        }
        let whole = segment::segment(text);
        let mut here = whole
            .all()
            .iter()
            .filter(|clause| clause.span == place.span);
        let clause = here.next().ok_or_else(damaged)?;
        if self.index.wording(clause.digest)? != Some(candidate.wording) {
            return Err(damaged());
        }
        Ok(Read {
            quote,
            reading: whole.reading(clause).to_owned(),
            headings: whole.path(clause).into_iter().map(str::to_owned).collect(),
        })
    }
}

/// A clause as it was read in the archive.
struct Read<'a> {
    quote: &'a str,
    reading: String,
    headings: Vec<String>,
}

/// What a person reads in a heading.
fn heading(span: Span, text: &str) -> Option<String> {
    let line: Vec<&str> = span.cut(text)?.split_whitespace().collect();
    // Behind this sign a number is no item of a list.
    let clauses = segment::segment(&format!("# {}", line.join(" ")));
    let read = clauses.all().first().map(|clause| clauses.reading(clause));
    Some(read.unwrap_or_default().to_owned())
}

/// Where in the text the words stand that were looked for.
fn marks(query: &Query, quote: &str, span: Span) -> Vec<Span> {
    let along = Along::of(quote);
    let in_quote = query.marks(along.text()).into_iter();
    in_quote
        .filter_map(|mark| along.source(mark))
        .map(|mark| Span {
            start: span.start + mark.start,
            end: span.start + mark.end,
        })
        .collect()
}
