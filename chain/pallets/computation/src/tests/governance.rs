//! Parameters, and what a genesis may say.

use frame_support::{assert_noop, assert_ok};
use phat_tokenomics::{Fixed, Parameters};
use sp_runtime::DispatchError;

use crate::{
    CHALLENGES_PER_BLOCK_MAX, COOL_DOWN_S_MAX, CurrentSettings, EconomyParameters, Error,
    GenesisConfig, HEARTBEAT_WINDOW_MAX, PhaPrice, SessionStatus, Sessions, Settings, mock::*,
};

fn set_parameters(parameters: Parameters) -> frame_support::dispatch::DispatchResult {
    Computation::set_parameters(RuntimeOrigin::root(), parameters)
}

fn set_settings(settings: Settings) -> frame_support::dispatch::DispatchResult {
    Computation::set_settings(RuntimeOrigin::root(), settings)
}

#[test]
fn a_genesis_that_says_nothing_has_the_published_parameters() {
    ext_with(GenesisConfig::default()).execute_with(|| {
        assert_eq!(
            EconomyParameters::<Test>::get(),
            Parameters::published(BLOCK_MS)
        );
        let settings = CurrentSettings::<Test>::get();
        assert_eq!(settings, Settings::published(BLOCK_MS));
        assert_eq!(settings.challenges_per_block, 20);
        // Half an hour, a minute and 180 days of blocks of 12 s.
        assert_eq!(settings.challenge_gap_blocks, 150);
        assert_eq!(settings.benchmark_blocks, 5);
        assert_eq!(settings.budget_period_blocks, 1_296_000);
        assert_eq!(settings.price_life_blocks, 216_000);
        assert_eq!(settings.cool_down_s, 604_800);
        assert_eq!(PhaPrice::<Test>::get(), None);
        let pool = total(&Computation::subsidy_account());
        assert_eq!(pool, 700_000_000 * PHA);
    });
}

#[test]
fn the_published_settings_follow_the_time_between_blocks() {
    let settings = Settings::published(3_000);
    assert_eq!(settings.challenge_gap_blocks, 600);
    assert_eq!(settings.benchmark_blocks, 20);
    assert_eq!(settings.budget_period_blocks, 5_184_000);
    assert_eq!(settings.price_life_blocks, 864_000);
}

#[test]
fn a_genesis_may_leave_workers_another_time_to_answer() {
    ext_with(GenesisConfig {
        heartbeat_window_s: Some(60),
        ..GenesisConfig::default()
    })
    .execute_with(|| {
        let expected = Parameters {
            heartbeat_window: 5,
            ..Parameters::published(BLOCK_MS)
        };
        assert_eq!(EconomyParameters::<Test>::get(), expected);
    });
}

#[test]
#[should_panic(expected = "more PHA is issued than there may ever be")]
fn a_mining_pool_that_does_not_fit_is_refused() {
    ext_with(GenesisConfig {
        subsidy_pha: 999_000_000,
        ..GenesisConfig::default()
    });
}

#[test]
#[should_panic(expected = "parameters of the economy that make no sense")]
fn a_genesis_whose_challenges_overlap_is_refused() {
    ext_with(GenesisConfig {
        challenge_gap_s: 11 * 12,
        ..GenesisConfig::default()
    });
}

#[test]
fn parameters_are_set_by_their_origin_and_within_bounds() {
    run(|| {
        let published = EconomyParameters::<Test>::get();
        assert_noop!(
            Computation::set_parameters(signed(&ALICE), published),
            DispatchError::BadOrigin
        );
        for change in [
            |parameters: &mut Parameters| parameters.rho = Fixed::ZERO,
            |parameters: &mut Parameters| parameters.treasury_ratio = Fixed::from_int(2),
            |parameters: &mut Parameters| parameters.heartbeat_window = 0,
            |parameters: &mut Parameters| parameters.heartbeat_window = 149,
            |parameters: &mut Parameters| parameters.heartbeat_window = HEARTBEAT_WINDOW_MAX + 1,
            // Ten times the published one is 1000 PHA.
            |parameters: &mut Parameters| parameters.budget_per_block = Fixed::from_int(1_001),
        ] {
            let mut parameters = published;
            change(&mut parameters);
            assert_noop!(set_parameters(parameters), Error::<Test>::ParametersInvalid);
        }
        let parameters = Parameters {
            heartbeat_window: 20,
            budget_per_block: Fixed::from_int(50),
            ..published
        };
        assert_ok!(set_parameters(parameters));
        assert_eq!(EconomyParameters::<Test>::get(), parameters);
        start(1);
        let challenge = until_challenged(1);
        assert_eq!(challenge.deadline, challenge.challenged_at + 20);
    });
}

#[test]
fn a_lower_maximum_takes_nothing_of_sessions_that_run() {
    run(|| {
        start(1);
        let v = session(1).state.v;
        let parameters = Parameters {
            v_max: Fixed::from_int(1),
            ..EconomyParameters::<Test>::get()
        };
        assert_ok!(set_parameters(parameters));
        next_blocks(100);
        let all = SessionStatus::Running {
            stake: STAKE,
            returned: STAKE,
        };
        assert_eq!(Computation::status(worker(1)), all);
        until_challenged(1);
        assert_ok!(send(1, &idle_answer(1)));
        assert_ok!(Computation::stop(worker(1)));
        // It does not grow either.
        assert_eq!(session(1).state.v, v);
        ClockMs::mutate(|ms| *ms += COOL_DOWN_S_MAX * 1_000);
        let reclaimed = Computation::reclaim(worker(1)).expect("it has cooled down");
        assert_eq!((reclaimed.returned, reclaimed.slashed), (STAKE, 0));
        // The next session starts with no more.
        next_block();
        show(1);
        start(1);
        assert_eq!(session(1).state.v, Fixed::from_int(1));
    });
}

#[test]
fn settings_are_set_by_their_origin_and_within_bounds() {
    run(|| {
        let published = CurrentSettings::<Test>::get();
        assert_noop!(
            Computation::set_settings(signed(&ALICE), published),
            DispatchError::BadOrigin
        );
        for change in [
            |settings: &mut Settings| settings.challenges_per_block = 0,
            |settings: &mut Settings| settings.challenges_per_block = CHALLENGES_PER_BLOCK_MAX + 1,
            |settings: &mut Settings| settings.challenge_gap_blocks = 11,
            |settings: &mut Settings| settings.cool_down_s = COOL_DOWN_S_MAX + 1,
            |settings: &mut Settings| settings.benchmark_blocks = 0,
            |settings: &mut Settings| settings.benchmark_life_s = 0,
            |settings: &mut Settings| settings.budget_period_blocks = 0,
        ] {
            let mut settings = published;
            change(&mut settings);
            assert_noop!(set_settings(settings), Error::<Test>::SettingsInvalid);
        }
        let settings = Settings {
            cool_down_s: 60,
            ..published
        };
        assert_ok!(set_settings(settings));
        start(1);
        assert_ok!(Computation::stop_session(signed(&BOB), worker(1)));
        ClockMs::mutate(|ms| *ms += 60_000);
        assert_ok!(Computation::reclaim_stake(signed(&BOB), worker(1)));
    });
}

#[test]
fn the_price_is_the_oracle_s_and_counts_for_sessions_that_start_later() {
    run(|| {
        start(1);
        assert_noop!(
            Computation::set_price(signed(&ALICE), Fixed::ONE),
            DispatchError::BadOrigin
        );
        assert_noop!(
            Computation::set_price(RuntimeOrigin::root(), Fixed::ZERO),
            Error::<Test>::PriceInvalid
        );
        let half = Fixed::parse("0.5").expect("a number");
        assert_ok!(Computation::set_price(RuntimeOrigin::root(), half));
        assert!(are_near(session(1).state.v_initial, Fixed::from_int(3_000)));
        start(2);
        // The hardware is worth twice as many PHA: 60 instead of 30.
        assert!(are_near(session(2).state.v_initial, Fixed::from_int(3_045)));
    });
}

fn try_start(seed: u8) -> frame_support::dispatch::DispatchResult {
    let start = || Computation::start_session(signed(&ALICE), worker(seed), STAKE);
    frame_support::storage::with_storage_layer(start)
}

fn price_life(blocks: u32) {
    let settings = Settings {
        price_life_blocks: blocks,
        ..CurrentSettings::<Test>::get()
    };
    assert_ok!(set_settings(settings));
}

#[test]
fn a_price_counts_for_its_life_and_then_no_session_starts_until_there_is_another() {
    run(|| {
        price_life(10);
        assert_ok!(Computation::set_price(RuntimeOrigin::root(), Fixed::ONE));
        start(1);
        next_blocks(9);
        assert_ok!(try_start(2));
        next_blocks(1);
        assert_noop!(try_start(3), Error::<Test>::PriceExpired);
        // Sessions that run go on.
        until_challenged(1);
        assert_ok!(send(1, &answer(1)));
        assert_eq!(Told::get().len(), 1);
        assert_ok!(Computation::set_price(RuntimeOrigin::root(), Fixed::ONE));
        assert_ok!(try_start(3));
    });
}

#[test]
fn a_price_of_the_genesis_counts_from_the_first_block_on() {
    ext_with(GenesisConfig {
        pha_price: Some(Fixed::ONE),
        price_life_s: 10 * 12,
        ..GenesisConfig::default()
    })
    .execute_with(|| {
        (1..=2).for_each(register);
        // It is block 1.
        next_blocks(8);
        assert_ok!(try_start(1));
        next_blocks(1);
        assert_noop!(try_start(2), Error::<Test>::PriceExpired);
    });
}

#[test]
fn a_price_may_count_for_ever() {
    ext_with(GenesisConfig {
        pha_price: Some(Fixed::ONE),
        price_life_s: 0,
        ..GenesisConfig::default()
    })
    .execute_with(|| {
        register(1);
        System::set_block_number(u32::MAX - 2);
        next_block();
        assert_ok!(try_start(1));
    });
}
