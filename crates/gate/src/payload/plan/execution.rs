//! Twin of what a command printed, used and reached, as it stands in the head of its plan.
//!
//! In and out: `domain::Execution`. Texts are masked before they get here. Tests: `payload/tests.rs`.

use std::borrow::Cow;

use domain::Rung;
use serde::{Deserialize, Serialize};

use super::super::text::{Count, Word, borrowed};

/// An execution; keys in canonical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Execution<'a> {
    cpu_ms: Count,
    exit_code: i32,
    memory_bytes_max: Count,
    network: Vec<Contact<'a>>,
    processes: Count,
    rung: Word<Rung>,
    stderr: Printed<'a>,
    stdout: Printed<'a>,
    wall_ms: Count,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Printed<'a> {
    text: Cow<'a, str>,
    total_bytes: Count,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contact<'a> {
    host: Cow<'a, str>,
    port: u16,
    refused: Option<Cow<'a, str>>,
}

impl<'a> From<&'a domain::Execution> for Execution<'a> {
    fn from(execution: &'a domain::Execution) -> Self {
        Self {
            cpu_ms: Count(execution.cpu_ms),
            exit_code: execution.exit_code,
            memory_bytes_max: Count(execution.memory_bytes_max),
            network: execution.network.iter().map(Contact::from).collect(),
            processes: Count(execution.processes),
            rung: Word(execution.rung),
            stderr: Printed::from(&execution.stderr),
            stdout: Printed::from(&execution.stdout),
            wall_ms: Count(execution.wall_ms),
        }
    }
}

impl From<Execution<'_>> for domain::Execution {
    fn from(twin: Execution<'_>) -> Self {
        Self {
            exit_code: twin.exit_code,
            stdout: twin.stdout.into(),
            stderr: twin.stderr.into(),
            wall_ms: twin.wall_ms.0,
            cpu_ms: twin.cpu_ms.0,
            memory_bytes_max: twin.memory_bytes_max.0,
            processes: twin.processes.0,
            network: twin.network.into_iter().map(Into::into).collect(),
            rung: twin.rung.0,
        }
    }
}

impl<'a> From<&'a domain::Printed> for Printed<'a> {
    fn from(printed: &'a domain::Printed) -> Self {
        Self { text: borrowed(&printed.text), total_bytes: Count(printed.total_bytes) }
    }
}

impl From<Printed<'_>> for domain::Printed {
    fn from(twin: Printed<'_>) -> Self {
        Self { text: twin.text.into_owned(), total_bytes: twin.total_bytes.0 }
    }
}

impl<'a> From<&'a domain::Contact> for Contact<'a> {
    fn from(contact: &'a domain::Contact) -> Self {
        Self {
            host: borrowed(&contact.host),
            port: contact.port,
            refused: contact.refused.as_deref().map(borrowed),
        }
    }
}

impl From<Contact<'_>> for domain::Contact {
    fn from(twin: Contact<'_>) -> Self {
        Self {
            host: twin.host.into_owned(),
            port: twin.port,
            refused: twin.refused.map(Cow::into_owned),
        }
    }
}
