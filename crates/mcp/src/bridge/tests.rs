//! Tests of the bridge: a line for each rule, and that nothing else is changed.
//!
//! The rules stand with their chapters beside the functions; here is what each does to one message.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::conversation::Client;
use crate::message::{Notification, Params};
use crate::revision::Revision::{self, V2025June, V2025March, V2025November, V2026July};
use crate::rpc::{RpcCode, RpcError};

fn object(value: Value) -> Params {
    let Value::Object(object) = value else { panic!("expected an object") };
    object
}

fn client(revision: Revision, capabilities: Value) -> Client {
    Client {
        revision,
        capabilities: object(capabilities),
        info: None,
        progress_token: None,
        log_level: None,
        trace: Vec::new(),
    }
}

fn check_result(method: &str, to: Revision, result: Value, expect: Value) {
    let mut result = object(result);
    result_to_client(method, &mut result, to, Duration::from_secs(5));
    assert_eq!(Value::Object(result), expect, "{method} to {to}");
}

#[test]
fn modern_results_say_their_kind_and_how_long_they_may_be_kept() {
    let to = V2026July;
    check_result(
        "tools/call",
        to,
        json!({ "content": [] }),
        json!({ "content": [], "resultType": "complete" }),
    );
    check_result(
        "resources/list",
        to,
        json!({ "resources": [] }),
        json!({ "resources": [], "ttlMs": 5000, "cacheScope": "private", "resultType": "complete" }),
    );
    // A server's shorter time counts, a longer or absurd one does not; its scope never does.
    for (given, expect) in
        [(json!(100), 100), (json!(9999), 5000), (json!(-1), 5000), (json!("x"), 5000)]
    {
        check_result(
            "resources/read",
            to,
            json!({ "contents": [], "ttlMs": given, "cacheScope": "public", "resultType": "complete" }),
            json!({ "contents": [], "ttlMs": expect, "cacheScope": "private", "resultType": "complete" }),
        );
    }
    let asks = json!({ "resultType": "input_required", "requestState": "x" });
    check_result("resources/read", to, asks.clone(), asks);
}

#[test]
fn legacy_results_have_nothing_of_the_modern_fields() {
    let modern = json!({ "resultType": "complete", "ttlMs": 1, "cacheScope": "private", "tools": [], "x": 1 });
    for to in [V2025November, V2025June] {
        check_result("tools/list", to, modern.clone(), json!({ "tools": [], "x": 1 }));
        let meta = json!({ "_meta": { "io.modelcontextprotocol/serverInfo": {} }, "resultType": "complete" });
        check_result("logging/setLevel", to, meta, json!({}));
        let meta = json!({ "_meta": { "io.modelcontextprotocol/serverInfo": {}, "a": 1 }, "messages": [] });
        check_result("prompts/get", to, meta, json!({ "_meta": { "a": 1 }, "messages": [] }));
        // A tool's own field of that name is none of ours.
        let own = json!({ "content": [], "ttlMs": 1 });
        check_result("tools/call", to, own.clone(), own);
    }
}

#[test]
fn structured_content_that_is_no_object_reaches_legacy_clients_as_text() {
    let told = |blocks: Value, structured: Value| json!({ "content": blocks, "structuredContent": structured });
    let text = json!({ "type": "text", "text": "[1]" });
    check_result(
        "tools/call",
        V2025November,
        told(json!([]), json!([1])),
        json!({ "content": [text] }),
    );
    check_result(
        "tools/call",
        V2025November,
        told(json!([{ "type": "text", "text": "own" }]), Value::Null),
        json!({ "content": [{ "type": "text", "text": "own" }] }),
    );
    let same = told(json!([]), json!({ "a": 1 }));
    check_result("tools/call", V2025November, same.clone(), same);
    let modern = json!({ "content": [], "structuredContent": [1], "resultType": "complete" });
    check_result("tools/call", V2026July, modern.clone(), modern);
}

#[test]
fn the_kind_of_a_result_is_known_or_invalid() {
    for (result, expect) in [
        (json!({}), ResultKind::Complete),
        (json!({ "resultType": "complete" }), ResultKind::Complete),
        (json!({ "resultType": "input_required" }), ResultKind::InputRequired),
        (json!({ "resultType": "task" }), ResultKind::Unknown("\"task\"".to_owned())),
        (json!({ "resultType": null }), ResultKind::Unknown("null".to_owned())),
    ] {
        assert_eq!(kind(&object(result)), expect);
    }
}

#[test]
fn only_modern_results_say_who_the_server_is() {
    let mut result = Params::new();
    put_server_info(&mut result, &json!({ "name": "a" }), V2025November);
    assert!(result.is_empty());
    put_server_info(&mut result, &json!({ "name": "a" }), V2026July);
    assert_eq!(greeting(&result).info, Some(json!({ "name": "a" })));
}

#[test]
fn tools_have_the_form_of_the_client_s_revision() {
    let check = |to, tool: Value, expect: Value| {
        check_result("tools/list", to, json!({ "tools": [tool] }), {
            let mut list = json!({ "tools": [expect] });
            if to == V2026July {
                list = json!({ "tools": list["tools"], "ttlMs": 5000, "cacheScope": "private", "resultType": "complete" });
            }
            list
        });
    };
    let plain = json!({ "name": "a", "inputSchema": { "type": "object", "properties": { "a": {} } }, "icons": [], "x": 1 });
    for to in [V2026July, V2025November, V2025June] {
        check(to, plain.clone(), plain.clone());
        check(
            to,
            json!({ "name": "a", "execution": { "taskSupport": "optional" } }),
            json!({ "name": "a" }),
        );
        let typed = json!({ "name": "a", "outputSchema": { "type": "object" } });
        check(to, typed.clone(), typed);
    }
    let booleans = json!({ "inputSchema": { "properties": { "a": true, "b": false } } });
    let spelt = json!({ "inputSchema": { "properties": { "a": {}, "b": { "not": {} } } } });
    check(V2026July, booleans.clone(), booleans.clone());
    check(V2025November, booleans, spelt);
    for other in [json!({ "type": "array" }), json!({ "anyOf": [] }), json!(true)] {
        let tool = json!({ "name": "a", "outputSchema": other });
        check(V2026July, tool.clone(), tool.clone());
        check(V2025November, tool, json!({ "name": "a" }));
    }
}

#[test]
fn a_tool_that_runs_as_a_task_only_is_known() {
    let can = object(json!({ "tasks": { "requests": { "tools": { "call": {} } } } }));
    let tool = |support: &str| object(json!({ "execution": { "taskSupport": support } }));
    assert!(needs_task(&tool("required"), &can));
    assert!(!needs_task(&tool("optional"), &can));
    assert!(!needs_task(&tool("required"), &object(json!({ "tasks": {} }))));
    assert!(!needs_task(&Params::new(), &can));
}

#[test]
fn codes_of_errors_are_those_of_the_client_s_revision() {
    let uri = Some(json!({ "uri": "a:b" }));
    for (method, code, data, to, expect) in [
        ("resources/read", -32_002, None, V2026July, -32_602),
        ("resources/read", -32_002, None, V2025November, -32_002),
        ("tools/call", -32_002, None, V2026July, -32_603),
        ("resources/read", -32_602, uri.clone(), V2025November, -32_002),
        ("resources/read", -32_602, None, V2025November, -32_602),
        ("prompts/get", -32_602, uri.clone(), V2025November, -32_602),
        ("resources/read", -32_602, uri, V2026July, -32_602),
        ("tools/call", -32_042, None, V2026July, -32_603),
        ("tools/call", -32_042, None, V2025November, -32_042),
        ("tools/call", -32_021, None, V2026July, -32_021),
        ("tools/call", -32_020, None, V2026July, -32_603),
        ("tools/call", -32_022, None, V2025November, -32_603),
        ("tools/call", -32_099, None, V2026July, -32_603),
        ("tools/call", -32_100, None, V2026July, -32_100),
        ("tools/call", -32_000, None, V2026July, -32_000),
        ("tools/call", 7, None, V2026July, 7),
    ] {
        let error = RpcError { code, message: "why".to_owned(), data: data.clone() };
        let told = error_to_client(method, error, to);
        assert_eq!(
            (told.code, told.message.as_str(), &told.data),
            (expect, "why", &data),
            "{method} {code} {to}"
        );
    }
}

#[test]
fn an_error_that_asks_for_a_visit_becomes_questions() {
    let error = |data: Value| RpcError { code: -32_042, message: String::new(), data: Some(data) };
    let visit =
        json!({ "mode": "url", "message": "log in", "url": "https://a", "elicitationId": "7" });
    let asked = questions_of(&error(json!({ "elicitations": [visit, { "url": 1 }] }))).unwrap();
    let params = json!({ "mode": "url", "message": "log in", "url": "https://a" });
    let expect = json!({ "url-0": { "method": "elicitation/create", "params": params } });
    assert_eq!((kind(&asked), &asked["inputRequests"]), (ResultKind::InputRequired, &expect));
    assert_eq!(questions_of(&error(json!({ "elicitations": [] }))), None);
    assert_eq!(questions_of(&RpcError::new(RpcCode::InternalError, "no")), None);
}

#[test]
fn a_server_is_told_of_capabilities_that_can_be_served_in_its_own_form() {
    let all = json!({
        "roots": { "listChanged": true },
        "sampling": { "tools": {}, "context": {}, "new": {} },
        "elicitation": { "form": {}, "url": {} },
        "tasks": {}, "extensions": { "a/b": {} }, "experimental": {},
    });
    let known = json!({
        "roots": {}, "sampling": { "tools": {}, "context": {} }, "elicitation": { "form": {}, "url": {} },
    });
    for (to, given, expect) in [
        (V2026July, all.clone(), known.clone()),
        (V2025November, all.clone(), known),
        (V2025March, all.clone(), json!({ "roots": {}, "sampling": {} })),
        (V2025June, all, json!({ "roots": {}, "sampling": {}, "elicitation": {} })),
        (V2025June, json!({ "elicitation": { "url": {} } }), json!({})),
        (V2025June, json!({ "elicitation": {} }), json!({ "elicitation": {} })),
        (
            V2026July,
            json!({ "elicitation": {}, "sampling": {} }),
            json!({ "sampling": {}, "elicitation": {} }),
        ),
        (V2026July, json!({ "roots": true, "sampling": null, "elicitation": [] }), json!({})),
    ] {
        assert_eq!(Value::Object(capabilities_to_server(&object(given), to)), expect, "{to}");
    }
}

#[test]
fn a_client_is_told_of_capabilities_that_can_be_served() {
    let given = json!({
        "tools": { "listChanged": true, "new": true }, "prompts": {}, "logging": {}, "completions": {},
        "resources": { "subscribe": true, "listChanged": "yes" }, "tasks": {}, "extensions": {}, "experimental": {},
    });
    let expect = json!({
        "tools": { "listChanged": true }, "prompts": {}, "resources": { "subscribe": true },
        "completions": {}, "logging": {},
    });
    assert_eq!(Value::Object(capabilities_to_client(&object(given))), expect);
}

#[test]
fn requests_are_dressed_for_the_era_of_their_server() {
    let arrived = json!({ "name": "a", "_meta": {
        "progressToken": 1, "checkrein/run": "r", "checkrein/new": 1, "traceparent": "old", "other": true,
        "io.modelcontextprotocol/protocolVersion": "1", "io.modelcontextprotocol/clientInfo": {},
        "io.modelcontextprotocol/clientCapabilities": { "tasks": {} }, "io.modelcontextprotocol/logLevel": "debug",
    } });
    let dressed = |client: &Client| {
        let mut params = object(arrived.clone());
        dress(&mut params, client);
        Value::Object(params)
    };
    let mut full = client(V2026July, json!({ "roots": { "listChanged": true }, "tasks": {} }));
    full.info = Some(json!({ "name": "us", "version": "1" }));
    full.log_level = Some("info".to_owned());
    full.progress_token = Some(7.into());
    full.trace = vec![("tracestate", "new".to_owned())];
    assert_eq!(
        dressed(&full),
        json!({ "name": "a", "_meta": {
        "other": true, "progressToken": 7, "tracestate": "new",
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "us", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": { "roots": {} },
        "io.modelcontextprotocol/logLevel": "info",
    } })
    );
    full.revision = V2025November;
    assert_eq!(
        dressed(&full),
        json!({ "name": "a", "_meta": { "other": true, "progressToken": 7, "tracestate": "new" } })
    );
    let mut bare = client(V2026July, json!({}));
    bare.log_level = Some("loud".to_owned());
    assert_eq!(
        dressed(&bare),
        json!({ "name": "a", "_meta": {
        "other": true,
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    } })
    );
}

#[test]
fn a_client_hears_what_its_revision_has_and_it_asked_for() {
    let log =
        |level: &str| Notification::new("notifications/message", object(json!({ "level": level })));
    let plain = |method: &str| Notification::new(method, Params::new());
    let silent = |to| client(to, json!({}));
    let hearing = |to| Client {
        log_level: Some("warning".to_owned()),
        progress_token: Some(1.into()),
        ..silent(to)
    };
    for (told, client, expect) in [
        (log("error"), silent(V2026July), false),
        (log("debug"), silent(V2025November), true),
        (log("error"), hearing(V2026July), true),
        (log("warning"), hearing(V2025November), true),
        (log("info"), hearing(V2026July), false),
        (log("info"), hearing(V2025November), false),
        (log("loud"), hearing(V2025November), false),
        (plain("notifications/progress"), silent(V2026July), false),
        (plain("notifications/progress"), hearing(V2025June), true),
        (plain("notifications/cancelled"), hearing(V2025November), false),
        (plain("notifications/elicitation/complete"), hearing(V2026July), false),
        (plain("notifications/elicitation/complete"), hearing(V2025November), true),
        (plain("notifications/subscriptions/acknowledged"), hearing(V2026July), false),
        (plain("notifications/tasks/status"), hearing(V2025November), false),
        (plain("notifications/tools/list_changed"), silent(V2026July), true),
        (plain("notifications/of/an/extension"), silent(V2026July), true),
    ] {
        assert_eq!(passes(&told, &client), expect, "{} {}", told.method, client.revision);
    }
}

#[test]
fn a_legacy_client_is_asked_in_its_own_form() {
    let able = client(
        V2025November,
        json!({ "elicitation": { "form": {}, "url": {} }, "roots": {}, "sampling": { "tools": {} } }),
    );
    let ask = |input: Value| {
        question_to_legacy(&input, &able, "id-1")
            .map(|(method, params)| (method, Value::Object(params)))
    };
    let form =
        json!({ "message": "who?", "requestedSchema": { "type": "object", "properties": {} } });
    let asked = ask(json!({ "method": "elicitation/create", "params": form }));
    assert_eq!(asked, Ok(("elicitation/create".to_owned(), form)));
    let asked = ask(
        json!({ "method": "elicitation/create", "params": { "mode": "url", "url": "https://a" } }),
    );
    assert_eq!(
        asked.unwrap().1,
        json!({ "mode": "url", "url": "https://a", "elicitationId": "id-1" })
    );
    assert_eq!(ask(json!({ "method": "roots/list" })), Ok(("roots/list".to_owned(), json!({}))));
    let tool = json!({ "name": "t", "outputSchema": { "type": "array" } });
    let sampling = json!({ "messages": [], "includeContext": "thisServer", "tools": [tool] });
    let asked = ask(json!({ "method": "sampling/createMessage", "params": sampling }));
    assert_eq!(asked.unwrap().1, json!({ "messages": [], "tools": [{ "name": "t" }] }));
    assert_eq!(ask(json!({ "method": "roots/list", "params": [] })), Err(NotAskable::Form));
    assert_eq!(ask(json!("roots/list")), Err(NotAskable::Form));
}

#[test]
fn a_client_is_asked_only_what_it_declared() {
    let form = json!({ "elicitation": {} });
    let url = json!({ "elicitation": { "url": {} } });
    let both = json!({ "elicitation": { "form": {}, "url": {} } });
    let by = |mode: &str| json!({ "mode": mode });
    let create = "elicitation/create";
    for (revision, declared, method, params, expect) in [
        (V2025November, json!({}), "roots/list", json!({}), Err("roots")),
        (V2025November, json!({ "roots": {} }), "roots/list", json!({}), Ok(())),
        (V2025November, json!({}), "sampling/createMessage", json!({}), Err("sampling")),
        (V2025November, json!({ "sampling": {} }), "sampling/createMessage", json!({}), Ok(())),
        (
            V2025November,
            json!({ "sampling": {} }),
            "sampling/createMessage",
            json!({ "tools": [] }),
            Err("sampling.tools"),
        ),
        (V2025November, json!({}), create, json!({}), Err("elicitation")),
        (V2025November, form.clone(), create, json!({}), Ok(())),
        (V2025November, form.clone(), create, by("form"), Ok(())),
        (V2025November, form, create, by("url"), Err("elicitation.url")),
        (V2025November, url.clone(), create, by("url"), Ok(())),
        (V2025November, url, create, json!({}), Err("elicitation")),
        (V2025June, both.clone(), create, by("url"), Err("mode `url`")),
        (V2026July, both.clone(), create, by("dance"), Err("mode `dance`")),
        (V2026July, both.clone(), create, json!({ "mode": 1 }), Err("mode `?`")),
        (V2026July, both, "tools/call", json!({}), Err("no question")),
    ] {
        let asked = may_be_asked(method, &object(params), &client(revision, declared));
        match (&asked, expect) {
            (Ok(()), Ok(())) => {}
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            _ => panic!("{method} {revision}: {asked:?}, expected {expect:?}"),
        }
    }
}

#[test]
fn a_refused_question_says_which_capability_is_missing() {
    let refused = |name| NotAskable::Capability(name);
    assert_eq!(refused("roots").required(), Some(json!({ "roots": {} })));
    assert_eq!(
        refused("elicitation.url").required(),
        Some(json!({ "elicitation": { "url": {} } }))
    );
    assert_eq!(refused("sampling.tools").required(), Some(json!({ "sampling": { "tools": {} } })));
    assert_eq!(NotAskable::Form.required(), None);
    assert!(refused("roots").to_rpc().is(RpcCode::MethodNotFound));
    assert!(NotAskable::Mode("url".to_owned()).to_rpc().is(RpcCode::InvalidParams));
}

#[test]
fn a_server_of_either_era_says_who_it_is() {
    let discovered = greeting(&object(json!({
        "supportedVersions": ["2026-07-28", 1], "capabilities": { "tools": {} }, "instructions": "use me",
        "_meta": { "io.modelcontextprotocol/serverInfo": { "name": "a" } },
    })));
    let opened = greeting(&object(json!({
        "protocolVersion": "2026-07-28", "capabilities": { "tools": {} }, "instructions": "use me",
        "serverInfo": { "name": "a" },
    })));
    assert_eq!(discovered, opened);
    assert_eq!(opened.versions, ["2026-07-28"]);
    assert_eq!(
        greeting(&object(json!({ "serverInfo": "x", "capabilities": [] }))),
        Greeting::default()
    );
}

/// Any JSON object that is not deep.
fn any_object() -> impl Strategy<Value = Params> {
    let key = prop_oneof![
        "[a-z]{1,3}",
        proptest::sample::select(
            &["resultType", "ttlMs", "_meta", "content", "structuredContent", "tools"][..]
        )
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from)
    ];
    let value = leaf.prop_recursive(3, 20, 4, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec(("[a-z]{1,3}", inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    });
    proptest::collection::vec((key, value), 0..8).prop_map(|pairs| pairs.into_iter().collect())
}

proptest! {
    #[test]
    fn what_no_rule_names_passes_and_twice_is_as_once(result in any_object(), method in "tools/(call|list)|prompts/get") {
        let ruled = ["resultType", "ttlMs", "cacheScope", "_meta", "content", "structuredContent", "tools"];
        for to in Revision::ALL {
            let mut told = result.clone();
            result_to_client(&method, &mut told, *to, Duration::ZERO);
            let others = |params: &Params| -> Params {
                params.clone().into_iter().filter(|(key, _)| !ruled.contains(&key.as_str())).collect()
            };
            prop_assert_eq!(others(&told), others(&result));
            let once = told.clone();
            result_to_client(&method, &mut told, *to, Duration::ZERO);
            prop_assert_eq!(told, once);
        }
    }
}
