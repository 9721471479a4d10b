//! How the pallet becomes a consumer of the anchor.

use frame_support::{dispatch::DispatchResult, traits::Get};
use pallet_phat_anchor::{Askers, AttestorKeys, Bounds, Consumers};
use phat_primitives::anchor::OUTPUT_BYTES_MAX;

/// The keys that one outcome changes: its guard.
const WRITES: u32 = 1;

/// The anchor, as far as the bridge needs it.
pub trait Connection<AccountId> {
    /// Has outcomes taken for the account that `threshold` of these keys have signed. The keys
    /// before them may go on signing for `overlap_s` seconds.
    fn connect(
        account: &AccountId,
        threshold: u32,
        keys: AttestorKeys,
        overlap_s: u64,
    ) -> DispatchResult;

    /// Whether that was done.
    fn is_connected(account: &AccountId) -> bool;
}

impl<T: pallet_phat_anchor::Config> Connection<T::AccountId> for pallet_phat_anchor::Pallet<T> {
    fn connect(
        account: &T::AccountId,
        threshold: u32,
        keys: AttestorKeys,
        overlap_s: u64,
    ) -> DispatchResult {
        if Self::is_connected(account) {
            return Self::do_set_attestors(account.clone(), threshold, keys, overlap_s);
        }
        // What is longer or writes more could not be settled, and would be tried for ever.
        let bounds = Bounds {
            output_bytes: OUTPUT_BYTES_MAX,
            writes: WRITES,
            stored_bytes: T::MaxStoredBytes::get(),
        };
        let (consumer, owner) = (account.clone(), account.clone());
        Self::do_register(consumer, owner, Askers::Own, bounds, threshold, keys)
    }

    fn is_connected(account: &T::AccountId) -> bool {
        Consumers::<T>::contains_key(account)
    }
}
