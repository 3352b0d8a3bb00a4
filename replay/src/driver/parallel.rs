//! Many replays at once.

use rayon::prelude::*;

use crate::error::{Error, ErrorKind, Result};

/// Runs `count` independent replays on `workers` threads and returns what they return, in order of iteration.
/// Each gets its number and should have state, scratch, probe and sink of its own.
///
/// # Errors
/// The first error in order of iteration; also when threads cannot be started.
pub fn iterations<R: Send>(
    count: usize,
    workers: usize,
    run: impl Fn(usize) -> Result<R> + Sync + Send,
) -> Result<Vec<R>> {
    if workers <= 1 || count <= 1 {
        return (0..count).map(run).collect();
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(workers.min(count))
        .build()
        .map_err(|error| Error::new(ErrorKind::Workers, error))?;
    let results: Vec<Result<R>> =
        pool.install(|| (0..count).into_par_iter().with_max_len(1).map(run).collect());
    results.into_iter().collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_keep_their_order() {
        for workers in [1, 2, 4] {
            let results = super::iterations(20, workers, Ok).unwrap();
            assert_eq!(results, (0..20).collect::<Vec<_>>(), "{workers} workers");
        }
    }
}
