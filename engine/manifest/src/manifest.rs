//! The manifest's fields and how they are read.

use std::collections::BTreeSet;

use phat_primitives::{
    limits::{MANIFEST_BYTES_MAX, SECRET_NAME_BYTES_MAX, SECRETS_MAX},
    secret::is_secret_name,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    AnchorTrigger, LimitError, LimitInfo, Limits, ScheduleTrigger, SubstrateAnchorTrigger, Trigger,
    Verification, WebhookTrigger, schedule::SCHEDULE_GRACE_S,
    trigger::NAME_CHARS_MAX as TRIGGER_NAME_CHARS_MAX,
};

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
            "What makes a contract run.",
            "entries",
            TRIGGERS_MAX as u64,
        ),
        LimitInfo::fixed(
            "trigger_name_chars",
            "The name of a trigger.",
            "characters",
            TRIGGER_NAME_CHARS_MAX as u64,
        ),
        LimitInfo::fixed(
            "schedule_grace_s",
            "How late a firing of a schedule may be seen and not count as missed.",
            "seconds",
            SCHEDULE_GRACE_S as u64,
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

    /// The anchors on EVM chains that trigger the contract.
    pub fn anchors(&self) -> impl Iterator<Item = &AnchorTrigger> {
        self.triggers.iter().filter_map(|trigger| match trigger {
            Trigger::Anchor(anchor) => Some(anchor),
            _ => None,
        })
    }

    /// The anchors on Substrate chains that trigger the contract.
    pub fn substrate_anchors(&self) -> impl Iterator<Item = &SubstrateAnchorTrigger> {
        self.triggers.iter().filter_map(|trigger| match trigger {
            Trigger::SubstrateAnchor(anchor) => Some(anchor),
            _ => None,
        })
    }

    /// The times at which the contract runs.
    pub fn schedules(&self) -> impl Iterator<Item = &ScheduleTrigger> {
        self.triggers.iter().filter_map(|trigger| match trigger {
            Trigger::Schedule(schedule) => Some(schedule),
            _ => None,
        })
    }

    /// The webhook of this name.
    pub fn webhook(&self, name: &str) -> Option<&WebhookTrigger> {
        self.triggers.iter().find_map(|trigger| match trigger {
            Trigger::Webhook(hook) if hook.name == name => Some(hook),
            _ => None,
        })
    }

    /// The trigger of this name.
    pub fn trigger(&self, name: &str) -> Option<&Trigger> {
        self.triggers
            .iter()
            .find(|trigger| trigger.firing().is_some_and(|firing| firing.name == name))
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
        check_triggers(&self.triggers, &self.secrets)?;
        self.settings.values().try_for_each(check_setting)?;
        if let Some(verification) = self.verification {
            verification.check()?;
            verification.check_triggers(&self.triggers)?;
        }
        Ok(self.limits.check()?)
    }
}

fn check_triggers(triggers: &[Trigger], secrets: &[String]) -> Result<(), ManifestError> {
    let mut anchors = BTreeSet::new();
    let mut names = BTreeSet::new();
    for trigger in triggers {
        trigger.check(secrets)?;
        let anchor = match trigger {
            Trigger::Anchor(anchor) => Some((anchor.chain(), anchor.anchor())),
            Trigger::SubstrateAnchor(anchor) => {
                Some((anchor.chain.clone(), anchor.consumer.0.to_vec()))
            }
            _ => None,
        };
        let named = match trigger {
            Trigger::Anchor(anchor) => anchor.address.to_string(),
            Trigger::SubstrateAnchor(anchor) => anchor.consumer.to_string(),
            _ => String::new(),
        };
        if anchor.is_some_and(|anchor| !anchors.insert(anchor)) {
            return Err(field(
                "triggers",
                format!("the anchor {named} is listed twice"),
            ));
        }
        let name = trigger.firing().map(|firing| firing.name);
        if let Some(name) = name
            && !names.insert(name)
        {
            return Err(field(
                "triggers.name",
                format!("{name:?} is the name of two triggers: rename one"),
            ));
        }
    }
    Ok(())
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

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
