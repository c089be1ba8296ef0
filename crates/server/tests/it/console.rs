//! The console's files: whichever way Checkrein was built, a browser gets a page with the right protection, and the API is
//! where it was.

use reqwest::Method;

use crate::browser::Browser;
use crate::world::{Said, Server};

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_begins_with_the_same_page_and_strangers_get_none() {
    let server = Server::start().await;
    let mut browser = Browser::on(&server);
    for path in [
        "/",
        "/login",
        "/approvals/apr_1",
        "/runs",
        "/settings",
        "/dead-letters",
        "/incident/call_1",
    ] {
        let page = browser.opens(Method::GET, &format!("{}{path}", browser.origin), None).await;
        assert_eq!(page.status.as_u16(), 200, "{path}");
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8", "{path}");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"));
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
        assert!(page.text.contains("<title>Checkrein</title>"), "{}", page.text);
        // The policy lets no script of the page itself run, so there is none.
        assert!(!page.text.contains("<script>"), "{}", page.text);
    }
    for path in
        ["/etc/passwd", "/../Cargo.toml", "/assets/none.js", "/v1/none", "/mcp/x/y", "/index.php"]
    {
        let said = Said::of(server.ask(Method::GET, path, "")).await;
        assert_eq!(said.problem(404), "CR-1011", "{path}");
    }
    let said = Said::of(server.ask(Method::POST, "/", "")).await;
    assert_eq!(said.problem(404), "CR-1011");
}

/// Where the console was built: packed where the browser takes it, kept by name, asked for anew by tag.
#[tokio::test(flavor = "multi_thread")]
async fn built_files_are_packed_and_kept_as_their_names_say() {
    let server = Server::start().await;
    let dist = concat!(env!("CARGO_MANIFEST_DIR"), "/../../console/dist/assets");
    let Ok(files) = std::fs::read_dir(dist) else { return };
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let script = names.filter(|name| name.ends_with(".js")).min().unwrap();
    let url = format!("/assets/{script}");
    let plain = server.ask(Method::GET, &url, "").send().await.unwrap();
    assert_eq!(plain.headers()["content-type"], "text/javascript; charset=utf-8");
    let kept = plain.headers()["cache-control"].to_str().unwrap().to_owned();
    assert!(kept.contains("immutable"), "{kept}");
    let tag = plain.headers()["etag"].clone();
    let again =
        server.ask(Method::GET, &url, "").header("if-none-match", &tag).send().await.unwrap();
    assert_eq!(again.status().as_u16(), 304);
    let page = server.ask(Method::GET, "/", "").send().await.unwrap();
    assert_eq!(page.headers()["cache-control"], "no-cache");
    if std::path::Path::new(&format!("{dist}/{script}.br")).exists() {
        let packed = server.ask(Method::GET, &url, "").header("accept-encoding", "gzip, br");
        assert_eq!(packed.send().await.unwrap().headers()["content-encoding"], "br");
    }
}
