//! The pallet that lists the keys of clusters and the attestors of contracts.
//!
//! The workers of a cluster share a secret, which never leaves them: the first active worker of
//! the cluster makes it, and each newcomer gets it from another one, encrypted. Here stand the
//! public keys that follow from it ([`ClusterKey`]), so that a newcomer sees that it was handed
//! the right secret, and others what to encrypt to and whose signature to expect.
//!
//! A cluster's secret is renewed by making another one, and keeping the old ones for what was
//! encrypted to them. Each is a **generation**, counted from 0. Generation 0 is open from the
//! start; each further one when an administrator requests a rotation. What an open generation's
//! key is, the first [`Pallet::publish_key`] of an active worker of the cluster decides, for good.
//!
//! An **attestor** is the key that signs a contract's outcomes. It follows from the secret of
//! generation 0 and stays the same in all generations: consumers on other chains hold its address.
//! That the chain has the right one, the cluster's current key vouches for.
//!
//! [`ClusterKey`]: phat_primitives::ClusterKey

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod check;
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
pub use types::{AttestorInfo, KeyInfo};
pub use weights::WeightInfo;

/// The pallet's items, in the form that FRAME asks for.
#[frame_support::pallet]
pub mod pallet {
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use pallet_phat_contracts::ClusterLookup;
    use phat_primitives::{
        ClusterId, ClusterKey, ContractId, WorkerId, limits::CLUSTER_KEY_GENERATIONS_MAX,
    };
    use sp_core::sr25519;

    use crate::{AttestorInfo, KeyInfo, WeightInfo};

    /// A published key of a cluster, with the chain's own types.
    pub type KeyInfoOf<T> = KeyInfo<BlockNumberFor<T>>;

    /// What a runtime decides about the pallet.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// Knows who serves what.
        type Clusters: ClusterLookup;

        /// Who requests rotations.
        type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// The weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The keys of each cluster, by generation. A key that is published never changes.
    #[pallet::storage]
    pub type Keys<T: Config> =
        StorageDoubleMap<_, Twox64Concat, ClusterId, Twox64Concat, u32, KeyInfoOf<T>, OptionQuery>;

    /// The newest generation of each cluster that has a key.
    #[pallet::storage]
    pub type CurrentGeneration<T> = StorageMap<_, Twox64Concat, ClusterId, u32, OptionQuery>;

    /// The clusters that are to have another key.
    #[pallet::storage]
    pub type RotationRequested<T> = StorageMap<_, Twox64Concat, ClusterId, (), OptionQuery>;

    /// The keys that sign the outcomes of contracts.
    #[pallet::storage]
    pub type Attestors<T> = StorageMap<_, Blake2_128Concat, ContractId, AttestorInfo, OptionQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(fn deposit_event)]
    pub enum Event<T: Config> {
        /// A key of a cluster was published, and is the cluster's current one.
        KeyPublished {
            /// The cluster.
            cluster: ClusterId,
            /// The key's generation.
            generation: u32,
            /// The key.
            key: ClusterKey,
            /// The worker that made it.
            worker: WorkerId,
        },
        /// A cluster is to have another key.
        RotationRequested {
            /// The cluster.
            cluster: ClusterId,
            /// The generation of that key.
            generation: u32,
        },
        /// The key that signs a contract's outcomes was published.
        AttestorPublished {
            /// The contract.
            contract: ContractId,
            /// The key: secp256k1, SEC1 compressed.
            public_key: [u8; 33],
            /// The generation of the cluster's key that vouches for it.
            generation: u32,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The worker does not serve the cluster: it is no member, or what is to vouch for it
        /// does not. Have it join the cluster, or renew its attestation.
        NotActiveMember,
        /// A key of this generation is published already. Have the worker ask another of the
        /// cluster for it.
        AlreadyPublished,
        /// No key of this generation is asked for. Publish the next one when a rotation is
        /// requested.
        GenerationNotOpen,
        /// The announcement is not signed by the worker's identity key for this chain and exactly
        /// these values.
        SignatureInvalid,
        /// The cluster has no key yet. Wait until its first worker has published one.
        NoKey,
        /// A rotation of the cluster's key is requested already. Wait until its next key is
        /// published.
        AlreadyRequested,
        /// The cluster's key was rotated as often as allowed. Create another cluster.
        TooManyGenerations,
        /// There is no such contract.
        UnknownContract,
        /// The statement is of another generation than the cluster's current one. Have a worker
        /// that holds the current key make it anew.
        GenerationNotCurrent,
        /// The statement is not signed by the cluster's signing key for this chain and exactly
        /// these values.
        StatementInvalid,
        /// The attestor is not the compressed form of a secp256k1 key: its first byte must be 2
        /// or 3.
        AttestorInvalid,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Publishes the key of the cluster's open generation, which `worker` made. The first one
        /// wins.
        ///
        /// `signature` is by the worker's identity key over the signing payload of
        /// [`ClusterKeyAnnouncement`](phat_primitives::cluster_key::ClusterKeyAnnouncement).
        ///
        /// Dispatch origin: signed by anybody, who pays for it.
        ///
        /// Errors: [`Error::NotActiveMember`], [`Error::AlreadyPublished`],
        /// [`Error::GenerationNotOpen`], [`Error::SignatureInvalid`].
        ///
        /// Event: [`Event::KeyPublished`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::publish_key())]
        pub fn publish_key(
            origin: OriginFor<T>,
            cluster: ClusterId,
            generation: u32,
            key: ClusterKey,
            worker: WorkerId,
            signature: sr25519::Signature,
        ) -> DispatchResult {
            ensure_signed(origin)?;
            Self::ensure_open(cluster, generation)?;
            ensure!(
                T::Clusters::is_active_member(&worker, cluster),
                Error::<T>::NotActiveMember
            );
            Self::ensure_announced(cluster, generation, key, worker, &signature)?;

            let published_at = frame_system::Pallet::<T>::block_number();
            let info = KeyInfo {
                key,
                worker,
                published_at,
            };
            Keys::<T>::insert(cluster, generation, info);
            CurrentGeneration::<T>::insert(cluster, generation);
            RotationRequested::<T>::remove(cluster);
            Self::deposit_event(Event::KeyPublished {
                cluster,
                generation,
                key,
                worker,
            });
            Ok(())
        }

        /// Asks the workers of a cluster for another key. They keep the old ones, for what was
        /// encrypted to them.
        ///
        /// Dispatch origin: `AdminOrigin`.
        ///
        /// Errors: [`Error::NoKey`], [`Error::AlreadyRequested`], [`Error::TooManyGenerations`].
        ///
        /// Event: [`Event::RotationRequested`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::request_rotation())]
        pub fn request_rotation(origin: OriginFor<T>, cluster: ClusterId) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            let current = CurrentGeneration::<T>::get(cluster).ok_or(Error::<T>::NoKey)?;
            ensure!(
                !RotationRequested::<T>::contains_key(cluster),
                Error::<T>::AlreadyRequested
            );
            let generation = current.saturating_add(1);
            ensure!(
                generation < CLUSTER_KEY_GENERATIONS_MAX,
                Error::<T>::TooManyGenerations
            );
            RotationRequested::<T>::insert(cluster, ());
            Self::deposit_event(Event::RotationRequested {
                cluster,
                generation,
            });
            Ok(())
        }

        /// Publishes the key that signs `contract`'s outcomes, in place of what was published
        /// before.
        ///
        /// `signature` is by the current signing key of the contract's cluster over the signing
        /// payload of [`AttestorStatement`](phat_primitives::cluster_key::AttestorStatement).
        ///
        /// Dispatch origin: signed by anybody, who pays for it.
        ///
        /// Errors: [`Error::UnknownContract`], [`Error::NoKey`],
        /// [`Error::GenerationNotCurrent`], [`Error::AttestorInvalid`],
        /// [`Error::StatementInvalid`].
        ///
        /// Event: [`Event::AttestorPublished`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::publish_attestor())]
        pub fn publish_attestor(
            origin: OriginFor<T>,
            contract: ContractId,
            generation: u32,
            public_key: [u8; 33],
            signature: sr25519::Signature,
        ) -> DispatchResult {
            ensure_signed(origin)?;
            let (cluster, _) =
                T::Clusters::contract(&contract).ok_or(Error::<T>::UnknownContract)?;
            let current = CurrentGeneration::<T>::get(cluster).ok_or(Error::<T>::NoKey)?;
            ensure!(generation == current, Error::<T>::GenerationNotCurrent);
            ensure!(
                crate::check::is_compressed(&public_key),
                Error::<T>::AttestorInvalid
            );
            let signing_key = Keys::<T>::get(cluster, generation)
                .ok_or(Error::<T>::NoKey)?
                .key
                .signing_key;
            Self::ensure_stated(contract, generation, public_key, signing_key, &signature)?;

            let info = AttestorInfo {
                public_key,
                generation,
            };
            Attestors::<T>::insert(contract, info);
            Self::deposit_event(Event::AttestorPublished {
                contract,
                public_key,
                generation,
            });
            Ok(())
        }
    }
}
