//! Whether there is anybody at all who could approve what is held: an installation of one person, in which this person is a
//! party to everything, holds calls that nobody can decide.
//!
//! In: a tenant. Out: a warning with what to do, or nothing. Shown by *Now* and by `checkrein doctor`; no decision depends on
//! it, since `gate::people::eligible` judges each person and each call. Tests: `tests/it/people.rs`.

use std::collections::BTreeSet;

use domain::{Name, PersonState, Right, Roles};
use gate::{FourEyes, Record, Table};
use journal::Browse;

use crate::app::App;
use crate::rescue::Result;

const FIX: &str = "give somebody else the role `approver` (`checkrein people make NAME --role approver`), or set \
                   `requester_may_decide = true` under `[approvals]`";

/// Why nobody could approve anything in a tenant; none where somebody could.
pub(crate) async fn nobody(app: &App, tenant: &Name) -> Result<Option<String>> {
    if app.config.approvals.four_eyes == FourEyes::Waived {
        return Ok(None);
    }
    let deciders = deciders(app, tenant).await?;
    let mut names = deciders.iter();
    match (names.next(), names.next()) {
        (None, _) => Ok(Some(format!("nobody may decide what is held: {FIX}"))),
        (Some(_), Some(_)) => Ok(None),
        (Some(only), None) => {
            let told = format!(
                "`{only}` alone may decide what is held, and may not approve what agents ask for on their own behalf: {FIX}"
            );
            Ok(is_party(app, (tenant, only)).await?.then_some(told))
        }
    }
}

/// Everybody who may decide, with a key or an account.
async fn deciders(app: &App, tenant: &Name) -> Result<BTreeSet<String>> {
    let keys = active(app, Table::Keys, tenant).await?;
    let by_key = keys.iter().filter(|key| key.text("holder") == "operator").filter(|key| {
        let roles = key.text("roles").parse::<Roles>();
        roles.is_ok_and(|roles| roles.allow(Right::Decide))
    });
    let mut names: BTreeSet<String> = by_key.map(|key| key.text("name").to_owned()).collect();
    let people = app.gate.people(tenant);
    for person in people.iter().filter(|person| person.state == PersonState::Disabled) {
        // A disabled person has no other way in.
        names.remove(person.name.as_str());
    }
    let may = people
        .iter()
        .filter(|person| person.state == PersonState::Active && person.roles.allow(Right::Decide));
    names.extend(may.map(|person| person.name.to_string()));
    Ok(names)
}

/// Whether somebody gave an agent its rights, or is the one whom it acts for.
async fn is_party(app: &App, (tenant, name): (&Name, &str)) -> Result<bool> {
    let grants = active(app, Table::Grants, tenant).await?;
    let own = |grant: &Record| [grant.text("human"), grant.text("given_by")].contains(&name);
    Ok(grants.iter().any(own))
}

/// What is in force of a tenant; of very much of it, the first page is enough to tell.
async fn active(app: &App, table: Table, tenant: &Name) -> Result<Vec<Record>> {
    let browse = Browse::all(table).with("tenant", tenant.as_str()).with("state", "active");
    Ok(app.journal().browse(browse).await?.records)
}
