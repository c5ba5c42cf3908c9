//! A newsroom: the program at work, with people who can sign in and comments that wait.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use moderato::comment::Submission;
use moderato::config::Config;
use moderato::pipeline::{Limits, Pipeline};
use moderato::server::assembly;
use moderato::site::SiteId;
use moderato::store::{
    AuthorHashes, BlindDraw, BlindHasher, BlindShares, CommentId, Content, Location, PersonHasher,
    Record, Store, Texts,
};
use moderato::text::{Features, SimHash, Typed};
use moderato::verdict::{Decision, Verdict};

use super::served::{Served, moderato};

pub const PASSWORD: &str = "correct horse battery";

/// Everything is held.
const POLICY: &str = "[policy.spam]\nhold_at = 0.0\nreject_at = 1.0\n\
    [policy.toxicity]\nhold_at = 0.0\nreject_at = 1.0\n";

pub struct Newsroom {
    pub served: Served,
    /// Makes the first admin.
    pub link: String,
    store: Store,
    pipeline: Arc<Pipeline>,
    hasher: PersonHasher,
}

impl Newsroom {
    /// One with nobody in it yet.
    pub fn open(config: &str) -> Self {
        let mut served = Served::start(config);
        let entry = served.logged("this link makes the console's first admin");
        let file = served.folder.path().join("moderato-data/moderato.sqlite");
        let policy: Config = toml::from_str(POLICY).unwrap();
        let no_files = |_: &std::path::Path| unreachable!("the policy names no file");
        Self {
            store: Store::open(&Location::File(file)).unwrap(),
            pipeline: assembly::local_pipeline(&policy, &mut { no_files }).unwrap(),
            hasher: PersonHasher::new([7; 32]),
            link: entry["url"].as_str().unwrap().to_owned(),
            served,
        }
    }

    /// Keeps a comment as the service does, received some minutes ago.
    pub async fn hold(&self, submission: Submission, minutes_ago: i64) -> String {
        self.hold_on("default", submission, minutes_ago).await
    }

    /// The same, on a site.
    pub async fn hold_on(&self, site: &str, submission: Submission, minutes_ago: i64) -> String {
        self.keep(site, submission, minutes_ago, Decision::Hold)
            .await
    }

    /// The same, where the policy decided so.
    pub async fn keep(
        &self,
        site: &str,
        submission: Submission,
        minutes_ago: i64,
        decision: Decision,
    ) -> String {
        let site = SiteId::new(site).unwrap();
        let checked = self.pipeline.check(&site, submission.clone(), Limits::Skip);
        let mut verdict = Verdict::clone(&checked.await.unwrap().verdict);
        // A fault of the form would be rejected and not kept; here it attacks.
        verdict.decision = decision;
        let id = verdict.comment.rsplit('/').next().unwrap().replace('-', "");
        let features = Features::extract(Typed {
            name: &submission.name,
            text: &submission.text,
        });
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let content = Content {
            simhash: Some(SimHash::of(&features).to_bytes()),
            author: AuthorHashes {
                email: self.hasher.email(&site, &submission.email),
                ..AuthorHashes::default()
            },
            texts: Texts {
                name: submission.name,
                text: submission.text,
                url: some(submission.url),
                page_id: some(submission.page.id),
                page_url: some(submission.page.url),
                page_title: some(submission.page.title),
                user_agent: some(submission.user_agent),
                locale: some(submission.locale),
            },
            ..Content::default()
        };
        let name = format!("sites/{site}/comments/{id}");
        let record = Record {
            id: CommentId::parse(&id).unwrap(),
            site,
            received_at: Timestamp::now() - SignedDuration::from_mins(minutes_ago),
            submission: None,
            verdict: Arc::new(verdict),
            content: Some(content),
        };
        self.store.record(record).await.unwrap();
        name
    }
}

impl Newsroom {
    /// Draws everything that was decided on the day of so many minutes ago for a second
    /// look. How much.
    pub async fn draw(&self, minutes_ago: i64) -> u64 {
        let now = Timestamp::now();
        let at = now - SignedDuration::from_mins(minutes_ago);
        let draw = BlindDraw {
            day: at.as_second().div_euclid(86_400),
            shares: BlindShares {
                approved: 1.0,
                rejected: 1.0,
                per_day: 1_000,
            },
            now,
        };
        let hasher = BlindHasher::new([3; 32]);
        self.store
            .draw_blind(&draw, &hasher)
            .await
            .unwrap()
            .unwrap_or_default()
    }
}

impl Newsroom {
    /// Submits a reader's comment as a website does.
    pub fn submit(&self, reader: u32, text: &str) {
        let server = format!("http://{}", self.served.grpc);
        let email = format!("reader{reader}@example.org");
        let who = ["--name", "Dana", "--email", &email];
        let mut check = moderato(&self.served.folder);
        let check = check.args(["check", "--server", &server, "--text", text]);
        let checked = check.args(who).output().unwrap();
        assert!(checked.status.success(), "{checked:?}");
    }
}

/// A comment by `name` on an ordinary page.
pub fn comment(name: &str, text: &str) -> Submission {
    let mut submission = Submission {
        name: name.to_owned(),
        email: format!("{}@example.org", name.len()),
        text: text.to_owned(),
        ..Submission::default()
    };
    "7".clone_into(&mut submission.page.id);
    "Water prices to rise in spring".clone_into(&mut submission.page.title);
    "https://news.example/7".clone_into(&mut submission.page.url);
    submission
}
