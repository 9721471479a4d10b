//! What a run is asked.

/// What a run is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The input: whatever the caller passed.
    pub input: Vec<u8>,
    /// The id of the request.
    pub id: [u8; 32],
    /// The id of the contract.
    pub contract: [u8; 32],
    /// Who asked, as the chain writes its addresses; empty for none.
    pub caller: String,
    /// The chain the request came from, such as `eip155:1`; empty for none.
    pub chain: String,
    /// The block of that chain at which [`kv`](crate::kv) reads; 0 for none.
    pub block: u64,
    /// The settings of the manifest, as a JSON object.
    pub settings: String,
}
