//! The tracks of referenda: who they act as, what they cost, how long they take, and how much of
//! the electorate has to agree.
//!
//! The curves give the approval, which is the share of ayes among votes weighed by conviction, and
//! the support, which is the share of the electorate's PHA that voted aye, that a referendum needs.
//! Both fall while it is decided: what few oppose passes late, what most support passes early.

use alloc::borrow::Cow;

use frame_system::RawOrigin;
use pallet_referenda::{Curve, Track, TrackInfo, TracksInfo};
use sp_runtime::{str_array, FixedI64};

use super::{
    origins::Origin,
    time::{blocks, HOURS_PER_DAY},
};
use crate::{constants::PHA, Balance, BlockNumber, OriginCaller};

/// The id of a track.
pub type TrackId = u16;

/// The track of what acts as root: upgrades of the runtime, and what no other track may do.
pub const ROOT: TrackId = 0;

/// The track of parameters.
pub const PARAMETERS: TrackId = 1;

/// The track of measurements, root certificates and keys of clusters.
pub const MEASUREMENTS: TrackId = 2;

/// The track of small spends.
pub const SMALL_SPENDER: TrackId = 10;

/// The track of large spends.
pub const BIG_SPENDER: TrackId = 11;

/// A track, with its periods in hours.
struct TrackSettings {
    id: TrackId,
    name: &'static str,
    /// How many of its referenda may be decided at a time.
    deciding_max: u32,
    /// What has to be on deposit before a referendum is decided.
    decision_deposit: Balance,
    /// From the submission until it may be decided.
    prepare_hours: u64,
    /// How long it is decided at the most.
    decision_hours: u64,
    /// For how long it has to keep passing.
    confirm_hours: u64,
    /// From its approval until it is carried out, at the least.
    enactment_hours: u64,
    approval: Curve,
    support: Curve,
}

const fn percent(share: u128) -> FixedI64 {
    FixedI64::from_rational(share, 100)
}

// The first two numbers of a curve are parts of the decision period: the approval that an upgrade
// needs, say, falls from 100 % to 80 % in the first 4 of 28 parts, and on to 50 % at the end.

/// The approval of what changes the network.
const CHANGE_APPROVAL: Curve =
    Curve::make_reciprocal(4, 28, percent(80), percent(50), percent(100));

/// The support of what acts as root.
const ROOT_SUPPORT: Curve = Curve::make_linear(28, 28, percent(5), percent(50));

/// The support of other changes.
const CHANGE_SUPPORT: Curve = Curve::make_reciprocal(7, 28, percent(10), percent(2), percent(50));

/// The approval of small spends.
const SMALL_SPEND_APPROVAL: Curve = Curve::make_linear(17, 28, percent(50), percent(100));

/// The support of small spends.
const SMALL_SPEND_SUPPORT: Curve =
    Curve::make_reciprocal(12, 28, percent(1), percent(0), percent(50));

/// The approval of large spends.
const BIG_SPEND_APPROVAL: Curve = Curve::make_linear(28, 28, percent(50), percent(100));

/// The support of large spends.
const BIG_SPEND_SUPPORT: Curve =
    Curve::make_reciprocal(20, 28, percent(5), percent(1), percent(50));

/// The tracks, in the order of their ids.
static TRACKS: [TrackSettings; 5] = [
    // Only root stops a referendum. With one place alone, whoever has its deposit could keep every
    // other upgrade waiting for the whole decision period, and be stopped by nobody.
    TrackSettings {
        id: ROOT,
        name: "root",
        deciding_max: 10,
        decision_deposit: 10_000 * PHA,
        prepare_hours: 2,
        decision_hours: 14 * HOURS_PER_DAY,
        confirm_hours: 24,
        enactment_hours: 24,
        approval: CHANGE_APPROVAL,
        support: ROOT_SUPPORT,
    },
    TrackSettings {
        id: PARAMETERS,
        name: "parameters",
        deciding_max: 10,
        decision_deposit: 1_000 * PHA,
        prepare_hours: 2,
        decision_hours: 7 * HOURS_PER_DAY,
        confirm_hours: 12,
        enactment_hours: 12,
        approval: CHANGE_APPROVAL,
        support: CHANGE_SUPPORT,
    },
    // Secrets leave an enclave that is broken for as long as it is allowed, so this is the fastest,
    // and asks for no less support than parameters do.
    TrackSettings {
        id: MEASUREMENTS,
        name: "measurements",
        deciding_max: 10,
        decision_deposit: 1_000 * PHA,
        prepare_hours: 1,
        decision_hours: 7 * HOURS_PER_DAY,
        confirm_hours: 6,
        enactment_hours: 1,
        approval: CHANGE_APPROVAL,
        support: CHANGE_SUPPORT,
    },
    TrackSettings {
        id: SMALL_SPENDER,
        name: "small_spender",
        deciding_max: 50,
        decision_deposit: 100 * PHA,
        prepare_hours: 2,
        decision_hours: 7 * HOURS_PER_DAY,
        confirm_hours: 12,
        enactment_hours: 12,
        approval: SMALL_SPEND_APPROVAL,
        support: SMALL_SPEND_SUPPORT,
    },
    TrackSettings {
        id: BIG_SPENDER,
        name: "big_spender",
        deciding_max: 10,
        decision_deposit: 2_000 * PHA,
        prepare_hours: 4,
        decision_hours: 14 * HOURS_PER_DAY,
        confirm_hours: 2 * HOURS_PER_DAY,
        enactment_hours: 24,
        approval: BIG_SPEND_APPROVAL,
        support: BIG_SPEND_SUPPORT,
    },
];

impl TrackSettings {
    fn info(&self) -> TrackInfo<Balance, BlockNumber> {
        TrackInfo {
            name: str_array(self.name),
            max_deciding: self.deciding_max,
            decision_deposit: self.decision_deposit,
            prepare_period: blocks(self.prepare_hours),
            decision_period: blocks(self.decision_hours),
            confirm_period: blocks(self.confirm_hours),
            min_enactment_period: blocks(self.enactment_hours),
            min_approval: self.approval.clone(),
            min_support: self.support.clone(),
        }
    }
}

/// The tracks, with their periods in this network's blocks.
pub struct Tracks;

impl TracksInfo<Balance, BlockNumber> for Tracks {
    type Id = TrackId;
    type RuntimeOrigin = OriginCaller;

    fn tracks() -> impl Iterator<Item = Cow<'static, Track<TrackId, Balance, BlockNumber>>> {
        TRACKS.iter().map(|track| {
            Cow::Owned(Track {
                id: track.id,
                info: track.info(),
            })
        })
    }

    fn track_for(origin: &OriginCaller) -> Result<TrackId, ()> {
        match origin {
            OriginCaller::system(RawOrigin::Root) => Ok(ROOT),
            OriginCaller::Origins(Origin::Parameters) => Ok(PARAMETERS),
            OriginCaller::Origins(Origin::Measurements) => Ok(MEASUREMENTS),
            OriginCaller::Origins(Origin::SmallSpender) => Ok(SMALL_SPENDER),
            OriginCaller::Origins(Origin::BigSpender) => Ok(BIG_SPENDER),
            _ => Err(()),
        }
    }

    fn info(id: TrackId) -> Option<Cow<'static, TrackInfo<Balance, BlockNumber>>> {
        let track = TRACKS.iter().find(|track| track.id == id)?;
        Some(Cow::Owned(track.info()))
    }
}
