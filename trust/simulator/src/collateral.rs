//! What Intel publishes: which versions are good, which certificates are revoked.

use dcap_qvl::{
    QeIdentity, QeTcb, QeTcbLevel, QuoteCollateralV3, Tcb, TcbComponents, TcbInfo, TcbLevel,
    TcbStatus,
    tcb_info::{TdxModule, TdxModuleIdentity, TdxModuleTcb, TdxModuleTcbLevel},
};
use der::DateTime;

use crate::{
    SimulatedIntel, SimulatedPlatform, SimulatorError,
    authority::Authority,
    intel::{CPU_SVN, FMSPC, PCE_SVN},
    platform::quoting_enclave,
    report::{TEE_TCB_SVN, Tee},
};

/// How long collateral holds: 30 days, as Intel's.
const HOLDS_S: u64 = 30 * 24 * 60 * 60;

/// A certificate that is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// The platform's.
    Platform,
    /// That of the authority that certifies platforms.
    PlatformAuthority,
    /// That of what signs the rest of the collateral.
    TcbSigner,
}

/// What the collateral says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollateralOptions {
    /// From when it holds, in seconds since 1970.
    pub issued_at: u64,
    /// Until when it holds, in seconds since 1970.
    pub next_update: u64,
    /// What it says of the platform's versions.
    pub tcb_status: TcbStatus,
    /// What is known against those versions.
    pub advisories: Vec<String>,
    /// What it says of the quoting enclave's version.
    pub qe_status: TcbStatus,
    /// The certificate that it revokes.
    pub revoked: Option<Revoked>,
}

impl CollateralOptions {
    /// All is well, for 30 days from `now` on, in seconds since 1970.
    pub fn at(now: u64) -> Self {
        Self {
            issued_at: now,
            next_update: now.saturating_add(HOLDS_S),
            tcb_status: TcbStatus::UpToDate,
            advisories: Vec::new(),
            qe_status: TcbStatus::UpToDate,
            revoked: None,
        }
    }
}

/// Collateral to be made.
pub struct Collateral<'a> {
    pub intel: &'a SimulatedIntel,
    pub tee: Tee,
    pub options: &'a CollateralOptions,
}

impl Collateral<'_> {
    pub fn publish(
        &self,
        platform: &SimulatedPlatform,
    ) -> Result<QuoteCollateralV3, SimulatorError> {
        let intel = self.intel;
        let CollateralOptions {
            issued_at,
            next_update,
            revoked,
            ..
        } = *self.options;
        let signers = Authority::chain(&[&intel.tcb_signer, &intel.root])?;
        let tcb_info = serde_json::to_string(&self.tcb_info()?)?;
        let qe_identity = serde_json::to_string(&self.qe_identity()?)?;
        let (under_root, under_platforms) = intel.revoked(platform, revoked);
        let list = |authority: &Authority, revoked: &[_]| {
            authority.revocations(revoked, issued_at, next_update)
        };
        Ok(QuoteCollateralV3 {
            pck_crl_issuer_chain: Authority::chain(&[&intel.platforms, &intel.root])?,
            root_ca_crl: list(&intel.root, &under_root)?,
            pck_crl: list(&intel.platforms, &under_platforms)?,
            tcb_info_issuer_chain: signers.clone(),
            tcb_info_signature: intel.tcb_signer.sign(tcb_info.as_bytes()).to_vec(),
            tcb_info,
            qe_identity_issuer_chain: signers,
            qe_identity_signature: intel.tcb_signer.sign(qe_identity.as_bytes()).to_vec(),
            qe_identity,
            // It is in the quote.
            pck_certificate_chain: None,
        })
    }

    fn tcb_info(&self) -> Result<TcbInfo, SimulatorError> {
        let components = |svns: [u8; 16]| svns.map(|svn| TcbComponents { svn }).to_vec();
        let tcb_date = date(self.options.issued_at)?;
        let (id, tdx_components, tdx_module, tdx_module_identities) = match self.tee {
            Tee::Sgx => ("SGX", Vec::new(), None, Vec::new()),
            Tee::Tdx => {
                let (identity, module) = tdx_module(&tcb_date);
                ("TDX", components(TEE_TCB_SVN), Some(module), vec![identity])
            }
        };
        Ok(TcbInfo {
            id: id.to_owned(),
            version: 3,
            issue_date: tcb_date.clone(),
            next_update: date(self.options.next_update)?,
            fmspc: hex(&FMSPC),
            pce_id: "0000".to_owned(),
            tcb_type: 0,
            tcb_evaluation_data_number: 17,
            tcb_levels: vec![TcbLevel {
                tcb: Tcb {
                    sgx_components: components(CPU_SVN),
                    tdx_components,
                    pce_svn: PCE_SVN,
                },
                tcb_date,
                tcb_status: self.options.tcb_status,
                advisory_ids: self.options.advisories.clone(),
            }],
            tdx_module,
            tdx_module_identities,
        })
    }

    fn qe_identity(&self) -> Result<QeIdentity, SimulatorError> {
        let enclave = quoting_enclave(self.tee);
        let id = match self.tee {
            Tee::Sgx => "QE",
            Tee::Tdx => "TD_QE",
        };
        let issue_date = date(self.options.issued_at)?;
        Ok(QeIdentity {
            id: id.to_owned(),
            version: 2,
            next_update: date(self.options.next_update)?,
            tcb_evaluation_data_number: 17,
            miscselect: [0; 4],
            miscselect_mask: [0xff; 4],
            attributes: first(0x05),
            // All but the debug bit and the features of the processor's state.
            attributes_mask: first(0xff),
            mrsigner: enclave.mr_signer,
            isvprodid: enclave.isv_prod_id,
            tcb_levels: vec![QeTcbLevel {
                tcb: QeTcb {
                    isvsvn: enclave.isv_svn,
                },
                tcb_date: issue_date.clone(),
                tcb_status: self.options.qe_status,
                advisory_ids: Vec::new(),
            }],
            issue_date,
        })
    }
}

fn tdx_module(tcb_date: &str) -> (TdxModuleIdentity, TdxModule) {
    let module = TdxModule {
        mrsigner: hex(&[0; 48]),
        attributes: hex(&[0; 8]),
        attributes_mask: hex(&[0xff; 8]),
    };
    let [isvsvn, version, ..] = TEE_TCB_SVN;
    let identity = TdxModuleIdentity {
        id: format!("TDX_{version:02X}"),
        mrsigner: module.mrsigner.clone(),
        attributes: module.attributes.clone(),
        attributes_mask: module.attributes_mask.clone(),
        tcb_levels: vec![TdxModuleTcbLevel {
            tcb: TdxModuleTcb { isvsvn },
            tcb_date: tcb_date.to_owned(),
            tcb_status: TcbStatus::UpToDate,
            advisory_ids: Vec::new(),
        }],
    };
    (identity, module)
}

fn first(byte: u8) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[0] = byte;
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// As RFC 3339 writes it.
fn date(seconds: u64) -> Result<String, SimulatorError> {
    DateTime::from_unix_duration(std::time::Duration::from_secs(seconds))
        .map(|date| date.to_string())
        .map_err(|_| SimulatorError::Time(seconds))
}
