//! The main job as the demonstration shows it.

/// Three requests, one for what does not exist and one across a crash: `demo::run`
/// itself fails on whatever is not as it must be.
#[tokio::test]
async fn the_demonstration_holds() -> anyhow::Result<()> {
    let mut story = Vec::new();
    let report = phat_e2e::demo::run(&mut story).await?;
    assert!(report.ok);
    assert_eq!(report.requests.len(), 3);
    let mut receipts: Vec<_> = report.requests.iter().map(|r| &r.receipt).collect();
    receipts.sort();
    receipts.dedup();
    assert_eq!(receipts.len(), 3, "each request has a receipt of its own");
    for request in &report.requests {
        assert!(request.block_settled > request.block_requested);
    }
    assert!(String::from_utf8(story)?.contains("SIGKILL"));
    Ok(())
}
