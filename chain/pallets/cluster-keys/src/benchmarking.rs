//! The benchmarks that the weights are measured with.

use alloc::vec;

use frame_benchmarking::v2::*;
use frame_support::traits::EnsureOrigin;
use frame_system::RawOrigin;
use pallet_phat_contracts::{ClusterLookup, OnContractRemoved};
use phat_primitives::{
    ClusterId, ClusterKey, CodeHash, ContractId, EncryptionKey, WorkerId,
    cluster_key::{AttestorStatement, ClusterKeyAnnouncement},
};
use sp_core::{crypto::KeyTypeId, sr25519};

use crate::*;

const KEY_TYPE: KeyTypeId = KeyTypeId(*b"phat");
const CLUSTER: ClusterId = ClusterId(1_000);
const CONTRACT: ContractId = ContractId([7; 32]);
const ATTESTOR: [u8; 33] = [2; 33];

/// An active worker of [`CLUSTER`], which serves [`CONTRACT`].
fn worker<T: Config>() -> sr25519::Public {
    let public = sp_io::crypto::sr25519_generate(KEY_TYPE, Some(b"//worker".to_vec()));
    let members = vec![WorkerId(public.0)];
    T::Clusters::serve_for_benchmark(CLUSTER, members, CONTRACT, CodeHash::default());
    public
}

fn sign(public: &sr25519::Public, payload: &[u8]) -> sr25519::Signature {
    sp_io::crypto::sr25519_sign(KEY_TYPE, public, payload).expect("the key was just generated; qed")
}

fn key() -> (sr25519::Public, ClusterKey) {
    let public = sp_io::crypto::sr25519_generate(KEY_TYPE, Some(b"//cluster".to_vec()));
    let key = ClusterKey {
        encryption_key: EncryptionKey([1; 32]),
        signing_key: public.0,
    };
    (public, key)
}

/// Gives [`CLUSTER`] its first key.
fn published<T: Config>(worker: &sr25519::Public) -> sr25519::Public {
    let (public, key) = key();
    let worker = WorkerId(worker.0);
    let info = KeyInfo {
        key,
        worker,
        published_at: frame_system::Pallet::<T>::block_number(),
    };
    Keys::<T>::insert(CLUSTER, 0, info);
    CurrentGeneration::<T>::insert(CLUSTER, 0);
    public
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn publish_key() {
        let worker = worker::<T>();
        published::<T>(&worker);
        RotationRequested::<T>::insert(CLUSTER, ());
        let (_, key) = key();
        let announcement = ClusterKeyAnnouncement {
            genesis_hash: Pallet::<T>::genesis_hash(),
            cluster: CLUSTER,
            generation: 1,
            key,
            worker: WorkerId(worker.0),
        };
        let signature = sign(&worker, &announcement.signing_payload());
        let caller: T::AccountId = account("caller", 0, 0);

        #[extrinsic_call]
        _(
            RawOrigin::Signed(caller),
            CLUSTER,
            1,
            key,
            announcement.worker,
            signature,
        );

        assert_eq!(CurrentGeneration::<T>::get(CLUSTER), Some(1));
    }

    #[benchmark]
    fn request_rotation() -> Result<(), BenchmarkError> {
        let admin =
            T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        published::<T>(&worker::<T>());

        #[extrinsic_call]
        _(admin as T::RuntimeOrigin, CLUSTER);

        assert!(RotationRequested::<T>::contains_key(CLUSTER));
        Ok(())
    }

    #[benchmark]
    fn publish_attestor() {
        let signing_key = published::<T>(&worker::<T>());
        let statement = AttestorStatement {
            genesis_hash: Pallet::<T>::genesis_hash(),
            contract: CONTRACT,
            generation: 0,
            public_key: ATTESTOR,
        };
        let signature = sign(&signing_key, &statement.signing_payload());
        let caller: T::AccountId = account("caller", 0, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), CONTRACT, 0, ATTESTOR, signature);

        assert!(Attestors::<T>::contains_key(CONTRACT));
    }

    #[benchmark]
    fn on_contract_removed() {
        let info = AttestorInfo {
            public_key: ATTESTOR,
            generation: 0,
        };
        Attestors::<T>::insert(CONTRACT, info);

        #[block]
        {
            Pallet::<T>::on_contract_removed(&CONTRACT);
        }

        assert!(!Attestors::<T>::contains_key(CONTRACT));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
