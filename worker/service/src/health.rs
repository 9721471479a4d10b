//! Whether the worker can do its work, and why not.

use std::{collections::BTreeMap, fmt::Display, sync::Arc};

use parking_lot::Mutex;

/// The faults of all parts of the worker. A change is logged, a state is not, so
/// an outage of an hour is two lines.
#[derive(Clone, Debug, Default)]
pub struct Health(Arc<Mutex<BTreeMap<String, String>>>);

impl Health {
    /// Notes that `part` does not work.
    pub fn fault(&self, part: &str, reason: impl Display) {
        let reason = reason.to_string();
        let before = self.0.lock().insert(part.into(), reason.clone());
        match before {
            None => tracing::warn!(part, reason, "fault"),
            Some(before) if before != reason => tracing::debug!(part, reason, "fault goes on"),
            Some(_) => {}
        }
    }

    /// Notes that `part` works.
    pub fn well(&self, part: &str) {
        if self.0.lock().remove(part).is_some() {
            tracing::info!(part, "recovered");
        }
    }

    /// What does not work, as `part: reason`.
    pub fn reasons(&self) -> Vec<String> {
        self.0
            .lock()
            .iter()
            .map(|(part, reason)| format!("{part}: {reason}"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_listed_until_they_are_mended() {
        let health = Health::default();
        health.fault("chain", "down");
        health.fault("journal", "full");
        health.fault("journal", "still full");
        assert_eq!(health.reasons(), ["chain: down", "journal: still full"]);
        health.well("journal");
        health.well("journal");
        health.well("chain");
        assert!(health.reasons().is_empty());
    }
}
