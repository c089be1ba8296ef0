//! Payloads: the exact contents that the journal keeps as opaque bytes, and the answer's form on the wire.
//!
//! ```text
//! domain value <-> twin (serde, keys in canonical order) <-> canonical JSON (RFC 8785)
//! ```
//! In: domain values. Out: bytes or JSON values, and back. Domain types never derive `Serialize`; their twins
//! are here, one file each, with fields in the order of their keys, so that writing a twin directly gives the
//! canonical bytes. A form is named in the bytes; the newest is written, every one is read. Facts, proposals and plans have exactly one spelling: any other is refused when it is read.
//! Left out: encryption and digests of payloads (the journal), masking (before an answer is made). Tests:
//! `payload/tests.rs`.

mod answer;
mod decision;
mod facts;
mod inverse;
mod later;
mod plan;
mod proposal;

mod text;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod strategies;
#[cfg(test)]
mod tests;

use domain::Digest;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why stored or received contents cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// Not JSON, a key too many or too few, or a value that is not one of its kind.
    #[error("the {what} does not have the expected form")]
    Form {
        /// What was read.
        what: &'static str,
        /// What is wrong and where.
        #[source]
        source: serde_json::Error,
    },
    /// The same value would be written with other bytes.
    #[error("the {0} is not in canonical form")]
    NotCanonical(&'static str),
    /// A plan ends before its last content.
    #[error("the plan ends before the content `{0}`")]
    Truncated(Digest),
    /// A content of a plan is not what its digest says.
    #[error("the plan's content `{0}` does not have this digest")]
    Altered(Digest),
    /// A plan goes on behind its last content.
    #[error("the plan has {0} bytes behind its last content, expected none")]
    Trailing(usize),
}

/// The canonical bytes of a decision's facts: what replay starts from.
pub fn facts(facts: &domain::Facts) -> Vec<u8> {
    text::write(&facts::Facts::writing(facts, facts::Form::Three))
}

/// Reads the facts back. Numbers in the arguments come back as canonical JSON spells them: `1.0` as `1`.
///
/// # Errors
/// Anything but the very bytes that [`facts`] writes, in any of its forms.
pub fn read_facts(bytes: &[u8]) -> Result<domain::Facts, PayloadError> {
    let twin = parse::<facts::Facts<'_, Value>>("facts", bytes)?;
    let form = twin.form();
    let read = twin.into();
    one_spelling("facts", bytes, &text::write(&facts::Facts::writing(&read, form)))?;
    Ok(read)
}

/// The canonical bytes of a proposal as it arrived.
pub fn proposal(proposal: &domain::Proposal) -> Vec<u8> {
    text::write(&proposal::Proposal::writing(proposal, proposal::Form::Four))
}

/// Reads a proposal back.
///
/// # Errors
/// Anything but the very bytes that [`proposal`] writes, in any of its forms.
pub fn read_proposal(bytes: &[u8]) -> Result<domain::Proposal, PayloadError> {
    let twin = parse::<proposal::Proposal<'_, Value>>("proposal", bytes)?;
    let form = twin.form();
    let read = twin.into();
    one_spelling("proposal", bytes, &text::write(&proposal::Proposal::writing(&read, form)))?;
    Ok(read)
}

/// A plan with the contents it keeps: a line of canonical JSON, then the bytes of each different content.
pub fn plan(plan: &domain::Plan) -> Vec<u8> {
    plan::write(plan)
}

/// Reads a plan back and computes the digest of every content again.
///
/// # Errors
/// Anything but the very bytes that [`plan`] writes, in any of its forms, and a plan whose contents do not have the sizes and
/// digests that its states name.
pub fn read_plan(bytes: &[u8]) -> Result<domain::Plan, PayloadError> {
    plan::read(bytes)
}

/// The canonical bytes of an inverse call as it was written down.
pub fn inverse(inverse: &domain::Inverse) -> Vec<u8> {
    inverse::write(inverse)
}

/// Reads an inverse call back.
///
/// # Errors
/// Anything but the very bytes that [`inverse`] writes.
pub fn read_inverse(bytes: &[u8]) -> Result<domain::Inverse, PayloadError> {
    let what = "inverse call";
    let twin = parse::<inverse::Inverse<'_, Value>>(what, bytes)?;
    let read = domain::Inverse::try_from(twin);
    let read = read.map_err(|source| PayloadError::Form { what, source })?;
    one_spelling(what, bytes, &inverse::write(&read))?;
    Ok(read)
}

/// The answer envelope: the one form of an answer on every surface. Every key is always there.
pub fn answer(answer: &domain::Answer) -> Value {
    text::value(&answer::Answer::showing(answer))
}

/// Reads an envelope. What follows from its code alone (title, fault, retryable, docs) is checked for its
/// form and taken from the code; a nullable key that is missing counts as null, and an output of null as none.
///
/// # Errors
/// An unknown key, a missing one, or a value that is not one of its kind.
pub fn read_answer(value: &Value) -> Result<domain::Answer, PayloadError> {
    let twin = answer::Answer::<Value>::deserialize(value);
    twin.map(Into::into).map_err(|source| PayloadError::Form { what: "answer", source })
}

/// The canonical bytes of the envelope without its `journal` key: what the digest in its entry covers.
/// Equal to canonical JSON over [`answer`] with that key taken out.
pub fn answer_bytes(answer: &domain::Answer) -> Vec<u8> {
    text::write(&answer::Answer::covered(answer))
}

/// A decision as the envelope carries it.
pub fn decision(decision: &domain::Decision) -> Value {
    text::value(&decision::Decision::from(decision))
}

/// Reads a decision.
///
/// # Errors
/// An unknown key, a missing one, or a value that is not one of its kind.
pub fn read_decision(value: &Value) -> Result<domain::Decision, PayloadError> {
    let twin = decision::Decision::deserialize(value);
    twin.map(Into::into).map_err(|source| PayloadError::Form { what: "decision", source })
}

fn parse<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, PayloadError> {
    serde_json::from_slice(bytes).map_err(|source| PayloadError::Form { what, source })
}

fn one_spelling(what: &'static str, read: &[u8], written: &[u8]) -> Result<(), PayloadError> {
    if read == written { Ok(()) } else { Err(PayloadError::NotCanonical(what)) }
}
