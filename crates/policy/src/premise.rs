//! What must be so before a policy looks at anything else: `when { context.space == "prod" && … }`.
//!
//! ```text
//! first clause -> leftmost operand of its `&&` -> space or workflow, and the values that it lets through -> Premise
//! ```
//! Cedar evaluates clauses and the operands of `&&` from left to right and stops at the first that is false. So a policy whose
//! premise does not hold neither matches nor fails, and the index leaves it out. A test that stands further right is no premise:
//! what stands before it may fail, and a failure denies. Tests: at the end, and `tests/it/index.rs` with random policies.

use std::collections::BTreeSet;

use cedar_policy::pst::{BinaryOp, Clause, Expr, Literal};

use crate::reads::{Root, path_of};

/// A fact that is always there, and is a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Premised {
    /// `context.space`
    Space,
    /// `context.workflow`
    Workflow,
}

/// The values of one fact that let a policy match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Premise {
    pub(crate) of: Premised,
    pub(crate) values: BTreeSet<String>,
}

impl Premise {
    /// The premise of a policy with these clauses; none if it has none that is plain to see.
    pub(crate) fn of(clauses: &[Clause]) -> Option<Self> {
        let Clause::When(expression) = clauses.first()? else { return None };
        first(expression)
    }

    fn merged(mut self, other: Self) -> Option<Self> {
        self.values.extend(other.values);
        (self.of == other.of).then_some(self)
    }
}

/// What an expression tests first.
fn first(expression: &Expr) -> Option<Premise> {
    let Expr::BinaryOp { op, left, right } = expression else { return None };
    if let BinaryOp::And = op {
        return first(left);
    }
    // Both sides of an `||` are premises as a whole: if neither holds, all of it was evaluated, and nothing of it fails.
    if let BinaryOp::Or = op {
        return whole(left)?.merged(whole(right)?);
    }
    whole(expression)
}

/// The premise that an expression is, with nothing beside it.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "an operator that Cedar adds is no premise until somebody says so, and then the rule is evaluated"
)]
fn whole(expression: &Expr) -> Option<Premise> {
    let Expr::BinaryOp { op, left, right } = expression else { return None };
    match op {
        BinaryOp::Or => whole(left)?.merged(whole(right)?),
        BinaryOp::Eq => match (fact(left), fact(right)) {
            (Some(of), None) => Some(Premise { of, values: BTreeSet::from([text(right)?]) }),
            (None, Some(of)) => Some(Premise { of, values: BTreeSet::from([text(left)?]) }),
            (Some(_), Some(_)) | (None, None) => None,
        },
        BinaryOp::Contains => {
            let Expr::Set(items) = &**left else { return None };
            let values: Option<BTreeSet<String>> = items.iter().map(|item| text(item)).collect();
            Some(Premise { of: fact(right)?, values: values? })
        }
        _ => None,
    }
}

fn fact(expression: &Expr) -> Option<Premised> {
    let (Root::Context, path) = path_of(expression)? else { return None };
    match path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["space"] => Some(Premised::Space),
        ["workflow"] => Some(Premised::Workflow),
        _ => None,
    }
}

fn text(expression: &Expr) -> Option<String> {
    let Expr::Literal(Literal::String(text)) = expression else { return None };
    Some(text.to_string())
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use cedar_policy::pst;

    use super::*;

    fn space(values: &'static [&'static str]) -> Option<(Premised, &'static [&'static str])> {
        Some((Premised::Space, values))
    }

    fn check(clauses: &str, expect: Option<(Premised, &[&str])>) {
        let text = format!("permit (principal, action, resource) {clauses};");
        let policy = cedar_policy::Policy::from_str(&text).unwrap();
        let pst::Policy::Static(tree) = policy.to_pst().unwrap() else { panic!("{text}") };
        let expect = expect.map(|(of, values)| Premise {
            of,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        });
        assert_eq!(Premise::of(tree.body().clauses()), expect, "{clauses}");
    }

    #[test]
    fn a_premise_is_what_is_tested_before_anything_can_fail() {
        check(r#"when { context.space == "a" }"#, space(&["a"]));
        check(r#"when { "a" == context.space }"#, space(&["a"]));
        check(
            r#"when { context.space == "a" && context.now > datetime("2020-01-01") && true }"#,
            space(&["a"]),
        );
        check(r#"when { context.space == "a" || context.space == "b" }"#, space(&["a", "b"]));
        check(r#"when { ["a", "b"].contains(context.space) } unless { true }"#, space(&["a", "b"]));
        check(
            r#"when { context.workflow == "w" } when { context.space == "a" }"#,
            Some((Premised::Workflow, &["w"])),
        );
    }

    #[test]
    fn what_stands_behind_something_that_may_fail_is_no_premise() {
        for clauses in [
            "",
            r#"when { context.args.x + 1 > 0 && context.space == "a" }"#,
            r#"when { context.args.x + 1 > 0 } when { context.space == "a" }"#,
            r#"when { context.space == "a" || context.args.x + 1 > 0 }"#,
            r#"when { context.space == "a" || context.workflow == "a" }"#,
            r#"when { (context.space == "a" && context.args.x + 1 > 0) || context.space == "b" }"#,
            r#"when { context.space != "a" }"#,
            r#"when { context.space == context.workflow }"#,
            r#"when { context.tool.name == "a" }"#,
            r#"when { if context.space == "a" then true else false }"#,
            r#"unless { context.space == "a" }"#,
            r#"unless { true } when { context.space == "a" }"#,
        ] {
            check(clauses, None);
        }
    }
}
