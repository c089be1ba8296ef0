//! Before anything can go wrong: a first operator, grants and keys.
//!
//! Two tenants, an operator of each, an approver and an agent for each chain; one grant may do little and expires early. Two agents
//! are one principal, so that they share what belongs to a principal and nothing else. A failure here is no story:
//! it is told as broken progress.

use std::sync::Arc;

use domain::{
    Agent, GrantId, Groups, Human, KeyHolder, Name, PrincipalChain, Rights, Role, Roles, Timestamp,
};
use gate::{GrantAsk, Refusal, Secret};

use super::Scene;
use crate::lock;
use crate::world::BEGIN;

/// Who the agents are, in the order of their keys. The first and third are one principal.
pub(crate) fn chains() -> Vec<PrincipalChain> {
    let one = |(tenant, human, agent): (&str, &str, &str)| {
        Some(PrincipalChain {
            tenant: tenant.parse().ok()?,
            human: Human(human.parse().ok()?),
            agent: Agent { name: agent.parse().ok()?, version: "1".to_owned() },
            parents: Vec::new(),
        })
    };
    let all = [
        ("local", "ada", "builder"),
        ("local", "bob", "tester"),
        ("local", "ada", "builder"),
        ("local", "carl", "helper"),
        ("other", "eve", "builder"),
    ];
    all.into_iter().filter_map(one).collect()
}

/// The person of the first tenant who stands in one group alone and decides, and does nothing else.
pub(crate) const SECOND: &str = "otto";

/// Makes keys and grants.
pub(crate) async fn open(scene: Arc<Scene>) {
    if let Err(refusal) = give_all(&scene).await {
        let what = format!("the opening failed: {refusal}");
        lock(&scene.cast.auditor).broken(crate::fault::Promise::Progress, what);
    }
}

async fn give_all(scene: &Scene) -> Result<(), Refusal> {
    let bad = |error: domain::NameError| {
        Refusal::new(domain::Code::InvalidRequest, error.to_string(), "correct it")
    };
    let (local, other): (Name, Name) =
        ("local".parse().map_err(bad)?, "other".parse().map_err(bad)?);
    let (olga, zoe): (Name, Name) = ("olga".parse().map_err(bad)?, "zoe".parse().map_err(bad)?);
    let [first, second, third] = scene.cast.operators.as_slice() else {
        return Err(Refusal::not_found("operator"));
    };
    scene.gate.first_operator(local.clone(), olga, first).await?;
    let by = scene.gate.identify(first).await?.operator()?;
    let roles = Roles::of(&[Role::Admin]);
    let holder = KeyHolder::Operator { tenant: other, name: zoe, roles, groups: Groups::All };
    scene.gate.make_key(&by, holder, second).await?;
    let groups = Groups::Named(["others".parse().map_err(bad)?].into());
    let (name, roles) = (SECOND.parse().map_err(bad)?, Roles::of(&[Role::Approver]));
    let holder = KeyHolder::Operator { tenant: local, name, roles, groups };
    scene.gate.make_key(&by, holder, third).await?;
    let mut grants: Vec<GrantId> = Vec::new();
    for (place, agent) in scene.cast.agents.iter().enumerate() {
        let all = vec!["sim.*".to_owned(), "checkrein.undo".to_owned()];
        let few = vec!["sim.read".to_owned(), "sim.write".to_owned()];
        let lab = "lab".parse().map_err(bad)?;
        let rights = Rights {
            tools: if place == 3 { few } else { all },
            spaces: vec![lab],
            workflows: Vec::new(),
        };
        let expires = (place == 3).then(|| Timestamp::from_millis(BEGIN + 40_000));
        let ask = GrantAsk { chain: agent.chain.clone(), rights, expires };
        let grant = scene.gate.give_grant(&by, ask).await?;
        let tenant = agent.chain.tenant.clone();
        let holder = KeyHolder::Grant { tenant, grant: grant.id };
        scene.gate.make_key(&by, holder, &agent.secret).await?;
        grants.push(grant.id);
    }
    lock(&scene.cast.plans).grants = grants;
    Ok(())
}

/// The secret of an agent's or operator's key.
pub(crate) fn secret(kind: &str, place: usize) -> Secret {
    Secret::new(format!("ck_{kind}_simulated_{place}"))
}
