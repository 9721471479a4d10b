//! What happens at the beginning of each block: randomness is noted, challenges that were missed
//! end, and new ones are drawn.

use codec::Encode;
use frame_support::{traits::Randomness, weights::Weight};
use phat_primitives::{WorkerId, blake2_256};

use crate::{
    ActiveCount, ActiveSessions, ChallengeInfo, Config, CurrentSettings, EconomyParameters, Event,
    Expiring, ExpiringChallenges, NotedRandomness, OpenChallenges, Pallet, RANDOMNESS_BLOCKS,
    RandomnessTime, Settings, ShareTotals, WeightInfo, WorkerSessions, context::bytes_of,
};

/// Separates what this pallet does with the chain's randomness from its other uses.
const RANDOMNESS_DOMAIN: &[u8; 18] = b"phat/computation/1";

/// Separates what is made of the randomness of many blocks from their own.
const MIX_DOMAIN: &[u8; 17] = b"phat/randomness/1";

/// Separates the lots of challenges from other uses of a block's randomness.
const LOT_DOMAIN: &[u8; 16] = b"phat/challenge/1";

impl<T: Config> Pallet<T> {
    /// Does it all and gives what it took.
    pub(crate) fn begin_block() -> Weight {
        let now = Self::now_block();
        let randomness = Self::note_randomness(now);
        let expired = Self::expire(now);
        let drawn = randomness.map_or(0, |randomness| Self::challenge(now, &randomness));
        T::WeightInfo::begin_block(drawn, expired)
    }

    /// Notes the randomness of the block, if there is one, and forgets the oldest.
    pub(crate) fn note_randomness(now: u32) -> Option<[u8; 32]> {
        if let Some(oldest) = now.checked_sub(RANDOMNESS_BLOCKS) {
            NotedRandomness::<T>::remove(oldest);
        }
        let (hash, _) = T::Randomness::random(RANDOMNESS_DOMAIN);
        Some(Self::note(now, &bytes_of(hash?.as_ref())))
    }

    /// Notes the randomness of the block `now`, to which the block before has added `added`.
    ///
    /// What a block adds is known to its author long before. Were it all, an author could do
    /// iterations before their time, or commit to what will be drawn.
    pub(crate) fn note(now: u32, added: &[u8; 32]) -> [u8; 32] {
        let before = NotedRandomness::<T>::get(now.saturating_sub(1));
        let randomness = blake2_256(&(MIX_DOMAIN, before, added).encode());
        NotedRandomness::<T>::insert(now, randomness);
        RandomnessTime::<T>::put(Self::now_ms());
        randomness
    }

    /// Ends the challenges that should have been answered before this block. Gives how many there
    /// were to look at.
    pub(crate) fn expire(now: u32) -> u32 {
        let expiring = ExpiringChallenges::<T>::take(now);
        for worker in &expiring {
            Self::expire_one(*worker, now);
        }
        expiring.len() as u32
    }

    fn expire_one(worker: WorkerId, now: u32) {
        let Some(mut challenge) = OpenChallenges::<T>::get(worker) else {
            return;
        };
        // It may be another one than the one that was to expire.
        if challenge.missed || challenge.deadline >= now {
            return;
        }
        let Some(mut session) = WorkerSessions::<T>::get(worker) else {
            return;
        };
        challenge.missed = true;
        OpenChallenges::<T>::insert(worker, challenge);
        let was_idle = session.is_idle();
        let parameters = Self::parameters_of(&session.state);
        ShareTotals::<T>::mutate(|totals| session.state.timeout(&parameters, totals, now));
        WorkerSessions::<T>::insert(worker, session);
        if was_idle {
            Self::deposit_event(Event::Unresponsive { worker });
        }
    }

    /// Draws who is challenged. Gives how many were drawn.
    fn challenge(now: u32, randomness: &[u8; 32]) -> u32 {
        let count = ActiveCount::<T>::get();
        let settings = CurrentSettings::<T>::get();
        let draws = draws(count, &settings, randomness);
        if draws > 0 {
            let places = (0..draws).map(|number| place(randomness, number, count));
            Self::challenge_places(now, randomness, &settings, places);
        }
        draws
    }

    /// Challenges the workers at these places of the list.
    pub(crate) fn challenge_places(
        now: u32,
        randomness: &[u8; 32],
        settings: &Settings,
        places: impl Iterator<Item = u32>,
    ) {
        let window = EconomyParameters::<T>::get().heartbeat_window;
        let challenge = ChallengeInfo {
            challenged_at: now,
            randomness: *randomness,
            challenged_at_ms: Self::now_ms(),
            deadline: now.saturating_add(window),
            missed: false,
        };
        let expires_at = challenge.deadline.saturating_add(1);
        let mut expiring = ExpiringChallenges::<T>::get(expires_at);
        for place in places {
            if let Some(worker) = ActiveSessions::<T>::get(place) {
                Self::challenge_one(worker, &challenge, settings, &mut expiring);
            }
        }
        if !expiring.is_empty() {
            ExpiringChallenges::<T>::insert(expires_at, expiring);
        }
    }

    /// Challenges `worker`, unless it was lately. After the window was changed, challenges of two
    /// blocks may expire in one: what does not fit is left for another block.
    fn challenge_one(
        worker: WorkerId,
        challenge: &ChallengeInfo,
        settings: &Settings,
        expiring: &mut Expiring,
    ) {
        let Some(mut session) = WorkerSessions::<T>::get(worker) else {
            return;
        };
        let next = session
            .challenged_at
            .saturating_add(settings.challenge_gap_blocks);
        if challenge.challenged_at < next || expiring.try_push(worker).is_err() {
            return;
        }
        session.challenged_at = challenge.challenged_at;
        let number = session.number;
        WorkerSessions::<T>::insert(worker, session);
        OpenChallenges::<T>::insert(worker, challenge);
        Self::deposit_event(Event::Challenged {
            worker,
            session: number,
        });
    }
}

/// How many workers a block draws out of `count`: so many that each is drawn once in the gap
/// between challenges, on average, and no more than the settings say. What is left over of a whole
/// number is drawn by lot, so that nobody knows when a lone worker's turn is.
fn draws(count: u32, settings: &Settings, randomness: &[u8; 32]) -> u32 {
    let gap = settings.challenge_gap_blocks.max(1);
    let rest = count % gap;
    let lot = lot(randomness, None) % u64::from(gap);
    let wanted = (count / gap).saturating_add(u32::from(lot < u64::from(rest)));
    wanted.min(settings.challenges_per_block)
}

/// The place of draw number `number` among `count`, which is not 0.
fn place(randomness: &[u8; 32], number: u32, count: u32) -> u32 {
    let lot = lot(randomness, Some(number));
    // It is below the count.
    lot.checked_rem(u64::from(count)).unwrap_or(0) as u32
}

/// A number that follows from the randomness. None of 2³² is more likely than another by a part in
/// 2³².
fn lot(randomness: &[u8; 32], number: Option<u32>) -> u64 {
    let hash = blake2_256(&(LOT_DOMAIN, randomness, number).encode());
    hash.iter()
        .take(8)
        .fold(0, |lot, byte| (lot << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            challenges_per_block: 20,
            challenge_gap_blocks: 600,
            ..Settings::default()
        }
    }

    fn drawn_in(blocks: u32, count: u32) -> u32 {
        (0..blocks)
            .map(|block| draws(count, &settings(), &blake2_256(&block.encode())))
            .sum()
    }

    #[test]
    fn each_worker_is_drawn_once_in_a_gap_on_average() {
        // 120 000 blocks are two hundred gaps.
        for count in [1, 601] {
            let expected = count * 200;
            let drawn = drawn_in(120_000, count);
            assert!(
                drawn.abs_diff(expected) < expected / 4,
                "{drawn} of {expected}"
            );
        }
    }

    #[test]
    fn a_block_draws_no_more_than_the_settings_say() {
        assert_eq!(drawn_in(10, 0), 0);
        assert_eq!(drawn_in(10, 12_000), 200);
        assert_eq!(drawn_in(10, 100_000), 200);
        assert_eq!(drawn_in(10, u32::MAX), 200);
    }

    #[test]
    fn every_place_is_drawn() {
        let mut places: Vec<_> = (0..1_000)
            .map(|number| place(&[7; 32], number, 10))
            .collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places, (0..10).collect::<Vec<_>>());
    }
}
