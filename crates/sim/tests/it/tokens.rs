//! Agents that a verified token names: they act by their one grant, and only while it holds.
//! That a token was checked is assumed here; that is the server's business.

use domain::{Code, Name, Status, Timestamp};
use gate::{GrantAsk, VerifiedAgent};

use crate::installation::{Installation, TestGate};
use crate::upstream::{LOOK, PUSH, Server, of};

type Up = Installation<Server>;

fn token(up: &Up, tenant: &str, agent: &str) -> VerifiedAgent {
    let until = Timestamp::from_millis(up.clock.now().millis() + 60_000);
    VerifiedAgent::by_token(tenant.parse().unwrap(), agent.parse().unwrap(), until)
}

fn refused(up: &Up, gate: &TestGate, token: &VerifiedAgent) -> Code {
    let answer = up.finish(gate.handle(token, of(PUSH, "a")));
    let listed = up.finish(gate.identify(token)).unwrap_err();
    let error = answer.error.unwrap();
    assert_eq!((error.code, &error.message), (listed.code, &listed.message), "one way in");
    assert_eq!((answer.call, up.reached()), (None, 0));
    error.code
}

#[test]
fn a_token_acts_by_the_one_grant_of_its_agent() {
    let (up, gate) = Up::connected();
    let builder = token(&up, "local", "builder");
    let answer = up.finish(gate.handle(&builder, of(PUSH, "a")));
    assert_eq!(answer.status, Status::Succeeded, "{answer:?}");
    let by_key = up.finish(gate.identify(&up.agent)).unwrap().agent().unwrap();
    let by_token = up.finish(gate.identify(&builder)).unwrap().agent().unwrap();
    assert_eq!((&by_token.chain, by_token.grant), (&by_key.chain, by_key.grant));
    let read = up.finish(gate.handle(&builder, of(LOOK, "a")));
    assert_eq!(read.status, Status::Succeeded);
}

#[test]
fn an_agent_without_a_grant_or_of_another_tenant_is_refused() {
    let (up, gate) = Up::connected();
    for (tenant, agent) in [("local", "stranger"), ("acme", "builder")] {
        assert_eq!(refused(&up, &gate, &token(&up, tenant, agent)), Code::NotAllowed);
    }
}

#[test]
fn a_token_of_an_agent_with_two_grants_means_neither() {
    let (up, gate) = Up::connected();
    let admin = up.person(&gate);
    let known = up.finish(gate.identify(&up.agent)).unwrap().agent().unwrap();
    let rights = domain::Rights {
        tools: vec!["*".to_owned()],
        spaces: vec!["lab".parse::<Name>().unwrap()],
        workflows: Vec::new(),
    };
    let ask = GrantAsk { chain: known.chain, rights, expires: None };
    let wide = up.finish(gate.give_grant(&admin, ask)).unwrap();
    let builder = token(&up, "local", "builder");
    assert_eq!(refused(&up, &gate, &builder), Code::NotAllowed);
    up.finish(gate.revoke_grant(&admin, wide.id, String::new())).unwrap();
    let answer = up.finish(gate.handle(&builder, of(PUSH, "a")));
    assert_eq!(answer.status, Status::Succeeded, "one is left");
}

#[test]
fn a_revoked_grant_and_a_token_that_is_over_end_it() {
    let (up, gate) = Up::connected();
    let builder = token(&up, "local", "builder");
    up.clock.jump(60_001);
    assert_eq!(refused(&up, &gate, &builder), Code::NotAuthenticated);
    let fresh = token(&up, "local", "builder");
    let caller = up.finish(gate.identify(&fresh)).unwrap().agent().unwrap();
    up.finish(gate.revoke_grant(&up.person(&gate), caller.grant, String::new())).unwrap();
    assert_eq!(refused(&up, &gate, &fresh), Code::NotAllowed);
}
