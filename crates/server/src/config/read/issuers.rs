//! `[[token_issuer]]`: whose tokens agents may come with instead of a key.
//! In: their twins from the file. Out: checked values; keys are fetched when they are needed. Tests: `tests/it/servers.rs`.

use contract::visible::short;
use domain::limits;
use url::Url;

use super::super::{Algorithm, DEFAULT_TENANT, KeySet, TokenIssuer};
use super::{Problem, Reader, file};

impl Reader<'_> {
    pub(super) fn issuers(&mut self, written: Vec<file::TokenIssuer>) -> Vec<TokenIssuer> {
        if let Some(surplus) = written.get(limits::TOKEN_ISSUERS_MAX) {
            self.too_many("token issuers", limits::TOKEN_ISSUERS_MAX, surplus.issuer.span());
            return Vec::new();
        }
        let mut issuers: Vec<TokenIssuer> = Vec::new();
        for each in written {
            let at = each.issuer.span();
            let Some(issuer) = self.issuer(each) else { continue };
            if issuers.iter().any(|other| other.issuer == issuer.issuer) {
                let message = format!("issuer `{}` is named twice", short(&issuer.issuer));
                self.note(Problem::new(message, "name it once"), Some(at));
            }
            issuers.push(issuer);
        }
        issuers
    }

    fn issuer(&mut self, written: file::TokenIssuer) -> Option<TokenIssuer> {
        let keys = self.key_set(&written);
        let algorithms = self.algorithms(&written);
        if written.audience.get_ref().is_empty() {
            let problem = Problem::new(
                "the audience is empty",
                "write what tokens for Checkrein name in `aud`",
            );
            self.note(problem, Some(written.audience.span()));
        }
        let tenant = match &written.tenant {
            Some(text) => self.parsed(text),
            None => DEFAULT_TENANT.parse().ok(),
        };
        // Compared exactly: it is only looked at as an address here.
        self.parsed::<Url>(&written.issuer)?;
        Some(TokenIssuer {
            issuer: written.issuer.into_inner(),
            audience: written.audience.into_inner(),
            keys: keys?,
            algorithms,
            agent_claim: written
                .agent_claim
                .map_or_else(|| "sub".to_owned(), |text| text.into_inner()),
            tenant: tenant?,
        })
    }

    fn key_set(&mut self, written: &file::TokenIssuer) -> Option<KeySet> {
        match (&written.jwks_url, &written.jwks_file) {
            (Some(url), None) => self.address_of_server(url).map(KeySet::Url),
            (None, Some(file)) => {
                let path = self.homes.resolve(file.get_ref(), &self.base());
                if !path.is_file() {
                    let message = format!("`{}` is not a file", path.display());
                    self.note(
                        Problem::new(message, "put the issuer's keys there"),
                        Some(file.span()),
                    );
                }
                Some(KeySet::File(path))
            }
            (None, None) | (Some(_), Some(_)) => {
                let problem = Problem::new(
                    "a token issuer needs one of `jwks_url` and `jwks_file`",
                    "write one of them",
                );
                self.note(problem, Some(written.issuer.span()));
                None
            }
        }
    }

    fn algorithms(&mut self, written: &file::TokenIssuer) -> Vec<Algorithm> {
        if written.algorithms.is_empty() {
            return vec![Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];
        }
        let mut algorithms = Vec::new();
        for text in &written.algorithms {
            match Algorithm::from_word(text.get_ref()) {
                Some(algorithm) => algorithms.push(algorithm),
                None => {
                    let message =
                        format!("`{}` is no signature that is taken", short(text.get_ref()));
                    let fix =
                        "write `RS256`, `PS256`, `ES256`, `EdDSA` or one of their longer forms";
                    self.note(Problem::new(message, fix), Some(text.span()));
                }
            }
        }
        algorithms
    }
}
