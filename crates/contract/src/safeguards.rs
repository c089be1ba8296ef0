//! What a contract's safeguards say of a plan, of an output and of a moment: pure questions with a yes or what was found.
//!
//! In: what the contract asks for, and a plan, arguments, an output or a time. Out: every breach with the number that was
//! found, a check's arguments, or why an output is not the expected one. Missing and unreadable values are breaches. Asking
//! other tools is the gate's business. Tests: `tests/it/safeguards.rs`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::consequences::consequences_of_change;
use crate::visible::short;
use crate::{kinds, resource_template::Template};
use domain::{
    Change, Consequence, Day, Expect, Expected, FileState, Invariants, Node, Plan, PlanShape,
    Resource, Scope, Step, Timestamp, Window, limits,
};

/// What an argument of the act is called in a check's arguments.
const INPUT: &str = "{/";
/// The same for a part of the act's output.
const OUTPUT: &str = "{output:/";

/// One invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// As the contract calls it.
    pub invariant: &'static str,
    /// What was found, and what was expected.
    pub found: String,
}

/// Every invariant that does not hold. `name` makes what is said of a path; without a plan all that need one are broken.
pub fn breaches(
    invariants: &Invariants,
    (plan, arguments): (Option<&Plan>, &Value),
    name: &dyn Fn(&str) -> String,
) -> Vec<Breach> {
    let mut found = of_arguments(invariants, arguments);
    match plan {
        Some(plan) => found.extend(of_plan(invariants, plan, name)),
        None if invariants.need_plan() => found.push(Breach {
            invariant: "invariants",
            found: "there is no plan on which they could be checked".to_owned(),
        }),
        None => {}
    }
    found
}

fn of_arguments(invariants: &Invariants, arguments: &Value) -> Vec<Breach> {
    let rows = invariants.rows_max.as_ref().and_then(|rule| {
        let rows = arguments.pointer(&rule.argument).and_then(Value::as_array).map(Vec::len);
        let breach = |found| Some(Breach { invariant: "rows_max", found });
        match rows.map(count) {
            Some(rows) if rows <= rule.most => None,
            Some(rows) => breach(format!(
                "`{}` has {rows} items, at most {} are allowed",
                rule.argument, rule.most
            )),
            None => breach(format!("`{}` is no list that could be counted", rule.argument)),
        }
    });
    let amount = invariants.amount_max.as_ref().and_then(|rule| {
        let amount = arguments.pointer(&rule.argument).map(kinds::money);
        let breach = |found| Some(Breach { invariant: "amount_max", found });
        match amount {
            Some(Ok(amount)) if amount <= rule.most => None,
            Some(Ok(amount)) => {
                breach(format!("`{}` is {amount}, at most {} is allowed", rule.argument, rule.most))
            }
            Some(Err(_)) | None => breach(format!("`{}` is no amount of money", rule.argument)),
        }
    });
    rows.into_iter().chain(amount).collect()
}

fn of_plan(invariants: &Invariants, plan: &Plan, name: &dyn Fn(&str) -> String) -> Vec<Breach> {
    let hosts = plan.execution.as_ref().map_or(0, |execution| {
        execution.network.iter().map(|contact| &contact.host).collect::<BTreeSet<_>>().len()
    });
    let numbers = [
        ("files_max", invariants.files_max, count(plan.changes.len()), "paths change"),
        ("bytes_max", invariants.bytes_max, bytes_after(plan), "bytes are written"),
        ("hosts_max", invariants.hosts_max, count(hosts), "hosts are reached"),
    ];
    let mut found: Vec<Breach> = numbers
        .into_iter()
        .filter_map(|(invariant, most, seen, what)| {
            let most = most.filter(|most| seen > *most)?;
            Some(Breach { invariant, found: format!("{seen} {what}, at most {most} are allowed") })
        })
        .collect();
    let inside = |change: &Change, scopes: &[Scope]| {
        let resource = change.resource();
        scopes.iter().any(|scope| scope.contains(&resource))
    };
    if !invariants.only.is_empty() {
        let outside = |change: &&Change| !inside(change, &invariants.only);
        found.extend(paths(plan, outside, ("only", "outside of what may change"), name));
    }
    let forbidden = |change: &&Change| inside(change, &invariants.never);
    found.extend(paths(plan, forbidden, ("never", "among what must never change"), name));
    if invariants.no_delete {
        found.extend(paths(plan, |change| change.after.is_none(), ("no_delete", "gone"), name));
    }
    found.extend(invariants.shape.and_then(|shape| shapeless(plan, shape, name)));
    found
}

fn paths<'p>(
    plan: &'p Plan,
    wrong: impl Fn(&&'p Change) -> bool,
    (invariant, what): (&'static str, &str),
    name: &dyn Fn(&str) -> String,
) -> Option<Breach> {
    let all: Vec<&Change> = plan.changes.iter().filter(wrong).collect();
    let first = all.first()?;
    let verb = if all.len() == 1 { "path is" } else { "paths are" };
    Some(Breach { invariant, found: format!("{} {verb} {what}, {}", all.len(), name(&first.path)) })
}

/// What keeps a plan from having a shape.
fn shapeless(plan: &Plan, shape: PlanShape, name: &dyn Fn(&str) -> String) -> Option<Breach> {
    let is = |what: &str| format!("not `{shape}`: {what}");
    match shape {
        PlanShape::CreatesOnly => {
            paths(plan, |change| change.before.is_some(), ("shape", &is("there before")), name)
        }
        PlanShape::EditsOnly => {
            let other = |change: &&Change| change.before.is_none() || change.after.is_none();
            paths(plan, other, ("shape", &is("new or gone")), name)
        }
        PlanShape::NoCode => {
            let code = |change: &&Change| {
                consequences_of_change(change).contains(&Consequence::CodeExecution)
            };
            paths(plan, code, ("shape", &is("run later")), name)
        }
        PlanShape::OneFile => (plan.changes.len() > 1).then(|| Breach {
            invariant: "shape",
            found: format!("{} paths change, and `{shape}` allows one", plan.changes.len()),
        }),
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn bytes_after(plan: &Plan) -> u64 {
    let size = |state: &FileState| match state.node {
        Node::File { size, .. } => size,
        Node::Directory | Node::Link { .. } => 0,
    };
    plan.changes.iter().filter_map(|change| change.after.as_ref()).map(size).sum()
}

/// The arguments of a check: a text that is `{/pointer}` as a whole becomes that argument of the act, inside a longer text
/// it is put in as text; `{output:/pointer}` is the same for the act's output. What is not there is left out of objects.
///
/// # Errors
/// A place in a longer text, or in a list, whose value is absent or no plain value.
pub fn check_arguments(
    template: &Value,
    input: &Value,
    output: Option<&Value>,
) -> Result<Value, String> {
    let filling = Filling { input, output };
    filling
        .fill(template)?
        .ok_or_else(|| "the arguments name something that is not there".to_owned())
}

struct Filling<'a> {
    input: &'a Value,
    output: Option<&'a Value>,
}

impl Filling<'_> {
    fn fill(&self, template: &Value) -> Result<Option<Value>, String> {
        match template {
            Value::String(text) => self.text(text),
            Value::Array(items) => {
                let each = |item: &Value| {
                    self.fill(item)?
                        .ok_or_else(|| "a list names something that is not there".to_owned())
                };
                items.iter().map(each).collect::<Result<_, _>>().map(|all| Some(Value::Array(all)))
            }
            Value::Object(fields) => {
                let mut filled = Map::new();
                for (key, value) in fields {
                    if let Some(value) = self.fill(value)? {
                        filled.insert(key.clone(), value);
                    }
                }
                Ok(Some(Value::Object(filled)))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(Some(template.clone())),
        }
    }

    fn expected(&self, expected: &Expected) -> Result<Expected, String> {
        let text = |text: &String| match self.text(text)?.as_ref().and_then(plain) {
            Some(text) => Ok(text),
            None => Err(format!("`{}` names no plain value", short(text))),
        };
        Ok(match expected {
            Expected::Equals(value) => {
                let filled = self.fill(value)?;
                Expected::Equals(filled.ok_or("what is expected names nothing that is there")?)
            }
            Expected::Contains(given) => Expected::Contains(text(given)?),
            Expected::Lacks(given) => Expected::Lacks(text(given)?),
            Expected::Present | Expected::Absent | Expected::AtMost(_) | Expected::AtLeast(_) => {
                expected.clone()
            }
        })
    }

    fn text(&self, text: &str) -> Result<Option<Value>, String> {
        if let Some(place) = whole(text) {
            return Ok(self.at(place).cloned());
        }
        let mut filled = String::new();
        let mut rest = text;
        while let Some(start) = begin(rest) {
            let (before, from) = rest.split_at(start);
            filled.push_str(before);
            let Some(end) = from.find('}') else { break };
            let (place, after) = from.split_at(end + 1);
            let value = whole(place).and_then(|place| self.at(place)).and_then(plain);
            filled.push_str(&value.ok_or_else(|| format!("`{}` is no plain value", short(place)))?);
            rest = after;
        }
        filled.push_str(rest);
        Ok(Some(Value::String(filled)))
    }

    fn at(&self, place: Place<'_>) -> Option<&Value> {
        match place {
            Place::Input(pointer) => self.input.pointer(pointer),
            Place::Output(pointer) => self.output?.pointer(pointer),
        }
    }
}

/// A place that a check's arguments name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    Input(&'a str),
    Output(&'a str),
}

/// Every place that a check's arguments name.
pub(crate) fn places(template: &Value) -> Vec<Place<'_>> {
    match template {
        Value::String(text) => places_in(text),
        Value::Array(items) => items.iter().flat_map(places).collect(),
        Value::Object(fields) => fields.values().flat_map(places).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

fn places_in(text: &str) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(from) = begin(rest).and_then(|start| rest.get(start..)) {
        let Some(end) = from.find('}') else { break };
        let (place, after) = from.split_at(end + 1);
        found.extend(whole(place));
        rest = after;
    }
    found
}

fn begin(text: &str) -> Option<usize> {
    let starts = [text.find(INPUT), text.find(OUTPUT)];
    starts.into_iter().flatten().min()
}

/// The place that a text as a whole names.
fn whole(text: &str) -> Option<Place<'_>> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    if inner.contains(['{', '}']) {
        return None;
    }
    match inner.strip_prefix("output:") {
        Some(pointer) => pointer.starts_with('/').then_some(Place::Output(pointer)),
        None => inner.starts_with('/').then_some(Place::Input(inner)),
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether an output says what is expected, all of it. Expected texts may name arguments of the act (`input`).
///
/// # Errors
/// The first thing that it does not say, with what stands there instead.
pub fn as_expected(expect: &[Expect], output: &Value, input: &Value) -> Result<(), String> {
    let filling = Filling { input, output: None };
    expect.iter().try_for_each(|one| {
        let found = output.pointer(&one.pointer);
        let value = filling.expected(&one.value)?;
        if meets(&value, found) {
            return Ok(());
        }
        let there = found.map_or_else(|| "nothing".to_owned(), |value| short(&value.to_string()));
        Err(format!("`{}` is {there}, expected {}", one.pointer, wanted(&value)))
    })
}

/// Every place that an expected value names.
pub(crate) fn places_expected(expected: &Expected) -> Vec<Place<'_>> {
    match expected {
        Expected::Equals(value) => places(value),
        Expected::Contains(text) | Expected::Lacks(text) => places_in(text),
        Expected::Present | Expected::Absent | Expected::AtMost(_) | Expected::AtLeast(_) => {
            Vec::new()
        }
    }
}

fn meets(expected: &Expected, found: Option<&Value>) -> bool {
    let integer = || found.and_then(Value::as_i64);
    match expected {
        Expected::Equals(value) => found == Some(value),
        Expected::Present => found.is_some(),
        Expected::Absent => found.is_none(),
        Expected::AtMost(most) => integer().is_some_and(|found| found <= *most),
        Expected::AtLeast(least) => integer().is_some_and(|found| found >= *least),
        Expected::Contains(text) => {
            found.and_then(Value::as_str).is_some_and(|found| found.contains(text.as_str()))
        }
        Expected::Lacks(text) => {
            found.and_then(Value::as_str).is_some_and(|found| !found.contains(text.as_str()))
        }
    }
}

fn wanted(expected: &Expected) -> String {
    match expected {
        Expected::Equals(value) => short(&value.to_string()),
        Expected::Present => "anything".to_owned(),
        Expected::Absent => "nothing".to_owned(),
        Expected::AtMost(most) => format!("at most {most}"),
        Expected::AtLeast(least) => format!("at least {least}"),
        Expected::Contains(text) => format!("text with `{}`", short(text)),
        Expected::Lacks(text) => format!("text without `{}`", short(text)),
    }
}

/// Whether a moment lies in a window.
pub fn is_open(window: &Window, now: Timestamp) -> bool {
    const DAY: i64 = 24 * 60;
    let minutes = i64::try_from(now.millis() / 60_000).unwrap_or(i64::MAX);
    let local = minutes.saturating_add(i64::from(window.offset_minutes));
    // 1970-01-01 was a Thursday.
    let day = usize::try_from((local.div_euclid(DAY) + 3).rem_euclid(7)).unwrap_or(0);
    let minute = local.rem_euclid(DAY);
    let today = Day::ALL.get(day).is_some_and(|day| window.days.contains(day));
    today && minute >= i64::from(window.from_minute) && minute < i64::from(window.to_minute)
}

/// What a step of a procedure is about, for these arguments.
///
/// # Errors
/// The argument that is missing or cannot name a resource.
pub fn step_resource(step: &Step, arguments: &Value) -> Result<Resource, String> {
    let template = Template::parse(&step.resource).map_err(str::to_owned)?;
    template.fill(arguments, |_| None)
}

/// Cuts what is said of a check to its bound.
pub fn found(text: &str) -> String {
    text.chars().take(limits::CHECK_FOUND_CHARS_MAX).collect()
}
