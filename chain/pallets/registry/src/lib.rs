//! The pallet that lists the workers of the network.
//!
//! A worker is known by its sr25519 public key, its [`WorkerId`]. An **operator**, an ordinary
//! account, registers the worker and answers for it with a deposit. The worker proves that it
//! holds its key, and that it wants this operator on this chain, by a signature over
//! [`phat_primitives::Registration`].
//!
//! A network whose genesis leaves [`RequireAttestation`] at its default refuses workers that
//! nothing but their operator's word vouches for.
//!
//! Other pallets find a worker's operator with [`WorkerLookup`] and hear of a worker that left
//! with [`OnWorkerDeregistered`].
//!
//! [`WorkerId`]: phat_primitives::WorkerId

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;
mod types;
pub mod weights;

pub use pallet::*;
pub use types::{Endpoint, OnWorkerDeregistered, WorkerInfo, WorkerLookup};
pub use weights::WeightInfo;

/// The pallet's items, in the form that FRAME asks for.
#[frame_support::pallet]
pub mod pallet {
    use frame_support::{
        pallet_prelude::*,
        traits::{
            ConstBool,
            fungible::{Inspect, MutateHold},
            tokens::Precision,
        },
    };
    use frame_system::pallet_prelude::*;
    use phat_primitives::{AccountBytes, Attestation, EncryptionKey, Registration, WorkerId};
    use sp_core::sr25519;
    use sp_runtime::traits::Zero;

    use crate::{
        Endpoint, OnWorkerDeregistered, WeightInfo, WorkerInfo, WorkerLookup, types::is_endpoint,
    };

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

        /// Told when a worker is deregistered.
        type OnWorkerDeregistered: OnWorkerDeregistered;

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

    /// What a genesis decides about the pallet.
    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        /// See [`RequireAttestation`].
        pub require_attestation: bool,
        /// Ties the type to the runtime.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            Self {
                require_attestation: true,
                _config: PhantomData,
            }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            RequireAttestation::<T>::put(self.require_attestation);
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
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The worker is registered already. Deregister it first to change its operator or key.
        AlreadyRegistered,
        /// This network requires attestation, and the registration brings none.
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
        /// `signature` is by the worker's identity key over the signing payload of
        /// [`Registration`]. It does not expire: after a deregistration the same operator may
        /// use it again, and nobody else can.
        ///
        /// Dispatch origin: signed by the operator.
        ///
        /// Errors: [`Error::AttestationRequired`], [`Error::EndpointInvalid`],
        /// [`Error::AlreadyRegistered`], [`Error::TooManyWorkers`],
        /// [`Error::SignatureInvalid`], or the currency's when the deposit cannot be held.
        ///
        /// Event: [`Event::WorkerRegistered`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::register())]
        pub fn register(
            origin: OriginFor<T>,
            worker: WorkerId,
            encryption_key: EncryptionKey,
            endpoint: Endpoint,
            attestation: Attestation,
            signature: sr25519::Signature,
        ) -> DispatchResult {
            let operator = ensure_signed(origin)?;
            match attestation {
                Attestation::None => {
                    ensure!(
                        !RequireAttestation::<T>::get(),
                        Error::<T>::AttestationRequired
                    )
                }
            }
            ensure!(is_endpoint(&endpoint), Error::<T>::EndpointInvalid);
            ensure!(
                !Workers::<T>::contains_key(worker),
                Error::<T>::AlreadyRegistered
            );
            ensure!(
                Workers::<T>::count() < T::MaxWorkers::get(),
                Error::<T>::TooManyWorkers
            );

            let payload = Registration {
                genesis_hash: Self::genesis_hash(),
                operator: AccountBytes(operator.clone().into()),
                worker,
                encryption_key,
                endpoint: &endpoint,
                attestation,
            }
            .signing_payload();
            ensure!(
                sp_io::crypto::sr25519_verify(
                    &signature,
                    &payload,
                    &sr25519::Public::from_raw(worker.0)
                ),
                Error::<T>::SignatureInvalid
            );

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
    }

    impl<T: Config> WorkerLookup<T::AccountId> for Pallet<T> {
        fn operator_of(worker: &WorkerId) -> Option<T::AccountId> {
            Workers::<T>::get(worker).map(|info| info.operator)
        }

        #[cfg(feature = "runtime-benchmarks")]
        fn register_for_benchmark(operator: &T::AccountId, worker: WorkerId) {
            Workers::<T>::insert(
                worker,
                WorkerInfo {
                    operator: operator.clone(),
                    encryption_key: EncryptionKey::default(),
                    endpoint: Endpoint::default(),
                    attestation: Attestation::None,
                    deposit: BalanceOf::<T>::zero(),
                    registered_at: frame_system::Pallet::<T>::block_number(),
                },
            );
        }
    }
}
