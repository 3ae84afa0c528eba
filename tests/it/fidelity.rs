//! Extraction beside that of others: a real collection's pages under its declarations, against its own versions.
//!
//! The collection is no part of the repository. It is looked for beside it; where it is missing, the test says so.

#![allow(
    clippy::print_stdout,
    reason = "the table is what these tests are run for"
)]

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use recension::extract::extract;
use recension::import::declarations;
use recension::model::{DeclaredDocument, DocumentName, Instant};
use recension::segment::segment;
use tempfile::TempDir;

struct Repository(
    PathBuf,
    #[expect(dead_code, reason = "it lives as long")] TempDir,
);

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora")
}

/// A clone of one of the collections, if it is there.
fn repository(name: &str) -> Option<Repository> {
    let bundle = corpora().join(format!("{name}.bundle"));
    if !bundle.exists() {
        eprintln!("skipped: {} is missing", bundle.display());
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join(name);
    let mut clone = Command::new("git");
    let cloned = clone
        .args(["clone", "-q", "--bare"])
        .arg(&bundle)
        .arg(&to)
        .status();
    assert!(cloned.unwrap().success());
    Some(Repository(to, folder))
}

impl Repository {
    fn git(&self, args: &[&str]) -> Vec<u8> {
        let ran = Command::new("git")
            .arg("-C")
            .arg(&self.0)
            .args(args)
            .output()
            .unwrap();
        assert!(
            ran.status.success(),
            "git {args:?}: {}",
            String::from_utf8_lossy(&ran.stderr)
        );
        ran.stdout
    }

    fn text(&self, args: &[&str]) -> String {
        String::from_utf8(self.git(args)).unwrap()
    }
}

/// How many clauses of two texts read alike, and how many each has.
fn alike(ours: &str, theirs: &str) -> (usize, usize, usize) {
    let (ours, theirs) = (segment(ours), segment(theirs));
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for clause in theirs.all() {
        *counts.entry(theirs.reading(clause)).or_default() += 1;
    }
    let mut same = 0;
    for clause in ours.all() {
        match counts.get_mut(ours.reading(clause)) {
            Some(left) if *left > 0 => {
                *left -= 1;
                same += 1;
            }
            _ if std::env::var_os("RECENSION_SHOW").is_some() => {
                println!("  + {}", ours.reading(clause));
            }
            _ => {}
        }
    }
    if std::env::var_os("RECENSION_SHOW").is_some() {
        for (reading, left) in counts.iter().filter(|(_, left)| **left > 0) {
            println!("  - {left} {reading}");
        }
    }
    (same, ours.all().len(), theirs.all().len())
}

/// Prints, for each document, the F1 of clauses over all versions of the collection.
#[test]
#[ignore = "reads a real collection for a minute: cargo test --release fidelity -- --ignored --nocapture"]
fn fidelity_to_the_versions_of_others() {
    let (Some(pages), Some(versions)) = (repository("demo-snapshots"), repository("demo-versions"))
    else {
        return;
    };
    let declared = declarations::read(&corpora().join("demo-declarations/declarations")).unwrap();
    let declared: HashMap<DocumentName, _> = declared
        .documents
        .into_iter()
        .map(|one| (one.document.clone(), one))
        .collect();
    let mut sums: BTreeMap<String, [usize; 4]> = BTreeMap::new();
    let log = versions.text(&[
        "log",
        "--reverse",
        "--format=%x01%H%x00%aI%x00%B%x00",
        "--name-only",
        "-z",
        "--no-renames",
    ]);
    for commit in log.split('\u{1}').filter(|one| !one.is_empty()) {
        let mut fields = commit.split('\0');
        let [id, at, message] = [(); 3].map(|()| fields.next().unwrap());
        let Some(snapshot) = message.split("/commit/").nth(1).map(|rest| &rest[..40]) else {
            continue;
        };
        let at = Instant::parse_rfc3339(at).unwrap();
        for named in fields.filter_map(|path| path.trim().strip_suffix(".md")) {
            let Some((platform, kind)) = named.split_once('/') else {
                continue;
            };
            let name = DocumentName::new(platform, kind).unwrap();
            let Some(declaration) = declared.get(&name).and_then(|one| one.valid_at(at)) else {
                continue;
            };
            let sum = sums.entry(named.to_owned()).or_default();
            let theirs = versions.text(&["show", &format!("{id}:{named}.md")]);
            let page = format!("{snapshot}:{named}.html");
            let page = pages.git(&["show", &page]);
            match extract(&page, Some("utf-8"), &declaration.parts()[0]) {
                Err(error) => {
                    println!("{named} at {at}: {error}");
                    sum[3] += 1;
                }
                Ok(extracted) => {
                    let (same, ours, theirs) = alike(&extracted.text, &theirs);
                    for (sum, one) in sum.iter_mut().zip([same, ours, theirs]) {
                        *sum += one;
                    }
                    if same < ours.max(theirs) {
                        println!(
                            "{named} at {at} ({snapshot}): {same} of {ours} and {theirs} alike"
                        );
                    }
                }
            }
        }
    }
    let mut all = [0; 4];
    for (path, sum) in &sums {
        print(path, *sum);
        for (all, one) in all.iter_mut().zip(sum) {
            *all += one;
        }
    }
    print("all", all);
    assert!(f1(all) >= 0.97, "{all:?}");
}

fn f1([same, ours, theirs, _]: [usize; 4]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of clauses")]
    let f1 = 2.0 * same as f64 / (ours + theirs) as f64;
    f1
}

fn print(path: &str, sum: [usize; 4]) {
    let [same, ours, theirs, failed] = sum;
    println!(
        "{path:50} {same:7} {ours:7} {theirs:7} {:.4} {failed} failed",
        f1(sum)
    );
}

/// Extracts every page of the collection twice, and prints how fast.
#[test]
#[ignore = "reads a real collection for minutes: cargo test --release every_page -- --ignored --nocapture"]
fn every_page_gives_the_same_text_twice() {
    let Some(pages) = repository("demo-snapshots") else {
        return;
    };
    let declared = declarations::read(&corpora().join("demo-declarations/declarations")).unwrap();
    let log = pages.text(&[
        "log",
        "--format=%x01%H%x00%aI%x00",
        "--name-only",
        "-z",
        "--no-renames",
    ]);
    let mut batch = Command::new("git")
        .arg("-C")
        .arg(&pages.0)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ask = batch.stdin.take().unwrap();
    let mut answers = BufReader::new(batch.stdout.take().unwrap());
    let (mut count, mut bytes, mut spent) = (0, 0, Duration::ZERO);
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    for commit in log.split('\u{1}').filter(|one| !one.is_empty()) {
        let mut fields = commit.split('\0');
        let [id, at] = [(); 2].map(|()| fields.next().unwrap());
        let at = Instant::parse_rfc3339(at).unwrap();
        for named in fields.filter_map(|path| path.trim().strip_suffix(".html")) {
            writeln!(ask, "{id}:{named}.html").unwrap();
            let mut head = String::new();
            answers.read_line(&mut head).unwrap();
            let Some(size) = head
                .trim()
                .rsplit(' ')
                .next()
                .and_then(|size| size.parse().ok())
            else {
                continue;
            };
            let mut page = vec![0; size + 1];
            answers.read_exact(&mut page).unwrap();
            let is_named = |one: &&DeclaredDocument| named == one.document.to_string();
            let Some(declaration) = declared
                .documents
                .iter()
                .find(is_named)
                .and_then(|one| one.valid_at(at))
            else {
                continue;
            };
            let began = std::time::Instant::now();
            let first = extract(&page[..size], None, &declaration.parts()[0]);
            spent += began.elapsed();
            if count % 16 == 0 {
                assert_eq!(first, extract(&page[..size], None, &declaration.parts()[0]));
            }
            if let Err(error) = first {
                *refused.entry(format!("{named}: {error}")).or_default() += 1;
            }
            (count, bytes) = (count + 1, bytes + size);
        }
    }
    drop(ask);
    assert!(batch.wait().unwrap().success());
    for (error, times) in refused {
        println!("{times:6} {error}");
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of bytes")]
    let speed = bytes as f64 / 1e6 / spent.as_secs_f64();
    println!("{count} pages, {bytes} bytes, {speed:.1} MB/s");
    assert!(count > 10_000);
}
