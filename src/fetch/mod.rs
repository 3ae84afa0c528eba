//! The network: pages fetched over HTTP with the evidence of how, from hosts that are treated with respect.
//!
//! ```text
//!   address ─guard─▶ robots ─pace─▶ exchange ─▶ redirect ─▶ … ─▶ body ─decode─▶ Fetched
//!                                      └────────── failure at a stage ─────────▶ Failure
//! ```
//!
//! Everything that arrives is hostile until it was measured: lengths, encodings, names, redirects, time.

mod body;
mod browser;
mod client;
mod decode;
mod exchange;
mod failure;
mod guard;
mod hosts;
mod media;
mod policy;
mod robots;
mod sweep;
mod tls;

use std::sync::Arc;

use url::Url;

use crate::model::{Evidence, Instant, MediaType, SourcePart, Stage};
use browser::Displayed;
use exchange::Attempt;
use hosts::Hosts;
use robots::RobotsCache;

pub use body::read_body;
pub use failure::Failure;
pub use guard::is_public;
pub use policy::{Browser, Lookup, Policy, system_lookup};
pub use sweep::{Job, Judge, Results, Stop, fetch_in_turn, run};

/// Tells the present.
pub type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// What was seen of a page before, so that a server need not send it again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The `ETag` that it had.
    pub etag: Option<String>,
    /// The `Last-Modified` that it had.
    pub last_modified: Option<String>,
}

impl Validators {
    /// Those of an earlier fetch; none where the server gave none.
    #[must_use]
    pub fn of(evidence: &Evidence) -> Option<Self> {
        let response = evidence.response()?;
        let validators = Self {
            etag: response.header("etag").map(str::to_owned),
            last_modified: response.header("last-modified").map(str::to_owned),
        };
        (validators != Self::default()).then_some(validators)
    }
}

/// One page to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its address.
    pub address: String,
    /// What is stored of it, where something is.
    pub validators: Option<Validators>,
    /// Why a browser is to show it, where one is; without a browser it is fetched as it is.
    pub browser: Option<String>,
}

impl Request {
    /// Asks for the page of a part, of which nothing is stored.
    #[must_use]
    pub fn first(part: &SourcePart) -> Self {
        Self {
            address: part.address.clone(),
            validators: None,
            browser: part
                .client_scripts
                .then(|| "its declaration says that scripts make its text".to_owned()),
        }
    }
}

/// What came of a fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The page, or that it is still the one that is stored.
    pub page: Page,
    /// How it came.
    pub evidence: Evidence,
    /// What the evidence names by its BLAKE3 beside the page.
    pub captures: Vec<Vec<u8>>,
    /// When the last byte had come.
    pub observed_at: Instant,
}

/// A page as fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// Its bytes, with the content encodings undone.
    Body {
        /// The bytes.
        bytes: Vec<u8>,
        /// What they are taken for.
        media_type: MediaType,
        /// The character encoding that the server gave.
        charset: Option<String>,
    },
    /// The server says that it is as it was (304).
    NotModified,
}

/// How many browsers run at once.
const BROWSERS: usize = 2;

/// Fetches pages. What it learns of hosts (when each was last asked, what its robots.txt says) lives as long as it does.
pub struct Fetcher {
    policy: Policy,
    clock: Clock,
    tls: tls::Trust,
    hosts: Hosts,
    robots: RobotsCache,
    browsers: tokio::sync::Semaphore,
}

impl Fetcher {
    /// A fetcher that keeps to a policy.
    ///
    /// # Errors
    /// A certificate that the policy trusts is none.
    pub fn new(policy: Policy, clock: Clock) -> Result<Self, Failure> {
        let tls =
            tls::Trust::new(&policy.trusted).map_err(|reason| Failure::new(Stage::Tls, reason))?;
        Ok(Self {
            hosts: Hosts::new(policy.pause),
            robots: RobotsCache::default(),
            browsers: tokio::sync::Semaphore::new(BROWSERS),
            policy,
            clock,
            tls,
        })
    }

    /// Fetches a page: asks again where a failure may pass, and follows redirects.
    ///
    /// # Errors
    /// The last [`Failure`], with the evidence of all attempts.
    pub async fn fetch(&self, request: &Request) -> Result<Fetched, Failure> {
        let mut evidence = self.evidence(&request.address);
        let mut tries = 0;
        loop {
            tries += 1;
            let failure = match self.attempt(request, &mut evidence).await {
                Ok(Displayed { page, captures }) => {
                    return Ok(Fetched {
                        page,
                        evidence,
                        captures,
                        observed_at: (self.clock)(),
                    });
                }
                Err(failure) => failure,
            };
            let wait = failure.wait(tries, &self.policy, (self.clock)());
            match wait {
                Some(wait) if tries < self.policy.attempts => tokio::time::sleep(wait).await,
                _ => {
                    return Err(Failure {
                        evidence: Some(Box::new(evidence)),
                        ended_at: Some((self.clock)()),
                        ..failure
                    });
                }
            }
        }
    }

    /// Asks for a page once, with a browser where one is wanted and there.
    async fn attempt(
        &self,
        request: &Request,
        evidence: &mut Evidence,
    ) -> Result<Displayed, Failure> {
        if let (Some(reason), Some(browser)) = (&request.browser, &self.policy.browser) {
            return self.show(browser, request, reason, evidence).await;
        }
        let mut attempt = Attempt::new(self, request, evidence);
        let (most, obey) = (self.policy.max_redirects, !self.policy.ignore_robots);
        Ok(Displayed {
            page: attempt.follow(most, obey).await?,
            captures: Vec::new(),
        })
    }

    /// Whether there is a browser to show pages.
    #[must_use]
    pub fn has_browser(&self) -> bool {
        self.policy.browser.is_some()
    }

    fn evidence(&self, address: &str) -> Evidence {
        Evidence {
            software: concat!("recension ", env!("CARGO_PKG_VERSION")).to_owned(),
            fetcher: "http".to_owned(),
            vantage: self.policy.vantage.clone(),
            requested: address.to_owned(),
            ignored_robots: self.policy.ignore_robots,
            exchanges: Vec::new(),
            body: None,
            shown: None,
            certificates: std::collections::BTreeMap::new(),
        }
    }
}

/// The longest address that is fetched; more than the longest that browsers and servers commonly take.
const MAX_ADDRESS_BYTES: usize = 8192;

/// Reads an address that may be fetched: `http` or `https`, with a host and without a password. A fragment is cut off.
fn parse_address(address: &str) -> Result<Url, Failure> {
    if address.len() > MAX_ADDRESS_BYTES {
        let reason = format!("an address of more than {MAX_ADDRESS_BYTES} bytes is not fetched");
        return Err(Failure::new(Stage::Address, reason));
    }
    let wrong = |why: &str| Failure::new(Stage::Address, format!("\"{address}\" {why}"));
    let mut url = Url::parse(address).map_err(|error| wrong(&format!("is no address: {error}")))?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err(wrong("is neither http nor https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("holds a user name or a password"));
    }
    url.set_fragment(None);
    Ok(url)
}
