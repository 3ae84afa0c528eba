//! The way to a browser: messages of the `DevTools` protocol, JSON ended by a NUL, over two pipes that nobody else holds.

use std::path::Path;
use std::process::Stdio;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

use super::failure;
use crate::fetch::Failure;
use crate::fetch::policy::Browser;

/// What a message may hold beside a page: a picture of it.
const MAX_BESIDE_BYTES: u64 = 64 << 20;
/// How much of a browser's complaint is told.
const MAX_COMPLAINT_BYTES: u64 = 64 << 10;

/// The browser reads commands from its file 3 and writes to its file 4, which a program of Rust's standard library can't
/// give to a child: a shell makes them of the child's standard input and output.
const SHELL: &str = r#"exec "$@" 3<&0 4>&1 0</dev/null 1>/dev/null"#;

/// What every browser is told at its start. What it would ask its maker for of its own accord leads to a proxy that
/// isn't there: pages have one of their own.
const FLAGS: [&str; 18] = [
    "--headless",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--mute-audio",
    "--deny-permission-prompts",
    "--hide-scrollbars",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--proxy-server=socks5://127.0.0.1:9",
    "--window-size=1280,1024",
];

/// A message of the browser's.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Message {
    /// The command that it answers.
    pub(super) id: Option<u64>,
    /// The event that it tells of.
    #[serde(default)]
    pub(super) method: String,
    #[serde(default)]
    pub(super) params: Value,
    #[serde(default)]
    pub(super) result: Value,
    pub(super) error: Option<Refused>,
}

/// A command that the browser refused.
#[derive(Debug, Deserialize)]
pub(super) struct Refused {
    pub(super) message: String,
}

/// A browser that runs until this is dropped.
pub(super) struct Pipe {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    complaint: ChildStderr,
    message: Vec<u8>,
    max_message_bytes: u64,
    last_id: u64,
}

impl Pipe {
    /// Starts a browser that reaches no network of its own accord, and whose pages are at most so large.
    pub(super) fn launch(
        browser: &Browser,
        profile: &Path,
        max_page_bytes: u64,
    ) -> Result<Self, Failure> {
        let mut command = Command::new("sh");
        command
            .args(["-c", SHELL, "sh"])
            .arg(&browser.program)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.display()));
        if !browser.has_sandbox {
            command.arg("--no-sandbox");
        }
        let child = command
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let program = browser.program.display();
        let mut child = child
            .map_err(|error| failure(format!("the browser {program} can't be started: {error}")))?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(complaint)) = pipes else {
            return Err(failure(format!("the browser {program} can't be spoken to")));
        };
        Ok(Self {
            child,
            input,
            output: BufReader::new(output),
            complaint,
            message: Vec::new(),
            // A page comes as JSON, which writes some bytes as six.
            max_message_bytes: max_page_bytes.saturating_mul(6) + MAX_BESIDE_BYTES,
            last_id: 0,
        })
    }

    /// Sends a command, and gives its id.
    pub(super) async fn send(
        &mut self,
        session: Option<&str>,
        method: &str,
        params: Value,
    ) -> Result<u64, Failure> {
        self.last_id += 1;
        let mut command = json!({"id": self.last_id, "method": method, "params": params});
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        let mut bytes = command.to_string().into_bytes();
        bytes.push(0);
        let sent = self.input.write_all(&bytes).await;
        match sent {
            Ok(()) => Ok(self.last_id),
            Err(_) => Err(self.gone().await),
        }
    }

    /// Waits for the next message. What was read of one is kept where the wait is broken off.
    pub(super) async fn receive(&mut self) -> Result<Message, Failure> {
        let room = self
            .max_message_bytes
            .saturating_sub(self.message.len() as u64);
        let mut output = (&mut self.output).take(room);
        let read = output.read_until(0, &mut self.message).await;
        if self.message.pop_if(|last| *last == 0).is_none() {
            if self.message.len() as u64 >= self.max_message_bytes {
                return Err(failure("the browser says more than is taken"));
            }
            return Err(match read {
                Ok(_) => self.gone().await,
                Err(error) => failure(format!("the browser can't be heard: {error}")),
            });
        }
        let message = std::mem::take(&mut self.message);
        serde_json::from_slice(&message)
            .map_err(|error| failure(format!("the browser says what can't be read: {error}")))
    }

    /// Why the browser is gone, as it says itself.
    async fn gone(&mut self) -> Failure {
        let mut complaint = Vec::new();
        let mut pipe = (&mut self.complaint).take(MAX_COMPLAINT_BYTES);
        // Without its complaint, that it is gone is all that is known.
        drop(pipe.read_to_end(&mut complaint).await);
        let complaint = String::from_utf8_lossy(&complaint);
        if complaint.contains("no-sandbox") {
            return failure(
                "the browser can't wall itself off from the system when the superuser starts it: run as another user, \
                 or give --no-browser-sandbox",
            );
        }
        let mut lines = complaint.lines().rev();
        match lines.find(|line| !line.trim().is_empty()) {
            Some(line) => failure(format!("the browser ended: {line}")),
            None => failure("the browser ended"),
        }
    }

    /// Ends the browser and waits until it is gone, so that nothing writes to its profile any more.
    pub(super) async fn end(mut self) -> std::io::Result<()> {
        self.child.kill().await
    }
}
