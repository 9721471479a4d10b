//! The pallet that challenges workers, pays them and takes from the stakes of those that fail.
//!
//! The economic model is *Gemini*; its arithmetic is [`phat_tokenomics`], whose words are used
//! here. This pallet says when what happens.
//!
//! A worker shows in a **benchmark** how fast it is: the number of iterations of
//! [`phat_workload`] that it does in six seconds is its P. With that and a stake its **session**
//! starts. What is staked stays in the account of the **beneficiary**, who is paid for it, on hold
//! for [`HoldReason::Session`].
//!
//! The chain **challenges** workers in sessions: each block draws some of them from its
//! randomness. The worker answers with a **heartbeat**, signed with its identity key and free of
//! charge. For an answer in time it is paid out of the **mining pool**, an account of this pallet
//! ([`Pallet::subsidy_account`]) that was endowed at the genesis; nothing is issued. The budget of
//! a block falls by a quarter after each [`Settings::budget_period_blocks`]. A worker that misses a
//! challenge is unresponsive, and its Value Promise decays, until it answers one.
//!
//! What a worker says about its performance counts once it is shown: each heartbeat opens some
//! steps of what the worker committed to at the one before, and gives the performance until the
//! next.
//!
//! A session that was **stopped** cools down, and then what is left of the stake is reclaimed: the
//! part by which V fell below what it was at the start goes to the treasury.
//!
//! The cost of a block goes by the challenges and heartbeats in it, not by the number of workers:
//! V is worked out when something happens to a worker, and the sum of all shares is kept.
//!
//! Other pallets start and stop sessions with [`Sessions`] and hear of payouts with [`OnPayout`].

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod challenges;
mod context;
mod faults;
mod governance;
mod heartbeats;
mod lifecycle;
#[cfg(test)]
mod mock;
mod payouts;
mod performance;
mod sessions;
#[cfg(test)]
mod tests;
// With `std` too: tests of the whole runtime check the invariants as well.
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
mod types;
mod unsigned;
pub mod weights;

pub use pallet::*;
pub use sessions::{OnPayout, Reclaimed, SessionStatus, Sessions};
pub use types::{
    Benchmark, BenchmarkRun, ChallengeInfo, Committed, Expiring, FaultCause, Phase, Price, Session,
    Settings, Stage, Work,
};
pub use weights::WeightInfo;

/// The most workers that one block challenges.
pub const CHALLENGES_PER_BLOCK_MAX: u32 = 64;

/// The longest time to answer a challenge, in blocks.
pub const HEARTBEAT_WINDOW_MAX: u32 = 1_000;

/// The longest cool-down, in seconds: 60 days.
pub const COOL_DOWN_S_MAX: u64 = 60 * 24 * 60 * 60;

/// How many blocks back the randomness of blocks is kept. A benchmark has to be shown before the
/// one that draws its steps is gone.
pub const RANDOMNESS_BLOCKS: u32 = 256;

/// How many benchmarks are kept of workers that left before they had shown them: the newest.
pub const LEFT_BENCHMARKS_MAX: u32 = 1_024;

/// The pallet's items, in the form that FRAME asks for.
#[frame_support::pallet]
pub mod pallet {
    use frame_support::{
        PalletId,
        pallet_prelude::*,
        traits::{
            Randomness, UnixTime,
            fungible::{Balanced, BalancedHold, Inspect, InspectHold, Mutate, MutateHold},
        },
    };
    use frame_system::pallet_prelude::*;
    use pallet_registry::{ConfidenceLookup, WorkerLookup};
    use phat_primitives::{
        WorkerId,
        heartbeat::{BenchmarkProof, BenchmarkReport, Heartbeat},
    };
    use phat_tokenomics::{Fixed, Parameters, Totals};
    use sp_core::sr25519;
    use sp_runtime::traits::AccountIdConversion;

    use crate::{
        Benchmark, BenchmarkRun, ChallengeInfo, Expiring, FaultCause, OnPayout, Price, Session,
        Sessions, Settings, WeightInfo,
    };

    /// A session, with the chain's own types.
    pub type SessionOf<T> = Session<<T as frame_system::Config>::AccountId>;

    /// What a runtime decides about the pallet.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// PHA, with 12 decimals.
        type Currency: Inspect<Self::AccountId, Balance = u128>
            + Mutate<Self::AccountId>
            + Balanced<Self::AccountId>
            + InspectHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
            + MutateHold<Self::AccountId>
            + BalancedHold<Self::AccountId>;

        /// The runtime's reasons for a hold.
        type RuntimeHoldReason: From<HoldReason>;

        /// Knows the workers.
        type Workers: WorkerLookup<Self::AccountId> + ConfidenceLookup;

        /// Made anew by each block, and known once the block before it is.
        type Randomness: Randomness<Option<Self::Hash>, BlockNumberFor<Self>>;

        /// The chain's clock.
        type Time: UnixTime;

        /// The time between two blocks, in milliseconds, which the published parameters are
        /// turned into.
        type BlockMillis: Get<u64>;

        /// The most PHA there may ever be, in units of 10⁻¹² PHA. What the genesis puts into the
        /// mining pool has to fit.
        #[pallet::constant]
        type SupplyMax: Get<u128>;

        /// The account of the mining pool.
        #[pallet::constant]
        type PalletId: Get<PalletId>;

        /// Gets the treasury's part of payouts, and what is slashed.
        type TreasuryAccount: Get<Self::AccountId>;

        /// Told of payouts.
        type OnPayout: OnPayout<Self::AccountId, u128>;

        /// Who sets parameters.
        type ParametersOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Who says what a PHA costs.
        type OracleOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Who reports faults that the chain cannot see.
        type FaultOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// The weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why the pallet holds a balance.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// Staked in sessions, until it is reclaimed.
        Session,
    }

    /// The time between blocks that [`PublishedParameters`] and [`PublishedSettings`] are of, in
    /// milliseconds.
    ///
    /// A genesis sets those of its own block time. These stand in the metadata, which clients are
    /// made from: with what the state says of the block time, each network would have another.
    const PUBLISHED_BLOCK_MS: u64 = 12_000;

    /// The parameters where none were ever set.
    #[pallet::type_value]
    pub fn PublishedParameters() -> Parameters {
        Parameters::published(PUBLISHED_BLOCK_MS)
    }

    /// The settings where none were ever set.
    #[pallet::type_value]
    pub fn PublishedSettings() -> Settings {
        Settings::published(PUBLISHED_BLOCK_MS)
    }

    /// The parameters of the tokenomics. The budget is that of the first period.
    #[pallet::storage]
    pub type EconomyParameters<T: Config> =
        StorageValue<_, Parameters, ValueQuery, PublishedParameters>;

    /// What else governance decides.
    #[pallet::storage]
    pub type CurrentSettings<T: Config> = StorageValue<_, Settings, ValueQuery, PublishedSettings>;

    /// φ: what one PHA costs, as it was said last. No session starts before it is known, or after
    /// [`Settings::price_life_blocks`].
    #[pallet::storage]
    pub type PhaPrice<T> = StorageValue<_, Price, OptionQuery>;

    /// The block that the first period of the budget began in.
    #[pallet::storage]
    pub type BudgetStart<T> = StorageValue<_, u32, ValueQuery>;

    /// What is kept over all sessions: the sum of the shares.
    #[pallet::storage]
    pub type ShareTotals<T> = StorageValue<_, Totals, ValueQuery>;

    /// The number of the next session.
    #[pallet::storage]
    pub type NextSession<T> = StorageValue<_, u32, ValueQuery>;

    /// The sessions, running and cooling down, by their workers.
    #[pallet::storage]
    pub type WorkerSessions<T: Config> =
        StorageMap<_, Blake2_128Concat, WorkerId, SessionOf<T>, OptionQuery>;

    /// The workers whose sessions run, at the places from 0 on.
    #[pallet::storage]
    pub type ActiveSessions<T> = StorageMap<_, Twox64Concat, u32, WorkerId, OptionQuery>;

    /// How many they are.
    #[pallet::storage]
    pub type ActiveCount<T> = StorageValue<_, u32, ValueQuery>;

    /// The challenges that were not answered yet, by the workers that are to answer. A worker in a
    /// running session has one at most.
    #[pallet::storage]
    pub type OpenChallenges<T> =
        StorageMap<_, Blake2_128Concat, WorkerId, ChallengeInfo, OptionQuery>;

    /// The workers whose challenges are missed if they are still open in a block, by the block.
    #[pallet::storage]
    pub type ExpiringChallenges<T> = StorageMap<_, Twox64Concat, u32, Expiring, ValueQuery>;

    /// The randomness that was noted in each of the last [`RANDOMNESS_BLOCKS`] blocks. Each is
    /// made of the one before and of what the block before has added, so that nobody knows one
    /// ahead but who makes all blocks until then.
    ///
    /// [`RANDOMNESS_BLOCKS`]: crate::RANDOMNESS_BLOCKS
    #[pallet::storage]
    pub type NotedRandomness<T> = StorageMap<_, Twox64Concat, u32, [u8; 32], OptionQuery>;

    /// When the newest of them became known, in milliseconds since 1970: the time of the block
    /// before. What is seeded with it could be begun then.
    #[pallet::storage]
    pub type RandomnessTime<T> = StorageValue<_, u64, ValueQuery>;

    /// The benchmarks that are under way or have failed.
    #[pallet::storage]
    pub type BenchmarkRuns<T> =
        StorageMap<_, Blake2_128Concat, WorkerId, BenchmarkRun, OptionQuery>;

    /// The newest benchmark of each worker that was shown.
    #[pallet::storage]
    pub type Benchmarks<T> = StorageMap<_, Blake2_128Concat, WorkerId, Benchmark, OptionQuery>;

    /// The workers that left before they had shown a benchmark, at their numbers modulo
    /// [`LEFT_BENCHMARKS_MAX`]. Who registers anew waits for the next one as if it had stayed.
    ///
    /// [`LEFT_BENCHMARKS_MAX`]: crate::LEFT_BENCHMARKS_MAX
    #[pallet::storage]
    pub type LeftBenchmarks<T> = StorageMap<_, Twox64Concat, u32, WorkerId, OptionQuery>;

    /// How many of these there were.
    #[pallet::storage]
    pub type LeftCount<T> = StorageValue<_, u32, ValueQuery>;

    /// What a genesis decides about the pallet.
    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        /// What is put into the mining pool, in whole PHA.
        pub subsidy_pha: u64,
        /// What one PHA costs, in US dollars, see [`PhaPrice`]. Unknown unless the genesis says
        /// otherwise.
        pub pha_price: Option<Fixed>,
        /// See [`Settings::price_life_blocks`], but in seconds, 0 for ever. 30 days unless the
        /// genesis says otherwise.
        pub price_life_s: u64,
        /// See [`EconomyParameters`]. The published ones for the chain's block time unless the
        /// genesis says otherwise.
        pub parameters: Option<Parameters>,
        /// How long workers have to answer a challenge, in seconds, in place of what the
        /// parameters say.
        pub heartbeat_window_s: Option<u64>,
        /// See [`Settings::challenge_gap_blocks`], but in seconds. Half an hour unless the genesis
        /// says otherwise.
        pub challenge_gap_s: u64,
        /// See [`Settings::cool_down_s`]. A week unless the genesis says otherwise.
        pub cool_down_s: u64,
        /// See [`Settings::benchmark_blocks`], but in seconds. A minute unless the genesis says
        /// otherwise.
        pub benchmark_s: u64,
        /// Ties the type to the runtime.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            Self {
                subsidy_pha: crate::governance::SUBSIDY_PHA,
                pha_price: None,
                price_life_s: crate::governance::PRICE_LIFE_S,
                parameters: None,
                heartbeat_window_s: None,
                challenge_gap_s: crate::governance::CHALLENGE_GAP_S,
                cool_down_s: crate::governance::COOL_DOWN_S,
                benchmark_s: crate::governance::BENCHMARK_S,
                _config: PhantomData,
            }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            Pallet::<T>::build_genesis(self);
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A worker's benchmark has begun.
        BenchmarkBegun {
            /// The worker.
            worker: WorkerId,
            /// What its iterations are seeded with.
            randomness: [u8; 32],
        },
        /// A worker has said what it did in its benchmark.
        BenchmarkReported {
            /// The worker.
            worker: WorkerId,
            /// The block whose noted randomness draws what it has to open.
            drawn_at: u32,
        },
        /// A worker has shown its benchmark.
        BenchmarkProven {
            /// The worker.
            worker: WorkerId,
            /// Its performance: iterations in six seconds.
            p: u32,
        },
        /// What a worker opened is not what it had said that it did.
        BenchmarkFailed {
            /// The worker.
            worker: WorkerId,
        },
        /// A session has started.
        SessionStarted {
            /// The worker.
            worker: WorkerId,
            /// The session's number.
            session: u32,
            /// Whose stake it is.
            beneficiary: T::AccountId,
            /// How much.
            stake: u128,
            /// The first Value Promise, in PHA.
            v: Fixed,
        },
        /// A session was stopped.
        SessionStopped {
            /// The worker.
            worker: WorkerId,
            /// When its stake may be reclaimed, in seconds since 1970.
            until: u64,
        },
        /// What is left of a stake was released.
        StakeReclaimed {
            /// The worker.
            worker: WorkerId,
            /// Whose stake it was.
            beneficiary: T::AccountId,
            /// What was released.
            returned: u128,
            /// What went to the treasury.
            slashed: u128,
        },
        /// A worker is to give a heartbeat.
        Challenged {
            /// The worker.
            worker: WorkerId,
            /// Its session.
            session: u32,
        },
        /// A worker has answered in time.
        HeartbeatAnswered {
            /// The worker.
            worker: WorkerId,
            /// The performance that counts until its next answer.
            p_instant: Fixed,
            /// Its Value Promise, in PHA.
            v: Fixed,
        },
        /// A worker has missed its challenge.
        Unresponsive {
            /// The worker.
            worker: WorkerId,
        },
        /// An unresponsive worker has answered.
        Recovered {
            /// The worker.
            worker: WorkerId,
        },
        /// A worker was paid for.
        PaidOut {
            /// The worker.
            worker: WorkerId,
            /// Who was paid.
            beneficiary: T::AccountId,
            /// How much.
            amount: u128,
            /// What the treasury got besides.
            treasury: u128,
        },
        /// A worker was found at fault.
        FaultFound {
            /// The worker.
            worker: WorkerId,
            /// How bad it is, from 2 to 4.
            level: u8,
            /// What it is.
            cause: FaultCause,
            /// What V has lost by it, in PHA.
            lost: Fixed,
        },
        /// The parameters of the tokenomics were set.
        ParametersSet {
            /// To these.
            parameters: Parameters,
        },
        /// What else governance decides was set.
        SettingsSet {
            /// To this.
            settings: Settings,
        },
        /// What a PHA costs was set.
        PriceSet {
            /// To this many US dollars.
            price: Fixed,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The worker is not registered. Register it first.
        UnknownWorker,
        /// Only the worker's operator may do this.
        NotOperator,
        /// Only the one whose stake is in the session may do this.
        NotBeneficiary,
        /// What is to vouch for the worker does not. Renew its attestation first.
        WorkerInactive,
        /// The worker is in a session. Stop it first.
        InSession,
        /// The stake of the worker's last session cannot be reclaimed yet, or was not. Wait until
        /// the time that its status tells, and reclaim it.
        CoolingDown,
        /// The worker has not shown its performance lately. Have it do a benchmark.
        NoBenchmark,
        /// The worker shows its performance already, or has failed to lately. Wait, and begin
        /// again.
        BenchmarkTooSoon,
        /// The chain has no randomness at hand. Try again in the next block.
        NoRandomness,
        /// No benchmark of the worker began in that block, or it is not at this stage.
        UnknownBenchmark,
        /// The benchmark has not run for as long as it has to. Report later.
        BenchmarkTooShort,
        /// The randomness that draws what is to be opened is not known yet, or not any more. Wait,
        /// or begin again.
        NotDrawn,
        /// The commitment has no iterations, or more than it may have.
        CommitmentInvalid,
        /// It is not known what a PHA costs. Wait until the oracle says so.
        NoPrice,
        /// What a PHA costs was last said too long ago. Wait until the oracle says it again.
        PriceExpired,
        /// The stake is less than the worker's performance asks for.
        StakeTooLow,
        /// As many sessions have been started as can be numbered.
        TooManySessions,
        /// The worker has no session.
        NoSession,
        /// The worker has no session that runs.
        NotRunning,
        /// The session still runs. Stop it first.
        StillRunning,
        /// The worker has no open challenge of this block and session. It may have answered it.
        NotChallenged,
        /// The signature is not by the worker's identity key over exactly these values on this
        /// chain.
        SignatureInvalid,
        /// A parameter makes no sense: see `Parameters::check`, keep the heartbeat window below the
        /// gap between challenges, and the budget at ten times the published one or less.
        ParametersInvalid,
        /// A setting is zero or out of its bounds.
        SettingsInvalid,
        /// A price must be above zero.
        PriceInvalid,
        /// The level of a fault is a number from 2 to 4.
        FaultLevelInvalid,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_now: BlockNumberFor<T>) -> Weight {
            Self::begin_block()
        }

        fn integrity_test() {
            // The block time is in the state, which there is none of here.
            for block_ms in [1_000, 3_000, 12_000, 60_000] {
                let parameters = Parameters::published(block_ms);
                assert!(
                    Self::are_valid(&parameters, &Settings::published(block_ms)),
                    "the published parameters must be within their bounds"
                );
            }
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Begins a benchmark of `worker`: from this block on the worker does iterations that are
        /// seeded with the randomness of the event. The fee pays for the report and the proof,
        /// too, which cost none.
        ///
        /// Dispatch origin: signed by the worker's operator.
        ///
        /// Errors: [`Error::UnknownWorker`], [`Error::NotOperator`], [`Error::WorkerInactive`],
        /// [`Error::InSession`], [`Error::BenchmarkTooSoon`], [`Error::NoRandomness`].
        ///
        /// Event: [`Event::BenchmarkBegun`].
        #[pallet::call_index(0)]
        #[pallet::weight(
            T::WeightInfo::begin_benchmark()
                .saturating_add(T::WeightInfo::report_benchmark())
                .saturating_add(T::WeightInfo::prove_benchmark())
        )]
        pub fn begin_benchmark(origin: OriginFor<T>, worker: WorkerId) -> DispatchResult {
            let operator = ensure_signed(origin)?;
            Self::ensure_operator(&operator, &worker)?;
            let randomness = Self::do_begin_benchmark(worker)?;
            Self::deposit_event(Event::BenchmarkBegun { worker, randomness });
            Ok(())
        }

        /// Notes what a worker says that it did in its benchmark. `signature` is the worker's over
        /// [`BenchmarkReport::signing_payload`].
        ///
        /// Dispatch origin: none; free of charge.
        ///
        /// Errors: [`Error::UnknownBenchmark`], [`Error::BenchmarkTooShort`],
        /// [`Error::CommitmentInvalid`], [`Error::SignatureInvalid`].
        ///
        /// Event: [`Event::BenchmarkReported`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::report_benchmark())]
        pub fn report_benchmark(
            origin: OriginFor<T>,
            report: BenchmarkReport,
            signature: sr25519::Signature,
        ) -> DispatchResult {
            ensure_none(origin)?;
            let drawn_at = Self::do_report_benchmark(&report, &signature)?;
            Self::deposit_event(Event::BenchmarkReported {
                worker: report.worker,
                drawn_at,
            });
            Ok(())
        }

        /// Checks that a worker did what it reported, from the steps that were drawn of it, and
        /// notes its performance. `signature` is the worker's over
        /// [`BenchmarkProof::signing_payload`].
        ///
        /// What does not show it ends the benchmark, too: the worker then has to wait before the
        /// next.
        ///
        /// Dispatch origin: none; free of charge.
        ///
        /// Errors: [`Error::UnknownBenchmark`], [`Error::NotDrawn`], [`Error::SignatureInvalid`].
        ///
        /// Event: [`Event::BenchmarkProven`] or [`Event::BenchmarkFailed`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::prove_benchmark())]
        pub fn prove_benchmark(
            origin: OriginFor<T>,
            proof: BenchmarkProof,
            signature: sr25519::Signature,
        ) -> DispatchResult {
            ensure_none(origin)?;
            let worker = proof.worker;
            let event = match Self::do_prove_benchmark(&proof, &signature)? {
                Some(p) => Event::BenchmarkProven { worker, p },
                None => Event::BenchmarkFailed { worker },
            };
            Self::deposit_event(event);
            Ok(())
        }

        /// Starts a session of `worker` with `stake`, in units of 10⁻¹² PHA, which is held of the
        /// caller's balance. The caller is who is paid for it.
        ///
        /// Dispatch origin: signed by the worker's operator.
        ///
        /// Errors: [`Error::UnknownWorker`], [`Error::NotOperator`], and those of
        /// [`Sessions::start`].
        ///
        /// Event: [`Event::SessionStarted`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::start_session())]
        pub fn start_session(
            origin: OriginFor<T>,
            worker: WorkerId,
            #[pallet::compact] stake: u128,
        ) -> DispatchResult {
            let operator = ensure_signed(origin)?;
            Self::ensure_operator(&operator, &worker)?;
            <Self as Sessions<T::AccountId, u128>>::start(worker, &operator, stake)
        }

        /// Stops the session of `worker`. Its stake cools down.
        ///
        /// Dispatch origin: signed by the one whose stake is in the session.
        ///
        /// Errors: [`Error::NoSession`], [`Error::NotBeneficiary`], [`Error::NotRunning`].
        ///
        /// Event: [`Event::SessionStopped`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::stop_session())]
        pub fn stop_session(origin: OriginFor<T>, worker: WorkerId) -> DispatchResult {
            let beneficiary = ensure_signed(origin)?;
            Self::ensure_beneficiary(&beneficiary, &worker)?;
            <Self as Sessions<T::AccountId, u128>>::stop(worker)
        }

        /// Releases what is left of the stake of `worker`'s session once it has cooled down.
        ///
        /// Dispatch origin: signed by the one whose stake is in the session.
        ///
        /// Errors: [`Error::NoSession`], [`Error::NotBeneficiary`], [`Error::StillRunning`],
        /// [`Error::CoolingDown`].
        ///
        /// Event: [`Event::StakeReclaimed`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::reclaim_stake())]
        pub fn reclaim_stake(origin: OriginFor<T>, worker: WorkerId) -> DispatchResult {
            let beneficiary = ensure_signed(origin)?;
            Self::ensure_beneficiary(&beneficiary, &worker)?;
            <Self as Sessions<T::AccountId, u128>>::reclaim(worker)?;
            Ok(())
        }

        /// Answers a challenge. `signature` is the worker's over [`Heartbeat::signing_payload`].
        ///
        /// Dispatch origin: none; free of charge. A challenge is answered once.
        ///
        /// Errors: [`Error::NotChallenged`], [`Error::WorkerInactive`],
        /// [`Error::SignatureInvalid`].
        ///
        /// Events: [`Event::HeartbeatAnswered`] and [`Event::PaidOut`], or [`Event::Recovered`];
        /// [`Event::FaultFound`] when what was opened shows that the worker did not do what it had
        /// committed to.
        #[pallet::call_index(6)]
        #[pallet::weight((
            T::WeightInfo::heartbeat().saturating_add(T::OnPayout::weight()),
            DispatchClass::Operational,
        ))]
        pub fn heartbeat(
            origin: OriginFor<T>,
            heartbeat: Heartbeat,
            signature: sr25519::Signature,
        ) -> DispatchResult {
            ensure_none(origin)?;
            Self::do_heartbeat(&heartbeat, &signature)
        }

        /// Sets the parameters of the tokenomics. Each worker's V follows them from its last event
        /// on, not from this block on; a V that is above a new largest one stays. The budget is that of the first period: the periods count
        /// as before.
        ///
        /// Dispatch origin: `ParametersOrigin`.
        ///
        /// Errors: [`Error::ParametersInvalid`].
        ///
        /// Event: [`Event::ParametersSet`].
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::set_parameters())]
        pub fn set_parameters(origin: OriginFor<T>, parameters: Parameters) -> DispatchResult {
            T::ParametersOrigin::ensure_origin(origin)?;
            ensure!(
                Self::are_valid(&parameters, &CurrentSettings::<T>::get())
                    && Self::is_budget_within_bounds(&parameters),
                Error::<T>::ParametersInvalid
            );
            EconomyParameters::<T>::put(parameters);
            Self::deposit_event(Event::ParametersSet { parameters });
            Ok(())
        }

        /// Sets what else governance decides.
        ///
        /// Dispatch origin: `ParametersOrigin`.
        ///
        /// Errors: [`Error::SettingsInvalid`].
        ///
        /// Event: [`Event::SettingsSet`].
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::set_settings())]
        pub fn set_settings(origin: OriginFor<T>, settings: Settings) -> DispatchResult {
            T::ParametersOrigin::ensure_origin(origin)?;
            ensure!(
                Self::are_valid(&EconomyParameters::<T>::get(), &settings),
                Error::<T>::SettingsInvalid
            );
            CurrentSettings::<T>::put(settings);
            Self::deposit_event(Event::SettingsSet { settings });
            Ok(())
        }

        /// Says what one PHA costs, in US dollars. It counts for sessions that start from now on,
        /// for as long as [`Settings::price_life_blocks`].
        ///
        /// Dispatch origin: `OracleOrigin`.
        ///
        /// Errors: [`Error::PriceInvalid`].
        ///
        /// Event: [`Event::PriceSet`].
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::set_price())]
        pub fn set_price(origin: OriginFor<T>, price: Fixed) -> DispatchResult {
            T::OracleOrigin::ensure_origin(origin)?;
            ensure!(!price.is_zero(), Error::<T>::PriceInvalid);
            Self::put_price(price);
            Self::deposit_event(Event::PriceSet { price });
            Ok(())
        }

        /// Takes from the V of `worker` what a fault of `level` costs, in a running session or one
        /// that cools down: 1 % for level 2, 10 % for 3, all for 4, which stops the session, too.
        ///
        /// Dispatch origin: `FaultOrigin`.
        ///
        /// Errors: [`Error::NoSession`], [`Error::FaultLevelInvalid`].
        ///
        /// Event: [`Event::FaultFound`].
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::report_fault())]
        pub fn report_fault(origin: OriginFor<T>, worker: WorkerId, level: u8) -> DispatchResult {
            T::FaultOrigin::ensure_origin(origin)?;
            Self::do_fault(worker, level, FaultCause::Reported)?;
            Ok(())
        }
    }

    #[allow(
        clippy::allow_attributes_without_reason,
        reason = "FRAME looks for the attribute below, letter by letter"
    )]
    #[allow(deprecated)]
    #[pallet::validate_unsigned]
    impl<T: Config> ValidateUnsigned for Pallet<T> {
        type Call = Call<T>;

        fn validate_unsigned(_source: TransactionSource, call: &Self::Call) -> TransactionValidity {
            Self::validate(call)
        }
    }

    impl<T: Config> Pallet<T> {
        /// The account of the mining pool, which payouts are made from.
        pub fn subsidy_account() -> T::AccountId {
            T::PalletId::get().into_account_truncating()
        }
    }
}
