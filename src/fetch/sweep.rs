//! Sweeps: many pages of many hosts at once, and of one host one after the other.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use url::Url;

use super::{Failure, Fetched, Fetcher, Request};

/// Tells why fetched pages are not the document, where a browser may show it.
pub type Judge = Arc<dyn Fn(&Results) -> Option<String> + Send + Sync>;

/// The pages of one document.
#[derive(Clone)]
pub struct Job {
    /// What the asker calls it.
    pub id: usize,
    /// Its pages, in the order in which they are fetched.
    pub pages: Vec<Request>,
    /// Whether what comes will do.
    pub judge: Judge,
}

/// What came of each page of a job.
pub type Results = Vec<Result<Fetched, Failure>>;

/// Tells those who fetch that nobody waits for them any more.
#[derive(Debug, Clone)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    /// Asks to stop.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was asked for.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is asked for.
    pub async fn wait(&self) {
        let mut asked = self.0.subscribe();
        // The sender lives as long as this.
        drop(asked.wait_for(|stopped| *stopped).await);
    }
}

/// Fetches pages one after the other.
///
/// # Errors
/// The system gives no runtime.
pub fn fetch_in_turn(fetcher: &Fetcher, pages: &[Request]) -> io::Result<Results> {
    let runtime = runtime()?;
    let mut results = Vec::with_capacity(pages.len());
    for page in pages {
        results.push(runtime.block_on(fetcher.fetch(page)));
    }
    runtime.shutdown_background();
    Ok(results)
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

/// The jobs that are to be done, by their hosts.
type Queues = Arc<Mutex<VecDeque<Vec<Job>>>>;

/// Does all jobs, so many at once, and hands over what comes of each. Returns when all are done, or soon after a stop:
/// a job under way is then dropped and nothing told of it.
///
/// It has a runtime of its own and blocks: it needs a thread to itself.
///
/// # Errors
/// The system gives no runtime.
pub fn run(
    fetcher: &Arc<Fetcher>,
    jobs: Vec<Job>,
    at_once: usize,
    stop: &Stop,
    done: &mpsc::Sender<(usize, Results)>,
) -> io::Result<()> {
    let runtime = runtime()?;
    let queues = queues(jobs);
    let workers = at_once.clamp(1, queues.len().max(1));
    let queues: Queues = Arc::new(Mutex::new(queues));
    runtime.block_on(async {
        let mut set = JoinSet::new();
        for _ in 0..workers {
            let (fetcher, queues) = (Arc::clone(fetcher), Arc::clone(&queues));
            let (stop, done) = (stop.clone(), done.clone());
            set.spawn(async move {
                tokio::select! {
                    () = work(&fetcher, &queues, &done) => {}
                    () = stop.wait() => {}
                }
            });
        }
        set.join_all().await;
    });
    // A name that is still being looked up would keep the runtime for as long as the system takes.
    runtime.shutdown_background();
    Ok(())
}

/// Jobs by the host of their first page, the longest queue first; in a queue they keep their order.
fn queues(jobs: Vec<Job>) -> VecDeque<Vec<Job>> {
    let mut queues: Vec<Vec<Job>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for job in jobs {
        let place = *places.entry(host(&job)).or_insert_with(|| {
            queues.push(Vec::new());
            queues.len() - 1
        });
        if let Some(queue) = queues.get_mut(place) {
            queue.push(job);
        }
    }
    queues.sort_by_key(|queue| std::cmp::Reverse(queue.len()));
    queues.into()
}

fn host(job: &Job) -> String {
    let first = job.pages.first();
    first
        .and_then(|page| Url::parse(&page.address).ok())
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default()
}

async fn work(fetcher: &Fetcher, queues: &Queues, done: &mpsc::Sender<(usize, Results)>) {
    loop {
        let queue = {
            let mut queues = queues.lock().unwrap_or_else(PoisonError::into_inner);
            queues.pop_front()
        };
        let Some(queue) = queue else {
            return;
        };
        for job in queue {
            let results = fetch_job(fetcher, &job).await;
            // Where nobody listens any more, the rest is no use.
            if done.send((job.id, results)).await.is_err() {
                return;
            }
        }
    }
}

/// Fetches the pages of a job; where they won't do, a browser is asked for them.
async fn fetch_job(fetcher: &Fetcher, job: &Job) -> Results {
    let mut results = Vec::with_capacity(job.pages.len());
    for page in &job.pages {
        results.push(fetcher.fetch(page).await);
    }
    let is_plain = job.pages.iter().all(|page| page.browser.is_none());
    if !(fetcher.has_browser() && is_plain) {
        return results;
    }
    let Some(reason) = (job.judge)(&results) else {
        return results;
    };
    let mut shown = Vec::with_capacity(results.len());
    for (page, plain) in job.pages.iter().zip(results) {
        let page = Request {
            validators: None,
            browser: Some(reason.clone()),
            ..page.clone()
        };
        shown.push(after(plain, &reason, fetcher.fetch(&page).await));
    }
    shown
}

/// What a browser got of a page, with the exchanges of the plain attempt before its own.
fn after(
    plain: Result<Fetched, Failure>,
    reason: &str,
    mut shown: Result<Fetched, Failure>,
) -> Result<Fetched, Failure> {
    let before = match plain {
        Ok(fetched) => Some(fetched.evidence),
        Err(failure) => failure.evidence.map(|evidence| *evidence),
    };
    let evidence = match &mut shown {
        Ok(fetched) => Some(&mut fetched.evidence),
        Err(failure) => {
            failure.reason = format!("{reason}; in a browser: {}", failure.reason);
            failure.evidence.as_deref_mut()
        }
    };
    if let (Some(before), Some(evidence)) = (before, evidence) {
        let own = std::mem::replace(&mut evidence.exchanges, before.exchanges);
        evidence.exchanges.extend(own);
        evidence.certificates.extend(before.certificates);
    }
    shown
}
