//! What the pallet does, and each of its refusals. What the tests have in common is here.

use frame_support::{assert_ok, dispatch::DispatchResult};

use crate::{mock::*, *};

mod callbacks;
mod consumers;
mod requests;
mod settlement;
mod store;

const SALT: [u8; 32] = [9; 32];

fn events() -> Vec<Event<Test>> {
    let records = System::read_events_for_pallet::<Event<Test>>();
    System::reset_events();
    records
}

fn expire(number: u64) -> DispatchResult {
    Anchor::expire(signed(&BOB), SHOP, number)
}

fn retry(number: u64, success: bool, output: &[u8]) -> DispatchResult {
    let output = Output::try_from(output.to_vec()).expect("no more than the bound");
    Anchor::retry(signed(&BOB), SHOP, number, success, output)
}

fn shop() -> ConsumerInfoOf<Test> {
    Anchor::consumer(&SHOP).expect("it is registered")
}

fn set_bounds(bounds: Bounds) {
    assert_ok!(Anchor::set_policy(
        signed(&SHOP),
        SHOP,
        Askers::Anyone,
        bounds
    ));
}
