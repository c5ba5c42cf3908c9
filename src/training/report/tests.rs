//! The JSON and the tables, to the letter.

use super::*;
use crate::verdict::Probability;

fn row(source: &str, language: &str, spam: (Option<bool>, f64), decision: Decision) -> ScoredRow {
    ScoredRow {
        source: source.into(),
        language: language.into(),
        label: Label {
            spam: spam.0,
            toxicity: None,
        },
        scores: Scores {
            spam: Probability::new(spam.1).unwrap(),
            toxicity: Probability::new(0.5).unwrap(),
        },
        decision,
    }
}

fn evaluation() -> Evaluation {
    let mut judged_on_toxicity = row("news", "ur", (None, 0.1), Decision::Hold);
    judged_on_toxicity.label.toxicity = Some(true);
    let rows: ScoredRows = [
        row("video", "en", (Some(true), 1.0), Decision::Reject),
        row("video", "en", (Some(false), 0.25), Decision::Hold),
        row("video", "en", (Some(false), 0.0), Decision::Approve),
        row("video", "en", (Some(true), 0.75), Decision::Approve),
        judged_on_toxicity,
    ]
    .into_iter()
    .collect();
    rows.evaluate("base-1".into(), 2)
}

#[test]
fn prints_the_documented_json() {
    let mut evaluation = evaluation();
    evaluation.reliability.clear();
    insta::assert_snapshot!(serde_json::to_string_pretty(&evaluation).unwrap(), @r#"
    {
      "model": "base-1",
      "rows": 5,
      "bad_rows": 2,
      "heads": {
        "spam": {
          "n": 4,
          "positives": 2,
          "auc": 1.0,
          "recall_at_fpr_0.01": 1.0,
          "recall_at_fpr_0.05": 1.0,
          "ece": 0.125,
          "rejected": 0.25,
          "held": 0.25,
          "civil_rejected": 0.0,
          "civil_held": 0.5
        },
        "toxicity": {
          "n": 1,
          "positives": 1,
          "auc": null,
          "recall_at_fpr_0.01": null,
          "recall_at_fpr_0.05": null,
          "ece": 0.5,
          "rejected": 0.0,
          "held": 1.0,
          "civil_rejected": null,
          "civil_held": null
        }
      },
      "sources": [
        {
          "source": "news",
          "language": "ur",
          "rows": 1,
          "heads": {
            "toxicity": {
              "n": 1,
              "positives": 1,
              "auc": null,
              "recall_at_fpr_0.01": null,
              "recall_at_fpr_0.05": null,
              "ece": 0.5,
              "rejected": 0.0,
              "held": 1.0,
              "civil_rejected": null,
              "civil_held": null
            }
          }
        },
        {
          "source": "video",
          "language": "en",
          "rows": 4,
          "heads": {
            "spam": {
              "n": 4,
              "positives": 2,
              "auc": 1.0,
              "recall_at_fpr_0.01": 1.0,
              "recall_at_fpr_0.05": 1.0,
              "ece": 0.125,
              "rejected": 0.25,
              "held": 0.25,
              "civil_rejected": 0.0,
              "civil_held": 0.5
            }
          }
        }
      ],
      "reliability": {}
    }
    "#);
}

#[test]
fn prints_aligned_tables() {
    insta::assert_snapshot!(evaluation().to_string(), @r"
    model base-1: 5 rows, 2 bad rows

    spam
    source  language  rows  positive    AUC  recall@1%  recall@5%    ECE  rejected   held  civil rejected  civil held
    video   en           4         2  1.000     100.0%     100.0%  0.125     25.0%  25.0%            0.0%       50.0%
    total                4         2  1.000     100.0%     100.0%  0.125     25.0%  25.0%            0.0%       50.0%
    reliability (spam): mean score, share positive, rows
      0.000    0.0%  1
      0.250    0.0%  1
      0.750  100.0%  1
      1.000  100.0%  1

    toxicity
    source  language  rows  positive  AUC  recall@1%  recall@5%    ECE  rejected    held  civil rejected  civil held
    news    ur           1         1    -          -          -  0.500      0.0%  100.0%               -           -
    total                1         1    -          -          -  0.500      0.0%  100.0%               -           -
    reliability (toxicity): mean score, share positive, rows
      0.500  100.0%  1
    ");
}

#[test]
fn reliability_has_every_bin() {
    let bins = &evaluation().reliability[&Head::Spam];
    assert_eq!(bins.len(), 15);
    assert_eq!(bins.iter().map(|bin| bin.n).sum::<u64>(), 4);
    assert_eq!((bins[1].mean_score, bins[1].positive_share), (None, None));
    assert_eq!(
        (bins[14].mean_score, bins[14].positive_share),
        (Some(1.0), Some(1.0))
    );
}

#[test]
fn nothing_evaluated_has_no_heads() {
    let none = ScoredRows::default().evaluate("m".into(), 0);
    assert_eq!((none.rows, none.heads.len(), none.sources.len()), (0, 0, 0));
    assert_eq!(none.to_string(), "model m: 0 rows, 0 bad rows\n");
}

#[test]
fn a_file_name_cannot_command_the_terminal() {
    let mut rows = ScoredRows::default();
    rows.push(row("\u{1b}[2J", "en", (Some(true), 1.0), Decision::Approve));
    assert!(!rows.evaluate("m".into(), 0).to_string().contains('\u{1b}'));
}
