//! The benchmarks that the weights are measured with.

use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::traits::{
    EnsureOrigin, Get,
    fungible::{Inspect, Mutate},
};
use frame_system::RawOrigin;
use pallet_phat_anchor::{AttestorKeys, OnOutcome, PushedOutcome};
use phat_primitives::anchor::{ATTESTORS_MAX, AttestorKey};
use sp_core::H160;
use sp_runtime::SaturatedConversion;

use crate::*;

const RECIPIENT: H160 = H160::repeat_byte(7);

/// Enough for all that a benchmark locks and pays, with what is least on the chain.
fn plenty<T: Config>() -> BalanceOf<T> {
    let limits = CurrentLimits::<T>::get();
    (limits.minimum + limits.fee + T::Currency::minimum_balance()) * 1_000_u32.into()
}

fn rich<T: Config>(name: &'static str) -> T::AccountId {
    let account = account(name, 0, 0);
    T::Currency::set_balance(&account, plenty::<T>());
    account
}

/// As many attestors as may be.
fn keys() -> AttestorKeys {
    let keys = (0..ATTESTORS_MAX)
        .map(|number| AttestorKey::Sr25519(phat_primitives::blake2_256(&number.encode())));
    AttestorKeys::truncate_from(keys.collect())
}

/// Has the pallet be a consumer, with something to pay deposits with.
fn connected<T: Config>() {
    let account = Pallet::<T>::account_id();
    T::Currency::set_balance(&account, plenty::<T>());
    T::Anchor::connect(&account, 1, keys(), 0).expect("the account can pay; qed");
}

/// A lock, and what was locked.
fn locked<T: Config>() -> BalanceOf<T> {
    connected::<T>();
    let amount = CurrentLimits::<T>::get().minimum;
    Pallet::<T>::do_lock(&rich::<T>("sender"), amount, RECIPIENT).expect("it may be; qed");
    amount
}

/// What the contract tells of a burn of all that is locked.
fn burned<T: Config>(amount: BalanceOf<T>) -> Message {
    let recipient: T::AccountId = account("recipient", 0, 0);
    let mut bytes = [0; 32];
    bytes.copy_from_slice(&recipient.encode());
    Message::Burned {
        number: FIRST_TRANSFER,
        recipient: bytes,
        amount: amount.saturated_into(),
    }
}

fn tell<T: Config>(message: &Message) {
    let pushed = PushedOutcome {
        consumer: &Pallet::<T>::account_id(),
        firing: &[1; 32],
        success: true,
        output: &message.encode(),
    };
    Pallet::<T>::on_push(&pushed).expect("it is taken; qed");
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn lock() {
        connected::<T>();
        let sender = rich::<T>("sender");
        let amount = CurrentLimits::<T>::get().minimum;

        #[extrinsic_call]
        _(RawOrigin::Signed(sender), amount, RECIPIENT);

        assert!(Pending::<T>::contains_key(FIRST_TRANSFER));
    }

    #[benchmark]
    fn announce() {
        locked::<T>();
        let caller = rich::<T>("caller");
        // The clock of a runtime is not this pallet's to move.
        Pending::<T>::mutate(FIRST_TRANSFER, |pending| {
            if let Some(pending) = pending {
                pending.again_from = 0;
            }
        });

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), FIRST_TRANSFER);

        let pending = Pending::<T>::get(FIRST_TRANSFER).expect("it is not minted; qed");
        assert!(pending.again_from >= T::AnnounceInterval::get());
    }

    #[benchmark]
    fn release() {
        let amount = locked::<T>();
        Paused::<T>::put(true);
        tell::<T>(&burned::<T>(amount));
        Paused::<T>::put(false);

        #[extrinsic_call]
        _(RawOrigin::Signed(rich::<T>("caller")), FIRST_TRANSFER);

        assert!(!Due::<T>::contains_key(FIRST_TRANSFER));
    }

    #[benchmark]
    fn connect() -> Result<(), BenchmarkError> {
        let origin =
            T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        let account = Pallet::<T>::account_id();
        T::Currency::set_balance(&account, plenty::<T>());

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, 1, keys(), 0);

        assert!(T::Anchor::is_connected(&account));
        Ok(())
    }

    #[benchmark]
    fn set_limits() -> Result<(), BenchmarkError> {
        let origin =
            T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        let mut limits = CurrentLimits::<T>::get();
        limits.fee = limits.minimum;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, limits);

        assert_eq!(CurrentLimits::<T>::get(), limits);
        Ok(())
    }

    #[benchmark]
    fn set_paused() -> Result<(), BenchmarkError> {
        let origin =
            T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, true);

        assert!(Paused::<T>::get());
        Ok(())
    }

    /// What the pallet does with word of a mint.
    #[benchmark]
    fn on_minted() {
        locked::<T>();
        let number = FIRST_TRANSFER;

        #[block]
        {
            tell::<T>(&Message::Minted { number });
        }

        assert!(!Pending::<T>::contains_key(number));
    }

    /// What the pallet does with word of a burn that it pays at once.
    #[benchmark]
    fn on_burned() {
        let amount = locked::<T>();
        let message = burned::<T>(amount);

        #[block]
        {
            tell::<T>(&message);
        }

        assert!(Pallet::<T>::is_processed(FIRST_TRANSFER));
        assert!(!Due::<T>::contains_key(FIRST_TRANSFER));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
