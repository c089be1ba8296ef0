//! Accounts and logins: what logs somebody in, for how long, and what takes it away; over restarts.
//!
//! Passkeys' signatures are the server's business: here it is who they belong to and whether their counter grew.

use domain::{
    Assurance, Code, Digest, Event, Groups, Login, Name, Operator, PasskeyUse, Person, PersonState,
    Right, Role, Roles, SessionEnd, limits,
};
use gate::{Identity, LoginProof, Outside, PersonAsk, PersonChange, Refusal, Secret};

use crate::installation::{Installation, TestGate};
use crate::upstream::Server;

type Up = Installation<Server>;

fn named(text: &str) -> Name {
    text.parse().unwrap()
}

fn roles(roles: &[Role]) -> Roles {
    Roles::of(roles)
}

impl Up {
    fn account(&self, gate: &TestGate, name: &str, of: &[Role]) -> Person {
        let ask = PersonAsk {
            tenant: named("local"),
            name: named(name),
            roles: roles(of),
            groups: Groups::Named([named("leads")].into()),
        };
        self.finish(gate.make_person(&self.person(gate), ask)).unwrap()
    }

    fn link(&self, gate: &TestGate, name: &str, text: &str) {
        let (tenant, name) = (named("local"), named(name));
        let secret = (&Secret::new(text), limits::INVITATION_WITHIN);
        self.finish(gate.make_link(&self.person(gate), (&tenant, &name), secret)).unwrap();
    }

    fn opens(
        &self,
        gate: &TestGate,
        proof: LoginProof,
        session: &str,
    ) -> Result<Operator, Refusal> {
        self.finish(gate.open_session(proof, &Secret::new(session), None))?;
        self.who(gate, session)
    }

    fn who(&self, gate: &TestGate, session: &str) -> Result<Operator, Refusal> {
        self.finish(gate.identify(&Secret::new(session))).and_then(Identity::operator)
    }

    /// Somebody who is logged in by a link.
    fn logged_in(&self, gate: &TestGate, (name, of): (&str, &[Role]), session: &str) -> Operator {
        self.account(gate, name, of);
        self.link(gate, name, session);
        self.opens(gate, LoginProof::Link(Secret::new(session)), &format!("s-{session}")).unwrap()
    }

    fn change(&self, gate: &TestGate, name: &str, change: PersonChange) -> Result<Person, Refusal> {
        let whose = (&named("local"), &named(name));
        let by = self.person(gate);
        self.finish(gate.change_person(&by, whose, (change, "a test".to_owned())))
    }

    fn ends(&self) -> Vec<SessionEnd> {
        let ended = self.events(|event| matches!(event, Event::SessionEnded { .. }));
        let why = |event: &Event| {
            let Event::SessionEnded { why, .. } = event else { return None };
            Some(*why)
        };
        ended.iter().filter_map(why).collect()
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, Refusal>) -> Code {
    result.unwrap_err().code
}

#[test]
fn a_link_logs_its_person_in_once_and_in_time() {
    let (up, gate) = Up::begin();
    let eve = up.logged_in(&gate, ("eve", &[Role::Approver]), "first");
    assert_eq!((eve.name.as_str(), eve.assurance), ("eve", Assurance::Session));
    assert!(eve.roles.allow(Right::Decide) && !eve.roles.allow(Right::Operate));
    assert!(eve.groups.hold("leads") && !eve.groups.hold("ops"));
    let again = LoginProof::Link(Secret::new("first"));
    assert_eq!(refused(up.opens(&gate, again, "s")), Code::NotAuthenticated, "used");
    up.link(&gate, "eve", "second");
    up.link(&gate, "eve", "third");
    let replaced = LoginProof::Link(Secret::new("second"));
    assert_eq!(refused(up.opens(&gate, replaced, "s")), Code::NotAuthenticated, "replaced");
    up.clock.jump(i64::try_from(limits::INVITATION_WITHIN.as_millis()).unwrap());
    let late = LoginProof::Link(Secret::new("third"));
    assert_eq!(refused(up.opens(&gate, late, "s")), Code::NotAuthenticated, "late");
    let recovery = LoginProof::RecoveryCode {
        tenant: named("local"),
        person: named("eve"),
        code: Secret::new("third"),
    };
    assert_eq!(refused(up.opens(&gate, recovery, "s")), Code::NotAuthenticated, "another kind");
}

#[test]
fn a_session_and_a_used_link_are_the_same_after_a_restart() {
    let (up, gate) = Up::begin();
    up.logged_in(&gate, ("eve", &[Role::Approver]), "link");
    up.link(&gate, "eve", "open");
    drop(gate);
    let (gate, _) = up.open();
    assert_eq!(up.who(&gate, "s-link").unwrap().name.as_str(), "eve");
    let used = LoginProof::Link(Secret::new("link"));
    assert_eq!(refused(up.opens(&gate, used, "s")), Code::NotAuthenticated);
    up.opens(&gate, LoginProof::Link(Secret::new("open")), "s").unwrap();
    let by = up.who(&gate, "s").unwrap();
    up.finish(gate.end_session(by.key)).unwrap();
    drop(gate);
    let (gate, _) = up.open();
    assert_eq!(refused(up.who(&gate, "s")), Code::NotAuthenticated, "logged out before");
    assert_eq!(up.ends(), [SessionEnd::LoggedOut]);
}

/// Each start of the server gave every session another twelve hours.
#[test]
fn being_idle_counts_over_a_restart() {
    let (up, gate) = Up::begin();
    up.logged_in(&gate, ("eve", &[Role::Viewer]), "a");
    let half = i64::try_from(limits::SESSION_IDLE_MAX.as_millis()).unwrap() / 2 + 1_000;
    up.clock.jump(half);
    up.who(&gate, "s-a").unwrap();
    up.finish(gate.tick()).unwrap();
    drop(gate);
    let (gate, _) = up.open();
    up.clock.jump(half);
    // Used half of the time ago, as was recorded; opened longer ago than a session may be idle.
    up.who(&gate, "s-a").unwrap();
    let used = |up: &Up| up.events(|event| matches!(event, Event::SessionUsed { .. })).len();
    assert_eq!(used(&up), 1);
    up.finish(gate.tick()).unwrap();
    up.finish(gate.tick()).unwrap();
    assert_eq!(used(&up), 2, "said once for each use that may not be lost");
    drop(gate);
    up.clock.jump(2 * half);
    let (gate, _) = up.open();
    assert_eq!(refused(up.who(&gate, "s-a")), Code::NotAuthenticated, "idle while nobody served");
    up.finish(gate.tick()).unwrap();
    assert_eq!(up.ends(), [SessionEnd::Idle]);
}

#[test]
fn a_session_ends_when_it_is_idle_and_when_its_time_is_over() {
    let (up, gate) = Up::begin();
    up.logged_in(&gate, ("eve", &[Role::Viewer]), "a");
    up.link(&gate, "eve", "b");
    up.opens(&gate, LoginProof::Link(Secret::new("b")), "s-b").unwrap();
    let half = i64::try_from(limits::SESSION_IDLE_MAX.as_millis()).unwrap() / 2 + 1_000;
    up.clock.jump(half);
    up.who(&gate, "s-b").unwrap();
    up.clock.jump(half);
    assert_eq!(refused(up.who(&gate, "s-a")), Code::NotAuthenticated, "idle");
    up.finish(gate.tick()).unwrap();
    assert_eq!(up.ends(), [SessionEnd::Idle]);
    for _ in 0..26 {
        up.who(&gate, "s-b").unwrap();
        up.clock.jump(half);
    }
    assert_eq!(refused(up.who(&gate, "s-b")), Code::NotAuthenticated, "a week is over");
    up.finish(gate.tick()).unwrap();
    assert_eq!(up.ends(), [SessionEnd::Idle, SessionEnd::TimedOut]);
}

#[test]
fn disabling_somebody_ends_every_way_in_at_once() {
    let (up, gate) = Up::begin();
    up.logged_in(&gate, ("eve", &[Role::Operator]), "a");
    let key = Secret::new("ck_eve");
    let holder = domain::KeyHolder::Operator {
        tenant: named("local"),
        name: named("eve"),
        roles: roles(&[Role::Operator]),
        groups: Groups::All,
    };
    up.finish(gate.make_key(&up.person(&gate), holder, &key)).unwrap();
    up.link(&gate, "eve", "b");
    let off = PersonChange { state: Some(PersonState::Disabled), ..PersonChange::default() };
    up.change(&gate, "eve", off).unwrap();
    let all_out = |gate: &TestGate| {
        assert_eq!(refused(up.who(gate, "s-a")), Code::NotAuthenticated);
        assert_eq!(refused(up.who(gate, "ck_eve")), Code::NotAuthenticated);
        let link = LoginProof::Link(Secret::new("b"));
        assert_eq!(refused(up.opens(gate, link, "s")), Code::NotAuthenticated);
    };
    all_out(&gate);
    drop(gate);
    let (gate, _) = up.open();
    all_out(&gate);
    let on = PersonChange { state: Some(PersonState::Active), ..PersonChange::default() };
    up.change(&gate, "eve", on).unwrap();
    up.who(&gate, "ck_eve").unwrap();
    assert_eq!(refused(up.who(&gate, "s-a")), Code::NotAuthenticated, "an ended session stays so");
}

#[test]
fn rights_that_are_taken_away_are_gone_in_open_sessions() {
    let (up, gate) = Up::begin();
    up.logged_in(&gate, ("eve", &[Role::Admin]), "a");
    let change = PersonChange { roles: Some(roles(&[Role::Viewer])), ..PersonChange::default() };
    up.change(&gate, "eve", change).unwrap();
    assert!(!up.who(&gate, "s-a").unwrap().roles.allow(Right::Operate));
}

#[test]
fn nobody_gives_themselves_more_and_nobody_locks_themselves_out() {
    let (up, gate) = Up::begin();
    let eve = up.logged_in(&gate, ("eve", &[Role::Approver]), "a");
    let ask = PersonAsk {
        tenant: named("local"),
        name: named("mallory"),
        roles: roles(&[Role::Admin]),
        groups: Groups::none(),
    };
    assert_eq!(refused(up.finish(gate.make_person(&eve, ask))), Code::NotAllowed);
    let whose = (&named("local"), &named("eve"));
    let more = PersonChange { roles: Some(roles(&[Role::Admin])), ..PersonChange::default() };
    let changed = up.finish(gate.change_person(&eve, whose, (more, String::new())));
    assert_eq!(refused(changed), Code::NotAllowed);
    let link = (&Secret::new("l"), limits::LINK_WITHIN);
    let olga = (&named("local"), &named("olga"));
    up.account(&gate, "olga", &[Role::Admin]);
    assert_eq!(refused(up.finish(gate.make_link(&eve, olga, link))), Code::NotAllowed);
    // A key of the same name with fewer roles makes no link to the person's.
    let key = Operator { name: named("olga"), roles: roles(&[Role::Auditor]), ..eve };
    assert_eq!(refused(up.finish(gate.make_link(&key, olga, link))), Code::NotAllowed);
    let in_no_group = Operator {
        roles: roles(&[Role::Approver]),
        groups: Groups::none(),
        name: named("eve"),
        ..key
    };
    assert_eq!(refused(up.finish(gate.make_link(&in_no_group, whose, link))), Code::NotAllowed);
    let off = PersonChange { state: Some(PersonState::Disabled), ..PersonChange::default() };
    assert_eq!(refused(up.change(&gate, "olga", off)), Code::NotAllowed, "olga is who asks");
}

#[test]
fn a_passkey_counts_upwards_and_belongs_to_one_person() {
    let (up, gate) = Up::begin();
    let eve = up.logged_in(&gate, ("eve", &[Role::Approver]), "a");
    let add = |by: &Operator, id: &str| {
        up.finish(gate.add_passkey(by, (id.to_owned(), "phone"), ("key".to_owned(), 4)))
    };
    add(&eve, "one").unwrap();
    let log_in = |counter: u32, session: &str| {
        let used = PasskeyUse { passkey: "one".to_owned(), counter };
        up.opens(&gate, LoginProof::Passkey(used), session)
    };
    assert_eq!(refused(log_in(4, "p")), Code::NotAuthenticated, "a copy of the key");
    let sure = log_in(5, "p").unwrap();
    assert_eq!(sure.assurance, Assurance::Passkey);
    assert_eq!(refused(add(&sure, "one")), Code::Conflict);
    assert_eq!(refused(log_in(5, "q")), Code::NotAuthenticated, "answered before");
    up.clock.jump(i64::try_from(limits::PASSKEY_FRESH.as_millis()).unwrap());
    assert_eq!(up.who(&gate, "p").unwrap().assurance, Assurance::Session, "some minutes later");
    let stale = up.who(&gate, "p").unwrap();
    assert_eq!(refused(add(&stale, "two")), Code::NotAllowed, "a session that was left open");
    assert_eq!(refused(up.finish(gate.remove_passkey(&stale, "one"))), Code::NotAllowed);
    let other = up.logged_in(&gate, ("bob", &[Role::Approver]), "c");
    assert_eq!(refused(up.finish(gate.remove_passkey(&other, "one"))), Code::NotAllowed);
    up.finish(gate.remove_passkey(&up.person(&gate), "one")).unwrap();
    assert_eq!(refused(log_in(9, "p")), Code::NotAuthenticated, "an admin took it away");
}

#[test]
fn recovery_codes_hold_once_and_new_ones_replace_them() {
    let (up, gate) = Up::begin();
    let eve = up.logged_in(&gate, ("eve", &[Role::Approver]), "a");
    let codes = |texts: [&str; 2]| texts.map(Secret::new);
    up.finish(gate.make_recovery_codes(&eve, &codes(["r1", "r2"]))).unwrap();
    let log_in = |person: &str, code: &str| {
        let (tenant, person) = (named("local"), named(person));
        let proof = LoginProof::RecoveryCode { tenant, person, code: Secret::new(code) };
        up.opens(&gate, proof, &format!("s-{code}"))
    };
    assert_eq!(refused(log_in("bob", "r1")), Code::NotAuthenticated, "of another person");
    assert_eq!(log_in("eve", "r1").unwrap().assurance, Assurance::Session);
    assert_eq!(refused(log_in("eve", "r1")), Code::NotAuthenticated, "used");
    let eve = up.who(&gate, "s-r1").unwrap();
    up.finish(gate.make_recovery_codes(&eve, &codes(["r3", "r4"]))).unwrap();
    assert_eq!(refused(log_in("eve", "r2")), Code::NotAuthenticated, "replaced");
    assert_eq!(gate.recovery_codes_left(&named("local"), &named("eve")), 2);
    up.finish(gate.tick()).unwrap();
    let counted = up.events(|event| matches!(event, Event::LoginsRefused { .. }));
    assert_eq!(counted, [Event::LoginsRefused { count: 3 }], "a flood is one entry");
}

fn outside(subject: u8, name: &str, of: Option<&[Role]>) -> Outside {
    Outside {
        issuer: named("corp"),
        identity: Digest::new([subject; 32]),
        tenant: named("local"),
        name: Some(named(name)),
        roles: of.map(roles),
        groups: None,
    }
}

#[test]
fn an_issuer_names_people_it_gave_roles_and_takes_nobody_elses_name() {
    let (up, gate) = Up::begin();
    let unknown = up.finish(gate.person_from_outside(outside(1, "ann", None)));
    assert_eq!(refused(unknown), Code::NotAllowed, "claims that give nothing");
    let ann =
        up.finish(gate.person_from_outside(outside(1, "ann", Some(&[Role::Viewer])))).unwrap();
    assert_eq!(ann.roles, roles(&[Role::Viewer]));
    let more = outside(1, "renamed", Some(&[Role::Approver]));
    let again = up.finish(gate.person_from_outside(more)).unwrap();
    assert_eq!((again.name.as_str(), again.roles), ("ann", roles(&[Role::Approver])));
    let thief = up.finish(gate.person_from_outside(outside(2, "ann", Some(&[Role::Admin]))));
    assert_eq!(refused(thief), Code::NotAllowed, "another subject with the same name");
    let eve = up.logged_in(&gate, ("eve", &[Role::Approver]), "a");
    let taken = up.finish(gate.link_identity(&eve, outside(1, "eve", None)));
    assert_eq!(refused(taken), Code::Conflict);
    up.finish(gate.link_identity(&eve, outside(3, "eve", None))).unwrap();
    let known = up.finish(gate.person_from_outside(outside(3, "x", None))).unwrap();
    assert_eq!(known.name.as_str(), "eve");
    let by = up.opens(&gate, LoginProof::Issuer(known), "s").unwrap();
    assert_eq!(gate.session(&by).unwrap().login, Login::Issuer);
}

#[test]
fn one_person_has_so_many_sessions_and_the_oldest_gives_way() {
    let (up, gate) = Up::begin();
    up.logged_in(&gate, ("eve", &[Role::Viewer]), "0");
    for number in 1..=limits::SESSIONS_PER_PERSON_MAX {
        let text = number.to_string();
        up.link(&gate, "eve", &text);
        up.clock.jump(1);
        up.opens(&gate, LoginProof::Link(Secret::new(&*text)), &format!("s-{text}")).unwrap();
    }
    assert_eq!(refused(up.who(&gate, "s-0")), Code::NotAuthenticated);
    up.who(&gate, "s-1").unwrap();
    assert_eq!(up.ends(), [SessionEnd::Replaced]);
}

#[test]
fn an_issuer_lets_nobody_in_whom_it_gives_no_role_and_gives_nobody_a_name_that_is_known() {
    let (up, gate) = Up::begin();
    let stranger = up.finish(gate.person_from_outside(outside(1, "ann", Some(&[]))));
    assert_eq!(refused(stranger), Code::NotAllowed);
    assert_eq!(gate.person(&named("local"), &named("ann")), None);
    // `ada` is whom the agent acts for, `olga` has a key; neither has an account.
    for known in ["ada", "olga"] {
        let thief = outside(2, known, Some(&[Role::Approver]));
        assert_eq!(
            refused(up.finish(gate.person_from_outside(thief))),
            Code::NotAllowed,
            "{known}"
        );
    }
}

#[test]
fn an_issuer_of_another_tenant_gives_nobody_anything_here() {
    let (up, gate) = Up::begin();
    let eve = up.logged_in(&gate, ("eve", &[Role::Viewer]), "a");
    let elsewhere = |subject| Outside {
        tenant: named("elsewhere"),
        ..outside(subject, "eve", Some(&[Role::Admin]))
    };
    let linked = up.finish(gate.link_identity(&eve, elsewhere(1)));
    assert_eq!(refused(linked), Code::NotAllowed);
    up.finish(gate.link_identity(&eve, outside(2, "eve", None))).unwrap();
    let raised = up.finish(gate.person_from_outside(elsewhere(2)));
    assert_eq!(refused(raised), Code::NotAllowed);
    assert_eq!(up.who(&gate, "s-a").unwrap().roles, roles(&[Role::Viewer]));
}

#[test]
fn a_session_that_was_left_open_makes_itself_no_link() {
    let (up, gate) = Up::begin();
    let eve = up.logged_in(&gate, ("eve", &[Role::Approver]), "a");
    let (tenant, name) = (named("local"), named("eve"));
    let link = |by: &Operator| {
        let secret = (&Secret::new("l"), limits::LINK_WITHIN);
        up.finish(gate.make_link(by, (&tenant, &name), secret))
    };
    link(&eve).unwrap();
    up.clock.jump(i64::try_from(limits::PASSKEY_FRESH.as_millis()).unwrap());
    let stale = up.who(&gate, "s-a").unwrap();
    assert_eq!(refused(link(&stale)), Code::NotAllowed);
}

/// Whoever holds a key or administers can make a link, and must not make a passkey of it that stays.
#[test]
fn who_has_a_passkey_adds_ways_in_by_that_and_not_by_a_link() {
    let (up, gate) = Up::begin();
    let first = up.logged_in(&gate, ("eve", &[Role::Approver]), "a");
    let add = |by: &Operator, id: &str| {
        up.finish(gate.add_passkey(by, (id.to_owned(), "phone"), ("key".to_owned(), 0)))
    };
    add(&first, "one").unwrap();
    up.link(&gate, "eve", "b");
    let by_link = up.opens(&gate, LoginProof::Link(Secret::new("b")), "s-b").unwrap();
    assert_eq!(refused(add(&by_link, "two")), Code::NotAllowed);
    assert_eq!(refused(up.finish(gate.remove_passkey(&by_link, "one"))), Code::NotAllowed);
    let codes = [Secret::new("r")];
    let codes = up.finish(gate.make_recovery_codes(&by_link, &codes));
    assert_eq!(refused(codes), Code::NotAllowed);
    let identity = gate.link_identity(&by_link, outside(9, "eve", None));
    assert_eq!(refused(up.finish(identity)), Code::NotAllowed);
    let used = PasskeyUse { passkey: "one".to_owned(), counter: 0 };
    let sure = up.opens(&gate, LoginProof::Passkey(used), "p").unwrap();
    add(&sure, "two").unwrap();
}

#[test]
fn somebody_who_comes_back_has_none_of_the_old_ways_in() {
    let (up, gate) = Up::begin();
    let eve = up.logged_in(&gate, ("eve", &[Role::Approver]), "a");
    up.finish(gate.make_recovery_codes(&eve, &[Secret::new("r1")])).unwrap();
    up.link(&gate, "eve", "b");
    for state in [PersonState::Disabled, PersonState::Active] {
        up.change(&gate, "eve", PersonChange { state: Some(state), ..PersonChange::default() })
            .unwrap();
    }
    let (tenant, person) = (named("local"), named("eve"));
    let code = LoginProof::RecoveryCode { tenant, person, code: Secret::new("r1") };
    assert_eq!(refused(up.opens(&gate, code, "x")), Code::NotAuthenticated);
    let link = LoginProof::Link(Secret::new("b"));
    assert_eq!(refused(up.opens(&gate, link, "y")), Code::NotAuthenticated);
    drop(gate);
    let (gate, _) = up.open();
    let link = LoginProof::Link(Secret::new("b"));
    assert_eq!(refused(up.opens(&gate, link, "y")), Code::NotAuthenticated, "nor after a restart");
}

#[test]
fn a_browser_is_one_person_at_a_time() {
    let (up, gate) = Up::begin();
    let ann = up.logged_in(&gate, ("ann", &[Role::Approver]), "a");
    up.account(&gate, "bob", &[Role::Approver]);
    up.link(&gate, "bob", "b");
    let proof = LoginProof::Link(Secret::new("b"));
    up.finish(gate.open_session(proof, &Secret::new("s-b"), Some(ann.key))).unwrap();
    assert_eq!(refused(up.who(&gate, "s-a")), Code::NotAuthenticated);
}

#[test]
fn a_session_that_was_left_open_links_nobody_of_a_service() {
    let (up, gate) = Up::begin();
    let eve = up.logged_in(&gate, ("eve", &[Role::Admin]), "a");
    let (tenant, name) = (named("local"), named("eve"));
    let link = |by: &Operator, subject: u8| {
        let identity = (named("slack"), Digest::new([subject; 32]));
        up.finish(gate.link_person(by, (&tenant, &name), identity))
    };
    link(&eve, 1).unwrap();
    up.clock.jump(i64::try_from(limits::PASSKEY_FRESH.as_millis()).unwrap());
    let stale = up.who(&gate, "s-a").unwrap();
    assert_eq!(refused(link(&stale, 2)), Code::NotAllowed);
    assert!(gate.linked_with(Digest::new([1; 32])).is_some());
    assert_eq!(gate.linked_with(Digest::new([2; 32])), None);
}

/// Anybody could take any identity of a service for the own account, without a proof, and others were told whose it is.
#[test]
fn an_identity_of_a_service_is_given_by_an_admin_within_a_bound_and_dropped_by_its_person() {
    let (up, gate) = Up::begin();
    let admin = up.logged_in(&gate, ("ann", &[Role::Admin]), "a");
    let eve = up.logged_in(&gate, ("eve", &[Role::Approver]), "b");
    let whose = (named("local"), named("eve"));
    let slack = |subject: u8| (named("slack"), Digest::new([subject; 32]));
    let link = |by: &Operator, subject| {
        up.finish(gate.link_person(by, (&whose.0, &whose.1), slack(subject)))
    };
    assert_eq!(refused(link(&eve, 1)), Code::NotAllowed);
    let most = u8::try_from(limits::IDENTITIES_PER_PERSON_MAX).unwrap();
    (0..most).for_each(|subject| link(&admin, subject).unwrap());
    assert_eq!(refused(link(&admin, most)), Code::Conflict);
    let unlink = |by: &Operator, (tenant, name): &(Name, Name)| {
        up.finish(gate.unlink_person(by, (tenant, name), slack(0)))
    };
    unlink(&eve, &whose).unwrap();
    assert_eq!(gate.linked_with(slack(0).1), None);
    link(&admin, most).unwrap();
    assert_eq!(refused(unlink(&eve, &(named("local"), named("ann")))), Code::NotAllowed);
}
