//! Real histories: what is known of them, and what an eye said of changes drawn from them.
//!
//! The corpora are no part of the repository. They are looked for beside it; where they are missing, the tests say so.

use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::archive::{Archive, text};

/// The newest judgement of each change by document and commit.
type Judgements = HashMap<(String, String), Value>;

/// An archive of one of the collections, if it is there.
fn collection(name: &str) -> Option<Archive> {
    let corpora = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpora");
    let bundle: PathBuf = Path::new(corpora).join(format!("{name}-versions.bundle"));
    if !bundle.exists() {
        eprintln!("skipped: {name}-versions.bundle is not beside the repository");
        return None;
    }
    let archive = Archive::new();
    let ran = archive.recension(&["import", "ota-versions", text(&bundle)]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    Some(archive)
}

/// Reads the judgements of an archive; they name seqs.
fn judgements(archive: &Archive) -> Judgements {
    let log = archive.recension(&["log", "--format", "jsonl"]).json();
    let mut judged = HashMap::new();
    for event in &log {
        let kind = event["type"].as_str().unwrap();
        if ["ChangeDetected", "ChangeReassessed"].contains(&kind) {
            let to = usize::try_from(event["fact"]["to"].as_u64().unwrap()).unwrap();
            let commit = log[to]["fact"]["origin"]["commit"].as_str().unwrap();
            let document = event["document"].as_str().unwrap();
            judged.insert(
                (document.to_owned(), commit.to_owned()),
                event["fact"].clone(),
            );
        }
    }
    judged
}

/// What a change says of each clause: `kind (rule): before => after`.
fn told(archive: &Archive, change: &Value) -> Vec<String> {
    let version = |side: &str| {
        let seq = change[side].to_string();
        archive
            .recension(&["show", "--event", &seq, "--format", "raw"])
            .stdout
    };
    let (from, to) = (version("from"), version("to"));
    let cut = |text: &str, span: &Value| -> String {
        let at = |end: &str| {
            span[end]
                .as_u64()
                .and_then(|place| usize::try_from(place).ok())
        };
        let cut = at("start")
            .zip(at("end"))
            .map(|(start, end)| &text[start..end]);
        cut.unwrap_or_default().to_owned()
    };
    let clauses = change["clauses"].as_array().unwrap().iter();
    clauses
        .map(|clause| {
            let (old, new) = (
                cut(&from, &clause["from_span"]),
                cut(&to, &clause["to_span"]),
            );
            format!("{}: {old} => {new}", clause["kind"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn a_small_collection_is_judged_as_an_eye_does() {
    let Some(archive) = collection("genai-contrib") else {
        return;
    };
    let judged = judgements(&archive);
    midjourney(&archive, &judged);
    // Of 158 changes, seven are judged otherwise, none of them less than an eye does.
    agrees(&HashMap::from([("genai-contrib", judged)]), 0..ALL, 95);
}

#[test]
#[ignore = "the import of the large collection takes minutes"]
fn both_collections_are_judged_as_an_eye_does() {
    let names = ["genai-contrib", "contrib"];
    let judged = names.map(|name| Some((name, judgements(&collection(name)?))));
    if let [Some(small), Some(large)] = judged {
        let judged = HashMap::from([small, large]);
        agrees(&judged, 0..FIRST_SAMPLE, 97);
        agrees(&judged, FIRST_SAMPLE..ALL, 95);
    }
}

/// A platform's privacy policy, of which each change is known.
fn midjourney(archive: &Archive, judged: &Judgements) {
    let document = "Midjourney/Privacy Policy";
    let change = |commit: &str| {
        let is_it = |(name, one): &&(String, String)| name == document && one.starts_with(commit);
        &judged[judged.keys().find(is_it).unwrap()]
    };
    for (commit, significance) in [
        ("b3d2fe86", "substantive"),
        ("ba578b9c", "substantive"),
        ("dc3a2fab", "substantive"),
        ("6e07f352", "presentational"),
        ("b20579ac", "presentational"),
    ] {
        let change = change(commit);
        assert_eq!(
            (&change["significance"], &change["status"]),
            (&significance.into(), &"confirmed".into())
        );
        assert_eq!(
            change["clauses"].as_array().unwrap().is_empty(),
            significance == "presentational"
        );
    }
    let told = told(archive, change("dc3a2fab"));
    for (kind, before, after) in [
        ("added", "", "marketing and advertising purposes"),
        ("reworded", "NO  | NO", "YES | YES"),
        ("removed", "does not sell Your Personal Information", ""),
        (
            "reworded",
            "You have the right to opt-out of any sales,",
            "You have the right to opt-out of any “sale” or “sharing”,",
        ),
    ] {
        let is_told = |line: &String| {
            let (old, new) = line.split_once(" => ").unwrap();
            old.starts_with(kind) && old.contains(before) && new.contains(after)
        };
        assert!(
            told.iter().any(is_told),
            "{kind}: {before} => {after} in {told:#?}"
        );
    }
    let clauses = archive
        .recension(&["clause", "children", "--in", document, "--format", "jsonl"])
        .json();
    let is_heading = |clause: &&Value| {
        let readings = clause["turns"].as_array().unwrap().iter();
        readings
            .clone()
            .next()
            .is_some_and(|turn| turn["reading"] == "3. Children's Privacy")
    };
    let heading = clauses.iter().find(is_heading).unwrap();
    assert_eq!(
        (&heading["versions"], &heading["stands"]),
        (&6.into(), &true.into())
    );
}

/// How many changes of `tests/judged/changes.tsv` are of the first sample, and how many there are.
const FIRST_SAMPLE: usize = 301;
const ALL: usize = 449;

/// Insists that the program judges so many in a hundred of these changes in `tests/judged/changes.tsv` as they are judged
/// there, and calls none less that is substantive there.
fn agrees(judged: &HashMap<&str, Judgements>, which: Range<usize>, percent: usize) {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judged/changes.tsv");
    let lines = fs::read_to_string(file).unwrap();
    let (mut all, mut others) = (0, Vec::new());
    assert_eq!(lines.lines().skip(1).count(), ALL);
    for line in lines.lines().skip(1).skip(which.start).take(which.len()) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [collection, document, _, to, verdict, reason] = columns[..] else {
            panic!("six columns: {line}");
        };
        let Some(judged) = judged.get(collection) else {
            continue;
        };
        all += 1;
        let change = &judged[&(document.to_owned(), to.to_owned())];
        let found = change["significance"].as_str().unwrap();
        let told = format!("{document} {to}: {verdict} by eye ({reason}), {found} by the program");
        assert!(verdict != "substantive" || found == verdict, "{told}");
        if found != verdict {
            others.push(told);
        }
    }
    let alike = all - others.len();
    assert!(
        alike * 100 >= all * percent,
        "{alike} of {all}: {others:#?}"
    );
}
