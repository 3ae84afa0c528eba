//! What is taken of a page that is shown: its elements, and on demand a picture and a print.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::Url;

use super::show::Showing;
use super::{Displayed, MEDIA_TYPE, failure, word};
use crate::fetch::policy::Browser;
use crate::fetch::{Failure, Page};
use crate::model::{BlobId, BodyReceived, Evidence, Exchange, MediaType, Sha256, Stage};

/// The highest page of which a picture is taken whole, in pixels: browsers draw none that is higher.
const MAX_PICTURE_HEIGHT: f64 = 16_384.0;

impl Showing<'_> {
    /// Takes the page as it stands, and what else is wanted of it.
    pub(super) async fn take(
        &mut self,
        browser: &Browser,
        evidence: &mut Evidence,
    ) -> Result<Displayed, Failure> {
        let (id, response) = self.answered()?;
        let limit = self.fetcher.policy.max_body_bytes;
        let document = self.call("DOM.getDocument", json!({"depth": 0})).await?;
        let root = json!({"nodeId": document["root"]["nodeId"]});
        let html = word(&self.call("DOM.getOuterHTML", root).await?["outerHTML"]).into_bytes();
        if html.len() as u64 > limit {
            return Err(Failure::new(
                Stage::TooLarge,
                format!("more than {limit} bytes"),
            ));
        }
        let mut captures = Vec::new();
        let mut keep = |bytes: Vec<u8>| {
            let name = BlobId::of(&bytes).to_string();
            captures.push(bytes);
            Some(name)
        };
        let received = self.received(&id).await?;
        evidence.body = received
            .as_deref()
            .map(|body| body_received(body, &response));
        let (mut screenshot, mut pdf) = (None, None);
        if browser.takes_screenshot {
            screenshot = keep(self.screenshot().await?);
        }
        if browser.takes_pdf {
            let printed = self
                .call("Page.printToPDF", json!({"printBackground": true}))
                .await?;
            pdf = keep(bytes_of(&printed["data"])?);
        }
        if let Some(shown) = &mut evidence.shown {
            shown.received = received.and_then(&mut keep);
            (shown.screenshot, shown.pdf) = (screenshot, pdf);
        }
        self.certificates(evidence).await?;
        let media_type = MediaType::parse(MEDIA_TYPE)
            .ok_or_else(|| failure("what the browser shows has no media type"))?;
        Ok(Displayed {
            page: Page::Body {
                bytes: html,
                media_type,
                charset: Some("utf-8".to_owned()),
            },
            captures,
        })
    }

    /// The request that the page came by, with its response, where that is one of a page.
    fn answered(&self) -> Result<(String, Exchange), Failure> {
        let exchanges = self.told.exchanges();
        let answered = self.told.last().zip(exchanges.last());
        let Some(((id, _), exchange)) = answered else {
            return Err(failure("the browser tells of no request for the page"));
        };
        let Some(response) = &exchange.response else {
            return Err(Failure::new(Stage::Response, "the browser got no response"));
        };
        if !matches!(response.status, 200 | 203) {
            let asked = response.header("retry-after");
            let now = (self.fetcher.clock)();
            return Err(Failure::of_status(response.status, asked, now));
        }
        let given = response.header("content-type").unwrap_or(MEDIA_TYPE);
        if !given.contains("html") {
            let reason = format!("the browser shows no page of {given}");
            return Err(Failure::new(Stage::MediaType, reason));
        }
        Ok((id.to_owned(), exchange.clone()))
    }

    /// The body as it was sent; none where the browser has it no more.
    async fn received(&mut self, id: &str) -> Result<Option<Vec<u8>>, Failure> {
        let request = json!({"requestId": id});
        let result = self
            .answer("Network.getResponseBody", request)
            .await?
            .result;
        let Some(body) = result["body"].as_str() else {
            return Ok(None);
        };
        if result["base64Encoded"] == true {
            bytes_of(&result["body"]).map(Some)
        } else {
            Ok(Some(body.as_bytes().to_vec()))
        }
    }

    async fn screenshot(&mut self) -> Result<Vec<u8>, Failure> {
        let sizes = self.call("Page.getLayoutMetrics", json!({})).await?;
        let size = |side: &str| sizes["cssContentSize"][side].as_f64().unwrap_or(1.0);
        let whole = json!({
            "format": "png",
            "captureBeyondViewport": true,
            "clip": {
                "x": 0, "y": 0, "scale": 1,
                "width": size("width"), "height": size("height").min(MAX_PICTURE_HEIGHT),
            },
        });
        let taken = self.call("Page.captureScreenshot", whole).await?;
        bytes_of(&taken["data"])
    }

    /// Takes the certificates of the page's site into the evidence.
    async fn certificates(&mut self, evidence: &mut Evidence) -> Result<(), Failure> {
        let Some((_, exchange)) = self.told.last().filter(|(_, last)| last.tls.is_some()) else {
            return Ok(());
        };
        let origin = Url::parse(&exchange.address).map(|url| url.origin().ascii_serialization());
        let origin = json!({"origin": origin.unwrap_or_default()});
        let chain = self.call("Network.getCertificate", origin).await?;
        for one in chain["tableNames"].as_array().into_iter().flatten() {
            let der = bytes_of(one)?;
            let name = evidence.add_certificate(&der, |der| STANDARD.encode(der));
            self.chain.push(name);
        }
        Ok(())
    }
}

fn body_received(body: &[u8], exchange: &Exchange) -> BodyReceived {
    let header = |name| {
        exchange
            .response
            .as_ref()
            .and_then(|response| response.header(name))
    };
    BodyReceived {
        received_bytes: body.len() as u64,
        decoded: Vec::new(),
        sha256: Sha256::of(&[body]).to_string(),
        size_bytes: body.len() as u64,
        declared_type: header("content-type").map(str::to_owned),
        charset: None,
        media_type: MEDIA_TYPE.to_owned(),
    }
}

fn bytes_of(base64: &Value) -> Result<Vec<u8>, Failure> {
    STANDARD.decode(word(base64)).map_err(|error| {
        failure(format!(
            "the browser gives bytes that can't be read: {error}"
        ))
    })
}
