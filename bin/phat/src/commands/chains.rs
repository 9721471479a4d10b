//! `phat chains`: the chains that are known by name.

use std::fmt;

use anyhow::{Result, bail};
use clap::Args;
use phat_target::presets::{PRESETS, Preset, preset};
use serde::Serialize;

use crate::output::{Output, Verdict};

/// List the chains that are known by name, with what a worker needs to know of each.
///
/// A name stands for the chain wherever one is asked for, as in
/// `--target-anchor ethereum:0x…` or a worker's `--target ethereum=URL`. Other chains are
/// named as CAIP-2 has it, `eip155:ID`. The confirmations are the worker's default. The
/// endpoints are public ones: use your own, or several, so that none is believed alone.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat chains\n  phat chains base --json")]
pub struct Options {
    /// Show this chain only: its name, or what CAIP-2 calls it.
    #[arg(value_name = "CHAIN")]
    chain: Option<String>,
}

/// The chains that are shown.
#[derive(Debug, Serialize)]
struct Chains {
    chains: Vec<Preset>,
}

/// Runs the command.
pub fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let chains = match options.chain.as_deref() {
        None => PRESETS.to_vec(),
        Some(name) => match preset(name) {
            Some(chain) => vec![*chain],
            None => bail!("{name:?} is no chain that is known by name: `phat chains` lists them"),
        },
    };
    Ok(output.finish(&Chains { chains }, Verdict::Done)?)
}

impl fmt::Display for Chains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, chain) in self.chains.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            writeln!(f, "{:<17}{} ({})", chain.name, chain.title, chain.chain())?;
            writeln!(f, "  fees           {}", chain.fee_model.title())?;
            let confirmations = match chain.confirmations {
                0 => "the chain's own finality".to_owned(),
                1 => "1 block".to_owned(),
                blocks => format!("{blocks} blocks"),
            };
            writeln!(f, "  acts after     {confirmations}")?;
            writeln!(f, "  final after    {}", chain.finality)?;
            writeln!(f, "  block time     {} s", seconds(chain.block_time_ms))?;
            writeln!(f, "  documentation  {}", chain.documentation)?;
            for endpoint in chain.endpoints {
                writeln!(f, "  endpoint       {endpoint}")?;
            }
        }
        Ok(())
    }
}

/// Milliseconds as seconds, with no more places than they have.
fn seconds(ms: u64) -> String {
    let (whole, rest) = (ms / 1_000, ms % 1_000);
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{rest:03}")
        .trim_end_matches('0')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Format;

    fn shown(chain: Option<&str>, format: Format) -> Result<String> {
        let (mut result, mut progress) = (Vec::new(), Vec::new());
        let mut output = Output::new(format, &mut result, &mut progress);
        let options = Options {
            chain: chain.map(Into::into),
        };
        assert_eq!(run(options, &mut output)?, Verdict::Done);
        Ok(String::from_utf8(result)?)
    }

    #[test]
    fn every_chain_is_shown_in_both_forms() {
        let text = shown(None, Format::Text).unwrap();
        let json: serde_json::Value =
            serde_json::from_str(&shown(None, Format::Json).unwrap()).unwrap();
        let chains = json["chains"].as_array().unwrap();
        assert_eq!(chains.len(), PRESETS.len());
        for (row, chain) in chains.iter().zip(PRESETS) {
            assert!(text.contains(chain.title), "{text}");
            for field in [
                "name",
                "title",
                "chain",
                "fee_model",
                "confirmations",
                "finality",
                "block_time_ms",
                "documentation",
                "endpoints",
            ] {
                assert!(!row[field].is_null(), "{} has no {field}", chain.name);
            }
        }
    }

    #[test]
    fn one_chain_is_found_by_either_name() {
        let text = shown(Some("base"), Format::Text).unwrap();
        assert_eq!(text, shown(Some("eip155:8453"), Format::Text).unwrap());
        assert_eq!(
            text,
            "base             Base (eip155:8453)\n\
             \x20 fees           EIP-1559 and L2 data fee\n\
             \x20 acts after     10 blocks\n\
             \x20 final after    when its batch is final on Ethereum\n\
             \x20 block time     2 s\n\
             \x20 documentation  https://docs.base.org/\n\
             \x20 endpoint       https://mainnet.base.org\n\
             \x20 endpoint       https://base-rpc.publicnode.com\n\
             \x20 endpoint       https://base.drpc.org\n"
        );
        let error = shown(Some("nowhere"), Format::Text).unwrap_err();
        assert!(error.to_string().contains("phat chains"), "{error}");
    }

    #[test]
    fn block_times_have_no_more_places_than_needed() {
        for (ms, text) in [
            (12_000, "12"),
            (450, "0.45"),
            (250, "0.25"),
            (1_005, "1.005"),
        ] {
            assert_eq!(seconds(ms), text);
        }
    }
}
