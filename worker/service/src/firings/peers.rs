//! What the other workers of the cluster know of a firing.

use std::time::Duration;

use futures::{StreamExt, stream};
use phat_primitives::{ContractId, RequestId, WorkerId};
use phat_worker_client::{HookHeader, RequestAnswer};
use phat_worker_core::firing::Heard;
use tokio::time::timeout;

use crate::{contracts::Snapshot, peers::Peers};

/// The most workers that are asked about a firing: those that rank first, so all that
/// may have run it unless more than these are gone.
const ASKED_MAX: usize = 16;
/// Workers that are asked at once.
const ASKED_CONCURRENT_MAX: usize = 8;
/// How long one may take to answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);
/// The most workers that a call to a webhook is passed on to.
const FORWARDED_MAX: usize = 8;
/// How long passing it on may take, while its caller waits.
const FORWARD_TIME_MAX: Duration = Duration::from_secs(3);

impl Peers {
    /// Asks the others about a firing. That one has run it counts only with the receipt
    /// that it has signed; that one runs it is its word.
    pub async fn ask(&self, snapshot: &Snapshot, contract: ContractId, id: RequestId) -> Heard {
        let genesis_hash = snapshot.genesis_hash;
        let asked = self.first(snapshot, id, ASKED_MAX).map(|peer| async move {
            let heard = self.ask_one(peer, contract, id, genesis_hash);
            timeout(ANSWER_TIME_MAX, heard).await.ok().flatten()
        });
        let mut answers = stream::iter(asked).buffer_unordered(ASKED_CONCURRENT_MAX);
        let mut heard = Heard::Nothing;
        while let Some(answer) = answers.next().await {
            match answer {
                Some(Heard::Done) => return Heard::Done,
                Some(Heard::Running) => heard = Heard::Running,
                Some(Heard::Nothing) | None => {}
            }
        }
        heard
    }

    /// Whether another worker is done with a firing whose outcome an anchor takes: it
    /// says so, and has signed a receipt of it. If the anchor does not have the outcome,
    /// there was nothing to settle.
    pub async fn has_ended(
        &self,
        snapshot: &Snapshot,
        contract: ContractId,
        id: RequestId,
    ) -> bool {
        let genesis_hash = snapshot.genesis_hash;
        let asked = self.first(snapshot, id, ASKED_MAX).map(|peer| async move {
            let answer = self.answer_of(peer, contract, id);
            let answer = timeout(ANSWER_TIME_MAX, answer).await.ok().flatten();
            answer.is_some_and(|answer| {
                answer.request.step == "settled"
                    && has_run(&answer, peer, contract, id, genesis_hash)
            })
        });
        let mut answers = stream::iter(asked).buffer_unordered(ASKED_CONCURRENT_MAX);
        while let Some(has_ended) = answers.next().await {
            if has_ended {
                return true;
            }
        }
        false
    }

    /// The other members, those that rank first for `id` before all others.
    fn first(
        &self,
        snapshot: &Snapshot,
        id: RequestId,
        count_max: usize,
    ) -> impl Iterator<Item = WorkerId> + use<> {
        let members = &snapshot.members;
        let mut others: Vec<WorkerId> = members.clone();
        others.retain(|member| *member != self.own());
        others.sort_by_cached_key(|member| phat_worker_core::rank(id, *member, members));
        others.into_iter().take(count_max)
    }

    async fn ask_one(
        &self,
        peer: WorkerId,
        contract: ContractId,
        id: RequestId,
        genesis_hash: [u8; 32],
    ) -> Option<Heard> {
        let answer = self.answer_of(peer, contract, id).await?;
        if has_run(&answer, peer, contract, id, genesis_hash) {
            return Some(Heard::Done);
        }
        match answer.request.step.as_str() {
            "started" => Some(Heard::Running),
            _ => Some(Heard::Nothing),
        }
    }

    /// What another worker says of a firing.
    async fn answer_of(
        &self,
        peer: WorkerId,
        contract: ContractId,
        id: RequestId,
    ) -> Option<RequestAnswer> {
        let client = self.client(peer).await.ok()?;
        let answer = client.request(contract, id).await;
        self.heard(peer, answer).ok()
    }

    /// Passes a call to a webhook on to the workers that may have to run it in this
    /// one's place. Gives how many have taken it. Each checks it for itself.
    pub async fn forward(
        &self,
        snapshot: &Snapshot,
        contract: ContractId,
        id: RequestId,
        name: &str,
        headers: &[HookHeader],
        body: &[u8],
    ) -> usize {
        let sent = self
            .first(snapshot, id, FORWARDED_MAX)
            .map(|peer| async move {
                let sent = async {
                    let client = self.client(peer).await.ok()?;
                    let taken = client.hook(contract, name, headers, body, true).await;
                    self.heard(peer, taken).ok()
                };
                timeout(FORWARD_TIME_MAX, sent).await.ok().flatten()
            });
        let sent = stream::iter(sent).buffer_unordered(FORWARDED_MAX);
        sent.filter(|taken| std::future::ready(taken.is_some()))
            .count()
            .await
    }
}

/// Whether an answer has a receipt of this firing that `peer` has signed.
fn has_run(
    answer: &RequestAnswer,
    peer: WorkerId,
    contract: ContractId,
    id: RequestId,
    genesis_hash: [u8; 32],
) -> bool {
    answer.signed.as_ref().is_some_and(|receipt| {
        let body = &receipt.body;
        body.worker == peer
            && body.request == id
            && body.contract == contract
            && body.genesis_hash == genesis_hash
            && receipt.verify_signature().is_ok()
    })
}
