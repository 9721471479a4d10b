//! The benchmarks that the weights are measured with.

use alloc::{format, string::String, vec, vec::Vec};

use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::traits::{Get, fungible::Mutate};
use frame_system::{RawOrigin, pallet_prelude::BlockNumberFor};
use pallet_phat_contracts::ClusterLookup;
use pallet_registry::{OnWorkerDeregistered, WorkerLookup};
use phat_primitives::{
    ClusterId, CodeHash, ContractId, ReceiptHash, RequestId, WorkerId,
    challenges::{ChallengeId, PanelVote, ReplayedRun, Verdict},
    limits::{DATA_URL_BYTES_MAX, RECEIPT_BODY_BYTES_MAX},
    receipt::{Origin, ReceiptBody, RunResult},
    receipts::{BATCH_RECEIPTS_MAX, ReceiptBatch},
};
use sp_core::{crypto::KeyTypeId, sr25519};
use sp_runtime::traits::{One, Saturating};

use crate::*;

const WORKER_KEY: KeyTypeId = KeyTypeId(*b"phat");
const CLUSTER: ClusterId = ClusterId(1_000);
const CONTRACT: ContractId = ContractId([3; 32]);
const CODE: CodeHash = CodeHash([4; 32]);

fn challenger<T: Config>() -> T::AccountId
where
    T::Currency: Mutate<T::AccountId>,
{
    let account = account("challenger", 0, 0);
    T::Currency::set_balance(&account, T::ChallengeDeposit::get() * 1_000u32.into());
    account
}

/// A registered and active worker whose key is at hand.
fn worker<T: Config>(number: u32) -> WorkerId {
    let seed = format!("//benchmark{number}").into_bytes();
    let public = sp_io::crypto::sr25519_generate(WORKER_KEY, Some(seed));
    let worker = WorkerId(public.0);
    T::Workers::register_for_benchmark(&account("operator", 0, 0), worker);
    worker
}

fn sign(worker: WorkerId, payload: &[u8]) -> sr25519::Signature {
    let public = sr25519::Public::from_raw(worker.0);
    sp_io::crypto::sr25519_sign(WORKER_KEY, &public, payload).expect("the key is at hand; qed")
}

/// A registered and active worker that never signs.
fn silent<T: Config>(number: u32) -> WorkerId {
    let mut worker = WorkerId([1; 32]);
    worker.0[..4].copy_from_slice(&number.to_be_bytes());
    T::Workers::register_for_benchmark(&account("operator", 0, 0), worker);
    worker
}

/// The longest receipt.
fn receipt<T: Config>(accused: WorkerId) -> ReceiptBody {
    let mut body = ReceiptBody {
        genesis_hash: Pallet::<T>::genesis_hash(),
        worker: accused,
        contract: CONTRACT,
        code_hash: CODE,
        engine_hash: [5; 32],
        request: RequestId([6; 32]),
        origin: Origin::Anchor {
            chain: String::new(),
            anchor: vec![7; 20],
            number: [8; 32],
            block: u64::MAX,
        },
        input_hash: [9; 32],
        result: RunResult::Succeeded,
        output_hash: [10; 32],
        transcript_root: [11; 32],
        fuel_used: u64::MAX,
        ended_at_ms: u64::MAX,
    };
    // The length of a longer text takes up to one byte more.
    let left = RECEIPT_BODY_BYTES_MAX as usize - body.encoded_size() - 1;
    if let Origin::Anchor { chain, .. } = &mut body.origin {
        *chain = String::from_utf8(vec![b'c'; left]).expect("the text is ASCII; qed");
    }
    body
}

fn longest_url() -> DataUrl {
    let mut url: Vec<u8> = b"https://".to_vec();
    url.extend(vec![b'a'; DATA_URL_BYTES_MAX as usize - url.len()]);
    url.try_into().expect("as long as the bound; qed")
}

/// An open challenge whose panel is one vote from finding a fault. Gives the member that is to
/// vote.
fn almost_proven<T: Config>(challenger: &T::AccountId) -> (ChallengeId, WorkerId, Verdict)
where
    T::Currency: Mutate<T::AccountId>,
{
    let accused = worker::<T>(0);
    let last = worker::<T>(1);
    let verdict = Verdict::Differs(ReplayedRun {
        result: RunResult::Failed,
        output_hash: [1; 32],
        fuel_used: 2,
    });
    let size = T::PanelSize::get();
    let mut seats = vec![Seat {
        worker: last,
        verdict: None,
    }];
    seats.extend((1..size).map(|number| Seat {
        worker: silent::<T>(number),
        verdict: (number <= size / 2).then_some(verdict),
    }));
    // The vote is counted in this block at the latest; blocks begin at 1.
    let deadline = frame_system::Pallet::<T>::block_number().max(One::one());
    let challenge = Challenge {
        challenger: challenger.clone(),
        deposit: T::ChallengeDeposit::get(),
        receipt: ReceiptHash([2; 32]),
        accused,
        contract: CONTRACT,
        claimed: ReplayedRun {
            result: RunResult::Succeeded,
            output_hash: [0; 32],
            fuel_used: 1,
        },
        data_url: longest_url(),
        panel: Panel::<T>::truncate_from(seats),
        opened_at: deadline,
        deadline,
    };
    let id = Pallet::<T>::do_open(challenge).expect("the challenger can pay; qed");
    (id, last, verdict)
}

/// A worker that left when it had published as many batches as are stored.
fn left<T: Config>() {
    let worker = silent::<T>(0);
    let count = CLEARED_PER_BLOCK_MAX;
    for number in 0..count {
        let batch = BatchInfo {
            count: 1,
            root: [1; 32],
            published_at: BlockNumberFor::<T>::one(),
        };
        Batches::<T>::insert(worker, number, batch);
    }
    Heads::<T>::insert(
        worker,
        BatchHead {
            first: 0,
            next: count,
            hash: [2; 32],
        },
    );
    Pallet::<T>::on_worker_deregistered(&worker);
}

#[benchmarks(where T::Currency: Mutate<T::AccountId>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn publish_batch() {
        let caller = challenger::<T>();
        let worker = worker::<T>(0);
        // One is removed for the one that is published.
        let next = T::MaxBatches::get();
        let head = BatchHead {
            first: 0,
            next,
            hash: [1; 32],
        };
        Heads::<T>::insert(worker, head);
        let oldest = BatchInfo {
            count: 1,
            root: [1; 32],
            published_at: BlockNumberFor::<T>::one(),
        };
        Batches::<T>::insert(worker, 0, oldest);
        let batch = ReceiptBatch {
            genesis_hash: Pallet::<T>::genesis_hash(),
            worker,
            number: next,
            count: BATCH_RECEIPTS_MAX,
            root: [2; 32],
            previous: [1; 32],
        };
        let signature = sign(worker, &batch.signing_payload());

        #[extrinsic_call]
        _(
            RawOrigin::Signed(caller),
            worker,
            next,
            batch.count,
            batch.root,
            signature,
        );

        assert!(Batches::<T>::contains_key(worker, next));
        assert!(!Batches::<T>::contains_key(worker, 0));
    }

    #[benchmark]
    fn challenge(m: Linear<3, 1024>) {
        let caller = challenger::<T>();
        let accused = worker::<T>(0);
        let members = (0..m).map(silent::<T>).collect();
        T::Clusters::serve_for_benchmark(CLUSTER, members, CONTRACT, CODE);
        let body = receipt::<T>(accused);
        let signature = sign(accused, &body.signing_payload());
        let receipt = body
            .encode()
            .try_into()
            .expect("no longer than the bound; qed");

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), receipt, signature, longest_url());

        assert_eq!(Challenges::<T>::count(), 1);
    }

    #[benchmark]
    fn vote() {
        let caller = challenger::<T>();
        let (id, worker, verdict) = almost_proven::<T>(&caller);
        let ballot = PanelVote {
            genesis_hash: Pallet::<T>::genesis_hash(),
            challenge: id,
            receipt: ReceiptHash([2; 32]),
            worker,
            verdict,
        };
        let signature = sign(worker, &ballot.signing_payload());

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, worker, verdict, signature);

        assert_eq!(Challenges::<T>::count(), 0);
        assert_eq!(Faults::<T>::iter_keys().count(), 1);
    }

    #[benchmark]
    fn close() {
        let caller = challenger::<T>();
        let (id, _, _) = almost_proven::<T>(&caller);
        // So that a part of the deposit is lost and the rest returned.
        Challenges::<T>::mutate(id, |stored| {
            let open = stored.as_mut().expect("it was opened; qed");
            for seat in &mut open.panel {
                seat.verdict = None;
            }
        });
        let later = frame_system::Pallet::<T>::block_number().max(One::one());
        frame_system::Pallet::<T>::set_block_number(later.saturating_add(One::one()));

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id);

        assert_eq!(Challenges::<T>::count(), 0);
    }

    #[benchmark]
    fn clear_batches(n: Linear<0, CLEARED_PER_BLOCK_MAX>) {
        left::<T>();

        #[block]
        {
            Pallet::<T>::clear(n);
        }

        let remaining = Batches::<T>::iter_keys().count() as u32;
        assert_eq!(remaining, CLEARED_PER_BLOCK_MAX - n);
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
