//! The whole story, told by the real binary: if any claim of the demo does not hold, it ends with an error.
//!
//! This is the end-to-end test: server, gate, policy, journal, files tools, commands, git, the jail and command line in
//! one run. Where the machine gives no preview, it is said which chapters are left out, and they are.

use std::process::Stdio;

use crate::support::{Place, Said};

#[test]
fn the_demo_tells_its_story_and_every_claim_holds() {
    let place = Place::new();
    let said = place.run(&["demo", "--no-input", "--dir", "demo"]).expect(0);
    let commands = [
        "✓ the call succeeded, and the tests did not: exit code 1",
        "✓ mended, and now they pass: exit code 0",
        "✓ what nobody named is not run",
        "✓ there is one commit more, with the two files and nothing else",
        "✓ the bare repository has the branch, at exactly this commit",
        "✓ it is held and NOT EXECUTED: main is where it was",
        "✓ the operator rejected it: the agent is told, and main is where it was",
        "✓ it ran where nothing can happen, and was refused with what it tried to leave behind",
        "✓ there is no such hook, and no file of the workspace changed, src/ included",
        "✓ there was nothing to remove: the journal is where it was, and so is every file",
        "✓ it was ended at the number of processes that the operator allows; nothing was executed",
        "✓ no process of it is left",
    ];
    // Where servers have no jail the chapters on them are left out, and that is said.
    let servers = !said.out.contains("This machine gives no jail for tool servers");
    for claim in [
        "✓ the agent sees its three tools, each pinned by the digest of its whole definition",
        "✓ the server told everybody its token, and what the agent got has it masked",
        "✓ a character that nobody can see was taken out on the way, and that is said",
        "✓ the agent is told that nothing happened and that a person must decide; the note is there",
        "✓ after the approval it ran, once, and the note is gone",
        "✓ the tool is stopped: it is listed no more, and the call did not happen",
        "✓ the operator sees what changed, and the hidden words as what they are",
        "✓ it is refused, and stays so",
    ] {
        assert_eq!(said.out.contains(claim), servers, "{claim}\n{}", said.out);
    }
    let left_out = said.out.contains("Commands are left out on this machine");
    for claim in commands {
        assert_eq!(said.out.contains(claim), !left_out, "{claim}\n{}", said.out);
    }
    for claim in [
        "✓ the file is as it was: git sees no difference",
        "✓ every log is back, byte for byte",
        "✓ it was refused because `/logs` is another place than `logs`",
        "✓ the agent's own key could not have approved it",
        "✓ after the approval it ran, once, as it was shown",
        "✓ the line stands there once",
        "✓ it died in the middle: some files had moved and some had not",
        "✓ every file is there once, byte for byte, and nothing else",
        "✓ they were taken back in reverse",
        "✓ every entry, head and payload is as it was written",
        "✓ it does not verify: exit code 7",
        "✓ the server was asked to stop, and stopped in order",
    ] {
        assert!(said.out.contains(claim), "{claim}\n{}", said.out);
    }
    // One screen for each chapter, also on a small terminal.
    for chapter in said.out.split("\n\n") {
        assert!(chapter.lines().count() <= 40, "{chapter}");
    }
    // No process is left behind: the address is free, so a doctor finds nothing wrong.
    let config = place.path("demo/checkrein.toml");
    place.run(&["doctor", "--config", config.to_str().unwrap()]).expect(0);
}

#[test]
fn the_demo_takes_no_directory_that_is_there() {
    let place = Place::new();
    let said = place.run(&["demo", "--no-input", "--dir", "workspace"]).expect(1);
    assert!(said.err.contains("a directory that does not exist yet"), "{}", said.err);
}

#[test]
fn without_a_terminal_the_demo_asks_nobody() {
    let place = Place::new();
    let output = place.command(&["demo", "--dir", "demo"]).stdin(Stdio::null()).output().unwrap();
    let said = Said::of(output).expect(2);
    assert!(said.err.contains("--no-input"), "{}", said.err);
    assert!(!place.path("demo").exists());
}
