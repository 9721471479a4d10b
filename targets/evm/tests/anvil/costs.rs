//! What a settlement can cost, by the fee model of the chain.

use std::slice;

use alloy::{
    consensus::{Transaction, TxEnvelope},
    eips::eip2718::Decodable2718,
};
use phat_target::{PreparedTransaction, Target, TargetError, presets::FeeModel};
use phat_target_evm::EvmConfig;

use crate::{
    played::{CONSUMER, Mood, start, target},
    world::answer,
};

/// The estimate with its fifth to spare, in gas.
const GAS: u128 = 120_000;

async fn prepare(
    change: impl FnOnce(&mut EvmConfig),
    replaces: Option<&PreparedTransaction>,
) -> Result<(PreparedTransaction, TxEnvelope), TargetError> {
    let endpoints = start([Mood::Honest]).await;
    let target = target(&endpoints, change);
    let anchor = CONSUMER.as_slice();
    let signed = target
        .sign(anchor, answer(CONSUMER, [1; 32]), &[2; 32])
        .await?;
    let rollups = slice::from_ref(&signed);
    let prepared = target.prepare(anchor, rollups, 4, replaces).await?;
    let transaction = TxEnvelope::decode_2718(&mut prepared.raw.as_slice()).unwrap();
    Ok((prepared, transaction))
}

#[tokio::test]
async fn a_base_fee_and_a_tip_are_offered() {
    for model in [FeeModel::Eip1559, FeeModel::Eip1559DataFeeInGas] {
        let (prepared, transaction) = prepare(|config| config.fee_model = model, None)
            .await
            .unwrap();
        assert!(matches!(transaction, TxEnvelope::Eip1559(_)));
        // Twice the base fee of 1 000 and the tip of 100.
        assert_eq!(
            (prepared.fee_per_gas_max, prepared.tip_per_gas),
            (2_100, 100)
        );
        assert_eq!(prepared.cost_max, 2_100 * GAS);
    }
}

#[tokio::test]
async fn a_legacy_chain_gets_one_price() {
    let legacy = |config: &mut EvmConfig| config.fee_model = FeeModel::Legacy;
    let (first, transaction) = prepare(legacy, None).await.unwrap();
    assert!(matches!(transaction, TxEnvelope::Legacy(_)));
    assert_eq!(transaction.gas_price(), Some(9_000));
    assert_eq!(first.cost_max, 9_000 * GAS);
    // What replaces it pays an eighth more.
    let (second, _) = prepare(legacy, Some(&first)).await.unwrap();
    assert_eq!(second.fee_per_gas_max, 10_125);
    let dear = |config: &mut EvmConfig| {
        config.fee_model = FeeModel::Legacy;
        config.fee_per_gas_max = 7_999;
    };
    let error = prepare(dear, None).await.unwrap_err();
    assert!(matches!(error, TargetError::FeeCap { .. }), "{error}");
}

#[tokio::test]
async fn the_fee_for_data_counts_twice_as_it_may_rise() {
    let optimism = |config: &mut EvmConfig| config.fee_model = FeeModel::Eip1559WithDataFee;
    let (prepared, _) = prepare(optimism, None).await.unwrap();
    // The played chain's oracle says 1.
    assert_eq!(prepared.cost_max, 2_100 * GAS + 2);
}
