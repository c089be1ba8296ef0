//! The approvals of a run: what people were asked and what they said.
//! Entries go in one by one; objects come out in the order in which people were asked.

use domain::{ApprovalId, Entry, Event};
use serde_json::{Value, json};

use super::{Listed, put, value};

/// The approvals so far.
#[derive(Default)]
pub(super) struct Approvals(Listed);

impl Approvals {
    /// The list, in the order in which people were asked.
    pub(super) fn list(self) -> Value {
        self.0.list()
    }

    /// Adds what an entry says of approvals.
    pub(super) fn fold(&mut self, entry: &Entry) {
        let at = entry.at.millis();
        if let Event::CallHeld { requests, .. } = &entry.event {
            let call = entry.call.map(|call| call.to_string());
            for (id, asked) in requests {
                let asked = json!({ "call": call, "requirement": value(asked), "asked_ms": at });
                self.put(id, asked);
                self.put(id, json!({ "state": "pending", "by": null, "reason": null }));
            }
        }
        if let Event::CallAdmitted { used, .. } = &entry.event {
            used.iter().for_each(|id| self.put(id, json!({ "state": "used" })));
        }
        if let Event::ApprovalApproved { approval, by, reason, execute_by } = &entry.event {
            let said = json!({ "state": "approved", "by": by.as_str(), "reason": reason });
            self.put(approval, said);
            let execute_by = execute_by.millis();
            self.put(approval, json!({ "decided_ms": at, "execute_by_ms": execute_by }));
        }
        if let Event::ApprovalVoted { approval, vote } = &entry.event {
            let one = json!({
                "by": vote.by.as_str(), "at_ms": vote.at.millis(), "reason": vote.reason,
                "assurance": vote.assurance.word(), "surface": vote.surface.word(),
                "shown": vote.shown.map(|shown| shown.digest.to_string()),
            });
            let asked = self.0.of("approval", &approval.to_string());
            match asked.get_mut("votes").and_then(Value::as_array_mut) {
                Some(votes) => votes.push(one),
                None => put(asked, json!({ "votes": [one] })),
            }
        }
        if let Event::ApprovalEscalated { approval, group } = &entry.event {
            self.put(approval, json!({ "escalated_to": group, "escalated_ms": at }));
        }
        if let Event::ApprovalRejected { approval, by, reason } = &entry.event {
            let said = json!({ "state": "rejected", "by": by.as_str(), "reason": reason });
            self.put(approval, said);
            self.put(approval, json!({ "decided_ms": at }));
        }
        if let Event::ApprovalExpired { approval } = &entry.event {
            self.put(approval, json!({ "state": "expired" }));
        }
        if let Event::ApprovalClosed { approval, superseded } = &entry.event {
            self.put(approval, json!({ "state": superseded.word() }));
        }
    }

    fn put(&mut self, id: &ApprovalId, fields: Value) {
        put(self.0.of("approval", &id.to_string()), fields);
    }
}
