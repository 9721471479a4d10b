use frame_support::{assert_noop, assert_ok};
use pallet_phat_contracts::OnContractRemoved;
use phat_primitives::{
    ClusterId, ContractId,
    cluster_key::{AttestorStatement, ClusterKeyAnnouncement},
    limits::CLUSTER_KEY_GENERATIONS_MAX,
};
use sp_runtime::DispatchError;

use crate::{
    AttestorInfo, Attestors, CurrentGeneration, Error, Event, KeyInfo, Keys, RotationRequested,
    mock::*,
};

fn request() -> frame_support::dispatch::DispatchResult {
    ClusterKeys::request_rotation(RuntimeOrigin::root(), CLUSTER)
}

// The first key.

#[test]
fn the_first_active_worker_s_key_is_the_cluster_s() {
    run(|| {
        assert_ok!(publish(1, 0));
        System::assert_last_event(
            Event::KeyPublished {
                cluster: CLUSTER,
                generation: 0,
                key: key(101),
                worker: worker(1),
            }
            .into(),
        );
        assert_eq!(CurrentGeneration::<Test>::get(CLUSTER), Some(0));
        let info = KeyInfo {
            key: key(101),
            worker: worker(1),
            published_at: 1,
        };
        assert_eq!(Keys::<Test>::get(CLUSTER, 0), Some(info.clone()));

        // Whoever comes second asks for it.
        assert_noop!(publish(2, 0), Error::<Test>::AlreadyPublished);
        assert_noop!(publish(1, 0), Error::<Test>::AlreadyPublished);
        assert_eq!(Keys::<Test>::get(CLUSTER, 0), Some(info));
    });
}

#[test]
fn only_active_members_make_keys() {
    run(|| {
        // Worker 3 serves nothing, and worker 1 not this cluster.
        assert_noop!(publish(3, 0), Error::<Test>::NotActiveMember);
        let elsewhere = ClusterKeyAnnouncement {
            cluster: OTHER_CLUSTER,
            ..announcement(1, 0)
        };
        assert_noop!(
            publish_as(1, &elsewhere, &elsewhere),
            Error::<Test>::NotActiveMember
        );
        let announced = announcement(1, 0);
        assert_noop!(
            ClusterKeys::publish_key(
                RuntimeOrigin::root(),
                CLUSTER,
                0,
                announced.key,
                announced.worker,
                [0; 64].into(),
            ),
            DispatchError::BadOrigin
        );

        // A member that nothing vouches for any more is none.
        Members::set(Default::default());
        assert_noop!(publish(1, 0), Error::<Test>::NotActiveMember);
    });
}

#[test]
fn a_key_is_announced_by_its_worker_for_one_place() {
    run(|| {
        let sent = announcement(1, 0);
        let others = [
            ClusterKeyAnnouncement {
                genesis_hash: [9; 32],
                ..sent
            },
            ClusterKeyAnnouncement {
                cluster: OTHER_CLUSTER,
                ..sent
            },
            ClusterKeyAnnouncement {
                generation: 1,
                ..sent
            },
            ClusterKeyAnnouncement {
                key: key(9),
                ..sent
            },
            ClusterKeyAnnouncement {
                worker: worker(2),
                ..sent
            },
        ];
        for other in &others {
            assert_noop!(publish_as(1, other, &sent), Error::<Test>::SignatureInvalid);
        }
        assert_noop!(publish_as(2, &sent, &sent), Error::<Test>::SignatureInvalid);
        assert_ok!(publish_as(1, &sent, &sent));
    });
}

#[test]
fn clusters_have_keys_of_their_own() {
    run(|| {
        Members::mutate(|list| list.insert((worker(3), OTHER_CLUSTER)));
        assert_ok!(publish(1, 0));
        let other = ClusterKeyAnnouncement {
            cluster: OTHER_CLUSTER,
            ..announcement(3, 0)
        };
        assert_ok!(publish_as(3, &other, &other));
        let key_of = |cluster| Keys::<Test>::get(cluster, 0).map(|info| info.key);
        assert_eq!(key_of(CLUSTER), Some(key(101)));
        assert_eq!(key_of(OTHER_CLUSTER), Some(key(103)));
        assert_eq!(key_of(ClusterId(2)), None);
    });
}

// Rotation.

#[test]
fn a_rotation_opens_the_next_generation_once() {
    run(|| {
        assert_noop!(request(), Error::<Test>::NoKey);
        assert_noop!(publish(1, 1), Error::<Test>::GenerationNotOpen);
        assert_ok!(publish(1, 0));
        assert_noop!(publish(1, 1), Error::<Test>::GenerationNotOpen);
        assert_noop!(
            ClusterKeys::request_rotation(signed(), CLUSTER),
            DispatchError::BadOrigin
        );

        assert_ok!(request());
        System::assert_last_event(
            Event::RotationRequested {
                cluster: CLUSTER,
                generation: 1,
            }
            .into(),
        );
        assert_noop!(request(), Error::<Test>::AlreadyRequested);
        assert_noop!(publish(2, 0), Error::<Test>::AlreadyPublished);
        assert_noop!(publish(2, 2), Error::<Test>::GenerationNotOpen);
        assert_ok!(publish(2, 1));
        assert_noop!(publish(1, 1), Error::<Test>::AlreadyPublished);
        assert_noop!(publish(1, 2), Error::<Test>::GenerationNotOpen);

        assert_eq!(CurrentGeneration::<Test>::get(CLUSTER), Some(1));
        assert!(!RotationRequested::<Test>::contains_key(CLUSTER));
        let keys = [0, 1].map(|generation| Keys::<Test>::get(CLUSTER, generation));
        let makers = keys.map(|info| info.map(|info| info.worker));
        assert_eq!(makers, [Some(worker(1)), Some(worker(2))]);
    });
}

#[test]
fn a_cluster_has_keys_up_to_the_bound() {
    run(|| {
        assert_ok!(publish(1, 0));
        for generation in 1..CLUSTER_KEY_GENERATIONS_MAX {
            assert_ok!(request());
            assert_ok!(publish(1, generation));
        }
        assert_noop!(request(), Error::<Test>::TooManyGenerations);
        assert_noop!(
            publish(1, CLUSTER_KEY_GENERATIONS_MAX),
            Error::<Test>::GenerationNotOpen
        );
        assert_noop!(publish(1, u32::MAX), Error::<Test>::GenerationNotOpen);
    });
}

// Attestors.

#[test]
fn the_cluster_says_who_signs_for_its_contracts() {
    run(|| {
        let first = statement(0);
        assert_noop!(state_as(101, &first, &first), Error::<Test>::NoKey);
        assert_ok!(publish(1, 0));
        assert_ok!(state_as(101, &first, &first));
        System::assert_last_event(
            Event::AttestorPublished {
                contract: CONTRACT,
                public_key: ATTESTOR,
                generation: 0,
            }
            .into(),
        );
        let info = |generation| AttestorInfo {
            public_key: ATTESTOR,
            generation,
        };
        assert_eq!(Attestors::<Test>::get(CONTRACT), Some(info(0)));

        // After a rotation, the new key vouches for it.
        assert_ok!(request());
        assert_ok!(publish(2, 1));
        assert_noop!(
            state_as(101, &first, &first),
            Error::<Test>::GenerationNotCurrent
        );
        let second = statement(1);
        assert_noop!(
            state_as(101, &second, &second),
            Error::<Test>::StatementInvalid
        );
        assert_ok!(state_as(102, &second, &second));
        assert_eq!(Attestors::<Test>::get(CONTRACT), Some(info(1)));
        assert_eq!(Attestors::<Test>::iter().count(), 1);
    });
}

#[test]
fn a_statement_is_for_one_place() {
    run(|| {
        assert_ok!(publish(1, 0));
        let sent = statement(0);
        let others = [
            AttestorStatement {
                genesis_hash: [9; 32],
                ..sent
            },
            AttestorStatement {
                contract: ContractId([9; 32]),
                ..sent
            },
            AttestorStatement {
                generation: 1,
                ..sent
            },
            AttestorStatement {
                public_key: [3; 33],
                ..sent
            },
        ];
        for other in &others {
            assert_noop!(state_as(101, other, &sent), Error::<Test>::StatementInvalid);
        }
        // Not the worker's identity, but the cluster's key.
        assert_noop!(state_as(1, &sent, &sent), Error::<Test>::StatementInvalid);
        let unknown = AttestorStatement {
            contract: ContractId([9; 32]),
            ..sent
        };
        assert_noop!(
            state_as(101, &unknown, &unknown),
            Error::<Test>::UnknownContract
        );
        for first_byte in [0, 1, 4] {
            let mut malformed = sent;
            malformed.public_key[0] = first_byte;
            assert_noop!(
                state_as(101, &malformed, &malformed),
                Error::<Test>::AttestorInvalid
            );
        }
        assert_noop!(
            ClusterKeys::publish_attestor(
                RuntimeOrigin::root(),
                CONTRACT,
                0,
                ATTESTOR,
                [0; 64].into()
            ),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn the_attestor_of_a_removed_contract_goes_with_it() {
    run(|| {
        assert_ok!(publish(1, 0));
        assert_ok!(state_as(101, &statement(0), &statement(0)));
        Contracts::take();
        ClusterKeys::on_contract_removed(&CONTRACT);
        assert!(!Attestors::<Test>::contains_key(CONTRACT));
        // One that never had any may go too.
        ClusterKeys::on_contract_removed(&ContractId([9; 32]));
    });
}

// The invariants.

/// Puts the storage out of step.
type Damage = fn();

const DAMAGES: [(&str, Damage); 9] = [
    (
        "there is a key of a generation that is not there yet",
        || {
            let info = Keys::<Test>::get(CLUSTER, 0).expect("published");
            Keys::<Test>::insert(CLUSTER, 2, info);
        },
    ),
    (
        "there is a key of a generation that is not there yet",
        || CurrentGeneration::<Test>::remove(CLUSTER),
    ),
    ("a cluster has more keys than allowed", || {
        CurrentGeneration::<Test>::insert(CLUSTER, CLUSTER_KEY_GENERATIONS_MAX);
    }),
    ("a cluster lacks the key of a generation", || {
        Keys::<Test>::remove(CLUSTER, 0);
    }),
    ("a cluster lacks the key of a generation", || {
        CurrentGeneration::<Test>::insert(OTHER_CLUSTER, 0);
    }),
    ("a rotation is requested where there cannot be one", || {
        RotationRequested::<Test>::insert(OTHER_CLUSTER, ())
    }),
    (
        "nothing vouches for an attestor, or it is of no contract",
        || {
            Contracts::take();
        },
    ),
    (
        "nothing vouches for an attestor, or it is of no contract",
        || change_attestor(|info| info.generation = 2),
    ),
    ("an attestor is not a compressed key", || {
        change_attestor(|info| info.public_key[0] = 4);
    }),
];

fn change_attestor(change: impl FnOnce(&mut AttestorInfo)) {
    Attestors::<Test>::mutate_extant(CONTRACT, change);
}

#[test]
fn the_invariants_notice_what_is_out_of_step() {
    for (index, (what, damage)) in DAMAGES.into_iter().enumerate() {
        new_test_ext().execute_with(|| {
            populate();
            assert_ok!(publish(1, 0));
            assert_ok!(request());
            assert_ok!(publish(2, 1));
            assert_ok!(state_as(102, &statement(1), &statement(1)));
            assert_ok!(ClusterKeys::do_try_state());
            damage();
            assert_eq!(
                ClusterKeys::do_try_state(),
                Err(what.into()),
                "damage number {index}"
            );
        });
    }
}
