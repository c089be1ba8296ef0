//! Is what an operator says of commands, remotes and jails understood, checked, and kept from leading anywhere else?
//! Reading only; what runs is tested where it runs.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use checkrein_server::config::{Config, Problems};
use domain::{CommandRole, CredentialSource};

use crate::world::{PLAIN, Place};

/// A place with what the examples below name.
fn place(toml: &str) -> Place {
    let place = Place::apart(&format!("{toml}\n{PLAIN}"));
    for directory in
        ["toolchain/bin", "repository.git/objects", "repository.git/refs", "config", "state/data"]
    {
        std::fs::create_dir_all(place.path(directory)).unwrap();
    }
    let private = std::fs::Permissions::from_mode(0o700);
    for directory in ["config", "state/data"] {
        std::fs::set_permissions(place.path(directory), private.clone()).unwrap();
    }
    place.write("repository.git/HEAD", "ref: refs/heads/main\n");
    place.write("credential", "a-token-that-is-long-enough\n");
    place
}

/// The place's own paths stand for `%`.
fn load(toml: &str) -> Result<Config, Problems> {
    let place = place("");
    let here = place.directory.path().canonicalize().unwrap();
    let toml = format!("{toml}\n{PLAIN}").replace('%', here.to_str().unwrap());
    std::fs::write(place.path("checkrein.toml"), toml).unwrap();
    place.config()
}

fn refused(toml: &str, says: &[&str]) {
    let problems = load(toml).unwrap_err().to_string();
    for part in says {
        assert!(problems.contains(part), "{toml}\nexpected {part} in {problems}");
    }
}

#[test]
fn everything_that_can_be_said_of_commands_is_understood() {
    let config = load(
        r#"
        [jail]
        upper_bytes = 2097152
        memory_bytes = 67108864
        processes = 40
        cpu_ms = 30000
        jails_max = 3
        reads = ["%/toolchain"]
        [[command]]
        program = "python3"
        arguments = ["-m", "unittest"]
        role = "test"
        reads = ["%/toolchain/bin"]
        caches = ["node_modules/.cache", "/home/agent/.cache"]
        environment = { CI = "1", PATH = "/opt/bin:/usr/bin" }
        [[command]]
        program = "/usr/bin/ls"
        [[git_remote]]
        name = "origin"
        url = "https://Example.org/Ada/greeter.git"
        credential_env = "GREETER_TOKEN"
        [[git_remote]]
        name = "near"
        url = "http://localhost:3000/greeter"
        credential_file = "credential"
        [[git_remote]]
        name = "local"
        url = "%/repository.git"
        "#,
    )
    .unwrap();
    let jail = config.jail;
    assert_eq!((jail.upper_bytes, jail.memory_bytes, jail.processes), (2_097_152, 67_108_864, 40));
    assert_eq!((jail.cpu, jail.jails_max), (Duration::from_secs(30), 3));
    let [tests, listing] = config.commands.as_slice() else { panic!("{:?}", config.commands) };
    assert_eq!((tests.program.as_str(), tests.role), ("python3", Some(CommandRole::Test)));
    assert_eq!(tests.arguments, ["-m", "unittest"]);
    assert_eq!(tests.needs.caches, ["node_modules/.cache", "/home/agent/.cache"]);
    assert_eq!(tests.needs.environment["PATH"], "/opt/bin:/usr/bin");
    assert_eq!(tests.needs.reads.len(), 2, "its own and that of every command");
    assert!(tests.needs.hosts.is_empty(), "a named command is previewed");
    assert_eq!((listing.program.as_str(), listing.role), ("/usr/bin/ls", None));
    assert!(listing.needs.reads[0].ends_with("/toolchain"));
    let [origin, near, local] = config.remotes.as_slice() else { panic!("{:?}", config.remotes) };
    assert_eq!(origin.url, "https://example.org/Ada/greeter.git", "one spelling");
    assert_eq!(origin.credential, Some(CredentialSource::Environment("GREETER_TOKEN".to_owned())));
    assert!(
        matches!(&near.credential, Some(CredentialSource::File(path)) if Path::new(path).is_absolute())
    );
    assert!(local.url.ends_with("/repository.git") && local.credential.is_none());
}

#[test]
fn without_a_word_of_jails_there_are_bounds_all_the_same() {
    let jail = load("").unwrap().jail;
    assert_eq!((jail.upper_bytes, jail.memory_bytes), (1 << 30, 4 << 30));
    assert_eq!((jail.processes, jail.jails_max), (512, 16));
    assert_eq!(jail.cpu, Duration::from_secs(3_600));
}

#[test]
fn numbers_outside_their_bounds_are_refused() {
    for line in [
        "upper_bytes = 1073741825",
        "upper_bytes = 0",
        "memory_bytes = 1000",
        "processes = 0",
        "cpu_ms = 1",
        "cpu_ms = 86400001",
        "jails_max = 0",
        "jails_max = 100000",
    ] {
        refused(&format!("[jail]\n{line}"), &["out of bounds", "write a number from", ":2:"]);
    }
}

#[test]
fn a_program_is_a_name_or_an_absolute_path() {
    for program in ["", "-c", "./test.sh", "scripts/test.sh", "..", "/usr/../bin/ls", "/", "a\\nb"]
    {
        refused(
            &format!("[[command]]\nprogram = \"{program}\""),
            &["is not a program", "interpreter"],
        );
    }
    refused(
        "[[command]]\nprogram = \"ls\"\n[[command]]\nprogram = \"ls\"",
        &["`ls` is named twice"],
    );
    refused("[[command]]\nprogram = \"ls\"\nrole = \"deploy\"", &["`test`, `build` or `lint`"]);
    refused("[[command]]\nprogram = \"ls\"\narguments = [\"a\\u0000\"]", &["NUL"]);
    refused(
        "[[command]]\nprogram = \"npm\"\nhosts = [\"registry.example:443\"]",
        &["hosts", "previewed", ":3:"],
    );
}

#[test]
fn variables_that_lead_elsewhere_are_refused() {
    for name in [
        "LD_PRELOAD",
        "GIT_DIR",
        "GIT_SSH_COMMAND",
        "BASH_ENV",
        "ENV",
        "HOME",
        "PYTHONSTARTUP",
        "NODE_OPTIONS",
        "1A",
    ] {
        let toml = format!("[[command]]\nprogram = \"ls\"\nenvironment = {{ {name} = \"x\" }}");
        refused(&toml, &[name]);
    }
    let near =
        "[[command]]\nprogram = \"ls\"\nenvironment = { ENVIRONMENT = \"x\", GITHUB = \"x\" }";
    assert_eq!(load(near).unwrap().commands[0].needs.environment.len(), 2);
}

/// A tool that runs what an agent can write is the agent's, whatever name it was given.
#[test]
fn no_variable_leads_to_code_that_agents_write() {
    let place = place("");
    let here = place.directory.path().canonicalize().unwrap();
    std::fs::create_dir_all(here.join("workspace/bin")).unwrap();
    std::os::unix::fs::symlink(here.join("workspace/bin"), here.join("link")).unwrap();
    std::os::unix::fs::symlink("/usr/bin", here.join("workspace/out")).unwrap();
    let load = |variable: &str| {
        let command = "program = \"npm\"\ncaches = [\"/home/agent/.npm\"]";
        let text = format!("[[command]]\n{command}\nenvironment = {{ {variable} }}\n{PLAIN}");
        let text = text.replace('%', here.to_str().unwrap());
        std::fs::write(place.path("checkrein.toml"), text).unwrap();
        place.config()
    };
    for (variable, says) in [
        ("PATH = \"/usr/bin:%/workspace/bin\"", "the workspace"),
        ("PATH = \"%/workspace:/usr/bin\"", "the workspace"),
        ("PATH = \"%\"", "the workspace"),
        ("PATH = \"%/link\"", "the workspace"),
        ("PATH = \"%/workspace/out\"", "the workspace"),
        ("PATH = \"/usr/bin:/home/agent/.npm/bin\"", "the cache `/home/agent/.npm`"),
        ("PATH = \"bin\"", "where the command stands"),
        ("PYTHONPATH = \"%/workspace/lib\"", "the workspace"),
        ("PYTHONPATH = \"lib\"", "where the command stands"),
        ("NODE_PATH = \"/home/agent/.npm/lib\"", "the cache"),
    ] {
        let problems = load(variable).unwrap_err().to_string();
        assert!(problems.contains(says), "{variable}: {problems}");
    }
    for variable in [
        "PATH = \"%/toolchain/bin:/usr/bin\"",
        "PYTHONPATH = \"%/toolchain\"",
        "PROJECT = \"%/workspace\"",
        "npm_config_cache = \"/home/agent/.npm\"",
    ] {
        load(variable).unwrap_or_else(|problems| panic!("{variable}: {problems}"));
    }
}

#[test]
fn a_role_is_for_code_that_is_named() {
    for line in ["program = \"sh\"", "program = \"python3\"\narguments = [\"-c\"]"] {
        let toml = format!("[[command]]\n{line}\nrole = \"test\"");
        let at = format!(":{}:", toml.lines().count());
        refused(&toml, &["runs whatever code a call brings", "name the script", &at]);
        load(&toml.replace("role = \"test\"", "")).unwrap();
    }
    load("[[command]]\nprogram = \"sh\"\narguments = [\"test.sh\"]\nrole = \"test\"").unwrap();
}

#[test]
fn no_readable_path_leads_to_what_agents_are_held_to() {
    for (path, says) in [
        ("/", "is not an absolute path"),
        ("/run", "holds more than a toolchain"),
        ("/root/.ssh", "where keys are kept"),
        ("%/door", "holds more than a toolchain"),
        ("%", "workspace"),
        ("%/workspace", "the workspace"),
        ("%/state", "the data directory"),
        ("%/state/data", "the data directory"),
        ("%/config", "the operator's directory"),
        ("%/checkrein.toml", "the configuration file"),
        ("%/link", "the data directory"),
        ("%/missing", "is not there"),
        ("toolchain", "is not an absolute path"),
        ("%/toolchain/../state", "is not an absolute path"),
    ] {
        let command = format!("[[command]]\nprogram = \"ls\"\nreads = [\"{path}\"]");
        let place = place("");
        let here = place.directory.path().canonicalize().unwrap();
        std::os::unix::fs::symlink(here.join("state/data"), here.join("link")).unwrap();
        std::os::unix::fs::symlink("/run", here.join("door")).unwrap();
        for toml in
            [command, format!("[jail]\nreads = [\"{path}\"]\n[[command]]\nprogram = \"ls\"")]
        {
            let text = format!("{toml}\n{PLAIN}").replace('%', here.to_str().unwrap());
            std::fs::write(place.path("checkrein.toml"), text).unwrap();
            let problems = place.config().unwrap_err().to_string();
            assert!(problems.contains(says), "{toml}: {problems}");
        }
    }
}

#[test]
fn caches_cover_nothing_that_others_rely_on() {
    for path in [
        ".",
        "..",
        "../x",
        ".git",
        "a/.GIT/b",
        "/",
        "/usr/bin",
        "/etc",
        "/home/../etc",
        "/tmp/",
        ".checkrein-x",
    ] {
        let toml = format!("[[command]]\nprogram = \"ls\"\ncaches = [\"{path}\"]");
        refused(&toml, &["node_modules/.cache"]);
    }
    for path in ["%/workspace/target", "%/workspace", "%"] {
        refused(
            &format!("[[command]]\nprogram = \"ls\"\ncaches = [\"{path}\"]"),
            &["overlaps the workspace"],
        );
    }
}

#[test]
fn remotes_are_one_place_and_carry_no_secret() {
    for url in [
        "https://token@example.org/x",
        "https://example.org/x?token=1",
        "http://example.org/x",
        "http://localhost.example.org/x",
        "ssh://example.org/x",
        "ext::sh -c id",
        "file:///tmp/x",
        "git@example.org:x",
        "--upload-pack=id",
        "%/workspace",
        "%/missing.git",
    ] {
        let toml = format!("[[git_remote]]\nname = \"origin\"\nurl = \"{url}\"");
        let problems = load(&toml).unwrap_err().to_string();
        assert!(
            ["credential_env", "bare repository", "the workspace"]
                .iter()
                .any(|says| problems.contains(says)),
            "{url}: {problems}"
        );
    }
    let origin = "[[git_remote]]\nname = \"origin\"\nurl = \"https://example.org/x\"";
    refused(&format!("{origin}\n{origin}"), &["named twice"]);
    refused(&origin.replace("origin", "-x"), &["is not the name of a remote"]);
    refused(
        &format!("{origin}\ncredential_env = \"A\"\ncredential_file = \"credential\""),
        &["two credentials"],
    );
    refused(&format!("{origin}\ncredential_file = \"missing\""), &["is not a file"]);
    refused(
        &format!("{origin}\ncredential_file = \"workspace/token\""),
        &["the credential of a remote"],
    );
    let local = "[[git_remote]]\nname = \"x\"\nurl = \"%/repository.git\"\ncredential_file = \"credential\"";
    refused(local, &["takes no credential"]);
}

#[test]
fn a_repository_among_the_servers_own_files_is_refused() {
    let place = place("");
    for directory in ["state/data/x.git/objects", "state/data/x.git/refs"] {
        std::fs::create_dir_all(place.path(directory)).unwrap();
    }
    place.write("state/data/x.git/HEAD", "ref: refs/heads/main\n");
    let url = place.path("state/data/x.git").display().to_string();
    let toml = format!("[[git_remote]]\nname = \"x\"\nurl = \"{url}\"\n{PLAIN}");
    std::fs::write(place.path("checkrein.toml"), toml).unwrap();
    let problems = place.config().unwrap_err().to_string();
    assert!(problems.contains("leads to the data directory"), "{problems}");
}

/// An operator's own contract like one that comes with the program, with more said of its command.
fn mine(place: &Place, like: &str, more: &str) {
    let texts = [
        include_str!("../../../../contracts/git.toml"),
        include_str!("../../../../contracts/commands.toml"),
    ];
    let mut tools = texts.iter().flat_map(|text| text.split("[[tool]]").skip(1));
    let one = tools.find(|tool| tool.contains(&format!("name = \"{like}\""))).unwrap();
    let one = one.replace(&format!("\"{like}\""), "\"mine.tool\"").replace("named = []", "");
    let command = format!("[tool.command]\n{more}\n");
    let text = format!("[[tool]]{}", one.replace("[tool.command]\n", &command));
    place.write("config/contracts/mine.toml", &text);
}

/// Commands that an operator's contract lists, and variables of contracts, were not looked at; only `reads` of templates.
#[test]
fn every_jail_of_a_contract_is_held_to_the_same() {
    let place = place("");
    let here = place.directory.path().canonicalize().unwrap();
    for (like, more, says) in [
        ("git.status", "environment = { PATH = \"%/workspace/bin\" }", "the workspace"),
        (
            "command.run",
            "named = [{ program = \"ls\", reads = [\"%/state\"] }]",
            "the data directory",
        ),
        (
            "command.run",
            "named = [{ program = \"ls\", environment = { PATH = \"%/workspace\" } }]",
            "the workspace",
        ),
    ] {
        mine(&place, like, &more.replace('%', here.to_str().unwrap()));
        let loaded = checkrein_server::rules::catalogue(&place.config().unwrap());
        let text = loaded.err().map_or_else(String::new, |error| error.to_string());
        assert!(text.contains(says) && text.contains("mine.tool"), "{more}: {text}");
    }
}

/// A credential that only a contract names is as secret as one of the configuration.
#[test]
fn the_credential_of_a_contracts_remote_is_out_of_reach() {
    let remote = r#"remotes = [{ name = "x", url = "https://example.org/x", credential = { file = "%/tokens/x" } }]"#;
    let reads = r#"reads = ["%/tokens"]"#;
    for (configured, contract, says) in [
        (
            format!("[[command]]\nprogram = \"ls\"\n{reads}\n"),
            remote.to_owned(),
            "`ls` of `command.run` would read",
        ),
        (String::new(), format!("{reads}\n{remote}"), "`mine.tool` would read"),
    ] {
        let place = place("");
        let here = place.directory.path().canonicalize().unwrap();
        place.write("tokens/x", "a-token-that-is-long-enough\n");
        let text = format!("{configured}{PLAIN}").replace('%', here.to_str().unwrap());
        std::fs::write(place.path("checkrein.toml"), text).unwrap();
        mine(&place, "git.push", &contract.replace('%', here.to_str().unwrap()));
        let loaded = checkrein_server::rules::catalogue(&place.config().unwrap());
        let text = loaded.err().map_or_else(String::new, |error| error.to_string());
        assert!(text.contains(says) && text.contains("the credential of a remote"), "{text}");
    }
}

/// A project's contract may name no readable path at all; an operator's is held to what a configured command is.
#[test]
fn a_contract_reads_no_more_than_a_configured_command() {
    let place = place("");
    let here = place.directory.path().canonicalize().unwrap();
    let contract = |reads: &str| {
        mine(&place, "git.status", &format!("reads = [\"{reads}\"]"));
        checkrein_server::rules::load(&place.config().unwrap())
    };
    let toolchain = here.join("toolchain").display().to_string();
    assert_eq!(
        contract(&toolchain).unwrap().rules.catalogue.find("mine.tool").unwrap().name().as_str(),
        "mine.tool"
    );
    for (path, says) in [
        ("state", "the data directory"),
        ("workspace/x", "the workspace"),
        ("config", "the operator's directory"),
    ] {
        let error = contract(&here.join(path).display().to_string()).unwrap_err();
        assert_eq!(error.code(), domain::Code::BadConfiguration);
        assert!(
            error.to_string().contains(says) && error.to_string().contains("mine.tool"),
            "{error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_credential_of_a_remote_is_masked() {
    let remote = "[[git_remote]]\nname = \"origin\"\nurl = \"https://example.org/x\"\ncredential_file = \"credential\"\n";
    let server = crate::world::Server::at(place(remote)).await;
    let said = crate::world::writes("prod/a.txt", "the a-token-that-is-long-enough");
    let (_, answer) = server.proposes(said).await;
    let tool = server.sees("/v1/tools/git.push").await.to_string();
    assert!(tool.contains("example.org"), "what a push may reach is part of its contract: {tool}");
    let text = serde_json::to_string(&answer).unwrap()
        + &tool
        + &server.sees(&format!("/v1/calls/{}/plan", answer.call.unwrap())).await.to_string()
        + &server.sees("/v1/journal/entries").await.to_string();
    assert!(!text.contains("a-token-that"), "{text}");
}

/// What an operator adds to `command.run` makes it another contract: an approval for the old one is not good for it.
#[test]
fn what_is_named_is_part_of_the_contract() {
    let digest = |toml: &str| {
        let place = place(toml);
        let catalogue = checkrein_server::rules::catalogue(&place.config().unwrap()).unwrap();
        catalogue.find("command.run").unwrap().contract.digest
    };
    let none = digest("");
    let one = digest("[[command]]\nprogram = \"ls\"");
    let other = digest("[[command]]\nprogram = \"ls\"\nrole = \"test\"");
    assert!(none != one && one != other && none != other);
    assert_eq!(one, digest("[[command]]\nprogram = \"ls\""));
}
