//! What holds of a whole submission. The fields' own tests stand beside them.

use proptest::prelude::*;

use super::*;
use crate::verdict::{Field, Reason, ReasonCode};

fn valid() -> Submission {
    Submission {
        name: "Ayesha Khan".to_owned(),
        email: "ayesha@example.org".to_owned(),
        text: "Well said.".to_owned(),
        ..Submission::default()
    }
}

fn parse(submission: Submission) -> Result<Parsed, Faults> {
    Comment::parse(submission, &FieldLimits::default())
}

fn codes(reasons: &[Reason]) -> Vec<(ReasonCode, Option<Field>)> {
    reasons
        .iter()
        .map(|reason| (reason.code, reason.field))
        .collect()
}

#[test]
fn three_fields_are_enough() {
    let Parsed { comment, remarks } = parse(valid()).unwrap();
    assert_eq!(remarks, []);
    assert_eq!(comment.name().as_str(), "Ayesha Khan");
    assert_eq!(comment.email().as_str(), "ayesha@example.org");
    assert_eq!(comment.text().as_str(), "Well said.");
    assert_eq!(comment.url(), None);
    assert_eq!(comment.form_duration(), None);
    assert!(!comment.honeypot_filled());
}

#[test]
fn all_faults_come_at_once_in_the_order_of_the_form() {
    let submission = Submission {
        email: "ayesha".to_owned(),
        text: " ".to_owned(),
        url: "javascript:alert(1)".to_owned(),
        ip_address: "nowhere".to_owned(),
        ..Submission::default()
    };
    let faults = parse(submission).unwrap_err();
    assert_eq!(
        codes(faults.reasons()),
        [
            (ReasonCode::NameRequired, Some(Field::Name)),
            (ReasonCode::EmailInvalid, Some(Field::Email)),
            (ReasonCode::TextRequired, Some(Field::Text)),
            (ReasonCode::UrlInvalid, Some(Field::Url)),
        ]
    );
    assert_eq!(
        faults.to_string(),
        "the submission is at fault in: name, email, text, url"
    );
}

#[test]
fn faults_speak_to_the_reader() {
    let faults = parse(Submission::default()).unwrap_err();
    let sentences: Vec<_> = faults
        .reasons()
        .iter()
        .map(|fault| fault.message.as_str())
        .collect();
    assert_eq!(
        sentences,
        [
            "Please enter your name.",
            "Please enter your e-mail address.",
            "Please write your comment.",
        ]
    );
}

#[test]
fn what_the_site_says_arrives() {
    let submission = Submission {
        ip_address: "::ffff:192.0.2.7".to_owned(),
        form_duration_ms: Some(1_500),
        honeypot: " ".to_owned(),
        locale: "ur_PK".to_owned(),
        ..valid()
    };
    let comment = parse(submission).unwrap().comment;
    assert_eq!(comment.ip_address(), "192.0.2.7".parse().ok());
    assert_eq!(comment.form_duration(), Some(Duration::from_millis(1_500)));
    assert!(comment.honeypot_filled());
    assert_eq!(comment.locale().map(Locale::as_str), Some("ur-PK"));
}

#[test]
fn a_malformed_value_of_the_sites_is_left_out_with_a_remark() {
    let submission = Submission {
        ip_address: "192.0.2.1:80".to_owned(),
        locale: "English, please".to_owned(),
        ..valid()
    };
    let Parsed { comment, remarks } = parse(submission).unwrap();
    assert_eq!(comment.ip_address(), None);
    assert_eq!(comment.locale(), None);
    assert_eq!(
        codes(&remarks),
        [
            (ReasonCode::FieldIgnored, Some(Field::IpAddress)),
            (ReasonCode::FieldIgnored, Some(Field::Locale)),
        ]
    );
}

#[test]
fn a_long_header_is_cut_and_a_long_id_is_left_out() {
    let long = "é".repeat(1_001);
    let submission = Submission {
        user_agent: long.clone(),
        page: SubmittedPage {
            id: long.clone(),
            url: "https://example.org/news/1".to_owned(),
            title: long.clone(),
        },
        author: SubmittedAuthor {
            id: long,
            trusted: true,
            approved_comments: Some(4),
        },
        ..valid()
    };
    let Parsed { comment, remarks } = parse(submission).unwrap();
    let thousand = "é".repeat(1_000);
    assert_eq!(comment.user_agent(), Some(thousand.as_str()));
    assert_eq!(comment.page().title(), Some(thousand.as_str()));
    assert_eq!(comment.page().id(), None);
    assert_eq!(comment.page().key(), Some("https://example.org/news/1"));
    assert_eq!(comment.author().id(), None);
    assert!(comment.author().trusted());
    let messages: Vec<_> = remarks
        .iter()
        .map(|remark| remark.message.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "user_agent was cut after 1,000 characters",
            "page.id was ignored: expected at most 1,000 characters",
            "page.title was cut after 1,000 characters",
            "author.id was ignored: expected at most 1,000 characters",
        ]
    );
}

#[test]
fn debug_prints_show_nothing_of_the_input() {
    let secret = || "secret.example".to_owned();
    let submission = Submission {
        name: secret(),
        email: "a@secret.example".to_owned(),
        text: secret(),
        url: secret(),
        ip_address: "192.0.2.99".to_owned(),
        user_agent: secret(),
        referrer: secret(),
        page: SubmittedPage {
            id: secret(),
            url: secret(),
            title: secret(),
        },
        author: SubmittedAuthor {
            id: secret(),
            ..SubmittedAuthor::default()
        },
        honeypot: secret(),
        locale: "ur-secret".to_owned(),
        submission_id: secret(),
        form_duration_ms: None,
    };
    let id = SubmissionId::new(&submission.submission_id).unwrap();
    let parsed = parse(submission.clone()).unwrap();
    let comment = &parsed.comment;
    let faults = parse(Submission {
        email: secret(),
        ..submission.clone()
    })
    .unwrap_err();
    let prints = format!(
        "{submission:?} {id:?} {parsed:?} {:?} {:?} {:?} {faults:?} {faults}",
        comment.page(),
        comment.author(),
        comment.locale(),
    );
    assert!(
        !prints.contains("secret") && !prints.contains("192"),
        "{prints}"
    );
}

fn any_submission() -> impl Strategy<Value = Submission> {
    let text = || prop_oneof![any::<String>(), "[a-z@.:/ \\PC]{0,60}"];
    (text(), text(), text(), text(), text(), text()).prop_map(
        |(name, email, text, url, ip_address, locale)| Submission {
            name,
            email,
            text,
            url,
            ip_address,
            locale,
            ..Submission::default()
        },
    )
}

proptest! {
    #[test]
    fn parse_answers_whatever_comes(submission in any_submission()) {
        if let Err(faults) = parse(submission) {
            let fields: Vec<_> = faults.reasons().iter().map(|fault| fault.field).collect();
            prop_assert!(!fields.is_empty() && fields.iter().all(Option::is_some));
            prop_assert!(fields.is_sorted_by(|a, b| a < b), "{:?}", fields);
        }
    }

    #[test]
    fn a_text_survives_unchanged_or_is_blank(text in any::<String>()) {
        match parse(Submission { text: text.clone(), ..valid() }) {
            Ok(parsed) => prop_assert_eq!(parsed.comment.text().as_str(), text),
            Err(_) => prop_assert!(is_blank(&text)),
        }
    }
}
