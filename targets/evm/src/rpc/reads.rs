//! What the adapter reads: heights, blocks, receipts, logs and accounts.

use std::{fmt::Debug, sync::PoisonError, time::Instant};

use alloy::{
    primitives::{Address, B256, U64, U256},
    rpc::{
        json_rpc::ErrorPayload,
        types::{Filter, Log},
    },
};
use futures::future::join_all;
use phat_target::{BlockRef, TargetError};

use super::{
    HEIGHT_TIME, Rpc,
    agreement::{Ballot, Heights, compare},
    endpoint::NoAnswer,
    health::Fault,
    pause_before,
    types::{Block, Receipt, tidy},
};
use crate::revert::shorten;

impl Rpc {
    /// The height of the newest block that enough endpoints have.
    pub(crate) async fn height(&self) -> Result<u64, TargetError> {
        const METHOD: &str = "eth_blockNumber";
        if self.is_alone() {
            let number: U64 = self.request(METHOD, ()).await?;
            return Ok(number.to());
        }
        if let Some(height) = self.height_agreed_lately() {
            return Ok(height);
        }
        let mut silent = Vec::new();
        for round in 0..self.rounds() {
            pause_before(round).await;
            let calls = self.awake().into_iter().map(|index| async move {
                let answer: Result<Result<U64, _>, _> = self.ask(index, METHOD, ()).await;
                (index, answer)
            });
            let mut told = Vec::new();
            silent.clear();
            for (index, answer) in join_all(calls).await {
                match answer {
                    Ok(Ok(height)) => told.push((index, height.to())),
                    Ok(Err(payload)) => {
                        silent.push((index, NoAnswer::Away(shorten(&payload.message))));
                    }
                    Err(no_answer) => silent.push((index, no_answer)),
                }
            }
            if let Some(heights) = compare(&told, self.needed, self.lag_blocks_max) {
                self.note_distances(&told, &heights);
                let now = Instant::now();
                *self.height.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some((now, heights.agreed));
                return Ok(heights.agreed);
            }
        }
        Err(self.silence(&silent, self.needed))
    }

    fn height_agreed_lately(&self) -> Option<u64> {
        let known = *self.height.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .filter(|(at, _)| at.elapsed() < HEIGHT_TIME)
            .map(|(_, height)| height)
    }

    fn note_distances(&self, told: &[(usize, u64)], heights: &Heights) {
        let of = |list: &[(usize, u64)], index: usize| {
            let found = list.iter().find(|(known, _)| *known == index);
            found.map(|(_, blocks)| *blocks)
        };
        for (index, _) in told {
            let stale = of(&heights.stale, *index).map(Fault::Stale);
            let distance = stale.or_else(|| of(&heights.ahead, *index).map(Fault::Ahead));
            self.endpoints[*index].stands(distance);
        }
    }

    /// The block at a height; `None` above the newest that enough endpoints have.
    pub(crate) async fn block(&self, number: u64) -> Result<Option<BlockRef>, TargetError> {
        const METHOD: &str = "eth_getBlockByNumber";
        let params = (U64::from(number), false);
        let block = |block: Option<Block>| block.map(BlockRef::from);
        self.poll(METHOD, params, block, &known_to_some)
            .await?
            .map_err(|payload| self.refused(METHOD, &payload.message))
    }

    /// The receipt of a transaction; `None` while it is in no block that enough
    /// endpoints have.
    pub(crate) async fn receipt(&self, hash: B256) -> Result<Option<Receipt>, TargetError> {
        const METHOD: &str = "eth_getTransactionReceipt";
        let receipt = |receipt: Option<Receipt>| receipt;
        self.poll(METHOD, (hash,), receipt, &known_to_some)
            .await?
            .map_err(|payload| self.refused(METHOD, &payload.message))
    }

    /// The logs that a filter finds, in their order, each once.
    pub(crate) async fn logs(
        &self,
        filter: Filter,
    ) -> Result<Result<Vec<Log>, ErrorPayload>, TargetError> {
        self.agreed("eth_getLogs", (filter,), tidy).await
    }

    /// The next nonce of an account, waiting transactions counted. Not all endpoints
    /// know of the same ones, so it is the one that enough of them have reached.
    pub(crate) async fn nonce(&self, account: Address) -> Result<u64, TargetError> {
        let params = (account, "pending");
        let nonce: U64 = self.number("eth_getTransactionCount", params).await?;
        Ok(nonce.to())
    }

    /// What an account has at the newest block that enough endpoints have, in wei.
    pub(crate) async fn balance(&self, account: Address) -> Result<u128, TargetError> {
        const METHOD: &str = "eth_getBalance";
        let balance: U256 = if self.is_alone() {
            self.request(METHOD, (account, "latest")).await?
        } else {
            let height = U64::from(self.height().await?);
            self.agreed(METHOD, (account, height), |balance: U256| balance)
                .await?
                .map_err(|payload| self.refused(METHOD, &payload.message))?
        };
        Ok(balance.saturating_to())
    }
}

/// What only some have is not there yet, as long as they have the same.
fn known_to_some<T: PartialEq + Debug>(ballot: &Ballot<Option<T>>) -> Option<Option<T>> {
    let known = ballot.answers().filter(|answer| answer.is_some()).count();
    (known <= 1).then_some(None)
}
