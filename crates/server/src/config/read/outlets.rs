//! `[[slack]]`, `[[webhook]]` and `[[hook]]`: services that are told, and ways in for signed decisions.
//! In: their twins from the file. Out: checked values; secrets are named, not read. Tests: `tests/it/outlets/`.

use contract::visible::short;
use domain::{CredentialSource, Name, limits};
use url::Url;

use super::super::file::Text;
use super::super::outlets::{
    Hook, OutletSettings, OutletWay, SlackSettings, Tells, WebhookSettings,
};
use super::super::{DEFAULT_TENANT, Problem};
use super::{Reader, file};
use crate::outlets::KINDS;

/// Where Slack's methods are.
const SLACK: &str = "https://slack.com/api/";

impl Reader<'_> {
    pub(super) fn outlets(
        &mut self,
        slack: Vec<file::Slack>,
        webhooks: Vec<file::Webhook>,
    ) -> Vec<OutletSettings> {
        let names: Vec<Text> = slack
            .iter()
            .map(|one| one.name.clone())
            .chain(webhooks.iter().map(|one| one.name.clone()))
            .collect();
        self.once("outlet", &names);
        self.one_app_each(&slack);
        let slack: Vec<_> = slack.into_iter().map(|one| self.slack(one)).collect();
        let webhooks: Vec<_> = webhooks.into_iter().map(|one| self.webhook(one)).collect();
        slack.into_iter().chain(webhooks).flatten().collect()
    }

    pub(super) fn hooks(&mut self, written: Vec<file::Hook>) -> Vec<Hook> {
        let names: Vec<Text> = written.iter().map(|one| one.name.clone()).collect();
        self.once("hook", &names);
        let hooks: Vec<_> = written.into_iter().map(|one| self.hook(one)).collect();
        hooks.into_iter().flatten().collect()
    }

    /// Notes names that stand there twice, and more of them than there may be.
    fn once(&mut self, what: &str, names: &[Text]) {
        if let Some(surplus) = names.get(limits::OUTLETS_MAX) {
            self.too_many(&format!("{what}s"), limits::OUTLETS_MAX, surplus.span());
        }
        for (place, name) in names.iter().enumerate() {
            let before = names.iter().take(place);
            if before.into_iter().any(|other| other.get_ref() == name.get_ref()) {
                let message = format!("{what} `{}` is named twice", short(name.get_ref()));
                self.note(Problem::new(message, "name it once"), Some(name.span()));
            }
        }
    }

    /// Notes channels that take clicks from one app: a click says only which app it came from. What the secrets themselves
    /// are is seen when they are read.
    fn one_app_each(&mut self, slack: &[file::Slack]) {
        let plain = |text: &Option<Text>| text.as_ref().map(|text| text.get_ref().clone());
        let app = |one: &file::Slack| {
            let signing = [plain(&one.signing_secret_env), plain(&one.signing_secret_file)];
            let tokens = [plain(&one.app_token_env), plain(&one.app_token_file)];
            (0..).zip(signing.into_iter().chain(tokens)).filter_map(known).collect::<Vec<_>>()
        };
        for (place, one) in slack.iter().enumerate() {
            let own = app(one);
            let shares = |other: &&file::Slack| app(other).iter().any(|each| own.contains(each));
            let Some(other) = slack.iter().take(place).find(shares) else { continue };
            let message = format!(
                "`{}` takes clicks from the same app as `{}`",
                short(one.name.get_ref()),
                short(other.name.get_ref())
            );
            let fix = "give each channel an app of its own, or signing secret and app-level token to one of them";
            self.note(Problem::new(message, fix), Some(one.name.span()));
        }
    }

    fn slack(&mut self, written: file::Slack) -> Option<OutletSettings> {
        let at = written.name.clone();
        let token = self.needed((written.token_env, written.token_file), ("token", &at));
        let signing = self.credential(written.signing_secret_env, written.signing_secret_file);
        let app_token = self.credential(written.app_token_env, written.app_token_file);
        let channel = written.channel.get_ref();
        let is_id = (2..=40).contains(&channel.len())
            && channel.starts_with(['C', 'G', 'D'])
            && channel.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !is_id {
            let message = format!("`{}` is no id of a channel", short(channel));
            let fix =
                "write the id from the channel's details, such as `C0123456789`, not its name";
            self.note(Problem::new(message, fix), Some(written.channel.span()));
        }
        let api_url = match &written.api_url {
            Some(text) => self.address_of_server(text).filter(|url| {
                let fits = url.path().ends_with('/') && url.query().is_none();
                if !fits {
                    let problem = Problem::new(
                        "the address of Slack does not end with `/`",
                        "write one such as `https://slack.com/api/`",
                    );
                    self.note(problem, Some(text.span()));
                }
                fits
            }),
            None => Url::parse(SLACK).ok(),
        };
        let (tenant, tells) =
            (self.tenant(&written.tenant), self.tells(written.tell, written.groups));
        let (name, token) = (self.parsed::<Name>(&at)?, token?);
        let channel = written.channel.into_inner();
        let slack =
            SlackSettings { channel, token, signing_secret: signing, app_token, api_url: api_url? };
        Some(OutletSettings { name, tenant: tenant?, tells, way: OutletWay::Slack(slack) })
    }

    fn webhook(&mut self, written: file::Webhook) -> Option<OutletSettings> {
        let secret =
            self.needed((written.secret_env, written.secret_file), ("secret", &written.name));
        let url = self.address_of_server(&written.url);
        let (tenant, tells) =
            (self.tenant(&written.tenant), self.tells(written.tell, written.groups));
        let name = self.parsed::<Name>(&written.name)?;
        let callers = written.callers.unwrap_or(false);
        let webhook = WebhookSettings { url: url?, secret: secret?, callers };
        Some(OutletSettings { name, tenant: tenant?, tells, way: OutletWay::Webhook(webhook) })
    }

    fn hook(&mut self, written: file::Hook) -> Option<Hook> {
        let secret =
            self.needed((written.secret_env, written.secret_file), ("secret", &written.name));
        let tenant = self.tenant(&written.tenant);
        let person = self.parsed::<Name>(&written.person);
        let name = self.parsed::<Name>(&written.name)?;
        Some(Hook { name, tenant: tenant?, person: person?, secret: secret? })
    }

    fn needed(
        &mut self,
        (env, file): (Option<Text>, Option<Text>),
        (what, at): (&str, &Text),
    ) -> Option<CredentialSource> {
        if env.is_none() && file.is_none() {
            let message = format!("`{}` has no {what}", short(at.get_ref()));
            let fix = format!("write `{what}_env` or `{what}_file`");
            self.note(Problem::new(message, fix), Some(at.span()));
        }
        self.credential(env, file)
    }

    fn tenant(&mut self, written: &Option<Text>) -> Option<Name> {
        match written {
            Some(text) => self.parsed(text),
            None => DEFAULT_TENANT.parse().ok(),
        }
    }

    fn tells(&mut self, kinds: Vec<Text>, groups: Vec<Text>) -> Tells {
        for text in &kinds {
            let one = Tells { kinds: vec![text.get_ref().clone()], groups: Vec::new() };
            if !KINDS.iter().any(|kind| one.kind(kind)) {
                let message = format!("`{}` is nothing that is told", short(text.get_ref()));
                let fix = format!("write some of {}", KINDS.join(", "));
                self.note(Problem::new(message, fix), Some(text.span()));
            }
        }
        for text in &groups {
            let name = text.get_ref().strip_prefix("group:");
            if name.is_none_or(|name| name.parse::<Name>().is_err()) {
                let message = format!("`{}` is no group", short(text.get_ref()));
                let problem = Problem::new(message, "write one such as `group:oncall`");
                self.note(problem, Some(text.span()));
            }
        }
        let plain = |texts: Vec<Text>| texts.into_iter().map(Text::into_inner).collect();
        Tells { kinds: plain(kinds), groups: plain(groups) }
    }
}

/// A source that is named, with which of the four it is.
fn known((which, text): (u8, Option<String>)) -> Option<(u8, String)> {
    Some((which, text?))
}
