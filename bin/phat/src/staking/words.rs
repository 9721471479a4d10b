//! What is done, in words.

use phat_chain_client::{EconomyAction, PoolAction, SessionAction, VaultAction};

use super::text::{RateShown, Shares};
use crate::amount::Amount;

/// An action in words.
pub fn words(action: &EconomyAction) -> String {
    match action {
        EconomyAction::Session(action) => session(action),
        EconomyAction::Pool(action) => pool(action),
        EconomyAction::Vault(action) => vault(action),
    }
}

fn session(action: &SessionAction) -> String {
    match action {
        SessionAction::BeginBenchmark(worker) => format!("begin a benchmark of worker {worker}"),
        SessionAction::Start { worker, stake } => {
            format!("start a session of worker {worker} with {}", Amount(*stake))
        }
        SessionAction::Stop(worker) => format!("stop the session of worker {worker}"),
        SessionAction::Reclaim(worker) => format!("reclaim the stake in worker {worker}"),
    }
}

fn pool(action: &PoolAction) -> String {
    use PoolAction as Action;

    match action {
        Action::Create { commission_ppm } => format!(
            "create a pool with a commission of {}",
            RateShown::fixed(*commission_ppm)
        ),
        Action::SetCommission {
            pid,
            commission_ppm,
        } => format!(
            "set the commission of pool {pid} to {}",
            RateShown::fixed(*commission_ppm)
        ),
        Action::SetCap { pid, cap: None } => format!("remove the cap of pool {pid}"),
        Action::SetCap {
            pid,
            cap: Some(cap),
        } => format!("set the cap of pool {pid} to {}", Amount(*cap)),
        Action::SetRestriction {
            pid,
            is_restricted: true,
        } => format!("restrict pool {pid} to its whitelist"),
        Action::SetRestriction {
            pid,
            is_restricted: false,
        } => format!("open pool {pid} to everybody"),
        Action::AddToWhitelist { pid, who } => {
            format!("put {who} on the whitelist of pool {pid}")
        }
        Action::RemoveFromWhitelist { pid, who } => {
            format!("take {who} off the whitelist of pool {pid}")
        }
        Action::AddWorker { pid, worker } => format!("add worker {worker} to pool {pid}"),
        Action::RemoveWorker { pid, worker } => format!("remove worker {worker} from pool {pid}"),
        Action::StartWorker { pid, worker, stake } => format!(
            "start worker {worker} with {} of pool {pid}",
            Amount(*stake)
        ),
        Action::StopWorker { pid, worker } => format!("stop worker {worker} of pool {pid}"),
        Action::ReclaimWorker { pid, worker } => {
            format!("reclaim the stake of pool {pid} in worker {worker}")
        }
        Action::ClaimOwnerRewards(pid) => format!("claim the commission of pool {pid}"),
        Action::Delegate { pid, amount } => format!("delegate {} to pool {pid}", Amount(*amount)),
        Action::Withdraw { pid, shares } => format!("withdraw {} of pool {pid}", Shares(*shares)),
        Action::CancelWithdrawal { pid, request } => {
            format!("cancel withdrawal {request} of pool {pid}")
        }
        Action::ProcessQueue { pid, limit } => {
            format!("pay up to {limit} withdrawals of pool {pid}")
        }
        Action::Force(pid) => format!("have workers of pool {pid} stopped for those who wait"),
    }
}

fn vault(action: &VaultAction) -> String {
    use VaultAction as Action;

    match action {
        Action::Create { fee_ppm } => {
            format!(
                "create a vault with a fee of {}",
                RateShown::fixed(*fee_ppm)
            )
        }
        Action::SetFee { vid, fee_ppm } => {
            format!(
                "set the fee of vault {vid} to {}",
                RateShown::fixed(*fee_ppm)
            )
        }
        Action::CollectOwnerFee(vid) => format!("collect the fee of vault {vid}"),
        Action::Delegate { vid, amount } => format!("delegate {} to vault {vid}", Amount(*amount)),
        Action::Withdraw { vid, shares } => format!("withdraw {} of vault {vid}", Shares(*shares)),
        Action::CancelWithdrawal { vid, request } => {
            format!("cancel withdrawal {request} of vault {vid}")
        }
        Action::ProcessQueue { vid, limit } => {
            format!("pay up to {limit} withdrawals of vault {vid}")
        }
        Action::DelegateToPool { vid, pid, amount } => {
            format!("delegate {} of vault {vid} to pool {pid}", Amount(*amount))
        }
        Action::WithdrawFromPool { vid, pid, shares } => {
            format!("withdraw {} of pool {pid} for vault {vid}", Shares(*shares))
        }
        Action::CancelPoolWithdrawal { vid, pid, request } => {
            format!("cancel withdrawal {request} of pool {pid} for vault {vid}")
        }
        Action::Force(vid) => format!("have vault {vid} withdraw from pools for those who wait"),
    }
}
