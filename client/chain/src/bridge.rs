//! The bridge: PHA that is locked while as much is out as an ERC-20 on an EVM chain.

use phat_primitives::{AccountBytes, anchor::AttestorKey};
use subxt::utils::{AccountId32, H160};

use crate::{
    ChainClient, ChainError, Included, Signer, State,
    anchor::stored_keys,
    answer::in_time,
    api::{
        self,
        runtime_types::{
            pallet_pha_bridge::pallet::Call as BridgeCall,
            phat_runtime::{RuntimeCall, RuntimeHoldReason},
        },
    },
    state::read,
};

/// The account of the bridge's pallet, the same on every network: `modl`, `phat/brg` and zeros.
pub const BRIDGE_ACCOUNT: AccountBytes = AccountBytes(
    *b"modlphat/brg\
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
);

/// What the bridge's books say. Amounts are in units of 10⁻¹² PHA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BridgeBooks {
    /// How many transfers were locked, which is the number of the latest.
    pub locks: u64,
    /// How many of them the other side has not told of yet.
    pub pending: u32,
    /// What is locked and was not burned on the other side.
    pub outstanding: u128,
    /// What was burned there and is not paid yet.
    pub due: u128,
    /// What is on hold on the pallet's account for all that.
    pub held: u128,
}

impl State {
    /// What the bridge's books say.
    pub async fn bridge_books(&self) -> Result<BridgeBooks, ChainError> {
        let address = api::storage().bridge().current_books();
        let books = in_time(self.at.storage().entry(address)?.fetch(())).await?;
        let books = books.decode().map_err(subxt::Error::from)?;
        let address = api::storage().bridge().counter_for_pending();
        let pending = in_time(self.at.storage().entry(address)?.fetch(())).await?;
        let account = AccountId32(BRIDGE_ACCOUNT.0);
        let holds = read!(self, api::storage().balances().holds(), account);
        let held = holds.iter().flat_map(|holds| &holds.0);
        let held = held.filter(|hold| matches!(hold.id, RuntimeHoldReason::Bridge(_)));
        Ok(BridgeBooks {
            locks: books.locks,
            pending: pending.decode().map_err(subxt::Error::from)?,
            outstanding: books.outstanding,
            due: books.due,
            held: held.map(|hold| hold.amount).fold(0, u128::saturating_add),
        })
    }
}

impl ChainClient {
    /// Locks PHA, in units of 10⁻¹² PHA, for as much of the ERC-20 for `recipient`. Gives the
    /// number of the lock.
    pub async fn lock_pha(
        &self,
        sender: &Signer,
        amount: u128,
        recipient: [u8; 20],
    ) -> Result<(Included, Option<u64>), ChainError> {
        let call = api::transactions().bridge().lock(amount, H160(recipient));
        let (included, events) = self.submit_for_events(sender, &call).await?;
        let locked = events.find_first::<api::bridge::events::Locked>();
        Ok((included, locked.transpose()?.map(|locked| locked.number)))
    }

    /// Names whose outcomes the bridge takes.
    pub async fn connect_bridge_as_root(
        &self,
        root: &Signer,
        threshold: u32,
        attestors: &[AttestorKey],
    ) -> Result<Included, ChainError> {
        let call = BridgeCall::connect {
            threshold,
            keys: stored_keys(attestors)?,
            overlap_s: 0,
        };
        self.sudo(root, RuntimeCall::Bridge(call)).await
    }

    /// Pauses the bridge, or has it go on.
    pub async fn pause_bridge_as_root(
        &self,
        root: &Signer,
        paused: bool,
    ) -> Result<Included, ChainError> {
        let call = BridgeCall::set_paused { paused };
        self.sudo(root, RuntimeCall::Bridge(call)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_the_one_that_the_example_names() {
        let manifest = include_str!("../../../examples/pha-bridge/phat.toml");
        let account = format!("consumer = \"{BRIDGE_ACCOUNT}\"");
        assert_eq!(manifest.matches(&account).count(), 2);
    }
}
