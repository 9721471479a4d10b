//! What happens in a block and concerns the economy.

use anyhow::Context;
use codec::{Decode, DecodeAll};
use phat_primitives::{AccountBytes, WorkerId};
use phat_tokenomics::Fixed;

/// An event. Amounts are in units of 10⁻¹² PHA, values in PHA.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A worker has shown its performance.
    BenchmarkProven {
        /// The worker.
        worker: WorkerId,
        /// Iterations in six seconds.
        p: u32,
    },
    /// A session has started.
    SessionStarted {
        /// The worker.
        worker: WorkerId,
        /// The stake.
        stake: u128,
        /// The first Value Promise.
        v: Fixed,
    },
    /// A session was stopped.
    SessionStopped {
        /// The worker.
        worker: WorkerId,
        /// When its stake may be reclaimed, in seconds since 1970.
        until_s: u64,
    },
    /// A stake was reclaimed.
    StakeReclaimed {
        /// The worker.
        worker: WorkerId,
        /// What was released.
        returned: u128,
        /// What went to the treasury.
        slashed: u128,
    },
    /// A worker is to give a heartbeat.
    Challenged {
        /// The worker.
        worker: WorkerId,
    },
    /// A worker has answered in time.
    HeartbeatAnswered {
        /// The worker.
        worker: WorkerId,
        /// The performance that counts until its next answer.
        p_instant: Fixed,
        /// Its Value Promise.
        v: Fixed,
    },
    /// A worker has missed its challenge.
    Unresponsive {
        /// The worker.
        worker: WorkerId,
    },
    /// An unresponsive worker has answered.
    Recovered {
        /// The worker.
        worker: WorkerId,
    },
    /// A worker was paid for.
    PaidOut {
        /// The worker.
        worker: WorkerId,
        /// What the beneficiary got.
        amount: u128,
        /// What the treasury got.
        treasury: u128,
    },
    /// A worker was found at fault.
    FaultFound {
        /// The worker.
        worker: WorkerId,
        /// How bad it is.
        level: u8,
        /// What V has lost by it.
        lost: Fixed,
    },
    /// A pool was paid for a worker.
    PayoutReceived {
        /// The pool.
        pid: u64,
        /// The worker.
        worker: WorkerId,
        /// What the pool got.
        amount: u128,
        /// The owner's part of it.
        commission: u128,
    },
    /// Shares of a pool were paid for.
    Withdrawn {
        /// The pool.
        pid: u64,
        /// Who withdraws.
        who: AccountBytes,
        /// The shares.
        shares: u128,
        /// What was paid.
        amount: u128,
        /// The shares of the same withdrawal that still wait.
        left: u128,
    },
}

impl Event {
    /// The event of `pallet` with this name and these fields in SCALE. None for what is no concern
    /// of the economy.
    pub(super) fn decode(pallet: &str, name: &str, fields: &[u8]) -> anyhow::Result<Option<Self>> {
        let event = match pallet {
            "Computation" => of_computation(name, fields),
            "StakePool" => of_stake_pool(name, fields),
            _ => Ok(None),
        };
        event.with_context(|| format!("{pallet}.{name} has other fields than it had"))
    }

    /// The worker that has answered a challenge, if it is that.
    pub fn answered_by(&self) -> Option<WorkerId> {
        match self {
            Self::HeartbeatAnswered { worker, .. } | Self::Recovered { worker } => Some(*worker),
            _ => None,
        }
    }
}

fn of_computation(name: &str, fields: &[u8]) -> Result<Option<Event>, codec::Error> {
    Ok(Some(match name {
        "BenchmarkProven" => {
            let (worker, p) = all(fields)?;
            Event::BenchmarkProven { worker, p }
        }
        "SessionStarted" => {
            let (worker, _, _, stake, v): (_, u32, AccountBytes, _, _) = all(fields)?;
            Event::SessionStarted { worker, stake, v }
        }
        "SessionStopped" => {
            let (worker, until_s) = all(fields)?;
            Event::SessionStopped { worker, until_s }
        }
        "StakeReclaimed" => {
            let (worker, _, returned, slashed): (_, AccountBytes, _, _) = all(fields)?;
            Event::StakeReclaimed {
                worker,
                returned,
                slashed,
            }
        }
        "Challenged" => {
            let (worker, _): (_, u32) = all(fields)?;
            Event::Challenged { worker }
        }
        "HeartbeatAnswered" => {
            let (worker, p_instant, v) = all(fields)?;
            Event::HeartbeatAnswered {
                worker,
                p_instant,
                v,
            }
        }
        "Unresponsive" => Event::Unresponsive {
            worker: all(fields)?,
        },
        "Recovered" => Event::Recovered {
            worker: all(fields)?,
        },
        "PaidOut" => {
            let (worker, _, amount, treasury): (_, AccountBytes, _, _) = all(fields)?;
            Event::PaidOut {
                worker,
                amount,
                treasury,
            }
        }
        "FaultFound" => {
            // The third is the number of the cause.
            let (worker, level, _, lost): (_, _, u8, _) = all(fields)?;
            Event::FaultFound {
                worker,
                level,
                lost,
            }
        }
        _ => return Ok(None),
    }))
}

fn of_stake_pool(name: &str, fields: &[u8]) -> Result<Option<Event>, codec::Error> {
    Ok(Some(match name {
        "PayoutReceived" => {
            let (pid, worker, amount, commission) = all(fields)?;
            Event::PayoutReceived {
                pid,
                worker,
                amount,
                commission,
            }
        }
        "Withdrawn" => {
            let (pid, _, who, shares, amount, left): (_, Option<u64>, _, _, _, _) = all(fields)?;
            Event::Withdrawn {
                pid,
                who,
                shares,
                amount,
                left,
            }
        }
        _ => return Ok(None),
    }))
}

/// The value that these bytes are, all of them.
fn all<T: Decode>(mut bytes: &[u8]) -> Result<T, codec::Error> {
    T::decode_all(&mut bytes)
}
