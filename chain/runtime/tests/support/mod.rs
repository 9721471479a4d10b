//! Chains in memory, and transactions on them.

#![allow(dead_code, reason = "each test file uses a part of it")]

use codec::Encode;
use frame_support::{assert_ok, traits::fungible::Inspect};
use phat_runtime::{
    AccountId, Balance, Balances, Executive, Hash, Runtime, RuntimeCall, SignedPayload, System,
    TxExtension, UncheckedExtrinsic,
};
use serde_json::Value;
use sp_genesis_builder::runtime_decl_for_genesis_builder::GenesisBuilder;
use sp_io::TestExternalities;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{generic::Era, DispatchResult};

/// Merges `patch` into `target` as RFC 7386 says.
pub fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(target.entry(key).or_insert(Value::Null), value);
            }
        }
        (target, patch) => *target = patch,
    }
}

/// The preset `name`, or the default genesis.
pub fn preset(name: Option<&str>) -> Value {
    let bytes = Runtime::get_preset(&name.map(Into::into)).expect("the preset exists");
    serde_json::from_slice(&bytes).expect("the preset is JSON")
}

/// The genesis of the preset `name` with `patch` on top.
pub fn genesis(name: &str, patch: Value) -> Value {
    let mut genesis = preset(None);
    merge(&mut genesis, preset(Some(name)));
    merge(&mut genesis, patch);
    genesis
}

/// A chain with this genesis, before its first block.
pub fn chain(genesis: Value) -> TestExternalities {
    let mut ext = TestExternalities::new_empty();
    ext.execute_with(|| {
        assert_ok!(Runtime::build_state(genesis.to_string().into_bytes()));
    });
    ext
}

/// The same in its first block.
pub fn chain_in_block(genesis: Value) -> TestExternalities {
    let mut ext = chain(genesis);
    ext.execute_with(|| System::initialize(&1, &Hash::repeat_byte(7), &Default::default()));
    ext
}

/// Has a transaction of `signer` run in the block, as a node does.
pub fn apply(signer: Sr25519Keyring, call: impl Into<RuntimeCall>) -> DispatchResult {
    let (account, call) = (signer.to_account_id(), call.into());
    let extension: TxExtension = (
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        frame_system::CheckEra::from(Era::Immortal),
        frame_system::CheckNonce::from(System::account_nonce(&account)),
        frame_system::CheckWeight::new(),
        pallet_transaction_payment::ChargeTransactionPayment::from(0),
        frame_metadata_hash_extension::CheckMetadataHash::new(false),
        frame_system::WeightReclaim::new(),
    );
    let payload = SignedPayload::new(call.clone(), extension.clone()).expect("all is known");
    let signature = payload.using_encoded(|bytes| signer.sign(bytes));
    let transaction =
        UncheckedExtrinsic::new_signed(call, account.into(), signature.into(), extension);
    Executive::apply_extrinsic(transaction).expect("the transaction is valid")
}

/// The same, and the fee that it paid.
pub fn apply_for(
    signer: Sr25519Keyring,
    call: impl Into<RuntimeCall>,
) -> (DispatchResult, Balance) {
    let account: AccountId = signer.to_account_id();
    // What is on hold counts too.
    let before = Balances::total_balance(&account);
    let result = apply(signer, call);
    (result, before - Balances::total_balance(&account))
}
