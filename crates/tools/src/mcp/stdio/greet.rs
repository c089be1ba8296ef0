//! The first words with a child: which era does it belong to?
//!
//! ```text
//! server/discover --answered--> modern | legacy: initialize | refused
//!                 --silent-----> initialize beside it; whichever is answered well first counts
//! ```
//! A slow modern server may answer after `initialize` was sent, a silent legacy one never (specification 2026-07-28, "stdio",
//! "Backward Compatibility"). Tests: `tests/stdio/`.

use domain::limits;
use mcp::{Era, Notification, Params};
use tokio::time::{Instant, sleep};

use super::Link;
use crate::mcp::ask::Asked;
use crate::mcp::greeting::{
    Discovered, Greeting, discovered, initialize_params, initialized, modern_params,
};
use crate::mcp::listener::Questions;
use crate::mcp::problem::Trouble;

/// Why a greeting failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mcp) enum Unmet {
    /// It may be otherwise the next time.
    Failed(String),
    /// It cannot be used as it is.
    Refused(String),
}

impl Link {
    /// Greets the child. `known` is the era that it had before, if it is not the first time.
    pub(in crate::mcp) async fn greet(
        &self,
        known: Option<Era>,
        questions: Questions,
        deadline: Instant,
    ) -> Result<Greeting, Unmet> {
        let greeting = match known {
            Some(Era::Legacy) => self.initialize(questions, deadline).await?,
            Some(Era::Modern) | None => self.probe(questions, deadline).await?,
        };
        let era = greeting.revision.era();
        let _ = self.era.set(era);
        if era == Era::Legacy {
            let done = Notification::new("notifications/initialized", Params::new());
            self.tell(done).await.map_err(failed)?;
        }
        Ok(greeting)
    }

    async fn probe(&self, questions: Questions, deadline: Instant) -> Result<Greeting, Unmet> {
        let discover = Asked::own("server/discover", modern_params(Params::new()), deadline);
        let probe = self.request(discover);
        tokio::pin!(probe);
        tokio::select! {
            biased;
            outcome = &mut probe => match read(outcome)? {
                Discovered::Modern(greeting) => return Ok(*greeting),
                Discovered::Refused(why) => return Err(Unmet::Refused(why)),
                Discovered::Legacy => return self.initialize(questions, deadline).await,
            },
            () = sleep(limits::SERVER_PROBED_WITHIN) => {}
        }
        let initialize = self.initialize(questions, deadline);
        tokio::pin!(initialize);
        tokio::select! {
            biased;
            outcome = &mut probe => match read(outcome)? {
                Discovered::Modern(greeting) => Ok(*greeting),
                Discovered::Refused(why) => Err(Unmet::Refused(why)),
                Discovered::Legacy => initialize.await,
            },
            greeting = &mut initialize => greeting,
        }
    }

    async fn initialize(&self, questions: Questions, deadline: Instant) -> Result<Greeting, Unmet> {
        let asked = Asked::own("initialize", initialize_params(questions), deadline);
        let outcome = match self.request(asked).await {
            Ok(answer) => Ok(answer.result),
            Err(Trouble::Rpc(error)) => Err(error),
            Err(trouble) => return Err(failed(trouble)),
        };
        initialized(outcome).map_err(Unmet::Refused)
    }
}

fn read(outcome: Result<crate::mcp::ask::Answer, Trouble>) -> Result<Discovered, Unmet> {
    match outcome {
        Ok(answer) => Ok(discovered(Ok(answer.result))),
        Err(Trouble::Rpc(error)) => Ok(discovered(Err(error))),
        Err(trouble) => Err(failed(trouble)),
    }
}

fn failed(trouble: Trouble) -> Unmet {
    Unmet::Failed(format!("it did not answer its first question: {trouble}"))
}
