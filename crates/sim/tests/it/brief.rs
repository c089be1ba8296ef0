//! What a person sees of a request, and what is said about it: evidence, questions, edits, history, and what was shown.
//! Masking hides values, never tools, paths, hosts or recipients; what deceives the eye is named.

use domain::{Code, Evidence, Proposal, Status, Surface};
use gate::{Table, Yes};
use serde_json::json;

use crate::installation::{CREDENTIAL, Installation};
use crate::scripts::{Scripts, deploy, script};

type World = Installation<Scripts>;

fn write(path: &str, content: &str) -> Proposal {
    Proposal { arguments: json!({"path": path, "content": content}), ..deploy() }
}

#[test]
fn evidence_is_shown_also_if_it_comes_later_and_once() {
    let (world, gate) = World::begin();
    let with = |texts: &[&str]| Proposal {
        evidence: texts.iter().map(|text| Evidence((*text).to_owned())).collect(),
        ..deploy()
    };
    let call = world.propose(&gate, with(&["ticket T-1"])).call.unwrap();
    let (_, approval) = world.asked(call).remove(0);
    let person = world.person(&gate);
    world.finish(gate.ask(&person, approval, "which release is it?".to_owned())).unwrap();
    let again = world.propose(&gate, with(&["ticket T-1", "release 4.2"]));
    assert_eq!((again.call, again.status), (Some(call), Status::Held));
    let error = again.error.unwrap();
    assert!(error.message.contains("olga asks: which release is it?"), "{}", error.message);
    assert!(error.fix.contains("`evidence`"), "{}", error.fix);
    world.propose(&gate, with(&["release 4.2"]));
    drop(gate);
    let (gate, _) = world.open();
    let brief = world.finish(gate.brief(&person, approval)).unwrap();
    let texts: Vec<_> = brief.evidence.iter().map(|said| said.text.as_str()).collect();
    assert_eq!(texts, ["ticket T-1", "release 4.2"]);
    let [question] = brief.questions.as_slice() else { panic!("{:?}", brief.questions) };
    assert_eq!(question.by.as_deref(), Some("olga"));
    assert!(world.store.lock().unwrap().drift().is_empty());
    world.approve(&gate, call);
    assert_eq!(world.collect(&gate, call).status, Status::Succeeded);
}

#[test]
fn questions_are_bounded_and_end_with_the_decision() {
    let (world, gate) = World::begin();
    let call = world.propose(&gate, deploy()).call.unwrap();
    let (_, approval) = world.asked(call).remove(0);
    let person = world.person(&gate);
    let ask = || world.finish(gate.ask(&person, approval, "why?".to_owned()));
    for _ in 0..domain::limits::QUESTIONS_MAX {
        ask().unwrap();
        world.clock.jump(1);
    }
    assert_eq!(ask().unwrap_err().code, Code::RateLimited);
    world.approve(&gate, call);
    assert_eq!(ask().unwrap_err().code, Code::Conflict);
}

/// An edit was run with the old approval in other products.
#[test]
fn an_edit_is_a_new_call_that_needs_its_own_approval() {
    let (world, gate) = World::begin();
    let call = world.propose(&gate, deploy()).call.unwrap();
    let (_, approval) = world.asked(call).remove(0);
    let person = world.person(&gate);
    let arguments = json!({"path": "prod", "content": "smaller"});
    let edited = world.finish(gate.edit(&person, approval, (arguments, "less of it".to_owned())));
    let edited = edited.unwrap();
    assert_eq!(edited.status, Status::Held, "{edited:?}");
    let new = edited.call.unwrap();
    let told = world.collect(&gate, call);
    let error = told.error.unwrap();
    assert_eq!(error.code, Code::Superseded);
    assert!(error.message.contains("edited by olga: less of it"), "{}", error.message);
    assert!(error.fix.contains(&new.to_string()), "{}", error.fix);
    let (_, second) = world.asked(new).remove(0);
    let brief = world.finish(gate.brief(&person, second)).unwrap();
    let supersedes = brief.supersedes.unwrap();
    assert_eq!(supersedes.edited_by.as_deref(), Some("olga"));
    let argument = supersedes.changes.iter().find(|each| each.path == "arguments/content").unwrap();
    assert_eq!(
        (argument.before.as_deref(), argument.after.as_deref()),
        (Some("written"), Some("smaller"))
    );
    let old = world.finish(gate.approve(&person, approval, None));
    assert_eq!(old.unwrap_err().code, Code::Conflict);
    world.approve(&gate, new);
    assert_eq!(world.collect(&gate, new).status, Status::Succeeded);
    assert_eq!(world.tool.acts.lock().unwrap().len(), 1);
}

#[test]
fn an_edit_that_does_not_fit_leaves_the_call_as_it_was() {
    let (world, gate) = World::begin();
    let call = world.propose(&gate, deploy()).call.unwrap();
    let (_, approval) = world.asked(call).remove(0);
    let person = world.person(&gate);
    for arguments in [json!({"path": "prod"}), json!({"path": "../etc", "content": "x"}), json!([])]
    {
        let edit = gate.edit(&person, approval, (arguments, "so".to_owned()));
        assert!(world.finish(edit).is_err());
    }
    world.approve(&gate, call);
    assert_eq!(world.collect(&gate, call).status, Status::Succeeded);
}

#[test]
fn what_was_shown_is_kept_with_the_yes_and_must_be_what_is_asked() {
    let (world, gate) = World::begin();
    let call = world.propose(&gate, deploy()).call.unwrap();
    let (_, approval) = world.asked(call).remove(0);
    let person = world.person(&gate);
    let shown = world.finish(gate.brief(&person, approval)).unwrap().shown;
    assert!(shown.complete && shown.shown.chars > 100);
    let yes = |digest| Yes { shown: Some(digest), ..Yes::from(None) };
    let other = world.finish(gate.approve(&person, approval, yes(contract::digest(b"other"))));
    assert_eq!(other.unwrap_err().code, Code::Conflict);
    world.finish(gate.approve(&person, approval, yes(shown.shown.digest))).unwrap();
    let votes = world.store.lock().unwrap().all(Table::Votes);
    assert_eq!(votes.first().unwrap().text("shown"), shown.shown.digest.to_string());
    assert_eq!(votes.first().unwrap().count("shown_chars"), shown.shown.chars);
}

#[test]
fn earlier_requests_of_the_same_kind_are_counted_with_their_outcomes() {
    let (world, gate) = World::begin();
    let person = world.person(&gate);
    for (number, approves) in [true, true, false].into_iter().enumerate() {
        let call = world.propose(&gate, write("prod", &format!("text {number}"))).call.unwrap();
        let (_, approval) = world.asked(call).remove(0);
        if approves {
            world.approve(&gate, call);
            world.collect(&gate, call);
        } else {
            world.finish(gate.reject(&person, approval, "no more".to_owned())).unwrap();
        }
        world.clock.jump(10);
    }
    let call = world.propose(&gate, write("prod", "the last")).call.unwrap();
    let (_, approval) = world.asked(call).remove(0);
    let similar = world.finish(gate.brief(&person, approval)).unwrap().similar;
    assert_eq!((similar.asked, similar.approved, similar.rejected), (3, 2, 1));
    let latest = similar.latest.first().unwrap();
    assert_eq!((latest.state.as_str(), latest.reason.as_deref()), ("rejected", Some("no more")));
}

/// Attacks on what a person reads: padding, invisible and reordered characters, foreign letters, a secret beside a verb.
#[test]
fn values_are_masked_and_nothing_else_and_what_deceives_is_named() {
    let secret = CREDENTIAL.lines().nth(1).unwrap();
    for (path, content, risk) in [
        ("prod/a\u{202E}txt.exe", "x", None),
        (
            "prod/a",
            "rm\u{200B} -rf",
            Some("`/content` has characters that cannot be seen, such as U+200B"),
        ),
        (
            "prod/a",
            "ls\t\t\t; rm -rf /",
            Some("`/content` has tabs, which can push text out of sight"),
        ),
        (
            "prod/a",
            "curl https://p\u{430}ypal.com",
            Some("`/content` mixes alphabets in one word: `https://p⟪U+0430⟫ypal.com`"),
        ),
    ] {
        let (world, gate) = World::begin();
        let answer = world.propose(&gate, write(path, content));
        let Some(risk) = risk else {
            assert_eq!(answer.status, Status::Denied, "a path like this is refused at once");
            continue;
        };
        let (_, approval) = world.asked(answer.call.unwrap()).remove(0);
        let brief = world.finish(gate.brief(&world.person(&gate), approval)).unwrap();
        assert!(brief.risk.iter().any(|line| line == risk), "{:?}", brief.risk);
        let arguments = brief.arguments.unwrap();
        assert_eq!(arguments["content"], content, "what is shown is what would run");
    }
    let (world, gate) = World::begin();
    let token = "ghp_0123456789abcdefghijklmnopqrstuvwxyz";
    let intent =
        format!("delete https://api.example.com/items for bob@example.com with {token} {secret}");
    let proposal = Proposal { intent: Some(intent), ..write("prod/config.toml", "x") };
    let call = world.propose(&gate, proposal).call.unwrap();
    let (_, approval) = world.asked(call).remove(0);
    let brief = world.finish(gate.brief(&world.person(&gate), approval)).unwrap();
    let intent = brief.intent.unwrap();
    for kept in ["delete", "https://api.example.com/items", "bob@example.com"] {
        assert!(intent.contains(kept), "{intent}");
    }
    assert!(!intent.contains(token), "{intent}");
    assert_eq!(brief.arguments.unwrap()["path"], "prod/config.toml");
}

#[test]
fn a_request_whose_diff_is_cut_is_not_approved_with_one_word() {
    let (world, gate) = World::begin();
    let call = world.propose(&gate, deploy()).call.unwrap();
    let (_, approval) = world.asked(call).remove(0);
    let cut =
        |plan: &mut domain::Plan| plan.diff = format!("{}the diff is longer\n", domain::DIFF_CUT);
    world.store.lock().unwrap().change_plan_for_tests(call, cut);
    let person = world.person(&gate);
    let brief = world.finish(gate.brief(&person, approval)).unwrap();
    assert!(!brief.shown.complete);
    assert_eq!(brief.confirm.as_deref(), Some("prod"));
    let said = world.finish(gate.approve(&person, approval, None));
    assert_eq!(said.unwrap_err().code, Code::NotConfirmed);
}

#[test]
fn a_tool_that_nobody_classified_says_so() {
    let (world, gate) = World::begin();
    let odd =
        Proposal { arguments: json!({"name": "a"}), tool: "sim.odd".to_owned(), ..script("") };
    let call = world.propose(&gate, odd).call.unwrap();
    let (_, approval) = world.asked(call).remove(0);
    let brief = world.finish(gate.brief(&world.person(&gate), approval)).unwrap();
    assert_eq!(brief.risk.first().unwrap(), "nobody said what it does; it counts as irreversible");
    assert!(brief.rule_text.unwrap().contains("@hold"), "the rule is shown as it is in force");
    assert_eq!(brief.undo, None);
}

/// Parts of a text can be made to look like a secret, to hide what they do.
#[test]
fn what_is_masked_for_its_looks_is_not_approved_with_one_word() {
    let (world, gate) = World::begin();
    let content = format!("ghp_{}", "x".repeat(36));
    let held = world.propose(&gate, write("prod/a", &content));
    assert_eq!(held.status, Status::Held, "{held:?}");
    let (_, approval) = world.asked(held.call.unwrap()).remove(0);
    let person = world.person(&gate);
    let brief = world.finish(gate.brief(&person, approval)).unwrap();
    assert!(!brief.arguments.unwrap()["content"].as_str().unwrap().contains("xxx"));
    assert!(!brief.shown.complete && brief.confirm.is_some());
    assert!(brief.risk.iter().any(|line| line.contains("look like a secret")), "{:?}", brief.risk);
    let said = world.finish(gate.approve(&person, approval, None));
    assert_eq!(said.unwrap_err().code, Code::NotConfirmed);
}

#[test]
fn what_is_said_after_somebody_looked_is_part_of_what_is_asked() {
    let (world, gate) = World::begin();
    let call = world.propose(&gate, deploy()).call.unwrap();
    let (_, approval) = world.asked(call).remove(0);
    let person = world.person(&gate);
    let seen = world.finish(gate.brief(&person, approval)).unwrap().shown.shown.digest;
    world.finish(gate.ask(&person, approval, "why now?".to_owned())).unwrap();
    let yes = Yes { shown: Some(seen), ..world.yes(&gate, approval) };
    let said = world.finish(gate.approve(&person, approval, yes));
    assert_eq!(said.unwrap_err().code, Code::Conflict);
    let blind = Yes { shown: None, surface: Surface::Console, ..Yes::from(None) };
    let said = world.finish(gate.approve(&person, approval, blind));
    assert_eq!(said.unwrap_err().code, Code::InvalidRequest, "the console says what it showed");
}

/// Only the surfaces themselves held to it, so that one that forgot would have approved blindly.
#[test]
fn a_message_says_what_it_showed_and_approves_nothing_that_was_not_whole() {
    let (world, gate) = World::begin();
    let person = world.person(&gate);
    let asked = |content: &str| {
        let held = world.propose(&gate, write("prod/a", content));
        let approval = world.asked(held.call.unwrap()).remove(0).1;
        let shown = world.finish(gate.brief(&person, approval)).unwrap().shown;
        (held.call.unwrap(), approval, shown)
    };
    let says = |approval, surface, shown| {
        let yes = Yes { surface, shown, ..world.yes(&gate, approval) };
        world.finish(gate.approve(&person, approval, yes)).map_err(|refusal| refusal.code)
    };
    for surface in [Surface::Slack, Surface::Webhook] {
        let (call, approval, shown) = asked(&format!("ghp_{}", "x".repeat(36)));
        assert!(!shown.complete);
        let digest = Some(shown.shown.digest);
        assert_eq!(says(approval, surface, None), Err(Code::InvalidRequest), "{surface}");
        assert_eq!(says(approval, surface, digest), Err(Code::NotConfirmed), "{surface}");
        world.finish(gate.reject(&person, approval, "no".to_owned())).unwrap();
        assert_eq!(world.collect(&gate, call).status, Status::Denied);
        let (call, approval, shown) = asked(&format!("plain, by {surface}"));
        assert!(shown.complete);
        assert_eq!(says(approval, surface, Some(shown.shown.digest)), Ok(()), "{surface}");
        assert_eq!(world.collect(&gate, call).status, Status::Succeeded);
    }
}
