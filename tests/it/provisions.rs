//! Provisions: the taxonomy, the classifier, and what documents are said to hold.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use recension::classify::{Classifier, Model, Polarity, Regulations, Taxonomy, examples};

use crate::support::archive::{Archive, seconds};
use crate::support::fixture::Fixture;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_taxonomy_is_whole() {
    let taxonomy = Taxonomy::built_in().unwrap();
    let regulations = Regulations::built_in().unwrap();
    let mut faults = Vec::new();
    let (mut ids, mut cited) = (BTreeSet::new(), BTreeSet::new());
    for kind in &taxonomy.kinds {
        let id = &kind.id;
        let is_kebab = id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        if !is_kebab || !ids.insert(id.clone()) {
            faults.push(format!("{id}: no id of its own in lower case and hyphens"));
        }
        let texts = [&kind.name, &kind.definition, &kind.not, &kind.consequence];
        let lists = [
            &kind.positive,
            &kind.negative,
            &kind.questions,
            &kind.documents,
            &kind.tosdr,
        ];
        if texts.iter().any(|text| text.is_empty()) || lists.iter().any(|list| list.is_empty()) {
            faults.push(format!("{id}: something is not said"));
        }
        for citation in &kind.regulations {
            cited.insert(citation.clone());
            if regulations.cited(citation).is_none() {
                faults.push(format!("{id}: {citation} is no article of a regulation"));
            }
        }
    }
    let mut known = BTreeSet::new();
    for regulation in &regulations.all {
        if regulation.applies_from.len() != 10 || regulation.identifier.is_empty() {
            faults.push(format!("{}: no date or no identifier", regulation.id));
        }
        for article in &regulation.articles {
            let citation = format!("{}:{}", regulation.id, article.article);
            if !cited.contains(&citation) || !known.insert(citation.clone()) {
                faults.push(format!("{citation}: cited by no kind, or there twice"));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(ids.len(), 80);
}

#[test]
fn the_model_is_of_the_taxonomy_and_reads_back_as_it_is() {
    let text = fs::read_to_string(root().join("data/classifier.tsv")).unwrap();
    let model = Model::parse(&text).unwrap();
    assert_eq!(model.to_text(), text);
    let kinds: Vec<&String> = Taxonomy::built_in()
        .unwrap()
        .kinds
        .iter()
        .map(|kind| &kind.id)
        .collect();
    assert_eq!(model.kinds().iter().collect::<Vec<_>>(), kinds);
    for (broken, line) in [
        ("", 1),
        ("recension-classifier 1\nthreshold x\n", 2),
        ("recension-classifier 1\nthreshold 0\nsale\t1\n", 3),
        (
            "recension-classifier 1\nthreshold 0\nsale\t1\t1\n\nwe\t9\t0\n",
            5,
        ),
    ] {
        assert_eq!(Model::parse(broken).unwrap_err().line, line, "{broken:?}");
    }
}

/// The command that the page on provisions names must give the committed file again.
#[test]
fn training_takes_the_threshold_of_the_committed_model() {
    let text = fs::read_to_string(root().join("data/classifier.tsv")).unwrap();
    let threshold = text.lines().nth(1).unwrap().strip_prefix("threshold ");
    let help = Archive::none().fine(&["train", "--help"]);
    let default = format!("[default: {}]", threshold.unwrap());
    assert!(help.contains(&default), "{default}: {help}");
}

#[test]
fn every_pattern_of_the_training_set_gives_clauses_of_known_kinds() {
    let taxonomy = Taxonomy::built_in().unwrap();
    let mut count = 0;
    for entry in fs::read_dir(root().join("data/training")).unwrap() {
        let path = entry.unwrap().path();
        let all = examples(&fs::read_to_string(&path).unwrap()).unwrap();
        count += all.len();
        for example in all {
            for kind in &example.kinds {
                assert!(taxonomy.kind(kind).is_some(), "{}: {kind}", path.display());
            }
            assert!(!example.text.contains(['{', '}']), "{example:?}");
        }
    }
    assert!(count > 20_000, "{count}");
    for (wrong, line) in [("We {sell.", 2), ("We sell}.", 2), ("We {a|{b}} sell.", 2)] {
        let error = examples(&format!("= data-sale\n{wrong}")).unwrap_err();
        assert_eq!(error.line, line, "{wrong}");
    }
    assert_eq!(examples("We sell.").unwrap_err().line, 1);
}

/// Sentences that were written for this, and not to train from.
#[test]
fn what_is_denied_is_told_from_what_is_stated() {
    let table = fs::read_to_string(root().join("tests/judged/polarity.tsv")).unwrap();
    let classifier = Classifier::built_in().unwrap();
    let (mut told, mut right, mut found) = (Vec::new(), 0, 0);
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    for row in rows.clone() {
        let fields: Vec<&str> = row.split('\t').collect();
        let [kind, expected, sentence] = fields[..] else {
            panic!("{row}");
        };
        found += usize::from(
            classifier
                .classify(sentence, None)
                .iter()
                .any(|one| one.kind == kind),
        );
        let polarity = recension::classify::stance(kind, sentence).0;
        if polarity.word() == expected {
            right += 1;
        } else {
            told.push(format!("{}: {row}", polarity.word()));
        }
    }
    let all = rows.count();
    eprintln!("{right} of {all} are told rightly, {found} are of the kind by the classifier");
    assert!(right * 100 >= all * 95, "{right} of {all}: {told:#?}");
    assert_eq!(
        Polarity::DeniedWithExceptions.word(),
        "denied with exceptions"
    );
}

#[test]
fn every_quote_is_the_archived_bytes_at_its_span() {
    let mut history = Fixture::new();
    let privacy = "# Privacy\n\n## What we *collect*\n\nWe collect your [e\u{2011}mail address](https://alder.example) and \
        the **pages**\nthat you open.\n\n- We do not sell your personal information.\n- We use cookies \u{2014} and pixels.\n\n\
        | Category | Collected | Disclosed |\n| --- | --- | --- |\n| Geolocation data. Physical location. | NO | NO |\n";
    let terms = "# Terms\n\nWe may change these terms at any time.\n\nThe laws of Portugal govern this agreement.\n";
    history.commit(
        &[
            ("Alder/Privacy Policy.md", Some(privacy)),
            ("Alder/Terms of Service.md", Some(terms)),
        ],
        "First record of Alder",
        seconds("2025-01-01T00:00:00Z"),
    );
    let archive = Archive::of(&history);
    let (mut lines, mut kinds) = (0, BTreeSet::new());
    for platform in archive
        .recension(&["platforms", "--format", "jsonl"])
        .json()
    {
        let name = platform["platform"].as_str().unwrap();
        for line in archive
            .recension(&["provisions", name, "--format", "jsonl"])
            .json()
        {
            let text = archive.fine(&[
                "show",
                line["document"].as_str().unwrap(),
                "--format",
                "raw",
            ]);
            let span = |end: &str| usize::try_from(line["span"][end].as_u64().unwrap()).unwrap();
            assert_eq!(
                &text[span("start")..span("end")],
                line["quote"].as_str().unwrap()
            );
            kinds.insert(format!(
                "{} {}",
                line["kind"].as_str().unwrap(),
                line["polarity"].as_str().unwrap()
            ));
            lines += 1;
        }
    }
    assert!(lines > 5, "{lines}");
    for kind in [
        "data-sale denied",
        "trackers stated",
        "location denied",
        "unilateral-change stated",
        "choice-of-law stated",
    ] {
        assert!(kinds.contains(kind), "{kind} is not among {kinds:?}");
    }
    let compared = archive
        .recension(&["compare", "arbitration", "--format", "jsonl"])
        .json();
    let finding = compared[0]["finding"].as_str().unwrap();
    assert!(
        finding.starts_with("none found in the documents of Alder"),
        "{finding}"
    );
    archive.complains(
        &["compare", "arbitration-of-all"],
        2,
        "error: there is no kind arbitration-of-all: recension taxonomy lists them\n",
    );
}
