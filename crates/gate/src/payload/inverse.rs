//! Twin of an inverse call as it was written down: what an undo starts from.
//!
//! In and out: `domain::Inverse`. `V` is the arguments: a value when read, canonical bytes when written. One form so far.

use std::borrow::Cow;
use std::collections::BTreeMap;

use contract::Canonical;
use domain::{Digest, PartialUndo, ToolName};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::text::{Text, Word, borrowed};

/// An inverse call; keys in canonical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Inverse<'a, V> {
    arguments: V,
    contract: Text<Digest>,
    form: Form,
    missing: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    partial: Word<PartialUndo>,
    tool: Text<ToolName>,
}

/// Which form the bytes have; another one is another word.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Form {
    #[serde(rename = "checkrein-inverse-1")]
    One,
}

/// The canonical bytes.
pub(super) fn write(inverse: &domain::Inverse) -> Vec<u8> {
    let arguments = inverse.arguments();
    let missing = inverse.missing.iter();
    super::text::write(&Inverse {
        arguments: Canonical(&arguments),
        contract: Text(inverse.contract),
        form: Form::One,
        missing: missing.map(|(name, pointer)| (borrowed(name), borrowed(pointer))).collect(),
        partial: Word(inverse.partial),
        tool: Text(inverse.tool.clone()),
    })
}

impl TryFrom<Inverse<'_, Value>> for domain::Inverse {
    type Error = serde_json::Error;

    fn try_from(twin: Inverse<'_, Value>) -> Result<Self, Self::Error> {
        let owned = |(name, pointer): (Cow<'_, str>, Cow<'_, str>)| {
            (name.into_owned(), pointer.into_owned())
        };
        Ok(Self {
            tool: twin.tool.0,
            contract: twin.contract.0,
            arguments: serde_json::from_value(twin.arguments)?,
            missing: twin.missing.into_iter().map(owned).collect(),
            partial: twin.partial.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::payload::{PayloadError, inverse, read_inverse};

    #[test]
    fn an_inverse_call_is_read_back_and_has_one_spelling() {
        let means = domain::InverseMeans {
            tool: "tickets.delete".parse().unwrap(),
            arguments: [
                ("project".to_owned(), domain::Source::Input("/project".to_owned())),
                ("id".to_owned(), domain::Source::Output("/id".to_owned())),
            ]
            .into(),
            window: std::time::Duration::from_secs(1),
            partial: domain::PartialUndo::Safe,
        };
        let armed = means.written_down(domain::Digest::new([7; 32]), &json!({"project": "p"}));
        for one in [armed.clone(), armed.completed(&json!({"id": 7}))] {
            let bytes = inverse(&one);
            assert_eq!(read_inverse(&bytes).unwrap(), one);
            let spaced = String::from_utf8(bytes).unwrap().replace(':', ": ");
            let error = read_inverse(spaced.as_bytes()).unwrap_err();
            assert!(matches!(error, PayloadError::NotCanonical(_)), "{error}");
        }
    }
}
