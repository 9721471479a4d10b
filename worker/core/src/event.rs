//! How a request shows itself at an anchor.

use codec::Encode;
use phat_primitives::{ContractId, RequestId, blake2_256};
use phat_target::AnchorRequest;

/// Separates ids of requests from all other hashes.
const REQUEST_DOMAIN: &[u8] = b"phat/contract-request/1";

/// A request as an anchor's event shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The contract that is asked.
    pub contract: ContractId,
    /// The target chain, as CAIP-2 has it.
    pub chain: String,
    /// The anchor's address.
    pub anchor: Vec<u8>,
    /// What was found there.
    pub request: AnchorRequest,
}

impl Event {
    /// The id of the request to this contract, unique over all chains and anchors.
    ///
    /// The contract is part of it: whoever lists another's anchor in a manifest
    /// makes requests of his own of what is asked there, and takes none away. So
    /// is the commitment: a request that took another's number in a reorganisation
    /// is another one.
    pub fn id(&self) -> RequestId {
        let request = &self.request;
        let asked = RequestId::of_anchor(
            &self.chain,
            &self.anchor,
            &request.number,
            &request.commitment,
        );
        RequestId(blake2_256(&(REQUEST_DOMAIN, asked, self.contract).encode()))
    }
}
