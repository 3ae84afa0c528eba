//! What is wrong with archives, histories, files and questions, and what the program says of it: every message names
//! the thing, says what is wrong with it and, where there is something to be done, what.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::LazyLock;

use recension::store::WriterLock;
use rusqlite::Connection;

use crate::support::archive::{Archive, NOW, Ran, copy_folder, seconds, text};
use crate::support::fixture::{FILE, Fixture};

/// The files of an archive, of which every test makes a copy before it damages it.
static WHOLE: LazyLock<Vec<(OsString, Vec<u8>)>> = LazyLock::new(|| {
    let archive = Archive::of(&history());
    let files = fs::read_dir(archive.path()).unwrap().map(Result::unwrap);
    files
        .map(|file| (file.file_name(), fs::read(file.path()).unwrap()))
        .collect()
});

fn history() -> Fixture {
    let mut history = Fixture::new();
    history.commit(
        &[
            ("README.md", Some("# Versions\n")),
            ("Foo/Terms.md", Some("One\n")),
        ],
        "First record of Foo Terms",
        seconds("2024-01-10"),
    );
    history.commit(
        &[("Foo/Terms.md", Some("Two\n"))],
        "Update",
        seconds("2024-02-10"),
    );
    history
}

/// A copy of the archive, which is not verified when the test is done with it.
fn copy() -> Archive {
    let archive = Archive::none();
    fs::create_dir(archive.path()).unwrap();
    for (name, content) in &*WHOLE {
        fs::write(archive.path().join(name), content).unwrap();
    }
    archive.damaged();
    archive
}

fn truncate(path: &Path, length: u64) {
    OpenOptions::new()
        .write(true)
        .open(path)
        .unwrap()
        .set_len(length)
        .unwrap();
}

fn sql(path: &Path, statements: &str) {
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch("PRAGMA recursive_triggers = OFF; PRAGMA foreign_keys = OFF")
        .unwrap();
    connection.execute_batch(statements).unwrap();
}

/// What is done to an archive.
type Prepare = fn(&Archive);

/// One bad input: its name, what is done, the command, the exit code and what is printed on standard error.
type Case = (
    &'static str,
    Prepare,
    &'static [&'static str],
    i32,
    &'static str,
);

/// The ids of keys differ from run to run.
fn without_key_ids(text: &str) -> String {
    let mut parts = text.split("example.org/");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("example.org/");
        match part.split_once('+') {
            Some((name, rest)) => out.extend([name, "+KEY", &rest[8..]]),
            None => out.push_str(part),
        }
    }
    out
}

fn check(cases: &[Case]) {
    let mut wrong = Vec::new();
    for (name, prepare, args, code, stderr) in cases {
        let archive = copy();
        prepare(&archive);
        let mut ran = archive.recension(args);
        ran.stderr = without_key_ids(&ran.stderr);
        if (ran.code, ran.stderr.as_str()) != (*code, *stderr) {
            wrong.push(format!(
                "{name}: exit code {}, stdout {:?}, stderr:\n{}",
                ran.code, ran.stdout, ran.stderr
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Another archive, in the folder `other` beside the first.
fn other(archive: &Archive) {
    let folder = archive.place("other");
    archive.fine(&["init", "--origin", "example.org/other", text(&folder)]);
}

/// Puts a file of another archive in the place of the first one's.
fn swap(archive: &Archive, file: &str) {
    other(archive);
    fs::copy(archive.place("other").join(file), archive.file(file)).unwrap();
}

const SHOW: &[&str] = &["show", "Foo/Terms", "--format", "raw"];

#[test]
fn archives_that_are_not_as_they_should_be() {
    let cases: &[Case] = &[
        (
            "no folder",
            |archive| fs::rename(archive.path(), archive.place("elsewhere")).unwrap(),
            SHOW,
            2,
            "error: $DIR/archive is not an archive: it has no recension.toml\n\
             hint: make one with `recension init DIR`, or name one with --archive DIR or RECENSION_ARCHIVE\n",
        ),
        (
            "no manifest",
            |archive| fs::remove_file(archive.file("recension.toml")).unwrap(),
            SHOW,
            2,
            "error: $DIR/archive is not an archive: it has no recension.toml\n\
             hint: make one with `recension init DIR`, or name one with --archive DIR or RECENSION_ARCHIVE\n",
        ),
        (
            "a manifest of a newer format without what this one needs",
            |archive| fs::write(archive.file("recension.toml"), "format = 2\nkeys = []\n").unwrap(),
            SHOW,
            2,
            "error: the archive in $DIR/archive has format 2, and this program knows format 1\n\
             hint: use the version of recension that wrote it, or a later one\n",
        ),
        (
            "a manifest of garbage",
            |archive| fs::write(archive.file("recension.toml"), b"\xff\x00garbage").unwrap(),
            SHOW,
            2,
            "error: $DIR/archive/recension.toml is not what marks an archive: invalid utf-8 sequence of 1 bytes from index 0\n\
             hint: put it back from a copy of the archive\n",
        ),
        (
            "a manifest that is no TOML",
            |archive| fs::write(archive.file("recension.toml"), "format: 1\n").unwrap(),
            SHOW,
            2,
            "error: $DIR/archive/recension.toml is not what marks an archive: key with no value, expected `=`\n\
             hint: put it back from a copy of the archive\n",
        ),
        (
            "a manifest without a format",
            |archive| fs::write(archive.file("recension.toml"), "").unwrap(),
            SHOW,
            2,
            "error: $DIR/archive/recension.toml is not what marks an archive: missing field `format`\n\
             hint: put it back from a copy of the archive\n",
        ),
        (
            "a manifest without a verifier",
            |archive| fs::write(archive.file("recension.toml"), "format = 1\n").unwrap(),
            SHOW,
            2,
            "error: $DIR/archive/recension.toml is not what marks an archive: missing field `verifier`\n\
             hint: put it back from a copy of the archive\n",
        ),
        (
            "a manifest with a verifier that is none",
            |archive| {
                fs::write(
                    archive.file("recension.toml"),
                    "format = 1\nverifier = \"x+y\"\n",
                )
                .unwrap();
            },
            SHOW,
            2,
            "error: $DIR/archive/recension.toml is not what marks an archive: \"x+y\" isn't a verifier key of the form <name>+<key id>+<base64>\n\
             hint: put it back from a copy of the archive\n",
        ),
        (
            "a manifest of 1 MB",
            |archive| fs::write(archive.file("recension.toml"), "#".repeat(1 << 20)).unwrap(),
            SHOW,
            2,
            "error: $DIR/archive/recension.toml can't be read: it has more than 65536 bytes\n",
        ),
        (
            "the manifest of another archive",
            |archive| swap(archive, "recension.toml"),
            SHOW,
            2,
            "error: $DIR/archive/log.sqlite is the log \"example.org/test\", not \"example.org/other\"\n\
             hint: recension.toml or log.sqlite is of another archive: put its own back from a copy\n",
        ),
        (
            "the key of a stranger under the archive's own name",
            |archive| {
                let folder = archive.place("other");
                archive.fine(&["init", "--origin", "example.org/test", text(&folder)]);
                fs::copy(
                    folder.join("recension.toml"),
                    archive.file("recension.toml"),
                )
                .unwrap();
            },
            SHOW,
            2,
            "error: $DIR/archive/log.sqlite holds no checkpoint signed by this archive's key: the note isn't signed by example.org/test+KEY\n\
             hint: `recension verify` lists everything that is wrong\n",
        ),
        (
            "no log",
            |archive| fs::remove_file(archive.file("log.sqlite")).unwrap(),
            SHOW,
            2,
            "error: $DIR/archive/log.sqlite is missing\n\
             hint: put it back from a copy of the archive\n",
        ),
        (
            "an empty log",
            |archive| truncate(&archive.file("log.sqlite"), 0),
            SHOW,
            2,
            "error: $DIR/archive/log.sqlite is not an event log of Recension\n\
             hint: `recension verify` lists everything that is wrong\n",
        ),
        (
            "a log that is a text file",
            |archive| fs::write(archive.file("log.sqlite"), "x".repeat(5000)).unwrap(),
            SHOW,
            2,
            "error: $DIR/archive/log.sqlite: file is not a database\n\
             \x20 because: Error code 26: file is not a database\n\
             hint: `recension verify` lists everything that is wrong\n",
        ),
        (
            "a log that is a folder",
            |archive| {
                fs::remove_file(archive.file("log.sqlite")).unwrap();
                fs::create_dir(archive.file("log.sqlite")).unwrap();
            },
            SHOW,
            2,
            "error: $DIR/archive/log.sqlite is missing\n\
             hint: put it back from a copy of the archive\n",
        ),
        (
            "views in the place of the log",
            |archive| {
                fs::copy(archive.file("views.sqlite"), archive.file("log.sqlite")).unwrap();
            },
            SHOW,
            2,
            "error: $DIR/archive/log.sqlite is not an event log of Recension\n\
             hint: `recension verify` lists everything that is wrong\n",
        ),
        (
            "a log of a newer format",
            |archive| sql(&archive.file("log.sqlite"), "PRAGMA user_version = 3"),
            SHOW,
            2,
            "error: $DIR/archive/log.sqlite has format 3, and this program knows format 2\n\
             hint: use the version of recension that wrote it, or a later one\n",
        ),
        (
            "the log of another archive",
            |archive| swap(archive, "log.sqlite"),
            SHOW,
            2,
            "error: $DIR/archive/log.sqlite is the log \"example.org/other\", not \"example.org/test\"\n\
             hint: recension.toml or log.sqlite is of another archive: put its own back from a copy\n",
        ),
        (
            "a log without checkpoints",
            |archive| {
                sql(
                    &archive.file("log.sqlite"),
                    "DROP TRIGGER checkpoint_is_never_deleted; DELETE FROM checkpoint",
                );
            },
            SHOW,
            2,
            "error: $DIR/archive/log.sqlite holds no checkpoint signed by this archive's key: there is none at all\n\
             hint: `recension verify` lists everything that is wrong\n",
        ),
        (
            "a log with a lost event",
            |archive| {
                sql(
                    &archive.file("log.sqlite"),
                    "DROP TRIGGER event_is_never_deleted; DELETE FROM event WHERE seq = 2",
                );
            },
            SHOW,
            2,
            "error: event 2 is not in $DIR/archive/log.sqlite (it has 5 signed events)\n\
             hint: `recension verify` lists everything that is wrong\n",
        ),
        (
            "a log with an altered event",
            |archive| {
                sql(
                &archive.file("log.sqlite"),
                "DROP TRIGGER event_never_changes;
                 UPDATE event SET leaf = CAST(substr(leaf, 1, 150) || x'a5' || substr(leaf, 152) AS BLOB) WHERE seq = 2",
            );
            },
            SHOW,
            2,
            "error: event 2 in $DIR/archive/log.sqlite was altered: its bytes are not those that were signed\n\
             hint: `recension verify` lists everything that is wrong\n",
        ),
        (
            "a log with an altered tree",
            |archive| {
                sql(
                    &archive.file("log.sqlite"),
                    "UPDATE tile SET hashes = zeroblob(length(hashes))",
                );
            },
            SHOW,
            2,
            "error: $DIR/archive/log.sqlite was altered: its first 5 events have the root b6d711a5a1d009e37358c0c6c087c454ff5a5444cb6024d9ef9fb743cf994872, and 6d88a7b0f76d8107b9cae567afb014ea25d67f0542969fa4fcc4a199b004be4d was signed\n\
             hint: `recension verify` lists everything that is wrong\n",
        ),
        (
            "a log without its tree",
            |archive| sql(&archive.file("log.sqlite"), "DELETE FROM tile"),
            SHOW,
            2,
            "error: the tree of $DIR/archive/log.sqlite is damaged: tile 0 of level 0 can't be read\n\
             \x20 because: it is missing\n\
             hint: `recension verify` lists everything that is wrong\n",
        ),
        (
            "no blobs",
            |archive| fs::remove_file(archive.file("blobs.sqlite")).unwrap(),
            SHOW,
            2,
            "error: $DIR/archive/blobs.sqlite is missing\n\
             hint: put it back from a copy of the archive\n",
        ),
        (
            "empty blobs",
            |archive| truncate(&archive.file("blobs.sqlite"), 0),
            SHOW,
            2,
            "error: $DIR/archive/blobs.sqlite is not a blob store of Recension\n\
             hint: `recension verify` lists everything that is wrong\n",
        ),
        (
            "blobs of a newer format",
            |archive| sql(&archive.file("blobs.sqlite"), "PRAGMA user_version = 7"),
            SHOW,
            2,
            "error: $DIR/archive/blobs.sqlite has format 7, and this program knows format 3\n\
             hint: use the version of recension that wrote it, or a later one\n",
        ),
        (
            "the blobs of another archive",
            |archive| swap(archive, "blobs.sqlite"),
            SHOW,
            2,
            "error: blob b31b0c54b056e15641f6c6e5689599b7d16b9cd68fdeac5f2b265b231d10d259 is not in $DIR/archive/blobs.sqlite\n\
             hint: `recension verify` lists everything that is wrong\n",
        ),
        (
            "a blob that is not zstd",
            |archive| {
                sql(
                    &archive.file("blobs.sqlite"),
                    "UPDATE blob SET frame = x'00' WHERE hex(digest) LIKE 'B31B0C54%'",
                );
            },
            SHOW,
            2,
            "error: blob b31b0c54b056e15641f6c6e5689599b7d16b9cd68fdeac5f2b265b231d10d259 in $DIR/archive/blobs.sqlite is damaged: Src size is incorrect\n\
             hint: `recension verify` lists everything that is wrong\n",
        ),
        (
            "a blob that builds on one that is not zstd",
            |archive| {
                sql(
                    &archive.file("blobs.sqlite"),
                    "UPDATE blob SET frame = x'00' WHERE base IS NULL",
                );
            },
            SHOW,
            2,
            "error: blob b31b0c54b056e15641f6c6e5689599b7d16b9cd68fdeac5f2b265b231d10d259 in $DIR/archive/blobs.sqlite is damaged: blob c91a3238da401218526612d24b280dfb0114015450284f73908ec14e5a756c66, on which it builds: Src size is incorrect\n\
             hint: `recension verify` lists everything that is wrong\n",
        ),
        (
            "a blob with the content of another",
            |archive| {
                sql(
                    &archive.file("blobs.sqlite"),
                    "UPDATE blob SET frame = (SELECT frame FROM blob WHERE id = 1)",
                );
            },
            SHOW,
            2,
            "error: blob b31b0c54b056e15641f6c6e5689599b7d16b9cd68fdeac5f2b265b231d10d259 in $DIR/archive/blobs.sqlite is damaged: its content has another hash\n\
             hint: `recension verify` lists everything that is wrong\n",
        ),
        (
            "a blob that claims to be huge",
            |archive| {
                sql(
                    &archive.file("blobs.sqlite"),
                    "UPDATE blob SET size_bytes = 1 << 60",
                );
            },
            SHOW,
            2,
            "error: blob b31b0c54b056e15641f6c6e5689599b7d16b9cd68fdeac5f2b265b231d10d259 in $DIR/archive/blobs.sqlite is damaged: its length of 1152921504606846976 bytes is over the limit of 536870912\n\
             hint: `recension verify` lists everything that is wrong\n",
        ),
        (
            "no views",
            |archive| fs::remove_file(archive.file("views.sqlite")).unwrap(),
            SHOW,
            0,
            "",
        ),
        (
            "empty views",
            |archive| truncate(&archive.file("views.sqlite"), 0),
            SHOW,
            2,
            "error: $DIR/archive/views.sqlite is not a file of views of Recension\n\
             hint: the views can be built again from the log: `recension rebuild`\n",
        ),
        (
            "views that are a text file",
            |archive| fs::write(archive.file("views.sqlite"), "x".repeat(5000)).unwrap(),
            SHOW,
            2,
            "error: $DIR/archive/views.sqlite: file is not a database\n\
             \x20 because: Error code 26: file is not a database\n\
             hint: the views can be built again from the log: `recension rebuild`\n",
        ),
        (
            "views of a newer format",
            |archive| sql(&archive.file("views.sqlite"), "PRAGMA user_version = 4"),
            SHOW,
            2,
            "error: $DIR/archive/views.sqlite has format 4, and this program knows format 3\n\
             hint: the views can be built again from the log: `recension rebuild`\n",
        ),
        (
            "the views of another archive",
            |archive| {
                other(archive);
                let mut history = Fixture::new();
                history.commit(
                    &[("Foo/Terms.md", Some("Other\n"))],
                    "1",
                    seconds("2024-01-10"),
                );
                let bundle = archive.place("other.bundle");
                history.write_bundle(&bundle);
                let folder = archive.place("other");
                archive.fine(&[
                    "--archive",
                    text(&folder),
                    "import",
                    "ota-versions",
                    text(&bundle),
                ]);
                fs::copy(folder.join("views.sqlite"), archive.file("views.sqlite")).unwrap();
            },
            SHOW,
            2,
            "error: $DIR/archive/views.sqlite is damaged: they are not views of this log (3 events, root 8baa3350f9d2df9a5c0c2de9e51b577437aacbe7e7c65145fb9a0c030db8bfec)\n\
             hint: the views can be built again from the log: `recension rebuild`\n",
        ),
        (
            "views with an altered row",
            |archive| {
                sql(
                    &archive.file("views.sqlite"),
                    "UPDATE as_of SET version_seq = 1, seq = 1, observed_at = observed_at + 1",
                );
            },
            SHOW,
            2,
            "error: $DIR/archive/views.sqlite is damaged: the sight of event 1 is not what was stored\n\
             hint: the views can be built again from the log: `recension rebuild`\n",
        ),
        (
            "views with a lost row",
            |archive| {
                sql(
                    &archive.file("views.sqlite"),
                    "DELETE FROM as_of WHERE seq = 2",
                );
            },
            SHOW,
            2,
            "error: $DIR/archive/views.sqlite is damaged: no sight of Foo/Terms covers 2025-06-01T12:00:00Z\n\
             hint: the views can be built again from the log: `recension rebuild`\n",
        ),
        (
            "views with a lost document",
            |archive| sql(&archive.file("views.sqlite"), "DELETE FROM document"),
            SHOW,
            2,
            "error: $DIR/archive/views.sqlite is damaged: the documents are not all there\n\
             hint: the views can be built again from the log: `recension rebuild`\n",
        ),
        (
            "no sidecar",
            |archive| fs::remove_file(archive.file("checkpoint")).unwrap(),
            SHOW,
            0,
            "warning: the archive is read-only: its file `checkpoint` is missing, without which the loss of the newest events would go unseen; put it back from a copy\n",
        ),
        (
            "a sidecar of garbage",
            |archive| fs::write(archive.file("checkpoint"), b"\xffgarbage").unwrap(),
            SHOW,
            0,
            "warning: the archive is read-only: its file `checkpoint` is not a checkpoint of this archive (the note isn't UTF-8); put it back from a copy\n",
        ),
        (
            "an empty sidecar",
            |archive| fs::write(archive.file("checkpoint"), "").unwrap(),
            SHOW,
            0,
            "warning: the archive is read-only: its file `checkpoint` is not a checkpoint of this archive (the note has no blank line with whole signature lines after it); put it back from a copy\n",
        ),
        (
            "a sidecar of 1 MB",
            |archive| fs::write(archive.file("checkpoint"), "x".repeat(1 << 20)).unwrap(),
            SHOW,
            0,
            "warning: the archive is read-only: its file `checkpoint` is not a checkpoint of this archive ($DIR/archive/checkpoint can't be read: it has more than 65536 bytes); put it back from a copy\n",
        ),
        (
            "the sidecar of another archive",
            |archive| swap(archive, "checkpoint"),
            SHOW,
            0,
            "warning: the archive is read-only: its file `checkpoint` is not a checkpoint of this archive (the note isn't signed by example.org/test+KEY); put it back from a copy\n",
        ),
        (
            "a sidecar that is a folder",
            |archive| {
                fs::remove_file(archive.file("checkpoint")).unwrap();
                fs::create_dir(archive.file("checkpoint")).unwrap();
            },
            SHOW,
            0,
            "warning: the archive is read-only: its file `checkpoint` is not a checkpoint of this archive ($DIR/archive/checkpoint can't be read: Is a directory (os error 21)); put it back from a copy\n",
        ),
        (
            "a sidecar that counts more events than the log has",
            |archive| {
                let before = archive.place("before");
                copy_folder(&archive.path(), &before);
                let mut longer = history();
                longer.commit(
                    &[("Foo/Terms.md", Some("Four\n"))],
                    "3",
                    seconds("2024-03-10"),
                );
                archive.import(&longer, NOW);
                fs::copy(archive.file("checkpoint"), before.join("checkpoint")).unwrap();
                fs::remove_dir_all(archive.path()).unwrap();
                fs::rename(before, archive.path()).unwrap();
            },
            SHOW,
            0,
            "warning: the archive is read-only: the log holds 5 signed events, and its file `checkpoint` was signed over 8: the newest are lost\n",
        ),
        (
            "a sidecar over other events",
            |archive| {
                let before = archive.place("before");
                copy_folder(&archive.path(), &before);
                fs::remove_dir_all(archive.path()).unwrap();
                copy_folder(&before, &archive.path());
                let mut longer = history();
                longer.commit(
                    &[("Foo/Terms.md", Some("Four\n"))],
                    "3",
                    seconds("2024-03-10"),
                );
                archive.import(&longer, NOW);
                fs::rename(archive.path(), archive.place("after")).unwrap();
                fs::rename(&before, archive.path()).unwrap();
                let mut differently = history();
                differently.commit(
                    &[("Foo/Terms.md", Some("Drei\n"))],
                    "3",
                    seconds("2024-03-10"),
                );
                archive.import(&differently, NOW);
                fs::copy(
                    archive.place("after").join("checkpoint"),
                    archive.file("checkpoint"),
                )
                .unwrap();
            },
            SHOW,
            0,
            "warning: the archive is read-only: the first 8 events of the log have the root 6ed5da2f8c7784c2a15a6d05fb001609b77c05defa17a27c0cfb3ea3e42088f2, and its file `checkpoint` was signed over 81227e4a44c1f2ffed5fce64c66a195f7e072157004b3e329a3bf9efc84f95d5: the log was altered\n",
        ),
        (
            "an import into an archive that may only be read",
            |archive| {
                fs::remove_file(archive.file("checkpoint")).unwrap();
                history().write_bundle(&archive.place("a.bundle"));
            },
            &["import", "ota-versions", "a.bundle"],
            2,
            "error: the archive is read-only: its file `checkpoint` is missing, without which the loss of the newest events would go unseen; put it back from a copy\n\
             hint: if there is no copy, `recension accept-log` goes by the log alone, and says what that gives up\n",
        ),
        (
            "an import without the key",
            |archive| fs::remove_file(archive.file("signing.key")).unwrap(),
            &["import", "ota-versions", "a.bundle"],
            2,
            "error: the signing key in $DIR/archive/signing.key can't be used: the file is missing\n\
             hint: the archive can be read without the key; to write, put the key file back from a copy\n",
        ),
        (
            "an import with the key of another archive",
            |archive| swap(archive, "signing.key"),
            &["import", "ota-versions", "a.bundle"],
            2,
            "error: the signing key in $DIR/archive/signing.key can't be used: it is not the key that recension.toml names\n\
             hint: the archive can be read without the key; to write, put the key file back from a copy\n",
        ),
        (
            "an import with a key of garbage",
            |archive| fs::write(archive.file("signing.key"), "PRIVATE+KEY+x").unwrap(),
            &["import", "ota-versions", "a.bundle"],
            2,
            "error: the signing key in $DIR/archive/signing.key can't be used: it is not a key file of Recension\n\
             hint: the archive can be read without the key; to write, put the key file back from a copy\n",
        ),
        (
            "reading without the key",
            |archive| fs::remove_file(archive.file("signing.key")).unwrap(),
            SHOW,
            0,
            "",
        ),
    ];
    check(cases);
}

#[test]
fn places_where_no_archive_can_be_made() {
    let cases: &[Case] = &[
        (
            "an archive",
            |_| (),
            &["init", "archive"],
            2,
            "error: archive is an archive already\n\
             hint: an archive is made in a new or empty folder\n",
        ),
        (
            "a file",
            |archive| fs::write(archive.place("file"), "x").unwrap(),
            &["init", "file"],
            2,
            "error: file is not a folder\n\
             hint: an archive is made in a new or empty folder\n",
        ),
        (
            "below a file",
            |archive| fs::write(archive.place("file"), "x").unwrap(),
            &["init", "file/archive"],
            2,
            "error: file/archive can't be written: Not a directory (os error 20)\n",
        ),
        (
            "a folder with a log",
            |archive| {
                fs::create_dir(archive.place("new")).unwrap();
                fs::write(archive.place("new/log.sqlite"), "x").unwrap();
            },
            &["init", "new"],
            2,
            "error: new/log.sqlite is there already, although the folder is not an archive\n\
             hint: an archive is made in a new or empty folder\n",
        ),
        (
            "a place that can't be written",
            |_| (),
            &["init", "/proc/archive"],
            2,
            "error: /proc/archive can't be written: No such file or directory (os error 2)\n",
        ),
        (
            "a name that can't be",
            |_| (),
            &["init", "--origin", "a+b", "new"],
            2,
            "error: \"a+b\" can't name a key: it is empty or has a space, a plus or a control character\n",
        ),
    ];
    check(cases);
}

/// Prepares a bundle of a history that is built by `build`.
fn bundle(archive: &Archive, build: impl FnOnce(&mut Fixture)) {
    let mut history = Fixture::new();
    build(&mut history);
    history.write_bundle(&archive.place("a.bundle"));
}

fn one_commit(history: &mut Fixture, path: &str) {
    history.commit(&[(path, Some("0123456789"))], "1", seconds("2024-01-10"));
}

const IMPORT: &[&str] = &["import", "ota-versions", "a.bundle"];

#[test]
fn histories_that_cannot_be_imported() {
    let cases: &[Case] = &[
        (
            "nothing there",
            |_| (),
            IMPORT,
            2,
            "error: a.bundle does not exist\n\
             \x20 because: No such file or directory (os error 2)\n",
        ),
        (
            "a folder that is no repository",
            |archive| fs::create_dir(archive.place("a.bundle")).unwrap(),
            IMPORT,
            2,
            "error: a.bundle is neither a git repository nor a git bundle\n\
             \x20 because: \"a.bundle\" does not appear to be a git repository\n\
             \x20 because: Missing HEAD at \".git/HEAD\"\n",
        ),
        (
            "a file that is no bundle",
            |archive| fs::write(archive.place("a.bundle"), "# v2 of something\n").unwrap(),
            IMPORT,
            2,
            "error: a.bundle is neither a git repository nor a git bundle\n",
        ),
        (
            "an empty file",
            |archive| fs::write(archive.place("a.bundle"), "").unwrap(),
            IMPORT,
            2,
            "error: a.bundle is neither a git repository nor a git bundle\n",
        ),
        (
            "a bundle cut in its pack",
            |archive| {
                bundle(archive, |history| one_commit(history, "Foo/Terms.md"));
                let length = fs::metadata(archive.place("a.bundle")).unwrap().len();
                truncate(&archive.place("a.bundle"), length - 40);
            },
            IMPORT,
            2,
            "error: the pack in the bundle a.bundle is truncated or damaged\n\
             \x20 because: pack is incomplete: it was decompressed into 16 bytes but 30 bytes where expected.\n\
             hint: make the bundle again, or copy it again\n",
        ),
        (
            "a bundle cut in its header",
            |archive| {
                bundle(archive, |history| one_commit(history, "Foo/Terms.md"));
                truncate(&archive.place("a.bundle"), 50);
            },
            IMPORT,
            2,
            "error: the header of the bundle a.bundle is malformed at line 2: the file ends within the header\n\
             hint: make the bundle again, or copy it again\n",
        ),
        (
            "a bundle with a flipped bit",
            |archive| {
                bundle(archive, |history| one_commit(history, "Foo/Terms.md"));
                let path = archive.place("a.bundle");
                let mut bytes = fs::read(&path).unwrap();
                let middle = bytes.len() - 60;
                bytes[middle] ^= 1;
                fs::write(&path, bytes).unwrap();
            },
            IMPORT,
            2,
            "error: the pack in the bundle a.bundle is truncated or damaged\n\
             \x20 because: pack is incomplete: it was decompressed into 30 bytes but 14 bytes where expected.\n\
             hint: make the bundle again, or copy it again\n",
        ),
        (
            "a bundle of a part of a history",
            |archive| {
                let mut history = Fixture::new();
                let commit = history.commit(&[("Foo/Terms.md", Some("x"))], "1", 0);
                let id = crate::support::fixture::hex(&commit);
                let header = format!(
                    "# v2 git bundle\n-1111111111111111111111111111111111111111 before\n{id} HEAD\n"
                );
                history.write_bundle_with(&archive.place("a.bundle"), &header);
            },
            IMPORT,
            2,
            "error: the bundle a.bundle is incomplete: it requires commit 1111111111111111111111111111111111111111 from elsewhere; make one of the whole history\n",
        ),
        (
            "a repository without commits",
            |archive| Fixture::new().write_repository(&archive.place("a.bundle")),
            IMPORT,
            2,
            "error: a.bundle holds no commits\n",
        ),
        (
            "a history without documents",
            |archive| bundle(archive, |history| one_commit(history, "README.md")),
            IMPORT,
            2,
            "error: a.bundle holds no versions of documents, which are files named <platform>/<document type>.md\n",
        ),
        (
            "a history of snapshots",
            |archive| bundle(archive, |history| one_commit(history, "Foo/Terms.html")),
            IMPORT,
            2,
            "error: a.bundle holds no versions of documents, which are files named <platform>/<document type>.md; it looks like a history of snapshots\n\
             hint: `recension import ota-snapshots` takes such a history\n",
        ),
        (
            "a branch that there isn't",
            |archive| bundle(archive, |history| one_commit(history, "Foo/Terms.md")),
            &["import", "ota-versions", "--branch", "nope", "a.bundle"],
            2,
            "error: a.bundle has no branch nope\n\
             hint: `git branch -a` lists the branches of a repository, `git bundle list-heads` those of a bundle\n",
        ),
        (
            "only a text that is too large",
            |archive| bundle(archive, |history| one_commit(history, "Foo/Terms.md")),
            &[
                "import",
                "ota-versions",
                "--max-text-bytes",
                "9",
                "a.bundle",
            ],
            2,
            "error: every version in a.bundle has to be left out (1 in all), such as \"Foo/Terms.md\" in commit 5922c670f594063dd37b8a14b009b8a77e675672: it has 10 bytes, more than --max-text-bytes allows\n",
        ),
        (
            "a limit that is no number",
            |_| (),
            &[
                "import",
                "ota-versions",
                "--max-text-bytes",
                "1GB",
                "a.bundle",
            ],
            2,
            "error: invalid value '1GB' for '--max-text-bytes <BYTES>': invalid digit found in string\n\n\
             For more information, try '--help'.\n",
        ),
    ];
    check(cases);
}

#[test]
fn files_that_are_left_out_are_named_with_the_reason() {
    let cases: &[Case] = &[
        (
            "names that can't be, beside one that can",
            |archive| {
                bundle(archive, |history| {
                    let text = history.blob(b"text");
                    let long = "x".repeat(4000);
                    for path in [
                        &b"Foo/Terms.md"[..],
                        b"../Terms.md",
                        b"Foo/...md",
                        b"Foo/..md",
                        b"Foo/.md",
                        b" /Terms.md",
                        b"Foo/line\nbreak.md",
                        b"Foo/\x1b[31mred.md",
                        b"Foo/\xff.md",
                        b"Foo/more/Terms.md",
                        long.as_bytes(),
                        format!("Foo/{long}.md").as_bytes(),
                    ] {
                        history.put(path, FILE, text);
                    }
                    history.commit_bytes(b"1", "", 0, 0);
                });
            },
            IMPORT,
            0,
            "left out: \" /Terms.md\" in commit 8d9f1c55b46ecb1aec3c11c8f3afd489ea67e961: The platform in \" /Terms\" is empty.\n\
             left out: \"Foo/\\u{1b}[31mred.md\" in commit 8d9f1c55b46ecb1aec3c11c8f3afd489ea67e961: The document type \"\\u{1b}[31mred\" contains the control character U+001B.\n\
             left out: \"Foo/...md\" in commit 8d9f1c55b46ecb1aec3c11c8f3afd489ea67e961: The document type \"..\" is a reserved name; it cannot be \".\" or \"..\".\n\
             left out: \"Foo/..md\" in commit 8d9f1c55b46ecb1aec3c11c8f3afd489ea67e961: The document type \".\" is a reserved name; it cannot be \".\" or \"..\".\n\
             left out: \"Foo/.md\" in commit 8d9f1c55b46ecb1aec3c11c8f3afd489ea67e961: The document type in \"Foo/\" is empty.\n\
             left out: \"Foo/line\\nbreak.md\" in commit 8d9f1c55b46ecb1aec3c11c8f3afd489ea67e961: The document type \"line\\nbreak\" contains the control character U+000A.\n\
             left out: \"Foo/more/Terms.md\" in commit 8d9f1c55b46ecb1aec3c11c8f3afd489ea67e961: its path has more than a platform and a document type\n\
             left out: \"Foo/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\" in commit 8d9f1c55b46ecb1aec3c11c8f3afd489ea67e961: The document type \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\" is 4000 bytes long; at most 255 are allowed.\n\
             left out: \"Foo/�.md\" in commit 8d9f1c55b46ecb1aec3c11c8f3afd489ea67e961: its path is not UTF-8\n",
        ),
        (
            "a text over the limit beside one below it",
            |archive| {
                bundle(archive, |history| {
                    history.commit(
                        &[
                            ("Foo/Terms.md", Some("0123456789")),
                            ("Bar/Terms.md", Some("012345678")),
                        ],
                        "1",
                        0,
                    );
                });
            },
            &[
                "import",
                "ota-versions",
                "--max-text-bytes",
                "9",
                "a.bundle",
            ],
            0,
            "left out: \"Foo/Terms.md\" in commit 8293afb77e8a4fb7eae14d930953a0dbd21e9b48: it has 10 bytes, more than --max-text-bytes allows\n",
        ),
        (
            "a commit whose time can't be",
            |archive| {
                bundle(archive, |history| {
                    history.commit(&[("Foo/Terms.md", Some("1"))], "1", 0);
                    history.author("A <a@example.org> 99999999999999 +0000");
                    history.commit(&[("Foo/Terms.md", Some("2"))], "2", 0);
                });
            },
            IMPORT,
            0,
            "left out: \"Foo/Terms.md\" in commit d59d1711a5da25b8b5dee4a3502882ca564ee054: its commit has no time, or one outside the years 0000 to 9999\n",
        ),
    ];
    check(cases);
}

/// 200 MB of zeros take little room compressed.
#[test]
fn a_text_of_200_mb_is_left_out_and_said_to_be_or_taken_whole_if_asked() {
    let size: usize = 200_000_000;
    let mut history = Fixture::new();
    history.file("Foo/Terms.md", "One\n");
    let large = history.blob(&vec![b'0'; size]);
    history.put(b"Foo/Large.md", FILE, large);
    history.commit(&[], "1", seconds("2024-01-10"));
    let archive = Archive::new();
    let bundle = archive.place("large.bundle");
    history.write_bundle(&bundle);
    let import = ["import", "ota-versions", text(&bundle), "--format", "json"];
    let ran = archive.recension(&import);
    assert_eq!(ran.code, 0);
    let counts = &ran.json()[0]["counts"];
    assert_eq!(
        (&counts["versions"], &counts["left_out"]),
        (&1.into(), &1.into())
    );
    assert!(
        ran.stderr
            .ends_with(": it has 200000000 bytes, more than --max-text-bytes allows\n"),
        "{ran:?}"
    );
    // It isn't lost: it is said again, and can be fetched.
    let again = archive.recension(&["import", "ota-versions", text(&bundle)]);
    assert_eq!((again.code, again.stderr.as_str()), (0, ""));
    assert!(
        again.stdout.ends_with(
            " is in the archive, but for 1 file that was left out (--again reads the whole history again).\n"
        ),
        "{again:?}"
    );
    let ran =
        archive.recension(&[&import[..], &["--max-text-bytes", "300000000", "--again"]].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    let summary = &ran.json()[0];
    assert_eq!(
        (&summary["appended"], &summary["already"]),
        (&2.into(), &1.into()),
        "{summary}"
    );
    let line = archive
        .recension(&["show", "Foo/Large", "--format", "json"])
        .json()
        .remove(0);
    assert_eq!(line["size_bytes"], size);
    let raw = archive.recension(&["show", "Foo/Large", "--format", "raw"]);
    assert!(raw.bytes.len() == size && raw.bytes.iter().all(|byte| *byte == b'0'));
    // More than a blob may have is refused whatever is asked.
    let limit = archive.recension(&[
        "import",
        "ota-versions",
        text(&bundle),
        "--again",
        "--max-text-bytes",
        "99999999999999",
    ]);
    assert_eq!(limit.code, 0);
}

#[test]
fn a_text_that_is_not_utf_8_is_kept_to_the_byte() {
    let mut history = Fixture::new();
    let bytes = b"caf\xe9 \xff\xfe\0 end";
    let blob = history.blob(bytes);
    history.put(b"Foo/Terms.md", FILE, blob);
    history.commit(&[], "1", seconds("2024-01-10"));
    let archive = Archive::of(&history);
    let raw = archive.recension(&["show", "Foo/Terms", "--format", "raw"]);
    assert_eq!(raw.bytes, bytes);
    let shown = archive.fine(&["show", "Foo/Terms"]);
    assert!(
        shown.ends_with("\ncaf\u{fffd} \u{fffd}\u{fffd}\\u{0} end\n"),
        "{shown}"
    );
    assert_eq!(
        archive
            .recension(&["show", "Foo/Terms", "--format", "json"])
            .code,
        0
    );
    archive.complains(
        &["show", "Foo/Terms", "--format", "json", "--with-text"],
        2,
        "error: the text of Foo/Terms is not UTF-8 and can't stand in JSON; --format raw gives its bytes\n\x20 because: invalid utf-8 sequence of 1 bytes from index 3\n",
    );
    let batch = archive.recension_with(
        &["show", "--batch", "-", "--with-text"],
        b"{\"document\":\"Foo/Terms\"}\n",
    );
    assert_eq!(batch.code, 2);
    assert!(
        batch
            .stdout
            .contains("is not UTF-8 and can't stand in JSON"),
        "{batch:?}"
    );
}

#[test]
fn questions_that_cannot_be_answered() {
    let cases: &[Case] = &[
        (
            "an unknown document",
            |_| (),
            &["show", "Nobody/Nothing"],
            2,
            "error: there is no document \"Nobody/Nothing\" in this archive\n\
             hint: `recension documents` lists them all\n",
        ),
        (
            "a document that is nearly known",
            |_| (),
            &["show", "Foo/Trems"],
            2,
            "error: there is no document \"Foo/Trems\" in this archive\n\
             hint: did you mean Foo/Terms?\n",
        ),
        (
            "no document's name",
            |_| (),
            &["timeline", "zzzzzzz"],
            2,
            "error: \"zzzzzzz\" does not name a document; write the platform, a slash and the document type, as in \"Facebook/Terms of Service\".\n",
        ),
        (
            "an empty name",
            |_| (),
            &["show", ""],
            2,
            "error: \"\" does not name a document; write the platform, a slash and the document type, as in \"Facebook/Terms of Service\".\n",
        ),
        (
            "a name with too many slashes",
            |_| (),
            &["show", "Qux/Quux/Quuux"],
            2,
            "error: The document type \"Quux/Quuux\" contains a slash; only one slash may stand in a document's name.\n",
        ),
        (
            "an unknown platform",
            |_| (),
            &["documents", "Nobody"],
            2,
            "error: there is no platform \"Nobody\" in this archive\n\
             hint: `recension platforms` lists them all\n",
        ),
        (
            "an unknown form of date",
            |_| (),
            &["show", "Foo/Terms", "--as-of", "someday"],
            2,
            "error: \"someday\" is not a date or time in a known form.\n\
             hint: dates are written as a date (2024-08-01, 1 August 2024 or August 1, 2024), a month (2024-08 or \
             August 2024), a year (2024), a quarter (2024-Q3), an ISO week (2024-W31), a time \
             (2024-08-01T12:30, 2024-08-01 12:30:00Z or 2024-08-01T12:30:00+02:00; UTC when there is no \
             offset), Unix seconds (@1722470400), \"now\", \"today\", \"yesterday\", the latest weekday \
             (friday or last friday), this or last week, month, quarter or year, or a number of minutes, \
             hours, days, weeks, months or years ago (3 days ago)\n",
        ),
        (
            "an ambiguous date",
            |_| (),
            &["show", "Foo/Terms", "--as-of", "01/08/2024"],
            2,
            "error: \"01/08/2024\" can be read in more than one way; write 2024-08-01 or 2024-01-08.\n",
        ),
        (
            "an impossible date",
            |_| (),
            &["show", "Foo/Terms", "--as-of", "2023-02-29"],
            2,
            "error: \"2023-02-29\" is impossible: the days of February 2023 run from 1 to 28, and 29 is not among them.\n",
        ),
        (
            "an empty date",
            |_| (),
            &["show", "Foo/Terms", "--as-of", " "],
            2,
            "error: The date is empty.\n\
             hint: dates are written as a date (2024-08-01, 1 August 2024 or August 1, 2024), a month (2024-08 or \
             August 2024), a year (2024), a quarter (2024-Q3), an ISO week (2024-W31), a time \
             (2024-08-01T12:30, 2024-08-01 12:30:00Z or 2024-08-01T12:30:00+02:00; UTC when there is no \
             offset), Unix seconds (@1722470400), \"now\", \"today\", \"yesterday\", the latest weekday \
             (friday or last friday), this or last week, month, quarter or year, or a number of minutes, \
             hours, days, weeks, months or years ago (3 days ago)\n",
        ),
        (
            "a date in the future",
            |_| (),
            &["show", "Foo/Terms", "--as-of", "2025-06-02"],
            2,
            "error: \"2025-06-02\" lies in the future (now is 2025-06-01T12:00:00Z).\n",
        ),
        (
            "a month in the future",
            |_| (),
            &["show", "Foo/Terms", "--as-of", "2025-07"],
            2,
            "error: \"2025-07\" lies in the future (now is 2025-06-01T12:00:00Z).\n",
        ),
        (
            "knowledge of the future",
            |_| (),
            &["show", "Foo/Terms", "--known-at", "2030"],
            2,
            "error: \"2030\" lies in the future (now is 2025-06-01T12:00:00Z).\n",
        ),
        (
            "a present that is none",
            |_| (),
            &["--now", "today", "show", "Foo/Terms"],
            2,
            "error: --now \"today\" is not an RFC 3339 instant\n",
        ),
        (
            "a date before the first observation",
            |_| (),
            &["show", "Foo/Terms", "--as-of", "2023", "--format", "raw"],
            1,
            "Foo/Terms had not been observed by 2023-12-31T23:59:59.999999Z: its first\nobservation is of 2024-01-10T00:00:00Z.\n",
        ),
        (
            "a difference with nothing before",
            |_| (),
            &["diff", "Foo/Terms", "--to", "2024-01"],
            1,
            "Foo/Terms has no text before the one that was first seen at 2024-01-10T00:00:00Z: there is nothing to compare it with.\n",
        ),
        (
            "a difference from before the beginning",
            |_| (),
            &["diff", "Foo/Terms", "--from", "2023"],
            1,
            "Foo/Terms had not been observed by 2023-12-31T23:59:59.999999Z: its first\nobservation is of 2024-01-10T00:00:00Z.\n",
        ),
        (
            "a difference up to before the beginning",
            |_| (),
            &["diff", "Foo/Terms", "--to", "2023"],
            1,
            "Foo/Terms had not been observed by 2023-12-31T23:59:59.999999Z: its first\nobservation is of 2024-01-10T00:00:00Z.\n",
        ),
        (
            "a batch that there isn't",
            |_| (),
            &["show", "--batch", "nope.jsonl"],
            2,
            "error: nope.jsonl can't be read\n\
             \x20 because: No such file or directory (os error 2)\n",
        ),
        (
            "a batch that is a folder",
            |_| (),
            &["show", "--batch", "archive"],
            2,
            "error: archive can't be read\n\
             \x20 because: Is a directory (os error 21)\n",
        ),
        (
            "texts into a file",
            |archive| fs::write(archive.place("file"), "").unwrap(),
            &["show", "--all", "--output", "file"],
            2,
            "error: file/Foo can't be written\n\
             \x20 because: Not a directory (os error 20)\n",
        ),
        (
            "texts into a folder that is not empty",
            |_| (),
            &["show", "--all", "--output", "archive"],
            2,
            "error: archive is not empty\n",
        ),
        (
            "events beyond the end",
            |_| (),
            &["export", "events", "--after", "99"],
            2,
            "error: there is no event 99: the log has 5 signed events; is this cursor of another archive?\n",
        ),
        (
            "a verifier that is none",
            |_| (),
            &["verify", "--verifier", "nope"],
            2,
            "error: --verifier \"nope\" is neither a key nor a file that holds one\n\
             \x20 because: \"nope\" isn't a verifier key of the form <name>+<key id>+<base64>\n",
        ),
    ];
    check(cases);
}

#[test]
fn what_another_process_writes_to_is_left_alone() {
    let archive = copy();
    history().write_bundle(&archive.place("a.bundle"));
    let lock = WriterLock::take(&archive.file("lock")).unwrap();
    let locked = "error: another process is writing to this archive (it holds $DIR/archive/lock)\n\
                  hint: wait until it has finished, then try again\n";
    archive.complains(IMPORT, 2, locked);
    archive.complains(&["rebuild"], 2, locked);
    // Reading goes on.
    archive.prints(SHOW, "Two\n");
    drop(lock);
    archive.fine(IMPORT);
}

#[test]
fn an_archive_that_may_only_be_read_says_so_and_verify_finds_it() {
    let archive = copy();
    fs::remove_file(archive.file("checkpoint")).unwrap();
    let ran = archive.recension(SHOW);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "Two\n"));
    let report = archive.recension(&["verify"]);
    assert_eq!(report.code, 1);
    assert!(
        report
            .stdout
            .contains("WRONG: its file `checkpoint` is missing"),
        "{report:?}"
    );
    assert!(
        report
            .stdout
            .ends_with("1 findings: the archive is not as it was recorded.\n"),
        "{report:?}"
    );
}

/// The answers that an archive may give to [`SHOW`]: the right one, or an error that isn't a panic.
#[track_caller]
fn right_or_refused(ran: &Ran, what: &str) {
    let refused =
        ran.code == 2 && ran.stderr.starts_with("error: ") && !ran.stderr.contains("panicked");
    let right = ran.code == 0 && ran.stdout == "Two\n";
    assert!(refused || right, "{what}: {ran:?}");
}

/// What `verify` may say of a damaged archive: findings, an error, or that the damage touched nothing.
#[track_caller]
fn found(ran: &Ran, what: &str) {
    let orderly = matches!(ran.code, 0..=2) && !ran.stderr.contains("panicked");
    assert!(orderly, "{what}: {ran:?}");
}

#[test]
fn a_database_cut_anywhere_gives_the_right_answer_or_an_error() {
    for file in ["log.sqlite", "blobs.sqlite", "views.sqlite"] {
        let length = fs::metadata(copy().file(file)).unwrap().len();
        for cut in [
            1,
            15,
            16,
            99,
            100,
            511,
            4096,
            4097,
            length / 2,
            length - 4096,
            length - 1,
        ] {
            let archive = copy();
            truncate(&archive.file(file), cut);
            let what = format!("{file} cut to {cut} of {length} bytes");
            right_or_refused(&archive.recension(SHOW), &what);
            let verified = archive.recension(&["verify"]);
            found(&verified, &what);
            assert_ne!(verified.code, 0, "{what}: {verified:?}");
            if file == "views.sqlite" {
                archive.fine(&["rebuild"]);
                archive.prints(SHOW, "Two\n");
                assert_eq!(archive.recension(&["verify"]).code, 0);
            }
        }
    }
}

#[test]
fn a_database_overwritten_anywhere_gives_the_right_answer_or_an_error() {
    for file in ["log.sqlite", "blobs.sqlite", "views.sqlite"] {
        let length = fs::metadata(copy().file(file)).unwrap().len();
        for number in 0..16 {
            // Places all over the file, with a stride that shares no factor with the size of a page.
            let place = (number * 2711 + 97) % length;
            let archive = copy();
            let mut target = OpenOptions::new()
                .write(true)
                .open(archive.file(file))
                .unwrap();
            target.seek(SeekFrom::Start(place)).unwrap();
            target.write_all(&[0xa5; 24]).unwrap();
            drop(target);
            let what = format!("{file} overwritten at {place}");
            right_or_refused(&archive.recension(SHOW), &what);
            found(&archive.recension(&["verify"]), &what);
        }
    }
}

/// Flips a bit of the last byte of an event's id where the index has it, and not the event itself.
fn damage_index(archive: &Archive, seq: u64) {
    let log = archive.file("log.sqlite");
    let id: Vec<u8> = Connection::open(&log)
        .unwrap()
        .query_row("SELECT event_id FROM event WHERE seq = ?1", [seq], |row| {
            row.get(0)
        })
        .unwrap();
    let mut bytes = fs::read(&log).unwrap();
    let at: Vec<usize> = (0..bytes.len() - id.len())
        .filter(|at| bytes[*at..].starts_with(&id) && bytes[at - 76..][..4] != *b"RCN1")
        .collect();
    assert_eq!(at.len(), 1);
    bytes[at[0] + 15] ^= 1;
    fs::write(&log, bytes).unwrap();
}

#[test]
fn a_damaged_index_does_not_let_an_event_be_appended_twice() {
    let archive = copy();
    let bundle = archive.place("history.bundle");
    history().write_bundle(&bundle);
    let again = ["import", "ota-versions", "--again", text(&bundle)];
    damage_index(&archive, 1);
    archive.complains(
        &again,
        2,
        "error: the index of $DIR/archive/log.sqlite is damaged: event 1 is not found by its id, \
         so that it could be recorded twice\n\
         hint: put log.sqlite back from a backup, or build its indexes again while nothing else has it open: \
         `sqlite3 log.sqlite REINDEX`\n",
    );
    let listed = archive.fine(&["log", "--format", "jsonl"]);
    assert_eq!(listed.lines().count(), 5);
    let ran = archive.recension(&["verify"]);
    assert!(
        ran.stdout.contains("event 1 is found at None by its id"),
        "{ran:?}"
    );
    sql(&archive.file("log.sqlite"), "REINDEX");
    archive.fine(&again);
    assert_eq!(archive.fine(&["log", "--format", "jsonl"]), listed);
    archive.fine(&["verify"]);
}

#[test]
fn a_text_that_is_lost_is_stored_again_by_an_import_that_reads_again() {
    let archive = copy();
    let mut history = history();
    history.commit(
        &[("Foo/Terms.md", Some("One\n"))],
        "Back",
        seconds("2024-03-10"),
    );
    archive.import(&history, NOW);
    sql(
        &archive.file("blobs.sqlite"),
        "DELETE FROM blob WHERE size_bytes = 4 AND id = 1",
    );
    let lost = archive.recension(&["show", "Foo/Terms"]);
    assert!(
        lost.stderr.contains("is not in $DIR/archive/blobs.sqlite"),
        "{lost:?}"
    );
    let bundle = archive.place("import.bundle");
    let again = ["import", "ota-versions", "--again", text(&bundle)];
    let summary = archive.fine(&again);
    let healed = "           2  contents that were lost from the archive and are stored again\n";
    assert!(summary.contains(healed), "{summary}");
    archive.prints(&["show", "Foo/Terms", "--format", "raw"], "One\n");
    archive.fine(&["verify"]);
    let json = archive.import(&history, NOW);
    assert_eq!(json["healed"], 0);
    assert!(!archive.fine(&again).contains("lost"));
}

#[test]
fn verification_names_what_is_damaged_and_nothing_that_follows_from_it() {
    let report = |statements: &str, file: &str| {
        let archive = copy();
        sql(&archive.file(file), statements);
        let report = archive
            .recension(&["verify", "--format", "json"])
            .json()
            .remove(0);
        let what = |finding: &serde_json::Value| finding["what"].as_str().unwrap().to_owned();
        let findings = report["findings"].as_array().unwrap();
        let findings: Vec<String> = findings.iter().map(what).collect();
        (
            findings.len(),
            findings[0].split(" in ").next().unwrap().to_owned(),
            report["events"].as_u64().unwrap(),
            report["blobs"].as_u64().unwrap(),
        )
    };
    let altered = "DROP TRIGGER event_never_changes; UPDATE event SET leaf = \
         CAST(substr(leaf, 1, length(leaf) - 1) || x'7f' AS BLOB) WHERE seq = 1";
    let first = "event 1".to_owned();
    assert_eq!(report(altered, "log.sqlite"), (1, first, 4, 1));
    let damage = |row| format!("UPDATE blob SET frame = x'00' WHERE id = {row}");
    let (count, _, events, blobs) = report(&damage(2), "blobs.sqlite");
    assert_eq!((count, events, blobs), (1, 5, 1));
    // The second builds on the first.
    let (count, _, events, blobs) = report(&damage(1), "blobs.sqlite");
    assert_eq!((count, events, blobs), (2, 5, 0));
}

#[test]
fn a_lost_checkpoint_is_written_again_from_the_log_only_when_asked() {
    let archive = copy();
    let bundle = archive.place("history.bundle");
    history().write_bundle(&bundle);
    let sidecar = archive.file("checkpoint");
    let before = fs::read(&sidecar).unwrap();
    archive.complains(
        &["accept-log"],
        2,
        "error: $DIR/archive/checkpoint is there, and it is never replaced: it may be the only evidence of what the \
         log lost\n\
         hint: `recension verify` says whether it fits the log; if it can't be used, keep it elsewhere first\n",
    );
    fs::remove_file(&sidecar).unwrap();
    let import = ["import", "ota-versions", text(&bundle)];
    let refused = archive.recension(&import);
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.ends_with(
            "\nhint: if there is no copy, `recension accept-log` goes by the log alone, and says what that gives up\n"
        ),
        "{refused:?}"
    );
    for args in [&["rebuild"][..], SHOW, &["stats"]] {
        archive.recension(args);
        assert!(!sidecar.exists(), "{args:?} wrote it");
    }
    let root = archive.root();
    archive.prints(
        &["accept-log"],
        &format!(
            "The log is accepted as it is: 5 events, root {root}.\n\
             Its file checkpoint was written again. If the log lost events before, that can't\n\
             be noticed here any more; only an older copy of the file would show it.\n"
        ),
    );
    assert_eq!(fs::read(&sidecar).unwrap(), before);
    archive.fine(&import);
    archive.fine(&["verify"]);
}

#[test]
fn a_log_that_its_checkpoint_shows_to_be_cut_is_not_accepted() {
    let archive = copy();
    let old = fs::read(archive.file("log.sqlite")).unwrap();
    let mut longer = history();
    longer.commit(
        &[("Foo/Terms.md", Some("Four\n"))],
        "Update",
        seconds("2024-03-10"),
    );
    archive.import(&longer, NOW);
    fs::write(archive.file("log.sqlite"), old).unwrap();
    let sidecar = fs::read(archive.file("checkpoint")).unwrap();
    assert_eq!(archive.recension(&["accept-log"]).code, 2);
    assert_eq!(fs::read(archive.file("checkpoint")).unwrap(), sidecar);
}
