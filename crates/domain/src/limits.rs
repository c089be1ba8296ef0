//! Every bound of Checkrein, in one place, with the reason where the number is not obvious.
//!
//! A limit is refused with a clear error, never applied by dropping something silently. Limits that
//! depend on each other are checked when this file is compiled.

use std::time::Duration;

/// Characters of a name of a tenant, agent, workflow or space.
pub const NAME_CHARS_MAX: usize = 64;
/// Characters of a tool's name with its dots.
pub const TOOL_NAME_CHARS_MAX: usize = 128;

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
/// Connections that read from the store at the same time.
pub const STORE_READERS_MAX: usize = 8;
/// Rows that a read which an index answers may give without going to a thread of its own.
pub const ROWS_READ_IN_PLACE_MAX: usize = 100;
/// Keys of runs that are kept unwrapped in memory; others are read from the store again.
pub const KEYS_IN_MEMORY_MAX: usize = 4_096;
/// Calls whose last entry the writer remembers; others are looked up.
pub const CALLS_REMEMBERED_MAX: usize = 16_384;
/// Entries that one page of a search looks at before it says where to go on.
pub const ENTRIES_SCANNED_MAX: u64 = 100_000;
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
/// Rows in one page of a listing.
pub const PAGE_ROWS_MAX: usize = 1_000;

const _: () = assert!(ARGUMENTS_BYTES_MAX <= MESSAGE_BYTES_MAX);
const _: () = assert!(DISK_FREE_FOR_OUTCOMES_MIN < DISK_FREE_FOR_PERMITS_MIN);
const _: () = assert!(FILE_BYTES_MAX <= PLAN_CONTENT_BYTES_MAX);
const _: () = assert!(CALLS_IN_WORK_MAX + EVENT_STREAMS_MAX < CONNECTIONS_MAX);
const _: () = assert!(PLAN_CONTENT_BYTES_MAX <= PLAN_HASHED_BYTES_MAX);
const _: () = assert!(LISTING_BYTES_MAX < OUTPUT_BYTES_MAX);
const _: () = assert!(COMMIT_BATCH_MAX <= COMMIT_QUEUE_MAX);
const _: () = assert!(UNDO_WINDOW_DEFAULT.as_secs() <= UNDO_WINDOW_MAX.as_secs());
const _: () = assert!(NAME_CHARS_MAX <= TOOL_NAME_CHARS_MAX);
const _: () = assert!(ROWS_READ_IN_PLACE_MAX <= PAGE_ROWS_MAX);
