//! Arguments as given to arguments as they run.
//!
//! Refusals are checked by code and text, since both are what a caller acts on.

use contract::{ArgumentError, Compiled, Resolved, builtin, load};
use domain::Code;
use serde_json::{Value, json};

use crate::support::{chain, compile, contract};

fn builtin_tool(name: &str) -> std::sync::Arc<Compiled> {
    load::all(&builtin::FILES).unwrap().find(name).unwrap().clone()
}

fn resolve(name: &str, arguments: Value) -> Result<Resolved, ArgumentError> {
    builtin_tool(name).resolve(&arguments, &chain(), Some("/srv/work"))
}

fn refused(name: &str, arguments: Value) -> (Code, String) {
    let error = resolve(name, arguments).unwrap_err();
    (error.code(), error.to_string())
}

#[test]
fn paths_are_shown_resolved_everywhere() {
    let one = resolve("files.delete", json!({"path": "./logs/"})).unwrap();
    assert_eq!(one.arguments, json!({"path": "logs"}));
    assert_eq!(one.resource.as_str(), "workspace:logs");
    assert_eq!(one.paths, [("/path".to_owned(), "logs".to_owned())]);
    let same = resolve("files.delete", json!({"path": "/srv/work/logs"})).unwrap();
    assert_eq!(one.digest, same.digest);
    let moved = resolve("files.move", json!({"from": "a/../b", "to": "./c"})).unwrap();
    assert_eq!(moved.resource.as_str(), "workspace:c");
    assert_eq!(moved.paths.len(), 2);
}

#[test]
fn a_wrong_argument_is_told_what_would_be_right() {
    for (name, arguments, code, expect) in [
        (
            "files.read",
            json!({"path": "a", "pth": 1}),
            Code::InvalidArguments,
            "`/pth`: unknown argument `pth`, did you mean `path`?",
        ),
        (
            "files.read",
            json!({"path": "a", "recursive": true}),
            Code::InvalidArguments,
            "unknown argument `recursive`; expected `path`, `offset_bytes`, `bytes_max`",
        ),
        (
            "files.read",
            json!({}),
            Code::InvalidArguments,
            "`/path`: missing argument `path`, expected string: the file, relative to the workspace",
        ),
        (
            "files.read",
            json!({"path": 5}),
            Code::InvalidArguments,
            "`/path`: expected string, got number `5`",
        ),
        (
            "files.read",
            json!([]),
            Code::InvalidArguments,
            "expected object, got an array of 0 items",
        ),
        (
            "files.write",
            json!({"path": "a", "content": "", "mode": "creat"}),
            Code::InvalidArguments,
            "`/mode`: `creat` is not one of `create`, `overwrite`, `any`, did you mean `create`?",
        ),
        (
            "files.edit",
            json!({"path": "a", "edits": [{"old": "a", "new": "b", "al": 1}]}),
            Code::InvalidArguments,
            "`/edits/0/al`: unknown argument `al`",
        ),
        ("files.delete", json!({"path": "/logs"}), Code::PathEscape, "did you mean `logs`?"),
        ("files.delete", json!({"path": "../x"}), Code::PathEscape, "`../x` leaves the workspace"),
        (
            "files.move",
            json!({"from": "..", "to": "/x"}),
            Code::PathEscape,
            "`/to`: `/x` is an absolute path",
        ),
        (
            "files.write",
            json!({"path": "a", "content": "x ⟦masked:jwt⟧"}),
            Code::MaskedArgument,
            "`/content`: contains a mask",
        ),
        ("checkrein.undo", json!({"call": "call_1"}), Code::InvalidArguments, "does not match"),
    ] {
        let (given, told) = refused(name, arguments.clone());
        assert_eq!(given, code, "{arguments}: {told}");
        assert!(told.contains(expect), "{arguments}: {told}");
    }
}

#[test]
fn all_problems_are_told_up_to_eight() {
    let many: serde_json::Map<String, Value> =
        (0..20).map(|n| (format!("x{n}"), json!(1))).collect();
    let error = resolve("files.read", Value::Object(many)).unwrap_err();
    assert_eq!(error.problems.len(), 8);
    let (_, told) = refused("files.read", json!({"path": 1, "bytes_max": "x"}));
    assert!(told.contains("`/path`") && told.contains("`/bytes_max`"), "{told}");
}

const TENANT: &str = r#"{"type": "object", "properties": {
    "tenant": {"type": "string"}, "host": {"type": "string"}, "url": {"type": "string"}, "to": {"type": "string"},
    "amount": {"type": "string"}, "password": {"type": "string", "minLength": 4}, "id": {"type": "string"},
    "hosts": {"type": "array", "items": {"type": "string"}}
}, "required": ["tenant", "id"], "additionalProperties": false}"#;

fn tenant_tool() -> Compiled {
    compile(&contract(
        TENANT,
        r#"scope = ["account:acme/*"]
resource = "account:{tenant}/{id}"
bound = { tenant = "tenant" }
idempotency = { natural = ["/id"] }
arguments = { "/host" = "host", "/url" = "url", "/to" = "email", "/amount" = "money", "/password" = "secret", "/hosts/*" = "host" }"#,
    ))
}

#[test]
fn a_bound_argument_comes_from_the_caller_only() {
    let tool = tenant_tool();
    let set = tool.resolve(&json!({"id": "7"}), &chain(), None).unwrap();
    assert_eq!(set.arguments["tenant"], json!("acme"));
    assert_eq!(set.resource.as_str(), "account:acme/7");
    let same = tool.resolve(&json!({"id": "7", "tenant": "acme"}), &chain(), None).unwrap();
    assert_eq!(set.digest, same.digest);
    for other in [json!("evil"), json!(null), json!(["acme"])] {
        let error = tool.resolve(&json!({"id": "7", "tenant": other}), &chain(), None).unwrap_err();
        assert_eq!(error.code(), Code::BoundArgument);
        assert_eq!(
            error.to_string(),
            "`/tenant`: is set from the caller's tenant; leave it out or give `acme`"
        );
    }
}

#[test]
fn kinds_are_canonical_before_anyone_compares_them() {
    let given = json!({
        "id": "7", "host": "EXAMPLE.com.", "url": "HTTPS://Example.com:443/a/../b", "to": "Ada@EXAMPLE.com",
        "amount": "12.5", "hosts": ["0x7f.1", "B.example"],
    });
    let resolved = tenant_tool().resolve(&given, &chain(), None).unwrap().arguments;
    assert_eq!(resolved["host"], "example.com");
    assert_eq!(resolved["url"], "https://example.com/b");
    assert_eq!(resolved["to"], "Ada@example.com");
    assert_eq!(resolved["amount"], "12.50");
    assert_eq!(resolved["hosts"], json!(["127.0.0.1", "b.example"]));
    let error = tenant_tool()
        .resolve(&json!({"id": "7", "hosts": ["a", "b c"]}), &chain(), None)
        .unwrap_err();
    assert!(error.to_string().starts_with("`/hosts/1`: `b c` is not a host"), "{error}");
}

#[test]
fn an_argument_cannot_climb_out_of_the_scope() {
    let tool = tenant_tool();
    let same = tool.resolve(&json!({"id": "../other/7"}), &chain(), None).unwrap();
    assert_eq!(same.resource.as_str(), "account:acme/..%2Fother%2F7");
    let mut other = chain();
    other.tenant = "globex".parse().unwrap();
    let error = tool.resolve(&json!({"id": "7"}), &other, None).unwrap_err();
    assert_eq!(error.code(), Code::OutOfScope);
    assert_eq!(
        error.to_string(),
        "`account:globex/7` is outside what `test.tool` may touch: `account:acme/*`"
    );
}

#[test]
fn every_path_must_lie_in_the_scope_not_only_the_named_resource() {
    let tool = compile(&contract(
        r#"{"type": "object", "properties": {"from": {"type": "string"}, "to": {"type": "string"}},
            "required": ["from", "to"], "additionalProperties": false}"#,
        r#"scope = ["workspace:src/**"]
resource = "workspace:{to}"
arguments = { "/from" = "path", "/to" = "path" }"#,
    ));
    assert!(tool.resolve(&json!({"from": "src/a", "to": "src/b"}), &chain(), None).is_ok());
    let error =
        tool.resolve(&json!({"from": "prod/a", "to": "src/b"}), &chain(), None).unwrap_err();
    assert_eq!(error.code(), Code::OutOfScope);
}

#[test]
fn a_secret_is_neither_quoted_nor_shown() {
    let tool = tenant_tool();
    let masked = tool.mask_secrets(&json!({"id": "7", "password": "correct horse"}));
    assert_eq!(masked, json!({"id": "7", "password": "⟦masked:secret⟧"}));
    for wrong in [json!(123_456), json!("abc")] {
        let shown = wrong.to_string();
        let error = tool
            .resolve(&json!({"id": "7", "password": wrong}), &chain(), None)
            .unwrap_err()
            .to_string();
        assert!(error.contains("/password") && !error.contains(shown.trim_matches('"')), "{error}");
    }
}

#[test]
fn the_natural_key_depends_on_its_arguments_alone() {
    let tool = tenant_tool();
    let key = |arguments: Value| tool.resolve(&arguments, &chain(), None).unwrap().natural_key;
    assert_eq!(key(json!({"id": "7"})), key(json!({"id": "7", "amount": "1"})));
    assert_ne!(key(json!({"id": "7"})), key(json!({"id": "8"})));
    assert_eq!(resolve("files.read", json!({"path": "a"})).unwrap().natural_key, None);
}

#[test]
fn messages_never_carry_control_characters_of_the_agent() {
    let (_, told) = refused("files.read", json!({"path": "a", "x\u{1b}[2J": 1, "\u{202E}": 2}));
    assert!(told.chars().all(|c| !c.is_control() && c != '\u{202E}'), "{told:?}");
    let (_, told) =
        refused("files.write", json!({"path": "a", "content": "", "mode": "\u{1b}[2J"}));
    assert!(told.chars().all(|c| !c.is_control()), "{told:?}");
}
