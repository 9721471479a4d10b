//! What endpoints may honestly tell differently: prices, estimates, and nonces with
//! waiting transactions counted. No two need to agree, so the middle counts.

use alloy::rpc::json_rpc::{ErrorPayload, RpcRecv, RpcSend};
use futures::{StreamExt, stream::FuturesUnordered};
use phat_target::TargetError;

use super::{Rpc, agreement::reached, pause_before};

impl Rpc {
    /// Calls `method` at all endpoints that have a vote, and gives what they say: at
    /// least as many answers and refusals as endpoints must agree. All are waited for,
    /// unless enough say the same: a fast one that lies must not leave out the others.
    pub(crate) async fn told<P: RpcSend, R: RpcRecv + PartialEq>(
        &self,
        method: &'static str,
        params: P,
    ) -> Result<Vec<Result<R, ErrorPayload>>, TargetError> {
        let mut silent = Vec::new();
        for round in 0..self.rounds() {
            pause_before(round).await;
            silent.clear();
            let asked = self.voters();
            let enough = self.majority(asked.len());
            let calls = asked.into_iter().map(|index| {
                let params = params.clone();
                async move { (index, self.ask::<P, R>(index, method, params).await) }
            });
            let mut calls: FuturesUnordered<_> = calls.collect();
            let mut told = Vec::new();
            while let Some((index, answer)) = calls.next().await {
                match answer {
                    Ok(answer) => told.push(answer),
                    Err(no_answer) => silent.push((index, no_answer)),
                }
                if is_decided(&told, enough) {
                    break;
                }
            }
            if told.len() >= self.needed {
                return Ok(told);
            }
        }
        Err(self.silence(&silent, self.needed))
    }

    /// The number that enough endpoints tell, or more: among three, nobody alone can
    /// raise or lower it. An endpoint's refusal counts where too few tell one.
    pub(crate) async fn number<P: RpcSend, R: RpcRecv + Ord + Copy>(
        &self,
        method: &'static str,
        params: P,
    ) -> Result<R, TargetError> {
        let (values, refusals) = split(self.told(method, params).await?);
        match (self.reached(&values), refusals.into_iter().next()) {
            (Some(value), _) => Ok(value),
            (None, Some(payload)) => Err(self.refused(method, &payload.message)),
            (None, None) => Err(self.refused(method, "too few endpoints answer")),
        }
    }

    /// The number that enough endpoints tell, or more; a refusal where at least as many
    /// refuse as tell one, and as many as must agree.
    pub(crate) async fn number_unless_refused<P: RpcSend, R: RpcRecv + Ord + Copy>(
        &self,
        method: &'static str,
        params: P,
    ) -> Result<Result<R, ErrorPayload>, TargetError> {
        let (values, mut refusals) = split(self.told(method, params).await?);
        let is_refused = refusals.len() >= self.needed.max(values.len());
        match reached(&values, 1) {
            Some(value) if !is_refused => Ok(Ok(value)),
            // Who refuses alone does not count, but nobody else has answered.
            _ if !refusals.is_empty() => Ok(Err(refusals.swap_remove(0))),
            _ => Err(self.refused(method, "too few endpoints answer")),
        }
    }

    /// Of what endpoints have told, what enough of them reach; `None` where too few did.
    pub(crate) fn reached<T: Ord + Copy>(&self, told: &[T]) -> Option<T> {
        reached(told, self.needed)
    }
}

/// Whether so many say what was said last, or refuse too, that the answers to come
/// change nothing.
fn is_decided<R: PartialEq>(told: &[Result<R, ErrorPayload>], enough: usize) -> bool {
    let Some(last) = told.last() else {
        return false;
    };
    let is_same = |other: &&Result<R, ErrorPayload>| match (last, other) {
        (Ok(last), Ok(other)) => last == other,
        (Err(_), Err(_)) => true,
        _ => false,
    };
    told.iter().filter(is_same).count() >= enough
}

fn split<R>(told: Vec<Result<R, ErrorPayload>>) -> (Vec<R>, Vec<ErrorPayload>) {
    let (mut values, mut refusals) = (Vec::new(), Vec::new());
    for answer in told {
        match answer {
            Ok(value) => values.push(value),
            Err(payload) => refusals.push(payload),
        }
    }
    (values, refusals)
}
