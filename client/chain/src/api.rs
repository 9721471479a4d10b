//! The chain's calls and storage, generated from its metadata.

#![allow(
    missing_docs,
    clippy::allow_attributes_without_reason,
    clippy::all,
    reason = "generated code"
)]

/// Has the compiler see when the file that the types are made of changes.
const _: &[u8] = include_bytes!("../metadata/phat.scale");

#[subxt::subxt(
    runtime_metadata_path = "metadata/phat.scale",
    substitute_type(
        path = "phat_primitives::attestation::MeasurementRule",
        with = "::subxt::utils::Static<::phat_primitives::attestation::MeasurementRule>"
    ),
    substitute_type(
        path = "phat_primitives::challenges::ChallengeId",
        with = "::subxt::utils::Static<::phat_primitives::challenges::ChallengeId>"
    ),
    substitute_type(
        path = "phat_primitives::challenges::ReplayedRun",
        with = "::subxt::utils::Static<::phat_primitives::challenges::ReplayedRun>"
    ),
    substitute_type(
        path = "phat_primitives::challenges::Verdict",
        with = "::subxt::utils::Static<::phat_primitives::challenges::Verdict>"
    ),
    substitute_type(
        path = "phat_primitives::cluster_key::ClusterKey",
        with = "::subxt::utils::Static<::phat_primitives::ClusterKey>"
    ),
    substitute_type(
        path = "phat_primitives::heartbeat::BenchmarkProof",
        with = "::subxt::utils::Static<::phat_primitives::heartbeat::BenchmarkProof>"
    ),
    substitute_type(
        path = "phat_primitives::heartbeat::BenchmarkReport",
        with = "::subxt::utils::Static<::phat_primitives::heartbeat::BenchmarkReport>"
    ),
    substitute_type(
        path = "phat_primitives::heartbeat::Heartbeat",
        with = "::subxt::utils::Static<::phat_primitives::heartbeat::Heartbeat>"
    ),
    substitute_type(
        path = "phat_primitives::ids::ClusterId",
        with = "::subxt::utils::Static<::phat_primitives::ClusterId>"
    ),
    substitute_type(
        path = "phat_primitives::ids::CodeHash",
        with = "::subxt::utils::Static<::phat_primitives::CodeHash>"
    ),
    substitute_type(
        path = "phat_primitives::ids::ContractId",
        with = "::subxt::utils::Static<::phat_primitives::ContractId>"
    ),
    substitute_type(
        path = "phat_primitives::ids::EncryptionKey",
        with = "::subxt::utils::Static<::phat_primitives::EncryptionKey>"
    ),
    substitute_type(
        path = "phat_primitives::ids::ManifestHash",
        with = "::subxt::utils::Static<::phat_primitives::ManifestHash>"
    ),
    substitute_type(
        path = "phat_primitives::ids::ReceiptHash",
        with = "::subxt::utils::Static<::phat_primitives::ReceiptHash>"
    ),
    substitute_type(
        path = "phat_primitives::ids::WorkerId",
        with = "::subxt::utils::Static<::phat_primitives::WorkerId>"
    ),
    substitute_type(
        path = "phat_primitives::registration::Attestation",
        with = "::subxt::utils::Static<::phat_primitives::Attestation>"
    ),
    substitute_type(
        path = "phat_tokenomics::fixed::Fixed",
        with = "::subxt::utils::Static<::phat_tokenomics::Fixed>"
    ),
    substitute_type(
        path = "phat_tokenomics::parameters::Parameters",
        with = "::subxt::utils::Static<::phat_tokenomics::Parameters>"
    ),
    substitute_type(
        path = "phat_tokenomics::worker::WorkerState",
        with = "::subxt::utils::Static<::phat_tokenomics::WorkerState>"
    ),
    substitute_type(
        path = "phat_workload::commitment::Commitment",
        with = "::subxt::utils::Static<::phat_workload::Commitment>"
    )
)]
mod phat {}

pub use phat::*;
