//! The words of endpoints that do not take a transaction.

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

#[cfg(test)]
mod tests {
    use super::*;

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
