//! What referenda can do, what they cannot, and that nobody can without one.

mod support;

use frame_support::{
    assert_ok,
    traits::{
        fungible::Inspect,
        schedule::DispatchTime,
        tokens::{Fortitude, Preservation},
        Bounded, Get, Hooks, PalletsInfoAccess, StorePreimage,
    },
};
use pallet_conviction_voting::{AccountVote, Conviction, Vote};
use pallet_referenda::{ReferendumInfo, ReferendumInfoFor, TracksInfo};
use phat_primitives::attestation::{MeasurementRule, SIMULATED_MR_ENCLAVE};
use phat_runtime::{
    constants::{BIG_SPEND_MAX, MINING_POOL, PHA, SMALL_SPEND_MAX},
    genesis::{DEV, LOCAL},
    governance::{
        origins::Origin,
        tracks::{Tracks, BIG_SPENDER, MEASUREMENTS, PARAMETERS, ROOT, SMALL_SPENDER},
        Electorate,
    },
    network::GovernanceSpeed,
    AccountId, AllPalletsWithSystem, Balance, Balances, Hash, OriginCaller, Preimage, Runtime,
    RuntimeCall, RuntimeEvent, RuntimeOrigin, Scheduler, System, Treasury,
};
use serde_json::json;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};
use sp_runtime::{
    traits::{AccountIdConversion, BadOrigin, BlakeTwo256, Dispatchable, Hash as _},
    DispatchError, DispatchResult,
};
use support::{apply, apply_for, chain, chain_in_block, genesis, merge, preset};

const VOTERS: [Sr25519Keyring; 6] = [Alice, Bob, Charlie, Dave, Eve, Ferdie];
const STAKE: Balance = 900_000 * PHA;

type Registry = pallet_registry::Call<Runtime>;
type ReferendaCall = pallet_referenda::Call<Runtime>;

/// What a referendum acts as that is of no track but root's.
fn root() -> OriginCaller {
    OriginCaller::system(frame_system::RawOrigin::Root)
}

fn set_life(life_max_s: u64) -> RuntimeCall {
    Registry::set_attestation_life { life_max_s }.into()
}

fn authorize_upgrade() -> RuntimeCall {
    let code_hash = Hash::repeat_byte(1);
    frame_system::Call::<Runtime>::authorize_upgrade { code_hash }.into()
}

fn rule() -> MeasurementRule {
    MeasurementRule::SgxEnclave {
        mr_enclave: SIMULATED_MR_ENCLAVE,
    }
}

fn spend(amount: Balance, beneficiary: Sr25519Keyring) -> RuntimeCall {
    pallet_treasury::Call::<Runtime>::spend {
        asset_kind: Box::new(()),
        amount,
        beneficiary: Box::new(beneficiary.to_account_id()),
        valid_from: None,
    }
    .into()
}

fn bound(call: RuntimeCall) -> Bounded<RuntimeCall, BlakeTwo256> {
    <Preimage as StorePreimage>::bound(call).expect("the call is small")
}

/// Goes to the first transactions of a block, as far as governance is concerned.
fn go_to(block: u32) {
    while System::block_number() < block {
        let next = System::block_number() + 1;
        System::initialize(&next, &Hash::repeat_byte(7), &Default::default());
        Scheduler::on_initialize(next);
        Treasury::on_initialize(next);
    }
}

/// Has Alice propose a call, with the deposit for its decision. Gives the number of the referendum.
fn propose(origin: impl Into<OriginCaller>, call: RuntimeCall) -> u32 {
    let index = pallet_referenda::ReferendumCount::<Runtime>::get();
    let submit = ReferendaCall::submit {
        proposal_origin: Box::new(origin.into()),
        proposal: bound(call),
        enactment_moment: DispatchTime::After(1),
    };
    assert_ok!(apply(Alice, submit));
    assert_ok!(apply(
        Alice,
        ReferendaCall::place_decision_deposit { index }
    ));
    index
}

fn vote(voter: Sr25519Keyring, poll_index: u32, aye: bool) {
    let vote = AccountVote::Standard {
        vote: Vote {
            aye,
            conviction: Conviction::Locked1x,
        },
        balance: STAKE,
    };
    let vote = pallet_conviction_voting::Call::<Runtime>::vote { poll_index, vote };
    assert_ok!(apply(voter, vote));
}

fn is_ongoing(index: u32) -> bool {
    let info = ReferendumInfoFor::<Runtime>::get(index);
    matches!(info, Some(ReferendumInfo::Ongoing(_)))
}

/// Has everybody agree, and waits until what was agreed on is carried out.
fn pass(index: u32, track: u16) {
    for voter in VOTERS {
        vote(voter, index, true);
    }
    let track = <Tracks as TracksInfo<_, _>>::info(track).expect("there is the track");
    let deadline = System::block_number() + track.prepare_period + track.decision_period;
    while is_ongoing(index) {
        assert!(System::block_number() < deadline, "it does not pass");
        go_to(System::block_number() + 1);
    }
    let info = ReferendumInfoFor::<Runtime>::get(index);
    assert!(
        matches!(info, Some(ReferendumInfo::Approved(..))),
        "{info:?}"
    );
    go_to(System::block_number() + track.min_enactment_period + 1);
}

fn bad_origin() -> DispatchResult {
    Err(BadOrigin.into())
}

/// Dispatches a call without a transaction.
fn dispatch(call: impl Into<RuntimeCall>, origin: impl Into<RuntimeOrigin>) -> DispatchResult {
    let result = call.into().dispatch(origin.into());
    result.map(|_| ()).map_err(|error| error.error)
}

/// What came of the scheduled calls so far.
fn dispatched() -> Vec<DispatchResult> {
    let results = System::events().into_iter().filter_map(|record| {
        let RuntimeEvent::Scheduler(event) = record.event else {
            return None;
        };
        match event {
            // Those with a name are what referenda decided, the others are the pallet's alarms.
            pallet_scheduler::Event::Dispatched {
                id: Some(_),
                result,
                ..
            } => Some(result),
            _ => None,
        }
    });
    results.collect()
}

#[test]
fn a_referendum_changes_a_parameter() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        let index = propose(Origin::Parameters, set_life(600));
        let before = System::block_number();
        pass(index, PARAMETERS);
        assert_eq!(dispatched(), [Ok(())]);
        assert_eq!(pallet_registry::AttestationLifeMaxS::<Runtime>::get(), 600);
        // A test on a node can wait for it: blocks come every second.
        assert!(System::block_number() - before < 120);

        // The deposits come back, and the votes can be taken back once they are unlocked.
        let (result, _) = apply_for(Alice, ReferendaCall::refund_decision_deposit { index });
        assert_ok!(result);
        assert_ok!(apply(
            Alice,
            ReferendaCall::refund_submission_deposit { index }
        ));
        assert_eq!(Balances::reserved_balance(Alice.to_account_id()), 0);
    });
}

#[test]
fn what_is_opposed_or_ignored_is_rejected() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        let opposed = propose(Origin::Parameters, set_life(600));
        let ignored = propose(Origin::Parameters, set_life(601));
        vote(Alice, opposed, true);
        for voter in [Bob, Charlie, Dave] {
            vote(voter, opposed, false);
        }
        let life = pallet_registry::AttestationLifeMaxS::<Runtime>::get();
        let track = <Tracks as TracksInfo<_, _>>::info(PARAMETERS).expect("there is the track");
        go_to(2 * (track.prepare_period + track.decision_period));
        for index in [opposed, ignored] {
            let info = ReferendumInfoFor::<Runtime>::get(index);
            assert!(
                matches!(info, Some(ReferendumInfo::Rejected(..))),
                "{info:?}"
            );
        }
        assert!(dispatched().is_empty());
        assert_eq!(pallet_registry::AttestationLifeMaxS::<Runtime>::get(), life);
    });
}

#[test]
fn a_referendum_of_a_track_can_do_what_the_track_is_for_and_no_more() {
    let revoke = RuntimeCall::from(Registry::revoke_measurement { rule: rule() });
    let rotate = RuntimeCall::from(pallet_cluster_keys::Call::<Runtime>::request_rotation {
        cluster: phat_primitives::ClusterId(0),
    });
    let create = RuntimeCall::from(pallet_phat_contracts::Call::<Runtime>::create_cluster {});
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        use Origin::{BigSpender, Measurements, Parameters, SmallSpender};
        for (call, allowed) in [
            (set_life(600), vec![Parameters]),
            (create, vec![Parameters]),
            (revoke, vec![Measurements]),
            // Refused for another reason: the cluster has no key yet.
            (rotate, vec![Measurements]),
            (spend(PHA, Bob), vec![SmallSpender, BigSpender]),
            (authorize_upgrade(), vec![]),
            (ReferendaCall::cancel { index: 0 }.into(), vec![]),
        ] {
            for origin in [Parameters, Measurements, SmallSpender, BigSpender] {
                assert_eq!(
                    dispatch(call.clone(), origin) == bad_origin(),
                    !allowed.contains(&origin),
                    "{origin:?} and {call:?}"
                );
            }
            let signed = RuntimeOrigin::signed(Alice.to_account_id());
            assert_eq!(dispatch(call, signed), bad_origin());
        }
    });
}

/// Nobody could stop one that is there to keep others waiting: that takes a referendum of the same
/// track.
#[test]
fn an_upgrade_does_not_wait_for_another_referendum_to_end() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        let ignored = propose(root(), set_life(600));
        let track = <Tracks as TracksInfo<_, _>>::info(ROOT).expect("there is the track");
        go_to(System::block_number() + track.prepare_period + 1);
        let upgrade = propose(root(), authorize_upgrade());
        pass(upgrade, ROOT);
        assert!(is_ongoing(ignored));
        assert_eq!(dispatched(), [Ok(())]);
    });
}

#[test]
fn a_measurements_referendum_cannot_upgrade_the_runtime() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        let index = propose(Origin::Measurements, authorize_upgrade());
        pass(index, MEASUREMENTS);
        assert_eq!(dispatched(), [bad_origin()]);
        assert!(System::authorized_upgrade().is_none());

        // One that acts as root can.
        let index = propose(root(), authorize_upgrade());
        pass(index, ROOT);
        assert_eq!(dispatched(), [bad_origin(), Ok(())]);
        assert!(System::authorized_upgrade().is_some());
    });
}

#[test]
fn a_measurements_referendum_revokes_a_measurement() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        let is_allowed = || pallet_registry::AllowedMeasurements::<Runtime>::contains_key(rule());
        assert!(is_allowed());
        let index = propose(
            Origin::Measurements,
            Registry::revoke_measurement { rule: rule() }.into(),
        );
        pass(index, MEASUREMENTS);
        assert!(!is_allowed());
    });
}

#[test]
fn the_treasury_pays_what_was_decided() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        let amount = 1_234 * PHA;
        let index = propose(Origin::SmallSpender, spend(amount, Bob));
        pass(index, SMALL_SPENDER);
        assert_eq!(dispatched(), [Ok(())]);
        let pot = Balances::total_balance(&Treasury::account_id());
        let before = Balances::total_balance(&Bob.to_account_id());
        let issued = Balances::total_issuance();

        // Anybody may have it paid, once.
        let payout = || pallet_treasury::Call::<Runtime>::payout { index: 0 };
        let (result, fee) = apply_for(Charlie, payout());
        assert_ok!(result);
        assert_eq!(
            Balances::total_balance(&Bob.to_account_id()),
            before + amount
        );
        assert_eq!(
            Balances::total_balance(&Treasury::account_id()),
            pot - amount
        );
        // Nobody has authored the block, so the fee is burned, and nothing besides.
        assert_eq!(Balances::total_issuance(), issued - fee);
        assert_eq!(
            apply(Charlie, payout()),
            Err(pallet_treasury::Error::<Runtime>::AlreadyAttempted.into())
        );
    });
}

#[test]
fn a_spender_has_a_limit() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        let spent = |origin: RuntimeOrigin, amount| dispatch(spend(amount, Bob), origin);
        let refused: DispatchResult =
            Err(pallet_treasury::Error::<Runtime>::InsufficientPermission.into());
        for (origin, max) in [
            (Origin::SmallSpender, SMALL_SPEND_MAX),
            (Origin::BigSpender, BIG_SPEND_MAX),
        ] {
            assert_ok!(spent(origin.into(), max));
            assert_eq!(spent(origin.into(), max + 1), refused);
        }
        assert_ok!(spent(RuntimeOrigin::root(), 10 * BIG_SPEND_MAX));

        // Nor is there a way around it by many spends at once.
        let batch = pallet_utility::Call::<Runtime>::batch_all {
            calls: vec![spend(SMALL_SPEND_MAX, Bob), spend(1, Bob)],
        };
        assert_eq!(dispatch(batch, Origin::SmallSpender), refused);
    });
}

#[test]
fn a_long_proposal_is_noted_once_and_carried_out() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        // Too long to be in the referendum itself.
        let calls = (0..20).map(|seconds| set_life(600 + seconds)).collect();
        let call = RuntimeCall::from(pallet_utility::Call::<Runtime>::batch_all { calls });
        let bytes = codec::Encode::encode(&call);
        let note = || pallet_preimage::Call::<Runtime>::note_preimage {
            bytes: bytes.clone(),
        };
        assert_ok!(apply(Alice, note()));
        let index = pallet_referenda::ReferendumCount::<Runtime>::get();
        let hash = BlakeTwo256::hash(&bytes);
        let len = bytes.len() as u32;
        let submit = ReferendaCall::submit {
            proposal_origin: Box::new(Origin::Parameters.into()),
            proposal: Bounded::Lookup { hash, len },
            enactment_moment: DispatchTime::After(1),
        };
        assert_ok!(apply(Bob, submit));
        assert_ok!(apply(Bob, ReferendaCall::place_decision_deposit { index }));
        for voter in VOTERS {
            vote(voter, index, true);
        }
        while is_ongoing(index) {
            go_to(System::block_number() + 1);
        }
        // It is scheduled, and so requested: whoever notes it again pays for nothing.
        let (result, fee) = apply_for(Bob, note());
        let filtered: DispatchError = frame_system::Error::<Runtime>::CallFiltered.into();
        assert_eq!(result, Err(filtered));
        assert!(fee > 0);
        let track = <Tracks as TracksInfo<_, _>>::info(PARAMETERS).expect("there is the track");
        go_to(System::block_number() + track.min_enactment_period + 1);
        assert_eq!(dispatched(), [Ok(())]);
        assert_eq!(pallet_registry::AttestationLifeMaxS::<Runtime>::get(), 619);
    });
}

#[test]
fn tracks_take_the_time_that_the_network_fixes() {
    let day = 24 * 60 * 60;
    for (patch, seconds_per_block) in [
        (json!({ "slotMillis": 3_000, "governanceSpeed": 1 }), 3),
        (json!({ "slotMillis": 6_000, "governanceSpeed": 1 }), 6),
    ] {
        chain(genesis(LOCAL, json!({ "network": patch }))).execute_with(|| {
            let periods = |track| {
                let info = <Tracks as TracksInfo<_, _>>::info(track).expect("there is the track");
                (info.decision_period, info.min_enactment_period)
            };
            assert_eq!(
                periods(ROOT),
                (14 * day / seconds_per_block, day / seconds_per_block)
            );
            assert_eq!(periods(BIG_SPENDER), periods(ROOT));
            assert_ok!(<Tracks as TracksInfo<_, _>>::check_integrity());
        });
    }
    for name in [DEV, LOCAL] {
        chain(genesis(name, json!({}))).execute_with(|| {
            assert_eq!(GovernanceSpeed::<Runtime>::get(), 3_600, "{name}");
            // Nothing is ever shorter than a block.
            for track in <Tracks as TracksInfo<_, _>>::tracks() {
                assert!(track.info.prepare_period >= 1, "{name}");
                assert!(track.info.min_enactment_period >= 1, "{name}");
            }
        });
    }
}

#[test]
fn what_cannot_vote_is_not_of_the_electorate() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        go_to(2);
        let pot = Treasury::pot();
        assert!(pot > 0);
        let pool: AccountId = MINING_POOL.into_account_truncating();
        let before = Balances::total_balance(&pool);
        assert_eq!(Electorate::get(), Balances::total_issuance() - pot - before);

        let transfer = pallet_balances::Call::<Runtime>::transfer_keep_alive {
            dest: pool.clone().into(),
            value: PHA,
        };
        let electorate = Electorate::get();
        let (result, fee) = apply_for(Alice, transfer);
        assert_ok!(result);
        // Nobody has authored the block, so the fee is burned.
        let lost = fee - PHA;
        assert_eq!(Electorate::get(), electorate - PHA - lost);
        assert_eq!(Balances::total_balance(&pool), before + PHA);
    });
}

#[test]
fn only_development_networks_have_a_sudo_key() {
    let mut genesis = preset(None);
    let balances = json!([[Alice.to_account_id(), 1_000_000 * PHA as u64]]);
    merge(
        &mut genesis,
        json!({ "balances": { "balances": balances } }),
    );
    chain_in_block(genesis).execute_with(|| {
        assert_eq!(pallet_sudo::Key::<Runtime>::get(), None);
        let refused: DispatchResult = Err(pallet_sudo::Error::<Runtime>::RequireSudo.into());
        let sudo = pallet_sudo::Call::<Runtime>::sudo {
            call: Box::new(set_life(600)),
        };
        assert_eq!(apply(Alice, sudo), refused);
        let take = pallet_sudo::Call::<Runtime>::set_key {
            new: Alice.to_account_id().into(),
        };
        assert_eq!(apply(Alice, take), refused);
        assert_eq!(pallet_sudo::Key::<Runtime>::get(), None);
    });
}

#[test]
fn only_pallets_make_assets() {
    use frame_support::traits::fungibles::{Create, Inspect as _};

    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        let create = pallet_assets::Call::<Runtime>::create {
            id: 1,
            admin: Alice.to_account_id().into(),
            min_balance: 1,
        };
        assert_eq!(apply(Alice, create), bad_origin());
        assert!(!phat_runtime::Assets::asset_exists(1));

        // A pallet's account needs no PHA for it.
        let owner: AccountId = MINING_POOL.into_sub_account_truncating(1u64);
        assert_eq!(Balances::total_balance(&owner), 0);
        assert_ok!(<phat_runtime::Assets as Create<_>>::create(
            1, owner, true, 1
        ));
        assert!(phat_runtime::Assets::asset_exists(1));
    });
}

#[test]
fn locked_votes_are_not_spent() {
    chain_in_block(genesis(DEV, json!({}))).execute_with(|| {
        let index = propose(Origin::Parameters, set_life(600));
        vote(Bob, index, true);
        let bob = Bob.to_account_id();
        let free = Balances::reducible_balance(&bob, Preservation::Expendable, Fortitude::Polite);
        assert!(free <= Balances::total_balance(&bob) - STAKE);
    });
}

#[test]
fn the_pallets_of_governance_have_their_indices() {
    let infos = AllPalletsWithSystem::infos();
    for (index, name) in [
        (12, "Scheduler"),
        (13, "Treasury"),
        (14, "Referenda"),
        (15, "ConvictionVoting"),
        (16, "Origins"),
        (17, "Assets"),
        (18, "Multisig"),
        (19, "Proxy"),
    ] {
        let found = infos.iter().find(|info| info.name == name);
        assert_eq!(found.map(|info| info.index), Some(index), "{name}");
    }
}
