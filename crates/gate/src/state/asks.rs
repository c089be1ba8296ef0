//! How often each agent asked people of late. A flood of questions is an attack on the people who answer them.
//!
//! In: an ask, now. Out: whether it is one too many, with what was asked. Kept in memory: an agent cannot restart the
//! process, and what waits is bounded per grant besides. Tests are at the end.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Mutex;

use domain::{Name, Timestamp, ToolName, limits};

use super::lock;

/// The asks of every agent.
#[derive(Debug, Default)]
pub(crate) struct Asks(Mutex<HashMap<Agent, Late>>);

/// An agent, by tenant and name.
type Agent = (Name, Name);
/// What one agent asked of late, the oldest first.
type Late = VecDeque<(Timestamp, ToolName)>;

impl Asks {
    /// Counts one more ask of an agent. What was asked of late, by tool, if it is more than `most`; the count then
    /// begins anew.
    pub(crate) fn count(
        &self,
        agent: (&Name, &Name),
        (now, tool): (Timestamp, &ToolName),
        most: u32,
    ) -> Option<BTreeMap<ToolName, u64>> {
        let mut all = lock(&self.0);
        let agent = (agent.0.clone(), agent.1.clone());
        if all.len() >= limits::ASKING_AGENTS_MAX && !all.contains_key(&agent) {
            let last = |asks: &Late| asks.back().map(|(at, _)| *at);
            let oldest =
                all.iter().min_by_key(|(_, asks)| last(asks)).map(|(agent, _)| agent.clone());
            oldest.map(|oldest| all.remove(&oldest));
        }
        let asks = all.entry(agent).or_default();
        while asks.front().is_some_and(|(at, _)| now.since(*at) >= limits::ASKS_WINDOW) {
            asks.pop_front();
        }
        asks.push_back((now, tool.clone()));
        if asks.len() <= usize::try_from(most).unwrap_or(usize::MAX) {
            return None;
        }
        let mut tools = BTreeMap::new();
        for (_, tool) in asks.drain(..) {
            *tools.entry(tool).or_default() += 1;
        }
        Some(tools)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_asks_of_the_same_agent_within_the_window_are_a_flood() {
        let asks = Asks::default();
        let name = |text: &str| text.parse::<Name>().unwrap();
        let (tenant, one, other) = (name("local"), name("one"), name("other"));
        let tool: ToolName = "files.delete".parse().unwrap();
        let at = |seconds: u64| Timestamp::from_millis(seconds * 1_000);
        let ask = |agent: &Name, seconds| asks.count((&tenant, agent), (at(seconds), &tool), 2);
        assert_eq!(ask(&one, 0), None);
        assert_eq!(ask(&one, 1), None);
        assert_eq!(ask(&other, 2), None);
        assert_eq!(ask(&one, 61), None, "the first two are over");
        assert_eq!(ask(&one, 62), None);
        let flood = ask(&one, 63).unwrap();
        assert_eq!(flood.get(&tool), Some(&3));
        assert_eq!(ask(&one, 64), None, "the count began anew");
    }
}
