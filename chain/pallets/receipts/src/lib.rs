//! The pallet that keeps the roots of workers' receipts and judges challenged ones.
//!
//! A worker makes receipts of its runs, see [`phat_primitives::receipt`]. Now and then it has a
//! **batch** published: the Merkle root of its new receipts, signed with its identity key. Batches
//! of a worker are numbered from 0 on and each names the hash of the one before, so that
//! [`Heads`] fixes all that the worker has ever published. The newest [`Config::MaxBatches`] of
//! each worker are stored; older ones are in the state of older blocks, whose headers prove them.
//!
//! Whoever holds a receipt that is wrong **challenges** it with a deposit. The chain checks that
//! the worker did sign it, and draws a **panel**: active workers of the contract's cluster, who
//! run the code again on the receipt's transcript, which the challenger publishes, and vote. Runs
//! are repeated bit for bit, so members that did their work agree. When more than half of the
//! panel agrees
//!
//! - that something else comes out, and on what, the receipt is a proven [`Fault`], and the
//!   deposit is returned;
//! - that the receipt holds, the deposit is lost;
//! - that it cannot be told, or on nothing, a part of the deposit is lost, unless more of those who
//!   voted found the receipt wrong than did not: see [`Config::UndecidedPart`].
//!
//! There are only so many open challenges of one worker's receipts. The deposit doubles with each
//! [`CHALLENGES_PER_DOUBLING`] of them, see [`Pallet::deposit`]. So whoever fills the places with
//! challenges that come to nothing, to be safe from others, pays for each time, and the more the
//! fewer are left.
//!
//! A panel is as honest as most of its members are. Other pallets hear of faults with
//! [`OnProvenFault`].

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod batches;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod challenges;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
// With `std` too: tests of the whole runtime check the invariants as well.
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
mod types;
pub mod weights;

pub use pallet::*;
pub use types::{
    BatchHead, BatchInfo, Challenge, DataUrl, Decision, Evidence, Fault, Leftover, OnProvenFault,
    Outcome, ReceiptBytes, Seat,
};
pub use weights::WeightInfo;

/// The most batches of workers that left that one block removes.
pub const CLEARED_PER_BLOCK_MAX: u32 = 256;

/// With how many open challenges of a worker's receipts the deposit for the next one doubles.
pub const CHALLENGES_PER_DOUBLING: u32 = 4;

/// The pallet's items, in the form that FRAME asks for.
#[frame_support::pallet]
pub mod pallet {
    use frame_support::{
        pallet_prelude::*,
        traits::{
            OnUnbalanced, Randomness,
            fungible::{BalancedHold, Credit, Inspect, MutateHold},
        },
    };
    use frame_system::pallet_prelude::*;
    use pallet_phat_contracts::ClusterLookup;
    use pallet_registry::WorkerLookup;
    use phat_primitives::{
        ReceiptHash, WorkerId,
        challenges::{ChallengeId, Verdict},
    };
    use sp_core::sr25519;
    use sp_runtime::{
        Permill,
        traits::{CheckedMul, Saturating, Zero},
    };

    use crate::{
        BatchHead, BatchInfo, Challenge, DataUrl, Decision, Evidence, Fault, Leftover,
        OnProvenFault, Outcome, ReceiptBytes, Seat, WeightInfo,
        challenges::{claimed, deposit_factor},
    };

    /// The balance that deposits are held in.
    pub type BalanceOf<T> =
        <<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

    /// A deposit that was lost.
    pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

    /// Who judges a challenge.
    pub type Panel<T> = BoundedVec<Seat, <T as Config>::PanelSize>;

    /// An open challenge, with the chain's own types.
    pub type ChallengeOf<T> = Challenge<
        <T as frame_system::Config>::AccountId,
        BalanceOf<T>,
        BlockNumberFor<T>,
        Panel<T>,
    >;

    /// What a runtime decides about the pallet.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// Holds the deposits.
        type Currency: MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
            + BalancedHold<Self::AccountId>;

        /// The runtime's reasons for a hold.
        type RuntimeHoldReason: From<HoldReason>;

        /// Knows the workers.
        type Workers: WorkerLookup<Self::AccountId>;

        /// Knows which workers serve which contracts.
        type Clusters: ClusterLookup;

        /// Draws panels. It must be fixed before a challenge is made, and should change rarely:
        /// who waits for it to change draws another panel.
        type Randomness: Randomness<Self::Hash, BlockNumberFor<Self>>;

        /// Gets the deposits that are lost.
        type Forfeited: OnUnbalanced<CreditOf<Self>>;

        /// Told of proven faults.
        type OnProvenFault: OnProvenFault;

        /// Held of the challenger's balance for a challenge where no other is open of the worker's
        /// receipts. See [`Pallet::deposit`] for how it grows.
        #[pallet::constant]
        type ChallengeDeposit: Get<BalanceOf<Self>>;

        /// The part of the deposit that is lost when a challenge ends undecided, unless more of
        /// those who voted found the receipt wrong than did not.
        ///
        /// It is lost when nobody voted too: the chain cannot tell data that are not there from a
        /// panel that is away, and who signs receipts can have one whose panel is.
        #[pallet::constant]
        type UndecidedPart: Get<Permill>;

        /// How many blocks a panel has to vote.
        #[pallet::constant]
        type VotingPeriod: Get<BlockNumberFor<Self>>;

        /// The most members of a panel.
        #[pallet::constant]
        type PanelSize: Get<u32>;

        /// The fewest members of a panel. A cluster that has no more cannot judge.
        #[pallet::constant]
        type PanelSizeMin: Get<u32>;

        /// The most batches of each worker that are stored.
        #[pallet::constant]
        type MaxBatches: Get<u32>;

        /// The most open challenges.
        #[pallet::constant]
        type MaxChallenges: Get<u32>;

        /// The most open challenges of receipts of one worker.
        #[pallet::constant]
        type MaxChallengesPerWorker: Get<u32>;

        /// The most faults that are recorded of one worker.
        #[pallet::constant]
        type MaxFaultsPerWorker: Get<u32>;

        /// The most decisions that are stored: the newest.
        #[pallet::constant]
        type MaxDecisions: Get<u32>;

        /// The weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why the pallet holds a balance.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// For a challenge, until it is decided.
        Challenge,
    }

    /// What each worker has published.
    #[pallet::storage]
    pub type Heads<T> = StorageMap<_, Blake2_128Concat, WorkerId, BatchHead, OptionQuery>;

    /// The newest batches of each worker, by their numbers.
    #[pallet::storage]
    pub type Batches<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        WorkerId,
        Twox64Concat,
        u32,
        BatchInfo<BlockNumberFor<T>>,
        OptionQuery,
    >;

    /// The workers that have left, and whose batches are still to be removed.
    #[pallet::storage]
    pub type Leftovers<T> = StorageMap<_, Blake2_128Concat, WorkerId, Leftover, OptionQuery>;

    /// The id of the next challenge.
    #[pallet::storage]
    pub type NextChallengeId<T> = StorageValue<_, ChallengeId, ValueQuery>;

    /// The open challenges.
    #[pallet::storage]
    pub type Challenges<T: Config> =
        CountedStorageMap<_, Twox64Concat, ChallengeId, ChallengeOf<T>, OptionQuery>;

    /// The open challenge of each challenged receipt.
    #[pallet::storage]
    pub type ChallengeOfReceipt<T> =
        StorageMap<_, Blake2_128Concat, ReceiptHash, ChallengeId, OptionQuery>;

    /// How many open challenges there are of receipts of each worker.
    #[pallet::storage]
    pub type OpenOfWorker<T> = StorageMap<_, Blake2_128Concat, WorkerId, u32, ValueQuery>;

    /// The receipts that were proved wrong, by their workers. They stay when the worker leaves.
    #[pallet::storage]
    pub type Faults<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        WorkerId,
        Blake2_128Concat,
        ReceiptHash,
        Fault<BlockNumberFor<T>>,
        OptionQuery,
    >;

    /// How many they are of each worker.
    #[pallet::storage]
    pub type FaultCount<T> = StorageMap<_, Blake2_128Concat, WorkerId, u32, ValueQuery>;

    /// The newest decisions, at their numbers modulo [`Config::MaxDecisions`].
    #[pallet::storage]
    pub type Decisions<T: Config> =
        StorageMap<_, Twox64Concat, u32, Decision<BlockNumberFor<T>>, OptionQuery>;

    /// How many decisions there were.
    #[pallet::storage]
    pub type DecisionCount<T> = StorageValue<_, u32, ValueQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A worker has published a batch of receipts.
        BatchPublished {
            /// The worker.
            worker: WorkerId,
            /// The number of the batch.
            number: u32,
            /// How many receipts it has.
            count: u32,
            /// The root of the tree of their hashes.
            root: [u8; 32],
        },
        /// A receipt was challenged, and a panel drawn.
        Challenged {
            /// The challenge.
            challenge: ChallengeId,
            /// The receipt.
            receipt: ReceiptHash,
            /// The worker that signed it.
            accused: WorkerId,
            /// Who challenges.
            challenger: T::AccountId,
        },
        /// A member of a panel has voted.
        Voted {
            /// The challenge.
            challenge: ChallengeId,
            /// The member.
            worker: WorkerId,
            /// What it found.
            verdict: Verdict,
        },
        /// A receipt was proved wrong.
        FaultProven {
            /// The worker that signed it.
            worker: WorkerId,
            /// The receipt.
            receipt: ReceiptHash,
            /// Why it is wrong.
            evidence: Evidence,
        },
        /// A challenge is over.
        Decided {
            /// The challenge.
            challenge: ChallengeId,
            /// What became of it.
            outcome: Outcome,
            /// What of its deposit is lost.
            lost: BalanceOf<T>,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The worker is not registered. Register it first.
        UnknownWorker,
        /// A batch has from 1 to 65 536 receipts.
        BatchCountInvalid,
        /// It is not the worker's next batch. Read the worker's head, and sign the batch with the
        /// number and the previous hash that it gives.
        BatchNotNext,
        /// The worker has published as many batches as can be numbered. Register it anew.
        TooManyBatches,
        /// Batches of an earlier registration of the worker are still being removed. Try again
        /// some blocks later.
        LeftoversExist,
        /// The signature is not by the worker's identity key over exactly these values on this
        /// chain.
        SignatureInvalid,
        /// The body of the receipt cannot be read. Give the SCALE encoding that was signed.
        ReceiptMalformed,
        /// The receipt is of another chain. Challenge it there.
        OtherChain,
        /// There is no such contract, nor was there one lately, so nothing tells what the receipt
        /// should say.
        UnknownContract,
        /// The URL of the data must be printable ASCII, start with `http://` or `https://`, and
        /// name a host.
        DataUrlInvalid,
        /// The receipt was proved wrong already.
        AlreadyProven,
        /// The receipt is challenged already. Wait for what becomes of it.
        AlreadyChallenged,
        /// There are as many open challenges as the network allows. Try again later.
        TooManyChallenges,
        /// There are as many open challenges of receipts of this worker as the network allows. Try
        /// again later.
        TooManyChallengesOfWorker,
        /// As many receipts of this worker were proved wrong as are recorded of one.
        TooManyFaults,
        /// The cluster has too few active workers besides the one that signed the receipt to make
        /// up a panel. Try again when there are more.
        TooFewWorkers,
        /// There is no such open challenge.
        UnknownChallenge,
        /// The time to vote is over. Close the challenge.
        DeadlinePassed,
        /// The panel may still vote. Close the challenge when the time is over.
        TooEarly,
        /// The worker is no member of the challenge's panel.
        NotOnPanel,
        /// The worker has voted already.
        AlreadyVoted,
        /// What is to vouch for the worker does not. Renew its attestation first.
        WorkerInactive,
        /// The verdict says that what comes out differs, and names what the receipt says.
        VerdictContradictory,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_idle(_now: BlockNumberFor<T>, remaining: Weight) -> Weight {
            Self::clear_within(remaining)
        }

        fn integrity_test() {
            for bound in [
                T::PanelSizeMin::get(),
                T::MaxBatches::get(),
                T::MaxChallenges::get(),
                T::MaxChallengesPerWorker::get(),
                T::MaxFaultsPerWorker::get(),
                T::MaxDecisions::get(),
            ] {
                assert!(!bound.is_zero(), "every bound must leave room for one");
            }
            assert!(
                T::PanelSizeMin::get() <= T::PanelSize::get(),
                "the smallest panel must not be larger than the largest"
            );
            let last = T::MaxChallengesPerWorker::get().saturating_sub(1);
            assert!(
                T::ChallengeDeposit::get()
                    .checked_mul(&deposit_factor(last).into())
                    .is_some(),
                "the largest deposit must be a balance"
            );
            assert!(
                T::MaxDecisions::get() >= T::MaxChallenges::get(),
                "as many decisions as there may be challenges must be stored"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Publishes batch `number` of `worker`: `count` receipts under `root`.
        ///
        /// `signature` is the worker's over [`ReceiptBatch::signing_payload`], with the hash of
        /// its [`Heads`] entry as what comes before.
        ///
        /// Dispatch origin: signed by anyone, who pays the fee.
        ///
        /// Errors: [`Error::UnknownWorker`], [`Error::BatchCountInvalid`],
        /// [`Error::LeftoversExist`], [`Error::BatchNotNext`], [`Error::SignatureInvalid`],
        /// [`Error::TooManyBatches`].
        ///
        /// Event: [`Event::BatchPublished`].
        ///
        /// [`ReceiptBatch::signing_payload`]: phat_primitives::receipts::ReceiptBatch::signing_payload
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::publish_batch())]
        pub fn publish_batch(
            origin: OriginFor<T>,
            worker: WorkerId,
            number: u32,
            count: u32,
            root: [u8; 32],
            signature: sr25519::Signature,
        ) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_publish(worker, number, count, root, &signature)?;
            Self::deposit_event(Event::BatchPublished {
                worker,
                number,
                count,
                root,
            });
            Ok(())
        }

        /// Challenges the receipt with the body `receipt`, which `signature` is the worker's of.
        ///
        /// Its input and transcript have to be at `data_url` for as long as the panel votes, in
        /// the JSON that `phat receipt get` writes. A receipt that names code which its contract
        /// does not run is a fault at once, without a panel and without a deposit.
        ///
        /// The deposit is [`Pallet::deposit`] for as many challenges as are open of the worker's
        /// receipts. What becomes of it is said at [`Outcome`].
        ///
        /// Dispatch origin: signed by anyone, who pays the deposit.
        ///
        /// Errors: [`Error::ReceiptMalformed`], [`Error::OtherChain`],
        /// [`Error::SignatureInvalid`], [`Error::UnknownWorker`], [`Error::DataUrlInvalid`],
        /// [`Error::AlreadyProven`], [`Error::AlreadyChallenged`],
        /// [`Error::TooManyChallenges`], [`Error::TooManyChallengesOfWorker`],
        /// [`Error::TooManyFaults`], [`Error::UnknownContract`], [`Error::TooFewWorkers`], or the
        /// currency's when the deposit cannot be held.
        ///
        /// Events: [`Event::Challenged`], or [`Event::FaultProven`] and [`Event::Decided`].
        #[pallet::call_index(1)]
        #[pallet::weight(
            T::WeightInfo::challenge(T::Clusters::members_max())
                .saturating_add(T::OnProvenFault::weight())
        )]
        pub fn challenge(
            origin: OriginFor<T>,
            receipt: ReceiptBytes,
            signature: sr25519::Signature,
            data_url: DataUrl,
        ) -> DispatchResultWithPostInfo {
            let challenger = ensure_signed(origin)?;
            let body = Self::signed_receipt(&receipt, &signature)?;
            let hash = body.hash();
            Self::ensure_challengeable(&body, hash, &data_url)?;
            let (cluster, code_hash) =
                T::Clusters::contract_judged(&body.contract).ok_or(Error::<T>::UnknownContract)?;
            let accused = body.worker;
            if code_hash != body.code_hash {
                let id = Self::next_id()?;
                let evidence = Evidence::OtherCode;
                Self::prove(id, accused, hash, body.contract, evidence);
                let outcome = Outcome::Fault(evidence);
                Self::note_decision(id, accused, hash, outcome, Zero::zero());
                return Ok(().into());
            }

            let panel = Self::draw_panel(cluster, accused, hash)?;
            let opened_at = frame_system::Pallet::<T>::block_number();
            let challenge = Challenge {
                challenger: challenger.clone(),
                deposit: Self::deposit(OpenOfWorker::<T>::get(accused)),
                receipt: hash,
                accused,
                contract: body.contract,
                claimed: claimed(&body),
                data_url,
                panel,
                opened_at,
                deadline: opened_at.saturating_add(T::VotingPeriod::get()),
            };
            let id = Self::do_open(challenge)?;
            Self::deposit_event(Event::Challenged {
                challenge: id,
                receipt: hash,
                accused,
                challenger,
            });
            let members = T::Clusters::members_count(cluster);
            let weight =
                T::WeightInfo::challenge(members).saturating_add(T::OnProvenFault::weight());
            Ok(Some(weight).into())
        }

        /// Votes as a member of the panel of `challenge`.
        ///
        /// `signature` is the worker's over [`PanelVote::signing_payload`]. Whatever more than
        /// half of the panel agrees on decides the challenge at once; if all have voted and no
        /// more than half agree, it ends undecided.
        ///
        /// Dispatch origin: signed by anyone. Who submits a vote pays no fee for it.
        ///
        /// Errors: [`Error::UnknownChallenge`], [`Error::DeadlinePassed`],
        /// [`Error::NotOnPanel`], [`Error::AlreadyVoted`], [`Error::SignatureInvalid`],
        /// [`Error::WorkerInactive`], [`Error::VerdictContradictory`].
        ///
        /// Events: [`Event::Voted`]; [`Event::FaultProven`] if it proves the receipt wrong;
        /// [`Event::Decided`] if it decides the challenge.
        ///
        /// [`PanelVote::signing_payload`]: phat_primitives::challenges::PanelVote::signing_payload
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::vote().saturating_add(T::OnProvenFault::weight()))]
        pub fn vote(
            origin: OriginFor<T>,
            challenge: ChallengeId,
            worker: WorkerId,
            verdict: Verdict,
            signature: sr25519::Signature,
        ) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            Self::do_vote(challenge, worker, verdict, &signature)?;
            Ok(Pays::No.into())
        }

        /// Ends a challenge whose panel has not decided it in time, as undecided.
        ///
        /// Dispatch origin: signed by anyone.
        ///
        /// Errors: [`Error::UnknownChallenge`], [`Error::TooEarly`].
        ///
        /// Event: [`Event::Decided`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::close())]
        pub fn close(origin: OriginFor<T>, challenge: ChallengeId) -> DispatchResult {
            ensure_signed(origin)?;
            let open = Challenges::<T>::get(challenge).ok_or(Error::<T>::UnknownChallenge)?;
            ensure!(
                frame_system::Pallet::<T>::block_number() > open.deadline,
                Error::<T>::TooEarly
            );
            Self::decide(challenge, open, Outcome::Undecided)
        }
    }
}
