//! A simulated platform, and the quotes that it makes.

use codec::Encode;
use dcap_qvl::{
    INTEL_QE_VENDOR_ID,
    quote::{
        AuthData, AuthDataV3, AuthDataV4, CertificationData, Data, Header,
        QEReportCertificationData, Quote, Report as QuotedReport,
    },
};
use p256::ecdsa::SigningKey;
use sha2::{Digest, Sha256};

use crate::{
    SimulatorError,
    authority::{Authority, derive_key, sign},
    pck_extension::PckExtension,
    report::{Report, SgxReport, Tee},
};

/// ECDSA over P-256, as an attestation key.
const KEY_ECDSA_P256: u16 = 2;
const TEE_SGX: u32 = 0;
const TEE_TDX: u32 = 0x81;
/// A chain of certificates in PEM, and a report with one.
const CERTIFICATION_CHAIN: u16 = 5;
const CERTIFICATION_REPORT: u16 = 6;
/// What the quoting enclave adds to what it signs.
const QE_AUTH_DATA: [u8; 32] = [0x51; 32];

/// A machine with a processor that quotes.
#[derive(Clone, Debug)]
pub struct SimulatedPlatform {
    /// The key that Intel certified.
    pub(crate) pck: Authority,
    pub(crate) extension: PckExtension,
    /// From the platform's key to the root.
    pub(crate) chain: String,
    /// The key of its quoting enclave.
    attestation_key: SigningKey,
    /// What it seals with.
    sealing_key: SigningKey,
}

impl SimulatedPlatform {
    pub(crate) fn new(
        pck: Authority,
        extension: PckExtension,
        chain: String,
        seed: &[u8],
        name: &str,
    ) -> Self {
        Self {
            pck,
            extension,
            chain,
            attestation_key: derive_key(seed, &format!("attestation key of {name}")),
            sealing_key: derive_key(seed, &format!("sealing key of {name}")),
        }
    }

    /// The secret that only this platform has for the software on it, in place of the key that a
    /// processor derives for sealing. As all simulated secrets, it follows from seed and name.
    pub fn sealing_secret(&self) -> [u8; 32] {
        self.sealing_key.to_bytes().into()
    }

    /// A quote of what `report` is of, which asked for it with these 64 bytes.
    pub fn quote(&self, report: &Report, report_data: [u8; 64]) -> Result<Vec<u8>, SimulatorError> {
        let quoted = report.quoted(self.extension.cpu_svn, report_data);
        let (version, tee_type) = match &quoted {
            QuotedReport::SgxEnclave(_) => (3, TEE_SGX),
            QuotedReport::TD10(_) => (4, TEE_TDX),
            QuotedReport::TD15(_) | QuotedReport::TD15Ex(_) => (5, TEE_TDX),
        };
        let header = Header {
            version,
            attestation_key_type: KEY_ECDSA_P256,
            tee_type,
            qe_svn: 0,
            pce_svn: 0,
            qe_vendor_id: INTEL_QE_VENDOR_ID,
            user_data: [0; 20],
        };
        let mut quote = Quote {
            header,
            report: quoted,
            auth_data: self.authenticate(report.tee(), [0; 64]),
        };
        // What is signed is everything before the signature.
        let signed = &quote.encode()[..quote.signed_length()];
        quote.auth_data = self.authenticate(report.tee(), sign(&self.attestation_key, signed));
        Ok(quote.encode())
    }

    fn authenticate(&self, tee: Tee, ecdsa_signature: [u8; 64]) -> AuthData {
        let mut ecdsa_attestation_key = [0; 64];
        let point = self.attestation_key.verifying_key().to_sec1_point(false);
        ecdsa_attestation_key.copy_from_slice(&point.as_bytes()[1..]);

        let qe_report = self.qe_report(tee, &ecdsa_attestation_key);
        let qe_report_signature = self.pck.sign(&qe_report);
        let qe_auth_data = Data::new(QE_AUTH_DATA.to_vec());
        let certification_data = CertificationData {
            cert_type: CERTIFICATION_CHAIN,
            body: Data::new(self.chain.clone().into_bytes()),
        };
        match tee {
            Tee::Sgx => AuthData::V3(AuthDataV3 {
                ecdsa_signature,
                ecdsa_attestation_key,
                qe_report,
                qe_report_signature,
                qe_auth_data,
                certification_data,
            }),
            Tee::Tdx => AuthData::V4(AuthDataV4 {
                ecdsa_signature,
                ecdsa_attestation_key,
                // Its body is what follows here, when it is encoded.
                certification_data: CertificationData {
                    cert_type: CERTIFICATION_REPORT,
                    body: Data::new(Vec::new()),
                },
                qe_report_data: QEReportCertificationData {
                    qe_report,
                    qe_report_signature,
                    qe_auth_data,
                    certification_data,
                },
            }),
        }
    }

    /// The report of the quoting enclave, bound to its key.
    fn qe_report(&self, tee: Tee, attestation_key: &[u8; 64]) -> [u8; 384] {
        let mut report_data = [0; 64];
        let bound = Sha256::new()
            .chain_update(attestation_key)
            .chain_update(QE_AUTH_DATA)
            .finalize();
        report_data[..32].copy_from_slice(&bound);
        let enclave = quoting_enclave(tee);
        let encoded = enclave.quoted(self.extension.cpu_svn, report_data).encode();
        let mut report = [0; 384];
        report.copy_from_slice(&encoded);
        report
    }
}

/// What the simulated quoting enclaves are.
pub fn quoting_enclave(tee: Tee) -> SgxReport {
    let (mr_signer, isv_prod_id) = match tee {
        Tee::Sgx => ([0x0e; 32], 1),
        Tee::Tdx => ([0x7e; 32], 2),
    };
    SgxReport {
        mr_enclave: [0x9e; 32],
        mr_signer,
        isv_prod_id,
        isv_svn: 8,
        debug: false,
    }
}

#[cfg(test)]
mod tests {
    use codec::Decode;

    use super::*;
    use crate::{SimulatedIntel, TdxReport, TdxVersion};

    #[test]
    fn each_platform_has_a_sealing_secret_of_its_own() {
        let secret = |seed: &[u8], name| {
            let platform = SimulatedIntel::new(seed).unwrap().platform(name);
            platform.unwrap().sealing_secret()
        };
        assert_eq!(secret(b"seed", "a"), secret(b"seed", "a"));
        assert_ne!(secret(b"seed", "a"), secret(b"seed", "b"));
        assert_ne!(secret(b"seed", "a"), secret(b"else", "a"));
    }

    #[test]
    fn quotes_read_as_what_was_quoted() {
        let platform = SimulatedIntel::development()
            .unwrap()
            .platform("a")
            .unwrap();
        for version in [TdxVersion::V4, TdxVersion::V5] {
            let report = Report::Tdx(TdxReport {
                version,
                mr_td: [3; 48],
                ..TdxReport::default()
            });
            let bytes = platform.quote(&report, [9; 64]).unwrap();
            let quote = Quote::decode(&mut &bytes[..]).unwrap();
            let td = quote.report.as_td10().unwrap();
            assert_eq!((td.mr_td, td.report_data), ([3; 48], [9; 64]));
            assert_eq!(quote.encode(), bytes);
        }
    }
}
