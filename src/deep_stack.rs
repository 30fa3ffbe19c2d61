//! Room on the stack for work that walks statements by recursion.
//!
//! A chain of thousands of operators is a tree of as many levels, which is parsed, copied, printed and dropped by
//! recursion. A caller of the library may stand on any thread, such as one of an async server, which has 2 MiB.

/// Stack of a thread or of a piece of work that plans statements. Only what is used of it becomes memory.
pub(crate) const STACK_BYTES: usize = 64 << 20;

/// The room that the longest statement may need: some four kilobytes a level in a build without optimisation.
const ROOM_BYTES: usize = 32 << 20;

/// Runs work on the stack that is there if it has room, and on a new one if not.
pub(crate) fn on_deep_stack<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(ROOM_BYTES, STACK_BYTES, work)
}
