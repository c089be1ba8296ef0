//! The files of `contracts/packs/`, as built in, by name.
//!
//! A pack is here only if its list of tools came from the real package, which a test starts to compare: `tests/it/packages.rs`.
//! Another test compares this table with the directory.

/// Name and text of each file.
pub(super) const FILES: &[(&str, &str)] = &[
    ("everything.toml", include_str!("../../../../contracts/packs/everything.toml")),
    ("fetch.toml", include_str!("../../../../contracts/packs/fetch.toml")),
    ("filesystem.toml", include_str!("../../../../contracts/packs/filesystem.toml")),
    ("git.toml", include_str!("../../../../contracts/packs/git.toml")),
    ("github.toml", include_str!("../../../../contracts/packs/github.toml")),
    ("gitlab.toml", include_str!("../../../../contracts/packs/gitlab.toml")),
    ("kubernetes.toml", include_str!("../../../../contracts/packs/kubernetes.toml")),
    ("memory.toml", include_str!("../../../../contracts/packs/memory.toml")),
    ("notion.toml", include_str!("../../../../contracts/packs/notion.toml")),
    ("playwright.toml", include_str!("../../../../contracts/packs/playwright.toml")),
    ("postgres.toml", include_str!("../../../../contracts/packs/postgres.toml")),
    ("sentry.toml", include_str!("../../../../contracts/packs/sentry.toml")),
    (
        "sequential-thinking.toml",
        include_str!("../../../../contracts/packs/sequential-thinking.toml"),
    ),
    ("slack.toml", include_str!("../../../../contracts/packs/slack.toml")),
    ("sqlite.toml", include_str!("../../../../contracts/packs/sqlite.toml")),
    ("time.toml", include_str!("../../../../contracts/packs/time.toml")),
];
