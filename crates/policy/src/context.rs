//! Facts as Cedar's context: exactly the attributes of `schema::SHAPE`, and of those only what is read.
//!
//! Values are built natively, without JSON and without validation: types and values come from one tree, and
//! arguments passed their contract's schema before. Counters above `i64::MAX` count as `i64::MAX`.

use std::collections::BTreeSet;

use cedar_policy::{Context, RestrictedExpression as Expression};
use contract::ArgumentTypes;
use domain::{
    Amounts, CommandFacts, Consequences, Facts, History, PlanFacts, PreviewMeans, Timestamp,
    ToolFacts,
};

use crate::argument::{self, At, Mismatch, text};
use crate::needs::{Needs, Part};

/// Why a call cannot be judged; the call is denied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    #[error(transparent)]
    Argument(#[from] Mismatch),
    #[error("the facts of this call cannot be judged: {0}")]
    Facts(String),
}

type Pairs = Vec<(String, Expression)>;

/// The context of one request. `opaque` are the pointers that no policy can see.
pub(crate) fn build(
    facts: &Facts,
    types: &ArgumentTypes,
    opaque: &[String],
    needs: &Needs,
) -> Result<Context, Unfit> {
    let mut pairs: Pairs = Vec::with_capacity(8);
    if needs.any_argument() {
        let wanted = |name: &str| needs.argument(name);
        let arguments = argument::record(&types.fields, &facts.arguments, &At::ROOT, wanted)?;
        pairs.push(("args".to_owned(), arguments));
    }
    let mut add = |part, name: &str, value: &dyn Fn() -> Result<Expression, Unfit>| {
        if needs.has(part) {
            pairs.push((name.to_owned(), value()?));
        }
        Ok::<(), Unfit>(())
    };
    add(Part::ArgsOpaque, "args_opaque", &|| Ok(texts(opaque.iter().map(String::as_str))))?;
    add(Part::Tool, "tool", &|| tool(&facts.tool))?;
    add(Part::Space, "space", &|| Ok(text(facts.space.as_str())))?;
    add(Part::Workflow, "workflow", &|| Ok(text(facts.workflow.as_str())))?;
    add(Part::Approvals, "approvals", &|| Ok(texts(facts.approvals.iter().map(String::as_str))))?;
    add(Part::Autonomy, "autonomy", &|| Ok(texts(facts.autonomy.iter().map(String::as_str))))?;
    add(Part::History, "history", &|| history(&facts.history))?;
    add(Part::BudgetLeft, "budget_left", &|| budget_left(&facts.budget_left))?;
    add(Part::Labels, "labels", &|| Ok(texts(facts.labels.iter().map(|label| label.word()))))?;
    add(Part::Advice, "advice", &|| advice(facts))?;
    add(Part::Now, "now", &|| now(facts.now))?;
    if let Some(found) = &facts.plan {
        add(Part::Plan, "plan", &|| plan(found, needs))?;
    }
    if let Some(found) = &facts.command {
        add(Part::Command, "command", &|| command(found))?;
    }
    Context::from_pairs(pairs).map_err(|error| Unfit::Facts(error.to_string()))
}

fn record(pairs: Pairs) -> Result<Expression, Unfit> {
    Expression::new_record(pairs).map_err(|error| Unfit::Facts(error.to_string()))
}

fn fields<const N: usize>(fields: [(&str, Expression); N]) -> Result<Expression, Unfit> {
    record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn texts<'a>(items: impl Iterator<Item = &'a str>) -> Expression {
    Expression::new_set(items.map(text))
}

fn count(number: u64) -> Expression {
    Expression::new_long(i64::try_from(number).unwrap_or(i64::MAX))
}

fn consequences(all: &Consequences) -> Expression {
    texts(all.iter().map(|consequence| consequence.word()))
}

/// A command without a role has an empty one, so that a rule need not ask whether there is one.
fn command(facts: &CommandFacts) -> Result<Expression, Unfit> {
    fields([
        ("program", text(&facts.program)),
        ("role", text(facts.role.map_or("", domain::CommandRole::word))),
        ("starts_programs", Expression::new_bool(facts.starts_programs)),
    ])
}

fn tool(facts: &ToolFacts) -> Result<Expression, Unfit> {
    fields([
        ("name", text(facts.name.as_str())),
        ("effect_class", text(facts.effect_class.word())),
        ("consequences", consequences(&facts.consequences)),
        ("provenance", text(facts.provenance.word())),
        ("maturity", text(facts.maturity.word())),
        ("preview", Expression::new_bool(facts.preview != PreviewMeans::None)),
    ])
}

fn history(facts: &History) -> Result<Expression, Unfit> {
    fields([
        ("failures_in_row", count(facts.failures_in_row)),
        ("identical_calls", count(facts.identical_calls)),
        ("calls", count(facts.calls)),
    ])
}

fn budget_left(left: &Amounts<Option<u64>>) -> Result<Expression, Unfit> {
    let all = [
        ("calls", left.calls),
        ("money_micros", left.money_micros),
        ("irreversible", left.irreversible),
        ("read_bytes", left.read_bytes),
        ("wall_ms", left.wall_ms),
    ];
    let limited = all.into_iter().filter_map(|(name, left)| Some((name.to_owned(), count(left?))));
    record(limited.collect())
}

/// What is not stated counts as the worst value: a confidence of zero, no intent, no effects.
fn advice(facts: &Facts) -> Result<Expression, Unfit> {
    let confidence = facts.advice.confidence;
    fields([
        ("confidence_stated", Expression::new_bool(confidence.is_some())),
        (
            "confidence",
            Expression::new_long(confidence.map_or(0, |stated| i64::from(stated.hundredths()))),
        ),
        ("intent_stated", Expression::new_bool(facts.advice.intent_stated)),
        ("effects_stated", Expression::new_bool(facts.advice.effects_stated)),
    ])
}

fn now(now: Timestamp) -> Result<Expression, Unfit> {
    let moment = i64::try_from(now.millis()).ok();
    let moment = moment.and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    let moment = moment.ok_or_else(|| Unfit::Facts("the clock is beyond year 9999".to_owned()))?;
    Ok(Expression::new_datetime(format!("{moment:.3}")))
}

fn plan(facts: &PlanFacts, needs: &Needs) -> Result<Expression, Unfit> {
    let mut pairs: Pairs = [
        ("path_count", count(u64::try_from(facts.paths.len()).unwrap_or(u64::MAX))),
        ("creations", count(facts.creations)),
        ("overwrites", count(facts.overwrites)),
        ("deletions", count(facts.deletions)),
        ("content_bytes", count(facts.content_bytes)),
        ("restorable", Expression::new_bool(facts.restorable)),
        ("consequences", consequences(&facts.consequences)),
        ("unintended", count(facts.unintended)),
        ("unintended_consequences", consequences(&facts.unintended_consequences)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    if let Some(code) = facts.exit_code {
        pairs.push(("exit_code".to_owned(), Expression::new_long(i64::from(code))));
    }
    if needs.has(Part::PlanPaths) {
        pairs.push(("paths".to_owned(), texts(facts.paths.iter().map(String::as_str))));
    }
    if needs.has(Part::PlanTouches) {
        pairs.push(("touches".to_owned(), texts(touches(&facts.paths).into_iter())));
    }
    record(pairs)
}

/// Every path and every directory above it: `a/b/c` touches `a/b/c`, `a/b` and `a`.
fn touches(paths: &[String]) -> BTreeSet<&str> {
    let mut all = BTreeSet::new();
    for path in paths {
        let mut left = Some(path.as_str());
        // A path that was seen before brought all directories above it with it.
        while let Some(path) = left.filter(|path| all.insert(*path)) {
            left = path.rsplit_once('/').map(|(above, _)| above);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_touches_itself_and_every_directory_above_it() {
        let paths = ["a/b/c".to_owned(), "a/d".to_owned(), "prod".to_owned()];
        let all: Vec<&str> = touches(&paths).into_iter().collect();
        assert_eq!(all, ["a", "a/b", "a/b/c", "a/d", "prod"]);
    }

    #[test]
    fn a_moment_is_written_to_the_millisecond() {
        for (millis, expect) in
            [(0, "1970-01-01T00:00:00.000Z"), (951_782_400_120, "2000-02-29T00:00:00.120Z")]
        {
            let shown = now(Timestamp::from_millis(millis)).unwrap();
            assert!(format!("{shown:?}").contains(expect), "{shown:?}");
        }
        assert!(now(Timestamp::from_millis(u64::MAX)).is_err());
    }
}
