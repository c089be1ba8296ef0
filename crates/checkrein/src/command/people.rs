//! `checkrein people`: accounts of people who log in to the console.
//!
//! In: a name, roles, groups. Out: the account, or a one-time link with which somebody logs in. A link is shown once and
//! kept nowhere; the person adds a passkey with it. Keys for programs are made by `checkrein keys`.

use clap::{Args, Subcommand};
use server::wire;

use super::keys::Role;
use crate::client::path;
use crate::context::{As, Context};
use crate::failure::{OK, Result};
use crate::output::{Table, moment};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List everybody with an account
    Ls {
        /// Whose people; else those of your own tenant
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Give somebody an account; then invite them
    Add(Add),
    /// Change somebody's roles or groups
    Set(Set),
    /// Take an account out of use: its sessions end at once, and keys of that name hold no more
    Disable {
        /// Whose
        name: String,
        /// Why
        #[arg(long)]
        reason: Option<String>,
        /// The person's tenant; else your own
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Put an account into use again
    Enable {
        /// Whose
        name: String,
        /// Why
        #[arg(long)]
        reason: Option<String>,
        /// The person's tenant; else your own
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Let somebody in Slack decide as a person here
    Link(Linked),
    /// Take such a link away
    Unlink(Linked),
    /// Make a link with which somebody logs in once, within a day
    Invite {
        /// Who
        name: String,
        /// The person's tenant; else your own
        #[arg(long)]
        tenant: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// The name: letters, digits, `-` and `_`
    name: String,
    /// What the person may do; give it again for more
    #[arg(long, value_enum, required = true)]
    role: Vec<Role>,
    /// A group of approvers that the person stands in, or `*` for every group; give it again for more
    #[arg(long, value_name = "GROUP")]
    group: Vec<String>,
    /// The person's tenant; else your own
    #[arg(long)]
    tenant: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Set {
    /// Whose
    name: String,
    /// What the person may do from now on; give it again for more
    #[arg(long, value_enum)]
    role: Vec<Role>,
    /// A group of approvers that the person stands in from now on, or `*` for every group; give it again for more
    #[arg(long, value_name = "GROUP", conflicts_with = "no_groups")]
    group: Vec<String>,
    /// The person stands in no group of approvers from now on
    #[arg(long)]
    no_groups: bool,
    /// Why
    #[arg(long)]
    reason: Option<String>,
    /// The person's tenant; else your own
    #[arg(long)]
    tenant: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Linked {
    /// The person here
    name: String,
    /// The person there: the team or organisation and the member, such as `T0123456/U0123456`
    #[arg(long, value_name = "TEAM/MEMBER")]
    slack: String,
    /// The person's tenant; else your own
    #[arg(long)]
    tenant: Option<String>,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    match verb {
        Verb::Ls { tenant } => list(context, tenant).await,
        Verb::Add(add) => make(context, add).await,
        Verb::Set(set) => {
            let groups = !set.group.is_empty() || set.no_groups;
            let change = wire::ChangePerson {
                roles: (!set.role.is_empty()).then(|| words(set.role)),
                groups: groups.then_some(set.group),
                reason: Some(context.reason(set.reason)?),
                tenant: set.tenant,
                ..wire::ChangePerson::default()
            };
            changed(context, &set.name, &change).await
        }
        Verb::Disable { name, reason, tenant } => {
            switch(context, (&name, true), (reason, tenant)).await
        }
        Verb::Enable { name, reason, tenant } => {
            switch(context, (&name, false), (reason, tenant)).await
        }
        Verb::Link(linked) => link(context, linked, ("/link", "is linked with")).await,
        Verb::Unlink(linked) => {
            link(context, linked, ("/unlink", "is no longer linked with")).await
        }
        Verb::Invite { name, tenant } => {
            let link = invited(context, &name, tenant).await?;
            let about = format!(
                "`{}` logs in once with this link, before {}",
                link.person,
                moment(link.expires_ms)
            );
            context.out.talk(&about);
            context.out.show(&link, |link| link.url.clone())?;
            Ok(OK)
        }
    }
}

/// A one-time link for somebody.
pub(super) async fn invited(
    context: &Context,
    name: &str,
    tenant: Option<String>,
) -> Result<wire::Invitation> {
    let client = context.client(As::Operator)?;
    client.post(&path("/v1/people", name, "/invite")?, &wire::Invite { tenant }).await
}

async fn link(context: &Context, linked: Linked, (end, says): (&str, &str)) -> Result {
    let Linked { name, slack, tenant } = linked;
    let client = context.client(As::Operator)?;
    let body = wire::LinkPerson { slack: slack.clone(), tenant };
    let person: wire::Person = client.post(&path("/v1/people", &name, end)?, &body).await?;
    context.out.show(&person, |person| format!("{} {says} {slack} in Slack", person.name))?;
    Ok(OK)
}

fn words(roles: Vec<Role>) -> Vec<String> {
    roles.into_iter().map(Role::word).collect()
}

async fn list(context: &Context, tenant: Option<String>) -> Result {
    let page: wire::Page<wire::Person> =
        context.client(As::Operator)?.get("/v1/people", &[("tenant", tenant)]).await?;
    context.out.page(&page, "nobody has an account", |people| {
        let mut table =
            Table::new(&["NAME", "STATE", "ROLES", "GROUPS", "PASSKEYS", "CODES", "TENANT"]);
        for person in people {
            let (roles, groups) = (person.roles.join("+"), person.groups.join(" "));
            let (passkeys, codes) =
                (person.passkeys.to_string(), person.recovery_codes.to_string());
            table.row([
                &person.name,
                &person.state,
                &roles,
                &groups,
                &passkeys,
                &codes,
                &person.tenant,
            ]);
        }
        table
    })?;
    Ok(OK)
}

async fn make(context: &Context, add: Add) -> Result {
    let body = wire::NewPerson {
        name: add.name,
        roles: words(add.role),
        groups: add.group,
        tenant: add.tenant,
    };
    let person: wire::Person = context.client(As::Operator)?.post("/v1/people", &body).await?;
    let next = format!("next: `checkrein people invite {}`", person.name);
    context.out.show(&person, |person| {
        format!("{} has an account: {}", person.name, person.roles.join("+"))
    })?;
    context.out.talk(&next);
    Ok(OK)
}

async fn switch(
    context: &Context,
    (name, disabled): (&str, bool),
    (reason, tenant): (Option<String>, Option<String>),
) -> Result {
    let change = wire::ChangePerson {
        disabled: Some(disabled),
        reason: Some(context.reason(reason)?),
        tenant,
        ..wire::ChangePerson::default()
    };
    changed(context, name, &change).await
}

async fn changed(context: &Context, name: &str, change: &wire::ChangePerson) -> Result {
    let client = context.client(As::Operator)?;
    let person: wire::Person = client.post(&path("/v1/people", name, "")?, change).await?;
    context.out.show(&person, |person| {
        let (roles, groups) = (person.roles.join("+"), person.groups.join(" "));
        format!("{} is {}: {roles}; groups: {groups}", person.name, person.state)
    })?;
    Ok(OK)
}
