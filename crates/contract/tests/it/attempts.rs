//! What a contract says about attempts: what is read, what is refused and why, and that the digest covers it.
//! In: texts of contract files. Out: contracts, or findings with their place.

use contract::{ContractFile, Origin, contract_digest, contract_json, load};
use domain::{Attempts, KeyPlace, ProviderKey, limits};
use std::time::Duration;

use crate::support;

const INPUT: &str = r#"{"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"],
 "additionalProperties": false}"#;
const BASE: &str = r#"scope = ["ticket:*"]
resource = "ticket:{title}"
errors = [
  { code = "busy", meaning = "nothing was made", executed = "no" },
  { code = "broken", meaning = "who knows", executed = "unknown" },
  { code = "late", meaning = "it was made", executed = "yes" },
]"#;
const RETRY: &str = r#"retry = { on = ["busy", "unreachable"], attempts_max = 3, first_ms = 200, most_ms = 5_000, within_ms = 30_000 }"#;
const PROBE: &str = r#"[tool.probe]
tool = "test.find"
arguments = { title = "/title", state = { value = "open" } }
happened = { pointer = "/items/0/id", exists = true }
not_happened = { pointer = "/items", equals = [] }
settles_ms = 5_000

[[tool]]
name = "test.find"
version = 1
description = { what = "finds", when_to_use = "in tests", side_effects = "none" }
effect_class = "pure"
provenance = "confirmed"
scope = ["tickets:*"]
resource = "tickets:all"
timeout_ms = 1000
cost_max = "0"
maturity = "stable"
input = '{"type": "object", "properties": {"title": {"type": "string"}, "state": {"type": "string"}}, "additionalProperties": false}'
output = '{"type": "object"}'"#;

fn text(fields: &str) -> String {
    support::contract(INPUT, &format!("{BASE}\n{fields}"))
}

fn loaded(fields: &str) -> Result<contract::Catalogue, String> {
    let text = text(fields);
    let file = ContractFile { name: "test.toml", text: &text, origin: Origin::Operator };
    load::all(&[file]).map_err(|errors| errors.to_string())
}

fn attempts(fields: &str) -> Attempts {
    let catalogue = loaded(fields).unwrap();
    catalogue.find("test.tool").unwrap().contract.attempts.clone()
}

#[test]
fn what_is_written_is_what_holds_and_nothing_is_the_default() {
    assert_eq!(attempts(""), Attempts::default());
    let retry = attempts(RETRY).retry.unwrap();
    assert_eq!((retry.attempts_max, retry.on.len()), (3, 2));
    assert_eq!(retry.most, Duration::from_secs(5));
    let probe = attempts(PROBE).probe.unwrap();
    assert_eq!((probe.arguments.len(), probe.settles), (2, Duration::from_secs(5)));
    assert_eq!(attempts("doubt_horizon_ms = 5").doubt_horizon, Duration::from_millis(5));
}

#[test]
fn what_makes_no_sense_is_refused_with_its_reason() {
    let retry = |from: &str, to: &str| {
        assert!(RETRY.contains(from), "{from}");
        RETRY.replace(from, to)
    };
    let probe = |from: &str, to: &str| {
        assert!(PROBE.contains(from), "{from}");
        PROBE.replacen(from, to, 1)
    };
    let table: &[(String, &str)] = &[
        (retry("\"busy\"", "\"broken\""), "may have happened; trying it again may repeat it"),
        (retry("\"busy\"", "\"timed_out\""), "may have happened"),
        (retry("\"busy\"", "\"late\""), "has happened; trying it again repeats it"),
        (retry("\"busy\"", "\"bussy\""), "which is not declared"),
        (retry("[\"busy\", \"unreachable\"]", "[]"), "no error is tried again"),
        (retry("attempts_max = 3", "attempts_max = 1"), "1 attempts are not possible"),
        (retry("attempts_max = 3", "attempts_max = 11"), "11 attempts are not possible"),
        (retry("within_ms = 30_000", "within_ms = 600_001"), "600001 ms are not possible"),
        (retry("first_ms = 200", "first_ms = 5_001"), "longer than the longest"),
        (retry("first_ms = 200", "first_ms = 0"), "0 ms are not possible"),
        ("provider_key = { in = \"meta\", horizon_ms = 5 }".to_owned(), "nothing passes a key on"),
        ("provider_key = { in = \"body\", horizon_ms = 5 }".to_owned(), "no place for a key"),
        ("failover = \"test.tool\"".to_owned(), "cannot stand in for itself"),
        ("failover = \"test.other\"".to_owned(), "does not exist"),
        ("doubt_horizon_ms = 0".to_owned(), "0 ms is not possible"),
        ("doubt_horizon_ms = 2_592_000_001".to_owned(), "is not possible"),
        (probe("tool = \"test.find\"", "tool = \"test.none\""), "does not exist"),
        (probe("\"/title\"", "\"/titel\""), "points to no argument"),
        (probe("\"/title\"", "\"{key}\""), "is given no key"),
        (probe("\"/title\"", "\"title\""), "neither `{key}` nor a pointer"),
        (probe("exists = true", "exists = true, equals = 1"), "one of them"),
        (probe("equals = []", "about = []"), "unknown field"),
        (probe("provenance = \"confirmed\"", "provenance = \"declared\""), "not confirmed `pure`"),
        (
            probe("effect_class = \"pure\"\nprovenance", "effect_class = \"unknown\"\nprovenance"),
            "not confirmed `pure`",
        ),
    ];
    for (fields, why) in table {
        let said = loaded(fields).map(|_| "loads".to_owned()).unwrap_or_else(|errors| errors);
        assert!(said.contains(why), "{fields}\nsaid: {said}\nwanted: {why}");
    }
}

#[test]
fn the_digest_covers_every_field_and_is_unchanged_without_them() {
    let fields = ["", RETRY, PROBE, "doubt_horizon_ms = 5"];
    let plain = loaded("").unwrap().find("test.tool").unwrap().contract.clone();
    let mut contracts: Vec<_> = fields
        .map(|fields| loaded(fields).unwrap())
        .iter()
        .map(|all| all.find("test.tool").unwrap().contract.clone())
        .collect();
    let place = KeyPlace::Header("Idempotency-Key".to_owned());
    let mut keyed = plain.clone();
    keyed.attempts.provider_key =
        Some(ProviderKey { place, horizon: limits::PROVIDER_HORIZON_MAX });
    contracts.push(keyed.clone());
    keyed.attempts.failover = Some("test.other".parse().unwrap());
    contracts.push(keyed);
    let mut digests: Vec<_> = contracts.iter().map(contract_digest).collect();
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), contracts.len());
    let form = contract_json(&plain);
    for field in ["retry", "provider_key", "probe", "doubt_horizon_ms", "failover"] {
        assert!(form.get(field).is_none(), "{field}");
    }
}
