//! Live recording, checked against what really happened. Needs root; otherwise every test says so and passes.
//!
//! `calls` makes hundreds of system calls in a process of its own and compares each recorded parameter with
//! what was passed. `whole` compares whole recordings with strace, sysdig and the kernel's own counters.

mod calls;
mod compat;
#[path = "../counter/mod.rs"]
mod counter;
mod filter;
mod group;
mod harness;
mod honest;
mod load;
mod object;
mod seed;
mod tracepoints;
mod whole;
