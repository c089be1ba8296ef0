// Made by `npm run generate` from openapi/checkrein.json. Do not edit.

export interface paths {
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says that the process lives. */
        get: operations["machine_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Numbers in the form that Prometheus reads. */
        get: operations["machine_metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says whether new calls are taken: the store can be written, and nobody stops the process. */
        get: operations["machine_ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/identities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begins to link the account with somebody at an issuer: where the browser goes next. */
        post: operations["account_link_identity"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/passkeys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes a passkey away. */
        delete: operations["account_remove_passkey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/passkeys/begin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begins to add a passkey: what the browser is to be asked. */
        post: operations["account_begin_passkey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/passkeys/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Adds a passkey. */
        post: operations["account_finish_passkey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account/recovery-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes new recovery codes in place of the earlier ones. They are shown once. */
        post: operations["account_make_recovery_codes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists grants of the tenant. */
        get: operations["agents_list"];
        put?: never;
        /** Makes an agent: gives it rights and a key. The key's text is shown once. */
        post: operations["agents_make"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/{grant}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes a grant away for good, with every key of it. */
        post: operations["agents_revoke"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists requests for decisions, the oldest first if nothing else is asked for. */
        get: operations["approvals_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/approvals/{approval}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One request with everything that a person needs to decide it. */
        get: operations["approvals_one"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/approvals/{approval}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says yes: the call runs once, as it was shown, when somebody waits for it. */
        post: operations["approvals_approve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/approvals/{approval}/ask": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks the agent something before it is decided: told in the held call's answer. */
        post: operations["approvals_ask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/approvals/{approval}/edit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Proposes other arguments: a new call, judged from the beginning, takes the place of the held one.
         * @description The answer is the new call's. It may be held again, or denied, or run at once if no rule asks for it.
         */
        post: operations["approvals_edit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/approvals/{approval}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says no: the call is denied, and its agent told why. */
        post: operations["approvals_reject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/attention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Measures what people are asked: per group, person and agent. */
        get: operations["attention_attention"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/budgets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the budget of a run, the budgets of a grant's days, or those of the latest runs. */
        get: operations["budgets_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/budgets/raise": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Raises the budget of a run, and lets the run go on if its budget paused it. */
        post: operations["budgets_raise"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists calls, the latest first if nothing else is asked for: an agent sees its own, an operator those of the tenant. */
        get: operations["calls_list"];
        put?: never;
        /**
         * Proposes a call and waits for its answer.
         * @description Held calls answer with 202 and run once they are approved and somebody waits for them. `Prefer: wait=SECONDS` or
         *     `wait_ms` waits for people. `Accept: text/event-stream` shows what a command prints while it runs: events `call`,
         *     `output` and `missed`, then `answer` with the envelope.
         */
        post: operations["calls_propose"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/calls/{call}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One call with its answer and what people were asked. */
        get: operations["calls_one"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/calls/{call}/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why a call was decided as it was, from the recorded facts. */
        get: operations["calls_explain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/calls/{call}/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The plan of a changing call: what it would do or did. */
        get: operations["calls_plan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/calls/{call}/probe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Looks whether a call in doubt happened, by the read that its contract names. Nothing is sent again. */
        post: operations["calls_probe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/calls/{call}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says what became of a call in doubt. */
        post: operations["calls_resolve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/calls/{call}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes an act back: a call of its own, whose answer this is. */
        post: operations["calls_undo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/calls/{call}/wait": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Waits for a call of this agent, and runs it as soon as it is approved.
         * @description `Accept: text/event-stream` shows what it prints meanwhile, as for `POST /v1/calls`.
         */
        get: operations["calls_wait_for"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/calls/{call}/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes a held call of this agent back. */
        post: operations["calls_withdraw"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists dead letters, the latest first if nothing else is asked for. */
        get: operations["dead_letters_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/{call}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One dead letter with all that is known of its call. */
        get: operations["dead_letters_one"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/{call}/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Puts a dead letter away. */
        post: operations["dead_letters_discard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/{call}/redrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes the call of a dead letter again, as a new call of the same agent. Only if the first certainly did not happen. */
        post: operations["dead_letters_redrive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/{call}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says what became of the call of a dead letter. */
        post: operations["dead_letters_resolve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/duties": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists notices and reviews, the latest first. */
        get: operations["duties_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/duties/{call}/{kind}/{policy}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Closes an incident: says what became of it. What its review said stays as it is. */
        post: operations["duties_close"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/duties/{call}/{kind}/{policy}/done": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Marks a notice as seen or a review as made. */
        post: operations["duties_done"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Streams entries as they become durable: `id` is the position, `event` the kind, `data` the entry as JSON.
         * @description Events `output` (`call`, `stream`, `text`) and `missed` (`count`) stand between them, without an `id`: what commands
         *     print while they run.
         */
        get: operations["journal_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hooks/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decides in the name of the person whose way in this is. Signed as Standard Webhooks say: `webhook-id`,
         *     `webhook-timestamp`, `webhook-signature`.
         */
        post: operations["outlets_decide"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/incidents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists incidents, the latest first: acts that were rejected afterwards and could not be taken back. */
        get: operations["duties_incidents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/journal/entries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists entries. Those of other tenants are left out; an empty page with `next` is not the end. */
        get: operations["journal_entries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/journal/head": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The head of the journal, signed now. */
        get: operations["journal_head"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/journal/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Verifies the whole journal, and against a head that was kept elsewhere if one is given. */
        post: operations["journal_verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists keys of the tenant, without their texts. */
        get: operations["keys_list"];
        put?: never;
        /** Makes a key for a grant or an operator. Its text is shown once. */
        post: operations["keys_make"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys/{key}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Revokes a key for good. */
        post: operations["keys_revoke"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/outlets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists outlets and how they stand. */
        get: operations["outlets_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/outlets/{name}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends a message that says that it is a test, once, and tells what came back. */
        post: operations["outlets_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/packs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the packs of contracts for known servers. */
        get: operations["servers_packs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists everybody with an account in a tenant. */
        get: operations["people_list"];
        put?: never;
        /** Makes an account. The person logs in with an invitation first. */
        post: operations["people_make"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Changes an account: roles, groups, or whether it can be used. */
        post: operations["people_change"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/{name}/invite": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a one-time link with which a person logs in. It takes the place of an earlier one. */
        post: operations["people_invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/{name}/link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Links an account with somebody in Slack, whose clicks are this person's from then on. Nothing proves whose account there it
         *     is: an admin says so.
         */
        post: operations["people_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/{name}/unlink": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes such a link away: one's own, or by an admin. */
        post: operations["people_unlink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The policies in force: version, rules and texts. */
        get: operations["policies_current"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Checks policies against the tools of this installation. Nothing comes into force. */
        post: operations["policies_check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/suggest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Suggests policies from the calls of this tenant that went well. */
        get: operations["policies_suggest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists runs, the latest first if nothing else is asked for: an agent sees its own, an operator those of the tenant. */
        get: operations["runs_list"];
        put?: never;
        /** Opens a run for a workflow. Limits can only be stricter than the workflow's. */
        post: operations["runs_open"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{run}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One run. */
        get: operations["runs_one"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{run}/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends a run: by its agent, or by an operator of its tenant. */
        post: operations["runs_end"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{run}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Takes a run's record out of the store, with what proves it. */
        get: operations["journal_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{run}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Computes every decision of a run again and reports every difference. */
        post: operations["journal_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{run}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets a paused run go on. */
        post: operations["runs_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{run}/score": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts what became of a run's calls. */
        get: operations["runs_score"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{run}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes the last acts of a run back, the last one first, past those that cannot be. */
        post: operations["runs_undo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/servers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the configured servers of tools by name. */
        get: operations["servers_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/servers/{server}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One server. */
        get: operations["servers_one"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/servers/{server}/restart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes the connection to a server anew, at once; a child is ended and started again. */
        post: operations["servers_restart"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says who is logged in in this browser. */
        get: operations["session_present"];
        put?: never;
        post?: never;
        /** Logs out. */
        delete: operations["session_end"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/issuers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists issuers where people may log in. */
        get: operations["session_issuers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Logs in with a one-time link. */
        post: operations["session_by_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/oidc/{issuer}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sends the browser to an issuer to log in. */
        get: operations["session_to_issuer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/oidc/{issuer}/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Takes a person back from an issuer, and logs in. */
        get: operations["session_from_issuer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/passkey/begin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begins a login with a passkey: what the browser is to be asked. */
        post: operations["session_begin_passkey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/passkey/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Logs in with a passkey. */
        post: operations["session_finish_passkey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/recovery": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Logs in with a recovery code, which holds once. */
        post: operations["session_by_recovery_code"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/slack/interactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes what people click in Slack, and what Slack's dialogs send. Signed by Slack (`x-slack-signature`). */
        post: operations["outlets_slack"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists spaces with their present mode. */
        get: operations["spaces_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/{space}/mode": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switches the mode of a space. A right of its own, and journalled. */
        post: operations["spaces_set_mode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stops": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists stops, the latest first. Those of other tenants are not shown. */
        get: operations["stops_list"];
        put?: never;
        /** Orders a stop. Once this has answered, no new effect starts in its scope. */
        post: operations["stops_order"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stops/{stop}/lift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lifts a stop. */
        post: operations["stops_lift"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stops/{stop}/receipt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How every lever of a stop answered; while some have not, as far as they have. */
        get: operations["stops_receipt"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stops/drill": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The last rehearsal. */
        get: operations["kills_last_drill"];
        put?: never;
        /** Rehearses a stop: every lever is tried on something made for it, and nothing else is stopped. */
        post: operations["kills_drill"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stops/kill": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Kills what was planned. Once this has answered, no new effect starts in the scope; `GET /v1/stops/{stop}/receipt` tells
         *     what became of everything else.
         */
        post: operations["kills_order"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stops/kill/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says what a kill would reach and take back, with a token that confirms exactly that. */
        post: operations["kills_plan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stops/reach": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a stop would reach, without ordering it. */
        get: operations["stops_reach"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists tools by name: those that an agent could call, or all for an operator. */
        get: operations["tools_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tools/{tool}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One tool with its whole contract. */
        get: operations["tools_one"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tools/{tool}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Accepts the definition that a server offers. */
        post: operations["tools_accept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tools/{tool}/classify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says what a tool does, as its accepted definition has it. */
        post: operations["tools_classify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tools/{tool}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the definition that a server offers differs from the accepted one. */
        get: operations["tools_diff"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tools/{tool}/refuse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Refuses the definition that a server offers. */
        post: operations["tools_refuse"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/undo/apply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes acts back, newest first, past those that cannot be. */
        post: operations["undo_apply"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/undo/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says what taking acts back would do, newest first. Changes and records nothing. */
        post: operations["undo_plan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/whoami": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says whose the key of this request is. */
        get: operations["keys_who_am_i"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workflows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the kinds of work of this installation. */
        get: operations["workflows_workflows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Accepts what a server offers. */
        AcceptTool: {
            /** @description The definition that was looked at, by digest. */
            definition: string;
        };
        /** @description Adds a passkey to one's own account. */
        AddPasskey: {
            /** @description What `navigator.credentials.create` gave, as its `toJSON()` says it. */
            credential: Record<string, unknown>;
        };
        /** @description An agent's name and version. */
        Agent: {
            /** @description Its name. */
            name: string;
            /** @description Its version. */
            version: string;
        };
        /** @description How one agent asks. */
        AgentAttention: {
            /** @description The agent. */
            agent: string;
            /**
             * Format: int64
             * @description How often people were asked for it.
             */
            asked: number;
            /**
             * Format: int64
             * @description How often they said no.
             */
            rejected: number;
            /**
             * Format: int64
             * @description Reviews of its acts that nobody made in time.
             */
            reviews_overdue: number;
            /**
             * Format: int64
             * @description Acts of it that were rejected afterwards.
             */
            reviews_rejected: number;
            /** @description The stop that holds it because it asked too often. */
            suspended?: string | null;
        };
        /** @description An amount of each dimension. */
        Amounts: {
            /**
             * Format: int64
             * @description Calls.
             */
            calls: number;
            /**
             * Format: int64
             * @description Acts that cannot be undone.
             */
            irreversible: number;
            /** @description Money in the accounting currency. */
            money: string;
            /**
             * Format: int64
             * @description Bytes read by tools.
             */
            read_bytes: number;
            /**
             * Format: int64
             * @description Milliseconds in tools.
             */
            wall_ms: number;
        };
        /** @description What a caller is told of a call. Every key is always there; `null` stands where there is nothing. */
        Answer: {
            /**
             * Format: int32
             * @description Attempts made.
             */
            attempts: number;
            /** @description The call's id; none where nothing was accepted as a call. */
            call?: string | null;
            /** @description What it took. */
            cost: components["schemas"]["Cost"];
            decision?: components["schemas"]["Decision"] | null;
            /** @description The unified diff of the plan, for people. */
            diff?: string | null;
            /** @description What changed. */
            effects: components["schemas"]["Effect"][];
            error?: components["schemas"]["Failure"] | null;
            /** @description Whether the act happened: `yes`, `partly`, `no` or `unknown`. */
            executed: string;
            journal?: components["schemas"]["JournalPosition"] | null;
            /** @description What the tool said, checked and masked. */
            output?: unknown;
            /** @description Whether this answer was given before, to the same key. */
            replayed: boolean;
            /** @description `succeeded`, `partial`, `failed`, `denied`, `held`, `stopped` or `in_doubt`. */
            status: string;
            undo?: components["schemas"]["UndoOffer"] | null;
            /** @description Things to know that are not errors. */
            warnings: string[];
        };
        /** @description One request for a person's decision. */
        Approval: {
            /** @description The agent that asks. */
            agent?: string | null;
            /** @description Its id. */
            approval: string;
            /**
             * Format: int64
             * @description When it was asked, in milliseconds since 1970.
             */
            asked_ms: number;
            /** @description Who is asked, such as `group:oncall`. */
            asked_of: string;
            /** @description How sure it must be who says yes: `key`, `session` or `passkey`. */
            assurance: string;
            /** @description Digest over principal, contract, arguments, plan and resource state: what was shown is what runs. */
            binding: string;
            /** @description The call it is for. */
            call: string;
            /**
             * Format: int64
             * @description Until when it can be decided.
             */
            decide_by_ms: number;
            /** @description Who decided. */
            decided_by?: string | null;
            /**
             * Format: int64
             * @description When.
             */
            decided_ms?: number | null;
            /** @description What kind of effect the tool has, such as `restorable`. */
            effect_class?: string | null;
            /** @description Who is asked too when nobody decides for a while. */
            escalate_to?: string | null;
            /**
             * Format: int64
             * @description When it happened.
             */
            escalated_ms?: number | null;
            /**
             * Format: int64
             * @description When that is, in milliseconds since 1970.
             */
            escalates_ms?: number | null;
            /**
             * Format: int64
             * @description Until when it can be used, once approved.
             */
            execute_by_ms?: number | null;
            /**
             * Format: int64
             * @description How many different people must say yes.
             */
            quorum: number;
            /** @description What the person said. */
            reason?: string | null;
            /** @description The policy that asks. */
            requirement: string;
            /** @description What the call is about, such as a path. */
            resource?: string | null;
            /** @description The call's run. */
            run?: string | null;
            /** @description `pending`, `approved`, `rejected`, `expired`, `withdrawn`, `superseded` or `used`. */
            state: string;
            /** @description The tool it wants to call. */
            tool?: string | null;
            /**
             * Format: int64
             * @description How many said yes so far.
             */
            votes: number;
        };
        /** @description A request with everything a person needs to decide it. */
        ApprovalDetails: {
            /** @description The held call on whose changes this one stands. */
            after?: string | null;
            answer?: components["schemas"]["Answer"] | null;
            /** @description The request. */
            approval: components["schemas"]["Approval"];
            /** @description The call's arguments, resolved and masked. */
            arguments?: unknown;
            call?: components["schemas"]["Call"] | null;
            /** @description What has to be typed to approve it. */
            confirm: components["schemas"]["Confirm"];
            /** @description What the call does, and how it could be taken back. */
            effect: components["schemas"]["EffectView"];
            /** @description References that the agent gave. */
            evidence: components["schemas"]["Remark"][];
            /** @description Who may not, whatever their groups. */
            excluded: components["schemas"]["Excluded"][];
            /** @description What the agent gives the tool beside them, masked: answers by the names of their questions. */
            input?: unknown;
            /** @description The call that asked these questions; none if nobody did. */
            input_answers?: string | null;
            /** @description What the agent says it wants. */
            intent?: string | null;
            /** @description Whether whoever asks may say yes. */
            may_decide: components["schemas"]["MayDecide"];
            /** @description What is needed. */
            needs: components["schemas"]["Needs"];
            plan?: components["schemas"]["PlanView"] | null;
            /** @description What people asked the agent. */
            questions: components["schemas"]["Remark"][];
            /** @description What speaks for care, the gravest first. */
            risk: string[];
            /** @description The rule that asks. */
            rule: components["schemas"]["Rule"];
            /** @description What is shown here, by digest. */
            shown: components["schemas"]["Shown"];
            /** @description How such requests went before. */
            similar: components["schemas"]["Similar"];
            superseded_by?: components["schemas"]["ApprovalLink"] | null;
            supersedes?: components["schemas"]["Supersedes"] | null;
            /** @description Who said yes so far, the first one first. */
            votes: components["schemas"]["Vote"][];
        };
        /** @description Another request. */
        ApprovalLink: {
            /** @description The request; none if its call asks nobody because of this rule. */
            approval?: string | null;
            /** @description Its call. */
            call: string;
        };
        /** @description Says yes. */
        Approve: {
            /** @description What had to be typed, where something has to. */
            confirm?: string | null;
            /** @description Why, if the person wants to say. */
            reason?: string | null;
            /** @description `shown.digest` of what the person was shown. */
            shown?: string | null;
            /** @description Where a person with a key says so: `api` or `cli`. */
            surface?: string | null;
        };
        /** @description Asks the agent something before a request is decided. */
        AskAgent: {
            /** @description What. */
            question: string;
        };
        /** @description What people were asked since a moment. */
        Attention: {
            /** @description By agent that asks. */
            agents: components["schemas"]["AgentAttention"][];
            /**
             * Format: int64
             * @description Requests that were made.
             */
            asked: number;
            /**
             * Format: int64
             * @description Calls that were made, as far as they are counted.
             */
            calls: number;
            /** @description Whether there were more requests than are read; then only the latest are in here. */
            cut: boolean;
            /** @description By group that is asked. */
            groups: components["schemas"]["GroupAttention"][];
            /** @description Acts that were rejected afterwards and could not be taken back, the latest first. */
            incidents: components["schemas"]["Incident"][];
            /**
             * Format: int64
             * @description Of a hundred calls, how many needed people; none without calls.
             */
            needs_people_percent?: number | null;
            /** @description Why no held call can be approved by anybody, and what to do; none where somebody can. */
            nobody_decides?: string | null;
            /** @description By person who decided. */
            people: components["schemas"]["PersonAttention"][];
            /**
             * Format: int64
             * @description Since when, in milliseconds since 1970.
             */
            since_ms: number;
            /** @description What to look at, in words. */
            warnings: string[];
        };
        /** @description Begins to add a passkey to one's own account. */
        BeginNewPasskey: {
            /** @description What to call it; 1 to 64 characters. */
            name: string;
        };
        /** @description Begins to log in with a passkey. */
        BeginPasskey: Record<string, unknown>;
        /** @description A budget and what is taken of it. */
        Budget: {
            /** @description The accounting currency. */
            currency: string;
            /** @description What is left of what is limited. */
            left: components["schemas"]["Limits"];
            /** @description The most that may be taken. */
            limit: components["schemas"]["Limits"];
            /** @description What happens at the limit: `degrade`, `escalate` or `stop`. */
            on_exceeded: string;
            /** @description Taken by calls that may still run. */
            reserved: components["schemas"]["Amounts"];
            /** @description Whose: a run, or a grant and a day. */
            scope: string;
            /** @description Taken for good. */
            spent: components["schemas"]["Amounts"];
        };
        /** @description What is known of a call, without its contents. */
        Call: {
            /** @description The agent with its version. */
            agent: string;
            /** @description Keyed digest of its arguments. */
            arguments_digest?: string | null;
            /**
             * Format: int64
             * @description How many attempts were made.
             */
            attempts?: number;
            /** @description Its id. */
            call: string;
            /** @description The code, if something went wrong. */
            code?: string | null;
            /** @description Whether it may run although nobody waits. */
            detached: boolean;
            /** @description What can be taken back: `pure`, `restorable`, … */
            effect_class: string;
            /** @description Whether the act happened. */
            executed?: string | null;
            /** @description The call that was made in its place. */
            followed_by?: string | null;
            /** @description The call in whose place it was made: redriven, or with another tool. */
            follows?: string | null;
            /**
             * Format: int64
             * @description When it leaves the outbox; none for a call that did not wait there.
             */
            leaves_ms?: number | null;
            /** @description What it cost, in the accounting currency. */
            money: string;
            /** @description Version of the policy that decided. */
            policy?: string | null;
            /**
             * Format: int64
             * @description When it arrived, in milliseconds since 1970.
             */
            received_ms: number;
            /** @description The resource, resolved and masked. */
            resource: string;
            /** @description Its run. */
            run?: string | null;
            /** @description Where it stands in its life: `held`, `succeeded`, … */
            state: string;
            /** @description As its answer says; none before there is one. */
            status?: string | null;
            /** @description Who was needed. */
            tier?: string | null;
            /** @description The tool. */
            tool: string;
            /** @description Where its undo stands; none if it has none. */
            undo?: string | null;
            /**
             * Format: int64
             * @description Until when it can be undone.
             */
            undo_until_ms?: number | null;
            /** @description The call that this call takes back. */
            undoes?: string | null;
            /**
             * Format: int64
             * @description When it last moved.
             */
            updated_ms: number;
            /** @description What was decided. */
            verdict?: string | null;
            /**
             * Format: int64
             * @description Milliseconds in the tool.
             */
            wall_ms: number;
        };
        /** @description A call with its answer and what people were asked. */
        CallDetails: {
            answer?: components["schemas"]["Answer"] | null;
            /** @description What people were asked. */
            approvals: components["schemas"]["Approval"][];
            /** @description The call. */
            call: components["schemas"]["Call"];
        };
        /** @description One path's change. */
        Change: {
            after?: components["schemas"]["FileState"] | null;
            before?: components["schemas"]["FileState"] | null;
            /** @description What follows from it, such as `code_execution` for a hook. */
            consequences: string[];
            /** @description The path it was moved from. */
            moved_from?: string | null;
            /**
             * @description How it compares with what the proposal declared: `expected`, `unintended`, or `not_stated` where it declared
             *     nothing.
             */
            observation: string;
            /** @description Path inside the workspace. */
            path: string;
        };
        /** @description Changes an account. What is not given stays. */
        ChangePerson: {
            /** @description Whether the account is disabled: nobody logs in with it, its sessions end, and keys of that name hold no more. */
            disabled?: boolean | null;
            /** @description The groups of approvers that the person stands in from now on. */
            groups?: string[] | null;
            /** @description Why. */
            reason?: string | null;
            /** @description What the person may do from now on. */
            roles?: string[] | null;
            /** @description The tenant; the asking person's own if not given. */
            tenant?: string | null;
        };
        /** @description What checking found. */
        CheckedPolicies: {
            /**
             * Format: int64
             * @description How many policies.
             */
            policies: number;
            /** @description Every problem. */
            problems: components["schemas"]["PolicyProblem"][];
            /** @description The version these files would be; none with a problem. */
            version?: string | null;
        };
        /** @description Checks policies against the tools of this installation. */
        CheckPolicies: {
            /** @description The files. */
            files: components["schemas"]["PolicyFile"][];
        };
        /** @description What a person said that a tool does. */
        Classified: {
            /**
             * Format: int64
             * @description When.
             */
            at_ms: number;
            /** @description Who said so. */
            by: string;
            /** @description Who is hit. */
            consequences: string[];
            /** @description The definition that was looked at. */
            definition: string;
            /** @description What can be taken back. */
            effect_class: string;
            /** @description Why. */
            reason: string;
            /** @description What it acts on. */
            resource?: string | null;
        };
        /** @description Says what a tool does. */
        ClassifyTool: {
            /** @description Who is hit. */
            consequences?: string[];
            /** @description `pure`, `compensable`, `irreversible` or `unknown`. */
            effect_class: string;
            /** @description Why. */
            reason: string;
            /** @description What it acts on, as a contract's template, such as `mcp:{server}/issues/{number}`. */
            resource?: string | null;
        };
        /** @description What a tool does, and why that is believed. */
        ClassView: {
            /** @description Who is hit. */
            consequences: string[];
            /** @description What can be taken back. */
            effect_class: string;
            /** @description `inferred`, `annotated`, `declared` or `confirmed`. */
            provenance: string;
            /** @description Why. */
            reasons: string[];
        };
        /** @description Closes an incident. */
        CloseIncident: {
            /** @description What became of it. */
            reason: string;
        };
        /** @description What has to be typed to approve a request. */
        Confirm: {
            /** @description `none`, or `type`. */
            kind: string;
            /** @description What has to be typed. */
            text?: string | null;
        };
        /** @description One attempt to reach a host. */
        Contact: {
            /** @description As the command named it. */
            host: string;
            /**
             * Format: int32
             * @description The port.
             */
            port: number;
            /** @description Why it was refused or failed; none if it was reached. */
            refused?: string | null;
        };
        /** @description What a call took. */
        Cost: {
            /**
             * Format: int64
             * @description Calls counted.
             */
            calls: number;
            /** @description In the accounting currency, such as `0.25`. */
            money: string;
            /**
             * Format: int64
             * @description Bytes the tool read.
             */
            read_bytes: number;
            /**
             * Format: int64
             * @description Tokens.
             */
            tokens: number;
            /**
             * Format: int64
             * @description Milliseconds in the tool.
             */
            wall_ms: number;
        };
        /** @description A call that used up its attempts, or stays in doubt for too long. */
        DeadLetter: {
            /** @description The agent. */
            agent: string;
            /**
             * Format: int64
             * @description When it was written, in milliseconds since 1970.
             */
            at_ms: number;
            /**
             * Format: int64
             * @description How many attempts were made.
             */
            attempts: number;
            /** @description The call. */
            call: string;
            /** @description What was said then. */
            reason?: string | null;
            /** @description The call that was made in its place. */
            redriven_as?: string | null;
            /** @description The resource, masked. */
            resource: string;
            /** @description Its run. */
            run?: string | null;
            /** @description Who settled it: a person, or `probe`. */
            settled_by?: string | null;
            /**
             * Format: int64
             * @description When, in milliseconds since 1970.
             */
            settled_ms?: number | null;
            /** @description `open`, `redriven`, `resolved` or `discarded`. */
            state: string;
            /** @description The tool. */
            tool: string;
            /** @description Why: `used_up`, `interrupted` or `in_doubt`. */
            why: string;
        };
        /** @description A dead letter with its evidence. */
        DeadLetterDetails: {
            answer?: components["schemas"]["Answer"] | null;
            /** @description The call as it stands. */
            call: components["schemas"]["Call"];
            /** @description Every entry of the call: each attempt, each probe, what was decided. */
            entries: components["schemas"]["Entry"][];
            /** @description The letter. */
            letter: components["schemas"]["DeadLetter"];
            /** @description What may be done now: `redrive`, `resolve`, `discard`. */
            may: string[];
            plan?: components["schemas"]["PlanView"] | null;
        };
        /** @description What was decided and why. */
        Decision: {
            /** @description Notices and reviews. */
            duties: components["schemas"]["Duty"][];
            /** @description Version of the policy that decided. */
            policy: string;
            /** @description Every reason. */
            reasons: components["schemas"]["Reason"][];
            /** @description What people are asked for. */
            requirements: components["schemas"]["Requirement"][];
            /** @description Whether the verdict was only recorded. */
            shadow: boolean;
            /** @description Who is needed: `1` nobody, `2` a reviewer afterwards, `3` people before. */
            tier: string;
            /** @description `allow`, `notify`, `hold` or `deny`. */
            verdict: string;
        };
        /** @description One decision that did not come out as it was recorded. */
        Difference: {
            /** @description The call. */
            call: string;
            /** @description What was computed. */
            computed: string;
            /**
             * Format: int64
             * @description The position of the entry with the decision.
             */
            position: number;
            /** @description What was recorded. */
            recorded: string;
        };
        /** @description One difference. */
        DiffLine: {
            /** @description As it is; none if it is not there. */
            after?: string | null;
            /** @description As it was; none if it was not there. */
            before?: string | null;
            /** @description JSON pointer into the definition; empty for the whole. */
            pointer: string;
            /** @description All of it in one line. */
            text: string;
            /** @description For two texts: kept words, `[-words that went-]` and `{+words that came+}`. */
            words?: string | null;
        };
        /** @description Marks a notice as seen or a review as made. */
        Done: {
            /** @description What the person wants to note; for a rejection, why. */
            note?: string | null;
            /**
             * @description What a review says of the act: `accepted` or `rejected`; `accepted` if nothing is said. A rejected act is taken
             *     back where that is possible, else an incident is recorded.
             */
            verdict?: string | null;
        };
        /** @description A rehearsal. */
        Drill: {
            /**
             * Format: int64
             * @description When, in milliseconds since 1970.
             */
            at_ms: number;
            /** @description Who did. */
            by: string;
            /** @description How every lever answered. */
            levers: components["schemas"]["Lever"][];
            /** @description The scope whose stop was rehearsed. */
            scope: string;
        };
        /** @description Something that must be done beside running the call. */
        Duty: {
            /** @description Who is told or reviews. */
            group: string;
            /** @description The policy that asks for it. */
            id: string;
            /** @description `notice` or `review`. */
            kind: string;
            /**
             * Format: int64
             * @description How long a review may take, in milliseconds.
             */
            within_ms?: number | null;
        };
        /** @description A notice or review that policy asked for. */
        DutyRecord: {
            /** @description Whose call it was. */
            agent?: string | null;
            /** @description Who is told or reviews. */
            asked_of: string;
            /**
             * Format: int64
             * @description Since when, in milliseconds since 1970.
             */
            at_ms: number;
            /** @description The call. */
            call: string;
            /** @description Who did it. */
            done_by?: string | null;
            /** @description Its key, `call/kind/policy`. */
            duty: string;
            /** @description `notice` or `review`. */
            kind: string;
            /** @description What the person noted. */
            note?: string | null;
            /**
             * Format: int64
             * @description Since when it is overdue.
             */
            overdue_ms?: number | null;
            /** @description The policy that asks for it. */
            policy: string;
            /**
             * Format: int64
             * @description Until when it should be reviewed, in milliseconds since 1970.
             */
            review_by_ms?: number | null;
            /** @description The call's run. */
            run?: string | null;
            /** @description `open` or `done`. */
            state: string;
            /** @description What a review said of the act: `accepted` or `rejected`. */
            verdict?: string | null;
        };
        /** @description Proposes other arguments in place of those that a held call has. */
        EditCall: {
            /** @description All arguments of the new call. */
            arguments: unknown;
            /** @description Why; the agent is told. */
            reason: string;
        };
        /** @description One resource that a call touched. */
        Effect: {
            /** @description Digest of the state after. */
            after?: string | null;
            /** @description Digest of the state before. */
            before?: string | null;
            /** @description `created`, `modified`, `deleted` or `other`. */
            kind: string;
            /** @description `expected`, `unintended`, `not_stated` or `unobserved`. */
            observation: string;
            /** @description Which resource. */
            resource: string;
        };
        /** @description What a call does. */
        EffectView: {
            /** @description What can be taken back, such as `irreversible`. */
            class: string;
            /** @description Who is hit. */
            consequences: string[];
            /** @description How it could be taken back. */
            undo?: string | null;
        };
        /** @description Ends a run. */
        EndRun: {
            /** @description References to what shows it. */
            evidence?: string[];
            /** @description The number that the workflow measures success by, as text. */
            metric?: string | null;
            /** @description `succeeded`, `failed` or `abandoned`. */
            outcome: string;
            /** @description Why, in words. */
            reason?: string;
        };
        /** @description One entry with its place. */
        Entry: {
            /**
             * Format: int64
             * @description When, in milliseconds since 1970.
             */
            at_ms: number;
            /** @description Of which call. */
            call?: string | null;
            /** @description The whole entry as stored. */
            entry: Record<string, unknown>;
            /** @description Its hash. */
            hash: string;
            /** @description What kind of event, such as `call_settled`. */
            kind: string;
            /**
             * Format: int64
             * @description Its place among all entries, from 1: what `after` and `Last-Event-ID` count.
             */
            position: number;
            /** @description In which run. */
            run?: string | null;
            /**
             * Format: int64
             * @description Its number in that chain, from 1.
             */
            seq: number;
            /** @description Whose. */
            tenant?: string | null;
            /** @description The writer whose chain it is in. */
            writer: string;
        };
        /** @description A second group. */
        Escalate: {
            /**
             * Format: int64
             * @description From when on, in milliseconds since 1970.
             */
            at_ms: number;
            /** @description Whether that time came. */
            done: boolean;
            /** @description Who, such as `group:leads`. */
            group: string;
        };
        /** @description A second group. */
        Escalation: {
            /**
             * Format: int64
             * @description How long the first group is asked alone, in milliseconds.
             */
            after_ms: number;
            /** @description Who is asked then. */
            group: string;
        };
        /** @description Somebody who may not approve a call. */
        Excluded: {
            /** @description Why, as what follows the name. */
            because: string;
            /** @description Who. */
            name: string;
        };
        /** @description What a command printed, used and reached while it was previewed. */
        Execution: {
            /**
             * Format: int64
             * @description Processor time of all its processes.
             */
            cpu_ms: number;
            /**
             * Format: int32
             * @description How it ended.
             */
            exit_code: number;
            /** @description How narrow the place was that it ran in: `overlay`, `copy` or `landlock`. */
            jail: string;
            /**
             * Format: int64
             * @description The most memory it held at once, in bytes.
             */
            memory_bytes_max: number;
            /** @description Where it tried to connect to. */
            network: components["schemas"]["Contact"][];
            /**
             * Format: int64
             * @description Processes and threads it started.
             */
            processes: number;
            /** @description What it printed as errors. */
            stderr: components["schemas"]["Printed"];
            /** @description What it printed. */
            stdout: components["schemas"]["Printed"];
            /**
             * Format: int64
             * @description How long it ran.
             */
            wall_ms: number;
        };
        /** @description What an agent says will change. */
        ExpectedEffect: {
            /**
             * Format: int64
             * @description How many at most; 1 if not given.
             */
            count_max?: number;
            /** @description `created`, `modified`, `deleted` or `other`. */
            kind: string;
            /** @description A glob of resources, such as `workspace:src/**`. */
            resource: string;
        };
        /** @description Why a call was decided as it was, computed again from the recorded facts. */
        Explanation: {
            /** @description The call. */
            call: string;
            /** @description The decision under the policy version that was in force then. */
            decision: components["schemas"]["Decision"];
            /** @description In words, a line each. */
            lines: string[];
        };
        /** @description What went wrong: what happened, what to do. */
        Failure: {
            /** @description Stable code, such as `CR-2001`. */
            code: string;
            /** @description The page that explains the code. */
            docs: string;
            /** @description Whose fault it is: `caller`, `policy`, `operator`, `upstream` or `checkrein`. */
            fault: string;
            /** @description What to do next. */
            fix: string;
            /** @description What happened and what was expected. */
            message: string;
            /** @description Whether the same call may succeed later without a change. */
            retryable: boolean;
            /** @description What the code means. */
            title: string;
        };
        /** @description What stands at a path. */
        FileState: {
            /** @description SHA-256 of a file's content. */
            digest?: string | null;
            /** @description `file`, `directory` or `link`. */
            kind: string;
            /** @description Permission bits in octal, such as `0644`. */
            mode: string;
            /**
             * Format: int64
             * @description Bytes of a file.
             */
            size?: number | null;
            /** @description The target of a link. */
            target?: string | null;
        };
        /** @description One thing that a person should know of a tool or a server. */
        Finding: {
            /** @description What kind of thing. */
            code: string;
            /** @description JSON pointer into the definition; empty for the whole. */
            pointer: string;
            /** @description `shown`, or `held_back` where it keeps the tool from being called. */
            severity: string;
            /** @description What was found. */
            text: string;
        };
        /** @description Where the browser goes next. */
        GoTo: {
            /** @description The address. */
            url: string;
        };
        /** @description Rights given to an agent. */
        Grant: {
            /** @description The agent. */
            agent: components["schemas"]["Agent"];
            /**
             * Format: int64
             * @description When it ends by itself, in milliseconds since 1970.
             */
            expires_ms?: number | null;
            /** @description Who gave it. */
            given_by: string;
            /**
             * Format: int64
             * @description When.
             */
            given_ms: number;
            /** @description Its id. */
            grant: string;
            /** @description On whose behalf. */
            human: string;
            /** @description Spaces it may work in. */
            spaces: string[];
            /** @description `active` or `revoked`. */
            state: string;
            /** @description The tenant. */
            tenant: string;
            /** @description Tool names, prefixes that end in `.*`, or `*`. */
            tools: string[];
            /** @description Workflows it may work on; empty for all. */
            workflows: string[];
        };
        /** @description What one group was asked. */
        GroupAttention: {
            /**
             * Format: int64
             * @description How often it was asked.
             */
            asked: number;
            /**
             * Format: int64
             * @description How often that was decided by a person.
             */
            decided: number;
            /**
             * Format: int64
             * @description How often nobody decided in time.
             */
            expired: number;
            /** @description The group. */
            group: string;
            /**
             * Format: int64
             * @description What waits now.
             */
            pending: number;
            /**
             * Format: int64
             * @description The middle wait until a decision, in milliseconds.
             */
            wait_p50_ms?: number | null;
            /**
             * Format: int64
             * @description The wait that 95 of 100 decisions keep, in milliseconds.
             */
            wait_p95_ms?: number | null;
        };
        /** @description The signed head of the journal. */
        Head: {
            /**
             * Format: int64
             * @description When it was signed, in milliseconds since 1970.
             */
            at_ms: number;
            /** @description The last one's hash. */
            hash: string;
            /** @description The signed note; keep it elsewhere to prove later that nothing before it changed. */
            note: string;
            /** @description Which journal. */
            origin: string;
            /**
             * Format: int64
             * @description Entries in it.
             */
            position: number;
            /** @description The key that it is checked with. */
            public_key: string;
            /**
             * Format: int64
             * @description The last one's number in its writer's chain.
             */
            seq: number;
            /** @description The writer of the last one. */
            writer: string;
        };
        /** @description Why a tool cannot be called, and what to do. */
        HeldBack: {
            /** @description What to do next. */
            fix: string;
            /** @description Why. */
            message: string;
        };
        /** @description An act that was rejected afterwards and could not be taken back. */
        Incident: {
            /**
             * Format: int64
             * @description When, in milliseconds since 1970.
             */
            at_ms: number;
            /** @description The call. */
            call: string;
            /** @description Who closed it. */
            closed_by?: string | null;
            /**
             * Format: int64
             * @description When, in milliseconds since 1970.
             */
            closed_ms?: number | null;
            /** @description What that person said became of it. */
            closed_reason?: string | null;
            /** @description The review. */
            duty: string;
            /** @description Who rejected it. */
            opened_by: string;
            /** @description Why. */
            reason: string;
            /** @description `open` or `closed`. */
            state: string;
        };
        /** @description A one-time link. It is not kept and cannot be shown again. */
        Invitation: {
            /**
             * Format: int64
             * @description When it ends, in milliseconds since 1970.
             */
            expires_ms: number;
            /** @description Who logs in with it. */
            person: string;
            /** @description The address to open. What is secret stands after `#`, which no browser sends to any server. */
            url: string;
        };
        /** @description Asks for a one-time link. */
        Invite: {
            /** @description The person's tenant; the asking person's own if not given. */
            tenant?: string | null;
        };
        /** @description Where an entry stands and what proves it. */
        JournalPosition: {
            /** @description Its hash. */
            hash: string;
            /** @description The run of the entry. */
            run?: string | null;
            /**
             * Format: int64
             * @description Its number in its writer's chain, from 1.
             */
            seq: number;
        };
        /** @description A key without its text. */
        Key: {
            /** @description The agent's grant. */
            grant?: string | null;
            /** @description The groups of approvers that the operator stands in; `*` alone for every group. None for agents. */
            groups: string[];
            /** @description `agent` or `operator`. */
            holder: string;
            /** @description Its id. */
            key: string;
            /** @description Who made it. */
            made_by: string;
            /**
             * Format: int64
             * @description When, in milliseconds since 1970.
             */
            made_ms: number;
            /** @description The operator's name. */
            name?: string | null;
            /** @description The operator's roles. */
            roles: string[];
            /** @description `active` or `revoked`. */
            state: string;
            /** @description The tenant. */
            tenant: string;
        };
        /** @description One act that would be taken back. */
        KillAct: {
            /**
             * Format: int64
             * @description When it was admitted, in milliseconds since 1970.
             */
            at_ms: number;
            /** @description The call that did it. */
            call: string;
            /** @description Why it cannot be taken back; none where it can. */
            cannot?: string | null;
            /** @description What it changed. */
            resource: string;
            /** @description In which run. */
            run?: string | null;
            /** @description With which tool. */
            tool: string;
        };
        /** @description What a kill would do. */
        KillPlan: {
            /** @description The last acts in the scope, newest first. */
            acts: components["schemas"]["KillAct"][];
            /** @description Runs, calls in work and held calls. */
            reach: components["schemas"]["Reach"];
            /** @description What confirms exactly this, once. */
            token: string;
            /**
             * Format: int64
             * @description Until when the token holds, in milliseconds since 1970.
             */
            until_ms: number;
        };
        /** @description A tool that cannot be used. */
        LeftOut: {
            /** @description The name that the server knows it by. */
            tool: string;
            /** @description Why not. */
            why: string;
        };
        /** @description How one lever of a stop answered. `reached` is the sum of the other three counts. */
        Lever: {
            /**
             * Format: int64
             * @description How many have certainly ended, or were taken back.
             */
            acknowledged: number;
            /** @description `fence`, `not_started`, `cancelled`, `processes`, `requests`, `runs`, `held`, `server`, `rollback`, `socket`, `file`. */
            lever: string;
            /**
             * Format: int64
             * @description How many gave no answer in time, or could not be taken back.
             */
            missing: number;
            /**
             * Format: int64
             * @description How many it was pulled for.
             */
            reached: number;
            /**
             * Format: int64
             * @description From the order to the last answer, in milliseconds.
             */
            took_ms: number;
            /**
             * Format: int64
             * @description Of how many nobody knows whether their act happened.
             */
            unknown: number;
        };
        /** @description Lifts a stop. */
        Lift: {
            /** @description Why. */
            reason: string;
        };
        /** @description The most that may be taken in each dimension; a dimension without a value is not limited. */
        Limits: {
            /**
             * Format: int64
             * @description Calls.
             * @default null
             */
            calls?: number | null;
            /**
             * Format: int64
             * @description Acts that cannot be undone.
             * @default null
             */
            irreversible?: number | null;
            /**
             * @description Money in the accounting currency, such as `12.50`.
             * @default null
             */
            money?: string | null;
            /**
             * Format: int64
             * @description Bytes read by tools.
             * @default null
             */
            read_bytes?: number | null;
            /**
             * Format: int64
             * @description Milliseconds in tools.
             * @default null
             */
            wall_ms?: number | null;
        };
        /** @description Links one's own account with somebody at an issuer. */
        LinkIdentity: {
            /** @description The issuer's name. */
            issuer: string;
        };
        /** @description Links an account with somebody of a service, or takes the link away. */
        LinkPerson: {
            /** @description Somebody in Slack, such as `T0123456/U0123456`: the person's own team or organisation, and the person. */
            slack: string;
            /** @description The person's tenant; the asking person's own if not given. */
            tenant?: string | null;
        };
        /** @description A session that ended. */
        LoggedOut: {
            /** @description Who is no longer logged in. */
            person: string;
        };
        /** @description An issuer where people may log in. */
        LoginIssuer: {
            /** @description Its name in paths. */
            name: string;
            /** @description What people read on the button. */
            title: string;
        };
        /** @description A new agent with its key. */
        MadeAgent: {
            /** @description The rights. */
            grant: components["schemas"]["Grant"];
            /** @description The key's id. */
            key: string;
            /** @description The key's text. It is not kept and cannot be shown again. */
            secret: string;
        };
        /** @description A new key. */
        MadeKey: {
            /** @description Its id. */
            key: string;
            /** @description Its text. It is not kept and cannot be shown again. */
            secret: string;
        };
        /** @description Whether somebody may say yes. */
        MayDecide: {
            /** @description The code of that. */
            code?: string | null;
            /** @description What to do then. */
            fix?: string | null;
            /** @description Why not. */
            why?: string | null;
            /** @description Whether. */
            yes: boolean;
        };
        /** @description What a request needs. */
        Needs: {
            /** @description How sure it must be who says so: `key`, `session` or `passkey`. */
            assurance: string;
            escalate?: components["schemas"]["Escalate"] | null;
            /** @description Who may, such as `group:oncall`. */
            group: string;
            /**
             * Format: int64
             * @description How many different people must say yes.
             */
            quorum: number;
        };
        /** @description Makes an agent: gives a grant and makes a key for it. */
        NewAgent: {
            /**
             * Format: int64
             * @description When it ends by itself, in milliseconds since 1970.
             */
            expires_ms?: number | null;
            /** @description On whose behalf; the operator if not given. */
            human?: string | null;
            /** @description The agent's name. */
            name: string;
            /** @description Spaces it may work in; all that are configured if not given. */
            spaces?: string[] | null;
            /** @description The tenant; the operator's own if not given. */
            tenant?: string | null;
            /** @description What it may use: tool names, prefixes that end in `.*`, or `*`. */
            tools: string[];
            /** @description Its version; `1` if not given. */
            version?: string | null;
            /** @description Workflows it may work on; all if empty. */
            workflows?: string[];
        };
        /** @description Makes a key: for a grant, or for an operator. */
        NewKey: {
            /** @description Its grant. */
            grant: string;
            /** @enum {string} */
            holder: "agent";
        } | {
            /** @description The groups of approvers that the person stands in; every group (`*`) if not given. */
            groups?: string[] | null;
            /** @enum {string} */
            holder: "operator";
            /** @description The person's name. */
            name: string;
            /** @description What the person may do: `viewer`, `operator`, `approver`, `policy_author`, `auditor`, `admin`. */
            roles: string[];
            /** @description The tenant; the operator's own if not given. */
            tenant?: string | null;
        };
        /** @description Makes an account. */
        NewPerson: {
            /** @description The groups of approvers that the person stands in; `*` alone for every group. */
            groups?: string[];
            /** @description The name. */
            name: string;
            /** @description What the person may do; at least one role. */
            roles: string[];
            /** @description The tenant; the asking person's own if not given. */
            tenant?: string | null;
        };
        /** @description Opens a run. */
        OpenRun: {
            /** @description Limits; they can only be stricter than the workflow's. */
            limit?: components["schemas"]["Limits"];
            /** @description What for. */
            purpose: string;
            /** @description The kind of work. */
            workflow: string;
        };
        /** @description Rehearses a stop. */
        OrderDrill: {
            /** @description The scope whose stop is rehearsed. Nothing of it is stopped. */
            scope: string;
        };
        /** @description Confirms a kill. */
        OrderKill: {
            /** @description Why. */
            reason: string;
            /**
             * Format: int32
             * @description How many acts to take back, as planned.
             */
            rollback?: number;
            /** @description What to kill. */
            scope: string;
            /** @description The token of the plan. */
            token: string;
        };
        /** @description Orders a stop. */
        OrderStop: {
            /** @description `pause`: no new run starts. `suspend`: no new effect starts, and work under way is cancelled. */
            level: string;
            /** @description Why. */
            reason: string;
            /** @description What to stop. */
            scope: string;
        };
        /** @description A service that is told what people should know. */
        Outlet: {
            /**
             * Format: int64
             * @description When it is tried again.
             */
            again_at_ms?: number | null;
            /** @description Where it is, without anything secret. */
            at: string;
            /**
             * Format: int64
             * @description Since when it is away, in milliseconds since 1970.
             */
            away_since_ms?: number | null;
            /**
             * Format: int64
             * @description Entries of the journal that it has not looked at yet.
             */
            behind: number;
            /** @description How its own connection stands (Socket Mode): `open`, `connecting` or why it ended. */
            connection?: string | null;
            /**
             * Format: int64
             * @description How much was given up, ever.
             */
            gave_up: number;
            /**
             * Format: int64
             * @description When last.
             */
            gave_up_ms?: number | null;
            /** @description Why, the last time. */
            gave_up_why?: string | null;
            /** @description The groups whose requests it is told of; empty for all. */
            groups: string[];
            /** @description Its name. */
            outlet: string;
            /** @description `well`, or `away` where the last try did not work. */
            standing: string;
            /** @description The kinds that it is told, or their beginnings; empty for all. */
            tells: string[];
            /**
             * Format: int64
             * @description How much it was told, ever.
             */
            told: number;
            /**
             * Format: int64
             * @description When last.
             */
            told_ms?: number | null;
            /**
             * Format: int64
             * @description Tries since it is away.
             */
            tries: number;
            /** @description `slack` or `webhook`. */
            way: string;
            /** @description Why it is away. */
            why?: string | null;
        };
        /** @description How that came out. */
        OutletTest: {
            /** @description Whether it arrived. */
            arrived: boolean;
            /** @description The outlet. */
            outlet: string;
            /**
             * Format: int64
             * @description How long it took, in milliseconds.
             */
            took_ms: number;
            /** @description What came back, if it did not. */
            why?: string | null;
        };
        /** @description A piece of output: the `output` event. */
        Output: {
            /** @description The call that prints. */
            call: string;
            /** @description `stdout` or `stderr`. */
            stream: string;
            /** @description Whole lines, masked. */
            text: string;
        };
        /** @description Contracts for the tools of one known server. */
        Pack: {
            /** @description Where the project lives. */
            homepage: string;
            /** @description The name that configuration uses. */
            pack: string;
            /** @description The package in its registry. */
            package: string;
            /** @description The registry. */
            registry: string;
            /** @description Servers that are configured with it. */
            servers: string[];
            /** @description What it says of each tool. */
            tools: components["schemas"]["PackTool"][];
            /** @description The version that it was made from. */
            version: string;
        };
        /** @description What a pack says of a tool. */
        PackTool: {
            /** @description Who is hit. */
            consequences: string[];
            /** @description What can be taken back. */
            effect_class: string;
            /** @description What it acts on. */
            resource?: string | null;
            /** @description The name that the server knows it by. */
            tool: string;
        };
        /** @description One page of a listing, in the listing's order. */
        Page_Approval: {
            /** @description What was found, at most the limit that was asked for. */
            items: {
                /** @description The agent that asks. */
                agent?: string | null;
                /** @description Its id. */
                approval: string;
                /**
                 * Format: int64
                 * @description When it was asked, in milliseconds since 1970.
                 */
                asked_ms: number;
                /** @description Who is asked, such as `group:oncall`. */
                asked_of: string;
                /** @description How sure it must be who says yes: `key`, `session` or `passkey`. */
                assurance: string;
                /** @description Digest over principal, contract, arguments, plan and resource state: what was shown is what runs. */
                binding: string;
                /** @description The call it is for. */
                call: string;
                /**
                 * Format: int64
                 * @description Until when it can be decided.
                 */
                decide_by_ms: number;
                /** @description Who decided. */
                decided_by?: string | null;
                /**
                 * Format: int64
                 * @description When.
                 */
                decided_ms?: number | null;
                /** @description What kind of effect the tool has, such as `restorable`. */
                effect_class?: string | null;
                /** @description Who is asked too when nobody decides for a while. */
                escalate_to?: string | null;
                /**
                 * Format: int64
                 * @description When it happened.
                 */
                escalated_ms?: number | null;
                /**
                 * Format: int64
                 * @description When that is, in milliseconds since 1970.
                 */
                escalates_ms?: number | null;
                /**
                 * Format: int64
                 * @description Until when it can be used, once approved.
                 */
                execute_by_ms?: number | null;
                /**
                 * Format: int64
                 * @description How many different people must say yes.
                 */
                quorum: number;
                /** @description What the person said. */
                reason?: string | null;
                /** @description The policy that asks. */
                requirement: string;
                /** @description What the call is about, such as a path. */
                resource?: string | null;
                /** @description The call's run. */
                run?: string | null;
                /** @description `pending`, `approved`, `rejected`, `expired`, `withdrawn`, `superseded` or `used`. */
                state: string;
                /** @description The tool it wants to call. */
                tool?: string | null;
                /**
                 * Format: int64
                 * @description How many said yes so far.
                 */
                votes: number;
            }[];
            /** @description What to give as `after` to get the next page; none if this was the last. */
            next?: string | null;
        };
        /** @description One page of a listing, in the listing's order. */
        Page_Budget: {
            /** @description What was found, at most the limit that was asked for. */
            items: {
                /** @description The accounting currency. */
                currency: string;
                /** @description What is left of what is limited. */
                left: components["schemas"]["Limits"];
                /** @description The most that may be taken. */
                limit: components["schemas"]["Limits"];
                /** @description What happens at the limit: `degrade`, `escalate` or `stop`. */
                on_exceeded: string;
                /** @description Taken by calls that may still run. */
                reserved: components["schemas"]["Amounts"];
                /** @description Whose: a run, or a grant and a day. */
                scope: string;
                /** @description Taken for good. */
                spent: components["schemas"]["Amounts"];
            }[];
            /** @description What to give as `after` to get the next page; none if this was the last. */
            next?: string | null;
        };
        /** @description One page of a listing, in the listing's order. */
        Page_Call: {
            /** @description What was found, at most the limit that was asked for. */
            items: {
                /** @description The agent with its version. */
                agent: string;
                /** @description Keyed digest of its arguments. */
                arguments_digest?: string | null;
                /**
                 * Format: int64
                 * @description How many attempts were made.
                 */
                attempts?: number;
                /** @description Its id. */
                call: string;
                /** @description The code, if something went wrong. */
                code?: string | null;
                /** @description Whether it may run although nobody waits. */
                detached: boolean;
                /** @description What can be taken back: `pure`, `restorable`, … */
                effect_class: string;
                /** @description Whether the act happened. */
                executed?: string | null;
                /** @description The call that was made in its place. */
                followed_by?: string | null;
                /** @description The call in whose place it was made: redriven, or with another tool. */
                follows?: string | null;
                /**
                 * Format: int64
                 * @description When it leaves the outbox; none for a call that did not wait there.
                 */
                leaves_ms?: number | null;
                /** @description What it cost, in the accounting currency. */
                money: string;
                /** @description Version of the policy that decided. */
                policy?: string | null;
                /**
                 * Format: int64
                 * @description When it arrived, in milliseconds since 1970.
                 */
                received_ms: number;
                /** @description The resource, resolved and masked. */
                resource: string;
                /** @description Its run. */
                run?: string | null;
                /** @description Where it stands in its life: `held`, `succeeded`, … */
                state: string;
                /** @description As its answer says; none before there is one. */
                status?: string | null;
                /** @description Who was needed. */
                tier?: string | null;
                /** @description The tool. */
                tool: string;
                /** @description Where its undo stands; none if it has none. */
                undo?: string | null;
                /**
                 * Format: int64
                 * @description Until when it can be undone.
                 */
                undo_until_ms?: number | null;
                /** @description The call that this call takes back. */
                undoes?: string | null;
                /**
                 * Format: int64
                 * @description When it last moved.
                 */
                updated_ms: number;
                /** @description What was decided. */
                verdict?: string | null;
                /**
                 * Format: int64
                 * @description Milliseconds in the tool.
                 */
                wall_ms: number;
            }[];
            /** @description What to give as `after` to get the next page; none if this was the last. */
            next?: string | null;
        };
        /** @description One page of a listing, in the listing's order. */
        Page_DeadLetter: {
            /** @description What was found, at most the limit that was asked for. */
            items: {
                /** @description The agent. */
                agent: string;
                /**
                 * Format: int64
                 * @description When it was written, in milliseconds since 1970.
                 */
                at_ms: number;
                /**
                 * Format: int64
                 * @description How many attempts were made.
                 */
                attempts: number;
                /** @description The call. */
                call: string;
                /** @description What was said then. */
                reason?: string | null;
                /** @description The call that was made in its place. */
                redriven_as?: string | null;
                /** @description The resource, masked. */
                resource: string;
                /** @description Its run. */
                run?: string | null;
                /** @description Who settled it: a person, or `probe`. */
                settled_by?: string | null;
                /**
                 * Format: int64
                 * @description When, in milliseconds since 1970.
                 */
                settled_ms?: number | null;
                /** @description `open`, `redriven`, `resolved` or `discarded`. */
                state: string;
                /** @description The tool. */
                tool: string;
                /** @description Why: `used_up`, `interrupted` or `in_doubt`. */
                why: string;
            }[];
            /** @description What to give as `after` to get the next page; none if this was the last. */
            next?: string | null;
        };
        /** @description One page of a listing, in the listing's order. */
        Page_DutyRecord: {
            /** @description What was found, at most the limit that was asked for. */
            items: {
                /** @description Whose call it was. */
                agent?: string | null;
                /** @description Who is told or reviews. */
                asked_of: string;
                /**
                 * Format: int64
                 * @description Since when, in milliseconds since 1970.
                 */
                at_ms: number;
                /** @description The call. */
                call: string;
                /** @description Who did it. */
                done_by?: string | null;
                /** @description Its key, `call/kind/policy`. */
                duty: string;
                /** @description `notice` or `review`. */
                kind: string;
                /** @description What the person noted. */
                note?: string | null;
                /**
                 * Format: int64
                 * @description Since when it is overdue.
                 */
                overdue_ms?: number | null;
                /** @description The policy that asks for it. */
                policy: string;
                /**
                 * Format: int64
                 * @description Until when it should be reviewed, in milliseconds since 1970.
                 */
                review_by_ms?: number | null;
                /** @description The call's run. */
                run?: string | null;
                /** @description `open` or `done`. */
                state: string;
                /** @description What a review said of the act: `accepted` or `rejected`. */
                verdict?: string | null;
            }[];
            /** @description What to give as `after` to get the next page; none if this was the last. */
            next?: string | null;
        };
        /** @description One page of a listing, in the listing's order. */
        Page_Entry: {
            /** @description What was found, at most the limit that was asked for. */
            items: {
                /**
                 * Format: int64
                 * @description When, in milliseconds since 1970.
                 */
                at_ms: number;
                /** @description Of which call. */
                call?: string | null;
                /** @description The whole entry as stored. */
                entry: Record<string, unknown>;
                /** @description Its hash. */
                hash: string;
                /** @description What kind of event, such as `call_settled`. */
                kind: string;
                /**
                 * Format: int64
                 * @description Its place among all entries, from 1: what `after` and `Last-Event-ID` count.
                 */
                position: number;
                /** @description In which run. */
                run?: string | null;
                /**
                 * Format: int64
                 * @description Its number in that chain, from 1.
                 */
                seq: number;
                /** @description Whose. */
                tenant?: string | null;
                /** @description The writer whose chain it is in. */
                writer: string;
            }[];
            /** @description What to give as `after` to get the next page; none if this was the last. */
            next?: string | null;
        };
        /** @description One page of a listing, in the listing's order. */
        Page_Grant: {
            /** @description What was found, at most the limit that was asked for. */
            items: {
                /** @description The agent. */
                agent: components["schemas"]["Agent"];
                /**
                 * Format: int64
                 * @description When it ends by itself, in milliseconds since 1970.
                 */
                expires_ms?: number | null;
                /** @description Who gave it. */
                given_by: string;
                /**
                 * Format: int64
                 * @description When.
                 */
                given_ms: number;
                /** @description Its id. */
                grant: string;
                /** @description On whose behalf. */
                human: string;
                /** @description Spaces it may work in. */
                spaces: string[];
                /** @description `active` or `revoked`. */
                state: string;
                /** @description The tenant. */
                tenant: string;
                /** @description Tool names, prefixes that end in `.*`, or `*`. */
                tools: string[];
                /** @description Workflows it may work on; empty for all. */
                workflows: string[];
            }[];
            /** @description What to give as `after` to get the next page; none if this was the last. */
            next?: string | null;
        };
        /** @description One page of a listing, in the listing's order. */
        Page_Incident: {
            /** @description What was found, at most the limit that was asked for. */
            items: {
                /**
                 * Format: int64
                 * @description When, in milliseconds since 1970.
                 */
                at_ms: number;
                /** @description The call. */
                call: string;
                /** @description Who closed it. */
                closed_by?: string | null;
                /**
                 * Format: int64
                 * @description When, in milliseconds since 1970.
                 */
                closed_ms?: number | null;
                /** @description What that person said became of it. */
                closed_reason?: string | null;
                /** @description The review. */
                duty: string;
                /** @description Who rejected it. */
                opened_by: string;
                /** @description Why. */
                reason: string;
                /** @description `open` or `closed`. */
                state: string;
            }[];
            /** @description What to give as `after` to get the next page; none if this was the last. */
            next?: string | null;
        };
        /** @description One page of a listing, in the listing's order. */
        Page_Key: {
            /** @description What was found, at most the limit that was asked for. */
            items: {
                /** @description The agent's grant. */
                grant?: string | null;
                /** @description The groups of approvers that the operator stands in; `*` alone for every group. None for agents. */
                groups: string[];
                /** @description `agent` or `operator`. */
                holder: string;
                /** @description Its id. */
                key: string;
                /** @description Who made it. */
                made_by: string;
                /**
                 * Format: int64
                 * @description When, in milliseconds since 1970.
                 */
                made_ms: number;
                /** @description The operator's name. */
                name?: string | null;
                /** @description The operator's roles. */
                roles: string[];
                /** @description `active` or `revoked`. */
                state: string;
                /** @description The tenant. */
                tenant: string;
            }[];
            /** @description What to give as `after` to get the next page; none if this was the last. */
            next?: string | null;
        };
        /** @description One page of a listing, in the listing's order. */
        Page_Outlet: {
            /** @description What was found, at most the limit that was asked for. */
            items: {
                /**
                 * Format: int64
                 * @description When it is tried again.
                 */
                again_at_ms?: number | null;
                /** @description Where it is, without anything secret. */
                at: string;
                /**
                 * Format: int64
                 * @description Since when it is away, in milliseconds since 1970.
                 */
                away_since_ms?: number | null;
                /**
                 * Format: int64
                 * @description Entries of the journal that it has not looked at yet.
                 */
                behind: number;
                /** @description How its own connection stands (Socket Mode): `open`, `connecting` or why it ended. */
                connection?: string | null;
                /**
                 * Format: int64
                 * @description How much was given up, ever.
                 */
                gave_up: number;
                /**
                 * Format: int64
                 * @description When last.
                 */
                gave_up_ms?: number | null;
                /** @description Why, the last time. */
                gave_up_why?: string | null;
                /** @description The groups whose requests it is told of; empty for all. */
                groups: string[];
                /** @description Its name. */
                outlet: string;
                /** @description `well`, or `away` where the last try did not work. */
                standing: string;
                /** @description The kinds that it is told, or their beginnings; empty for all. */
                tells: string[];
                /**
                 * Format: int64
                 * @description How much it was told, ever.
                 */
                told: number;
                /**
                 * Format: int64
                 * @description When last.
                 */
                told_ms?: number | null;
                /**
                 * Format: int64
                 * @description Tries since it is away.
                 */
                tries: number;
                /** @description `slack` or `webhook`. */
                way: string;
                /** @description Why it is away. */
                why?: string | null;
            }[];
            /** @description What to give as `after` to get the next page; none if this was the last. */
            next?: string | null;
        };
        /** @description One page of a listing, in the listing's order. */
        Page_Pack: {
            /** @description What was found, at most the limit that was asked for. */
            items: {
                /** @description Where the project lives. */
                homepage: string;
                /** @description The name that configuration uses. */
                pack: string;
                /** @description The package in its registry. */
                package: string;
                /** @description The registry. */
                registry: string;
                /** @description Servers that are configured with it. */
                servers: string[];
                /** @description What it says of each tool. */
                tools: components["schemas"]["PackTool"][];
                /** @description The version that it was made from. */
                version: string;
            }[];
            /** @description What to give as `after` to get the next page; none if this was the last. */
            next?: string | null;
        };
        /** @description One page of a listing, in the listing's order. */
        Page_Person: {
            /** @description What was found, at most the limit that was asked for. */
            items: {
                /** @description The groups of approvers that the person stands in; `*` alone for every group. */
                groups: string[];
                /** @description The name, one in the tenant. */
                name: string;
                /** @description How many passkeys the person has. */
                passkeys: number;
                /** @description How many recovery codes are left. */
                recovery_codes: number;
                /** @description `viewer`, `operator`, `approver`, `policy_author`, `auditor`, `admin`. */
                roles: string[];
                /** @description `active` or `disabled`. */
                state: string;
                /** @description The tenant. */
                tenant: string;
            }[];
            /** @description What to give as `after` to get the next page; none if this was the last. */
            next?: string | null;
        };
        /** @description One page of a listing, in the listing's order. */
        Page_Run: {
            /** @description What was found, at most the limit that was asked for. */
            items: {
                /** @description The agent with its version. */
                agent: string;
                /** @description Whether it was made for calls that named no run. */
                ambient: boolean;
                /** @description The grant that opened it. */
                grant: string;
                /** @description On whose behalf. */
                human: string;
                /**
                 * Format: int64
                 * @description When it was last used.
                 */
                last_ms: number;
                /** @description The number that its workflow measures success by. */
                metric?: string | null;
                /**
                 * Format: int64
                 * @description Since when, in milliseconds since 1970.
                 */
                opened_ms: number;
                /** @description How it ended: `succeeded`, `failed`, `abandoned` or `idle`. */
                outcome?: string | null;
                /** @description What for. */
                purpose: string;
                /** @description Why it is paused or ended. */
                reason?: string | null;
                /** @description Its id. */
                run: string;
                /** @description Where it lives. */
                space: string;
                /** @description `open`, `paused` or `ended`. */
                state: string;
                /** @description The tenant. */
                tenant: string;
                /** @description The kind of work. */
                workflow: string;
            }[];
            /** @description What to give as `after` to get the next page; none if this was the last. */
            next?: string | null;
        };
        /** @description One page of a listing, in the listing's order. */
        Page_Server: {
            /** @description What was found, at most the limit that was asked for. */
            items: {
                /**
                 * Format: int64
                 * @description When it is tried again.
                 */
                again_at_ms?: number | null;
                /** @description Its command line or its address, without credentials. */
                at: string;
                /**
                 * Format: int64
                 * @description Tools that are offered otherwise than they were accepted.
                 */
                drifted: number;
                /** @description What it did that it should not, the last ones. */
                faults: string[];
                /**
                 * Format: int64
                 * @description How often in all.
                 */
                faults_all: number;
                /** @description What a person should know of its instructions, prompts and resources. */
                findings: components["schemas"]["Finding"][];
                /**
                 * Format: int64
                 * @description Tools that something else keeps back.
                 */
                held_back: number;
                /** @description Who it says it is. */
                info?: Record<string, unknown> | null;
                /** @description Whether it runs in a jail; none where it is reached over HTTP. */
                jailed?: boolean | null;
                /** @description Tools that it lists and that cannot be used. */
                left_out: components["schemas"]["LeftOut"][];
                /** @description What agents may see of it beside its tools. */
                offers: string[];
                /** @description The pack whose contracts hold for it. */
                pack?: string | null;
                /**
                 * Format: int64
                 * @description Tools that a person refused.
                 */
                refused: number;
                /** @description The revision of the protocol that it is spoken with. */
                revision?: string | null;
                /** @description Its name. */
                server: string;
                /**
                 * Format: int64
                 * @description Since when it is ready.
                 */
                since_ms?: number | null;
                /** @description `connecting`, `ready`, `waiting`, `refused`, `changes_too_often` or `ended`. */
                standing: string;
                /**
                 * Format: int64
                 * @description How often it was started, or reached anew.
                 */
                starts: number;
                /** @description The last lines of its standard error. */
                stderr: string[];
                /**
                 * Format: int64
                 * @description Tools that were ever seen of it.
                 */
                tools: number;
                /** @description `stdio` or `http`. */
                way: string;
                /** @description Why it waits or is refused. */
                why?: string | null;
            }[];
            /** @description What to give as `after` to get the next page; none if this was the last. */
            next?: string | null;
        };
        /** @description One page of a listing, in the listing's order. */
        Page_Space: {
            /** @description What was found, at most the limit that was asked for. */
            items: {
                /** @description `enforce` or `shadow`. */
                mode: string;
                /** @description Why, in that person's words. */
                reason?: string | null;
                /** @description Who set the mode; none where it is the configured one. */
                set_by?: string | null;
                /**
                 * Format: int64
                 * @description When, in milliseconds since 1970.
                 */
                set_ms?: number | null;
                /** @description Its name. */
                space: string;
            }[];
            /** @description What to give as `after` to get the next page; none if this was the last. */
            next?: string | null;
        };
        /** @description One page of a listing, in the listing's order. */
        Page_Stop: {
            /** @description What was found, at most the limit that was asked for. */
            items: {
                /**
                 * Format: int64
                 * @description When, in milliseconds since 1970.
                 */
                at_ms: number;
                /** @description Who ordered it. */
                by: string;
                /** @description `pause`, `suspend` or `kill`. */
                level: string;
                /** @description Who lifted it. */
                lifted_by?: string | null;
                /** @description Why it was lifted. */
                lifted_reason?: string | null;
                /** @description Why. */
                reason: string;
                /** @description `everything`, `tenant:T`, `workflow:T/W`, `agent:T/A`, `tool:NAME`, `server:NAME`, a run or a call. */
                scope: string;
                /** @description `in_force` or `lifted`. */
                state: string;
                /** @description Its id. */
                stop: string;
            }[];
            /** @description What to give as `after` to get the next page; none if this was the last. */
            next?: string | null;
        };
        /** @description One page of a listing, in the listing's order. */
        Page_Tool: {
            /** @description What was found, at most the limit that was asked for. */
            items: {
                /** @description Who is hit. */
                consequences: string[];
                /** @description Digest of its contract: what decisions pin. Empty where none could be made. */
                digest: string;
                /** @description What can be taken back. */
                effect_class: string;
                /** @description What a person should know of it. Told to operators only. */
                findings?: components["schemas"]["Finding"][];
                /** @description Whether its server lists it now; none for a tool of Checkrein's own, and before its server was looked at. */
                offered?: boolean | null;
                /** @description `inferred`, `annotated`, `declared` or `confirmed`. */
                provenance: string;
                /** @description The server that offers it; none for a tool of Checkrein's own. */
                server?: string | null;
                /** @description `pinned`, `drifted`, `refused` or `held_back`; none for a tool of Checkrein's own. */
                standing?: string | null;
                /** @description Its name. */
                tool: string;
                /**
                 * Format: int32
                 * @description Version of its contract; 0 where none could be made.
                 */
                version: number;
                /** @description What it does. */
                what: string;
                /** @description The name that the server knows it by. */
                wire?: string | null;
            }[];
            /** @description What to give as `after` to get the next page; none if this was the last. */
            next?: string | null;
        };
        /** @description One page of a listing, in the listing's order. */
        Page_Workflow: {
            /** @description What was found, at most the limit that was asked for. */
            items: {
                /** @description Limits of one run. */
                budget: components["schemas"]["Limits"];
                /** @description What happens at a limit. */
                on_exceeded: string;
                /** @description Who answers for it. */
                owner: string;
                /** @description Where its runs live. */
                space: string;
                /** @description Its name. */
                workflow: string;
            }[];
            /** @description What to give as `after` to get the next page; none if this was the last. */
            next?: string | null;
        };
        /** @description A passkey. */
        Passkey: {
            /** @description Its id. */
            id: string;
            /** @description What its person calls it. */
            title: string;
        };
        /** @description What the browser is to be asked. Its form is that of the specification, and so are its names. */
        PasskeyOptions: {
            /** @description For `PublicKeyCredential.parseRequestOptionsFromJSON` or `parseCreationOptionsFromJSON` (Web Authentication, Level 3). */
            publicKey: Record<string, unknown>;
        };
        /** @description An earlier request. */
        PastApproval: {
            /** @description The request. */
            approval: string;
            /**
             * Format: int64
             * @description When it was asked, in milliseconds since 1970.
             */
            asked_ms: number;
            /** @description Its call. */
            call: string;
            /** @description Who decided. */
            decided_by?: string | null;
            /** @description How the call ended, if it did. */
            outcome?: string | null;
            /** @description What the person said. */
            reason?: string | null;
            /** @description How it was decided. */
            state: string;
        };
        /** @description Somebody with an account. */
        Person: {
            /** @description The groups of approvers that the person stands in; `*` alone for every group. */
            groups: string[];
            /** @description The name, one in the tenant. */
            name: string;
            /** @description How many passkeys the person has. */
            passkeys: number;
            /** @description How many recovery codes are left. */
            recovery_codes: number;
            /** @description `viewer`, `operator`, `approver`, `policy_author`, `auditor`, `admin`. */
            roles: string[];
            /** @description `active` or `disabled`. */
            state: string;
            /** @description The tenant. */
            tenant: string;
        };
        /** @description How one person decided. */
        PersonAttention: {
            /**
             * Format: int64
             * @description Decisions in the busiest hour.
             */
            busiest_hour: number;
            /**
             * Format: int64
             * @description How often this person decided.
             */
            decided: number;
            /**
             * Format: int64
             * @description How often this person said yes sooner than anybody could have read what was shown.
             */
            faster_than_reading: number;
            /** @description The person. */
            name: string;
            /**
             * Format: int64
             * @description The middle wait until this person decided, in milliseconds.
             */
            wait_p50_ms?: number | null;
            /**
             * Format: int64
             * @description The wait that 95 of 100 decisions keep, in milliseconds.
             */
            wait_p95_ms?: number | null;
            /**
             * Format: int64
             * @description Of a hundred decisions, how many were a yes.
             */
            yes_percent: number;
        };
        /** @description Asks what a kill would do. */
        PlanKill: {
            /**
             * Format: int32
             * @description How many acts to take back.
             */
            rollback?: number;
            /** @description What to kill. */
            scope: string;
        };
        /** @description The plan of a changing call: what it would do or did, without contents. */
        PlanView: {
            /** @description The call. */
            call: string;
            /** @description Changes in order. */
            changes: components["schemas"]["Change"][];
            /** @description Unified diff, masked. */
            diff: string;
            /** @description Digest of the plan: what an approval is bound to. */
            digest: string;
            execution?: components["schemas"]["Execution"] | null;
            /** @description Whether its inverse restores everything exactly. */
            restorable: boolean;
        };
        /** @description The policies in force. */
        Policies: {
            /** @description The files. */
            files: components["schemas"]["PolicyFile"][];
            /** @description `starter` or `files`. */
            from: string;
            /** @description Every rule, by file and line. */
            rules: components["schemas"]["PolicyRule"][];
            /** @description Digest of the version. */
            version: string;
        };
        /** @description One policy file. */
        PolicyFile: {
            /** @description Its name. */
            file: string;
            /** @description Its text. */
            text: string;
        };
        /** @description Where a policy stands. */
        PolicyPlace: {
            /** @description Its file. */
            file: string;
            /** @description The policy's `@id`. */
            id: string;
            /**
             * Format: int32
             * @description Its line, from 1.
             */
            line: number;
        };
        /** @description One problem in a policy file. */
        PolicyProblem: {
            /**
             * Format: int32
             * @description Column, from 1.
             */
            column: number;
            /** @description The file. */
            file: string;
            /** @description What would be right. */
            fix: string;
            /**
             * Format: int32
             * @description Line, from 1.
             */
            line: number;
            /** @description What is wrong. */
            message: string;
        };
        /** @description One rule. */
        PolicyRule: {
            /** @description Whether no tool of this installation can match it. */
            dormant: boolean;
            /** @description Its file. */
            file: string;
            /** @description Its `@id`. */
            id: string;
            /** @description `permit`, `forbid`, `hold`, `notify` or `review`. */
            kind: string;
            /**
             * Format: int32
             * @description Its line, from 1.
             */
            line: number;
            /** @description What it says to people. */
            reason: string;
        };
        /** @description Printed text, masked. */
        Printed: {
            /**
             * Format: int64
             * @description Bytes printed, also those that are not in the text.
             */
            bytes: number;
            /** @description The text, cut in the middle where there was much. */
            text: string;
        };
        /** @description What a probe found. */
        Probed: {
            /** @description Whether the act happened: `yes`, `no`, or `unknown`, which leaves it in doubt. */
            found: string;
            /** @description The call by which was looked. */
            probe: string;
            /** @description Why that is said. */
            reason: string;
        };
        /** @description Why a request that is not a call was refused (`application/problem+json`, RFC 9457). */
        Problem: {
            /** @description The stable code, such as `CR-4001`. */
            code: string;
            /** @description What happened and what was expected. */
            detail: string;
            /** @description What to do next. */
            fix: string;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description What the code means. */
            title: string;
            /** @description The page that explains the code, relative to the project, such as `docs/errors/CR-4001.md`. */
            type: string;
        };
        /** @description What an agent proposes. */
        Proposal: {
            /** @description For a command: the held call of the same run on whose changes its preview stands. */
            after?: string | null;
            /** @description The arguments, as the tool's contract describes them. */
            arguments: Record<string, unknown>;
            /** @description A webhook of the installation, by name, that is told when the held call ends; see `webhook.callers`. */
            callback?: string | null;
            /**
             * @description How sure the agent is: 0 to 1, as a number or as text. Digits beyond the second decimal are cut.
             * @example 0.85
             */
            confidence?: string | null;
            /** @description Whether the call may run after an approval although nobody waits for it. */
            detached?: boolean;
            /** @description What the agent relies on. */
            evidence?: string[];
            /** @description What will change. */
            expected_effect?: components["schemas"]["ExpectedEffect"][];
            /** @description What the agent wants, in words. */
            intent?: string | null;
            /** @description The idempotency key: the same key gives the same answer and at most one effect. */
            key?: string | null;
            /** @description The run; the ambient run of the grant without one. */
            run?: string | null;
            /** @description The tool, such as `files.write`. */
            tool: string;
            /**
             * Format: int64
             * @description How long to wait for people if the call is held, in milliseconds; up to 240,000.
             */
            wait_ms?: number | null;
        };
        /** @description Raises the budget of a run. */
        Raise: {
            /** @description By how much, in each dimension that is named. */
            by: components["schemas"]["Limits"];
            /** @description Why. */
            reason: string;
            /** @description The run. */
            run: string;
        };
        /** @description What a stop would reach, without ordering it. */
        Reach: {
            /**
             * Format: int64
             * @description Calls in it that wait for people.
             */
            held: number;
            /**
             * Format: int64
             * @description Calls in it that are admitted or sent.
             */
            in_work: number;
            /** @description Whether more was there than was counted. */
            more: boolean;
            /**
             * Format: int64
             * @description Open runs in it.
             */
            open_runs: number;
            /** @description The scope that was asked about. */
            scope: string;
        };
        /** @description One reason of a verdict. */
        Reason: {
            policy?: components["schemas"]["PolicyPlace"] | null;
            /** @description What this reason alone asks for. */
            strength: string;
            /** @description What it says. */
            text: string;
        };
        /** @description New recovery codes. They are not kept and cannot be shown again. */
        RecoveryCodes: {
            /** @description Each logs in once. All earlier ones hold no more. */
            codes: string[];
        };
        /** @description Refuses what a server offers. */
        RefuseTool: {
            /** @description The definition that was looked at, by digest. */
            definition: string;
            /** @description Why. */
            reason: string;
        };
        /** @description Says no. */
        Reject: {
            /** @description Why; the agent is told. */
            reason: string;
        };
        /** @description Something said about a request. */
        Remark: {
            /**
             * Format: int64
             * @description When, in milliseconds since 1970.
             */
            at_ms: number;
            /** @description Who said it; none for the agent. */
            by?: string | null;
            /** @description What. */
            text: string;
        };
        /** @description Computes every decision of a run again. */
        Replay: {
            /**
             * @description Other policies to decide with; those of the time without any.
             * @default []
             */
            policy?: components["schemas"]["PolicyFile"][];
        };
        /** @description What a replay found. */
        ReplayReport: {
            /**
             * Format: int64
             * @description Decisions computed again.
             */
            decisions: number;
            /** @description Decisions that came out otherwise, or whose facts or policy are not what was recorded. */
            differences: components["schemas"]["Difference"][];
            /** @description Calls whose facts are gone. */
            not_replayable: string[];
            /** @description The run. */
            run: string;
            /**
             * Format: int64
             * @description Decisions that came out the same.
             */
            same: number;
        };
        /** @description One place where two requests differ. */
        RequestChange: {
            /** @description What stands there now. */
            after?: string | null;
            /** @description What stood there before. */
            before?: string | null;
            /** @description Where: `arguments` with a JSON pointer behind it, or `plan` with a path, or `asked`. */
            path: string;
        };
        /** @description What people are asked for. */
        Requirement: {
            /** @description How sure it must be who says yes: `session` or `passkey`; a key is enough if it is absent. */
            assurance?: string | null;
            /**
             * Format: int64
             * @description How long people have to decide, in milliseconds.
             */
            decide_within_ms: number;
            escalate?: components["schemas"]["Escalation"] | null;
            /**
             * Format: int64
             * @description How long an approval may be used, in milliseconds.
             */
            execute_within_ms: number;
            /** @description Who is asked. */
            group: string;
            /** @description The policy that asks. */
            id: string;
            /**
             * Format: int32
             * @description How many different people must say yes; one if it is absent.
             */
            quorum?: number | null;
        };
        /** @description Says what became of a call in doubt. */
        Resolve: {
            /** @description What was found: `yes`, `partly` or `no`. */
            executed: string;
            /** @description How it was found. */
            reason: string;
        };
        /** @description Makes the connection to a server anew. */
        RestartServer: Record<string, unknown>;
        /** @description Lets a paused run go on. */
        ResumeRun: {
            /** @description Why. */
            reason: string;
        };
        /** @description Takes a key or grant away for good. */
        Revoke: {
            /** @description Why. */
            reason: string;
        };
        /** @description What became of one act of a rollback. */
        RolledBack: {
            /** @description The act. */
            act: string;
            /** @description How its undo stands, such as `undone`; none where there never was one. */
            became?: string | null;
            /** @description Why it is not undone. */
            reason?: string | null;
        };
        /** @description The rule that asks. */
        Rule: {
            /** @description Its id. */
            id: string;
            /** @description Who answers for it, by its `@owner`. */
            owner?: string | null;
            /** @description What it says to people. */
            reason?: string | null;
            /** @description Its text as it is in force; none for a rule of the house. */
            text?: string | null;
        };
        /** @description One piece of a workflow's work. */
        Run: {
            /** @description The agent with its version. */
            agent: string;
            /** @description Whether it was made for calls that named no run. */
            ambient: boolean;
            /** @description The grant that opened it. */
            grant: string;
            /** @description On whose behalf. */
            human: string;
            /**
             * Format: int64
             * @description When it was last used.
             */
            last_ms: number;
            /** @description The number that its workflow measures success by. */
            metric?: string | null;
            /**
             * Format: int64
             * @description Since when, in milliseconds since 1970.
             */
            opened_ms: number;
            /** @description How it ended: `succeeded`, `failed`, `abandoned` or `idle`. */
            outcome?: string | null;
            /** @description What for. */
            purpose: string;
            /** @description Why it is paused or ended. */
            reason?: string | null;
            /** @description Its id. */
            run: string;
            /** @description Where it lives. */
            space: string;
            /** @description `open`, `paused` or `ended`. */
            state: string;
            /** @description The tenant. */
            tenant: string;
            /** @description The kind of work. */
            workflow: string;
        };
        /** @description How a run went, counted from its entries. Shares are in thousandths, and absent where there is nothing to share. */
        RunScore: {
            /**
             * Format: int64
             * @description Calls that the agent proposed.
             */
            calls: number;
            /**
             * Format: int64
             * @description Checks that contracts asked for.
             */
            checks: number;
            /**
             * Format: int64
             * @description Of these, that found something else or could not be made.
             */
            checks_failed: number;
            /**
             * Format: int64
             * @description Of the effects that could be compared, thousandths that nobody had declared.
             */
            divergence?: number | null;
            /**
             * Format: int64
             * @description Effects that the agent had declared.
             */
            expected: number;
            /**
             * Format: int64
             * @description Not done, or done and not as it should be.
             */
            failed: number;
            /**
             * Format: int64
             * @description Nobody knows.
             */
            in_doubt: number;
            /**
             * Format: int64
             * @description Refused for what came in.
             */
            invalid: number;
            /**
             * Format: int64
             * @description Effects of calls that declared none.
             */
            not_stated: number;
            /**
             * Format: int64
             * @description Waiting for people or for an outcome.
             */
            open: number;
            /**
             * Format: int64
             * @description Done in part.
             */
            partial: number;
            /**
             * Format: int64
             * @description Refused by policy, people, safeguards, budgets or stops.
             */
            refused: number;
            /** @description The run's id. */
            run: string;
            /**
             * Format: int64
             * @description Done as the agent was told.
             */
            succeeded: number;
            /**
             * Format: int64
             * @description Of the calls that were let through and are over, thousandths that succeeded.
             */
            success?: number | null;
            /**
             * Format: int64
             * @description Acts that were taken back.
             */
            undone: number;
            /**
             * Format: int64
             * @description Effects that it had not, though it declared some.
             */
            unintended: number;
            /**
             * Format: int64
             * @description Acts whose postconditions do not hold.
             */
            unmet: number;
            /**
             * Format: int64
             * @description Effects that only the tool tells of.
             */
            unobserved: number;
            /**
             * Format: int64
             * @description Of all calls, thousandths that were let through as they came in.
             */
            validity?: number | null;
        };
        /** @description A server of tools. */
        Server: {
            /**
             * Format: int64
             * @description When it is tried again.
             */
            again_at_ms?: number | null;
            /** @description Its command line or its address, without credentials. */
            at: string;
            /**
             * Format: int64
             * @description Tools that are offered otherwise than they were accepted.
             */
            drifted: number;
            /** @description What it did that it should not, the last ones. */
            faults: string[];
            /**
             * Format: int64
             * @description How often in all.
             */
            faults_all: number;
            /** @description What a person should know of its instructions, prompts and resources. */
            findings: components["schemas"]["Finding"][];
            /**
             * Format: int64
             * @description Tools that something else keeps back.
             */
            held_back: number;
            /** @description Who it says it is. */
            info?: Record<string, unknown> | null;
            /** @description Whether it runs in a jail; none where it is reached over HTTP. */
            jailed?: boolean | null;
            /** @description Tools that it lists and that cannot be used. */
            left_out: components["schemas"]["LeftOut"][];
            /** @description What agents may see of it beside its tools. */
            offers: string[];
            /** @description The pack whose contracts hold for it. */
            pack?: string | null;
            /**
             * Format: int64
             * @description Tools that a person refused.
             */
            refused: number;
            /** @description The revision of the protocol that it is spoken with. */
            revision?: string | null;
            /** @description Its name. */
            server: string;
            /**
             * Format: int64
             * @description Since when it is ready.
             */
            since_ms?: number | null;
            /** @description `connecting`, `ready`, `waiting`, `refused`, `changes_too_often` or `ended`. */
            standing: string;
            /**
             * Format: int64
             * @description How often it was started, or reached anew.
             */
            starts: number;
            /** @description The last lines of its standard error. */
            stderr: string[];
            /**
             * Format: int64
             * @description Tools that were ever seen of it.
             */
            tools: number;
            /** @description `stdio` or `http`. */
            way: string;
            /** @description Why it waits or is refused. */
            why?: string | null;
        };
        /** @description A login, as its person sees it. */
        Session: {
            /** @description How sure it is that it is this person now: `session`, or `passkey` for some minutes after one was used. */
            assurance: string;
            /** @description What every request of this session that is no `GET` must carry in `x-checkrein-csrf`. */
            csrf: string;
            /**
             * Format: int64
             * @description When it ends at the latest, in milliseconds since 1970.
             */
            expires_ms: number;
            /** @description The groups of approvers that the person stands in; `*` alone for every group. */
            groups: string[];
            /** @description How the person logged in: `passkey`, `issuer`, `link` or `recovery_code`. */
            login: string;
            /** @description The person's passkeys. */
            passkeys: components["schemas"]["Passkey"][];
            /** @description Who is logged in. */
            person: string;
            /** @description How many recovery codes are left. */
            recovery_codes: number;
            /** @description What the person may do: `see`, `operate`, `decide`, `write_policy`, `audit`, `administer`. */
            rights: string[];
            /** @description What the person is. */
            roles: string[];
            /** @description The tenant. */
            tenant: string;
        };
        /** @description Switches the mode of a space. */
        SetMode: {
            /** @description `enforce` or `shadow`. */
            mode: string;
            /** @description Why; `shadow` needs one. */
            reason?: string | null;
        };
        /** @description Makes a dead letter's call again, or puts it away. */
        SettleLetter: {
            /** @description Why. */
            reason: string;
        };
        /** @description What is shown of a request. */
        Shown: {
            /**
             * Format: int64
             * @description Its length in characters.
             */
            chars: number;
            /**
             * @description Whether nothing of it is cut or gone. What is not complete may be approved only by typing, and on no surface that
             *     shows less than this one.
             */
            complete: boolean;
            /** @description SHA-256 of its canonical rendering; send it back with a yes, and it is kept with that. */
            digest: string;
        };
        /** @description A decision in a signed request. */
        SignedDecision: {
            /** @description The request's id. */
            approval: string;
            /** @description What has to be typed, for an act that cannot be undone. */
            confirm?: string | null;
            /** @description `approve` or `reject`. */
            decision: string;
            /** @description Why; needed to reject. */
            reason?: string | null;
            /** @description The `shown.digest` of the request that was decided; needed to approve. */
            shown?: string | null;
        };
        /** @description How requests of the same rule for the same agent and tool went, of the latest 200. */
        Similar: {
            /**
             * Format: int64
             * @description How many were approved.
             */
            approved: number;
            /**
             * Format: int64
             * @description How many there were.
             */
            asked: number;
            /**
             * Format: int64
             * @description How many ran over their time.
             */
            expired: number;
            /**
             * Format: int64
             * @description How many of the approved ones failed.
             */
            failed: number;
            /** @description The latest ones. */
            latest: components["schemas"]["PastApproval"][];
            /**
             * Format: int64
             * @description How many were rejected.
             */
            rejected: number;
            /**
             * Format: int64
             * @description How many gave way to another one.
             */
            superseded: number;
        };
        /** @description Where runs live. */
        Space: {
            /** @description `enforce` or `shadow`. */
            mode: string;
            /** @description Why, in that person's words. */
            reason?: string | null;
            /** @description Who set the mode; none where it is the configured one. */
            set_by?: string | null;
            /**
             * Format: int64
             * @description When, in milliseconds since 1970.
             */
            set_ms?: number | null;
            /** @description Its name. */
            space: string;
        };
        /** @description One stop. */
        Stop: {
            /**
             * Format: int64
             * @description When, in milliseconds since 1970.
             */
            at_ms: number;
            /** @description Who ordered it. */
            by: string;
            /** @description `pause`, `suspend` or `kill`. */
            level: string;
            /** @description Who lifted it. */
            lifted_by?: string | null;
            /** @description Why it was lifted. */
            lifted_reason?: string | null;
            /** @description Why. */
            reason: string;
            /** @description `everything`, `tenant:T`, `workflow:T/W`, `agent:T/A`, `tool:NAME`, `server:NAME`, a run or a call. */
            scope: string;
            /** @description `in_force` or `lifted`. */
            state: string;
            /** @description Its id. */
            stop: string;
        };
        /** @description One call that was in work when a stop came. */
        StoppedCall: {
            /** @description `not_started`, `acknowledged`, `unknown` or `running`. */
            became: string;
            /** @description The call. */
            call: string;
            /**
             * Format: int64
             * @description From the order to its answer, in milliseconds.
             */
            took_ms: number;
        };
        /** @description Says that a stop holds: from here on nothing new starts in its scope. */
        StopReceipt: {
            /**
             * Format: int64
             * @description The epoch of the fence: permits from before it are looked at again.
             */
            epoch: number;
            /**
             * Format: int64
             * @description Calls that wait for people in its scope.
             */
            held: number;
            /** @description Calls that were already sent when the stop came; their outcome is still observed. */
            in_work: string[];
            /** @description The stop. */
            stop: components["schemas"]["Stop"];
        };
        /** @description How every lever of a stop answered. */
        StopReport: {
            /** @description Calls that were in work when the stop came. */
            calls: components["schemas"]["StoppedCall"][];
            /** @description Whether every lever has answered or was given up, and that is in the journal. */
            complete: boolean;
            /** @description Every lever, as far as it has answered. */
            levers: components["schemas"]["Lever"][];
            /** @description Acts that were ordered to be taken back with it. */
            rollback: components["schemas"]["RolledBack"][];
            /** @description The stop. */
            stop: string;
        };
        /** @description A policy file that would permit what was seen, and ask people about what cannot be taken back. */
        Suggestion: {
            /**
             * Format: int64
             * @description Calls that were looked at.
             */
            calls: number;
            /** @description A name for the file. */
            file: string;
            /** @description Whether there were more calls than are looked at; the oldest are left out. */
            more: boolean;
            /** @description What to know of it. */
            notes: string[];
            /**
             * Format: int64
             * @description Rules in the text.
             */
            rules: number;
            /**
             * Format: int64
             * @description From when on calls were looked at.
             */
            since_ms: number;
            /** @description Its text. It fits the tools of this installation. */
            text: string;
            /**
             * Format: int64
             * @description Until when.
             */
            until_ms: number;
        };
        /** @description The request that another one took the place of. */
        Supersedes: {
            /** @description The request; none if that call asked nobody because of this rule. */
            approval?: string | null;
            /** @description Its call. */
            call: string;
            /** @description Where the two differ. */
            changes: components["schemas"]["RequestChange"][];
            /** @description Who edited it; none where it moved by itself. */
            edited_by?: string | null;
            /** @description Why. */
            why: string;
        };
        /** @description Tries whether a service can be told. */
        TestOutlet: Record<string, unknown>;
        /** @description A tool in short. */
        Tool: {
            /** @description Who is hit. */
            consequences: string[];
            /** @description Digest of its contract: what decisions pin. Empty where none could be made. */
            digest: string;
            /** @description What can be taken back. */
            effect_class: string;
            /** @description What a person should know of it. Told to operators only. */
            findings?: components["schemas"]["Finding"][];
            /** @description Whether its server lists it now; none for a tool of Checkrein's own, and before its server was looked at. */
            offered?: boolean | null;
            /** @description `inferred`, `annotated`, `declared` or `confirmed`. */
            provenance: string;
            /** @description The server that offers it; none for a tool of Checkrein's own. */
            server?: string | null;
            /** @description `pinned`, `drifted`, `refused` or `held_back`; none for a tool of Checkrein's own. */
            standing?: string | null;
            /** @description Its name. */
            tool: string;
            /**
             * Format: int32
             * @description Version of its contract; 0 where none could be made.
             */
            version: number;
            /** @description What it does. */
            what: string;
            /** @description The name that the server knows it by. */
            wire?: string | null;
        };
        /** @description A tool with its whole contract. */
        ToolDetails: {
            /** @description JSON Schema of the arguments. */
            input: Record<string, unknown>;
            /** @description JSON Schema of the output. */
            output: Record<string, unknown>;
            /** @description Its side effects in words. */
            side_effects: string;
            /** @description Everything in it, a fact a line, for people. */
            text: string;
            /** @description In short. */
            tool: components["schemas"]["Tool"];
            upstream?: components["schemas"]["UpstreamTool"] | null;
            /** @description When an agent should use it. */
            when_to_use: string;
        };
        /** @description What is offered now, against what was accepted. */
        ToolDiff: {
            /** @description The class by the offered one, if it is accepted. */
            after: components["schemas"]["ClassView"];
            /** @description The class by the accepted definition. */
            before: components["schemas"]["ClassView"];
            /** @description What a person should know of the offered one. */
            findings: components["schemas"]["Finding"][];
            /** @description The differences; none where both are the same. */
            lines: components["schemas"]["DiffLine"][];
            /** @description The offered one: what a decision names. */
            offered: string;
            /** @description The accepted definition, by digest. */
            pinned: string;
            /** @description Its server. */
            server: string;
            /** @description How it stands. */
            standing: string;
            /** @description The tool. */
            tool: string;
        };
        /** @description One act of an undo report. */
        UndoAct: {
            /**
             * Format: int64
             * @description When it was admitted; none for a call in the outbox.
             */
            admitted_ms?: number | null;
            answer?: components["schemas"]["Answer"] | null;
            /** @description The act. */
            call: string;
            /** @description `can_be_undone`, `undone`, `withdrawn`, `partly_undone`, `not_undoable`, `not_undone` or `in_doubt`. */
            outcome: string;
            /** @description What it touched, masked. */
            resource: string;
            /** @description Its run. */
            run: string;
            /** @description Its tool. */
            tool: string;
            /**
             * Format: int64
             * @description Until when it can be taken back.
             */
            until_ms?: number | null;
            /** @description Why, or how it would be taken back. */
            why: string;
        };
        /** @description Which acts are to be taken back. Exactly one of `call`, `run` and `agent` is given. */
        UndoAsk: {
            /**
             * @description The acts of this agent, across its runs.
             * @default null
             */
            agent?: string | null;
            /**
             * @description This act.
             * @default null
             */
            call?: string | null;
            /**
             * Format: int32
             * @description How many of the last ones, at least 1; all of a run without it. An agent's are always counted.
             * @default null
             */
            last?: number | null;
            /**
             * @description The acts of this run.
             * @default null
             */
            run?: string | null;
            /**
             * @description Arguments of the inverse call that the act's answer did not tell; for a single act only.
             * @default {}
             */
            set?: {
                [key: string]: unknown;
            };
        };
        /** @description Takes the last acts of a run back, the last one first. */
        UndoLast: {
            /**
             * Format: int32
             * @description How many, at least 1.
             */
            last: number;
        };
        /** @description What became of taking several acts back, in the order in which it was tried. */
        Undone: {
            /** @description Each act with the answer of its undo. */
            acts: components["schemas"]["UndoneCall"][];
        };
        /** @description One act and the answer of its undo. */
        UndoneCall: {
            /** @description The answer of the call that took it back, or why it could not. */
            answer: components["schemas"]["Answer"];
            /** @description The act. */
            of: string;
        };
        /** @description How an act can be taken back. */
        UndoOffer: {
            /** @description In words. */
            how: string;
            /**
             * Format: int64
             * @description Until when, in milliseconds since 1970.
             */
            until_ms: number;
        };
        /** @description What becomes of the acts that were asked for, newest first. */
        UndoReport: {
            /** @description Each act. */
            acts: components["schemas"]["UndoAct"][];
            /** @description Whether nothing of these acts is left. */
            whole: boolean;
        };
        /** @description How a tool of a server stands. */
        UpstreamTool: {
            /**
             * Format: int64
             * @description Since when it stands so.
             */
            at_ms: number;
            /** @description Who decided last; none for the first sight. */
            by?: string | null;
            /** @description Why it has its class. */
            class_reasons: string[];
            classified?: components["schemas"]["Classified"] | null;
            /** @description The accepted definition, by digest. */
            definition: string;
            held_back?: components["schemas"]["HeldBack"] | null;
            /** @description The accepted definition as the server sent it. Told to operators only. */
            raw?: Record<string, unknown> | null;
            /** @description Why it was refused. */
            reason?: string | null;
            /** @description What is offered or was refused instead. */
            seen?: string | null;
            /** @description Words of sensitive matters in it. */
            sensitive: string[];
            /** @description The server. */
            server: string;
            /** @description The name that the server knows it by. */
            wire: string;
        };
        /** @description Logs in with a one-time link. */
        UseLink: {
            /** @description What stands after `#ticket=` in the link. */
            ticket: string;
        };
        /** @description Logs in with a passkey. */
        UsePasskey: {
            /** @description What `navigator.credentials.get` gave, as its `toJSON()` says it. */
            credential: Record<string, unknown>;
        };
        /** @description Logs in with a recovery code. */
        UseRecoveryCode: {
            /** @description The code; spaces, dashes and the size of letters do not count. */
            code: string;
            /** @description Who. */
            name: string;
            /** @description The tenant; `local` if not given. */
            tenant?: string | null;
        };
        /** @description What verification found. */
        Verification: {
            /**
             * Format: int64
             * @description Chains that they stand in.
             */
            chains: number;
            /**
             * Format: int64
             * @description Entries that are as they were written.
             */
            entries: number;
            /**
             * Format: int64
             * @description Payloads that are erased.
             */
            erased: number;
            /** @description The first bad or missing entry, in words. */
            first_problem?: string | null;
            /**
             * Format: int64
             * @description Signed heads that fit.
             */
            heads: number;
            /**
             * Format: int64
             * @description Payloads that open and are what their entries name.
             */
            payloads: number;
            /** @description Whether everything verifies. */
            verified: boolean;
        };
        /** @description Verifies the journal. */
        Verify: {
            /**
             * @description A head kept elsewhere to verify against.
             * @default null
             */
            head?: string | null;
        };
        /** @description One person's yes. */
        Vote: {
            /** @description How sure it was who said so. */
            assurance: string;
            /**
             * Format: int64
             * @description When, in milliseconds since 1970.
             */
            at_ms: number;
            /** @description Who. */
            by: string;
            /** @description What the person said. */
            reason?: string | null;
            /** @description Digest of what the person was shown. */
            shown?: string | null;
            /** @description Where: `api`, `cli`, `console`, `slack` or `webhook`. */
            surface: string;
        };
        /** @description Who a key belongs to. */
        WhoAmI: {
            /** @description The agent's grant; none for operators. */
            grant?: string | null;
            /** @description The key's id. */
            key: string;
            /** @description `agent` or `operator`. */
            kind: string;
            /** @description The agent's or operator's name. */
            name: string;
            /** @description The operator's roles; none for agents. */
            roles: string[];
            /** @description The tenant. */
            tenant: string;
        };
        /** @description Takes a held call back. */
        Withdraw: {
            /** @description Why. */
            reason: string;
        };
        /** @description A named kind of work. */
        Workflow: {
            /** @description Limits of one run. */
            budget: components["schemas"]["Limits"];
            /** @description What happens at a limit. */
            on_exceeded: string;
            /** @description Who answers for it. */
            owner: string;
            /** @description Where its runs live. */
            space: string;
            /** @description Its name. */
            workflow: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    machine_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description it lives */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    machine_metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description numbers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    machine_ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ready */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description not ready */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    account_link_identity: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LinkIdentity"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the address */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoTo"];
                };
            };
        };
    };
    account_remove_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the passkey's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the passkey that is gone */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Passkey"];
                };
            };
        };
    };
    account_begin_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BeginNewPasskey"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the question */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasskeyOptions"];
                };
            };
        };
    };
    account_finish_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddPasskey"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the passkey */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Passkey"];
                };
            };
        };
    };
    account_make_recovery_codes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the codes */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
        };
    };
    agents_list: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                after?: string;
                /** @description How many at most. */
                limit?: number;
                /** @description Only in this state: `active` or `revoked`. */
                state?: string;
                /** @description Only with this text in agent, person, giver or id. */
                text?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description grants */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Grant"];
                };
            };
        };
    };
    agents_make: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAgent"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the agent with its key */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeAgent"];
                };
            };
        };
    };
    agents_revoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the grant's id */
                grant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Revoke"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description revoked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Grant"];
                };
            };
        };
    };
    approvals_list: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                after?: string;
                /** @description Only asked by this agent. */
                agent?: string;
                /** @description `oldest` or `newest` first; `oldest` if not given. */
                first?: string;
                /** @description Only asked of this group, such as `oncall`, also by escalation. */
                group?: string;
                /** @description How many at most. */
                limit?: number;
                /** @description `true` for those asked of a group that whoever asks stands in. */
                mine?: boolean;
                /** @description Only asked at or after this moment, in milliseconds since 1970. */
                since_ms?: number;
                /** @description Only in this state, such as `pending`; `decided` for those that a person answered, also when they were used. */
                state?: string;
                /** @description Only with this text in tool, resource, agent, rule, reason, call or id. */
                text?: string;
                /** @description Only asked before this moment. */
                until_ms?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description requests */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Approval"];
                };
            };
        };
    };
    approvals_one: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the request's id */
                approval: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the request */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApprovalDetails"];
                };
            };
        };
    };
    approvals_approve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the request's id */
                approval: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Approve"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description approved */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
        };
    };
    approvals_ask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the request's id */
                approval: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AskAgent"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
        };
    };
    approvals_edit: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the request's id */
                approval: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EditCall"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the new call's answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
        };
    };
    approvals_reject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the request's id */
                approval: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Reject"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description rejected */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
        };
    };
    attention_attention: {
        parameters: {
            query?: {
                /** @description Milliseconds since 1970; a day ago if it is not given. */
                since_ms?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description what was measured */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Attention"];
                };
            };
        };
    };
    budgets_list: {
        parameters: {
            query?: {
                /** @description Of this grant, a record for each day. */
                grant?: string;
                /** @description How many at most. */
                limit?: number;
                /** @description Of this run. */
                run?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description budgets */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Budget"];
                };
            };
        };
    };
    budgets_raise: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Raise"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the budget now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Budget"];
                };
            };
        };
    };
    calls_list: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                after?: string;
                /** @description Only of this agent: its name, or `name@version`. */
                agent?: string;
                /** @description `oldest` or `newest` first; `newest` if not given. */
                first?: string;
                /** @description How many at most. */
                limit?: number;
                /** @description Only with this status of the answer, such as `failed`. */
                outcome?: string;
                /** @description Only of this run. */
                run?: string;
                /** @description Only received at or after this moment, in milliseconds since 1970. */
                since_ms?: number;
                /** @description Only in this state, such as `held`. */
                state?: string;
                /** @description Only with this text in tool, resource, agent, code, run or id. */
                text?: string;
                /** @description Only of this tool. */
                tool?: string;
                /** @description Only received before this moment. */
                until_ms?: number;
                /** @description Only with this verdict of the policies: `allow`, `notify`, `hold` or `deny`. */
                verdict?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description calls */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Call"];
                };
            };
        };
    };
    calls_propose: {
        parameters: {
            query?: never;
            header?: {
                /** @description `wait=SECONDS` waits for people if the call is held */
                Prefer?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Proposal"];
            };
        };
        responses: {
            /** @description refused; an envelope, or a problem where it was no proposal */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description failed */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description it happened */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                    "text/event-stream": components["schemas"]["Output"];
                };
            };
            /** @description held: NOT EXECUTED, waiting for approval */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
        };
    };
    calls_one: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the call's id */
                call: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the call */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallDetails"];
                };
            };
        };
    };
    calls_explain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the call's id */
                call: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description why */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
        };
    };
    calls_plan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the call's id */
                call: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the plan */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanView"];
                };
            };
        };
    };
    calls_probe: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the call's id */
                call: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description what was found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Probed"];
                };
            };
        };
    };
    calls_resolve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the call's id */
                call: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Resolve"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the call */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Call"];
                };
            };
        };
    };
    calls_undo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the act's id */
                call: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description failed */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description taken back */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
        };
    };
    calls_wait_for: {
        parameters: {
            query?: {
                /** @description Milliseconds, up to 240,000, which is what holds if it is not given. */
                wait_ms?: number;
            };
            header?: never;
            path: {
                /** @description the call's id */
                call: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description failed */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description it happened */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                    "text/event-stream": components["schemas"]["Output"];
                };
            };
            /** @description still held */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
        };
    };
    calls_withdraw: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the call's id */
                call: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Withdraw"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description withdrawn */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
        };
    };
    dead_letters_list: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                after?: string;
                /** @description Only of this agent, by name. */
                agent?: string;
                /** @description `oldest` or `newest` first; `newest` if not given. */
                first?: string;
                /** @description How many at most. */
                limit?: number;
                /** @description Only of this run. */
                run?: string;
                /** @description Only in this state: `open`, `redriven`, `resolved` or `discarded`. */
                state?: string;
                /** @description Only with this text in tool, resource, agent, run or id. */
                text?: string;
                /** @description Only of this tool. */
                tool?: string;
                /** @description Only for this reason: `used_up`, `interrupted` or `in_doubt`. */
                why?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description dead letters */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_DeadLetter"];
                };
            };
        };
    };
    dead_letters_one: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the call's id */
                call: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the letter */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetterDetails"];
                };
            };
        };
    };
    dead_letters_discard: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the call's id */
                call: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SettleLetter"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the letter */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetter"];
                };
            };
        };
    };
    dead_letters_redrive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the call's id */
                call: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SettleLetter"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description failed */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            /** @description the new call's answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
        };
    };
    dead_letters_resolve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the call's id */
                call: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Resolve"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the letter */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetter"];
                };
            };
        };
    };
    duties_list: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                after?: string;
                /** @description `notice` or `review`. */
                kind?: string;
                /** @description How many at most. */
                limit?: number;
                /** @description `open` or `done`. */
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description duties */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_DutyRecord"];
                };
            };
        };
    };
    duties_close: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the call's id */
                call: string;
                /** @description `review` */
                kind: string;
                /** @description the policy that asked for it */
                policy: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CloseIncident"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description closed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
        };
    };
    duties_done: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the call's id */
                call: string;
                /** @description `notice` or `review` */
                kind: string;
                /** @description the policy that asks for it */
                policy: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Done"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DutyRecord"];
                };
            };
        };
    };
    journal_events: {
        parameters: {
            query?: {
                /** @description Behind this position; behind the last entry if not given. `Last-Event-ID` counts more. */
                after?: number;
            };
            header?: {
                /** @description the last position that was seen */
                "Last-Event-ID"?: number | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
        };
    };
    outlets_decide: {
        parameters: {
            query?: never;
            header: {
                /** @description the message's own id; the same id counts once */
                "webhook-id": string;
                /** @description `v1,` and base64 of HMAC-SHA256 over id, timestamp and body, joined with dots */
                "webhook-signature": string;
                /** @description seconds since 1970, within five minutes of now */
                "webhook-timestamp": string;
            };
            path: {
                /** @description the way in, as the configuration names it */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignedDecision"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description decided */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
        };
    };
    duties_incidents: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                after?: string;
                /** @description How many at most. */
                limit?: number;
                /** @description `open` or `closed`. */
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description incidents */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Incident"];
                };
            };
        };
    };
    journal_entries: {
        parameters: {
            query?: {
                /** @description The `next` of the page before, or the position of an entry. */
                after?: number;
                /** @description Only of this call. */
                call?: string;
                /** @description `oldest` or `newest` first; `oldest` if not given. */
                first?: string;
                /** @description Only of this kind, such as `call_settled`. */
                kind?: string;
                /** @description How many at most. */
                limit?: number;
                /** @description Only of this run. */
                run?: string;
                /** @description Only with this text. Contents of calls are never searched. */
                text?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description entries */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Entry"];
                };
            };
        };
    };
    journal_head: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the head */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Head"];
                };
            };
        };
    };
    journal_verify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Verify"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description what was found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Verification"];
                };
            };
        };
    };
    keys_list: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                after?: string;
                /** @description Only of this grant. */
                grant?: string;
                /** @description Only of this kind of holder: `agent` or `operator`. */
                holder?: string;
                /** @description How many at most. */
                limit?: number;
                /** @description Only in this state: `active` or `revoked`. */
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description keys */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Key"];
                };
            };
        };
    };
    keys_make: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewKey"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the key */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeKey"];
                };
            };
        };
    };
    keys_revoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the key's id */
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Revoke"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description revoked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Key"];
                };
            };
        };
    };
    outlets_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description outlets */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Outlet"];
                };
            };
        };
    };
    outlets_test: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the outlet's name */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TestOutlet"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description what came back */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OutletTest"];
                };
            };
        };
    };
    servers_packs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description packs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Pack"];
                };
            };
        };
    };
    people_list: {
        parameters: {
            query?: {
                /** @description The tenant; the asking person's own if not given. Another one is an admin's business. */
                tenant?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description people */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Person"];
                };
            };
        };
    };
    people_make: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPerson"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the account */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
        };
    };
    people_change: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the person's name */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePerson"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the account */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
        };
    };
    people_invite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the person's name */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Invite"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the link */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invitation"];
                };
            };
        };
    };
    people_link: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the person's name */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LinkPerson"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the account */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
        };
    };
    people_unlink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the person's name */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LinkPerson"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the account */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
        };
    };
    policies_current: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the policies */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policies"];
                };
            };
        };
    };
    policies_check: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CheckPolicies"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description what was found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckedPolicies"];
                };
            };
        };
    };
    policies_suggest: {
        parameters: {
            query?: {
                /** @description From which moment on, in milliseconds since 1970; an hour ago if not given. */
                since_ms?: number;
                /** @description Only calls in this space. */
                space?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description a policy file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Suggestion"];
                };
            };
        };
    };
    runs_list: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                after?: string;
                /** @description Only of this agent: its name, or `name@version`. */
                agent?: string;
                /** @description `oldest` or `newest` first; `newest` if not given. */
                first?: string;
                /** @description Only on behalf of this person. */
                human?: string;
                /** @description How many at most. */
                limit?: number;
                /** @description Only opened at or after this moment, in milliseconds since 1970. */
                since_ms?: number;
                /** @description Only in this state: `open`, `paused` or `ended`. */
                state?: string;
                /** @description Only with this text in purpose, workflow, agent, person, reason, metric or id. */
                text?: string;
                /** @description Only opened before this moment. */
                until_ms?: number;
                /** @description Only of this workflow. */
                workflow?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description runs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Run"];
                };
            };
        };
    };
    runs_open: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpenRun"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the run */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
        };
    };
    runs_one: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the run's id */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the run */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
        };
    };
    runs_end: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the run's id */
                run: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EndRun"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the run */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
        };
    };
    journal_export: {
        parameters: {
            query?: {
                /** @description `json` (one document) or `jsonl` (line by line); `json` if not given. */
                format?: string;
                /** @description `entries_only`, or `with_key` (admin; only as `json`); `entries_only` if not given. */
                payloads?: string;
            };
            header?: never;
            path: {
                /** @description the run's id */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the record */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
        };
    };
    journal_replay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the run's id */
                run: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Replay"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description what was found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplayReport"];
                };
            };
        };
    };
    runs_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the run's id */
                run: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResumeRun"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the run */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
        };
    };
    runs_score: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the run's id */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the score */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunScore"];
                };
            };
        };
    };
    runs_undo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the run's id */
                run: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UndoLast"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description what became of each */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Undone"];
                };
            };
        };
    };
    servers_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description servers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Server"];
                };
            };
        };
    };
    servers_one: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the server's name */
                server: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the server */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Server"];
                };
            };
        };
    };
    servers_restart: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the server's name */
                server: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RestartServer"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the server now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Server"];
                };
            };
        };
    };
    session_present: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description nobody is */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the session */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    session_end: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description logged out */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoggedOut"];
                };
            };
        };
    };
    session_issuers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description issuers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginIssuer"][];
                };
            };
        };
    };
    session_by_link: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UseLink"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the session */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    session_to_issuer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the issuer's name */
                issuer: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description to the issuer */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    session_from_issuer: {
        parameters: {
            query?: {
                /** @description What the issuer gives tokens for. */
                code?: string;
                /** @description Why the issuer logged nobody in. */
                error?: string;
                /** @description Which issuer says so (RFC 9207). */
                iss?: string;
                /** @description Which login it is. */
                state?: string;
            };
            header?: never;
            path: {
                /** @description the issuer's name */
                issuer: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description to the console */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    session_begin_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BeginPasskey"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the question */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasskeyOptions"];
                };
            };
        };
    };
    session_finish_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UsePasskey"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the session */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    session_by_recovery_code: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UseRecoveryCode"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the session */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    outlets_slack: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": string;
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description taken */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    spaces_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description spaces */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Space"];
                };
            };
        };
    };
    spaces_set_mode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the space's name */
                space: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetMode"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the space now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Space"];
                };
            };
        };
    };
    stops_list: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                after?: string;
                /** @description How many at most. */
                limit?: number;
                /** @description `in_force` or `lifted`. */
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description stops */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Stop"];
                };
            };
        };
    };
    stops_order: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrderStop"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description in force */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StopReceipt"];
                };
            };
        };
    };
    stops_lift: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the stop's id */
                stop: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Lift"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description lifted */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stop"];
                };
            };
        };
    };
    stops_receipt: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the stop's id */
                stop: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description its receipt */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StopReport"];
                };
            };
        };
    };
    kills_last_drill: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the last rehearsal */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Drill"];
                };
            };
        };
    };
    kills_drill: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrderDrill"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description how every lever answered */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Drill"];
                };
            };
        };
    };
    kills_order: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrderKill"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description in force */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StopReceipt"];
                };
            };
        };
    };
    kills_plan: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlanKill"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the plan */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KillPlan"];
                };
            };
        };
    };
    stops_reach: {
        parameters: {
            query: {
                /** @description `everything`, `tenant:T`, `workflow:T/W`, `agent:T/A`, `tool:NAME`, `server:NAME`, a run or a call. */
                scope: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description its reach */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reach"];
                };
            };
        };
    };
    tools_list: {
        parameters: {
            query?: {
                /** @description The `next` of the page before, or the name of a tool. */
                after?: string;
                /** @description How many at most: 1 to 1,000; all if not given. */
                limit?: number;
                /** @description Only with this text in name, description or server. */
                text?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description tools */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Tool"];
                };
            };
        };
    };
    tools_one: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the tool's name */
                tool: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the tool */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolDetails"];
                };
            };
        };
    };
    tools_accept: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the tool's name */
                tool: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcceptTool"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the tool now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolDetails"];
                };
            };
        };
    };
    tools_classify: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the tool's name */
                tool: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClassifyTool"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the tool now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolDetails"];
                };
            };
        };
    };
    tools_diff: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the tool's name */
                tool: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the differences */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolDiff"];
                };
            };
        };
    };
    tools_refuse: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the tool's name */
                tool: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RefuseTool"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description the tool now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolDetails"];
                };
            };
        };
    };
    undo_apply: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UndoAsk"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description what became of each */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UndoReport"];
                };
            };
        };
    };
    undo_plan: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UndoAsk"];
            };
        };
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description what would become of each */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UndoReport"];
                };
            };
        };
    };
    keys_who_am_i: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description who asks */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WhoAmI"];
                };
            };
        };
    };
    workflows_workflows: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description workflows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Workflow"];
                };
            };
        };
    };
}
