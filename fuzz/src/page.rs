//! The report page, given comments that want to break out of it.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use moderato::classifier::{Artefact, Classifier};
use moderato::comment::is_invisible;
use moderato::label::{Label, LabelledSample};
use moderato::text::{Features, Typed};
use moderato::training::corpus::Fingerprint;
use moderato::training::report::page::{InForce, Page};
use moderato::training::report::{Mistakes, ScoredRow, ScoredRows, Telling};
use moderato::verdict::{Decision, PerHead, Probability};

use super::hostile;

/// Every tag and attribute that the page may have.
const TAGS: &str = " !doctype a b bdi blockquote body caption circle code dd desc details div dl dt em figcaption figure \
     footer h1 h2 h3 h4 head header html i li main mark meta nav ol p path rect section span strong style summary svg \
     table tbody td text th thead title tr ul ";
const ATTRIBUTES: &str = " aria-hidden aria-label aria-labelledby charset class content cx cy d dir height href html \
     http-equiv id lang name open preserveAspectRatio r role scope tabindex text-anchor transform viewBox width x y ";

static BASE: LazyLock<Option<Classifier>> =
    LazyLock::new(|| Some(Classifier::new(Artefact::base().ok()?)));

/// Whatever a comment, a file's name or a language tag holds, the page has no tag and no attribute
/// of theirs, and shows the comment as it was typed.
///
/// # Errors
/// If there are too few random bytes to make a comment of.
pub fn report_page(random: &mut Unstructured<'_>) -> Result<()> {
    let Some(base) = &*BASE else {
        return Ok(());
    };
    let text = hostile::comment(random)?;
    let sample = LabelledSample {
        text: text.clone(),
        name: String::new(),
        url: String::new(),
        label: Label {
            spam: Some(false),
            toxicity: random.arbitrary()?,
        },
        language: hostile::comment(random)?,
        group: String::new(),
        source: hostile::comment(random)?,
    };
    let html = page(base, &sample);
    assert_only_ours(&html);

    let (_, shown) = html
        .split_once("<span class=\"comment\">")
        .unwrap_or_default();
    let (shown, _) = shown.split_once("</span>").unwrap_or_default();
    let shown = without_tags(shown);
    let typed: String = text.chars().map(as_shown).collect();
    if text.len() < 1_000 {
        assert_eq!(shown, typed, "{text:?}");
    } else {
        assert!(typed.contains(&shown), "{text:?}");
    }
    Ok(())
}

fn page(base: &Classifier, sample: &LabelledSample) -> String {
    let features = Features::extract(Typed {
        text: &sample.text,
        ..Typed::default()
    });
    let certain = Probability::from_log_odds(6.0);
    let scores = PerHead::from_fn(|_| certain);
    let mut telling = Telling::new(base);
    telling.add(telling.find(&features), sample.label, features.size());
    let mut mistakes = Mistakes::new(3, PerHead::from_fn(|_| 0.8));
    let fingerprint = Fingerprint::of(&sample.text, features.normalised());
    mistakes.add(sample, fingerprint, &scores, || {
        base.score(&features).explain(12)
    });
    let mut rows_scored = ScoredRows::default();
    rows_scored.push(ScoredRow {
        source: sample.source.clone(),
        language: sample.language.clone(),
        label: sample.label,
        scores,
        decision: Decision::Reject,
    });
    let evaluation = rows_scored.evaluate(base.id().to_string(), 0);
    let page = Page {
        evaluation: &evaluation,
        scored: &rows_scored,
        in_force: PerHead::from_fn(|_| InForce {
            hold_at: 0.8,
            reject_at: 0.98,
        }),
        units: PerHead::from_fn(|head| base.unit(head, 100)),
        mistakes: &mistakes,
        telling: &telling,
        notes: vec![sample.source.clone()],
    };
    match page.html() {
        Ok(html) => html,
        Err(error) => panic!("{error}"),
    }
}

fn assert_only_ours(html: &str) {
    for piece in html.split('<').skip(1) {
        let Some((tag, _)) = piece.split_once('>') else {
            panic!("a tag that does not end: {piece:?}");
        };
        let tag = tag.trim_matches('/');
        let name = tag.split([' ', '\n']).next().unwrap_or_default();
        assert!(TAGS.contains(&format!(" {name} ")), "<{tag}>");
        // Every second piece between quotes is a value.
        let outside = tag[name.len()..].split('"').step_by(2);
        let attributes = outside.flat_map(|names| names.split([' ', '=', '/', '\n']));
        for attribute in attributes.filter(|attribute| !attribute.is_empty()) {
            let known = ATTRIBUTES.contains(&format!(" {attribute} "));
            assert!(known, "{attribute} in <{tag}>");
        }
    }
}

fn without_tags(html: &str) -> String {
    let mut text = String::new();
    for piece in html.split('<') {
        let (_, outside) = piece.split_once('>').unwrap_or(("", piece));
        text.push_str(outside);
    }
    for (entity, character) in [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ] {
        text = text.replace(entity, character);
    }
    text
}

/// The character, or the name of one that would not be seen.
fn as_shown(character: char) -> String {
    let seen = matches!(
        character,
        '\n' | '\t' | '\u{200C}' | '\u{200D}' | '\u{FE0F}'
    );
    if !seen && (character.is_control() || is_invisible(character)) {
        return format!("U+{:04X}", u32::from(character));
    }
    character.to_string()
}
