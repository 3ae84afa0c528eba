//! Periods: the stretches of time that people name, such as `2024-08`, `yesterday` or `3 days ago`.
//!
//! The grammar is small and refuses what it would have to guess: no form has two meanings, and a
//! refusal says what to write instead. Everything is in UTC unless an offset is given.

use std::fmt;

use chrono::{Datelike, Days, Month, Months, NaiveDate, NaiveTime, Weekday};

use super::Instant;
use super::names::quote;

/// The forms that [`Period::parse`] accepts, as one line for help texts and hints.
pub const FORMS: &str = "a date (2024-08-01, 1 August 2024 or August 1, 2024), a month (2024-08 \
    or August 2024), a year (2024), a quarter (2024-Q3), an ISO week (2024-W31), a time \
    (2024-08-01T12:30, 2024-08-01 12:30:00Z or 2024-08-01T12:30:00+02:00; UTC when there is no \
    offset), Unix seconds (@1722470400), \"now\", \"today\", \"yesterday\", the latest weekday \
    (friday or last friday), this or last week, month, quarter or year, or a number of minutes, \
    hours, days, weeks, months or years ago (3 days ago)";

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_MINUTE: i64 = 60 * MICROS_PER_SECOND;
const MICROS_PER_HOUR: i64 = 60 * MICROS_PER_MINUTE;
const MICROS_PER_DAY: i64 = 24 * MICROS_PER_HOUR;
/// How many bytes a text may have; the longest form is far shorter.
const MAX_BYTES: usize = 100;

/// Why a text names no period; every `text` is what was given, quoted, escaped and cut for display.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// There is nothing but white space.
    #[error("The date is empty.")]
    Empty,
    /// The text is longer than any date.
    #[error("{text} is {bytes} bytes long; a date has at most {MAX_BYTES}.")]
    TooLong {
        /// The text given.
        text: String,
        /// How many bytes of UTF-8 it has.
        bytes: usize,
    },
    /// The text has none of the accepted [`FORMS`].
    #[error("{text} is not a date or time in a known form.")]
    Unknown {
        /// The text given.
        text: String,
    },
    /// The text has several meanings.
    #[error("{text} can be read in more than one way; write {instead}.")]
    Ambiguous {
        /// The text given.
        text: String,
        /// What to write instead.
        instead: String,
    },
    /// The text has one meaning, in a form that isn't accepted.
    #[error("{text} is not a date in a known form; write {instead}.")]
    Rewrite {
        /// The text given.
        text: String,
        /// What to write instead.
        instead: String,
    },
    /// The form is right, but there is no such day, month, week, hour or the like.
    #[error("{text} is impossible: {reason}.")]
    Impossible {
        /// The text given.
        text: String,
        /// What is impossible about it.
        reason: String,
    },
    /// The period isn't wholly between [`Instant::MIN`] and [`Instant::MAX`].
    #[error("{text} lies outside the years 0000 to 9999.")]
    OutOfRange {
        /// The text given.
        text: String,
    },
    /// The period starts later than now.
    #[error("{text} lies in the future (now is {now}).")]
    Future {
        /// The text given.
        text: String,
        /// The present that it was compared with.
        now: Instant,
    },
}

impl PeriodError {
    /// The accepted [`FORMS`], when the message itself doesn't say what to write.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Empty | Self::TooLong { .. } | Self::Unknown { .. } => Some(FORMS),
            _ => None,
        }
    }
}

/// A stretch of time with its first and last microsecond, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    first: Instant,
    last: Instant,
}

impl Period {
    /// Reads a period in one of the [`FORMS`], whatever their case and the white space around.
    ///
    /// A date-time with seconds is one instant, cut to microseconds; one without is a whole
    /// minute. `now` and so many minutes or hours ago are instants; so many days, weeks, months or
    /// years ago is the whole day in UTC, the last of its month if the month is too short.
    /// Weeks begin on Monday. A weekday is the latest before today.
    ///
    /// # Errors
    ///
    /// Fails with any error but [`PeriodError::Future`].
    pub fn parse(text: &str, now: Instant) -> Result<Self, PeriodError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(PeriodError::Empty);
        }
        if text.len() > MAX_BYTES {
            return Err(PeriodError::TooLong {
                text: quote(text),
                bytes: text.len(),
            });
        }
        read(&text.to_ascii_lowercase(), now).map_err(|fault| fault.about(text))
    }

    /// The first instant of the period.
    #[must_use]
    pub const fn first(self) -> Instant {
        self.first
    }

    /// The last instant of the period, itself a part of it.
    #[must_use]
    pub const fn last(self) -> Instant {
        self.last
    }

    /// The period of one instant.
    const fn instant(instant: Instant) -> Self {
        Self {
            first: instant,
            last: instant,
        }
    }

    /// The period that starts `offset` microseconds after a day's midnight in UTC, and its length.
    fn lasting(day: NaiveDate, offset: i64, length: i64) -> Result<Self, Fault> {
        let first = day.and_time(NaiveTime::MIN).and_utc().timestamp_micros() + offset;
        let instant = |micros| Instant::from_micros(micros).ok_or(Fault::OutOfRange);
        Ok(Self {
            first: instant(first)?,
            last: instant(first + length - 1)?,
        })
    }

    /// The period of whole days in UTC.
    fn days(first: NaiveDate, last: NaiveDate) -> Result<Self, Fault> {
        let day = |date| Self::lasting(date, 0, MICROS_PER_DAY);
        Ok(Self {
            first: day(first)?.first,
            last: day(last)?.last,
        })
    }
}

impl fmt::Display for Period {
    /// The first and the last instant with `to` between, or the only one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            return self.first.fmt(f);
        }
        write!(f, "{} to {}", self.first, self.last)
    }
}

/// The instant that "as of `text`" means: the last of the period, or now if it isn't over yet.
///
/// # Errors
///
/// Fails as [`Period::parse`] does, and with [`PeriodError::Future`] when the period starts after
/// `now`.
pub fn as_of(text: &str, now: Instant) -> Result<Instant, PeriodError> {
    let period = Period::parse(text, now)?;
    if period.first > now {
        return Err(PeriodError::Future {
            text: quote(text.trim()),
            now,
        });
    }
    Ok(period.last.min(now))
}

/// The instant that "since `text`" means: the first of the period.
///
/// # Errors
///
/// Fails as [`Period::parse`] does.
pub fn since(text: &str, now: Instant) -> Result<Instant, PeriodError> {
    Period::parse(text, now).map(Period::first)
}

/// The instant that "until `text`" means: the last of the period, which may be in the future.
///
/// # Errors
///
/// Fails as [`Period::parse`] does.
pub fn until(text: &str, now: Instant) -> Result<Instant, PeriodError> {
    Period::parse(text, now).map(Period::last)
}

/// A [`PeriodError`] before it knows the text.
enum Fault {
    Unknown,
    Ambiguous(String),
    Rewrite(String),
    Impossible(String),
    OutOfRange,
}

impl Fault {
    fn about(self, text: &str) -> PeriodError {
        let text = quote(text);
        match self {
            Self::Unknown => PeriodError::Unknown { text },
            Self::Ambiguous(instead) => PeriodError::Ambiguous { text, instead },
            Self::Rewrite(instead) => PeriodError::Rewrite { text, instead },
            Self::Impossible(reason) => PeriodError::Impossible { text, reason },
            Self::OutOfRange => PeriodError::OutOfRange { text },
        }
    }
}

/// What one form makes of a text: nothing if the text hasn't that form.
type Reading = Result<Option<Period>, Fault>;

/// Reads a trimmed, lower-case text by the first form that it has.
fn read(text: &str, now: Instant) -> Result<Period, Fault> {
    let forms = [relative, ago, unix_seconds, calendar, date_time, written];
    for form in forms {
        if let Some(period) = form(text, now)? {
            return Ok(period);
        }
    }
    Err(explain(text))
}

/// `now`, `today`, `yesterday`, `this week`, `last month`, `friday`, `last friday`.
fn relative(text: &str, now: Instant) -> Reading {
    let today = now.to_utc().date_naive();
    let words: Vec<&str> = text.split_whitespace().collect();
    let period = match *words {
        ["now"] => Some(Ok(Period::instant(now))),
        ["today"] => Some(Period::days(today, today)),
        ["yesterday"] => Some(back(now, 1, Step::Days(1))),
        ["this", unit] => current(unit, today).map(|(first, next)| span(first, next)),
        ["last", unit] => current(unit, today)
            .and_then(|(first, _)| current(unit, first.pred_opt()?))
            .map(|(first, next)| span(first, next))
            .or_else(|| latest(unit, now)),
        [name] => latest(name, now),
        _ => None,
    };
    period.transpose()
}

/// The first day of the calendar unit that has `day` in it, and the first day after it.
fn current(unit: &str, day: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let (month, months) = match unit {
        "week" => {
            let since_monday = Days::new(u64::from(day.weekday().num_days_from_monday()));
            let monday = day.checked_sub_days(since_monday)?;
            return Some((monday, monday.checked_add_days(Days::new(7))?));
        }
        "month" => (day.month(), 1),
        "quarter" => (day.month0() / 3 * 3 + 1, 3),
        "year" => (1, 12),
        _ => return None,
    };
    let first = NaiveDate::from_ymd_opt(day.year(), month, 1)?;
    Some((first, first.checked_add_months(Months::new(months))?))
}

/// The latest day of that name before today; nothing if no weekday has that name.
fn latest(name: &str, now: Instant) -> Option<Result<Period, Fault>> {
    let weekday = match name {
        "tues" => Weekday::Tue,
        "thur" | "thurs" => Weekday::Thu,
        _ => name.parse().ok()?,
    };
    let days = match now.to_utc().weekday().days_since(weekday) {
        0 => 7,
        days => days,
    };
    Some(back(now, days, Step::Days(1)))
}

/// The days from `first` to the eve of `next`.
fn span(first: NaiveDate, next: NaiveDate) -> Result<Period, Fault> {
    Period::days(first, next.pred_opt().ok_or(Fault::OutOfRange)?)
}

/// `3 days ago`, `3d ago`, `an hour ago`.
fn ago(text: &str, now: Instant) -> Reading {
    let amount = text
        .strip_suffix("ago")
        .filter(|rest| rest.ends_with(char::is_whitespace));
    let Some(amount) = amount else {
        return Ok(None);
    };
    let digits = amount.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = match amount.split_at_checked(digits) {
        Some((count, unit)) if digits > 0 => (count, unit.trim()),
        _ => match amount.split_once(char::is_whitespace) {
            Some(("a" | "an" | "one", unit)) => ("1", unit.trim()),
            _ => return Ok(None),
        },
    };
    let step = match unit {
        "minute" | "minutes" | "min" | "mins" => Step::Micros(MICROS_PER_MINUTE),
        "hour" | "hours" | "hr" | "hrs" | "h" => Step::Micros(MICROS_PER_HOUR),
        "day" | "days" | "d" => Step::Days(1),
        "week" | "weeks" | "w" => Step::Days(7),
        "month" | "months" => Step::Months(1),
        "year" | "years" | "y" => Step::Months(12),
        "m" => {
            return Err(Fault::Ambiguous(format!(
                "{count} minutes ago or {count} months ago"
            )));
        }
        _ => return Ok(None),
    };
    let count = count.parse().map_err(|_| Fault::OutOfRange)?;
    back(now, count, step).map(Some)
}

/// What a unit of time takes one back by.
#[derive(Clone, Copy)]
enum Step {
    Micros(i64),
    Days(u64),
    Months(u32),
}

/// The instant, or for days and months the day, that is `count` steps before now.
fn back(now: Instant, count: u32, step: Step) -> Result<Period, Fault> {
    let today = now.to_utc().date_naive();
    let day = match step {
        Step::Micros(unit) => {
            let micros = i64::from(count).checked_mul(unit);
            let micros = micros.and_then(|micros| now.micros().checked_sub(micros));
            let instant = micros.and_then(Instant::from_micros);
            return instant.map(Period::instant).ok_or(Fault::OutOfRange);
        }
        Step::Days(unit) => today.checked_sub_days(Days::new(u64::from(count) * unit)),
        Step::Months(unit) => count
            .checked_mul(unit)
            .and_then(|count| today.checked_sub_months(Months::new(count))),
    };
    let day = day.ok_or(Fault::OutOfRange)?;
    Period::days(day, day)
}

/// `@1722470400`, seconds since 1970.
fn unix_seconds(text: &str, _: Instant) -> Reading {
    let Some(seconds) = text.strip_prefix('@') else {
        return Ok(None);
    };
    if !is_number(seconds.strip_prefix('-').unwrap_or(seconds)) {
        return Ok(None);
    }
    let instant = seconds.parse().ok().and_then(Instant::from_seconds);
    instant
        .map(|instant| Some(Period::instant(instant)))
        .ok_or(Fault::OutOfRange)
}

/// `2024`, `2024-08`, `2024-08-01`, `2024-q3`, `2024-w31`.
fn calendar(text: &str, _: Instant) -> Reading {
    if let Some(day) = iso_date(text)? {
        return Period::days(day, day).map(Some);
    }
    let Some((years, part)) = text.split_once('-') else {
        let Some(year) = year(text) else {
            return Ok(None);
        };
        return span(month(year, 1)?.0, month(year, 12)?.1).map(Some);
    };
    let Some(year) = year(years) else {
        return Ok(None);
    };
    if let Some(number) = number(part, 2) {
        let (first, next) = month(year, number)?;
        span(first, next).map(Some)
    } else if let Some(quarter) = part.strip_prefix('q').and_then(|q| number(q, 1)) {
        within("quarters", 1, 4, quarter)?;
        span(month(year, quarter * 3 - 2)?.0, month(year, quarter * 3)?.1).map(Some)
    } else if let Some(week) = part.strip_prefix('w').and_then(|w| number(w, 2)) {
        // 28 December is always in the last week of its year.
        let weeks = date(year, 12, 28)?.iso_week().week();
        within(&format!("the weeks of {year:04}"), 1, weeks, week)?;
        let monday = NaiveDate::from_isoywd_opt(year, week, Weekday::Mon);
        let next = monday.and_then(|monday| monday.checked_add_days(Days::new(7)));
        span(
            monday.ok_or(Fault::OutOfRange)?,
            next.ok_or(Fault::OutOfRange)?,
        )
        .map(Some)
    } else {
        Ok(None)
    }
}

/// A date and a time of day, between them `t` or a space, with an offset or without.
fn date_time(text: &str, _: Instant) -> Reading {
    let Some((day, rest)) = text.split_at_checked(10) else {
        return Ok(None);
    };
    let Some(rest) = rest.strip_prefix(['t', ' ']).map(str::trim_start) else {
        return Ok(None);
    };
    let end = rest
        .find(|c| !matches!(c, '0'..='9' | ':' | '.'))
        .unwrap_or(rest.len());
    let Some((time, zone)) = rest.split_at_checked(end) else {
        return Ok(None);
    };
    let Some(day) = iso_date(day)? else {
        return Ok(None);
    };
    let Some((time, length)) = clock(time)? else {
        return Ok(None);
    };
    let Some(east) = offset(zone.trim_start())? else {
        return Ok(None);
    };
    Period::lasting(day, time - east, length).map(Some)
}

/// The microseconds since midnight of `12:30`, `12:30:05` or `12:30:05.25`, and how many it lasts.
fn clock(text: &str) -> Result<Option<(i64, i64)>, Fault> {
    let (text, fraction) = match text.split_once('.') {
        Some((text, digits)) if is_number(digits) => (text, Some(digits)),
        Some(_) => return Ok(None),
        None => (text, None),
    };
    let fields: Vec<_> = text.split(':').map(|field| number(field, 2)).collect();
    let (hour, minute, second) = match *fields {
        [Some(hour), Some(minute)] if fraction.is_none() => (hour, minute, None),
        [Some(hour), Some(minute), Some(second)] => (hour, minute, Some(second)),
        _ => return Ok(None),
    };
    within("hours", 0, 23, hour)?;
    within("minutes", 0, 59, minute)?;
    within("seconds", 0, 59, second.unwrap_or(0))?;
    let digits = fraction
        .unwrap_or("")
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(6);
    let micros = digits.fold(0, |micros, digit| micros * 10 + i64::from(digit - b'0'));
    let start = i64::from(hour) * MICROS_PER_HOUR
        + i64::from(minute) * MICROS_PER_MINUTE
        + i64::from(second.unwrap_or(0)) * MICROS_PER_SECOND
        + micros;
    Ok(Some((
        start,
        if second.is_some() {
            1
        } else {
            MICROS_PER_MINUTE
        },
    )))
}

/// The microseconds that a zone is east of UTC: none or `z`, `utc`, `gmt`, `+02:00`, `+0200`, `+02`.
fn offset(zone: &str) -> Result<Option<i64>, Fault> {
    if matches!(zone, "" | "z" | "utc" | "gmt") {
        return Ok(Some(0));
    }
    let (sign, digits) = match (zone.strip_prefix('+'), zone.strip_prefix('-')) {
        (Some(digits), _) => (1, digits),
        (_, Some(digits)) => (-1, digits),
        _ => return Ok(None),
    };
    let Some((hours, minutes)) = digits.split_at_checked(2) else {
        return Ok(None);
    };
    let minutes = if minutes.is_empty() { "00" } else { minutes };
    let minutes = number(minutes.strip_prefix(':').unwrap_or(minutes), 2);
    let (Some(hours), Some(minutes)) = (number(hours, 2), minutes) else {
        return Ok(None);
    };
    within("the hours of an offset", 0, 23, hours)?;
    within("the minutes of an offset", 0, 59, minutes)?;
    let east = i64::from(hours) * MICROS_PER_HOUR + i64::from(minutes) * MICROS_PER_MINUTE;
    Ok(Some(sign * east))
}

/// `1 august 2024`, `1st aug. 2024`, `august 1, 2024`, `aug 2024`.
fn written(text: &str, _: Instant) -> Reading {
    let words = text
        .split_whitespace()
        .map(|word| word.strip_suffix(',').unwrap_or(word));
    let (day, named, years) = match *words.collect::<Vec<_>>() {
        [month, year] => (None, named_month(month), year),
        [first, second, year] => match named_month(second) {
            Some(month) => (Some(first), Some(month), year),
            None => (Some(second), named_month(first), year),
        },
        _ => return Ok(None),
    };
    let Some(named) = named else { return Ok(None) };
    if is_number(years) && years.len() > 4 {
        return Err(Fault::OutOfRange);
    }
    let Some(year) = year(years) else {
        return Ok(None);
    };
    let Some(day) = day else {
        let (first, next) = month(year, named)?;
        return span(first, next).map(Some);
    };
    let ordinal = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|suffix| day.strip_suffix(suffix));
    let day = ordinal.unwrap_or(day);
    let Some(day) = number(day, day.len().clamp(1, 2)) else {
        return Ok(None);
    };
    let day = date(year, named, day)?;
    Period::days(day, day).map(Some)
}

fn named_month(word: &str) -> Option<u32> {
    match word.strip_suffix('.').unwrap_or(word) {
        "sept" => Some(9),
        name => name
            .parse()
            .ok()
            .map(|month: Month| month.number_from_month()),
    }
}

/// Says why a text has none of the forms: it may be one of several, or nearly one.
fn explain(text: &str) -> Fault {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    let dashed = unsigned
        .split_at_checked(digits)
        .is_some_and(|(_, rest)| rest.starts_with('-'));
    if (text.starts_with('-') && digits >= 4) || (dashed && digits > 4) {
        return Fault::OutOfRange;
    }
    if is_number(text) {
        return explain_number(text);
    }
    let word = text.split_whitespace().next().unwrap_or_default();
    if let Ok(Some(_)) = calendar(word, Instant::MIN) {
        return Fault::Unknown;
    }
    ['/', '.', '-']
        .into_iter()
        .find_map(|separator| explain_date(word, separator))
        .unwrap_or(Fault::Unknown)
}

/// Digits alone could be a date without its dashes, or a count of seconds.
fn explain_number(digits: &str) -> Fault {
    let date = match (digits.split_at_checked(4), digits.len()) {
        (Some((year, month)), 6) => format!("{year}-{month}"),
        (Some((year, rest)), 8) => {
            let (month, day) = rest.split_at_checked(2).unwrap_or_default();
            format!("{year}-{month}-{day}")
        }
        (_, 5) => return Fault::OutOfRange,
        _ => String::new(),
    };
    if let Ok(Some(_)) = calendar(&date, Instant::MIN) {
        return Fault::Ambiguous(format!("{date} or @{digits}"));
    }
    match digits.parse().ok().and_then(Instant::from_seconds) {
        Some(_) if matches!(digits.len(), 9 | 10) => {
            Fault::Rewrite(format!("@{digits} for Unix seconds"))
        }
        Some(_) => Fault::Unknown,
        None => Fault::OutOfRange,
    }
}

/// What to write for two or three numbers with that separator; nothing if they look like no date.
fn explain_date(text: &str, separator: char) -> Option<Fault> {
    let parts: Vec<&str> = text.split(separator).collect();
    if !parts.iter().all(|part| is_number(part) && part.len() <= 4) {
        return None;
    }
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let numbers: Vec<u32> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    let orders = match (&*lengths, &*numbers) {
        ([4, 1 | 2], &[y, m]) | ([1 | 2, 4], &[m, y]) => {
            let rewrite = || Fault::Rewrite(format!("{y:04}-{m:02}"));
            return Some(within("months", 1, 12, m).err().unwrap_or_else(rewrite));
        }
        ([4, 3], &[y, day]) => {
            let day = i32::try_from(y)
                .ok()
                .and_then(|y| NaiveDate::from_yo_opt(y, day))?;
            return Some(Fault::Ambiguous(day.to_string()));
        }
        ([1 | 2, 1 | 2, 1 | 2], _) => {
            let instead = "the year in full and first, as in 2024-08-01";
            return Some(Fault::Ambiguous(instead.to_owned()));
        }
        ([4, 1 | 2, 1 | 2], &[y, m, d]) => vec![(y, m, d)],
        ([1 | 2, 1 | 2, 4], &[a, b, y]) => vec![(y, b, a), (y, a, b)],
        _ => return None,
    };
    let read = |(y, m, d): (u32, u32, u32)| NaiveDate::from_ymd_opt(i32::try_from(y).ok()?, m, d);
    let mut dates: Vec<String> = orders
        .into_iter()
        .filter_map(read)
        .map(|date| date.to_string())
        .collect();
    dates.dedup();
    Some(match dates.len() {
        0 => Fault::Impossible("its numbers are not a year, a month and a day".to_owned()),
        1 => Fault::Rewrite(dates.concat()),
        _ => Fault::Ambiguous(dates.join(" or ")),
    })
}

/// `2024-08-01`; nothing if the text hasn't that form.
fn iso_date(text: &str) -> Result<Option<NaiveDate>, Fault> {
    match *text.split('-').collect::<Vec<_>>() {
        [years, months, days] => match (year(years), number(months, 2), number(days, 2)) {
            (Some(year), Some(month), Some(day)) => date(year, month, day).map(Some),
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}

fn date(year: i32, number: u32, day: u32) -> Result<NaiveDate, Fault> {
    let (first, next) = month(year, number)?;
    let length = next.signed_duration_since(first).num_days();
    let what = format!("the days of {}", first.format("%B %Y"));
    within(&what, 1, u32::try_from(length).unwrap_or(31), day)?;
    first.with_day(day).ok_or(Fault::OutOfRange)
}

/// The first days of a month and of the next.
fn month(year: i32, month: u32) -> Result<(NaiveDate, NaiveDate), Fault> {
    within("months", 1, 12, month)?;
    let first = NaiveDate::from_ymd_opt(year, month, 1).ok_or(Fault::OutOfRange)?;
    let next = first
        .checked_add_months(Months::new(1))
        .ok_or(Fault::OutOfRange)?;
    Ok((first, next))
}

fn within(what: &str, low: u32, high: u32, found: u32) -> Result<(), Fault> {
    if (low..=high).contains(&found) {
        return Ok(());
    }
    let reason = format!("{what} run from {low} to {high}, and {found} is not among them");
    Err(Fault::Impossible(reason))
}

/// A year of exactly four digits.
fn year(text: &str) -> Option<i32> {
    number(text, 4).and_then(|year| i32::try_from(year).ok())
}

/// A number of exactly so many digits.
fn number(text: &str, digits: usize) -> Option<u32> {
    if text.len() == digits && is_number(text) {
        text.parse().ok()
    } else {
        None
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
