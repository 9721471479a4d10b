//! The work is what it was, and nothing passes for work that was not done.

use alloc::{vec, vec::Vec};

use codec::{Decode, Encode, MaxEncodedLen};
use proptest::prelude::*;

use super::*;

const WORKER: Hash = [1; 32];
const RANDOMNESS: Hash = [2; 32];

fn seed() -> Seed {
    Seed::of_session(&WORKER, 7, &RANDOMNESS)
}

fn hex(bytes: &[u8]) -> alloc::string::String {
    bytes
        .iter()
        .map(|byte| alloc::format!("{byte:02x}"))
        .collect()
}

/// Roots of iterations, done once for all tests: two chunks and a half.
fn roots() -> &'static [Hash] {
    static ROOTS: std::sync::LazyLock<Vec<Hash>> = std::sync::LazyLock::new(|| {
        let mut workspace = Workspace::default();
        (0..40)
            .map(|iteration| iteration_root(&mut workspace, &seed(), iteration))
            .collect()
    });
    &ROOTS
}

fn chunks() -> Vec<Hash> {
    let mut workspace = Workspace::default();
    (0..2)
        .map(|chunk| chunk_root(&mut workspace, &seed(), chunk))
        .collect()
}

#[test]
fn the_work_is_what_it_was() {
    let mut workspace = Workspace::default();
    let seeds = [seed(), Seed::of_benchmark(&WORKER, &RANDOMNESS)];
    let pinned = [
        hex(&seeds[0].0),
        hex(&seeds[1].0),
        hex(&workspace.step(&seed(), 0, 0, &[0; 32])),
        hex(&workspace.step(&seed(), 1, 63, &[255; 32])),
        hex(&roots()[0]),
        hex(&roots()[39]),
        hex(&iteration_states(&mut workspace, &seed(), 0)[63]),
        hex(&Commitment::of_iterations(roots()).unwrap_or_default().root),
    ];
    assert_eq!(pinned, PINNED);
}

/// What other implementations can be held against. A change of any of these is another workload,
/// which chain and workers have to begin at the same block.
const PINNED: [&str; 8] = [
    "12a765a54bf05bfcde2a94b9a7c826f440e0bf51686ee35fa57eee0e0e77ad06",
    "684636f8b9fb3acdd723a1d3d4172a7d4f991a9dfa0cc4472c789c8b8a3e7bb8",
    "971aae2118e10cb8147df5405f58c1e8e4f90d9cb73b48d70bb57f80abbccec5",
    "95bece5ef97d2710f35c51247e57e0b88e6d5ead03c70144ceb7d94c044d5e53",
    "93bf6ffab8cb84761a9f1d9d600e31a088d298710f0133b6a50d32d844318be0",
    "f0ab0116a48f69784975ae4d8c3ce7c06178a1012c0bac30da812a9aee55d81a",
    "88321016724b4a29c0b31d53c09788bf83666eac61ac9f6e3813653615563f09",
    "92124dedaadd168281970880016287ac8d81209e14a888bdde47db2eeb2f8066",
];

#[test]
fn a_step_needs_its_place_and_nothing_of_the_step_before() {
    let mut workspace = Workspace::default();
    let first = workspace.step(&seed(), 0, 1, &[3; 32]);
    workspace.step(&seed(), 0, 1, &[4; 32]);
    assert_eq!(workspace.step(&seed(), 0, 1, &[3; 32]), first);
    assert_eq!(Workspace::default().step(&seed(), 0, 1, &[3; 32]), first);
    assert_ne!(workspace.step(&seed(), 0, 2, &[3; 32]), first);
    assert_ne!(workspace.step(&seed(), 1, 1, &[3; 32]), first);
    let other = Seed::of_session(&WORKER, 8, &RANDOMNESS);
    assert_ne!(workspace.step(&other, 0, 1, &[3; 32]), first);
}

#[test]
fn chunks_are_subtrees_of_the_tree_of_their_iterations() {
    let of_chunks = Commitment::of_chunks(&chunks());
    let second = roots()[16..32].try_into().expect("a chunk");
    assert_eq!(chunk_root_of(second), chunks()[1]);
    assert_eq!(of_chunks, Commitment::of_iterations(&roots()[..32]));
    // More draws than there are chunks, so that some are of the same.
    let draws = [RANDOMNESS, [3; 32], [4; 32], RANDOMNESS];
    let opened = Opening::of_chunks(&seed(), &chunks(), &draws);
    let each = |draw| Opening::of_iterations(&seed(), &roots()[..32], draw);
    let expected: Option<Vec<_>> = draws.iter().map(each).collect();
    assert!(expected.is_some());
    assert_eq!(opened, expected);
}

#[test]
fn nothing_is_drawn_of_nothing() {
    assert_eq!(Commitment::of_chunks(&[]), Some(Commitment::NOTHING));
    assert_eq!(Commitment::NOTHING.drawn(&RANDOMNESS), None);
    assert_eq!(Opening::of_chunks(&seed(), &[], &[RANDOMNESS]), None);
    let opening = Opening::of_iterations(&seed(), &roots()[..1], &RANDOMNESS).expect("opened");
    let verified = verify(&seed(), &Commitment::NOTHING, &RANDOMNESS, &opening);
    assert_eq!(verified, Err(OpeningError::Commitment));
}

#[test]
fn commitments_have_a_bound() {
    let most = (ITERATIONS_MAX / CHUNK_ITERATIONS) as usize;
    let mut chunks = vec![[9; 32]; most];
    let full = Commitment::of_chunks(&chunks).expect("as many as there may be");
    assert_eq!(full.iterations, ITERATIONS_MAX);
    assert!(full.is_well_formed() && full.drawn(&RANDOMNESS).is_some());
    chunks.push([9; 32]);
    assert_eq!(Commitment::of_chunks(&chunks), None);

    let past = Commitment {
        iterations: ITERATIONS_MAX + 1,
        ..full
    };
    assert!(!past.is_well_formed());
    let opening = Opening::of_iterations(&seed(), roots(), &RANDOMNESS).expect("opened");
    let verified = verify(&seed(), &past, &RANDOMNESS, &opening);
    assert_eq!(verified, Err(OpeningError::Commitment));
}

#[test]
fn encodings_have_a_bound() {
    let longest = Opening {
        iteration: 0,
        step: 0,
        before: Some(Before {
            state: [0; 32],
            path: [[0; 32]; STEP_PATH],
        }),
        after_path: [[0; 32]; STEP_PATH],
        iteration_path: vec![[0; 32]; ITERATION_PATH_MAX as usize]
            .try_into()
            .expect("as long as it may be"),
    };
    assert_eq!(Opening::max_encoded_len(), 1258);
    assert_eq!(Commitment::max_encoded_len(), 36);
    assert_eq!(
        Opening::decode(&mut &longest.encode()[..]),
        Ok(longest.clone())
    );
    // One node more.
    let mut encoded = longest.encode();
    let at = encoded.len() - 32 * ITERATION_PATH_MAX as usize - 1;
    encoded[at] += 4;
    encoded.extend([0; 32]);
    assert!(Opening::decode(&mut &encoded[..]).is_err());
}

/// Opens what `randomness` draws of the first `count` iterations.
fn opened(count: usize, randomness: &Hash) -> (Commitment, Opening) {
    let roots = &roots()[..count];
    let commitment = Commitment::of_iterations(roots).expect("few");
    let opening = Opening::of_iterations(&seed(), roots, randomness).expect("some");
    (commitment, opening)
}

/// The openings that differ from `opening` in one thing.
fn altered(opening: &Opening) -> Vec<Opening> {
    let mut all = Vec::new();
    let mut alter = |change: &dyn Fn(&mut Opening)| {
        let mut other = opening.clone();
        change(&mut other);
        all.push(other);
    };
    alter(&|it| it.iteration ^= 1);
    alter(&|it| it.step ^= 1);
    alter(&|it| {
        it.before = match it.before {
            Some(_) => None,
            None => Some(Before {
                state: seed().first_state(it.iteration),
                path: it.after_path,
            }),
        }
    });
    for place in 0..STEP_PATH {
        alter(&|it| it.after_path[place][31] ^= 1);
    }
    if opening.before.is_some() {
        let change = |change: &dyn Fn(&mut Before)| {
            let mut other = opening.clone();
            other.before.iter_mut().for_each(change);
            other
        };
        all.push(change(&|before| before.state[0] ^= 128));
        all.extend((0..STEP_PATH).map(|place| change(&|before| before.path[place][0] ^= 1)));
    }
    let path = opening.iteration_path.to_vec();
    let with = |path: Vec<Hash>| Opening {
        iteration_path: path.try_into().expect("short"),
        ..opening.clone()
    };
    for place in 0..path.len() {
        let mut path = path.clone();
        path[place][16] ^= 1;
        all.push(with(path));
    }
    all.push(with([path.clone(), vec![[0; 32]]].concat()));
    if let Some((_, shorter)) = path.split_last() {
        all.push(with(shorter.to_vec()));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_was_done_is_shown_and_nothing_else(
        count in 1..40usize,
        randomness in any::<Hash>(),
    ) {
        let (commitment, opening) = opened(count, &randomness);
        prop_assert_eq!(verify(&seed(), &commitment, &randomness, &opening), Ok(()));
        let decoded = Opening::decode(&mut &opening.encode()[..]);
        prop_assert_eq!(decoded.as_ref(), Ok(&opening));
        for other in altered(&opening) {
            prop_assert!(verify(&seed(), &commitment, &randomness, &other).is_err(), "{other:?}");
        }
        let other_root = Commitment { root: [5; 32], ..commitment };
        prop_assert!(verify(&seed(), &other_root, &randomness, &opening).is_err());
        let fewer = Commitment { iterations: commitment.iterations + 1, ..commitment };
        prop_assert!(verify(&seed(), &fewer, &randomness, &opening).is_err());
    }

    #[test]
    fn a_step_that_was_not_done_is_found_when_it_is_drawn(
        randomness in any::<Hash>(),
        skipped in 0..STEPS_PER_ITERATION,
    ) {
        // The worker makes up the states from this step on.
        let mut states = iteration_states(&mut Workspace::default(), &seed(), 0);
        for (number, state) in states.iter_mut().enumerate().skip(skipped as usize) {
            *state = [number as u8; 32];
        }
        let root = tree::root(&iteration::state_leaves(&states)).expect("some");
        let commitment = Commitment::of_iterations(&[root]).expect("one");
        let drawn = commitment.drawn(&randomness).expect("some");
        let opening = open_states(&states, drawn);
        let expected = if drawn.step < skipped {
            Ok(())
        } else {
            Err(OpeningError::NotCommitted)
        };
        let verified = verify(&seed(), &commitment, &randomness, &opening);
        prop_assert_eq!(verified, expected);
    }

    #[test]
    fn states_of_another_seed_or_iteration_do_not_pass(randomness in any::<Hash>()) {
        let other = Seed::of_session(&WORKER, 8, &RANDOMNESS);
        let mut workspace = Workspace::default();
        for states in [
            iteration_states(&mut workspace, &other, 0),
            iteration_states(&mut workspace, &seed(), 1),
        ] {
            let root = tree::root(&iteration::state_leaves(&states)).expect("some");
            let commitment = Commitment::of_iterations(&[root]).expect("one");
            let drawn = commitment.drawn(&randomness).expect("some");
            let verified =
                verify(&seed(), &commitment, &randomness, &open_states(&states, drawn));
            // Whichever step is drawn: each is bound to its place.
            prop_assert_eq!(verified, Err(OpeningError::NotCommitted));
        }
    }

    #[test]
    fn all_steps_are_drawn(randomness in any::<[Hash; 32]>(), count in 1..=ITERATIONS_MAX) {
        let commitment = Commitment { root: [1; 32], iterations: count };
        for randomness in randomness {
            let drawn = commitment.drawn(&randomness).expect("some");
            prop_assert!(drawn.iteration < count && drawn.step < STEPS_PER_ITERATION);
        }
    }

    #[test]
    fn paths_lead_to_the_root(count in 1..70usize, other in any::<u8>()) {
        let nodes: Vec<Hash> = (0..count).map(|number| [number as u8; 32]).collect();
        let root = tree::root(&nodes);
        for index in 0..count {
            let (_, path) = tree::root_and_path(&nodes, index).expect("there");
            let from = |index: usize, path: &[Hash]| {
                tree::root_from(nodes[index], index as u32, count as u32, path)
            };
            prop_assert_eq!(from(index, &path), root);
            let both = tree::root_and_paths(&nodes, &[index, count - 1]);
            let (_, of_last) = tree::root_and_path(&nodes, count - 1).expect("there");
            prop_assert_eq!(both, root.map(|root| (root, vec![path.clone(), of_last])));
            let elsewhere = other as usize % count;
            if elsewhere != index {
                prop_assert_ne!(from(elsewhere, &path), root);
            }
        }
        prop_assert_eq!(tree::root_and_path(&nodes, count), None);
    }
}

/// Opens a step of the only iteration of a commitment, which has these states.
fn open_states(states: &[Hash], drawn: Drawn) -> Opening {
    let leaves = iteration::state_leaves(states);
    let path_of = |place: u32| -> [Hash; STEP_PATH] {
        let (_, path) = tree::root_and_path(&leaves, place as usize).expect("there");
        path.try_into().expect("as long as all")
    };
    Opening {
        iteration: drawn.iteration,
        step: drawn.step,
        before: drawn.step.checked_sub(1).map(|place| Before {
            state: states[place as usize],
            path: path_of(place),
        }),
        after_path: path_of(drawn.step),
        iteration_path: Default::default(),
    }
}

#[test]
fn every_place_is_drawn_about_equally_often() {
    let commitment = Commitment {
        root: [1; 32],
        iterations: 3,
    };
    let mut drawn = [0u32; 3];
    let mut steps = [0u32; STEPS_PER_ITERATION as usize];
    for number in 0..6_400u32 {
        let mut randomness = [0; 32];
        randomness[..4].copy_from_slice(&number.to_le_bytes());
        let place = commitment.drawn(&randomness).expect("some");
        drawn[place.iteration as usize] += 1;
        steps[place.step as usize] += 1;
    }
    // Of 2 133 and 100 expected: five standard deviations.
    assert!(
        drawn.iter().all(|count| (1_945..2_322).contains(count)),
        "{drawn:?}"
    );
    assert!(
        steps.iter().all(|count| (50..150).contains(count)),
        "{steps:?}"
    );
}
