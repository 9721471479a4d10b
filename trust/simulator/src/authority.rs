//! Keys with certificates, and what they sign.

use std::{str::FromStr, time::Duration};

use der::{
    Encode,
    asn1::{BitString, GeneralizedTime, OctetString, Uint, UtcTime},
    flagset::FlagSet,
    oid::AssociatedOid,
    referenced::OwnedToRef,
};
use p256::ecdsa::{DerSignature, Signature, SigningKey, VerifyingKey, signature::Signer};
use sha2::{Digest, Sha256};
use x509_cert::{
    Certificate, TbsCertificate, Version,
    builder::{Builder, CertificateBuilder, profile::BuilderProfile},
    certificate::Rfc5280,
    crl::{CertificateList, RevokedCert, TbsCertList},
    ext::{
        Extension,
        pkix::{
            AuthorityKeyIdentifier, BasicConstraints, CrlNumber, KeyUsage, KeyUsages,
            SubjectKeyIdentifier,
        },
    },
    name::Name,
    serial_number::SerialNumber,
    spki::{DynSignatureAlgorithmIdentifier, SubjectPublicKeyInfo, SubjectPublicKeyInfoRef},
    time::{Time, Validity},
};

use crate::SimulatorError;

/// When all certificates begin to hold: 2020-01-01.
const FROM: u64 = 1_577_836_800;
/// When they end: 2049-12-31.
const UNTIL: u64 = 2_524_521_600;

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It signs certificates, above this many more that do.
    Authority { below: u8 },
    /// It signs anything else.
    Leaf,
}

/// A key and its certificate.
#[derive(Clone, Debug)]
pub struct Authority {
    key: SigningKey,
    certificate: Certificate,
}

/// A certificate to be made.
pub struct Request<'a> {
    /// The subject's common name.
    pub name: &'a str,
    /// What it is for.
    pub role: Role,
    /// An extension that is not of RFC 5280.
    pub extension: Option<Extension>,
}

impl Authority {
    /// One that certifies itself.
    pub fn root(key: SigningKey, name: &str) -> Result<Self, SimulatorError> {
        let request = Request {
            name,
            role: Role::Authority { below: 1 },
            extension: None,
        };
        let certificate = certify(&key, &subject(name)?, key.verifying_key(), &request)?;
        Ok(Self { key, certificate })
    }

    /// One that this one certifies.
    pub fn issue(&self, key: SigningKey, request: &Request<'_>) -> Result<Self, SimulatorError> {
        let issuer = self.certificate.tbs_certificate().subject();
        let certificate = certify(&self.key, issuer, key.verifying_key(), request)?;
        Ok(Self { key, certificate })
    }

    /// The certificate, in DER.
    pub fn der(&self) -> Result<Vec<u8>, SimulatorError> {
        Ok(self.certificate.to_der()?)
    }

    /// The certificate's number.
    pub fn serial(&self) -> &SerialNumber {
        self.certificate.tbs_certificate().serial_number()
    }

    /// Certificates one after the other, in PEM.
    pub fn chain(certificates: &[&Self]) -> Result<String, SimulatorError> {
        use der::{EncodePem, pem::LineEnding};
        let mut chain = String::new();
        for authority in certificates {
            chain.push_str(&authority.certificate.to_pem(LineEnding::LF)?);
        }
        Ok(chain)
    }

    /// ECDSA over P-256 with SHA-256: r, then s.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        sign(&self.key, message)
    }

    /// A list of those of its certificates that are revoked, in DER.
    pub fn revocations(
        &self,
        revoked: &[&SerialNumber],
        from: u64,
        until: u64,
    ) -> Result<Vec<u8>, SimulatorError> {
        let tbs = self.certificate.tbs_certificate();
        let algorithm = self.key.signature_algorithm_identifier().map_err(der)?;
        let key = tbs.subject_public_key_info().owned_to_ref();
        let revoked: Vec<_> = revoked
            .iter()
            .map(|serial| {
                Ok(RevokedCert {
                    serial_number: (*serial).clone(),
                    revocation_date: time(from)?,
                    crl_entry_extensions: None,
                })
            })
            .collect::<Result<_, SimulatorError>>()?;
        let list = TbsCertList::<Rfc5280> {
            version: Version::V2,
            signature: algorithm.clone(),
            issuer: tbs.subject().clone(),
            this_update: time(from)?,
            next_update: Some(time(until)?),
            revoked_certificates: (!revoked.is_empty()).then_some(revoked),
            crl_extensions: Some(vec![
                extension(&CrlNumber(Uint::new(&[1])?), false)?,
                extension(&issued_by(key)?, false)?,
            ]),
        };
        let signature: DerSignature = self.key.sign(&list.to_der()?);
        let list = CertificateList {
            tbs_cert_list: list,
            signature_algorithm: algorithm,
            signature: BitString::from_bytes(signature.as_bytes())?,
        };
        Ok(list.to_der()?)
    }
}

/// The key that belongs to `label` under `seed`.
pub fn derive_key(seed: &[u8], label: &str) -> SigningKey {
    // Not every number of 256 bits is a key, if nearly all are.
    (0u32..)
        .find_map(|attempt| {
            let number = Sha256::new()
                .chain_update(b"phat/simulator/1")
                .chain_update((seed.len() as u64).to_le_bytes())
                .chain_update(seed)
                .chain_update(attempt.to_le_bytes())
                .chain_update(label)
                .finalize();
            SigningKey::from_slice(&number).ok()
        })
        .expect("one of all numbers is a key")
}

/// ECDSA over P-256 with SHA-256: r, then s.
pub fn sign(key: &SigningKey, message: &[u8]) -> [u8; 64] {
    let signature: Signature = key.sign(message);
    signature.to_bytes().into()
}

fn certify(
    issuer_key: &SigningKey,
    issuer: &Name,
    key: &VerifyingKey,
    request: &Request<'_>,
) -> Result<Certificate, SimulatorError> {
    let public = SubjectPublicKeyInfo::from_key(key).map_err(x509_cert::builder::Error::from)?;
    let fingerprint = Sha256::digest(public.to_der()?);
    // Positive, and never with a zero in front.
    let mut serial = [0; 16];
    serial.copy_from_slice(&fingerprint[..16]);
    serial[0] = serial[0] & 0x3f | 0x40;
    let profile = Profile {
        issuer: issuer.clone(),
        subject: subject(request.name)?,
        role: request.role,
        extension: request.extension.clone(),
    };
    let validity = Validity::new(time(FROM)?, time(UNTIL)?);
    let builder = CertificateBuilder::new(profile, SerialNumber::new(&serial)?, validity, public)?;
    Ok(builder.build::<_, DerSignature>(issuer_key)?)
}

struct Profile {
    issuer: Name,
    subject: Name,
    role: Role,
    extension: Option<Extension>,
}

impl BuilderProfile for Profile {
    fn get_issuer(&self, _subject: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        spk: SubjectPublicKeyInfoRef<'_>,
        issuer_spk: SubjectPublicKeyInfoRef<'_>,
        _tbs: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        let (basic, usages) = match self.role {
            Role::Authority { below } => (
                BasicConstraints {
                    ca: true,
                    path_len_constraint: Some(below),
                },
                KeyUsages::KeyCertSign | KeyUsages::CRLSign,
            ),
            Role::Leaf => (
                BasicConstraints {
                    ca: false,
                    path_len_constraint: None,
                },
                FlagSet::from(KeyUsages::DigitalSignature) | KeyUsages::NonRepudiation,
            ),
        };
        let mut extensions = vec![
            extension(&issued_by(issuer_spk)?, false)?,
            extension(&SubjectKeyIdentifier::try_from(spk)?, false)?,
            extension(&KeyUsage(usages), true)?,
            extension(&basic, true)?,
        ];
        extensions.extend(self.extension.clone());
        Ok(extensions)
    }
}

fn issued_by(key: SubjectPublicKeyInfoRef<'_>) -> Result<AuthorityKeyIdentifier, der::Error> {
    Ok(AuthorityKeyIdentifier {
        key_identifier: Some(SubjectKeyIdentifier::try_from(key)?.0),
        ..AuthorityKeyIdentifier::default()
    })
}

fn extension<T: AssociatedOid + Encode>(
    value: &T,
    critical: bool,
) -> Result<Extension, der::Error> {
    Ok(Extension {
        extn_id: T::OID,
        critical,
        extn_value: OctetString::new(value.to_der()?)?,
    })
}

fn subject(name: &str) -> Result<Name, SimulatorError> {
    Ok(Name::from_str(&format!("CN={name},O=Phat simulator,C=US"))?)
}

fn time(seconds: u64) -> Result<Time, SimulatorError> {
    let time = Duration::from_secs(seconds);
    UtcTime::from_unix_duration(time)
        .map(Time::UtcTime)
        .or_else(|_| GeneralizedTime::from_unix_duration(time).map(Time::GeneralTime))
        .map_err(|_| SimulatorError::Time(seconds))
}

fn der(error: x509_cert::spki::Error) -> SimulatorError {
    SimulatorError::Certificate(error.into())
}
