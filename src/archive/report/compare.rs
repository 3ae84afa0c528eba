//! The platforms beside that of a report, and what each says of the kinds.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Peers, ReportOn};
use crate::archive::provisions::none_found;
use crate::archive::{Archive, ArchiveError, Holding, ProvisionReader};
use crate::classify::{Classifier, Taxonomy};
use crate::export::shape::{AsOfLine, BesideLine, CellLine, ComparisonLine, MatrixRowLine};
use crate::project::{AsOf, Document};

/// How many platforms are chosen where none is named.
const CHOSEN: usize = 5;

/// A platform to compare, with the versions of its documents of the types compared.
pub(super) struct Peer {
    platform: String,
    answers: Vec<AsOf>,
}

/// A platform, and what its documents were found to say of each kind.
pub(super) struct Column {
    platform: BesideLine,
    cells: HashMap<String, CellLine>,
}

impl Archive {
    /// The platforms to compare with.
    pub(super) fn peers(
        &self,
        on: &ReportOn,
        documents: &[Document],
    ) -> Result<Vec<Peer>, ArchiveError> {
        let types = types(documents);
        let own = documents.first().map(|document| document.name.platform());
        let beside = |documents: Vec<Document>| -> Result<Option<Peer>, ArchiveError> {
            let Some(platform) = documents.first().map(|one| one.name.platform().to_owned()) else {
                return Ok(None);
            };
            let mut documents = documents;
            documents.retain(|document| types.contains(document.name.document_type()));
            let answers = self.all_as_of(documents, on.as_of, on.known_at)?;
            Ok(Some(Peer { platform, answers }))
        };
        let mut peers: Vec<Peer> = Vec::new();
        match &on.peers {
            Peers::None => {}
            Peers::Named(names) => {
                for name in names {
                    let Some(peer) = beside(self.documents_of(name)?)? else {
                        continue;
                    };
                    let is_new = peers.iter().all(|known| known.platform != peer.platform);
                    if is_new && Some(peer.platform.as_str()) != own {
                        peers.push(peer);
                    }
                }
            }
            Peers::Alike => {
                for documents in self.alike(own, &types)? {
                    if peers.len() == CHOSEN {
                        break;
                    }
                    let observed = |peer: &Peer| peer.answers.iter().any(|one| one.found.is_some());
                    peers.extend(beside(documents)?.filter(observed));
                }
            }
        }
        Ok(peers)
    }

    /// The documents of the other platforms that have any of these types: those that have most of them first, then in the
    /// order of their names.
    fn alike(
        &self,
        own: Option<&str>,
        types: &BTreeSet<String>,
    ) -> Result<Vec<Vec<Document>>, ArchiveError> {
        let mut platforms: BTreeMap<String, Vec<Document>> = BTreeMap::new();
        for document in self.documents()? {
            let (platform, document_type) =
                (document.name.platform(), document.name.document_type());
            if Some(platform) != own && types.contains(document_type) {
                let of_platform = platforms.entry(platform.to_owned()).or_default();
                of_platform.push(document);
            }
        }
        let mut alike: Vec<Vec<Document>> = platforms.into_values().collect();
        // The order of the names stays among those that share as many.
        alike.sort_by_key(|documents| Reverse(documents.len()));
        Ok(alike)
    }
}

impl Peer {
    /// How many texts there are to read.
    pub(super) fn texts(&self) -> usize {
        self.answers.len()
    }

    /// Reads what its documents hold; `read` is called after each.
    pub(super) fn read(
        self,
        archive: &Archive,
        classifier: &Classifier,
        read: &mut dyn FnMut(),
    ) -> Result<Column, ArchiveError> {
        let mut column = Column::named(self.platform);
        // What one platform's clauses were told to be is forgotten with it.
        let mut reader = ProvisionReader::new(archive, classifier);
        for answer in self.answers {
            column.count(&reader.holding(answer)?);
            read();
        }
        Ok(column)
    }
}

impl Column {
    /// The column of the platform of these documents, before any of them was read.
    pub(super) fn of(documents: &[Document]) -> Self {
        let platform = documents.first().map(|one| one.name.platform());
        Self::named(platform.unwrap_or_default().to_owned())
    }

    fn named(platform: String) -> Self {
        Self {
            platform: BesideLine {
                platform,
                documents: Vec::new(),
            },
            cells: HashMap::new(),
        }
    }

    /// Counts the provisions of a document by kind and polarity.
    pub(super) fn count(&mut self, holding: &Holding) {
        let documents = &mut self.platform.documents;
        documents.push(AsOfLine::from(&holding.answer));
        for held in holding.provisions.iter().flatten() {
            let cell = self.cells.entry(held.provision.kind.clone()).or_default();
            match held.provision.polarity.word() {
                "denied" => cell.denied += 1,
                "denied with exceptions" => cell.denied_with_exceptions += 1,
                _ => cell.stated += 1,
            }
        }
    }
}

/// Puts platforms beside each other, the subject's first.
pub(super) fn matrix(
    on: &ReportOn,
    taxonomy: &Taxonomy,
    documents: &[Document],
    mut columns: Vec<Column>,
) -> ComparisonLine {
    let (mut rows, mut none_found) = (Vec::new(), Vec::new());
    for kind in &taxonomy.kinds {
        if columns.iter().all(|one| !one.cells.contains_key(&kind.id)) {
            none_found.push(kind.id.clone());
            continue;
        }
        let cells = columns.iter_mut().map(|column| {
            let cell = column.cells.remove(&kind.id);
            cell.unwrap_or_else(|| none_in(&column.platform, on))
        });
        rows.push(MatrixRowLine {
            kind: kind.id.clone(),
            name: kind.name.clone(),
            group: kind.group.clone(),
            cells: cells.collect(),
        });
    }
    ComparisonLine {
        named: on.peers != Peers::Alike,
        document_types: types(documents).into_iter().collect(),
        platforms: columns.into_iter().map(|one| one.platform).collect(),
        rows,
        none_found,
    }
}

fn types(documents: &[Document]) -> BTreeSet<String> {
    let types = documents.iter().map(|one| one.name.document_type());
    types.map(str::to_owned).collect()
}

/// The cell of a platform in whose documents nothing of a kind was found. That is never to say that it does not do so.
fn none_in(platform: &BesideLine, on: &ReportOn) -> CellLine {
    let (name, as_of) = (&platform.platform, on.as_of);
    let is_read = |line: &AsOfLine| line.found && line.withheld.is_none();
    let finding = if platform.documents.iter().any(is_read) {
        none_found(name, as_of)
    } else {
        format!("no document of {name} of these types can be read as of {as_of}")
    };
    CellLine {
        finding: Some(finding),
        ..CellLine::default()
    }
}
