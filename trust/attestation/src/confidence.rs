//! How far a platform is trusted.

use std::fmt;

use dcap_qvl::TcbStatus;

/// From 1, which is best, to 5. What would be worse is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct ConfidenceLevel(u8);

impl ConfidenceLevel {
    /// The level of a platform of this state; none where no level fits.
    ///
    /// | level | the platform is |
    /// |---|---|
    /// | 1 | up to date, and nothing is known against it |
    /// | 2 | up to date, with advisories |
    /// | 3 | in need of hardened software |
    /// | 4 | in need of another configuration |
    /// | 5 | out of date |
    pub fn of(status: TcbStatus, advisories: &[String]) -> Option<Self> {
        let level = match status {
            TcbStatus::UpToDate if advisories.is_empty() => 1,
            TcbStatus::UpToDate => 2,
            TcbStatus::SWHardeningNeeded => 3,
            TcbStatus::ConfigurationNeeded | TcbStatus::ConfigurationAndSWHardeningNeeded => 4,
            TcbStatus::OutOfDate
            | TcbStatus::OutOfDateConfigurationNeeded
            // The platform is up to date, and the machine began before it was.
            | TcbStatus::TDRelaunchAdvised
            | TcbStatus::TDRelaunchAdvisedConfigurationNeeded => 5,
            TcbStatus::Revoked => return None,
        };
        Some(Self(level))
    }

    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for ConfidenceLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worse_states_have_higher_levels() {
        let advisories = ["INTEL-SA-00615".to_owned()];
        let level = |status, advisories: &[String]| {
            ConfidenceLevel::of(status, advisories).map(ConfidenceLevel::get)
        };
        assert_eq!(level(TcbStatus::UpToDate, &[]), Some(1));
        assert_eq!(level(TcbStatus::UpToDate, &advisories), Some(2));
        for (status, expected) in [
            (TcbStatus::SWHardeningNeeded, Some(3)),
            (TcbStatus::ConfigurationNeeded, Some(4)),
            (TcbStatus::ConfigurationAndSWHardeningNeeded, Some(4)),
            (TcbStatus::OutOfDate, Some(5)),
            (TcbStatus::OutOfDateConfigurationNeeded, Some(5)),
            (TcbStatus::TDRelaunchAdvised, Some(5)),
            (TcbStatus::TDRelaunchAdvisedConfigurationNeeded, Some(5)),
            (TcbStatus::Revoked, None),
        ] {
            assert_eq!(level(status, &[]), expected, "{status:?}");
            assert_eq!(level(status, &advisories), expected, "{status:?}");
        }
    }
}
