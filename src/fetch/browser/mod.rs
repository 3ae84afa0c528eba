//! The browser: pages whose text is made by scripts, shown by an installed Chromium that is told what to do over the
//! `DevTools` protocol. <https://chromedevtools.github.io/devtools-protocol/>
//!
//! ```text
//!   Fetcher ──pipe (commands, events)──▶ Chromium ──tunnel (every connection)──▶ guard ──▶ network
//! ```
//!
//! Each page gets a browser of its own, with a profile that is thrown away: no cookie or cache is kept from one page to
//! another. A page reaches the network through the tunnel alone, which resolves names itself and refuses addresses that
//! are nobody's public ones, whatever in the page asks for them.

mod pipe;
mod show;
mod take;
mod told;
mod tunnel;

use url::Url;

use super::policy::Browser;
use super::{Fetcher, Page, Request, parse_address};
use crate::fetch::Failure;
use crate::model::{Evidence, Shown, Stage};
use pipe::Pipe;
use show::Showing;
use tunnel::Tunnel;

/// The media type of what a browser shows.
const MEDIA_TYPE: &str = "text/html";

/// A page as shown.
pub(super) struct Displayed {
    pub(super) page: Page,
    /// What the evidence names by its BLAKE3: the body as sent, the picture, the print.
    pub(super) captures: Vec<Vec<u8>>,
}

impl Fetcher {
    /// Shows a page and takes it as it stands once its scripts have come to rest.
    pub(super) async fn show(
        &self,
        browser: &Browser,
        request: &Request,
        reason: &str,
        evidence: &mut Evidence,
    ) -> Result<Displayed, Failure> {
        let url = parse_address(&request.address)?;
        self.allow(&url, !self.policy.ignore_robots).await?;
        let Ok(_one) = self.browsers.acquire().await else {
            return Err(failure("the browsers are closed"));
        };
        let mut turn = self.turn(&url).await?;
        let shown = tokio::time::timeout(
            self.policy.timeout,
            self.display(browser, &url, reason, evidence),
        );
        let shown = shown.await.unwrap_or_else(|_| {
            let seconds = self.policy.timeout.as_secs_f32();
            let reason = format!("the browser did not show the page within {seconds} s");
            Err(Failure::new(Stage::TooSlow, reason))
        });
        if let Err(failure) = &shown {
            turn.host.closed_until = failure.retry_at.max(turn.host.closed_until);
        }
        turn.end(url.as_str());
        shown
    }

    async fn display(
        &self,
        browser: &Browser,
        url: &Url,
        reason: &str,
        evidence: &mut Evidence,
    ) -> Result<Displayed, Failure> {
        let tunnel = Tunnel::open(&self.policy).await?;
        let profile = tempfile::tempdir()
            .map_err(|error| failure(format!("there is no place for its profile: {error}")))?;
        let limit = self.policy.max_body_bytes;
        let pipe = Pipe::launch(browser, profile.path(), limit)?;
        "browser".clone_into(&mut evidence.fetcher);
        evidence.shown = Some(Shown {
            browser: String::new(),
            reason: reason.to_owned(),
            received: None,
            screenshot: None,
            pdf: None,
            connections: 0,
            refused: Vec::new(),
        });
        let mut showing = Showing::new(self, pipe, &tunnel);
        let displayed = showing.run(browser, url, evidence).await;
        showing.tell(evidence);
        if let Some(shown) = &mut evidence.shown {
            (shown.connections, shown.refused) = tunnel.told();
        }
        drop(showing.end().await);
        displayed
    }
}

/// A failure of the browser itself.
fn failure(reason: impl Into<String>) -> Failure {
    Failure::new(Stage::Browser, reason)
}

/// A text in what the browser tells; none there is an empty one.
fn word(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
