//! Challenges: who judges them, and what becomes of them.

use alloc::vec::Vec;

use codec::{DecodeAll, Encode};
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{
        Get, OnUnbalanced, Randomness,
        fungible::{BalancedHold, MutateHold},
        tokens::Precision,
    },
};
use pallet_phat_contracts::ClusterLookup;
use pallet_registry::WorkerLookup;
use phat_primitives::{
    ClusterId, ContractId, ReceiptHash, WorkerId, blake2_256,
    challenges::{ChallengeId, PanelVote, ReplayedRun, Verdict},
    receipt::ReceiptBody,
};
use sp_core::sr25519;
use sp_runtime::{
    DispatchError,
    traits::{Saturating, Zero},
};

use crate::{
    BalanceOf, CHALLENGES_PER_DOUBLING, Challenge, ChallengeOf, ChallengeOfReceipt, Challenges,
    Config, DataUrl, Decision, DecisionCount, Decisions, Error, Event, Evidence, Fault, FaultCount,
    Faults, HoldReason, NextChallengeId, OnProvenFault, OpenOfWorker, Outcome, Pallet, Panel, Seat,
    types::is_data_url,
};

/// Separates the lots of panels from other uses of the chain's randomness.
const PANEL_DOMAIN: &[u8; 12] = b"phat/panel/1";

impl<T: Config> Pallet<T> {
    /// The receipt in `bytes`, if `signature` is its worker's and it is of this chain.
    pub(crate) fn signed_receipt(
        bytes: &[u8],
        signature: &sr25519::Signature,
    ) -> Result<ReceiptBody, Error<T>> {
        let body =
            ReceiptBody::decode_all(&mut &bytes[..]).map_err(|_| Error::<T>::ReceiptMalformed)?;
        ensure!(
            body.genesis_hash == Self::genesis_hash(),
            Error::<T>::OtherChain
        );
        ensure!(
            Self::is_signed_by(&body.worker, &body.signing_payload(), signature),
            Error::<T>::SignatureInvalid
        );
        Ok(body)
    }

    /// Refuses what may not be challenged, or not now.
    pub(crate) fn ensure_challengeable(
        body: &ReceiptBody,
        receipt: ReceiptHash,
        data_url: &DataUrl,
    ) -> Result<(), Error<T>> {
        let accused = body.worker;
        ensure!(
            T::Workers::operator_of(&accused).is_some() || T::OnProvenFault::is_liable(&accused),
            Error::<T>::UnknownWorker
        );
        ensure!(is_data_url(data_url), Error::<T>::DataUrlInvalid);
        ensure!(
            !Faults::<T>::contains_key(accused, receipt),
            Error::<T>::AlreadyProven
        );
        ensure!(
            !ChallengeOfReceipt::<T>::contains_key(receipt),
            Error::<T>::AlreadyChallenged
        );
        ensure!(
            Challenges::<T>::count() < T::MaxChallenges::get(),
            Error::<T>::TooManyChallenges
        );
        let open = OpenOfWorker::<T>::get(accused);
        ensure!(
            open < T::MaxChallengesPerWorker::get(),
            Error::<T>::TooManyChallengesOfWorker
        );
        ensure!(
            FaultCount::<T>::get(accused).saturating_add(open) < T::MaxFaultsPerWorker::get(),
            Error::<T>::TooManyFaults
        );
        Ok(())
    }

    /// Draws who judges a receipt: active workers of the cluster, and not who is accused.
    ///
    /// The lots follow from the receipt and from the chain's randomness of an earlier epoch. So
    /// challenging again draws no other panel until the epoch is over.
    pub(crate) fn draw_panel(
        cluster: ClusterId,
        accused: WorkerId,
        receipt: ReceiptHash,
    ) -> Result<Panel<T>, Error<T>> {
        let (seed, _) = T::Randomness::random(&(PANEL_DOMAIN, receipt).encode());
        let lot = |worker: &WorkerId| blake2_256(&(seed, worker).encode());
        let mut drawn: Vec<_> = T::Clusters::active_members(cluster)
            .into_iter()
            .filter(|worker| *worker != accused)
            .map(|worker| (lot(&worker), worker))
            .collect();
        ensure!(
            drawn.len() >= T::PanelSizeMin::get() as usize,
            Error::<T>::TooFewWorkers
        );
        drawn.sort_unstable();
        let seats = drawn.into_iter().map(|(_, worker)| Seat {
            worker,
            verdict: None,
        });
        let seats: Vec<_> = seats.take(T::PanelSize::get() as usize).collect();
        Ok(Panel::<T>::truncate_from(seats))
    }

    /// What is held for a challenge of a receipt of a worker, of whose receipts `open` others are
    /// challenged: [`Config::ChallengeDeposit`], doubled for each [`CHALLENGES_PER_DOUBLING`] of
    /// them.
    pub fn deposit(open: u32) -> BalanceOf<T> {
        T::ChallengeDeposit::get().saturating_mul(deposit_factor(open).into())
    }

    /// What of a challenge's deposit is lost.
    fn forfeit(challenge: &ChallengeOf<T>, outcome: Outcome) -> BalanceOf<T> {
        let is_borne_out = || {
            let verdicts = challenge.panel.iter().filter_map(|seat| seat.verdict);
            let (against, other): (Vec<_>, Vec<_>) = verdicts.partition(is_fault);
            against.len() > other.len()
        };
        match outcome {
            Outcome::Fault(_) => BalanceOf::<T>::zero(),
            Outcome::Holds => challenge.deposit,
            Outcome::Undecided if is_borne_out() => BalanceOf::<T>::zero(),
            Outcome::Undecided => T::UndecidedPart::get().mul_ceil(challenge.deposit),
        }
    }

    /// The next challenge's id.
    pub(crate) fn next_id() -> Result<ChallengeId, Error<T>> {
        let id = NextChallengeId::<T>::get();
        let next = id.0.checked_add(1).ok_or(Error::<T>::TooManyChallenges)?;
        NextChallengeId::<T>::put(ChallengeId(next));
        Ok(id)
    }

    /// Opens a challenge, once its deposit is held.
    pub(crate) fn do_open(challenge: ChallengeOf<T>) -> Result<ChallengeId, DispatchError> {
        T::Currency::hold(
            &HoldReason::Challenge.into(),
            &challenge.challenger,
            challenge.deposit,
        )?;
        let id = Self::next_id()?;
        ChallengeOfReceipt::<T>::insert(challenge.receipt, id);
        OpenOfWorker::<T>::mutate(challenge.accused, |open| open.saturating_inc());
        Challenges::<T>::insert(id, challenge);
        Ok(id)
    }

    /// Takes down what `worker` found, and decides the challenge if that settles it.
    pub(crate) fn do_vote(
        id: ChallengeId,
        worker: WorkerId,
        verdict: Verdict,
        signature: &sr25519::Signature,
    ) -> DispatchResult {
        let mut challenge = Challenges::<T>::get(id).ok_or(Error::<T>::UnknownChallenge)?;
        ensure!(
            frame_system::Pallet::<T>::block_number() <= challenge.deadline,
            Error::<T>::DeadlinePassed
        );
        let seat = challenge
            .panel
            .iter_mut()
            .find(|seat| seat.worker == worker);
        let seat = seat.ok_or(Error::<T>::NotOnPanel)?;
        ensure!(seat.verdict.is_none(), Error::<T>::AlreadyVoted);
        let vote = PanelVote {
            genesis_hash: Self::genesis_hash(),
            challenge: id,
            receipt: challenge.receipt,
            worker,
            verdict,
        };
        ensure!(
            Self::is_signed_by(&worker, &vote.signing_payload(), signature),
            Error::<T>::SignatureInvalid
        );
        ensure!(T::Workers::is_active(&worker), Error::<T>::WorkerInactive);
        ensure!(
            verdict != Verdict::Differs(challenge.claimed),
            Error::<T>::VerdictContradictory
        );

        seat.verdict = Some(verdict);
        Self::deposit_event(Event::Voted {
            challenge: id,
            worker,
            verdict,
        });
        match settled(&challenge.panel) {
            Some(outcome) => Self::decide(id, challenge, outcome),
            None => {
                Challenges::<T>::insert(id, challenge);
                Ok(())
            }
        }
    }

    /// Ends an open challenge.
    pub(crate) fn decide(
        id: ChallengeId,
        challenge: ChallengeOf<T>,
        outcome: Outcome,
    ) -> DispatchResult {
        let lost = Self::forfeit(&challenge, outcome);
        let Challenge {
            challenger,
            deposit,
            receipt,
            accused,
            contract,
            ..
        } = challenge;
        let reason: T::RuntimeHoldReason = HoldReason::Challenge.into();
        if !lost.is_zero() {
            let (forfeited, _) = T::Currency::slash(&reason, &challenger, lost);
            T::Forfeited::on_unbalanced(forfeited);
        }
        let returned = deposit.saturating_sub(lost);
        if !returned.is_zero() {
            // Best effort: what a slash has taken must not keep a challenge open.
            T::Currency::release(&reason, &challenger, returned, Precision::BestEffort)?;
        }
        Challenges::<T>::remove(id);
        ChallengeOfReceipt::<T>::remove(receipt);
        OpenOfWorker::<T>::mutate_exists(accused, |open| {
            *open = open
                .map(|open| open.saturating_sub(1))
                .filter(|open| *open > 0);
        });
        if let Outcome::Fault(evidence) = outcome {
            Self::prove(id, accused, receipt, contract, evidence);
        }
        Self::note_decision(id, accused, receipt, outcome, lost);
        Ok(())
    }

    /// Records a fault and tells who acts on it.
    pub(crate) fn prove(
        id: ChallengeId,
        accused: WorkerId,
        receipt: ReceiptHash,
        contract: ContractId,
        evidence: Evidence,
    ) {
        FaultCount::<T>::mutate(accused, |count| count.saturating_inc());
        Faults::<T>::insert(
            accused,
            receipt,
            Fault {
                challenge: id,
                contract,
                evidence,
                proven_at: frame_system::Pallet::<T>::block_number(),
            },
        );
        Self::deposit_event(Event::FaultProven {
            worker: accused,
            receipt,
            evidence,
        });
        T::OnProvenFault::on_proven_fault(&accused, &receipt);
    }

    /// Keeps what became of a challenge, in the place of the oldest decision if there is no other.
    /// `lost` is what of its deposit is not returned.
    pub(crate) fn note_decision(
        id: ChallengeId,
        accused: WorkerId,
        receipt: ReceiptHash,
        outcome: Outcome,
        lost: BalanceOf<T>,
    ) {
        let count = DecisionCount::<T>::get();
        let place = count.checked_rem(T::MaxDecisions::get()).unwrap_or(0);
        Decisions::<T>::insert(
            place,
            Decision {
                challenge: id,
                receipt,
                accused,
                outcome,
                decided_at: frame_system::Pallet::<T>::block_number(),
            },
        );
        DecisionCount::<T>::put(count.wrapping_add(1));
        Self::deposit_event(Event::Decided {
            challenge: id,
            outcome,
            lost,
        });
    }
}

/// How many times [`Config::ChallengeDeposit`] is held where `open` others are open of the worker's
/// receipts.
pub(crate) fn deposit_factor(open: u32) -> u32 {
    2u32.saturating_pow(open / CHALLENGES_PER_DOUBLING)
}

/// Whether a verdict is that the receipt is wrong.
fn is_fault(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Differs(_) | Verdict::Diverges { .. } | Verdict::OtherRun => true,
        Verdict::Holds | Verdict::Unavailable => false,
    }
}

/// What a receipt says that came of its run.
pub(crate) fn claimed(body: &ReceiptBody) -> ReplayedRun {
    ReplayedRun {
        result: body.result,
        output_hash: body.output_hash,
        fuel_used: body.fuel_used,
    }
}

/// What a panel has come to: what more than half of it found, or nothing when all have voted.
pub(crate) fn settled(panel: &[Seat]) -> Option<Outcome> {
    let verdicts: Vec<_> = panel.iter().filter_map(|seat| seat.verdict).collect();
    let most = verdicts.iter().copied().find(|verdict| {
        let alike = verdicts.iter().filter(|other| *other == verdict);
        alike.count() > panel.len() / 2
    });
    match most {
        Some(Verdict::Holds) => Some(Outcome::Holds),
        Some(Verdict::Unavailable) => Some(Outcome::Undecided),
        Some(fault @ (Verdict::Differs(_) | Verdict::Diverges { .. } | Verdict::OtherRun)) => {
            Some(Outcome::Fault(Evidence::Replay(fault)))
        }
        None if verdicts.len() == panel.len() => Some(Outcome::Undecided),
        None => None,
    }
}
