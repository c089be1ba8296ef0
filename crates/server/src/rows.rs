//! From records of projections to what travels. The verifier of a key never does.
//! In: records as `gate::Table` lays them out. Out: wire types. Nothing is read or decided here.

use domain::{Amounts, BudgetScope, Dimension, Money};
use gate::{Cell, Column, Record};

use crate::wire;

fn optional(record: &Record, column: Column) -> Option<String> {
    match record.cell(column) {
        Cell::Text(text) if !text.is_empty() => Some(text.clone()),
        Cell::Text(_) | Cell::Integer(_) | Cell::Null => None,
    }
}

fn text(record: &Record, column: Column) -> String {
    record.text(column).to_owned()
}

fn moment(record: &Record, column: Column) -> Option<u64> {
    record.integer(column).and_then(|at| u64::try_from(at).ok())
}

fn words(record: &Record, column: Column) -> Vec<String> {
    record.text(column).split_whitespace().map(str::to_owned).collect()
}

fn roles(record: &Record) -> Vec<String> {
    let known = record.text("roles").split('+').filter(|word| !word.is_empty() && *word != "none");
    known.map(str::to_owned).collect()
}

pub(crate) fn call(record: &Record) -> wire::Call {
    wire::Call {
        call: record.key.clone(),
        run: optional(record, "run"),
        agent: text(record, "agent"),
        tool: text(record, "tool"),
        resource: text(record, "resource"),
        effect_class: text(record, "effect_class"),
        state: text(record, "state"),
        status: optional(record, "status"),
        executed: optional(record, "executed"),
        code: optional(record, "code"),
        verdict: optional(record, "verdict"),
        tier: optional(record, "tier"),
        policy: optional(record, "policy"),
        arguments_digest: optional(record, "arguments"),
        detached: record.integer("detached") == Some(1),
        received_ms: record.count("received_ms"),
        updated_ms: record.count("updated_ms"),
        wall_ms: record.count("wall_ms"),
        money: Money::from_micros(record.count("money_micros")).to_string(),
        undo: optional(record, "undo"),
        undo_until_ms: moment(record, "undo_until_ms"),
        undoes: optional(record, "undoes"),
        attempts: record.count("attempts"),
        follows: optional(record, "follows"),
        followed_by: optional(record, "followed_by"),
        leaves_ms: moment(record, "leaves_ms"),
    }
}

pub(crate) fn run(record: &Record) -> wire::Run {
    wire::Run {
        run: record.key.clone(),
        tenant: text(record, "tenant"),
        workflow: text(record, "workflow"),
        space: text(record, "space"),
        grant: text(record, "grant_id"),
        agent: text(record, "agent"),
        human: text(record, "human"),
        purpose: text(record, "purpose"),
        ambient: record.integer("ambient") == Some(1),
        state: text(record, "state"),
        opened_ms: record.count("opened_ms"),
        last_ms: record.count("last_ms"),
        outcome: optional(record, "outcome"),
        reason: optional(record, "reason"),
        metric: optional(record, "metric"),
    }
}

pub(crate) fn approval(record: &Record) -> wire::Approval {
    wire::Approval {
        approval: record.key.clone(),
        call: text(record, "call"),
        run: optional(record, "run"),
        requirement: text(record, "requirement"),
        asked_of: text(record, "asked_of"),
        quorum: record.count("quorum").max(1),
        votes: record.count("votes"),
        assurance: text(record, "assurance"),
        escalate_to: optional(record, "escalate_to"),
        escalates_ms: moment(record, "escalates_ms"),
        escalated_ms: moment(record, "escalated_ms"),
        agent: optional(record, "agent"),
        tool: optional(record, "tool"),
        resource: optional(record, "resource"),
        effect_class: optional(record, "effect_class"),
        binding: text(record, "binding"),
        state: text(record, "state"),
        asked_ms: record.count("asked_ms"),
        decide_by_ms: record.count("decide_by_ms"),
        execute_by_ms: moment(record, "execute_by_ms"),
        decided_by: optional(record, "decided_by"),
        decided_ms: moment(record, "decided_ms"),
        reason: optional(record, "reason"),
    }
}

pub(crate) fn duty(record: &Record) -> wire::DutyRecord {
    wire::DutyRecord {
        duty: record.key.clone(),
        call: text(record, "call"),
        run: optional(record, "run"),
        kind: text(record, "kind"),
        policy: text(record, "policy"),
        asked_of: text(record, "asked_of"),
        state: text(record, "state"),
        at_ms: record.count("at_ms"),
        done_by: optional(record, "done_by"),
        note: optional(record, "note"),
        agent: optional(record, "agent"),
        verdict: optional(record, "verdict"),
        review_by_ms: moment(record, "review_by_ms"),
        overdue_ms: moment(record, "overdue_ms"),
    }
}

pub(crate) fn incident(record: &Record) -> wire::Incident {
    wire::Incident {
        duty: record.key.clone(),
        call: text(record, "call"),
        reason: text(record, "reason"),
        opened_by: text(record, "opened_by"),
        at_ms: record.count("at_ms"),
        state: text(record, "state"),
        closed_by: optional(record, "closed_by"),
        closed_reason: optional(record, "closed_reason"),
        closed_ms: moment(record, "closed_ms"),
    }
}

pub(crate) fn dead_letter(record: &Record) -> wire::DeadLetter {
    wire::DeadLetter {
        call: record.key.clone(),
        run: optional(record, "run"),
        agent: text(record, "agent"),
        tool: text(record, "tool"),
        resource: text(record, "resource"),
        why: text(record, "why"),
        attempts: record.count("attempts"),
        at_ms: record.count("at_ms"),
        state: text(record, "state"),
        settled_by: optional(record, "settled_by"),
        reason: optional(record, "reason"),
        settled_ms: moment(record, "settled_ms"),
        redriven_as: optional(record, "redriven_as"),
    }
}

pub(crate) fn stop(record: &Record) -> wire::Stop {
    wire::Stop {
        stop: record.key.clone(),
        scope: text(record, "scope"),
        level: text(record, "level"),
        reason: text(record, "reason"),
        by: text(record, "ordered_by"),
        at_ms: record.count("at_ms"),
        state: text(record, "state"),
        lifted_by: optional(record, "lifted_by"),
        lifted_reason: optional(record, "lifted_reason"),
    }
}

pub(crate) fn grant(record: &Record) -> wire::Grant {
    wire::Grant {
        grant: record.key.clone(),
        tenant: text(record, "tenant"),
        agent: wire::Agent { name: text(record, "agent"), version: text(record, "agent_version") },
        human: text(record, "human"),
        tools: words(record, "tools"),
        spaces: words(record, "spaces"),
        workflows: words(record, "workflows"),
        expires_ms: moment(record, "expires_ms"),
        state: text(record, "state"),
        given_by: text(record, "given_by"),
        given_ms: record.count("given_ms"),
    }
}

pub(crate) fn key(record: &Record) -> wire::Key {
    wire::Key {
        key: record.key.clone(),
        holder: text(record, "holder"),
        tenant: text(record, "tenant"),
        grant: optional(record, "grant_id"),
        name: optional(record, "name"),
        roles: roles(record),
        groups: words(record, "groups"),
        state: text(record, "state"),
        made_by: text(record, "made_by"),
        made_ms: record.count("made_ms"),
    }
}

/// A budget; none if its scope cannot be read.
pub(crate) fn budget(record: &Record, currency: &str) -> Option<wire::Budget> {
    let scope = scope(&record.key)?;
    let budget = gate::projection::budget_of(scope, record);
    Some(wire::Budget {
        scope: record.key.clone(),
        limit: limits(budget.limit),
        reserved: amounts(budget.reserved),
        spent: amounts(budget.spent),
        left: limits(budget.left()),
        on_exceeded: budget.on_exceeded.word().to_owned(),
        currency: currency.to_owned(),
    })
}

fn scope(key: &str) -> Option<BudgetScope> {
    match key.split_once("/day-") {
        Some((grant, day)) => Some(BudgetScope::GrantDay(grant.parse().ok()?, day.parse().ok()?)),
        None => key.parse().ok().map(BudgetScope::Run),
    }
}

pub(crate) fn limits(limit: Amounts<Option<u64>>) -> wire::Limits {
    wire::Limits {
        calls: limit.calls,
        money: limit.money_micros.map(|micros| Money::from_micros(micros).to_string()),
        irreversible: limit.irreversible,
        read_bytes: limit.read_bytes,
        wall_ms: limit.wall_ms,
    }
}

fn amounts(amounts: Amounts) -> wire::Amounts {
    wire::Amounts {
        calls: amounts.calls,
        money: Money::from_micros(amounts.of(Dimension::Money)).to_string(),
        irreversible: amounts.irreversible,
        read_bytes: amounts.read_bytes,
        wall_ms: amounts.wall_ms,
    }
}
