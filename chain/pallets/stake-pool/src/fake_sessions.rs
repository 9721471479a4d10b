//! Sessions, a registry and a clock that tests set. Sessions hold money as those of the network do.
//!
//! Shared with the tests of vaults, whose mock has the same names.

use std::collections::BTreeSet;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    Blake2_128Concat, ensure, parameter_types, storage_alias,
    traits::{
        UnixTime, VariantCount,
        fungible::{Mutate, MutateHold},
        tokens::{Fortitude, Precision, Preservation, Restriction},
    },
};
use pallet_computation::{OnPayout, Reclaimed, SessionStatus, Sessions};
use pallet_registry::WorkerLookup;
use phat_primitives::WorkerId;
use scale_info::TypeInfo;
use sp_runtime::{AccountId32, DispatchError, DispatchResult, Permill};

use crate::mock::{Balances, StakePool};

/// What payouts come from.
pub const MINE: AccountId32 = AccountId32::new([200; 32]);
/// What is slashed goes there.
pub const TREASURY: AccountId32 = AccountId32::new([201; 32]);
/// The least stake.
pub const STAKE_MIN: u128 = 100 * PHA;
/// How long a stake stays held, in seconds.
pub const COOL_DOWN_S: u64 = 7 * 24 * 3_600;
/// One PHA.
pub const PHA: u128 = 1_000_000_000_000;
/// The time at which tests begin, in seconds since 1970.
pub const BEGIN_S: u64 = 1_800_000_000;

parameter_types! {
    /// The time, in seconds since 1970.
    pub static NowS: u64 = BEGIN_S;
    /// The workers that are registered, all by the same operator.
    pub static Registered: BTreeSet<WorkerId> = BTreeSet::new();
    /// Those of them that nothing vouches for.
    pub static Suspended: BTreeSet<WorkerId> = BTreeSet::new();
    /// Who operates them.
    pub static Operator: AccountId32 = AccountId32::new([1; 32]);
    /// Those that cannot be stopped.
    pub static Stuck: BTreeSet<WorkerId> = BTreeSet::new();
}

/// Why money is held.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum FakeHold {
    /// For a session.
    Session,
}

impl VariantCount for FakeHold {
    const VARIANT_COUNT: u32 = 1;
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct FakeSession {
    beneficiary: AccountId32,
    stake: u128,
    /// What is left of its Value Promise.
    kept: Permill,
    /// When the stake may be reclaimed, if it was stopped.
    until: Option<u64>,
}

/// In the chain's storage, so that what a failed call did is undone.
#[storage_alias]
type Stored = StorageMap<FakeSessions, Blake2_128Concat, WorkerId, FakeSession>;

pub struct FakeSessions;

impl FakeSessions {
    fn returned(session: &FakeSession) -> u128 {
        session.kept.mul_floor(session.stake)
    }

    /// Slashes `part` of what is left of the worker's Value Promise.
    pub fn slash(worker: WorkerId, part: Permill) {
        if let Some(mut session) = Stored::get(worker) {
            session.kept = session.kept * (Permill::one() - part);
            Stored::insert(worker, session);
        }
    }

    /// Pays `amount` for the worker, if it runs. Gives whether it does.
    pub fn pay(worker: WorkerId, amount: u128) -> bool {
        let Some(session) = Stored::get(worker).filter(|session| session.until.is_none()) else {
            return false;
        };
        let payee = session.beneficiary;
        Balances::transfer(&MINE, &payee, amount, Preservation::Preserve).expect("it is rich");
        StakePool::on_payout(worker, &payee, amount);
        true
    }
}

impl Sessions<AccountId32, u128> for FakeSessions {
    fn start(worker: WorkerId, beneficiary: &AccountId32, stake: u128) -> DispatchResult {
        ensure!(stake >= STAKE_MIN, "the stake is too low");
        ensure!(!Stored::contains_key(worker), "it is in a session");
        Balances::hold(&FakeHold::Session, beneficiary, stake)?;
        let session = FakeSession {
            beneficiary: beneficiary.clone(),
            stake,
            kept: Permill::one(),
            until: None,
        };
        Stored::insert(worker, session);
        Ok(())
    }

    fn stop(worker: WorkerId) -> DispatchResult {
        let mut session = Stored::get(worker).ok_or("it is in no session")?;
        ensure!(session.until.is_none(), "it was stopped");
        session.until = Some(NowS::get() + COOL_DOWN_S);
        Stored::insert(worker, session);
        ensure!(!Stuck::get().contains(&worker), "it cannot be stopped");
        Ok(())
    }

    fn reclaim(worker: WorkerId) -> Result<Reclaimed<u128>, DispatchError> {
        let session = Stored::take(worker).ok_or("it is in no session")?;
        let until = session.until.ok_or("it was not stopped")?;
        ensure!(until <= NowS::get(), "it is cooling down");
        let returned = Self::returned(&session);
        let slashed = session.stake - returned;
        let who = &session.beneficiary;
        Balances::release(&FakeHold::Session, who, returned, Precision::Exact)?;
        if slashed > 0 {
            Balances::transfer_on_hold(
                &FakeHold::Session,
                who,
                &TREASURY,
                slashed,
                Precision::Exact,
                Restriction::Free,
                Fortitude::Polite,
            )?;
        }
        Ok(Reclaimed { returned, slashed })
    }

    fn stake_min(_worker: WorkerId) -> Option<u128> {
        Some(STAKE_MIN)
    }

    fn status(worker: WorkerId) -> SessionStatus<u128> {
        let Some(session) = Stored::get(worker) else {
            return SessionStatus::Ready;
        };
        let (stake, returned) = (session.stake, Self::returned(&session));
        match session.until {
            None => SessionStatus::Running { stake, returned },
            Some(until) => SessionStatus::CoolingDown {
                until,
                stake,
                returned,
            },
        }
    }

    fn beneficiary(worker: WorkerId) -> Option<AccountId32> {
        Stored::get(worker).map(|session| session.beneficiary)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn make_ready_for_benchmark(operator: &AccountId32, worker: WorkerId) {
        Operator::set(operator.clone());
        Registered::mutate(|list| list.insert(worker));
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn end_cool_down_for_benchmark(worker: WorkerId) {
        if let Some(mut session) = Stored::get(worker) {
            session.until = Some(0);
            Stored::insert(worker, session);
        }
    }
}

pub struct Registry;

impl WorkerLookup<AccountId32> for Registry {
    fn operator_of(worker: &WorkerId) -> Option<AccountId32> {
        Registered::get().contains(worker).then(Operator::get)
    }

    fn is_active(worker: &WorkerId) -> bool {
        Registered::get().contains(worker) && !Suspended::get().contains(worker)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn register_for_benchmark(operator: &AccountId32, worker: WorkerId) {
        Operator::set(operator.clone());
        Registered::mutate(|list| list.insert(worker));
    }
}

pub struct Clock;

impl UnixTime for Clock {
    fn now() -> core::time::Duration {
        core::time::Duration::from_secs(NowS::get())
    }
}

/// Lets `seconds` go by.
pub fn wait_s(seconds: u64) {
    NowS::mutate(|now_s| *now_s += seconds);
}

/// Sets everything back that is not in the chain's storage.
pub fn reset() {
    NowS::set(BEGIN_S);
    Registered::set((0..100).map(worker).collect());
    Suspended::take();
    Stuck::take();
    Operator::set(AccountId32::new([1; 32]));
}

/// Worker number `number`.
pub fn worker(number: u8) -> WorkerId {
    WorkerId([number; 32])
}
