//! Reads histories made by hand: their order, changes, contents and every way in which they can be damaged.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::fixture::{
    EXECUTABLE, FILE, Fixture, Id, SUBMODULE, SYMLINK, deflate, entry_header, hex, loose, seal,
};
use gix::objs::Kind;
use recension::import::{Change, ChangeKind, Commit, GitError, History, ObjectId};
use recension::model::CommitId;

/// A folder that goes away with the test.
struct Temp(PathBuf);

impl Temp {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("recension-git-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn open(path: &Path, branch: Option<&str>) -> Result<History, GitError> {
    let scratch = path.with_extension("scratch");
    let _ = fs::remove_dir_all(&scratch);
    fs::create_dir_all(&scratch).unwrap();
    History::open(path, &scratch, branch)
}

/// Opens a fixture both as a repository and as a bundle.
fn both(temp: &Temp, fixture: &Fixture) -> [History; 2] {
    fixture.write_repository(&temp.at("repo.git"));
    fixture.write_bundle(&temp.at("repo.bundle"));
    ["repo.git", "repo.bundle"].map(|name| open(&temp.at(name), None).unwrap())
}

fn error(result: Result<History, GitError>) -> GitError {
    result.err().expect("an error")
}

fn id(id: Id) -> CommitId {
    CommitId(id)
}

fn content(history: &mut History, blob: ObjectId) -> String {
    let mut buffer = b"left over".to_vec();
    history.read_blob(blob, 1 << 20, &mut buffer).unwrap();
    String::from_utf8(buffer).unwrap()
}

/// Changes in short: `+path=text`, `~path=text`, `-path`, `from>path=text`.
fn changes(history: &mut History, commit: Id) -> Vec<String> {
    let Commit { changes, .. } = history.commit(id(commit)).unwrap();
    let mut all = Vec::new();
    for Change { path, kind } in changes {
        let path = String::from_utf8_lossy(&path).into_owned();
        all.push(match kind {
            ChangeKind::Added { blob } => format!("+{path}={}", content(history, blob)),
            ChangeKind::Modified { blob } => format!("~{path}={}", content(history, blob)),
            ChangeKind::Deleted => format!("-{path}"),
            ChangeKind::Renamed { from, blob } => {
                format!(
                    "{}>{path}={}",
                    String::from_utf8_lossy(&from),
                    content(history, blob)
                )
            }
        });
    }
    all
}

#[test]
fn a_history_can_move_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<History>();
}

#[test]
fn changes_of_a_linear_history() {
    let temp = Temp::new("linear");
    let mut f = Fixture::new();
    let one = f.commit(
        &[
            ("A/b/c.md", Some("1")),
            ("A.md", Some("x")),
            ("empty", Some("")),
        ],
        "First\n\nX: y\n",
        2000,
    );
    let two = f.commit(&[("A/b/c.md", Some("2"))], "second", 1000);
    let three = f.commit(
        &[
            ("A/b/c.md", None),
            ("A/b-c.md", Some("2")),
            ("empty", None),
            ("vide", Some("")),
        ],
        "",
        5,
    );
    let four = f.commit(&[("A.md", None)], "gone", 6);
    let five = f.commit(&[], "nothing", 7);
    for mut history in both(&temp, &f) {
        assert_eq!(history.head(), id(five));
        assert_eq!(history.commits(&[]), [one, two, three, four, five].map(id));
        assert_eq!(history.commits(&[id(two)]), [three, four, five].map(id));
        assert_eq!(history.commits(&[id([7; 20])]).len(), 5);
        assert!(history.contains(id(one)) && !history.contains(id([7; 20])));
        assert_eq!(
            changes(&mut history, one),
            ["+A.md=x", "+A/b/c.md=1", "+empty="]
        );
        // Again, backwards: what is cached must not matter.
        assert_eq!(changes(&mut history, four), ["-A.md"]);
        assert_eq!(
            changes(&mut history, three),
            ["A/b/c.md>A/b-c.md=2", "-empty", "+vide="]
        );
        assert_eq!(changes(&mut history, two), ["~A/b/c.md=2"]);
        assert!(changes(&mut history, five).is_empty());
        let commit = history.commit(id(one)).unwrap();
        assert_eq!(commit.message, "First\n\nX: y\n");
        assert_eq!(commit.author_time.unwrap().micros(), 2_000_000_000);
        assert_eq!((commit.parents, commit.skipped_entries), (0, 0));
        assert!(matches!(
            history.commit(id([7; 20])),
            Err(GitError::UnknownCommit { .. })
        ));
    }
}

#[test]
fn a_merge_delivers_only_what_is_new_to_every_parent() {
    let temp = Temp::new("merge");
    let mut f = Fixture::new();
    let base = f.commit(
        &[("a", Some("0")), ("b", Some("0")), ("c", Some("0"))],
        "base",
        1,
    );
    f.branch("side", Some(base));
    let side = f.commit(
        &[
            ("b", Some("side")),
            ("c", Some("side")),
            ("d", Some("side")),
        ],
        "side",
        9,
    );
    f.branch("main", Some(base));
    let main = f.commit(&[("a", Some("main")), ("c", Some("main"))], "main", 5);
    f.merge(side);
    let files = [
        ("b", Some("side")),
        ("c", Some("both")),
        ("d", Some("side")),
        ("e", Some("evil")),
    ];
    let merge = f.commit(&files, "merge", 10);
    let last = f.commit(&[("a", None)], "last", 11);
    for mut history in both(&temp, &f) {
        assert_eq!(
            history.commits(&[]),
            [base, main, side, merge, last].map(id)
        );
        assert_eq!(history.commits(&[id(main)]), [side, merge, last].map(id));
        assert_eq!(history.commits(&[id(side)]), [main, merge, last].map(id));
        assert_eq!(
            history.commits(&[id(main), id(side)]),
            [merge, last].map(id)
        );
        assert_eq!(history.commits(&[id(last)]), []);
        assert_eq!(changes(&mut history, merge), ["~c=both", "+e=evil"]);
        assert_eq!(
            changes(&mut history, side),
            ["~b=side", "~c=side", "+d=side"]
        );
        assert_eq!(history.commit(id(merge)).unwrap().parents, 2);
    }
    let history = open(&temp.at("repo.bundle"), Some("side")).unwrap();
    assert_eq!(history.commits(&[]), [base, side].map(id));
    let history = open(&temp.at("repo.git"), Some("refs/heads/side")).unwrap();
    assert_eq!(history.commits(&[]), [base, side].map(id));
}

#[test]
fn an_octopus_and_unrelated_roots() {
    let temp = Temp::new("octopus");
    let mut f = Fixture::new();
    f.branch("x", None);
    let x = f.commit(&[("x", Some("x"))], "x", 3);
    f.branch("y", None);
    let y = f.commit(&[("y", Some("y"))], "y", 2);
    f.branch("main", None);
    let main = f.commit(&[("m", Some("m"))], "m", 4);
    f.merge(x);
    f.merge(y);
    let merge = f.commit(&[("x", Some("x")), ("y", Some("y")), ("m", None)], "all", 5);
    for mut history in both(&temp, &f) {
        assert_eq!(history.commits(&[]), [main, x, y, merge].map(id));
        // `m` is absent in x and y, so its absence is no news.
        assert!(changes(&mut history, merge).is_empty());
    }
}

#[test]
fn names_modes_and_entries_that_are_no_files() {
    let temp = Temp::new("names");
    let mut f = Fixture::new();
    let blob = f.blob(b"text");
    let odd = ["Überraschung/利用規約.md", "a b\t\"c\"\n.md", "-x", "..."];
    for name in odd {
        f.put(name.as_bytes(), FILE, blob);
    }
    f.put(b"\xff\xfe/latin", EXECUTABLE, blob);
    f.put(b"link", SYMLINK, blob);
    f.put(b"sub/module", SUBMODULE, [9; 20]);
    let one = f.commit_bytes(b"", "", 1, 1);
    f.put(b"-x", EXECUTABLE, blob);
    f.put(b"link", FILE, blob);
    f.put(b"...", SYMLINK, blob);
    let two = f.commit_bytes(b"", "", 1, 1);
    f.remove(b"-x");
    f.put(b"-x/y", FILE, blob);
    f.remove(b"link");
    let three = f.commit_bytes(b"", "", 1, 1);
    for mut history in both(&temp, &f) {
        let commit = history.commit(id(one)).unwrap();
        let paths: Vec<&[u8]> = commit
            .changes
            .iter()
            .map(|change| change.path.as_slice())
            .collect();
        assert_eq!(
            paths,
            [
                &b"-x"[..],
                b"...",
                odd[1].as_bytes(),
                odd[0].as_bytes(),
                b"\xff\xfe/latin"
            ]
        );
        assert_eq!(commit.skipped_entries, 2);
        // A file that became a link is gone, one that was a link is new; the same text, so a rename.
        assert_eq!(changes(&mut history, two), ["...>link=text"]);
        assert_eq!(history.commit(id(two)).unwrap().skipped_entries, 1);
        assert_eq!(changes(&mut history, three), ["-x>-x/y=text", "-link"]);
    }
}

#[test]
fn odd_commits() {
    let temp = Temp::new("odd");
    let mut f = Fixture::new();
    f.author("No Time <a@b>");
    let one = f.commit_bytes(b"caf\xe9", "encoding ISO-8859-1\n", 0, -5);
    f.author("Late <a@b> 999999999999999999 +0000");
    let two = f.commit_bytes(
        b"caf\xe9\0",
        "gpgsig -----BEGIN\n author X <y> 5 +0000\n\n",
        0,
        i64::MAX,
    );
    f.author("> 12 +0000");
    let three = f.commit_bytes("\nÜber \u{feff}".as_bytes(), "", 0, 253_402_300_799);
    for mut history in both(&temp, &f) {
        let commit = history.commit(id(one)).unwrap();
        assert_eq!(
            (commit.message.as_str(), commit.author_time),
            ("café", None)
        );
        assert_eq!(commit.committer_time.unwrap().micros(), -5_000_000);
        let commit = history.commit(id(two)).unwrap();
        assert!(
            commit.message.ends_with("caf\u{fffd}\0"),
            "{:?}",
            commit.message
        );
        assert_eq!((commit.author_time, commit.committer_time), (None, None));
        let commit = history.commit(id(three)).unwrap();
        assert_eq!(commit.message, "\nÜber \u{feff}");
        assert_eq!(commit.author_time.unwrap().micros(), 12_000_000);
        assert_eq!(
            commit.committer_time.unwrap().to_string(),
            "9999-12-31T23:59:59Z"
        );
    }
}

#[test]
fn shallow_clones_begin_later() {
    let temp = Temp::new("shallow");
    let mut f = Fixture::new();
    let lost = f.commit(&[("a", Some("1"))], "", 1);
    let edge = f.commit(&[("b", Some("2"))], "", 2);
    let tip = f.commit(&[("b", Some("3"))], "", 3);
    f.lose(lost);
    f.write_repository(&temp.at("cut.git"));
    let failed = error(open(&temp.at("cut.git"), None));
    assert!(
        matches!(failed, GitError::MissingObject { object } if object.0 == lost),
        "{failed}"
    );
    f.shallow(edge);
    f.write_repository(&temp.at("shallow.git"));
    let mut history = open(&temp.at("shallow.git"), None).unwrap();
    assert_eq!(history.commits(&[]), [edge, tip].map(id));
    assert_eq!(changes(&mut history, edge), ["+a=1", "+b=2"]);
    assert_eq!(history.commit(id(edge)).unwrap().parents, 0);
}

#[test]
fn work_trees_tags_and_detached_heads() {
    let temp = Temp::new("kinds");
    let mut f = Fixture::new();
    let one = f.commit(&[("a", Some("1"))], "", 1);
    let two = f.commit(&[("a", Some("2"))], "", 2);
    let tag = format!(
        "object {}\ntype commit\ntag v1\ntagger T <t> 1 +0000\n\nm",
        hex(&one)
    );
    let tag = f.object(Kind::Tag, tag.into_bytes());
    f.reference("refs/tags/v1", tag);
    f.write_repository(&temp.at("work/.git"));
    assert_eq!(open(&temp.at("work"), None).unwrap().head(), id(two));
    assert_eq!(
        open(&temp.at("work/.git"), Some("refs/tags/v1"))
            .unwrap()
            .head(),
        id(one)
    );
    fs::write(temp.at("work/.git/HEAD"), hex(&one)).unwrap();
    assert_eq!(open(&temp.at("work"), None).unwrap().head(), id(one));
    fs::write(temp.at("linked"), "gitdir: work/.git\n").unwrap();
    fs::create_dir(temp.at("w2")).unwrap();
    fs::write(
        temp.at("w2/.git"),
        format!("gitdir: {}\n", temp.at("work/.git").display()),
    )
    .unwrap();
    assert_eq!(open(&temp.at("w2"), None).unwrap().head(), id(one));
    let packed = format!(
        "# pack-refs with: peeled fully-peeled sorted \n{} refs/heads/old\n",
        hex(&one)
    );
    fs::write(temp.at("work/.git/packed-refs"), packed).unwrap();
    assert_eq!(open(&temp.at("work"), Some("old")).unwrap().head(), id(one));
    for bad in ["no", "a..b", "", "../x", "refs/heads/", "@{-1}"] {
        let failed = error(open(&temp.at("work"), Some(bad)));
        assert!(
            matches!(failed, GitError::NoSuchBranch { .. }),
            "{bad:?} {failed:?}"
        );
    }
    let blob = f.blob(b"no commit");
    f.reference("refs/heads/blob", blob);
    f.write_repository(&temp.at("blob.git"));
    assert!(matches!(
        error(open(&temp.at("blob.git"), Some("blob"))),
        GitError::WrongKind { .. }
    ));
}

#[test]
fn what_is_no_history() {
    let temp = Temp::new("none");
    assert!(matches!(
        error(open(&temp.at("absent"), None)),
        GitError::NotFound { .. }
    ));
    fs::create_dir(temp.at("folder")).unwrap();
    let failed = error(open(&temp.at("folder"), None));
    assert!(
        matches!(
            &failed,
            GitError::NotARepository {
                source: Some(_),
                ..
            }
        ),
        "{failed:?}"
    );
    fs::write(temp.at("file"), "text").unwrap();
    assert!(matches!(
        error(open(&temp.at("file"), None)),
        GitError::NotARepository { source: None, .. }
    ));

    let mut f = Fixture::new();
    f.write_repository(&temp.at("empty.git"));
    let failed = error(open(&temp.at("empty.git"), None));
    assert!(matches!(failed, GitError::Empty { .. }), "{failed:?}");
    f.write_bundle(&temp.at("empty.bundle"));
    assert!(matches!(
        error(open(&temp.at("empty.bundle"), None)),
        GitError::Empty { .. }
    ));
    f.branch("other", None);
    f.commit(&[("a", Some("1"))], "", 1);
    f.branch("main", None);
    f.write_repository(&temp.at("unborn.git"));
    let failed = error(open(&temp.at("unborn.git"), None));
    assert!(
        failed
            .to_string()
            .contains("names refs/heads/main, which has no commits"),
        "{failed}"
    );
    assert!(open(&temp.at("unborn.git"), Some("other")).is_ok());

    let config =
        "[core]\nrepositoryformatversion = 1\nbare = true\n[extensions]\nobjectFormat = sha256\n";
    fs::write(temp.at("unborn.git/config"), config).unwrap();
    let failed = error(open(&temp.at("unborn.git"), Some("other")));
    assert!(
        matches!(&failed, GitError::ObjectFormat { format, .. } if format == "sha256"),
        "{failed:?}"
    );
    fs::write(temp.at("unborn.git/config"), "[core\n").unwrap();
    let failed = error(open(&temp.at("unborn.git"), Some("other")));
    assert!(matches!(&failed, GitError::Open { .. }), "{failed:?}");
    fs::write(temp.at("empty.git/refs/heads/main"), "nonsense\n").unwrap();
    let failed = error(open(&temp.at("empty.git"), None));
    assert!(matches!(&failed, GitError::Reference { .. }), "{failed:?}");
}

#[test]
fn headers_of_bundles() {
    let temp = Temp::new("headers");
    let mut f = Fixture::new();
    let one = f.commit(&[("a", Some("1"))], "", 1);
    let (one, path) = (hex(&one), temp.at("x.bundle"));
    let with = |header: &str| {
        f.write_bundle_with(&path, header);
        open(&path, None)
    };
    assert!(
        with(&format!(
            "# v3 git bundle\n@object-format=sha1\n{one} HEAD\n"
        ))
        .is_ok()
    );
    assert!(with(&format!("# v2 git bundle\n{one} refs/heads/strange\n")).is_ok());
    assert!(
        with(&format!(
            "# v2 git bundle\n{one} refs/heads/a\n{one} refs/heads/master\n"
        ))
        .is_ok()
    );
    let failed = error(with(&format!(
        "# v2 git bundle\n{one} refs/heads/a\n{one} refs/heads/b\n"
    )));
    assert!(matches!(failed, GitError::NoHead { .. }));
    let failed = error(with(&format!(
        "# v2 git bundle\n-{one} subject\n{one} HEAD\n"
    )));
    assert!(
        matches!(&failed, GitError::BundlePrerequisite { commit, .. } if commit.to_string() == one),
        "{failed}"
    );
    let failed = error(with("# v3 git bundle\n@object-format=sha256\n"));
    assert!(matches!(&failed, GitError::ObjectFormat { format, .. } if format == "sha256"));
    let failed = error(with(&format!(
        "# v2 git bundle\n{one}{} HEAD\n",
        &one[..24]
    )));
    assert!(matches!(failed, GitError::ObjectFormat { .. }));
    for header in [
        "# v4 git bundle\n",
        "# v3 git bundle\n@filter=blob:none\n",
        "# v2 git bundle\nxyz HEAD\n",
    ] {
        let failed = error(with(header));
        assert!(
            matches!(failed, GitError::BundleHeader { .. }),
            "{failed:?}"
        );
    }
    let failed = error(with(&format!("# v2 git bundle\n{one}\n")));
    assert!(
        matches!(failed, GitError::BundleHeader { line: 2, .. }),
        "{failed:?}"
    );
}

/// Reads all of a history.
fn read_all(path: &Path) -> Result<usize, GitError> {
    let mut history = open(path, None)?;
    let (mut buffer, mut read) = (Vec::new(), 0);
    for commit in history.commits(&[]) {
        for change in history.commit(commit)?.changes {
            if let ChangeKind::Added { blob } | ChangeKind::Modified { blob } = change.kind {
                history.read_blob(blob, 1 << 20, &mut buffer)?;
                read += 1;
            }
        }
    }
    Ok(read)
}

#[test]
fn damage_in_a_repository_is_found() {
    let temp = Temp::new("damage");
    let mut f = Fixture::new();
    f.commit(&[("a", Some("the text"))], "", 1);
    let blob = f.blob(b"the text");
    let dir = temp.at("d.git");
    f.write_repository(&dir);
    assert_eq!(read_all(&dir).unwrap(), 1);
    fs::write(loose(&dir, &blob), deflate(b"blob 8\0the tent")).unwrap();
    let failed = read_all(&dir).unwrap_err();
    assert!(
        matches!(failed, GitError::HashMismatch { object, .. } if object.0 == blob),
        "{failed:?}"
    );
    fs::write(loose(&dir, &blob), b"nonsense").unwrap();
    let failed = read_all(&dir).unwrap_err();
    assert!(
        matches!(failed, GitError::CorruptObject { .. }),
        "{failed:?}"
    );
    fs::write(loose(&dir, &blob), deflate(b"tree 0\0")).unwrap();
    assert!(matches!(
        read_all(&dir).unwrap_err(),
        GitError::WrongKind { .. }
    ));
    fs::remove_file(loose(&dir, &blob)).unwrap();
    assert!(matches!(
        read_all(&dir).unwrap_err(),
        GitError::MissingObject { .. }
    ));
    // A size that no memory holds, and one beyond the limit.
    fs::write(loose(&dir, &blob), deflate(b"blob 99999999999999\0x")).unwrap();
    assert!(matches!(
        read_all(&dir).unwrap_err(),
        GitError::TooLarge {
            bytes: 99_999_999_999_999,
            ..
        }
    ));
}

#[test]
fn sizes_are_checked_before_decompression() {
    let temp = Temp::new("sizes");
    let mut f = Fixture::new();
    let blob = f.file("a", &"x".repeat(1000));
    f.commit_bytes(b"", "", 1, 1);
    for mut history in both(&temp, &f) {
        let mut buffer = vec![1];
        let failed = history
            .read_blob(ObjectId(blob), 999, &mut buffer)
            .unwrap_err();
        assert!(matches!(
            failed,
            GitError::TooLarge {
                bytes: 1000,
                limit: 999,
                ..
            }
        ));
        assert!(buffer.is_empty());
        history
            .read_blob(ObjectId(blob), 1000, &mut buffer)
            .unwrap();
        assert_eq!(buffer.len(), 1000);
    }
    // A pack that declares an absurd size for its only object.
    let mut pack = b"PACK\0\0\0\x02\0\0\0\x01".to_vec();
    pack.extend(entry_header(3, 1 << 50));
    pack.extend(deflate(b"x"));
    seal(&mut pack);
    let mut bytes = format!("# v2 git bundle\n{} HEAD\n\n", hex(&blob)).into_bytes();
    bytes.extend(pack);
    fs::write(temp.at("absurd.bundle"), bytes).unwrap();
    assert!(matches!(
        read_all(&temp.at("absurd.bundle")).unwrap_err(),
        GitError::BundlePack { .. }
    ));
}

#[test]
fn malformed_trees_and_commits() {
    let temp = Temp::new("malformed");
    let blob = *b"aaaaaaaaaaaaaaaaaaaa";
    let entry = |text: &[u8]| [text, &[0], &blob].concat();
    let unordered = [entry(b"100644 b"), entry(b"100644 a")].concat();
    let twice = [entry(b"100644 a"), entry(b"100644 a")].concat();
    let trees: Vec<Vec<u8>> = vec![
        unordered,
        twice,
        entry(b"100644 a/b"),
        entry(b"100644 "),
        entry(b"999 a"),
        entry(b"1006440000 a"),
        b"100644 a".to_vec(),
        b"100644 a\0abc".to_vec(),
        entry(b"0 a"),
    ];
    for (number, tree) in trees.into_iter().enumerate() {
        let mut f = Fixture::new();
        let tree = f.object(Kind::Tree, tree);
        let commit = f.commit_tree(tree, b"", "", 1, 1);
        for mut history in both(&Temp::new(&format!("malformed{number}")), &f) {
            let failed = history.commit(id(commit)).unwrap_err();
            assert!(
                matches!(failed, GitError::Malformed { object, .. } if object.0 == tree),
                "{failed:?}"
            );
        }
    }
    for (number, bytes) in [&b""[..], b"tree x\n\n", b"parent x\n"]
        .into_iter()
        .enumerate()
    {
        let mut f = Fixture::new();
        let commit = f.object(Kind::Commit, bytes.to_vec());
        f.reference("refs/heads/main", commit);
        let path = temp.at(&format!("{number}.git"));
        f.write_repository(&path);
        assert!(matches!(
            error(open(&path, None)),
            GitError::Malformed { .. }
        ));
    }
}

#[test]
fn excessive_trees_are_refused() {
    let temp = Temp::new("excessive");
    let mut f = Fixture::new();
    let blob = f.blob(b"x");
    let folder = 0o040_000;
    // Folders without end.
    let mut tree = f.tree_of(vec![(b"f".to_vec(), FILE, blob)]);
    for _ in 0..10_000 {
        tree = f.tree_of(vec![(b"d".to_vec(), folder, tree)]);
    }
    let deep = f.commit_tree(tree, b"", "", 1, 1);
    // Ten billion files in eleven objects.
    let mut tree = f.tree_of(vec![(b"f".to_vec(), FILE, blob)]);
    for _ in 0..10 {
        tree = f.tree_of(
            (0..10)
                .map(|number| (vec![b'0' + number], folder, tree))
                .collect(),
        );
    }
    let wide = f.commit_tree(tree, b"", "", 1, 1);
    f.write_bundle(&temp.at("e.bundle"));
    let mut history = open(&temp.at("e.bundle"), None).unwrap();
    for commit in [deep, wide] {
        assert!(matches!(
            history.commit(id(commit)).unwrap_err(),
            GitError::Excessive { .. }
        ));
    }
}

#[test]
fn damaged_bundles_never_panic_nor_give_other_content() {
    let temp = Temp::new("fuzz");
    let mut f = Fixture::new();
    for number in 0..12 {
        let text = format!("{number}\n").repeat(50);
        f.commit(
            &[
                ("A/Terms.md", Some(&text)),
                (&format!("B{number}"), Some("x")),
            ],
            "m",
            number,
        );
    }
    let path = temp.at("f.bundle");
    f.write_bundle(&path);
    let whole = fs::read(&path).unwrap();
    assert!(read_all(&path).is_ok());
    for cut in (0..whole.len()).step_by(whole.len() / 150) {
        fs::write(&path, &whole[..cut]).unwrap();
        let failed = read_all(&path).unwrap_err();
        assert!(
            !matches!(failed, GitError::Panic { .. }),
            "cut at {cut}: {failed}"
        );
    }
    let mut state = 1_u64;
    for round in 0..300 {
        let mut bytes = whole.clone();
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(state >> 33).unwrap() % bytes.len();
        bytes[at] ^= 1 << (state >> 30 & 7);
        fs::write(&path, bytes).unwrap();
        match read_all(&path) {
            Err(GitError::Panic { action, message }) => {
                panic!("round {round}, byte {at}: {action}: {message}")
            }
            // Only a reference's name can change without harm.
            Ok(_) => assert!(at < 200, "byte {at} was not missed"),
            Err(_) => {}
        }
    }
}
