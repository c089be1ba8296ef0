//! `checkrein keys`: listing, making and revoking keys.
//!
//! In: a grant, or a person with a role. Out: the key's text, once: on standard output, or in a new file with mode 0600
//! that is made before the key is. The server keeps a digest only, so no verb can show a key again.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::Value;
use server::wire;

use crate::cli::Part;
use crate::client::path;
use crate::context::{As, Context};
use crate::failure::{Failure, OK, Result};
use crate::output::{Table, moment};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List keys, without their texts
    Ls(Which),
    /// Make a key; its text is shown once
    New(New),
    /// Revoke a key for good
    Revoke {
        /// The key's id
        key: String,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
}

/// Which keys.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Only of this grant
    #[arg(long)]
    grant: Option<String>,
    /// Only of agents, or only of people
    #[arg(long, value_parser = ["agent", "operator"])]
    holder: Option<String>,
    /// Only in this state
    #[arg(long, value_parser = ["active", "revoked"])]
    state: Option<String>,
    #[command(flatten)]
    part: Part,
}

#[derive(Debug, Args)]
pub(crate) struct New {
    /// Another key for this grant
    #[arg(long, required_unless_present = "operator", conflicts_with = "operator")]
    grant: Option<String>,
    /// A key for this person
    #[arg(long, value_name = "NAME")]
    operator: Option<String>,
    /// What the person may do; give it again for more
    #[arg(long, value_enum, default_values_t = [Role::Auditor], requires = "operator")]
    role: Vec<Role>,
    /// A group of approvers that the person stands in; give it again for more, or not at all for every group
    #[arg(long, value_name = "GROUP", requires = "operator")]
    group: Vec<String>,
    /// The person's tenant; else your own
    #[arg(long, requires = "operator")]
    tenant: Option<String>,
    /// Put the key into this new file, mode 0600, instead of showing it
    #[arg(long, value_name = "FILE")]
    key_to: Option<PathBuf>,
}

/// What a person may do.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Look
    Viewer,
    /// Stop, undo, settle doubt, raise budgets, restart servers, end runs
    Operator,
    /// Decide what is held, review what was done
    Approver,
    /// Say what tools do and what rules hold
    PolicyAuthor,
    /// Export, verify, replay
    Auditor,
    /// Everything; also make people, keys and agents, and switch modes
    Admin,
}

impl Role {
    /// As the server calls it.
    pub(crate) fn word(self) -> String {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Approver => "approver",
            Self::PolicyAuthor => "policy_author",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
        }
        .to_owned()
    }
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    match verb {
        Verb::Ls(which) => list(context, which).await,
        Verb::New(new) => make(context, new).await,
        Verb::Revoke { key, reason } => {
            let body = wire::Revoke { reason: context.reason(reason)? };
            let client = context.client(As::Operator)?;
            let key: wire::Key = client.post(&path("/v1/keys", &key, "/revoke")?, &body).await?;
            context.out.show(&key, |key| format!("{} is {}", key.key, key.state))?;
            Ok(OK)
        }
    }
}

async fn list(context: &Context, which: Which) -> Result {
    let client = context.client(As::Operator)?;
    let own = [("grant", which.grant), ("holder", which.holder), ("state", which.state)];
    let query: Vec<_> = own.into_iter().chain(which.part.query()).collect();
    let page: wire::Page<wire::Key> = client.get("/v1/keys", &query).await?;
    context.out.page(&page, "no keys", |keys| {
        let mut table =
            Table::new(&["KEY", "STATE", "HOLDER", "WHOSE", "ROLES", "TENANT", "MADE", "BY"]);
        for key in keys {
            let whose = key.name.as_ref().or(key.grant.as_ref()).map_or("", String::as_str);
            let roles = key.roles.join("+");
            let made = moment(key.made_ms);
            table.row([
                &key.key,
                &key.state,
                &key.holder,
                whose,
                &roles,
                &key.tenant,
                &made,
                &key.made_by,
            ]);
        }
        table
    })?;
    Ok(OK)
}

async fn make(context: &Context, new: New) -> Result {
    let body = match (new.grant, new.operator) {
        (Some(grant), _) => wire::NewKey::Agent { grant },
        (None, Some(name)) => {
            let roles = new.role.into_iter().map(Role::word).collect();
            let groups = (!new.group.is_empty()).then_some(new.group);
            wire::NewKey::Operator { name, roles, groups, tenant: new.tenant }
        }
        (None, None) => return Err(Failure::usage("give `--grant GRANT` or `--operator NAME`")),
    };
    let place = Secret::place(new.key_to)?;
    let made: wire::MadeKey = context.client(As::Operator)?.post("/v1/keys", &body).await?;
    let about = made.key.clone();
    shown(context, (&made, &about), (&made.secret, place))
}

/// Where the text of a new key goes.
#[derive(Debug)]
pub(super) enum Secret {
    /// To standard output, once.
    Shown,
    /// Into a file that nobody else can read.
    In(File, PathBuf),
}

impl Secret {
    /// Makes the file before the key is made: it must be new, so that nobody else holds it open.
    pub(super) fn place(path: Option<PathBuf>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::Shown) };
        let made = File::options().write(true).create_new(true).mode(0o600).open(&path);
        made.map(|file| Self::In(file, path.clone())).map_err(|error| Failure::file(&path, &error))
    }
}

/// Shows what was made, and its key once.
pub(super) fn shown<T: Serialize>(
    context: &Context,
    (made, about): (&T, &str),
    (secret, place): (&str, Secret),
) -> Result {
    match place {
        Secret::Shown => {
            context.out.talk(&format!("{about}; the key is shown this once and kept nowhere"));
            context.out.show(made, |_| secret.to_owned())?;
        }
        Secret::In(mut file, path) => {
            let written = writeln!(file, "{secret}").and_then(|()| file.sync_all());
            written.map_err(|error| Failure::file(&path, &error))?;
            context.out.talk(&format!("{about}; its key is in `{}`", path.display()));
            context.out.only_json(&without_secret(made))?;
        }
    }
    Ok(OK)
}

/// What was made, for programs, where its key went into a file.
fn without_secret<T: Serialize>(made: &T) -> Value {
    let mut value = serde_json::to_value(made).unwrap_or_default();
    if let Value::Object(members) = &mut value {
        members.remove("secret");
    }
    value
}
