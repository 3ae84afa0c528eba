//! The kinds of provisions, and the regulations that they engage, as the program carries them.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

const KINDS: &str = include_str!("../../data/taxonomy.toml");
const REGULATIONS: &str = include_str!("../../data/regulations.toml");

/// Data that the program carries can't be read: it was not built as it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file} can't be read: {what}")]
pub struct DataError {
    /// The file.
    pub file: &'static str,
    /// Why.
    pub what: String,
}

/// A kind of provision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kind {
    /// The id, which stays.
    pub id: String,
    /// The group that it is of.
    pub group: String,
    /// What people call it.
    pub name: String,
    /// The types of documents that it stands in most.
    pub documents: Vec<String>,
    /// Whether a "not" can deny it: not where it is itself a refusal, a duty or a choice.
    #[serde(default = "yes")]
    pub deniable: bool,
    /// How much farther than others a text must lie on its side to hold it, in thousandths of a margin, as the half of the
    /// labelled clauses that is for development showed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub threshold: i64,
    /// What it is.
    pub definition: String,
    /// What it is not.
    pub not: String,
    /// Invented clauses that hold it.
    pub positive: Vec<String>,
    /// Invented clauses that look as if they did.
    pub negative: Vec<String>,
    /// The categories of OPP-115 that it falls under.
    pub opp115: Vec<String>,
    /// The kinds of unfair clauses of UNFAIR-ToS that it may be.
    #[serde(rename = "unfair-tos")]
    pub unfair_tos: Vec<String>,
    /// Whether it is such a kind only where it is reserved: where a clause says that somebody may.
    #[serde(
        rename = "unfair-tos-reserved",
        default,
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub unfair_tos_reserved: bool,
    /// The topics of `ToS;DR` that speak of it.
    pub tosdr: Vec<String>,
    /// The terms of the W3C Data Privacy Vocabulary.
    pub dpv: Vec<String>,
    /// What of which regulation it engages, as `<regulation>:<article>`. That says nothing of a breach.
    pub regulations: Vec<String>,
    /// What it means for a person.
    pub consequence: String,
    /// What a reviewer would ask.
    pub questions: Vec<String>,
}

/// Whether nothing is to be added.
#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

fn yes() -> bool {
    true
}

/// The kinds, in their groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taxonomy {
    /// The number of this edition.
    pub version: u32,
    /// The kinds in their order.
    #[serde(rename = "kind")]
    pub kinds: Vec<Kind>,
}

/// An article of a regulation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provided {
    /// The article or section, as it is cited.
    pub article: String,
    /// What it is about.
    pub title: String,
}

/// A regulation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regulation {
    /// The id by which kinds name it.
    pub id: String,
    /// What it is called for short.
    pub short: String,
    /// Its name.
    pub name: String,
    /// Where it is law.
    pub jurisdiction: String,
    /// Its official identifier: a CELEX number, a citation of a code.
    pub identifier: String,
    /// Since when it applies, `YYYY-MM-DD`.
    pub applies_from: String,
    /// What narrows it.
    #[serde(default)]
    pub note: Option<String>,
    /// The articles that kinds engage.
    #[serde(rename = "article")]
    pub articles: Vec<Provided>,
}

/// The regulations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regulations {
    /// In their order.
    #[serde(rename = "regulation")]
    pub all: Vec<Regulation>,
}

impl Taxonomy {
    /// The taxonomy that the program carries.
    ///
    /// # Errors
    /// [`DataError`].
    pub fn built_in() -> Result<&'static Self, &'static DataError> {
        static BUILT_IN: OnceLock<Result<Taxonomy, DataError>> = OnceLock::new();
        let built_in = BUILT_IN.get_or_init(|| parse("data/taxonomy.toml", KINDS));
        built_in.as_ref()
    }

    /// The kind of an id.
    #[must_use]
    pub fn kind(&self, id: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.id == id)
    }
}

impl Regulations {
    /// The regulations that the program carries.
    ///
    /// # Errors
    /// [`DataError`].
    pub fn built_in() -> Result<&'static Self, &'static DataError> {
        static BUILT_IN: OnceLock<Result<Regulations, DataError>> = OnceLock::new();
        let built_in = BUILT_IN.get_or_init(|| parse("data/regulations.toml", REGULATIONS));
        built_in.as_ref()
    }

    /// A citation, `<regulation>:<article>`, taken apart.
    #[must_use]
    pub fn cited(&self, citation: &str) -> Option<(&Regulation, &Provided)> {
        let (id, article) = citation.split_once(':')?;
        let regulation = self.all.iter().find(|regulation| regulation.id == id)?;
        let mut articles = regulation.articles.iter();
        let provided = articles.find(|provided| provided.article == article)?;
        Some((regulation, provided))
    }
}

fn parse<T: for<'d> Deserialize<'d>>(file: &'static str, text: &str) -> Result<T, DataError> {
    toml::from_str(text).map_err(|error| DataError {
        file,
        what: error.to_string(),
    })
}
