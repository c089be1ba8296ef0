//! Medians, and how numbers are shown.
//! In: measured values. Out: one number for many, and its text.

use std::time::Duration;

/// The value in the middle; zero of nothing.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// The value at a hundredth of the whole, in microseconds.
pub(crate) fn percentile_us(values: &mut [Duration], hundredth: usize) -> f64 {
    values.sort_unstable();
    let place = (values.len() * hundredth / 100).min(values.len().saturating_sub(1));
    values.get(place).map_or(0.0, |value| value.as_secs_f64() * 1e6)
}

/// A count per second.
pub(crate) fn per_second(count: usize, time: Duration) -> f64 {
    as_f64(count) / time.as_secs_f64().max(f64::MIN_POSITIVE)
}

/// A count as a number for ratios. Counts here are far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "INVARIANT (small counts): below 2^53")]
pub(crate) const fn as_f64(count: usize) -> f64 {
    count as f64
}

/// Two digits where there is less than ten, else none.
pub(crate) fn shown(value: f64) -> String {
    if value.abs() < 10.0 { format!("{value:.2}") } else { format!("{value:.0}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_is_the_one_in_the_middle() {
        assert!((median(&mut [3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&mut []) - 0.0).abs() < f64::EPSILON);
    }

    #[test]
    fn percentile_is_of_the_sorted_values() {
        let mut values: Vec<Duration> = (1..=100).rev().map(Duration::from_micros).collect();
        assert!((percentile_us(&mut values, 50) - 51.0).abs() < 0.001);
        assert!((percentile_us(&mut values, 99) - 100.0).abs() < 0.001);
    }
}
