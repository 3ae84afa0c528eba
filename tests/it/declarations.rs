//! Declarations of both forms: what they say, and what is said of those that are wrong.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use crate::support::archive::{Archive, text};
use recension::extract::{ExtractError, extract};
use recension::import::declarations::{Declarations, Severity, read};
use recension::model::{Boundary, DeclaredDocument, Filter, Instant, Selection};

const OTA: &str = r##"{"name": "Glimmerfold", "terms": {
  "Privacy Policy": {"fetch": "https://glimmerfold.example/privacy", "select": ["main",
    {"startBefore": "#annex", "endBefore": "footer"}], "remove": ".banner",
    "filter": [{"removeQueryParams": ["utm_source"]}]},
  "Terms of Service": {"select": "article", "combine": [{"fetch": "https://glimmerfold.example/terms"},
    {"fetch": "https://glimmerfold.example/terms/annex", "select": "#annex"}]}}}"##;
const HISTORY: &str = r#"{"Privacy Policy": [
  {"fetch": "https://glimmerfold.example/legal", "validUntil": "2023-02-28T12:00:00Z"}]}"#;

fn read_files(files: &[(&str, &str)]) -> Declarations {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let mut declarations = read(folder.path()).unwrap();
    for problem in &mut declarations.problems {
        problem.file = problem.file.file_name().unwrap().into();
    }
    declarations
}

/// The declaration in the documentation, which says the same as [`OTA`] and [`HISTORY`].
fn own() -> String {
    let page = include_str!("../../docs/declarations.md");
    let (_, rest) = page.split_once("```toml\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn both_forms_say_the_same() {
    let theirs = read_files(&[("G.json", OTA), ("G.history.json", HISTORY)]);
    let ours = read_files(&[("G.toml", &own())]);
    assert_eq!((&theirs.problems, &ours.problems), (&vec![], &vec![]));
    assert_eq!(theirs.documents, ours.documents);

    let [privacy, terms]: &[DeclaredDocument; 2] = ours.documents.as_slice().try_into().unwrap();
    let part = &privacy.current.as_ref().unwrap().parts()[0];
    let range = Selection::Range {
        start: Boundary::Before("#annex".into()),
        end: Boundary::Before("footer".into()),
    };
    assert_eq!(part.select, [Selection::Elements("main".into()), range]);
    assert_eq!(part.remove, [Selection::Elements(".banner".into())]);
    let filter = Filter::RemoveQueryParams(vec!["utm_source".into()]);
    assert_eq!(part.filters, [filter]);
    assert!(!part.client_scripts);

    let selected = terms.current.as_ref().unwrap().parts().iter();
    let selected: Vec<_> = selected.map(|part| part.select.clone()).collect();
    let elements = |selector: &str| vec![Selection::Elements(selector.into())];
    assert_eq!(selected, [elements("article"), elements("#annex")]);
}

#[test]
fn a_declaration_holds_until_its_last_instant() {
    let declared = &read_files(&[("G.toml", &own())]).documents[0];
    for (instant, address) in [
        ("2020-01-01T00:00:00Z", "https://glimmerfold.example/legal"),
        ("2023-02-28T12:00:00Z", "https://glimmerfold.example/legal"),
        (
            "2023-02-28T12:00:01Z",
            "https://glimmerfold.example/privacy",
        ),
    ] {
        let valid = declared.valid_at(Instant::parse_rfc3339(instant).unwrap());
        assert_eq!(valid.unwrap().parts()[0].address, address, "{instant}");
    }
}

#[test]
fn the_digest_follows_what_is_said_and_not_how() {
    let digests = |text: &str| {
        let read = read_files(&[("G.json", text)]);
        let of = |declared: &DeclaredDocument| declared.current.as_ref().unwrap().digest().unwrap();
        read.documents.iter().map(of).collect::<Vec<_>>()
    };
    let first = digests(OTA);
    assert_eq!(first, digests(&OTA.replace("\n  ", " ")));
    assert_eq!(first, digests(&OTA.replace("\".banner\"", "[\".banner\"]")));
    let other = digests(&OTA.replace(".banner", ".notice"));
    assert_ne!(first[0], other[0]);
    assert_eq!(first[1], other[1]);
}

#[test]
fn every_problem_is_listed_with_its_place() {
    let text = r#"{"name": "G", "terms": {
      "A": {"fetch": "ftp://g.example", "select": 3, "executeClientScripts": "yes"},
      "B": {"fetch": "https://g.example", "filter": ["ownFilter"], "colour": "red"},
      "C": {"select": [{"startBefore": "a"}], "combine": []},
      "D/E": {"fetch": "https://g.example"}}}"#;
    let read = read_files(&[
        ("1.json", text),
        ("2.json", "{\n\"name\": }"),
        ("3.toml", "platform = \"G\"\n[documents"),
        ("4.history.json", "{}"),
    ]);
    let found: Vec<_> = read
        .problems
        .iter()
        .map(|problem| {
            let file = problem.file.display().to_string();
            let error = problem.severity == Severity::Error;
            (file, problem.line, problem.place.as_str(), error)
        })
        .collect();
    let expected: Vec<_> = [
        ("1.json", None, "terms.A.fetch", true),
        ("1.json", None, "terms.A.select", true),
        ("1.json", None, "terms.A.executeClientScripts", true),
        ("1.json", None, "terms.B.colour", false),
        ("1.json", None, "terms.B.filter[0]", false),
        ("1.json", None, "terms.C.combine", true),
        ("1.json", None, "terms.D/E", true),
        ("2.json", Some(2), "", true),
        ("3.toml", Some(2), "", true),
        ("4.history.json", None, "", true),
    ]
    .map(|(file, line, place, error)| (file.to_owned(), line, place, error))
    .into();
    assert_eq!(found, expected);
    let kept = read
        .documents
        .iter()
        .map(|known| known.document.to_string());
    assert_eq!(kept.collect::<Vec<_>>(), ["G/B"]);
    let part = &read.documents[0].current.as_ref().unwrap().parts()[0];
    assert_eq!(part.unsupported_filters, ["ownFilter"]);
}

#[test]
fn the_known_collections_are_read() {
    // Some collections keep the history of a platform whose file is gone, and with it the platform's name.
    for (collection, documents, orphans) in [
        ("demo", 19, 0),
        ("genai-contrib", 145, 0),
        ("contrib", 836, 2),
    ] {
        let folder = format!("../shared/corpora/{collection}-declarations/declarations");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        if !folder.exists() {
            eprintln!("skipped: {} is missing", folder.display());
            continue;
        }
        let read = read(&folder).unwrap();
        let problems = read.problems.iter();
        let errors: Vec<_> = problems
            .filter(|problem| problem.severity == Severity::Error)
            .collect();
        let orphaned = |text: &str| text.starts_with("it belongs to");
        assert!(
            errors.iter().all(|error| orphaned(&error.message)),
            "{errors:#?}"
        );
        let found = (read.documents.len(), errors.len());
        assert_eq!(found, (documents, orphans), "{collection}");
    }
}

#[test]
fn a_declaration_is_tried_on_saved_pages() {
    let archive = Archive::none();
    let page = "<main><h1>Privacy</h1><p>We keep <b>data</b>.<p id=annex>Annex";
    for (name, text) in [("g.toml", own().as_str()), ("page.html", page)] {
        fs::write(archive.place(name), text).unwrap();
    }
    let [file, page] = ["g.toml", "page.html"].map(|name| archive.place(name));
    let (file, page) = (text(&file), text(&page));
    let tried = |args: &[&str]| {
        let ran = archive.recension(&[&["try", file], args].concat());
        (
            ran.code,
            ran.stdout,
            ran.stderr.replace(file, "FILE").replace(page, "PAGE"),
        )
    };
    let (code, stdout, stderr) = tried(&["Privacy Policy", "--page", page]);
    assert_eq!(
        (code, stdout.as_str()),
        (0, "# Privacy\n\nWe keep **data**.\n\nAnnex\n")
    );
    let expected =
        "warning: nothing on the page of https://glimmerfold.example/privacy matches \".banner\"
warning: nothing on the page of https://glimmerfold.example/privacy matches \"footer\"
Glimmerfold/Privacy Policy: kept 36 B in 3 clauses
";
    assert_eq!(stderr, expected);
    let earlier = [
        "Glimmerfold/Privacy Policy",
        "--as-of",
        "2022",
        "--page",
        page,
    ];
    assert_eq!(tried(&earlier).1, stdout);
    let parts = ["Terms of Service", "--page", page, "--page", page];
    let whole = tried(&parts);
    assert!(whole.2.contains("matches \"article\""), "{whole:?}");

    for (args, complaint) in [
        (
            &["--page", page][..],
            "error: several documents are declared: name one of \"Glimmerfold/Privacy Policy\", \"Glimmerfold/Terms of Service\"\n",
        ),
        (
            &["Imprint", "--page", page],
            "error: no declaration of \"Imprint\" is there; declared are \"Glimmerfold/Privacy Policy\", \"Glimmerfold/Terms of Service\"\n",
        ),
        (
            &["Terms of Service", "--page", page],
            "error: Glimmerfold/Terms of Service is published at https://glimmerfold.example/terms and https://glimmerfold.example/terms/annex: give one page for each, and not 1\n",
        ),
        (
            &["Privacy Policy", "--page", "no-such"],
            "error: no-such can't be read: No such file or directory (os error 2)\n",
        ),
    ] {
        assert_eq!(tried(args), (2, String::new(), complaint.to_owned()));
    }
}

/// The declarations to start with.
fn starters() -> Declarations {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data/declarations")).unwrap()
}

#[test]
fn the_starter_declarations_are_right() {
    let starters = starters();
    assert_eq!(starters.problems, []);
    let platforms: HashSet<&str> = starters
        .documents
        .iter()
        .map(|one| one.document.platform())
        .collect();
    assert!(platforms.len() >= 25 && starters.documents.len() >= 60);
    for declared in &starters.documents {
        let current = declared.current.as_ref().unwrap();
        for part in current.parts() {
            // On a page that is none, every selector is read, and none matches.
            let error = extract(b"", None, part).unwrap_err();
            let fine = matches!(error, ExtractError::NoMatch { .. } | ExtractError::Empty);
            assert!(fine, "{}: {error}", declared.document);
        }
    }
}

#[test]
fn the_starter_declarations_say_what_the_collections_say() {
    let mut known = HashMap::new();
    for collection in ["contrib", "genai-contrib", "demo"] {
        let folder = format!("../shared/corpora/{collection}-declarations/declarations");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        if !folder.exists() {
            eprintln!("skipped: {} is missing", folder.display());
            return;
        }
        let documents = read(&folder).unwrap().documents;
        known.extend(documents.into_iter().map(|one| (one.document, one.current)));
    }
    for declared in starters().documents {
        let theirs = known.get(&declared.document);
        assert_eq!(Some(&declared.current), theirs, "{}", declared.document);
    }
}
