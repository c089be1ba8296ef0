//! Definitions of tools, as clients of either era can read them.
//!
//! In: a tool object. Out: the same without what the client's revision does not have. What a person accepted is the
//! definition as the server sent it, never this form. Tests are in `bridge/tests.rs`.

use serde_json::{Value, json};

use crate::message::Params;
use crate::revision::{Era, Revision};

/// Makes a tool's definition what a client of `to` expects.
pub fn tool_to_client(tool: &mut Params, to: Revision) {
    // 2025-11-25, "Tasks": how a tool runs as a task. Modern revisions have no such field, and we serve no tasks.
    tool.remove("execution");
    match to.era() {
        Era::Modern => {}
        Era::Legacy => {
            // 2025-11-25, "Tool": the root of an output schema is an object. Modern ones take any schema.
            if tool
                .get("outputSchema")
                .is_some_and(|schema| schema.get("type") != Some(&"object".into()))
            {
                tool.remove("outputSchema");
            }
            for schema in ["inputSchema", "outputSchema"] {
                tool.get_mut(schema).into_iter().for_each(spell_out);
            }
        }
    }
}

/// Whether a server runs this tool as a task only (2025-11-25, "Tasks", tool-level negotiation). Such a tool cannot be called
/// through the gateway. `capabilities` are the server's.
pub fn needs_task(tool: &Params, capabilities: &Params) -> bool {
    let can = capabilities.get("tasks").and_then(|tasks| tasks.pointer("/requests/tools/call"));
    let support = tool.get("execution").and_then(|execution| execution.get("taskSupport"));
    can.is_some() && support == Some(&"required".into())
}

/// Writes properties that are `true` or `false` out: legacy revisions know objects only (2025-11-25, "Tool").
fn spell_out(schema: &mut Value) {
    let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
    for property in properties.values_mut() {
        if let Value::Bool(anything) = *property {
            *property = if anything { json!({}) } else { json!({ "not": {} }) };
        }
    }
}
