//! A simulated world for the gate: seeded clock, faulty journal, scripted tools.
