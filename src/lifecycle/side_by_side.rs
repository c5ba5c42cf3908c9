//! Comments as two models see them, one beside the other.

use super::explain::extract;
use super::{Lifecycle, LifecycleError, ModelRef};
use crate::classifier::{Artefact, Classifier};
use crate::site::SiteId;
use crate::store::CommentId;
use crate::verdict::Evidence;

/// Pieces of evidence of each head.
const PIECES: usize = 12;

/// A comment with what each of two models makes of it. Holds its text: no `Debug`.
#[derive(Clone, PartialEq)]
pub struct SideBySide {
    /// The author's name.
    pub name: String,
    /// The comment.
    pub text: String,
    /// Evidence of the one model, and of the other, the strongest first.
    pub evidence: [Vec<Evidence>; 2],
}

impl Lifecycle {
    /// What each of two models makes of these comments, in their order. `None`: the text
    /// is not kept any more.
    ///
    /// # Errors
    /// If a model is not there or not to be used, or the store does not answer.
    pub async fn side_by_side(
        &self,
        comments: &[(SiteId, CommentId)],
        [one, other]: [&ModelRef; 2],
        base: &Artefact,
    ) -> Result<Vec<Option<SideBySide>>, LifecycleError> {
        if comments.is_empty() {
            return Ok(Vec::new());
        }
        let models = [
            Classifier::new(self.artefact(one, base).await?),
            Classifier::new(self.artefact(other, base).await?),
        ];
        let mut seen = Vec::with_capacity(comments.len());
        for (site, id) in comments {
            let comment = self.store.comment(site, *id).await?;
            let texts = comment.and_then(|comment| comment.texts);
            seen.push(texts.map(|texts| {
                let features = extract(&texts.text, &texts.name);
                SideBySide {
                    evidence: models
                        .each_ref()
                        .map(|model| model.score(&features).explain(PIECES)),
                    name: texts.name,
                    text: texts.text,
                }
            }));
        }
        Ok(seen)
    }
}
