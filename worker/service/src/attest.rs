//! What the worker's platform says of it.

use std::{fs, io, path::PathBuf};

use codec::Encode;
use phat_attestation::{Collateral, ConfigfsTsm, Gramine, QuoteError, Quoting};
use phat_attestation_simulator::{
    CollateralOptions, Report, SgxReport, SimulatedIntel, SimulatedPlatform, SimulatorError,
};
use phat_chain_client::Evidence;
use phat_collateral::{CollateralError, PccsClient, PccsConfig};
use phat_keys::{GramineSealing, Sealing, SimulatedSealing, Unsealed};
use phat_primitives::attestation::{ReportData, SIMULATED_MR_ENCLAVE};
use thiserror::Error;
use tokio::runtime::Handle;
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
    /// The collateral cannot be fetched.
    #[error("what Intel publishes of this machine's platform cannot be fetched: {0}")]
    Fetch(#[from] CollateralError),
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

impl AttestError {
    /// Whether the same may work in a moment.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Fetch(error) if error.is_passing())
    }
}

/// Where what Intel publishes of this machine's platform is, if the platform is a real one.
#[derive(Clone, Debug)]
pub enum CollateralOption {
    /// In a file that the operator keeps current.
    File(PathBuf),
    /// At Intel's service, or a cache of it.
    Service(PccsConfig),
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
        collateral: &CollateralOption,
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
        let collateral: Box<dyn CollateralSource> = match collateral {
            CollateralOption::File(path) => Box::new(CollateralFile(path.clone())),
            CollateralOption::Service(config) => {
                Box::new(CollateralService(PccsClient::new(config)?))
            }
        };
        Ok(Some(Self::new(quoting, collateral)))
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

/// Intel's service, or a cache of it, which is asked anew each time.
struct CollateralService(PccsClient);

impl CollateralSource for CollateralService {
    /// Has to be called where the worker's runtime lets block.
    fn collateral(&self, quote: &[u8]) -> Result<Collateral, AttestError> {
        let Self(client) = self;
        Ok(Handle::current().block_on(client.collateral(quote, now_s()))?)
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

    fn file(path: &str) -> CollateralOption {
        CollateralOption::File(path.into())
    }

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
        let none = file("none");
        let attester = Attester::of(AttestationOption::Simulated, &none, &options)
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
    fn collateral_of_hardware_may_be_in_a_file() {
        let options = SimulatedOptions::default();
        let of = |platform| Attester::of(platform, &file("none"), &options).unwrap();
        assert!(of(AttestationOption::None).is_none());
        assert!(of(AttestationOption::Sgx).is_some());
        assert!(of(AttestationOption::Tdx).is_some());

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

    #[tokio::test]
    async fn collateral_of_hardware_may_be_fetched() {
        let options = SimulatedOptions::default();
        let of = |url: &str| {
            let service = CollateralOption::Service(PccsConfig::new(url.parse().unwrap()));
            Attester::of(AttestationOption::Sgx, &service, &options)
        };
        assert!(of("https://localhost:1").unwrap().is_some());
        let error = of("http://localhost:1").err().unwrap().to_string();
        assert!(error.contains("begins with https://"), "{error}");

        // Nobody listens at port 1.
        let quote = Simulated::new(&options).unwrap().quote(&[7; 64]).unwrap();
        let config = PccsConfig::new("https://localhost:1".parse().unwrap());
        let service = CollateralService(PccsClient::new(&config).unwrap());
        let fetched = tokio::task::spawn_blocking(move || service.collateral(&quote));
        let error = fetched.await.unwrap().unwrap_err();
        assert!(error.is_passing(), "{error}");
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
