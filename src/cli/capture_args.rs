//! The arguments of the commands that fetch.
#![allow(
    clippy::doc_markdown,
    reason = "the comments are help texts, which would show the backticks"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args as ClapArgs;

use super::formats::Format;
use crate::archive::{Browser, Policy};

/// What browsers are called, the one of the system first.
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

#[derive(Debug, ClapArgs)]
pub(super) struct Try {
    /// The file of the declaration: TOML, or the JSON of Open Terms Archive
    #[arg(value_name = "DECLARATION")]
    pub(super) declaration: PathBuf,
    /// The document, as PLATFORM/DOCUMENT TYPE or by its document type alone [default: the only one in the file]
    #[arg(value_name = "DOCUMENT")]
    pub(super) document: Option<String>,
    /// A page in HTML as it was saved, in place of what is fetched; give one for each part of the document, in the order
    /// of the declaration
    #[arg(long = "page", value_name = "FILE")]
    pub(super) pages: Vec<PathBuf>,
    /// Take the declaration that held at this date: the end of a day, month or year, or an instant [default: now]
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<String>,
    #[command(flatten)]
    pub(super) network: Network,
}

/// How pages are fetched.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Fetching")]
pub(super) struct Network {
    /// Whom platforms may write to about the fetching, as every request tells them: an address of mail or of a page
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "RECENSION_CONTACT",
        hide_env_values = true
    )]
    contact: Option<String>,
    /// A name for the place that fetches, kept as evidence
    #[arg(
        long,
        value_name = "NAME",
        env = "RECENSION_VANTAGE",
        hide_env_values = true
    )]
    vantage: Option<String>,
    /// Fetch from this host although it lies in a network of one's own, such as localhost; may be given several times
    #[arg(long = "allow-host", value_name = "HOST")]
    allowed_hosts: Vec<String>,
    /// Fetch what robots.txt forbids; it is kept as evidence that it was passed over
    #[arg(long)]
    ignore_robots: bool,
    /// Let a host rest so many milliseconds after each request, and up to as many more
    #[arg(long, value_name = "MS", default_value_t = 1000)]
    pause_ms: u64,
    /// Give a page up after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    /// Take no page that is larger than so many bytes
    #[arg(long, value_name = "BYTES", default_value_t = 16 << 20)]
    max_page_bytes: u64,
    #[command(flatten)]
    shown: Shown,
}

/// The browser for pages whose text is made by scripts.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Pages that need a browser")]
struct Shown {
    /// The browser: a Chromium or a relative of it [default: the first that is installed of chromium, chromium-browser,
    /// google-chrome and google-chrome-stable]
    #[arg(
        long,
        value_name = "PROGRAM",
        env = "RECENSION_BROWSER",
        hide_env_values = true
    )]
    browser: Option<PathBuf>,
    /// Ask no browser, also for pages that say nothing without one
    #[arg(long, conflicts_with_all = ["browser", "screenshots", "pdf"])]
    no_browser: bool,
    /// Keep a picture of every page that a browser shows
    #[arg(long)]
    screenshots: bool,
    /// Keep every page that a browser shows as printed, in PDF
    #[arg(long)]
    pdf: bool,
    /// Let the browser run without walling itself off from the system, which it can't when the superuser starts it
    #[arg(long)]
    no_browser_sandbox: bool,
}

impl Shown {
    /// The browser that the arguments name, or one that is installed.
    fn browser(&self) -> anyhow::Result<Option<Browser>> {
        if self.no_browser {
            return Ok(None);
        }
        let program = match &self.browser {
            Some(named) => {
                let found = installed(named);
                let missing = || {
                    format!(
                        "there is no program {} to serve as the browser",
                        named.display()
                    )
                };
                Some(found.with_context(missing)?)
            }
            None => BROWSERS.iter().find_map(|name| installed(Path::new(name))),
        };
        if program.is_none() && (self.screenshots || self.pdf) {
            bail!(
                "only a browser takes pictures and prints, and none was found: install Chromium (on Debian: apt install \
                 chromium), or name one with --browser"
            );
        }
        Ok(program.map(|program| Browser {
            program,
            has_sandbox: !self.no_browser_sandbox,
            takes_screenshot: self.screenshots,
            takes_pdf: self.pdf,
        }))
    }
}

/// Where a program is: the path itself where it names a folder, else in the folders that the system looks in.
fn installed(program: &Path) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return program.is_file().then(|| program.to_owned());
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

impl Network {
    /// The policy that the arguments ask for.
    pub(super) fn policy(&self) -> anyhow::Result<Policy> {
        let contact = self.contact.clone().filter(|contact| !contact.is_empty());
        if contact.is_none() {
            bail!(
                "nothing is fetched without a contact: give --contact, or set RECENSION_CONTACT, so that platforms can \
                 write to you"
            );
        }
        let hosts = self.allowed_hosts.iter();
        let allowed_hosts: BTreeSet<String> = hosts
            .map(|host| host.trim_matches(['[', ']']).to_ascii_lowercase())
            .collect();
        Ok(Policy {
            contact,
            vantage: self.vantage.clone(),
            allowed_hosts,
            ignore_robots: self.ignore_robots,
            pause: Duration::from_millis(self.pause_ms),
            timeout: Duration::from_secs(self.timeout),
            max_body_bytes: self.max_page_bytes,
            browser: self.shown.browser()?,
            ..Policy::default()
        })
    }
}

#[derive(Debug, ClapArgs)]
pub(super) struct Track {
    /// Files of declarations, or folders of them: TOML, or the JSON of Open Terms Archive
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<PathBuf>,
    /// Take the declarations that can be read although others are wrong
    #[arg(long)]
    pub(super) lenient: bool,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(super) struct ReExtract {
    /// A document, as PLATFORM/DOCUMENT TYPE, or a platform [default: all that are tracked]
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Fetch {
    /// A document, as PLATFORM/DOCUMENT TYPE, or a platform, due or not [default: all documents that are due]
    #[arg(value_name = "NAME", conflicts_with_all = ["all", "due"])]
    pub(super) name: Option<String>,
    /// Fetch all tracked documents, due or not
    #[arg(long, conflicts_with = "due")]
    pub(super) all: bool,
    /// Fetch the documents that are due, as without this option
    #[arg(long)]
    pub(super) due: bool,
    #[command(flatten)]
    pub(super) pace: Pace,
    #[command(flatten)]
    pub(super) network: Network,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Watch {
    /// Look at what is due once, and end
    #[arg(long)]
    pub(super) once: bool,
    #[command(flatten)]
    pub(super) pace: Pace,
    #[command(flatten)]
    pub(super) network: Network,
}

#[derive(Debug, ClapArgs)]
pub(super) struct HealthArgs {
    /// A document, as PLATFORM/DOCUMENT TYPE, or a platform [default: all that are tracked]
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Show only documents that fail, or whose declaration has a selector that matches nothing
    #[arg(long)]
    pub(super) failing: bool,
    #[command(flatten)]
    pub(super) every: Every,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

/// How often, and how many at once.
#[derive(Debug, ClapArgs)]
pub(super) struct Pace {
    #[command(flatten)]
    pub(super) every: Every,
    /// Fetch from so many hosts at once; each host is asked one thing at a time
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) hosts_at_once: u16,
}

/// How often documents are looked at.
#[derive(Debug, ClapArgs)]
pub(super) struct Every {
    /// A document is due so many hours after the last look; sooner after a failure or a change seen only once, later
    /// after many failures
    #[arg(long = "every", value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u64).range(1..=8760))]
    hours: u64,
}

impl Every {
    /// The interval.
    pub(super) fn interval(&self) -> Duration {
        Duration::from_secs(self.hours * 60 * 60)
    }
}
