//! What sites ask of robots: robots.txt by RFC 9309, kept for a day.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use robotxt::{AccessResult, Robots};
use url::Url;

use super::exchange::Attempt;
use super::{Failure, Fetcher, Page, Request};
use crate::model::{Instant, Stage};

/// The name by which a site can speak to this program.
const AGENT: &str = "recension";
/// How long a robots.txt holds (RFC 9309, section 2.4): a day, in µs.
const HOLDS_MICROS: i64 = 24 * 60 * 60 * 1_000_000;
/// How many redirects are followed to it (RFC 9309, section 2.3.1.2).
const MAX_REDIRECTS: usize = 5;
/// The longest rest between two requests that a site can ask for.
const MAX_CRAWL_DELAY: Duration = Duration::from_secs(30);

/// Whether a page may be fetched.
pub(super) enum Permission {
    Given,
    Denied {
        /// The path that is forbidden.
        rule: String,
    },
    Unreachable {
        /// Why the site could not be asked.
        reason: String,
    },
}

/// What one site asks.
struct Known {
    asked_at: Instant,
    robots: Robots,
    unreachable: Option<String>,
}

/// What sites ask, by their origins.
#[derive(Default)]
pub(super) struct RobotsCache(Mutex<HashMap<String, Arc<tokio::sync::Mutex<Option<Known>>>>>);

impl RobotsCache {
    fn of(&self, origin: String) -> Arc<tokio::sync::Mutex<Option<Known>>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(origin).or_default())
    }
}

impl Fetcher {
    /// Whether the site of an address permits to fetch it.
    ///
    /// # Errors
    /// A failure that the page itself would meet too.
    pub(super) async fn permission(&self, url: &Url) -> Result<Permission, Failure> {
        let known = self.robots.of(url.origin().ascii_serialization());
        let mut known = known.lock().await;
        let now = (self.clock)();
        let holds = |known: &Known| now.micros() - known.asked_at.micros() < HOLDS_MICROS;
        if !known.as_ref().is_some_and(holds) {
            *known = Some(self.ask(url, now).await?);
        }
        Ok(match &*known {
            None => Permission::Given,
            Some(Known {
                unreachable: Some(reason),
                ..
            }) => Permission::Unreachable {
                reason: reason.clone(),
            },
            Some(Known { robots, .. }) if robots.is_url_allowed(url) => Permission::Given,
            Some(Known { robots, .. }) => Permission::Denied {
                rule: robots
                    .matching_rule(url.path())
                    .map_or_else(|| "/".to_owned(), |rule| rule.pattern().to_owned()),
            },
        })
    }

    async fn ask(&self, url: &Url, now: Instant) -> Result<Known, Failure> {
        let mut robots_url = url.clone();
        robots_url.set_path("/robots.txt");
        robots_url.set_query(None);
        let request = Request {
            address: robots_url.to_string(),
            validators: None,
            browser: None,
        };
        let mut evidence = self.evidence(&request.address);
        let mut attempt = Attempt::new(self, &request, &mut evidence);
        // To follow one's way to a page leads here: the way from here is a future of its own.
        let file = Box::pin(attempt.follow(MAX_REDIRECTS, false)).await;
        let (access, unreachable) = match file {
            Ok(Page::Body { bytes, .. }) => (Robots::parse(&bytes, AGENT), None),
            Ok(Page::NotModified) => (Robots::parse(b"", AGENT), None),
            Err(failure) => match (failure.stage, failure.status) {
                // What the page would meet as well is told of the page.
                (Stage::Guard | Stage::Dns | Stage::Connect | Stage::Tls, _) => {
                    return Err(failure);
                }
                (Stage::Status, Some(status)) if status < 500 => {
                    (Robots::from_access(AccessResult::Unavailable, AGENT), None)
                }
                (Stage::Redirects, _) => (
                    Robots::from_access(AccessResult::TooManyRedirects, AGENT),
                    None,
                ),
                _ => (
                    Robots::from_access(AccessResult::Unreachable, AGENT),
                    Some(failure.to_string()),
                ),
            },
        };
        if let Some(delay) = access.crawl_delay() {
            let mut turn = self.hosts.turn(url.host_str().unwrap_or_default()).await;
            turn.host.crawl_delay = delay.min(MAX_CRAWL_DELAY);
            turn.end(robots_url.as_str());
        }
        Ok(Known {
            asked_at: now,
            robots: access,
            unreachable,
        })
    }
}
