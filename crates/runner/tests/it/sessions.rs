//! Programs that are talked with: in a jail on every rung, and without one.
//!
//! In: an order and what is said to its program. Out: what it answers and how it ends. Each file below is one promise; the
//! corpus of attacks runs in sessions too, from `escapes.rs`.

mod bounds;
mod cost;
mod ends;
mod talk;
mod unjailed;
mod walls;

use checkrein_runner::{
    Access, Error, Lifetime, Mount, MountAccess, Order, Pipes, Rung, Session, SessionEnd,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Place, jailer, on, place};

/// Rungs that this test may use. On `copy` a session is made exactly as on `overlay`.
fn rungs() -> impl Iterator<Item = Rung> {
    let without = std::env::var_os("RUNNER_TEST_WITHOUT_NAMESPACES").is_some();
    [Rung::Overlay, Rung::Landlock]
        .into_iter()
        .filter(move |rung| !without || *rung == Rung::Landlock)
}

/// A place whose order is a shell's script without a workspace. `prepare` may make what it names.
fn scripted(rung: Rung, script: &str) -> Place {
    let mut place = place();
    place.order.rung = rung;
    private(&mut place, script);
    place
}

fn private(place: &mut Place, script: &str) {
    place.order = Order {
        arguments: vec!["-c".into(), script.into()],
        limits: place.order.limits.clone(),
        rung: place.order.rung,
        reads: place.order.reads.clone(),
        mounts: place.order.mounts.clone(),
        ..Order::private("/bin/sh")
    };
}

/// The same with a directory beside it that can be changed, and belongs to whoever may run on the rung.
fn writing(rung: Rung, script: impl FnOnce(&str) -> String) -> (Place, std::path::PathBuf) {
    let mut place = place();
    let beside = place.beside("writes");
    on(&mut place, rung);
    place.order.mounts = vec![Mount { path: beside.clone(), access: MountAccess::Write }];
    private(&mut place, &script(beside.to_str().unwrap()));
    (place, beside)
}

async fn start(order: &Order) -> Result<(Session, Pipes), Error> {
    jailer().start(order.clone(), Lifetime::Limited).await
}

/// Everything a program says and how it ends, when nothing is said to it.
pub(crate) struct Said {
    pub(crate) end: SessionEnd,
    pub(crate) out: String,
    pub(crate) err: String,
}

async fn all(started: (Session, Pipes)) -> Said {
    let (session, Pipes { stdin, mut stdout, mut stderr }) = started;
    drop(stdin);
    let (mut out, mut err) = (String::new(), String::new());
    let (one, other) =
        tokio::join!(stdout.read_to_string(&mut out), stderr.read_to_string(&mut err));
    one.unwrap();
    other.unwrap();
    Said { end: session.ended().await, out, err }
}

async fn say(order: &Order) -> Said {
    all(start(order).await.unwrap()).await
}

/// One attack in a session of this order.
pub(crate) async fn payload(order: &Order, attack: &str, about: &str) -> Said {
    let mut order = order.clone();
    order.program = crate::support::escapes_program();
    order.reads.push(order.program.clone());
    order.arguments = vec![attack.into(), about.into()];
    say(&order).await
}

/// Says a line and waits for one.
async fn exchange(pipes: &mut Pipes, line: &str) -> String {
    pipes.stdin.write_all(line.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while answer.last() != Some(&b'\n') {
        answer.push(pipes.stdout.read_u8().await.unwrap());
    }
    String::from_utf8(answer).unwrap()
}

/// A workspace of the order's own again, in this access.
fn with_workspace(place: &mut Place, access: Access) {
    place.order.workspace = place.root.path().canonicalize().unwrap().join("workspace");
    place.order.access = access;
}
