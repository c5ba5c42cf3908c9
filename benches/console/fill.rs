//! A store as it is after two weeks in which nobody kept up.

use std::sync::Arc;

use futures::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use moderato::comment::Submission;
use moderato::config::Config;
use moderato::pipeline::{Limits, Pipeline};
use moderato::review::{CommentName, RejectReason, Resolve, Review, ReviewSettings, Verdict};
use moderato::server::assembly;
use moderato::site::SiteId;
use moderato::store::{
    Actor, AuthorHashes, CommentId, Content, Location, PersonHasher, Record, Store, Texts,
};
use moderato::text::{Features, SimHash, Typed};
use moderato::verdict::{Decision, Head, ReasonCode};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

use crate::mix::{Mix, word, zipf};

/// The sites, as they share the comments.
pub const SITES: [&str; 6] = [
    "gazette", "gazette", "gazette", "courier", "courier", "forum",
];
/// Everything gets reasons; which of them it is held for is said below.
const POLICY: &str = "[policy.spam]\nhold_at = 0.0\nreject_at = 1.0\n\
    [policy.toxicity]\nhold_at = 0.0\nreject_at = 1.0\n";
const DAYS: i64 = 14;
const AUTHORS: f64 = 20_000.0;
const PAGES: f64 = 600.0;
/// Decisions that people have made.
const DECIDED: u64 = 2_000;
/// Comments that are on their way to the disk together.
const AT_ONCE: usize = 1_000;

/// The random numbers of the comment of this number.
pub fn random(number: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(number)
}

/// Fills the store at `location` with `held` comments that wait, as many that are
/// published, and some that people decided on.
///
/// # Errors
/// If it cannot be kept.
pub async fn fill(location: &Location, mix: Mix, held: u64) -> anyhow::Result<()> {
    let store = Store::open(location)?;
    store.prepare().await?;
    let policy: Config = toml::from_str(POLICY)?;
    let no_files = |_: &std::path::Path| unreachable!("the policy names no file");
    let maker = &Maker {
        pipeline: assembly::local_pipeline(&policy, &mut { no_files })?,
        hasher: PersonHasher::new([7; 32]),
        mix,
        now: Timestamp::now(),
        all: held + DECIDED,
    };
    let all = (0..maker.all).map(|number| (number, Decision::Hold));
    let all = all.chain((0..held).map(|number| (maker.all + number, Decision::Approve)));
    let keeping = &store;
    let mut kept = futures::stream::iter(all)
        .map(|(number, decision)| async move {
            let record = maker.record(number, decision).await?;
            let named = (record.site.clone(), record.id);
            keeping.record(record).await?;
            anyhow::Ok((decision, named))
        })
        .buffer_unordered(AT_ONCE);
    let mut first = Vec::new();
    while let Some(one) = kept.next().await {
        let (decision, (site, id)) = one?;
        if decision == Decision::Hold && first.len() < usize::try_from(DECIDED)? {
            first.push(CommentName { site, id });
        }
    }
    drop(kept);
    decide(&store, &first, maker.now).await?;
    store.close().await;
    Ok(())
}

async fn decide(store: &Store, names: &[CommentName], now: Timestamp) -> anyhow::Result<()> {
    let review = Review::new(store.clone(), ReviewSettings::default(), Uuid::now_v7);
    let verdicts = [
        Verdict::Approve,
        Verdict::Reject(Some(RejectReason::Spam)),
        Verdict::Approve,
        Verdict::Reject(None),
    ];
    for (number, names) in names.chunks(20).enumerate() {
        let request = Resolve {
            names: names.to_vec(),
            verdict: verdicts[number % verdicts.len()],
            label: None,
            note: None,
            whole_waves: false,
            override_claims: false,
        };
        let who = Actor::Moderator(format!("Moderator {}", number % 5));
        let ago = SignedDuration::from_mins(i64::try_from(number)? * 150);
        review.resolve(&request, &who, now - ago).await?;
    }
    Ok(())
}

struct Maker {
    pipeline: Arc<Pipeline>,
    hasher: PersonHasher,
    mix: Mix,
    now: Timestamp,
    all: u64,
}

impl Maker {
    async fn record(&self, number: u64, decision: Decision) -> anyhow::Result<Record> {
        let mut random = random(number ^ 0x5eed_0000_0000_0000);
        let site = SiteId::new(SITES[random.random_range(0..SITES.len())])?;
        let author = zipf(&mut random, AUTHORS);
        let page = zipf(&mut random, PAGES);
        let submission = Submission {
            name: format!("{} {}", word(author), word(author / 7 + 80)),
            email: format!("{author}@example.org"),
            text: self.mix.text(number),
            ..Submission::default()
        };
        let share = (number % self.all) as f64 / self.all as f64;
        let ago = SignedDuration::from_hours(24 * DAYS).as_secs_f64() * share;
        let received_at = self.now - SignedDuration::try_from_secs_f64(ago)?;
        let millis = u64::try_from(received_at.as_millisecond())?;
        let moment = uuid::Timestamp::from_unix(uuid::NoContext, millis / 1_000, 0);
        let id = CommentId::new(Uuid::new_v7(moment));
        let checked = self.pipeline.check(&site, submission.clone(), Limits::Skip);
        let mut verdict = checked.await?.verdict.as_ref().clone();
        verdict.decision = decision;
        verdict.comment = id.resource_name(&site);
        let score = |head| verdict.scores.map_or(0.0, |scores| scores.get(head).get());
        let (spam, toxicity) = (score(Head::Spam), score(Head::Toxicity));
        let some_reason = verdict.reasons.first().cloned();
        verdict.reasons.retain(|reason| match reason.code {
            ReasonCode::SpamScore => spam >= 0.3,
            ReasonCode::ToxicityScore => toxicity >= 0.3,
            _ => true,
        });
        if verdict.reasons.is_empty() {
            verdict.reasons.extend(some_reason.map(|mut reason| {
                reason.code = ReasonCode::FirstTimeAuthor;
                reason
            }));
        }
        let features = Features::extract(Typed {
            name: &submission.name,
            text: &submission.text,
        });
        let content = Content {
            simhash: Some(SimHash::of(&features).to_bytes()),
            author: AuthorHashes {
                email: self.hasher.email(&site, &submission.email),
                ..AuthorHashes::default()
            },
            texts: Texts {
                name: submission.name,
                text: submission.text,
                page_id: Some(format!("story-{page}")),
                page_url: Some(format!("https://news.example/{page}")),
                page_title: Some(format!("What became of the {} of {page}", word(page + 90))),
                user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0".into()),
                ..Texts::default()
            },
            ..Content::default()
        };
        Ok(Record {
            id,
            site,
            received_at,
            submission: None,
            verdict: Arc::new(verdict),
            content: Some(content),
        })
    }
}
