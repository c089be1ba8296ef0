//! Does anything that a server says carry a credential that it was given, whatever it says it in?
//! The server tells its secret in lists, greetings, progress, log messages and questions, also with characters between that
//! nobody sees. What becomes of a tool whose definition holds one is `checkrein-server`'s to say (`catalogue/secrets`).

use mcp::FromTool;

use super::*;
use crate::mcp::credentials::Secret;

const SECRET: &str = "zq7Kp2vX9mLw4TbN81";
const MARK: &str = "⟦masked:known⟧";

fn leaking(era: &str) -> World {
    let mut one = child(&[era, "leaks"]);
    one.environment = vec![("SECRET".to_owned(), Variable::Secret(Secret::new(SECRET)))];
    let one = spec("evil", Way::Stdio(one));
    World::with(vec![offering(one, &[Part::Instructions, Part::Questions])])
}

/// As it would be shown: without what nobody sees.
fn assert_masked(said: &impl std::fmt::Debug) {
    let said = format!("{said:?}").replace("\\u{200b}", "");
    assert!(said.contains(MARK) && !said.contains(SECRET), "{said}");
}

#[tokio::test]
async fn a_secret_is_masked_before_anybody_sees_what_its_server_offers() {
    for era in ["modern", "legacy"] {
        let world = leaking(era);
        let offer = world.offer().await;
        assert_masked(&*offer);
        assert_masked(&world.standing());
        let echo = offer.tool("echo").unwrap();
        assert_masked(&echo.raw);
        assert_masked(&(&offer.instructions, &offer.capabilities));
        // What is pinned is what is kept and shown.
        assert_eq!(echo.digest, contract::digest_of(&echo.raw));
        // A definition that did not change keeps its digest, whatever the secret is by now.
        world.upstreams.restart(&evil()).unwrap();
        assert_eq!(world.offer().await.tool("echo").unwrap().digest, echo.digest);
        world.assert_serves().await;
    }
}

#[tokio::test]
async fn a_secret_is_masked_in_what_is_told_and_asked_while_a_call_runs() {
    for (era, revision) in [("modern", Revision::V2026July), ("legacy", Revision::V2025November)] {
        let world = leaking(era);
        for tool in ["progress", "logs"] {
            let invocation = world.accepted(tool).await;
            let mut line = world.conversations.open(invocation.call, client(revision));
            world.carry_out(&invocation, TIMEOUT).await.unwrap();
            let Ok(FromTool::Notification(told)) = line.from_tool.try_recv() else {
                panic!("expected one")
            };
            assert_masked(&told.params);
        }
    }
    let world = leaking("legacy");
    let invocation = world.accepted("asks_once").await;
    let mut line = world.conversations.open(invocation.call, client(Revision::V2025November));
    let asked = async {
        let Some(FromTool::Ask { request, answer }) = line.from_tool.recv().await else {
            panic!("expected a question")
        };
        let _ = answer.send(Ok(empty()));
        request
    };
    let (asked, reply) = tokio::join!(asked, world.carry_out(&invocation, TIMEOUT));
    assert_masked(&asked.params);
    assert!(reply.is_ok());
}

#[tokio::test]
async fn an_answer_without_its_secret_says_that_something_was_masked() {
    let world = leaking("modern");
    let mut invocation = world.accepted("echo").await;
    invocation.arguments = json!({ "text": SECRET });
    let reply = world.carry_out(&invocation, TIMEOUT).await.unwrap();
    assert_masked(&reply.output);
    assert!(reply.warnings.iter().any(|said| said.contains("masked")), "{:?}", reply.warnings);
}
