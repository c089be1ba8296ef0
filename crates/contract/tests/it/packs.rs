//! Packs as files: which texts are packs, and that every pack of the program is one.
//!
//! Whether an entry counts is in `discovered.rs`; whether packs match the real packages is tested with those.

use contract::packs;

const HEAD: &str = "[pack]\nname = \"p\"\npackage = \"p\"\nregistry = \"npm\"\nversion = \"1\"\nhomepage = \"https://example.com\"\n";
const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn every_pack_of_the_program_can_be_read() {
    for (file, text) in packs::sources() {
        let pack = packs::read(file, text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(file.strip_suffix(".toml"), Some(pack.name.as_str()));
        assert_eq!(packs::named(&pack.name), Some(&pack));
        assert!(!pack.tools.is_empty(), "{file}");
    }
    assert_eq!(packs::all().len(), packs::sources().len());
    assert!(packs::named("no-such-pack").is_none());
}

#[test]
fn every_file_of_the_directory_is_built_in() {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/packs");
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    let mut files: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.retain(|name| name.ends_with(".toml"));
    files.sort();
    let mut built_in: Vec<String> =
        packs::sources().iter().map(|(file, _)| (*file).to_owned()).collect();
    built_in.sort();
    assert_eq!(files, built_in);
}

#[test]
fn a_text_that_says_what_nothing_enforces_is_no_pack() {
    let entry = |fields: &str| format!("{HEAD}[[tool]]\nname = \"t\"\n{fields}");
    let good = format!("definition = \"sha256:{DIGEST}\"\neffect_class = \"pure\"\n");
    assert!(packs::read("p.toml", &entry(&good)).is_ok());
    for (fields, says) in [
        ("effect_class = \"pure\"".to_owned(), "missing field `definition`"),
        ("definition = \"sha256:00\"\neffect_class = \"pure\"".to_owned(), "is no definition"),
        (format!("definition = \"{DIGEST}\"\neffect_class = \"pure\""), "is no definition"),
        (good.replace("pure", "safe"), "`safe` is not known here"),
        (format!("{good}consequences = [\"fun\"]"), "`fun` is not known here"),
        (format!("{good}retries = 3"), "unknown field `retries`"),
        (format!("{good}resource = \"files:{{path}}\""), "does not begin with `mcp:{server}/`"),
        (format!("{good}scope = [\"a**b\"]"), "is not a scope"),
        (format!("{good}arguments = {{ \"/a\" = \"thing\" }}"), "`thing` is not known here"),
        (format!("{good}[[tool]]\nname = \"t\"\n{good}"), "stands there twice"),
    ] {
        let error = packs::read("p.toml", &entry(&fields)).unwrap_err().to_string();
        assert!(error.contains(says), "{fields}: {error}");
    }
    assert!(packs::read("p.toml", &HEAD.replace("npm", "ftp")).is_err());
}
