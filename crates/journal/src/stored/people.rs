//! Shapes on disk of people and of what they hold: operators, keys.
//!
//! Entries of the time when a key had one role keep their bytes: roles that had one word are written as that word under
//! `role`, all others under `roles`; what such entries did not know (`assurance`, `groups`) is left out where it has the
//! value it had then. Reading accepts only what writing gives, as `Record::read` compares.

use domain::{
    Assurance, GrantId, Groups, KeyHolder, KeyId, Login, Name, Operator, Passkey, PasskeyUse,
    Person, PersonState, Roles, SessionEnd, TicketKind,
};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::shape::twin;
use super::twin::{Own, Twin, shown, words};

words!(Assurance, Login, PersonState, SessionEnd, TicketKind);
shown!(Roles, Groups);

twin! {
    "Person" Person PersonTwin {
        groups: Groups, name: Name, roles: Roles, state: PersonState, tenant: Name,
    }
    "Passkey" Passkey PasskeyTwin {
        counter: u32, id: String, person: Name, public_key: String, tenant: Name, title: String,
    }
    "PasskeyUse" PasskeyUse PasskeyUseTwin { counter: u32, passkey: String }
}

/// Who, with which roles and groups, in both forms.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    assurance: Option<Own<Assurance>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    groups: Option<Own<Groups>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<Own<KeyId>>,
    name: Own<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    roles: Option<Own<Roles>>,
    tenant: Own<Name>,
}

impl PersonForm {
    fn new((tenant, name): (&Name, &Name), roles: Roles, groups: &Groups) -> Self {
        let role = roles.old_word().map(str::to_owned);
        Self {
            assurance: None,
            groups: (*groups != Groups::All).then(|| Own(groups.clone())),
            key: None,
            name: Own(name.clone()),
            roles: role.is_none().then_some(Own(roles)),
            role,
            tenant: Own(tenant.clone()),
        }
    }

    fn roles<E: serde::de::Error>(&self) -> Result<Roles, E> {
        match (&self.role, &self.roles) {
            (Some(word), None) => {
                Roles::of_old_word(word).ok_or_else(|| E::custom(format!("unknown word `{word}`")))
            }
            (None, Some(roles)) => Ok(roles.0),
            (Some(_), Some(_)) | (None, None) => {
                Err(E::custom("expected exactly one of `role` and `roles`"))
            }
        }
    }

    fn groups(&self) -> Groups {
        self.groups.as_ref().map_or(Groups::All, |groups| groups.0.clone())
    }
}

impl Twin for Operator {
    fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let form = PersonForm::new((&self.tenant, &self.name), self.roles, &self.groups);
        let assurance = (self.assurance != Assurance::Key).then_some(Own(self.assurance));
        PersonForm { assurance, key: Some(Own(self.key)), ..form }.serialize(out)
    }

    fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let form = PersonForm::deserialize(from)?;
        let (roles, groups) = (form.roles()?, form.groups());
        let key = form.key.ok_or_else(|| D::Error::missing_field("key"))?;
        let assurance = form.assurance.map_or(Assurance::Key, |assurance| assurance.0);
        let (tenant, name) = (form.tenant.0, form.name.0);
        Ok(Self { tenant, name, roles, groups, assurance, key: key.0 })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum HolderForm {
    Grant { grant: Own<GrantId>, tenant: Own<Name> },
    Operator(PersonForm),
}

impl Twin for KeyHolder {
    fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let form = match self {
            Self::Grant { tenant, grant } => {
                HolderForm::Grant { grant: Own(*grant), tenant: Own(tenant.clone()) }
            }
            Self::Operator { tenant, name, roles, groups } => {
                HolderForm::Operator(PersonForm::new((tenant, name), *roles, groups))
            }
        };
        form.serialize(out)
    }

    fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(match HolderForm::deserialize(from)? {
            HolderForm::Grant { grant, tenant } => Self::Grant { tenant: tenant.0, grant: grant.0 },
            HolderForm::Operator(form) => {
                let (roles, groups) = (form.roles()?, form.groups());
                Self::Operator { tenant: form.tenant.0, name: form.name.0, roles, groups }
            }
        })
    }
}
