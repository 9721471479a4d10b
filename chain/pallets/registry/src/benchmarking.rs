//! The benchmarks that the weights are measured with.

use alloc::{vec, vec::Vec};

use codec::Decode;
use frame_benchmarking::v2::*;
use frame_support::traits::{EnsureOrigin, Get, fungible::Mutate};
use frame_system::{RawOrigin, pallet_prelude::BlockNumberFor};
use phat_primitives::{
    AccountBytes, Attestation, Registration, WorkerId,
    attestation::{ConfidenceLevel, Measurement},
    limits::{ENDPOINT_BYTES_MAX, ROOT_BYTES_MAX, ROOTS_MAX},
};
use sp_core::{crypto::KeyTypeId, sr25519};
use sp_runtime::traits::Zero;

use crate::{
    benchmark_sample::{ENCRYPTION_KEY, GENESIS_HASH, MEASUREMENT, NOW_S, OPERATOR, WORKER_SEED},
    *,
};

const WORKER_KEY: KeyTypeId = KeyTypeId(*b"phat");

/// A root certificate and evidence under it, in SCALE.
const EVIDENCE: &[u8] = include_bytes!("benchmark-evidence.scale");

fn operator<T: Config>() -> T::AccountId
where
    T::Currency: Mutate<T::AccountId>,
{
    let account = T::AccountId::decode(&mut &OPERATOR[..]).expect("an account has 32 bytes; qed");
    let balance = T::WorkerDeposit::get() * 1_000u32.into();
    T::Currency::set_balance(&account, balance);
    account
}

fn longest_endpoint(fill: u8) -> Endpoint {
    let mut url: Vec<u8> = b"https://".to_vec();
    url.extend(vec![fill; ENDPOINT_BYTES_MAX as usize - url.len()]);
    url.try_into().expect("as long as the bound; qed")
}

/// As many and as long root certificates as there may be, `root` among them.
fn most_roots(root: RootCertificate) -> Roots {
    let mut roots = Roots::default();
    for fill in 1..ROOTS_MAX as u8 {
        let mut filler = vec![fill; ROOT_BYTES_MAX as usize];
        filler[0] = 0x30;
        let filler = filler.try_into().expect("as long as the bound; qed");
        roots.try_push(filler).expect("below the bound; qed");
    }
    roots.try_push(root).expect("the last one; qed");
    roots
}

/// Evidence that the chain accepts.
fn evidence<T: Config>() -> Evidence {
    let (root, evidence) = <(RootCertificate, Evidence)>::decode(&mut &EVIDENCE[..])
        .expect("a test compares the file; qed");
    let genesis_hash = T::Hash::decode(&mut &GENESIS_HASH[..]).expect("a hash has 32 bytes; qed");
    frame_system::BlockHash::<T>::insert(BlockNumberFor::<T>::zero(), genesis_hash);
    RootCertificates::<T>::put(most_roots(root));
    AllowedMeasurements::<T>::insert(MEASUREMENT.rules().0, 0);
    T::BenchmarkClock::set_now_s(NOW_S);
    evidence
}

/// An attestation that the chain accepts, by the rule that is looked at last.
pub(crate) fn allowed<T: Config>() -> Attestation {
    let measurement = Measurement::Sgx {
        mr_enclave: [1; 32],
        mr_signer: [2; 32],
        isv_prod_id: 3,
        isv_svn: 4,
    };
    if let (_, Some(signer)) = measurement.rules() {
        AllowedMeasurements::<T>::insert(signer, 0);
    }
    Attestation::Dcap {
        measurement,
        confidence_level: ConfidenceLevel::BEST,
        expires_at_s: u64::MAX,
    }
}

/// Registers a worker of `operator` through the call itself.
fn registered<T: Config>(operator: &T::AccountId) -> WorkerId {
    let (worker, signature) = signed::<T>(operator);
    Pallet::<T>::register(
        RawOrigin::Signed(operator.clone()).into(),
        worker,
        ENCRYPTION_KEY,
        longest_endpoint(b'a'),
        None,
        signature,
    )
    .expect("the registration is valid; qed");
    worker
}

fn signed<T: Config>(operator: &T::AccountId) -> (WorkerId, sr25519::Signature) {
    RequireAttestation::<T>::put(false);
    let seed = WORKER_SEED.as_bytes().to_vec();
    let public = sp_io::crypto::sr25519_generate(WORKER_KEY, Some(seed));
    let worker = WorkerId(public.0);
    let payload = Registration {
        genesis_hash: Pallet::<T>::genesis_hash(),
        operator: AccountBytes(operator.clone().into()),
        worker,
        encryption_key: ENCRYPTION_KEY,
        endpoint: &longest_endpoint(b'a'),
    }
    .signing_payload();
    let signature = sp_io::crypto::sr25519_sign(WORKER_KEY, &public, &payload)
        .expect("the key was just generated; qed");
    (worker, signature)
}

fn is_attested<T: Config>(worker: &WorkerId) -> bool {
    Workers::<T>::get(worker)
        .is_some_and(|info| matches!(info.attestation, Attestation::Dcap { .. }))
}

#[benchmarks(where T::Currency: Mutate<T::AccountId>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn register() {
        let operator = operator::<T>();
        let (worker, signature) = signed::<T>(&operator);

        #[extrinsic_call]
        _(
            RawOrigin::Signed(operator.clone()),
            worker,
            ENCRYPTION_KEY,
            longest_endpoint(b'a'),
            None,
            signature,
        );

        assert_eq!(Pallet::<T>::operator_of(&worker), Some(operator));
    }

    #[benchmark]
    fn register_attested() {
        let operator = operator::<T>();
        let evidence = evidence::<T>();
        let (worker, signature) = signed::<T>(&operator);

        #[extrinsic_call]
        register(
            RawOrigin::Signed(operator),
            worker,
            ENCRYPTION_KEY,
            longest_endpoint(b'a'),
            Some(evidence),
            signature,
        );

        assert!(is_attested::<T>(&worker));
    }

    #[benchmark]
    fn update_endpoint() {
        let operator = operator::<T>();
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
        let operator = operator::<T>();
        let worker = registered::<T>(&operator);

        #[extrinsic_call]
        _(RawOrigin::Signed(operator), worker);

        assert_eq!(Pallet::<T>::operator_of(&worker), None);
    }

    #[benchmark]
    fn renew() {
        let operator = operator::<T>();
        let evidence = evidence::<T>();
        let worker = registered::<T>(&operator);

        #[extrinsic_call]
        _(RawOrigin::Signed(operator), worker, evidence);

        assert!(is_attested::<T>(&worker));
    }

    #[benchmark]
    fn set_roots() -> Result<(), BenchmarkError> {
        let origin = T::MeasurementsOrigin::try_successful_origin()
            .map_err(|_| BenchmarkError::Weightless)?;
        let root = vec![0x30; ROOT_BYTES_MAX as usize];
        let roots = most_roots(root.try_into().expect("as long as the bound; qed"));

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, roots.clone());

        assert_eq!(RootCertificates::<T>::get(), roots);
        Ok(())
    }

    #[benchmark]
    fn allow_measurement() -> Result<(), BenchmarkError> {
        let origin = T::MeasurementsOrigin::try_successful_origin()
            .map_err(|_| BenchmarkError::Weightless)?;
        let rule = MEASUREMENT.rules().0;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, rule, 0);

        assert_eq!(AllowedMeasurements::<T>::get(rule), Some(0));
        Ok(())
    }

    #[benchmark]
    fn revoke_measurement() -> Result<(), BenchmarkError> {
        let origin = T::MeasurementsOrigin::try_successful_origin()
            .map_err(|_| BenchmarkError::Weightless)?;
        let rule = MEASUREMENT.rules().0;
        AllowedMeasurements::<T>::insert(rule, 0);

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, rule);

        assert_eq!(AllowedMeasurements::<T>::get(rule), None);
        Ok(())
    }

    #[benchmark]
    fn set_confidence_level_max() -> Result<(), BenchmarkError> {
        let origin =
            T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, ConfidenceLevel::BEST);

        assert_eq!(ConfidenceLevelMax::<T>::get(), ConfidenceLevel::BEST);
        Ok(())
    }

    #[benchmark]
    fn set_attestation_life() -> Result<(), BenchmarkError> {
        let origin =
            T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, 1);

        assert_eq!(AttestationLifeMaxS::<T>::get(), 1);
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
