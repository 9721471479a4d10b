//! The genesis of the networks that the runtime knows by name.
//!
//! Both are for development: their validators, their root account and everybody who has a
//! balance are the well-known accounts `//Alice`, `//Bob` and so on, whose keys everybody has.
//! They require no attestation, and accept that of the simulator, whose keys everybody has too.
//! Contracts run there without stake.
//! A real network has a genesis of its own, which the node reads from a chain specification; its
//! defaults are the safe ones: no root account, attestation required, Intel's root certificate,
//! and no software allowed before the genesis or governance names some.

use alloc::{string::ToString, vec, vec::Vec};

use frame_support::build_struct_json_patch;
use phat_primitives::attestation::{MeasurementRule, SIMULATED_MR_ENCLAVE};
use phat_tokenomics::Fixed;
use serde_json::Value;
use sp_core::Bytes;
use sp_genesis_builder::PresetId;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

use crate::{
    constants::{BABE_GENESIS_EPOCH_CONFIG, MILLIPHA, PHA},
    AccountId, BabeConfig, Balance, BalancesConfig, ComputationConfig, ContractStakeConfig,
    NetworkConfig, PhatContractsConfig, RegistryConfig, RuntimeGenesisConfig, SessionConfig,
    SessionKeys, SudoConfig, Treasury,
};

/// One validator, `//Alice`, and a block every second.
pub const DEV: &str = "dev";

/// Three validators, `//Alice`, `//Bob` and `//Charlie`, and a block every three seconds.
pub const LOCAL: &str = "local";

const DEV_SLOT_MILLIS: u64 = 1_000;
const LOCAL_SLOT_MILLIS: u64 = 3_000;

/// An hour of governance on a public network is a second on these.
const GOVERNANCE_SPEED: u32 = 3_600;

/// The certificate of the simulated Intel's root, in DER. A test compares it with the simulator.
const SIMULATOR_ROOT_CA: &[u8] = include_bytes!("simulator-root-ca.der");

/// How long development chains wait between two challenges of a worker, in seconds.
const CHALLENGE_GAP_S: u64 = 60;

/// How long a worker has to answer one there, in seconds. The published two minutes are longer than
/// the time between two challenges.
const HEARTBEAT_WINDOW_S: u64 = 30;

/// How long the benchmark of a worker takes on development chains at the least, in seconds.
const BENCHMARK_S: u64 = 12;

/// What each development account has, and the treasury.
const ENDOWMENT: Balance = 1_000_000 * PHA;

/// What a contract counts for that nobody has staked to: a tenth of the least stake.
const FREE_ALLOWANCE: Balance = 100 * MILLIPHA;

/// The presets' names.
pub fn names() -> Vec<PresetId> {
    [DEV, LOCAL].into_iter().map(PresetId::from).collect()
}

/// The genesis of the network `name`, as a patch in JSON over the default genesis.
pub fn preset(name: &PresetId) -> Option<Vec<u8>> {
    let patch = match name.as_str() {
        DEV => development(&[Validator::ALICE], DEV_SLOT_MILLIS),
        LOCAL => development(
            &[Validator::ALICE, Validator::BOB, Validator::CHARLIE],
            LOCAL_SLOT_MILLIS,
        ),
        _ => return None,
    };
    Some(patch.to_string().into_bytes())
}

/// A validator whose keys everybody has.
struct Validator {
    account: Sr25519Keyring,
    grandpa: Ed25519Keyring,
}

impl Validator {
    const ALICE: Self = Self {
        account: Sr25519Keyring::Alice,
        grandpa: Ed25519Keyring::Alice,
    };
    const BOB: Self = Self {
        account: Sr25519Keyring::Bob,
        grandpa: Ed25519Keyring::Bob,
    };
    const CHARLIE: Self = Self {
        account: Sr25519Keyring::Charlie,
        grandpa: Ed25519Keyring::Charlie,
    };

    fn session(&self) -> (AccountId, AccountId, SessionKeys) {
        let keys = SessionKeys {
            babe: self.account.public().into(),
            grandpa: self.grandpa.public().into(),
        };
        (
            self.account.to_account_id(),
            self.account.to_account_id(),
            keys,
        )
    }
}

fn development(validators: &[Validator], slot_millis: u64) -> Value {
    let balances: Vec<(AccountId, Balance)> = Sr25519Keyring::well_known()
        .map(|account| account.to_account_id())
        .chain([Treasury::account_id()])
        .map(|account| (account, ENDOWMENT))
        .collect();
    build_struct_json_patch!(RuntimeGenesisConfig {
        babe: BabeConfig {
            epoch_config: BABE_GENESIS_EPOCH_CONFIG
        },
        session: SessionConfig {
            keys: validators.iter().map(Validator::session).collect()
        },
        balances: BalancesConfig { balances },
        network: NetworkConfig {
            slot_millis,
            governance_speed: GOVERNANCE_SPEED
        },
        sudo: SudoConfig {
            key: Some(Sr25519Keyring::Alice.to_account_id())
        },
        registry: RegistryConfig {
            require_attestation: false,
            root_certificates: vec![Bytes(SIMULATOR_ROOT_CA.to_vec())],
            allowed_measurements: vec![(simulated(), 0)],
        },
        phat_contracts: PhatContractsConfig { clusters: 1 },
        contract_stake: ContractStakeConfig {
            free_allowance: FREE_ALLOWANCE
        },
        computation: ComputationConfig {
            pha_price: Fixed::from_ratio(1, 10),
            // Nobody is there to say it again.
            price_life_s: 0,
            heartbeat_window_s: Some(HEARTBEAT_WINDOW_S),
            challenge_gap_s: CHALLENGE_GAP_S,
            benchmark_s: BENCHMARK_S,
        },
    })
}

/// What workers on simulated platforms run.
fn simulated() -> MeasurementRule {
    MeasurementRule::SgxEnclave {
        mr_enclave: SIMULATED_MR_ENCLAVE,
    }
}
