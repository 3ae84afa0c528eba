//! The figures of a picture: sums, shares and quantiles, and the sentences that say them.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::Datelike as _;

use super::{Picture, StoredContent};
use crate::export::numbers::{bytes, count, counted};
use crate::model::Instant;

/// How many platforms are shown by themselves.
const PLATFORMS: usize = 20;
/// How many places along the time axis the growth has at most.
const PLACES: i64 = 200;

/// Contents together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) contents: u64,
    pub(super) size_bytes: u64,
    pub(super) frame_bytes: u64,
}

impl Sum {
    fn add(&mut self, content: &StoredContent) {
        self.contents += 1;
        self.size_bytes += content.size_bytes;
        self.frame_bytes += content.frame_bytes;
    }

    fn of<'a>(contents: impl IntoIterator<Item = &'a StoredContent>) -> Self {
        let mut sum = Self::default();
        contents.into_iter().for_each(|content| sum.add(content));
        sum
    }

    /// How many times smaller than the contents the frames are.
    pub(super) fn times(&self) -> String {
        if self.frame_bytes == 0 {
            return String::new();
        }
        let tenths = self.size_bytes * 10 / self.frame_bytes;
        format!("{}.{}", count(tenths / 10), tenths % 10)
    }
}

/// A row of a drawing and of the table beside it: what, how much, and the same for people.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) label: String,
    pub(super) value: u64,
    pub(super) said: String,
}

/// The name of a platform, or of several together, and what its contents take.
pub(super) type Platform = (String, Sum);

/// Everything that is drawn and said.
pub(super) struct Figures {
    pub(super) all: Sum,
    /// What had been seen by so many instants, in their order.
    pub(super) growth: Vec<(Instant, Sum)>,
    /// The same at the end of each year.
    pub(super) years: Vec<(i32, Sum)>,
    /// The platforms whose contents take most.
    pub(super) platforms: Vec<Platform>,
    /// The others together, with their number for a name.
    pub(super) others: Option<Platform>,
    /// How many contents are so many frames from a root.
    pub(super) frames: Vec<Row>,
    /// How many reads took so long.
    pub(super) reads: Vec<Row>,
}

impl Figures {
    pub(super) fn of(picture: &Picture) -> Self {
        let mut contents: Vec<&StoredContent> = picture.contents.iter().collect();
        contents.sort_by_key(|content| content.first_observed_at);
        let frames = |content: &&StoredContent| content.frames;
        let micros = |read: &Duration| u64::try_from(read.as_micros()).unwrap_or(u64::MAX);
        let (platforms, others) = platforms(&contents);
        Self {
            all: Sum::of(contents.iter().copied()),
            growth: growth(&contents),
            years: years(&contents),
            platforms,
            others,
            frames: doubling(contents.iter().map(frames), |low, high| {
                if low == high {
                    counted(low, "frame")
                } else {
                    format!("{} to {} frames", count(low), count(high))
                }
            }),
            reads: doubling(picture.reads.iter().map(micros), |_, high| {
                format!("up to {}", milliseconds(high + 1))
            }),
        }
    }
}

/// What had been seen by each of a number of instants at even distances.
fn growth(contents: &[&StoredContent]) -> Vec<(Instant, Sum)> {
    let (Some(first), Some(last)) = (contents.first(), contents.last()) else {
        return Vec::new();
    };
    let (first, last) = (
        first.first_observed_at.micros(),
        last.first_observed_at.micros(),
    );
    let step = ((last - first) / PLACES).max(1);
    let mut steps: Vec<(Instant, Sum)> = Vec::new();
    let mut sum = Sum::default();
    let mut place = None;
    for content in contents {
        sum.add(content);
        let at = (content.first_observed_at.micros() - first) / step;
        match steps.last_mut().filter(|_| place == Some(at)) {
            Some((_, same)) => *same = sum,
            None => steps.push((content.first_observed_at, sum)),
        }
        place = Some(at);
    }
    steps
}

fn years(contents: &[&StoredContent]) -> Vec<(i32, Sum)> {
    let mut sum = Sum::default();
    let mut years = BTreeMap::new();
    for content in contents {
        sum.add(content);
        years.insert(content.first_observed_at.to_utc().year(), sum);
    }
    years.into_iter().collect()
}

fn platforms(contents: &[&StoredContent]) -> (Vec<Platform>, Option<Platform>) {
    let mut by_name: BTreeMap<&str, Vec<&StoredContent>> = BTreeMap::new();
    for content in contents {
        by_name.entry(&content.platform).or_default().push(content);
    }
    let mut all: Vec<(&str, Vec<&StoredContent>, Sum)> = by_name
        .into_iter()
        .map(|(name, contents)| {
            let sum = Sum::of(contents.iter().copied());
            (name, contents, sum)
        })
        .collect();
    all.sort_by_key(|(.., sum)| std::cmp::Reverse(sum.frame_bytes));
    let rest = all.split_off(all.len().min(PLATFORMS));
    let others = (!rest.is_empty()).then(|| {
        let sum = Sum::of(
            rest.iter()
                .flat_map(|(_, contents, _)| contents.iter().copied()),
        );
        (counted(rest.len() as u64, "other"), sum)
    });
    let named = all.into_iter().map(|(name, _, sum)| (name.to_owned(), sum));
    (named.collect(), others)
}

/// How many of the values lie in each of the classes 1, 2 to 3, 4 to 7 and so on, named by their bounds.
fn doubling(values: impl Iterator<Item = u64>, label: impl Fn(u64, u64) -> String) -> Vec<Row> {
    let mut classes: BTreeMap<u32, u64> = BTreeMap::new();
    let mut all = 0;
    for value in values {
        *classes.entry(value.max(1).ilog2()).or_default() += 1;
        all += 1;
    }
    let (Some(&first), Some(&last)) = (
        classes.first_key_value().map(|(class, _)| class),
        classes.last_key_value().map(|(class, _)| class),
    ) else {
        return Vec::new();
    };
    (first..=last)
        .map(|class| {
            let value = classes.get(&class).copied().unwrap_or(0);
            let low = 1_u64 << class;
            let tenths = value * 1000 / all;
            Row {
                label: label(low, low + (low - 1)),
                value,
                said: format!("{} ({}.{} %)", count(value), tenths / 10, tenths % 10),
            }
        })
        .collect()
}

/// The value below which so many hundredths of them lie.
fn quantile<T: Copy + Ord>(values: impl Iterator<Item = T>, hundredths: usize) -> Option<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    let place = values.len() * hundredths / 100;
    values
        .get(place.min(values.len().saturating_sub(1)))
        .copied()
}

/// Micros as milliseconds: `0.26 ms`.
fn milliseconds(micros: u64) -> String {
    match micros {
        0..10_000 => format!("{}.{:02} ms", micros / 1000, micros % 1000 / 10),
        _ => format!("{} ms", count(micros / 1000)),
    }
}

/// What is in the picture, and what is not.
pub(super) fn summary(picture: &Picture, figures: &Figures) -> String {
    let all = figures.all;
    let mut text = format!(
        "{} of {} are stored in {}",
        counted(all.contents, "distinct content"),
        bytes(all.size_bytes),
        bytes(all.frame_bytes),
    );
    match all.times() {
        empty if empty.is_empty() => text.push('.'),
        times => text.push_str(&format!(", {times} times smaller.")),
    }
    if picture.withheld > 0 {
        let withheld = counted(picture.withheld, "content");
        text.push_str(&format!(
            " Not counted: {withheld} withheld, whose bytes are taken out."
        ));
    }
    if picture.lost > 0 {
        let lost = counted(picture.lost, "content");
        text.push_str(&format!(
            " Not counted: {lost} lost, which `recension verify` lists."
        ));
    }
    text
}

/// How far contents are from a root, in a sentence.
pub(super) fn frames_sentence(picture: &Picture) -> String {
    let of = |hundredths| {
        let frames = picture.contents.iter().map(|content| content.frames);
        quantile(frames, hundredths).unwrap_or(0)
    };
    format!(
        "A content is compressed after an earlier one like it. To read it with nothing in memory, its own frame and those on the \
         way to a content that stands alone are decoded: half of the contents need at most {}, 99 of 100 at most {}, and \
         none more than {}.",
        count(of(50)),
        count(of(99)),
        count(of(100))
    )
}

/// What the measured reads gave, and how they were made.
pub(super) fn reads_sentence(picture: &Picture) -> String {
    let of = |hundredths| {
        let read = quantile(picture.reads.iter(), hundredths).copied();
        let micros = read.unwrap_or_default().as_micros();
        milliseconds(u64::try_from(micros).unwrap_or(u64::MAX))
    };
    format!(
        "Measured when this was made, on the machine that made it: {} of other contents, one after another in no order, each checked \
         against its name. Half took at most {}, 99 of 100 at most {}, the longest {}.",
        counted(picture.reads.len() as u64, "read"),
        of(50),
        of(99),
        of(100)
    )
}
