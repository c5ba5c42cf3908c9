//! How a model is adapted.

use std::collections::BTreeMap;

use crate::training::TrainOptions;

/// How a model is adapted to a site's labels. Equal bases, options and corpora give
/// equal bytes.
#[derive(Clone, Debug)]
pub struct AdaptOptions {
    /// Seed of fold assignment.
    pub seed: u64,
    /// Folds of cross-validation; at least 2.
    pub folds: usize,
    /// Weight of text that was judged for toxicity only, as ham for the spam head.
    pub unverified_ham_weight: f32,
    /// Weights of sources by name; 1 where not named, 0 leaves a source out.
    pub source_weights: BTreeMap<String, f32>,
    /// Fewest labels that a head is adapted to.
    pub least_labels: usize,
    /// Fewest labels of each class.
    pub least_of_class: usize,
    /// Variance of what a feature that the base never saw may come to weigh, in
    /// units of its log-count ratio among the labels.
    pub weight_variance: f64,
    /// Variance of the factor by which the base's own log-odds may be stretched.
    pub stretch_variance: f64,
    /// Variance of the shift of all log-odds.
    pub shift_variance: f64,
    /// What each label may cost of what the base knew: the mean divergence of its
    /// answers on the rows it was trained on, in nats.
    pub forgetting_per_label: f64,
    /// Learn the heads one after the other, on one thread, beside a server at work. What
    /// comes of it is the same.
    pub one_thread: bool,
}

/// Chosen by measurement, on sources held out of a base; see the model card.
impl Default for AdaptOptions {
    fn default() -> Self {
        let training = TrainOptions::default();
        Self {
            seed: training.seed,
            folds: training.folds,
            unverified_ham_weight: training.unverified_ham_weight,
            source_weights: BTreeMap::new(),
            least_labels: 10,
            least_of_class: 3,
            weight_variance: 10.0,
            stretch_variance: 0.1,
            shift_variance: 1.0,
            forgetting_per_label: 1e-5,
            one_thread: false,
        }
    }
}
