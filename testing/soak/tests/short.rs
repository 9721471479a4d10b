//! The short form of the soak: alone in its process, whose memory is measured.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use phat_soak::{Plan, soak};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_runs_and_a_hundred_at_once_leave_nothing() {
    let figures = soak(Plan {
        sequential: 500,
        concurrent: 100,
        waves: 2,
    })
    .await
    .unwrap();
    assert_eq!(figures.sequential_runs, 500);
    assert_eq!(figures.concurrent_runs, 200);
    figures
        .check()
        .unwrap_or_else(|error| panic!("{error}: {figures:?}"));
}
