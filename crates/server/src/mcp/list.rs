//! What is listed: tools, prompts, resources and their templates, as far as the caller may see them.
//!
//! ```text
//! gate.visible_tools -> names of the entrance -> definitions of servers, contracts of our own tools -> pages
//! ```
//! In: a caller and an entrance. Out: results in an order that does not change by itself. Lists of tools are kept as text for
//! everybody who sees the same tools under the same rules. A tool whose server is away, or offers another definition by now, is
//! not listed. Tests are in `tests/it/mcp/lists.rs`.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use contract::Compiled;
use domain::{Digest, EffectClass, Name, Provenance, UpstreamPart, limits};
use gate::Rules;
use mcp::{Params, Revision, RpcError, bridge, cursor};
use serde_json::{Map, Value, json};

use super::answer;
use super::entrance::{self, Entrance, Names};
use super::servers::Offered;
use super::visit::Visit;
use crate::catalogue::Built;

/// How long a client may take a list for fresh. Short, because rights and policies change while it looks.
pub(super) const FRESH: Duration = Duration::from_secs(5);

const PAGE: NonZeroUsize = match NonZeroUsize::new(limits::MCP_PAGE_ITEMS_MAX) {
    Some(items) => items,
    None => NonZeroUsize::MIN,
};

/// Names and lists that are kept ready.
#[derive(Debug, Default)]
pub(super) struct Lists(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// The rules that everything here was made under.
    rules: Option<Arc<Rules>>,
    names: BTreeMap<Entrance, Arc<Names>>,
    /// The one used last stands at the end.
    tools: Vec<(Entrance, Arc<Tools>)>,
}

/// The tools that somebody sees at an entrance.
#[derive(Debug)]
struct Tools {
    seen: Vec<Arc<Compiled>>,
    items: Vec<Value>,
    version: Digest,
    first: Mutex<BTreeMap<Revision, Arc<str>>>,
}

/// A result, as values or as the text that it was written as before.
#[derive(Debug)]
pub(super) enum Listed {
    Values(Params),
    Text(Arc<str>),
}

impl Lists {
    /// What can be named at an entrance under these rules.
    pub(super) fn names(&self, rules: &Arc<Rules>, entrance: &Entrance) -> Arc<Names> {
        if let Some(names) = self.under(rules).names.get(entrance) {
            return Arc::clone(names);
        }
        let names = Arc::new(Names::of(rules, entrance));
        self.under(rules).names.insert(entrance.clone(), Arc::clone(&names));
        names
    }

    fn kept_tools(
        &self,
        rules: &Arc<Rules>,
        (at, seen): (&Entrance, &[Arc<Compiled>]),
    ) -> Option<Arc<Tools>> {
        let mut kept = self.under(rules);
        let same = |tools: &Tools| {
            tools.seen.len() == seen.len()
                && tools.seen.iter().zip(seen).all(|(one, other)| Arc::ptr_eq(one, other))
        };
        let place =
            kept.tools.iter().position(|(entrance, tools)| entrance == at && same(tools))?;
        let found = kept.tools.remove(place);
        let tools = Arc::clone(&found.1);
        kept.tools.push(found);
        Some(tools)
    }

    fn keep_tools(&self, rules: &Arc<Rules>, entrance: &Entrance, tools: &Arc<Tools>) {
        let mut kept = self.under(rules);
        if kept.tools.len() >= limits::MCP_LISTS_KEPT_MAX {
            kept.tools.remove(0);
        }
        kept.tools.push((entrance.clone(), Arc::clone(tools)));
    }

    /// What is kept under these rules; what was kept under others is dropped.
    fn under(&self, rules: &Arc<Rules>) -> MutexGuard<'_, Kept> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.rules.as_ref().is_some_and(|known| Arc::ptr_eq(known, rules)) {
            *kept = Kept { rules: Some(Arc::clone(rules)), ..Kept::default() };
        }
        kept
    }
}

/// Lists the tools that the caller sees.
pub(super) async fn tools(
    visit: &Visit,
    params: &Params,
    to: Revision,
) -> Result<Listed, RpcError> {
    let tools = tools_seen(visit).await;
    let given = params.get("cursor");
    if given.is_none()
        && let Some(text) = lock(&tools.first).get(&to)
    {
        return Ok(Listed::Text(Arc::clone(text)));
    }
    let page = cursor::page(&tools.items, given, &tools.version, PAGE)?;
    let result = result("tools/list", ("tools", page), to);
    if given.is_some() {
        return Ok(Listed::Values(result));
    }
    let text: Arc<str> = Value::Object(result).to_string().into();
    lock(&tools.first).insert(to, Arc::clone(&text));
    Ok(Listed::Text(text))
}

async fn tools_seen(visit: &Visit) -> Arc<Tools> {
    let (app, entrance) = (&visit.app, &visit.entrance);
    app.mcp.looked_at(entrance).await;
    let visible = app.gate.visible_tools(&visit.agent.caller);
    let lists = &app.mcp.lists;
    if let Some(tools) = lists.kept_tools(&visible.rules, (entrance, &visible.tools)) {
        return tools;
    }
    let names = lists.names(&visible.rules, entrance);
    let shown_tools = app.tools.shown();
    let mut items: Vec<(String, Value)> = Vec::new();
    for compiled in &visible.tools {
        let Some((shown, _)) = entrance::shown(compiled, entrance) else { continue };
        // A name that two tools have is nobody's.
        if names.tool(&shown).is_none() {
            continue;
        }
        if let Some(mut item) = described(compiled, &shown_tools) {
            item.insert("name".to_owned(), shown.as_str().into());
            items.push((shown, Value::Object(item)));
        }
    }
    items.sort_by(|one, other| one.0.cmp(&other.0));
    let items: Vec<Value> = items.into_iter().map(|(_, item)| item).collect();
    let version = contract::digest(Value::from(items.clone()).to_string().as_bytes());
    let tools = Tools { seen: visible.tools, items, version, first: Mutex::default() };
    let tools = Arc::new(tools);
    // What servers offer is looked at before rules are made, so nothing else can make this list another one.
    lists.keep_tools(&visible.rules, entrance, &tools);
    tools
}

/// A tool as clients are told of it: as its server describes it, or from its contract.
fn described(compiled: &Compiled, shown: &Built) -> Option<Map<String, Value>> {
    let Some(upstream) = &compiled.contract.upstream else { return Some(own(compiled)) };
    let tool = shown.tools.get(compiled.name())?;
    let offered = tool.offered == Some(upstream.definition);
    theirs(&upstream.server, tool.raw.as_ref().filter(|_| offered)?)
}

/// What a server describes, cleaned, so that a model reads what a person sees, and with where it comes from.
fn theirs(server: &Name, item: &Value) -> Option<Map<String, Value>> {
    match contract::outside::clean(item.clone()).0 {
        Value::Object(mut item) => {
            answer::sourced(&mut item, Some(server));
            Some(item)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            None
        }
    }
}

/// One of our own tools. Only what an operator or the program itself confirmed to be pure is called read-only.
fn own(compiled: &Compiled) -> Map<String, Value> {
    let contract = &compiled.contract;
    let mut text = contract.what.clone();
    for (head, more) in
        [("When to use", &contract.when_to_use), ("Side effects", &contract.side_effects)]
    {
        if !more.is_empty() {
            text.push_str(&format!("\n{head}: {more}"));
        }
    }
    let pure =
        contract.effect_class == EffectClass::Pure && contract.provenance == Provenance::Confirmed;
    let mut tool = Map::new();
    tool.insert("name".to_owned(), contract.name.as_str().into());
    tool.insert("description".to_owned(), text.into());
    tool.insert("inputSchema".to_owned(), contract.input.clone());
    if contract.output.get("type").and_then(Value::as_str) == Some("object") {
        tool.insert("outputSchema".to_owned(), contract.output.clone());
    }
    tool.insert(
        "annotations".to_owned(),
        json!({ "readOnlyHint": pure, "destructiveHint": !pure }),
    );
    tool
}

/// Lists prompts.
pub(super) async fn prompts(
    visit: &Visit,
    params: &Params,
    to: Revision,
) -> Result<Listed, RpcError> {
    let found = of_servers(visit, UpstreamPart::Prompt, |(name, offer)| {
        let shown = |item: &mut Map<String, Value>| {
            if let Some(wire) = item.get("name").and_then(Value::as_str) {
                let shown = visit.entrance.shown(name, wire);
                item.insert("name".to_owned(), shown.into());
            }
        };
        labelled(name, &offer.prompts, shown)
    });
    paged(found.await, params, ("prompts/list", "prompts", to))
}

/// Lists resources.
pub(super) async fn resources(
    visit: &Visit,
    params: &Params,
    to: Revision,
) -> Result<Listed, RpcError> {
    let found = of_servers(visit, UpstreamPart::Resource, |(name, offer)| {
        labelled(name, &offer.resources, |_| ())
    });
    paged(found.await, params, ("resources/list", "resources", to))
}

/// Lists templates of resources.
pub(super) async fn templates(
    visit: &Visit,
    params: &Params,
    to: Revision,
) -> Result<Listed, RpcError> {
    let found = of_servers(visit, UpstreamPart::Resource, |(name, offer)| {
        labelled(name, &offer.templates, |_| ())
    });
    paged(found.await, params, ("resources/templates/list", "resourceTemplates", to))
}

/// What the servers of this entrance offer of a part that the caller may use.
async fn of_servers(
    visit: &Visit,
    part: UpstreamPart,
    of: impl Fn(&Offered) -> Vec<Value>,
) -> Vec<Value> {
    let may = allowed(visit, part);
    if may.is_empty() {
        return Vec::new();
    }
    let offers = visit.app.mcp.servers.offers(&visit.entrance).await;
    offers.iter().filter(|(name, _)| may.contains(name)).flat_map(of).collect()
}

/// The servers of this entrance of which the caller may use a part.
pub(super) fn allowed(visit: &Visit, part: UpstreamPart) -> Vec<Name> {
    let visible = visit.app.gate.visible_tools(&visit.agent.caller);
    let upstreams = visible.tools.iter().filter_map(|compiled| compiled.contract.upstream.as_ref());
    let servers = upstreams.filter(|one| one.part == part).map(|one| &one.server);
    servers.filter(|server| visit.entrance.leads_to(server)).cloned().collect()
}

/// Items of a server: cleaned, and with where they come from.
fn labelled(
    server: &Name,
    items: &[Value],
    change: impl Fn(&mut Map<String, Value>),
) -> Vec<Value> {
    let each = items.iter().filter_map(|item| {
        let mut item = theirs(server, item)?;
        change(&mut item);
        Some(Value::Object(item))
    });
    each.collect()
}

fn paged(
    items: Vec<Value>,
    params: &Params,
    (method, key, to): (&str, &str, Revision),
) -> Result<Listed, RpcError> {
    let version = contract::digest(Value::from(items.clone()).to_string().as_bytes());
    let page = cursor::page(&items, params.get("cursor"), &version, PAGE)?;
    Ok(Listed::Values(result(method, (key, page), to)))
}

fn result(method: &str, (key, page): (&str, cursor::Page<'_, Value>), to: Revision) -> Params {
    let mut result = Params::from_iter([(key.to_owned(), Value::Array(page.items.to_vec()))]);
    result.extend(page.next.map(|next| ("nextCursor".to_owned(), next.into())));
    finished(method, result, to)
}

/// A result in the form that a client of this revision expects.
pub(super) fn finished(method: &str, mut result: Params, to: Revision) -> Params {
    bridge::result_to_client(method, &mut result, to, FRESH);
    bridge::put_server_info(&mut result, &super::greet::info(), to);
    result
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
