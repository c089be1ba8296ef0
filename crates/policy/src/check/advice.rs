//! Advice can only make a decision stricter (P11).
//!
//! It stands in the `when` of forbids, holds, notices and reviews, never in a permit or an `unless`. There it
//! may only count against the call: less confidence or less said never excuses one. So `confidence` stands
//! before `<` or `<=`, and what is (not) stated behind `!`. `confidence_stated` is free, for a policy may
//! treat silence otherwise than a low number.

use cedar_policy::pst::{BinaryOp, Clause, Expr, UnaryOp};

use crate::error::Problem;
use crate::reads::{Reads, Root, body, children, path_of};
use crate::rule::{Rule, RuleKind};

/// Whether an expression that becomes true makes the verdict stricter or looser.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sense {
    Stricter,
    Looser,
}

impl Sense {
    const fn turned(self) -> Self {
        match self {
            Self::Stricter => Self::Looser,
            Self::Looser => Self::Stricter,
        }
    }
}

pub(super) fn check(rule: &Rule) -> Result<(), Problem> {
    for (clause, reads) in rule.clauses.iter().filter(|(_, reads)| reads.touches("advice")) {
        let fix = "advice stands only in the `when` of a forbid, hold, notice or review";
        if rule.kind() == RuleKind::Permit {
            return Err(Problem::new(format!("permit `{}` reads advice", rule.id()), fix));
        }
        if matches!(clause, Clause::Unless(_)) {
            return Err(Problem::new(format!("`{}` reads advice in `unless`", rule.id()), fix));
        }
        let excused = |why: &str| {
            Problem::new(format!("`{}` lets advice excuse a call: {why}", rule.id()), fix_of(reads))
        };
        only_stricter(body(clause), Sense::Stricter).map_err(|why| excused(&why))?;
    }
    Ok(())
}

fn fix_of(reads: &Reads) -> String {
    let confidence = reads
        .under("advice")
        .any(|(path, _)| path.first().is_some_and(|attribute| attribute == "confidence"));
    if confidence {
        "write `context.advice.confidence < 70`, or `<=`: only less confidence may count".to_owned()
    } else {
        "write `!context.advice.intent_stated`: only what is not said may count".to_owned()
    }
}

fn only_stricter(expression: &Expr, sense: Sense) -> Result<(), String> {
    if let Some((Root::Context, path)) = path_of(expression) {
        return leaf(&path, sense);
    }
    if let Expr::UnaryOp { op: UnaryOp::Not, expr } = expression {
        return only_stricter(expr, sense.turned());
    }
    if let Expr::IfThenElse { cond, then_expr, else_expr } = expression {
        free_of_advice(cond)?;
        only_stricter(then_expr, sense)?;
        return only_stricter(else_expr, sense);
    }
    let Expr::BinaryOp { op, left, right } = expression else { return free_of_advice(expression) };
    if matches!(op, BinaryOp::And | BinaryOp::Or) {
        only_stricter(left, sense)?;
        return only_stricter(right, sense);
    }
    comparison(*op, (left, right), sense)
}

fn leaf(path: &[String], sense: Sense) -> Result<(), String> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["advice", "confidence_stated"] => Ok(()),
        ["advice", ..] if sense == Sense::Stricter => {
            Err(format!("`context.{}` counts where it is there", path.join(".")))
        }
        _ => Ok(()),
    }
}

/// `confidence < n` holds for less confidence, so it may stand where truth is stricter; `>` where it is not.
fn comparison(op: BinaryOp, (left, right): (&Expr, &Expr), sense: Sense) -> Result<(), String> {
    let less = if matches!(op, BinaryOp::Less | BinaryOp::LessEq) {
        Sense::Stricter
    } else if matches!(op, BinaryOp::Greater | BinaryOp::GreaterEq) {
        Sense::Looser
    } else {
        return free_of_advice(left).and_then(|()| free_of_advice(right));
    };
    let direction =
        |good| if good == sense { Ok(()) } else { Err("more confidence counts".to_owned()) };
    match (is_confidence(left), is_confidence(right)) {
        (true, false) => direction(less).and_then(|()| free_of_advice(right)),
        (false, true) => direction(less.turned()).and_then(|()| free_of_advice(left)),
        (true, true) | (false, false) => free_of_advice(left).and_then(|()| free_of_advice(right)),
    }
}

fn is_confidence(expression: &Expr) -> bool {
    path_of(expression).is_some_and(|(root, path)| {
        root == Root::Context && path == ["advice".to_owned(), "confidence".to_owned()]
    })
}

fn free_of_advice(expression: &Expr) -> Result<(), String> {
    let inside = "it stands inside another expression".to_owned();
    if let Some((Root::Context, path)) = path_of(expression) {
        let advice = path.first().is_some_and(|first| first == "advice");
        return if advice { Err(inside) } else { Ok(()) };
    }
    if let Expr::HasAttr { expr, attrs } = expression
        && let Some((Root::Context, mut path)) = path_of(expr)
    {
        path.extend(attrs.iter().map(ToString::to_string));
        let advice = path.first().is_some_and(|first| first == "advice");
        return if advice { Err(inside) } else { Ok(()) };
    }
    let Some(children) = children(expression) else { return Err(inside) };
    children.into_iter().try_for_each(free_of_advice)
}
