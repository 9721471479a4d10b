//! How the Phat chain differs from the chains that subxt knows.

use subxt::{
    config::{Config, DefaultTransactionExtensions, HashFor, SubstrateConfig},
    metadata::ArcMetadata,
    utils::MultiAddress,
};

/// A Substrate chain whose transactions name accounts by their keys alone.
#[derive(Clone, Debug, Default)]
pub struct PhatConfig(SubstrateConfig);

impl Config for PhatConfig {
    type AccountId = <SubstrateConfig as Config>::AccountId;
    type Address = MultiAddress<Self::AccountId, ()>;
    type Signature = <SubstrateConfig as Config>::Signature;
    type Hasher = <SubstrateConfig as Config>::Hasher;
    type Header = <SubstrateConfig as Config>::Header;
    type TransactionExtensions = DefaultTransactionExtensions<Self>;
    type AssetId = <SubstrateConfig as Config>::AssetId;

    fn genesis_hash(&self) -> Option<HashFor<Self>> {
        self.0.genesis_hash()
    }

    fn metadata_for_spec_version(&self, spec_version: u32) -> Option<ArcMetadata> {
        self.0.metadata_for_spec_version(spec_version)
    }

    fn set_metadata_for_spec_version(&self, spec_version: u32, metadata: ArcMetadata) {
        self.0.set_metadata_for_spec_version(spec_version, metadata);
    }
}
