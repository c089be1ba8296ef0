//! Policy text to verdicts with reasons. The only user of Cedar.
