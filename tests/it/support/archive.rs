//! An archive in a temporary folder, driven through the program, and verified whole when the test is done with it.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use recension::archive::{Archive as Opened, Verification};
use recension::model::Instant;
use tempfile::TempDir;

use super::fixture::Fixture;

/// The present of every run that doesn't choose another.
pub const NOW: &str = "2025-06-01T12:00:00Z";

/// The seconds since the epoch of an instant or a date.
pub fn seconds(at: &str) -> i64 {
    let midnight = format!("{at}T00:00:00Z");
    let instant = Instant::parse_rfc3339(at).or_else(|| Instant::parse_rfc3339(&midnight));
    instant.expect(at).micros() / 1_000_000
}

/// An archive, and a folder around it for what the test needs besides.
pub struct Archive {
    folder: TempDir,
    damaged: AtomicBool,
}

/// What a run of the program gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Standard output; the test's folder is written as `$DIR`.
    pub stdout: String,
    /// Standard error, likewise.
    pub stderr: String,
    /// The exit code.
    pub code: i32,
    /// Standard output to the byte.
    pub bytes: Vec<u8>,
}

impl Ran {
    /// The JSON values on standard output, one a line or a single one.
    pub fn json(&self) -> Vec<serde_json::Value> {
        serde_json::Deserializer::from_str(&self.stdout)
            .into_iter()
            .collect::<Result<_, _>>()
            .unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Archive {
    /// A folder without an archive in it yet.
    pub fn none() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            damaged: AtomicBool::new(false),
        }
    }

    /// An empty archive, whose log is always named the same.
    pub fn new() -> Self {
        let archive = Self::none();
        let folder = archive.path();
        archive.fine(&["init", "--origin", "example.org/test", text(&folder)]);
        archive
    }

    /// An archive of a history.
    pub fn of(history: &Fixture) -> Self {
        let archive = Self::new();
        archive.import(history, NOW);
        archive
    }

    /// The archive's folder.
    pub fn path(&self) -> PathBuf {
        self.place("archive")
    }

    /// A file of the archive.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// A path beside the archive.
    pub fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Imports a history at an instant, from a bundle, and returns the summary.
    pub fn import(&self, history: &Fixture, now: &str) -> serde_json::Value {
        let bundle = self.place("import.bundle");
        history.write_bundle(&bundle);
        let args = ["--now", now, "import", "ota-versions", "--format", "json"];
        let mut args = args.to_vec();
        args.push(text(&bundle));
        let ran = self.recension(&args);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.json().remove(0)
    }

    /// Runs the program on the archive.
    pub fn recension(&self, args: &[&str]) -> Ran {
        self.recension_with(args, b"")
    }

    /// Runs the program with something on its standard input.
    pub fn recension_with(&self, args: &[&str], input: &[u8]) -> Ran {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let shown = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            text.replace(self.folder.path().to_str().unwrap(), "$DIR")
        };
        Ran {
            stdout: shown(&output.stdout),
            stderr: shown(&output.stderr),
            code: output.status.code().expect("the program was not killed"),
            bytes: output.stdout,
        }
    }

    /// The program, ready to be run on the archive: in the folder around it, at a fixed time, without colours.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_recension"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("TMPDIR", std::env::temp_dir())
            .env("RECENSION_ARCHIVE", self.path())
            .env("RECENSION_NOW", NOW)
            .env("NO_COLOR", "1");
        command
    }

    /// Runs the program and insists that all is well; returns what it printed.
    #[track_caller]
    pub fn fine(&self, args: &[&str]) -> String {
        let ran = self.recension(args);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{args:?}");
        ran.stdout
    }

    /// Runs the program and insists on what it prints and that all is well.
    #[track_caller]
    pub fn prints(&self, args: &[&str], expected: &str) {
        assert_eq!(self.fine(args), expected, "{args:?}");
    }

    /// Runs the program and insists on its exit code and on its complaint.
    #[track_caller]
    pub fn complains(&self, args: &[&str], code: i32, stderr: &str) {
        let ran = self.recension(args);
        assert_eq!((ran.code, ran.stderr.as_str()), (code, stderr), "{args:?}");
    }

    /// Says that the test damaged the archive, so that it is not verified at the end.
    pub fn damaged(&self) {
        self.damaged.store(true, Ordering::Relaxed);
    }

    /// The root of the log, as `verify` computes it.
    pub fn root(&self) -> String {
        let report = self.recension(&["verify", "--format", "json"]).json();
        report[0]["root"].as_str().unwrap().to_owned()
    }

    /// The archive, opened by the library.
    pub fn open(&self) -> Opened {
        Opened::open(&self.path()).unwrap()
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        if std::thread::panicking()
            || self.damaged.load(Ordering::Relaxed)
            || !self.file("recension.toml").exists()
        {
            return;
        }
        let scratch = tempfile::tempdir().unwrap();
        let found = Verification::run(&self.path(), None, scratch.path(), 1, &mut |_| ()).unwrap();
        assert_eq!(found.findings, [], "the archive is whole after the test");
    }
}

/// A path as the text that a command line takes.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Copies a folder of files.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
