//! Whose turn a request is.

use super::*;

#[test]
fn ranks_are_a_permutation_that_only_members_hold() {
    let members: Vec<_> = (0..5).map(|n| WorkerId([n; 32])).collect();
    let mut firsts = [0; 5];
    for n in 0..100 {
        let request = RequestId([n; 32]);
        let mut ranks: Vec<_> = members
            .iter()
            .map(|member| rank(request, *member, &members).unwrap())
            .collect();
        firsts[ranks.iter().position(|rank| *rank == 0).unwrap()] += 1;

        // Without the first, everyone moves up by one and no one else moves.
        let rest: Vec<_> = members
            .iter()
            .zip(&ranks)
            .filter(|(_, rank)| **rank > 0)
            .map(|(member, rank)| (*member, *rank))
            .collect();
        let left: Vec<_> = rest.iter().map(|(member, _)| *member).collect();
        for (member, before) in rest {
            assert_eq!(rank(request, member, &left), Some(before - 1));
        }
        ranks.sort_unstable();
        assert_eq!(ranks, [0, 1, 2, 3, 4]);
    }
    assert!(
        firsts.iter().all(|count| (8..=35).contains(count)),
        "{firsts:?}"
    );
    assert_eq!(rank(RequestId([0; 32]), WorkerId([9; 32]), &members), None);
}

#[test]
fn each_rank_starts_a_delay_after_the_one_before() {
    assert_eq!(
        [0, 1, 2].map(|rank| start_block(100, rank, &POLICY)),
        [100, 110, 120]
    );
    assert_eq!(start_block(u64::MAX, 3, &POLICY), u64::MAX);
}
