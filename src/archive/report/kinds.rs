//! What the taxonomy and the regulations say of the kinds that were found, and how a version is checked.

use super::Reference;
use crate::classify::{Kind, Regulation, Taxonomy};
use crate::export::shape::{ArticleLine, HeldLine, KindLine, RegulationLine};
use crate::model::DocumentName;

/// The kinds of provisions, in the order of the taxonomy.
pub(super) fn found(taxonomy: &Taxonomy, provisions: &[HeldLine]) -> Vec<KindLine> {
    let lines = taxonomy.kinds.iter().filter_map(|kind| {
        let of_kind = provisions.iter().filter(|line| line.kind == kind.id);
        let provisions = of_kind.count() as u64;
        (provisions > 0).then(|| KindLine {
            kind: kind.id.clone(),
            group: kind.group.clone(),
            name: kind.name.clone(),
            definition: kind.definition.clone(),
            consequence: kind.consequence.clone(),
            questions: kind.questions.clone(),
            provisions,
        })
    });
    lines.collect()
}

impl Reference<'_> {
    /// The regulations that kinds engage, in their order.
    pub(in crate::archive) fn engaged(&self, kinds: &[&Kind]) -> Vec<RegulationLine> {
        let articles = |regulation: &Regulation| -> Vec<ArticleLine> {
            let lines = regulation.articles.iter().filter_map(|provided| {
                let citation = format!("{}:{}", regulation.id, provided.article);
                let engaging = kinds
                    .iter()
                    .filter(|kind| kind.regulations.contains(&citation));
                let kinds: Vec<String> = engaging.map(|kind| kind.id.clone()).collect();
                (!kinds.is_empty()).then(|| ArticleLine {
                    article: provided.article.clone(),
                    title: provided.title.clone(),
                    kinds,
                })
            });
            lines.collect()
        };
        let lines = self.regulations.all.iter().filter_map(|regulation| {
            let articles = articles(regulation);
            (!articles.is_empty()).then(|| RegulationLine {
                regulation: regulation.id.clone(),
                short: regulation.short.clone(),
                name: regulation.name.clone(),
                jurisdiction: regulation.jurisdiction.clone(),
                identifier: regulation.identifier.clone(),
                applies_from: regulation.applies_from.clone(),
                note: regulation.note.clone(),
                articles,
            })
        });
        lines.collect()
    }
}

/// The commands by which a reader checks the version that an event recorded.
pub(super) fn commands(document: &DocumentName, seq: u64) -> Vec<String> {
    let document = quoted(&document.to_string());
    vec![
        format!("recension show --event {seq} --format raw | sha256sum"),
        format!("recension show --event {seq} --format raw | b3sum"),
        format!("recension timeline {document} --all"),
        format!("recension export timeline {document} --format jsonl --output timeline.jsonl"),
    ]
}

/// A name as one word of a shell's command.
fn quoted(name: &str) -> String {
    format!("'{}'", name.replace('\'', r"'\''"))
}
