//! Provisions: the taxonomy, the classifier, and what documents are said to hold.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use recension::classify::{Classifier, Model, Regulations, Taxonomy, examples};
use recension::model::Polarity;

use crate::support::archive::{Archive, NOW, seconds};
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
        let polarity = classifier.stance(kind, sentence).unwrap().0;
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

const BEFORE: &str = "# Privacy Policy\n\n## Information we collect\n\n| Category | Collected | Disclosed |\n| --- | --- | --- |\n\
    | Internet or other similar network activity, such as browsing history and interactions with our site. | NO | NO |\n\n\
    ## How we use your data\n\nWe use your data to provide the app.\n\n## Sale of personal information\n\n\
    We do not sell your personal information to third parties.\n\n## Children\n\n\
    The app is not directed to children under 13, and we delete data of a child that we learn of.\n";
const AFTER: &str = "# Privacy Policy\n\n## Information we collect\n\n| Category | Collected | Disclosed |\n| --- | --- | --- |\n\
    | Internet or other similar network activity, such as browsing history and interactions with our site. | YES | YES |\n\n\
    ## How we use your data\n\nWe use your data to provide the app.\n\nWe use your data for marketing and advertising.\n\n\
    ## Children\n\n\
    The app is not directed to children under 13, and we delete data of a child that we learn of.\n";
const TERMS: &str = "# Terms\n\nThe laws of Portugal govern this agreement.\n";
const TERMS_WITH_SALE: &str = "# Terms\n\nThe laws of Portugal govern this agreement.\n\n\
    We do not sell your personal information to third parties.\n";

fn history(commits: &[(&str, &str)]) -> Fixture {
    let mut history = Fixture::new();
    for (place, (privacy, terms)) in commits.iter().enumerate() {
        history.commit(
            &[
                ("Alder/Privacy Policy.md", Some(privacy)),
                ("Alder/Terms of Service.md", Some(terms)),
            ],
            "Record new changes",
            seconds("2025-01-01T00:00:00Z") + 20 * 86_400 * i64::try_from(place).unwrap(),
        );
    }
    history
}

/// A history in which provisions come, go, are widened and reworded.
pub fn turned() -> Fixture {
    let reworded = TERMS.replace("govern this agreement", "govern this contract with you");
    history(&[(BEFORE, TERMS), (AFTER, &reworded)])
}

/// What became of the provisions of the privacy policy by its newest change.
fn turns(archive: &Archive) -> Vec<serde_json::Value> {
    let args = ["changes", "Alder/Privacy Policy", "--format", "jsonl"];
    let changes = archive.recension(&args).json();
    changes.last().unwrap()["provisions"]
        .as_array()
        .unwrap()
        .clone()
}

fn text_of(archive: &Archive, event: &serde_json::Value) -> String {
    archive.fine(&["show", "--event", &event.to_string(), "--format", "raw"])
}

#[test]
fn a_change_says_what_became_of_provisions_with_both_spans() {
    let archive = Archive::of(&history(&[(BEFORE, TERMS), (AFTER, TERMS)]));
    let args = [
        "changes",
        "Alder",
        "--provision",
        "data-sale,usage-data",
        "--format",
        "jsonl",
    ];
    let changes = archive.recension(&args).json();
    assert_eq!(changes.len(), 1, "{changes:#?}");
    let (from, to) = (
        text_of(&archive, &changes[0]["from"]["seq"]),
        text_of(&archive, &changes[0]["to"]["seq"]),
    );
    let turns = turns(&archive);
    for turn in &turns {
        for (side, text) in [("before", &from), ("after", &to)] {
            let Some(quote) = turn[side]["quote"].as_str() else {
                continue;
            };
            let at =
                |end: &str| usize::try_from(turn[side]["span"][end].as_u64().unwrap()).unwrap();
            assert_eq!(&text[at("start")..at("end")], quote);
        }
    }
    let told = |kind: &str, what: &str| {
        let one = turns
            .iter()
            .find(|one| one["kind"] == kind && one["turn"] == what);
        one.unwrap_or_else(|| panic!("{kind} {what}: {turns:#?}"))
    };
    let network = told("usage-data", "widened");
    assert_eq!(network["sign"], "polarity");
    assert_eq!(network["before"]["polarity"], "denied");
    assert_eq!(network["after"]["polarity"], "stated");
    let sale = told("data-sale", "removed");
    assert_eq!(
        sale["before"]["quote"],
        "We do not sell your personal information to third parties."
    );
    assert_eq!(sale["remains"]["what"], "none found");
    told("advertising", "added");
    assert!(
        !turns
            .iter()
            .any(|one| one["kind"] == "childrens-safeguards"),
        "{turns:#?}"
    );
    let engaged = changes[0]["regulations"].as_array().unwrap();
    assert!(
        engaged.iter().any(|one| one["regulation"] == "ccpa"),
        "{engaged:#?}"
    );
    for format in ["md", "html", "text"] {
        let id = changes[0]["id"].as_str().unwrap();
        let page = archive.fine(&["change", id, "--format", format]);
        assert!(page.contains("Sale of data"), "{page}");
        assert!(page.contains("none found in any document"), "{page}");
    }
    let none = archive.recension(&["changes", "--provision", "jury-waiver", "--format", "jsonl"]);
    assert_eq!(none.json().len(), 0);
}

#[test]
fn what_stands_in_another_document_is_relocated_and_not_gone() {
    let archive = Archive::of(&history(&[(BEFORE, TERMS), (AFTER, TERMS_WITH_SALE)]));
    let turns = turns(&archive);
    let sale = turns.iter().find(|one| one["kind"] == "data-sale").unwrap();
    assert_eq!(sale["turn"], "removed");
    assert_eq!(sale["remains"]["what"], "relocated");
    assert_eq!(sale["remains"]["documents"][0], "Alder/Terms of Service");
}

#[test]
fn provisions_are_the_same_after_one_import_and_after_several() {
    let commits = [
        (BEFORE, TERMS),
        (AFTER, TERMS),
        (BEFORE, TERMS_WITH_SALE),
        (AFTER, TERMS),
    ];
    let at_once = Archive::of(&history(&commits));
    let one_by_one = Archive::new();
    for end in 1..=commits.len() {
        one_by_one.import(&history(&commits[..end]), NOW);
    }
    let told = |archive: &Archive| {
        let args = ["changes", "--all", "--format", "jsonl"];
        let changes = archive.recension(&args).json();
        let each = changes
            .iter()
            .map(|one| (one["to"]["sha256"].clone(), one["provisions"].clone()));
        each.collect::<Vec<_>>()
    };
    assert_eq!(told(&at_once), told(&one_by_one));
    assert!(told(&at_once).iter().any(|(_, turns)| turns[0].is_object()));
    let again = at_once.fine(&["reassess"]);
    assert_eq!(again, "Nothing is judged otherwise than before.\n");
}

#[test]
fn what_a_version_holds_is_told_however_much_it_is() {
    let item = |number: u32| {
        format!(
            "- We collect your name, your e-mail address, your location, your card number and IP address {number}, and we \
             sell them to advertisers and share them with companies that process payments on our behalf.\n"
        )
    };
    let text: String = (0..700).map(item).collect();
    let mut history = Fixture::new();
    history.commit(
        &[("Alder/Privacy Policy.md", Some(&text))],
        "First record of Alder",
        seconds("2025-01-01T00:00:00Z"),
    );
    let archive = Archive::of(&history);
    let events = archive.recension(&["export", "events"]).json();
    let mapped = events
        .iter()
        .filter(|event| event["type"] == "ProvisionsMapped");
    let clauses = mapped.map(|event| event["fact"]["clauses"].as_array().unwrap().len());
    assert_eq!(clauses.sum::<usize>(), 700);
}

#[test]
fn a_provision_is_shown_with_its_life() {
    let archive = Archive::of(&history(&[(BEFORE, TERMS), (AFTER, TERMS)]));
    let args = [
        "provisions",
        "Alder/Privacy Policy",
        "--kind",
        "usage-data",
        "--format",
        "jsonl",
    ];
    let held = archive.recension(&args).json();
    let network = held
        .iter()
        .find(|one| one["quote"].as_str().unwrap().contains("network"));
    let id = network.unwrap()["id"].as_str().unwrap();
    let page = &archive
        .recension(&["provision", id, "--format", "json"])
        .json()[0];
    let turns = page["turns"].as_array().unwrap();
    let polarities: Vec<&str> = turns
        .iter()
        .map(|one| one["polarity"].as_str().unwrap())
        .collect();
    assert_eq!(polarities, ["denied", "stated"]);
    assert_eq!(turns[1]["turn"], "reworded");
    assert_eq!(page["stands"], true);
    assert!(
        archive
            .fine(&["provision", id])
            .contains("What a reviewer would ask")
    );
    archive.complains(
        &["provision", "x"],
        2,
        "error: \"x\" names no provision: names are as recension provisions prints them, such as 1882:17535:usage-data\n",
    );
    archive.complains(
        &["provision", "3:0:usage-data"],
        2,
        "error: there is no provision 3:0:usage-data: no clause that begins there holds one of its kind\n",
    );
}

#[test]
fn since_when_a_provision_has_been_there_is_told() {
    let without = "# Privacy Policy\n\n## Your content\n\nWe use your data to provide the app.\n";
    let training = |words: &str| format!("{without}\nWe {words} to train our AI models.\n");
    let first = training("use the content that you upload");
    let reworded = training("use the content and files that you upload");
    let denied = training("do not use the content and files that you upload");
    let error = "# Error 404\n\nThe page was not found.\n";
    let texts = [
        without, &first, &reworded, without, &reworded, error, &reworded, &denied,
    ];
    let commits: Vec<(&str, &str)> = texts.iter().map(|text| (*text, TERMS)).collect();
    let archive = Archive::of(&history(&commits));
    let versions = archive.recension(&["timeline", "Alder/Privacy Policy", "--format", "jsonl"]);
    let seen: Vec<String> = versions
        .json()
        .iter()
        .map(|one| one["observed_at"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(seen.len(), texts.len());
    let told = |args: &[&str]| {
        let all = ["provisions", "Alder", "--kind", "ai-training", "--timeline"];
        let lines = archive.recension(&[&all[..], &["--format", "jsonl"], args].concat());
        let mut lines = lines.json();
        assert_eq!(lines.len(), 1, "{args:?}: {lines:#?}");
        lines.remove(0)
    };
    let since = |absent: usize, present: usize| {
        let seq = archive
            .recension(&[
                "show",
                "Alder/Privacy Policy",
                "--as-of",
                &seen[present],
                "--format",
                "json",
            ])
            .json()[0]["seq"]
            .clone();
        serde_json::json!({"absent_at": seen[absent], "present_at": seen[present], "seq": seq})
    };
    let early = told(&["--as-of", &seen[2]]);
    for (field, expected) in [
        ("since", since(0, 1)),
        ("first", since(0, 1)),
        ("document_since", since(0, 1)),
        ("changed", since(1, 2)),
        ("rewordings", 1.into()),
    ] {
        assert_eq!(early[field], expected, "{field} of {early:#}");
    }
    // It went and came back; a page that was not the document breaks nothing.
    let back = told(&["--as-of", &seen[6]]);
    for (field, expected) in [
        ("since", since(3, 4)),
        ("first", since(0, 1)),
        ("document_since", since(3, 4)),
        ("document_first", since(0, 1)),
        ("clause_id", early["clause_id"].clone()),
    ] {
        assert_eq!(back[field], expected, "{field} of {back:#}");
    }
    let newest = told(&["--as-of", &seen[7]]);
    assert_eq!(newest["polarity"], "denied");
    assert_eq!(newest["polarity_since"], since(6, 7));
    assert_eq!(newest["document_since"], since(3, 4));
    let args = [
        "provisions",
        "Alder",
        "--kind",
        "ai-training",
        "--timeline",
        "--as-of",
        &seen[7],
    ];
    let text = archive.fine(&args);
    for wanted in [
        format!("held by the document since {}", &seen[4][..10]),
        format!("not so at the look before, on {}", &seen[3][..10]),
    ] {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(&wanted), "{wanted} in {text}");
    }
    // What was there at the first look may be older.
    let terms = [
        "provisions",
        "Alder/Terms of Service",
        "--timeline",
        "--format",
        "jsonl",
    ];
    assert!(archive.recension(&terms).json()[0]["since"]["absent_at"].is_null());
}

#[test]
fn kinds_are_named_in_one_way_everywhere() {
    let archive = Archive::of(&history(&[(BEFORE, TERMS), (AFTER, TERMS)]));
    let kinds = |args: &[&str], of: &dyn Fn(&serde_json::Value) -> Vec<String>| {
        let lines = archive.recension(&[args, &["--format", "jsonl"]].concat());
        assert!(lines.code < 2, "{}", lines.stderr);
        lines.json().iter().flat_map(of).collect::<BTreeSet<_>>()
    };
    let held = |one: &serde_json::Value| vec![one["kind"].as_str().unwrap().to_owned()];
    let group = kinds(&["provisions", "Alder", "--kind", "collection"], &held);
    let both = kinds(
        &["provisions", "Alder", "--kind", "choice-of-law, collection"],
        &held,
    );
    assert!(
        !group.is_empty() && !group.contains("choice-of-law"),
        "{group:?}"
    );
    assert!(
        both.is_superset(&group) && both.contains("choice-of-law"),
        "{both:?}"
    );
    let hits = |one: &serde_json::Value| {
        let all = one["provisions"].as_array().unwrap().iter();
        all.map(|one| one["kind"].as_str().unwrap().to_owned())
            .collect()
    };
    let found = kinds(
        &[
            "search",
            "our OR laws OR network",
            "--kind",
            "choice-of-law",
        ],
        &hits,
    );
    let law = kinds(
        &["search", "laws", "--kind", "collection,choice-of-law"],
        &hits,
    );
    assert!(
        found.is_empty() && law.contains("choice-of-law"),
        "{found:?} {law:?}"
    );
    let id = |one: &serde_json::Value| vec![one["id"].to_string()];
    let changed = ["changes", "--provision", "jury-waiver,collection"];
    assert_eq!(kinds(&changed, &id).len(), 1);
    for args in [
        &["provisions", "Alder", "--kind"][..],
        &["search", "laws", "--kind"],
        &["changes", "--provision"],
        &["taxonomy"],
    ] {
        archive.complains(
            &[args, &["collection,data-sail"]].concat(),
            2,
            "error: there is no kind and no group data-sail: recension taxonomy lists them\n",
        );
    }
}
