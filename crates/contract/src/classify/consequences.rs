//! Who is hit by a tool, from the words of its name and its arguments.
//!
//! Each consequence needs a word of its own; words of the description count only where they lead to what is lost or sent.

use super::arguments::Arguments;
use super::text::Reading;
use super::{Class, verbs};
use domain::Consequence;

/// Words by which a consequence is known.
struct Sign {
    consequence: Consequence,
    /// Only for tools that change something.
    changing: Changing,
    words: &'static [&'static str],
    arguments: &'static [&'static str],
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Changing {
    Needed,
    Any,
}

const SIGNS: &[Sign] = &[
    Sign {
        consequence: Consequence::Delete,
        changing: Changing::Needed,
        words: &[
            "clear",
            "delete",
            "destroy",
            "drop",
            "empty",
            "erase",
            "kill",
            "prune",
            "purge",
            "remove",
            "rm",
            "rmdir",
            "terminate",
            "trash",
            "truncate",
            "uninstall",
            "unlink",
            "wipe",
        ],
        arguments: &["sql", "statement", "mutation"],
    },
    Sign {
        consequence: Consequence::Overwrite,
        changing: Changing::Needed,
        words: &[
            "apply",
            "configure",
            "edit",
            "merge",
            "migrate",
            "modify",
            "move",
            "overwrite",
            "patch",
            "put",
            "rebase",
            "rename",
            "replace",
            "reset",
            "restore",
            "revert",
            "rollback",
            "rotate",
            "save",
            "set",
            "sync",
            "synchronize",
            "update",
            "upsert",
            "write",
        ],
        arguments: &["sql", "statement", "mutation", "overwrite", "edits", "patch", "force"],
    },
    Sign {
        consequence: Consequence::OutsideCommunication,
        changing: Changing::Needed,
        words: &[
            "broadcast",
            "comment",
            "email",
            "fax",
            "forward",
            "invite",
            "mail",
            "message",
            "notify",
            "post",
            "publish",
            "push",
            "reply",
            "send",
            "share",
            "sms",
            "submit",
            "tweet",
            "webhook",
        ],
        arguments: &["bcc", "cc", "recipient", "recipients", "to", "url", "webhook"],
    },
    Sign {
        consequence: Consequence::OutsideCommunication,
        changing: Changing::Any,
        words: &[],
        arguments: &["url", "urls", "uri", "host", "endpoint", "webhook url"],
    },
    Sign {
        consequence: Consequence::Money,
        changing: Changing::Needed,
        words: &[
            "bill",
            "buy",
            "charge",
            "coupon",
            "deposit",
            "donate",
            "invoice",
            "order",
            "pay",
            "payment",
            "payout",
            "price",
            "purchase",
            "refund",
            "subscription",
            "trade",
            "transfer",
            "withdraw",
        ],
        arguments: &["amount", "currency", "price", "unit amount"],
    },
    Sign {
        consequence: Consequence::Credential,
        changing: Changing::Any,
        words: &[
            "certificate",
            "credential",
            "credentials",
            "passwd",
            "password",
            "passwords",
            "secret",
            "secrets",
            "token",
            "tokens",
        ],
        arguments: &[],
    },
    Sign {
        consequence: Consequence::Rights,
        changing: Changing::Needed,
        words: &[
            "access",
            "acl",
            "admin",
            "authorize",
            "ban",
            "collaborator",
            "collaborators",
            "grant",
            "iam",
            "invite",
            "kick",
            "member",
            "members",
            "membership",
            "owner",
            "permission",
            "permissions",
            "policy",
            "protection",
            "revoke",
            "role",
            "roles",
            "share",
            "visibility",
        ],
        arguments: &["permission", "permissions", "role", "access level", "visibility"],
    },
    Sign {
        consequence: Consequence::Production,
        changing: Changing::Needed,
        words: &[
            "cordon",
            "deploy",
            "deployment",
            "drain",
            "failover",
            "helm",
            "kubectl",
            "prod",
            "production",
            "reboot",
            "redeploy",
            "release",
            "restart",
            "rollback",
            "rollout",
            "scale",
            "shutdown",
            "terminate",
        ],
        arguments: &["environment"],
    },
    Sign {
        consequence: Consequence::IdentityChange,
        changing: Changing::Needed,
        words: &[
            "account",
            "contact",
            "contacts",
            "customer",
            "customers",
            "identity",
            "profile",
            "user",
            "users",
        ],
        arguments: &[],
    },
    Sign {
        consequence: Consequence::BulkRead,
        changing: Changing::Any,
        words: &["all", "backup", "bulk", "dump", "export"],
        arguments: &[],
    },
    Sign {
        consequence: Consequence::CodeExecution,
        changing: Changing::Needed,
        words: &[
            "eval", "evaluate", "exec", "execute", "invoke", "python", "run", "shell", "spawn",
            "terminal", "bash",
        ],
        arguments: &[
            "cmd",
            "code",
            "command",
            "commands",
            "expression",
            "function",
            "javascript",
            "script",
            "shell",
        ],
    },
];

/// Adds the consequences that words and arguments speak of.
pub(super) fn add(class: &mut Class, reading: &Reading, arguments: &Arguments) {
    let changes = class.effect_class.changes();
    for sign in SIGNS {
        if sign.changing == Changing::Needed && !changes
            || class.consequences.contains(&sign.consequence)
        {
            continue;
        }
        let known = |word: &str| sign.words.contains(&word);
        let word = reading.name.iter().find(|word| verbs::base(word, known).is_some());
        let argument =
            sign.arguments.iter().find(|name| arguments.has(name) && !harmless(name, arguments));
        let why = match (word, argument) {
            (Some(word), _) => format!("`{word}` in the name"),
            (None, Some(argument)) => format!("the argument `{argument}`"),
            (None, None) => continue,
        };
        class.consequences.insert(sign.consequence);
        class.because(format!("{}: {why}", sign.consequence));
    }
    lost(class, reading);
    key(class, reading);
}

/// `to` beside `from` is a place, not a person.
fn harmless(name: &str, arguments: &Arguments) -> bool {
    name == "to" && arguments.has_word("from")
}

/// A description that says that something is lost is believed.
fn lost(class: &mut Class, reading: &Reading) {
    if let Some(why) = &reading.destroys
        && class.effect_class.changes()
        && !class.consequences.contains(&Consequence::Overwrite)
        && class.consequences.insert(Consequence::Delete)
    {
        class.because(format!("{}: {why}", Consequence::Delete));
    }
}

/// A key alone is a key of a map; an API key, an SSH key or an access key is a secret.
fn key(class: &mut Class, reading: &Reading) {
    let keys = reading.name.windows(2).find(|pair| match pair {
        [first, second] => {
            matches!(
                first.as_str(),
                "api" | "ssh" | "access" | "private" | "secret" | "deploy" | "signing"
            ) && matches!(second.as_str(), "key" | "keys")
        }
        _ => false,
    });
    if keys.is_some() && class.consequences.insert(Consequence::Credential) {
        class.because(format!("{}: a key in the name", Consequence::Credential));
    }
}
