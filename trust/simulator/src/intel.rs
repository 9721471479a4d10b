//! The simulated Intel itself.

use sha2::{Digest, Sha256};
use x509_cert::serial_number::SerialNumber;

use crate::{
    CollateralOptions, SimulatorError,
    authority::{Authority, Request, Role, derive_key},
    collateral::Collateral,
    pck_extension::PckExtension,
    platform::SimulatedPlatform,
    report::Tee,
};

/// The seed of the one that development networks trust. Known to everyone.
const DEVELOPMENT_SEED: &[u8] = b"phat development network";
/// The component versions of every platform, at the level that the collateral names.
pub const CPU_SVN: [u8; 16] = [7, 7, 2, 2, 3, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0];
/// The version of every platform's provisioning enclave.
pub const PCE_SVN: u16 = 13;
/// The kind of every platform.
pub const FMSPC: [u8; 6] = [0x50, 0x48, 0x41, 0x54, 0, 0];

/// A root of trust and what Intel keeps under it.
#[derive(Clone, Debug)]
pub struct SimulatedIntel {
    seed: Vec<u8>,
    pub(crate) root: Authority,
    /// Certifies platforms.
    pub(crate) platforms: Authority,
    /// Signs what is known of versions and quoting enclaves.
    pub(crate) tcb_signer: Authority,
}

impl SimulatedIntel {
    /// The one whose root a development network trusts.
    pub fn development() -> Result<Self, SimulatorError> {
        Self::new(DEVELOPMENT_SEED)
    }

    /// One with the keys of this seed.
    pub fn new(seed: &[u8]) -> Result<Self, SimulatorError> {
        let root = Authority::root(derive_key(seed, "root"), "Simulated SGX Root CA")?;
        let platforms = root.issue(
            derive_key(seed, "platform CA"),
            &Request {
                name: "Simulated SGX PCK Platform CA",
                role: Role::Authority { below: 0 },
                extension: None,
            },
        )?;
        let tcb_signer = root.issue(
            derive_key(seed, "TCB signer"),
            &Request {
                name: "Simulated SGX TCB Signing",
                role: Role::Leaf,
                extension: None,
            },
        )?;
        Ok(Self {
            seed: seed.to_vec(),
            root,
            platforms,
            tcb_signer,
        })
    }

    /// The root's certificate, in DER.
    pub fn root_certificate(&self) -> Result<Vec<u8>, SimulatorError> {
        self.root.der()
    }

    /// The platform of this name, which is always the same.
    pub fn platform(&self, name: &str) -> Result<SimulatedPlatform, SimulatorError> {
        let mut ppid = [0; 16];
        ppid.copy_from_slice(&Sha256::digest(name)[..16]);
        let extension = PckExtension {
            ppid,
            cpu_svn: CPU_SVN,
            pce_svn: PCE_SVN,
            fmspc: FMSPC,
        };
        let pck = self.platforms.issue(
            derive_key(&self.seed, &format!("platform {name}")),
            &Request {
                name: "Simulated SGX PCK Certificate",
                role: Role::Leaf,
                extension: Some(extension.encode()?),
            },
        )?;
        let chain = Authority::chain(&[&pck, &self.platforms, &self.root])?;
        Ok(SimulatedPlatform::new(
            pck, extension, chain, &self.seed, name,
        ))
    }

    /// What Intel publishes about `platform` and this kind of environment.
    pub fn collateral(
        &self,
        platform: &SimulatedPlatform,
        tee: Tee,
        options: &CollateralOptions,
    ) -> Result<dcap_qvl::QuoteCollateralV3, SimulatorError> {
        Collateral {
            intel: self,
            tee,
            options,
        }
        .publish(platform)
    }

    /// The numbers of the certificates that `options` revoke, under the root and under
    /// the authority of platforms.
    pub(crate) fn revoked<'a>(
        &'a self,
        platform: &'a SimulatedPlatform,
        revoked: Option<crate::Revoked>,
    ) -> (Vec<&'a SerialNumber>, Vec<&'a SerialNumber>) {
        use crate::Revoked;
        match revoked {
            None => (vec![], vec![]),
            Some(Revoked::Platform) => (vec![], vec![platform.pck.serial()]),
            Some(Revoked::PlatformAuthority) => (vec![self.platforms.serial()], vec![]),
            Some(Revoked::TcbSigner) => (vec![self.tcb_signer.serial()], vec![]),
        }
    }
}
