//! The pallet that holds clusters, contract code and contracts.
//!
//! A **cluster** is the set of workers that serve the same contracts with the same keys. An
//! administrator creates it; the operators of registered workers have them join and leave. Only an
//! active worker may join, and of a cluster's members only the active ones serve it: see
//! [`Pallet::active_members`].
//!
//! **Code** is known by its hash. Its bytes are a preimage of the preimage pallet: they are noted
//! there first, and [`Pallet::upload_code`] requests them, so that they stay for as long as the
//! code does, whatever becomes of the one who noted them. Who noted the bytes can take back the
//! preimage pallet's deposit as soon as the code is uploaded: this pallet's replaces it.
//!
//! A **contract** is code plus a manifest, in one cluster. Its id follows from its owner, cluster,
//! code and salt ([`ContractId::derive`]), so that it is known before the contract exists.
//!
//! Receipts about a contract can be judged for some time after it was **removed**, so that nobody
//! removes a contract to keep what was done with it from being judged. For [`Config::RemovedKept`]
//! blocks the chain keeps its cluster and its code, [`RemovedContracts`], and as much of its deposit
//! as [`Config::ContractDepositBase`].
//!
//! Other pallets find who serves what with [`ClusterLookup`], and hear of contracts that come and go
//! with [`OnContractCreated`] and [`OnContractRemoved`].
//!
//! The chain does not read manifests beyond checking that they are text: whoever deploys a
//! contract checks its manifest first, and workers refuse one that they cannot read.
//!
//! A contract's owner gives it **secrets**. They are on the chain as they are sealed to a key of the
//! contract's cluster, of which the chain keeps no more than the number of its generation: see
//! [`phat_primitives::secret`].
//!
//! [`ContractId::derive`]: phat_primitives::ContractId::derive

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod deposits;
mod lookup;
mod membership;
#[cfg(test)]
mod mock;
mod removed;
#[cfg(test)]
mod removed_tests;
mod secrets;
#[cfg(test)]
mod secrets_tests;
#[cfg(test)]
mod tests;
// With `std` too: tests of the whole runtime check the invariants as well.
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
mod types;
pub mod weights;

pub use lookup::{ClusterLookup, OnContractCreated, OnContractRemoved};
pub use pallet::*;
pub use types::{
    ClusterInfo, CodeInfo, ContractInfo, Ends, Manifest, RemovedContract, SealedSecret, SecretInfo,
    SecretName, SecretsInfo,
};
pub use weights::WeightInfo;

/// The most removed contracts that one block lets go.
pub const CLEARED_PER_BLOCK_MAX: u32 = 64;

/// The pallet's items, in the form that FRAME asks for.
#[frame_support::pallet]
pub mod pallet {
    use frame_support::{
        pallet_prelude::*,
        traits::{
            QueryPreimage, StorePreimage,
            fungible::{Inspect, MutateHold},
        },
    };
    use frame_system::pallet_prelude::*;
    use pallet_registry::WorkerLookup;
    use phat_primitives::{
        AccountBytes, ClusterId, CodeHash, ContractId, ManifestHash, WorkerId,
        limits::{CODE_BYTES_MAX, SECRETS_MAX},
    };
    use sp_core::H256;
    use sp_runtime::{
        ArithmeticError,
        traits::{BlakeTwo256, Zero},
    };

    use crate::{
        ClusterInfo, CodeInfo, ContractInfo, Ends, Manifest, OnContractCreated, OnContractRemoved,
        RemovedContract, SealedSecret, SecretInfo, SecretName, SecretsInfo, WeightInfo,
    };

    /// The balance that deposits are held in.
    pub type BalanceOf<T> =
        <<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

    /// Uploaded code, with the chain's own types.
    pub type CodeInfoOf<T> = CodeInfo<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

    /// A contract, with the chain's own types.
    pub type ContractInfoOf<T> = ContractInfo<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

    /// What is kept of a removed contract, with the chain's own types.
    pub type RemovedContractOf<T> =
        RemovedContract<<T as frame_system::Config>::AccountId, BalanceOf<T>, BlockNumberFor<T>>;

    /// What a contract's secrets come to, with the chain's own types.
    pub type SecretsInfoOf<T> = SecretsInfo<BalanceOf<T>, BlockNumberFor<T>>;

    /// The workers of a cluster, in ascending order.
    pub type Members<T> = BoundedVec<WorkerId, <T as Config>::MaxClusterWorkers>;

    /// What a runtime decides about the pallet.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<RuntimeEvent: From<Event<Self>>, AccountId: Into<[u8; 32]>>
    {
        /// Holds the deposits.
        type Currency: MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

        /// The runtime's reasons for a hold.
        type RuntimeHoldReason: From<HoldReason>;

        /// Holds the bytes of the code.
        type Preimages: QueryPreimage<H = BlakeTwo256> + StorePreimage;

        /// Knows the workers.
        type Workers: WorkerLookup<Self::AccountId>;

        /// Told when a contract is created.
        type OnContractCreated: OnContractCreated;

        /// Told when a contract is removed.
        type OnContractRemoved: OnContractRemoved;

        /// Who creates clusters.
        type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Held for each uploaded code, whatever its length.
        #[pallet::constant]
        type CodeDepositBase: Get<BalanceOf<Self>>;

        /// Held for each byte of an uploaded code.
        #[pallet::constant]
        type CodeDepositPerByte: Get<BalanceOf<Self>>;

        /// Held for each contract, whatever its manifest's length.
        #[pallet::constant]
        type ContractDepositBase: Get<BalanceOf<Self>>;

        /// Held for each byte of a contract's manifest.
        #[pallet::constant]
        type ContractDepositPerByte: Get<BalanceOf<Self>>;

        /// Held for each secret, whatever its length.
        #[pallet::constant]
        type SecretDepositBase: Get<BalanceOf<Self>>;

        /// Held for each byte of a secret, as it is sealed, and of its name.
        #[pallet::constant]
        type SecretDepositPerByte: Get<BalanceOf<Self>>;

        /// The most clusters there may be.
        #[pallet::constant]
        type MaxClusters: Get<u32>;

        /// The most workers a cluster may have.
        #[pallet::constant]
        type MaxClusterWorkers: Get<u32>;

        /// The most contracts a cluster may serve.
        #[pallet::constant]
        type MaxClusterContracts: Get<u32>;

        /// The most codes there may be.
        #[pallet::constant]
        type MaxCodes: Get<u32>;

        /// For how many blocks a removed contract's cluster and code are kept. Whoever may have
        /// done wrong with a contract should have something to lose for no longer.
        #[pallet::constant]
        type RemovedKept: Get<BlockNumberFor<Self>>;

        /// The most removed contracts that are kept.
        #[pallet::constant]
        type MaxRemoved: Get<u32>;

        /// The weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why the pallet holds a balance.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// For uploaded code, until it is removed.
        Code,
        /// For a contract, until it is removed, and a part until nothing is kept of it any more.
        Contract,
        /// For a secret, until it or its contract is removed.
        Secret,
    }

    /// The id of the next cluster, which is also how many there are.
    #[pallet::storage]
    pub type NextClusterId<T> = StorageValue<_, ClusterId, ValueQuery>;

    /// The clusters.
    #[pallet::storage]
    pub type Clusters<T> = StorageMap<_, Twox64Concat, ClusterId, ClusterInfo, OptionQuery>;

    /// The workers of each cluster.
    #[pallet::storage]
    pub type ClusterMembers<T: Config> =
        StorageMap<_, Twox64Concat, ClusterId, Members<T>, ValueQuery>;

    /// The cluster that each worker serves. A worker serves one at most.
    #[pallet::storage]
    pub type ClusterOf<T> = StorageMap<_, Blake2_128Concat, WorkerId, ClusterId, OptionQuery>;

    /// The contracts that each cluster serves, and the hashes of their manifests.
    ///
    /// Workers read this list at every block, and a contract only when it is new to them or the
    /// hash has changed. But for its [secrets](ClusterSecrets), nothing else of a contract can
    /// change: its id fixes the rest.
    #[pallet::storage]
    pub type ClusterContracts<T> = StorageDoubleMap<
        _,
        Twox64Concat,
        ClusterId,
        Blake2_128Concat,
        ContractId,
        ManifestHash,
        OptionQuery,
    >;

    /// The uploaded codes.
    #[pallet::storage]
    pub type Codes<T: Config> =
        CountedStorageMap<_, Blake2_128Concat, CodeHash, CodeInfoOf<T>, OptionQuery>;

    /// The contracts.
    #[pallet::storage]
    pub type Contracts<T: Config> =
        StorageMap<_, Blake2_128Concat, ContractId, ContractInfoOf<T>, OptionQuery>;

    /// The contracts of each cluster that have secrets, and what these come to.
    ///
    /// Workers read this list at every block too. By the block that changed a contract's secrets
    /// last they know whether they have to read them again.
    #[pallet::storage]
    pub type ClusterSecrets<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        ClusterId,
        Blake2_128Concat,
        ContractId,
        SecretsInfoOf<T>,
        OptionQuery,
    >;

    /// The secrets of each contract, by name, at most `SECRETS_MAX`.
    #[pallet::storage]
    pub type Secrets<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        ContractId,
        Blake2_128Concat,
        SecretName,
        SecretInfo<BalanceOf<T>>,
        OptionQuery,
    >;

    /// What is kept of removed contracts.
    #[pallet::storage]
    pub type RemovedContracts<T: Config> =
        CountedStorageMap<_, Blake2_128Concat, ContractId, RemovedContractOf<T>, OptionQuery>;

    /// The removed contracts by their numbers, in the order in which they were removed, without
    /// those that were created again.
    #[pallet::storage]
    pub type RemovedOrder<T> = StorageMap<_, Twox64Concat, u64, ContractId, OptionQuery>;

    /// The numbers that removed contracts have.
    #[pallet::storage]
    pub type RemovedEnds<T> = StorageValue<_, Ends, ValueQuery>;

    /// What a genesis decides about the pallet.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// How many clusters there are from the first block on.
        pub clusters: u32,
        /// Ties the type to the runtime.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            assert!(
                self.clusters <= T::MaxClusters::get(),
                "the genesis has more clusters than the runtime allows"
            );
            for _ in 0..self.clusters {
                Pallet::<T>::do_create_cluster().expect("fewer than allowed; qed");
            }
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A cluster was created.
        ClusterCreated {
            /// The cluster.
            cluster: ClusterId,
        },
        /// A worker began to serve a cluster.
        WorkerJoined {
            /// The worker.
            worker: WorkerId,
            /// The cluster.
            cluster: ClusterId,
        },
        /// A worker ceased to serve a cluster.
        WorkerLeft {
            /// The worker.
            worker: WorkerId,
            /// The cluster.
            cluster: ClusterId,
        },
        /// Code was uploaded.
        CodeUploaded {
            /// The code.
            code_hash: CodeHash,
            /// Who uploaded it.
            owner: T::AccountId,
            /// Its length in bytes.
            len: u32,
        },
        /// Code was removed, and its deposit returned.
        CodeRemoved {
            /// The code.
            code_hash: CodeHash,
        },
        /// A contract was created.
        Instantiated {
            /// The contract.
            contract: ContractId,
            /// Who created it.
            owner: T::AccountId,
            /// The cluster that serves it.
            cluster: ClusterId,
            /// The code that it runs.
            code_hash: CodeHash,
        },
        /// A contract's manifest was replaced.
        ManifestSet {
            /// The contract.
            contract: ContractId,
        },
        /// A contract was removed, and its deposit returned but for what is held until nothing is
        /// kept of it any more.
        ContractRemoved {
            /// The contract.
            contract: ContractId,
            /// The cluster that served it.
            cluster: ClusterId,
        },
        /// A secret of a contract was set, or replaced.
        SecretSet {
            /// The contract.
            contract: ContractId,
            /// The secret's name.
            name: SecretName,
            /// The generation of the cluster's key that it is sealed to.
            generation: u32,
        },
        /// A secret of a contract was removed, and its deposit returned.
        SecretRemoved {
            /// The contract.
            contract: ContractId,
            /// The secret's name.
            name: SecretName,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The network has as many clusters as it allows.
        TooManyClusters,
        /// There is no such cluster.
        UnknownCluster,
        /// The cluster has as many workers as it allows. Join another.
        ClusterFull,
        /// The worker serves a cluster already. Have it leave that one first.
        AlreadyInCluster,
        /// The worker serves no cluster.
        NotInCluster,
        /// The worker is not registered. Register it first.
        UnknownWorker,
        /// Only the worker's operator may do this.
        NotOperator,
        /// The code's bytes are not on the chain. Note them as a preimage first.
        CodeMissing,
        /// The code's bytes on the chain have another length than the one given.
        CodeLengthMismatch,
        /// The code has no bytes.
        CodeEmpty,
        /// The code has more bytes than allowed.
        CodeTooLarge,
        /// The code is uploaded already. Instantiate it as it is.
        CodeExists,
        /// The network has as many codes as it allows.
        TooManyCodes,
        /// The code is not uploaded. Upload it first.
        UnknownCode,
        /// Contracts run the code, or one that did was removed lately. Remove them first, and wait
        /// until nothing is kept of them any more.
        CodeInUse,
        /// The manifest is not UTF-8 text, or has no text.
        ManifestInvalid,
        /// The same owner has created the same contract already. Use another salt.
        ContractExists,
        /// The cluster serves as many contracts as it allows.
        TooManyContracts,
        /// There is no such contract.
        UnknownContract,
        /// There are as many contracts that were removed lately as the network keeps. Try again
        /// later.
        TooManyRemoved,
        /// Only the owner may do this.
        NotOwner,
        /// What is to vouch for the worker does not. Renew its attestation first.
        WorkerInactive,
        /// A secret's name has 1 to 64 letters, digits, - and _.
        SecretNameInvalid,
        /// The secret is shorter than any that is sealed. Encrypt it to the cluster's key first.
        SecretNotSealed,
        /// The contract has as many secrets as it may. Remove one first.
        TooManySecrets,
        /// The contract has no secret of this name.
        UnknownSecret,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_idle(_now: BlockNumberFor<T>, remaining: Weight) -> Weight {
            Self::clear_removed_within(remaining)
        }

        fn integrity_test() {
            assert!(
                T::Preimages::MAX_LENGTH >= CODE_BYTES_MAX as usize,
                "the longest code must fit into a preimage"
            );
            for bound in [
                T::MaxClusters::get(),
                T::MaxClusterWorkers::get(),
                T::MaxClusterContracts::get(),
                T::MaxCodes::get(),
                T::MaxRemoved::get(),
            ] {
                assert!(!bound.is_zero(), "every bound must leave room for one");
            }
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Creates a cluster. Ids count from 0.
        ///
        /// Dispatch origin: `AdminOrigin`.
        ///
        /// Errors: [`Error::TooManyClusters`].
        ///
        /// Event: [`Event::ClusterCreated`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::create_cluster())]
        pub fn create_cluster(origin: OriginFor<T>) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            let cluster = Self::do_create_cluster()?;
            Self::deposit_event(Event::ClusterCreated { cluster });
            Ok(())
        }

        /// Has `worker`, which must be active, serve `cluster`.
        ///
        /// It stays a member when it ceases to be active, and serves again when it is.
        ///
        /// Dispatch origin: signed by the worker's operator.
        ///
        /// Errors: [`Error::UnknownWorker`], [`Error::NotOperator`], [`Error::WorkerInactive`],
        /// [`Error::UnknownCluster`], [`Error::AlreadyInCluster`], [`Error::ClusterFull`].
        ///
        /// Event: [`Event::WorkerJoined`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::join_cluster())]
        pub fn join_cluster(
            origin: OriginFor<T>,
            worker: WorkerId,
            cluster: ClusterId,
        ) -> DispatchResult {
            Self::ensure_operator(ensure_signed(origin)?, &worker)?;
            ensure!(T::Workers::is_active(&worker), Error::<T>::WorkerInactive);
            ensure!(
                Clusters::<T>::contains_key(cluster),
                Error::<T>::UnknownCluster
            );
            Self::do_join(worker, cluster)?;
            Self::deposit_event(Event::WorkerJoined { worker, cluster });
            Ok(())
        }

        /// Has `worker` cease to serve its cluster.
        ///
        /// Dispatch origin: signed by the worker's operator.
        ///
        /// Errors: [`Error::UnknownWorker`], [`Error::NotOperator`], [`Error::NotInCluster`].
        ///
        /// Event: [`Event::WorkerLeft`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::leave_cluster())]
        pub fn leave_cluster(origin: OriginFor<T>, worker: WorkerId) -> DispatchResult {
            Self::ensure_operator(ensure_signed(origin)?, &worker)?;
            let cluster = Self::do_leave(&worker).ok_or(Error::<T>::NotInCluster)?;
            Self::deposit_event(Event::WorkerLeft { worker, cluster });
            Ok(())
        }

        /// Makes the preimage of `code_hash`, which has `len` bytes, code that contracts can run,
        /// and holds a deposit for it.
        ///
        /// Dispatch origin: signed.
        ///
        /// Errors: [`Error::CodeMissing`], [`Error::CodeLengthMismatch`], [`Error::CodeEmpty`],
        /// [`Error::CodeTooLarge`], [`Error::CodeExists`], [`Error::TooManyCodes`], or the
        /// currency's when the deposit cannot be held.
        ///
        /// Event: [`Event::CodeUploaded`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::upload_code())]
        pub fn upload_code(origin: OriginFor<T>, code_hash: CodeHash, len: u32) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            ensure!(len > 0, Error::<T>::CodeEmpty);
            ensure!(len <= CODE_BYTES_MAX, Error::<T>::CodeTooLarge);
            ensure!(!Codes::<T>::contains_key(code_hash), Error::<T>::CodeExists);
            ensure!(
                Codes::<T>::count() < T::MaxCodes::get(),
                Error::<T>::TooManyCodes
            );
            let preimage = H256(code_hash.0);
            let noted = T::Preimages::len(&preimage).ok_or(Error::<T>::CodeMissing)?;
            ensure!(noted == len, Error::<T>::CodeLengthMismatch);

            let deposit = Self::code_deposit(len);
            Self::hold(HoldReason::Code, &owner, deposit)?;
            T::Preimages::request(&preimage);
            Codes::<T>::insert(
                code_hash,
                CodeInfo {
                    owner: owner.clone(),
                    len,
                    deposit,
                    contracts: 0,
                },
            );
            Self::deposit_event(Event::CodeUploaded {
                code_hash,
                owner,
                len,
            });
            Ok(())
        }

        /// Removes code that no contract runs, nor one that was removed lately, returns its deposit,
        /// and lets go of its bytes.
        ///
        /// Dispatch origin: signed by who uploaded the code.
        ///
        /// Errors: [`Error::UnknownCode`], [`Error::NotOwner`], [`Error::CodeInUse`].
        ///
        /// Event: [`Event::CodeRemoved`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::remove_code())]
        pub fn remove_code(origin: OriginFor<T>, code_hash: CodeHash) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let code = Codes::<T>::get(code_hash).ok_or(Error::<T>::UnknownCode)?;
            ensure!(code.owner == owner, Error::<T>::NotOwner);
            ensure!(code.contracts.is_zero(), Error::<T>::CodeInUse);

            Self::release(HoldReason::Code, &owner, code.deposit)?;
            T::Preimages::unrequest(&H256(code_hash.0));
            Codes::<T>::remove(code_hash);
            Self::deposit_event(Event::CodeRemoved { code_hash });
            Ok(())
        }

        /// Creates the contract that [`ContractId::derive`] names, and holds a deposit for it.
        ///
        /// Anybody may run any uploaded code. A removed contract may be created again, and has
        /// the id, and so the keys, that it had.
        ///
        /// Dispatch origin: signed by the owner to be.
        ///
        /// Errors: [`Error::ManifestInvalid`], [`Error::UnknownCluster`],
        /// [`Error::TooManyContracts`], [`Error::UnknownCode`], [`Error::ContractExists`], or the
        /// currency's when the deposit cannot be held.
        ///
        /// Event: [`Event::Instantiated`].
        #[pallet::call_index(5)]
        #[pallet::weight(
            T::WeightInfo::instantiate(manifest.len() as u32)
                .saturating_add(T::OnContractCreated::weight())
        )]
        pub fn instantiate(
            origin: OriginFor<T>,
            cluster: ClusterId,
            code_hash: CodeHash,
            manifest: Manifest,
            salt: [u8; 32],
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::ensure_text(&manifest)?;
            let mut cluster_info = Clusters::<T>::get(cluster).ok_or(Error::<T>::UnknownCluster)?;
            ensure!(
                cluster_info.contracts < T::MaxClusterContracts::get(),
                Error::<T>::TooManyContracts
            );
            let mut code = Codes::<T>::get(code_hash).ok_or(Error::<T>::UnknownCode)?;
            let owner_bytes = AccountBytes(owner.clone().into());
            let contract = ContractId::derive(&owner_bytes, cluster, &code_hash, &salt);
            ensure!(
                !Contracts::<T>::contains_key(contract),
                Error::<T>::ContractExists
            );

            // Nothing but its being there is different for one that was kept, also for its code.
            let was_kept = Self::take_back_removed(&contract)?;
            let deposit = Self::contract_deposit(&manifest);
            Self::hold(HoldReason::Contract, &owner, deposit)?;
            code.contracts = code
                .contracts
                .checked_add(u32::from(!was_kept))
                .ok_or(ArithmeticError::Overflow)?;
            cluster_info.contracts = cluster_info
                .contracts
                .checked_add(1)
                .ok_or(ArithmeticError::Overflow)?;
            Codes::<T>::insert(code_hash, code);
            Clusters::<T>::insert(cluster, cluster_info);
            ClusterContracts::<T>::insert(cluster, contract, ManifestHash::of(&manifest));
            Contracts::<T>::insert(
                contract,
                ContractInfo {
                    owner: owner.clone(),
                    cluster,
                    code_hash,
                    manifest,
                    deposit,
                },
            );
            T::OnContractCreated::on_contract_created(&contract);
            Self::deposit_event(Event::Instantiated {
                contract,
                owner,
                cluster,
                code_hash,
            });
            Ok(())
        }

        /// Replaces the manifest of `contract`, and holds or returns the difference in deposit.
        ///
        /// Dispatch origin: signed by the contract's owner.
        ///
        /// Errors: [`Error::ManifestInvalid`], [`Error::UnknownContract`], [`Error::NotOwner`],
        /// or the currency's when a larger deposit cannot be held.
        ///
        /// Event: [`Event::ManifestSet`].
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::set_manifest(manifest.len() as u32))]
        pub fn set_manifest(
            origin: OriginFor<T>,
            contract: ContractId,
            manifest: Manifest,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::ensure_text(&manifest)?;
            let mut info = Self::contract_of(&owner, &contract)?;

            let deposit = Self::contract_deposit(&manifest);
            Self::adjust(HoldReason::Contract, &owner, info.deposit, deposit)?;
            ClusterContracts::<T>::insert(info.cluster, contract, ManifestHash::of(&manifest));
            info.manifest = manifest;
            info.deposit = deposit;
            Contracts::<T>::insert(contract, info);
            Self::deposit_event(Event::ManifestSet { contract });
            Ok(())
        }

        /// Removes `contract` with its secrets, and returns all deposits, but for as much as
        /// [`Config::ContractDepositBase`] of the contract's: that is returned after
        /// [`Config::RemovedKept`] blocks. Until then receipts about it can be judged, and its code
        /// cannot be removed. If it is created again before, it is returned then.
        ///
        /// Dispatch origin: signed by the contract's owner.
        ///
        /// Errors: [`Error::UnknownContract`], [`Error::NotOwner`], [`Error::TooManyRemoved`].
        ///
        /// Event: [`Event::ContractRemoved`].
        #[pallet::call_index(7)]
        #[pallet::weight(
            T::WeightInfo::remove(SECRETS_MAX).saturating_add(T::OnContractRemoved::weight())
        )]
        pub fn remove(origin: OriginFor<T>, contract: ContractId) -> DispatchResultWithPostInfo {
            let owner = ensure_signed(origin)?;
            let info = Self::contract_of(&owner, &contract)?;

            // Its code counts it until nothing is kept of it any more.
            Self::keep_removed(contract, &info)?;
            let secrets = Self::remove_secrets(contract, &info)?;
            Clusters::<T>::mutate_extant(info.cluster, |cluster| {
                cluster.contracts = cluster.contracts.saturating_sub(1);
            });
            ClusterContracts::<T>::remove(info.cluster, contract);
            Contracts::<T>::remove(contract);
            T::OnContractRemoved::on_contract_removed(&contract);
            Self::deposit_event(Event::ContractRemoved {
                contract,
                cluster: info.cluster,
            });
            let weight = T::WeightInfo::remove(secrets);
            Ok(Some(weight.saturating_add(T::OnContractRemoved::weight())).into())
        }

        /// Gives `contract` a secret, in place of the one with this name if it has one, and holds
        /// or returns the difference in deposit.
        ///
        /// `sealed` is the secret as it is encrypted to the key of the contract's cluster that has
        /// this `generation`, as [`phat_primitives::secret`] says. The chain cannot tell whether
        /// it is: a worker that cannot open it says so.
        ///
        /// Dispatch origin: signed by the contract's owner.
        ///
        /// Errors: [`Error::SecretNameInvalid`], [`Error::SecretNotSealed`],
        /// [`Error::UnknownContract`], [`Error::NotOwner`], [`Error::TooManySecrets`], or the
        /// currency's when the deposit cannot be held.
        ///
        /// Event: [`Event::SecretSet`].
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::set_secret(sealed.len() as u32))]
        pub fn set_secret(
            origin: OriginFor<T>,
            contract: ContractId,
            name: SecretName,
            generation: u32,
            sealed: SealedSecret,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::ensure_secret(&name, &sealed)?;
            let info = Self::contract_of(&owner, &contract)?;

            Self::do_set_secret(contract, &info, name.clone(), generation, sealed)?;
            Self::deposit_event(Event::SecretSet {
                contract,
                name,
                generation,
            });
            Ok(())
        }

        /// Removes a secret of `contract` and returns its deposit.
        ///
        /// Dispatch origin: signed by the contract's owner.
        ///
        /// Errors: [`Error::UnknownContract`], [`Error::NotOwner`], [`Error::UnknownSecret`].
        ///
        /// Event: [`Event::SecretRemoved`].
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::remove_secret())]
        pub fn remove_secret(
            origin: OriginFor<T>,
            contract: ContractId,
            name: SecretName,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let info = Self::contract_of(&owner, &contract)?;

            Self::do_remove_secret(contract, &info, &name)?;
            Self::deposit_event(Event::SecretRemoved { contract, name });
            Ok(())
        }
    }

    impl<T: Config> Pallet<T> {
        fn do_create_cluster() -> Result<ClusterId, Error<T>> {
            let cluster = NextClusterId::<T>::get();
            ensure!(
                cluster.0 < T::MaxClusters::get(),
                Error::<T>::TooManyClusters
            );
            let next = cluster
                .0
                .checked_add(1)
                .ok_or(Error::<T>::TooManyClusters)?;
            NextClusterId::<T>::put(ClusterId(next));
            Clusters::<T>::insert(cluster, ClusterInfo::default());
            Ok(cluster)
        }

        fn ensure_operator(caller: T::AccountId, worker: &WorkerId) -> Result<(), Error<T>> {
            let operator = T::Workers::operator_of(worker).ok_or(Error::<T>::UnknownWorker)?;
            ensure!(operator == caller, Error::<T>::NotOperator);
            Ok(())
        }

        fn ensure_text(manifest: &[u8]) -> Result<(), Error<T>> {
            let text = core::str::from_utf8(manifest).map_err(|_| Error::<T>::ManifestInvalid)?;
            ensure!(!text.trim().is_empty(), Error::<T>::ManifestInvalid);
            Ok(())
        }

        /// `contract`, when `owner` owns it.
        fn contract_of(
            owner: &T::AccountId,
            contract: &ContractId,
        ) -> Result<ContractInfoOf<T>, Error<T>> {
            let info = Contracts::<T>::get(contract).ok_or(Error::<T>::UnknownContract)?;
            ensure!(info.owner == *owner, Error::<T>::NotOwner);
            Ok(info)
        }
    }
}
