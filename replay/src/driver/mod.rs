//! Drivers: reader, state, engine and sink put together, once or many times.
