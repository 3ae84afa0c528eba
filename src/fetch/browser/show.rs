//! One page shown: it is led there and waited for.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::pipe::{Message, Pipe};
use super::told::Told;
use super::tunnel::Tunnel;
use super::{Displayed, failure, word};
use crate::fetch::policy::Browser;
use crate::fetch::{Failure, Fetcher, parse_address};
use crate::model::{Evidence, Stage};

/// How long scripts may go on after the page itself is there; a page that never rests is taken as it is then.
const REST_AFTER: Duration = Duration::from_secs(15);

/// How far the page has come.
#[derive(Default)]
struct Progress {
    /// Since when its elements are there.
    loaded: Option<Instant>,
    /// Whether its scripts have asked the network for nothing for half a second.
    rests: bool,
}

/// A page that is being shown.
pub(super) struct Showing<'a> {
    pub(super) fetcher: &'a Fetcher,
    tunnel: &'a Tunnel,
    pipe: Pipe,
    session: Option<String>,
    /// The frame of the page itself.
    frame: String,
    pub(super) told: Told,
    /// The certificates of the page's site, by their names in the evidence, its own first.
    pub(super) chain: Vec<String>,
    progress: Progress,
    /// Why the page was not let load, or can't be shown.
    refusal: Option<Failure>,
}

impl<'a> Showing<'a> {
    pub(super) fn new(fetcher: &'a Fetcher, pipe: Pipe, tunnel: &'a Tunnel) -> Self {
        Self {
            fetcher,
            tunnel,
            pipe,
            session: None,
            frame: String::new(),
            told: Told::default(),
            chain: Vec::new(),
            progress: Progress::default(),
            refusal: None,
        }
    }

    /// Shows the page of an address and takes it.
    pub(super) async fn run(
        &mut self,
        browser: &Browser,
        url: &Url,
        evidence: &mut Evidence,
    ) -> Result<Displayed, Failure> {
        self.begin(evidence).await?;
        let gone = self
            .call("Page.navigate", json!({"url": url.as_str()}))
            .await?;
        if let Some(error) = gone["errorText"].as_str() {
            return Err(self
                .refusal
                .take()
                .unwrap_or_else(|| self.unreached(error, url)));
        }
        self.rest().await?;
        self.take(browser, evidence).await
    }

    /// Opens a page and asks to be told of all that matters.
    async fn begin(&mut self, evidence: &mut Evidence) -> Result<(), Failure> {
        let version = self.call("Browser.getVersion", json!({})).await?;
        if let Some(shown) = &mut evidence.shown {
            shown.browser = word(&version["product"]);
        }
        let network = json!({
            "proxyServer": format!("socks5://127.0.0.1:{}", self.tunnel.port()),
            // Hosts on this machine too, which browsers ask no proxy for.
            "proxyBypassList": "<-loopback>",
        });
        let context = self.call("Target.createBrowserContext", network).await?;
        let blank = json!({"url": "about:blank", "browserContextId": context["browserContextId"]});
        let target = self.call("Target.createTarget", blank).await?;
        let no = json!({"behavior": "deny", "browserContextId": context["browserContextId"]});
        self.call("Browser.setDownloadBehavior", no).await?;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = self.call("Target.attachToTarget", attach).await?;
        self.session = Some(word(&attached["sessionId"]));
        let frames = self.call("Page.getFrameTree", json!({})).await?;
        self.frame = word(&frames["frameTree"]["frame"]["id"]);
        self.call("Page.enable", json!({})).await?;
        self.call("Network.enable", json!({})).await?;
        let agent = format!(
            "{} {}",
            word(&version["userAgent"]),
            self.fetcher.policy.user_agent()
        );
        let agent = json!({"userAgent": agent, "acceptLanguage": "en"});
        self.call("Network.setUserAgentOverride", agent).await?;
        let pages = json!({"patterns": [{"resourceType": "Document", "requestStage": "Request"}]});
        self.call("Fetch.enable", pages).await?;
        let enabled = json!({"enabled": true});
        self.call("Page.setLifecycleEventsEnabled", enabled).await?;
        self.progress = Progress::default();
        Ok(())
    }

    /// Sends a command and waits for its answer, seeing to what happens meanwhile.
    pub(super) async fn call(&mut self, method: &str, params: Value) -> Result<Value, Failure> {
        let answer = self.answer(method, params).await?;
        match answer.error {
            None => Ok(answer.result),
            Some(refused) => {
                let reason = format!("the browser refuses {method}: {}", refused.message);
                Err(failure(reason))
            }
        }
    }

    /// The same with the answer as it is, which may be a refusal.
    pub(super) async fn answer(&mut self, method: &str, params: Value) -> Result<Message, Failure> {
        let id = self.send(method, params).await?;
        loop {
            let message = self.step().await?;
            if message.id == Some(id) {
                return Ok(message);
            }
        }
    }

    async fn send(&mut self, method: &str, params: Value) -> Result<u64, Failure> {
        self.pipe
            .send(self.session.as_deref(), method, params)
            .await
    }

    /// Takes the next message, and sees to it where it is an event.
    async fn step(&mut self) -> Result<Message, Failure> {
        let message = self.pipe.receive().await?;
        let (params, now) = (&message.params, (self.fetcher.clock)());
        let is_page = params["frameId"] == self.frame.as_str();
        match message.method.as_str() {
            "Fetch.requestPaused" => self.paused(params, is_page).await?,
            "Network.requestWillBeSent" if is_page && params["type"] == "Document" => {
                self.told.request(params, now);
            }
            "Network.requestWillBeSentExtraInfo" => self.told.sent(params),
            "Network.responseReceivedExtraInfo" => self.told.received(params),
            "Network.responseReceived" if self.told.is_last(&params["requestId"]) => {
                self.told.response(params, &params["response"], now);
            }
            "Page.lifecycleEvent" if is_page => match params["name"].as_str() {
                Some("init") => self.progress = Progress::default(),
                Some("DOMContentLoaded") => self.progress.loaded = Some(Instant::now()),
                Some("networkIdle") => self.progress.rests = true,
                _ => {}
            },
            "Page.javascriptDialogOpening" => {
                let no = json!({"accept": false});
                self.send("Page.handleJavaScriptDialog", no).await?;
            }
            "Inspector.targetCrashed" => return Err(failure("the page crashed the browser")),
            _ => {}
        }
        Ok(message)
    }

    /// Lets a page load, where it may be fetched. What stands in its frames the tunnel alone judges.
    /// One that may not leaves the request for it untold: it is never sent.
    async fn paused(&mut self, params: &Value, is_page: bool) -> Result<(), Failure> {
        let id = &params["requestId"];
        let allowed = if is_page {
            self.allow(&word(&params["request"]["url"])).await
        } else {
            Ok(())
        };
        match allowed {
            Ok(()) => {
                self.send("Fetch.continueRequest", json!({"requestId": id}))
                    .await?
            }
            Err(refusal) => {
                self.refusal.get_or_insert(refusal);
                self.told.unsent(&params["networkId"]);
                let no = json!({"requestId": id, "errorReason": "BlockedByClient"});
                self.send("Fetch.failRequest", no).await?
            }
        };
        Ok(())
    }

    async fn allow(&self, address: &str) -> Result<(), Failure> {
        let policy = &self.fetcher.policy;
        let url = parse_address(address)?;
        // The request itself is among them.
        if self.told.count() > policy.max_redirects + 1 {
            let reason = format!("more than {} redirects", policy.max_redirects);
            return Err(Failure::new(Stage::Redirects, reason));
        }
        self.fetcher.allow(&url, !policy.ignore_robots).await
    }

    /// Waits until the page is there and its scripts rest.
    async fn rest(&mut self) -> Result<(), Failure> {
        while self.refusal.is_none() && !(self.progress.loaded.is_some() && self.progress.rests) {
            match self.progress.loaded {
                None => drop(self.step().await?),
                Some(loaded) => match timeout_at(loaded + REST_AFTER, self.step()).await {
                    Ok(message) => drop(message?),
                    Err(_) => break,
                },
            }
        }
        self.refusal.take().map_or(Ok(()), Err)
    }

    /// Tells the exchanges in the evidence, with the addresses that the connections went to.
    pub(super) fn tell(&self, evidence: &mut Evidence) {
        for mut exchange in self.told.exchanges() {
            let peer = peer(&exchange.address, self.tunnel);
            exchange.remote = peer.and_then(Result::ok).map(|peer| peer.to_string());
            if let Some(tls) = &mut exchange.tls {
                tls.certificates.clone_from(&self.chain);
            }
            evidence.exchanges.push(exchange);
        }
    }

    /// Why a page was not reached, as the tunnel or else the browser says.
    fn unreached(&self, error: &str, url: &Url) -> Failure {
        let asked = self
            .told
            .last()
            .map(|(_, exchange)| exchange.address.as_str());
        if let Some(Err(refusal)) = peer(asked.unwrap_or(url.as_str()), self.tunnel) {
            return refusal;
        }
        // What it would not show it takes for a file to keep, which it is forbidden.
        if error == "net::ERR_ABORTED" && self.told.last().is_some() {
            return Failure::new(Stage::MediaType, "the browser shows no page of what came");
        }
        let stage = if error.contains("CERT") || error.contains("SSL") {
            Stage::Tls
        } else if error.contains("TOO_MANY_REDIRECTS") {
            Stage::Redirects
        } else {
            Stage::Response
        };
        Failure::new(stage, format!("the browser says {error}"))
    }

    /// Ends the browser.
    pub(super) async fn end(self) -> std::io::Result<()> {
        self.pipe.end().await
    }
}

/// What the tunnel knows of the host of an address.
fn peer(address: &str, tunnel: &Tunnel) -> Option<Result<std::net::SocketAddr, Failure>> {
    let url = Url::parse(address).ok()?;
    tunnel.peer(url.host_str()?, url.port_or_known_default()?)
}
