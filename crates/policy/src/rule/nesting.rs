//! Bounds on how deep one policy nests, before any parser sees it.
//!
//! Parsers, validators and our own walks recurse over a policy's expressions. Text goes in, the first place
//! beyond a bound comes out, so that a file can break nothing but its own load. Words are counted without
//! strings and comments; that is coarse, and generous for policies that people write.

use domain::limits;

use crate::error::Problem;

/// What is too deep, and where.
pub(super) struct TooDeep {
    pub(super) offset: usize,
    pub(super) problem: Problem,
}

/// The first policy that nests beyond `limits::POLICY_DEPTH_MAX` or `limits::POLICY_OPERATORS_MAX`.
pub(super) fn too_deep(text: &str) -> Option<TooDeep> {
    let mut depth = 0_usize;
    let mut operators = 0_usize;
    let mut before = ' ';
    let mut characters = text.char_indices();
    while let Some((offset, character)) = characters.next() {
        match character {
            '"' => skip_string(&mut characters),
            '/' if before == '/' => skip_line(&mut characters),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ';' => (depth, operators) = (0, 0),
            '.' | '!' | '+' | '-' | '*' | '&' | '|' => operators += 1,
            // The `if` and `else` of a chain, and every other word that joins expressions.
            _ if before.is_whitespace() && character.is_alphabetic() => operators += 1,
            _ => {}
        }
        before = character;
        if depth > limits::POLICY_DEPTH_MAX {
            let fix = format!("at most {} brackets may be open", limits::POLICY_DEPTH_MAX);
            return Some(TooDeep { offset, problem: Problem::new("this is nested too deep", fix) });
        }
        if operators > limits::POLICY_OPERATORS_MAX {
            let fix = format!(
                "split it: at most {} words and operators in one policy",
                limits::POLICY_OPERATORS_MAX
            );
            return Some(TooDeep { offset, problem: Problem::new("this policy is too long", fix) });
        }
    }
    None
}

/// To behind the closing quote; a backslash takes the next character with it.
fn skip_string(characters: &mut std::str::CharIndices<'_>) {
    while let Some((_, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            '"' => return,
            _ => {}
        }
    }
}

fn skip_line(characters: &mut std::str::CharIndices<'_>) {
    let _ = characters.find(|(_, character)| *character == '\n');
}
