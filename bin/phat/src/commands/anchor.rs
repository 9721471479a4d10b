//! `phat anchor`: consumers of the anchor pallet of a Substrate chain.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use phat_chain_client::{AnchorRequestState, ChainClient, NewAnchorConsumer, Signer};
use phat_primitives::{
    AccountBytes,
    anchor::{AttestorKey, FIRST_REQUEST, consumer_entropy},
};
use serde::Serialize;

use crate::{
    args::{ChainArgs, HashArg, HexArg, parse_account_argument},
    output::{Output, Verdict},
};

/// How long a request waits where nothing else is said, in seconds: an hour.
const LIFETIME_S_DEFAULT: u64 = 3_600;
/// How much a consumer may store where nothing else is said, in bytes.
const STORED_BYTES_DEFAULT: u64 = 64 * 1024;

/// Ask contracts on a Substrate chain that has the anchor pallet, and read what they store
/// there. The Phat chain is one.
#[derive(Args, Debug)]
#[command(after_help = "Example:
  phat anchor register --salt CONTRACT --attestor 0x… --suri //Alice
  phat anchor request CONSUMER --input 0x01 --suri //Bob
  phat anchor show CONSUMER --request 1
  phat anchor show CONSUMER --key price")]
pub struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    Register(Register),
    SetAttestors(SetAttestors),
    Request(Request),
    Show(Show),
}

/// Who signs, and on which chain.
#[derive(Args, Debug)]
struct Sign {
    /// The secret of the account: a phrase, or a development account such as //Alice.
    #[arg(
        long,
        value_name = "SURI",
        env = "PHAT_SURI",
        hide_env_values = true,
        default_value = "//Alice"
    )]
    suri: String,
    #[command(flatten)]
    chain: ChainArgs,
}

/// Who must sign outcomes.
#[derive(Args, Debug)]
struct Attestors {
    /// A key that signs outcomes, as `phat contract` and workers show it for the chain: 0x and
    /// 64 hexadecimal digits, or 66 for secp256k1. Give it once for each.
    #[arg(long = "attestor", value_name = "KEY", required = true, value_parser = attestor)]
    keys: Vec<AttestorKey>,
    /// How many of them must sign.
    #[arg(long, value_name = "K", default_value_t = 1)]
    threshold: u32,
}

/// Register a consumer: your own account, or with --salt one that has no key and is yours.
#[derive(Args, Debug)]
#[command(after_help = "Example:
  phat anchor register --salt CONTRACT --attestor 0x… --suri //Alice")]
struct Register {
    /// 32 bytes that the account is derived from, such as the id of the contract whose state it
    /// keeps.
    #[arg(long, value_name = "HEX")]
    salt: Option<HashArg>,
    /// Let nobody but the consumer and you make requests.
    #[arg(long)]
    private: bool,
    /// The most bytes that all values of the consumer have together, with 64 more for each key.
    #[arg(long, value_name = "BYTES", default_value_t = STORED_BYTES_DEFAULT)]
    stored_bytes_max: u64,
    #[command(flatten)]
    attestors: Attestors,
    #[command(flatten)]
    sign: Sign,
}

/// Replace the keys that sign for a consumer.
#[derive(Args, Debug)]
#[command(after_help = "Example:
  phat anchor set-attestors CONSUMER --attestor 0x… --attestor 0x… --threshold 2")]
struct SetAttestors {
    /// The consumer's account.
    #[arg(value_parser = parse_account_argument)]
    consumer: AccountBytes,
    #[command(flatten)]
    attestors: Attestors,
    /// For how many seconds the keys before may go on signing: 0 if one was stolen.
    #[arg(long, value_name = "S", default_value_t = LIFETIME_S_DEFAULT)]
    overlap_s: u64,
    #[command(flatten)]
    sign: Sign,
}

/// Ask a consumer's contract.
#[derive(Args, Debug)]
#[command(after_help = "Example:
  phat anchor request CONSUMER --input 0x01 --fee 1000000000 --suri //Bob")]
struct Request {
    /// The consumer's account.
    #[arg(value_parser = parse_account_argument)]
    consumer: AccountBytes,
    /// What to ask.
    #[arg(long, value_name = "HEX", default_value = "")]
    input: HexArg,
    /// What whoever settles it is paid, in the chain's smallest unit.
    #[arg(long, value_name = "AMOUNT", default_value_t = 0)]
    fee: u128,
    /// After how many seconds it is paid back, if nobody has settled it.
    #[arg(long, value_name = "S", default_value_t = LIFETIME_S_DEFAULT)]
    lifetime_s: u64,
    #[command(flatten)]
    sign: Sign,
}

/// Show a consumer, what has become of a request, or a value in its store.
#[derive(Args, Debug)]
#[command(after_help = "Example:
  phat anchor show CONSUMER --key price")]
struct Show {
    /// The consumer's account.
    #[arg(value_parser = parse_account_argument)]
    consumer: AccountBytes,
    /// The request to look up.
    #[arg(long, value_name = "NUMBER", conflicts_with = "key")]
    request: Option<u64>,
    /// The name of a key in the store.
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
    #[command(flatten)]
    chain: ChainArgs,
}

/// What a command found or did.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
enum Answer {
    /// A consumer was registered or changed.
    Changed { consumer: AccountBytes },
    /// A request was made.
    Requested {
        consumer: AccountBytes,
        request: Option<u64>,
        expires_at: u64,
    },
    /// What has become of one.
    Request {
        consumer: AccountBytes,
        request: u64,
        state: &'static str,
    },
    /// A value.
    Value {
        consumer: AccountBytes,
        value: String,
        version: u64,
    },
    /// A consumer.
    Consumer {
        consumer: AccountBytes,
        owner: AccountBytes,
        is_open: bool,
        requests_made: u64,
        requests_stored: u32,
        values: u32,
        stored_bytes: u64,
        threshold: u32,
        attestors: Vec<String>,
    },
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { consumer } => {
                write!(f, "{consumer} is a consumer with these attestors")
            }
            Self::Requested { request, .. } => match request {
                Some(request) => write!(f, "request {request} waits for its outcome"),
                None => write!(f, "the request was made"),
            },
            Self::Request { request, state, .. } => write!(f, "request {request}: {state}"),
            Self::Value { value, version, .. } => write!(f, "{value} (version {version})"),
            Self::Consumer {
                consumer,
                owner,
                is_open,
                requests_made,
                requests_stored,
                values,
                stored_bytes,
                threshold,
                attestors,
            } => {
                let askers = if *is_open { "anybody" } else { "its owner" };
                writeln!(f, "consumer   {consumer}\nowner      {owner}")?;
                writeln!(f, "asked by   {askers}")?;
                writeln!(
                    f,
                    "requests   {requests_made} made, {requests_stored} stored"
                )?;
                writeln!(f, "store      {values} values, {stored_bytes} bytes")?;
                write!(f, "attestors  {threshold} of {}", attestors.join(", "))
            }
        }
    }
}

/// Does it.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let (answer, verdict) = match options.action {
        Action::Register(options) => (register(options, output).await?, Verdict::Done),
        Action::SetAttestors(options) => (set_attestors(options, output).await?, Verdict::Done),
        Action::Request(options) => (request(options, output).await?, Verdict::Done),
        Action::Show(options) => show(options).await?,
    };
    Ok(output.finish(&answer, verdict)?)
}

async fn register(options: Register, output: &mut Output<'_>) -> Result<Answer> {
    let (chain, signer) = connect(&options.sign).await?;
    let salt = options.salt.map(|salt| salt.0);
    let owner = signer.account();
    let consumer = salt.map_or(owner, |salt| {
        AccountBytes(consumer_entropy(&owner.0, &salt))
    });
    output.progress("Registering…");
    let new = NewAnchorConsumer {
        salt,
        is_open: !options.private,
        threshold: options.attestors.threshold,
        attestors: options.attestors.keys,
        stored_bytes_max: options.stored_bytes_max,
    };
    let registered = chain.register_anchor_consumer(&signer, new).await;
    registered.context("the consumer was not registered")?;
    Ok(Answer::Changed { consumer })
}

async fn set_attestors(options: SetAttestors, output: &mut Output<'_>) -> Result<Answer> {
    let (chain, signer) = connect(&options.sign).await?;
    let consumer = options.consumer;
    let Attestors { keys, threshold } = options.attestors;
    output.progress("Naming the attestors…");
    chain
        .set_anchor_attestors(&signer, &consumer, threshold, &keys, options.overlap_s)
        .await
        .context("the attestors are the same as before")?;
    Ok(Answer::Changed { consumer })
}

async fn request(options: Request, output: &mut Output<'_>) -> Result<Answer> {
    let (chain, signer) = connect(&options.sign).await?;
    let consumer = options.consumer;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let expires_at = now
        .checked_add(Duration::from_secs(options.lifetime_s))
        .context("no request waits for so long: give a shorter --lifetime-s")?
        .as_secs();
    output.progress("Asking…");
    let (_, request) = chain
        .anchor_ask(&signer, &consumer, options.input.0, options.fee, expires_at)
        .await
        .context("the request was not made")?;
    Ok(Answer::Requested {
        consumer,
        request,
        expires_at,
    })
}

async fn show(options: Show) -> Result<(Answer, Verdict)> {
    let state = ChainClient::connect(&options.chain.chain).await?;
    let state = state.latest().await?;
    let consumer = options.consumer;
    if let Some(request) = options.request {
        let found = state.anchor_request(&consumer, request).await?;
        let (state, verdict) = match found {
            AnchorRequestState::Unknown => ("unknown", Verdict::Failed),
            AnchorRequestState::Open => ("open", Verdict::Done),
            AnchorRequestState::CallbackFailed => ("callback_failed", Verdict::Done),
            AnchorRequestState::Closed => ("closed", Verdict::Done),
        };
        let answer = Answer::Request {
            consumer,
            request,
            state,
        };
        return Ok((answer, verdict));
    }
    if let Some(key) = options.key {
        let (value, version) = state.anchor_value(&consumer, key.as_bytes()).await?;
        let verdict = Verdict::of(!value.is_empty());
        let answer = Answer::Value {
            consumer,
            value: format!("0x{}", hex::encode(value)),
            version,
        };
        return Ok((answer, verdict));
    }
    let Some(info) = state.anchor_consumer(&consumer).await? else {
        bail!("{consumer} is no consumer there: register it with phat anchor register");
    };
    let answer = Answer::Consumer {
        consumer,
        owner: info.owner,
        is_open: info.is_open,
        requests_made: info.next_request.saturating_sub(FIRST_REQUEST),
        requests_stored: info.requests,
        values: info.values,
        stored_bytes: info.stored_bytes,
        threshold: info.threshold,
        attestors: info.attestors.iter().map(shown).collect(),
    };
    Ok((answer, Verdict::Done))
}

async fn connect(sign: &Sign) -> Result<(ChainClient, Signer)> {
    let signer = Signer::from_uri(&sign.suri).context("--suri")?;
    Ok((ChainClient::connect(&sign.chain.chain).await?, signer))
}

/// An attestor as it is written: `0x` and its public key.
fn shown(key: &AttestorKey) -> String {
    match key {
        AttestorKey::Sr25519(key) => format!("0x{}", hex::encode(key)),
        AttestorKey::Secp256k1(key) => format!("0x{}", hex::encode(key)),
    }
}

fn attestor(text: &str) -> Result<AttestorKey, String> {
    let HexArg(bytes) = text.parse()?;
    let key = match bytes.len() {
        32 => bytes.try_into().map(AttestorKey::Sr25519),
        _ => bytes.try_into().map(AttestorKey::Secp256k1),
    };
    key.ok().filter(AttestorKey::is_well_formed).ok_or_else(|| {
        "give a public key: 32 bytes of sr25519, or 33 of secp256k1 in its compressed form".into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attestor_is_read_as_it_is_shown() {
        for key in [
            AttestorKey::Sr25519([1; 32]),
            AttestorKey::Secp256k1([3; 33]),
        ] {
            assert_eq!(attestor(&shown(&key)), Ok(key));
        }
        for bad in ["", "0x01", &"05".repeat(33), &"01".repeat(64)] {
            assert!(attestor(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_answer_names_what_is_asked_about() {
        let consumer = AccountBytes([7; 32]);
        let answer = Answer::Requested {
            consumer,
            request: Some(3),
            expires_at: 9,
        };
        assert_eq!(answer.to_string(), "request 3 waits for its outcome");
        let json = serde_json::to_value(&answer).unwrap();
        assert_eq!(json["kind"], "requested");
        assert_eq!(json["consumer"], consumer.to_string());
        assert_eq!(json["request"], 3);
    }
}
