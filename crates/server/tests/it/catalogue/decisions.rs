//! Does what people decide about tools hold at once, for exactly what they looked at, and only from those who may decide?
//! Servers are real processes; every decision goes over the HTTP API.

use serde_json::json;

use super::{behind, calls, classified, seen_by_agents, stands, tool, until};
use crate::mcp::upstream::{Speaks, Upstream};
use crate::world::code;

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_is_pinned_at_first_sight_and_what_it_does_is_guessed_until_a_person_says_so() {
    let up = Upstream::start(Speaks::Modern).await;
    let server = behind(&up, "").await;
    let echo = stands(&server, "up.echo", "pinned").await;
    assert_eq!((&echo["tool"]["server"], &echo["tool"]["wire"]), (&json!("up"), &json!("echo")));
    assert_eq!(echo["tool"]["offered"], true);
    assert_eq!(echo["upstream"]["by"], json!(null), "first sight: {echo}");
    assert_eq!(echo["upstream"]["raw"]["x-unknown"], json!({ "kept": [1, 2.5] }));
    assert_ne!(echo["tool"]["provenance"], "confirmed");
    assert!(!echo["upstream"]["class_reasons"].as_array().unwrap().is_empty());
    let pure = classified(&server, "up.echo", "pure").await;
    assert_eq!(
        (&pure["tool"]["effect_class"], &pure["tool"]["provenance"]),
        (&json!("pure"), &json!("confirmed"))
    );
    assert_eq!(pure["upstream"]["classified"]["by"], "operator");
    // In force at once: the contract that decisions pin is another one.
    assert_ne!(pure["tool"]["digest"], echo["tool"]["digest"]);
    let answer = calls(&server, "up.echo", json!({ "text": "hi" })).await.envelope();
    assert_eq!(code(&answer), "");
    let entry = server.sees(&format!("/v1/calls/{}", answer.call.as_ref().unwrap())).await;
    assert_eq!(entry["call"]["effect_class"], "pure", "{entry}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drifted_tool_is_held_back_until_a_person_accepts_exactly_what_is_offered() {
    let up = Upstream::start(Speaks::Modern).await;
    up.offers(vec![tool("notes", "Lists notes.")]);
    let server = behind(&up, "").await;
    classified(&server, "up.notes", "pure").await;
    up.offers(vec![tool("notes", "Lists notes. Also deletes them.")]);
    let drifted = stands(&server, "up.notes", "drifted").await;
    assert!(
        drifted["upstream"]["held_back"]["fix"]
            .as_str()
            .unwrap()
            .contains("checkrein tools diff up.notes")
    );
    assert!(!seen_by_agents(&server).await.contains(&"up.notes".to_owned()));
    let answer = calls(&server, "up.notes", json!({})).await.envelope();
    assert_eq!(code(&answer), "CR-3011");
    let failure = answer.error.unwrap();
    assert!(
        failure.message.starts_with("NOT EXECUTED") && failure.fix.contains("tools diff"),
        "{failure:?}"
    );
    assert!(up.sent("tools/call").is_empty());
    let diff = server.sees("/v1/tools/up.notes/diff").await;
    let line = &diff["lines"][0];
    assert_eq!(line["pointer"], "/description");
    assert!(line["words"].as_str().unwrap().contains("{+"), "{line}");
    assert_ne!(diff["pinned"], diff["offered"]);
    // What a person said of the other definition can only make this one stricter.
    assert_eq!(diff["before"]["provenance"], "confirmed");
    assert_ne!(diff["after"]["effect_class"], "pure");
    // A decision about what is not offered any more is none.
    let accept = "/v1/tools/up.notes/accept";
    let stale =
        server.post(accept, &server.keys.operator, json!({ "definition": diff["pinned"] })).await;
    assert_eq!(stale.problem(409), "CR-1014");
    let accepted = server.does(accept, json!({ "definition": diff["offered"] })).await;
    assert_eq!(
        (&accepted["tool"]["standing"], &accepted["upstream"]["by"]),
        (&json!("pinned"), &json!("operator"))
    );
    assert!(seen_by_agents(&server).await.contains(&"up.notes".to_owned()));
    assert_ne!(accepted["tool"]["effect_class"], "pure");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_definition_stays_out_until_the_accepted_one_is_offered_again() {
    let up = Upstream::start(Speaks::Modern).await;
    up.offers(vec![tool("notes", "Lists notes.")]);
    let server = behind(&up, "").await;
    up.offers(vec![tool("notes", "Lists notes of others.")]);
    stands(&server, "up.notes", "drifted").await;
    let diff = server.sees("/v1/tools/up.notes/diff").await;
    let body = json!({ "definition": diff["offered"], "reason": "not ours" });
    let refused = server.does("/v1/tools/up.notes/refuse", body).await;
    assert_eq!(
        (&refused["tool"]["standing"], &refused["upstream"]["reason"]),
        (&json!("refused"), &json!("not ours"))
    );
    assert_eq!(code(&calls(&server, "up.notes", json!({})).await.envelope()), "CR-3011");
    let counted = server.sees("/v1/servers/up").await;
    assert_eq!((&counted["refused"], &counted["drifted"]), (&json!(1), &json!(0)));
    up.offers(vec![tool("notes", "Lists notes.")]);
    stands(&server, "up.notes", "pinned").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_admin_of_the_installation_decides_and_only_what_can_be_true() {
    let up = Upstream::start(Speaks::Modern).await;
    let server = behind(&up, "").await;
    let eve = server.other_tenant().await;
    let offered = server.sees("/v1/tools/up.echo/diff").await["offered"].clone();
    let accept = json!({ "definition": offered });
    for key in [&eve, &server.keys.agent] {
        let said = server.post("/v1/tools/up.echo/accept", key, accept.clone()).await;
        assert_eq!(said.status.as_u16(), 403, "{said:?}");
    }
    assert_eq!(server.get("/v1/servers", &eve).await.status.as_u16(), 403);
    assert_eq!(server.get("/v1/tools/up.echo/diff", &server.keys.agent).await.status.as_u16(), 403);
    let classify = "/v1/tools/up.echo/classify";
    for (class, consequences, reason, says) in [
        ("restorable", json!([]), "r", "compensable"),
        ("pure", json!(["delete"]), "r", "changes nothing"),
        ("harmless", json!([]), "r", "is not one of its words"),
        ("pure", json!(["fun"]), "r", "is not one of its words"),
        ("pure", json!([]), " ", "expected a few words"),
    ] {
        let body = json!({ "effect_class": class, "consequences": consequences, "reason": reason });
        let said = server.post(classify, &server.keys.operator, body).await;
        said.problem(400);
        assert!(said.body["detail"].as_str().unwrap().contains(says), "{said:?}");
    }
    let said = server.post("/v1/tools/up.nothing/accept", &server.keys.operator, accept).await;
    said.problem(404);
    let said = server.get("/v1/tools/up.eco", &server.keys.operator).await;
    assert!(said.body["detail"].as_str().unwrap().contains("did you mean `up.echo`"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_see_what_they_could_call_and_nothing_of_what_people_think_of_it() {
    let up = Upstream::start(Speaks::Modern).await;
    up.offers(vec![tool("notes", "Lists notes."), tool("secret_notes", "Lists notes.")]);
    let place = up.place("");
    place.write(
        "policies/all.cedar",
        "@id(\"all\") permit (principal, action, resource);\n@id(\"no\") forbid (principal, action == Action::\"up.secret_notes\", resource);\n",
    );
    let server = crate::world::Server::at(place).await;
    until(&server, "/v1/tools/up.secret_notes", |shown| shown["tool"]["offered"] == true).await;
    let seen = seen_by_agents(&server).await;
    assert!(
        seen.contains(&"up.notes".to_owned()) && !seen.contains(&"up.secret_notes".to_owned()),
        "{seen:?}"
    );
    let one = server.get("/v1/tools/up.notes", &server.keys.agent).await.ok();
    assert_eq!((&one["upstream"]["raw"], &one["tool"]["findings"]), (&json!(null), &json!([])));
    let hidden = server.get("/v1/tools/up.secret_notes", &server.keys.agent).await;
    let missing = server.get("/v1/tools/up.secret_nothing", &server.keys.agent).await;
    assert_eq!(hidden.status, missing.status);
    assert!(!hidden.body["detail"].as_str().unwrap().contains("did you mean `up.secret_notes`"));
}
