//! The pallet that lists the workers of the network.
//!
//! A worker is known by its sr25519 public key, its [`WorkerId`]. An **operator**, an ordinary
//! account, registers the worker and answers for it with a deposit. The worker proves that it
//! holds its key, and that it wants this operator on this chain, by a signature over
//! [`phat_primitives::Registration`].
//!
//! A network whose genesis leaves [`RequireAttestation`] at its default refuses workers that
//! nothing but their operator's word vouches for. What vouches for a worker is a quote of its
//! platform, Intel SGX or TDX, which the chain verifies itself, in
//! [`Pallet::register`] and [`Pallet::renew`]: the quote has to end at one of the
//! [`RootCertificates`], to name [`ReportData`] of this chain, worker and operator, software that
//! [`AllowedMeasurements`] cover, and a platform no worse than [`ConfidenceLevelMax`].
//!
//! A worker is **active** while its attestation has not expired, and is still as the network
//! allows. That is not stored: it follows from the attestation, the rules and the time, so that
//! [`Pallet::revoke_measurement`] suspends workers at once, and allowing it again brings them back.
//! A root certificate that is no longer accepted, and a shorter [`AttestationLifeMaxS`], bear on
//! new attestations alone.
//!
//! Other pallets find a worker's operator, and whether it is active, with [`WorkerLookup`], and
//! hear of a worker that left with [`OnWorkerDeregistered`].
//!
//! [`ReportData`]: phat_primitives::attestation::ReportData
//! [`WorkerId`]: phat_primitives::WorkerId

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod attest;
#[cfg(any(feature = "runtime-benchmarks", test))]
mod benchmark_sample;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod confidence;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
// With `std` too: tests of the whole runtime check the invariants as well.
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
mod types;
pub mod weights;

pub use confidence::ConfidenceLookup;
pub use pallet::*;
#[cfg(feature = "runtime-benchmarks")]
pub use types::BenchmarkClock;
pub use types::{
    Endpoint, Evidence, OnWorkerDeregistered, RootCertificate, Roots, WorkerInfo, WorkerLookup,
};
pub use weights::WeightInfo;

/// The pallet's items, in the form that FRAME asks for.
#[frame_support::pallet]
pub mod pallet {
    use alloc::{vec, vec::Vec};

    use frame_support::{
        pallet_prelude::*,
        traits::{
            ConstBool, ConstU64, UnixTime,
            fungible::{Inspect, MutateHold},
            tokens::Precision,
        },
    };
    use frame_system::pallet_prelude::*;
    use phat_primitives::{
        AccountBytes, Attestation, EncryptionKey, Registration, WorkerId,
        attestation::{ConfidenceLevel, INTEL_ROOT_CA, MeasurementRule},
    };
    use sp_core::{Bytes, sr25519};
    use sp_runtime::traits::Zero;

    use crate::{
        Endpoint, Evidence, OnWorkerDeregistered, RootCertificate, Roots, WeightInfo, WorkerInfo,
        WorkerLookup,
        types::{are_roots, is_endpoint},
    };

    /// How long an attestation vouches for a worker at the most where nothing else is said, in
    /// seconds: a week.
    pub const ATTESTATION_LIFE_MAX_S_DEFAULT: u64 = 7 * 24 * 60 * 60;

    /// The balance that deposits are held in.
    pub type BalanceOf<T> =
        <<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

    /// A registered worker, with the chain's own types.
    pub type WorkerInfoOf<T> =
        WorkerInfo<<T as frame_system::Config>::AccountId, BalanceOf<T>, BlockNumberFor<T>>;

    /// What a runtime decides about the pallet.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<RuntimeEvent: From<Event<Self>>, AccountId: Into<[u8; 32]>>
    {
        /// Holds the deposits.
        type Currency: MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

        /// The runtime's reasons for a hold.
        type RuntimeHoldReason: From<HoldReason>;

        /// Held of the operator's balance for each worker.
        #[pallet::constant]
        type WorkerDeposit: Get<BalanceOf<Self>>;

        /// The most workers there may be.
        #[pallet::constant]
        type MaxWorkers: Get<u32>;

        /// Who decides how good a platform has to be, and how long attestations count.
        type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Who decides what workers may run, and which certificates platforms may come from.
        type MeasurementsOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// The chain's clock.
        type Time: UnixTime;

        /// Told when a worker is deregistered.
        type OnWorkerDeregistered: OnWorkerDeregistered;

        /// Sets the chain's clock.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkClock: crate::BenchmarkClock;

        /// The weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why the pallet holds a balance.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// For a registered worker, until it is deregistered.
        Worker,
    }

    /// The registered workers.
    #[pallet::storage]
    pub type Workers<T: Config> =
        CountedStorageMap<_, Blake2_128Concat, WorkerId, WorkerInfoOf<T>, OptionQuery>;

    /// Whether a worker needs an attestation to be registered. On unless the genesis says
    /// otherwise.
    #[pallet::storage]
    pub type RequireAttestation<T> = StorageValue<_, bool, ValueQuery, ConstBool<true>>;

    /// The certificates that a quote's certificates must end at, in DER.
    #[pallet::storage]
    pub type RootCertificates<T> = StorageValue<_, Roots, ValueQuery>;

    /// Which software workers may run, with the least version that its signer may have given it.
    /// The version of a virtual machine, which has none, is 0.
    #[pallet::storage]
    pub type AllowedMeasurements<T: Config> =
        CountedStorageMap<_, Blake2_128Concat, MeasurementRule, u16, OptionQuery>;

    /// The level of a platform where nothing else is said: any that there is.
    #[pallet::type_value]
    pub fn ConfidenceLevelMaxDefault() -> ConfidenceLevel {
        ConfidenceLevel::WORST
    }

    /// The worst level that a worker's platform may have.
    #[pallet::storage]
    pub type ConfidenceLevelMax<T> =
        StorageValue<_, ConfidenceLevel, ValueQuery, ConfidenceLevelMaxDefault>;

    /// How long an attestation vouches for a worker at the most, in seconds. It ends earlier if
    /// its collateral does.
    #[pallet::storage]
    pub type AttestationLifeMaxS<T> =
        StorageValue<_, u64, ValueQuery, ConstU64<ATTESTATION_LIFE_MAX_S_DEFAULT>>;

    /// What a genesis decides about the pallet.
    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        /// See [`RequireAttestation`].
        pub require_attestation: bool,
        /// See [`RootCertificates`]. Intel's unless the genesis says otherwise.
        pub root_certificates: Vec<Bytes>,
        /// See [`AllowedMeasurements`]. None unless the genesis says otherwise.
        pub allowed_measurements: Vec<(MeasurementRule, u16)>,
        /// See [`ConfidenceLevelMax`].
        pub confidence_level_max: ConfidenceLevel,
        /// See [`AttestationLifeMaxS`].
        pub attestation_life_max_s: u64,
        /// Ties the type to the runtime.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            Self {
                require_attestation: true,
                root_certificates: vec![Bytes(INTEL_ROOT_CA.to_vec())],
                allowed_measurements: Vec::new(),
                confidence_level_max: ConfidenceLevel::WORST,
                attestation_life_max_s: ATTESTATION_LIFE_MAX_S_DEFAULT,
                _config: PhantomData,
            }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            RequireAttestation::<T>::put(self.require_attestation);
            let roots = self.root_certificates.iter();
            let roots = roots.map(|root| RootCertificate::try_from(root.0.clone()).ok());
            let roots = roots.collect::<Option<Vec<_>>>();
            let roots = roots.and_then(|roots| Roots::try_from(roots).ok());
            Pallet::<T>::do_set_roots(roots.expect(
                "the genesis has root certificates that are too many, or have too many bytes",
            ))
            .expect("the genesis has a root certificate that is not DER, or one twice");
            for (rule, isv_svn_min) in &self.allowed_measurements {
                Pallet::<T>::do_allow(*rule, *isv_svn_min).expect(
                    "the genesis allows too many measurements, or a machine with a version",
                );
            }
            ConfidenceLevelMax::<T>::put(self.confidence_level_max);
            assert!(
                self.attestation_life_max_s > 0,
                "the genesis lets no attestation live"
            );
            AttestationLifeMaxS::<T>::put(self.attestation_life_max_s);
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(fn deposit_event)]
    pub enum Event<T: Config> {
        /// A worker was registered.
        WorkerRegistered {
            /// The worker.
            worker: WorkerId,
            /// Who answers for it.
            operator: T::AccountId,
        },
        /// A worker's endpoint changed.
        EndpointUpdated {
            /// The worker.
            worker: WorkerId,
            /// Where its HTTP API is from now on.
            endpoint: Endpoint,
        },
        /// A worker was deregistered, and its deposit returned.
        WorkerDeregistered {
            /// The worker.
            worker: WorkerId,
            /// Who answered for it.
            operator: T::AccountId,
        },
        /// A worker's attestation was verified, and vouches for it from now on.
        WorkerAttested {
            /// The worker.
            worker: WorkerId,
            /// What vouches for it.
            attestation: Attestation,
        },
        /// The accepted root certificates were replaced.
        RootsSet {
            /// How many there are now.
            count: u32,
        },
        /// Workers may run what this covers.
        MeasurementAllowed {
            /// Which software.
            rule: MeasurementRule,
            /// The least version that its signer may have given it.
            isv_svn_min: u16,
        },
        /// Workers may not run it any more, unless another rule covers it.
        MeasurementRevoked {
            /// Which software.
            rule: MeasurementRule,
        },
        /// The worst level that a worker's platform may have was set.
        ConfidenceLevelMaxSet {
            /// The level.
            level: ConfidenceLevel,
        },
        /// How long new attestations vouch for a worker at the most was set.
        AttestationLifeSet {
            /// In seconds.
            life_max_s: u64,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The worker is registered already. Deregister it first to change its operator or key.
        AlreadyRegistered,
        /// This network requires attestation, and the registration brings none. Have the worker's
        /// platform vouch for it, and submit the evidence.
        AttestationRequired,
        /// The endpoint must be printable ASCII, start with `http://` or `https://`, and name a
        /// host.
        EndpointInvalid,
        /// The registration is not signed by the worker's identity key for this chain, this
        /// operator and exactly these values.
        SignatureInvalid,
        /// The worker is not registered.
        NotRegistered,
        /// Only the worker's operator may do this.
        NotOperator,
        /// The network has as many workers as it allows.
        TooManyWorkers,
        /// The quote cannot be read. Submit it as the platform gave it.
        QuoteMalformed,
        /// The collateral cannot be read. Submit what Intel publishes of the platform, in SCALE.
        CollateralMalformed,
        /// The certificates end at a root that this network does not accept. Quote on hardware
        /// that an accepted root certifies; simulated platforms are for development networks.
        RootUnknown,
        /// The collateral, or a certificate, has expired. Fetch the collateral anew.
        CollateralExpired,
        /// The collateral, or a certificate, is of a later time than the chain's. Wait, or check
        /// the clock of what made it.
        CollateralNotYetValid,
        /// A certificate of the platform or of its collateral was revoked. Use another platform,
        /// or fetch the collateral anew.
        CertificateRevoked,
        /// The enclave or machine runs in debug mode, where its memory can be read. Start it
        /// without.
        DebugMode,
        /// Intel has revoked the platform's state, or lists none that is as old. Update the
        /// platform.
        TcbRefused,
        /// A signature of the quote or collateral is wrong, or the two do not belong together.
        /// Fetch the collateral of the platform that made the quote.
        QuoteInvalid,
        /// The quote is about another chain, worker, encryption key or operator. Have the worker
        /// quote for exactly these.
        ReportDataMismatch,
        /// The network does not allow the software that was quoted. Run a release that it allows.
        MeasurementNotAllowed,
        /// The platform is in a worse state than the network allows. Update the platform.
        ConfidenceTooLow,
        /// A root certificate must be in DER, and be given once.
        RootInvalid,
        /// There are as many rules as allowed. Revoke one first.
        TooManyMeasurements,
        /// A virtual machine has no version: allow it with the version 0.
        VersionOfMachine,
        /// There is no such rule.
        UnknownMeasurement,
        /// A confidence level is a number from 1 to 5.
        ConfidenceLevelInvalid,
        /// Attestations must live for a second at least.
        AttestationLifeInvalid,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(
                !T::MaxWorkers::get().is_zero(),
                "a network must allow at least one worker"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Registers `worker`, with the caller as its operator, and holds the deposit.
        ///
        /// `evidence` is what vouches for the worker. It may be left out on a network that does
        /// not require attestation.
        ///
        /// `signature` is by the worker's identity key over the signing payload of
        /// [`Registration`]. It does not expire: after a deregistration the same operator may
        /// use it again, and nobody else can.
        ///
        /// Dispatch origin: signed by the operator.
        ///
        /// Errors: [`Error::AttestationRequired`], [`Error::EndpointInvalid`],
        /// [`Error::AlreadyRegistered`], [`Error::TooManyWorkers`],
        /// [`Error::SignatureInvalid`], those of [`Pallet::renew`] about evidence, or the
        /// currency's when the deposit cannot be held.
        ///
        /// Events: [`Event::WorkerRegistered`], and with evidence [`Event::WorkerAttested`].
        #[pallet::call_index(0)]
        #[pallet::weight(Pallet::<T>::register_weight(evidence.as_ref()))]
        pub fn register(
            origin: OriginFor<T>,
            worker: WorkerId,
            encryption_key: EncryptionKey,
            endpoint: Endpoint,
            evidence: Option<Evidence>,
            signature: sr25519::Signature,
        ) -> DispatchResult {
            let operator = ensure_signed(origin)?;
            ensure!(
                evidence.is_some() || !RequireAttestation::<T>::get(),
                Error::<T>::AttestationRequired
            );
            ensure!(is_endpoint(&endpoint), Error::<T>::EndpointInvalid);
            ensure!(
                !Workers::<T>::contains_key(worker),
                Error::<T>::AlreadyRegistered
            );
            ensure!(
                Workers::<T>::count() < T::MaxWorkers::get(),
                Error::<T>::TooManyWorkers
            );
            Self::ensure_signed_by_worker(
                &operator,
                worker,
                encryption_key,
                &endpoint,
                &signature,
            )?;
            // Last, because it takes longest.
            let attestation = match &evidence {
                None => Attestation::None,
                Some(evidence) => {
                    let bound = Self::report_data(&operator, worker, encryption_key);
                    Self::attest(evidence, &bound)?
                }
            };

            let deposit = T::WorkerDeposit::get();
            T::Currency::hold(&HoldReason::Worker.into(), &operator, deposit)?;
            Workers::<T>::insert(
                worker,
                WorkerInfo {
                    operator: operator.clone(),
                    encryption_key,
                    endpoint,
                    attestation,
                    deposit,
                    registered_at: frame_system::Pallet::<T>::block_number(),
                },
            );
            Self::deposit_event(Event::WorkerRegistered { worker, operator });
            if evidence.is_some() {
                Self::deposit_event(Event::WorkerAttested {
                    worker,
                    attestation,
                });
            }
            Ok(())
        }

        /// Moves `worker` to another endpoint.
        ///
        /// Dispatch origin: signed by the worker's operator.
        ///
        /// Errors: [`Error::EndpointInvalid`], [`Error::NotRegistered`],
        /// [`Error::NotOperator`].
        ///
        /// Event: [`Event::EndpointUpdated`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::update_endpoint())]
        pub fn update_endpoint(
            origin: OriginFor<T>,
            worker: WorkerId,
            endpoint: Endpoint,
        ) -> DispatchResult {
            let operator = ensure_signed(origin)?;
            ensure!(is_endpoint(&endpoint), Error::<T>::EndpointInvalid);
            let mut info = Self::worker_of(&operator, &worker)?;
            info.endpoint = endpoint.clone();
            Workers::<T>::insert(worker, info);
            Self::deposit_event(Event::EndpointUpdated { worker, endpoint });
            Ok(())
        }

        /// Takes `worker` off the list and returns its deposit.
        ///
        /// Dispatch origin: signed by the worker's operator.
        ///
        /// Errors: [`Error::NotRegistered`], [`Error::NotOperator`].
        ///
        /// Event: [`Event::WorkerDeregistered`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::deregister().saturating_add(T::OnWorkerDeregistered::weight()))]
        pub fn deregister(origin: OriginFor<T>, worker: WorkerId) -> DispatchResult {
            let operator = ensure_signed(origin)?;
            let info = Self::worker_of(&operator, &worker)?;
            T::Currency::release(
                &HoldReason::Worker.into(),
                &operator,
                info.deposit,
                Precision::BestEffort,
            )?;
            Workers::<T>::remove(worker);
            T::OnWorkerDeregistered::on_worker_deregistered(&worker);
            Self::deposit_event(Event::WorkerDeregistered { worker, operator });
            Ok(())
        }

        /// Has `evidence` vouch for `worker` from now on, in place of what does.
        ///
        /// It has to be about the keys and the operator that the worker is registered with. What
        /// was quoted may be another release than before.
        ///
        /// Dispatch origin: signed by the worker's operator.
        ///
        /// Errors: [`Error::NotRegistered`], [`Error::NotOperator`]; when the evidence does not
        /// hold [`Error::QuoteMalformed`], [`Error::CollateralMalformed`],
        /// [`Error::RootUnknown`], [`Error::CollateralExpired`],
        /// [`Error::CollateralNotYetValid`], [`Error::CertificateRevoked`],
        /// [`Error::DebugMode`], [`Error::TcbRefused`], [`Error::QuoteInvalid`]; when it says
        /// what does not count here [`Error::ReportDataMismatch`],
        /// [`Error::MeasurementNotAllowed`], [`Error::ConfidenceTooLow`].
        ///
        /// Event: [`Event::WorkerAttested`].
        #[pallet::call_index(3)]
        #[pallet::weight(Pallet::<T>::renew_weight(evidence))]
        pub fn renew(origin: OriginFor<T>, worker: WorkerId, evidence: Evidence) -> DispatchResult {
            let operator = ensure_signed(origin)?;
            let mut info = Self::worker_of(&operator, &worker)?;
            let bound = Self::report_data(&operator, worker, info.encryption_key);
            let attestation = Self::attest(&evidence, &bound)?;
            info.attestation = attestation;
            Workers::<T>::insert(worker, info);
            Self::deposit_event(Event::WorkerAttested {
                worker,
                attestation,
            });
            Ok(())
        }

        /// Replaces the root certificates, in DER, that new attestations may end at.
        ///
        /// Dispatch origin: `MeasurementsOrigin`.
        ///
        /// Errors: [`Error::RootInvalid`].
        ///
        /// Event: [`Event::RootsSet`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::set_roots())]
        pub fn set_roots(origin: OriginFor<T>, roots: Roots) -> DispatchResult {
            T::MeasurementsOrigin::ensure_origin(origin)?;
            let count = roots.len() as u32;
            Self::do_set_roots(roots)?;
            Self::deposit_event(Event::RootsSet { count });
            Ok(())
        }

        /// Lets workers run what `rule` covers, in versions from `isv_svn_min` on. The rule may be
        /// there already, with another version.
        ///
        /// Dispatch origin: `MeasurementsOrigin`.
        ///
        /// Errors: [`Error::VersionOfMachine`], [`Error::TooManyMeasurements`].
        ///
        /// Event: [`Event::MeasurementAllowed`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::allow_measurement())]
        pub fn allow_measurement(
            origin: OriginFor<T>,
            rule: MeasurementRule,
            isv_svn_min: u16,
        ) -> DispatchResult {
            T::MeasurementsOrigin::ensure_origin(origin)?;
            Self::do_allow(rule, isv_svn_min)?;
            Self::deposit_event(Event::MeasurementAllowed { rule, isv_svn_min });
            Ok(())
        }

        /// Removes `rule`. Workers that run what no other rule covers are suspended at once.
        ///
        /// Dispatch origin: `MeasurementsOrigin`.
        ///
        /// Errors: [`Error::UnknownMeasurement`].
        ///
        /// Event: [`Event::MeasurementRevoked`].
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::revoke_measurement())]
        pub fn revoke_measurement(origin: OriginFor<T>, rule: MeasurementRule) -> DispatchResult {
            T::MeasurementsOrigin::ensure_origin(origin)?;
            AllowedMeasurements::<T>::take(rule).ok_or(Error::<T>::UnknownMeasurement)?;
            Self::deposit_event(Event::MeasurementRevoked { rule });
            Ok(())
        }

        /// Sets the worst level that a worker's platform may have. Workers on worse ones are
        /// suspended at once.
        ///
        /// Dispatch origin: `GovernanceOrigin`.
        ///
        /// Errors: [`Error::ConfidenceLevelInvalid`].
        ///
        /// Event: [`Event::ConfidenceLevelMaxSet`].
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::set_confidence_level_max())]
        pub fn set_confidence_level_max(
            origin: OriginFor<T>,
            level: ConfidenceLevel,
        ) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            ensure!(level.is_valid(), Error::<T>::ConfidenceLevelInvalid);
            ConfidenceLevelMax::<T>::put(level);
            Self::deposit_event(Event::ConfidenceLevelMaxSet { level });
            Ok(())
        }

        /// Sets how long new attestations vouch for a worker at the most, in seconds.
        ///
        /// Dispatch origin: `GovernanceOrigin`.
        ///
        /// Errors: [`Error::AttestationLifeInvalid`].
        ///
        /// Event: [`Event::AttestationLifeSet`].
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::set_attestation_life())]
        pub fn set_attestation_life(origin: OriginFor<T>, life_max_s: u64) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            ensure!(life_max_s > 0, Error::<T>::AttestationLifeInvalid);
            AttestationLifeMaxS::<T>::put(life_max_s);
            Self::deposit_event(Event::AttestationLifeSet { life_max_s });
            Ok(())
        }
    }

    impl<T: Config> Pallet<T> {
        /// The hash of the chain's first block, which registrations are bound to.
        pub fn genesis_hash() -> [u8; 32] {
            let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
            let mut bytes = [0; 32];
            let length = bytes.len().min(hash.as_ref().len());
            bytes[..length].copy_from_slice(&hash.as_ref()[..length]);
            bytes
        }

        /// `worker`, when `operator` is who answers for it.
        fn worker_of(
            operator: &T::AccountId,
            worker: &WorkerId,
        ) -> Result<WorkerInfoOf<T>, Error<T>> {
            let info = Workers::<T>::get(worker).ok_or(Error::<T>::NotRegistered)?;
            ensure!(info.operator == *operator, Error::<T>::NotOperator);
            Ok(info)
        }

        /// Checks that `worker` itself wants to be registered so.
        fn ensure_signed_by_worker(
            operator: &T::AccountId,
            worker: WorkerId,
            encryption_key: EncryptionKey,
            endpoint: &Endpoint,
            signature: &sr25519::Signature,
        ) -> Result<(), Error<T>> {
            let payload = Registration {
                genesis_hash: Self::genesis_hash(),
                operator: AccountBytes(operator.clone().into()),
                worker,
                encryption_key,
                endpoint,
            }
            .signing_payload();
            let public = sr25519::Public::from_raw(worker.0);
            ensure!(
                sp_io::crypto::sr25519_verify(signature, &payload, &public),
                Error::<T>::SignatureInvalid
            );
            Ok(())
        }

        fn do_set_roots(roots: Roots) -> Result<(), Error<T>> {
            ensure!(are_roots(&roots), Error::<T>::RootInvalid);
            RootCertificates::<T>::put(roots);
            Ok(())
        }
    }

    impl<T: Config> WorkerLookup<T::AccountId> for Pallet<T> {
        fn operator_of(worker: &WorkerId) -> Option<T::AccountId> {
            Workers::<T>::get(worker).map(|info| info.operator)
        }

        fn is_active(worker: &WorkerId) -> bool {
            Workers::<T>::get(worker).is_some_and(|info| Self::vouches(&info.attestation))
        }

        #[cfg(feature = "runtime-benchmarks")]
        fn register_for_benchmark(operator: &T::AccountId, worker: WorkerId) {
            Workers::<T>::insert(
                worker,
                WorkerInfo {
                    operator: operator.clone(),
                    encryption_key: EncryptionKey::default(),
                    endpoint: Endpoint::default(),
                    attestation: crate::benchmarking::allowed::<T>(),
                    deposit: BalanceOf::<T>::zero(),
                    registered_at: frame_system::Pallet::<T>::block_number(),
                },
            );
        }
    }
}
