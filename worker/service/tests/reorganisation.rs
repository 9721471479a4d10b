//! What becomes of requests whose number a reorganisation gives to others.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use model::*;
use phat_worker_service::config::PauseAfter;

#[tokio::test]
async fn a_request_that_took_anothers_number_gets_its_own_answer() {
    for (step, name) in [
        (PauseAfter::Seen, "seen"),
        (PauseAfter::Executed, "executed"),
        (PauseAfter::Prepared, "prepared"),
        (PauseAfter::Sent, "sent"),
    ] {
        let mut world = World::new();
        // What is sent stays in the pool until the number belongs to the other.
        world.target.state().is_jammed = true;
        world.pause_after(Some(step));
        world.start().await;
        let number = world.target.request(b"old");
        world.until_step(number, name).await;
        world.kill().await;

        world.target.replace(number, b"new");
        world.target.state().is_jammed = false;
        world.pause_after(None);
        world.start().await;
        world.until_settled(number).await;
        let both_are_final = || {
            let records = world.journal().newest(None, 10).unwrap();
            records.len() == 2 && records.iter().all(|record| record.is_final())
        };
        world.target.until_or(name, both_are_final).await;

        let records = world.journal().newest(None, 10).unwrap();
        assert_ne!(records[0].id, records[1].id);
        assert_eq!(records[1].step_name(), "abandoned", "{name}");
        let problem = records[1].problem.as_deref().unwrap();
        assert!(problem.contains("another request"), "{name}: {problem}");
        let state = world.target.state();
        let settlements = state.settled(number);
        assert_eq!(settlements.len(), 1, "{name}");
        assert_eq!(settlements[0].output, b"wen", "{name}");
    }
}
