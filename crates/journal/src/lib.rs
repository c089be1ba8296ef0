//! The durable log, ledger and projections on SQLite.
