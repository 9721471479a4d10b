//! The anchor: consumers, their requests and their stores.

use phat_primitives::{
    AccountBytes,
    anchor::{
        ATTESTORS_MAX, AttestorKey, FIRST_REQUEST, INPUT_BYTES_MAX, OUTPUT_BYTES_MAX, WRITES_MAX,
        key_hash,
    },
};
use subxt::utils::AccountId32;

use crate::{
    ChainClient, ChainError, Included, Signer, State,
    answer::in_time,
    api::{
        self,
        runtime_types::{
            bounded_collections::bounded_vec::BoundedVec,
            pallet_phat_anchor::types::{Askers, Bounds},
            phat_primitives::anchor::AttestorKey as StoredKey,
        },
    },
    state::read,
    submit::bounded,
};

/// A consumer of the anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorConsumer {
    /// Who decides about it.
    pub owner: AccountBytes,
    /// Whether anybody may make requests.
    pub is_open: bool,
    /// The number of the next request.
    pub next_request: u64,
    /// How many requests are stored.
    pub requests: u32,
    /// How many keys are in its store.
    pub values: u32,
    /// The bytes of their values.
    pub stored_bytes: u64,
    /// How many attestors must sign.
    pub threshold: u32,
    /// Who they are.
    pub attestors: Vec<AttestorKey>,
}

/// What has become of a request of a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnchorRequestState {
    /// There is no such request.
    Unknown,
    /// It waits for its outcome.
    Open,
    /// It has its outcome, which the consumer did not take.
    CallbackFailed,
    /// It was settled, or has expired and was paid back.
    Closed,
}

/// A consumer that is to be registered.
#[derive(Clone, Debug)]
pub struct NewAnchorConsumer {
    /// What its account is derived from besides the owner's; `None` for the owner's own.
    pub salt: Option<[u8; 32]>,
    /// Whether anybody may make requests.
    pub is_open: bool,
    /// How many attestors must sign.
    pub threshold: u32,
    /// Who they are.
    pub attestors: Vec<AttestorKey>,
    /// The most bytes of all its values, with 64 more for each key.
    pub stored_bytes_max: u64,
}

impl State {
    /// A consumer of the anchor.
    pub async fn anchor_consumer(
        &self,
        consumer: &AccountBytes,
    ) -> Result<Option<AnchorConsumer>, ChainError> {
        let storage = api::storage().anchor();
        let info = read!(self, storage.consumers(), AccountId32(consumer.0));
        let attestors = read!(self, storage.attestors_of(), AccountId32(consumer.0));
        let (Some(info), Some(attestors)) = (info, attestors) else {
            return Ok(None);
        };
        let keys = attestors.current.keys.0.into_iter();
        Ok(Some(AnchorConsumer {
            owner: AccountBytes(info.owner.0),
            is_open: matches!(info.askers, Askers::Anyone),
            next_request: info.next_request,
            requests: info.requests,
            values: info.values,
            stored_bytes: info.stored_bytes,
            threshold: attestors.current.threshold,
            attestors: keys
                .map(|key| match key {
                    StoredKey::Sr25519(key) => AttestorKey::Sr25519(key),
                    StoredKey::Secp256k1(key) => AttestorKey::Secp256k1(key),
                })
                .collect(),
        }))
    }

    /// What has become of a request of a consumer.
    pub async fn anchor_request(
        &self,
        consumer: &AccountBytes,
        number: u64,
    ) -> Result<AnchorRequestState, ChainError> {
        let storage = api::storage().anchor();
        let account = AccountId32(consumer.0);
        if let Some(request) = read!(self, storage.requests(), account, number) {
            return Ok(match request.failure {
                Some(_) => AnchorRequestState::CallbackFailed,
                None => AnchorRequestState::Open,
            });
        }
        let info = read!(self, storage.consumers(), AccountId32(consumer.0));
        Ok(match info {
            Some(info) if (FIRST_REQUEST..info.next_request).contains(&number) => {
                AnchorRequestState::Closed
            }
            _ => AnchorRequestState::Unknown,
        })
    }

    /// The value of the key with this name in a consumer's store, and its version; no bytes where
    /// there is none.
    pub async fn anchor_value(
        &self,
        consumer: &AccountBytes,
        name: &[u8],
    ) -> Result<(Vec<u8>, u64), ChainError> {
        let storage = api::storage().anchor();
        let account = AccountId32(consumer.0);
        if let Some(stored) = read!(self, storage.values(), account, key_hash(name)) {
            return Ok((stored.value.0, stored.version));
        }
        let info = read!(self, storage.consumers(), AccountId32(consumer.0));
        Ok((Vec::new(), info.map_or(0, |info| info.deleted_at)))
    }
}

impl ChainClient {
    /// Registers a consumer of the anchor.
    pub async fn register_anchor_consumer(
        &self,
        owner: &Signer,
        new: NewAnchorConsumer,
    ) -> Result<Included, ChainError> {
        let askers = match new.is_open {
            true => Askers::Anyone,
            false => Askers::Own,
        };
        let bounds = Bounds {
            output_bytes: OUTPUT_BYTES_MAX,
            writes: WRITES_MAX,
            stored_bytes: new.stored_bytes_max,
        };
        let keys = stored_keys(&new.attestors)?;
        let call = api::transactions().anchor().register_consumer(
            new.salt,
            askers,
            bounds,
            new.threshold,
            keys,
        );
        self.submit(owner, &call).await
    }

    /// Names the attestors of a consumer; those before them may sign for `overlap_s` seconds more.
    pub async fn set_anchor_attestors(
        &self,
        owner: &Signer,
        consumer: &AccountBytes,
        threshold: u32,
        attestors: &[AttestorKey],
        overlap_s: u64,
    ) -> Result<Included, ChainError> {
        let call = api::transactions().anchor().set_attestors(
            AccountId32(consumer.0),
            threshold,
            stored_keys(attestors)?,
            overlap_s,
        );
        self.submit(owner, &call).await
    }

    /// Makes a request of a consumer, and gives its number. `expires_at` is in seconds since 1970,
    /// the fee in the chain's smallest unit.
    pub async fn anchor_ask(
        &self,
        requester: &Signer,
        consumer: &AccountBytes,
        input: Vec<u8>,
        fee: u128,
        expires_at: u64,
    ) -> Result<(Included, Option<u64>), ChainError> {
        let input = bounded(input, "input", INPUT_BYTES_MAX)?;
        let account = AccountId32(consumer.0);
        let call = api::transactions()
            .anchor()
            .request(account, input, fee, expires_at);
        let (included, events) = self.submit_for_events(requester, &call).await?;
        let made = events.find_first::<api::anchor::events::Requested>();
        Ok((included, made.transpose()?.map(|made| made.number)))
    }
}

pub(crate) fn stored_keys(keys: &[AttestorKey]) -> Result<BoundedVec<StoredKey>, ChainError> {
    let max = ATTESTORS_MAX as usize;
    if keys.len() > max {
        return Err(ChainError::TooLong {
            what: "list of attestors",
            len: keys.len(),
            max,
        });
    }
    let stored = keys.iter().map(|key| match key {
        AttestorKey::Sr25519(key) => StoredKey::Sr25519(*key),
        AttestorKey::Secp256k1(key) => StoredKey::Secp256k1(*key),
    });
    Ok(BoundedVec(stored.collect()))
}
