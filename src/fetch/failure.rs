//! Failures: at which stage a fetch failed, why, and whether it may go better another time.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime};

use super::Policy;
use crate::model::{Evidence, Instant, Stage};

/// A fetch that brought no page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{stage}: {reason}")]
pub struct Failure {
    /// How far it came.
    pub stage: Stage,
    /// What happened, as a sentence.
    pub reason: String,
    /// The status code, where that is what failed.
    pub status: Option<u16>,
    /// When the server asks to be left alone until.
    pub retry_at: Option<Instant>,
    /// When it failed for the last time.
    pub ended_at: Option<Instant>,
    /// What came back until then.
    pub evidence: Option<Box<Evidence>>,
}

impl Failure {
    /// A failure before anything came back.
    pub(super) fn new(stage: Stage, reason: impl Into<String>) -> Self {
        Self {
            stage,
            reason: reason.into(),
            status: None,
            retry_at: None,
            ended_at: None,
            evidence: None,
        }
    }

    /// An answer of another status than that of a page, with its `Retry-After` if it has one.
    pub(super) fn of_status(status: u16, asked: Option<&str>, now: Instant) -> Self {
        let retry_at = asked.and_then(|value| retry_after(value, now));
        let name = http::StatusCode::from_u16(status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .map(|name| format!(" {name}"))
            .unwrap_or_default();
        let mut reason = format!("the server answers {status}{name}");
        if status == 304 {
            reason.push_str(", although nothing is stored that could be as it was");
        }
        if let Some(at) = retry_at {
            reason.push_str(&format!(" and asks to be left alone until {at}"));
        }
        Self {
            status: Some(status),
            retry_at,
            ..Self::new(Stage::Status, reason)
        }
    }

    /// Whether a browser may get a page where the plain fetcher got this: the site lets nobody in, or not a program.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.stage == Stage::Status && matches!(self.status, Some(401 | 403 | 406))
    }

    /// Whether the same request may go better later, without anybody mending anything.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self.stage {
            Stage::Dns | Stage::Connect | Stage::Response | Stage::Body | Stage::TooSlow => true,
            Stage::Status => self
                .status
                .is_some_and(|status| status == 408 || status == 429 || status >= 500),
            Stage::Address
            | Stage::Robots
            | Stage::Guard
            | Stage::Tls
            | Stage::Redirects
            | Stage::TooLarge
            | Stage::Encoding
            | Stage::MediaType
            | Stage::Selection
            | Stage::Quality
            | Stage::Browser => false,
        }
    }

    /// How long to wait before the attempt after `tries` of them; none where another is no use.
    pub(super) fn wait(&self, tries: u32, policy: &Policy, now: Instant) -> Option<Duration> {
        if !self.may_pass() {
            return None;
        }
        let back_off = policy.back_off * 2_u32.saturating_pow(tries.saturating_sub(1).min(10));
        let asked = self.retry_at.map_or(Duration::ZERO, |at| until(now, at));
        let wait = back_off.max(asked);
        (wait <= policy.max_wait).then_some(wait)
    }
}

/// How long it is from one instant to a later one; nothing where it isn't later.
pub(super) fn until(now: Instant, later: Instant) -> Duration {
    let micros = later.micros().saturating_sub(now.micros());
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

/// Reads a `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date in one of the three forms of HTTP.
fn retry_after(value: &str, now: Instant) -> Option<Instant> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = value.parse::<i64>().unwrap_or(i64::MAX);
        let micros = seconds.saturating_mul(1_000_000);
        let at = now.micros().saturating_add(micros);
        return Some(Instant::from_micros(at).unwrap_or(Instant::MAX));
    }
    if let Ok(date) = DateTime::parse_from_rfc2822(value) {
        return Instant::from_utc(date.to_utc());
    }
    let obsolete = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let date = obsolete
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(value, form).ok())?;
    Instant::from_utc(date.and_utc())
}
