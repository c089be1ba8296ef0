//! A field that earlier forms of a payload do not have and later ones always have, `null` included.
//!
//! In and out: `None` for a field that is not there, `Some(None)` for `null`. For `#[serde(with = "later")]` with
//! `default` and `skip_serializing_if`. Which form has it is checked by spelling what was read again.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(super) fn serialize<T: Serialize, S: Serializer>(
    field: &Option<Option<T>>,
    out: S,
) -> Result<S::Ok, S::Error> {
    field.as_ref().and_then(Option::as_ref).serialize(out)
}

pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(from).map(Some)
}
