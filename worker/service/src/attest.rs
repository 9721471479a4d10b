//! What the worker's platform says of it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use codec::Encode;
use phat_attestation::{Collateral, ConfigfsTsm, Gramine, QuoteError, Quoting};
use phat_attestation_simulator::{
    CollateralOptions, Report, SgxReport, SimulatedIntel, SimulatedPlatform, SimulatorError,
};
use phat_chain_client::Evidence;
use phat_keys::{GramineSealing, Sealing, SimulatedSealing, Unsealed};
use phat_primitives::attestation::{ReportData, SIMULATED_MR_ENCLAVE};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    config::{AttestationOption, SIMULATED_PLATFORM_DEFAULT},
    pace::now_s,
};

/// For how long simulated collateral has been published. The clocks of the chain and of the worker
/// may differ.
const SIMULATED_AGE_S: u64 = 24 * 60 * 60;

/// Why there is no evidence.
#[derive(Debug, Error)]
pub enum AttestError {
    /// The platform gives none.
    #[error(transparent)]
    Quote(#[from] QuoteError),
    /// Nothing says where the collateral is.
    #[error(
        "--attestation {0} needs --collateral FILE: what Intel publishes of this machine's \
         platform, in the JSON that PCCS clients write"
    )]
    CollateralMissing(AttestationOption),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file holds no collateral.
    #[error("{} holds no collateral, fetch it anew: {source}", path.display())]
    NotCollateral {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The platform cannot be simulated.
    #[error("the platform cannot be simulated: {0}")]
    Simulator(#[from] SimulatorError),
}

/// Where what Intel publishes of a platform comes from.
pub trait CollateralSource: Send + Sync {
    /// What is published now of the platform that made `quote`. Blocks for as long as it takes.
    fn collateral(&self, quote: &[u8]) -> Result<Collateral, AttestError>;
}

/// A platform that vouches for the worker, and where what is published of it comes from.
pub struct Attester {
    quoting: Box<dyn Quoting>,
    collateral: Box<dyn CollateralSource>,
}

impl Attester {
    /// With these two.
    pub fn new(quoting: Box<dyn Quoting>, collateral: Box<dyn CollateralSource>) -> Self {
        Self {
            quoting,
            collateral,
        }
    }

    /// The platform of this machine as the command line names it, or none.
    pub fn of(
        platform: AttestationOption,
        collateral: Option<&Path>,
        simulated: &SimulatedOptions,
    ) -> Result<Option<Self>, AttestError> {
        let quoting: Box<dyn Quoting> = match platform {
            AttestationOption::None => return Ok(None),
            AttestationOption::Sgx => Box::new(Gramine::default()),
            AttestationOption::Tdx => Box::new(ConfigfsTsm::default()),
            AttestationOption::Simulated => {
                let simulated = Simulated::new(simulated)?;
                let quoting = Box::new(simulated.clone());
                return Ok(Some(Self::new(quoting, Box::new(simulated))));
            }
        };
        let file = collateral.ok_or(AttestError::CollateralMissing(platform))?;
        let file = CollateralFile(file.to_owned());
        Ok(Some(Self::new(quoting, Box::new(file))))
    }

    /// A quote over `bound`, with what is published now. Blocks for as long as it takes.
    pub fn evidence(&self, bound: &ReportData) -> Result<Evidence, AttestError> {
        let quote = self.quoting.quote(&bound.to_bytes())?;
        let collateral = self.collateral.collateral(&quote)?.encode();
        Ok(Evidence { quote, collateral })
    }
}

/// Which platform is simulated, and what it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedOptions {
    /// The name of the platform, from which its keys follow.
    pub platform: String,
    /// MRENCLAVE of what it runs.
    pub mr_enclave: [u8; 32],
}

impl Default for SimulatedOptions {
    fn default() -> Self {
        Self {
            platform: SIMULATED_PLATFORM_DEFAULT.into(),
            mr_enclave: SIMULATED_MR_ENCLAVE,
        }
    }
}

/// What seals the worker's keys on the platform of this machine.
pub fn sealing(
    platform: AttestationOption,
    simulated: &SimulatedOptions,
) -> Result<Box<dyn Sealing>, AttestError> {
    Ok(match platform {
        AttestationOption::None => Box::new(Unsealed),
        AttestationOption::Sgx => Box::new(GramineSealing::default()),
        AttestationOption::Tdx => {
            tracing::warn!(
                "Intel TDX has no key to seal with: the worker's keys are plain files, which \
                 whoever reads its disk can use. Give it an encrypted disk whose key is released \
                 to this machine alone"
            );
            Box::new(Unsealed)
        }
        AttestationOption::Simulated => {
            let platform = SimulatedIntel::development()?.platform(&simulated.platform)?;
            Box::new(SimulatedSealing::new(Zeroizing::new(
                platform.sealing_secret(),
            )))
        }
    })
}

/// A file that the operator keeps current.
struct CollateralFile(PathBuf);

impl CollateralSource for CollateralFile {
    fn collateral(&self, _quote: &[u8]) -> Result<Collateral, AttestError> {
        let Self(path) = self;
        let json = fs::read(path).map_err(|source| AttestError::File {
            path: path.clone(),
            source,
        })?;
        serde_json::from_slice(&json).map_err(|source| AttestError::NotCollateral {
            path: path.clone(),
            source,
        })
    }
}

/// A platform that is none, and the Intel that certifies it.
#[derive(Clone)]
struct Simulated {
    intel: SimulatedIntel,
    platform: SimulatedPlatform,
    report: Report,
}

impl Simulated {
    fn new(options: &SimulatedOptions) -> Result<Self, AttestError> {
        let intel = SimulatedIntel::development()?;
        Ok(Self {
            platform: intel.platform(&options.platform)?,
            report: Report::Sgx(SgxReport {
                mr_enclave: options.mr_enclave,
                ..SgxReport::default()
            }),
            intel,
        })
    }
}

impl Quoting for Simulated {
    fn quote(&self, report_data: &[u8; 64]) -> Result<Vec<u8>, QuoteError> {
        self.platform
            .quote(&self.report, *report_data)
            .map_err(|error| QuoteError::Refused(error.to_string()))
    }
}

impl CollateralSource for Simulated {
    fn collateral(&self, _quote: &[u8]) -> Result<Collateral, AttestError> {
        let options = CollateralOptions::at(now_s().saturating_sub(SIMULATED_AGE_S));
        let tee = self.report.tee();
        Ok(self.intel.collateral(&self.platform, tee, &options)?)
    }
}

#[cfg(test)]
mod tests {
    use codec::Decode;
    use phat_primitives::{AccountBytes, EncryptionKey, WorkerId};

    use super::*;

    const WORKER: WorkerId = WorkerId([1; 32]);

    fn bound() -> ReportData {
        ReportData {
            genesis_hash: [2; 32],
            worker: WORKER,
            encryption_key: EncryptionKey([3; 32]),
            operator: AccountBytes([4; 32]),
        }
    }

    #[test]
    fn a_simulated_platform_vouches_for_what_it_is_asked() {
        let options = SimulatedOptions::default();
        let attester = Attester::of(AttestationOption::Simulated, None, &options)
            .unwrap()
            .unwrap();
        let evidence = attester.evidence(&bound()).unwrap();
        let root = SimulatedIntel::development()
            .unwrap()
            .root_certificate()
            .unwrap();
        let collateral = Collateral::decode(&mut &evidence.collateral[..]).unwrap();
        let verified =
            phat_attestation::verify(&evidence.quote, &collateral, &[&root], now_s()).unwrap();
        assert_eq!(verified.report_data, bound().to_bytes());
        assert_eq!(
            verified.measurement.rules().0,
            phat_primitives::attestation::MeasurementRule::SgxEnclave {
                mr_enclave: SIMULATED_MR_ENCLAVE
            }
        );
    }

    #[test]
    fn hardware_needs_a_file_with_collateral() {
        let options = SimulatedOptions::default();
        let of = |platform, file: Option<&Path>| Attester::of(platform, file, &options);
        assert!(of(AttestationOption::None, None).unwrap().is_none());
        for (platform, name) in [
            (AttestationOption::Sgx, "sgx"),
            (AttestationOption::Tdx, "tdx"),
        ] {
            let error = of(platform, None).err().unwrap().to_string();
            assert!(
                error.starts_with(&format!("--attestation {name} needs --collateral FILE")),
                "{error}"
            );
        }

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("collateral.json");
        let source = CollateralFile(path.clone());
        let error = source.collateral(&[]).unwrap_err().to_string();
        assert!(error.contains("collateral.json"), "{error}");
        fs::write(&path, "{}").unwrap();
        let error = source.collateral(&[]).unwrap_err().to_string();
        assert!(error.contains("fetch it anew"), "{error}");
        let simulated = Simulated::new(&options).unwrap().collateral(&[]).unwrap();
        fs::write(&path, serde_json::to_vec(&simulated).unwrap()).unwrap();
        assert_eq!(source.collateral(&[]).unwrap(), simulated);
    }

    #[test]
    fn each_simulated_platform_seals_for_itself() {
        let folder = tempfile::tempdir().unwrap();
        let open = |attestation, platform: &str| {
            let options = SimulatedOptions {
                platform: platform.into(),
                ..SimulatedOptions::default()
            };
            let sealing = sealing(attestation, &options).unwrap();
            phat_keys::KeyStore::open(folder.path(), &*sealing).map(|store| store.worker_id())
        };
        let simulated = AttestationOption::Simulated;
        let worker = open(simulated, "first").unwrap();
        assert_eq!(open(simulated, "first").unwrap(), worker);
        let error = open(simulated, "second").unwrap_err().to_string();
        assert!(error.contains("another platform"), "{error}");
        let error = open(AttestationOption::None, "first").unwrap_err();
        assert!(error.to_string().contains("--attestation"), "{error}");
    }
}
