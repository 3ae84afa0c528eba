//! How much is taken from the network, how long is waited, and who is asked how often.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Finds the addresses of a name. It may block.
pub type Lookup = Arc<dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync>;

/// Asks the system for the addresses of a name.
///
/// # Errors
/// What the system says.
pub fn system_lookup(name: &str) -> io::Result<Vec<IpAddr>> {
    Ok((name, 0)
        .to_socket_addrs()?
        .map(|found| found.ip())
        .collect())
}

/// The browser that shows pages whose text is made by scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browser {
    /// The program: a Chromium, or a relative of it.
    pub program: PathBuf,
    /// Whether the browser walls itself off from the system. The superuser's can't.
    pub has_sandbox: bool,
    /// Whether a picture of each page is kept.
    pub takes_screenshot: bool,
    /// Whether each page is kept as printed.
    pub takes_pdf: bool,
}

/// The rules that a fetcher keeps.
#[derive(Clone)]
pub struct Policy {
    /// Whom to write to about the fetching: an address of mail or of a page. Every request says it.
    pub contact: Option<String>,
    /// The place that fetches, as its operator names it.
    pub vantage: Option<String>,
    /// Names of hosts that may lie in a network of one's own: loopback, private, link-local.
    pub allowed_hosts: BTreeSet<String>,
    /// Whether robots.txt is passed over.
    pub ignore_robots: bool,
    /// The largest body, before and after its encodings are undone.
    pub max_body_bytes: u64,
    /// How many redirects are followed.
    pub max_redirects: usize,
    /// How long a connection may take to come about.
    pub connect_timeout: Duration,
    /// How long one exchange may take.
    pub timeout: Duration,
    /// How long a host rests after each exchange with it; up to as much again is added.
    pub pause: Duration,
    /// How often a page is asked for where failures may pass.
    pub attempts: u32,
    /// How long is waited before the second attempt; it doubles for each further one.
    pub back_off: Duration,
    /// The longest wait that a host can ask for before it is left for another time.
    pub max_wait: Duration,
    /// Certificates in DER whose issuer is trusted beside those of Mozilla's list.
    pub trusted: Vec<Vec<u8>>,
    /// Who finds the addresses of names.
    pub lookup: Lookup,
    /// Who shows pages that need their scripts run, if somebody does.
    pub browser: Option<Browser>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            contact: None,
            vantage: None,
            allowed_hosts: BTreeSet::new(),
            ignore_robots: false,
            max_body_bytes: 16 << 20,
            max_redirects: 10,
            connect_timeout: Duration::from_secs(15),
            timeout: Duration::from_secs(60),
            pause: Duration::from_secs(1),
            attempts: 3,
            back_off: Duration::from_secs(2),
            max_wait: Duration::from_secs(60),
            trusted: Vec::new(),
            lookup: Arc::new(system_lookup),
            browser: None,
        }
    }
}

impl Policy {
    /// How the fetcher calls itself (RFC 9110, section 10.1.5).
    #[must_use]
    pub fn user_agent(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        match &self.contact {
            Some(contact) => format!("recension/{version} (+{contact})"),
            None => format!("recension/{version}"),
        }
    }
}
