//! Identifiers: UUIDv7 values with a prefix when shown, such as `call_0190c5e2…`.
//!
//! An id is made outside (`World::fresh`) and only carried here. The prefix keeps a run id from being
//! taken for a call id when a person pastes one into the wrong place. Ids sort by the time they were made.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// Why a text is not an id: whose prefix was expected and what was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not an id of this kind; expected `{prefix}_` and 32 hexadecimal digits")]
pub struct IdError {
    prefix: &'static str,
    given: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What stands before the underscore when the id is shown.
            pub const PREFIX: &'static str = $prefix;

            /// Wraps a fresh UUIDv7.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, for storage.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(concat!($prefix, "_"))?;
                out.write_str(self.0.simple().encode_lower(&mut Uuid::encode_buffer()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, out)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let wrong = || IdError { prefix: $prefix, given: text.chars().take(80).collect() };
                let rest = text.strip_prefix(concat!($prefix, "_")).ok_or_else(wrong)?;
                if rest.len() != 32 || rest.bytes().any(|byte| byte.is_ascii_uppercase()) {
                    return Err(wrong());
                }
                Uuid::try_parse(rest).map(Self).map_err(|_| wrong())
            }
        }
    )*};
}

ids! {
    /// One proposed tool call, from its arrival to its answer.
    CallId = "call";
    /// One piece of a workflow's work.
    RunId = "run";
    /// One request for a person's decision.
    ApprovalId = "apr";
    /// One entry of the journal.
    EntryId = "ent";
    /// Rights given to an agent.
    GrantId = "grant";
    /// A key that names a grant or an operator. The secret part is never kept.
    KeyId = "key";
    /// One permission to reach a tool once.
    PermitId = "permit";
    /// One stop order.
    StopId = "stop";
    /// One process life that writes to the journal.
    WriterId = "writer";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_being_shown_and_read() {
        let id = CallId::new(Uuid::from_u128(0x0190_c5e2_0000_7000_8000_0000_0000_0001));
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_is_refused_with_the_expected_prefix() {
        let error = "run_0190c5e2000070008000000000000001".parse::<CallId>().unwrap_err();
        assert!(error.to_string().contains("expected `call_`"), "{error}");
    }

    #[test]
    fn an_id_has_one_spelling_only() {
        assert!("call_0190C5E2000070008000000000000001".parse::<CallId>().is_err());
        assert!("call_0190c5e2-0000-7000-8000-000000000001".parse::<CallId>().is_err());
    }
}
