//! Which JSON numbers a double keeps exactly.
//!
//! A number is exact if the shortest text of the double it is read as (ECMAScript, RFC 8785) names the same decimal.
//! So `0.1` and `0.30000000000000004` are fine, `0.1000000000000000055` and `1e-400` are not: another reader
//! could keep what this one drops. Works on text that was read as JSON before.

use super::StrictProblem;
use crate::visible;
use domain::limits;

/// What a double is.
pub(super) enum Whole {
    /// An integer that every reader keeps.
    Integer(i64),
    /// At or beyond 2^53.
    TooBig,
    /// Not an integer.
    Fraction,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "INVARIANT (exact integer): the magnitude was compared with 2^53 - 1 before the cast"
)]
pub(super) fn whole(value: f64) -> Whole {
    if value.abs() > limits::JSON_INTEGER_MAX as f64 {
        Whole::TooBig
    } else if value.fract() == 0.0 {
        Whole::Integer(value as i64)
    } else {
        Whole::Fraction
    }
}

/// The first number of a JSON text that a double does not keep: its index among the numbers that are read as
/// doubles, and what is wrong with it.
pub(super) fn first_inexact(text: &str) -> Option<(usize, StrictProblem)> {
    let mut index = 0;
    let tokens = Tokens { rest: text };
    for token in tokens {
        let as_double =
            token == "-0" || token.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
        if !as_double {
            continue;
        }
        if let Some(problem) = inexact(token) {
            return Some((index, problem));
        }
        index += 1;
    }
    None
}

fn inexact(token: &str) -> Option<StrictProblem> {
    let value: f64 = token.parse().ok()?;
    let shortest = format!("{value:e}");
    if decimal(token) == decimal(&shortest) {
        return None;
    }
    let why = format!("is kept by most JSON readers as `{value}`; write that, or give it as text");
    Some(StrictProblem::Number { given: visible::short(token), why })
}

/// A decimal as its significant digits and the power of ten of the last one. Zero has no digits. The
/// sign is left out: both texts have the same.
fn decimal(text: &str) -> Option<(String, i64)> {
    let text = text.trim_start_matches('-');
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Some((String::new(), 0));
    }
    let kept = significant.trim_end_matches('0');
    let dropped = i64::try_from(significant.len() - kept.len()).ok()?;
    let power = exponent.parse::<i64>().ok()?;
    let power = power.checked_sub(i64::try_from(fraction.len()).ok()?)?.checked_add(dropped)?;
    Some((kept.to_owned(), power))
}

/// The numbers of a JSON text, in order.
struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            let at = self.rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit())?;
            let from = self.rest.get(at..)?;
            if let Some(inside) = from.strip_prefix('"') {
                self.rest = inside.get(end_of_text(inside)..)?;
                continue;
            }
            let end = from
                .find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E')))
                .unwrap_or(from.len());
            let (token, rest) = from.split_at_checked(end)?;
            self.rest = rest;
            return Some(token);
        }
    }
}

/// Where a JSON text ends, just behind its closing quote.
fn end_of_text(inside: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    inside.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_exact_if_its_shortest_text_names_the_same_decimal() {
        for (token, exact) in [
            ("0.1", true),
            ("0.10", true),
            ("1e2", true),
            ("100e-2", true),
            ("-0.0", true),
            ("0.30000000000000004", true),
            ("3.141592653589793", true),
            ("3.14159265358979323846", false),
            ("0.1000000000000000055511151231257827", false),
            ("1e-400", false),
            ("0e-99999999999999999999", true),
            ("1e-99999999999999999999", false),
            ("5e-324", true),
            ("4e-324", false),
        ] {
            assert_eq!(inexact(token).is_none(), exact, "{token}");
        }
    }

    #[test]
    fn numbers_inside_text_are_not_numbers() {
        let found: Vec<&str> = Tokens { rest: r#"{"1.5":"2\"3.5","a":[4.5,-1e3]}"# }.collect();
        assert_eq!(found, ["4.5", "-1e3"]);
    }
}
