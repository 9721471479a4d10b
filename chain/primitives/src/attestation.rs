//! What a platform says of a worker, in the form that the chain keeps it.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{AccountBytes, EncryptionKey, WorkerId};

/// The certificate of Intel's root for SGX and TDX, in DER: that of
/// `certificates.trustedservices.intel.com/Intel_SGX_Provisioning_Certification_RootCA.cer`.
pub const INTEL_ROOT_CA: &[u8] = include_bytes!("intel-root-ca.der");

/// MRENCLAVE of a worker whose platform is simulated. Development networks allow it; it is no
/// hash of anything.
pub const SIMULATED_MR_ENCLAVE: [u8; 32] = *b"a phat-worker, simulated enclave";

/// Separates what a quote binds from everything else that is hashed.
const REPORT_DATA_DOMAIN: &[u8] = b"phat/attestation/1";

/// The kind of hardware that a quote is from.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Platform {
    /// Intel SGX: an enclave.
    Sgx,
    /// Intel TDX: a virtual machine.
    Tdx,
}

/// What runs, as its platform measured it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(untagged))]
pub enum Measurement {
    /// An enclave.
    Sgx {
        /// The hash of its code and data, MRENCLAVE.
        #[cfg_attr(feature = "serde", serde(with = "crate::hex_bytes"))]
        mr_enclave: [u8; 32],
        /// The hash of the key that signed it, MRSIGNER.
        #[cfg_attr(feature = "serde", serde(with = "crate::hex_bytes"))]
        mr_signer: [u8; 32],
        /// The number that its signer gave the product.
        isv_prod_id: u16,
        /// The version that its signer gave it.
        isv_svn: u16,
    },
    /// A virtual machine.
    Tdx {
        /// The hash of what it began with, MRTD.
        #[cfg_attr(feature = "serde", serde(with = "crate::hex_bytes"))]
        mr_td: [u8; 48],
        /// The hashes of what it loaded after that, RTMR0 to RTMR3.
        #[cfg_attr(feature = "serde", serde(with = "crate::hex_bytes::list"))]
        rtmr: [[u8; 48]; 4],
    },
}

impl Measurement {
    /// The kind of hardware that measures so.
    pub fn platform(&self) -> Platform {
        match self {
            Self::Sgx { .. } => Platform::Sgx,
            Self::Tdx { .. } => Platform::Tdx,
        }
    }

    /// The version that the signer gave an enclave. A machine has none, which is 0.
    pub fn isv_svn(&self) -> u16 {
        match self {
            Self::Sgx { isv_svn, .. } => *isv_svn,
            Self::Tdx { .. } => 0,
        }
    }

    /// The rules that cover it: the first names it alone, a second all that its signer signed
    /// as the same product.
    pub fn rules(&self) -> (MeasurementRule, Option<MeasurementRule>) {
        match *self {
            Self::Sgx {
                mr_enclave,
                mr_signer,
                isv_prod_id,
                ..
            } => {
                let signer = MeasurementRule::SgxSigner {
                    mr_signer,
                    isv_prod_id,
                };
                (MeasurementRule::SgxEnclave { mr_enclave }, Some(signer))
            }
            Self::Tdx { mr_td, rtmr } => (MeasurementRule::Tdx { mr_td, rtmr }, None),
        }
    }
}

/// Which software a network allows.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[allow(
    clippy::large_enum_variant,
    reason = "it is a key of a map, copied once or twice in a call"
)]
pub enum MeasurementRule {
    /// This enclave.
    SgxEnclave {
        /// MRENCLAVE.
        #[cfg_attr(feature = "serde", serde(with = "crate::hex_bytes"))]
        mr_enclave: [u8; 32],
    },
    /// Every enclave of this product of this signer.
    SgxSigner {
        /// MRSIGNER.
        #[cfg_attr(feature = "serde", serde(with = "crate::hex_bytes"))]
        mr_signer: [u8; 32],
        /// The product.
        isv_prod_id: u16,
    },
    /// This virtual machine, with what it loads.
    Tdx {
        /// MRTD.
        #[cfg_attr(feature = "serde", serde(with = "crate::hex_bytes"))]
        mr_td: [u8; 48],
        /// RTMR0 to RTMR3.
        #[cfg_attr(feature = "serde", serde(with = "crate::hex_bytes::list"))]
        rtmr: [[u8; 48]; 4],
    },
}

impl MeasurementRule {
    /// The kind of hardware that it is about.
    pub fn platform(&self) -> Platform {
        match self {
            Self::SgxEnclave { .. } | Self::SgxSigner { .. } => Platform::Sgx,
            Self::Tdx { .. } => Platform::Tdx,
        }
    }
}

/// How far a platform is trusted: from 1, which is best, to 5. What would be worse is refused.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "u8", into = "u8"))]
pub struct ConfidenceLevel(u8);

impl ConfidenceLevel {
    /// The best level.
    pub const BEST: Self = Self(1);
    /// The worst level that there is.
    pub const WORST: Self = Self(5);

    /// The level with this number, if it is one.
    pub fn new(number: u8) -> Option<Self> {
        (Self::BEST.0..=Self::WORST.0)
            .contains(&number)
            .then_some(Self(number))
    }

    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }

    /// Whether it is from 1 to 5. One that was decoded may be anything.
    pub fn is_valid(self) -> bool {
        Self::new(self.0).is_some()
    }
}

impl TryFrom<u8> for ConfidenceLevel {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        Self::new(number).ok_or("a confidence level is a number from 1 to 5")
    }
}

impl From<ConfidenceLevel> for u8 {
    fn from(level: ConfidenceLevel) -> Self {
        level.0
    }
}

impl core::fmt::Display for ConfidenceLevel {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

/// What a quote that holds says, as the chain's host function gives it.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Attested {
    /// What runs there.
    pub measurement: Measurement,
    /// How far the platform is trusted.
    pub confidence_level: ConfidenceLevel,
    /// What the software asked the platform to put into the quote.
    #[cfg_attr(feature = "serde", serde(with = "crate::hex_bytes"))]
    pub report_data: [u8; 64],
    /// When the collateral ceases to say so, in seconds since 1970.
    pub expires_at_s: u64,
}

/// Why a quote is refused. The texts are at the verifier, `phat-attestation`.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Refusal {
    /// It is no quote.
    QuoteMalformed,
    /// The collateral is none.
    CollateralMalformed,
    /// The certificates end at a root that is not accepted.
    RootUnknown,
    /// The collateral, or a certificate, does not hold any more.
    Expired,
    /// The collateral, or a certificate, does not hold yet.
    NotYetValid,
    /// A certificate was revoked.
    CertificateRevoked,
    /// Everybody can read the memory of what is quoted.
    Debug,
    /// The platform is not to be trusted at all.
    TcbRefused,
    /// A signature is wrong, or two things do not belong together.
    Invalid,
}

/// What a worker has its platform put into the quote.
///
/// It binds the chain, the worker's keys and its operator, so that a quote seen on one chain
/// vouches for nothing on another, and for nobody else's worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportData {
    /// The hash of the chain's first block.
    pub genesis_hash: [u8; 32],
    /// The worker's identity.
    pub worker: WorkerId,
    /// The key that others encrypt to.
    pub encryption_key: EncryptionKey,
    /// The account that answers for the worker.
    pub operator: AccountBytes,
}

impl ReportData {
    /// The 64 bytes: BLAKE2b-512 of the SCALE encoding of the fields behind a domain.
    pub fn to_bytes(&self) -> [u8; 64] {
        use blake2::{Blake2b512, Digest};
        let bound = (
            REPORT_DATA_DOMAIN,
            self.genesis_hash,
            self.worker,
            self.encryption_key,
            self.operator,
        );
        let mut bytes = [0; 64];
        bytes.copy_from_slice(&Blake2b512::digest(bound.encode()));
        bytes
    }
}
