//! What HTTP repeats of a message: `MCP-Protocol-Version`, `Mcp-Method`, `Mcp-Name` and `Mcp-Param-*` (specification
//! 2026-07-28, "Streamable HTTP").
//!
//! ```text
//! request + annotations --sent--> headers          headers + request + annotations --check--> nothing | -32020
//! ```
//! Whoever routes by a header and whoever acts by a body must see the same: a header that is missing, there twice, badly
//! written or different from the body is refused. Names are compared without case, values with it. Not here: the `Origin`,
//! and whether a version is served. Annotations are in `headers/mirrors.rs`, values in `headers/value.rs`, tests in
//! `headers/tests.rs`.

mod mirrors;
mod value;

#[cfg(test)]
mod tests;

use domain::limits;
use serde_json::Value;

pub use self::mirrors::{BadAnnotation, Mirrors};
pub use self::value::{BadValue, decode, encode};

use self::mirrors::Mirror;
use crate::message::{Params, Request};
use crate::meta;
use crate::revision::Revision;
use crate::rpc::{RpcCode, RpcError};

/// The revision that a message follows.
pub const PROTOCOL_VERSION: &str = "MCP-Protocol-Version";
/// The method of a request.
pub const METHOD: &str = "Mcp-Method";
/// The name or address that a request is about.
pub const NAME: &str = "Mcp-Name";
/// What the header of a mirrored argument begins with.
pub const PARAM_PREFIX: &str = "Mcp-Param-";
/// The session of a legacy client.
pub const SESSION_ID: &str = "Mcp-Session-Id";
/// Where a legacy client wants a stream to go on.
pub const LAST_EVENT_ID: &str = "Last-Event-ID";

/// Why a request cannot be sent with the headers that it needs. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    /// An argument has no form in a header.
    #[error(
        "the argument for the header `{0}` cannot be sent, expected a text, a boolean or an integer up to 2^53 - 1"
    )]
    Kind(String),
    /// The headers would be refused on their way.
    #[error(
        "the headers that repeat this request take {bytes} bytes, at most {max} are sent",
        max = limits::MIRRORED_BYTES_MAX
    )]
    TooLarge {
        /// Bytes they would take.
        bytes: usize,
    },
}

/// The header that names a revision.
pub fn version(revision: Revision) -> (String, String) {
    (PROTOCOL_VERSION.to_owned(), revision.as_str().to_owned())
}

/// The headers that a modern client sends with a request: the version of its `_meta`, its method, what it is about, and
/// the arguments that the tool wants mirrored.
///
/// # Errors
/// When an argument to mirror has no form in a header, or all of them are too large.
pub fn sent(request: &Request, mirrors: &Mirrors) -> Result<Vec<(String, String)>, Unsendable> {
    let mut headers = Vec::new();
    if let Some(version) = version_of(&request.params) {
        headers.push((PROTOCOL_VERSION.to_owned(), version.to_owned()));
    }
    headers.push((METHOD.to_owned(), request.method.clone()));
    if let Some(about) = about(request) {
        headers.push((NAME.to_owned(), encode(about)));
    }
    for mirror in mirrors.iter() {
        let Some(given) = mirror.argument(request.params.get("arguments")) else { continue };
        let text = value::text(given).ok_or_else(|| Unsendable::Kind(mirror.header()))?;
        headers.push((mirror.header(), encode(&text)));
    }
    let bytes = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > limits::MIRRORED_BYTES_MAX {
        return Err(Unsendable::TooLarge { bytes });
    }
    Ok(headers)
}

/// Compares version, method and name in the headers of a request with its body. `values` gives all values of a header by
/// its name, whatever its case.
///
/// A body without version or without name is not refused here but by whoever reads it.
///
/// # Errors
/// -32020 (`HeaderMismatch`) when one is missing, there twice, badly written or different.
pub fn check<'a>(
    request: &Request,
    values: impl Fn(&str) -> Vec<&'a [u8]>,
) -> Result<(), RpcError> {
    let given = one(PROTOCOL_VERSION, &values)?.ok_or_else(|| missing(PROTOCOL_VERSION))?;
    if let Some(version) = version_of(&request.params) {
        same(PROTOCOL_VERSION, value::plain(given), version)?;
    }
    let given = one(METHOD, &values)?.ok_or_else(|| missing(METHOD))?;
    same(METHOD, value::plain(given), &request.method)?;
    if let Some(about) = about(request) {
        let given = one(NAME, &values)?.ok_or_else(|| missing(NAME))?;
        same(NAME, decode(given), about)?;
    }
    Ok(())
}

/// Compares the mirrored arguments of a call with its body. `values` as in [`check`]. Headers of other names are not looked
/// at.
///
/// # Errors
/// -32020 (`HeaderMismatch`) when one is missing, there twice, there without an argument, badly written or different.
pub fn check_arguments<'a>(
    mirrors: &Mirrors,
    arguments: Option<&Value>,
    values: impl Fn(&str) -> Vec<&'a [u8]>,
) -> Result<(), RpcError> {
    mirrors.iter().try_for_each(|mirror| check_argument(mirror, arguments, &values))
}

fn check_argument<'a>(
    mirror: &Mirror,
    arguments: Option<&Value>,
    values: impl Fn(&str) -> Vec<&'a [u8]>,
) -> Result<(), RpcError> {
    let header = mirror.header();
    match (one(&header, values)?, mirror.argument(arguments)) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(missing(&header)),
        (Some(_), None) => Err(mismatch(format!(
            "header `{header}` is there, its argument is not; leave both out"
        ))),
        (Some(given), Some(argument)) => {
            let given =
                decode(given).map_err(|error| mismatch(format!("header `{header}` {error}")))?;
            if value::matches(&given, argument) {
                return Ok(());
            }
            Err(differs(&header, &given, &argument.to_string()))
        }
    }
}

/// The only value of a header. Two of them, even equal ones, may be read as the first, the last or both by whoever is between.
fn one<'a>(
    name: &str,
    values: impl Fn(&str) -> Vec<&'a [u8]>,
) -> Result<Option<&'a [u8]>, RpcError> {
    match values(name).as_slice() {
        [] => Ok(None),
        [value] => Ok(Some(value.trim_ascii())),
        [_, _, ..] => {
            Err(mismatch(format!("header `{name}` is there more than once, send it once")))
        }
    }
}

fn same(name: &str, given: Result<String, BadValue>, body: &str) -> Result<(), RpcError> {
    let given = given.map_err(|error| mismatch(format!("header `{name}` {error}")))?;
    if given == body { Ok(()) } else { Err(differs(name, &given, body)) }
}

fn differs(name: &str, given: &str, body: &str) -> RpcError {
    let short = contract::visible::short;
    mismatch(format!("header `{name}` says `{}`, the body says `{}`", short(given), short(body)))
}

fn missing(name: &str) -> RpcError {
    mismatch(format!("header `{name}` is missing, it must repeat what the body says"))
}

fn mismatch(message: String) -> RpcError {
    RpcError::new(RpcCode::HeaderMismatch, message)
}

fn version_of(params: &Params) -> Option<&str> {
    meta::get(params, meta::PROTOCOL_VERSION)?.as_str()
}

/// What a request is about, where a header repeats it.
fn about(request: &Request) -> Option<&str> {
    let key = match request.method.as_str() {
        "tools/call" | "prompts/get" => "name",
        "resources/read" => "uri",
        // The tasks extension, "Streamable HTTP: Routing Headers".
        "tasks/get" | "tasks/update" | "tasks/cancel" => "taskId",
        _ => return None,
    };
    request.params.get(key)?.as_str()
}
