//! The benchmarks that the weights are measured with.

use alloc::{vec, vec::Vec};

use frame_benchmarking::v2::*;
use frame_support::traits::{Get, fungible::Mutate};
use frame_system::RawOrigin;
use phat_primitives::{
    AccountBytes, Attestation, EncryptionKey, Registration, WorkerId, limits::ENDPOINT_BYTES_MAX,
};
use sp_core::{crypto::KeyTypeId, sr25519};

use crate::*;

const WORKER_KEY: KeyTypeId = KeyTypeId(*b"phat");

fn funded<T: Config>(name: &'static str) -> T::AccountId
where
    T::Currency: Mutate<T::AccountId>,
{
    let account = account(name, 0, 0);
    let balance = T::WorkerDeposit::get() * 1_000u32.into();
    T::Currency::set_balance(&account, balance);
    account
}

fn longest_endpoint(fill: u8) -> Endpoint {
    let mut url: Vec<u8> = b"https://".to_vec();
    url.extend(vec![fill; ENDPOINT_BYTES_MAX as usize - url.len()]);
    url.try_into().expect("as long as the bound; qed")
}

/// Registers a worker of `operator` through the call itself.
fn registered<T: Config>(operator: &T::AccountId) -> WorkerId {
    let (worker, signature) = signed::<T>(operator);
    Pallet::<T>::register(
        RawOrigin::Signed(operator.clone()).into(),
        worker,
        EncryptionKey::default(),
        longest_endpoint(b'a'),
        Attestation::None,
        signature,
    )
    .expect("the registration is valid; qed");
    worker
}

fn signed<T: Config>(operator: &T::AccountId) -> (WorkerId, sr25519::Signature) {
    RequireAttestation::<T>::put(false);
    let public = sp_io::crypto::sr25519_generate(WORKER_KEY, None);
    let worker = WorkerId(public.0);
    let payload = Registration {
        genesis_hash: Pallet::<T>::genesis_hash(),
        operator: AccountBytes(operator.clone().into()),
        worker,
        encryption_key: EncryptionKey::default(),
        endpoint: &longest_endpoint(b'a'),
        attestation: Attestation::None,
    }
    .signing_payload();
    let signature = sp_io::crypto::sr25519_sign(WORKER_KEY, &public, &payload)
        .expect("the key was just generated; qed");
    (worker, signature)
}

#[benchmarks(where T::Currency: Mutate<T::AccountId>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn register() {
        let operator = funded::<T>("operator");
        let (worker, signature) = signed::<T>(&operator);

        #[extrinsic_call]
        _(
            RawOrigin::Signed(operator.clone()),
            worker,
            EncryptionKey::default(),
            longest_endpoint(b'a'),
            Attestation::None,
            signature,
        );

        assert_eq!(Pallet::<T>::operator_of(&worker), Some(operator));
    }

    #[benchmark]
    fn update_endpoint() {
        let operator = funded::<T>("operator");
        let worker = registered::<T>(&operator);
        let endpoint = longest_endpoint(b'b');

        #[extrinsic_call]
        _(RawOrigin::Signed(operator), worker, endpoint.clone());

        assert_eq!(
            Workers::<T>::get(worker).map(|info| info.endpoint),
            Some(endpoint)
        );
    }

    #[benchmark]
    fn deregister() {
        let operator = funded::<T>("operator");
        let worker = registered::<T>(&operator);

        #[extrinsic_call]
        _(RawOrigin::Signed(operator), worker);

        assert_eq!(Pallet::<T>::operator_of(&worker), None);
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
