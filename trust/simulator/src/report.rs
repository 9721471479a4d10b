//! What an enclave or a virtual machine is, as its platform reports it.

use dcap_qvl::quote::{EnclaveReport, Report as QuotedReport, TDReport10, TDReport15};

/// The kind of environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tee {
    /// An SGX enclave.
    Sgx,
    /// A TDX virtual machine.
    Tdx,
}

/// What is quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// An enclave, in a quote of version 3.
    Sgx(SgxReport),
    /// A virtual machine, in a quote of version 4 or 5.
    Tdx(TdxReport),
}

/// An enclave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SgxReport {
    /// The hash of its code and data.
    pub mr_enclave: [u8; 32],
    /// The hash of the key that signed it.
    pub mr_signer: [u8; 32],
    /// Its product number.
    pub isv_prod_id: u16,
    /// Its version.
    pub isv_svn: u16,
    /// Whether its memory can be read from outside.
    pub debug: bool,
}

/// The version of a quote of a virtual machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TdxVersion {
    /// Version 4, with a report of TDX 1.0.
    #[default]
    V4,
    /// Version 5, with a report of TDX 1.5.
    V5,
}

/// A virtual machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TdxReport {
    /// The version of the quote.
    pub version: TdxVersion,
    /// The hash of what it began with.
    pub mr_td: [u8; 48],
    /// The hashes of what it loaded after that.
    pub rtmr: [[u8; 48]; 4],
    /// Whether its memory can be read from outside.
    pub debug: bool,
}

impl Default for TdxReport {
    fn default() -> Self {
        Self {
            version: TdxVersion::default(),
            mr_td: [0; 48],
            rtmr: [[0; 48]; 4],
            debug: false,
        }
    }
}

/// Initialised, and of 64 bits.
const SGX_ATTRIBUTES: u8 = 0b101;
const SGX_DEBUG: u8 = 0b10;
/// Faults of absent pages end the machine instead of being handed to it.
const TD_SEPT_VE_DISABLE: u8 = 0x10;
const TD_DEBUG: u8 = 1;
/// The processor state of a machine with AVX-512 and AMX.
const TD_XFAM: [u8; 8] = [0xe7, 0x02, 0x06, 0, 0, 0, 0, 0];
/// The versions of the TDX module: its security version, its major version, and that of
/// the microcode.
pub const TEE_TCB_SVN: [u8; 16] = [5, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

impl Report {
    /// The kind of environment that it is of.
    pub fn tee(&self) -> Tee {
        match self {
            Self::Sgx(_) => Tee::Sgx,
            Self::Tdx(_) => Tee::Tdx,
        }
    }

    /// As a platform with these component versions reports it.
    pub(crate) fn quoted(&self, cpu_svn: [u8; 16], report_data: [u8; 64]) -> QuotedReport {
        match self {
            Self::Sgx(report) => QuotedReport::SgxEnclave(report.quoted(cpu_svn, report_data)),
            Self::Tdx(report) => report.quoted(report_data),
        }
    }
}

impl SgxReport {
    pub(crate) fn quoted(&self, cpu_svn: [u8; 16], report_data: [u8; 64]) -> EnclaveReport {
        let mut attributes = [0; 16];
        attributes[0] = SGX_ATTRIBUTES | if self.debug { SGX_DEBUG } else { 0 };
        // The floating-point state that every processor has.
        attributes[8] = 3;
        EnclaveReport {
            cpu_svn,
            misc_select: 0,
            reserved1: [0; 28],
            attributes,
            mr_enclave: self.mr_enclave,
            reserved2: [0; 32],
            mr_signer: self.mr_signer,
            reserved3: [0; 96],
            isv_prod_id: self.isv_prod_id,
            isv_svn: self.isv_svn,
            reserved4: [0; 60],
            report_data,
        }
    }
}

impl TdxReport {
    fn quoted(&self, report_data: [u8; 64]) -> QuotedReport {
        let [rt_mr0, rt_mr1, rt_mr2, rt_mr3] = self.rtmr;
        let mut td_attributes = [0; 8];
        td_attributes[0] = if self.debug { TD_DEBUG } else { 0 };
        td_attributes[3] = TD_SEPT_VE_DISABLE;
        let base = TDReport10 {
            tee_tcb_svn: TEE_TCB_SVN,
            mr_seam: [0x5e; 48],
            mr_signer_seam: [0; 48],
            seam_attributes: [0; 8],
            td_attributes,
            xfam: TD_XFAM,
            mr_td: self.mr_td,
            mr_config_id: [0; 48],
            mr_owner: [0; 48],
            mr_owner_config: [0; 48],
            rt_mr0,
            rt_mr1,
            rt_mr2,
            rt_mr3,
            report_data,
        };
        match self.version {
            TdxVersion::V4 => QuotedReport::TD10(base),
            TdxVersion::V5 => QuotedReport::TD15(TDReport15 {
                base,
                tee_tcb_svn2: TEE_TCB_SVN,
                mr_service_td: [0; 48],
            }),
        }
    }
}
