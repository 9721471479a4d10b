//! Transactions of workers, which are free of charge, as a node takes them.

mod support;

use frame_support::assert_ok;
use pallet_computation::{Benchmark, ChallengeInfo, Sessions};
use pallet_registry::{Endpoint, WorkerInfo};
use phat_primitives::{heartbeat::Heartbeat, Attestation, EncryptionKey, WorkerId};
use phat_runtime::{
    constants::PHA, genesis::DEV, AccountId, Balance, Balances, Computation, Executive, Hash,
    Runtime, RuntimeCall, System, UncheckedExtrinsic,
};
use phat_workload::Commitment;
use serde_json::json;
use sp_core::{sr25519, Pair};
use sp_keyring::Sr25519Keyring::Alice;
use sp_runtime::transaction_validity::{
    InvalidTransaction, TransactionSource, TransactionValidity, TransactionValidityError,
};
use support::{chain_in_block, genesis};

const RANDOMNESS: [u8; 32] = [1; 32];
const STAKE: Balance = 10_000 * PHA;

fn key() -> sr25519::Pair {
    sr25519::Pair::from_seed(&[5; 32])
}

fn worker() -> WorkerId {
    WorkerId(key().public().0)
}

/// Registers the worker, starts its session with a stake of Alice's, and challenges it.
fn challenged() -> Heartbeat {
    let now = System::block_number();
    let info = WorkerInfo {
        operator: Alice.to_account_id(),
        encryption_key: EncryptionKey::default(),
        endpoint: Endpoint::default(),
        attestation: Attestation::None,
        deposit: 0,
        registered_at: now,
    };
    pallet_registry::Workers::<Runtime>::insert(worker(), info);
    let benchmark = Benchmark {
        p: 100,
        proven_at: now,
        proven_at_s: 0,
    };
    pallet_computation::Benchmarks::<Runtime>::insert(worker(), benchmark);
    pallet_computation::NotedRandomness::<Runtime>::insert(now, RANDOMNESS);
    assert_ok!(<Computation as Sessions<AccountId, Balance>>::start(
        worker(),
        &Alice.to_account_id(),
        STAKE
    ));
    let later = now + 100;
    System::set_block_number(later);
    let challenge = ChallengeInfo {
        challenged_at: later,
        randomness: RANDOMNESS,
        challenged_at_ms: 0,
        deadline: later + 10,
        missed: false,
    };
    pallet_computation::OpenChallenges::<Runtime>::insert(worker(), challenge);
    Heartbeat {
        worker: worker(),
        session: 0,
        challenged_at: later,
        iterations: 0,
        commitment: Commitment::NOTHING,
        openings: Default::default(),
    }
}

fn transaction(heartbeat: &Heartbeat) -> UncheckedExtrinsic {
    let payload = heartbeat.signing_payload(&Computation::genesis_hash());
    let call = RuntimeCall::from(pallet_computation::Call::<Runtime>::heartbeat {
        heartbeat: heartbeat.clone(),
        signature: key().sign(&payload),
    });
    UncheckedExtrinsic::new_bare(call)
}

fn validity(heartbeat: &Heartbeat) -> TransactionValidity {
    let source = TransactionSource::External;
    Executive::validate_transaction(source, transaction(heartbeat), Hash::repeat_byte(7))
}

#[test]
fn a_heartbeat_costs_nothing_and_is_taken_once() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        let heartbeat = challenged();
        let before = Balances::free_balance(Alice.to_account_id());
        let result = Executive::apply_extrinsic(transaction(&heartbeat));
        assert_ok!(result.expect("it is valid"));
        // It was paid for, and nothing was taken.
        assert!(Balances::free_balance(Alice.to_account_id()) > before);
        let stale = Err(TransactionValidityError::Invalid(InvalidTransaction::Stale));
        let again = Executive::apply_extrinsic(transaction(&heartbeat));
        assert_eq!(again.map(|_| ()), stale.clone());
        assert_eq!(validity(&heartbeat).map(|_| ()), stale);
    });
}

#[test]
fn a_pool_refuses_a_heartbeat_that_answers_no_challenge() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        let heartbeat = challenged();
        let other = Heartbeat {
            challenged_at: heartbeat.challenged_at - 1,
            ..heartbeat
        };
        assert_eq!(
            validity(&other),
            Err(TransactionValidityError::Invalid(InvalidTransaction::Stale))
        );
    });
}
