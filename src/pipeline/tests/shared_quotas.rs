use super::*;
use crate::pipeline::tests::{check, pipeline, submission};

fn question(counted: Vec<Counted>, cost: u32) -> SharedQuestion {
    SharedQuestion {
        counted,
        cost: Cost::of(cost),
    }
}

fn email() -> Counted {
    Counted::Email("ayesha@example.org".to_owned())
}

async fn share(pipeline: &Pipeline, questions: &[SharedQuestion]) -> SharedAnswer {
    pipeline.share_quotas(&SiteId::default(), questions).await
}

#[tokio::test]
async fn a_gateway_and_the_comment_form_use_up_the_same_quota() {
    let (pipeline, _) = pipeline("per_email = \"3 per 3h\"");
    let answer = share(&pipeline, &[question(vec![email()], 2)]).await;
    assert_eq!(answer.states[0][0].left.count, 1);
    let first = check(&pipeline, submission("")).await.verdict;
    let second = check(&pipeline, submission("")).await.verdict;
    assert!(first.retry_after.is_none() && second.retry_after.is_some());
    let answer = share(&pipeline, &[question(vec![email()], 1)]).await;
    assert_eq!(answer.retry_after, second.retry_after);
}

#[tokio::test]
async fn one_that_refuses_keeps_all_from_being_charged() {
    let (pipeline, _) = pipeline("per_email = \"1 per 1h\"\nper_site = \"9 per 9h\"");
    let both = [question(vec![email()], 1), question(vec![Counted::Site], 1)];
    assert!(share(&pipeline, &both).await.retry_after.is_none());
    let answer = share(&pipeline, &both).await;
    assert!(answer.retry_after.is_some());
    assert!(answer.states[0][0].refuses() && !answer.states[1][0].refuses());
    assert_eq!(answer.states[1][0].left.count, 8);
}

#[tokio::test]
async fn a_key_that_two_ask_for_is_charged_for_both_and_a_look_takes_nothing() {
    let (pipeline, _) = pipeline("per_email = \"5 per 5h\"");
    let twice = [question(vec![email()], 1), question(vec![email()], 2)];
    let answer = share(&pipeline, &twice).await;
    let left: Vec<_> = { answer.states.iter() }
        .map(|states| states[0].left.count)
        .collect();
    assert_eq!(left, [2, 2]);
    for _ in 0..3 {
        let look = share(&pipeline, &[question(vec![email()], 0)]).await;
        assert_eq!(look.states[0][0].left.count, 2);
    }
}

#[tokio::test]
async fn what_no_quota_counts_has_no_state() {
    let (pipeline, _) = pipeline("per_page = \"off\"");
    let page = Counted::Page("p".to_owned());
    let private = Counted::Address([10, 0, 0, 1].into());
    let answer = share(&pipeline, &[question(vec![page, private], 1)]).await;
    assert!(answer.retry_after.is_none() && answer.states[0].is_empty());
}
