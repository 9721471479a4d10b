//! What makes a contract run.

use serde::{Deserialize, Serialize};

use crate::{
    EvmAddress, LimitInfo, ManifestError, Missed, Reply, Schedule, SettleWhen, Signature,
    SubstrateAccount, Topic, WEBHOOK_TOLERANCE_S, WEBHOOK_TOLERANCE_S_MAX,
    manifest::field,
    schedule::{MISSED_DEFAULT, MISSED_MAX, ScheduleError},
};

/// The most characters of a trigger's name.
pub(crate) const NAME_CHARS_MAX: usize = 32;
/// The most topics of an EVM log.
const TOPICS_MAX: usize = 4;
/// The most characters of a pallet's or an event's name.
const METADATA_NAME_CHARS_MAX: usize = 64;

/// What makes a contract run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Trigger {
    /// A request at an anchor on an EVM chain.
    Anchor(AnchorTrigger),
    /// A request at the anchor pallet of a Substrate chain.
    SubstrateAnchor(SubstrateAnchorTrigger),
    /// A time.
    Schedule(ScheduleTrigger),
    /// A log of any contract on an EVM chain.
    EvmLog(EvmLogTrigger),
    /// An event of any pallet of a Substrate chain.
    SubstrateEvent(SubstrateEventTrigger),
    /// A signed call over HTTP.
    Webhook(WebhookTrigger),
}

/// An anchor to serve.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorTrigger {
    /// The EIP-155 id of the chain.
    pub chain_id: u64,
    /// The address of the contract that inherits the anchor, or of the shared anchor
    /// where there is a consumer.
    pub address: EvmAddress,
    /// The consumer whose requests to serve at a shared anchor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer: Option<EvmAddress>,
    /// What the anchor speaks.
    #[serde(default, skip_serializing_if = "AnchorInterface::is_default")]
    pub interface: AnchorInterface,
    /// The block from which to look for requests; the anchor's own block is a
    /// good choice. 0 looks through the whole chain.
    #[serde(default)]
    pub from_block: u64,
}

/// What an anchor on an EVM chain speaks.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum AnchorInterface {
    /// The interface of this network's own anchors.
    #[default]
    Phat,
    /// The older rollup interface, for consumers that are deployed already.
    Rollup,
}

/// A consumer of the anchor pallet to serve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubstrateAnchorTrigger {
    /// The chain as CAIP-2 has it: `polkadot:` and the first 32 hexadecimal digits
    /// of the hash of its first block.
    pub chain: String,
    /// The account whose requests to serve.
    pub consumer: SubstrateAccount,
    /// The block from which to look for requests.
    #[serde(default)]
    pub from_block: u64,
}

/// Whether the contract may run more than once for one firing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SideEffects {
    /// A run that a crash cut off, or whose worker is gone, is made again. What the
    /// contract calls must bear a repetition.
    #[default]
    AtLeastOnce,
    /// No run is ever made again. A firing may be lost with the worker that had it.
    Once,
}

/// Times at which to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleTrigger {
    /// What it is called.
    pub name: String,
    /// Second, minute, hour, day of the month, month and day of the week; without
    /// the second it is 0.
    pub cron: String,
    /// The IANA time zone in which that is meant.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// What becomes of firings that no worker was there for.
    #[serde(default)]
    pub missed: Missed,
    /// The most of them that are made up for with `missed = "all"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed_max: Option<u32>,
    /// Whether it may run more than once for one firing.
    #[serde(default)]
    pub side_effects: SideEffects,
    /// Where its outcome goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
}

/// Logs of a contract on an EVM chain for which to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvmLogTrigger {
    /// What it is called.
    pub name: String,
    /// The EIP-155 id of the chain.
    pub chain_id: u64,
    /// The contract that logs.
    pub address: EvmAddress,
    /// What the log's topics must be, in their order; those that are not given are
    /// any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<Topic>,
    /// The block from which to look for logs, all of which fire.
    pub from_block: u64,
    /// Whether it may run more than once for one firing.
    #[serde(default)]
    pub side_effects: SideEffects,
    /// Where its outcome goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
}

/// Events of a pallet for which to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubstrateEventTrigger {
    /// What it is called.
    pub name: String,
    /// The chain as CAIP-2 has it.
    pub chain: String,
    /// The pallet, as the chain's metadata has it, such as `Balances`.
    pub pallet: String,
    /// The event, as the chain's metadata has it, such as `Transfer`.
    pub event: String,
    /// The block from which to look for events, all of which fire.
    pub from_block: u64,
    /// Whether it may run more than once for one firing.
    #[serde(default)]
    pub side_effects: SideEffects,
    /// Where its outcome goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
}

/// Signed calls over HTTP for which to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookTrigger {
    /// What it is called, also in the path: `/v1/contracts/{id}/hooks/{name}`.
    pub name: String,
    /// How a call is signed.
    pub signature: Signature,
    /// Whether it may run more than once for one firing.
    #[serde(default)]
    pub side_effects: SideEffects,
    /// Where its outcome goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
}

/// What all triggers have that fire by themselves and not by a request at an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiringTrigger<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Whether it may run more than once for one firing.
    pub side_effects: SideEffects,
    /// Where its outcome goes.
    pub reply: Option<&'a Reply>,
}

impl FiringTrigger<'_> {
    /// Whether a run that writes nothing settles nothing.
    pub fn settles_written_only(&self) -> bool {
        self.reply
            .is_some_and(|reply| reply.when == SettleWhen::Written)
    }
}

impl AnchorInterface {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl AnchorTrigger {
    /// The name of its chain as CAIP-2 has it.
    pub fn chain(&self) -> String {
        evm_chain(self.chain_id)
    }

    /// The anchor as a target takes it: the address of a consumer that inherits it;
    /// that of a shared anchor and that of the consumer; or 1 and the address of a
    /// consumer with the older interface.
    pub fn anchor(&self) -> Vec<u8> {
        match (self.interface, self.consumer) {
            (AnchorInterface::Rollup, _) => [&[1][..], &self.address.0].concat(),
            (AnchorInterface::Phat, consumer) => evm_anchor(self.address, consumer),
        }
    }

    fn check(&self) -> Result<(), ManifestError> {
        if self.chain_id == 0 {
            return Err(field("triggers.chain_id", "0 is no chain"));
        }
        if self.interface == AnchorInterface::Rollup && self.consumer.is_some() {
            return Err(field(
                "triggers.consumer",
                "an anchor with interface = \"rollup\" serves its own contract only: give that \
                 contract as the address and leave the consumer out",
            ));
        }
        Ok(())
    }
}

/// An anchor of this network on an EVM chain, as a target takes it.
pub(crate) fn evm_anchor(address: EvmAddress, consumer: Option<EvmAddress>) -> Vec<u8> {
    let consumer = consumer.map_or(Vec::new(), |consumer| consumer.0.to_vec());
    [&address.0[..], &consumer].concat()
}

/// The name of an EVM chain as CAIP-2 has it.
pub fn evm_chain(chain_id: u64) -> String {
    format!("eip155:{chain_id}")
}

impl ScheduleTrigger {
    /// Its times.
    pub fn schedule(&self) -> Result<Schedule, ManifestError> {
        let missed_max = self.missed_max.unwrap_or(MISSED_DEFAULT);
        Schedule::new(&self.cron, &self.time_zone, self.missed, missed_max).map_err(|error| {
            match error {
                ScheduleError::Cron(problem) => field("triggers.cron", problem),
                ScheduleError::TimeZone(problem) => field("triggers.time_zone", problem),
            }
        })
    }

    fn check(&self) -> Result<(), ManifestError> {
        if let Some(max) = self.missed_max {
            if self.missed != Missed::All {
                return Err(field(
                    "triggers.missed_max",
                    "it counts with missed = \"all\" only: set that or leave it out",
                ));
            }
            if !(1..=MISSED_MAX).contains(&max) {
                return Err(field(
                    "triggers.missed_max",
                    format!("{max} is not allowed: choose a number from 1 to {MISSED_MAX}"),
                ));
            }
        }
        self.schedule().map(|_| ())
    }
}

impl Trigger {
    /// What triggers may be set to.
    pub const TABLE: &'static [LimitInfo] = &[
        LimitInfo {
            name: "schedule_missed",
            description: "Missed firings that a schedule with missed = \"all\" makes up for.",
            unit: "firings",
            default: MISSED_DEFAULT as u64,
            max: MISSED_MAX as u64,
        },
        LimitInfo {
            name: "webhook_tolerance_s",
            description: "How far the time in a signed call to a webhook may be off.",
            unit: "seconds",
            default: WEBHOOK_TOLERANCE_S as u64,
            max: WEBHOOK_TOLERANCE_S_MAX as u64,
        },
    ];

    /// What it has if it fires by itself; none for anchors.
    pub fn firing(&self) -> Option<FiringTrigger<'_>> {
        let (name, side_effects, reply) = match self {
            Self::Anchor(_) | Self::SubstrateAnchor(_) => return None,
            Self::Schedule(at) => (&at.name, at.side_effects, &at.reply),
            Self::EvmLog(log) => (&log.name, log.side_effects, &log.reply),
            Self::SubstrateEvent(event) => (&event.name, event.side_effects, &event.reply),
            Self::Webhook(hook) => (&hook.name, hook.side_effects, &hook.reply),
        };
        Some(FiringTrigger {
            name,
            side_effects,
            reply: reply.as_ref(),
        })
    }

    /// Refuses what makes no sense by itself. `secrets` are those of the manifest.
    pub(crate) fn check(&self, secrets: &[String]) -> Result<(), ManifestError> {
        match self {
            Self::Anchor(anchor) => anchor.check()?,
            Self::SubstrateAnchor(anchor) => check_substrate_chain(&anchor.chain)?,
            Self::Schedule(schedule) => schedule.check()?,
            Self::EvmLog(log) => {
                if log.chain_id == 0 {
                    return Err(field("triggers.chain_id", "0 is no chain"));
                }
                if log.topics.len() > TOPICS_MAX {
                    return Err(field(
                        "triggers.topics",
                        format!("a log has at most {TOPICS_MAX}"),
                    ));
                }
            }
            Self::SubstrateEvent(event) => {
                check_substrate_chain(&event.chain)?;
                check_metadata_name("triggers.pallet", &event.pallet)?;
                check_metadata_name("triggers.event", &event.event)?;
            }
            Self::Webhook(hook) => hook.signature.check(secrets)?,
        }
        if let Some(firing) = self.firing() {
            check_name(firing.name)?;
            firing.reply.map_or(Ok(()), Reply::check)?;
            if firing.settles_written_only() && firing.side_effects == SideEffects::Once {
                return Err(field(
                    "triggers.reply.when",
                    "with side_effects = \"once\" no other worker could tell a run that settles \
                     nothing from one that was lost: leave out one of the two",
                ));
            }
        }
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), ManifestError> {
    let fits = (1..=NAME_CHARS_MAX).contains(&name.len())
        && name
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'));
    if fits {
        return Ok(());
    }
    Err(field(
        "triggers.name",
        format!("{name:?}: use 1 to {NAME_CHARS_MAX} letters, digits, - and _"),
    ))
}

fn check_metadata_name(name: &'static str, text: &str) -> Result<(), ManifestError> {
    let fits = (1..=METADATA_NAME_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
    if fits {
        return Ok(());
    }
    Err(field(
        name,
        format!("{text:?}: give the name as the chain's metadata has it, such as Balances"),
    ))
}

/// Whether `chain` is how CAIP-2 names a Substrate chain.
pub(crate) fn is_substrate_chain(chain: &str) -> bool {
    chain.strip_prefix("polkadot:").is_some_and(|genesis| {
        let is_digit = |c: u8| c.is_ascii_digit() || matches!(c, b'a'..=b'f');
        genesis.len() == 32 && genesis.bytes().all(is_digit)
    })
}

fn check_substrate_chain(chain: &str) -> Result<(), ManifestError> {
    if is_substrate_chain(chain) {
        return Ok(());
    }
    Err(field(
        "triggers.chain",
        format!(
            "{chain:?} is not a Substrate chain: give polkadot: and the first 32 hexadecimal \
             digits, in lower case, of the hash of its first block"
        ),
    ))
}

fn utc() -> String {
    "UTC".into()
}
