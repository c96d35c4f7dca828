//! The tour plays to its end.

use crate::carnet::{DONE, run_bare};

#[test]
fn the_tour_plays_to_its_end() {
    let told = run_bare(&["tour", "--json"]).expect(DONE).json();
    let steps = told["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 9);
    assert!(steps.iter().all(|step| step["result"].as_str().is_some_and(|result| !result.is_empty())), "{told:#}");
}
