//! The benchmarks that the weights are measured with.

use alloc::{format, vec, vec::Vec};

use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::traits::{
    Get,
    fungible::{Inspect, Mutate},
};
use frame_system::RawOrigin;
use phat_primitives::anchor::{
    ATTESTORS_MAX, AttestorKey, DELETED_MAX, FIRST_REQUEST, INPUT_BYTES_MAX, KeyRead, KeyWrite,
    OUTPUT_BYTES_MAX, Outcome, OutcomeSignature, OutcomeSignatures, READS_MAX, VALUE_BYTES_MAX,
    WRITES_MAX,
};
use sp_core::{crypto::KeyTypeId, sr25519};

use crate::*;

const ATTESTOR_KEY: KeyTypeId = KeyTypeId(*b"phat");
const SALT: [u8; 32] = [7; 32];

fn rich<T: Config>(name: &'static str) -> T::AccountId {
    let account = account(name, 0, 0);
    T::Currency::set_balance(&account, plenty::<T>());
    account
}

/// Enough for every deposit that a benchmark takes.
fn plenty<T: Config>() -> BalanceOf<T> {
    let base = T::ConsumerDeposit::get() + T::RequestDeposit::get() + T::ValueDeposit::get();
    let of_bytes = T::DepositPerByte::get() * INPUT_BYTES_MAX.into();
    (base + of_bytes + T::Currency::minimum_balance()) * 1_000_u32.into()
}

fn bounds<T: Config>() -> Bounds {
    Bounds {
        output_bytes: OUTPUT_BYTES_MAX,
        writes: WRITES_MAX,
        stored_bytes: T::MaxStoredBytes::get(),
    }
}

/// As many attestors as may be, whose keys are at hand, in rising order.
fn attestors() -> Vec<sr25519::Public> {
    let mut keys: Vec<_> = (0..ATTESTORS_MAX)
        .map(|number| {
            let seed = format!("//attestor{number}").into_bytes();
            sp_io::crypto::sr25519_generate(ATTESTOR_KEY, Some(seed))
        })
        .collect();
    keys.sort_by_key(|key| key.0);
    keys
}

fn attestor_keys() -> AttestorKeys {
    let keys = attestors().into_iter();
    AttestorKeys::truncate_from(keys.map(|key| AttestorKey::Sr25519(key.0)).collect())
}

/// A consumer of `owner` that has an account of its own, and something to pay deposits with.
fn consumer<T: Config>(owner: &T::AccountId) -> T::AccountId {
    let consumer =
        Pallet::<T>::derived_consumer(owner, &SALT).expect("accounts have 32 bytes; qed");
    let keys = attestor_keys();
    Pallet::<T>::do_register(
        consumer.clone(),
        owner.clone(),
        Askers::Anyone,
        bounds::<T>(),
        1,
        keys,
    )
    .expect("the owner can pay; qed");
    T::Currency::set_balance(&consumer, plenty::<T>());
    consumer
}

fn ask<T: Config>(consumer: &T::AccountId, requester: &T::AccountId, bytes: u32) -> u64 {
    let expires_at = Pallet::<T>::now_s() + 1;
    let input = Input::truncate_from(vec![1; bytes as usize]);
    let fee = T::RequestDeposit::get();
    Pallet::<T>::do_request(consumer, requester, input, fee, expires_at)
        .expect("the requester can pay; qed")
}

fn key(number: u32) -> [u8; 32] {
    phat_primitives::blake2_256(&number.encode())
}

/// Fills the store of a consumer with values as long as may be, under so many keys: whatever an
/// outcome reads or overwrites, it costs no more than these.
fn fill<T: Config>(consumer: &T::AccountId, count: u32) {
    let writes: Vec<_> = (0..count)
        .map(|number| KeyWrite {
            key: key(number),
            value: vec![1; VALUE_BYTES_MAX as usize]
                .try_into()
                .expect("as long as the bound; qed"),
        })
        .collect();
    let mut info = Pallet::<T>::consumer(consumer).expect("it is registered; qed");
    Pallet::<T>::write(consumer, &mut info, &writes).expect("it can pay; qed");
    Consumers::<T>::insert(consumer, info);
}

/// The outcome of a request that reads so many keys of a store that [`fill`] has filled, and writes
/// so many others. The output takes what is left of `bytes`.
fn outcome<T: Config>(consumer: &T::AccountId, number: u64, bytes: u32, r: u32, w: u32) -> Outcome {
    let request = Requests::<T>::get(consumer, number).expect("it was made; qed");
    let reads = (0..r).map(|number| KeyRead {
        key: key(number),
        version: Pallet::<T>::value(consumer, &key(number)).1,
    });
    let writes = (0..w).map(|number| KeyWrite {
        key: key(READS_MAX + number),
        value: vec![2; 2]
            .try_into()
            .expect("two bytes are no more than the bound; qed"),
    });
    let output_bytes = bytes.min(OUTPUT_BYTES_MAX) as usize;
    Outcome {
        number,
        commitment: request.commitment,
        success: true,
        output: Output::truncate_from(vec![3; output_bytes]),
        reads: reads
            .collect::<Vec<_>>()
            .try_into()
            .expect("no more than the bound; qed"),
        writes: writes
            .collect::<Vec<_>>()
            .try_into()
            .expect("no more than the bound; qed"),
    }
}

fn sign<T: Config>(consumer: &T::AccountId, outcome: &Outcome, count: u32) -> OutcomeSignatures {
    let name = Pallet::<T>::name_in_runtime();
    let payload = outcome.signing_payload(&Pallet::<T>::genesis_hash(), name, &consumer.encode());
    let signed = attestors().into_iter().take(count as usize).map(|public| {
        let signature = sp_io::crypto::sr25519_sign(ATTESTOR_KEY, &public, &payload);
        OutcomeSignature::Sr25519 {
            key: public.0,
            signature: signature.expect("the key is at hand; qed").0,
        }
    });
    OutcomeSignatures::truncate_from(signed.collect())
}

/// A request with an output whose callback has failed.
fn failed<T: Config>(consumer: &T::AccountId, requester: &T::AccountId, output: &[u8]) -> u64 {
    let number = ask::<T>(consumer, requester, 1);
    Inputs::<T>::remove(consumer, number);
    Requests::<T>::mutate(consumer, number, |request| {
        if let Some(request) = request {
            request.failure = Some(Failure {
                success: true,
                output_hash: phat_primitives::blake2_256(output),
            });
        }
    });
    number
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn register_consumer() {
        let owner = rich::<T>("owner");
        let consumer =
            Pallet::<T>::derived_consumer(&owner, &SALT).expect("accounts have 32 bytes; qed");
        let keys = attestor_keys();

        #[extrinsic_call]
        _(
            RawOrigin::Signed(owner),
            Some(SALT),
            Askers::Anyone,
            bounds::<T>(),
            1,
            keys,
        );

        assert!(Consumers::<T>::contains_key(consumer));
    }

    #[benchmark]
    fn set_attestors() {
        let owner = rich::<T>("owner");
        let consumer = consumer::<T>(&owner);
        let keys = attestor_keys();
        let overlap = T::MaxOverlapS::get();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), consumer.clone(), 2, keys, overlap);

        let attestors = AttestorsOf::<T>::get(consumer).expect("it has some; qed");
        assert_eq!(attestors.current.threshold, 2);
    }

    #[benchmark]
    fn set_policy() {
        let owner = rich::<T>("owner");
        let consumer = consumer::<T>(&owner);

        #[extrinsic_call]
        _(
            RawOrigin::Signed(owner),
            consumer.clone(),
            Askers::Own,
            bounds::<T>(),
        );

        let info = Consumers::<T>::get(consumer).expect("it is registered; qed");
        assert_eq!(info.askers, Askers::Own);
    }

    #[benchmark]
    fn remove_consumer() {
        let owner = rich::<T>("owner");
        let consumer = consumer::<T>(&owner);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), consumer.clone());

        assert!(!Consumers::<T>::contains_key(consumer));
    }

    #[benchmark]
    fn delete_values(n: Linear<0, DELETED_MAX>) {
        let owner = rich::<T>("owner");
        let consumer = consumer::<T>(&owner);
        fill::<T>(&consumer, DELETED_MAX);
        let keys: Vec<_> = (0..n).map(key).collect();
        let keys = keys.try_into().expect("no more than the bound; qed");

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), consumer.clone(), keys);

        let info = Consumers::<T>::get(consumer).expect("it is registered; qed");
        assert_eq!(info.values, DELETED_MAX - n);
    }

    #[benchmark]
    fn request(b: Linear<0, INPUT_BYTES_MAX>) {
        let owner = rich::<T>("owner");
        let consumer = consumer::<T>(&owner);
        let requester = rich::<T>("requester");
        let input = Input::truncate_from(vec![1; b as usize]);
        let fee = T::RequestDeposit::get();
        let expires_at = Pallet::<T>::now_s() + 1;

        #[extrinsic_call]
        _(
            RawOrigin::Signed(requester),
            consumer.clone(),
            input,
            fee,
            expires_at,
        );

        assert!(Requests::<T>::contains_key(consumer, FIRST_REQUEST));
    }

    /// The bytes are those of the output: keys and versions are hashed with it, and bring their own.
    #[benchmark]
    fn settle(
        b: Linear<0, OUTPUT_BYTES_MAX>,
        s: Linear<1, ATTESTORS_MAX>,
        r: Linear<0, READS_MAX>,
        w: Linear<0, WRITES_MAX>,
    ) {
        let owner = rich::<T>("owner");
        let consumer = consumer::<T>(&owner);
        fill::<T>(&consumer, READS_MAX + WRITES_MAX);
        let number = ask::<T>(&consumer, &rich::<T>("requester"), INPUT_BYTES_MAX);
        let relayer = rich::<T>("relayer");
        let outcome = outcome::<T>(&consumer, number, b, r, w);
        let signatures = sign::<T>(&consumer, &outcome, s);

        #[extrinsic_call]
        _(
            RawOrigin::Signed(relayer),
            consumer.clone(),
            outcome,
            signatures,
        );

        assert_eq!(Pallet::<T>::status(&consumer, number), Status::Closed);
    }

    #[benchmark]
    fn settle_batch_base() {
        let relayer = rich::<T>("relayer");

        #[extrinsic_call]
        settle_batch(RawOrigin::Signed(relayer), Batch::<T>::default());

        assert_eq!(Requests::<T>::iter_keys().count(), 0);
    }

    #[benchmark]
    fn retry(b: Linear<0, OUTPUT_BYTES_MAX>) {
        let owner = rich::<T>("owner");
        let consumer = consumer::<T>(&owner);
        let output = vec![3; b as usize];
        let number = failed::<T>(&consumer, &rich::<T>("requester"), &output);
        let caller = rich::<T>("relayer");
        let output = Output::truncate_from(output);

        #[extrinsic_call]
        _(
            RawOrigin::Signed(caller),
            consumer.clone(),
            number,
            true,
            output,
        );

        assert_eq!(Pallet::<T>::status(&consumer, number), Status::Closed);
    }

    #[benchmark]
    fn forget() {
        let owner = rich::<T>("owner");
        let consumer = consumer::<T>(&owner);
        let number = failed::<T>(&consumer, &rich::<T>("requester"), &[]);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), consumer.clone(), number);

        assert_eq!(Pallet::<T>::status(&consumer, number), Status::Closed);
    }

    #[benchmark]
    fn expire() {
        let owner = rich::<T>("owner");
        let consumer = consumer::<T>(&owner);
        let number = ask::<T>(&consumer, &rich::<T>("requester"), INPUT_BYTES_MAX);
        // The clock of a runtime is not this pallet's to move.
        Requests::<T>::mutate(&consumer, number, |stored| {
            if let Some(stored) = stored {
                stored.expires_at = 0;
            }
        });

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), consumer.clone(), number);

        assert_eq!(Pallet::<T>::status(&consumer, number), Status::Closed);
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
