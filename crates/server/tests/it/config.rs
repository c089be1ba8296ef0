//! Is configuration understood, checked, and refused with file, line and fix?
//! No server but one: that a file which an agent could have left is not believed.

use std::collections::BTreeMap;
use std::path::Path;

use checkrein_server::config::{Config, KEYS, Problems, Source};
use domain::{Code, Mode, OnExceeded};
use tempfile::TempDir;

use crate::world::{PLAIN, Place, source};

fn load(toml: &str) -> Result<Config, Problems> {
    Place::new(toml).config()
}

fn check(toml: &str, line: usize, says: &[&str]) {
    let problems = load(toml).unwrap_err();
    let text = problems.to_string();
    let found = problems.0.iter().any(|problem| problem.line == Some(line));
    assert!(found, "expected line {line} in {text}");
    assert!(text.contains("checkrein.toml:"), "{text}");
    for part in says {
        assert!(text.contains(part), "expected {part} in {text}");
    }
}

#[test]
fn everything_that_can_be_said_is_understood() {
    let config = load(
        r#"
        currency = "USD"
        [server]
        listen = "[::1]:7421"
        data_dir = "state/data"
        config_dir = "config"
        master_key_file = "keys/master.key"
        [[space]]
        name = "staging"
        [[space]]
        name = "production"
        mode = "shadow"
        [[workspace]]
        tenant = "acme"
        space = "production"
        root = "workspace"
        [[workflow]]
        name = "deploy"
        owner = "ops"
        space = "production"
        on_exceeded = "escalate"
        budget = { calls = 10, money = "12.50", irreversible = 1, read_bytes = 1000, wall_ms = 60000 }
        [grant_day]
        calls = 100
        money = "99"
        irreversible = 5
        read_bytes = 1000000
        wall_ms = 3600000
        on_exceeded = "degrade"
        [secrets]
        env = ["TOKEN"]
        files = ["token"]
        "#,
    )
    .unwrap();
    assert_eq!((config.currency.as_str(), config.listen.port()), ("USD", 7421));
    assert_eq!(config.spaces[1].mode, Mode::Shadow);
    let names: Vec<&str> = config.workflows.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["default", "deploy"], "ambient runs belong to the first");
    let deploy = &config.workflows[1];
    assert_eq!((deploy.owner.as_str(), deploy.space.as_str()), ("ops", "production"));
    assert_eq!(deploy.budget.money_micros, Some(12_500_000));
    assert_eq!(deploy.budget.wall_ms, Some(60_000));
    assert_eq!(deploy.on_exceeded, OnExceeded::Escalate);
    let (day, on_exceeded) = config.grant_day;
    assert_eq!(
        (day.calls, day.money_micros, day.irreversible),
        (Some(100), Some(99_000_000), Some(5))
    );
    assert_eq!((day.read_bytes, day.wall_ms), (Some(1_000_000), Some(3_600_000)));
    assert_eq!(on_exceeded, OnExceeded::Degrade);
    assert_eq!(config.workspaces[0].tenant.as_str(), "acme");
    assert_eq!(config.secrets.env, ["TOKEN"]);
    assert!(config.master_key_file.ends_with("keys/master.key"));
}

#[test]
fn a_directory_without_a_file_is_served_by_defaults() {
    let directory = TempDir::new().unwrap();
    let home = TempDir::new().unwrap();
    let mut source = source(directory.path());
    source.environment.insert("HOME".into(), home.path().display().to_string());
    std::fs::create_dir(directory.path().join("policies")).unwrap();
    let config = Config::load(&source).unwrap();
    let home = home.path().canonicalize().unwrap();
    assert_eq!(config.file, None);
    assert_eq!(config.data_dir, home.join(".local/state/checkrein"));
    assert_eq!(config.master_key_file, home.join(".config/checkrein/master.key"));
    assert_eq!(config.workspaces[0].root, directory.path().canonicalize().unwrap());
    assert_eq!(config.workspaces[0].space.as_str(), "experiment");
    assert_eq!(config.url(), "http://localhost:7420");
    assert!(config.policies.is_empty(), "an agent could have written them");
    assert!(config.warnings.iter().any(|warning| warning.contains("policies")));
}

#[test]
fn unknown_keys_and_wrong_values_are_told_with_line_and_fix() {
    check("[server]\nlisen = \"x\"\n", 2, &["lisen", "did you mean `listen`?"]);
    check("surplus = 1\n", 1, &["surplus"]);
    check("[[workspace]]\nroot = \"workspace\"\nspcae = \"x\"\n", 3, &["did you mean `space`?"]);
    check("[server]\nlisten = \"nowhere\"\n", 2, &["is not an address", "127.0.0.1:7420"]);
    check("[[space]]\nname = \"a\"\nmode = \"off\"\n", 3, &["`enforce` or `shadow`"]);
    check("[[space]]\nname = \"A\"\n", 2, &["is not a name"]);
    check("[[space]]\nname = \"a\"\n[[space]]\nname = \"a\"\n", 4, &["named twice"]);
    check("[[workflow]]\nname = \"w\"\nspace = \"x\"\n", 3, &["unknown space `x`", "experiment"]);
    check("[grant_day]\nmoney = \"1,5\"\n", 2, &["is not an amount"]);
    check(
        "[[workflow]]\nname = \"w\"\non_exceeded = \"cry\"\n",
        3,
        &["`degrade`, `escalate` or `stop`"],
    );
    check("currency = \"euro\"\n", 1, &["three capital letters"]);
    check("[server]\npolicies = [\"nothing\"]\n", 2, &["is not a directory"]);
    check("[[workspace]]\nroot = \"nothing\"\n", 2, &["is not a directory"]);
    check("[server\n", 1, &[]);
}

#[test]
fn every_problem_is_told_at_once() {
    let problems = load("currency = \"euro\"\n[grant_day]\nmoney = \"x\"\n").unwrap_err();
    assert_eq!(problems.0.len(), 2, "{problems}");
}

#[test]
fn nothing_beyond_loopback_is_listened_on() {
    for address in ["0.0.0.0:7420", "[::]:7420", "192.168.1.1:7420", "8.8.8.8:80"] {
        let problems = load(&format!("[server]\nlisten = \"{address}\"\n")).unwrap_err();
        assert_eq!(problems.code(), Code::BindRefused, "{problems}");
    }
}

#[test]
fn no_workspace_holds_what_agents_are_held_to() {
    for (line, says) in [
        ("data_dir = \"workspace/data\"", "the data directory"),
        ("config_dir = \"workspace/config\"", "the operator's directory"),
        ("master_key_file = \"workspace/key\"", "the master key"),
        ("data_dir = \"workspace/../workspace/./x/data\"", "the data directory"),
    ] {
        let toml = format!("[server]\n{line}\n[[workspace]]\nroot = \"workspace\"\n");
        let problems = load(&toml).unwrap_err().to_string();
        assert!(problems.contains(says), "{line}: {problems}");
    }
    let own = load("[[workspace]]\nroot = \".\"\n").unwrap_err().to_string();
    assert!(own.contains("the configuration file"), "{own}");
    let place = Place::new(
        "[server]\npolicies = [\"workspace/rules\"]\n[[workspace]]\nroot = \"workspace\"\n",
    );
    place.write("workspace/rules/a.cedar", "");
    let problems = place.config().unwrap_err().to_string();
    assert!(problems.contains("a directory of policies"), "{problems}");
}

#[test]
fn a_link_does_not_hide_where_something_lies() {
    let place = Place::new(
        "[server]\ndata_dir = \"elsewhere/data\"\n[[workspace]]\nroot = \"workspace\"\n",
    );
    std::os::unix::fs::symlink(place.path("workspace"), place.path("elsewhere")).unwrap();
    let problems = place.config().unwrap_err().to_string();
    assert!(problems.contains("the data directory"), "{problems}");
}

/// An agent whose workspace is the working directory once could leave a configuration there for the next start.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_an_agent_could_have_written_is_not_believed() {
    let (directory, home) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut source = source(directory.path());
    source.environment.insert("HOME".into(), home.path().display().to_string());
    source.environment.insert("CHECKREIN_LISTEN".into(), "127.0.0.1:0".into());
    let config = Config::load(&source).unwrap();
    let running = checkrein_server::serve(config, checkrein_server::ShowKeys::Once).await.unwrap();
    running.stop();
    running.ended().await;
    std::fs::write(directory.path().join("checkrein.toml"), PLAIN).unwrap();
    std::fs::create_dir(directory.path().join("workspace")).unwrap();
    let problems = Config::load(&source).unwrap_err().to_string();
    assert!(problems.contains("--config"), "{problems}");
    source.file = Some("checkrein.toml".into());
    Config::load(&source).unwrap();
}

#[test]
fn the_environment_stands_above_the_file() {
    let place = Place::new(PLAIN);
    place.write("rules/a.cedar", "");
    let values = |name: &str| -> String {
        match name {
            "CHECKREIN_LISTEN" => "127.0.0.1:9".into(),
            "CHECKREIN_CURRENCY" => "CHF".into(),
            "CHECKREIN_PUBLIC_URL" => "https://from.example.com".into(),
            "CHECKREIN_CONTRACTS" | "CHECKREIN_POLICIES" => "rules".into(),
            _ => format!("from-{}", name.to_lowercase()),
        }
    };
    let mut with = source(place.directory.path());
    let variables: Vec<&str> =
        KEYS.iter().map(|key| key.variable).filter(|name| !name.is_empty()).collect();
    for name in &variables {
        with.environment.insert((*name).into(), values(name));
    }
    with.environment.insert("CHECKREIN_LISTN".into(), "x".into());
    let config = Config::load(&with).unwrap();
    let shown = format!("{config:?}");
    let other = ["CHECKREIN_CONTRACTS", "CHECKREIN_POLICIES", "CHECKREIN_PUBLIC_URL"];
    for name in variables.iter().filter(|name| !other.contains(name)) {
        assert!(shown.contains(&values(name)), "{name} does nothing: {shown}");
    }
    assert!(config.contracts[0].ends_with("rules") && config.policies[0].ends_with("rules"));
    assert!(config.warnings.iter().any(|warning| warning.contains("CHECKREIN_LISTN")));
    assert_eq!(config.public_url.unwrap().host_str(), Some("from.example.com"));
}

#[test]
fn every_key_of_the_table_is_one_that_the_file_takes() {
    // The file with all keys above, and this table, must not drift apart: a key that is taken out of the reader
    // makes the reader refuse the line, one that is missing in the table is found by name.
    for key in KEYS {
        let (table, last) = key.name.rsplit_once('.').unwrap_or(("", key.name));
        let wrong = match table {
            "approvals" => format!("[approvals]\n{last} = \"x\"\n"),
            "" => format!("{last} = true\n"),
            "workspace" | "space" | "workflow" | "command" | "git_remote" | "mcp_server"
            | "token_issuer" | "login_issuer" => {
                format!("[[{table}]]\n{last} = true\n")
            }
            "mcp_server.oauth" => {
                format!("[[mcp_server]]\nname = \"x\"\noauth = {{ {last} = true }}\n")
            }
            "workflow.budget" => {
                format!("[[workflow]]\nname = \"w\"\nbudget = {{ {last} = true }}\n")
            }
            _ => format!("[{table}]\n{last} = true\n"),
        };
        let problems = load(&wrong).unwrap_err().to_string();
        assert!(!problems.contains("unknown field"), "{}: {problems}", key.name);
        assert!(
            problems.contains("invalid type") || problems.contains("expected"),
            "{}: {problems}",
            key.name
        );
    }
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let directory = TempDir::new().unwrap();
    let named = Source {
        file: Some("other.toml".into()),
        directory: directory.path().to_owned(),
        environment: BTreeMap::new(),
    };
    let problems = Config::load(&named).unwrap_err().to_string();
    assert!(problems.contains("other.toml: cannot be read"), "{problems}");
    assert!(Path::new(directory.path()).exists());
}
