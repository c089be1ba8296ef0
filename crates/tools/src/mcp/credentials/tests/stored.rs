//! Tokens across restarts: kept, encrypted, bound to their server, and seen when another process changed them.
//! Each test has a directory of its own; the person and the gateway share it as two processes would.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use super::around::{Following, Rules, World, around, call, gateway, name, oauth};
use crate::mcp::credentials::{Around, Credentials, Source, TokenFiles};
use crate::mcp::guarded::Guarded;

const KEY: [u8; 32] = [7; 32];

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn directory(&self) -> PathBuf {
        self.0.path().join("tokens")
    }

    fn files(&self, key: Option<[u8; 32]>) -> TokenFiles {
        TokenFiles::new(self.directory(), key)
    }

    fn file(&self) -> Vec<u8> {
        std::fs::read(self.directory().join("server")).unwrap()
    }
}

/// Credentials of a person's login, as the command line has them.
fn login(world: &World, tokens: &TokenFiles) -> Credentials {
    let browser = Some(Following::new(world) as _);
    let around = Around { tokens: Some(tokens.clone()), browser, ..around(world) };
    Credentials::new(name(), Source::OAuth(Box::new(oauth())), around).unwrap()
}

#[tokio::test]
async fn a_login_elsewhere_opens_the_gateway_and_survives_its_restart() {
    let world = World::start(Rules::default()).await;
    for key in [None, Some(KEY)] {
        let home = Home::new();
        let running = gateway(&world, &home.files(key));
        assert!(call(&world, &running).await.unwrap_err().needs_login());
        login(&world, &home.files(key)).login().await.unwrap();
        // At once, although the refusal before is a moment old.
        call(&world, &running).await.unwrap();
        call(&world, &gateway(&world, &home.files(key))).await.unwrap();
    }
}

#[tokio::test]
async fn the_gateway_renews_what_a_person_got_and_keeps_the_rotated_token() {
    let world = World::start(Rules::default()).await;
    let home = Home::new();
    login(&world, &home.files(Some(KEY))).login().await.unwrap();
    for round in 1..4 {
        world.rules().revoked.lock().unwrap().push(format!("access-{round}-[]"));
        call(&world, &gateway(&world, &home.files(Some(KEY)))).await.unwrap();
    }
    assert_eq!(world.count("/authorize"), 1);
    assert_eq!(world.exchanges().last().unwrap().field("refresh_token").unwrap(), "refresh-3");
}

/// A token endpoint that was down for a moment cost the refresh token, and a person had to log in again.
#[tokio::test]
async fn an_outage_of_the_token_endpoint_costs_no_login() {
    let world = World::start(Rules::default()).await;
    let home = Home::new();
    login(&world, &home.files(None)).login().await.unwrap();
    world.rules().revoked.lock().unwrap().push("access-1-[]".to_owned());
    for status in [503, 429, 404] {
        *world.rules().outage.lock().unwrap() = Some(status);
        let error = call(&world, &gateway(&world, &home.files(None))).await.unwrap_err();
        assert!(!error.needs_login() && error.to_string().contains(&status.to_string()), "{error}");
    }
    *world.rules().outage.lock().unwrap() = None;
    call(&world, &gateway(&world, &home.files(None))).await.unwrap();
    assert_eq!(world.count("/authorize"), 1);
}

#[tokio::test]
async fn files_are_private_and_encrypted_where_there_is_a_key() {
    let world = World::start(Rules::default()).await;
    for (key, readable) in [(None, true), (Some(KEY), false)] {
        let home = Home::new();
        login(&world, &home.files(key)).login().await.unwrap();
        let text = String::from_utf8_lossy(&home.file()).into_owned();
        assert_eq!(text.contains("access-"), readable);
        assert_eq!(text.contains("refresh-"), readable);
        let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(home.directory().join("server")), 0o600);
        assert_eq!(mode(home.directory()), 0o700);
        assert_eq!(std::fs::read_dir(home.directory()).unwrap().count(), 1);
    }
}

/// Whether a gateway gets in with the file as it stands.
async fn opens(world: &World, tokens: &TokenFiles) -> bool {
    match call(world, &gateway(world, tokens)).await {
        Ok(()) => true,
        Err(error) => {
            assert!(error.needs_login(), "{error}");
            false
        }
    }
}

#[tokio::test]
async fn files_that_were_changed_moved_or_of_another_key_are_as_none() {
    let world = World::start(Rules::default()).await;
    let home = Home::new();
    login(&world, &home.files(Some(KEY))).login().await.unwrap();
    let (good, path) = (home.file(), home.directory().join("server"));
    assert!(opens(&world, &home.files(Some(KEY))).await);

    let mut changed = good.clone();
    *changed.last_mut().unwrap() ^= 1;
    let unsealed = b"checkrein tokens 1 plain\n{}".to_vec();
    for bytes in [changed, unsealed, b"".to_vec(), good[..good.len() / 2].to_vec()] {
        std::fs::write(&path, bytes).unwrap();
        assert!(!opens(&world, &home.files(Some(KEY))).await);
    }
    std::fs::write(&path, &good).unwrap();
    assert!(!opens(&world, &home.files(Some([8; 32]))).await);
    std::fs::write(&path, &good).unwrap();
    assert!(!opens(&world, &home.files(None)).await);

    // Another server's name: what is authenticated names the server.
    std::fs::write(home.directory().join("other"), &good).unwrap();
    let files = home.files(Some(KEY));
    assert_eq!(files.load(&"other".parse().unwrap()).unwrap(), None);
    std::fs::write(&path, &good).unwrap();
    assert!(files.load(&name()).unwrap().is_some());
}

/// The URL of a server was changed in the configuration: its token is not sent to the new place.
#[tokio::test]
async fn a_token_is_sent_to_the_url_that_it_was_got_for_and_no_other() {
    let (world, other) =
        (World::start(Rules::default()).await, World::start(Rules::default()).await);
    let home = Home::new();
    login(&world, &home.files(None)).login().await.unwrap();
    let elsewhere = Around {
        url: other.server.url.clone(),
        http: Guarded::new(&other.server.url).unwrap(),
        ..around(&world)
    };
    let elsewhere = Around { tokens: Some(home.files(None)), ..elsewhere };
    let source = Source::OAuth(Box::new(oauth()));
    let credentials = Credentials::new(name(), source, elsewhere).unwrap();
    assert!(call(&other, &credentials).await.unwrap_err().needs_login());
    assert_eq!(other.shown(), [""]);
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_said() {
    let world = World::start(Rules::default()).await;
    let home = Home::new();
    std::fs::write(home.directory(), "a file where the directory should be").unwrap();
    let error = login(&world, &home.files(None)).login().await.unwrap_err().to_string();
    assert!(error.contains("cannot be kept"), "{error}");
}
