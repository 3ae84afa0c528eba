//! Periods as people write them: what each form means, and why others are refused.

use proptest::prelude::*;
use recension::model::{DATE_FORMS as FORMS, Instant, Period, PeriodError, as_of, since, until};

/// A Thursday.
const NOW: &str = "2024-08-15T12:30:45.500Z";

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn parse(text: &str) -> Result<Period, PeriodError> {
    Period::parse(text, at(NOW))
}

#[test]
fn whole_days_have_their_first_and_last_microsecond() {
    for (text, first, last) in [
        ("2024-08-01", "2024-08-01", "2024-08-01"),
        ("  2024-08-01\n", "2024-08-01", "2024-08-01"),
        ("2024-02-29", "2024-02-29", "2024-02-29"),
        ("2000-02-29", "2000-02-29", "2000-02-29"),
        ("0000-01-01", "0000-01-01", "0000-01-01"),
        ("9999-12-31", "9999-12-31", "9999-12-31"),
        ("2024-08", "2024-08-01", "2024-08-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("1900-02", "1900-02-01", "1900-02-28"),
        ("9999-12", "9999-12-01", "9999-12-31"),
        ("2024", "2024-01-01", "2024-12-31"),
        ("0000", "0000-01-01", "0000-12-31"),
        ("9999", "9999-01-01", "9999-12-31"),
        ("2024-Q1", "2024-01-01", "2024-03-31"),
        ("2024-q2", "2024-04-01", "2024-06-30"),
        ("2024-Q3", "2024-07-01", "2024-09-30"),
        ("9999-Q4", "9999-10-01", "9999-12-31"),
        ("2024-W31", "2024-07-29", "2024-08-04"),
        ("2024-w01", "2024-01-01", "2024-01-07"),
        ("2025-W01", "2024-12-30", "2025-01-05"),
        ("2020-W53", "2020-12-28", "2021-01-03"),
        ("0000-W01", "0000-01-03", "0000-01-09"),
        ("today", "2024-08-15", "2024-08-15"),
        ("Yesterday", "2024-08-14", "2024-08-14"),
        ("this week", "2024-08-12", "2024-08-18"),
        ("last week", "2024-08-05", "2024-08-11"),
        ("this month", "2024-08-01", "2024-08-31"),
        ("LAST  MONTH", "2024-07-01", "2024-07-31"),
        ("this quarter", "2024-07-01", "2024-09-30"),
        ("last quarter", "2024-04-01", "2024-06-30"),
        ("this year", "2024-01-01", "2024-12-31"),
        ("last year", "2023-01-01", "2023-12-31"),
        ("last friday", "2024-08-09", "2024-08-09"),
        ("Friday", "2024-08-09", "2024-08-09"),
        ("last thursday", "2024-08-08", "2024-08-08"),
        ("thurs", "2024-08-08", "2024-08-08"),
        ("last Wed", "2024-08-14", "2024-08-14"),
        ("tues", "2024-08-13", "2024-08-13"),
        ("0 days ago", "2024-08-15", "2024-08-15"),
        ("1 day ago", "2024-08-14", "2024-08-14"),
        ("3 days ago", "2024-08-12", "2024-08-12"),
        ("3d ago", "2024-08-12", "2024-08-12"),
        ("003 d ago", "2024-08-12", "2024-08-12"),
        ("2 weeks ago", "2024-08-01", "2024-08-01"),
        ("a week ago", "2024-08-08", "2024-08-08"),
        ("6 months ago", "2024-02-15", "2024-02-15"),
        ("one month ago", "2024-07-15", "2024-07-15"),
        ("1 year ago", "2023-08-15", "2023-08-15"),
        ("2024 years ago", "0000-08-15", "0000-08-15"),
        ("1 August 2024", "2024-08-01", "2024-08-01"),
        ("01 Aug. 2024", "2024-08-01", "2024-08-01"),
        ("1st august, 2024", "2024-08-01", "2024-08-01"),
        ("August 1, 2024", "2024-08-01", "2024-08-01"),
        ("AUG 22nd 2024", "2024-08-22", "2024-08-22"),
        ("may 3rd 2024", "2024-05-03", "2024-05-03"),
        ("Aug 2024", "2024-08-01", "2024-08-31"),
        ("August 2024", "2024-08-01", "2024-08-31"),
        ("sept 2024", "2024-09-01", "2024-09-30"),
        ("29 february 2024", "2024-02-29", "2024-02-29"),
    ] {
        let expected = format!("{first}T00:00:00Z to {last}T23:59:59.999999Z");
        let found = parse(text).map(|period| period.to_string());
        assert_eq!(found, Ok(expected), "{text:?}");
    }
}

#[test]
fn times_are_minutes_or_instants() {
    for (text, expected) in [
        (
            "2024-08-01T12:30",
            "2024-08-01T12:30:00Z to 2024-08-01T12:30:59.999999Z",
        ),
        (
            "2024-08-01 12:30",
            "2024-08-01T12:30:00Z to 2024-08-01T12:30:59.999999Z",
        ),
        (
            "2024-08-01 12:30+02:00",
            "2024-08-01T10:30:00Z to 2024-08-01T10:30:59.999999Z",
        ),
        (
            "2024-08-01t12:30z",
            "2024-08-01T12:30:00Z to 2024-08-01T12:30:59.999999Z",
        ),
        (
            "9999-12-31T23:59",
            "9999-12-31T23:59:00Z to 9999-12-31T23:59:59.999999Z",
        ),
        ("2024-08-01T12:30:05", "2024-08-01T12:30:05Z"),
        ("2024-08-01T12:30:05Z", "2024-08-01T12:30:05Z"),
        ("2024-08-01  12:30:05 UTC", "2024-08-01T12:30:05Z"),
        ("2024-08-01T01:30:05+02:00", "2024-07-31T23:30:05Z"),
        ("2024-12-31 23:30:05 -0530", "2025-01-01T05:00:05Z"),
        ("2024-08-01T01:30:05-01", "2024-08-01T02:30:05Z"),
        ("2024-08-01T12:30:05-00:00", "2024-08-01T12:30:05Z"),
        ("2024-08-01T12:30:05.25", "2024-08-01T12:30:05.250Z"),
        ("2024-08-01T12:30:05.000001Z", "2024-08-01T12:30:05.000001Z"),
        (
            "2024-08-01T12:30:05.9999999Z",
            "2024-08-01T12:30:05.999999Z",
        ),
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ("@1722470400", "2024-08-01T00:00:00Z"),
        ("@0", "1970-01-01T00:00:00Z"),
        ("@-1", "1969-12-31T23:59:59Z"),
        ("NOW", "2024-08-15T12:30:45.500Z"),
        ("90 minutes ago", "2024-08-15T11:00:45.500Z"),
        ("1 min ago", "2024-08-15T12:29:45.500Z"),
        ("an hour ago", "2024-08-15T11:30:45.500Z"),
        ("13h ago", "2024-08-14T23:30:45.500Z"),
    ] {
        let found = parse(text).map(|period| period.to_string());
        assert_eq!(found, Ok(expected.to_owned()), "{text:?}");
    }
}

#[test]
fn refusals_say_what_is_wrong() {
    let unknown = "is not a date or time in a known form.";
    let range = "lies outside the years 0000 to 9999.";
    let ways = "can be read in more than one way; write";
    let form = "is not a date in a known form; write";
    for (text, expected) in [
        ("01/08/2024", format!("{ways} 2024-08-01 or 2024-01-08.")),
        ("1.8.2024", format!("{ways} 2024-08-01 or 2024-01-08.")),
        ("1-8-2024", format!("{ways} 2024-08-01 or 2024-01-08.")),
        (
            "01/08/2024 12:00",
            format!("{ways} 2024-08-01 or 2024-01-08."),
        ),
        (
            "01/08/24",
            format!("{ways} the year in full and first, as in 2024-08-01."),
        ),
        ("2024-213", format!("{ways} 2024-07-31.")),
        ("20240801", format!("{ways} 2024-08-01 or @20240801.")),
        ("202408", format!("{ways} 2024-08 or @202408.")),
        ("3m ago", format!("{ways} 3 minutes ago or 3 months ago.")),
        ("31/12/2024", format!("{form} 2024-12-31.")),
        ("12/31/2024", format!("{form} 2024-12-31.")),
        ("01/01/2024", format!("{form} 2024-01-01.")),
        ("2024/08/01", format!("{form} 2024-08-01.")),
        ("2024-8-1", format!("{form} 2024-08-01.")),
        ("2024-8", format!("{form} 2024-08.")),
        ("08/2024", format!("{form} 2024-08.")),
        (
            "1722470400",
            format!("{form} @1722470400 for Unix seconds."),
        ),
        (
            "30/02/2024",
            "is impossible: its numbers are not a year, a month and a day.".into(),
        ),
        ("10000", range.into()),
        ("12024-01-01", range.into()),
        ("-0001-01-01", range.into()),
        ("1 August 12024", range.into()),
        ("@99999999999999", range.into()),
        ("@99999999999999999999999", range.into()),
        ("1722470400000", range.into()),
        ("0000-01-01T00:00:00+00:01", range.into()),
        ("9999-12-31T23:59-00:01", range.into()),
        ("9999-W52", range.into()),
        ("2025 years ago", range.into()),
        ("4294967295 years ago", range.into()),
        ("4294967295 hours ago", range.into()),
        ("4294967295 weeks ago", range.into()),
        ("99999999999999999999 days ago", range.into()),
        ("24", unknown.into()),
        ("2024-W31-4", unknown.into()),
        ("2024-08-01T12", unknown.into()),
        ("2024-08-01T12:30.5", unknown.into()),
        ("2024-08-01T12:30:05.", unknown.into()),
        ("2024-08-01T12:30:05 CEST", unknown.into()),
        ("2024-08-01T9:30", unknown.into()),
        ("2024-08-01 to 2024-08-05", unknown.into()),
        ("@", unknown.into()),
        ("@1.5", unknown.into()),
        ("1 August", unknown.into()),
        ("1 August 24", unknown.into()),
        ("001 August 2024", unknown.into()),
        ("next week", unknown.into()),
        ("tomorrow", unknown.into()),
        ("3 days", unknown.into()),
        ("3 fortnights ago", unknown.into()),
        ("-3 days ago", unknown.into()),
        ("1.5 days ago", unknown.into()),
        ("ago", unknown.into()),
        ("２０２４-08-01", unknown.into()),
        ("2024–08–01", unknown.into()),
        ("1 août 2024", unknown.into()),
        ("2024-08-0é 12:30", unknown.into()),
    ] {
        let found = parse(text).map_err(|error| error.to_string());
        assert_eq!(found, Err(format!("{text:?} {expected}")), "{text:?}");
    }
}

#[test]
fn impossible_dates_say_what_is_possible() {
    for (text, what, found) in [
        (
            "2024-02-30",
            "the days of February 2024 run from 1 to 29",
            30,
        ),
        (
            "2023-02-29",
            "the days of February 2023 run from 1 to 28",
            29,
        ),
        ("2024-04-31", "the days of April 2024 run from 1 to 30", 31),
        ("2024-08-00", "the days of August 2024 run from 1 to 31", 0),
        ("31 june 2024", "the days of June 2024 run from 1 to 30", 31),
        ("2024-13-01", "months run from 1 to 12", 13),
        ("2024-00", "months run from 1 to 12", 0),
        ("13/2024", "months run from 1 to 12", 13),
        ("2024-Q5", "quarters run from 1 to 4", 5),
        ("2024-Q0", "quarters run from 1 to 4", 0),
        ("2024-W53", "the weeks of 2024 run from 1 to 52", 53),
        ("2020-W54", "the weeks of 2020 run from 1 to 53", 54),
        ("2024-W00", "the weeks of 2024 run from 1 to 52", 0),
        ("2024-08-01T25:00", "hours run from 0 to 23", 25),
        ("2024-08-01T24:00:00Z", "hours run from 0 to 23", 24),
        ("2024-08-01 12:60", "minutes run from 0 to 59", 60),
        ("2016-12-31T23:59:60Z", "seconds run from 0 to 59", 60),
        (
            "2024-08-01T12:00+24:00",
            "the hours of an offset run from 0 to 23",
            24,
        ),
        (
            "2024-08-01T12:00-01:60",
            "the minutes of an offset run from 0 to 59",
            60,
        ),
        (
            "2024-02-30T12:00",
            "the days of February 2024 run from 1 to 29",
            30,
        ),
    ] {
        let expected = format!("{text:?} is impossible: {what}, and {found} is not among them.");
        assert_eq!(
            parse(text).map_err(|error| error.to_string()),
            Err(expected)
        );
    }
}

#[test]
fn hostile_texts_are_quoted_and_cut() {
    for blank in ["", " \t\n", "\u{a0}"] {
        assert_eq!(parse(blank), Err(PeriodError::Empty));
    }
    assert_eq!(PeriodError::Empty.hint(), Some(FORMS));
    let long = parse(&"9".repeat(1_000_000)).unwrap_err();
    let head = "9".repeat(60);
    let expected = format!("\"{head}…\" is 1000000 bytes long; a date has at most 100.");
    assert_eq!(long.to_string(), expected);
    let control = parse("\u{1b}[31m2024\u{202e}").unwrap_err().to_string();
    assert_eq!(
        control,
        r#""\u{1b}[31m2024\u{202e}" is not a date or time in a known form."#
    );
}

#[test]
fn questions_take_one_end_of_a_period() {
    let now = at(NOW);
    for (text, expected) in [
        ("2024-08-01", "2024-08-01T23:59:59.999999Z"),
        ("2024-07", "2024-07-31T23:59:59.999999Z"),
        ("today", NOW),
        ("2024-08", NOW),
        ("this year", NOW),
        ("now", NOW),
        ("2024-08-15T12:30", NOW),
        ("2024-08-15T12:30:45", "2024-08-15T12:30:45Z"),
    ] {
        assert_eq!(as_of(text, now), Ok(at(expected)), "{text:?}");
    }
    for text in [
        "2027-01-01",
        "2024-09",
        "2024-08-15T12:30:45.500001Z",
        "@4000000000",
    ] {
        let message = format!("{text:?} lies in the future (now is {NOW}).");
        assert_eq!(
            as_of(text, now).map_err(|error| error.to_string()),
            Err(message)
        );
    }
    assert_eq!(since("2024-08", now), Ok(at("2024-08-01T00:00:00Z")));
    assert_eq!(until("2024-08", now), Ok(at("2024-08-31T23:59:59.999999Z")));
    assert_eq!(until("2027", now), Ok(at("2027-12-31T23:59:59.999999Z")));
    assert!(matches!(
        since("2024-02-30", now),
        Err(PeriodError::Impossible { .. })
    ));
}

#[test]
fn the_ends_of_time_are_no_special_case() {
    for now in [Instant::MIN, Instant::MAX] {
        for text in [
            "now",
            "today",
            "this month",
            "this quarter",
            "this year",
            "0 days ago",
        ] {
            assert!(Period::parse(text, now).is_ok(), "{text:?} at {now}");
        }
    }
    for text in [
        "yesterday",
        "last week",
        "last year",
        "friday",
        "1 minute ago",
        "1 month ago",
    ] {
        let found = Period::parse(text, Instant::MIN);
        assert!(
            matches!(found, Err(PeriodError::OutOfRange { .. })),
            "{text:?}: {found:?}"
        );
    }
}

fn instants() -> impl Strategy<Value = Instant> {
    (Instant::MIN.micros()..=Instant::MAX.micros())
        .prop_map(|micros| Instant::from_micros(micros).unwrap())
}

proptest! {
    #[test]
    fn no_text_panics(text in ".*", now in instants()) {
        let _ = Period::parse(&text, now);
    }

    #[test]
    fn no_almost_date_panics(
        text in "[-+@]?[0-9]{0,12}( ?([-./: ,tzéqw+]|ago|days|d|m|w|years|last|aug|august|st) ?[0-9]{0,5}){0,6}",
        now in instants(),
    ) {
        match Period::parse(&text, now) {
            Ok(period) => prop_assert!(period.first() <= period.last()),
            Err(error) => prop_assert!(error.to_string().len() < 1000),
        }
    }

    #[test]
    fn what_is_printed_reads_back(instant in instants(), now in instants()) {
        let found = Period::parse(&instant.to_string(), now);
        prop_assert_eq!(found.map(|p| (p.first(), p.last())), Ok((instant, instant)));
        let date = Period::parse(&instant.date(), now).unwrap();
        prop_assert!(date.first() <= instant && instant <= date.last());
    }
}
