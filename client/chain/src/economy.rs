//! Transactions of those who stake: on sessions of workers, through pools and through vaults.

use phat_primitives::AccountBytes;
use subxt::extrinsics::ExtrinsicEvents;

use crate::{
    ChainClient, ChainError, Included, PoolAction, SessionAction, Signer, State, VaultAction,
    api::{computation, stake_pool, vault},
    config::PhatConfig,
};

/// What an account does with sessions, pools or vaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EconomyAction {
    /// With the session of a worker.
    Session(SessionAction),
    /// With a pool.
    Pool(PoolAction),
    /// With a vault.
    Vault(VaultAction),
}

/// What a transaction came to, as its events tell. Amounts are in units of 10⁻¹² PHA.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EconomyOutcome {
    /// The number of the pool or vault that was created.
    pub created: Option<u64>,
    /// The shares that were bought: of the pool or the vault, or of the pool that a vault has
    /// delegated to.
    pub shares: Option<u128>,
    /// What the signing account was paid for its shares.
    pub paid: Option<u128>,
    /// The number of the withdrawal that waits.
    pub queued: Option<u64>,
    /// The payments to anybody who withdraws.
    pub payments: u32,
    /// What came back of a stake.
    pub returned: Option<u128>,
    /// What of it was slashed.
    pub slashed: Option<u128>,
    /// What the owner of a pool has claimed.
    pub claimed: Option<u128>,
    /// The shares that the owner of a vault was given as its fee.
    pub fee_shares: Option<u128>,
    /// How many workers were stopped, or pools withdrawn from, for those who wait.
    pub forced: Option<u32>,
}

impl State {
    /// The bytes of the call that does it.
    fn economy_call(&self, action: &EconomyAction) -> Result<Vec<u8>, ChainError> {
        match action {
            EconomyAction::Session(action) => self.session_call(action),
            EconomyAction::Pool(action) => self.pool_call(action),
            EconomyAction::Vault(action) => self.vault_call(action),
        }
    }
}

impl ChainClient {
    /// What a transaction that does this would cost now besides what it moves, in units of
    /// 10⁻¹² PHA.
    pub async fn economy_fee(
        &self,
        signer: &Signer,
        action: &EconomyAction,
    ) -> Result<u128, ChainError> {
        let state = self.latest().await?;
        let bytes = state.economy_call(action)?;
        let call = state.at.transactions().from_call_data_bytes(&bytes)?;
        self.fee(signer, &call).await
    }

    /// Does it.
    pub async fn act_in_economy(
        &self,
        signer: &Signer,
        action: &EconomyAction,
    ) -> Result<(Included, EconomyOutcome), ChainError> {
        let state = self.latest().await?;
        let bytes = state.economy_call(action)?;
        let call = state.at.transactions().from_call_data_bytes(&bytes)?;
        let (included, events) = self.submit_for_events(signer, &call).await?;
        let outcome = match action {
            EconomyAction::Session(_) => session_outcome(&events)?,
            EconomyAction::Pool(_) => pool_outcome(&events, &signer.account())?,
            EconomyAction::Vault(_) => vault_outcome(&events, &signer.account())?,
        };
        Ok((included, outcome))
    }
}

impl EconomyOutcome {
    /// `amount` was paid to `who`, in a transaction of `signer`'s.
    fn pay(&mut self, who: [u8; 32], amount: u128, signer: &AccountBytes) {
        self.payments = self.payments.saturating_add(1);
        if who == signer.0 {
            self.paid = Some(self.paid.unwrap_or(0).saturating_add(amount));
        }
    }
}

fn session_outcome(events: &ExtrinsicEvents<PhatConfig>) -> Result<EconomyOutcome, ChainError> {
    let reclaimed = events.find_first::<computation::events::StakeReclaimed>();
    let reclaimed = reclaimed.transpose()?;
    Ok(EconomyOutcome {
        returned: reclaimed.as_ref().map(|reclaimed| reclaimed.returned),
        slashed: reclaimed.as_ref().map(|reclaimed| reclaimed.slashed),
        ..EconomyOutcome::default()
    })
}

fn pool_outcome(
    events: &ExtrinsicEvents<PhatConfig>,
    signer: &AccountBytes,
) -> Result<EconomyOutcome, ChainError> {
    use stake_pool::events::{
        Delegated, OwnerRewardsClaimed, PoolCreated, StakeReclaimed, WithdrawalForced,
        WithdrawalQueued, Withdrawn,
    };

    let created = events.find_first::<PoolCreated>().transpose()?;
    let delegated = events.find_first::<Delegated>().transpose()?;
    let queued = events.find_first::<WithdrawalQueued>().transpose()?;
    let reclaimed = events.find_first::<StakeReclaimed>().transpose()?;
    let claimed = events.find_first::<OwnerRewardsClaimed>().transpose()?;
    let forced = events.find_first::<WithdrawalForced>().transpose()?;
    let mut outcome = EconomyOutcome {
        created: created.map(|created| created.pid),
        shares: delegated.map(|delegated| delegated.shares),
        queued: queued.map(|queued| queued.request),
        returned: reclaimed.as_ref().map(|reclaimed| reclaimed.returned),
        slashed: reclaimed.as_ref().map(|reclaimed| reclaimed.slashed),
        claimed: claimed.map(|claimed| claimed.amount),
        forced: forced.map(|forced| forced.stopped),
        ..EconomyOutcome::default()
    };
    for payment in events.find::<Withdrawn>() {
        let payment = payment?;
        outcome.pay(payment.who.0, payment.amount, signer);
    }
    Ok(outcome)
}

fn vault_outcome(
    events: &ExtrinsicEvents<PhatConfig>,
    signer: &AccountBytes,
) -> Result<EconomyOutcome, ChainError> {
    use vault::events::{
        Delegated, FeeTaken, PoolDelegated, PoolWithdrawn, VaultCreated, WithdrawalForced,
        WithdrawalQueued, Withdrawn,
    };

    let created = events.find_first::<VaultCreated>().transpose()?;
    let delegated = events.find_first::<Delegated>().transpose()?;
    let in_pool = events.find_first::<PoolDelegated>().transpose()?;
    let queued = events.find_first::<WithdrawalQueued>().transpose()?;
    let in_pool_queue = events.find_first::<PoolWithdrawn>().transpose()?;
    let fee = events.find_first::<FeeTaken>().transpose()?;
    let forced = events.find_first::<WithdrawalForced>().transpose()?;
    let mut outcome = EconomyOutcome {
        created: created.map(|created| created.vid),
        shares: delegated
            .map(|delegated| delegated.shares)
            .or(in_pool.map(|delegated| delegated.shares)),
        queued: queued
            .map(|queued| queued.request)
            .or(in_pool_queue.and_then(|withdrawn| withdrawn.request)),
        fee_shares: fee.map(|fee| fee.shares),
        forced: forced.map(|forced| forced.pools),
        ..EconomyOutcome::default()
    };
    for payment in events.find::<Withdrawn>() {
        let payment = payment?;
        outcome.pay(payment.who.0, payment.amount, signer);
    }
    Ok(outcome)
}
