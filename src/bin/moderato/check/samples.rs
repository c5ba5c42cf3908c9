//! A dozen comments to try the program on.

/// One submission a line, as on standard input. The ids say what each is.
pub const SAMPLES: &str = include_str!("samples.jsonl");

#[cfg(test)]
mod tests {
    use moderato::comment::Submission;

    use super::*;

    #[test]
    fn every_sample_is_a_submission_with_an_id_of_its_own() {
        let samples: Vec<Submission> = SAMPLES
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let mut ids: Vec<_> = samples.iter().map(|sample| &sample.submission_id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!((samples.len(), ids.len()), (12, 12));
    }
}
