//! A runtime of the pallet, and contracts that tests set, for its tests.

use std::collections::BTreeMap;

use frame_support::{
    derive_impl,
    dispatch::DispatchResult,
    parameter_types,
    traits::{
        VariantCountOf,
        fungible::{Inspect, InspectHold},
    },
};
use frame_system::EnsureRoot;
use pallet_phat_contracts::{ClusterLookup, OnContractCreated, OnContractRemoved};
use phat_primitives::{ClusterId, CodeHash, ContractId, WorkerId};
use sp_runtime::{AccountId32, BuildStorage, traits::IdentityLookup};

use crate::HoldReason;

pub const ALICE: AccountId32 = AccountId32::new([1; 32]);
pub const BOB: AccountId32 = AccountId32::new([2; 32]);
pub const BALANCE: u64 = 1_000;
pub const MINIMUM: u64 = 10;
pub const CLUSTER: ClusterId = ClusterId(0);
pub const OTHER_CLUSTER: ClusterId = ClusterId(1);
/// A contract of [`CLUSTER`].
pub const ONE: ContractId = ContractId([7; 32]);
/// Another.
pub const TWO: ContractId = ContractId([8; 32]);
/// One of [`OTHER_CLUSTER`].
pub const ELSEWHERE: ContractId = ContractId([9; 32]);

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        ContractStake: crate,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type RuntimeHoldReason = RuntimeHoldReason;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
}

parameter_types! {
    pub const MinimumStakeDefault: u64 = MINIMUM;
    /// The contracts that are there.
    pub static Served: BTreeMap<ContractId, ClusterId> = BTreeMap::new();
}

/// Clusters that serve [`Served`].
pub struct Clusters;

impl ClusterLookup for Clusters {
    fn contract(contract: &ContractId) -> Option<(ClusterId, CodeHash)> {
        let cluster = Served::get().get(contract).copied();
        cluster.map(|cluster| (cluster, CodeHash::default()))
    }

    fn is_active_member(_worker: &WorkerId, _cluster: ClusterId) -> bool {
        false
    }

    fn active_members(_cluster: ClusterId) -> Vec<WorkerId> {
        Vec::new()
    }

    fn members_count(_cluster: ClusterId) -> u32 {
        0
    }

    fn members_max() -> u32 {
        16
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn serve_for_benchmark(
        cluster: ClusterId,
        _members: Vec<WorkerId>,
        contract: ContractId,
        _code_hash: CodeHash,
    ) {
        Served::mutate(|list| list.insert(contract, cluster));
    }
}

impl crate::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Clusters = Clusters;
    type GovernanceOrigin = EnsureRoot<AccountId32>;
    type MinimumStakeDefault = MinimumStakeDefault;
    type WeightInfo = ();
}

/// A chain with two accounts and no contract.
pub fn new_test_ext() -> sp_io::TestExternalities {
    let mut ext = sp_io::TestExternalities::new(
        RuntimeGenesisConfig {
            balances: pallet_balances::GenesisConfig {
                balances: vec![(ALICE, BALANCE), (BOB, BALANCE)],
                ..Default::default()
            },
            ..Default::default()
        }
        .build_storage()
        .expect("the genesis is valid"),
    );
    ext.execute_with(|| System::set_block_number(1));
    ext
}

/// Runs `test` on a chain with the contracts [`ONE`], [`TWO`] and [`ELSEWHERE`], and then checks the
/// invariants.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        populate();
        test();
        ContractStake::do_try_state().expect("the invariants hold after every test");
    });
}

pub fn populate() {
    let contracts = [(ONE, CLUSTER), (TWO, CLUSTER), (ELSEWHERE, OTHER_CLUSTER)];
    Served::set(contracts.into());
}

/// Creates a contract as the contracts pallet does.
pub fn create(contract: ContractId, cluster: ClusterId) {
    Served::mutate(|list| list.insert(contract, cluster));
    ContractStake::on_contract_created(&contract);
}

/// Removes a contract as the contracts pallet does.
pub fn remove(contract: ContractId) {
    Served::mutate(|list| list.remove(&contract));
    ContractStake::on_contract_removed(&contract);
}

pub fn stake(who: &AccountId32, contract: ContractId, amount: u64) -> DispatchResult {
    ContractStake::stake(RuntimeOrigin::signed(who.clone()), contract, amount)
}

pub fn unstake(who: &AccountId32, contract: ContractId, amount: u64) -> DispatchResult {
    ContractStake::unstake(RuntimeOrigin::signed(who.clone()), contract, amount)
}

pub fn held(who: &AccountId32) -> u64 {
    Balances::balance_on_hold(&HoldReason::Stake.into(), who)
}

pub fn free(who: &AccountId32) -> u64 {
    Balances::balance(who)
}
