use std::{cell::RefCell, future::ready};

use phat_target::Rejection;

use super::*;

fn left(nonces: impl Iterator<Item = u8>) -> BTreeSet<(u64, TransactionHash)> {
    nonces.map(|nonce| (nonce.into(), [nonce; 32])).collect()
}

fn included() -> TransactionStatus {
    TransactionStatus::Included {
        block: BlockRef {
            number: 1,
            hash: [0; 32],
        },
        gas_used: 1,
        success: true,
        is_final: false,
    }
}

/// The nonces that wait, and those that were asked about.
async fn asked(
    left: BTreeSet<(u64, TransactionHash)>,
    status: impl Fn(u8) -> Result<TransactionStatus, TargetError>,
) -> (Result<Vec<u64>, TargetError>, Vec<u8>) {
    let asked = RefCell::new(Vec::new());
    let waiting = waiting_of(left, |hash| {
        asked.borrow_mut().push(hash[0]);
        ready(status(hash[0]))
    });
    let waiting = waiting.await;
    let nonces = waiting.map(|waiting| waiting.into_keys().collect());
    (nonces, asked.into_inner())
}

#[tokio::test]
async fn the_newest_are_asked_about_down_to_one_that_was_included() {
    let (waiting, asked) = asked(left(1..=200), |nonce| {
        Ok(match nonce {
            198 => TransactionStatus::Unknown,
            197.. => TransactionStatus::Pending,
            _ => included(),
        })
    })
    .await;
    assert_eq!(waiting.unwrap(), [197, 199, 200]);
    assert_eq!(asked, [200, 199, 198, 197, 196]);
}

#[tokio::test]
async fn a_bounded_number_is_asked_about() {
    let (waiting, asked) = asked(left(1..=200), |_| Ok(TransactionStatus::Pending)).await;
    assert_eq!(waiting.unwrap().len(), LEFTOVERS_ASKED_MAX);
    assert_eq!(asked.len(), LEFTOVERS_ASKED_MAX);
}

#[tokio::test]
async fn an_error_about_one_keeps_none_of_the_others_from_being_found() {
    let odd = || TargetError::Rejected(Rejection::UnknownRequest);
    let (waiting, _) = asked(left(5..=7), |nonce| match nonce {
        6 => Err(odd()),
        _ => Ok(TransactionStatus::Pending),
    })
    .await;
    assert_eq!(waiting.unwrap(), [5, 7]);

    let away = || TargetError::Unreachable {
        chain: "eip155:1".into(),
        reason: "down".into(),
    };
    let (waiting, asked) = asked(left(5..=7), |_| Err(away())).await;
    assert_eq!((waiting, asked), (Err(away()), vec![7]));
}
