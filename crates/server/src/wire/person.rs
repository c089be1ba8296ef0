//! People: accounts, sessions, passkeys, recovery codes. Secrets travel once, in the answer that made them.
//! A session's own secret travels in a cookie only.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// The name, one in the tenant.
    pub name: String,
    /// The tenant.
    pub tenant: String,
    /// `viewer`, `operator`, `approver`, `policy_author`, `auditor`, `admin`.
    pub roles: Vec<String>,
    /// The groups of approvers that the person stands in; `*` alone for every group.
    pub groups: Vec<String>,
    /// `active` or `disabled`.
    pub state: String,
    /// How many passkeys the person has.
    pub passkeys: usize,
    /// How many recovery codes are left.
    pub recovery_codes: usize,
}

/// Makes an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// The name.
    pub name: String,
    /// What the person may do; at least one role.
    pub roles: Vec<String>,
    /// The groups of approvers that the person stands in; `*` alone for every group.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The tenant; the asking person's own if not given.
    #[serde(default)]
    pub tenant: Option<String>,
}

/// Changes an account. What is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePerson {
    /// What the person may do from now on.
    #[serde(default)]
    pub roles: Option<Vec<String>>,
    /// The groups of approvers that the person stands in from now on.
    #[serde(default)]
    pub groups: Option<Vec<String>>,
    /// Whether the account is disabled: nobody logs in with it, its sessions end, and keys of that name hold no more.
    #[serde(default)]
    pub disabled: Option<bool>,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
    /// The tenant; the asking person's own if not given.
    #[serde(default)]
    pub tenant: Option<String>,
}

/// Asks for a one-time link.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// The person's tenant; the asking person's own if not given.
    #[serde(default)]
    pub tenant: Option<String>,
}

/// A one-time link. It is not kept and cannot be shown again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// Who logs in with it.
    pub person: String,
    /// The address to open. What is secret stands after `#`, which no browser sends to any server.
    pub url: String,
    /// When it ends, in milliseconds since 1970.
    pub expires_ms: u64,
}

/// A login, as its person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Who is logged in.
    pub person: String,
    /// The tenant.
    pub tenant: String,
    /// What the person is.
    pub roles: Vec<String>,
    /// What the person may do: `see`, `operate`, `decide`, `write_policy`, `audit`, `administer`.
    pub rights: Vec<String>,
    /// The groups of approvers that the person stands in; `*` alone for every group.
    pub groups: Vec<String>,
    /// How sure it is that it is this person now: `session`, or `passkey` for some minutes after one was used.
    pub assurance: String,
    /// How the person logged in: `passkey`, `issuer`, `link` or `recovery_code`.
    pub login: String,
    /// What every request of this session that is no `GET` must carry in `x-checkrein-csrf`.
    pub csrf: String,
    /// When it ends at the latest, in milliseconds since 1970.
    pub expires_ms: u64,
    /// The person's passkeys.
    pub passkeys: Vec<Passkey>,
    /// How many recovery codes are left.
    pub recovery_codes: usize,
}

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Passkey {
    /// Its id.
    pub id: String,
    /// What its person calls it.
    pub title: String,
}

/// A session that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoggedOut {
    /// Who is no longer logged in.
    pub person: String,
}

/// Logs in with a one-time link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UseLink {
    /// What stands after `#ticket=` in the link.
    pub ticket: String,
}

/// Logs in with a recovery code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UseRecoveryCode {
    /// Who.
    pub name: String,
    /// The code; spaces, dashes and the size of letters do not count.
    pub code: String,
    /// The tenant; `local` if not given.
    #[serde(default)]
    pub tenant: Option<String>,
}

/// Begins to log in with a passkey.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginPasskey {}

/// Begins to add a passkey to one's own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginNewPasskey {
    /// What to call it; 1 to 64 characters.
    pub name: String,
}

/// What the browser is to be asked. Its form is that of the specification, and so are its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyOptions {
    /// For `PublicKeyCredential.parseRequestOptionsFromJSON` or `parseCreationOptionsFromJSON` (Web Authentication, Level 3).
    #[schema(value_type = Object)]
    pub public_key: Value,
}

/// Logs in with a passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsePasskey {
    /// What `navigator.credentials.get` gave, as its `toJSON()` says it.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// Adds a passkey to one's own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddPasskey {
    /// What `navigator.credentials.create` gave, as its `toJSON()` says it.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// New recovery codes. They are not kept and cannot be shown again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecoveryCodes {
    /// Each logs in once. All earlier ones hold no more.
    pub codes: Vec<String>,
}

/// An issuer where people may log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoginIssuer {
    /// Its name in paths.
    pub name: String,
    /// What people read on the button.
    pub title: String,
}

/// Links one's own account with somebody at an issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkIdentity {
    /// The issuer's name.
    pub issuer: String,
}

/// Where the browser goes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GoTo {
    /// The address.
    pub url: String,
}
