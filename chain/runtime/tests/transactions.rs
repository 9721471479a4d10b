//! What a whole transaction does, its fee included.

mod support;

use frame_support::{
    assert_ok,
    traits::{Get, Hooks, QueryPreimage},
    weights::Weight,
};
use pallet_registry::Error as RegistryError;
use pallet_utility::Event as UtilityEvent;
use phat_primitives::{
    AccountBytes, ClusterId, CodeHash, ContractId, EncryptionKey, Registration, WorkerId,
};
use phat_runtime::{
    constants::PHA, genesis::DEV, BlockNumber, PhatContracts, Preimage, Registry, Runtime,
    RuntimeCall, RuntimeEvent, RuntimeOrigin, System,
};
use serde_json::json;
use sp_core::H256;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie};
use sp_runtime::DispatchError;
use support::{apply, apply_for, chain_in_block, genesis, merge, preset};

const CODE: &[u8] = b"export default () => new Uint8Array(1)";
/// As long as [`CODE`].
const OTHER: &[u8] = b"export default () => new Uint8Array(2)";
const SALT: [u8; 32] = [7; 32];

type RemovedKept = <Runtime as pallet_phat_contracts::Config>::RemovedKept;
const CLUSTER: ClusterId = ClusterId(0);

fn note(bytes: &[u8]) -> RuntimeCall {
    let bytes = bytes.to_vec();
    pallet_preimage::Call::<Runtime>::note_preimage { bytes }.into()
}

fn batch_all(calls: Vec<RuntimeCall>) -> RuntimeCall {
    pallet_utility::Call::<Runtime>::batch_all { calls }.into()
}

/// What a client sends to make a contract of code that is not on the chain yet.
fn deploy(code: &[u8]) -> RuntimeCall {
    let code_hash = CodeHash::of(code);
    let upload = pallet_phat_contracts::Call::<Runtime>::upload_code {
        code_hash,
        len: code.len() as u32,
    };
    let unnote = pallet_preimage::Call::<Runtime>::unnote_preimage {
        hash: H256(code_hash.0),
    };
    let instantiate = pallet_phat_contracts::Call::<Runtime>::instantiate {
        cluster: CLUSTER,
        code_hash,
        manifest: b"name = \"test\"".to_vec().try_into().expect("it is short"),
        salt: SALT,
    };
    batch_all(vec![
        note(code),
        upload.into(),
        unnote.into(),
        instantiate.into(),
    ])
}

fn contract(owner: Sr25519Keyring, code: &[u8]) -> ContractId {
    let owner = AccountBytes(owner.to_account_id().into());
    ContractId::derive(&owner, CLUSTER, &CodeHash::of(code), &SALT)
}

fn filtered() -> DispatchError {
    frame_system::Error::<Runtime>::CallFiltered.into()
}

#[test]
fn a_deployment_is_one_transaction() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        let (result, fee) = apply_for(Alice, deploy(CODE));
        assert_ok!(result);
        assert!(fee > 0);
        let id = contract(Alice, CODE);
        assert!(pallet_phat_contracts::Contracts::<Runtime>::contains_key(
            id
        ));

        // All of it can be undone, and then done again.
        let code_hash = CodeHash::of(CODE);
        assert_ok!(apply(
            Alice,
            pallet_phat_contracts::Call::<Runtime>::remove { contract: id }
        ));
        // The code is kept until receipts about the contract are not judged any more.
        let remove_code = pallet_phat_contracts::Call::<Runtime>::remove_code { code_hash };
        assert_eq!(
            apply(Alice, remove_code.clone()),
            Err(pallet_phat_contracts::Error::<Runtime>::CodeInUse.into())
        );
        let kept: BlockNumber = RemovedKept::get();
        let now = System::block_number() + kept;
        System::set_block_number(now);
        PhatContracts::on_idle(now, Weight::MAX);
        assert_ok!(apply(Alice, remove_code));
        assert_eq!(<Preimage as QueryPreimage>::len(&H256(code_hash.0)), None);
        assert_ok!(apply(Bob, deploy(CODE)));
    });
}

#[test]
fn nobody_notes_uploaded_code_again_for_nothing() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        let (result, fee) = apply_for(Bob, note(OTHER));
        assert_ok!(result);
        assert!(fee > 0);
        assert_ok!(apply(Alice, deploy(CODE)));

        // It is refused, and costs what noting anything of that length costs.
        assert_eq!(apply_for(Bob, note(CODE)), (Err(filtered()), fee));
        assert_eq!(apply_for(Alice, note(CODE)), (Err(filtered()), fee));

        let (result, batch_fee) = apply_for(Bob, batch_all(vec![note(CODE)]));
        assert_eq!(result, Err(filtered()));
        assert!(batch_fee > fee);

        let batch = pallet_utility::Call::<Runtime>::batch {
            calls: vec![note(CODE)],
        };
        let (result, batch_fee) = apply_for(Bob, batch);
        assert_ok!(result);
        assert!(batch_fee > fee);
        let interrupted = UtilityEvent::BatchInterrupted {
            index: 0,
            error: filtered(),
        };
        System::assert_has_event(RuntimeEvent::Utility(interrupted));

        // Nor does it help that it was somebody else's bytes first, whose deposit is still held.
        let upload = pallet_phat_contracts::Call::<Runtime>::upload_code {
            code_hash: CodeHash::of(OTHER),
            len: OTHER.len() as u32,
        };
        assert_ok!(apply(Charlie, upload));
        assert_eq!(apply_for(Bob, note(OTHER)), (Err(filtered()), fee));
    });
}

#[test]
fn requested_bytes_are_free_to_note_once() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        let hash = H256(CodeHash::of(CODE).0);
        assert_ok!(Preimage::request_preimage(RuntimeOrigin::root(), hash));
        assert_eq!(apply_for(Bob, note(CODE)), (Ok(()), 0));
        let (result, fee) = apply_for(Bob, note(CODE));
        assert_eq!(result, Err(filtered()));
        assert!(fee > 0);
    });
}

/// A network that does not ask for the development presets takes no worker on its word.
#[test]
fn the_default_genesis_refuses_a_worker_without_attestation() {
    let mut genesis = preset(None);
    let balances = json!([[Bob.to_account_id(), 1_000_000 * PHA as u64]]);
    merge(
        &mut genesis,
        json!({ "balances": { "balances": balances } }),
    );
    chain_in_block(genesis).execute_with(|| {
        let (worker, encryption_key) = (WorkerId(Charlie.public().0), EncryptionKey([7; 32]));
        let endpoint = b"https://worker.example".to_vec();
        let payload = Registration {
            genesis_hash: Registry::genesis_hash(),
            operator: AccountBytes(Bob.to_account_id().into()),
            worker,
            encryption_key,
            endpoint: &endpoint,
        }
        .signing_payload();
        let register = pallet_registry::Call::<Runtime>::register {
            worker,
            encryption_key,
            endpoint: endpoint.clone().try_into().expect("it is short"),
            evidence: None,
            signature: Charlie.sign(&payload),
        };
        let (result, fee) = apply_for(Bob, register.clone());
        assert_eq!(
            result,
            Err(RegistryError::<Runtime>::AttestationRequired.into())
        );
        assert!(fee > 0);

        // Nothing else is wrong with it.
        pallet_registry::RequireAttestation::<Runtime>::put(false);
        assert_ok!(apply(Bob, register));
    });
}
