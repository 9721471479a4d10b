//! `phat run`: a contract in the local engine.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use clap::Args;
use phat_engine::{
    ContractKeys, EgressConfig, Engine, EngineConfig, LogLine, NoKeyValue, Outcome, Run, RunClass,
    RunReport, RunRequest, Secrets, Transcript,
};
use phat_manifest::Limits;
use phat_primitives::{CodeHash, ContractId, RequestId};
use serde::Serialize;

use crate::{
    args::{EgressArgs, HexArg, JsonObject},
    compiled,
    output::{Output, Verdict},
    project::Project,
    secrets::SecretsArgs,
};

/// Stands for "any host" where a bare script has no manifest to list hosts in.
const ANY_HOST: &str = "*";
/// Runs that take longer are announced.
const QUIET_MAX: Duration = Duration::from_secs(1);

/// Run a contract in the local engine, with the network's own limits.
///
/// A folder is run with the hosts, settings and limits of its phat.toml. A bare
/// script has no manifest: it runs with the default limits and may call any
/// public host. Keys of the key-value store read as never written.
///
/// The exit code is 1 when the run fails.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat run examples/lens-stats --request 0x01 --json")]
pub struct Options {
    /// A contract's folder, or a script.
    #[arg(value_name = "SCRIPT|DIR")]
    path: PathBuf,
    /// The request: the bytes that the script gets as `request.input`.
    #[arg(long, value_name = "HEX", default_value = "0x")]
    request: HexArg,
    /// The settings, instead of those in the manifest.
    #[arg(long, value_name = "JSON")]
    settings: Option<JsonObject>,
    /// Save the record of the run and all its host calls as JSON, after the result
    /// is shown.
    #[arg(long, value_name = "FILE")]
    transcript: Option<PathBuf>,
    #[command(flatten)]
    secrets: SecretsArgs,
    #[command(flatten)]
    egress: EgressArgs,
}

/// What came out of a run.
#[derive(Debug, Serialize)]
pub struct RunOutput {
    ok: bool,
    output: Option<String>,
    text: Option<String>,
    failure: Option<Failure>,
    logs: Vec<LogLine>,
    fuel_used: u64,
    elapsed_ms: u64,
    code_hash: CodeHash,
    transcript_root: String,
}

#[derive(Debug, Serialize)]
struct Failure {
    code: String,
    message: String,
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let project = Project::load(&options.path)?;
    let engine = engine(&options.egress)?;
    let mut run = prepare(project, options.request.0, options.settings);
    run.secrets = options.secrets.load()?;
    let (result, transcript) = execute(&engine, run, output).await;
    let verdict = output.finish(&result, Verdict::of(result.ok))?;
    // Last, so that a path that cannot be written costs nothing but the file.
    if let Some(path) = &options.transcript {
        save(path, &transcript).context("the transcript was not saved")?;
    }
    Ok(verdict)
}

async fn execute(engine: &Engine, run: Run, output: &mut Output<'_>) -> (RunOutput, Transcript) {
    let mut running = std::pin::pin!(engine.run(run));
    let report = match tokio::time::timeout(QUIET_MAX, &mut running).await {
        Ok(report) => report,
        Err(_) => {
            output.progress("Running…");
            running.await
        }
    };
    RunOutput::new(report)
}

/// An engine that reaches what the arguments allow.
pub fn engine(egress: &EgressArgs) -> Result<Engine> {
    let extra_ca_pem = egress
        .extra_ca
        .iter()
        .map(|path| std::fs::read(path).with_context(|| format!("{}", path.display())))
        .collect::<Result<_>>()?;
    let proxy = egress.egress_proxy.as_ref();
    let proxy = proxy.map(|proxy| proxy.0.parse()).transpose();
    Ok(Engine::new(EngineConfig {
        egress: EgressConfig {
            allow_private_networks: egress.allow_private_networks,
            extra_ca_pem,
            proxy: proxy.context("--egress-proxy")?,
            ..EgressConfig::default()
        },
        // A command runs one contract, so it reserves room for one.
        runs_concurrent_max: 1,
        calls_concurrent_max: 1,
        cache: compiled::cache(),
        ..EngineConfig::default()
    })?)
}

fn prepare(project: Project, input: Vec<u8>, settings: Option<JsonObject>) -> Run {
    let (limits, allowed_hosts, own_settings) = match project.manifest {
        Some((manifest, _)) => {
            let settings = manifest.settings_json();
            (manifest.limits, manifest.allowed_hosts, settings)
        }
        None => (Limits::default(), vec![ANY_HOST.into()], "{}".into()),
    };
    Run {
        code: project.code.into(),
        request: RunRequest {
            // No chain knows this contract: the zero id stands for "not deployed".
            contract: ContractId::default(),
            request: RequestId::default(),
            input,
            // As for a call over HTTP.
            caller: String::new(),
            chain: String::new(),
            block: 0,
            settings: settings.map_or(own_settings, |JsonObject(text)| text),
        },
        limits,
        allowed_hosts,
        kv: Arc::new(NoKeyValue),
        keys: Arc::new(ContractKeys::local(ContractId::default())),
        secrets: Secrets::default(),
        // It shares the engine with nobody, so no part of it is for others.
        class: RunClass::Anchor,
    }
}

fn save(path: &Path, transcript: &Transcript) -> Result<()> {
    let json = serde_json::to_vec_pretty(transcript)?;
    std::fs::write(path, json).with_context(|| format!("{}", path.display()))
}

impl RunOutput {
    fn new(report: RunReport) -> (Self, Transcript) {
        let (output, text, failure) = match report.outcome {
            Outcome::Output(bytes) => (
                Some(format!("0x{}", hex::encode(&bytes))),
                printable(&bytes),
                None,
            ),
            Outcome::Failed(failure) => {
                let failure = Failure {
                    code: failure.code.to_string(),
                    message: failure.message,
                };
                (None, None, Some(failure))
            }
        };
        let transcript = report.transcript;
        let shown = Self {
            ok: failure.is_none(),
            output,
            text,
            failure,
            logs: report.logs,
            fuel_used: report.fuel_used,
            elapsed_ms: u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX),
            code_hash: transcript.header.code_hash,
            transcript_root: format!("0x{}", hex::encode(transcript.root())),
        };
        (shown, transcript)
    }
}

/// The bytes as text, if a terminal can show them.
pub fn printable(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let shown = !text.is_empty()
        && text
            .chars()
            .all(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    shown.then(|| text.to_owned())
}

impl fmt::Display for RunOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.logs {
            writeln!(f, "log      {}: {}", line.level, line.message)?;
        }
        if let Some(output) = &self.output {
            writeln!(f, "output   {output}")?;
        }
        if let Some(text) = &self.text {
            writeln!(f, "text     {text}")?;
        }
        if let Some(Failure { code, message }) = &self.failure {
            writeln!(f, "failed   {code}: {message}")?;
        }
        writeln!(f, "fuel     {}", self.fuel_used)?;
        writeln!(f, "time     {} ms", self.elapsed_ms)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use super::*;
    use crate::{output::Format, testing::local_engine};

    /// Runs `code` in a project with `manifest` and gives the text and the JSON.
    async fn run_project(manifest: &str, code: &str, input: &[u8]) -> (String, Value) {
        run_with(manifest, code, input, None).await
    }

    async fn run_with(
        manifest: &str,
        code: &str,
        input: &[u8],
        settings: Option<&str>,
    ) -> (String, Value) {
        let folder = tempfile::tempdir().unwrap();
        let manifest = format!("name = \"a\"\nentry = \"a.js\"\n{manifest}");
        fs::write(folder.path().join("phat.toml"), manifest).unwrap();
        fs::write(folder.path().join("a.js"), code).unwrap();
        let project = Project::load(folder.path()).unwrap();
        let run = prepare(
            project,
            input.into(),
            settings.map(|text| text.parse().unwrap()),
        );
        let (mut result, mut progress) = (Vec::new(), Vec::new());
        let mut output = Output::new(Format::Text, &mut result, &mut progress);
        let (mut shown, _) = execute(&local_engine(), run, &mut output).await;
        shown.elapsed_ms = 5;
        (shown.to_string(), serde_json::to_value(&shown).unwrap())
    }

    #[tokio::test]
    async fn a_run_shows_output_logs_fuel_and_time() {
        let code = "export default (r) => { console.warn('seen'); return r.input }";
        let (text, json) = run_project("", code, b"hello").await;
        let fuel = &json["fuel_used"];
        assert_eq!(
            text,
            format!(
                "log      warn: seen\noutput   0x68656c6c6f\ntext     hello\n\
                 fuel     {fuel}\ntime     5 ms\n"
            )
        );
        let (text, json) = run_project("", code, &[0, 255]).await;
        assert!(text.contains("output   0x00ff\nfuel"), "{text}");
        assert_eq!(
            (&json["output"], &json["text"]),
            (&json!("0x00ff"), &Value::Null)
        );
    }

    #[tokio::test]
    async fn settings_come_from_the_manifest_or_the_argument() {
        let code = "export default (r) => JSON.stringify(r.settings)";
        let settings = "[settings]\nn = 1\n";
        let (_, json) = run_project(settings, code, b"").await;
        assert_eq!(json["text"], r#"{"n":1}"#);
        let (_, json) = run_with(settings, code, b"", Some(r#"{"n":2}"#)).await;
        assert_eq!(json["text"], r#"{"n":2}"#);
    }

    #[tokio::test]
    async fn a_failure_is_named() {
        let endless = "export default () => { for (;;); }";
        let (text, json) = run_project("[limits]\nfuel = 100_000_000\n", endless, b"").await;
        assert!(
            text.contains("failed   out_of_fuel: the limit fuel of 100000000"),
            "{text}"
        );
        assert_eq!(
            (&json["ok"], &json["failure"]["code"]),
            (&json!(false), &json!("out_of_fuel"))
        );
        let threw = "export default () => { throw new Error('no') }";
        let (_, json) = run_project("", threw, b"").await;
        assert_eq!(json["failure"]["code"], "script_threw");
        let (_, json) = run_project("", "export default () => 1", b"").await;
        assert_eq!(json["failure"]["code"], "wrong_type");
    }
}
