//! The fields of safeguards to values: scopes of paths, windows, what a check expects, steps of procedures.
//!
//! Every conversion that fails adds a finding and gives `None`. Whether the values make sense together is asked in
//! `judge/safeguards.rs`.

use std::time::Duration;

use serde_json::Value;

use super::{twin, word, words};
use crate::load::findings::InTool;
use domain::{
    AmountMax, Check, Day, Expect, Expected, Invariants, Name, Otherwise, PlanShape, Postcondition,
    RowsMax, Safeguards, Scope, Step, ToolName, Verifier, Window, limits,
};

/// How long an answer to a precondition counts where nothing is said: not at all.
const FRESH_DEFAULT: Duration = Duration::ZERO;

/// What the fields ask for.
pub(in crate::load) fn safeguards(
    given: twin::Safeguards,
    at: &mut InTool<'_, '_>,
) -> Option<Safeguards> {
    let invariants = match given.invariants {
        Some(given) => invariants(given, at),
        None => Some(Invariants::default()),
    };
    let window = given.window.map(|given| window(&given, at));
    let preconditions = checks("precondition", given.precondition, at);
    let verifier = given.verifier.map(|given| verifier(given, at));
    let postconditions = checks("postcondition", given.postcondition, at);
    let step = given.step.map(|given| step(given, at));
    Some(Safeguards {
        invariants: invariants?,
        window: optional(window)?,
        preconditions: preconditions?.into_iter().map(|(check, _)| check).collect(),
        verifier: optional(verifier)?,
        postconditions: postconditions?
            .into_iter()
            .map(|(check, within)| Postcondition { check, within })
            .collect(),
        step: optional(step)?,
    })
}

/// Absent stays absent; what could not be read makes the whole unreadable.
fn optional<T>(given: Option<Option<T>>) -> Option<Option<T>> {
    match given {
        None => Some(None),
        Some(read) => read.map(Some),
    }
}

fn invariants(given: twin::Invariants, at: &mut InTool<'_, '_>) -> Option<Invariants> {
    let only = paths("only", &given.only, at);
    let never = paths("never", &given.never, at);
    let amount_max = given.amount_max.map(|rule| {
        let most = rule.most.parse();
        let most = most.map_err(|error: domain::MoneyError| {
            at.add(&["invariants", "amount_max"], error.to_string(), "write an amount as text");
        });
        Some(AmountMax { argument: rule.argument, most: most.ok()? })
    });
    let path = ["invariants", "shape"];
    let all = (PlanShape::ALL, PlanShape::word as fn(PlanShape) -> &'static str);
    let shape = given.shape.map(|shape| word(at, &path, &shape, all));
    Some(Invariants {
        files_max: given.files_max,
        bytes_max: given.bytes_max,
        hosts_max: given.hosts_max,
        rows_max: given.rows_max.map(|rule| RowsMax { argument: rule.argument, most: rule.most }),
        only: only?,
        never: never?,
        no_delete: given.no_delete,
        amount_max: optional(amount_max)?,
        shape: optional(shape)?,
    })
}

/// Paths of the workspace, as globs.
fn paths(field: &str, given: &[String], at: &mut InTool<'_, '_>) -> Option<Vec<Scope>> {
    let each = |(index, text): (usize, &String)| {
        let bare = text.strip_prefix("workspace:").unwrap_or(text);
        let place = index.to_string();
        let scope = format!("workspace:{bare}").parse();
        let fix = "write a path of the workspace with `*` and `**`, such as `src/**`";
        scope
            .map_err(|error: domain::ScopeError| {
                at.add(&["invariants", field, &place], error.to_string(), fix);
            })
            .ok()
    };
    given.iter().enumerate().map(each).collect()
}

fn window(given: &twin::Window, at: &mut InTool<'_, '_>) -> Option<Window> {
    let days = words(at, "window", &given.days, (Day::ALL, Day::word as fn(Day) -> &'static str));
    let mut minute = |field: &str, text: &str| {
        let minute = clock(text);
        if minute.is_none() {
            let what = format!("`{}` is no time of day", crate::visible::short(text));
            at.add(&["window", field], what, "write hours and minutes, such as `09:00`");
        }
        minute
    };
    let from = minute("from", &given.from);
    let to = minute("to", &given.to);
    let offset = offset(&given.zone);
    if offset.is_none() {
        let what = format!("the zone `{}` is not known", crate::visible::short(&given.zone));
        let fix = "write `UTC` or a fixed distance to it, such as `+02:00`";
        at.add(&["window", "zone"], what, fix);
    }
    Some(Window { days: days?, from_minute: from?, to_minute: to?, offset_minutes: offset? })
}

/// The minute of a day; `24:00` is its end.
fn clock(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let whole = hours * 60 + minutes;
    (minutes < 60 && whole <= 24 * 60).then_some(whole)
}

/// Minutes ahead of UTC. Names of places are not known: their rules change, and a window must not change with them.
fn offset(zone: &str) -> Option<i32> {
    if zone == "UTC" {
        return Some(0);
    }
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let minutes = i32::try_from(clock(rest)?).ok()?;
    (minutes <= 14 * 60).then_some(sign * minutes)
}

fn checks(
    field: &'static str,
    given: Vec<twin::Check>,
    at: &mut InTool<'_, '_>,
) -> Option<Vec<(Check, Duration)>> {
    let each = |(index, check): (usize, twin::Check)| self::check((field, index), check, at);
    given.into_iter().enumerate().map(each).collect()
}

fn check(
    (field, index): (&'static str, usize),
    given: twin::Check,
    at: &mut InTool<'_, '_>,
) -> Option<(Check, Duration)> {
    let place = index.to_string();
    let tool = tool_name((&[field, &place, "tool"], &given.tool), at);
    let other = match field {
        "precondition" => given.within_ms.map(|_| "within_ms"),
        _ => given.fresh_ms.map(|_| "fresh_ms"),
    };
    if let Some(other) = other {
        let what = format!("a {field} has no `{other}`");
        at.add(&[field, &place, other], what, "remove the field");
        return None;
    }
    let expect = given.expect.into_iter().enumerate().map(|(number, one)| {
        let read = expect(one);
        if read.is_none() {
            let path = [field, &place, "expect", &number.to_string()];
            let what = "one of the expected things says nothing, or several things at once";
            let fix =
                "write one of `equals`, `exists`, `at_most`, `at_least`, `contains` and `lacks` with a `pointer`";
            at.add(&path, what, fix);
        }
        read
    });
    let expect = expect.collect::<Option<Vec<Expect>>>();
    let millis = |given: Option<u64>, default| given.map_or(default, Duration::from_millis);
    let check = Check {
        name: given.name,
        tool: tool?,
        arguments: given.arguments.unwrap_or_else(|| Value::Object(serde_json::Map::new())),
        expect: expect?,
        fresh: millis(given.fresh_ms, FRESH_DEFAULT),
    };
    Some((check, millis(given.within_ms, Duration::ZERO)))
}

fn expect(given: twin::Expect) -> Option<Expect> {
    let exists = |there| if there { Expected::Present } else { Expected::Absent };
    let said = [
        given.equals.map(Expected::Equals),
        given.exists.map(exists),
        given.at_most.map(Expected::AtMost),
        given.at_least.map(Expected::AtLeast),
        given.contains.map(Expected::Contains),
        given.lacks.map(Expected::Lacks),
    ];
    let mut said = said.into_iter().flatten();
    match (said.next(), said.next()) {
        (Some(value), None) => Some(Expect { pointer: given.pointer, value }),
        (None, _) | (Some(_), Some(_)) => None,
    }
}

fn verifier(given: twin::Verifier, at: &mut InTool<'_, '_>) -> Option<Verifier> {
    let tool = tool_name((&["verifier", "tool"], &given.tool), at);
    let path = ["verifier", "otherwise"];
    let said = given.otherwise.as_deref().unwrap_or(Otherwise::Hold.word());
    let all = (Otherwise::ALL, Otherwise::word as fn(Otherwise) -> &'static str);
    let otherwise = word(at, &path, said, all);
    Some(Verifier { tool: tool?, arguments: given.arguments, otherwise: otherwise? })
}

fn tool_name((path, given): (&[&str], &str), at: &mut InTool<'_, '_>) -> Option<ToolName> {
    let name = given.parse();
    name.map_err(|error: domain::NameError| {
        at.add(path, error.to_string(), "write the name of a tool");
    })
    .ok()
}

fn step(given: twin::Step, at: &mut InTool<'_, '_>) -> Option<Step> {
    let mut name = |field: &str, text: &str| {
        let name = text.parse();
        name.map_err(|error: domain::NameError| {
            at.add(&["step", field], error.to_string(), "write a lower-case name");
        })
        .ok()
    };
    let procedure = name("procedure", &given.procedure);
    let makes = name("makes", &given.makes);
    let after: Option<Vec<Name>> = given.after.iter().map(|each| name("after", each)).collect();
    let mut maybe = |field, text: Option<String>| optional(text.map(|text| name(field, &text)));
    let (approved, verified, failed) = (
        maybe("approved", given.approved),
        maybe("verified", given.verified),
        maybe("failed", given.failed),
    );
    Some(Step {
        procedure: procedure?,
        resource: given.resource,
        after: after?,
        approved: approved?,
        makes: makes?,
        verified: verified?,
        failed: failed?,
        lasts: given.lasts_ms.map_or(limits::STEP_LASTS_DEFAULT, Duration::from_millis),
    })
}
