//! Who may call which route: the one table, and nothing else decides it before a handler runs.
//!
//! In: a method and a matched path. Out: who is let through. A route without a row is not served at all. The gate asks for
//! rights once more, and adds what a table cannot know: tenants, groups, exclusions. `tests/it/rights.rs` compares the table
//! with the OpenAPI document both ways, and tries each role on each route.

use domain::Right;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anybody, known or not.
    Anybody,
    /// Whoever signs what is sent with a configured secret: the handler asks for it, over the bytes as they came.
    Signed,
    /// Agents.
    Agents,
    /// People with this right.
    People(Right),
    /// Agents, about what is theirs, and people with this right.
    AgentsAnd(Right),
    /// People who are logged in in a browser, about themselves.
    LoggedIn,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The method.
    pub method: &'static str,
    /// The path as the router knows it.
    pub path: &'static str,
    /// Who may.
    pub who: Who,
}

/// The row of a route; none for a route that is not served.
pub fn row(method: &str, path: &str) -> Option<&'static Row> {
    // What can be read can be asked for without its body.
    let method = if method == "HEAD" { "GET" } else { method };
    TABLE.iter().find(|row| row.method == method && row.path == path)
}

macro_rules! table {
    ($($method:ident $path:literal => $who:expr;)*) => {
        /// Every route.
        pub const TABLE: &[Row] = {
            use Right::{Administer, Audit, Decide, Operate, See, WritePolicy};
            use Who::{Agents, AgentsAnd, Anybody, LoggedIn, People, Signed};
            &[$(Row { method: stringify!($method), path: $path, who: $who }),*]
        };
    };
}

table! {
    GET "/healthz" => Anybody;
    GET "/readyz" => Anybody;
    GET "/metrics" => Anybody;
    GET "/v1/openapi.json" => Anybody;
    GET "/.well-known/oauth-protected-resource" => Anybody;
    GET "/.well-known/oauth-protected-resource/mcp" => Anybody;
    GET "/.well-known/oauth-protected-resource/mcp/{server}" => Anybody;

    GET "/mcp" => Agents;
    POST "/mcp" => Agents;
    DELETE "/mcp" => Agents;
    GET "/mcp/{server}" => Agents;
    POST "/mcp/{server}" => Agents;
    DELETE "/mcp/{server}" => Agents;

    POST "/v1/calls" => Agents;
    GET "/v1/calls" => AgentsAnd(See);
    GET "/v1/calls/{call}" => AgentsAnd(See);
    GET "/v1/calls/{call}/wait" => Agents;
    POST "/v1/calls/{call}/withdraw" => Agents;
    GET "/v1/calls/{call}/plan" => People(See);
    GET "/v1/calls/{call}/explain" => People(See);
    POST "/v1/calls/{call}/resolve" => People(Operate);
    POST "/v1/calls/{call}/undo" => People(Operate);
    POST "/v1/calls/{call}/probe" => People(Operate);
    GET "/v1/dead-letters" => People(See);
    GET "/v1/dead-letters/{call}" => People(See);
    POST "/v1/dead-letters/{call}/redrive" => People(Operate);
    POST "/v1/dead-letters/{call}/resolve" => People(Operate);
    POST "/v1/dead-letters/{call}/discard" => People(Operate);
    POST "/v1/undo/plan" => People(Operate);
    POST "/v1/undo/apply" => People(Operate);
    POST "/v1/runs" => Agents;
    GET "/v1/runs" => AgentsAnd(See);
    GET "/v1/runs/{run}" => AgentsAnd(See);
    GET "/v1/runs/{run}/score" => AgentsAnd(See);
    POST "/v1/runs/{run}/end" => AgentsAnd(Operate);
    POST "/v1/runs/{run}/resume" => People(Operate);
    POST "/v1/runs/{run}/undo" => People(Operate);
    GET "/v1/runs/{run}/export" => People(Audit);
    POST "/v1/runs/{run}/replay" => People(Audit);
    GET "/v1/tools" => AgentsAnd(See);
    GET "/v1/tools/{tool}" => AgentsAnd(See);
    GET "/v1/tools/{tool}/diff" => People(See);
    POST "/v1/tools/{tool}/accept" => People(WritePolicy);
    POST "/v1/tools/{tool}/refuse" => People(WritePolicy);
    POST "/v1/tools/{tool}/classify" => People(WritePolicy);
    GET "/v1/servers" => People(See);
    GET "/v1/servers/{server}" => People(See);
    POST "/v1/servers/{server}/restart" => People(Operate);
    GET "/v1/packs" => People(See);
    GET "/v1/workflows" => AgentsAnd(See);
    GET "/v1/spaces" => AgentsAnd(See);
    // To enforce needs the right to write rules; the gate asks an admin for shadow mode.
    POST "/v1/spaces/{space}/mode" => People(WritePolicy);
    GET "/v1/budgets" => AgentsAnd(See);
    POST "/v1/budgets/raise" => People(Operate);

    GET "/v1/approvals" => People(See);
    GET "/v1/approvals/{approval}" => People(See);
    POST "/v1/approvals/{approval}/approve" => People(Decide);
    POST "/v1/approvals/{approval}/reject" => People(Decide);
    POST "/v1/approvals/{approval}/edit" => People(Decide);
    POST "/v1/approvals/{approval}/ask" => People(Decide);
    GET "/v1/attention" => People(See);
    GET "/v1/duties" => People(See);
    POST "/v1/duties/{call}/{kind}/{policy}/done" => People(Decide);
    GET "/v1/incidents" => People(See);
    POST "/v1/duties/{call}/{kind}/{policy}/close" => People(Decide);

    GET "/v1/stops" => People(See);
    POST "/v1/stops" => People(Operate);
    GET "/v1/stops/reach" => People(See);
    POST "/v1/stops/{stop}/lift" => People(Operate);
    GET "/v1/stops/{stop}/receipt" => People(See);
    POST "/v1/stops/kill/plan" => People(Operate);
    POST "/v1/stops/kill" => People(Operate);
    GET "/v1/stops/drill" => People(See);
    POST "/v1/stops/drill" => People(Operate);
    GET "/v1/policies" => People(See);
    POST "/v1/policies/check" => People(See);
    GET "/v1/policies/suggest" => People(See);

    // The same facts as in lists of calls and approvals: people see by them when what happened.
    GET "/v1/journal/entries" => People(See);
    GET "/v1/journal/head" => People(See);
    POST "/v1/journal/verify" => People(Audit);
    GET "/v1/events" => People(See);

    GET "/v1/agents" => People(See);
    POST "/v1/agents" => People(Administer);
    POST "/v1/agents/{grant}/revoke" => People(Administer);
    GET "/v1/keys" => People(See);
    POST "/v1/keys" => People(Administer);
    POST "/v1/keys/{key}/revoke" => People(Administer);
    GET "/v1/whoami" => AgentsAnd(See);

    GET "/v1/people" => People(See);
    POST "/v1/people" => People(Administer);
    POST "/v1/people/{name}" => People(Administer);
    // One's own with any key; the gate asks an admin for somebody else's.
    POST "/v1/people/{name}/invite" => People(See);
    // One's own with any key, as for invitations.
    POST "/v1/people/{name}/link" => People(Administer);
    POST "/v1/people/{name}/unlink" => People(See);
    GET "/v1/outlets" => People(See);
    POST "/v1/outlets/{name}/test" => People(Operate);
    POST "/v1/hooks/{name}" => Signed;
    POST "/v1/slack/interactions" => Signed;
    GET "/v1/session" => LoggedIn;
    DELETE "/v1/session" => LoggedIn;
    POST "/v1/session/link" => Anybody;
    POST "/v1/session/recovery" => Anybody;
    POST "/v1/session/passkey/begin" => Anybody;
    POST "/v1/session/passkey/finish" => Anybody;
    GET "/v1/session/issuers" => Anybody;
    GET "/v1/session/oidc/{issuer}" => Anybody;
    GET "/v1/session/oidc/{issuer}/callback" => Anybody;
    POST "/v1/account/passkeys/begin" => LoggedIn;
    POST "/v1/account/passkeys/finish" => LoggedIn;
    DELETE "/v1/account/passkeys/{id}" => LoggedIn;
    POST "/v1/account/recovery-codes" => LoggedIn;
    POST "/v1/account/identities" => LoggedIn;
}
