//! How far a platform is trusted.

use dcap_qvl::TcbStatus;
use phat_primitives::attestation::ConfidenceLevel;

/// The level of a platform of this state; none where no level fits.
///
/// | level | the platform is |
/// |---|---|
/// | 1 | up to date, and nothing is known against it |
/// | 2 | up to date, with advisories |
/// | 3 | in need of hardened software |
/// | 4 | in need of another configuration |
/// | 5 | out of date |
pub fn confidence_level(status: TcbStatus, advisories: &[String]) -> Option<ConfidenceLevel> {
    let number = match status {
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
    ConfidenceLevel::new(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worse_states_have_higher_levels() {
        let advisories = ["INTEL-SA-00615".to_owned()];
        let level = |status, advisories: &[String]| {
            confidence_level(status, advisories).map(ConfidenceLevel::get)
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
