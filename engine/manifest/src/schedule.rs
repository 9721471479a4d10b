//! When a schedule fires.
//!
//! Times are whole seconds since 1970, UTC. They follow from the pattern and the
//! time zone alone, with the time zones that are built in and not those of the
//! machine, so that all workers of one version come to the same ones.

use croner::{
    Cron,
    parser::{CronParser, Year},
};
use jiff::{Timestamp, Zoned, tz::TimeZone, tz::TimeZoneDatabase};
use serde::{Deserialize, Serialize};

/// How late a firing may be seen and still be in time, in seconds. What is later
/// was missed.
pub const SCHEDULE_GRACE_S: i64 = 60;
/// The most missed firings that a schedule makes up for.
pub const MISSED_MAX: u32 = 1_000;
/// How many of them it makes up for where its manifest does not say.
pub const MISSED_DEFAULT: u32 = 100;
/// The most characters of a cron pattern or the name of a time zone.
const TEXT_CHARS_MAX: usize = 128;
/// A time from which a pattern that comes about at all does so: 1 January 2024.
const LOOK_FROM: i64 = 1_704_067_200;

/// What becomes of firings that no worker was there for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// Nothing.
    Skip,
    /// The latest of them fires, late.
    #[default]
    Once,
    /// They all fire, late and in their order; the latest ones where they are too many.
    All,
}

/// A pattern of times in a time zone.
#[derive(Clone, Debug)]
pub struct Schedule {
    cron: Cron,
    zone: TimeZone,
    missed: Missed,
    missed_max: u32,
}

impl Schedule {
    /// Reads a cron pattern, of five fields or of six with the seconds first, and the
    /// name of an IANA time zone. The error says what is wrong with which of them.
    pub fn new(
        cron: &str,
        time_zone: &str,
        missed: Missed,
        missed_max: u32,
    ) -> Result<Self, ScheduleError> {
        let short = |text: &str| text.len() <= TEXT_CHARS_MAX;
        let parsed = Some(cron)
            .filter(|cron| short(cron))
            .ok_or_else(|| format!("it is longer than {TEXT_CHARS_MAX} characters"))
            .and_then(|cron| {
                let parser = CronParser::builder().year(Year::Disallowed).build();
                parser.parse(cron).map_err(|error| error.to_string())
            });
        let parsed = parsed.map_err(|reason| {
            ScheduleError::Cron(format!(
                "{cron:?} is not a pattern of times: {reason}. Give second, minute, hour, day of \
                 the month, month and day of the week, such as \"0 30 9 * * MON-FRI\""
            ))
        })?;
        let zone = Some(time_zone)
            .filter(|name| short(name))
            .and_then(|name| TimeZoneDatabase::bundled().get(name).ok());
        let zone = zone.ok_or_else(|| {
            ScheduleError::TimeZone(format!(
                "{time_zone:?} is not a time zone: give a name of the IANA database, such as \
                 \"Europe/Berlin\" or \"UTC\""
            ))
        })?;
        let schedule = Self {
            cron: parsed,
            zone,
            missed,
            missed_max: missed_max.min(MISSED_MAX),
        };
        match schedule.next_after(LOOK_FROM) {
            Some(_) => Ok(schedule),
            None => Err(ScheduleError::Cron(format!(
                "{cron:?} never comes about: no month has that day"
            ))),
        }
    }

    /// The first time after `time`; none if there is none that can be told.
    pub fn next_after(&self, time: i64) -> Option<i64> {
        let found = self.cron.find_next_occurrence(&self.zoned(time)?, false);
        found.ok().map(|found| found.timestamp().as_second())
    }

    /// The last time up to `time`, itself included.
    fn last_until(&self, time: i64) -> Option<i64> {
        let found = self.cron.find_previous_occurrence(&self.zoned(time)?, true);
        found.ok().map(|found| found.timestamp().as_second())
    }

    fn zoned(&self, time: i64) -> Option<Zoned> {
        let time = Timestamp::from_second(time).ok()?;
        Some(time.to_zoned(self.zone.clone()))
    }

    /// The times that fire at `now`, oldest first, where all up to `done` have been
    /// dealt with: those that are in time, and of those that were missed as many as
    /// the policy lets.
    pub fn due(&self, done: i64, now: i64) -> Vec<i64> {
        let in_time_from = now.saturating_sub(SCHEDULE_GRACE_S);
        let missed_max = match self.missed {
            Missed::Skip => 0,
            Missed::Once => 1,
            Missed::All => self.missed_max,
        };
        let mut found = Vec::new();
        let mut missed = 0;
        let mut until = now;
        while let Some(time) = self.last_until(until).filter(|time| *time > done) {
            if time < in_time_from {
                if missed == missed_max {
                    break;
                }
                missed += 1;
            }
            found.push(time);
            until = time.saturating_sub(1);
        }
        found.reverse();
        found
    }
}

/// What is wrong with a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScheduleError {
    /// The pattern.
    Cron(String),
    /// The time zone.
    TimeZone(String),
}

/// A time in the form of RFC 3339, such as `2026-03-29T01:30:00Z`.
pub fn time_text(time: i64) -> String {
    match Timestamp::from_second(time) {
        Ok(time) => time.to_string(),
        // Beyond the year 9999, which no schedule gives.
        Err(_) => time.to_string(),
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
