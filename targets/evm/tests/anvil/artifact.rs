//! Contracts that only tests put on a chain, from their compiled artifacts.

use std::path::Path;

use alloy::{primitives::hex, sol_types::SolCall};
use phat_target_evm::{
    Address, U256,
    deploy::{Deployer, Sent},
};

alloy::sol! {
    /// What the example consumers have in common.
    interface Consumer {
        function request(string calldata profileId) external returns (uint256 id);
        function requestWithFee(string calldata profileId, uint40 expiresAt)
            external
            payable
            returns (uint256 id);
        function grantRole(bytes32 role, address account) external;
        function revokeRole(bytes32 role, address account) external;
    }
}

/// Deploys a contract: its encoded arguments follow its code.
pub async fn deploy(deployer: &Deployer, name: &str, arguments: Vec<u8>) -> Address {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/evm/artifacts");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    let artifact: serde_json::Value = serde_json::from_str(&text).unwrap();
    let code = hex::decode(artifact["bytecode"]["object"].as_str().unwrap()).unwrap();
    let deployed = deployer.deploy([code, arguments].concat()).await;
    deployed.unwrap().address
}

/// Sends a call and waits until it is in a block.
pub async fn transact(deployer: &Deployer, to: Address, call: impl SolCall) -> Sent {
    let input = call.abi_encode().into();
    deployer.transact(to.into(), input).await.unwrap().0
}

/// Asks a consumer for a profile.
pub async fn ask(deployer: &Deployer, consumer: Address, profile: &str) {
    let call = Consumer::requestCall {
        profileId: profile.into(),
    };
    transact(deployer, consumer, call).await;
}

/// What a consumer keeps about a request: whether it has an outcome, whether that is an
/// answer, and its value.
pub async fn answer_of(deployer: &Deployer, consumer: Address, id: u64) -> (bool, bool, U256) {
    let answer = deployer
        .lens_answer(consumer, U256::from(id))
        .await
        .unwrap();
    (answer.settled, answer.ok, answer.value)
}
