//! What is always true of a fund's queue.

use alloc::collections::BTreeMap;

use frame_support::{ensure, traits::fungibles};
use sp_runtime::TryRuntimeError;

use crate::{Balance, Fund, Queued};

/// Checks the queue of fund `id`, of which `stored` requests are stored and `waiting` is what waits
/// of each account:
///
/// 1. It is a list whose requests name their neighbours, are in the order of their numbers and
///    times, and have shares. There are no others.
/// 2. It is counted right, in all and for each account, and no longer than it may be.
/// 3. Its account has the shares that wait.
/// 4. Those that are counted as overdue are the first ones, and their shares are counted right.
pub fn queue<F: Fund>(
    id: u64,
    stored: usize,
    waiting: BTreeMap<F::AccountId, Queued>,
) -> Result<(), TryRuntimeError>
where
    F::AccountId: Ord,
{
    let queue = F::queue(id);
    let (mut next, mut before) = (queue.first, None);
    let mut count: u32 = 0;
    let mut since_s = 0;
    let mut overdue: Balance = 0;
    let mut accounts = BTreeMap::<F::AccountId, Queued>::new();
    while let Some(number) = next {
        let request = F::request(id, number).ok_or("a request is missing")?;
        ensure!(request.previous == before, "a queue is linked wrong");
        ensure!(
            before < next && number < queue.next_number && since_s <= request.requested_at_s,
            "a queue is out of order"
        );
        ensure!(request.shares > 0, "a request has no shares");
        since_s = request.requested_at_s;
        if queue.is_counted(number) {
            overdue = overdue.saturating_add(request.shares);
        }
        count = count.saturating_add(1);
        let queued = accounts.entry(request.who).or_default();
        queued.requests = queued.requests.saturating_add(1);
        queued.shares = queued.shares.saturating_add(request.shares);
        (before, next) = (next, request.next);
    }
    ensure!(queue.last == before, "a queue ends wrong");
    ensure!(
        count == queue.count && count <= F::queue_max(),
        "a queue is counted wrong or too long"
    );
    ensure!(
        stored == count as usize,
        "there are requests outside of a queue"
    );
    ensure!(
        overdue == queue.overdue_shares
            && queue
                .uncounted
                .is_none_or(|number| F::request(id, number).is_some()),
        "what is overdue in a queue is counted wrong"
    );
    let shares = accounts
        .values()
        .fold(0, |sum: Balance, queued| sum.saturating_add(queued.shares));
    let held = <F::Shares as fungibles::Inspect<F::AccountId>>::balance(
        F::share_asset(id),
        &F::queue_account(id),
    );
    ensure!(
        shares == queue.shares && shares <= held,
        "shares of a queue are missing"
    );
    ensure!(
        accounts
            .values()
            .all(|queued| queued.requests <= F::requests_max()),
        "an account has too many requests"
    );
    ensure!(
        accounts == waiting,
        "what waits of an account is counted wrong"
    );
    Ok(())
}
