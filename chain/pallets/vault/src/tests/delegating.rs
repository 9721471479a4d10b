//! What a vault's shares cost and are worth, its fee, and leaving it.

use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate};
use pallet_stake_pool::{Fund, Queues, VAULT_ASSETS};
use sp_runtime::Permill;

use crate::{Error, Event, Mark, Vaults, mock::*};

fn gain(amount: u128) {
    let account = Vault::account(VAULT);
    let before = money(&account);
    Balances::set_balance(&account, before + amount);
}

#[test]
fn a_vault_costs_a_seed_that_stays_in_it() {
    run(|| {
        System::assert_last_event(
            Event::VaultCreated {
                vid: VAULT,
                owner: KEEPER,
                account: Vault::account(VAULT),
                asset: 1 << 63,
                seed: SEED,
            }
            .into(),
        );
        assert_eq!(money(&KEEPER), BALANCE - SEED - EXISTENTIAL_DEPOSIT);
        assert_eq!((book().value, book().supply), (SEED, SEED));
        assert_noop!(
            Vault::create(signed(&ALICE), Permill::from_percent(51)),
            Error::<Test>::FeeTooHigh
        );
        assert_ok!(Vault::create(signed(&ALICE), Permill::from_percent(50)));
        assert_noop!(
            Vault::create(signed(&ALICE), Permill::zero()),
            Error::<Test>::TooManyVaults
        );
        // Its accounts and shares are none of a pool's.
        assert_ne!(Vault::account(0), StakePool::account(0));
        assert_ne!(Vault::share_asset(0), StakePool::share_asset(0));
    });
}

#[test]
fn shares_are_bought_and_sold_at_what_they_are_worth() {
    run(|| {
        assert_noop!(delegate(&ALICE, PHA - 1), Error::<Test>::DelegationTooSmall);
        assert_ok!(delegate(&ALICE, 99 * PHA));
        assert_eq!(shares(&ALICE), 99 * PHA);
        assert_ok!(Assets::transfer(
            signed(&ALICE),
            VAULT_ASSETS | VAULT,
            BOB,
            9 * PHA
        ));
        assert_ok!(withdraw(&BOB, 9 * PHA));
        assert_eq!(money(&BOB), BALANCE + 9 * PHA);
        assert_noop!(withdraw(&ALICE, 90 * PHA + 1), Error::<Test>::SharesInvalid);
        assert_ok!(withdraw(&ALICE, 90 * PHA));
        assert_eq!(money(&ALICE), BALANCE - 9 * PHA);
    });
}

#[test]
fn the_owner_has_a_part_of_gains_in_shares() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        gain(100 * PHA);
        assert_ok!(Vault::collect_owner_fee(signed(&BOB), VAULT));
        let fee = shares(&KEEPER);
        // A tenth of the gain.
        let worth = book().amount_for(fee);
        assert!((10 * PHA - 2..=10 * PHA).contains(&worth));
        System::assert_last_event(
            Event::FeeTaken {
                vid: VAULT,
                owner: KEEPER,
                shares: fee,
                value: 1_100 * PHA,
                supply: 1_000 * PHA + fee,
            }
            .into(),
        );
        // The rest is the delegators'.
        assert!(book().amount_for(999 * PHA) >= 999 * PHA + 999 * PHA * 9 / 100);
        // Nothing is taken twice.
        assert_ok!(Vault::collect_owner_fee(signed(&BOB), VAULT));
        assert_eq!(shares(&KEEPER), fee);
    });
}

#[test]
fn losses_are_made_good_before_a_fee_is_taken_again() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        assert_ok!(put(0, 1_000 * PHA));
        assert_ok!(stake(0));
        FakeSessions::slash(worker(0), Permill::from_percent(50));
        let lost = 1_000 * PHA - book().value;
        assert!(lost > 499 * PHA);
        gain(lost - PHA);
        assert_ok!(Vault::collect_owner_fee(signed(&BOB), VAULT));
        assert_eq!(shares(&KEEPER), 0);
        gain(11 * PHA);
        assert_ok!(Vault::collect_owner_fee(signed(&BOB), VAULT));
        let worth = book().amount_for(shares(&KEEPER));
        assert!((PHA - 2..=PHA).contains(&worth));
    });
}

#[test]
fn who_comes_later_pays_no_fee_for_gains_before() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        gain(100 * PHA);
        // The fee is taken first.
        assert_ok!(delegate(&BOB, 500 * PHA));
        let fee = shares(&KEEPER);
        assert!(fee > 0);
        assert_ok!(Vault::collect_owner_fee(signed(&BOB), VAULT));
        assert_eq!(shares(&KEEPER), fee);
        assert_ok!(withdraw(&BOB, shares(&BOB)));
        assert!(money(&BOB) >= BALANCE - 2);
    });
}

#[test]
fn a_fee_rises_after_a_notice_and_not_for_gains_before() {
    run(|| {
        assert_ok!(delegate(&ALICE, 999 * PHA));
        let set = |percent| Vault::set_fee(signed(&KEEPER), VAULT, Permill::from_percent(percent));
        assert_noop!(set(51), Error::<Test>::FeeTooHigh);
        gain(100 * PHA);
        assert_ok!(set(50));
        let fee = shares(&KEEPER);
        assert!(book().amount_for(fee) <= 10 * PHA);
        let vault = Vaults::<Test>::get(VAULT).expect("it was created");
        assert_eq!(
            vault.fee.at(BEGIN_S + GRACE_S - 1),
            Permill::from_percent(10)
        );
        assert_eq!(vault.fee.at(BEGIN_S + GRACE_S), Permill::from_percent(50));
        assert_eq!(
            vault.mark,
            Mark {
                value: 1_100 * PHA,
                supply: 1_000 * PHA + fee
            }
        );
        assert_noop!(
            Vault::set_fee(signed(&ALICE), VAULT, Permill::zero()),
            Error::<Test>::NotOwner
        );
    });
}

#[test]
fn what_is_not_there_waits() {
    run(|| {
        assert_ok!(delegate(&ALICE, 500 * PHA));
        assert_ok!(delegate(&BOB, 500 * PHA));
        assert_ok!(put(0, 901 * PHA));
        assert_ok!(stake(0));
        assert_ok!(withdraw(&ALICE, 300 * PHA));
        assert_eq!(money(&ALICE), BALANCE - 400 * PHA);
        assert_eq!(Vault::queue(VAULT).shares, 200 * PHA);
        assert_noop!(withdraw(&BOB, PHA / 2), Error::<Test>::WithdrawalTooSmall);
        assert_ok!(withdraw(&BOB, 100 * PHA));
        let cancel = |who| Vault::cancel_withdrawal(signed(who), VAULT, 0);
        assert_noop!(cancel(&BOB), Error::<Test>::UnknownWithdrawal);
        assert_ok!(cancel(&ALICE));
        assert_eq!(shares(&ALICE), 400 * PHA);
        assert_ok!(delegate(&ALICE, 100 * PHA));
        assert_eq!(money(&BOB), BALANCE - 400 * PHA);
        assert_eq!(Vault::queue(VAULT).count, 0);
    });
}

#[test]
fn only_the_owner_runs_a_vault() {
    run(|| {
        let alice = || signed(&ALICE);
        for result in [
            Vault::set_fee(alice(), VAULT, Permill::zero()),
            Vault::delegate_to_pool(alice(), VAULT, 0, PHA),
            Vault::withdraw_from_pool(alice(), VAULT, 0, PHA),
            Vault::cancel_pool_withdrawal(alice(), VAULT, 0, 0),
        ] {
            assert_eq!(result, Err(Error::<Test>::NotOwner.into()));
        }
        let none = VAULT + 1;
        for result in [
            Vault::delegate(alice(), none, PHA),
            Vault::withdraw(alice(), none, PHA),
            Vault::collect_owner_fee(alice(), none),
            Vault::process_queue(alice(), none, 1),
            Vault::check_and_force_withdraw(alice(), none),
        ] {
            assert_eq!(result, Err(Error::<Test>::UnknownVault.into()));
        }
    });
}
