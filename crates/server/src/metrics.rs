//! Numbers about the running process, in the form that Prometheus reads.
//!
//! Labels come from closed lists (statuses, codes, routes, reasons), never from what a caller sent.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use domain::{Answer, Code};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// Everything that is counted here.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    calls: Family<CallLabels, Counter>,
    call_seconds: Histogram,
    requests: Family<RequestLabels, Counter>,
    refused: Family<CodeLabels, Counter>,
    in_work: Gauge,
    streams: Gauge,
    connections: Gauge,
    outlet_told: Family<OutletLabels, Counter>,
    outlet_failed: Family<OutletLabels, Counter>,
    outlet_gave_up: Family<OutletLabels, Counter>,
    entries: Gauge<u64, AtomicU64>,
    commits: Gauge<u64, AtomicU64>,
    log_bytes: Gauge<u64, AtomicU64>,
    dead_letters: Gauge,
    oldest_dead_letter: Gauge<u64, AtomicU64>,
    broken: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    status: &'static str,
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabels {
    code: &'static str,
}

/// Outlets are named in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutletLabels {
    outlet: String,
}

/// Gauges that are read when somebody asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    /// Calls in work.
    pub(crate) in_work: usize,
    /// Event streams open.
    pub(crate) streams: usize,
    /// Entries written since the start.
    pub(crate) entries: u64,
    /// Transactions since the start; each is synced once.
    pub(crate) commits: u64,
    /// Bytes in the write-ahead log.
    pub(crate) log_bytes: u64,
    /// Dead letters that wait for a person.
    pub(crate) dead_letters: usize,
    /// For how many seconds the oldest of them waits.
    pub(crate) oldest_dead_letter: u64,
    /// Servers and tools to which nothing is sent now.
    pub(crate) broken: usize,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        // From half a millisecond to about four minutes.
        let call_seconds = Histogram::new(exponential_buckets(0.0005, 2.0, 20));
        let (calls, requests, refused) = (Family::default(), Family::default(), Family::default());
        let (in_work, streams, connections) =
            (Gauge::default(), Gauge::default(), Gauge::default());
        let large = Gauge::<u64, AtomicU64>::default;
        let (entries, commits, log_bytes) = (large(), large(), large());
        let mut registry = Registry::with_prefix("checkrein");
        let seconds = call_seconds.clone();
        registry.register("calls", "Answers to proposed calls", Family::clone(&calls));
        registry.register_with_unit(
            "call",
            "Time from a proposal to its answer, waiting for people included",
            Unit::Seconds,
            seconds,
        );
        registry.register(
            "requests",
            "HTTP requests by route and status",
            Family::clone(&requests),
        );
        registry.register(
            "refused",
            "Requests refused before any call, by code",
            Family::clone(&refused),
        );
        let outlets = || Family::<OutletLabels, Counter>::default();
        let (outlet_told, outlet_failed, outlet_gave_up) = (outlets(), outlets(), outlets());
        let text = "Things that outlets told";
        registry.register("outlet_told", text, Family::clone(&outlet_told));
        let text = "Tries of outlets that did not work";
        registry.register("outlet_failed", text, Family::clone(&outlet_failed));
        let text = "Things that outlets gave up";
        registry.register("outlet_gave_up", text, Family::clone(&outlet_gave_up));
        registry.register("calls_in_work", "Calls in work now", in_work.clone());
        registry.register("event_streams", "Event streams open now", streams.clone());
        registry.register("connections", "Connections open now", connections.clone());
        registry.register("journal_entries", "Entries written since the start", entries.clone());
        registry.register("journal_commits", "Transactions since the start", commits.clone());
        registry.register("journal_log_bytes", "Bytes in the write-ahead log", log_bytes.clone());
        let (dead_letters, oldest_dead_letter, broken) =
            (Gauge::default(), large(), Gauge::default());
        let text = "Dead letters that wait for a person";
        registry.register("dead_letters", text, dead_letters.clone());
        let text = "For how long the oldest dead letter waits";
        let oldest = oldest_dead_letter.clone();
        registry.register_with_unit("oldest_dead_letter", text, Unit::Seconds, oldest);
        let text =
            "Servers and tools to which nothing is sent now, because they could not be reached";
        registry.register("upstreams_away", text, broken.clone());
        Self {
            registry,
            calls,
            call_seconds,
            requests,
            refused,
            in_work,
            streams,
            connections,
            outlet_told,
            outlet_failed,
            outlet_gave_up,
            entries,
            commits,
            log_bytes,
            dead_letters,
            oldest_dead_letter,
            broken,
        }
    }

    pub(crate) fn outlet_told(&self, outlet: &str) {
        self.outlet_told.get_or_create(&OutletLabels { outlet: outlet.to_owned() }).inc();
    }

    pub(crate) fn outlet_failed(&self, outlet: &str) {
        self.outlet_failed.get_or_create(&OutletLabels { outlet: outlet.to_owned() }).inc();
    }

    pub(crate) fn outlet_gave_up(&self, outlet: &str) {
        self.outlet_gave_up.get_or_create(&OutletLabels { outlet: outlet.to_owned() }).inc();
    }

    pub(crate) fn answered(&self, answer: &Answer, took: Duration) {
        let code = answer.error.as_ref().map_or("", |failure| failure.code.shown());
        let labels = CallLabels { status: answer.status.word(), code };
        self.calls.get_or_create(&labels).inc();
        self.call_seconds.observe(took.as_secs_f64());
    }

    pub(crate) fn requested(&self, route: &str, status: u16) {
        let labels = RequestLabels { route: route.to_owned(), status };
        self.requests.get_or_create(&labels).inc();
    }

    pub(crate) fn refused(&self, code: Code) {
        self.refused.get_or_create(&CodeLabels { code: code.shown() }).inc();
    }

    pub(crate) fn connected(&self) -> Connected<'_> {
        self.connections.inc();
        Connected(&self.connections)
    }

    /// Everything as text.
    pub(crate) fn text(&self, now: Now) -> Result<String, std::fmt::Error> {
        self.in_work.set(i64::try_from(now.in_work).unwrap_or(i64::MAX));
        self.streams.set(i64::try_from(now.streams).unwrap_or(i64::MAX));
        self.entries.set(now.entries);
        self.commits.set(now.commits);
        self.log_bytes.set(now.log_bytes);
        self.dead_letters.set(i64::try_from(now.dead_letters).unwrap_or(i64::MAX));
        self.oldest_dead_letter.set(now.oldest_dead_letter);
        self.broken.set(i64::try_from(now.broken).unwrap_or(i64::MAX));
        let mut out = String::new();
        text::encode(&mut out, &self.registry)?;
        Ok(out)
    }
}

/// Counts a connection while it lives.
#[derive(Debug)]
pub(crate) struct Connected<'a>(&'a Gauge);

impl Drop for Connected<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}
