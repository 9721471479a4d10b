//! The parameters: what they are where nothing is said, and which are refused.

use frame_support::{
    ensure,
    traits::{
        Get,
        fungible::{Inspect, Mutate},
    },
};
use phat_tokenomics::{Fixed, Parameters, UNITS_PER_PHA};

use crate::{
    BudgetStart, CHALLENGES_PER_BLOCK_MAX, COOL_DOWN_S_MAX, Config, CurrentSettings,
    EconomyParameters, Error, GenesisConfig, HEARTBEAT_WINDOW_MAX, Pallet, PhaPrice, Price,
    Settings,
};

/// What the mining pool is endowed with, in PHA.
pub(crate) const SUBSIDY_PHA: u64 = 700_000_000;

/// Twice an hour at the most.
pub(crate) const CHALLENGE_GAP_S: u64 = 30 * 60;

/// Seven days.
pub(crate) const COOL_DOWN_S: u64 = 7 * DAY_S;

/// Ten of the intervals that P counts iterations in.
pub(crate) const BENCHMARK_S: u64 = 60;

/// How many times the published budget governance may set. The mining pool has more PHA than all who
/// vote, and must not be had at once by those who set parameters.
pub(crate) const BUDGET_FACTOR_MAX: u64 = 10;

const DAY_S: u64 = 24 * 60 * 60;

/// How many challenges a block aims at.
const CHALLENGES_PER_BLOCK: u32 = 20;

/// How long a worker that failed its benchmark waits, in seconds. It bounds how often one can try
/// to have too much drawn right.
const BENCHMARK_GAP_S: u64 = 60 * 60;

/// The budget falls after this many seconds: 180 days.
const BUDGET_PERIOD_S: u64 = 180 * DAY_S;

/// Thirty days: a price comes out of a referendum, which takes some days.
pub(crate) const PRICE_LIFE_S: u64 = 30 * DAY_S;

const MILLIS: u64 = 1_000;

impl Settings {
    /// The published ones, for blocks that are `block_ms` milliseconds apart.
    pub fn published(block_ms: u64) -> Self {
        Self {
            challenges_per_block: CHALLENGES_PER_BLOCK,
            challenge_gap_blocks: blocks_in(CHALLENGE_GAP_S, block_ms),
            cool_down_s: COOL_DOWN_S,
            benchmark_blocks: blocks_in(BENCHMARK_S, block_ms),
            benchmark_life_s: DAY_S,
            benchmark_gap_s: BENCHMARK_GAP_S,
            budget_period_blocks: blocks_in(BUDGET_PERIOD_S, block_ms),
            price_life_blocks: blocks_in(PRICE_LIFE_S, block_ms),
        }
    }
}

/// How many blocks begin in so many seconds, one at the least.
fn blocks_in(seconds: u64, block_ms: u64) -> u32 {
    let blocks = seconds.saturating_mul(MILLIS) / block_ms.max(1);
    u32::try_from(blocks).unwrap_or(u32::MAX).max(1)
}

impl<T: Config> Pallet<T> {
    /// Whether the pallet can work with these. A challenge has to be over before the next one of
    /// the same worker.
    pub(crate) fn are_valid(parameters: &Parameters, settings: &Settings) -> bool {
        let window = parameters.heartbeat_window;
        parameters.check().is_ok()
            && window <= HEARTBEAT_WINDOW_MAX
            && settings.challenge_gap_blocks > window.saturating_add(1)
            && (1..=CHALLENGES_PER_BLOCK_MAX).contains(&settings.challenges_per_block)
            && settings.cool_down_s <= COOL_DOWN_S_MAX
            && settings.benchmark_blocks > 0
            && settings.benchmark_life_s > 0
            && settings.budget_period_blocks > 0
    }

    /// Notes a price, which is not zero.
    pub(crate) fn put_price(usd: Fixed) {
        let set_at = Self::now_block();
        PhaPrice::<T>::put(Price { usd, set_at });
    }

    /// φ, if it is known and was not said too long ago.
    pub(crate) fn price() -> Result<Fixed, Error<T>> {
        let price = PhaPrice::<T>::get().ok_or(Error::<T>::NoPrice)?;
        let life = CurrentSettings::<T>::get().price_life_blocks;
        let ends_at = price.set_at.saturating_add(life);
        ensure!(
            life == 0 || Self::now_block() < ends_at,
            Error::<T>::PriceExpired
        );
        Ok(price.usd)
    }

    /// Whether the budget is one that governance may set.
    pub(crate) fn is_budget_within_bounds(parameters: &Parameters) -> bool {
        let published = Parameters::published(T::BlockMillis::get()).budget_per_block;
        let most = published.saturating_mul(Fixed::from_int(BUDGET_FACTOR_MAX));
        parameters.budget_per_block <= most
    }

    /// Fills the mining pool and sets the parameters. Panics when the genesis makes no sense, which
    /// is how a genesis is refused.
    pub(crate) fn build_genesis(genesis: &GenesisConfig<T>) {
        let block_ms = T::BlockMillis::get();
        let published = Parameters::published(block_ms);
        let mut parameters = genesis.parameters.unwrap_or(published);
        if let Some(window_s) = genesis.heartbeat_window_s {
            parameters.heartbeat_window = blocks_in(window_s, block_ms);
        }
        let price_life_blocks = match genesis.price_life_s {
            0 => 0,
            seconds => blocks_in(seconds, block_ms),
        };
        let settings = Settings {
            challenge_gap_blocks: blocks_in(genesis.challenge_gap_s, block_ms),
            cool_down_s: genesis.cool_down_s,
            benchmark_blocks: blocks_in(genesis.benchmark_s, block_ms),
            price_life_blocks,
            ..Settings::published(block_ms)
        };
        assert!(
            Self::are_valid(&parameters, &settings),
            "the genesis has parameters of the economy that make no sense"
        );
        EconomyParameters::<T>::put(parameters);
        CurrentSettings::<T>::put(settings);
        if let Some(price) = genesis.pha_price {
            assert!(!price.is_zero(), "the genesis has a price of PHA of zero");
            Self::put_price(price);
        }
        BudgetStart::<T>::put(Self::now_block());
        let subsidy = u128::from(genesis.subsidy_pha).saturating_mul(UNITS_PER_PHA);
        if subsidy > 0 {
            T::Currency::mint_into(&Self::subsidy_account(), subsidy)
                .expect("the genesis has a mining pool below the least balance of an account");
        }
        assert!(
            T::Currency::total_issuance() <= T::SupplyMax::get(),
            "with the mining pool, more PHA is issued than there may ever be"
        );
    }
}
