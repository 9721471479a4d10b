//! Hands the keys of the cluster to its other workers.

use std::{sync::Arc, time::Instant};

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use phat_worker_client::{CLUSTER_KEY_BODY_BYTES_MAX, ClusterKeyAnswer, ClusterKeyBody, HexBytes};

use super::{
    Api, ApiError,
    handovers::{Handovers, asker},
    routes::json,
};
use crate::cluster_keys::Handover;

/// Gives a secret of the cluster, sealed for the worker that it is asked for. Who asks matters for
/// nothing but whose turn it is: only that worker can open it, and the chain says whether it may
/// have it.
pub async fn cluster_key(
    State(api): State<Arc<Api>>,
    State(handovers): State<Arc<Handovers>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<ClusterKeyAnswer>, ApiError> {
    let asked: ClusterKeyBody = json(body, CLUSTER_KEY_BODY_BYTES_MAX)?;
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
    let asker = asker(&asked, &snapshot, api.cluster, giver);
    let turn = handovers.enter(asker, Instant::now());
    let _turn = turn.ok_or_else(ApiError::busy)?;
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
