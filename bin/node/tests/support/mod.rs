//! Starts nodes, and ends them.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use phat_chain_client::ChainClient;

/// How long a node may take to answer, on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(180);

/// How long a node may take to end.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// A node on loopback ports that the system picked. It is killed when dropped.
pub struct Node {
    child: Child,
    url: String,
}

impl Node {
    /// Starts a node with these arguments besides, and waits until it answers.
    pub fn start(args: &[&str]) -> Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_phat-node"))
            .args([
                "--tmp",
                "--rpc-port",
                "0",
                "--listen-addr",
                "/ip4/127.0.0.1/tcp/0",
            ])
            .args(["--no-mdns", "--no-prometheus", "--no-telemetry"])
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start the node")?;
        let stderr = child.stderr.take().context("the node has no stderr")?;
        let lines = follow(BufReader::new(stderr));
        let mut node = Self {
            child,
            url: String::new(),
        };
        node.url = rpc_url(&lines)?;
        Ok(node)
    }

    /// Where the node answers JSON-RPC.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection to the node.
    pub async fn client(&self) -> Result<ChainClient> {
        Ok(ChainClient::connect(&self.url).await?)
    }

    /// Has the node do nothing more, as if its machine had frozen. It still takes connections.
    pub fn suspend(&self) -> Result<()> {
        self.signal("-STOP")?;
        // The signal is on its way when `kill` is done; what still runs would answer.
        let stat = format!("/proc/{}/stat", self.child.id());
        let deadline = Instant::now() + STOP_TIMEOUT;
        while Instant::now() < deadline {
            let stat = std::fs::read_to_string(&stat)?;
            // The state follows the name, which stands in parentheses.
            let state = stat.rsplit(')').next().unwrap_or_default();
            if state.trim_start().starts_with('T') {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        bail!("the node does not stop")
    }

    fn signal(&self, signal: &str) -> Result<()> {
        let pid = self.child.id().to_string();
        if !Command::new("kill")
            .args([signal, &pid])
            .status()?
            .success()
        {
            bail!("the node with process id {pid} was gone already");
        }
        Ok(())
    }

    /// Asks the node to end, and gives its exit code.
    pub fn stop(mut self) -> Result<Option<i32>> {
        self.signal("-TERM")?;
        let deadline = Instant::now() + STOP_TIMEOUT;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status.code());
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("the node did not end within {} s", STOP_TIMEOUT.as_secs())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads the log to its end, so that the node never waits for a reader.
fn follow(log: impl BufRead + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in log.lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

fn rpc_url(lines: &Receiver<String>) -> Result<String> {
    let deadline = Instant::now() + START_TIMEOUT;
    let mut log = Vec::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let Ok(line) = lines.recv_timeout(left) else {
            bail!("the node did not start; its log:\n{}", log.join("\n"));
        };
        if let Some((_, addresses)) = line.split_once("Running JSON-RPC server: addr=") {
            let address = addresses.split(',').next().unwrap_or_default().trim();
            return Ok(format!("ws://{address}"));
        }
        log.push(line);
    }
}
