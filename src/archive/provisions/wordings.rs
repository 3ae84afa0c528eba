//! How platforms word a kind of provision, side by side.

use std::collections::{BTreeMap, BTreeSet};

use super::ProvisionReader;
use crate::archive::{Archive, ArchiveError};
use crate::classify::{Classifier, Kind};
use crate::export::shape::{HeldLine, OthersLine, WordingsLine};
use crate::model::Instant;
use crate::project::{AsOf, Document};

/// How many platforms are shown on a provision's page, and how many wordings of each.
const NEAREST: usize = 5;
const WORDINGS: usize = 2;

/// The wordings that are asked for.
#[derive(Debug, Clone, Copy)]
pub struct WordingsOn<'a> {
    /// Of this kind.
    pub kind: &'a Kind,
    /// Of these platforms; of all where none is named.
    pub platforms: &'a [String],
    /// As of this instant.
    pub as_of: Instant,
    /// What they are compared with.
    pub near: Near<'a>,
}

/// What wordings are compared with.
#[derive(Debug, Clone, Copy)]
pub enum Near<'a> {
    /// The surest wording of the first platform that is named or, where none is, the surest of all; its platform comes first.
    Surest,
    /// A wording of a platform that is left out itself.
    This {
        /// The wording.
        quote: &'a str,
        /// Its platform.
        platform: &'a str,
    },
}

/// What the documents of a platform hold of a kind, the surest first.
struct Said {
    lines: Vec<HeldLine>,
    /// Whether there was a text in which something might have been found.
    is_read: bool,
}

impl Archive {
    /// Reads how platforms word a kind, the nearest first. All documents of these platforms are read, one text after another, and
    /// what is held at once is what they say of the kind. `progress` is told how many of how many are read.
    ///
    /// # Errors
    /// As [`Self::documents_named`]; what is wrong with the archive.
    pub fn wordings(
        &self,
        on: &WordingsOn<'_>,
        classifier: &Classifier,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Vec<WordingsLine>, ArchiveError> {
        let documents = self.documents_asked(on)?;
        let first = documents.first().map(|one| one.name.platform().to_owned());
        let all = documents.len() as u64;
        let mut by_platform: BTreeMap<String, Vec<AsOf>> = BTreeMap::new();
        for answer in self.all_as_of(documents, on.as_of, None)? {
            let platform = answer.document.name.platform().to_owned();
            by_platform.entry(platform).or_default().push(answer);
        }
        let mut read = 0;
        let mut platforms: BTreeMap<String, Said> = BTreeMap::new();
        for (platform, answers) in by_platform {
            read += answers.len() as u64;
            if answers.iter().any(|answer| answer.found.is_some()) {
                platforms.insert(platform, self.said(on.kind, answers, classifier)?);
            }
            progress(read, all);
        }
        let (model, wording) = match on.near {
            Near::This { quote, .. } => (None, Some(quote)),
            Near::Surest => {
                let named = first.filter(|_| !on.platforms.is_empty());
                let model = named.or_else(|| surest(&platforms));
                let said = model.as_ref().and_then(|model| platforms.get(model));
                let wording = said.and_then(|said| said.lines.first());
                (model, wording.map(|line| line.quote.as_str()))
            }
        };
        let wording = wording.map(words);
        let lines = platforms.into_iter();
        let mut lines: Vec<WordingsLine> = lines
            .map(|(platform, said)| beside(platform, said, wording.as_ref(), on.as_of))
            .collect();
        lines.sort_by(|a, b| {
            let is_model = |line: &WordingsLine| Some(&line.platform) == model.as_ref();
            let order = is_model(b).cmp(&is_model(a));
            order
                .then(b.likeness.total_cmp(&a.likeness))
                .then(a.platform.cmp(&b.platform))
        });
        Ok(lines)
    }

    /// How other platforms word what a provision says: the nearest, and how many more there are.
    pub(super) fn others(
        &self,
        line: &HeldLine,
        on: &WordingsOn<'_>,
        classifier: &Classifier,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<OthersLine, ArchiveError> {
        let mut others = OthersLine {
            as_of: on.as_of,
            kind: line.kind.clone(),
            nearest: Vec::new(),
            more: 0,
            none_found: Vec::new(),
            unread: Vec::new(),
        };
        for mut platform in self.wordings(on, classifier, progress)? {
            if !platform.is_read {
                others.unread.push(platform.platform);
            } else if platform.provisions.is_empty() {
                others.none_found.push(platform.platform);
            } else if others.nearest.len() == NEAREST {
                others.more += 1;
            } else {
                let more = platform.provisions.len().saturating_sub(WORDINGS);
                platform.left_out = more as u64;
                platform.provisions.truncate(WORDINGS);
                others.nearest.push(platform);
            }
        }
        Ok(others)
    }

    /// The documents that are asked about, each once.
    fn documents_asked(&self, on: &WordingsOn<'_>) -> Result<Vec<Document>, ArchiveError> {
        let mut documents = Vec::new();
        if on.platforms.is_empty() {
            documents = self.documents()?;
        }
        for platform in on.platforms {
            documents.extend(self.documents_named(Some(platform))?);
        }
        let mut known = BTreeSet::new();
        documents.retain(|document| {
            let is_own = match on.near {
                Near::This { platform, .. } => document.name.platform() == platform,
                Near::Surest => false,
            };
            !is_own && known.insert(document.number)
        });
        Ok(documents)
    }

    fn said(
        &self,
        kind: &Kind,
        answers: Vec<AsOf>,
        classifier: &Classifier,
    ) -> Result<Said, ArchiveError> {
        // What one platform's clauses were told to be is forgotten with it.
        let mut reader = ProvisionReader::new(self, classifier);
        let (mut lines, mut is_read) = (Vec::new(), false);
        for answer in answers {
            let holding = reader.holding(answer)?;
            is_read |= holding.provisions.is_some();
            lines.extend(holding.lines(kind));
        }
        lines.sort_by(|a, b| b.score.total_cmp(&a.score));
        Ok(Said { lines, is_read })
    }
}

/// The line of a platform: its provisions by how near they are to a wording.
fn beside(
    platform: String,
    said: Said,
    wording: Option<&BTreeSet<String>>,
    as_of: Instant,
) -> WordingsLine {
    let like = |line: HeldLine| {
        let likeness = wording.map_or(0.0, |wording| likeness(wording, &words(&line.quote)));
        (likeness, line)
    };
    let mut scored: Vec<(f64, HeldLine)> = said.lines.into_iter().map(like).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let finding = match (scored.is_empty(), said.is_read) {
        (false, _) => None,
        (true, true) => Some(none_found(&platform, as_of)),
        (true, false) => Some(format!(
            "no document of {platform} can be read as of {as_of}"
        )),
    };
    WordingsLine {
        likeness: scored.first().map_or(0.0, |(likeness, _)| *likeness),
        platform,
        provisions: scored.into_iter().map(|(_, line)| line).collect(),
        left_out: 0,
        finding,
        is_read: said.is_read,
    }
}

/// What is said of a platform in whose documents nothing was found. That is never to say that it does not do so.
pub(in crate::archive) fn none_found(platform: &str, as_of: Instant) -> String {
    format!("none found in the documents of {platform} that were archived as of {as_of}")
}

/// The platform with the surest wording.
fn surest(platforms: &BTreeMap<String, Said>) -> Option<String> {
    let scored = platforms
        .iter()
        .filter_map(|(platform, said)| Some((platform, said.lines.first()?.score)));
    scored
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(platform, _)| platform.clone())
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|one: char| !one.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// The share of the words of both that both have (Jaccard).
#[allow(clippy::cast_precision_loss, reason = "counts of words")]
fn likeness(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let both = a.intersection(b).count() as f64;
    let all = a.union(b).count().max(1) as f64;
    (both / all * 1000.0).round() / 1000.0
}
