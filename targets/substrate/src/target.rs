//! The adapter itself.

use async_trait::async_trait;
use phat_primitives::anchor::BATCH_MAX;
use phat_target::{
    AnchorRequest, BlockRef, ChainLog, LogFilter, PreparedTransaction, Quorum, RequestNumber,
    RequestStatus, Rollup, SignedRollup, Target, TargetError, TransactionHash, TransactionStatus,
    Versioned,
};
use subxt::{
    dynamic::{self, Value},
    ext::scale_decode::DecodeAsType,
};

use crate::{
    SubstrateTargetConfig,
    anchor::Anchor,
    blocks::Blocks,
    connection::Connection,
    events,
    outcome::{self, pallet_number},
    relay::Relay,
};

/// The bytes of an account.
const ACCOUNT_BYTES: usize = 32;

/// A Substrate chain, reached through one node, with one relay account.
///
/// What is final there is final: no confirmations are waited for besides, and nothing is acted on
/// before.
pub struct SubstrateTarget {
    connection: Connection,
    pallet: String,
    relay: Relay,
    blocks: Blocks,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct AccountInfo {
    data: AccountData,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct AccountData {
    free: u128,
}

impl SubstrateTarget {
    /// An adapter for the chain of `config`. Nothing is asked of the node yet, so one that is away
    /// at the moment is no error.
    pub fn new(config: &SubstrateTargetConfig) -> Result<Self, TargetError> {
        Ok(Self {
            connection: Connection::new(config.chain.clone(), config.rpc.clone(), config.timeout),
            pallet: config.pallet.clone(),
            relay: Relay::new(&config.relay_key, config.cost_max)?,
            blocks: Blocks::default(),
        })
    }

    fn anchor(&self) -> Anchor<'_> {
        Anchor {
            connection: &self.connection,
            pallet: &self.pallet,
        }
    }

    /// The account in the bytes of an anchor.
    fn consumer<'a>(&self, anchor: &'a [u8]) -> Result<&'a [u8], TargetError> {
        if anchor.len() == ACCOUNT_BYTES {
            return Ok(anchor);
        }
        Err(self.connection.malformed(format!(
            "a consumer is an account of {ACCOUNT_BYTES} bytes, and not of {}",
            anchor.len()
        )))
    }
}

#[async_trait]
impl Target for SubstrateTarget {
    fn chain(&self) -> &str {
        self.connection.chain()
    }

    fn relay_account(&self) -> String {
        self.relay.account().to_string()
    }

    fn attestor(&self, contract_key: &[u8; 32]) -> Result<String, TargetError> {
        Ok(outcome::attestor(&outcome::attestor_key(contract_key)?))
    }

    fn confirmations(&self) -> u64 {
        0
    }

    async fn head(&self) -> Result<BlockRef, TargetError> {
        let at = self.connection.finalized().await?;
        Ok(BlockRef {
            number: at.block_number(),
            hash: at.block_hash().0,
        })
    }

    async fn block(&self, number: u64) -> Result<BlockRef, TargetError> {
        self.connection.block(number).await
    }

    async fn requests(
        &self,
        anchor: &[u8],
        from: u64,
        to: u64,
    ) -> Result<Vec<AnchorRequest>, TargetError> {
        let consumer = self.consumer(anchor)?;
        let at = self.connection.finalized().await?;
        self.anchor().requests(&at, consumer, from, to).await
    }

    async fn request_status(
        &self,
        anchor: &[u8],
        number: RequestNumber,
    ) -> Result<RequestStatus, TargetError> {
        let consumer = self.consumer(anchor)?;
        let Ok(number) = pallet_number(&number) else {
            return Ok(RequestStatus::Unknown);
        };
        let at = self.connection.finalized().await?;
        self.anchor().status(&at, consumer, number).await
    }

    async fn read(
        &self,
        anchor: &[u8],
        key: &[u8],
        block: BlockRef,
    ) -> Result<Versioned, TargetError> {
        let consumer = self.consumer(anchor)?;
        let at = self.connection.at_hash(block.hash).await?;
        self.anchor().named_value(&at, consumer, key).await
    }

    async fn logs(
        &self,
        filter: &LogFilter,
        from: u64,
        to: u64,
    ) -> Result<Vec<ChainLog>, TargetError> {
        let LogFilter::Event { pallet, variant } = filter else {
            return Err(self
                .connection
                .malformed("a Substrate chain has no logs of contracts: name pallet and event"));
        };
        let mut found = Vec::new();
        for number in from..=to {
            let block = self.connection.block(number).await?;
            let at = self.connection.at_hash(block.hash).await?;
            found.extend(events::logs(&self.connection, &at, pallet, variant).await?);
        }
        Ok(found)
    }

    async fn quorum(&self, anchor: &[u8]) -> Result<Quorum, TargetError> {
        let consumer = self.consumer(anchor)?;
        let at = self.connection.finalized().await?;
        self.anchor().quorum(&at, consumer).await
    }

    async fn sign(
        &self,
        anchor: &[u8],
        rollup: Rollup,
        contract_key: &[u8; 32],
    ) -> Result<SignedRollup, TargetError> {
        let consumer = self.consumer(anchor)?;
        let genesis_hash = self.connection.genesis_hash().await?;
        outcome::sign(&genesis_hash, &self.pallet, consumer, rollup, contract_key)
    }

    fn signers(&self, anchor: &[u8], signed: &SignedRollup) -> Result<Vec<String>, TargetError> {
        let consumer = self.consumer(anchor)?;
        let genesis_hash = self.connection.known_genesis_hash()?;
        outcome::signers(&genesis_hash, &self.pallet, consumer, signed)
    }

    fn join(&self, _anchor: &[u8], signed: Vec<SignedRollup>) -> Result<SignedRollup, TargetError> {
        outcome::join(signed)
    }

    fn batch_max(&self, _anchor: &[u8]) -> usize {
        BATCH_MAX as usize
    }

    async fn next_nonce(&self) -> Result<u64, TargetError> {
        self.relay.next_nonce(&self.connection).await
    }

    async fn balance(&self) -> Result<u128, TargetError> {
        let at = self.connection.finalized().await?;
        let address = dynamic::storage::<Vec<Value>, AccountInfo>("System", "Account");
        let storage = at.storage();
        let entry = storage
            .entry(address)
            .map_err(|error| self.connection.malformed(error))?;
        let account = vec![Value::from_bytes(self.relay.account().0)];
        let fetched = self
            .connection
            .answer("state_getStorage", entry.try_fetch(account))
            .await?;
        let info = fetched.map(|info| info.decode()).transpose();
        let info = info.map_err(|error| self.connection.malformed(error))?;
        Ok(info.map_or(0, |info| info.data.free))
    }

    async fn prepare(
        &self,
        anchor: &[u8],
        rollups: &[SignedRollup],
        nonce: u64,
        replaces: Option<&PreparedTransaction>,
    ) -> Result<PreparedTransaction, TargetError> {
        let consumer = self.consumer(anchor)?;
        self.relay
            .prepare(&self.anchor(), consumer, rollups, nonce, replaces)
            .await
    }

    async fn send(&self, transaction: &PreparedTransaction) -> Result<(), TargetError> {
        self.relay
            .send(&self.connection, &self.blocks, transaction)
            .await
    }

    async fn transaction_status(
        &self,
        hash: TransactionHash,
    ) -> Result<TransactionStatus, TargetError> {
        self.blocks.status(&self.connection, hash).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> SubstrateTarget {
        let rpc = "ws://127.0.0.1:1".parse().expect("a URL");
        SubstrateTarget::new(&SubstrateTargetConfig::new(
            crate::chain_name(&[1; 32]),
            rpc,
            [7; 32],
        ))
        .expect("a key")
    }

    #[tokio::test]
    async fn an_anchor_is_an_account_and_nothing_else_is_asked_about() {
        for anchor in [&[][..], &[0; 20], &[0; 33]] {
            let error = target().quorum(anchor).await.expect_err("no account");
            assert!(matches!(error, TargetError::Malformed(_)), "{error}");
        }
        let filter = LogFilter::Contract {
            address: vec![0; 20],
            topics: Vec::new(),
        };
        let error = target().logs(&filter, 0, 0).await.expect_err("of EVM");
        assert!(matches!(error, TargetError::Malformed(_)), "{error}");
    }

    #[tokio::test]
    async fn a_number_beyond_the_pallets_is_of_no_request() {
        let status = target().request_status(&[0; 32], [0xff; 32]).await;
        assert_eq!(status, Ok(RequestStatus::Unknown));
    }

    #[tokio::test]
    async fn who_signs_is_written_as_the_quorum_has_it() {
        let target = target();
        let named = target.attestor(&[3; 32]).expect("a key");
        assert_eq!(
            crate::parse_attestor(&named),
            crate::attestor_key(&[3; 32]).ok()
        );
    }
}
