//! Labels from elsewhere into the log.

use jiff::Timestamp;

use super::{Lifecycle, LifecycleError};
use crate::label::LabelledSample;
use crate::site::SiteId;
use crate::store::{Actor, ImportedLabel, LabelId, LabelImport, LabelTexts};

/// Labels of one transaction: few, since others wait for it.
const GROUP: usize = 200;

/// Who imports labels, and for which site.
#[derive(Clone, Debug)]
pub struct NewImport {
    /// Which site they are for.
    pub site: SiteId,
    /// Who imports.
    pub actor: Actor,
    /// When.
    pub now: Timestamp,
}

/// An import under way. What was added stays, also where it breaks off: it can be
/// retracted by its batch.
#[derive(Debug)]
pub struct Importing<'a> {
    lifecycle: &'a Lifecycle,
    import: LabelImport,
    kept: u64,
}

impl Lifecycle {
    /// Begins an import, under a batch of its own.
    #[must_use]
    pub fn import(&self, new: NewImport) -> Importing<'_> {
        let batch = (self.new_id)().as_simple().to_string();
        Importing {
            lifecycle: self,
            import: LabelImport {
                batch,
                site: new.site,
                actor: new.actor,
                now: new.now,
                labels: Vec::new(),
            },
            kept: 0,
        }
    }
}

impl Importing<'_> {
    /// What all its labels are retracted by.
    #[must_use]
    pub fn batch(&self) -> &str {
        &self.import.batch
    }

    /// Labels that are kept by now.
    #[must_use]
    pub const fn kept(&self) -> u64 {
        self.kept
    }

    /// Adds a label; it is kept with others, at the latest by [`Importing::finish`].
    ///
    /// # Errors
    /// If those that have gathered cannot be kept.
    pub async fn add(&mut self, sample: LabelledSample) -> Result<(), LifecycleError> {
        let given = |text: String| (!text.is_empty()).then_some(text);
        self.import.labels.push(ImportedLabel {
            id: LabelId::new((self.lifecycle.new_id)()),
            label: sample.label,
            texts: LabelTexts {
                name: sample.name,
                text: sample.text,
                url: given(sample.url),
            },
            language: given(sample.language),
            group: given(sample.group),
            origin: sample.source,
        });
        if self.import.labels.len() >= GROUP {
            self.keep().await?;
        }
        Ok(())
    }

    /// Keeps the rest and leaves a line in the audit, of what was kept if not all was. How
    /// many labels were imported.
    ///
    /// # Errors
    /// If they cannot be kept.
    pub async fn finish(mut self) -> Result<u64, LifecycleError> {
        let kept = self.keep().await;
        let Lifecycle { store, new_id } = self.lifecycle;
        let line = store.label_import_done(&self.import, self.kept, new_id());
        let line = line.await;
        kept?;
        line?;
        Ok(self.kept)
    }

    /// Those that cannot be kept are not asked for again: nobody knows how far it came.
    async fn keep(&mut self) -> Result<(), LifecycleError> {
        let kept = self.lifecycle.store.import_labels(&self.import).await;
        let labels = self.import.labels.len() as u64;
        self.import.labels.clear();
        kept?;
        self.kept += labels;
        Ok(())
    }
}
