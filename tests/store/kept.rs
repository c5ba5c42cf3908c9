//! What is kept of comments that can be decided on again.

use moderato::review::{RejectReason, Verdict};
use moderato::site::SiteId;
use moderato::store::{AuthorKey, PersonHasher};
use moderato::verdict::Decision;
use uuid::Uuid;

use super::records::{decided, now, site};
use super::review::{after, held, keep, moderator, name, resolve, review};
use super::stores::on_both;

#[tokio::test]
async fn a_comment_is_kept_with_its_verdict_and_what_people_said_since() {
    on_both(|store| async move {
        let start = now();
        let comments = [
            held("a@example.org", "rejected"),
            held("b@example.org", "approved"),
            held("c@example.org", "undone"),
            decided(Decision::Approve, "d@example.org", "untouched"),
            held("e@example.org", "erased"),
        ];
        keep(&store, &comments).await;
        let [rejected, approved, undone, ..] = &comments;
        let (review, ayesha) = (review(&store), moderator("ayesha"));
        for (comment, verdict) in [
            (rejected, Verdict::Reject(Some(RejectReason::Spam))),
            (approved, Verdict::Approve),
            (undone, Verdict::Approve),
        ] {
            let one = resolve(&[comment], verdict);
            review.resolve(&one, &ayesha, now()).await.unwrap();
        }
        let undo = [name(undone)];
        let undoing = review.undo(&undo, &ayesha, false, after(now(), 1));
        undoing.await.unwrap();
        let author = PersonHasher::new([7; 32]).email(&site(), "e@example.org");
        let (site, author) = (site(), AuthorKey::Email(author));
        let erasing = store.erase(&site, author, now(), Uuid::now_v7);
        erasing.await.unwrap();

        // In pages of two.
        let mut kept = store.kept_comments(start, None, None, 2).await.unwrap();
        while let Some(last) = kept.last().map(|comment| comment.id) {
            let next = store
                .kept_comments(start, None, Some(last), 2)
                .await
                .unwrap();
            if next.is_empty() {
                break;
            }
            kept.extend(next);
        }
        let texts: Vec<_> = kept.iter().map(|kept| &*kept.texts.text).collect();
        assert_eq!(texts, ["rejected", "approved", "undone", "untouched"]);
        assert_eq!(kept[0].verdict, Decision::Hold);
        assert_eq!(kept[0].reason_codes, ["SPAM_SCORE"]);
        assert_eq!(kept[0].model.as_deref(), Some("m-0123456789abcdef"));
        assert_eq!(kept[0].approved_comments, Some(3));
        let ruled: Vec<_> = kept.iter().map(|kept| kept.ruled).collect();
        let (decision, label) = ruled[0].unwrap();
        assert_eq!((decision, label.spam), (Decision::Reject, Some(true)));
        assert_eq!(ruled[1].unwrap().0, Decision::Approve);
        assert_eq!(&ruled[2..], [None, None]);
        for (asked, found) in [("elsewhere", 0), (site.as_str(), 4)] {
            let sites = [SiteId::new(asked).unwrap()].into();
            let of_site = store.kept_comments(start, Some(&sites), None, 9);
            assert_eq!(of_site.await.unwrap().len(), found, "{asked}");
        }
        let later = after(now(), 10);
        assert!(
            store
                .kept_comments(later, None, None, 9)
                .await
                .unwrap()
                .is_empty()
        );
    })
    .await;
}
