//! The manifest's fields and how they are read.

use std::{collections::BTreeSet, fmt, str::FromStr};

use phat_primitives::{
    limits::{MANIFEST_BYTES_MAX, SECRET_NAME_BYTES_MAX, SECRETS_MAX},
    secret::is_secret_name,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{LimitError, LimitInfo, Limits, Verification};

/// The most characters a contract's name may have.
const NAME_CHARS_MAX: usize = 64;
/// The most hosts a manifest may list.
const ALLOWED_HOSTS_MAX: usize = 64;
/// The most triggers a manifest may list.
const TRIGGERS_MAX: usize = 16;
/// The largest integer up to which JavaScript has them all: 2^53 - 1.
const INTEGER_MAX: u64 = 9_007_199_254_740_991;

/// A manifest that cannot be accepted.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// The text is longer than the chain stores.
    #[error("the manifest has {0} bytes; the chain stores at most {MANIFEST_BYTES_MAX}")]
    TooLarge(usize),
    /// The bytes stored on the chain are not text.
    #[error("the manifest is not UTF-8 text")]
    NotText,
    /// The text is not TOML, a field is missing or unknown, or has the wrong type.
    #[error("the manifest cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A limit is out of range.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// A field has a value that makes no sense.
    #[error("{field}: {problem}")]
    Field {
        /// The field's name.
        field: &'static str,
        /// What is wrong with it and what to do.
        problem: String,
    },
    /// The manifest cannot be written as TOML.
    #[error("the manifest cannot be written: {0}")]
    Write(#[from] toml::ser::Error),
}

/// A contract's manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// A short name for people: letters, digits, `-` and `_`.
    pub name: String,
    /// The path of the script to deploy, relative to the manifest. Only the
    /// command line uses it; workers run the code whose hash is on the chain.
    pub entry: String,
    /// The hosts the contract may call: `api.example.org`, `*.example.org` for
    /// all names below it, or an IP address; each at any port, or with `:port`
    /// at that one. Empty: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_hosts: Vec<String>,
    /// The names of the secrets that the contract gets, of those that its owner has
    /// set. Empty: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
    /// Values for the script, which sees them as `request.settings`.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub settings: toml::Table,
    /// What a run may use.
    #[serde(default)]
    pub limits: Limits,
    /// How many workers must agree on an outcome. Without it, one speaks for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    /// What makes the contract run. A call over HTTP is always possible.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Trigger>,
}

/// What makes a contract run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Trigger {
    /// A request at an anchor on an EVM chain.
    Anchor(AnchorTrigger),
}

/// An anchor to serve.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorTrigger {
    /// The EIP-155 id of the chain.
    pub chain_id: u64,
    /// The address of the contract that inherits the anchor.
    pub address: EvmAddress,
    /// The block from which to look for requests; the anchor's own block is a
    /// good choice. 0 looks through the whole chain.
    #[serde(default)]
    pub from_block: u64,
}

/// An EVM address, written as `0x` and 40 hexadecimal digits in any case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EvmAddress(pub [u8; 20]);

impl Manifest {
    /// What a manifest itself may hold.
    pub const TABLE: &'static [LimitInfo] = &[
        LimitInfo::fixed(
            "name_chars",
            "The name of a contract.",
            "characters",
            NAME_CHARS_MAX as u64,
        ),
        LimitInfo::fixed(
            "allowed_hosts",
            "Hosts that a contract may call.",
            "entries",
            ALLOWED_HOSTS_MAX as u64,
        ),
        LimitInfo::fixed(
            "secrets",
            "Secrets of a contract.",
            "entries",
            SECRETS_MAX as u64,
        ),
        LimitInfo::fixed(
            "triggers",
            "Anchors that a contract serves.",
            "entries",
            TRIGGERS_MAX as u64,
        ),
        Verification::LIMIT,
    ];

    /// Reads and checks a manifest.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        if text.len() > MANIFEST_BYTES_MAX as usize {
            return Err(ManifestError::TooLarge(text.len()));
        }
        let manifest: Self = toml::from_str(text)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Reads and checks a manifest as the chain stores it.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, ManifestError> {
        Self::parse(std::str::from_utf8(bytes).map_err(|_| ManifestError::NotText)?)
    }

    /// The manifest as TOML, within what the chain stores.
    pub fn to_toml(&self) -> Result<String, ManifestError> {
        self.check()?;
        let text = toml::to_string(self)?;
        if text.len() > MANIFEST_BYTES_MAX as usize {
            return Err(ManifestError::TooLarge(text.len()));
        }
        Ok(text)
    }

    /// The settings as a JSON object, the form in which a script sees them.
    pub fn settings_json(&self) -> String {
        serde_json::to_string(&self.settings)
            .expect("a TOML table has string keys, and JSON text for each of its values")
    }

    /// The anchors that trigger the contract.
    pub fn anchors(&self) -> impl Iterator<Item = &AnchorTrigger> {
        self.triggers.iter().map(|Trigger::Anchor(anchor)| anchor)
    }

    fn check(&self) -> Result<(), ManifestError> {
        check_name(&self.name)?;
        if self.entry.is_empty() {
            return Err(field("entry", "give the path of the script to deploy"));
        }
        check_count("allowed_hosts", self.allowed_hosts.len(), ALLOWED_HOSTS_MAX)?;
        self.allowed_hosts
            .iter()
            .try_for_each(|host| check_host(host))?;
        check_count("secrets", self.secrets.len(), SECRETS_MAX as usize)?;
        check_secrets(&self.secrets)?;
        check_count("triggers", self.triggers.len(), TRIGGERS_MAX)?;
        let mut seen = BTreeSet::new();
        for anchor in self.anchors() {
            if anchor.chain_id == 0 {
                return Err(field("triggers.chain_id", "0 is no chain"));
            }
            if !seen.insert((anchor.chain_id, anchor.address)) {
                return Err(field(
                    "triggers",
                    format!("the anchor {} is listed twice", anchor.address),
                ));
            }
        }
        self.settings.values().try_for_each(check_setting)?;
        self.verification.map_or(Ok(()), Verification::check)?;
        Ok(self.limits.check()?)
    }
}

fn check_name(name: &str) -> Result<(), ManifestError> {
    let fits = (1..=NAME_CHARS_MAX).contains(&name.len())
        && name
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'));
    if fits {
        Ok(())
    } else {
        Err(field(
            "name",
            format!("use 1 to {NAME_CHARS_MAX} letters, digits, - and _"),
        ))
    }
}

fn check_secrets(names: &[String]) -> Result<(), ManifestError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !is_secret_name(name.as_bytes()) {
            return Err(field(
                "secrets",
                format!("{name:?}: use 1 to {SECRET_NAME_BYTES_MAX} letters, digits, - and _"),
            ));
        }
        if !seen.insert(name) {
            return Err(field("secrets", format!("{name:?} is listed twice")));
        }
    }
    Ok(())
}

fn check_count(name: &'static str, count: usize, max: usize) -> Result<(), ManifestError> {
    if count > max {
        return Err(field(name, format!("{count} entries; at most {max} fit")));
    }
    Ok(())
}

/// A host is a DNS name or an IP address, in lower case, with `*.` before a name
/// for its subdomains and `:port` behind either.
fn check_host(host: &str) -> Result<(), ManifestError> {
    let wrong = |why: &str| field("allowed_hosts", format!("{host:?}: {why}"));
    if host.contains("/") {
        return Err(wrong("give a host such as api.example.org, not a URL"));
    }
    let (name, port) = match host.rsplit_once(':') {
        // An IPv6 address stands in brackets, so its own colons are inside them.
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    };
    if port
        .is_some_and(|port| port.starts_with('+') || !port.parse().is_ok_and(|port: u16| port > 0))
    {
        return Err(wrong("the port is not a number from 1 to 65535"));
    }
    let bare = name.strip_prefix("*.").unwrap_or(name);
    let is_ipv6 = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok());
    let is_name = !bare.is_empty()
        && bare.len() <= 253
        && bare.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|c| {
                    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'-' | b'_')
                })
        });
    if is_ipv6 || is_name {
        Ok(())
    } else {
        Err(wrong(
            "use a lower-case host name or an IP address, IPv6 in brackets",
        ))
    }
}

/// Refuses a value that a script would not see as it is written.
fn check_setting(value: &toml::Value) -> Result<(), ManifestError> {
    let quote =
        |what: &str, why: &str| Err(field("settings", format!("put {what} in quotes: {why}")));
    match value {
        toml::Value::Datetime(_) => quote("dates", "JSON has no dates"),
        toml::Value::Float(number) if !number.is_finite() => {
            quote("inf and nan", "JSON has neither")
        }
        toml::Value::Integer(number) if number.unsigned_abs() > INTEGER_MAX => quote(
            &number.to_string(),
            "JavaScript would round a number so large",
        ),
        toml::Value::Array(items) => items.iter().try_for_each(check_setting),
        toml::Value::Table(table) => table.values().try_for_each(check_setting),
        _ => Ok(()),
    }
}

pub(crate) fn field(field: &'static str, problem: impl Into<String>) -> ManifestError {
    ManifestError::Field {
        field,
        problem: problem.into(),
    }
}

impl FromStr for EvmAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not an address: give 0x and 40 hexadecimal digits");
        let digits = text.strip_prefix("0x").ok_or_else(wrong)?;
        if digits.len() != 40 || !digits.bytes().all(|c| c.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let mut bytes = [0; 20];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for EvmAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for EvmAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for EvmAddress {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EvmAddress {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
