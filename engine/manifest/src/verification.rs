//! How many workers must agree on an outcome.

use serde::{Deserialize, Serialize};

use crate::{LimitInfo, ManifestError, SideEffects, Trigger, manifest::field};

/// The most workers that run one request.
pub const QUORUM_OF_MAX: u32 = 16;

/// The fewest outputs that are merged.
const AGGREGATE_QUORUM_MIN: u32 = 2;

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
    /// Whether outputs may differ and the contract's `aggregate` merges them, instead of
    /// having to be the same. Workers that know no such thing refuse the manifest.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub aggregate: bool,
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
        if self.aggregate && self.quorum < AGGREGATE_QUORUM_MIN {
            let problem = format!(
                "a quorum of {} leaves nothing to merge: choose at least \
                 {AGGREGATE_QUORUM_MIN}, or leave it out",
                self.quorum
            );
            return Err(field("verification.aggregate", problem));
        }
        Ok(())
    }

    /// Refuses firings that one worker alone may run, or that may settle nothing, and
    /// several must agree on.
    pub(crate) fn check_triggers(self, triggers: &[Trigger]) -> Result<(), ManifestError> {
        let mut written = triggers.iter().filter_map(Trigger::firing);
        if let Some(firing) = written
            .find(|firing| firing.settles_written_only())
            .filter(|_| self.quorum > 1)
        {
            return Err(field(
                "triggers.reply.when",
                format!(
                    "{:?} may settle nothing, and whoever has nothing signs nothing, so {} workers \
                     never agree: leave out when = \"written\" or the quorum",
                    firing.name, self.quorum
                ),
            ));
        }
        let mut firings = triggers.iter().filter_map(Trigger::firing);
        let alone = firings
            .find(|firing| firing.side_effects == SideEffects::Once && firing.reply.is_some());
        match alone.filter(|_| self.quorum > 1) {
            None => Ok(()),
            Some(firing) => Err(field(
                "triggers.side_effects",
                format!(
                    "{:?} may be run by one worker alone, and {} must agree on its outcome: leave \
                     out the reply or side_effects = \"once\"",
                    firing.name, self.quorum
                ),
            )),
        }
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

    #[test]
    fn outputs_are_merged_where_the_manifest_says_so() {
        let verification = |more: &str| {
            parse(&format!("[verification]\n{more}\n")).map(|manifest| {
                let again = Manifest::parse(&manifest.to_toml().unwrap()).unwrap();
                assert_eq!(again, manifest);
                manifest.verification.unwrap()
            })
        };
        // What was written before there was any such thing means what it did.
        let plain = verification("quorum = 2\nof = 3").unwrap();
        assert!(!plain.aggregate);
        let written = parse("[verification]\nquorum = 2\nof = 3\n").unwrap();
        assert!(!written.to_toml().unwrap().contains("aggregate"));
        let merging = verification("quorum = 2\nof = 3\naggregate = true").unwrap();
        assert!(merging.aggregate);
        let error = verification("quorum = 1\nof = 3\naggregate = true").unwrap_err();
        assert!(error.contains("at least 2"), "{error}");
        assert!(verification("quorum = 1\nof = 3\naggregate = false").is_ok());
        let error = verification("quorum = 2\nof = 3\naggregate = 1").unwrap_err();
        assert!(error.contains("boolean"), "{error}");
    }

    #[test]
    fn what_one_worker_alone_may_run_needs_no_agreement() {
        let manifest = |quorum: u32, side_effects: &str, reply: &str| {
            parse(&format!(
                "[[triggers]]\nkind = \"schedule\"\nname = \"hourly\"\ncron = \"0 0 * * * *\"\n\
                 side_effects = \"{side_effects}\"\n{reply}\n\
                 [verification]\nquorum = {quorum}\nof = 3\n"
            ))
        };
        let address = "11".repeat(20);
        let reply = format!("reply = {{ chain = \"eip155:1\", address = \"0x{address}\" }}");
        assert!(manifest(2, "at_least_once", &reply).is_ok());
        assert!(manifest(2, "once", "").is_ok());
        assert!(manifest(1, "once", &reply).is_ok());
        let error = manifest(2, "once", &reply).unwrap_err();
        assert!(
            error.contains("\"hourly\" may be run by one worker"),
            "{error}"
        );
    }

    #[test]
    fn what_may_settle_nothing_needs_no_agreement() {
        let manifest = |quorum: u32, when: &str| {
            parse(&format!(
                "[[triggers]]\nkind = \"schedule\"\nname = \"hourly\"\ncron = \"0 0 * * * *\"\n\
                 reply = {{ chain = \"eip155:1\", address = \"0x{}\", when = \"{when}\" }}\n\
                 [verification]\nquorum = {quorum}\nof = 3\n",
                "11".repeat(20)
            ))
        };
        assert!(manifest(1, "written").is_ok());
        assert!(manifest(2, "always").is_ok());
        let error = manifest(2, "written").unwrap_err();
        assert!(error.contains("2 workers never agree"), "{error}");
    }

    #[test]
    fn a_verification_is_whole() {
        let error = parse("[verification]\nquorum = 2\n").unwrap_err();
        assert!(error.contains("missing field `of`"), "{error}");
    }
}
