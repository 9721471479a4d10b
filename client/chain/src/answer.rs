//! How long the client waits for a node.

use std::{future::Future, time::Duration};

use crate::ChainError;

/// How long a node may take for one answer: to be connected to, to give a value or the next value
/// of a list, to take a transaction.
///
/// What asks many questions, as [`ChainClient::deploy`] does, may take this long for each. How
/// long a transaction may take to be final is [`FINALITY_TIMEOUT`], and nothing bounds the time
/// between two finalised blocks.
///
/// [`ChainClient::deploy`]: crate::ChainClient::deploy
/// [`FINALITY_TIMEOUT`]: crate::FINALITY_TIMEOUT
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// The answer, unless it takes too long.
pub(crate) async fn in_time<T, E: Into<ChainError>>(
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, ChainError> {
    match tokio::time::timeout(ANSWER_TIMEOUT, answer).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(_) => Err(ChainError::NoAnswer(ANSWER_TIMEOUT)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_node_that_says_nothing_is_an_error_after_a_while() {
        let silence = std::future::pending::<Result<(), ChainError>>();
        let start = tokio::time::Instant::now();
        let error = in_time(silence).await.expect_err("nobody answers");
        assert_eq!(start.elapsed(), ANSWER_TIMEOUT);
        assert!(error.is_connection());
        assert_eq!(
            error.to_string(),
            "the node gave no answer within 30 s; connect again, to another node if this one is \
             too busy or too far away"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_and_an_error_come_through() {
        let slow = async {
            tokio::time::sleep(ANSWER_TIMEOUT - Duration::from_millis(1)).await;
            Ok::<_, ChainError>(7)
        };
        assert_eq!(in_time(slow).await.expect("just in time"), 7);
        let refusal = async { Err::<(), _>(ChainError::Incompatible) };
        assert!(matches!(
            in_time(refusal).await,
            Err(ChainError::Incompatible)
        ));
    }
}
