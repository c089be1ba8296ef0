//! What a contract's arguments are to a policy: a typed tree, exact and total.
//!
//! In goes a contract's input schema with its argument kinds, out comes an [`ArgumentType`] for every
//! value that a call may carry. The tree knows nothing of Cedar; the policy crate turns it into Cedar types
//! and values. Nothing is rounded or guessed: what cannot be typed exactly is [`ArgumentType::Opaque`] with
//! the reason, and is listed by pointer in [`ArgumentTypes::opaque`]. A type may admit more values than the
//! schema (bounds and patterns are left out) but never fewer. Tests are in `tests/it/types.rs`.

mod mapping;

use std::collections::BTreeMap;

pub use mapping::argument_types;

/// The type of one argument as a policy sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArgumentType {
    /// JSON null. Stands in unions only, or where the schema admits nothing else.
    Null,
    /// JSON true or false.
    Boolean,
    /// An integer of at most 2^53 - 1, exact as an `i64`. Never a JSON number with a fraction.
    Integer,
    /// A JSON number with at most four decimals, within +-922337203685477; exact when read from its
    /// shortest text.
    Decimal,
    /// Any text.
    Text,
    /// One of these texts, sorted and without repeats.
    Enumeration(Vec<String>),
    /// Any number of items of one type, in order.
    List(Box<ArgumentType>),
    /// An object. A key of a value that is not in `fields` is opaque at its own pointer; an object that can
    /// have such keys is listed in [`ArgumentTypes::opaque`] as `pointer/*`.
    Record {
        /// The known fields.
        fields: BTreeMap<String, (ArgumentType, Presence)>,
    },
    /// Text: a resolved path inside the workspace, or a list of such where inside [`Self::List`].
    Path,
    /// Text: a canonical host.
    Host,
    /// Text: a canonical absolute URL.
    Url,
    /// Text: a canonical mail address.
    Email,
    /// Text or integer: money; [`crate::kinds::money`] reads either exactly.
    Money,
    /// One of these. The branches differ in their JSON type (null, boolean, number, string, array, object), so
    /// the branch is known from the value. Never nested, never with an `Opaque` branch.
    Union(Vec<ArgumentType>),
    /// Cannot be typed exactly; the reason in words.
    Opaque(String),
}

/// Whether a field must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The schema refuses an object without it.
    Required,
    /// It may be absent.
    Optional,
}

/// The types of all arguments of one tool.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ArgumentTypes {
    /// Top-level arguments by name.
    pub fields: BTreeMap<String, (ArgumentType, Presence)>,
    /// JSON pointers of what is opaque, sorted; `*` stands for any item of a list or any unknown key.
    pub opaque: Vec<String>,
}
