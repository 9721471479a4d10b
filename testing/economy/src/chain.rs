//! Blocks of the runtime, one after the other, in memory.

use codec::Encode;
use frame_support::storage::with_transaction_unchecked;
use phat_primitives::blake2_256;
use phat_runtime::{
    AccountId, Block, Executive, Hash, Header, Runtime, RuntimeCall, RuntimeEvent, SignedPayload,
    System, TxExtension, UncheckedExtrinsic, network::SlotMillis,
};
use serde_json::Value;
use sp_consensus_babe::digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest};
use sp_core::{Blake2Hasher, Pair, sr25519};
use sp_genesis_builder::runtime_decl_for_genesis_builder::GenesisBuilder;
use sp_io::TestExternalities;
use sp_runtime::{
    ApplyExtrinsicResult, Digest, DigestItem, TransactionOutcome,
    generic::Era,
    traits::{Block as _, Header as _},
};
use sp_trie::recorder::Recorder;

/// The time before the first block, in milliseconds since 1970.
const GENESIS_MS: u64 = 1_800_000_000_000;

/// Separates the randomness of blocks from other hashes.
const RANDOMNESS_DOMAIN: &[u8; 22] = b"phat/testing/economy/1";

/// A chain in memory. Its blocks are made by its first validator, each in a slot that is not won by
/// lot. The randomness that such a block would have of its author's signature is put into the
/// state, so nothing is signed for it.
pub struct Chain {
    ext: TestExternalities,
    slot_ms: u64,
    now_ms: u64,
    number: u32,
    parent: Hash,
    /// Those of the block that is being made.
    transactions: Vec<UncheckedExtrinsic>,
    /// How many events of this block were taken notice of.
    seen: usize,
    events: Vec<RuntimeEvent>,
}

/// A node of the state's trie, with how often it is referred to.
type Node = (Vec<u8>, i32);

/// A chain between two blocks.
pub struct Snapshot {
    /// Each with its key.
    nodes: Vec<(Vec<u8>, Node)>,
    root: Hash,
    slot_ms: u64,
    now_ms: u64,
    number: u32,
    parent: Hash,
}

impl Chain {
    /// A chain with this genesis, before its first block. Panics if it is none.
    pub fn new(genesis: &Value) -> Self {
        let mut ext = TestExternalities::new_empty();
        let slot_ms = ext.execute_with(|| {
            Runtime::build_state(genesis.to_string().into_bytes()).expect("the genesis is valid");
            SlotMillis::<Runtime>::get()
        });
        let mut chain = Self {
            ext,
            slot_ms,
            now_ms: GENESIS_MS - GENESIS_MS % slot_ms,
            number: 0,
            parent: Hash::repeat_byte(7),
            transactions: Vec::new(),
            seen: 0,
            events: Vec::new(),
        };
        chain.commit();
        chain
    }

    /// The chain as it is between two blocks, to begin with again and again.
    pub fn into_snapshot(self) -> Snapshot {
        let (slot_ms, now_ms) = (self.slot_ms, self.now_ms);
        let (number, parent) = (self.number, self.parent);
        let (nodes, root) = self.ext.into_raw_snapshot();
        Snapshot {
            nodes,
            root,
            slot_ms,
            now_ms,
            number,
            parent,
        }
    }

    /// Looks at the state, or changes it other than by transactions.
    pub fn with<R>(&mut self, execute: impl FnOnce() -> R) -> R {
        self.ext.execute_with(execute)
    }

    /// Keeps what has changed. Must not be called within a block.
    pub fn commit(&mut self) {
        self.ext
            .commit_all()
            .expect("no transaction of the storage is open");
    }

    /// Forgets what has changed since the last [`Self::commit`].
    pub fn discard(&mut self) {
        self.ext.reset_overlay();
    }

    /// Begins the next block, in the first slot after `waited_ms` more milliseconds than usual.
    pub fn begin(&mut self, waited_ms: u64) {
        let slots = waited_ms / self.slot_ms + 1;
        self.now_ms += slots * self.slot_ms;
        self.number += 1;
        let randomness = blake2_256(&(RANDOMNESS_DOMAIN, self.number).encode());
        self.with(|| pallet_babe::AuthorVrfRandomness::<Runtime>::put(Some(randomness)));
        self.commit();
        let header = Header::new(
            self.number,
            Default::default(),
            Default::default(),
            self.parent,
            Digest {
                logs: vec![self.pre_digest()],
            },
        );
        self.with(|| Executive::initialize_block(&header));
        self.transactions.clear();
        self.seen = 0;
        let now = self.now_ms;
        let set = RuntimeCall::from(pallet_timestamp::Call::<Runtime>::set { now });
        let set = self.send(UncheckedExtrinsic::new_bare(set));
        assert!(matches!(set, Ok(Ok(()))), "the time can be set: {set:?}");
    }

    fn pre_digest(&self) -> DigestItem {
        let slot = self.now_ms / self.slot_ms;
        DigestItem::babe_pre_digest(PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
            authority_index: 0,
            slot: slot.into(),
        }))
    }

    /// Puts a transaction into the block, unless it is invalid.
    pub fn send(&mut self, transaction: UncheckedExtrinsic) -> ApplyExtrinsicResult {
        let result = self.with(|| {
            with_transaction_unchecked(|| match Executive::apply_extrinsic(transaction.clone()) {
                Ok(outcome) => TransactionOutcome::Commit(Ok(outcome)),
                Err(error) => TransactionOutcome::Rollback(Err(error)),
            })
        });
        if result.is_ok() {
            self.transactions.push(transaction);
        }
        self.notice_events();
        result
    }

    /// A transaction of the account with this key.
    pub fn signed(
        &mut self,
        key: &sr25519::Pair,
        call: impl Into<RuntimeCall>,
    ) -> UncheckedExtrinsic {
        let (account, call) = (AccountId::from(key.public().0), call.into());
        self.with(|| {
            let extension: TxExtension = (
                frame_system::CheckNonZeroSender::new(),
                frame_system::CheckSpecVersion::new(),
                frame_system::CheckTxVersion::new(),
                frame_system::CheckGenesis::new(),
                frame_system::CheckEra::from(Era::Immortal),
                frame_system::CheckNonce::from(System::account_nonce(&account)),
                frame_system::CheckWeight::new(),
                pallet_transaction_payment::ChargeTransactionPayment::from(0),
                frame_metadata_hash_extension::CheckMetadataHash::new(false),
                frame_system::WeightReclaim::new(),
            );
            let payload =
                SignedPayload::new(call.clone(), extension.clone()).expect("all of it is known");
            let signature = payload.using_encoded(|bytes| key.sign(bytes));
            UncheckedExtrinsic::new_signed(call, account.into(), signature.into(), extension)
        })
    }

    /// Ends the block and gives it. What it did is still to be kept or forgotten.
    pub fn finish(&mut self) -> Block {
        let header = self.with(Executive::finalize_block);
        self.notice_events();
        Block::new(header, std::mem::take(&mut self.transactions))
    }

    /// Ends the block and keeps what it did.
    pub fn end(&mut self) {
        let block = self.finish();
        self.follow(&block);
    }

    /// Keeps what `block` did, which was the last to be run, as the chain's newest.
    pub fn follow(&mut self, block: &Block) {
        self.commit();
        self.parent = block.header.hash();
    }

    /// Runs a block as a node does that others have sent it to. Panics if it is invalid.
    pub fn execute(&mut self, block: Block) {
        self.with(|| Executive::execute_block(block.into()));
    }

    /// The same, noting what of the state it needs.
    pub fn execute_recorded(&mut self, block: Block) -> Recorder<Blake2Hasher> {
        let recorder = Recorder::default();
        self.ext
            .execute_with_recorder(recorder.clone(), || Executive::execute_block(block.into()));
        recorder
    }

    /// The number of the newest block.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// What has happened since this was last asked.
    pub fn take_events(&mut self) -> Vec<RuntimeEvent> {
        std::mem::take(&mut self.events)
    }

    fn notice_events(&mut self) {
        let all = self.with(System::events);
        let fresh = all.iter().skip(self.seen);
        self.events.extend(fresh.map(|record| record.event.clone()));
        self.seen = all.len();
    }
}

impl From<&Snapshot> for Chain {
    fn from(snapshot: &Snapshot) -> Self {
        let version = TestExternalities::new_empty().state_version;
        let ext =
            TestExternalities::from_raw_snapshot(snapshot.nodes.clone(), snapshot.root, version);
        Self {
            ext,
            slot_ms: snapshot.slot_ms,
            now_ms: snapshot.now_ms,
            number: snapshot.number,
            parent: snapshot.parent,
            transactions: Vec::new(),
            seen: 0,
            events: Vec::new(),
        }
    }
}
