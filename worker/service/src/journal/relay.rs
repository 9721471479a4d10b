//! Which account the transactions are from.

use super::{Journal, JournalError, tables::*};

impl Journal {
    /// Notes that `account` sends the transactions on `chain` from now on. Refused
    /// while there are some of another account: their nonces would count as those
    /// of `account`, and neither account's transactions would be included.
    pub fn use_relay_account(&self, chain: &str, account: &str) -> Result<(), JournalError> {
        let kept = self.view(|transaction| {
            let accounts = transaction.open_table(RELAY_ACCOUNTS)?;
            let kept = accounts.get(chain)?;
            Ok(kept.map(|kept| kept.value().to_owned()))
        })?;
        match kept {
            Some(kept) if kept == account => return Ok(()),
            Some(kept) => {
                let unfinished = self.unfinished()?;
                let open = unfinished
                    .iter()
                    .filter(|record| record.chain == chain && record.live().next().is_some())
                    .count();
                if open > 0 {
                    return Err(JournalError::OtherRelayAccount {
                        path: self.path.clone(),
                        chain: chain.into(),
                        open,
                        kept,
                        given: account.into(),
                    });
                }
            }
            None => {}
        }
        self.transact(|transaction| {
            let mut accounts = transaction.open_table(RELAY_ACCOUNTS)?;
            accounts.insert(chain, account)?;
            Ok(())
        })
    }
}
