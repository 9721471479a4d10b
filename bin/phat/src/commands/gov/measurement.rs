//! Measurements as arguments.

use anyhow::{Result, bail};
use clap::Args;
use phat_primitives::attestation::MeasurementRule;

use crate::args::{HashArg, HexArg};

/// How many registers of a virtual machine are measured.
const RTMR_COUNT: usize = 4;

/// What workers run: an enclave, all enclaves of a signer's product, or a virtual machine.
#[derive(Args, Debug)]
pub struct MeasurementArgs {
    /// An SGX enclave: its MRENCLAVE.
    #[arg(long, value_name = "HEX", conflicts_with_all = ["mr_signer", "mr_td"])]
    mr_enclave: Option<HashArg>,
    /// The enclaves of a signer: its MRSIGNER. Needs --isv-prod-id.
    #[arg(
        long,
        value_name = "HEX",
        requires = "isv_prod_id",
        conflicts_with = "mr_td"
    )]
    mr_signer: Option<HashArg>,
    /// Which product of the signer.
    #[arg(long, value_name = "NUMBER", requires = "mr_signer")]
    isv_prod_id: Option<u16>,
    /// A TDX virtual machine: its MRTD. Needs --rtmr four times.
    #[arg(long, value_name = "HEX", requires = "rtmr")]
    mr_td: Option<HexArg>,
    /// RTMR0 to RTMR3 of the virtual machine, in this order.
    #[arg(long, value_name = "HEX", requires = "mr_td")]
    rtmr: Vec<HexArg>,
}

impl MeasurementArgs {
    /// The rule that the arguments give.
    pub fn rule(&self) -> Result<MeasurementRule> {
        if let Some(HashArg(mr_enclave)) = self.mr_enclave {
            return Ok(MeasurementRule::SgxEnclave { mr_enclave });
        }
        if let (Some(HashArg(mr_signer)), Some(isv_prod_id)) = (self.mr_signer, self.isv_prod_id) {
            return Ok(MeasurementRule::SgxSigner {
                mr_signer,
                isv_prod_id,
            });
        }
        let Some(mr_td) = &self.mr_td else {
            bail!("give --mr-enclave, --mr-signer with --isv-prod-id, or --mr-td with --rtmr");
        };
        if self.rtmr.len() != RTMR_COUNT {
            bail!("give --rtmr four times, for RTMR0 to RTMR3");
        }
        let mut rtmr = [[0; 48]; RTMR_COUNT];
        for (register, given) in rtmr.iter_mut().zip(&self.rtmr) {
            *register = measurement(given, "--rtmr")?;
        }
        Ok(MeasurementRule::Tdx {
            mr_td: measurement(mr_td, "--mr-td")?,
            rtmr,
        })
    }
}

fn measurement(given: &HexArg, name: &str) -> Result<[u8; 48]> {
    match given.0.as_slice().try_into() {
        Ok(bytes) => Ok(bytes),
        Err(_) => bail!("{name} has {} bytes; give 48", given.0.len()),
    }
}
