//! A client's file in TOML: servers as tables, taken out and put in, with comments and everything else kept.
//!
//! In: the text and what changes. Out: the new text, or the servers as JSON values. Tests are in `tests/it/connect.rs`.

use serde_json::Value;
use toml_edit::{DocumentMut, Item, Table, value};

use super::client::OURS;

/// The file as JSON.
///
/// # Errors
/// What is wrong with the text.
pub(super) fn read(text: &str) -> Result<Value, String> {
    toml::from_str(text).map_err(|error: toml::de::Error| error.message().to_owned())
}

/// Takes servers out and puts ours in.
///
/// # Errors
/// When the text is not TOML, or servers are no tables.
pub(super) fn change(
    text: &str,
    container: &str,
    (without, ours): (&[String], &Value),
) -> Result<String, String> {
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| error.message().to_owned())?;
    if !document.contains_key(container) {
        let mut servers = Table::new();
        servers.set_implicit(true);
        document.insert(container, Item::Table(servers));
    }
    let servers = document.get_mut(container).and_then(Item::as_table_like_mut);
    let servers = servers.ok_or_else(|| format!("`{container}` is no table"))?;
    for name in without {
        servers.remove(name);
    }
    servers.insert(OURS, Item::Table(table(ours)));
    Ok(document.to_string())
}

fn table(entry: &Value) -> Table {
    let mut table = Table::new();
    for (key, member) in entry.as_object().into_iter().flatten() {
        let written = match member {
            Value::Object(inner) => {
                let texts = inner
                    .iter()
                    .filter_map(|(key, text)| Some((key.clone(), text.as_str()?.to_owned())));
                value(texts.collect::<toml_edit::InlineTable>())
            }
            Value::Array(items) => {
                value(items.iter().filter_map(Value::as_str).collect::<toml_edit::Array>())
            }
            other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                value(other.as_str().unwrap_or_default())
            }
        };
        table.insert(key, written);
    }
    table
}
