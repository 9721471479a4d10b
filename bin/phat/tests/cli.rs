//! The program from outside: exit codes, and the network that `phat dev` runs.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn phat(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_phat"))
        .args(arguments)
        .env_remove("PHAT_CHAIN")
        .env_remove("PHAT_WORKER")
        .output()
        .unwrap()
}

fn check(arguments: &[&str], code: i32, stderr: &str) {
    let output = phat(arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    assert!(said.contains(stderr), "{arguments:?}: {said}");
}

#[test]
fn exit_codes_mean_something() {
    check(&["limits"], 0, "");
    check(&["--help"], 0, "");
    check(&["run", "--help"], 0, "");
    check(&[], 2, "Usage");
    check(&["runn"], 2, "unrecognized subcommand");
    check(&["run"], 2, "<SCRIPT|DIR>");
    check(
        &["run", "a.js", "--request", "0x1"],
        2,
        "even number of hexadecimal digits",
    );
    check(
        &["run", "a.js", "--watch", "--record", "a.json"],
        2,
        "cannot be used with",
    );
    check(
        &["run", "missing.js", "--settings", "any text"],
        1,
        "missing.js",
    );
    check(&["economy", "simulate"], 2, "<SCENARIO.json>");
    check(&["economy", "simulate", "missing.json"], 1, "missing.json");
    check(&["gov"], 2, "Usage: phat gov");
    check(&["gov", "vote", "3", "aye", "10"], 2, "such as 12.5PHA");
    check(&["new"], 2, "NAME");
    check(&["new", "../a"], 2, "letters, digits, - and _");
    check(&["test", "/"], 1, "there is no /phat.toml");
    check(&["call", "0x12"], 2, "64 hexadecimal digits");
    check(
        &["stake", "add", &"00".repeat(32), "12.5"],
        2,
        "such as 12.5PHA",
    );
    let worker = "a1".repeat(32);
    check(&["worker", "show", "0x12"], 2, "64 hexadecimal digits");
    check(
        &["worker", "start", &worker, "0PHA"],
        2,
        "more than nothing",
    );
    check(&["pool"], 2, "Usage");
    check(&["pool", "create", "10"], 2, "such as 12.5%");
    check(
        &["pool", "withdraw", "0", "half"],
        2,
        "1000000shares, or all",
    );
    check(&["pool", "allow", "0", "Bob"], 2, "give an address");
    check(&["vault", "delegate", "0", "12"], 2, "such as 12.5PHA");
    let nowhere = ["--chain", "ws://127.0.0.1:1"];
    for command in [
        &["worker", "show", &worker][..],
        &["pool", "list"],
        &["pool", "delegate", "0", "1PHA", "--dry-run"],
        &["vault", "show", "0"],
        &["vault", "collect-fee", "0"],
    ] {
        check(&[command, &nowhere].concat(), 1, "cannot reach a node");
    }
    check(
        &["deploy", ".", "--target-anchor", "x"],
        2,
        "eip155:CHAIN_ID:ADDRESS@BLOCK",
    );
    check(
        &["dev", "--tmp", "--data-dir", "a"],
        2,
        "cannot be used with",
    );
    check(&["run", "missing.js"], 1, "missing.js: No such file");
    check(&["verify", "missing.json", "--offline"], 1, "missing.json");
    check(&["deploy", "/"], 1, "there is no /phat.toml");
    check(
        &["call", &"00".repeat(32), "--worker", "http://127.0.0.1:1"],
        1,
        "cannot be reached",
    );
}

/// The help lists commands by what they are for. More may stand in between.
#[test]
fn the_help_lists_the_commands_in_their_order() {
    let help = phat(&["--help"]);
    let help = String::from_utf8(help.stdout).unwrap();
    // More space begins what a line before goes on with.
    let listed = help.lines().filter_map(|line| line.strip_prefix("  "));
    let mut listed = listed.filter_map(|line| line.split(' ').next());
    for command in [
        "new",
        "dev",
        "run",
        "test",
        "inspect",
        "deploy",
        "contract",
        "secret",
        "stake",
        "call",
        "logs",
        "requests",
        "receipt",
        "verify",
        "replay",
        "challenge",
        "attestation",
        "economy",
        "gov",
        "info",
        "limits",
        "bench",
        "gateway",
    ] {
        assert!(
            listed.any(|found| found == command),
            "{command} is not where it belongs in\n{help}"
        );
    }
}

#[test]
fn every_result_is_json_if_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("a.js");
    fs::write(&script, "export default () => 'a'").unwrap();
    let commands: [&[&str]; 7] = [
        &["limits", "--json"],
        &["new", "--list", "--json"],
        &["inspect", script.to_str().unwrap(), "--json"],
        &["test", "missing", "--json"],
        &["--json", "limits"],
        &["run", script.to_str().unwrap(), "--json"],
        &["run", "missing.js", "--json"],
    ];
    for arguments in commands {
        let output = phat(arguments);
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(serde_json::from_str::<Value>(&text).unwrap().is_object());
    }
}

#[test]
fn wrong_usage_is_json_too_if_asked_for() {
    for arguments in [
        &["runn", "--json"][..],
        &["--json", "run"],
        &["call", "0x12", "--json"],
    ] {
        let output = phat(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        let message = json["error"]["message"].as_str().unwrap();
        assert!(!message.starts_with("error"), "{message}");
        assert!(!message.contains('\n'), "{message}");
    }
    for arguments in [&["runn"][..], &["call", "--", "--json", "a"]] {
        assert!(phat(arguments).stdout.is_empty(), "{arguments:?}");
    }
    let help = phat(&["run", "--help", "--json"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(String::from_utf8(help.stdout).unwrap().contains("Usage:"));
}

/// What was found does not depend on whether anybody reads it.
#[test]
fn the_exit_code_is_the_same_when_nobody_reads_the_result() {
    let folder = tempfile::tempdir().unwrap();
    let script = |name: &str, code: &str| {
        let path = folder.path().join(name);
        fs::write(&path, code).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let good = script("good.js", "export default () => 'a'");
    let bad = script("bad.js", "export default () => { throw new Error('no') }");
    for (script, expected) in [(good, 0), (bad, 1)] {
        for format in [&[][..], &["--json"]] {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let status = Command::new(env!("CARGO_BIN_EXE_phat"))
                .args(["run", &script])
                .args(format)
                .stdout(writer)
                .stderr(Stdio::null())
                .status()
                .unwrap();
            assert_eq!(status.code(), Some(expected), "{script} {format:?}");
        }
    }
}

/// Runs of a script that is watched, as they are shown.
struct Watching {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Watching {
    fn start(path: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_phat"))
            .args(["run", "--watch", "--json"])
            .arg(path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn next_run(&mut self) -> Value {
        serde_json::from_str(&self.lines.next().unwrap().unwrap()).unwrap()
    }
}

#[test]
fn a_change_is_run_until_a_signal_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("phat.toml", "name = \"a\"\nentry = \"a.js\"\n");
    write("a.js", "export default () => '0x01'");
    let mut watching = Watching::start(folder.path());
    assert_eq!(watching.next_run()["output"], "0x01");
    write(
        "a.js",
        "export default () => { throw new Error('no') } // longer",
    );
    assert_eq!(watching.next_run()["error"]["code"], "script_threw");
    // A change that cannot be run at all is told, and waited out.
    write("phat.toml", "name = \"a\"\nentry = \"b.js\"\n# longer\n");
    write("b.js", "export default () => '0x0203'");
    let run = std::iter::repeat_with(|| watching.next_run())
        .find(|run| run["output"] != Value::Null)
        .unwrap();
    assert_eq!(run["output"], "0x0203");
    signal(&watching.child, Signal::INT);
    assert_eq!(watching.child.wait().unwrap().code(), Some(0));
}

/// A folder with programs that stand for the node and the worker.
struct Network {
    folder: TempDir,
}

impl Network {
    fn new(node: &str, worker: &str) -> Self {
        let network = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        network.program("phat-node", node);
        network.program("phat-worker", worker);
        network
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn program(&self, name: &str, script: &str) {
        let path = self.path(name);
        let folder = self.folder.path().display();
        fs::write(&path, format!("#!/bin/sh\ncd {folder}\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn start(&self) -> Child {
        Command::new(env!("CARGO_BIN_EXE_phat"))
            .args(["dev", "--gateway", "127.0.0.1:0", "--chain-port", "0"])
            .arg("--data-dir")
            .arg(self.path("data"))
            .arg("--node-bin")
            .arg(self.path("phat-node"))
            .arg("--worker-bin")
            .arg(self.path("phat-worker"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn wait_for(&self, name: &str) {
        let give_up = Instant::now() + PATIENCE;
        while !self.path(name).exists() {
            assert!(Instant::now() < give_up, "{name} never came");
            thread::yield_now();
        }
    }
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Writes `NAME.started`, and `NAME.stopped` when it is asked to end.
fn waits(name: &str) -> String {
    format!(
        "trap 'touch {name}.stopped; exit 0' TERM\ntouch {name}.started\nwhile :; do sleep 0.05; done"
    )
}

/// Answers every request as a node in good health; gives its address.
fn healthy_node() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let body = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#;
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
            let _ = write!(
                stream,
                "{head}\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
        }
    });
    address
}

#[test]
fn a_node_that_ends_is_named_with_its_last_words() {
    let network = Network::new(
        "echo starting\necho 'no room' >&2\nexit 3",
        &waits("worker"),
    );
    let output = network.start().wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("phat-node ended (exit status: 3)"), "{said}");
    assert!(said.contains("starting\nno room"), "{said}");
    assert!(!network.path("worker.started").exists());
}

#[test]
fn a_worker_that_ends_takes_the_node_with_it() {
    let address = healthy_node();
    let node = format!(
        "echo 'Running JSON-RPC server: addr={address}'\n{}",
        waits("node")
    );
    let network = Network::new(&node, "echo \"got $*\"\nexit 4");
    let output = network.start().wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("phat-worker ended (exit status: 4)"),
        "{said}"
    );
    assert!(
        said.contains(&format!("--trust-rpc ws://{address}")),
        "{said}"
    );
    // A chain that makes a block for each transaction only must not stand still.
    assert!(said.contains(" --confirmations 0"), "{said}");
    assert!(
        network.path("node.stopped").exists(),
        "the node was asked to end"
    );
}

#[test]
fn a_signal_stops_what_was_started() {
    for stop in [Signal::INT, Signal::TERM, Signal::HUP] {
        let network = Network::new(&waits("node"), &waits("worker"));
        let child = network.start();
        network.wait_for("node.started");
        signal(&child, stop);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(network.path("node.stopped").exists());
    }
}

/// Nothing can be done by a process that is killed, so Linux does it.
#[cfg(target_os = "linux")]
#[test]
fn what_was_started_ends_even_if_phat_is_killed() {
    let network = Network::new(&waits("node"), &waits("worker"));
    let mut child = network.start();
    network.wait_for("node.started");
    signal(&child, Signal::KILL);
    child.wait().unwrap();
    network.wait_for("node.stopped");
}

#[test]
fn a_port_that_is_taken_is_named_before_anything_is_started() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let port = taken.local_addr().unwrap().port().to_string();
    for (ports, named) in [
        (["--gateway", &address, "--chain-port", "0"], &address),
        (["--gateway", "127.0.0.1:0", "--chain-port", &port], &port),
    ] {
        let network = Network::new(&waits("node"), &waits("worker"));
        let node = network.path("phat-node").display().to_string();
        let worker = network.path("phat-worker").display().to_string();
        let programs = ["--node-bin", &node, "--worker-bin", &worker];
        let output = phat(&[&["dev", "--tmp"], &ports[..], &programs].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("cannot listen on"), "{said}");
        assert!(said.contains(named), "{said}");
        assert!(!network.path("node.started").exists());
    }
}

#[test]
fn a_program_that_is_missing_is_named() {
    let missing = Path::new("/nonexistent/phat-node");
    let output = phat(&["dev", "--tmp", "--node-bin", missing.to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.contains("there is no program /nonexistent/phat-node"),
        "{said}"
    );
}
