//! Are tool servers and token issuers of the configuration understood, checked, and refused with line and fix?
//! Nothing is started here; what a server does is asked in `mcp.rs` and in the tools' own tests.

use std::time::Duration;

use checkrein_server::config::{
    Config, Jailed, KeySet, OAuthGrant, Part, Problems, ServerCredential, ServerWay,
};

use crate::world::{PLAIN, Place};

fn load(toml: &str) -> Result<Config, Problems> {
    let place = Place::new(&format!("{toml}{PLAIN}"));
    place.write("workspace/token", "t");
    place.write("keys.json", "{}");
    std::fs::create_dir(place.path("served")).unwrap();
    let written = std::fs::read_to_string(place.path("checkrein.toml")).unwrap();
    let written = written.replace('%', &place.directory.path().display().to_string());
    std::fs::write(place.path("checkrein.toml"), written).unwrap();
    place.config()
}

fn refused(toml: &str, says: &[&str]) {
    let text = load(toml).unwrap_err().to_string();
    for part in says {
        assert!(text.contains(part), "expected {part} in {text}");
    }
}

#[test]
fn everything_that_can_be_said_of_servers_is_understood() {
    let config = load(
        r#"
        [[mcp_server]]
        name = "disk"
        command = ["node", "server.js", "/srv"]
        pack = "filesystem"
        offers = ["prompts", "resources", "questions", "instructions"]
        reads = ["/usr/share"]
        writes = ["%/served"]
        hosts = ["api.example.com:443"]
        jail = "off"
        environment = { LANG = "C" }
        environment_from = ["TOKEN"]
        timeout_ms = 1000
        [[mcp_server]]
        name = "remote"
        url = "https://mcp.example.com/mcp"
        [mcp_server.oauth]
        grant = "client_credentials"
        client_id = "us"
        client_secret_env = "SECRET"
        issuer = "https://login.example.com"
        scopes = ["read"]
        [[mcp_server]]
        name = "here"
        url = "http://127.0.0.1:9000/mcp"
        credential_command = ["pass", "show", "here"]
        [[token_issuer]]
        issuer = "https://login.example.com"
        audience = "checkrein"
        jwks_file = "keys.json"
        algorithms = ["ES256"]
        agent_claim = "azp"
        tenant = "acme"
        "#,
    )
    .unwrap();
    let [disk, remote, here] = &config.servers[..] else { panic!("{:?}", config.servers) };
    let ServerWay::Stdio { command, jailed, hosts, environment_from, .. } = &disk.way else {
        panic!()
    };
    assert_eq!((command.len(), *jailed, hosts.len()), (3, Jailed::Off, 1));
    assert_eq!(environment_from, &["TOKEN"]);
    assert!(disk.offers.contains(&Part::Questions) && disk.timeout == Duration::from_secs(1));
    assert!(config.warnings.iter().any(|text| text.contains("without a jail")));
    let ServerWay::Http { credential: ServerCredential::OAuth(oauth), .. } = &remote.way else {
        panic!()
    };
    assert_eq!(oauth.grant, OAuthGrant::ClientCredentials);
    // Compared with what the authorization server says of itself, letter by letter.
    assert_eq!(oauth.issuer.as_deref(), Some("https://login.example.com"));
    let ServerWay::Http { credential: ServerCredential::Command(words), .. } = &here.way else {
        panic!()
    };
    assert_eq!(words.len(), 3);
    let [issuer] = &config.issuers[..] else { panic!() };
    assert!(matches!(&issuer.keys, KeySet::File(path) if path.ends_with("keys.json")));
    assert_eq!(issuer.agent_claim, "azp");
}

#[test]
fn a_server_that_cannot_be_is_refused_with_what_would_be_right() {
    let server = |rest: &str| format!("[[mcp_server]]\nname = \"x\"\n{rest}\n");
    for (toml, says) in [
        (server(""), ["one of `command` and `url`", "write one of them"]),
        (server("command = []"), ["names no program", "write program"]),
        (server("command = [\"a\"]\nurl = \"https://a\""), ["one of `command` and `url`", "x"]),
        (server("url = \"http://example.com\""), ["no address of a server", "https://"]),
        (server("url = \"https://u:p@example.com\""), ["no address of a server", "credential_env"]),
        (server("url = \"https://a\"\nreads = [\"/usr\"]"), ["`reads` is only for", "take it out"]),
        (server("command = [\"a\"]\noauth = {}"), ["`oauth` is only for", "take it out"]),
        (
            server("command = [\"a\"]\npack = \"filesistem\""),
            ["no pack", "did you mean `filesystem`"],
        ),
        (
            server("command = [\"a\"]\noffers = [\"all\"]"),
            ["nothing that a server offers", "`prompts`"],
        ),
        (server("command = [\"a\"]\ntimeout_ms = 0"), ["out of bounds", "from 1"]),
        (server("command = [\"a\"]\nreads = [\"/\"]"), ["no server can be given `/`", "needs"]),
        (
            server("command = [\"a\"]\nwrites = [\"/proc/self\"]"),
            ["no server can be given", "needs"],
        ),
        (
            server("command = [\"a\"]\nreads = [\"/nowhere/at/all\"]"),
            ["is not there", "take it out"],
        ),
        (server("command = [\"a\"]\nhosts = [\"example.com\"]"), ["example.com", "write"]),
        (
            server("url = \"https://a\"\ncredential_env = \"A\"\ncredential_command = [\"b\"]"),
            ["several credentials", "keep one"],
        ),
        (
            server("url = \"https://a\"\noauth = { grant = \"client_credentials\" }"),
            ["no `client_id`", "registered"],
        ),
        (
            server(
                "url = \"https://a\"\noauth = { client_id = \"us\", client_secret_env = \"S\" }",
            ),
            ["no `issuer`", "shown to nobody else"],
        ),
        (
            "[[mcp_server]]\nname = \"files\"\ncommand = [\"a\"]\n".to_owned(),
            ["cannot be", "taken"],
        ),
        (server("command = [\"a\"]") + &server("command = [\"a\"]"), ["named twice", "once"]),
    ] {
        refused(&toml, &says);
    }
}

#[test]
fn a_server_reaches_nothing_that_agents_are_held_to() {
    for (path, what) in [
        ("%/state/data", "the data directory"),
        ("%/state", "the data directory"),
        ("%/config", "the operator's directory"),
        ("%", "leads to"),
    ] {
        let toml =
            format!("[[mcp_server]]\nname = \"x\"\ncommand = [\"a\"]\nwrites = [\"{path}\"]\n");
        let place = Place::new("");
        place.write("state/data/x", "");
        place.write("config/x", "");
        let toml =
            format!("{toml}{PLAIN}").replace('%', &place.directory.path().display().to_string());
        std::fs::write(place.path("checkrein.toml"), toml).unwrap();
        let text = place.config().unwrap_err().to_string();
        assert!(text.contains(what), "{path}: {text}");
    }
}

#[test]
fn agents_cannot_write_credentials_or_keys() {
    refused(
        "[[mcp_server]]\nname = \"x\"\nurl = \"https://a\"\ncredential_file = \"workspace/token\"\n",
        &["contains the credential of a server"],
    );
    refused(
        "[[token_issuer]]\nissuer = \"https://a\"\naudience = \"c\"\njwks_file = \"workspace/token\"\n",
        &["contains the keys of a token issuer"],
    );
}

#[test]
fn a_token_issuer_says_whose_tokens_how_signed_and_for_whom() {
    let issuer = |rest: &str| {
        format!("[[token_issuer]]\nissuer = \"https://a\"\naudience = \"c\"\n{rest}\n")
    };
    refused(&issuer(""), &["one of `jwks_url` and `jwks_file`"]);
    refused(&issuer("jwks_file = \"missing\""), &["is not a file"]);
    refused(
        &issuer("jwks_file = \"keys.json\"\nalgorithms = [\"HS256\"]"),
        &["no signature", "RS256"],
    );
    refused(&issuer("jwks_url = \"http://example.com/keys\""), &["no address"]);
}
