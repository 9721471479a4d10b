//! Tracks and referenda, as they are.

use std::fmt;

use anyhow::{Result, bail};
use phat_chain_client::{
    BILLION, OngoingReferendum, Referendum, ReferendumOutcome, Track, TrackId,
};
use phat_primitives::AccountBytes;
use serde::{Serialize, Serializer};

use crate::{amount::Amount, chain::GovernanceReader};

/// A share of one, in billionths. It is shown in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Share(u32);

/// All tracks.
#[derive(Debug, Serialize)]
pub struct Tracks {
    tracks: Vec<ShownTrack>,
}

/// A track. Periods are in blocks.
#[derive(Debug, Serialize)]
struct ShownTrack {
    id: TrackId,
    name: String,
    decision_deposit: Amount,
    prepare_blocks: u32,
    decision_blocks: u32,
    confirm_blocks: u32,
    enactment_blocks: u32,
    approval_at_start: Share,
    approval_at_end: Share,
    support_at_start: Share,
    support_at_end: Share,
}

/// Many referenda.
#[derive(Debug, Serialize)]
pub struct Listed {
    referenda: Vec<Row>,
}

/// A referendum in a list.
#[derive(Debug, Serialize)]
struct Row {
    referendum: u32,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    track: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<String>,
}

/// A referendum.
#[derive(Debug, Serialize)]
pub struct Shown {
    referendum: u32,
    /// `waiting`, `preparing`, `queued`, `deciding`, `confirming`, `approved`, `rejected`,
    /// `cancelled`, `timed_out` or `killed`.
    state: &'static str,
    /// The block until which it stays like this at the most, or in which it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ongoing: Option<Ongoing>,
}

/// What there is to an ongoing referendum.
#[derive(Debug, Serialize)]
struct Ongoing {
    track: String,
    /// The call in words, if the chain has its bytes.
    call: Option<String>,
    #[serde(serialize_with = "hex_hash")]
    call_hash: [u8; 32],
    proposer: AccountBytes,
    submitted_at: u32,
    ayes: Amount,
    nays: Amount,
    supported_by: Amount,
    approval: Share,
    approval_needed: Share,
    support: Share,
    support_needed: Share,
}

/// Shows the tracks.
pub async fn tracks(chain: &impl GovernanceReader) -> Result<Tracks> {
    let tracks = chain.tracks().await?;
    Ok(Tracks {
        tracks: tracks.into_iter().map(ShownTrack::of).collect(),
    })
}

/// Lists referenda, the newest first, looking at `limit` of them.
pub async fn list(chain: &impl GovernanceReader, limit: u32, all: bool) -> Result<Listed> {
    let tracks = chain.tracks().await?;
    let head = chain.head().await?.number;
    let count = chain.referendum_count().await?;
    let mut referenda = Vec::new();
    for index in (0..count).rev().take(limit as usize) {
        match chain.referendum(index).await? {
            Some(Referendum::Ongoing(ongoing)) => {
                let track = tracks.iter().find(|track| track.id == ongoing.track);
                referenda.push(Row {
                    referendum: index,
                    state: state_of(&ongoing, track, head).0,
                    track: Some(name_of(track, ongoing.track)),
                    call: call_of(chain, &ongoing).await?,
                });
            }
            Some(Referendum::Ended { outcome, .. }) if all => referenda.push(Row {
                referendum: index,
                state: ended(outcome),
                track: None,
                call: None,
            }),
            _ => {}
        }
    }
    Ok(Listed { referenda })
}

/// Shows a referendum.
pub async fn show(chain: &impl GovernanceReader, index: u32) -> Result<Shown> {
    let ongoing = match chain.referendum(index).await? {
        Some(Referendum::Ongoing(ongoing)) => ongoing,
        Some(Referendum::Ended { outcome, at }) => {
            return Ok(Shown {
                referendum: index,
                state: ended(outcome),
                block: Some(at),
                ongoing: None,
            });
        }
        None => {
            bail!("there is no referendum {index}: `phat gov list --all` shows those there are")
        }
    };
    let tracks = chain.tracks().await?;
    let head = chain.head().await?.number;
    let track = tracks.iter().find(|track| track.id == ongoing.track);
    let (state, block) = state_of(&ongoing, track, head);
    let needed = track.map(|track| needed(track, &ongoing, head));
    let (approval_needed, support_needed) = needed.unwrap_or((Share(BILLION), Share(BILLION)));
    let votes = ongoing.ayes.saturating_add(ongoing.nays);
    Ok(Shown {
        referendum: index,
        state,
        block,
        ongoing: Some(Ongoing {
            track: name_of(track, ongoing.track),
            call: call_of(chain, &ongoing).await?,
            call_hash: ongoing.call.hash,
            proposer: ongoing.proposer,
            submitted_at: ongoing.submitted_at,
            ayes: Amount(ongoing.ayes),
            nays: Amount(ongoing.nays),
            supported_by: Amount(ongoing.support),
            approval: Share::of(ongoing.ayes, votes),
            approval_needed,
            support: Share::of(ongoing.support, chain.electorate().await?),
            support_needed,
        }),
    })
}

async fn call_of(
    chain: &impl GovernanceReader,
    ongoing: &OngoingReferendum,
) -> Result<Option<String>> {
    match &ongoing.call.bytes {
        Some(bytes) => chain.describe_call(bytes).await,
        None => Ok(None),
    }
}

/// The approval and the support that it needs now.
fn needed(track: &Track, ongoing: &OngoingReferendum, head: u64) -> (Share, Share) {
    let since = ongoing.deciding_since.map_or(head, u64::from);
    let elapsed = u32::try_from(head.saturating_sub(since)).unwrap_or(u32::MAX);
    let approval = track.approval.threshold(elapsed, track.decision_blocks);
    let support = track.support.threshold(elapsed, track.decision_blocks);
    (Share(approval), Share(support))
}

/// How far it is, and until which block.
fn state_of(
    ongoing: &OngoingReferendum,
    track: Option<&Track>,
    head: u64,
) -> (&'static str, Option<u32>) {
    if let Some(until) = ongoing.confirming_until {
        return ("confirming", Some(until));
    }
    let after = |start: u32, blocks: fn(&Track) -> u32| {
        track.map(|track| start.saturating_add(blocks(track)))
    };
    if let Some(since) = ongoing.deciding_since {
        return ("deciding", after(since, |track| track.decision_blocks));
    }
    if !ongoing.has_decision_deposit {
        return ("waiting", None);
    }
    match after(ongoing.submitted_at, |track| track.prepare_blocks) {
        Some(until) if head < u64::from(until) => ("preparing", Some(until)),
        _ => ("queued", None),
    }
}

fn ended(outcome: ReferendumOutcome) -> &'static str {
    match outcome {
        ReferendumOutcome::Approved => "approved",
        ReferendumOutcome::Rejected => "rejected",
        ReferendumOutcome::Cancelled => "cancelled",
        ReferendumOutcome::TimedOut => "timed_out",
        ReferendumOutcome::Killed => "killed",
    }
}

fn name_of(track: Option<&Track>, id: TrackId) -> String {
    track.map_or_else(|| id.to_string(), |track| track.name.clone())
}

impl ShownTrack {
    fn of(track: Track) -> Self {
        let period = track.decision_blocks;
        Self {
            id: track.id,
            name: track.name,
            decision_deposit: Amount(track.decision_deposit),
            prepare_blocks: track.prepare_blocks,
            decision_blocks: period,
            confirm_blocks: track.confirm_blocks,
            enactment_blocks: track.enactment_blocks,
            approval_at_start: Share(track.approval.threshold(0, period)),
            approval_at_end: Share(track.approval.threshold(period, period)),
            support_at_start: Share(track.support.threshold(0, period)),
            support_at_end: Share(track.support.threshold(period, period)),
        }
    }
}

impl Share {
    /// `part` of `whole`, rounded down; nothing of nothing.
    fn of(part: u128, whole: u128) -> Self {
        let share = part
            .saturating_mul(u128::from(BILLION))
            .checked_div(whole)
            .unwrap_or_default();
        Self(u32::try_from(share).unwrap_or(BILLION).min(BILLION))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} %", f64::from(self.0) * 100.0 / f64::from(BILLION))
    }
}

/// As a number of percent.
impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) * 100.0 / f64::from(BILLION))
    }
}

fn hex_hash<S: Serializer>(hash: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format!("0x{}", hex::encode(hash)))
}

impl fmt::Display for Tracks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for track in &self.tracks {
            writeln!(f, "{:<4}{}", track.id, track.name)?;
            writeln!(f, "    deposit    {}", track.decision_deposit)?;
            writeln!(
                f,
                "    blocks     {} to prepare, {} to decide, {} to confirm, {} to enact",
                track.prepare_blocks,
                track.decision_blocks,
                track.confirm_blocks,
                track.enactment_blocks
            )?;
            writeln!(
                f,
                "    approval   {}, falling to {}",
                track.approval_at_start, track.approval_at_end
            )?;
            writeln!(
                f,
                "    support    {}, falling to {}",
                track.support_at_start, track.support_at_end
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.referenda.is_empty() {
            return writeln!(f, "no referenda");
        }
        for row in &self.referenda {
            write!(f, "{:<6}{:<12}", row.referendum, row.state)?;
            if let Some(track) = &row.track {
                write!(f, "{track:<16}{}", row.call.as_deref().unwrap_or("?"))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "referendum  {}", self.referendum)?;
        let explained = match self.state {
            "waiting" => "waits for its deposit: phat gov deposit",
            "queued" => "waits until others of its track are decided",
            other => other,
        };
        writeln!(f, "state       {explained}")?;
        let Some(ongoing) = &self.ongoing else {
            return match self.block {
                Some(block) => writeln!(f, "ended in    block {block}"),
                None => Ok(()),
            };
        };
        if let Some(block) = self.block {
            writeln!(f, "until       block {block}")?;
        }
        writeln!(f, "track       {}", ongoing.track)?;
        let call = ongoing.call.as_deref();
        writeln!(f, "call        {}", call.unwrap_or("not on the chain"))?;
        writeln!(f, "call hash   0x{}", hex::encode(ongoing.call_hash))?;
        writeln!(f, "proposer    {}", ongoing.proposer)?;
        writeln!(f, "submitted   block {}", ongoing.submitted_at)?;
        writeln!(f, "ayes        {}", ongoing.ayes)?;
        writeln!(f, "nays        {}", ongoing.nays)?;
        writeln!(
            f,
            "approval    {} of {} needed now",
            ongoing.approval, ongoing.approval_needed
        )?;
        writeln!(
            f,
            "support     {} of {} needed now",
            ongoing.support, ongoing.support_needed
        )
    }
}
