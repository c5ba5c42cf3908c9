//! Records as the pipeline makes them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use moderato::config::Config;
use moderato::pipeline::Limits;
use moderato::server::assembly;
use moderato::site::SiteId;
use moderato::store::{AuthorHashes, CommentId, Content, PersonHasher, Record, Texts};
use moderato::text::{Features, SimHash, Typed};
use moderato::verdict::{Decision, Verdict};
use uuid::Uuid;

use crate::comments::{SAMPLES, TYPICAL, submission};

/// How many readers write.
const READERS: u64 = 20_000;

/// Makes records, each of the next reader.
pub struct Records {
    verdicts: HashMap<Decision, Arc<Verdict>>,
    content: Content,
    people: PersonHasher,
    site: SiteId,
    next: AtomicU64,
}

impl Records {
    /// Of the typical comment, with the evidence the base model finds in it.
    pub async fn new() -> Self {
        let config: Config = toml::from_str("").unwrap();
        let mut no_files = |_: &_| unreachable!("no file is named");
        let pipeline = assembly::local_pipeline(&config, &mut no_files).unwrap();
        let sample = SAMPLES
            .iter()
            .find(|sample| sample.name == TYPICAL)
            .unwrap();
        let (site, typed) = (SiteId::default(), submission(sample, 0));
        let page = typed.page.clone().unwrap();
        let checked = pipeline
            .check(&site, typed.clone().into(), Limits::Skip)
            .await;
        let verdict = checked.unwrap().verdict;
        let decided = [Decision::Approve, Decision::Hold].map(|decision| {
            let mut verdict = Verdict::clone(&verdict);
            verdict.decision = decision;
            (decision, Arc::new(verdict))
        });
        let features = Features::extract(Typed {
            text: sample.text,
            name: &typed.name,
        });
        Self {
            verdicts: decided.into(),
            content: Content {
                texts: Texts {
                    name: typed.name,
                    text: typed.text,
                    page_id: Some(page.id),
                    page_url: Some(page.url),
                    page_title: Some(page.title),
                    user_agent: Some(typed.user_agent),
                    locale: Some(typed.locale),
                    url: None,
                },
                language: Some("en".to_owned()),
                simhash: Some(SimHash::of(&features).to_bytes()),
                ..Content::default()
            },
            people: PersonHasher::new([7; 32]),
            site,
            next: AtomicU64::new(0),
        }
    }

    /// The next one.
    pub fn next(&self, decision: Decision) -> Record {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let reader = (number * 7_919) % READERS;
        let mut content = self.content.clone();
        content.texts.page_id = Some(format!("story-{}", number / 500));
        content.simhash = content.simhash.filter(|_| decision == Decision::Hold);
        content.author = AuthorHashes {
            email: self.people.email(&self.site, &reader.to_string()),
            author: None,
            address: None,
        };
        Record {
            id: CommentId::new(Uuid::now_v7()),
            site: self.site.clone(),
            received_at: Timestamp::now(),
            submission: None,
            verdict: Arc::clone(&self.verdicts[&decision]),
            content: Some(content),
        }
    }
}
