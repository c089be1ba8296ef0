//! The entities of one request: the agent in its tenant, the resource in its directories, the tool's action.
//!
//! Only this call's own agent and resource exist for a policy. A resource `workspace:src/a/b` lies in
//! `workspace:src/a`, `workspace:src` and `workspace:`, so `resource in Resource::"workspace:prod"` is exact
//! where a pattern would have to be careful about `production`.

use std::collections::{HashMap, HashSet};

use cedar_policy::{
    Entities, Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression as Expression,
};
use domain::{Facts, PrincipalChain, Resource, limits};

use crate::argument::text;
use crate::context::Unfit;
use crate::needs::Needs;

/// Names of entity types, parsed once.
#[derive(Debug, Clone)]
pub(crate) struct Types {
    tenant: EntityTypeName,
    agent: EntityTypeName,
    resource: EntityTypeName,
    action: EntityTypeName,
}

/// Keys of a principal or resource and its ancestors, as the index compares them.
pub(crate) type Chain = Vec<String>;

impl Types {
    pub(crate) fn new() -> Result<Self, Box<cedar_policy::ParseErrors>> {
        let name = |text: &str| text.parse().map_err(Box::new);
        Ok(Self {
            tenant: name("Tenant")?,
            agent: name("Agent")?,
            resource: name("Resource")?,
            action: name("Action")?,
        })
    }

    pub(crate) fn action(&self, name: &str) -> EntityUid {
        uid(&self.action, name)
    }

    pub(crate) fn agent(&self, facts: &Facts) -> EntityUid {
        uid(&self.agent, &agent_name(&facts.chain))
    }

    pub(crate) fn resource(&self, resource: &Resource) -> EntityUid {
        uid(&self.resource, resource.as_str())
    }

    /// The entities that policies with these needs can ask about.
    pub(crate) fn entities(
        &self,
        facts: &Facts,
        action: &Entity,
        needs: &Needs,
    ) -> Result<Entities, Unfit> {
        let unfit = |error: &dyn std::fmt::Display| Unfit::Facts(error.to_string());
        let tenant = uid(&self.tenant, facts.chain.tenant.as_str());
        let attributes = if needs.agent { agent_attributes(facts) } else { HashMap::new() };
        let agent = Entity::new(self.agent(facts), attributes, HashSet::from([tenant]))
            .map_err(|error| unfit(&error))?;
        let above = if needs.hierarchy {
            let above = directories(&facts.resource)?;
            above.into_iter().map(|name| uid(&self.resource, name)).collect()
        } else {
            HashSet::new()
        };
        let attributes =
            if needs.resource { resource_attributes(&facts.resource) } else { HashMap::new() };
        let resource = Entity::new(self.resource(&facts.resource), attributes, above)
            .map_err(|error| unfit(&error))?;
        Entities::from_entities([agent, resource, action.clone()], None)
            .map_err(|error| unfit(&error))
    }
}

/// The agent and its tenant.
pub(crate) fn principal_chain(facts: &Facts) -> Chain {
    principals(&facts.chain)
}

/// As [`principal_chain`], without a call.
pub(crate) fn principals(chain: &PrincipalChain) -> Chain {
    vec![format!("Agent::{}", agent_name(chain)), format!("Tenant::{}", chain.tenant)]
}

/// The resource and everything it lies in.
pub(crate) fn resource_chain(facts: &Facts) -> Result<Chain, Unfit> {
    let above = directories(&facts.resource)?;
    let all = std::iter::once(facts.resource.as_str()).chain(above);
    Ok(all.map(|name| format!("Resource::{name}")).collect())
}

fn uid(of: &EntityTypeName, name: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(of.clone(), EntityId::new(name))
}

/// Names hold no slash, so no two agents share one.
fn agent_name(chain: &PrincipalChain) -> String {
    format!("{}/{}", chain.tenant, chain.agent.name)
}

/// Every proper prefix of a resource that ends before a slash, and its kind with a colon.
fn directories(resource: &Resource) -> Result<Vec<&str>, Unfit> {
    let whole = resource.as_str();
    let Some((kind, rest)) = whole.split_once(':') else { return Ok(Vec::new()) };
    let root = kind.len() + 1;
    if rest.matches('/').count() >= limits::PATH_PARTS_MAX {
        let what = format!("a resource with more than {} parts", limits::PATH_PARTS_MAX);
        return Err(Unfit::Facts(what));
    }
    let ends = rest.match_indices('/').map(|(at, _)| root + at).filter(|end| *end > root);
    let named = ends.filter_map(|end| whole.get(..end));
    let above = whole.get(..root).filter(|_| !rest.is_empty());
    Ok(named.chain(above).collect())
}

fn agent_attributes(facts: &Facts) -> HashMap<String, Expression> {
    let chain = &facts.chain;
    let parents = chain.parents.iter().map(|agent| text(agent.name.as_str()));
    HashMap::from([
        ("tenant".to_owned(), text(chain.tenant.as_str())),
        ("name".to_owned(), text(chain.agent.name.as_str())),
        ("version".to_owned(), text(&chain.agent.version)),
        ("human".to_owned(), text(chain.human.0.as_str())),
        ("parents".to_owned(), Expression::new_set(parents)),
    ])
}

fn resource_attributes(resource: &Resource) -> HashMap<String, Expression> {
    let kind = resource.as_str().split_once(':').map_or("", |(kind, _)| kind);
    HashMap::from([
        ("name".to_owned(), text(resource.as_str())),
        ("kind".to_owned(), text(kind)),
        ("path".to_owned(), text(resource.rest())),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_lies_in_every_directory_above_it_and_in_nothing_else() {
        for (resource, expect) in [
            ("workspace:src/a/b", vec!["workspace:src", "workspace:src/a", "workspace:"]),
            ("workspace:production", vec!["workspace:"]),
            ("workspace:", vec![]),
            ("workspace:/x", vec!["workspace:"]),
            ("plain", vec![]),
        ] {
            assert_eq!(directories(&Resource::new(resource)).unwrap(), expect, "{resource}");
        }
    }

    #[test]
    fn a_resource_with_too_many_parts_is_refused_rather_than_cut() {
        let deep = format!("workspace:{}", "a/".repeat(limits::PATH_PARTS_MAX));
        assert!(directories(&Resource::new(deep)).is_err());
    }
}
