//! Labels: what is known of where a value comes from and how sensitive it is.
//!
//! Labels only ever add caution. `untrusted` means that somebody outside could have written the value;
//! `sensitive` that it must not leave; `secret` that it must not be shown.

use std::collections::BTreeSet;

use crate::contract::words;

/// One label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// Somebody outside could have written it.
    Untrusted,
    /// Personal or confidential.
    Sensitive,
    /// A credential.
    Secret,
}

/// A set of labels.
pub type Labels = BTreeSet<Label>;

words! { Label { Untrusted = "untrusted", Sensitive = "sensitive", Secret = "secret" } }
