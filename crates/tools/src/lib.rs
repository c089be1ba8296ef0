//! Ways to reach a tool. Here: files in a workspace.
