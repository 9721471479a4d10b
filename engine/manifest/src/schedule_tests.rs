use jiff::Timestamp;

use super::*;

fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_second()
}

fn schedule(cron: &str, zone: &str, missed: Missed) -> Schedule {
    Schedule::new(cron, zone, missed, 3).unwrap()
}

/// The times after `from`, as many as `expected` has.
fn check(cron: &str, zone: &str, from: &str, expected: &[&str]) {
    let schedule = schedule(cron, zone, Missed::Once);
    let mut time = at(from);
    for expected in expected {
        time = schedule.next_after(time).unwrap();
        assert_eq!(time_text(time), *expected, "{cron} in {zone}");
        assert_eq!(schedule.last_until(time), Some(time), "{cron} in {zone}");
    }
}

#[test]
fn seconds_and_time_zones_count() {
    check(
        "*/20 * * * * *",
        "UTC",
        "2026-01-01T00:00:00Z",
        &[
            "2026-01-01T00:00:20Z",
            "2026-01-01T00:00:40Z",
            "2026-01-01T00:01:00Z",
        ],
    );
    // Five fields are those of old, at second 0.
    check(
        "30 9 * * MON-FRI",
        "America/New_York",
        "2026-01-02T15:00:00Z",
        &["2026-01-05T14:30:00Z", "2026-01-06T14:30:00Z"],
    );
    // The same wall clock is another time in summer.
    check(
        "0 0 12 1 1,7 *",
        "Europe/Berlin",
        "2026-01-01T00:00:00Z",
        &["2026-01-01T11:00:00Z", "2026-07-01T10:00:00Z"],
    );
    check(
        "0 0 0 29 2 *",
        "Asia/Kathmandu",
        "2026-01-01T00:00:00Z",
        &["2028-02-28T18:15:00Z"],
    );
}

#[test]
fn what_a_clock_skips_fires_once_after_the_gap_or_not_at_all() {
    // On 29 March 2026, 02:00 to 03:00 does not exist in Berlin.
    check(
        "0 30 2 * * *",
        "Europe/Berlin",
        "2026-03-28T12:00:00Z",
        &["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
    );
    check(
        "0 */30 * * * *",
        "Europe/Berlin",
        "2026-03-29T00:29:00Z",
        &[
            "2026-03-29T00:30:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-29T01:30:00Z",
        ],
    );
}

#[test]
fn what_a_clock_repeats_fires_once_unless_it_is_an_interval() {
    // On 25 October 2026, 02:00 to 03:00 comes twice in Berlin.
    check(
        "0 30 2 * * *",
        "Europe/Berlin",
        "2026-10-24T12:00:00Z",
        &["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
    );
    check(
        "0 */30 * * * *",
        "Europe/Berlin",
        "2026-10-25T00:00:00Z",
        &[
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:00:00Z",
            "2026-10-25T01:30:00Z",
            "2026-10-25T02:00:00Z",
        ],
    );
}

#[test]
fn what_is_due_is_told_by_the_policy_for_what_was_missed() {
    let due = |missed, done: &str, now: &str| -> Vec<String> {
        let schedule = schedule("0 0 * * * *", "UTC", missed);
        let due = schedule.due(at(done), at(now));
        due.into_iter().map(time_text).collect()
    };
    let day = |hour: u32| format!("2026-01-01T{hour:02}:00:00Z");
    // In time, whatever the policy.
    for missed in [Missed::Skip, Missed::Once, Missed::All] {
        let none: [&str; 0] = [];
        assert_eq!(due(missed, &day(0), "2026-01-01T00:59:59Z"), none);
        assert_eq!(due(missed, &day(0), &day(1)), [day(1)]);
        assert_eq!(due(missed, &day(0), "2026-01-01T01:01:00Z"), [day(1)]);
        // It was dealt with.
        assert_eq!(due(missed, &day(1), "2026-01-01T01:00:30Z"), none);
    }
    // Five were missed, and the sixth is in time.
    let now = "2026-01-01T06:00:01Z";
    assert_eq!(due(Missed::Skip, &day(0), now), [day(6)]);
    assert_eq!(due(Missed::Once, &day(0), now), [day(5), day(6)]);
    assert_eq!(
        due(Missed::All, &day(0), now),
        [day(3), day(4), day(5), day(6)],
        "the latest three"
    );
    assert_eq!(due(Missed::All, &day(4), now), [day(5), day(6)]);
    // A second too late is missed.
    let late = "2026-01-01T01:01:01Z";
    assert_eq!(due(Missed::Skip, &day(0), late), Vec::<String>::new());
    assert_eq!(due(Missed::Once, &day(0), late), [day(1)]);
    // A clock that was put back fires nothing again.
    assert_eq!(due(Missed::All, &day(5), &day(3)), Vec::<String>::new());
}

#[test]
fn what_is_made_up_for_is_bounded() {
    let schedule = Schedule::new("* * * * * *", "UTC", Missed::All, u32::MAX).unwrap();
    let now = at("2026-01-01T00:00:00Z");
    let due = schedule.due(0, now);
    let in_time = SCHEDULE_GRACE_S as usize + 1;
    assert_eq!(due.len(), MISSED_MAX as usize + in_time);
    assert_eq!(due.last(), Some(&now));
    assert!(due.is_sorted());
}

#[test]
fn bad_patterns_and_zones_are_told_apart() {
    let error = |cron: &str, zone: &str| Schedule::new(cron, zone, Missed::Skip, 1).unwrap_err();
    for cron in [
        "",
        "* * *",
        "60 * * * * *",
        "0 0 25 * * *",
        "0 0 0 30 2 *",
        "0 0 0 1 1 * 2027",
        "every day",
    ] {
        let error = error(cron, "UTC");
        assert!(matches!(error, ScheduleError::Cron(_)), "{cron}: {error:?}");
    }
    for zone in ["", "Mars/Olympus", "+02:00"] {
        let error = error("0 0 * * * *", zone);
        assert!(matches!(error, ScheduleError::TimeZone(_)), "{zone}");
    }
    let long = " ".repeat(200);
    assert!(matches!(error(&long, "UTC"), ScheduleError::Cron(_)));
    assert!(matches!(
        error("0 0 * * * *", &long),
        ScheduleError::TimeZone(_)
    ));
}
