//! The journey of a tool call, and the ports it needs from the world.
