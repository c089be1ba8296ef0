//! The guide's own code that checks a signature, run as it stands there, on the published vector of Standard Webhooks.
//! In: the guide's text. Out: what Python and Node make of it.

use std::process::Command;

use crate::catalogue::program;

const GUIDE: &str = include_str!("../../../../../docs/guides/webhooks.md");

fn snippet(language: &str) -> &'static str {
    let (_, rest) = GUIDE.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

fn says(program: std::path::PathBuf, arguments: &[&str], text: &str, file: &str) -> String {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join(file);
    std::fs::write(&path, text).unwrap();
    let done = Command::new(program).args(arguments).arg(path).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().to_lowercase()
}

const EXPECT: &str = "true false false\n";

#[test]
fn the_guides_python_takes_the_published_signature_and_no_other() {
    let text = snippet("python").to_owned()
        + r#"
headers = {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
    "webhook-signature": "v2,x v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}
secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
print(verify(secret, headers, body, 1614265330), verify(secret, headers, body, 1614265999),
    verify(secret, headers, body + b" ", 1614265330))
"#;
    let python = program("CHECKREIN_PYTHON", ".tools/python/bin/python");
    assert_eq!(says(python, &[], &text, "verify.py"), EXPECT);
}

#[test]
fn the_guides_typescript_takes_the_published_signature_and_no_other() {
    let text = snippet("typescript").to_owned()
        + r#"
const headers = { "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
  "webhook-signature": "v2,x v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" };
const [secret, body] = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Buffer.from('{"test": 2432232314}')];
console.log(verify(secret, headers, body, 1614265330), verify(secret, headers, body, 1614265999),
  verify(secret, headers, Buffer.concat([body, body]), 1614265330));
"#;
    let node = program("CHECKREIN_MCP_NODE", ".tools/mcp/node");
    let arguments = ["--experimental-strip-types", "--no-warnings"];
    assert_eq!(says(node, &arguments, &text, "verify.mts"), EXPECT);
}
