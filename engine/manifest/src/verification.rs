//! How many workers must agree on an outcome.

use serde::{Deserialize, Serialize};

use crate::{LimitInfo, ManifestError, manifest::field};

/// The most workers that run one request.
pub const QUORUM_OF_MAX: u32 = 16;

/// How many workers must agree on an outcome before it is settled.
///
/// Each signs with a key of its own, which consumers allow beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// How many must sign the same outcome.
    pub quorum: u32,
    /// How many run each request at once; the others take over from those that are
    /// away.
    pub of: u32,
}

impl Verification {
    /// What the table of limits says of it.
    pub const LIMIT: LimitInfo = LimitInfo::fixed(
        "quorum_of",
        "Workers that run one request at once, where several must agree.",
        "workers",
        QUORUM_OF_MAX as u64,
    );

    /// Refuses what no workers can come to.
    pub(crate) fn check(self) -> Result<(), ManifestError> {
        if !(1..=QUORUM_OF_MAX).contains(&self.of) {
            let problem = format!("{} workers: choose from 1 to {QUORUM_OF_MAX}", self.of);
            return Err(field("verification.of", problem));
        }
        if !(1..=self.of).contains(&self.quorum) {
            let problem = format!(
                "{} of {} workers cannot agree: choose from 1 to {}",
                self.quorum, self.of, self.of
            );
            return Err(field("verification.quorum", problem));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::Manifest;

    fn parse(more: &str) -> Result<Manifest, String> {
        let text = format!("name = \"a\"\nentry = \"index.js\"\n{more}");
        Manifest::parse(&text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_quorum_is_of_some_workers_and_not_of_too_many() {
        assert_eq!(parse("").unwrap().verification, None);
        let manifest = parse("[verification]\nquorum = 2\nof = 3\n").unwrap();
        let verification = manifest.verification.unwrap();
        assert_eq!((verification.quorum, verification.of), (2, 3));
        let again = Manifest::parse(&manifest.to_toml().unwrap()).unwrap();
        assert_eq!(again, manifest);
        for (quorum, of, part) in [
            (1, 16, None),
            (16, 16, None),
            (0, 3, Some("cannot agree")),
            (4, 3, Some("choose from 1 to 3")),
            (1, 0, Some("verification.of")),
            (1, 17, Some("from 1 to 16")),
        ] {
            let result = parse(&format!("[verification]\nquorum = {quorum}\nof = {of}\n"));
            match part {
                None => assert!(result.is_ok(), "{quorum} of {of}"),
                Some(part) => {
                    let error = result.unwrap_err();
                    assert!(error.contains(part), "{quorum} of {of}: {error}");
                }
            }
        }
        let error = parse("[verification]\nquorum = 2\n").unwrap_err();
        assert!(error.contains("missing field `of`"), "{error}");
    }
}
