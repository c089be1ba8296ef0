//! Forms that are secrets with near certainty.
//!
//! Each has a fixed beginning of its own, so that ordinary text does not match and the search can skip over it. Forms
//! follow the issuers' documentation; where a length is not promised, the shortest one seen counts.

/// One form of secret.
pub(super) struct Kind {
    /// What stands in the mark.
    pub(super) name: &'static str,
    /// The name of its group in the search.
    pub(super) group: &'static str,
    pattern: &'static str,
}

const fn kind(name: &'static str, group: &'static str, pattern: &'static str) -> Kind {
    Kind { name, group, pattern }
}

/// All forms. Where two match at one place the first counts.
pub(super) const KINDS: &[Kind] = &[
    kind("checkrein-key", "checkrein", r"ck_(?:agent|operator|session|link)_[A-Za-z0-9_-]{16,}"),
    kind("aws-access-key", "aws", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    kind(
        "github-token",
        "github",
        r"\bgh[pousr]_[A-Za-z0-9]{36,255}|\bgithub_pat_[A-Za-z0-9_]{22,255}",
    ),
    kind("gitlab-token", "gitlab", r"\bgl(?:pat|dt|rt|ptt|cbt|soat|oas)-[A-Za-z0-9_-]{20,}"),
    kind(
        "slack-token",
        "slack",
        r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[0-9]-[A-Za-z0-9-]{10,}",
    ),
    kind("slack-webhook", "webhook", r"https://hooks\.slack\.com/services/[A-Za-z0-9/]{40,}"),
    kind(
        "stripe-key",
        "stripe",
        r"\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}|\bwhsec_[A-Za-z0-9+/=]{24,}",
    ),
    kind("anthropic-key", "anthropic", r"\bsk-ant-[A-Za-z0-9_-]{20,}"),
    kind("openai-key", "openai", r"\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{32,}"),
    kind(
        "google-key",
        "google",
        r"\bAIza[A-Za-z0-9_-]{35}|\bGOCSPX-[A-Za-z0-9_-]{28}|\bya29\.[A-Za-z0-9_-]{30,}",
    ),
    kind("npm-token", "npm", r"\bnpm_[A-Za-z0-9]{36}"),
    kind("pypi-token", "pypi", r"\bpypi-AgE[A-Za-z0-9_-]{50,}"),
    kind("hugging-face-token", "huggingface", r"\bhf_[A-Za-z]{34}\b"),
    kind("sendgrid-key", "sendgrid", r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
    kind("twilio-key", "twilio", r"\bSK[0-9a-f]{32}\b"),
    kind("jwt", "jwt", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}"),
    kind(
        "private-key",
        "pem",
        // Only what a key is made of: headers of RFC 1421 and of OpenPGP, and long runs of base64, which a cut block may end with.
        // Anything else would let somebody hide lines behind a first line that looks like a key's. A line break may be
        // written as two characters, and a line of a difference begins with a sign.
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:(?:\\[nr]|\n[-+]?|[ \t\r])+(?:(?:Proc-Type|DEK-Info|Version|Comment|Charset|Hash): [A-Za-z0-9 .,()+:-]{0,100}|[A-Za-z0-9+/]{16,}={0,2}))*(?:(?:(?:\\[nr]|\n[-+]?|[ \t\r])+=?[A-Za-z0-9+/]{1,15}={0,2}){0,2}(?:\\[nr]|\n[-+]?|[ \t\r])*-----END [A-Z0-9 ]{0,40}-----)?",
    ),
    // The words before the token stay, so that people see what was there.
    kind(
        "bearer-token",
        "bearer",
        r"(?P<kept>(?i-u:authorization)[\x22']?[ \t]{0,2}[:=][ \t]{0,2}[\x22']?(?i-u:bearer|token|basic)[ \t]{1,2})[A-Za-z0-9._~+/=-]{20,}",
    ),
];

/// One search for all forms.
pub(super) fn all() -> String {
    let each = |kind: &Kind| format!("(?P<{}>{})", kind.group, kind.pattern);
    let all = KINDS.iter().map(each).collect::<Vec<_>>().join("|");
    // The boundary of ASCII words: that of Unicode keeps the fast engines from text that is not ASCII.
    all.replace(r"\b", r"(?-u:\b)")
}
