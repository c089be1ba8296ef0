//! Carries a plan out: secrets, configuration (checked before it counts), the key, and the client's file last.
//!
//! In: a plan. Out: changed files with backups, and what to do next. If something fails on the way, what was written so far is
//! taken back: a client is never left without its servers.

use domain::Mode;
use server::Config;
use server::config::Source;

use super::client::{Place, Reach};
use super::kept::{self, Change, Step};
use super::plan::Plan;
use super::{key, secrets};
use crate::context::Context;
use crate::failure::{Failure, OK, Result};

pub(super) async fn run(context: &Context, place: &Place, plan: Plan) -> Result {
    for line in &plan.said {
        context.out.talk(line);
    }
    if plan.is_idle() {
        context.out.talk("nothing to do: all its servers are behind Checkrein");
        return Ok(OK);
    }
    if plan.servers.is_empty() {
        return Err(Failure::new(format!("there is no server to move in `{}`", place.file.display()))
            .expected(format!("tool servers of {}", place.client.title()))
            .fix("add one to `checkrein.toml` (docs/guides/mcp.md), or see `checkrein connect --help` for other files"));
    }
    let steps = kept::steps(place)?;
    secrets::write(&plan.secrets)?;
    let own = Change::make(&plan.own.file, plan.own.with(&plan.entries), Some(0o600))?;
    let done = carry_out(context, place, (&plan, own.clone())).await;
    let (step, config, said) = match done {
        Ok(done) => done,
        Err(failure) => {
            own.restore()?;
            for secret in &plan.secrets {
                secrets::remove(&secret.file)?;
            }
            return Err(failure);
        }
    };
    let shown = serde_json::json!({
        "client": place.client.word(), "file": place.file.display().to_string(),
        "config": plan.own.file.display().to_string(), "servers": plan.servers, "said": plan.said,
        "grant": step.grant, "backup": step.client.backup,
    });
    tell(context, place, (&step, &config, &said));
    let steps: Vec<Step> = steps.into_iter().chain([step]).collect();
    kept::keep(place, &steps)?;
    context.out.show(&shown, |_| {
        format!(
            "{} behind Checkrein: {}",
            counted(plan.servers.len(), place.client.title()),
            plan.servers.join(", ")
        )
    })?;
    Ok(OK)
}

/// So many servers of a client, with the verb.
fn counted(servers: usize, client: &str) -> String {
    match servers {
        1 => format!("1 server of {client} is"),
        several => format!("{several} servers of {client} are"),
    }
}

async fn carry_out(
    context: &Context,
    place: &Place,
    (plan, own): (&Plan, Change),
) -> Result<(Step, Config, Vec<String>)> {
    let with_file = crate::cli::Global { config: Some(own.file.clone()), ..context.global.clone() };
    let context = Context { out: context.out, global: with_file };
    let source: Source = context.source()?;
    let config = Config::load(&source)?;
    let mut servers: Vec<String> = plan.servers.clone();
    // A client that was connected before keeps what it had.
    let earlier = kept::steps(place)?;
    servers.extend(
        earlier
            .iter()
            .flat_map(|step| step.taken.iter())
            .filter_map(|taken| crate::program::name(&taken.name).map(|name| name.to_string())),
    );
    servers.sort();
    servers.dedup();
    servers.retain(|name| config.servers.iter().any(|server| server.name.as_str() == name));
    let made = key::make(&context, &config, (place.client.word(), &servers)).await?;
    let mut files: Vec<std::path::PathBuf> =
        plan.secrets.iter().map(|secret| secret.file.clone()).collect();
    let url = format!("{}/mcp", config.url());
    let reach = match place.takes_key() {
        true => Reach::Http { url, key: made.key },
        false => {
            let key_file = plan.own.beside("keys").join(key_name(place));
            secrets::write(&[secrets::Secret { file: key_file.clone(), value: made.key }])?;
            files.push(key_file.clone());
            Reach::Wrap { program: ourselves(), url, key_file }
        }
    };
    let now = std::fs::read_to_string(&place.file).ok();
    if now != plan.before {
        return Err(Failure::new(format!("`{}` was changed meanwhile", place.file.display()))
            .fix("do this again"));
    }
    // With a key in it, it is nobody else's to read.
    let mode = place.takes_key().then_some(0o600);
    let client = Change::make(&place.file, plan.after(&reach)?, mode)?;
    let way = place.containers(&serde_json::Value::Null).into_iter().next().unwrap_or_default();
    let entry = place.entry(&reach);
    let step =
        Step { client, own, taken: plan.moved.clone(), way, entry, files, grant: made.grant };
    Ok((step, config, made.said))
}

/// One key for each file of a client.
fn key_name(place: &Place) -> String {
    let digest = contract::digest(place.file.display().to_string().as_bytes()).to_string();
    let short: String = digest.trim_start_matches("sha256:").chars().take(8).collect();
    format!("{}-{short}", place.client.word())
}

/// How a client starts this very program.
fn ourselves() -> String {
    let path = std::env::current_exe().ok().map(|path| path.display().to_string());
    path.unwrap_or_else(|| "checkrein".to_owned())
}

fn tell(context: &Context, place: &Place, (step, config, said): (&Step, &Config, &[String])) {
    let out = &context.out;
    for line in said {
        out.talk(line);
    }
    for change in [&step.client, &step.own] {
        match &change.backup {
            Some(backup) => out.talk(&format!(
                "changed `{}`; before: `{}`",
                change.file.display(),
                backup.display()
            )),
            None => out.talk(&format!("made `{}`", change.file.display())),
        }
    }
    let shadow = config.spaces.first().is_none_or(|space| space.mode == Mode::Shadow);
    out.talk(match shadow {
        true => "\nMODE: SHADOW: policies are judged and recorded, and stop nothing yet",
        false => "\nMODE: ENFORCE: what policies deny is refused, what they hold waits for people",
    });
    let (file, title, word) = (step.own.file.display(), place.client.title(), place.client.word());
    let project = match place.scope {
        super::client::Scope::Project => " --project",
        super::client::Scope::Person => "",
    };
    out.talk(&format!(
        "Next:\n  export CHECKREIN_CONFIG={file}\n  checkrein up                               # here, or as a service\n  \
         start {title} anew and use it as usual; then, in another terminal:\n  \
         checkrein tools ls\n  checkrein policy suggest --since 1h        # a policy of what was called\n  \
         checkrein policy enforce\nTo take all this back: checkrein connect {word}{project} --undo"
    ));
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_server_is_one() {
        assert_eq!(counted(1, "Cursor"), "1 server of Cursor is");
        assert_eq!(counted(2, "Cursor"), "2 servers of Cursor are");
    }
}
