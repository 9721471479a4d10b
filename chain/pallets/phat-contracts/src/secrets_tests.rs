use frame_support::{
    assert_noop, assert_ok, dispatch::GetDispatchInfo, traits::fungible::MutateHold,
};
use phat_primitives::{
    ClusterId, ContractId,
    limits::{SECRET_NAME_BYTES_MAX, SECRET_SEAL_BYTES, SECRET_SEALED_BYTES_MAX, SECRETS_MAX},
};
use sp_runtime::{AccountId32, DispatchError, DispatchResult, TokenError};

use crate::{
    Call, ClusterSecrets, Error, Event, HoldReason, OnContractRemoved, SealedSecret, SecretInfo,
    SecretName, Secrets, SecretsInfo, WeightInfo, mock::*,
};

fn name(text: &str) -> SecretName {
    text.as_bytes().to_vec().try_into().expect("a short name")
}

/// What is sealed to so many bytes.
fn sealed(len: u32) -> SealedSecret {
    vec![7u8; len as usize]
        .try_into()
        .expect("within the bound")
}

fn set(who: &AccountId32, contract: ContractId, text: &str, len: u32) -> DispatchResult {
    PhatContracts::set_secret(signed(who), contract, name(text), 3, sealed(len))
}

/// What a secret with a name of `name_len` bytes that is sealed to `len` bytes costs.
fn deposit(name_len: u32, len: u32) -> u64 {
    20 + 4 * u64::from(name_len + len)
}

fn contract_of(owner: &AccountId32) -> ContractId {
    let code_hash = upload(&ALICE, CODE);
    instantiate(owner, code_hash, SALT)
}

fn listed(contract: ContractId) -> Option<SecretsInfo<u64, u64>> {
    ClusterSecrets::<Test>::get(CLUSTER, contract)
}

#[test]
fn a_secret_is_set_and_replaced_and_removed() {
    run(|| {
        let before = total(&BOB);
        let contract = contract_of(&BOB);
        assert_eq!(listed(contract), None);

        assert_ok!(set(&BOB, contract, "api-key", 100));
        System::assert_last_event(
            Event::SecretSet {
                contract,
                name: name("api-key"),
                generation: 3,
            }
            .into(),
        );
        let first = SecretInfo {
            generation: 3,
            sealed: sealed(100),
            deposit: deposit(7, 100),
        };
        assert_eq!(Secrets::<Test>::get(contract, name("api-key")), Some(first));
        assert_eq!(held(HoldReason::Secret, &BOB), deposit(7, 100));

        assert_ok!(set(&BOB, contract, "other", 50));
        for len in [60, 200, 200] {
            assert_ok!(set(&BOB, contract, "api-key", len));
            let sum = deposit(7, len) + deposit(5, 50);
            assert_eq!(held(HoldReason::Secret, &BOB), sum);
            assert_eq!(
                listed(contract),
                Some(SecretsInfo {
                    count: 2,
                    deposit: sum,
                    changed_at: 1,
                })
            );
        }

        let remove = |text| PhatContracts::remove_secret(signed(&BOB), contract, name(text));
        assert_ok!(remove("api-key"));
        System::assert_last_event(
            Event::SecretRemoved {
                contract,
                name: name("api-key"),
            }
            .into(),
        );
        assert_noop!(remove("api-key"), Error::<Test>::UnknownSecret);
        assert_eq!(Secrets::<Test>::get(contract, name("api-key")), None);
        assert_eq!(held(HoldReason::Secret, &BOB), deposit(5, 50));

        assert_ok!(remove("other"));
        assert_eq!(listed(contract), None);
        assert_eq!(held(HoldReason::Secret, &BOB), 0);
        assert_eq!(total(&BOB), before);
    });
}

#[test]
fn workers_are_told_when_secrets_change() {
    run(|| {
        let contract = contract_of(&BOB);
        let changed_at = || listed(contract).map(|all| all.changed_at);
        System::set_block_number(5);
        assert_ok!(set(&BOB, contract, "a", 48));
        assert_eq!(changed_at(), Some(5));
        System::set_block_number(6);
        assert_ok!(set(&BOB, contract, "b", 48));
        assert_eq!(changed_at(), Some(6));

        // Neither a manifest nor another contract is a change of secrets.
        System::set_block_number(7);
        assert_ok!(PhatContracts::set_manifest(
            signed(&BOB),
            contract,
            manifest("another")
        ));
        assert_eq!(changed_at(), Some(6));
        let remove = |text| PhatContracts::remove_secret(signed(&BOB), contract, name(text));
        assert_ok!(remove("a"));
        assert_eq!(changed_at(), Some(7));
        System::set_block_number(8);
        assert_ok!(remove("b"));
        assert_eq!(changed_at(), None);
    });
}

#[test]
fn only_the_owner_of_a_contract_sets_and_removes_its_secrets() {
    run(|| {
        let contract = contract_of(&BOB);
        assert_ok!(set(&BOB, contract, "a", 48));
        assert_noop!(set(&ALICE, contract, "a", 48), Error::<Test>::NotOwner);
        assert_noop!(
            PhatContracts::remove_secret(signed(&ALICE), contract, name("a")),
            Error::<Test>::NotOwner
        );
        let unknown = ContractId([9; 32]);
        assert_noop!(set(&BOB, unknown, "a", 48), Error::<Test>::UnknownContract);
        assert_noop!(
            PhatContracts::remove_secret(signed(&BOB), unknown, name("a")),
            Error::<Test>::UnknownContract
        );
        assert_noop!(
            PhatContracts::set_secret(RuntimeOrigin::root(), contract, name("a"), 0, sealed(48)),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn names_and_sizes_are_bounded() {
    run(|| {
        let contract = contract_of(&BOB);
        for bad in ["", "api key", "a.b", "é", "a\0"] {
            assert_noop!(
                set(&BOB, contract, bad, 48),
                Error::<Test>::SecretNameInvalid
            );
        }
        let longest = "a".repeat(SECRET_NAME_BYTES_MAX as usize);
        assert_ok!(set(&BOB, contract, &longest, SECRET_SEALED_BYTES_MAX));
        assert_eq!(
            held(HoldReason::Secret, &BOB),
            deposit(SECRET_NAME_BYTES_MAX, SECRET_SEALED_BYTES_MAX)
        );
        assert!(SecretName::try_from(vec![b'a'; SECRET_NAME_BYTES_MAX as usize + 1]).is_err());
        assert!(SealedSecret::try_from(vec![7; SECRET_SEALED_BYTES_MAX as usize + 1]).is_err());

        assert_ok!(set(&BOB, contract, "empty", SECRET_SEAL_BYTES));
        assert_noop!(
            set(&BOB, contract, "short", SECRET_SEAL_BYTES - 1),
            Error::<Test>::SecretNotSealed
        );
    });
}

#[test]
fn a_contract_has_secrets_up_to_the_bound() {
    run(|| {
        let contract = contract_of(&BOB);
        for index in 0..SECRETS_MAX {
            assert_ok!(set(&BOB, contract, &format!("secret-{index}"), 48));
        }
        assert_noop!(
            set(&BOB, contract, "another", 48),
            Error::<Test>::TooManySecrets
        );
        // What is there can be replaced.
        assert_ok!(set(&BOB, contract, "secret-0", 49));
        assert_ok!(PhatContracts::remove_secret(
            signed(&BOB),
            contract,
            name("secret-0")
        ));
        assert_ok!(set(&BOB, contract, "another", 48));
    });
}

#[test]
fn an_owner_that_cannot_pay_keeps_the_old_secret() {
    run(|| {
        let code_hash = upload(&ALICE, CODE);
        let contract = instantiate(&BOB, code_hash, SALT);
        // Leave BOB with less than a long secret costs.
        let spare = deposit(1, 100);
        let free = Balances::free_balance(&BOB) - spare;
        assert_ok!(Balances::transfer_keep_alive(signed(&BOB), ALICE, free));
        assert_ok!(set(&BOB, contract, "a", 48));
        assert_noop!(
            set(&BOB, contract, "a", 1_000),
            TokenError::FundsUnavailable
        );
        assert_noop!(
            set(&BOB, contract, "b", 1_000),
            TokenError::FundsUnavailable
        );
        assert_eq!(
            Secrets::<Test>::get(contract, name("a")).map(|secret| secret.sealed),
            Some(sealed(48))
        );
        assert_eq!(held(HoldReason::Secret, &BOB), deposit(1, 48));
    });
}

#[test]
fn a_removed_contract_leaves_no_secrets() {
    run(|| {
        let before = total(&BOB);
        let code_hash = upload(&ALICE, CODE);
        let contract = instantiate(&BOB, code_hash, SALT);
        let other = instantiate(&BOB, code_hash, [8; 32]);
        for index in 0..SECRETS_MAX {
            assert_ok!(set(&BOB, contract, &format!("secret-{index}"), 48));
        }
        assert_ok!(set(&BOB, other, "kept", 48));

        let call = Call::<Test>::remove { contract };
        let most = call.get_dispatch_info().call_weight;
        let told = Recorder::weight();
        assert_eq!(
            most,
            <() as WeightInfo>::remove(SECRETS_MAX).saturating_add(told)
        );
        let removed = PhatContracts::remove(signed(&BOB), contract).expect("it is BOB's");
        assert_eq!(removed.actual_weight, Some(most));
        assert_eq!(Secrets::<Test>::iter_prefix(contract).count(), 0);
        assert_eq!(listed(contract), None);
        assert_eq!(held(HoldReason::Secret, &BOB), deposit(4, 48));
        assert!(Secrets::<Test>::contains_key(other, name("kept")));

        // One that comes back has none, and one without any costs less to remove.
        assert_eq!(instantiate(&BOB, code_hash, SALT), contract);
        assert_eq!(listed(contract), None);
        let removed = PhatContracts::remove(signed(&BOB), contract).expect("it is BOB's");
        let least = <() as WeightInfo>::remove(0).saturating_add(told);
        assert_eq!(removed.actual_weight, Some(least));
        assert_ok!(PhatContracts::remove(signed(&BOB), other));
        assert_eq!(total(&BOB), before);

        let refused = PhatContracts::remove(signed(&BOB), contract).expect_err("it is gone");
        assert_eq!(refused.error, Error::<Test>::UnknownContract.into());
    });
}

/// Puts the storage out of step.
type Damage = fn(ContractId);

fn change_listed(contract: ContractId, change: impl FnOnce(&mut SecretsInfo<u64, u64>)) {
    ClusterSecrets::<Test>::mutate(CLUSTER, contract, |all| {
        change(all.as_mut().expect("it has secrets"));
    });
}

/// By what the invariants say of it.
const DAMAGES: [(&str, Damage); 10] = [
    ("a secret has a name that none can have", |contract| {
        Secrets::<Test>::swap(contract, name("a"), contract, name("a b"))
    }),
    (
        "secrets are listed of what is no contract of the cluster",
        |contract| ClusterSecrets::<Test>::swap(CLUSTER, contract, ClusterId(1), contract),
    ),
    (
        "secrets are listed of what is no contract of the cluster",
        |contract| ClusterSecrets::<Test>::swap(CLUSTER, contract, CLUSTER, ContractId([9; 32])),
    ),
    ("a contract's secrets are counted wrong", |contract| {
        change_listed(contract, |all| all.count += 1)
    }),
    ("a contract's secrets are counted wrong", |contract| {
        change_listed(contract, |all| all.deposit += 1)
    }),
    ("a contract's secrets are counted wrong", |contract| {
        Secrets::<Test>::remove(contract, name("a"))
    }),
    ("secrets will have changed in the future", |contract| {
        change_listed(contract, |all| all.changed_at = 2)
    }),
    ("there are secrets on no list", |contract| {
        ClusterSecrets::<Test>::remove(CLUSTER, contract)
    }),
    (
        "an owner's hold is not the sum of its deposits",
        |contract| {
            Secrets::<Test>::mutate(contract, name("a"), |secret| {
                secret.as_mut().expect("it is set").deposit += 1;
            });
            change_listed(contract, |all| all.deposit += 1);
        },
    ),
    ("a deposit was not returned", |_| {
        assert_ok!(Balances::hold(&HoldReason::Secret.into(), &BOB, 1));
    }),
];

#[test]
fn the_invariants_notice_what_is_out_of_step() {
    for (index, (what, damage)) in DAMAGES.into_iter().enumerate() {
        new_test_ext().execute_with(|| {
            Operators::take();
            let contract = contract_of(&ALICE);
            assert_ok!(set(&ALICE, contract, "a", 48));
            assert_ok!(PhatContracts::do_try_state());
            damage(contract);
            assert_eq!(
                PhatContracts::do_try_state(),
                Err(what.into()),
                "damage number {index}"
            );
        });
    }
}

#[test]
fn the_invariants_notice_too_many_secrets() {
    new_test_ext().execute_with(|| {
        Operators::take();
        let contract = contract_of(&ALICE);
        for index in 0..SECRETS_MAX {
            assert_ok!(set(&ALICE, contract, &format!("secret-{index}"), 48));
        }
        let one_more = SecretInfo {
            generation: 0,
            sealed: sealed(48),
            deposit: 0,
        };
        Secrets::<Test>::insert(contract, name("another"), one_more);
        change_listed(contract, |all| all.count += 1);
        assert_eq!(
            PhatContracts::do_try_state(),
            Err("a contract has more secrets than allowed".into())
        );
    });
}
