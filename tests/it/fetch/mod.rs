//! The fetcher, against sites on loopback that misbehave on purpose. Each case says what is recorded of it.

mod bodies;
mod heads;
mod names;
mod polite;
pub mod shown;
pub mod site;
mod tls;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use recension::fetch::{Clock, Failure, Fetched, Fetcher, Page, Policy, Request, Validators};
use recension::model::Instant;

/// A policy for loopback, in a hurry.
pub fn hasty() -> Policy {
    Policy {
        contact: Some("mailto:archive@example.org".to_owned()),
        allowed_hosts: BTreeSet::from(["127.0.0.1".to_owned()]),
        max_body_bytes: 100_000,
        max_redirects: 4,
        connect_timeout: Duration::from_secs(5),
        timeout: Duration::from_secs(5),
        pause: Duration::ZERO,
        attempts: 2,
        back_off: Duration::from_millis(1),
        max_wait: Duration::from_secs(2),
        ..Policy::default()
    }
}

/// The time of the system.
pub fn clock() -> Clock {
    Arc::new(|| Instant::from_utc(chrono::Utc::now()).unwrap())
}

/// Waits for what runs by itself.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// Fetches one page.
pub fn fetch(policy: Policy, address: &str) -> Result<Fetched, Failure> {
    fetch_again(policy, address, None)
}

/// Fetches one page of which something is stored.
pub fn fetch_again(
    policy: Policy,
    address: &str,
    validators: Option<Validators>,
) -> Result<Fetched, Failure> {
    let fetcher = Fetcher::new(policy, clock()).unwrap();
    let request = Request {
        address: address.to_owned(),
        validators,
        browser: None,
    };
    wait(fetcher.fetch(&request))
}

/// What came of a fetch, in a line.
pub fn told(result: &Result<Fetched, Failure>) -> String {
    let statuses = |evidence: &recension::model::Evidence| -> String {
        let exchanges = evidence.exchanges.iter();
        let told = exchanges.map(|one| match &one.response {
            Some(response) => response.status.to_string(),
            None => "-".to_owned(),
        });
        told.collect::<Vec<_>>().join(" ")
    };
    match result {
        Ok(fetched) => {
            let seen = statuses(&fetched.evidence);
            match &fetched.page {
                Page::NotModified => format!("[{seen}] not modified"),
                Page::Body {
                    bytes,
                    media_type,
                    charset,
                } => {
                    let charset = charset.as_deref().unwrap_or("no charset");
                    let decoded = &fetched.evidence.body.as_ref().unwrap().decoded;
                    let decoded = if decoded.is_empty() {
                        String::new()
                    } else {
                        format!(", {} undone", decoded.join(" and "))
                    };
                    let text = String::from_utf8_lossy(bytes);
                    let text: String = text.chars().take(40).collect();
                    format!("[{seen}] {media_type}, {charset}{decoded}: {text}")
                }
            }
        }
        Err(failure) => {
            let evidence = failure.evidence.as_ref().unwrap();
            format!("[{}] {failure}", statuses(evidence))
        }
    }
}
