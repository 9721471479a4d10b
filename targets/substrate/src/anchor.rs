//! What the anchor pallet of a chain has stored, read by the chain's own metadata.

mod rejection;

use phat_primitives::anchor::{AttestorKey, FIRST_REQUEST, RequestContent, key_hash};
use phat_target::{AnchorRequest, Quorum, RequestStatus, TargetError, Versioned};
use subxt::{
    dynamic::{self, Value},
    ext::scale_decode::DecodeAsType,
};

use crate::{
    connection::{AtBlock, Connection},
    outcome::{attestor, request_number},
};

/// What the adapter needs of a consumer.
#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredConsumer {
    bounds: StoredBounds,
    next_request: u64,
    deleted_at: u64,
    values: u32,
    stored_bytes: u64,
}

/// What its attestors may do.
#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredBounds {
    output_bytes: u32,
    writes: u32,
    stored_bytes: u64,
}

/// A request as the pallet stores it.
#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredRequest {
    requester: Vec<u8>,
    fee: u128,
    commitment: [u8; 32],
    made_at: u64,
    expires_at: u64,
    failure: Option<StoredFailure>,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredFailure {
    #[allow(dead_code, reason = "only whether there is one counts")]
    success: bool,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredValue {
    version: u64,
    value: Vec<u8>,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
enum StoredKey {
    Sr25519([u8; 32]),
    Secp256k1([u8; 33]),
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredSet {
    threshold: u32,
    keys: Vec<StoredKey>,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredPrevious {
    set: StoredSet,
    ends_at: u64,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredAttestors {
    current: StoredSet,
    previous: Option<StoredPrevious>,
}

impl StoredSet {
    fn keys(&self) -> Vec<AttestorKey> {
        let key = |key: &StoredKey| match key {
            StoredKey::Sr25519(key) => AttestorKey::Sr25519(*key),
            StoredKey::Secp256k1(key) => AttestorKey::Secp256k1(*key),
        };
        self.keys.iter().map(key).collect()
    }
}

/// The anchor pallet of a chain.
pub(crate) struct Anchor<'a> {
    pub connection: &'a Connection,
    /// What the runtime calls it.
    pub pallet: &'a str,
}

impl Anchor<'_> {
    /// The requests of a consumer that are open at `at` and were made in the blocks `from..=to`,
    /// oldest first.
    ///
    /// What was settled or expired in between is not there, and needs nobody any more. So a gap of
    /// any length is caught up with by one list, and no old block's state is asked for.
    pub(crate) async fn requests(
        &self,
        at: &AtBlock,
        consumer: &[u8],
        from: u64,
        to: u64,
    ) -> Result<Vec<AnchorRequest>, TargetError> {
        let mut found = Vec::new();
        for (number, stored) in self.open_requests(at, consumer).await? {
            if (from..=to).contains(&stored.made_at) {
                let request = self.request(at, consumer, number, stored).await?;
                found.extend(request);
            }
        }
        found.sort_by_key(|request| request.number);
        Ok(found)
    }

    async fn open_requests(
        &self,
        at: &AtBlock,
        consumer: &[u8],
    ) -> Result<Vec<(u64, StoredRequest)>, TargetError> {
        const METHOD: &str = "state_getKeysPaged";
        let address = dynamic::storage::<Vec<Value>, StoredRequest>(self.pallet, "Requests");
        let storage = at.storage();
        let map = storage.entry(address).map_err(|error| self.misfit(error))?;
        let listing = map.iter(vec![Value::from_bytes(consumer)]);
        let mut entries = self.connection.answer(METHOD, listing).await?;
        let mut open = Vec::new();
        loop {
            let next = async { entries.next().await.transpose() };
            let Some(entry) = self.connection.answer(METHOD, next).await? else {
                return Ok(open);
            };
            let key = entry.key().map_err(|error| self.misfit(error))?;
            let number = match key.part(1) {
                Some(part) => part
                    .decode_as::<u64>()
                    .map_err(|error| self.misfit(error))?,
                None => None,
            };
            let number = number.ok_or_else(|| self.misfit("a request has no number"))?;
            let stored = entry.value().decode().map_err(|error| self.misfit(error))?;
            if stored.failure.is_none() {
                open.push((number, stored));
            }
        }
    }

    /// A request with its input; `None` if it was settled while it was read.
    async fn request(
        &self,
        at: &AtBlock,
        consumer: &[u8],
        number: u64,
        stored: StoredRequest,
    ) -> Result<Option<AnchorRequest>, TargetError> {
        let key = vec![Value::from_bytes(consumer), Value::u128(number.into())];
        let Some(input) = self.fetch::<Vec<u8>>(at, "Inputs", key).await? else {
            return Ok(None);
        };
        let commitment = RequestContent {
            consumer,
            requester: &stored.requester,
            input: &input,
            fee: stored.fee,
            expires_at: stored.expires_at,
            made_at: stored.made_at,
        }
        .commitment();
        if commitment != stored.commitment {
            return Err(self.misfit(format!("request {number} is not what its commitment says")));
        }
        let block = self.connection.block(stored.made_at).await?;
        Ok(Some(AnchorRequest {
            number: request_number(number),
            requester: stored.requester,
            input,
            commitment,
            block,
            expires_at: Some(stored.expires_at),
            fee: stored.fee,
        }))
    }

    /// What has become of a request.
    ///
    /// What is not stored any more counts as settled: whether it has expired and was paid back, the
    /// state does not tell.
    pub(crate) async fn status(
        &self,
        at: &AtBlock,
        consumer: &[u8],
        number: u64,
    ) -> Result<RequestStatus, TargetError> {
        let key = vec![Value::from_bytes(consumer), Value::u128(number.into())];
        let Some(stored) = self.fetch::<StoredRequest>(at, "Requests", key).await? else {
            let info = self.consumer(at, consumer).await?;
            return Ok(match info {
                Some(info) if (FIRST_REQUEST..info.next_request).contains(&number) => {
                    RequestStatus::Settled
                }
                _ => RequestStatus::Unknown,
            });
        };
        if stored.failure.is_some() {
            return Ok(RequestStatus::Failed);
        }
        let has_expired = self.now_s(at).await? >= stored.expires_at;
        Ok(match has_expired {
            true => RequestStatus::Expired,
            false => RequestStatus::Open,
        })
    }

    /// The value of a key, and its version.
    pub(crate) async fn value(
        &self,
        at: &AtBlock,
        consumer: &[u8],
        key: &[u8; 32],
    ) -> Result<Versioned, TargetError> {
        let place = vec![Value::from_bytes(consumer), Value::from_bytes(key)];
        if let Some(stored) = self.fetch::<StoredValue>(at, "Values", place).await? {
            return Ok(Versioned {
                value: stored.value,
                version: stored.version,
            });
        }
        let info = self.consumer(at, consumer).await?;
        Ok(Versioned {
            value: Vec::new(),
            version: info.map_or(0, |info| info.deleted_at),
        })
    }

    /// The same for a key by its name.
    pub(crate) async fn named_value(
        &self,
        at: &AtBlock,
        consumer: &[u8],
        name: &[u8],
    ) -> Result<Versioned, TargetError> {
        self.value(at, consumer, &key_hash(name)).await
    }

    /// Who must sign for a consumer from now on.
    pub(crate) async fn quorum(
        &self,
        at: &AtBlock,
        consumer: &[u8],
    ) -> Result<Quorum, TargetError> {
        let attestors = self.attestors(at, consumer).await?;
        Ok(Quorum {
            threshold: attestors.current.threshold,
            attestors: attestors.current.keys().iter().map(attestor).collect(),
        })
    }

    async fn attestors(
        &self,
        at: &AtBlock,
        consumer: &[u8],
    ) -> Result<StoredAttestors, TargetError> {
        let key = vec![Value::from_bytes(consumer)];
        let attestors = self.fetch(at, "AttestorsOf", key).await?;
        attestors.ok_or_else(|| {
            self.connection.malformed(format!(
                "the account 0x{} is no consumer: register it with the pallet {}",
                hex::encode(consumer),
                self.pallet
            ))
        })
    }

    async fn consumer(
        &self,
        at: &AtBlock,
        consumer: &[u8],
    ) -> Result<Option<StoredConsumer>, TargetError> {
        let key = vec![Value::from_bytes(consumer)];
        self.fetch(at, "Consumers", key).await
    }

    /// The chain's time at `at`, in seconds since 1970.
    async fn now_s(&self, at: &AtBlock) -> Result<u64, TargetError> {
        let address = dynamic::storage::<Vec<Value>, u64>("Timestamp", "Now");
        let storage = at.storage();
        let entry = storage.entry(address).map_err(|error| self.misfit(error))?;
        let now = entry.try_fetch(Vec::new());
        let now = self.connection.answer("state_getStorage", now).await?;
        let now = now.map(|now| now.decode()).transpose();
        let now_ms = now.map_err(|error| self.misfit(error))?;
        Ok(now_ms.unwrap_or_default() / 1_000)
    }

    /// Reads one entry of one of the pallet's maps.
    async fn fetch<V: DecodeAsType + Send + Sync>(
        &self,
        at: &AtBlock,
        map: &'static str,
        key: Vec<Value>,
    ) -> Result<Option<V>, TargetError> {
        let address = dynamic::storage::<Vec<Value>, V>(self.pallet, map);
        let storage = at.storage();
        let entry = storage.entry(address).map_err(|error| self.misfit(error))?;
        let fetched = self
            .connection
            .answer("state_getStorage", entry.try_fetch(key))
            .await?;
        let value = fetched.map(|value| value.decode()).transpose();
        value.map_err(|error| self.misfit(error))
    }

    /// The chain does not have the pallet, or has another one under its name.
    pub(crate) fn misfit(&self, reason: impl std::fmt::Display) -> TargetError {
        self.connection.malformed(format!(
            "the chain has no anchor pallet named {} as this worker knows it ({reason}): its \
             runtime must have pallet-phat-anchor, of a version that goes with this worker",
            self.pallet
        ))
    }
}
