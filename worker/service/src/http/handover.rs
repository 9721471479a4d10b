//! Hands the keys of the cluster to its other workers.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::StatusCode,
};
use parking_lot::Mutex;
use phat_worker_client::{CLUSTER_KEY_BODY_BYTES_MAX, ClusterKeyAnswer, ClusterKeyBody, HexBytes};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{Api, ApiError};
use crate::cluster_keys::Handover;

/// Questions for a key that are looked at at once: each asks the chain.
const HANDOVERS_CONCURRENT_MAX: usize = 4;
/// Questions for a key that are looked at in each [`WINDOW`]. A newcomer asks once for each
/// generation.
const HANDOVERS_PER_WINDOW_MAX: u32 = 600;
/// What [`HANDOVERS_PER_WINDOW_MAX`] counts over.
const WINDOW: Duration = Duration::from_secs(60);

/// Places for questions for a key.
pub struct Handovers {
    places: Semaphore,
    /// When the window began, and how many were looked at in it.
    window: Mutex<(Instant, u32)>,
}

impl Default for Handovers {
    fn default() -> Self {
        Self {
            places: Semaphore::new(HANDOVERS_CONCURRENT_MAX),
            window: Mutex::new((Instant::now(), 0)),
        }
    }
}

impl Handovers {
    /// A place for one question, if there is one.
    fn enter(&self, now: Instant) -> Option<SemaphorePermit<'_>> {
        let place = self.places.try_acquire().ok()?;
        let mut window = self.window.lock();
        if now.saturating_duration_since(window.0) >= WINDOW {
            *window = (now, 0);
        }
        if window.1 >= HANDOVERS_PER_WINDOW_MAX {
            return None;
        }
        window.1 += 1;
        Some(place)
    }
}

/// Gives a secret of the cluster, sealed for the worker that it is asked for. Who asks does not
/// matter: only that worker can open it, and the chain says whether it may have it.
pub async fn cluster_key(
    State(api): State<Arc<Api>>,
    State(handovers): State<Arc<Handovers>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<ClusterKeyAnswer>, ApiError> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large(CLUSTER_KEY_BODY_BYTES_MAX),
        _ => rejection.into(),
    })?;
    let asked: ClusterKeyBody = serde_json::from_slice(&body)
        .map_err(|error| ApiError::bad_request(format!("the body: {error}")))?;
    let snapshot = api.snapshot()?;
    if snapshot.is_stale {
        return Err(ApiError::stale());
    }
    let keys = api.executor.keys();
    let giver = keys.worker_id();
    if !snapshot.members.contains(&giver) {
        let message = "this worker does not serve its cluster now; ask another of the cluster";
        return Err(ApiError::unavailable("suspended", message));
    }
    if !keys.has_cluster_key() {
        return Err(ApiError::no_cluster_key());
    }
    let _place = handovers.enter(Instant::now()).ok_or_else(ApiError::busy)?;
    // As the chain has it now: the snapshot may be a block older.
    let member = api.executor.chain().member(api.cluster, asked.worker).await;
    let member = member.map_err(|error| ApiError::unavailable("chain", error.to_string()))?;
    let Some(member) = member else {
        let message = format!(
            "{} is no active member of cluster {} in the newest finalised block: have it \
             registered, attested and join the cluster, and ask again",
            asked.worker, api.cluster
        );
        return Err(ApiError::forbidden("not_member", message));
    };
    let Some(held) = keys.generation(asked.generation) else {
        let message = format!(
            "this worker has no generation {} of the cluster's key; ask another of the cluster",
            asked.generation
        );
        return Err(ApiError::absent("no_generation", message));
    };
    let handover = Handover {
        genesis_hash: snapshot.genesis_hash,
        cluster: api.cluster,
        generation: asked.generation,
        giver,
        asker: asked.worker,
    };
    let sealed = handover
        .seal(&member.encryption_key, &held.secret)
        .map_err(|error| ApiError::forbidden("bad_key", error.to_string()))?;
    tracing::info!(
        worker = %asked.worker,
        generation = asked.generation,
        "handed the cluster's key to another worker"
    );
    Ok(Json(ClusterKeyAnswer {
        giver,
        sealed: HexBytes(sealed),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_bounded_at_once_and_over_time() {
        let handovers = Handovers::default();
        let now = Instant::now();
        let places: Vec<_> = (0..HANDOVERS_CONCURRENT_MAX)
            .map(|_| handovers.enter(now).unwrap())
            .collect();
        assert!(handovers.enter(now).is_none());
        drop(places);
        let already = HANDOVERS_CONCURRENT_MAX as u32;
        for _ in already..HANDOVERS_PER_WINDOW_MAX {
            assert!(handovers.enter(now).is_some());
        }
        assert!(handovers.enter(now).is_none());
        assert!(handovers.enter(now + WINDOW).is_some());
    }
}
