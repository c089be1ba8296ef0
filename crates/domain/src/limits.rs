//! Every bound of Checkrein, in one place, with the reason where the number is not obvious.
//!
//! A limit is refused with a clear error, never applied by dropping something silently. Limits that
//! depend on each other are checked when this file is compiled.

use std::time::Duration;

/// Characters of a name of a tenant, agent, workflow or space.
pub const NAME_CHARS_MAX: usize = 64;
/// Characters of a tool's name with its dots.
pub const TOOL_NAME_CHARS_MAX: usize = 128;

/// Characters of an upstream server's name: with a tool's name it fits into a tool's name.
pub const SERVER_NAME_CHARS_MAX: usize = 32;
/// Upstream servers of one installation.
pub const SERVERS_MAX: usize = 100;
/// How long a call to an upstream server may take, if the operator says nothing.
pub const SERVER_TIMEOUT_DEFAULT: Duration = Duration::from_secs(60);
/// Definitions of servers' tools that one process uses: the accepted ones, and those that drifted from them.
pub const DEFINITIONS_KEPT_MAX: usize = 100_000;
/// Different tools that one server can ever have offered; beyond that none of them is used.
pub const SERVER_PINS_MAX: usize = 12_000;
/// Tools left out of one server's offer that are shown.
pub const SERVER_LEFT_OUT_SHOWN: usize = 100;
/// Changes of pins that one server can cause at once before it has to wait: the first sight of many tools, twice.
pub const PIN_CHANGES_BURST: usize = 20_000;
/// How long a server waits that was looked at in vain, because what it offers could not be recorded.
pub const SERVER_LOOKED_AGAIN_AFTER: Duration = Duration::from_secs(30);
/// Changes of what one server offers in an hour; with more it is set aside until a person looks at it.
pub const SERVER_CHANGES_PER_HOUR_MAX: usize = 200;
/// Changes of pins that count as one more change of what a server offers.
pub const PIN_CHANGES_COUNTED: usize = 60;
/// Changes of pins that one server can cause in the long run.
pub const PIN_CHANGES_PER_SECOND: usize = 100;
/// A look at a server counts as one change of a pin for so many of its tools, since all of them are looked at.
pub const SERVER_TOOLS_PER_PIN_CHANGE: usize = 10;
/// What a look at a server counts as, however little changed.
pub const PIN_CHANGES_LEAST: usize = 10;
/// Calls that a suggestion of policies is made from.
pub const SUGGESTION_CALLS_MAX: usize = 20_000;
/// Notes of a suggestion that are told.
pub const SUGGESTION_NOTES_MAX: usize = 200;
/// How often policies are loaded to find out which tools of servers do not fit them.
pub const POLICY_FITS_MAX: usize = 128;
/// Issuers of tokens that agents may come with.
pub const TOKEN_ISSUERS_MAX: usize = 20;
/// Tools that one upstream server offers; a server that offers more is not used.
pub const SERVER_TOOLS_MAX: usize = 10_000;

/// Upstream tools that are pinned, of all servers together; a tool beyond that is not used.
pub const PINS_MAX: usize = 20_000;
/// Bytes of what a tool says of its failure; the rest is cut.
pub const TOOL_MESSAGE_BYTES_MAX: usize = 16 << 10;
/// What a tool says that its caller should know beside its output.
pub const TOOL_WARNINGS_MAX: usize = 20;
/// Bytes of each of these; the rest is cut.
pub const TOOL_WARNING_BYTES_MAX: usize = 500;

/// Bytes of one tool's definition as its server sent it; a tool with more is held back.
pub const DEFINITION_BYTES_MAX: usize = 256 << 10;
/// Values in one definition; a tool with more is held back.
pub const DEFINITION_VALUES_MAX: usize = 20_000;
/// Patterns in one schema of a definition: each may take a mebibyte when it is compiled.
pub const DEFINITION_PATTERNS_MAX: usize = 100;
/// Findings of one definition; what is beyond is counted.
pub const DEFINITION_FINDINGS_MAX: usize = 50;
/// Lines of the difference between two definitions; what is beyond is counted.
pub const DEFINITION_DIFF_LINES_MAX: usize = 200;
/// Characters of a description from which on nobody reads it whole.
pub const DESCRIPTION_CHARS_USUAL: usize = 4_000;

/// Resources, templates or prompts of one upstream server, each; a server that lists more is not used.
pub const SERVER_LISTED_MAX: usize = 10_000;
/// Pages of one list of an upstream server.
pub const SERVER_PAGES_MAX: usize = 1_000;
/// Bytes of all lists of one upstream server together.
pub const SERVER_OFFER_BYTES_MAX: usize = 64 << 20;
/// How long an upstream server may take from its start until it has listed what it offers: package runners fetch first.
pub const SERVER_STARTED_WITHIN: Duration = Duration::from_secs(60);
/// How long a server is given to answer `server/discover` before `initialize` is tried beside it.
pub const SERVER_PROBED_WITHIN: Duration = Duration::from_secs(3);
/// How long a call waits for a server that is starting or listing.
pub const SERVER_READY_WITHIN: Duration = Duration::from_secs(30);
/// The first wait before a server is started or reached again; it doubles with each failure, up to the longest.
pub const SERVER_AGAIN_AFTER: Duration = Duration::from_millis(250);
/// The longest such wait; also for servers that were refused, since a person may mend them meanwhile.
pub const SERVER_AGAIN_AFTER_MAX: Duration = Duration::from_secs(60);
/// A server that stood this long begins with the first wait again.
pub const SERVER_STEADY_AFTER: Duration = Duration::from_secs(60);
/// How long a server is given to end by itself.
pub const SERVER_STOPPED_WITHIN: Duration = Duration::from_secs(3);
/// Between two listings of one server, however often it says that its lists changed: at least this, or four times what the
/// listing took, up to the longest.
pub const SERVER_LISTED_EVERY: Duration = Duration::from_millis(100);
/// See [`SERVER_LISTED_EVERY`].
pub const SERVER_LISTED_EVERY_MAX: Duration = Duration::from_secs(1);
/// How long lists count as fresh: at least and at most, whatever the server says.
pub const SERVER_LISTS_FRESH: (Duration, Duration) =
    (Duration::from_secs(5), Duration::from_secs(3_600));
/// How long they count as fresh where the server says nothing.
pub const SERVER_LISTS_FRESH_DEFAULT: Duration = Duration::from_secs(300);
/// Calls at one server at the same time; others wait.
pub const SERVER_CALLS_MAX: usize = 1_024;
/// Messages of one connection that belong to nothing or cannot be read; after that it is closed.
pub const SERVER_FAULTS_MAX: u64 = 1_000;
/// Faults of a server that are shown, the last ones.
pub const SERVER_FAULTS_SHOWN: usize = 20;
/// Bytes of one fault, and of one line of a server's standard error, that are shown.
pub const SERVER_TEXT_BYTES_MAX: usize = 1 << 10;
/// Lines of a server's standard error that are shown, the last ones.
pub const SERVER_STDERR_LINES_SHOWN: usize = 100;
/// Bytes of a server's standard error that are read within a second; it waits with more.
pub const SERVER_STDERR_BYTES_PER_SECOND_MAX: usize = 1 << 20;
/// Notifications and questions of one connection at once, and each second from then on; with more it is closed.
pub const SERVER_TOLD_MAX: (u32, u32) = (10_000, 1_000);
/// Answers, cancellations and the like that wait to be written to one server.
pub const SERVER_CHORES_MAX: usize = 256;
/// Resources of one server that are subscribed to.
pub const SERVER_SUBSCRIPTIONS_MAX: usize = 1_000;
/// Bytes that one answer may stream as events, with everything that is told on the way.
pub const SERVER_STREAM_BYTES_MAX: usize = 16 << 20;
/// How often the stream of one answer is opened again where it broke off.
pub const SERVER_RESUMPTIONS_MAX: usize = 100;
/// After what time it is opened again, if the server does not say, and the longest that a server may say.
pub const SERVER_RESUMED_AFTER: (Duration, Duration) =
    (Duration::from_secs(1), Duration::from_secs(60));
/// How long the outcome of a call that its client cancelled is still waited for.
pub const CANCELLED_ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// Bytes of a method of the Model Context Protocol.
pub const METHOD_BYTES_MAX: usize = 200;
/// Bytes of an id of one of its requests, if it is a text.
pub const RPC_ID_BYTES_MAX: usize = 200;
/// Arguments of one tool that travel in headers too.
pub const MIRRORED_ARGUMENTS_MAX: usize = 64;
/// Bytes of all headers that repeat what a message says: common servers take 16 KiB of headers in all.
pub const MIRRORED_BYTES_MAX: usize = 12 << 10;
/// Notifications, and questions, that one call may have under way to its client; further notifications are dropped.
pub const CALL_NOTIFICATIONS_QUEUE_MAX: usize = 256;
/// Bytes of one such notification; a larger one is dropped, so that a full queue stays small.
pub const CALL_NOTIFICATION_BYTES_MAX: usize = 64 << 10;
/// Rounds of questions that one call may make.
pub const QUESTION_ROUNDS_MAX: usize = 8;
/// How long a client may take to answer a question, and how long a sealed state may be given back.
pub const QUESTION_ANSWERED_WITHIN: Duration = Duration::from_secs(600);

/// Sessions of clients of the Model Context Protocol that one grant may have; at the bound the one idle for longest ends.
pub const MCP_SESSIONS_PER_GRANT_MAX: usize = 1_000;
/// Bytes of what a client says of itself when it opens a session: that is kept as long as the session.
pub const MCP_CLIENT_BYTES_MAX: usize = 16 << 10;
/// Such sessions of all grants together.
pub const MCP_SESSIONS_MAX: usize = 10_000;
/// A session that nobody used for this long, with nothing under way, ends.
pub const MCP_SESSION_IDLE: Duration = Duration::from_secs(24 * 3_600);
/// Streams that clients of one grant hold open to hear of changes.
pub const MCP_STREAMS_PER_GRANT_MAX: usize = 1_024;
/// Such streams of all grants together; each holds a connection.
pub const MCP_STREAMS_MAX: usize = 3_500;
/// Calls of one grant that the endpoint has in work.
pub const MCP_CALLS_PER_GRANT_MAX: usize = 1_024;
/// Bytes that wait for one slow client of the endpoint; what finds no room is dropped and counted.
pub const MCP_STREAM_BYTES_MAX: usize = 8 << 20;
/// Resources that one session or stream hears of.
pub const MCP_SUBSCRIPTIONS_MAX: usize = 100;
/// Bytes of a resource's address.
pub const MCP_URI_BYTES_MAX: usize = 8 << 10;
/// Questions that wait for the answer of one client's session.
pub const MCP_QUESTIONS_PER_SESSION_MAX: usize = 64;
/// States of questions that are remembered: given back once, or not yet.
pub const MCP_STATES_MAX: usize = 100_000;
/// The same of one caller.
pub const MCP_STATES_OF_CALLER_MAX: usize = 10_000;
/// Bytes of all these states together, which callers share; a caller's oldest give way.
pub const MCP_STATES_BYTES_MAX: usize = 64 << 20;
/// Bytes of the states of one caller, however few callers there are.
pub const MCP_STATES_OF_CALLER_BYTES_MAX: usize = 8 << 20;
/// Bytes of a server's own state of a question.
pub const MCP_STATE_BYTES_MAX: usize = 64 << 10;
/// Tools, resources or prompts in one page of a listing.
pub const MCP_PAGE_ITEMS_MAX: usize = 1_000;
/// Lists of tools that are kept ready, one for each version of the rules, grant and entrance.
pub const MCP_LISTS_KEPT_MAX: usize = 64;
/// Bytes of `tracestate` (W3C Trace Context) and of `baggage` (W3C Baggage).
pub const TRACE_STATE_BYTES_MAX: usize = 512;
/// See [`TRACE_STATE_BYTES_MAX`].
pub const BAGGAGE_BYTES_MAX: usize = 8 << 10;

/// Bytes of one HTTP request body or one message.
pub const MESSAGE_BYTES_MAX: usize = 4 << 20;
/// Bytes of a call's arguments as JSON.
pub const ARGUMENTS_BYTES_MAX: usize = 2 << 20;
/// Nesting depth of any JSON that comes from outside.
pub const JSON_DEPTH_MAX: usize = 32;
/// Values (objects, arrays, strings, numbers, …) in one JSON text from outside.
pub const JSON_NODES_MAX: usize = 50_000;
/// The largest integer that every JSON reader keeps exactly (RFC 8259, section 6).
pub const JSON_INTEGER_MAX: i64 = (1 << 53) - 1;
/// Bytes of a tool's output as JSON, before a contract narrows it.
pub const OUTPUT_BYTES_MAX: usize = 4 << 20;

/// Characters of an intent.
pub const INTENT_CHARS_MAX: usize = 2_000;
/// Characters of an idempotency key.
pub const KEY_CHARS_MAX: usize = 200;
/// Expected effects stated with one proposal.
pub const EXPECTED_EFFECTS_MAX: usize = 100;
/// References given as evidence with one proposal.
pub const EVIDENCE_MAX: usize = 20;
/// Characters of a reason given by a person.
pub const REASON_CHARS_MAX: usize = 2_000;
/// Characters of a run's purpose.
pub const PURPOSE_CHARS_MAX: usize = 2_000;

/// Redirects that one request of Checkrein's own follows, all within one origin.
pub const HTTP_REDIRECTS_MAX: usize = 5;
/// Bytes of an address that Checkrein fetches from.
pub const HTTP_URL_BYTES_MAX: usize = 8 << 10;
/// Addresses of one name that are looked at; a name with more is refused.
pub const HTTP_ADDRESSES_MAX: usize = 64;
/// How long a connection to another server may take.
pub const HTTP_CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// How long the head of an answer may take, where the caller does not say.
pub const HTTP_HEAD_WITHIN: Duration = Duration::from_secs(30);
/// Connections to one upstream server that are kept for the next call.
pub const HTTP_IDLE_CONNECTIONS_MAX: usize = 64;
/// How long they are kept: less than the five seconds after which common servers close them, because a call that
/// meets a closing connection is in doubt.
pub const HTTP_IDLE_KEPT: Duration = Duration::from_secs(4);

/// Bytes of one credential: a token, or what a file or command gives.
pub const CREDENTIAL_BYTES_MAX: usize = 16 << 10;
/// How long a command may take that gives a credential.
pub const CREDENTIAL_COMMAND_WITHIN: Duration = Duration::from_secs(30);
/// How long a credential from a file or command is used before it is read again.
pub const CREDENTIAL_KEPT: Duration = Duration::from_secs(300);
/// How long nothing is tried after a credential could not be had, so that no authorization server is hammered.
pub const CREDENTIAL_RETRY_AFTER: Duration = Duration::from_secs(5);
/// How often one request is sent again after 401 or 403.
pub const CREDENTIAL_REFUSALS_MAX: u32 = 3;
/// Secrets of one server that are known to the mask; the oldest are forgotten, they have long expired.
pub const CREDENTIALS_KNOWN_MAX: usize = 64;
/// Bytes of one metadata document or token answer.
pub const OAUTH_DOCUMENT_BYTES_MAX: usize = 256 << 10;
/// How long one request of an authorization may take.
pub const OAUTH_REQUEST_WITHIN: Duration = Duration::from_secs(15);
/// How long a person has for a login in the browser.
pub const OAUTH_LOGIN_WITHIN: Duration = Duration::from_secs(600);
/// Authorization servers that one server may name.
pub const OAUTH_ISSUERS_MAX: usize = 16;
/// Scopes of one token.
pub const OAUTH_SCOPES_MAX: usize = 100;
/// Characters of one scope.
pub const OAUTH_SCOPE_CHARS_MAX: usize = 256;
/// A token is renewed when it ends within this time, so that it does not end on its way.
pub const OAUTH_RENEWED_BEFORE: Duration = Duration::from_secs(30);
/// The longest life that a token is believed to have.
pub const OAUTH_TOKEN_LIFE_MAX: Duration = Duration::from_secs(365 * 24 * 3_600);
/// Bytes of the one request that a browser brings back from a login.
pub const OAUTH_CALLBACK_BYTES_MAX: usize = 16 << 10;

/// Bytes of one contract or policy file.
pub const SOURCE_FILE_BYTES_MAX: u64 = 1 << 20;
/// Characters of one text in a contract's description.
pub const CONTRACT_TEXT_CHARS_MAX: usize = 2_000;
/// Error cases that one contract declares.
pub const CONTRACT_ERRORS_MAX: usize = 100;
/// Contracts in one installation.
pub const CONTRACTS_MAX: usize = 10_000;
/// Policies in one version.
pub const POLICIES_MAX: usize = 10_000;
/// Brackets open at the same time in one policy, and words and operators in it: what parsers and
/// validators recurse over must fit into a thread's stack.
pub const POLICY_DEPTH_MAX: usize = 32;
/// See [`POLICY_DEPTH_MAX`].
pub const POLICY_OPERATORS_MAX: usize = 600;
/// Characters of a policy's id.
pub const POLICY_ID_CHARS_MAX: usize = 128;
/// Fields, items and branches of one tool's arguments that a policy can see. A tool with more is
/// quarantined.
pub const ARGUMENT_TYPES_MAX: usize = 2_000;
/// The longest time that a policy may give people to decide, or an approval to be used.
pub const APPROVAL_CLOCK_MAX: Duration = Duration::from_secs(30 * 24 * 3_600);

/// Calls of one grant that wait for people at the same time. More are refused, so that a flood of asks
/// cannot bury the one that matters.
pub const HELD_CALLS_PER_GRANT_MAX: u32 = 20_000;
/// Runs that one grant may have open.
pub const OPEN_RUNS_PER_GRANT_MAX: u32 = 1_000;
/// Calls that may be in work in one process.
pub const CALLS_IN_WORK_MAX: usize = 4_096;
/// Connections that are open at the same time. Each call in work may have one, and people need some too.
pub const CONNECTIONS_MAX: usize = 8_192;
/// Event streams that are open at the same time.
pub const EVENT_STREAMS_MAX: usize = 256;
/// Answered calls whose delivery was not confirmed that are still joined by an identical call.
pub const UNDELIVERED_ANSWERS_MAX: usize = 10_000;
/// Waiters on one call.
pub const WAITERS_PER_CALL_MAX: usize = 64;
/// How long a client of the Model Context Protocol waits for people that wants no progress: client libraries give up after
/// 60 s without a sign.
pub const MCP_QUIET_WAIT_MAX: Duration = Duration::from_secs(50);
/// How often a client that wants progress is told how a held call stands.
pub const MCP_PROGRESS_EVERY: Duration = Duration::from_secs(10);
/// How often a client is asked to look at a task.
pub const MCP_TASK_POLLED_EVERY: Duration = Duration::from_secs(5);
/// How long looking at a task waits for work that is under way.
pub const MCP_TASK_LOOK_MAX: Duration = Duration::from_secs(1);
/// Answers to questions of tasks that are remembered, so that nobody is asked twice.
pub const MCP_TASK_ANSWERS_MAX: usize = 10_000;
/// Links to the console that one answer has.
pub const MCP_LINKS_MAX: usize = 8;
/// How long the state of a link to the console may be given back.
pub const MCP_LINK_WITHIN: Duration = Duration::from_secs(3_600);
/// The longest time one request waits for a decision before it is told to ask again.
pub const WAIT_MAX: Duration = Duration::from_secs(240);
/// The longest time a tool may take, whatever its contract says.
pub const TOOL_TIMEOUT_MAX: Duration = Duration::from_secs(3_600);
/// Until when a person must decide, where the policy does not say.
pub const DECIDE_BY_DEFAULT: Duration = Duration::from_secs(24 * 3_600);
/// How long an approval may be used, where the policy does not say.
pub const EXECUTE_BY_DEFAULT: Duration = Duration::from_secs(3_600);
/// An ambient run without calls ends after this time.
pub const AMBIENT_RUN_IDLE: Duration = Duration::from_secs(1_800);
/// How long a finished call's answer is kept to be given again to the same key. The key itself stays.
pub const ANSWER_KEPT: Duration = Duration::from_secs(7 * 24 * 3_600);
/// How long originals are kept for undo, where the contract does not say.
pub const UNDO_WINDOW_DEFAULT: Duration = Duration::from_secs(7 * 24 * 3_600);
/// The longest time for which originals are kept.
pub const UNDO_WINDOW_MAX: Duration = Duration::from_secs(90 * 24 * 3_600);

/// Arguments of an inverse call.
pub const INVERSE_ARGUMENTS_MAX: usize = 64;
/// Bytes, as JSON, of one value that an act's output tells its inverse call.
pub const INVERSE_VALUE_BYTES_MAX: usize = 16 << 10;
/// Acts that one undo plan or one undo order may name.
pub const UNDO_ACTS_MAX: usize = 1_000;
/// Acts that are taken back at the same time, if they touch nothing in common.
pub const UNDO_AT_ONCE_MAX: usize = 16;
/// The longest time for which a call waits in the outbox.
pub const OUTBOX_HOLD_MAX: Duration = Duration::from_secs(30 * 24 * 3_600);
/// A call that could not leave the outbox for this long after its time (a stop, a pause) never leaves.
pub const OUTBOX_OVERDUE_MAX: Duration = Duration::from_secs(7 * 24 * 3_600);

/// Changes in one plan.
pub const PLAN_CHANGES_MAX: usize = 10_000;
/// Bytes of new contents and originals kept with one plan.
pub const PLAN_CONTENT_BYTES_MAX: u64 = 64 << 20;
/// Bytes of one file that a tool reads or writes.
pub const FILE_BYTES_MAX: u64 = 16 << 20;
/// Bytes of one path inside a workspace.
pub const PATH_BYTES_MAX: usize = 4_096;
/// Parts of one path inside a workspace.
pub const PATH_PARTS_MAX: usize = 64;
/// Bytes of one part of a path: the longest name that Linux file systems keep.
pub const PATH_PART_BYTES_MAX: usize = 255;
/// Bytes of unified diff shown with one plan.
pub const DIFF_BYTES_MAX: usize = 256 << 10;
/// Entries that a listing or a search returns.
pub const LISTING_ENTRIES_MAX: usize = 5_000;
/// Bytes of output that a listing or a search fills; below `OUTPUT_BYTES_MAX`, so that its frame fits too.
pub const LISTING_BYTES_MAX: usize = 3 << 20;
/// Entries of one directory, and of one tree, that are looked at.
pub const DIRECTORY_ENTRIES_MAX: usize = 100_000;
/// Bytes of a file that one reading returns, and the default.
pub const READ_BYTES_MAX: usize = 512 << 10;
/// Bytes of files that one search looks through.
pub const SEARCH_BYTES_MAX: u64 = 256 << 20;
/// Matches that one search returns, where the call does not say.
pub const SEARCH_MATCHES_DEFAULT: usize = 200;
/// Bytes of a compiled search pattern.
pub const SEARCH_PATTERN_BYTES_MAX: usize = 1 << 20;
/// Characters of a line that a search shows.
pub const SEARCH_LINE_CHARS_MAX: usize = 500;
/// Bytes of files whose digests one plan takes: what hashes in seconds on a slow disk.
pub const PLAN_HASHED_BYTES_MAX: u64 = 1 << 30;
/// Bytes of each stream that a command prints which are kept: what fits into an answer twice.
pub const COMMAND_OUTPUT_BYTES_MAX: usize = 256 << 10;
/// Bytes that a command prints before it is killed: a runaway, not a long test report.
pub const COMMAND_PRINTED_BYTES_MAX: u64 = 8 << 20;
/// Commands that run at the same time in one process; further ones wait their turn.
pub const COMMANDS_AT_ONCE_MAX: usize = 64;
/// Processors that one command may keep busy for as long as it runs.
pub const COMMAND_PROCESSORS_MAX: u32 = 64;
/// Bytes that must be free where caches are kept. A command that leaves less is ended: what it writes into a cache has no
/// other bound, and the journal needs the disk too.
pub const CACHE_DISK_FREE_MIN: u64 = 1 << 30;
/// How often that is looked at while a command runs.
pub const CACHE_DISK_CHECKED_EVERY: Duration = Duration::from_millis(100);
/// Words of one command line.
pub const COMMAND_WORDS_MAX: usize = 1_000;
/// Bytes of one command line: far below what Linux takes, so that the environment fits too.
pub const COMMAND_LINE_BYTES_MAX: usize = 128 << 10;
/// Commands that an operator names.
pub const NAMED_COMMANDS_MAX: usize = 1_000;
/// Held calls on top of each other whose changes one preview stands on.
pub const PREVIEW_LAYERS_MAX: usize = 8;
/// Hosts that one execution names; more are counted as one more.
pub const CONTACTS_MAX: usize = 100;
/// Bytes that a command may write in its preview, and memory they take meanwhile.
pub const PREVIEW_BYTES_MAX: u64 = 1 << 30;
/// The smallest bound on them that an operator may set: what a test run's own files take.
pub const PREVIEW_BYTES_MIN: u64 = 1 << 20;
/// Memory of one jail's processes together, if the operator says nothing: enough for a compiler and its linker.
pub const JAIL_MEMORY_BYTES_DEFAULT: u64 = 4 << 30;
/// Bounds on what an operator may set for it: an interpreter starts with the least.
pub const JAIL_MEMORY_BYTES: (u64, u64) = (32 << 20, 1 << 40);
/// Processes and threads in one jail at once, if the operator says nothing.
pub const JAIL_PROCESSES_DEFAULT: u64 = 512;
/// Bounds on what an operator may set for it: Linux has at most 4 Mi.
pub const JAIL_PROCESSES: (u64, u64) = (4, 1 << 22);
/// Processor time of one jail, if the operator says nothing.
pub const JAIL_CPU_DEFAULT: Duration = Duration::from_secs(3_600);
/// Bounds on what an operator may set for it, in milliseconds: Linux counts whole seconds.
pub const JAIL_CPU_MS: (u64, u64) = (1_000, 86_400_000);
/// Jails at once, if the operator says nothing. Others wait.
pub const JAILS_DEFAULT: u64 = 16;
/// Bounds on what an operator may set for it.
pub const JAILS: (u64, u64) = (1, 1_000);
/// Paths of one kind (readable, caches) that one command names.
pub const JAIL_PATHS_MAX: usize = 100;
/// Variables that one command names.
pub const JAIL_VARIABLES_MAX: usize = 100;
/// Remotes that an operator names.
pub const REMOTES_MAX: usize = 1_000;
/// Acts of one workspace whose paths are remembered, for previews that run meanwhile.
pub const TOUCHED_ACTS_MAX: usize = 1_000;
/// Paths remembered for these acts: several of the largest plans.
pub const TOUCHED_PATHS_MAX: usize = 50_000;
/// Edits in one call.
pub const EDITS_MAX: usize = 100;

/// Commits that wait for the writer.
pub const COMMIT_QUEUE_MAX: usize = 4_096;
/// Commits that the writer puts into one transaction.
pub const COMMIT_BATCH_MAX: usize = 512;
/// Entries in one commit.
pub const COMMIT_ENTRIES_MAX: usize = 64;
/// Bytes that must be free for new permits. Below this only outcomes and stops are written.
pub const DISK_FREE_FOR_PERMITS_MIN: u64 = 64 << 20;
/// Free bytes below which nothing is written at all.
pub const DISK_FREE_FOR_OUTCOMES_MIN: u64 = 8 << 20;
/// How often the head of the journal is signed while there is work.
pub const HEAD_SIGNED_EVERY: Duration = Duration::from_secs(1);
/// The clock may go back by this much before it is refused.
pub const CLOCK_BACK_MAX: Duration = Duration::from_secs(5);
/// Events that one subscriber may be behind before it is told to read again from the journal.
pub const SUBSCRIBER_QUEUE_MAX: usize = 1_024;
/// Pieces of what commands print that a slow listener may be behind before it misses some.
pub const OUTPUT_QUEUE_MAX: usize = 1_024;
/// Bytes of one printed line, and of one piece of output, that are shown while a command runs.
pub const OUTPUT_LINE_BYTES_MAX: usize = 8 << 10;
/// Changes that one warning names.
pub const CHANGES_NAMED_MAX: usize = 20;
/// Connections that read from the store at the same time.
pub const STORE_READERS_MAX: usize = 8;
/// Rows that a read which an index answers may give without going to a thread of its own.
pub const ROWS_READ_IN_PLACE_MAX: usize = 100;
/// Keys of runs that are kept unwrapped in memory; others are read from the store again.
pub const KEYS_IN_MEMORY_MAX: usize = 4_096;
/// Calls whose last entry the writer remembers; others are looked up.
pub const CALLS_REMEMBERED_MAX: usize = 16_384;
/// Different rows, by their columns, for which the writer keeps a statement ready. Few are in use at any time.
pub const ROW_SHAPES_MAX: usize = 512;
/// Entries that one page of a search looks at before it says where to go on.
pub const ENTRIES_SCANNED_MAX: u64 = 100_000;
/// Records that one page of a listing looks at before it says where to go on.
pub const ROWS_SCANNED_MAX: usize = 20_000;
/// Entries in the one record that a run is exported as, and entries of others between them that it proves
/// its own with. Longer runs are exported line by line.
pub const EXPORT_ENTRIES_MAX: usize = 100_000;
/// Entries at the end of the journal that are checked whenever the store is opened.
pub const ENTRIES_CHECKED_AT_OPEN_MAX: u64 = 1_000;
/// Bytes of a store up to which its structure is checked whenever it is opened.
pub const STORE_CHECKED_AT_OPEN_BYTES_MAX: u64 = 64 << 20;
/// Bytes of the write-ahead log at which it is written back into the store.
pub const WAL_BYTES_MAX: u64 = 8 << 20;
/// How old a look at the free disk space may be.
pub const DISK_CHECKED_EVERY: Duration = Duration::from_millis(250);
/// Due requests and windows that one tick ends.
pub const DUE_PER_TICK_MAX: usize = 200;
/// People that one requirement may ask for.
pub const QUORUM_MAX: u8 = 9;
/// How long a review may take, unless a policy says otherwise.
pub const REVIEW_BY_DEFAULT: Duration = Duration::from_secs(7 * 24 * 3_600);
/// Questions of people about one request.
pub const QUESTIONS_MAX: u64 = 20;
/// References that one held call may be given after it was proposed.
pub const LATER_EVIDENCE_MAX: usize = 100;
/// Calls of one agent that people are asked for within `ASKS_WINDOW`; one more suspends the agent.
pub const ASKS_MAX: u32 = 100;
/// The time in which an agent's asks are counted.
pub const ASKS_WINDOW: Duration = Duration::from_secs(60);
/// Agents whose asks are counted at once; of more the one that asked longest ago is forgotten.
pub const ASKING_AGENTS_MAX: usize = 10_000;
/// Differences between two requests that are shown.
pub const DIFFERENCES_MAX: usize = 200;
/// Characters of one value in a difference.
pub const DIFFERENCE_CHARS_MAX: usize = 2_000;
/// Earlier requests that are looked at for a request's history.
pub const SIMILAR_MAX: usize = 200;
/// Earlier requests that are named one by one.
pub const SIMILAR_NAMED_MAX: usize = 5;
/// Requests that are read to measure attention.
pub const ATTENTION_REQUESTS_MAX: usize = 20_000;
/// Characters of what must be typed to confirm an irreversible act.
pub const CONFIRM_CHARS_MAX: usize = 80;
/// Characters that somebody reads in a second at most; who decides sooner has not read.
pub const READ_CHARS_PER_SECOND: u64 = 50;
/// Groups of approvers that one person stands in.
pub const GROUPS_MAX: usize = 32;
/// How long a passkey counts as just used: for decisions that ask for one.
pub const PASSKEY_FRESH: Duration = Duration::from_secs(10 * 60);
/// People with accounts in one installation.
pub const PEOPLE_MAX: usize = 10_000;
/// Passkeys of one person.
pub const PASSKEYS_PER_PERSON_MAX: usize = 20;
/// Identities at issuers and in services that one person is linked with.
pub const IDENTITIES_PER_PERSON_MAX: usize = 16;
/// Characters of what a person calls a passkey.
pub const PASSKEY_TITLE_CHARS_MAX: usize = 64;
/// Recovery codes that are made at once; making new ones replaces the others.
pub const RECOVERY_CODES: usize = 10;
/// Sessions of one person at once; a further one takes the place of the oldest.
pub const SESSIONS_PER_PERSON_MAX: usize = 10;
/// The longest life of a session.
pub const SESSION_MAX: Duration = Duration::from_secs(7 * 24 * 3_600);
/// How long a session may be unused.
pub const SESSION_IDLE_MAX: Duration = Duration::from_secs(12 * 3_600);
/// How much a session's last use may be ahead of what is recorded of it: after a restart it may end that much early.
pub const SESSION_USE_SAID_EVERY: Duration = Duration::from_secs(900);
/// How long a one-time link for oneself holds.
pub const LINK_WITHIN: Duration = Duration::from_secs(10 * 60);
/// How long an invitation holds.
pub const INVITATION_WITHIN: Duration = Duration::from_secs(24 * 3_600);
/// How often refused tries to log in are recorded.
pub const LOGINS_REFUSED_SAID_EVERY: Duration = Duration::from_secs(60);
/// Logins that are under way in browsers; a further one takes the place of the oldest.
pub const LOGINS_PENDING_MAX: usize = 1_000;
/// How long a login may take in the browser.
pub const LOGIN_WITHIN: Duration = Duration::from_secs(10 * 60);
/// Outlets, and likewise ways in for signed webhooks.
pub const OUTLETS_MAX: usize = 16;
/// Bytes of one message to an outside service.
pub const OUTLET_MESSAGE_BYTES_MAX: usize = 256 * 1024;
/// Bytes of what an outside service answers that are read.
pub const OUTLET_ANSWER_BYTES_MAX: usize = 64 * 1024;
/// How long an outside service has to answer.
pub const OUTLET_WITHIN: Duration = Duration::from_secs(10);
/// How often one thing is told before it is given up, where a service is away or overloaded. With the growing pauses about
/// half a day.
pub const OUTLET_TRIES_MAX: u64 = 150;
/// What is older than this is tried once and given up.
pub const OUTLET_AGE_MAX: Duration = Duration::from_secs(24 * 3_600);
/// The first pause between two tries; each is twice the one before.
pub const OUTLET_PAUSE: Duration = Duration::from_secs(1);
/// The same where a service says no.
pub const OUTLET_REFUSED_TRIES_MAX: u64 = 4;
/// The longest pause between two tries.
pub const OUTLET_PAUSE_MAX: Duration = Duration::from_secs(5 * 60);
/// Tries of one thing after which it is seen whether the next one can be told: then it is this one that cannot.
pub const OUTLET_PROBED_AFTER: u64 = 8;
/// Notices that are older than this are behind.
pub const NOTICE_AGE_MAX: Duration = Duration::from_secs(60);
/// So many notices that are behind are told one by one; more become one message.
pub const NOTICES_BEHIND_MAX: usize = 5;
/// Entries that are looked through for the next thing to tell.
pub const OUTLET_LOOKED_MAX: usize = 1_000;
/// Calls that took each other's place, over which is looked who wants to be told of the end.
pub const PLACES_TAKEN_MAX: usize = 64;
/// Entries without anything to tell after which an outlet's place in the journal is recorded.
pub const OUTLET_MOVED_EVERY: u64 = 10_000;
/// How far the moment of a signed message may be from ours (Standard Webhooks; Slack asks for the same).
pub const SIGNED_WITHIN: Duration = Duration::from_secs(5 * 60);
/// Characters of the id of a signed webhook.
pub const SIGNED_ID_CHARS_MAX: usize = 256;
/// Bytes of a signed message that comes in.
pub const SIGNED_BYTES_MAX: usize = 256 * 1024;
/// Messages of outside services that are in work at once.
pub const SIGNED_IN_WORK_MAX: usize = 32;
/// Signatures of one message that are looked at.
pub const SIGNATURES_MAX: usize = 8;
/// Issuers where people may log in.
pub const LOGIN_ISSUERS_MAX: usize = 16;
/// Characters that a listing is searched for.
pub const SEARCH_CHARS_MAX: usize = 200;
/// Rows in one page of a listing.
pub const PAGE_ROWS_MAX: usize = 1_000;

const _: () = assert!(ARGUMENTS_BYTES_MAX <= MESSAGE_BYTES_MAX);
const _: () = assert!(SIMILAR_NAMED_MAX <= SIMILAR_MAX && SIMILAR_MAX <= PAGE_ROWS_MAX);
const _: () = assert!(REVIEW_BY_DEFAULT.as_secs() <= APPROVAL_CLOCK_MAX.as_secs());
const _: () = assert!(SERVER_TOOLS_MAX < SERVER_PINS_MAX && SERVER_PINS_MAX < PINS_MAX);
const _: () = assert!(SERVER_TOOLS_MAX <= PIN_CHANGES_BURST);
const _: () = assert!(2 * PINS_MAX <= DEFINITIONS_KEPT_MAX);
const _: () = assert!(DISK_FREE_FOR_OUTCOMES_MIN < DISK_FREE_FOR_PERMITS_MIN);
const _: () = assert!(DISK_FREE_FOR_PERMITS_MIN < CACHE_DISK_FREE_MIN);
const _: () = assert!(FILE_BYTES_MAX <= PLAN_CONTENT_BYTES_MAX);
const _: () = assert!(CALLS_IN_WORK_MAX + EVENT_STREAMS_MAX + MCP_STREAMS_MAX < CONNECTIONS_MAX);
const _: () = assert!(MESSAGE_BYTES_MAX < MCP_STREAM_BYTES_MAX);
const _: () = assert!(MCP_SESSIONS_PER_GRANT_MAX < MCP_SESSIONS_MAX);
const _: () = assert!(MCP_STREAMS_PER_GRANT_MAX < MCP_STREAMS_MAX);
const _: () = assert!(MCP_CALLS_PER_GRANT_MAX < CALLS_IN_WORK_MAX);
const _: () = assert!(PLAN_CONTENT_BYTES_MAX <= PLAN_HASHED_BYTES_MAX);
const _: () = assert!(COMMAND_OUTPUT_BYTES_MAX * 2 < OUTPUT_BYTES_MAX);
const _: () = assert!(PLAN_CONTENT_BYTES_MAX <= PREVIEW_BYTES_MAX);
const _: () = assert!(PLAN_CHANGES_MAX <= TOUCHED_PATHS_MAX);
const _: () = assert!(LISTING_BYTES_MAX < OUTPUT_BYTES_MAX);
const _: () = assert!(COMMIT_BATCH_MAX <= COMMIT_QUEUE_MAX);
const _: () = assert!(UNDO_WINDOW_DEFAULT.as_secs() <= UNDO_WINDOW_MAX.as_secs());
const _: () = assert!(NAME_CHARS_MAX <= TOOL_NAME_CHARS_MAX);
const _: () = assert!(SESSION_USE_SAID_EVERY.as_secs() < SESSION_IDLE_MAX.as_secs());
const _: () = assert!(ROWS_READ_IN_PLACE_MAX <= PAGE_ROWS_MAX);
const _: () = assert!(PAGE_ROWS_MAX <= ROWS_SCANNED_MAX);
