//! Batches. Challenges have a file of their own.

use frame_support::{assert_noop, assert_ok, traits::Hooks, weights::Weight};
use phat_primitives::receipts::BATCH_RECEIPTS_MAX;
use sp_runtime::DispatchError;

use crate::{
    BatchInfo, Batches, CLEARED_PER_BLOCK_MAX, Error, Event, Heads, Leftovers, WeightInfo, mock::*,
};

mod challenges;

#[test]
fn a_worker_s_batches_are_published_one_after_the_other() {
    run(|| {
        let (first, signature) = next_batch(1, 9);
        assert_eq!((first.number, first.previous), (0, [0; 32]));
        assert_ok!(publish(&first, signature));
        System::assert_last_event(
            Event::BatchPublished {
                worker: worker(1),
                number: 0,
                count: 10,
                root: [9; 32],
            }
            .into(),
        );
        let stored = BatchInfo {
            count: 10,
            root: [9; 32],
            published_at: 1,
        };
        assert_eq!(Batches::<Test>::get(worker(1), 0), Some(stored));
        assert_noop!(publish(&first, signature), Error::<Test>::BatchNotNext);

        let (second, signature) = next_batch(1, 10);
        assert_eq!((second.number, second.previous), (1, first.hash()));
        assert_ok!(publish(&second, signature));
        let head = Heads::<Test>::get(worker(1)).expect("it has published");
        assert_eq!((head.first, head.next, head.hash), (0, 2, second.hash()));
        // Another worker's batches have nothing to do with them.
        let (other, signature) = next_batch(2, 9);
        assert_eq!(other.number, 0);
        assert_ok!(publish(&other, signature));
    });
}

#[test]
fn only_what_the_worker_signed_is_published() {
    run(|| {
        let (batch, signature) = next_batch(1, 9);
        let (_, of_other) = next_batch(2, 9);
        assert_noop!(publish(&batch, of_other), Error::<Test>::SignatureInvalid);
        for change in [
            |batch: &mut phat_primitives::receipts::ReceiptBatch| batch.count += 1,
            |batch: &mut phat_primitives::receipts::ReceiptBatch| batch.root[0] ^= 1,
        ] {
            let mut changed = batch.clone();
            change(&mut changed);
            assert_noop!(
                publish(&changed, signature),
                Error::<Test>::SignatureInvalid
            );
        }
        let root = batch.root;
        assert_noop!(
            Receipts::publish_batch(RuntimeOrigin::root(), worker(1), 0, 10, root, signature),
            DispatchError::BadOrigin
        );
        let (stranger, signature) = next_batch(9, 9);
        assert_noop!(publish(&stranger, signature), Error::<Test>::UnknownWorker);
    });
}

#[test]
fn a_batch_has_a_bounded_number_of_receipts() {
    run(|| {
        for count in [0, BATCH_RECEIPTS_MAX + 1] {
            let (mut batch, signature) = next_batch(1, 9);
            batch.count = count;
            assert_noop!(publish(&batch, signature), Error::<Test>::BatchCountInvalid);
        }
    });
}

#[test]
fn the_newest_batches_are_stored() {
    run(|| {
        for root in 0..5 {
            let (batch, signature) = next_batch(1, root);
            assert_ok!(publish(&batch, signature));
        }
        let head = Heads::<Test>::get(worker(1)).expect("it has published");
        assert_eq!((head.first, head.next), (2, 5));
        let stored = (0..5).filter(|number| Batches::<Test>::contains_key(worker(1), number));
        assert_eq!(stored.collect::<Vec<u32>>(), [2, 3, 4]);
    });
}

#[test]
fn batches_of_a_worker_that_left_are_removed_in_pieces() {
    run(|| {
        for root in 0..3 {
            let (batch, signature) = next_batch(1, root);
            assert_ok!(publish(&batch, signature));
        }
        let (of_other, signature) = next_batch(2, 9);
        assert_ok!(publish(&of_other, signature));
        deregister(1);
        assert_eq!(Heads::<Test>::get(worker(1)), None);
        assert_eq!(Batches::<Test>::iter_prefix(worker(1)).count(), 3);
        Receipts::do_try_state().expect("leftovers are counted");

        // It comes back before they are gone.
        Registered::mutate(|list| list.insert(worker(1)));
        let (again, signature) = next_batch(1, 7);
        assert_eq!(again.number, 0);
        assert_noop!(publish(&again, signature), Error::<Test>::LeftoversExist);

        let for_two = <() as WeightInfo>::clear_batches(2);
        assert_eq!(Receipts::on_idle(1, for_two), for_two);
        assert_eq!(Batches::<Test>::iter_prefix(worker(1)).count(), 1);
        Receipts::do_try_state().expect("leftovers are counted");
        assert_eq!(Receipts::on_idle(1, Weight::zero()), Weight::zero());
        assert_eq!(Batches::<Test>::iter_prefix(worker(1)).count(), 1);
        Receipts::on_idle(1, Weight::MAX);
        assert_eq!(Leftovers::<Test>::get(worker(1)), None);
        assert_eq!(Batches::<Test>::iter_prefix(worker(1)).count(), 0);
        assert_eq!(Batches::<Test>::iter_prefix(worker(2)).count(), 1);
        assert_ok!(publish(&again, signature));
        // There is nothing left to do, however much room there is.
        assert_eq!(Receipts::clear(CLEARED_PER_BLOCK_MAX), 0);
    });
}

#[test]
fn a_worker_that_published_nothing_leaves_nothing() {
    run(|| {
        deregister(1);
        assert_eq!(Leftovers::<Test>::iter().count(), 0);
    });
}
