//! Instants: microseconds since the Unix epoch, UTC, written as RFC 3339.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

/// A moment in microseconds since 1970-01-01T00:00:00Z (leap seconds not counted).
///
/// Its range is that of the years 0000 to 9999, so that every instant has an RFC 3339 form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// 0000-01-01T00:00:00Z, the earliest instant that RFC 3339 can write.
    pub const MIN: Self = Self(-62_167_219_200_000_000);
    /// 9999-12-31T23:59:59.999999Z, the latest instant that RFC 3339 can write.
    pub const MAX: Self = Self(253_402_300_799_999_999);

    /// The instant `micros` microseconds after the epoch; none outside [`Self::MIN`]`..=`[`Self::MAX`].
    #[must_use]
    pub const fn from_micros(micros: i64) -> Option<Self> {
        if micros < Self::MIN.0 || micros > Self::MAX.0 {
            None
        } else {
            Some(Self(micros))
        }
    }

    /// The instant `seconds` seconds after the epoch; none outside the range.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        seconds.checked_mul(1_000_000).and_then(Self::from_micros)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The instant of a chrono time, cut to microseconds; none outside the range.
    #[must_use]
    pub fn from_utc(time: DateTime<Utc>) -> Option<Self> {
        Self::from_micros(time.timestamp_micros())
    }

    /// The same moment as a chrono time.
    #[must_use]
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Reads an RFC 3339 date-time with any offset; none if it isn't one or is out of range.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .and_then(|time| Self::from_utc(time.to_utc()))
    }

    /// RFC 3339 in UTC without fractions of a second, for columns that people read.
    #[must_use]
    pub fn to_the_second(self) -> String {
        self.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// The calendar date in UTC, as `2024-08-01`.
    #[must_use]
    pub fn date(self) -> String {
        self.to_utc().format("%Y-%m-%d").to_string()
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC; fractions of a second appear only where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl serde::Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
