//! Contracts, their secrets and the keys of their cluster, and receipts with what becomes of those
//! that are challenged.

use arbitrary::{Result, Unstructured};
use codec::Encode;
use pallet_receipts::{Challenges, Heads};
use phat_primitives::{
    AccountBytes, ClusterKey, CodeHash, ContractId, EncryptionKey, RequestId,
    challenges::{PanelVote, Verdict},
    cluster_key::{AttestorStatement, ClusterKeyAnnouncement},
    receipt::{Origin, ReceiptBody, RunResult},
    receipts::ReceiptBatch,
};
use phat_runtime::{Receipts, Runtime, RuntimeCall};
use sp_core::{Pair, sr25519};

use super::{Action, some_worker, someone, start::CLUSTER};
use crate::{Chain, Person, Worker};

const CODE: &[u8] = b"export default () => new Uint8Array(1)";

/// How many contracts there may be. All are Bob's.
const CONTRACTS: u8 = 3;

/// How many receipts each worker has made.
const RECEIPTS: u8 = 4;

/// What happens next, if there is anything to do of the kind that is chosen.
pub(super) fn next(chain: &mut Chain, choices: &mut Unstructured<'_>) -> Result<Option<Action>> {
    let who = someone(choices)?;
    Ok(match choices.int_in_range(0..=9u8)? {
        0 | 1 => Some(of_contracts(chain, choices)?),
        2 => Some(of_keys(chain, who, choices)?),
        3 => Some(publish(chain, who, some_worker(choices)?)),
        4..=6 => Some(challenge(chain, who, choices)?),
        7 | 8 => vote(chain, who, choices)?,
        _ => close(chain, who),
    })
}

/// The calls of Bob that upload the code and make the first contract.
pub(super) fn deploy() -> Vec<RuntimeCall> {
    let note = pallet_preimage::Call::<Runtime>::note_preimage {
        bytes: CODE.to_vec(),
    };
    let upload = pallet_phat_contracts::Call::<Runtime>::upload_code {
        code_hash: CodeHash::of(CODE),
        len: CODE.len() as u32,
    };
    vec![note.into(), upload.into(), instantiate(0).into()]
}

fn instantiate(number: u8) -> pallet_phat_contracts::Call<Runtime> {
    pallet_phat_contracts::Call::instantiate {
        cluster: CLUSTER,
        code_hash: CodeHash::of(CODE),
        manifest: b"name = \"test\"".to_vec().try_into().expect("it is short"),
        salt: [number; 32],
    }
}

fn contract(number: u8) -> ContractId {
    let owner = AccountBytes(Person::Bob.account().into());
    ContractId::derive(&owner, CLUSTER, &CodeHash::of(CODE), &[number; 32])
}

/// One that is there or may be there.
pub(super) fn some_contract(choices: &mut Unstructured<'_>) -> Result<ContractId> {
    Ok(contract(choices.int_in_range(0..=CONTRACTS - 1)?))
}

fn of_contracts(chain: &mut Chain, choices: &mut Unstructured<'_>) -> Result<Action> {
    use pallet_phat_contracts::{Call, Contracts};

    let who = if choices.ratio(1, 8)? {
        someone(choices)?
    } else {
        Person::Bob
    };
    let number = choices.int_in_range(0..=CONTRACTS - 1)?;
    let contract = contract(number);
    let code_hash = CodeHash::of(CODE);
    if !chain.with(|| Contracts::<Runtime>::contains_key(contract)) {
        return Ok(Action::call(who, instantiate(number)));
    }
    let name = || b"key".to_vec().try_into().expect("it is short");
    let call = match choices.int_in_range(0..=5u8)? {
        0 => Call::<Runtime>::remove { contract },
        1 => Call::remove_code { code_hash },
        2 => {
            let spaces = choices.int_in_range(0..=255usize)?;
            let manifest = [b"name = \"other\"".to_vec(), vec![b' '; spaces]].concat();
            let manifest = manifest.try_into().expect("it is short");
            Call::set_manifest { contract, manifest }
        }
        3 => Call::remove_secret {
            contract,
            name: name(),
        },
        _ => {
            let bytes = choices.int_in_range(0..=255usize)?;
            Call::set_secret {
                contract,
                name: name(),
                generation: choices.int_in_range(0..=1u32)?,
                sealed: vec![7; bytes].try_into().expect("it is short"),
            }
        }
    };
    Ok(Action::call(who, call))
}

/// The key that the cluster signs with, of each generation the same.
fn cluster_key() -> sr25519::Pair {
    sr25519::Pair::from_seed(&[99; 32])
}

fn of_keys(chain: &mut Chain, who: Person, choices: &mut Unstructured<'_>) -> Result<Action> {
    use pallet_cluster_keys::{Call, CurrentGeneration};

    let cluster = CLUSTER;
    let genesis_hash = chain.with(Receipts::genesis_hash);
    let current = chain.with(|| CurrentGeneration::<Runtime>::get(cluster));
    Ok(match choices.int_in_range(0..=2u8)? {
        0 => {
            let (worker, generation) = (some_worker(choices)?, current.map_or(0, |last| last + 1));
            let key = ClusterKey {
                encryption_key: EncryptionKey([7; 32]),
                signing_key: cluster_key().public().0,
            };
            let payload = ClusterKeyAnnouncement {
                genesis_hash,
                cluster,
                generation,
                key,
                worker: worker.id(),
            }
            .signing_payload();
            let call = Call::<Runtime>::publish_key {
                cluster,
                generation,
                key,
                worker: worker.id(),
                signature: worker.key().sign(&payload),
            };
            Action::call(who, call)
        }
        1 => Action::root(Call::<Runtime>::request_rotation { cluster }),
        _ => {
            let (contract, generation) = (some_contract(choices)?, current.unwrap_or(0));
            let public_key = [2; 33];
            let payload = AttestorStatement {
                genesis_hash,
                contract,
                generation,
                public_key,
            }
            .signing_payload();
            let call = Call::<Runtime>::publish_attestor {
                contract,
                generation,
                public_key,
                signature: cluster_key().sign(&payload),
            };
            Action::call(who, call)
        }
    })
}

/// The worker's next batch.
fn publish(chain: &mut Chain, who: Person, worker: Worker) -> Action {
    let head = chain.with(|| Heads::<Runtime>::get(worker.id()).unwrap_or_default());
    let (number, count, root) = (head.next, 10, [8; 32]);
    let batch = ReceiptBatch {
        genesis_hash: chain.with(Receipts::genesis_hash),
        worker: worker.id(),
        number,
        count,
        root,
        previous: head.hash,
    };
    Action::call(
        who,
        pallet_receipts::Call::<Runtime>::publish_batch {
            worker: worker.id(),
            number,
            count,
            root,
            signature: worker.key().sign(&batch.signing_payload()),
        },
    )
}

/// A receipt of some worker's is challenged: one of the code that its contract runs, or not.
fn challenge(chain: &mut Chain, who: Person, choices: &mut Unstructured<'_>) -> Result<Action> {
    let worker = some_worker(choices)?;
    let request = choices.int_in_range(0..=RECEIPTS - 1)?;
    let code_hash = if choices.ratio(1, 6)? {
        CodeHash::of(b"other code")
    } else {
        CodeHash::of(CODE)
    };
    Ok(Action::call(
        who,
        challenge_of(chain, worker, request, code_hash),
    ))
}

/// The call that challenges a receipt of `worker`'s of the first contract.
fn challenge_of(
    chain: &mut Chain,
    worker: Worker,
    request: u8,
    code_hash: CodeHash,
) -> pallet_receipts::Call<Runtime> {
    let body = ReceiptBody {
        genesis_hash: chain.with(Receipts::genesis_hash),
        worker: worker.id(),
        contract: contract(0),
        code_hash,
        engine_hash: [4; 32],
        request: RequestId([request; 32]),
        origin: Origin::Http,
        input_hash: [5; 32],
        result: RunResult::Succeeded,
        output_hash: [6; 32],
        transcript_root: [7; 32],
        fuel_used: 8,
        ended_at_ms: 9,
    };
    pallet_receipts::Call::challenge {
        receipt: body.encode().try_into().expect("it is short"),
        signature: worker.key().sign(&body.signing_payload()),
        data_url: b"https://data.example/"
            .to_vec()
            .try_into()
            .expect("it is short"),
    }
}

/// One who has not voted yet does, about the oldest challenge, if there is one.
fn vote(chain: &mut Chain, who: Person, choices: &mut Unstructured<'_>) -> Result<Option<Action>> {
    let verdict = match choices.int_in_range(0..=5u8)? {
        0..=2 => Verdict::Holds,
        3 => Verdict::OtherRun,
        4 => Verdict::Diverges { entry: 0 },
        _ => Verdict::Unavailable,
    };
    Ok(chain
        .with(|| vote_of(verdict))
        .map(|call| Action::call(who, call)))
}

/// The call of a member of the oldest challenge's panel who has not voted yet. To be made within
/// the chain.
fn vote_of(verdict: Verdict) -> Option<pallet_receipts::Call<Runtime>> {
    let oldest = Challenges::<Runtime>::iter().min_by_key(|(id, _)| *id);
    let (id, open) = oldest?;
    let seat = open.panel.iter().find(|seat| seat.verdict.is_none())?;
    let worker = Worker::of(&seat.worker)?;
    let vote = PanelVote {
        genesis_hash: Receipts::genesis_hash(),
        challenge: id,
        receipt: open.receipt,
        worker: worker.id(),
        verdict,
    };
    Some(pallet_receipts::Call::vote {
        challenge: id,
        worker: worker.id(),
        verdict,
        signature: worker.key().sign(&vote.signing_payload()),
    })
}

/// Closes the oldest challenge, if there is one.
fn close(chain: &mut Chain, who: Person) -> Option<Action> {
    let oldest = chain.with(|| Challenges::<Runtime>::iter_keys().min())?;
    let call = pallet_receipts::Call::<Runtime>::close { challenge: oldest };
    Some(Action::call(who, call))
}
