//! What the node answers over JSON-RPC, beside what every node of its kind does.

use std::sync::Arc;

use jsonrpsee::RpcModule;
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use phat_runtime::{BlockNumber, Hash, opaque::Block};
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_babe_rpc::{Babe, BabeApiServer};
use sc_consensus_grandpa::{
    FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_rpc::SubscriptionTaskExecutor;
use sp_keystore::KeystorePtr;
use substrate_frame_rpc_system::{System, SystemApiServer};

use crate::service::{Backend, Client, Pool, SelectChain};

/// What the answers come from.
pub struct Sources {
    pub client: Arc<Client>,
    pub pool: Arc<Pool>,
    pub select_chain: SelectChain,
    pub keystore: KeystorePtr,
    pub babe: BabeWorkerHandle<Block>,
    pub grandpa: GrandpaSources,
}

/// What the answers about finality come from.
pub struct GrandpaSources {
    pub voter_state: SharedVoterState,
    pub authority_set: SharedAuthoritySet<Hash, BlockNumber>,
    pub justifications: GrandpaJustificationStream<Block>,
    pub proofs: Arc<FinalityProofProvider<Backend, Block>>,
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The methods, with `executor` to run subscriptions on.
pub fn methods(
    sources: &Sources,
    executor: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, BoxError> {
    let Sources {
        client,
        pool,
        select_chain,
        keystore,
        babe,
        grandpa,
    } = sources;
    let mut module = RpcModule::new(());
    module.merge(System::new(client.clone(), pool.clone()).into_rpc())?;
    module.merge(TransactionPayment::new(client.clone()).into_rpc())?;
    module.merge(
        Babe::new(
            client.clone(),
            babe.clone(),
            keystore.clone(),
            select_chain.clone(),
        )
        .into_rpc(),
    )?;
    module.merge(
        Grandpa::new(
            executor,
            grandpa.authority_set.clone(),
            grandpa.voter_state.clone(),
            grandpa.justifications.clone(),
            grandpa.proofs.clone(),
        )
        .into_rpc(),
    )?;
    Ok(module)
}
