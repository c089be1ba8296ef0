//! Do the guides say what the program does?
//! Tables and examples of the guides are compared with the program, or loaded by it.

use checkrein_server::config::{Config, guide};

use crate::world::source;

const CONFIGURATION: &str = include_str!("../../../../docs/guides/configuration.md");
const COMMANDS: &str = include_str!("../../../../docs/guides/commands.md");
const HTTP_API: &str = include_str!("../../../../docs/guides/http-api.md");

#[test]
fn the_table_of_keys_in_the_guide_is_the_one_in_the_program() {
    let (_, rest) = CONFIGURATION.split_once("<!-- keys -->\n").unwrap();
    let (table, _) = rest.split_once("<!-- /keys -->").unwrap();
    assert_eq!(
        table,
        guide(),
        "replace the table in docs/guides/configuration.md with this one:\n{}",
        guide()
    );
}

#[test]
fn every_example_of_configuration_loads() {
    let examples: Vec<&str> = [CONFIGURATION, COMMANDS]
        .iter()
        .flat_map(|guide| guide.split("```toml\n").skip(1))
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(examples.len() > 2);
    for example in examples {
        let place = crate::world::Place::apart("");
        // Where the examples name places of a machine, the test has its own.
        let here = place.directory.path().canonicalize().unwrap().display().to_string();
        let own = example.replace("\"/opt/", &format!("\"{here}/opt/"));
        place.write("checkrein.toml", &own.replace("\"/srv/", &format!("\"{here}/srv/")));
        let repository = ["objects", "refs"].map(|name| format!("srv/git/greeter.git/{name}"));
        let directories = ["contracts", "policies", "work/staging", "work/production", "opt/node"];
        for directory in directories.into_iter().chain(repository.iter().map(String::as_str)) {
            std::fs::create_dir_all(place.path(directory)).unwrap();
        }
        place.write("srv/git/greeter.git/HEAD", "ref: refs/heads/main\n");
        place.write("config/greeter.token", "a token\n");
        let loaded = Config::load(&source(place.directory.path()));
        loaded.unwrap_or_else(|problems| panic!("{problems}\n{example}"));
    }
}

#[test]
fn every_route_is_in_the_guide_and_every_route_of_the_guide_exists() {
    let document: serde_json::Value =
        serde_json::from_str(&checkrein_server::routes::openapi().unwrap()).unwrap();
    let mut known = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            known.push(format!("| `{} {path}` |", method.to_uppercase()));
        }
    }
    known.sort();
    let mut told: Vec<String> = HTTP_API
        .lines()
        .filter(|line| {
            ["GET", "POST", "DELETE"].iter().any(|one| line.starts_with(&format!("| `{one} ")))
        })
        .map(|line| line.split_inclusive(" |").next().unwrap().to_owned())
        .collect();
    told.sort();
    assert_eq!(told, known);
}
