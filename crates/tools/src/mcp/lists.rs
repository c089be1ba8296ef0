//! What a server lists, page by page, until all of it is there.
//!
//! ```text
//! capabilities, what the operator lets it -> tools, resources, templates, prompts -> Offer, with how long it is fresh
//! ```
//! Pages, items and bytes are bounded together; a cursor that comes again ends the listing. What a server may not offer is not
//! asked for. A list that cannot be read to its end is no list: half of the tools would look like tools that are gone.
//! Tests: `tests/lists.rs`.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use domain::limits;
use mcp::headers::Mirrors;
use mcp::{Era, Params, RpcCode};
use serde_json::Value;
use tokio::time::Instant;

use super::ask::Asked;
use super::clean;
use super::greeting::modern_params;
use super::link::{Connection, Link};
use super::offer::{Definition, Offer};
use super::problem::Trouble;
use super::spec::{Offers, Part};

/// Why there is no list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotListed {
    /// It may work the next time.
    #[error("it did not list what it offers: {0}")]
    Failed(String),
    /// The server lists what is not accepted.
    #[error("{0}")]
    Refused(String),
}

/// A tool that cannot be used, by wire name, and why.
type LeftOut = (String, String);

/// An offer, and how long it counts as fresh.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) offer: Offer,
    pub(super) fresh_for: Duration,
}

/// One listing under way.
struct Listing<'c> {
    connection: &'c Connection,
    deadline: Instant,
    bytes: usize,
    fresh_for: Option<Duration>,
}

/// One list: how it is asked for, and how much of it is accepted.
struct List {
    method: &'static str,
    key: &'static str,
    most: usize,
}

const TOOLS: List = List { method: "tools/list", key: "tools", most: limits::SERVER_TOOLS_MAX };
const RESOURCES: List =
    List { method: "resources/list", key: "resources", most: limits::SERVER_LISTED_MAX };
const TEMPLATES: List = List {
    method: "resources/templates/list",
    key: "resourceTemplates",
    most: limits::SERVER_LISTED_MAX,
};
const PROMPTS: List =
    List { method: "prompts/list", key: "prompts", most: limits::SERVER_LISTED_MAX };

impl Connection {
    /// Lists everything that the server may offer.
    pub(super) async fn list(
        &self,
        offers: &Offers,
        deadline: Instant,
    ) -> Result<Listed, NotListed> {
        let mut listing = Listing { connection: self, deadline, bytes: 0, fresh_for: None };
        let may = |part: Part, key: &str| {
            offers.contains(&part) && self.greeting.capabilities.contains_key(key)
        };
        let mut raw = Vec::new();
        if self.greeting.capabilities.contains_key("tools") {
            raw = listing.all(&TOOLS).await?;
        }
        let (mut resources, mut templates, mut prompts) = (Vec::new(), Vec::new(), Vec::new());
        if may(Part::Resources, "resources") {
            resources = listing.all(&RESOURCES).await?;
            templates = listing.all(&TEMPLATES).await?;
        }
        if may(Part::Prompts, "prompts") {
            prompts = listing.all(&PROMPTS).await?;
        }
        let instructions = self.greeting.instructions.clone();
        let instructions = instructions.filter(|_| offers.contains(&Part::Instructions));
        let (tools, left_out) = self.definitions(raw)?;
        let by_wire = tools.iter().enumerate().map(|(at, tool)| (tool.wire.clone(), at)).collect();
        let offer = Offer {
            revision: self.revision(),
            info: self.greeting.info.clone(),
            instructions,
            capabilities: self.greeting.capabilities.clone(),
            tools,
            resources,
            templates,
            prompts,
            left_out,
            by_wire,
        };
        Ok(Listed { offer, fresh_for: listing.fresh_for() })
    }

    fn definitions(&self, raw: Vec<Value>) -> Result<(Vec<Definition>, Vec<LeftOut>), NotListed> {
        let (mut tools, mut left_out) = (Vec::with_capacity(raw.len()), Vec::new());
        let mut seen: HashMap<String, ()> = HashMap::with_capacity(raw.len());
        for raw in raw {
            let Some(wire) = raw.get("name").and_then(Value::as_str).map(str::to_owned) else {
                left_out.push((String::new(), "it has no `name`".to_owned()));
                continue;
            };
            if wire.is_empty() || wire.len() > limits::SERVER_TEXT_BYTES_MAX {
                left_out.push((shown(&wire), "its `name` is empty or too long".to_owned()));
                continue;
            }
            if seen.insert(wire.clone(), ()).is_some() {
                // Which of both would be called is the server's secret.
                let why = format!("it lists the tool `{}` twice", shown(&wire));
                return Err(NotListed::Refused(why));
            }
            match self.mirrors(&raw) {
                Ok(mirrors) => {
                    let digest = contract::discovered::definition_digest(&raw);
                    tools.push(Definition { wire, raw, digest, mirrors });
                }
                Err(why) => left_out.push((shown(&wire), why)),
            }
        }
        Ok((tools, left_out))
    }

    /// Which arguments travel in headers; only modern endpoints know that.
    fn mirrors(&self, raw: &Value) -> Result<Mirrors, String> {
        match (&self.link, self.era()) {
            (Link::Http(_), Era::Modern) => {
                let schema = raw.get("inputSchema").unwrap_or(&Value::Null);
                Mirrors::of(schema).map_err(|bad| clean::line(&bad.to_string(), 500))
            }
            (Link::Http(_), Era::Legacy) | (Link::Stdio(_), _) => Ok(Mirrors::default()),
        }
    }
}

impl Listing<'_> {
    async fn all(&mut self, list: &List) -> Result<Vec<Value>, NotListed> {
        let (mut items, mut cursor, mut cursors) = (Vec::new(), None, BTreeSet::new());
        for _ in 0..limits::SERVER_PAGES_MAX {
            let Some(mut page) = self.page(list, cursor.take()).await? else { return Ok(items) };
            match page.remove(list.key) {
                Some(Value::Array(more)) => items.extend(more),
                _ => return Err(refused(list, "has no such list")),
            }
            if items.len() > list.most {
                return Err(refused(list, &format!("has more than {} entries", list.most)));
            }
            match page.remove("nextCursor") {
                None | Some(Value::Null) => return Ok(items),
                Some(Value::String(next)) if cursors.insert(next.clone()) => cursor = Some(next),
                Some(Value::String(_)) => return Err(refused(list, "comes back to the same page")),
                Some(_) => return Err(refused(list, "has a `nextCursor` that is no text")),
            }
        }
        Err(refused(list, &format!("has more than {} pages", limits::SERVER_PAGES_MAX)))
    }

    /// One page; none if the server does not know the method although it declared it.
    async fn page(
        &mut self,
        list: &List,
        cursor: Option<String>,
    ) -> Result<Option<Params>, NotListed> {
        let mut params = match self.connection.era() {
            Era::Modern => modern_params(Params::new()),
            Era::Legacy => Params::new(),
        };
        params.extend(cursor.map(|cursor| ("cursor".to_owned(), Value::from(cursor))));
        let asked = Asked::own(list.method, params, self.deadline);
        let answer = match self.connection.link.request(asked).await {
            Ok(answer) => answer,
            Err(Trouble::Rpc(error)) if error.is(RpcCode::MethodNotFound) => return Ok(None),
            Err(trouble) => return Err(NotListed::Failed(format!("{}: {trouble}", list.method))),
        };
        self.bytes = self.bytes.saturating_add(answer.bytes);
        if self.bytes > limits::SERVER_OFFER_BYTES_MAX {
            return Err(refused(list, "is larger than is read"));
        }
        if self.connection.era() == Era::Modern {
            self.note_fresh(&answer.result);
        }
        Ok(Some(answer.result))
    }

    /// The shortest time that any page gives.
    fn note_fresh(&mut self, page: &Params) {
        let told = page.get("ttlMs").and_then(Value::as_u64).map(Duration::from_millis);
        let told = told.unwrap_or(Duration::ZERO);
        self.fresh_for = Some(self.fresh_for.map_or(told, |least| least.min(told)));
    }

    fn fresh_for(&self) -> Duration {
        let (least, most) = limits::SERVER_LISTS_FRESH;
        self.fresh_for.map_or(limits::SERVER_LISTS_FRESH_DEFAULT, |told| told.clamp(least, most))
    }
}

fn refused(list: &List, why: &str) -> NotListed {
    NotListed::Refused(format!("its answer to `{}` {why}", list.method))
}

fn shown(wire: &str) -> String {
    clean::line(wire, limits::SERVER_TEXT_BYTES_MAX)
}
