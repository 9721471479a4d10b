//! The state transition function of the Phat chain.
//!
//! The crate is built twice: to Wasm, which is what a chain stores and a node runs, and
//! natively, for tests and for the types that the node needs.
//!
//! One runtime serves every network. What differs between networks, such as the time between
//! blocks, is fixed by the genesis: see [`network`] and [`genesis`].

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "256"]

extern crate alloc;

pub mod accounts;
mod anchor;
mod apis;
mod bridge;
mod configs;
pub mod constants;
pub mod genesis;
pub mod governance;
pub mod network;
mod pools;
pub mod workers_api;

use alloc::vec::Vec;

use frame_support::runtime;
use sp_runtime::{
    generic, impl_opaque_keys,
    traits::{BlakeTwo256, IdentifyAccount, Verify},
    MultiAddress, MultiSignature,
};
use sp_version::{runtime_version, RuntimeVersion};

pub use apis::{RuntimeApi, RUNTIME_API_VERSIONS};

/// The runtime's Wasm, in the forms that the build made of it.
#[cfg(feature = "std")]
#[allow(dead_code, reason = "the build writes more constants than are used")]
mod wasm {
    include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));
}

#[cfg(feature = "std")]
pub use wasm::WASM_BINARY;

/// A signature of a transaction.
pub type Signature = MultiSignature;

/// An account.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;

/// An amount of PHA, in units of 10⁻¹² PHA.
pub type Balance = u128;

/// How many transactions an account has made.
pub type Nonce = u32;

/// A hash.
pub type Hash = sp_core::H256;

/// The number of a block.
pub type BlockNumber = u32;

/// How transactions name accounts.
pub type Address = MultiAddress<AccountId, ()>;

/// The header of a block.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;

/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// What a transaction carries besides its call. The order is part of the format.
pub type TxExtension = (
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckEra<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
    frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
    frame_system::WeightReclaim<Runtime>,
);

/// A transaction or an inherent, not yet checked.
pub type UncheckedExtrinsic =
    generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;

/// What a transaction's signature is over.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// Runs blocks.
pub type Executive = frame_executive::Executive<
    Runtime,
    Block,
    frame_system::ChainContext<Runtime>,
    Runtime,
    AllPalletsWithSystem,
>;

/// The types that the node knows, which hold through upgrades of the runtime.
pub mod opaque {
    use sp_runtime::{generic, traits::BlakeTwo256};

    pub use sp_runtime::OpaqueExtrinsic as UncheckedExtrinsic;

    /// The header of a block.
    pub type Header = generic::Header<super::BlockNumber, BlakeTwo256>;

    /// A block whose transactions are bytes.
    pub type Block = generic::Block<Header, UncheckedExtrinsic>;
}

impl_opaque_keys! {
    /// The keys that a validator signs blocks and votes with.
    pub struct SessionKeys {
        /// For making blocks.
        pub babe: Babe,
        /// For finalising blocks.
        pub grandpa: Grandpa,
    }
}

/// What version of the runtime this is.
#[cfg(not(feature = "next-version"))]
#[runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: alloc::borrow::Cow::Borrowed("phat"),
    impl_name: alloc::borrow::Cow::Borrowed("phat-node"),
    authoring_version: 1,
    spec_version: 1,
    impl_version: 1,
    apis: RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

/// The same runtime under the number after that, which a test upgrades a chain to.
#[cfg(feature = "next-version")]
#[runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: alloc::borrow::Cow::Borrowed("phat"),
    impl_name: alloc::borrow::Cow::Borrowed("phat-node"),
    authoring_version: 1,
    spec_version: 2,
    impl_version: 1,
    apis: RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

#[runtime]
mod runtime {
    /// The runtime: which pallets it has, and their indices in calls, events and errors.
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;

    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp;

    // Consensus.
    #[runtime::pallet_index(2)]
    pub type Babe = pallet_babe;
    #[runtime::pallet_index(3)]
    pub type Authorship = pallet_authorship;
    #[runtime::pallet_index(4)]
    pub type Session = pallet_session;
    #[runtime::pallet_index(5)]
    pub type Grandpa = pallet_grandpa;

    // Money.
    #[runtime::pallet_index(6)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(7)]
    pub type TransactionPayment = pallet_transaction_payment;

    // Gives its account the least balance at the genesis.
    #[runtime::pallet_index(13)]
    pub type Treasury = pallet_treasury;

    // Has to come after all that issue PHA: it checks what the genesis has issued.
    #[runtime::pallet_index(8)]
    pub type Network = crate::network;

    // Tools.
    #[runtime::pallet_index(9)]
    pub type Utility = pallet_utility;
    #[runtime::pallet_index(10)]
    pub type Preimage = pallet_preimage;

    // Has no key, and so no use, except on development chains.
    #[runtime::pallet_index(11)]
    pub type Sudo = pallet_sudo;

    // Governance.
    #[runtime::pallet_index(12)]
    pub type Scheduler = pallet_scheduler;
    #[runtime::pallet_index(14)]
    pub type Referenda = pallet_referenda;
    #[runtime::pallet_index(15)]
    pub type ConvictionVoting = pallet_conviction_voting;
    #[runtime::pallet_index(16)]
    pub type Origins = crate::governance::origins;

    // Accounts, and shares of pools and vaults.
    #[runtime::pallet_index(17)]
    pub type Assets = pallet_assets;
    #[runtime::pallet_index(18)]
    pub type Multisig = pallet_multisig;
    #[runtime::pallet_index(19)]
    pub type Proxy = pallet_proxy;

    // The engine.
    #[runtime::pallet_index(20)]
    pub type Registry = pallet_registry;
    #[runtime::pallet_index(21)]
    pub type PhatContracts = pallet_phat_contracts;
    #[runtime::pallet_index(22)]
    pub type ClusterKeys = pallet_cluster_keys;
    // Has to come after `Network`: its parameters are those of the block time.
    #[runtime::pallet_index(23)]
    pub type Computation = pallet_computation;
    #[runtime::pallet_index(24)]
    pub type ContractStake = pallet_contract_stake;
    #[runtime::pallet_index(25)]
    pub type Receipts = pallet_receipts;

    // The economy.
    #[runtime::pallet_index(26)]
    pub type StakePool = pallet_stake_pool;
    #[runtime::pallet_index(27)]
    pub type Vault = pallet_vault;

    // Delivery.
    #[runtime::pallet_index(28)]
    pub type Anchor = pallet_phat_anchor;
    #[runtime::pallet_index(29)]
    pub type Bridge = pallet_pha_bridge;
}

/// The metadata of the runtime, in the form that clients generate their types from: the SCALE
/// encoding of `RuntimeMetadataPrefixed`, version 15.
///
/// Some constants are read from the chain's state, so this has to run inside externalities.
/// Clients are made from the metadata of an empty state.
#[cfg(feature = "std")]
pub fn metadata() -> Option<Vec<u8>> {
    Runtime::metadata_at_version(constants::CLIENT_METADATA_VERSION).map(|opaque| opaque.to_vec())
}
