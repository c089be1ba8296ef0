//! Moments and lengths of time for people.
//!
//! In: milliseconds since 1970, durations. Out: UTC to the second, and the two largest units. Programs get the
//! milliseconds as they are.

use std::time::Duration;

/// A moment in milliseconds since 1970, such as `2026-11-20 08:15:00Z`.
pub(crate) fn moment(milliseconds: u64) -> String {
    let at = i64::try_from(milliseconds).ok();
    let at = at.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    match at {
        Some(at) => at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
        None => format!("{milliseconds} ms"),
    }
}

/// A length of time, such as `2 h 5 min`, in its two largest units.
pub(crate) fn length(length: Duration) -> String {
    let seconds = length.as_secs();
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (size, name) in units {
        let count = rest / size;
        rest %= size;
        if count > 0 && parts.len() < 2 {
            parts.push(format!("{count} {name}"));
        }
    }
    if parts.is_empty() { format!("{} ms", length.as_millis()) } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_lengths_read_well() {
        assert_eq!(moment(1_763_590_000_000), "2025-11-19 22:06:40Z");
        for (milliseconds, expect) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (61_000, "1 min 1 s"),
            (604_800_000, "7 d"),
            (90_061_000, "1 d 1 h"),
        ] {
            assert_eq!(length(Duration::from_millis(milliseconds)), expect);
        }
    }
}
