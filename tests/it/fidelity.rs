//! Extraction beside that of others: a real collection's pages under its declarations, against its own versions.
//!
//! The collection is no part of the repository. It is looked for beside it; where it is missing, the test says so.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;

use recension::extract::extract;
use recension::import::declarations;
use recension::model::{DocumentName, Instant};
use recension::segment::segment;

struct Repository(PathBuf);

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
                println!("  + {}", ours.reading(clause))
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
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let folder = tempfile::tempdir().unwrap();
    let [pages, versions] = ["demo-snapshots", "demo-versions"].map(|name| {
        let bundle = corpora.join(format!("{name}.bundle"));
        if bundle.exists() {
            let to = folder.path().join(name);
            let clone = Command::new("git")
                .args(["clone", "-q", "--bare"])
                .arg(&bundle)
                .arg(&to)
                .status();
            assert!(clone.unwrap().success());
            return Some(Repository(to));
        }
        eprintln!("skipped: {} is missing", bundle.display());
        None
    });
    let (Some(pages), Some(versions)) = (pages, versions) else {
        return;
    };
    let declared = declarations::read(&corpora.join("demo-declarations/declarations")).unwrap();
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
        for path in fields.map(str::trim).filter(|path| path.ends_with(".md")) {
            let Some((platform, kind)) = path.trim_end_matches(".md").split_once('/') else {
                continue;
            };
            let name = DocumentName::new(platform, kind).unwrap();
            let Some(declaration) = declared.get(&name).and_then(|one| one.valid_at(at)) else {
                continue;
            };
            let sum = sums.entry(path.to_owned()).or_default();
            let theirs = versions.text(&["show", &format!("{id}:{path}")]);
            let page = format!("{snapshot}:{platform}/{kind}.html");
            let page = pages.git(&["show", &page]);
            match extract(&page, Some("utf-8"), &declaration.parts()[0]) {
                Err(error) => {
                    println!("{path} at {at}: {error}");
                    sum[3] += 1;
                }
                Ok(extracted) => {
                    let (same, ours, theirs) = alike(&extracted.text, &theirs);
                    for (sum, one) in sum.iter_mut().zip([same, ours, theirs]) {
                        *sum += one;
                    }
                    if same < ours.max(theirs) {
                        println!(
                            "{path} at {at} ({snapshot}): {same} of {ours} and {theirs} alike"
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
