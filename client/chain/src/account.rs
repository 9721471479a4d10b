//! Accounts as people write them.

use std::str::FromStr;

use phat_primitives::AccountBytes;
use subxt::utils::AccountId32;

use crate::Signer;

/// The account that `text` names: an address in SS58, a public key of 32 bytes in hexadecimal
/// digits, or a development account such as `//Bob`. `None` for anything else.
pub fn parse_account(text: &str) -> Option<AccountBytes> {
    if text.starts_with("//") {
        return Signer::from_uri(text).ok().map(|signer| signer.account());
    }
    if let Ok(account) = text.parse() {
        return Some(account);
    }
    let account = AccountId32::from_str(text).ok()?;
    Some(AccountBytes(account.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read_in_each_of_its_forms() {
        let key = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
        let alice = parse_account(key).expect("a public key");
        assert_eq!(parse_account("//Alice"), Some(alice));
        let address = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
        assert_eq!(parse_account(address), Some(alice));
        for bad in [
            "",
            "Alice",
            "0x12",
            &address[1..],
            &address.replace('5', "6"),
        ] {
            assert_eq!(parse_account(bad), None, "{bad}");
        }
    }
}
