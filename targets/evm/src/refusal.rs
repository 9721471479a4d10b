//! The words of endpoints that do not take a transaction.

use alloy::{primitives::B256, rpc::json_rpc::ErrorPayload};

/// What an endpoint means that does not take a transaction. Nodes agree on no
/// codes, so their words must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It has it already.
    Known,
    /// The account cannot pay.
    Funds,
    /// The nonce is used.
    Nonce,
    /// The fees are too low, now or next to a transaction with the same nonce.
    Price,
    /// Something else.
    Other,
}

impl Refusal {
    const SIGNS: [(Self, &[&str]); 4] = [
        (
            Self::Known,
            &[
                "already known",
                "already imported",
                "already exists",
                "alreadyknown",
            ],
        ),
        (
            Self::Funds,
            &[
                "insufficient funds",
                "insufficientfunds",
                "insufficient balance",
                "upfront cost exceeds",
            ],
        ),
        (
            Self::Nonce,
            &[
                "nonce too low",
                "nonce is too low",
                "nonce has already been used",
                "oldnonce",
            ],
        ),
        (
            Self::Price,
            &[
                "underpriced",
                "fee too low",
                "feetoolow",
                "gas price too low",
                "gasprice too low",
                "less than block base fee",
                "less than the block base fee",
                "below block base fee",
                "below current base fee",
                "below_current_base_fee",
                "below minimum",
                "below configured minimum",
                "replacementnotallowed",
            ],
        ),
    ];

    /// What its message says.
    pub(crate) fn of(message: &str) -> Self {
        let message = message.to_ascii_lowercase();
        let says = |signs: &[&str]| signs.iter().any(|sign| message.contains(sign));
        Self::SIGNS
            .into_iter()
            .find(|(_, signs)| says(signs))
            .map_or(Self::Other, |(refusal, _)| refusal)
    }
}

/// Why a transaction is not taken, of the answers of endpoints that got it; `None` if it
/// is. One that takes it is enough, as it passes it on: unless `enough` others say that
/// its nonce is used or that it pays too little. Then the one lags, or lies.
pub(crate) fn refusal(
    answers: Vec<Result<B256, ErrorPayload>>,
    enough: usize,
) -> Option<(Refusal, ErrorPayload)> {
    let mut is_taken = false;
    let mut refusals = Vec::new();
    for answer in answers {
        match answer.map_err(|payload| (Refusal::of(&payload.message), payload)) {
            Ok(_) | Err((Refusal::Known, _)) => is_taken = true,
            Err(refusal) => refusals.push(refusal),
        }
    }
    let count = |kind: Refusal| refusals.iter().filter(|(other, _)| *other == kind).count();
    let can_outvote = [Refusal::Nonce, Refusal::Price];
    if is_taken && can_outvote.into_iter().all(|kind| count(kind) < enough) {
        return None;
    }
    // What most say; of as many, the best endpoint's word.
    let places = (0..refusals.len()).rev();
    let place = places.max_by_key(|place| refusals.get(*place).map(|(kind, _)| count(*kind)))?;
    Some(refusals.swap_remove(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_takes_it_is_enough_unless_the_others_know_better() {
        const LOW: &str = "nonce too low";
        const CHEAP: &str = "transaction underpriced";
        const POOR: &str = "insufficient funds";
        const KNOWN: &str = "already known";
        // What endpoints say (nothing: they take it), how many are enough, and the
        // refusal.
        let rows: &[(&[&str], usize, Option<Refusal>)] = &[
            (&[""], 1, None),
            (&[KNOWN], 1, None),
            (&[LOW], 1, Some(Refusal::Nonce)),
            (&[LOW, ""], 2, None),
            (&["", LOW, LOW], 2, Some(Refusal::Nonce)),
            (&["", CHEAP, CHEAP], 2, Some(Refusal::Price)),
            (&["", LOW, CHEAP], 2, None),
            // Whether an account can pay may be news that others have not heard.
            (&["", POOR, POOR], 2, None),
            (&[KNOWN, LOW, ""], 2, None),
            (&[LOW, POOR, POOR], 2, Some(Refusal::Funds)),
            (&[LOW, POOR], 2, Some(Refusal::Nonce)),
        ];
        for (words, enough, wanted) in rows {
            let answer = |word: &&str| match *word {
                "" => Ok(B256::ZERO),
                word => Err(ErrorPayload {
                    code: -32_000,
                    message: word.to_owned().into(),
                    data: None,
                }),
            };
            let found = refusal(words.iter().map(answer).collect(), *enough);
            assert_eq!(found.map(|(kind, _)| kind), *wanted, "{words:?}");
        }
    }

    #[test]
    fn the_words_of_nodes_are_understood() {
        for (message, refusal) in [
            ("already known", Refusal::Known),
            ("AlreadyKnown", Refusal::Known),
            ("nonce too low: next nonce 4, tx nonce 3", Refusal::Nonce),
            (
                "insufficient funds for gas * price + value: balance 0, tx cost 1",
                Refusal::Funds,
            ),
            ("Upfront cost exceeds account balance", Refusal::Funds),
            ("replacement transaction underpriced", Refusal::Price),
            ("transaction underpriced: gas tip cap 0", Refusal::Price),
            (
                "max fee per gas less than block base fee: address 0x1, maxFeePerGas: 1",
                Refusal::Price,
            ),
            ("FeeTooLow, MaxFeePerGas too low", Refusal::Price),
            (
                "transaction gas price below minimum: gas tip cap 0, minimum needed 1",
                Refusal::Price,
            ),
            ("oversized data: transaction size 131073", Refusal::Other),
            ("txpool is full", Refusal::Other),
        ] {
            assert_eq!(Refusal::of(message), refusal, "{message}");
        }
    }
}
