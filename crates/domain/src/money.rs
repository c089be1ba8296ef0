//! Money in millionths of the accounting currency, never a float.
//!
//! One installation accounts in one currency (`currency` of the configuration). A millionth is fine
//! enough for prices per token and an `i64` of them reaches nine trillion.

use std::fmt;
use std::str::FromStr;

/// A non-negative amount in millionths of the accounting currency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Money(u64);

/// Why a text is not an amount of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an amount; expected digits with at most six decimals, such as `12.50`")]
pub struct MoneyError(String);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    const PER_UNIT: u64 = 1_000_000;

    /// From millionths of the accounting currency.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// In millionths of the accounting currency.
    pub const fn micros(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Money {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = format!("{:06}", self.0 % Self::PER_UNIT);
        let kept = fraction.trim_end_matches('0');
        write!(out, "{}.{:0<2}", self.0 / Self::PER_UNIT, kept)
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let wrong = || MoneyError(text.chars().take(40).collect());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 6 {
            return Err(wrong());
        }
        let whole: u64 = whole.parse().map_err(|_| wrong())?;
        let fraction: u64 = format!("{fraction:0<6}").parse().map_err(|_| wrong())?;
        whole
            .checked_mul(Self::PER_UNIT)
            .and_then(|micros| micros.checked_add(fraction))
            .filter(|micros| i64::try_from(*micros).is_ok())
            .map(Self)
            .ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_exactly_or_not_at_all() {
        for (text, expect) in [
            ("12.5", Some(12_500_000)),
            ("0.000001", Some(1)),
            ("7", Some(7_000_000)),
            ("1.0000001", None),
            ("-1", None),
            ("1e3", None),
            (".5", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(text.parse().ok().map(Money::micros), expect, "{text}");
        }
    }

    #[test]
    fn money_is_shown_with_at_least_two_decimals() {
        assert_eq!(Money::from_micros(12_500_000).to_string(), "12.50");
        assert_eq!(Money::from_micros(1).to_string(), "0.000001");
    }
}
