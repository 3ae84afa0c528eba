//! Benches of the search: `cargo bench --bench search`.
//!
//! The queries of `queries.txt` are asked one after another of a copy of the archive in `RECENSION_BENCH_ARCHIVE`, or of the
//! demonstration, which is too small to tell much.
#![allow(clippy::unwrap_used, reason = "a bench that can't go on should stop")]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use divan::Bencher;
use recension::archive::{self, Archive, Question, Searcher, Writer};
use recension::model::Instant;
use recension::search::Query;

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

fn main() {
    divan::main();
    if let Some(folder) = FOLDER.get() {
        drop(std::fs::remove_dir_all(folder));
    }
}

/// The archive, made or copied when it is first needed.
fn folder() -> &'static Path {
    FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap().keep();
        if let Some(archive) = std::env::var_os("RECENSION_BENCH_ARCHIVE") {
            for entry in std::fs::read_dir(archive).unwrap() {
                let entry = entry.unwrap();
                std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
            }
        } else {
            let now = Instant::from_seconds(1_600_000_000).unwrap();
            archive::init(&folder, Some("example.org/bench"), &[1; 40], now).unwrap();
            archive::demonstrate(&mut Writer::open(&folder).unwrap()).unwrap();
        }
        folder
    })
}

fn ask(bencher: Bencher<'_, '_>, as_of: Option<Instant>) {
    let searcher = Searcher::open(folder(), &mut |_| ()).unwrap();
    let queries: Vec<Query> = include_str!("queries.txt")
        .lines()
        .map(|line| Query::parse(line).unwrap())
        .collect();
    let mut queries = queries.iter().cycle();
    bencher
        .with_inputs(|| Question {
            query: queries.next().unwrap().clone(),
            as_of,
            documents: None,
            kinds: None,
            limit: 10,
        })
        .bench_local_values(|question| searcher.ask(&question).unwrap());
}

/// Ten hits, each read in the archive, among all versions.
#[divan::bench(sample_size = 1, sample_count = 1_024)]
fn all_versions(bencher: Bencher<'_, '_>) {
    ask(bencher, None);
}

/// The same among the versions that answered in the middle of the collection's time.
#[divan::bench(sample_size = 1, sample_count = 1_024)]
fn as_of(bencher: Bencher<'_, '_>) {
    let archive = Archive::open(folder()).unwrap();
    let documents = archive.documents().unwrap();
    let mut seen: Vec<Instant> = documents
        .iter()
        .filter_map(|one| one.last_observed_at)
        .collect();
    seen.sort_unstable();
    ask(bencher, Some(seen[seen.len() / 2]));
}

/// The whole index.
#[divan::bench(sample_size = 1, sample_count = 3)]
fn build(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(|| drop(std::fs::remove_file(folder().join("search.sqlite"))))
        .bench_local_values(|()| Searcher::open(folder(), &mut |_| ()).unwrap());
}
