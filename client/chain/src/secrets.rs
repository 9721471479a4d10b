//! The secrets of contracts, as they are sealed.

use std::fmt;

use futures::FutureExt;
use phat_primitives::{
    ClusterId, ContractId,
    limits::{SECRET_NAME_BYTES_MAX, SECRET_SEALED_BYTES_MAX},
};
use subxt::utils::Static;

use crate::{
    ChainClient, ChainError, Included, Signer, State,
    answer::in_time,
    api::{self, runtime_types::bounded_collections::bounded_vec::BoundedVec},
    submit::bounded,
};

/// A secret of a contract, encrypted as [`phat_primitives::secret`] says.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// Its name.
    pub name: String,
    /// The generation of the cluster's key that it is sealed to.
    pub generation: u32,
    /// The secret, sealed.
    pub sealed: Vec<u8>,
}

impl fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, generation, len) = (&self.name, self.generation, self.sealed.len());
        write!(
            f,
            "SealedSecret({name:?}, generation {generation}, {len} bytes)"
        )
    }
}

impl State {
    /// The secrets of a contract, in the order of their names.
    pub async fn secrets(&self, contract: &ContractId) -> Result<Vec<SealedSecret>, ChainError> {
        let map = self
            .at
            .storage()
            .entry(api::storage().phat_contracts().secrets())?;
        let mut entries = in_time(map.iter((Static(*contract),))).await?;
        let mut secrets = Vec::new();
        while let Some(entry) = in_time(entries.next().map(Option::transpose)).await? {
            let (_, name) = entry
                .key()
                .and_then(|key| key.decode())
                .map_err(subxt::Error::from)?;
            let secret = entry.value().decode().map_err(subxt::Error::from)?;
            let name = String::from_utf8(name.0);
            secrets.push(SealedSecret {
                name: name.map_err(|_| ChainError::NotText("name of a secret"))?,
                generation: secret.generation,
                sealed: secret.sealed.0,
            });
        }
        secrets.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(secrets)
    }

    /// The contracts of a cluster that have secrets, in no order, each with the number of the block
    /// that changed these last: for as long as it is the same, so are they.
    pub async fn secrets_of_cluster(
        &self,
        cluster: ClusterId,
    ) -> Result<Vec<(ContractId, u64)>, ChainError> {
        let map = self
            .at
            .storage()
            .entry(api::storage().phat_contracts().cluster_secrets())?;
        let mut entries = in_time(map.iter((Static(cluster),))).await?;
        let mut contracts = Vec::new();
        while let Some(entry) = in_time(entries.next().map(Option::transpose)).await? {
            let (_, contract) = entry
                .key()
                .and_then(|key| key.decode())
                .map_err(subxt::Error::from)?;
            let info = entry.value().decode().map_err(subxt::Error::from)?;
            contracts.push((contract.0, u64::from(info.changed_at)));
        }
        Ok(contracts)
    }

    /// The number of the block that changed the secrets of a contract of this cluster last, if it
    /// has any.
    pub async fn secrets_changed_at(
        &self,
        cluster: ClusterId,
        contract: &ContractId,
    ) -> Result<Option<u64>, ChainError> {
        let map = self
            .at
            .storage()
            .entry(api::storage().phat_contracts().cluster_secrets())?;
        let key = (Static(cluster), Static(*contract));
        let Some(info) = in_time(map.try_fetch(key)).await? else {
            return Ok(None);
        };
        let info = info.decode().map_err(subxt::Error::from)?;
        Ok(Some(u64::from(info.changed_at)))
    }
}

impl ChainClient {
    /// Gives a contract a secret, in place of the one with this name if it has one.
    pub async fn set_secret(
        &self,
        owner: &Signer,
        contract: ContractId,
        secret: SealedSecret,
    ) -> Result<Included, ChainError> {
        let name = bounded_name(secret.name)?;
        let sealed = bounded(secret.sealed, "sealed secret", SECRET_SEALED_BYTES_MAX)?;
        let call = api::transactions().phat_contracts().set_secret(
            Static(contract),
            name,
            secret.generation,
            sealed,
        );
        let (included, _) = self.submit_for_events(owner, &call).await?;
        Ok(included)
    }

    /// Removes a secret of a contract.
    pub async fn remove_secret(
        &self,
        owner: &Signer,
        contract: ContractId,
        name: String,
    ) -> Result<Included, ChainError> {
        let call = api::transactions()
            .phat_contracts()
            .remove_secret(Static(contract), bounded_name(name)?);
        let (included, _) = self.submit_for_events(owner, &call).await?;
        Ok(included)
    }
}

fn bounded_name(name: String) -> Result<BoundedVec<u8>, ChainError> {
    bounded(
        name.into_bytes(),
        "name of the secret",
        SECRET_NAME_BYTES_MAX,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_by_its_name_and_size() {
        let secret = SealedSecret {
            name: "api-key".into(),
            generation: 2,
            sealed: vec![0x5a; 50],
        };
        assert_eq!(
            format!("{secret:?}"),
            "SealedSecret(\"api-key\", generation 2, 50 bytes)"
        );
    }
}
