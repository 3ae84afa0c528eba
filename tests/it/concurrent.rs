//! Several processes at one archive: one writes, any number read, and each sees a whole state.

use std::fs;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};

use recension::archive::{Archive as Opened, Writer};
use recension::model::{
    Cause, DocumentName, EventId, Fact, Instant, Origin, StreamId, VersionRecorded,
};
use recension::store::NewEvent;

use crate::support::archive::{Archive, seconds};
use crate::support::fixture::Fixture;

#[test]
fn missing_views_are_built_again_by_whoever_comes_first() {
    let mut history = Fixture::new();
    history.commit(
        &[("Foo/Terms.md", Some("One\n"))],
        "1",
        seconds("2024-01-10"),
    );
    let archive = Archive::of(&history);
    let before = archive.fine(&["documents", "--format", "json"]);
    for suffix in ["", "-wal", "-shm"] {
        drop(fs::remove_file(
            archive.file(&format!("views.sqlite{suffix}")),
        ));
    }
    let runs: Vec<_> = (0..8)
        .map(|_| {
            let mut command = archive.command(&["documents", "--format", "json"]);
            command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for run in runs {
        let output = run.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(String::from_utf8_lossy(&output.stdout), before);
    }
    assert_eq!(leftovers(&archive), [""; 0]);
}

/// Files that are named as something unfinished.
fn leftovers(archive: &Archive) -> Vec<String> {
    fs::read_dir(archive.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("new"))
        .collect()
}

/// Says that all is done when it is dropped.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn readers_see_whole_states_while_a_writer_goes_on() {
    let archive = Archive::new();
    let document = DocumentName::new("Foo", "Terms").unwrap();
    let stream = StreamId::of_document(&document);
    let done = AtomicBool::new(false);
    let new = |number: i64, fact| NewEvent {
        event_id: EventId::demonstration(u64::try_from(number).unwrap()),
        stream,
        observed_at: Instant::from_seconds(number).unwrap(),
        fact,
    };
    #[cfg(unix)]
    let views = inode(&archive);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let opened = Opened::open(&archive.path()).unwrap();
                    let Some(known) = opened.documents().unwrap().pop() else {
                        continue;
                    };
                    let timeline = opened.timeline(&known, None).unwrap();
                    // Each state has all events up to one of the log: a declaration, and a version each. Beside a
                    // writer that never rests, it may be an earlier one than the newest.
                    let seqs: Vec<u64> = timeline.iter().map(|(entry, ..)| entry.seq).collect();
                    assert!(seqs.iter().copied().eq(1..=seqs.len() as u64), "{seqs:?}");
                    assert!((seqs.len() as u64) < opened.checkpoint().size());
                }
            });
        }
        // Whatever becomes of the writer, the readers end.
        let _end = End(&done);
        let mut writer = Writer::open(&archive.path()).unwrap();
        writer
            .record(
                &[new(
                    0,
                    Fact::DocumentDeclared {
                        document: document.clone(),
                    },
                )],
                Instant::MIN,
            )
            .unwrap();
        for number in 1..40_i64 {
            let text = writer.put(stream, &number.to_be_bytes()).unwrap();
            let version = VersionRecorded {
                text,
                cause: Cause::Changed,
                origin: Origin::Demonstration,
            };
            writer
                .record(&[new(number, Fact::VersionRecorded(version))], Instant::MIN)
                .unwrap();
        }
    });
    // No reader took the views for foreign ones and built them again under the writer's hands.
    #[cfg(unix)]
    assert_eq!(inode(&archive), views);
    assert_eq!(leftovers(&archive), [""; 0]);
    archive.prints(
        &["rebuild"],
        "The views were built again from 40 events; they are the same as before, row for row.\n",
    );
}

#[cfg(unix)]
fn inode(archive: &Archive) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(archive.file("views.sqlite")).unwrap().ino()
}
