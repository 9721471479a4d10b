//! Keeps the worker enrolled while it runs.

use std::{path::PathBuf, sync::Arc, time::Duration};

use phat_primitives::AccountBytes;

use super::RETRY;
use crate::{
    chain::ChainError,
    enrol::{Enroller, Retry},
    node::Node,
    operator::Operator,
    pace::Backoff,
};

/// The longest pause between tries to enrol.
const ENROL_RETRY_MAX: Duration = Duration::from_secs(60);
/// The pause after the platform, or the chain, has refused. Asking the chain costs a fee.
const ATTEST_RETRY: Duration = Duration::from_secs(60 * 60);

/// What it takes to enrol the worker.
pub(super) struct Enrolment {
    pub(super) node: Arc<Node>,
    pub(super) enroller: Enroller,
    pub(super) operator: Option<Operator>,
    pub(super) announce_to: Option<AccountBytes>,
    pub(super) data_dir: PathBuf,
}

/// Enrols the worker, or tells what its operator must submit, for as long as there will be
/// something to do.
pub(super) async fn keep_enrolled(mut enrolment: Enrolment) {
    let mut backoff = Backoff::new(RETRY, ENROL_RETRY_MAX);
    let mut is_told = false;
    loop {
        let pause = match try_enrol(&mut enrolment).await {
            Ok(None) => return,
            Ok(Some(pause)) => {
                backoff.reset();
                is_told = false;
                pause
            }
            Err((reason, Retry::Never)) => {
                tracing::error!(reason, "the worker cannot be enrolled");
                return;
            }
            Err((reason, Retry::Later)) => {
                let minutes = ATTEST_RETRY.as_secs() / 60;
                tracing::error!(reason, minutes, "not attested, trying again later");
                ATTEST_RETRY
            }
            Err((reason, Retry::Soon)) => {
                if !is_told {
                    tracing::warn!(reason, "not enrolled yet, trying on");
                    is_told = true;
                }
                backoff.pause()
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Enrols once, and gives when to do so again. An error is told with when trying again may help.
async fn try_enrol(enrolment: &mut Enrolment) -> Result<Option<Duration>, (String, Retry)> {
    let unreachable = |error: ChainError| (error.to_string(), Retry::Soon);
    let client = enrolment.node.client().await.map_err(unreachable)?;
    let enroller = &mut enrolment.enroller;
    let enrolled = match &enrolment.operator {
        Some(operator) => {
            let signer = operator.lock().await;
            enroller.enrol(&client, &signer).await
        }
        None => {
            let operator = enrolment.announce_to;
            enroller
                .announce(&client, operator, &enrolment.data_dir)
                .await
        }
    };
    enrolled.map_err(|error| (error.to_string(), error.retry()))
}
