//! What Intel says of a platform in the certificate of its key.
//!
//! Source: Intel SGX PCK Certificate and Certificate Revocation List Profile
//! Specification, section 1.3.5.

use der::{
    Encode, Sequence, Tag,
    asn1::{Any, ObjectIdentifier, OctetString},
};
use x509_cert::ext::Extension;

use crate::SimulatorError;

const SGX: &str = "1.2.840.113741.1.13.1";

/// What is certified of a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PckExtension {
    /// The platform's number.
    pub ppid: [u8; 16],
    /// The versions of its components.
    pub cpu_svn: [u8; 16],
    /// The version of its provisioning enclave.
    pub pce_svn: u16,
    /// Which kind of platform it is.
    pub fmspc: [u8; 6],
}

#[derive(Sequence)]
struct Entry {
    id: ObjectIdentifier,
    value: Any,
}

impl PckExtension {
    /// As an extension of a certificate.
    pub fn encode(&self) -> Result<Extension, SimulatorError> {
        let mut tcb = Vec::new();
        for (number, svn) in (1..).zip(self.cpu_svn) {
            tcb.push(entry(&format!("2.{number}"), integer(svn.into())?)?);
        }
        tcb.push(entry("2.17", integer(self.pce_svn)?)?);
        tcb.push(entry("2.18", octets(&self.cpu_svn)?)?);
        let yes = Any::new(Tag::Boolean, [0xff])?;
        let no = Any::new(Tag::Boolean, [0])?;
        let configuration = vec![
            entry("7.1", no.clone())?,
            entry("7.2", no)?,
            entry("7.3", yes)?,
        ];
        let entries = vec![
            entry("1", octets(&self.ppid)?)?,
            entry("2", Any::encode_from(&tcb)?)?,
            entry("3", octets(&[0, 0])?)?,
            entry("4", octets(&self.fmspc)?)?,
            // A server that is more than one package: scalable, with integrity.
            entry("5", Any::new(Tag::Enumerated, [1])?)?,
            entry("6", octets(&self.ppid)?)?,
            entry("7", Any::encode_from(&configuration)?)?,
        ];
        Ok(Extension {
            extn_id: ObjectIdentifier::new_unwrap(SGX),
            critical: false,
            extn_value: OctetString::new(entries.to_der()?)?,
        })
    }
}

fn entry(path: &str, value: Any) -> Result<Entry, SimulatorError> {
    let id = ObjectIdentifier::new(&format!("{SGX}.{path}")).map_err(der::Error::from)?;
    Ok(Entry { id, value })
}

fn octets(bytes: &[u8]) -> Result<Any, SimulatorError> {
    Ok(Any::new(Tag::OctetString, bytes)?)
}

fn integer(number: u16) -> Result<Any, SimulatorError> {
    Ok(Any::encode_from(&number)?)
}
