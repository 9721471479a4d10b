//! Whether a receipt is in what its worker has published on the chain.

use std::time::Duration;

use anyhow::Result;
use phat_receipt::Receipt;
use phat_worker_client::{Inclusion, WorkerClient};
use tokio::time::timeout;
use url::Url;

use crate::{
    chain::{Batch, ChainReader},
    checks::Check,
};

/// What the check is called.
const NAME: &str = "inclusion";
/// How long is waited for a worker or gateway, which need not be there.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(20);

/// The check, if a worker or gateway says where the receipt is. That none does, as when it is not
/// published yet, says nothing about the receipt.
pub async fn check(
    receipt: &Receipt,
    worker: &Url,
    chain: &impl ChainReader,
) -> Result<Option<Check>> {
    let hash = receipt.hash();
    if chain.genesis_hash() != receipt.body.genesis_hash {
        return Ok(None);
    }
    let client = WorkerClient::new(worker.as_str())?;
    let Ok(Ok(inclusion)) = timeout(ANSWER_TIME_MAX, client.inclusion(hash)).await else {
        return Ok(None);
    };
    let batch = chain.batch(receipt.body.worker, inclusion.batch).await?;
    Ok(Some(compare(receipt, &inclusion, batch)))
}

/// What is said against what is on the chain. Where they differ, whoever was asked is wrong, and
/// not the receipt.
fn compare(receipt: &Receipt, inclusion: &Inclusion, batch: Option<Batch>) -> Check {
    let number = inclusion.batch;
    let Some(batch) = batch else {
        let detail = format!(
            "in batch {number}, it is said, which the chain does not store: its root is in the \
             state of older blocks, if anywhere"
        );
        return Check::changed(NAME, detail);
    };
    let holds = inclusion.proof().is_some_and(|proof| {
        proof.count == batch.count && proof.verify(&receipt.hash(), &batch.root)
    });
    if holds {
        let detail = format!(
            "receipt {} of {} in the worker's batch {number}, published in block {}",
            u64::from(inclusion.index) + 1,
            batch.count,
            batch.published_at
        );
        Check::of(NAME, Ok(detail))
    } else {
        let detail = format!("in batch {number}, it is said, whose root says otherwise");
        Check::changed(NAME, detail)
    }
}

#[cfg(test)]
mod tests {
    use phat_primitives::{ReceiptHash, receipts::MerkleTree};

    use super::*;
    use crate::testing::{local_engine, recorded_run};

    #[tokio::test]
    async fn a_receipt_is_shown_to_be_in_a_batch_or_not() {
        let engine = local_engine();
        let bundle = recorded_run(&engine, "export default () => 'a'", b"").await;
        let receipt = bundle.receipt;
        let tree = MerkleTree::new(&[ReceiptHash([1; 32]), receipt.hash()]).unwrap();
        let proof = tree.prove(1).unwrap();
        let inclusion = Inclusion {
            batch: 3,
            index: proof.index,
            count: proof.count,
            path: proof.path.iter().map(|node| node.to_vec().into()).collect(),
        };
        let batch = Batch {
            count: 2,
            root: tree.root(),
            published_at: 9,
        };
        let check = compare(&receipt, &inclusion, Some(batch));
        assert!(!check.is_changed() && !check.is_failed());
        assert_eq!(
            check.detail,
            "receipt 2 of 2 in the worker's batch 3, published in block 9"
        );

        assert!(compare(&receipt, &inclusion, None).is_changed());
        for wrong in [
            Batch { count: 3, ..batch },
            Batch {
                root: [0; 32],
                ..batch
            },
        ] {
            assert!(compare(&receipt, &inclusion, Some(wrong)).is_changed());
        }
        let mut short = inclusion.clone();
        short.path[0].0.pop();
        assert!(compare(&receipt, &short, Some(batch)).is_changed());
    }
}
