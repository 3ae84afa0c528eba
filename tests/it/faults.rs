//! Damage: single flipped bits anywhere in an archive's files. Every question is then answered as before or refused.
//!
//! The quick tests take a sample; all bits are taken by
//! `cargo test --release --test it -- --ignored --nocapture all_bit_flips`, which says how far it has come.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant as Clock};

use recension::archive::{self, Archive, ArchiveError, HistoryImport, Verification, Writer};
use recension::model::{
    DocumentName, Event, EventId, Fact, HistoryKind, Instant, Observation, Outcome, Sha256,
    StreamId,
};
use recension::store::NewEvent;

use crate::support::fixture::Fixture;

/// Days since the epoch at which the first document is first seen.
const FIRST_DAY: i64 = 19_000;
/// What becomes of a question after which nothing answers.
const STUCK: Duration = Duration::from_secs(120);

fn at(day: i64, seconds: i64) -> Instant {
    Instant::from_seconds(day * 86_400 + seconds).unwrap()
}

/// Numbers that look random and are the same in every run (`SplitMix64`).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// A text of words that barely compresses.
fn text(chance: &mut Chance) -> String {
    let words = (0..110).map(|_| format!("{:07x}", chance.next() >> 36));
    words.collect::<Vec<_>>().join(" ") + "\n"
}

/// Commits 16 days of a history: texts that change and return, are seen out of order and at the same instant, are
/// empty, moved and deleted.
fn commit_days(history: &mut Fixture, first: i64, chance: &mut Chance) {
    let documents = [
        "Alder/Terms of Service.md",
        "Alder/Privacy Policy.md",
        "Birch/Terms of Service.md",
        "Birch/Cookie Policy.md",
        "Cedar & Söhne/Community Guidelines.md",
    ];
    let standing = text(chance);
    for day in 0..16 {
        let path = documents[usize::try_from(day).unwrap() % documents.len()];
        let seconds = (FIRST_DAY + first + day) * 86_400;
        let seconds = match day % 13 {
            4 => seconds - 20 * 86_400,
            5 => seconds - 5 * 86_400,
            _ => seconds,
        };
        let text = match day % 7 {
            2 => standing.clone(),
            5 if day > 10 => String::new(),
            _ => text(chance),
        };
        let message = format!(
            "Record new changes of {path}\n\nThis version was recorded after filtering snapshot \
             https://example.org/snapshots/commit/{:040x}\n\nX-engine-version: 15.1.0\n",
            day * 7919
        );
        history.commit(&[(path, Some(&text))], &message, seconds);
    }
    let (from, to) = (
        "Birch/Cookie Policy.md",
        format!("Birch/Cookies {first}.md"),
    );
    let blob = history.file(from, &text(chance));
    history.commit_bytes(b"Update", "", 1_700_000_000, 1_700_000_000);
    history.remove(from.as_bytes());
    history.put(to.as_bytes(), crate::support::fixture::FILE, blob);
    let moved = (FIRST_DAY + first + 41) * 86_400;
    history.commit_bytes(b"Rename", "", moved, moved);
    history.commit(&[(&to, None)], "Remove", moved + 86_400);
}

/// Looks at two documents that bring nothing new, and one that fails.
fn observations(archive: &Archive, day: i64) -> NewEvent {
    let observed_at = at(FIRST_DAY + day, 60);
    let of = |name: &str, outcome| Observation {
        stream: StreamId::of_document(&DocumentName::parse(name).unwrap()),
        observed_at,
        outcome,
    };
    let unchanged = |name: &str| {
        let document = archive.document(name).unwrap();
        let found = archive.as_of(document, Instant::MAX, None).unwrap().found;
        let version_seq = found.unwrap().event.seq;
        of(name, Outcome::Unchanged { version_seq })
    };
    let reason = "the server answered 503".to_owned();
    let fact = Fact::ObservationsRecorded {
        evidence: None,
        observations: vec![
            unchanged("Alder/Terms of Service"),
            unchanged("Birch/Terms of Service"),
            of(
                "Alder/Privacy Policy",
                Outcome::Failed {
                    stage: None,
                    reason,
                },
            ),
        ],
    };
    NewEvent {
        event_id: EventId::demonstration(day.unsigned_abs()),
        stream: StreamId::of_archive(),
        observed_at,
        fact,
    }
}

/// Failed looks at a document, each an event of its own: enough to fill a bundle.
fn failures() -> Vec<NewEvent> {
    let stream = StreamId::of_document(&DocumentName::parse("Birch/Terms of Service").unwrap());
    let look = |number: i64| {
        let observed_at = at(FIRST_DAY + 300, number);
        let reason = "the server answered 502".to_owned();
        let outcome = Outcome::Failed {
            stage: None,
            reason,
        };
        let observations = vec![Observation {
            stream,
            observed_at,
            outcome,
        }];
        NewEvent {
            event_id: EventId::demonstration(10_000 + number.unsigned_abs()),
            stream: StreamId::of_archive(),
            observed_at,
            fact: Fact::ObservationsRecorded {
                observations,
                evidence: None,
            },
        }
    };
    (0..210).map(look).collect()
}

/// Makes the archive that is damaged; without `closed`, the returned files are those that a killed writer leaves.
fn make(closed: bool) -> Files {
    let folder = tempfile::tempdir().unwrap();
    let (repository, archive) = (folder.path().join("git"), folder.path().join("archive"));
    let origin = Some("example.org/faults");
    archive::init(&archive, origin, &[7; 40], at(20_000, 0)).unwrap();
    let (mut history, mut chance) = (Fixture::new(), Chance(1));
    let mut files = None;
    for round in 0..3 {
        commit_days(&mut history, round * 50, &mut chance);
        fs::remove_dir_all(&repository).ok();
        history.write_repository(&repository);
        let mut writer = Writer::open(&archive).unwrap();
        let import = HistoryImport {
            kind: HistoryKind::Versions,
            path: &repository,
            branch: None,
            max_bytes: 1 << 20,
            again: false,
        };
        let now = at(20_000 + round * 10, 0);
        import.run(&mut writer, &|| now, &mut |_| ()).unwrap();
        for look in 0..2 {
            let reader = Archive::open(&archive).unwrap();
            let event = observations(&reader, round * 50 + 42 + look);
            writer
                .record(&[event], at(20_000 + round * 10, 1 + look))
                .unwrap();
        }
        if round == 1 {
            writer
                .record(&failures(), at(20_000 + round * 10, 3))
                .unwrap();
        }
        if round == 2 && !closed {
            files = Some(Files::read(&archive));
        }
    }
    let log = rusqlite::Connection::open(archive.join("log.sqlite")).unwrap();
    let counts = "SELECT (SELECT count(*) FROM bundle), (SELECT count(*) FROM event)";
    let counts: (u64, u64) = log
        .query_row(counts, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert!(counts.0 > 0 && counts.1 > 0, "{counts:?}");
    drop(log);
    files.unwrap_or_else(|| Files::read(&archive))
}

/// The files of an archive in memory.
#[derive(Clone)]
struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    fn read(folder: &Path) -> Self {
        let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
        Self(
            entries
                .map(|entry| {
                    let name = entry.file_name().into_string().unwrap();
                    (name, fs::read(entry.path()).unwrap())
                })
                .collect(),
        )
    }

    /// Makes the folder hold these files and nothing else.
    fn restore(&self, folder: &Path) {
        let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
        for entry in entries {
            let name = entry.file_name().into_string().unwrap();
            if entry.path().is_dir() {
                fs::remove_dir_all(entry.path()).unwrap();
            } else if !self.0.contains_key(&name) {
                fs::remove_file(entry.path()).unwrap();
            }
        }
        for (name, content) in &self.0 {
            let path = folder.join(name);
            if fs::read(&path).ok().as_ref() != Some(content) {
                fs::write(path, content).unwrap();
            }
        }
    }

    /// Every bit, by its file, the byte's offset and the bit's number; without the `lock`, which is empty.
    fn bits(&self) -> Vec<(&str, usize, u8)> {
        let bits = |(name, content): (_, &Vec<u8>)| {
            let length = content.len();
            (0..length).flat_map(move |offset| (0..8).map(move |bit| (name, offset, bit)))
        };
        self.0
            .iter()
            .map(|(name, content)| (name.as_str(), content))
            .flat_map(bits)
            .collect()
    }

    fn bytes(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }
}

/// What was answered, by question; an error if it was refused.
type Answers = Vec<(String, Result<String, String>)>;

/// That there is nothing of the kind is an answer; other errors say that none can be given.
fn answered<T: std::fmt::Debug>(result: Result<T, ArchiveError>) -> Result<String, String> {
    match result {
        Ok(answer) => Ok(format!("{answer:?}")),
        Err(
            error @ (ArchiveError::NoDocument { .. }
            | ArchiveError::NoPlatform { .. }
            | ArchiveError::Several { .. }
            | ArchiveError::NotObserved { .. }),
        ) => Ok(error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// Which questions are asked: each kind where the damage can matter to it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    /// All texts: the damage is in the blobs.
    Texts,
    /// All documents as of every sight: the damage is in the views.
    Views,
    /// All events and a little of the rest: the damage is elsewhere.
    Log,
}

impl About {
    fn file(name: &str) -> Self {
        match name.split_once('.') {
            Some(("blobs", _)) => Self::Texts,
            Some(("views", _)) => Self::Views,
            _ => Self::Log,
        }
    }
}

/// When each document was seen, by its name.
type Sights = Vec<(String, Instant)>;

fn sights(archive: &Archive) -> Sights {
    let documents = archive.documents().unwrap().into_iter();
    documents
        .flat_map(|document| {
            let name = document.name.to_string();
            let timeline = archive.timeline(&document, None).unwrap().into_iter();
            timeline.map(move |(entry, ..)| (name.clone(), entry.observed_at))
        })
        .collect()
}

/// Asks an archive.
fn ask(archive: &Archive, about: About, sights: &Sights) -> Answers {
    let mut answers = Answers::new();
    let mut add = |question: String, answer| answers.push((question, answer));
    add("documents".to_owned(), answered(archive.documents()));
    let names = [
        "Alder/Terms of Service",
        "Alder/Privacy Policy",
        "birch / terms of service",
        "Birch/Cookie Policy",
        "cedar & söhne/community guidelines",
        "Alder/Terms",
    ];
    let names = match about {
        About::Texts => &names[..1],
        About::Log => &names[2..],
        About::Views => &names[..],
    };
    for name in names {
        add(
            format!("document {name}"),
            answered(archive.document(name).map(|document| document.name)),
        );
        let Ok(document) = archive.document(name) else {
            continue;
        };
        let questions: [(_, &[i64]); 2] =
            [(None, &[-1, 21, 90, 400]), (Some(at(20_005, 0)), &[44])];
        for (known_at, days) in questions {
            for day in days {
                let as_of = at(FIRST_DAY + day, 0);
                let answer = archive.as_of(document.clone(), as_of, known_at);
                add(
                    format!("{name} as of {as_of}, known at {known_at:?}"),
                    answered(answer),
                );
            }
            let timeline = archive.timeline(&document, known_at).map(|looks| {
                let look =
                    |(entry, event, _): (_, Event, _)| (entry, event.event_id, event.recorded_at);
                looks.into_iter().map(look).collect::<Vec<_>>()
            });
            add(
                format!("timeline of {name}, known at {known_at:?}"),
                answered(timeline),
            );
        }
    }
    add(
        "platform".to_owned(),
        answered(archive.documents_of("birch")),
    );
    add(
        "no platform".to_owned(),
        answered(archive.documents_of("Dogwood")),
    );
    if about == About::Views {
        for (name, at) in sights {
            let answer = archive
                .document(name)
                .and_then(|document| archive.as_of(document, *at, None));
            add(format!("{name} as it was seen at {at}"), answered(answer));
        }
        return answers;
    }
    add_log(archive, about, &mut add);
    // The sizes of files and frames are measured, not recorded.
    let stats = archive.stats().map(|mut stats| {
        stats.files.clear();
        stats.stored_bytes = 0;
        stats
    });
    add("stats".to_owned(), answered(stats));
    answers
}

/// Asks for all events, proofs and texts.
fn add_log(archive: &Archive, about: About, add: &mut impl FnMut(String, Result<String, String>)) {
    let size = archive.checkpoint().size();
    add(
        "checkpoint".to_owned(),
        Ok(archive.checkpoint_note().to_string()),
    );
    let mut texts = Vec::new();
    let mut all = Vec::new();
    let scanned = archive.events::<ArchiveError>(0, u64::MAX, |event, leaf| {
        all.extend_from_slice(leaf);
        if let Fact::VersionRecorded(version) = event.fact {
            texts.push(version.text);
        }
        Ok(())
    });
    add(
        "events".to_owned(),
        answered(scanned.map(|()| Sha256::of(&[&all]))),
    );
    for seq in [0, size / 2, size.saturating_sub(1)] {
        add(format!("proof {seq}"), answered(archive.proof(seq)));
    }
    let step = match about {
        About::Texts => 1,
        About::Log | About::Views => 10,
    };
    for text in texts.into_iter().step_by(step) {
        let content = archive.content(text.blob);
        add(
            format!("text {}", text.blob),
            answered(content.map(|content| content.map(|bytes| Sha256::of(&[&bytes])))),
        );
    }
}

/// How a damaged archive was seen to be damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    /// It can't be opened.
    Refused,
    /// It is opened with an alarm.
    Alarm,
    /// A question is not answered.
    Question,
    /// All answers are the same; not verified.
    Same,
    /// All answers are the same, and verification finds something.
    Verification,
    /// All answers are the same, verification finds nothing, and the writer refuses.
    Writer,
    /// The bit means nothing: the writer too goes on as if it were not flipped.
    Nothing,
}

struct Attack<'a> {
    files: &'a Files,
    sights: Sights,
    expected: [Answers; 3],
    /// The root after one more event.
    next_root: Sha256,
    /// One in so many flips that change no answer is verified and written to.
    verify_every: usize,
    counts: Mutex<BTreeMap<(String, Seen), usize>>,
    failures: Mutex<Vec<String>>,
    done: AtomicUsize,
}

impl<'a> Attack<'a> {
    fn new(files: &'a Files, verify_every: usize) -> Self {
        let folder = working_folder();
        files.restore(folder.path());
        let archive = Archive::open(folder.path()).unwrap();
        assert_eq!(archive.alarm(), None);
        let sights = sights(&archive);
        let expected =
            [About::Texts, About::Views, About::Log].map(|about| ask(&archive, about, &sights));
        drop(archive);
        for (question, answer) in expected.iter().flatten() {
            assert!(answer.is_ok(), "{question}: {answer:?}");
        }
        files.restore(folder.path());
        let verification = verify(folder.path());
        assert!(verification.is_clean(), "{:?}", verification.findings);
        files.restore(folder.path());
        let next_root = write(folder.path()).unwrap();
        Self {
            files,
            sights,
            expected,
            next_root,
            verify_every,
            counts: Mutex::default(),
            failures: Mutex::default(),
            done: AtomicUsize::new(0),
        }
    }

    /// Flips bits, each alone, in two threads.
    fn run(&self, bits: &[(&str, usize, u8)]) {
        let next = AtomicUsize::new(0);
        let began = Clock::now();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let folder = working_folder();
                    self.files.restore(folder.path());
                    while let Some(&bit) = bits.get(next.fetch_add(1, Ordering::Relaxed)) {
                        self.flip(folder.path(), bit);
                        self.done.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            scope.spawn(|| self.watch(bits.len(), began));
        });
        let took = began.elapsed();
        eprintln!(
            "{} bits of {} bytes flipped in {took:.1?}",
            bits.len(),
            self.files.bytes()
        );
        for ((file, seen), count) in &*self.counts.lock().unwrap() {
            eprintln!("  {file:<20} {seen:<14?} {count:>9}");
        }
        let failures = self.failures.lock().unwrap();
        assert!(
            failures.is_empty(),
            "{} wrong answers:\n{}",
            failures.len(),
            failures[..failures.len().min(40)].join("\n")
        );
    }

    /// Says how far it is, and ends the program where nothing moves any more: a question hangs.
    fn watch(&self, total: usize, began: Clock) {
        let (mut last, mut since, mut ticks) = (0, Clock::now(), 0);
        loop {
            let done = self.done.load(Ordering::Relaxed);
            if done >= total {
                return;
            }
            if done != last {
                (last, since) = (done, Clock::now());
            }
            if since.elapsed() > STUCK {
                eprintln!("a question has not been answered for {STUCK:?}, after {done} flips");
                std::process::exit(101);
            }
            ticks += 1;
            if ticks % 600 == 0 {
                let mut totals: BTreeMap<Seen, usize> = BTreeMap::new();
                for ((_, seen), count) in &*self.counts.lock().unwrap() {
                    *totals.entry(*seen).or_default() += count;
                }
                let failed = self.failures.lock().unwrap().len();
                let took = began.elapsed();
                eprintln!("{done} of {total} after {took:.0?}, {failed} wrong; {totals:?}");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn flip(&self, folder: &Path, (file, offset, bit): (&str, usize, u8)) {
        let path = folder.join(file);
        let mut content = self.files.0[file].clone();
        content[offset] ^= 1 << bit;
        fs::write(&path, &content).unwrap();
        let about = About::file(file);
        let seen = catch_unwind(AssertUnwindSafe(|| self.look(folder, about)));
        self.files.restore(folder);
        let seen = match seen {
            Ok(Ok(Seen::Same)) if (offset * 8 + usize::from(bit)) % self.verify_every == 0 => {
                fs::write(&path, &content).unwrap();
                let seen = catch_unwind(AssertUnwindSafe(|| self.look_deeper(folder)));
                self.files.restore(folder);
                seen
            }
            seen => seen,
        };
        match seen {
            Ok(Ok(seen)) => {
                let mut counts = self.counts.lock().unwrap();
                *counts.entry((file.to_owned(), seen)).or_default() += 1;
            }
            Ok(Err(what)) => self.fail(file, offset, bit, &what),
            Err(_) => self.fail(file, offset, bit, "a panic"),
        }
    }

    fn fail(&self, file: &str, offset: usize, bit: u8, what: &str) {
        let mut failures = self.failures.lock().unwrap();
        failures.push(format!("{file}, byte {offset}, bit {bit}: {what}"));
    }

    fn look(&self, folder: &Path, about: About) -> Result<Seen, String> {
        let Ok(archive) = Archive::open(folder) else {
            return Ok(Seen::Refused);
        };
        let answers = ask(&archive, about, &self.sights);
        if archive.alarm().is_some() {
            return Ok(Seen::Alarm);
        }
        let expected: BTreeMap<&str, &str> = self.expected[about as usize]
            .iter()
            .filter_map(|(question, answer)| Some((question.as_str(), answer.as_deref().ok()?)))
            .collect();
        let mut refused = false;
        for (question, answer) in &answers {
            match (answer, expected.get(question.as_str())) {
                (Err(_), _) => refused = true,
                (Ok(answer), Some(expected)) if answer == expected => {}
                (Ok(answer), expected) => {
                    return Err(format!("{question}: {answer} instead of {expected:?}"));
                }
            }
        }
        // A document that can't be found is asked nothing more.
        Ok(if refused || answers.len() < expected.len() {
            Seen::Question
        } else {
            Seen::Same
        })
    }

    /// Verifies where no answer showed the damage, and writes where verification doesn't either.
    fn look_deeper(&self, folder: &Path) -> Result<Seen, String> {
        if !verify(folder).is_clean() {
            return Ok(Seen::Verification);
        }
        match write(folder) {
            Err(_) => Ok(Seen::Writer),
            Ok(root) if root != self.next_root => {
                Err(format!("the next root is {root}, not {}", self.next_root))
            }
            Ok(_) => Ok(Seen::Nothing),
        }
    }
}

fn verify(folder: &Path) -> Verification {
    let scratch = working_folder();
    Verification::run(folder, None, scratch.path(), 1, &mut |_| ()).unwrap()
}

/// Appends one more event and returns the new root.
fn write(folder: &Path) -> Result<Sha256, ArchiveError> {
    let event = NewEvent {
        event_id: EventId::demonstration(1_000_000),
        stream: StreamId::of_document(&DocumentName::parse("Alder/Privacy Policy").unwrap()),
        observed_at: at(FIRST_DAY + 500, 0),
        fact: Fact::DocumentRetired {
            reason: "its page is gone".to_owned(),
            successor: None,
            origin: recension::model::Origin::Demonstration,
        },
    };
    let mut writer = Writer::open(folder)?;
    writer.record(&[event], at(20_100, 0))?;
    drop(writer);
    Ok(*Archive::open(folder)?.checkpoint().root())
}

/// A temporary folder in memory, where the system has one.
fn working_folder() -> tempfile::TempDir {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

/// A sample of bits: the same for the same seed.
fn sample<'a>(bits: &[(&'a str, usize, u8)], count: usize, seed: u64) -> Vec<(&'a str, usize, u8)> {
    let mut chance = Chance(seed);
    let mut one = || bits[usize::try_from(chance.next() % bits.len() as u64).unwrap()];
    (0..count).map(|_| one()).collect()
}

#[test]
fn bit_flips_never_change_an_answer() {
    let files = make(true);
    assert!(files.bytes() >= 128 << 10, "{} bytes", files.bytes());
    let bits = files.bits();
    Attack::new(&files, 16).run(&sample(&bits, 1200, 2));
    // The small files are much less often hit by chance.
    let small = ["checkpoint", "recension.toml", "signing.key"];
    let small: Vec<_> = bits
        .into_iter()
        .filter(|(file, ..)| small.contains(file))
        .collect();
    Attack::new(&files, 16).run(&sample(&small, 200, 3));
}

#[test]
fn bit_flips_in_what_a_killed_writer_leaves_never_change_an_answer() {
    let files = make(false);
    let mut bits = files.bits();
    assert!(bits.iter().any(|(file, ..)| *file == "log.sqlite-wal"));
    bits.retain(|(file, ..)| file.contains("sqlite-"));
    Attack::new(&files, 16).run(&sample(&bits, 400, 4));
}

#[test]
#[ignore = "takes an hour or two: every bit of an archive"]
fn all_bit_flips() {
    let files = make(true);
    // Shuffled, so that a run that is broken off has taken a fair sample.
    let (mut bits, mut chance) = (files.bits(), Chance(6));
    for place in (1..bits.len()).rev() {
        bits.swap(
            place,
            usize::try_from(chance.next() % (place as u64 + 1)).unwrap(),
        );
    }
    Attack::new(&files, 64).run(&bits);
    let files = make(false);
    let mut bits = files.bits();
    bits.retain(|(file, ..)| file.contains("sqlite-"));
    Attack::new(&files, 64).run(&sample(&bits, 20_000, 5));
}
