//! The rules that the source keeps beyond those of the compiler: layers, sizes, words.
//!
//! Each rule is a function from files to complaints, so that [`the_rules_find_faults`] can show that it fires.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The layers of `src`, and what each may import from the others. Arrows only point up this list.
const LAYERS: &[(&str, &[&str])] = &[
    // Pure: siblings meet only through the model.
    ("model", &[]),
    ("classify", &["model"]),
    ("codec", &["model"]),
    ("segment", &["model"]),
    ("compare", &["model"]),
    ("extract", &["model"]),
    ("project", &["model"]),
    ("prove", &["model"]),
    ("search", &["model"]),
    // Edge: each knows one outside world. The store keeps events as bytes, proves them and stores what projecting them
    // gives, and the words of clauses (search) in the index; the export puts answers (project) and proofs (prove) into forms for others, and the bytes of events
    // (codec) beside them, and shows comparisons.
    ("store", &["model", "codec", "project", "prove", "search"]),
    ("import", &["model"]),
    ("fetch", &["model"]),
    (
        "export",
        &["model", "classify", "codec", "compare", "project", "prove"],
    ),
    // Application. Its counts are a shape of the export's, so that every JSON shape is defined there.
    (
        "archive",
        &[
            "model", "classify", "codec", "segment", "compare", "extract", "project", "prove",
            "search", "store", "import", "fetch", "export",
        ],
    ),
    // Front: never the store, whose errors and types it sees only as the archive shows them.
    (
        "cli",
        &[
            "model", "classify", "project", "prove", "search", "export", "archive",
        ],
    ),
];

/// What only some layers may touch: the outside worlds, each with the layers that know it.
const WORLDS: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("zstd", &["store", "fetch"]),
    ("gix", &["import"]),
    ("scraper", &["extract"]),
    ("url", &["extract", "fetch"]),
    ("reqwest", &["fetch"]),
    ("rustls", &["fetch"]),
    ("robotxt", &["fetch"]),
    ("tokio", &["fetch", "archive", "cli"]),
    ("gix_pack", &["import"]),
    ("bincode", &["codec"]),
    ("ed25519_dalek", &["prove"]),
    ("anyhow", &["cli"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("getrandom", &["cli"]),
    ("tempfile", &["store", "fetch", "cli"]),
    // The library touches neither the terminal nor the environment nor the clock.
    ("std::env", &["cli"]),
    ("std::process", &["fetch", "cli", "main"]),
    ("io::stdin", &["cli"]),
    ("io::stdout", &["cli"]),
    ("io::stderr", &["cli"]),
    ("Utc::now", &["cli"]),
    ("SystemTime", &["cli"]),
    ("std::time::Instant", &["cli"]),
    // The pure layer touches nothing at all.
    ("std::fs", &["store", "import", "export", "archive", "cli"]),
    (
        "std::io",
        &["store", "import", "fetch", "export", "archive", "cli"],
    ),
    ("std::net", &["fetch", "cli"]),
    ("std::thread", &["store", "archive", "cli"]),
    ("async fn", &["fetch"]),
];

/// What code outside tests never says.
const NEVER: &[&str] = &[
    ".unwrap()",
    ".expect(",
    ".unwrap_err()",
    "panic!(",
    "unreachable!(",
    "todo!(",
    "unimplemented!(",
    "println!(",
    "eprintln!(",
    "print!(",
    "eprint!(",
    "dbg!(",
    "crate::{", // one import for each layer, so that they can be seen
];

/// The longest file without a reason, in lines.
const FILE_LINES: usize = 400;
/// Files that are longer, and why none of them is two files.
const LONG_FILES: &[(&str, &str)] = &[
    (
        "src/codec/payload.rs",
        "the frozen structs of every event type, and what they mean today",
    ),
    (
        "src/classify/stance.rs",
        "a rule, and the lists of words that it goes by",
    ),
    (
        "src/model/period.rs",
        "one grammar: each form of a date stands beside what is said when it is nearly met",
    ),
    (
        "src/prove/merkle.rs",
        "one tree: hashes, tiles, proofs and their verification",
    ),
    (
        "src/prove/note.rs",
        "one format: keys, signatures and notes, with an error for each way to be wrong",
    ),
    (
        "src/store/log.rs",
        "a third of it is what can be wrong with a log",
    ),
    (
        "src/store/views.rs",
        "every row that is read, with the check of its digest",
    ),
];
/// The longest function, in lines from its name to its closing brace.
const FUNCTION_LINES: usize = 70;

/// Words for which the project has another, each with that other word.
const WORDS: &[(&str, &str)] = &[
    ("service", "platform"),
    ("services", "platforms"),
    ("vendor", "platform"),
    ("vendors", "platforms"),
    ("revision", "version"),
    ("revisions", "versions"),
    ("webpage", "document"),
    ("webpages", "documents"),
    ("a record", "an event"),
    ("the records", "the events"),
    ("practice", "provision"),
    ("practices", "provisions"),
];
/// Where such a word is another's own: names of documents, of other people's commands and titles.
const QUOTED: &[&str] = &[
    "terms of service",
    "terms-of-service",
    "Open Terms Archive: *service*",
    "critical revision", // what the project's name means
    "not** say",         // the glossary's list of words not to use,
    // Kinds of provisions are called as the field calls them.
    "`service-delivery`",
    "`service-providers`",
    "`service-change`",
    "`third-party-services`",
];

#[derive(Clone)]
struct File {
    /// The path from the top of the repository, with slashes.
    path: String,
    text: String,
}

impl File {
    /// The layer of a source file: its folder in `src`, or its own name.
    fn layer(&self) -> &str {
        let path = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let layer = path.split('/').next().unwrap_or_default();
        layer.strip_suffix(".rs").unwrap_or(layer)
    }

    /// Its lines with their numbers, without comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate();
        lines
            .map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()))
            .filter(|(_, code)| !code.trim().is_empty())
    }
}

/// Reads every file below `folders` whose name ends in one of `endings`.
fn files(folders: &[&str], endings: &[&str]) -> Vec<File> {
    fn walk(path: &Path, endings: &[&str], found: &mut Vec<File>) {
        if path.is_dir() {
            for entry in fs::read_dir(path).unwrap() {
                walk(&entry.unwrap().path(), endings, found);
            }
        } else if endings
            .iter()
            .any(|end| path.to_string_lossy().ends_with(end))
        {
            let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
            found.push(File {
                path: name.to_string_lossy().replace('\\', "/"),
                text: fs::read_to_string(path).unwrap(),
            });
        }
    }
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in folders {
        let path = top.join(folder);
        if path.exists() {
            walk(&path, endings, &mut found);
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn sources() -> Vec<File> {
    files(&["src"], &[".rs"])
}

/// Everything that people read.
fn prose() -> Vec<File> {
    let mut all = files(
        &[
            "src",
            "docs",
            "schema",
            "README.md",
            "Cargo.toml",
            "deny.toml",
        ],
        &[".rs", ".md", ".sql", ".json", ".toml"],
    );
    // The glossary lists the words that are not used.
    all.retain(|file| file.path != "docs/glossary.md");
    all
}

/// Where `needle` stands in `line` as a word of its own.
fn has_word(line: &str, needle: &str) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(needle).any(|(at, _)| {
        !line[..at].ends_with(is_letter) && !line[at + needle.len()..].starts_with(is_letter)
    })
}

fn layers(file: &File) -> Vec<String> {
    let layer = file.layer();
    let mut wrong = Vec::new();
    if layer == "lib" {
        return wrong;
    }
    let allowed = LAYERS.iter().find(|(name, _)| *name == layer);
    let depth = file.path.matches('/').count() - usize::from(file.path.ends_with("/mod.rs"));
    for (number, code) in file.code() {
        let at = format!("{}:{number}", file.path);
        for (start, _) in code.match_indices("crate::") {
            let rest = &code[start + "crate::".len()..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            let target = &rest[..end.unwrap_or(rest.len())];
            let may = match allowed {
                Some((_, allowed)) => target == layer || allowed.contains(&target),
                None => layer == "main",
            };
            if !may && !target.is_empty() {
                wrong.push(format!("{at}: {layer} may not import {target}"));
            }
        }
        let supers = code.split("super::").count() - 1;
        if code.contains(&"super::".repeat(supers.max(1))) && supers > 0 && supers >= depth {
            wrong.push(format!("{at}: imports of other layers begin with crate::"));
        }
        for (world, known_by) in WORLDS {
            if has_word(code, world) && !known_by.contains(&layer) {
                wrong.push(format!("{at}: {layer} may not touch {world}"));
            }
        }
        if layer == "main" && code.contains("recension::") && !code.contains("recension::cli") {
            wrong.push(format!("{at}: main only knows the command line"));
        }
    }
    if allowed.is_none() && layer != "main" {
        wrong.push(format!("{}: {layer} is not a layer of the list", file.path));
    }
    wrong
}

fn never(file: &File) -> Vec<String> {
    let hits = file.code().flat_map(|(number, code)| {
        let in_line = NEVER.iter().filter(|never| match never.strip_prefix('.') {
            Some(_) => code.contains(**never),
            None => code
                .match_indices(**never)
                .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')),
        });
        in_line.map(move |never| format!("{}:{number}: {never} is not for src", file.path))
    });
    hits.collect()
}

fn module_doc(file: &File) -> Vec<String> {
    if file.text.starts_with("//! ") {
        return Vec::new();
    }
    vec![format!("{}: does not begin with a //! comment", file.path)]
}

fn file_length(file: &File) -> Vec<String> {
    let lines = file.text.lines().count();
    let listed = LONG_FILES.iter().any(|(path, _)| *path == file.path);
    match (lines > FILE_LINES, listed) {
        (true, false) => vec![format!(
            "{}: {lines} lines, more than {FILE_LINES}: split it, or say in LONG_FILES why not",
            file.path
        )],
        (false, true) => vec![format!("{}: need not be in LONG_FILES", file.path)],
        _ => Vec::new(),
    }
}

/// Finds functions by the form that rustfmt gives them: the closing brace stands below the beginning of the first line.
fn function_length(file: &File) -> Vec<String> {
    let mut wrong = Vec::new();
    let lines: Vec<&str> = file.text.lines().collect();
    for (first, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        let Some(at) = code.find("fn ").filter(|_| !code.starts_with("//")) else {
            continue;
        };
        let qualifiers = [
            "pub",
            "pub(super)",
            "pub(crate)",
            "const",
            "async",
            "unsafe",
        ];
        if !code[..at]
            .split_whitespace()
            .all(|word| qualifiers.contains(&word))
        {
            continue;
        }
        let closing = format!("{}}}", " ".repeat(indent));
        let ends = |line: &str| {
            line == closing || line.ends_with(';') && line.find(|c| c != ' ') == Some(indent)
        };
        let one_line = line.ends_with(['}', ';']);
        let length = lines[first..]
            .iter()
            .position(|line| ends(line))
            .unwrap_or(0)
            + 1;
        if !one_line && length > FUNCTION_LINES {
            wrong.push(format!(
                "{}:{}: a function of {length} lines, more than {FUNCTION_LINES}",
                file.path,
                first + 1
            ));
        }
    }
    wrong
}

fn words(file: &File) -> Vec<String> {
    let mut wrong = Vec::new();
    // A line that is a text and nothing else is one of a list of words that documents use.
    let is_listed = |line: &str| {
        let line = line.trim();
        line.starts_with('"') && line.ends_with("\",")
    };
    let lines = file.text.lines().enumerate();
    for (index, line) in lines.filter(|(_, line)| !is_listed(line)) {
        let mut line = line.to_lowercase();
        for quoted in QUOTED {
            line = line.replace(&quoted.to_lowercase(), "");
        }
        for (word, instead) in WORDS.iter().filter(|(word, _)| has_word(&line, word)) {
            let at = format!("{}:{}", file.path, index + 1);
            wrong.push(format!("{at}: write {instead:?} instead of {word:?}"));
        }
    }
    wrong
}

/// Paths that exist on one machine only.
fn machine_paths(file: &File) -> Vec<String> {
    let roots = ["work", "root", "home", "Users"].map(|name| format!("/{name}/"));
    let mut wrong = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        for root in roots.iter().filter(|root| {
            line.match_indices(root.as_str()).any(|(at, _)| {
                !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-".contains(c))
            })
        }) {
            let at = format!("{}:{}", file.path, index + 1);
            wrong.push(format!("{at}: {root} is a path of one machine"));
        }
    }
    wrong
}

/// What is wrong with a file, a complaint each.
type Rule = fn(&File) -> Vec<String>;

#[track_caller]
fn check(files: &[File], rules: &[Rule]) {
    assert!(!files.is_empty(), "there is nothing to check");
    let wrong: Vec<String> = files
        .iter()
        .flat_map(|file| rules.iter().flat_map(|rule| rule(file)))
        .collect();
    let mut message = String::new();
    for line in &wrong {
        writeln!(message, "  {line}").unwrap();
    }
    assert!(wrong.is_empty(), "{} faults:\n{message}", wrong.len());
}

#[test]
fn layers_are_kept() {
    check(&sources(), &[layers]);
}

#[test]
fn sources_are_fit_to_read() {
    check(
        &sources(),
        &[module_doc, file_length, function_length, never],
    );
    let paths: Vec<String> = sources().into_iter().map(|file| file.path).collect();
    for (path, _) in LONG_FILES {
        assert!(paths.iter().any(|known| known == path), "{path} is gone");
    }
}

#[test]
fn one_word_has_one_meaning() {
    check(&prose(), &[words]);
}

#[test]
fn nothing_names_one_machine() {
    let folders = [
        "src",
        "tests",
        "docs",
        "schema",
        "data",
        ".ci",
        "README.md",
        "Cargo.toml",
        "deny.toml",
    ];
    let endings = [".rs", ".md", ".sql", ".json", ".toml", "run", ".py", ".sh"];
    check(&files(&folders, &endings), &[machine_paths]);
}

/// Plants a fault of every kind.
#[test]
fn the_rules_find_faults() {
    let file = |path: &str, text: &str| File {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let long_function = format!("//! Doc.\nfn f() {{\n{}}}\n", "    g();\n".repeat(69));
    let long_method = format!(
        "//! Doc.\nimpl A {{\n    pub(super) fn f(\n        a: u8,\n    ) {{\n{}    }}\n}}\n",
        "        g();\n".repeat(67)
    );
    let home = format!("//! See /{}/main.\n", "work");
    let planted: &[(Rule, &str, &str)] = &[
        (layers, "src/project/a.rs", "use crate::prove::Tree;"),
        (layers, "src/model/a.rs", "use crate::codec::decode;"),
        (layers, "src/store/a.rs", "use crate::archive::Archive;"),
        (layers, "src/store/a.rs", "use crate::import::History;"),
        (
            layers,
            "src/cli/a.rs",
            "let log = crate::store::Log::open();",
        ),
        (layers, "src/cli/a.rs", "use super::super::store::Log;"),
        (layers, "src/import/mod.rs", "use super::store::Log;"),
        (layers, "src/notify/mod.rs", "fn f() {}"),
        (
            layers,
            "src/archive/a.rs",
            "let home = std::env::var_os(\"HOME\");",
        ),
        (layers, "src/archive/a.rs", "io::stdout().lock();"),
        (layers, "src/archive/a.rs", "let now = Utc::now();"),
        (layers, "src/archive/a.rs", "use rusqlite::Connection;"),
        (layers, "src/model/a.rs", "use std::fs;"),
        (layers, "src/main.rs", "use recension::store::Log;"),
        (never, "src/a.rs", "x.unwrap();"),
        (never, "src/a.rs", "x.expect(\"y\");"),
        (never, "src/a.rs", "todo!()"),
        (never, "src/a.rs", "println!(\"x\");"),
        (never, "src/a.rs", "dbg!(x);"),
        (never, "src/a.rs", "use crate::{model, store};"),
        (module_doc, "src/a.rs", "use std::fs;\n"),
        (file_length, "src/a.rs", &"\n".repeat(FILE_LINES + 1)),
        (file_length, "src/store/log.rs", "//! Short.\n"),
        (function_length, "src/a.rs", &long_function),
        (function_length, "src/a.rs", &long_method),
        (words, "src/a.rs", "/// The service's name."),
        (words, "docs/a.md", "Each revision of a document"),
        (machine_paths, "docs/a.md", &home),
    ];
    for (rule, path, text) in planted {
        assert!(
            !rule(&file(path, text)).is_empty(),
            "unseen in {path}: {text}"
        );
    }
    let allowed: &[(Rule, &str, &str)] = &[
        (
            layers,
            "src/project/a.rs",
            "use crate::model::Event; // as crate::store does",
        ),
        (layers, "src/import/git/open.rs", "use super::super::ota;"),
        (layers, "src/store/a.rs", "use super::log::Log;"),
        (never, "src/a.rs", "#[expect(dead_code, reason = \"x\")]"),
        (
            never,
            "src/a.rs",
            "x.unwrap_or_default(); writeln!(out, \"x\")?;",
        ),
        (
            function_length,
            "src/a.rs",
            &long_function.replacen("    g();\n", "", 1),
        ),
        (words, "src/a.rs", "/// The Terms of Service; serviceable."),
        (
            machine_paths,
            "docs/a.md",
            "https://example.org/work/main and a/home/b",
        ),
    ];
    for (rule, path, text) in allowed {
        assert_eq!(rule(&file(path, text)), [""; 0], "{path}: {text}");
    }
}
