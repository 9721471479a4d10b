//! What is asked of the chain about its workers.

use alloc::vec::Vec;

use phat_primitives::{ClusterId, WorkerId};

sp_api::decl_runtime_apis! {
    /// What is asked of the chain about its workers.
    pub trait WorkersApi {
        /// The workers that serve a cluster at this block, in ascending order: its members, but
        /// for those whose attestation has expired or does not count any more.
        fn active_workers(cluster: ClusterId) -> Vec<WorkerId>;
    }
}
