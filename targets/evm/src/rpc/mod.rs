//! The endpoints of a chain. Each call goes to the best of them, and to the next
//! where that one is away; what decisions hang on is asked of several at once.

mod agreement;
mod endpoint;
mod health;
mod reads;
mod told;
mod types;

use std::{
    fmt::Debug,
    sync::Mutex,
    time::{Duration, Instant},
};

use agreement::Ballot;
use alloy::rpc::json_rpc::{ErrorPayload, RpcRecv, RpcSend};
use endpoint::{Endpoint, NoAnswer, PAUSE};
use futures::{StreamExt, future::join_all, stream::FuturesUnordered};
use phat_target::TargetError;

use crate::{EvmConfig, revert::shorten};

/// How often an endpoint that is alone is asked.
const TRIES_ALONE: u32 = 3;
/// How often all endpoints are asked where there are several.
const ROUNDS: u32 = 2;
/// How long the answers are waited for that cannot change the outcome any more, to
/// notice who says something else.
const LINGER: Duration = Duration::from_millis(50);
/// How long the endpoints' agreement on a height is good for.
const HEIGHT_TIME: Duration = Duration::from_millis(200);

/// The endpoints of one chain.
pub(crate) struct Rpc {
    endpoints: Vec<Endpoint>,
    /// The chain's name.
    chain: String,
    chain_id: u64,
    /// How many endpoints must give the same answer.
    needed: usize,
    /// How long one of several endpoints may take to answer.
    patience: Duration,
    lag_blocks_max: u64,
    /// The height that was agreed on last, and when.
    height: Mutex<Option<(Instant, u64)>>,
}

/// A ballot that nothing won, and what a caller makes of it.
type Split<'a, T> = &'a (dyn Fn(&Ballot<T>) -> Option<T> + Sync);

impl Rpc {
    /// The endpoints of a configuration; nothing is asked of them yet.
    pub(crate) fn new(config: &EvmConfig) -> Result<Self, TargetError> {
        if config.rpcs.is_empty() {
            return Err(TargetError::Malformed(format!(
                "eip155:{} has no RPC endpoint: give at least one",
                config.chain_id
            )));
        }
        let endpoint = |url: &url::Url| Endpoint::new(config.chain_id, url.clone(), config.timeout);
        Ok(Self {
            endpoints: config.rpcs.iter().map(endpoint).collect::<Result<_, _>>()?,
            chain: format!("eip155:{}", config.chain_id),
            chain_id: config.chain_id,
            needed: config.quorum(),
            patience: config.patience.min(config.timeout),
            lag_blocks_max: config.lag_blocks_max,
            height: Mutex::new(None),
        })
    }

    /// The chain's name.
    pub(crate) fn chain(&self) -> &str {
        &self.chain
    }

    /// The chain's EIP-155 id.
    pub(crate) fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// Whether there is one endpoint only, which is believed.
    pub(crate) fn is_alone(&self) -> bool {
        self.endpoints.len() == 1
    }

    /// What is wrong with single endpoints, one line each.
    pub(crate) fn faults(&self) -> Vec<String> {
        let now = Instant::now();
        let fault = |endpoint: &Endpoint| {
            let fault = endpoint.health().fault(now)?;
            Some(format!("{}: {fault}", endpoint.name()))
        };
        self.endpoints.iter().filter_map(fault).collect()
    }

    /// An error of the endpoint's own.
    pub(crate) fn refused(&self, method: &'static str, reason: &str) -> TargetError {
        TargetError::Refused {
            chain: self.chain.clone(),
            method,
            reason: shorten(reason),
        }
    }

    /// Calls `method` at the best endpoint that answers. An error of the endpoint's
    /// own is [`TargetError::Refused`].
    pub(crate) async fn request<P: RpcSend, R: RpcRecv>(
        &self,
        method: &'static str,
        params: P,
    ) -> Result<R, TargetError> {
        self.attempt(method, params)
            .await?
            .map_err(|payload| self.refused(method, &payload.message))
    }

    /// Calls `method` at the best endpoint that answers, giving back an error of the
    /// endpoint's own for the caller to understand.
    pub(crate) async fn attempt<P: RpcSend, R: RpcRecv>(
        &self,
        method: &'static str,
        params: P,
    ) -> Result<Result<R, ErrorPayload>, TargetError> {
        let mut silent = Vec::new();
        for round in 0..self.rounds() {
            pause_before(round).await;
            silent.clear();
            for index in self.ranked() {
                match self.ask(index, method, params.clone()).await {
                    Ok(answer) => return Ok(answer),
                    Err(no_answer) => silent.push((index, no_answer)),
                }
            }
        }
        Err(self.silence(&silent, 1))
    }

    /// Calls `method` at the endpoints one after the other until one takes it: what
    /// a lone endpoint refuses is not refused yet. An endpoint's refusal counts when
    /// as many say so as must agree.
    pub(crate) async fn insist<P: RpcSend, R: RpcRecv>(
        &self,
        method: &'static str,
        params: P,
    ) -> Result<Result<R, ErrorPayload>, TargetError> {
        let mut silent = Vec::new();
        for round in 0..self.rounds() {
            pause_before(round).await;
            silent.clear();
            let mut refusals: Vec<ErrorPayload> = Vec::new();
            for index in self.ranked() {
                match self.ask(index, method, params.clone()).await {
                    Ok(Err(payload)) => refusals.push(payload),
                    Ok(answer) => return Ok(answer),
                    Err(no_answer) => silent.push((index, no_answer)),
                }
                if refusals.len() >= self.needed {
                    return Ok(Err(refusals.swap_remove(0)));
                }
            }
        }
        Err(self.silence(&silent, self.needed))
    }

    /// How many endpoints must give the same answer, and more than half of these.
    pub(crate) fn majority(&self, of: usize) -> usize {
        self.needed.max(of / 2 + 1)
    }

    /// Calls `method` at all endpoints at once, and gives all their answers, those
    /// of the best first.
    pub(crate) async fn everywhere<P: RpcSend, R: RpcRecv>(
        &self,
        method: &'static str,
        params: P,
    ) -> Result<Vec<Result<R, ErrorPayload>>, TargetError> {
        let asked = self.ranked();
        let calls = asked.into_iter().map(|index| {
            let params = params.clone();
            async move { (index, self.ask(index, method, params).await) }
        });
        let (mut answers, mut silent) = (Vec::new(), Vec::new());
        for (index, answer) in join_all(calls).await {
            match answer {
                Ok(answer) => answers.push(answer),
                Err(no_answer) => silent.push((index, no_answer)),
            }
        }
        if answers.is_empty() {
            return Err(self.silence(&silent, 1));
        }
        Ok(answers)
    }

    /// Calls `method` at several endpoints and gives the answer that enough of them
    /// agree on, as `tidy` makes it comparable.
    pub(crate) async fn agreed<P, R, T>(
        &self,
        method: &'static str,
        params: P,
        tidy: impl Fn(R) -> T + Send + Sync,
    ) -> Result<Result<T, ErrorPayload>, TargetError>
    where
        P: RpcSend,
        R: RpcRecv,
        T: PartialEq + Debug + Send,
    {
        self.poll(method, params, tidy, &|_| None).await
    }

    /// The same; where nothing wins, `split` may still make something of it.
    async fn poll<P, R, T>(
        &self,
        method: &'static str,
        params: P,
        tidy: impl Fn(R) -> T + Send + Sync,
        split: Split<'_, T>,
    ) -> Result<Result<T, ErrorPayload>, TargetError>
    where
        P: RpcSend,
        R: RpcRecv,
        T: PartialEq + Debug + Send,
    {
        if self.is_alone() {
            return Ok(self.attempt(method, params).await?.map(tidy));
        }
        let mut silent = Vec::new();
        for round in 0..self.rounds() {
            pause_before(round).await;
            let mut polled = self.collect(method, &params, &tidy).await;
            for index in polled.ballot.outvoted() {
                self.endpoints[index].outvoted(method);
            }
            let answered = polled.ballot.answered();
            match polled.ballot.winner() {
                Ok(answer) => return Ok(Ok(answer)),
                Err(ballot) if answered >= self.needed => {
                    return match split(&ballot) {
                        Some(answer) => Ok(Ok(answer)),
                        None => Err(self.disagreement(method, &ballot)),
                    };
                }
                Err(_) if answered + polled.refusals.len() >= self.needed => {
                    // At least one refuses, as the answers alone are too few.
                    return Ok(Err(polled.refusals.swap_remove(0)));
                }
                Err(_) => silent = polled.silent,
            }
        }
        Err(self.silence(&silent, self.needed))
    }

    /// Asks all that have a vote, until the answers to come cannot change anything.
    async fn collect<P, R, T>(
        &self,
        method: &'static str,
        params: &P,
        tidy: &(impl Fn(R) -> T + Sync),
    ) -> Polled<T>
    where
        P: RpcSend,
        R: RpcRecv,
        T: PartialEq + Debug + Send,
    {
        let asked = self.voters();
        let mut polled = Polled {
            ballot: Ballot::new(asked.len(), self.needed),
            refusals: Vec::new(),
            silent: Vec::new(),
        };
        let calls = asked.into_iter().map(|index| {
            let params = params.clone();
            async move { (index, self.ask::<P, R>(index, method, params).await) }
        });
        let mut calls: FuturesUnordered<_> = calls.collect();
        let mut deadline: Option<tokio::time::Instant> = None;
        loop {
            let next = match deadline {
                None => calls.next().await,
                Some(deadline) => tokio::time::timeout_at(deadline, calls.next())
                    .await
                    .unwrap_or(None),
            };
            let Some((index, answer)) = next else {
                return polled;
            };
            match answer {
                Ok(Ok(answer)) => polled.ballot.count(index, tidy(answer)),
                Ok(Err(payload)) => polled.refusals.push(payload),
                Err(no_answer) => polled.silent.push((index, no_answer)),
            }
            if deadline.is_none() && polled.ballot.is_decided() {
                deadline = Some(tokio::time::Instant::now() + LINGER);
            }
        }
    }

    async fn ask<P: RpcSend, R: RpcRecv>(
        &self,
        index: usize,
        method: &'static str,
        params: P,
    ) -> Result<Result<R, ErrorPayload>, NoAnswer> {
        let endpoint = &self.endpoints[index];
        if self.is_alone() {
            endpoint.attempt(method, params, TRIES_ALONE).await
        } else {
            endpoint.attempt_within(method, params, self.patience).await
        }
    }

    fn rounds(&self) -> u32 {
        if self.is_alone() { 1 } else { ROUNDS }
    }

    /// The endpoints, the best first.
    fn ranked(&self) -> Vec<usize> {
        let now = Instant::now();
        let mut indices: Vec<usize> = (0..self.endpoints.len()).collect();
        indices.sort_by_cached_key(|index| self.endpoints[*index].health().rank(now));
        indices
    }

    /// The endpoints whose answers count; all where those would be too few.
    fn voters(&self) -> Vec<usize> {
        let now = Instant::now();
        self.enough(|endpoint| endpoint.health().has_vote(now))
    }

    /// The endpoints that are not left alone; all where those would be too few.
    fn awake(&self) -> Vec<usize> {
        let now = Instant::now();
        self.enough(|endpoint| !endpoint.health().is_paused(now))
    }

    fn enough(&self, is_wanted: impl Fn(&Endpoint) -> bool) -> Vec<usize> {
        let ranked = self.ranked();
        let is_wanted = |index: &usize| is_wanted(&self.endpoints[*index]);
        let wanted: Vec<usize> = ranked.iter().copied().filter(is_wanted).collect();
        if wanted.len() >= self.needed {
            wanted
        } else {
            ranked
        }
    }

    fn disagreement<T: PartialEq + Debug>(
        &self,
        method: &'static str,
        ballot: &Ballot<T>,
    ) -> TargetError {
        let name = |index: usize| self.endpoints[index].name().to_owned();
        TargetError::Disagreement {
            chain: self.chain.clone(),
            method,
            needed: self.needed.max(ballot.answered() / 2 + 1),
            answers: ballot.describe(name),
        }
    }

    /// Why `needed` answers did not come.
    fn silence(&self, silent: &[(usize, NoAnswer)], needed: usize) -> TargetError {
        let wrong = silent.iter().find_map(|(_, why)| match why {
            NoAnswer::WrongChain(actual) => Some(actual),
            NoAnswer::Away(_) => None,
        });
        let all_are_wrong = silent.len() == self.endpoints.len()
            && silent
                .iter()
                .all(|(_, why)| matches!(why, NoAnswer::WrongChain(_)));
        if let Some(actual) = wrong.filter(|_| all_are_wrong) {
            return TargetError::WrongChain {
                expected: self.chain.clone(),
                actual: actual.clone(),
            };
        }
        let one = |(index, why): &(usize, NoAnswer)| {
            let why = match why {
                NoAnswer::Away(reason) => reason.clone(),
                NoAnswer::WrongChain(actual) => format!("it serves {actual}"),
            };
            match self.is_alone() {
                true => why,
                false => format!("{}: {why}", self.endpoints[*index].name()),
            }
        };
        let mut reasons: Vec<String> = silent.iter().map(one).collect();
        if !self.is_alone() {
            let count = self.endpoints.len();
            reasons.insert(0, format!("{needed} of {count} must answer and keep up"));
        }
        TargetError::Unreachable {
            chain: self.chain.clone(),
            reason: reasons.join("; "),
        }
    }
}

/// What one round of asking came to.
struct Polled<T> {
    ballot: Ballot<T>,
    refusals: Vec<ErrorPayload>,
    silent: Vec<(usize, NoAnswer)>,
}

async fn pause_before(round: u32) {
    if round > 0 {
        tokio::time::sleep(PAUSE * 2_u32.saturating_pow(round - 1)).await;
    }
}
