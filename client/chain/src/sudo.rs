//! What the root account of a development network may do. Other networks have none, and decide
//! such things by governance.

use phat_primitives::attestation::MeasurementRule;
use subxt::utils::Static;

use crate::{
    ChainClient, ChainError, Included, Signer,
    api::{
        self,
        runtime_types::{pallet_registry::pallet::Call as RegistryCall, phat_runtime::RuntimeCall},
    },
};

impl ChainClient {
    /// Lets workers run what `rule` covers, in versions from `isv_svn_min` on.
    pub async fn allow_measurement_as_root(
        &self,
        root: &Signer,
        rule: MeasurementRule,
        isv_svn_min: u16,
    ) -> Result<Included, ChainError> {
        let call = RegistryCall::allow_measurement {
            rule: Static(rule),
            isv_svn_min,
        };
        self.sudo(root, RuntimeCall::Registry(call)).await
    }

    /// Suspends the workers that run what `rule`, and no other, covers.
    pub async fn revoke_measurement_as_root(
        &self,
        root: &Signer,
        rule: MeasurementRule,
    ) -> Result<Included, ChainError> {
        let call = RegistryCall::revoke_measurement { rule: Static(rule) };
        self.sudo(root, RuntimeCall::Registry(call)).await
    }

    /// The transaction succeeds even when what it is to do is refused, which an event tells.
    pub(crate) async fn sudo(
        &self,
        root: &Signer,
        call: RuntimeCall,
    ) -> Result<Included, ChainError> {
        let call = api::transactions().sudo().sudo(call);
        let (included, events) = self.submit_for_events(root, &call).await?;
        let done = events.find_first::<api::sudo::events::Sudid>();
        match done.transpose()? {
            Some(done) => match done.sudo_result {
                Ok(()) => Ok(included),
                Err(error) => Err(ChainError::Failed(format!("{error:?}"))),
            },
            None => Err(ChainError::Failed("nothing was done as root".into())),
        }
    }
}
