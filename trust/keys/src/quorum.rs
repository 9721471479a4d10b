//! A worker's own keys for contracts whose outcomes several workers sign.

use std::fmt;

use phat_primitives::ContractId;
use zeroize::Zeroizing;

use crate::ContractSecret;

/// Separates these keys from all others.
const SALT: &[u8] = b"phat/quorum-key/1";

/// The secret that a worker's keys for quorums follow from: 32 bytes that it alone
/// has. So the signatures of several keys come from as many workers.
pub struct QuorumSecret(Zeroizing<[u8; 32]>);

impl QuorumSecret {
    /// The secret with these bytes.
    pub fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The key with which the worker signs outcomes of `contract`.
    pub fn of(&self, contract: ContractId) -> ContractSecret {
        ContractSecret::derive(SALT, &self.0, contract)
    }
}

impl fmt::Debug for QuorumSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QuorumSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClusterSecret;

    #[test]
    fn each_worker_has_a_key_of_its_own_for_each_contract() {
        let key = |worker, contract| {
            let secret = QuorumSecret::new(Zeroizing::new([worker; 32]));
            *secret.of(ContractId([contract; 32])).expose()
        };
        assert_eq!(key(1, 1), key(1, 1));
        assert_ne!(key(1, 1), key(2, 1));
        assert_ne!(key(1, 1), key(1, 2));
        // Not even a cluster with the same secret has it.
        let cluster = ClusterSecret::from_bytes(Zeroizing::new([1; 32]));
        let shared = cluster.secp256k1(ContractId([1; 32]));
        assert_ne!(key(1, 1), *shared.expose());
    }

    #[test]
    fn the_secret_is_not_shown() {
        let secret = QuorumSecret::new(Zeroizing::new([0xab; 32]));
        assert_eq!(format!("{secret:?}"), "QuorumSecret(…)");
    }
}
