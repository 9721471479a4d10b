//! What is measured of software, and by what.

use serde::Serialize;

/// The kind of hardware that a quote is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// Intel SGX: an enclave.
    Sgx,
    /// Intel TDX: a virtual machine.
    Tdx,
}

/// What runs, as its platform measured it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum Measurement {
    /// An enclave.
    Sgx {
        /// The hash of its code and data, MRENCLAVE.
        #[serde(serialize_with = "hex")]
        mr_enclave: [u8; 32],
        /// The hash of the key that signed it, MRSIGNER.
        #[serde(serialize_with = "hex")]
        mr_signer: [u8; 32],
        /// The number that its signer gave the product.
        isv_prod_id: u16,
        /// The version that its signer gave it.
        isv_svn: u16,
    },
    /// A virtual machine.
    Tdx {
        /// The hash of what it began with, MRTD.
        #[serde(serialize_with = "hex")]
        mr_td: [u8; 48],
        /// The hashes of what it loaded after that, RTMR0 to RTMR3.
        #[serde(serialize_with = "hexes")]
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
}

struct Hex<'a>(&'a [u8]);

impl Serialize for Hex<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digits: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        serializer.serialize_str(&format!("0x{digits}"))
    }
}

/// As hexadecimal digits after `0x`.
pub fn hex<S: serde::Serializer>(bytes: &impl AsRef<[u8]>, to: S) -> Result<S::Ok, S::Error> {
    Hex(bytes.as_ref()).serialize(to)
}

fn hexes<S: serde::Serializer>(registers: &[[u8; 48]; 4], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(registers.iter().map(|register| Hex(register)))
}
