//! Work on all cores with results in order.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread;

/// Fewer items than this are not worth a thread.
const LEAST_SHARE: usize = 16;

/// `map` of every item, in the order of the items.
pub fn map_in_order<T: Sync, R: Send>(items: &[T], map: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let mut shares = items.chunks(items.len().div_ceil(cores).max(LEAST_SHARE));
    let own = shares.next().unwrap_or_default();
    thread::scope(|scope| {
        let map = &map;
        let others: Vec<_> = shares
            .map(|share| scope.spawn(move || share.iter().map(map).collect::<Vec<_>>()))
            .collect();
        let mut results: Vec<_> = own.iter().map(map).collect();
        for other in others {
            results.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        results
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        for count in [0, 1, 15, 16, 17, 1000] {
            let items: Vec<usize> = (0..count).collect();
            assert_eq!(map_in_order(&items, |&item| item), items);
        }
    }
}
