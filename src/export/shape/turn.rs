//! What a change did to the provisions of a document, in JSON.

use serde::Serialize;

use crate::classify::{Regulations, Taxonomy};
use crate::compare::blocks::{Compared, Side};
use crate::model::{Polarity, ProvisionChange, Remains, Span};

/// What became of a provision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProvisionChangeLine {
    /// The id of its kind.
    pub kind: String,
    /// What people call the kind.
    pub name: String,
    /// The group of the kind.
    pub group: String,
    /// `added`, `removed`, `widened`, `narrowed` or `reworded`.
    pub turn: &'static str,
    /// What shows it: `clause added`, `clause removed`, `clause reworded`, `polarity`, `words added`, `words removed` or
    /// `other words`.
    pub sign: &'static str,
    /// The clause that held it in the version before.
    pub before: Option<HoldingLine>,
    /// The clause that holds it in the version.
    pub after: Option<HoldingLine>,
    /// Of one that the document lost: what the other documents of the platform hold.
    pub remains: Option<RemainsLine>,
}

/// A clause that holds a provision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HoldingLine {
    /// Where it stands in the text of its version, in bytes.
    pub span: Span,
    /// The bytes there; none where the text is withheld.
    pub quote: Option<String>,
    /// `stated`, `denied` or `denied with exceptions`.
    pub polarity: &'static str,
}

/// What of a lost provision the other documents of the platform hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RemainsLine {
    /// `relocated`, `held` or `none found`.
    pub what: &'static str,
    /// The documents that hold it.
    pub documents: Vec<String>,
}

/// An article of a regulation that provisions engage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngagedLine {
    /// The id of the regulation.
    pub regulation: String,
    /// What it is called for short.
    pub short: String,
    /// The article or section.
    pub article: String,
    /// What that is about.
    pub title: String,
    /// The kinds that engage it.
    pub kinds: Vec<String>,
}

impl ProvisionChangeLine {
    /// Tells what became of a provision; with its words, where both texts are there.
    #[must_use]
    pub fn new(
        change: &ProvisionChange,
        remains: Option<&Remains>,
        compared: Option<Compared<'_>>,
    ) -> Self {
        let kind = Taxonomy::built_in().ok();
        let kind = kind.and_then(|taxonomy| taxonomy.kind(&change.kind));
        let holding = |side: Option<(Span, Polarity)>, text: Option<Side<'_>>| {
            side.map(|(span, polarity)| HoldingLine {
                span,
                quote: text.and_then(|side| span.cut(side.text)).map(str::to_owned),
                polarity: polarity.word(),
            })
        };
        Self {
            name: kind.map_or_else(|| change.kind.clone(), |kind| kind.name.clone()),
            group: kind.map_or_else(String::new, |kind| kind.group.clone()),
            kind: change.kind.clone(),
            turn: change.turn.word(),
            sign: change.sign.word(),
            before: holding(change.before, compared.map(|both| both.from)),
            after: holding(change.after, compared.map(|both| both.to)),
            remains: remains.map(Into::into),
        }
    }
}

impl From<&Remains> for RemainsLine {
    fn from(remains: &Remains) -> Self {
        let (what, documents) = match remains {
            Remains::Relocated { document } => ("relocated", std::slice::from_ref(document)),
            Remains::Held { documents } => ("held", documents.as_slice()),
            Remains::NoneFound => ("none found", &[][..]),
        };
        Self {
            what,
            documents: documents.iter().map(ToString::to_string).collect(),
        }
    }
}

impl EngagedLine {
    /// The articles that kinds engage, in the order of the regulations, each once.
    #[must_use]
    pub fn of<'k>(kinds: impl Iterator<Item = &'k str>) -> Vec<Self> {
        let (Ok(taxonomy), Ok(regulations)) = (Taxonomy::built_in(), Regulations::built_in())
        else {
            return Vec::new();
        };
        let mut found: Vec<Self> = Vec::new();
        for kind in kinds.filter_map(|id| taxonomy.kind(id)) {
            for (regulation, provided) in kind
                .regulations
                .iter()
                .filter_map(|citation| regulations.cited(citation))
            {
                let same = |one: &&mut Self| {
                    (one.regulation.as_str(), one.article.as_str())
                        == (regulation.id.as_str(), provided.article.as_str())
                };
                match found.iter_mut().find(same) {
                    Some(known) if !known.kinds.contains(&kind.id) => {
                        known.kinds.push(kind.id.clone());
                    }
                    Some(_) => {}
                    None => found.push(Self {
                        regulation: regulation.id.clone(),
                        short: regulation.short.clone(),
                        article: provided.article.clone(),
                        title: provided.title.clone(),
                        kinds: vec![kind.id.clone()],
                    }),
                }
            }
        }
        let place = |one: &Self| {
            let mut all = regulations.all.iter();
            all.position(|regulation| regulation.id == one.regulation)
        };
        found.sort_by_key(place);
        found
    }
}
