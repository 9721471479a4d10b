use frame_support::{
    assert_noop, assert_ok,
    storage::{storage_prefix, unhashed},
    traits::{QueryPreimage, fungible::MutateHold},
};
use phat_primitives::{
    ClusterId, CodeHash, ContractId, ManifestHash, WorkerId,
    limits::{CODE_BYTES_MAX, MANIFEST_BYTES_MAX},
};
use sp_core::H256;
use sp_runtime::{DispatchError, TokenError};

use crate::{
    ClusterContracts, ClusterInfo, ClusterLookup, ClusterMembers, ClusterOf, Clusters, Codes,
    Contracts, Error, Event, HoldReason, Manifest, NextClusterId, mock::*,
};

// Clusters and their members.

#[test]
fn the_admin_creates_clusters_up_to_the_bound() {
    run(|| {
        assert_noop!(
            PhatContracts::create_cluster(signed(&ALICE)),
            DispatchError::BadOrigin
        );
        assert_ok!(PhatContracts::create_cluster(RuntimeOrigin::root()));
        System::assert_last_event(
            Event::ClusterCreated {
                cluster: ClusterId(1),
            }
            .into(),
        );
        assert_eq!(
            Clusters::<Test>::get(ClusterId(1)),
            Some(ClusterInfo { contracts: 0 })
        );
        assert_noop!(
            PhatContracts::create_cluster(RuntimeOrigin::root()),
            Error::<Test>::TooManyClusters
        );
    });
}

#[test]
#[should_panic(expected = "more clusters than the runtime allows")]
fn a_genesis_with_too_many_clusters_is_refused() {
    use frame_support::traits::BuildGenesisConfig;
    new_test_ext().execute_with(|| {
        crate::GenesisConfig::<Test> {
            clusters: 3,
            ..Default::default()
        }
        .build();
    });
}

#[test]
fn a_worker_joins_and_leaves_a_cluster() {
    run(|| {
        let (second, first) = (register(&ALICE, 9), register(&ALICE, 4));
        for worker in [second, first] {
            assert_ok!(PhatContracts::join_cluster(signed(&ALICE), worker, CLUSTER));
            System::assert_last_event(
                Event::WorkerJoined {
                    worker,
                    cluster: CLUSTER,
                }
                .into(),
            );
        }
        assert_eq!(
            ClusterMembers::<Test>::get(CLUSTER).to_vec(),
            vec![first, second]
        );
        assert_eq!(ClusterOf::<Test>::get(first), Some(CLUSTER));

        assert_ok!(PhatContracts::leave_cluster(signed(&ALICE), first));
        System::assert_last_event(
            Event::WorkerLeft {
                worker: first,
                cluster: CLUSTER,
            }
            .into(),
        );
        assert_eq!(ClusterMembers::<Test>::get(CLUSTER).to_vec(), vec![second]);
        assert_eq!(ClusterOf::<Test>::get(first), None);
        assert_noop!(
            PhatContracts::leave_cluster(signed(&ALICE), first),
            Error::<Test>::NotInCluster
        );
    });
}

#[test]
fn only_the_operator_of_a_registered_worker_has_it_join() {
    run(|| {
        let worker = register(&ALICE, 1);
        let join = |who, worker, cluster| PhatContracts::join_cluster(who, worker, cluster);
        assert_noop!(
            join(signed(&BOB), worker, CLUSTER),
            Error::<Test>::NotOperator
        );
        assert_noop!(
            join(signed(&ALICE), WorkerId([8; 32]), CLUSTER),
            Error::<Test>::UnknownWorker
        );
        assert_noop!(
            join(RuntimeOrigin::root(), worker, CLUSTER),
            DispatchError::BadOrigin
        );
        assert_noop!(
            join(signed(&ALICE), worker, ClusterId(5)),
            Error::<Test>::UnknownCluster
        );
        assert_ok!(join(signed(&ALICE), worker, CLUSTER));
        assert_noop!(
            PhatContracts::leave_cluster(signed(&BOB), worker),
            Error::<Test>::NotOperator
        );
    });
}

#[test]
fn only_active_workers_join_and_serve() {
    run(|| {
        let (first, second) = (register(&ALICE, 1), register(&ALICE, 2));
        suspend(second);
        let join = |worker| PhatContracts::join_cluster(signed(&ALICE), worker, CLUSTER);
        assert_noop!(join(second), Error::<Test>::WorkerInactive);
        Suspended::take();
        assert_ok!(join(second));
        assert_ok!(join(first));
        assert_eq!(PhatContracts::active_members(CLUSTER), [first, second]);

        // A member that is suspended stays one, serves nothing, and may leave.
        suspend(first);
        assert_eq!(PhatContracts::active_members(CLUSTER), [second]);
        assert_eq!(ClusterOf::<Test>::get(first), Some(CLUSTER));
        assert_ok!(PhatContracts::leave_cluster(signed(&ALICE), first));
        assert_noop!(join(first), Error::<Test>::WorkerInactive);
        assert!(PhatContracts::active_members(ClusterId(9)).is_empty());

        let serves = |worker, cluster| PhatContracts::is_active_member(&worker, ClusterId(cluster));
        assert!(serves(second, 0) && !serves(second, 1));
        assert!(!serves(first, 0));
    });
}

#[test]
fn a_worker_serves_one_cluster() {
    run(|| {
        assert_ok!(PhatContracts::create_cluster(RuntimeOrigin::root()));
        let worker = register(&ALICE, 1);
        assert_ok!(PhatContracts::join_cluster(signed(&ALICE), worker, CLUSTER));
        for cluster in [CLUSTER, ClusterId(1)] {
            assert_noop!(
                PhatContracts::join_cluster(signed(&ALICE), worker, cluster),
                Error::<Test>::AlreadyInCluster
            );
        }
    });
}

#[test]
fn a_cluster_has_room_up_to_the_bound() {
    run(|| {
        for seed in 1..=3 {
            let worker = register(&ALICE, seed);
            assert_ok!(PhatContracts::join_cluster(signed(&ALICE), worker, CLUSTER));
        }
        let late = register(&BOB, 4);
        assert_noop!(
            PhatContracts::join_cluster(signed(&BOB), late, CLUSTER),
            Error::<Test>::ClusterFull
        );
        assert_ok!(PhatContracts::leave_cluster(
            signed(&ALICE),
            WorkerId([2; 32])
        ));
        assert_ok!(PhatContracts::join_cluster(signed(&BOB), late, CLUSTER));
    });
}

#[test]
fn a_deregistered_worker_serves_nothing() {
    run(|| {
        let (worker, idle) = (register(&ALICE, 1), register(&ALICE, 2));
        assert_ok!(PhatContracts::join_cluster(signed(&ALICE), worker, CLUSTER));
        deregister(&worker);
        System::assert_last_event(
            Event::WorkerLeft {
                worker,
                cluster: CLUSTER,
            }
            .into(),
        );
        assert_eq!(ClusterOf::<Test>::get(worker), None);
        assert!(ClusterMembers::<Test>::get(CLUSTER).is_empty());

        let events = System::event_count();
        deregister(&idle);
        assert_eq!(System::event_count(), events);
    });
}

// Code.

#[test]
fn uploaded_code_stays_and_costs_one_deposit() {
    run(|| {
        let (code_hash, len) = note(&ALICE, CODE);
        assert_ok!(PhatContracts::upload_code(signed(&ALICE), code_hash, len));
        System::assert_last_event(
            Event::CodeUploaded {
                code_hash,
                owner: ALICE,
                len,
            }
            .into(),
        );
        assert_eq!(held(HoldReason::Code, &ALICE), 100 + 2 * u64::from(len));

        // Who noted the bytes takes back the deposit for the preimage, and the bytes stay.
        let preimage = H256(code_hash.0);
        assert_ok!(Preimage::unnote_preimage(signed(&ALICE), preimage));
        let bytes = <Preimage as QueryPreimage>::fetch(&preimage, Some(len)).expect("still there");
        assert_eq!(&bytes[..], CODE);
    });
}

#[test]
fn code_is_uploaded_only_as_it_is_on_the_chain() {
    run(|| {
        let upload = |hash, len| PhatContracts::upload_code(signed(&ALICE), hash, len);
        let absent = CodeHash::of(b"absent");
        assert_noop!(upload(absent, 6), Error::<Test>::CodeMissing);
        assert_noop!(upload(absent, 0), Error::<Test>::CodeEmpty);
        assert_noop!(
            upload(absent, CODE_BYTES_MAX + 1),
            Error::<Test>::CodeTooLarge
        );

        let (code_hash, len) = note(&BOB, CODE);
        assert_noop!(
            upload(code_hash, len - 1),
            Error::<Test>::CodeLengthMismatch
        );
        assert_noop!(
            PhatContracts::upload_code(signed(&POOR), code_hash, len),
            TokenError::FundsUnavailable
        );
        assert_ok!(upload(code_hash, len));
        assert_noop!(upload(code_hash, len), Error::<Test>::CodeExists);

        let (longest, len) = note(&BOB, &vec![1; CODE_BYTES_MAX as usize]);
        assert_ok!(upload(longest, len));
        let (third, len) = note(&BOB, b"third");
        assert_noop!(upload(third, len), Error::<Test>::TooManyCodes);
    });
}

#[test]
fn code_is_removed_by_its_owner_when_nothing_runs_it() {
    run(|| {
        let before = total(&ALICE);
        let code_hash = upload(&ALICE, CODE);
        let contract = instantiate(&BOB, code_hash, SALT);
        let remove = |who| PhatContracts::remove_code(signed(who), code_hash);
        assert_noop!(remove(&BOB), Error::<Test>::NotOwner);
        assert_noop!(remove(&ALICE), Error::<Test>::CodeInUse);
        assert_ok!(PhatContracts::remove(signed(&BOB), contract));
        // Receipts about the contract may yet have to be judged.
        assert_noop!(remove(&ALICE), Error::<Test>::CodeInUse);
        let_removed_go();
        assert_ok!(remove(&ALICE));
        System::assert_last_event(Event::CodeRemoved { code_hash }.into());
        assert_noop!(remove(&ALICE), Error::<Test>::UnknownCode);

        assert_eq!(held(HoldReason::Code, &ALICE), 0);
        assert_eq!(total(&ALICE), before);
        assert!(!<Preimage as QueryPreimage>::is_requested(&H256(
            code_hash.0
        )));
    });
}

// Contracts.

#[test]
fn a_contract_has_the_id_that_was_foretold() {
    run(|| {
        let code_hash = upload(&ALICE, CODE);
        let contract = instantiate(&BOB, code_hash, SALT);
        System::assert_last_event(
            Event::Instantiated {
                contract,
                owner: BOB,
                cluster: CLUSTER,
                code_hash,
            }
            .into(),
        );
        let info = Contracts::<Test>::get(contract).expect("created");
        assert_eq!(
            (info.owner, info.cluster, info.code_hash),
            (BOB, CLUSTER, code_hash)
        );
        assert_eq!(&info.manifest[..], b"name = \"test\"");
        assert_eq!(info.deposit, 50 + 3 * info.manifest.len() as u64);
        assert_eq!(held(HoldReason::Contract, &BOB), info.deposit);
        assert_eq!(
            ClusterContracts::<Test>::get(CLUSTER, contract),
            Some(ManifestHash::of(&info.manifest))
        );
        assert_eq!(
            Codes::<Test>::get(code_hash).map(|code| code.contracts),
            Some(1)
        );
    });
}

#[test]
fn a_contract_needs_code_and_a_cluster_with_room() {
    run(|| {
        let code_hash = upload(&ALICE, CODE);
        let create = |who, cluster, code_hash, salt| {
            PhatContracts::instantiate(signed(who), cluster, code_hash, manifest("#"), salt)
        };
        assert_noop!(
            create(&ALICE, ClusterId(1), code_hash, SALT),
            Error::<Test>::UnknownCluster
        );
        assert_noop!(
            create(&ALICE, CLUSTER, CodeHash([0; 32]), SALT),
            Error::<Test>::UnknownCode
        );
        assert_ok!(create(&ALICE, CLUSTER, code_hash, SALT));
        assert_noop!(
            create(&ALICE, CLUSTER, code_hash, SALT),
            Error::<Test>::ContractExists
        );
        assert_ok!(create(&BOB, CLUSTER, code_hash, SALT));
        assert_noop!(
            create(&ALICE, CLUSTER, code_hash, [8; 32]),
            Error::<Test>::TooManyContracts
        );
    });
}

#[test]
fn a_manifest_is_text_within_the_bound() {
    run(|| {
        let code_hash = upload(&ALICE, CODE);
        let contract = instantiate(&ALICE, code_hash, SALT);
        let set = |bytes: Vec<u8>| {
            let manifest = Manifest::try_from(bytes).expect("within the bound");
            PhatContracts::set_manifest(signed(&ALICE), contract, manifest)
        };
        for bad in [&b""[..], b" \n", b"\xff\xfe"] {
            assert_noop!(set(bad.to_vec()), Error::<Test>::ManifestInvalid);
        }
        assert_ok!(set(vec![b'#'; MANIFEST_BYTES_MAX as usize]));
        assert!(Manifest::try_from(vec![b'#'; MANIFEST_BYTES_MAX as usize + 1]).is_err());
        assert_noop!(
            PhatContracts::instantiate(
                signed(&ALICE),
                CLUSTER,
                code_hash,
                Manifest::default(),
                [8; 32]
            ),
            Error::<Test>::ManifestInvalid
        );
    });
}

#[test]
fn a_manifests_deposit_and_hash_follow_it() {
    run(|| {
        let code_hash = upload(&ALICE, CODE);
        let contract = instantiate(&BOB, code_hash, SALT);
        let set =
            |who, text: &str| PhatContracts::set_manifest(signed(who), contract, manifest(text));
        for text in ["a", "a much longer text than before", "short"] {
            assert_ok!(set(&BOB, text));
            System::assert_last_event(Event::ManifestSet { contract }.into());
            assert_eq!(held(HoldReason::Contract, &BOB), 50 + 3 * text.len() as u64);
            assert_eq!(
                ClusterContracts::<Test>::get(CLUSTER, contract),
                Some(ManifestHash::of(text.as_bytes()))
            );
        }
        assert_noop!(set(&ALICE, "mine"), Error::<Test>::NotOwner);
        assert_noop!(
            PhatContracts::set_manifest(signed(&BOB), ContractId([0; 32]), manifest("a")),
            Error::<Test>::UnknownContract
        );
    });
}

#[test]
fn an_owner_that_cannot_pay_for_a_longer_manifest_keeps_the_old_one() {
    run(|| {
        let code_hash = upload(&ALICE, CODE);
        let create = |text| {
            PhatContracts::instantiate(signed(&POOR), CLUSTER, code_hash, manifest(text), SALT)
        };
        assert_noop!(create("too long"), TokenError::FundsUnavailable);
        assert_ok!(create("#"));
        let contract = *ClusterContracts::<Test>::iter_key_prefix(CLUSTER)
            .collect::<Vec<_>>()
            .first()
            .expect("created");
        assert_noop!(
            PhatContracts::set_manifest(signed(&POOR), contract, manifest("too long")),
            TokenError::FundsUnavailable
        );
        assert_eq!(held(HoldReason::Contract, &POOR), 53);
    });
}

#[test]
fn a_removed_contract_is_gone_and_may_come_back() {
    run(|| {
        let before = total(&BOB);
        let code_hash = upload(&ALICE, CODE);
        let contract = instantiate(&BOB, code_hash, SALT);
        assert_noop!(
            PhatContracts::remove(signed(&ALICE), contract),
            Error::<Test>::NotOwner
        );
        assert!(PhatContracts::contract(&contract).is_some_and(|(cluster, _)| cluster == CLUSTER));
        assert_eq!(Created::get(), [contract]);
        assert!(Removed::get().is_empty());
        assert_ok!(PhatContracts::remove(signed(&BOB), contract));
        assert_eq!(PhatContracts::contract(&contract), None);
        assert_eq!(Removed::get(), [contract]);
        System::assert_last_event(
            Event::ContractRemoved {
                contract,
                cluster: CLUSTER,
            }
            .into(),
        );
        assert!(!Contracts::<Test>::contains_key(contract));
        assert!(!ClusterContracts::<Test>::contains_key(CLUSTER, contract));
        assert_eq!(held(HoldReason::Contract, &BOB), ContractDepositBase::get());
        assert_eq!(total(&BOB), before);
        assert_noop!(
            PhatContracts::remove(signed(&BOB), contract),
            Error::<Test>::UnknownContract
        );
        assert_eq!(instantiate(&BOB, code_hash, SALT), contract);
    });
}

/// Puts the storage out of step.
type Damage = fn(CodeHash, ContractId);

fn change_code(code_hash: CodeHash, change: impl FnOnce(&mut crate::CodeInfoOf<Test>)) {
    Codes::<Test>::mutate(code_hash, |code| change(code.as_mut().expect("uploaded")));
}

fn put_code_count(count: u32) {
    let key = storage_prefix(b"PhatContracts", b"CounterForCodes");
    unhashed::put(&key, &count);
}

/// By what the invariants say of it.
const DAMAGES: [(&str, Damage); 25] = [
    ("there are more clusters than allowed", |_, _| {
        NextClusterId::<Test>::put(ClusterId(MaxClusters::get() + 1))
    }),
    ("the ids of the clusters have gaps", |_, _| {
        NextClusterId::<Test>::put(ClusterId(2))
    }),
    ("a cluster's id is not given out yet", |_, _| {
        Clusters::<Test>::swap(CLUSTER, ClusterId(1))
    }),
    ("there are members of no cluster", |_, _| {
        ClusterMembers::<Test>::swap(CLUSTER, ClusterId(1))
    }),
    (
        "the members of a cluster are not in ascending order",
        |_, _| {
            ClusterMembers::<Test>::mutate(CLUSTER, |members| {
                let reversed: Vec<_> = members.iter().rev().copied().collect();
                *members = reversed.try_into().expect("as many as before");
            })
        },
    ),
    ("a member of a cluster serves another", |_, _| {
        ClusterOf::<Test>::insert(WorkerId([1; 32]), ClusterId(1))
    }),
    ("a member is not registered", |_, _| {
        Operators::mutate(|list| list.remove(&WorkerId([2; 32])));
    }),
    ("a worker serves a cluster that does not list it", |_, _| {
        ClusterMembers::<Test>::remove(CLUSTER)
    }),
    ("a worker serves a cluster that does not list it", |_, _| {
        ClusterOf::<Test>::insert(WorkerId([9; 32]), CLUSTER)
    }),
    (
        "a contract is not in its cluster's list, or with another manifest",
        |_, contract| ClusterContracts::<Test>::remove(CLUSTER, contract),
    ),
    (
        "a contract is not in its cluster's list, or with another manifest",
        |_, contract| {
            ClusterContracts::<Test>::insert(CLUSTER, contract, ManifestHash::of(b"another"))
        },
    ),
    (
        "a contract is not in its cluster's list, or with another manifest",
        |_, contract| {
            Contracts::<Test>::mutate_extant(contract, |info| info.manifest = manifest("another"))
        },
    ),
    ("a contract has no code", |code_hash, _| {
        Codes::<Test>::remove(code_hash)
    }),
    (
        "a cluster lists what is not a contract of its own",
        |_, _| {
            ClusterContracts::<Test>::insert(CLUSTER, ContractId([9; 32]), ManifestHash::default())
        },
    ),
    ("a cluster counts its contracts wrong", |_, _| {
        Clusters::<Test>::insert(CLUSTER, ClusterInfo { contracts: 0 })
    }),
    ("a code counts its contracts wrong", |code_hash, _| {
        change_code(code_hash, |code| code.contracts = 2)
    }),
    ("there are more codes than allowed", |_, _| {
        put_code_count(MaxCodes::get() + 1)
    }),
    ("the counter of codes is wrong", |_, _| put_code_count(2)),
    (
        "the bytes of a code are missing, or have another length",
        |code_hash, _| {
            pallet_preimage::RequestStatusFor::<Test>::remove(H256(code_hash.0));
        },
    ),
    (
        "the bytes of a code are missing, or have another length",
        |code_hash, _| {
            let key = (H256(code_hash.0), CODE.len() as u32);
            pallet_preimage::PreimageFor::<Test>::remove(key);
        },
    ),
    (
        "the bytes of a code are missing, or have another length",
        |code_hash, _| change_code(code_hash, |code| code.len += 1),
    ),
    ("the bytes of a code may go away", |code_hash, _| {
        assert_ok!(Preimage::unrequest_preimage(
            RuntimeOrigin::root(),
            H256(code_hash.0)
        ));
    }),
    (
        "an owner's hold is not the sum of its deposits",
        |code_hash, _| change_code(code_hash, |code| code.deposit += 1),
    ),
    (
        "an owner's hold is not the sum of its deposits",
        |_, contract| Contracts::<Test>::mutate_extant(contract, |info| info.deposit += 1),
    ),
    ("a deposit was not returned", |_, _| {
        assert_ok!(Balances::hold(&HoldReason::Contract.into(), &BOB, 1));
    }),
];

#[test]
fn the_invariants_notice_what_is_out_of_step() {
    for (index, (what, damage)) in DAMAGES.into_iter().enumerate() {
        new_test_ext().execute_with(|| {
            Operators::take();
            for seed in [1, 2] {
                let worker = register(&ALICE, seed);
                assert_ok!(PhatContracts::join_cluster(signed(&ALICE), worker, CLUSTER));
            }
            let code_hash = upload(&ALICE, CODE);
            let contract = instantiate(&ALICE, code_hash, SALT);
            assert_ok!(PhatContracts::do_try_state());
            damage(code_hash, contract);
            assert_eq!(
                PhatContracts::do_try_state(),
                Err(what.into()),
                "damage number {index}"
            );
        });
    }
}
