//! What load refuses of a single policy beyond Cedar's own validation.
//!
//! A rule and the tools it can apply to go in, a problem comes out if it
//! - reads approvals or autonomy anywhere but in a hold's own `unless`, or names another hold's id there,
//! - is a permit that reads advice, or lets advice excuse a call (`advice`),
//! - asks for an attribute that does not exist, which `has` would silently answer with false,
//! - compares an argument with a text that it can never be, or covers only some branches of a union.

use cedar_policy::pst::{BinaryOp, Clause, Expr, Literal, Var};
use contract::{ArgumentType, ArgumentTypes};

use crate::annotation::Kind;
use crate::argument::branch;
use crate::error::Problem;
use crate::reads::{Access, Root, Touch, body, children, path_of};
use crate::rule::Rule;
use crate::schema::{AGENT, RESOURCE, SHAPE, optional};
use crate::suggest::hint;

mod advice;

/// The first thing that is wrong with a rule, given the arguments of the tools it applies to.
pub(crate) fn check(rule: &Rule, tools: &[&ArgumentTypes]) -> Result<(), Problem> {
    if rule.reads.whole.contains(&Root::Context) {
        return Err(Problem::new(
            format!("`{}` uses `context` as a whole", rule.id()),
            "read attributes by name, such as `context.space`",
        ));
    }
    approvals(rule)?;
    advice::check(rule)?;
    // Cedar's validation knows better where a value that does not exist is read, but it sees no dormant rule.
    let ours = |access: &&Access| access.touch == Touch::Presence || tools.is_empty();
    for access in rule.reads.accesses.iter().filter(ours) {
        exists(access, tools).map_err(|problem| named(rule, problem))?;
    }
    // A dormant rule applies to no tool, so nothing can be said of its arguments.
    for types in tools {
        branches(rule, types)?;
    }
    for (clause, _) in rule.clauses.iter().filter(|_| !tools.is_empty()) {
        comparisons(body(clause), tools).map_err(|problem| named(rule, problem))?;
    }
    Ok(())
}

fn named(rule: &Rule, problem: Problem) -> Problem {
    Problem::new(format!("`{}` {}", rule.id(), problem.what), problem.fix)
}

/// Approvals and autonomy stand in one place only: a hold's own `unless`.
fn approvals(rule: &Rule) -> Result<(), Problem> {
    let id = rule.id();
    let own = format!("unless {{ context.approvals.contains(\"{id}\") }}");
    let mut ends = 0;
    for (clause, reads) in &rule.clauses {
        if !reads.touches("approvals") && !reads.touches("autonomy") {
            continue;
        }
        let word = if reads.touches("approvals") { "approvals" } else { "autonomy" };
        let Kind::Hold(_) = &rule.kind else {
            return Err(Problem::new(
                format!("`{id}` reads {word} and is no hold"),
                "only a hold reads approvals, in its own `unless`",
            ));
        };
        let Clause::Unless(inner) = clause else {
            return Err(Problem::new(
                format!("hold `{id}` reads {word} in `when`"),
                format!("write `{own}`"),
            ));
        };
        ends += own_approval(inner, id)?;
    }
    match (&rule.kind, ends) {
        (Kind::Hold(_), 0) => Err(Problem::new(
            format!("hold `{id}` has no end: no approval lets the call run"),
            format!("add `{own}`"),
        )),
        (Kind::Hold(_), 2..) => Err(Problem::new(
            format!("hold `{id}` names its approval more than once"),
            format!("write `{own}` once"),
        )),
        (
            Kind::Permit | Kind::Forbid | Kind::Hold(_) | Kind::Notify { .. } | Kind::Review { .. },
            _,
        ) => Ok(()),
    }
}

/// Counts the mentions of the own approval in `a || b || …`, in which nothing else but autonomy may stand.
fn own_approval(expression: &Expr, id: &str) -> Result<usize, Problem> {
    if let Expr::BinaryOp { op: BinaryOp::Or, left, right } = expression {
        return Ok(own_approval(left, id)? + own_approval(right, id)?);
    }
    let fix = format!(
        "write `unless {{ context.approvals.contains(\"{id}\") }}`, if wanted with \
         `|| context.autonomy.contains(\"…\")`, and put everything else into a clause of its own"
    );
    match contains(expression) {
        Some(("approvals", named)) if named == id => Ok(1),
        Some(("approvals", named)) => {
            Err(Problem::new(format!("hold `{id}` names the approval of `{named}`"), fix))
        }
        Some(("autonomy", _)) => Ok(0),
        _ => Err(Problem::new(format!("hold `{id}` mixes approvals with something else"), fix)),
    }
}

/// `context.<attribute>.contains("<text>")`.
fn contains(expression: &Expr) -> Option<(&str, &str)> {
    let Expr::BinaryOp { op: BinaryOp::Contains, left, right } = expression else { return None };
    let Expr::GetAttr { expr, attr } = &**left else { return None };
    let Expr::Literal(Literal::String(text)) = &**right else { return None };
    matches!(&**expr, Expr::Var(Var::Context)).then_some((attr.as_str(), text.as_str()))
}

/// `has` on an attribute that no tool has would be false forever, and a forbid behind it would never match.
fn exists(access: &Access, tools: &[&ArgumentTypes]) -> Result<(), Problem> {
    let path: Vec<&str> = access.path.iter().map(String::as_str).collect();
    let known: Vec<&str> = match (access.root, path.as_slice()) {
        (Root::Principal, [_, ..]) => AGENT.iter().map(|(name, _)| *name).collect(),
        (Root::Resource, [_, ..]) => RESOURCE.iter().map(|(name, _)| *name).collect(),
        (Root::Context, ["args", inner @ ..]) => return argument_exists(inner, tools),
        (Root::Context, [_]) => {
            SHAPE.iter().map(|(name, ..)| optional(name).0).chain(["args"]).collect()
        }
        (Root::Context, [first, ..]) => {
            let fields = SHAPE.iter().find(|(name, ..)| optional(name).0 == *first);
            let fields = fields.map(|(_, _, fields)| *fields).unwrap_or_default();
            fields.iter().map(|(name, _)| optional(name).0).collect()
        }
        (Root::Principal | Root::Resource | Root::Context, []) => return Ok(()),
    };
    let asked = match (access.root, path.as_slice()) {
        (Root::Context, [_, second, ..]) => second,
        (_, [first, ..]) => first,
        (_, []) => return Ok(()),
    };
    if known.contains(asked) {
        return Ok(());
    }
    Err(Problem::new(
        format!("reads `{}`, which does not exist", shown(access)),
        hint(asked, &known),
    ))
}

fn argument_exists(path: &[&str], tools: &[&ArgumentTypes]) -> Result<(), Problem> {
    if tools.is_empty()
        || path.is_empty()
        || tools.iter().any(|types| type_at(types, path).is_some())
    {
        return Ok(());
    }
    let (last, above) = path.split_last().map_or(("", path), |(last, above)| (*last, above));
    let mut known: Vec<&str> = tools.iter().flat_map(|types| names_at(types, above)).collect();
    known.sort_unstable();
    known.dedup();
    Err(Problem::new(
        format!("reads the argument `{}`, which none of its tools has", path.join(".")),
        hint(last, &known),
    ))
}

fn shown(access: &Access) -> String {
    let root = match access.root {
        Root::Context => "context",
        Root::Principal => "principal",
        Root::Resource => "resource",
    };
    std::iter::once(root)
        .chain(access.path.iter().map(String::as_str))
        .collect::<Vec<_>>()
        .join(".")
}

/// What stands at a path of arguments as policies write it.
enum Found<'a> {
    Argument(&'a ArgumentType),
    /// A part that Cedar's form of an argument adds, such as `length`.
    Derived,
}

fn type_at<'a>(types: &'a ArgumentTypes, path: &[&str]) -> Option<Found<'a>> {
    let (first, rest) = path.split_first()?;
    let (of, _) = types.fields.get(*first)?;
    inside(of, rest)
}

fn inside<'a>(of: &'a ArgumentType, path: &[&str]) -> Option<Found<'a>> {
    let Some((first, rest)) = path.split_first() else {
        return (!matches!(of, ArgumentType::Opaque(_))).then_some(Found::Argument(of));
    };
    match of {
        ArgumentType::Record { fields } => inside(&fields.get(*first)?.0, rest),
        ArgumentType::Union(all) => {
            inside(all.iter().find(|one| branch(one) == Some(first))?, rest)
        }
        ArgumentType::List(item) if matches!(*first, "first" | "all") => inside(item, rest),
        ArgumentType::List(_)
        | ArgumentType::Url
        | ArgumentType::Email
        | ArgumentType::Money
        | ArgumentType::Null
        | ArgumentType::Boolean
        | ArgumentType::Integer
        | ArgumentType::Decimal
        | ArgumentType::Text
        | ArgumentType::Enumeration(_)
        | ArgumentType::Path
        | ArgumentType::Host
        | ArgumentType::Opaque(_) => {
            (rest.is_empty() && parts(of).contains(first)).then_some(Found::Derived)
        }
    }
}

/// The names of the parts of an argument in Cedar's form.
fn parts(of: &ArgumentType) -> Vec<&str> {
    match of {
        ArgumentType::Record { fields } => fields.keys().map(String::as_str).collect(),
        ArgumentType::Union(all) => all.iter().filter_map(branch).collect(),
        ArgumentType::List(_) => vec!["length", "any", "first", "all"],
        ArgumentType::Url => vec!["text", "scheme", "host"],
        ArgumentType::Email => vec!["text", "domain"],
        ArgumentType::Money => vec!["micros"],
        ArgumentType::Null
        | ArgumentType::Boolean
        | ArgumentType::Integer
        | ArgumentType::Decimal
        | ArgumentType::Text
        | ArgumentType::Enumeration(_)
        | ArgumentType::Path
        | ArgumentType::Host
        | ArgumentType::Opaque(_) => Vec::new(),
    }
}

fn names_at<'a>(types: &'a ArgumentTypes, path: &[&str]) -> Vec<&'a str> {
    if path.is_empty() {
        return types.fields.keys().map(String::as_str).collect();
    }
    match type_at(types, path) {
        Some(Found::Argument(of)) => parts(of),
        Some(Found::Derived) | None => Vec::new(),
    }
}

/// A forbid that looks at one branch of a union must look at all that carry a value.
fn branches(rule: &Rule, types: &ArgumentTypes) -> Result<(), Problem> {
    if rule.kind == Kind::Permit {
        return Ok(());
    }
    let paths: Vec<(Vec<&str>, Touch)> = rule
        .reads
        .under("args")
        .map(|(path, touch)| (path.iter().map(String::as_str).collect(), touch))
        .collect();
    let unions =
        paths.iter().flat_map(|(path, _)| (1..=path.len()).filter_map(|to| path.get(..to)));
    for at in unions {
        let Some(Found::Argument(ArgumentType::Union(all))) = type_at(types, at) else { continue };
        let whole = paths.iter().any(|(path, touch)| path == at && *touch == Touch::Value);
        let seen: Vec<&str> =
            paths.iter().filter_map(|(path, _)| path.strip_prefix(at)?.first().copied()).collect();
        let missing: Vec<String> = all
            .iter()
            .filter_map(branch)
            .filter(|name| *name != "null" && !seen.contains(name))
            .map(|name| format!("`context.args.{}.{name}`", at.join(".")))
            .collect();
        if whole || (!seen.is_empty() && !missing.is_empty()) {
            let fix = if missing.is_empty() {
                "each branch by its name".to_owned()
            } else {
                missing.join(", ")
            };
            return Err(Problem::new(
                format!("`{}` covers only some kinds of values of `{}`", rule.id(), at.join(".")),
                format!("a forbid must also look at {fix}"),
            ));
        }
    }
    Ok(())
}

/// Comparisons of an enumeration with a text that is not in it never hold.
fn comparisons(expression: &Expr, tools: &[&ArgumentTypes]) -> Result<(), Problem> {
    if let Expr::BinaryOp { op: BinaryOp::Eq | BinaryOp::NotEq | BinaryOp::Contains, left, right } =
        expression
    {
        for (argument, literal) in [(left, right), (right, left)] {
            if let Some((Root::Context, path)) = path_of(argument) {
                listed(&path, literal, tools)?;
            }
        }
    }
    for child in children(expression).unwrap_or_default() {
        comparisons(child, tools)?;
    }
    Ok(())
}

fn listed(path: &[String], literal: &Expr, tools: &[&ArgumentTypes]) -> Result<(), Problem> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let ["args", inner @ ..] = path.as_slice() else { return Ok(()) };
    let inner = inner.strip_suffix(&["any"]).unwrap_or(inner);
    let mut words: Vec<&str> = Vec::new();
    for types in tools {
        let of = match type_at(types, inner) {
            None => continue,
            Some(Found::Derived) => return Ok(()),
            Some(Found::Argument(ArgumentType::List(item))) => &**item,
            Some(Found::Argument(of)) => of,
        };
        let ArgumentType::Enumeration(all) = of else { return Ok(()) };
        words.extend(all.iter().map(String::as_str));
    }
    let texts: Vec<&str> = if let Expr::Set(items) = literal {
        items.iter().filter_map(|item| text_of(item)).collect()
    } else {
        text_of(literal).into_iter().collect()
    };
    match texts.into_iter().find(|text| !words.is_empty() && !words.contains(text)) {
        None => Ok(()),
        Some(text) => Err(Problem::new(
            format!("compares `{}` with `{text}`, which it can never be", inner.join(".")),
            hint(text, &words),
        )),
    }
}

fn text_of(expression: &Expr) -> Option<&str> {
    let Expr::Literal(Literal::String(text)) = expression else { return None };
    Some(text.as_str())
}
