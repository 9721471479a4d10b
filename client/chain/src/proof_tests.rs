use std::collections::BTreeMap;

use codec::Decode;
use futures::stream;
use phat_chain_proof::{StorageError, fake};
use serde_json::{Value, json};
use subxt::rpcs::client::{RawRpcFuture, RawRpcSubscription, RawValue, RpcClientT};

use super::*;

/// How many blocks follow the first one.
const BLOCKS: u32 = 60;

/// The blocks that change the authorities.
const CHANGES: [u32; 3] = [1, 17, 30];

/// Of which blocks the node keeps a justification, besides these.
const PERIOD: u32 = 8;

/// A node of a chain that changes its authorities. Each block's state has its number.
struct FakeNode {
    headers: Vec<Header>,
    /// The nodes of each block's state.
    states: Vec<Vec<Vec<u8>>>,
    /// The justifications that it keeps.
    kept: BTreeMap<u32, Vec<u8>>,
    newest: Vec<u8>,
}

impl FakeNode {
    fn new() -> Self {
        let mut headers = Vec::<Header>::new();
        let mut states = Vec::new();
        let mut kept = BTreeMap::new();
        let mut newest = Vec::new();
        let mut set = 0_u8;
        for number in 0..=BLOCKS {
            let (key, named) = (
                StateProof::authorities_key(),
                fake::authorities(&fake::keys(0)),
            );
            let entries = [(key, named.encode()), (b"number".to_vec(), number.encode())];
            let (root, nodes) = fake::trie(&entries);
            let parent = headers.last().map_or(Hash([0; 32]), Header::hash);
            let mut header = fake::header(parent, number, root);
            let is_change = CHANGES.contains(&number);
            if is_change {
                fake::announce(&mut header, &fake::keys(set + 1), 0);
            }
            newest = fake::justify(&header, set.into(), &fake::keys(set));
            if is_change || (number > 0 && number.is_multiple_of(PERIOD)) {
                kept.insert(number, newest.clone());
            }
            set += u8::from(is_change);
            headers.push(header);
            states.push(nodes);
        }
        Self {
            headers,
            states,
            kept,
            newest,
        }
    }

    async fn source(self) -> ProofSource {
        ProofSource::of(RpcClient::new(self)).await.unwrap()
    }

    fn genesis_hash(&self) -> [u8; 32] {
        self.headers[0].hash().0
    }

    fn number_of(&self, hash: &Value) -> usize {
        let hash = hash.as_str().unwrap();
        let mut hashes = self.headers.iter().map(|header| header.hash().to_string());
        hashes.position(|known| known == hash).unwrap()
    }

    fn answer(&self, method: &str, params: &Value) -> Value {
        let hexed = |bytes: &[u8]| format!("0x{}", hex::encode(bytes));
        match method {
            "chain_getBlockHash" => {
                let number = params[0].as_u64().unwrap() as usize;
                json!(self.headers.get(number).map(Header::hash))
            }
            "chain_getFinalizedHead" => json!(self.headers.last().map(Header::hash)),
            "chain_getHeader" => {
                let header = &self.headers[self.number_of(&params[0])];
                let bytes = header.encode();
                // What stands before the digest, and how many items that has.
                let before = 32 + Compact(header.number).encode().len() + 64 + 1;
                json!({
                    "parentHash": hexed(&header.parent_hash),
                    "number": format!("{:#x}", header.number),
                    "stateRoot": hexed(&header.state_root),
                    "extrinsicsRoot": hexed(&header.extrinsics_root),
                    "digest": { "logs": logs(bytes[before - 1] >> 2, &bytes[before..]) },
                })
            }
            "chain_getBlock" => {
                let number = self.number_of(&params[0]) as u32;
                let kept = self.kept.get(&number);
                let justifications = kept.map(|votes| json!([[GRANDPA, votes]]));
                json!({ "block": {}, "justifications": justifications })
            }
            "state_getReadProof" => {
                let nodes = &self.states[self.number_of(&params[1])];
                let proof: Vec<_> = nodes.iter().map(|node| hexed(node)).collect();
                json!({ "at": params[1], "proof": proof })
            }
            other => panic!("{other}"),
        }
    }
}

/// The items of a digest, one by one.
fn logs(count: u8, mut bytes: &[u8]) -> Vec<String> {
    let mut logs = Vec::new();
    for _ in 0..count {
        let start = bytes;
        let index = bytes[0];
        bytes = &bytes[1..];
        match index {
            8 => {}
            0 => drop(Vec::<u8>::decode(&mut bytes).unwrap()),
            _ => drop(<([u8; 4], Vec<u8>)>::decode(&mut bytes).unwrap()),
        }
        let log = &start[..start.len() - bytes.len()];
        logs.push(format!("0x{}", hex::encode(log)));
    }
    logs
}

impl RpcClientT for FakeNode {
    fn request_raw<'a>(
        &'a self,
        method: &'a str,
        params: Option<Box<RawValue>>,
    ) -> RawRpcFuture<'a, Box<RawValue>> {
        let params = params.map_or(Value::Null, |params| {
            serde_json::from_str(params.get()).unwrap()
        });
        let answer = self.answer(method, &params).to_string();
        Box::pin(async move { Ok(RawValue::from_string(answer).unwrap()) })
    }

    fn subscribe_raw<'a>(
        &'a self,
        method: &'a str,
        _: Option<Box<RawValue>>,
        _: &'a str,
    ) -> RawRpcFuture<'a, RawRpcSubscription> {
        assert_eq!(method, JUSTIFICATIONS.0);
        let votes = json!(format!("0x{}", hex::encode(&self.newest))).to_string();
        let next = stream::once(async move { Ok(RawValue::from_string(votes).unwrap()) });
        Box::pin(async move {
            Ok(RawRpcSubscription {
                stream: Box::pin(next),
                id: None,
            })
        })
    }
}

fn set_changes_before(number: u32) -> usize {
    let before = CHANGES.iter().filter(|change| **change < number);
    before.count()
}

#[tokio::test]
async fn every_block_is_proven_across_changes_of_the_authorities() {
    let node = FakeNode::new();
    let genesis_hash = node.genesis_hash();
    let hashes: Vec<_> = node.headers.iter().map(Header::hash).collect();
    let source = node.source().await;
    for number in 1..=BLOCKS {
        let keys = [b"number".to_vec()];
        let proof = source.prove(Some(number), &keys, None).await.unwrap();
        let block = proof.verify(genesis_hash).unwrap();
        assert_eq!(block.hash(), hashes[number as usize]);
        assert_eq!(
            block.storage(b"number"),
            Ok(Some(&number.encode()[..])),
            "{number}"
        );
        assert_eq!(proof.set_changes.len(), set_changes_before(number));
        assert!(proof.descendants.len() < PERIOD as usize, "{number}");
    }
    let newest = source.prove(None, &[], None).await.unwrap();
    assert_eq!(newest.verify(genesis_hash).unwrap().number(), BLOCKS);
}

#[tokio::test]
async fn the_first_block_is_taken_from_another_proof() {
    let mut node = FakeNode::new();
    let genesis_hash = node.genesis_hash();
    let whole = FakeNode::new().source().await;
    let other = whole.prove(None, &[], None).await.unwrap();
    // It has forgotten what the first block knew.
    node.states[0].clear();
    let source = node.source().await;
    let error = source.prove(None, &[], None).await.unwrap_err();
    assert!(
        matches!(
            error,
            ProofSourceError::Wrong(ProofError::GenesisStorage(StorageError::Missing(_)))
        ),
        "{error}"
    );
    let proof = source.prove(None, &[], Some(other.genesis)).await.unwrap();
    assert_eq!(proof.verify(genesis_hash).unwrap().number(), BLOCKS);
}

#[tokio::test]
async fn more_of_a_state_is_added_once() {
    let source = FakeNode::new().source().await;
    let mut proof = source.prove(None, &[], None).await.unwrap();
    let nodes = proof.block.nodes.len();
    // The node gives all nodes each time.
    source.add(&mut proof, &[b"number".to_vec()]).await.unwrap();
    assert_eq!(proof.block.nodes.len(), nodes);
}

#[tokio::test]
async fn what_cannot_be_proven_is_told() {
    let source = FakeNode::new().source().await;
    let error = source.prove(Some(BLOCKS + 1), &[], None).await.unwrap_err();
    assert!(
        matches!(
            error,
            ProofSourceError::NotFinal {
                finalised: BLOCKS,
                ..
            }
        ),
        "{error}"
    );

    // Another set's votes, which are nobody's.
    let mut node = FakeNode::new();
    let header = node.headers[BLOCKS as usize].clone();
    node.newest = fake::justify(&header, 9, &fake::keys(9));
    let source = node.source().await;
    let error = source.prove(None, &[], None).await.unwrap_err();
    assert!(matches!(error, ProofSourceError::Wrong(_)), "{error}");

    // An older block's votes for a newer one.
    let mut node = FakeNode::new();
    node.newest = node.kept[&PERIOD].clone();
    let source = node.source().await;
    let error = source.prove(None, &[], None).await.unwrap_err();
    assert!(
        matches!(error, ProofSourceError::NoJustification(BLOCKS)),
        "{error}"
    );
}

#[test]
fn a_header_is_the_same_in_json_and_in_scale() {
    let json = r#"{
        "parentHash": "0x0101010101010101010101010101010101010101010101010101010101010101",
        "number": "0x11170",
        "stateRoot": "0x0202020202020202020202020202020202020202020202020202020202020202",
        "extrinsicsRoot": "0x0303030303030303030303030303030303030303030303030303030303030303",
        "digest": {"logs": ["0x0642414245040a", "0x08"]}
    }"#;
    let header: HeaderJson = serde_json::from_str(json).unwrap();
    let bytes = header.to_scale().unwrap();
    let (read, _) = Header::read(&bytes).unwrap();
    assert_eq!((read.number, read.parent_hash), (70_000, [1; 32]));
    assert_eq!((read.state_root, read.extrinsics_root), ([2; 32], [3; 32]));
    assert_eq!(read.encode(), bytes);

    for number in ["70000", "0x", "0x100000000"] {
        let header = HeaderJson {
            number: number.into(),
            ..serde_json::from_str(json).unwrap()
        };
        assert_eq!(header.to_scale(), None, "{number}");
    }
}

#[test]
fn a_justification_is_read_as_nodes_write_it() {
    let json = r#"{"block": {"header": {}, "extrinsics": []},
        "justifications": [[[70, 82, 78, 75], [1, 2, 3]]]}"#;
    let block: BlockJson = serde_json::from_str(json).unwrap();
    assert_eq!(block.justifications, Some(vec![(GRANDPA, vec![1, 2, 3])]));
    let json = r#"{"block": {}, "justifications": null}"#;
    let block: BlockJson = serde_json::from_str(json).unwrap();
    assert_eq!(block.justifications, None);
}
