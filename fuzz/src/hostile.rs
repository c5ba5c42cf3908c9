//! Inputs made of what has broken other people's text code.

use arbitrary::{Result, Unstructured};
use moderato::comment::{Submission, SubmittedAuthor, SubmittedPage};
use moderato::training::corpus::Format;

#[rustfmt::skip]
const PIECES: &[&str] = &[
    // Nothing to see.
    "\u{200B}", "\u{200D}", "\u{FEFF}", "\u{AD}", "\u{3164}", "\u{2800}", "\u{FE0F}", "\u{E0061}",
    "\u{202E}", "\u{2066}", "\u{34F}", " ", "\u{3000}", "\u{2028}", "\t", "\r\n", "\0", "\u{1b}[31m",
    // Letters that normalising makes longer, shorter or other.
    "\u{FDFA}", "ﬃ", "ẛ\u{323}", "İ", "ß", "ΑΣ", "ǅ", "Ⅷ", "㎏", "ﾊﾟ", "Ｆｒｅｅ", "𝓯𝓻𝓮𝓮", "⒜", "①",
    "e\u{301}", "\u{301}\u{327}\u{300}", "\u{1112}\u{1161}\u{11AB}", "क्षि", "ﻻ", "ـــ", "مُحَمَّد", "ۂ", "ي", "ی",
    // Look-alikes, runs, emoji.
    "vіаgrа", "v.i.a.g.r.a", "pаypаl", "freeeeeeee", "!!!!!!!!", "👩‍👩‍👧‍👦", "🇵🇰", "\u{FFFD}", "\u{10FFFF}",
    // Half-made HTML.
    "&", "&amp;amp;", "&#x26;#x76;", "&#0;", "&#1114112;", "&lt", "&lt;b&gt;", "<b", "<!--", "-->", "</", "\">",
    // Pieces of addresses.
    "<script>alert(1)</script>", "</span></blockquote><img src=x onerror=alert(1)>", "\"><svg onload=x>", "' onclick='x",
    "</style><b>", "{{ style }}", "&#60;", "https://", "javascript:", "@", ".", "..", "xn--", "%00", "[::1]", "192.0.2.1", "example.org",
];

/// A text of up to some thousand characters.
pub(crate) fn text(random: &mut Unstructured<'_>) -> Result<String> {
    let mut text = String::new();
    random.arbitrary_loop(Some(1), Some(200), |random| {
        match random.int_in_range(0..=9)? {
            0..=4 => text.push_str(random.choose(PIECES)?),
            5..=6 => text.push(random.int_in_range(b' '..=b'~')?.into()),
            7 => text.push(random.arbitrary()?),
            8 => text.push_str(random.arbitrary()?),
            _ => repeat_end(&mut text, random)?,
        }
        Ok(std::ops::ControlFlow::Continue(()))
    })?;
    Ok(text)
}

/// As [`text`], with something in it.
pub(crate) fn comment(random: &mut Unstructured<'_>) -> Result<String> {
    Ok(format!("a{}", text(random)?))
}

/// A submission, each field of which is hostile or as it should be.
pub(crate) fn submission(random: &mut Unstructured<'_>) -> Result<Submission> {
    Ok(Submission {
        name: text_or(random, "Ayesha Khan")?,
        email: text_or(random, "ayesha@example.org")?,
        text: text_or(random, "Well said.")?,
        url: text_or(random, "https://example.org/")?,
        ip_address: text_or(random, "192.0.2.1")?,
        user_agent: text_or(random, "Mozilla/5.0")?,
        referrer: text_or(random, "")?,
        page: SubmittedPage {
            id: text_or(random, "7")?,
            url: text_or(random, "https://example.org/7")?,
            title: text_or(random, "")?,
        },
        author: SubmittedAuthor {
            id: text_or(random, "")?,
            trusted: random.arbitrary()?,
            approved_comments: random.arbitrary()?,
        },
        form_duration_ms: random.arbitrary()?,
        honeypot: text_or(random, "")?,
        locale: text_or(random, "ur-PK")?,
        submission_id: text_or(random, "")?,
    })
}

fn text_or(random: &mut Unstructured<'_>, sound: &str) -> Result<String> {
    match random.int_in_range(0..=7)? {
        0..=4 => Ok(sound.to_owned()),
        5 => Ok(format!(
            "{}{sound}{}",
            random.choose(PIECES)?,
            random.choose(PIECES)?
        )),
        _ => text(random),
    }
}

/// Writes the last few characters of `text` again, up to some dozen times.
fn repeat_end(text: &mut String, random: &mut Unstructured<'_>) -> Result<()> {
    let count = random.int_in_range(1..=8)?;
    let start = text
        .char_indices()
        .rev()
        .nth(count - 1)
        .map_or(0, |(start, _)| start);
    let end = text[start..].repeat(random.int_in_range(1..=32)?);
    text.push_str(&end);
    Ok(())
}

/// A file of labelled rows that are as they should be, broken, or any bytes. All texts are
/// `secret` or random.
pub(crate) fn corpus(
    random: &mut Unstructured<'_>,
    format: Format,
    secret: &str,
) -> Result<Vec<u8>> {
    let separator = match format {
        Format::Csv => ',',
        Format::Tsv | Format::JsonLines => '\t',
    };
    let mut file = match format {
        Format::JsonLines => Vec::new(),
        Format::Csv | Format::Tsv => format!("text{separator}spam\n").into_bytes(),
    };
    random.arbitrary_loop(Some(1), Some(60), |random| {
        let label = *random.choose(&["1", "0", "", "2", "maybe", "\"", "{}", secret])?;
        let row = match (format, random.int_in_range(0..=7)?) {
            (_, 0) => random.arbitrary::<&[u8]>()?.to_vec(),
            (_, 1) => text(random)?.into_bytes(),
            (Format::JsonLines, 2..=5) => {
                format!("{{\"text\": \"{secret}\", \"spam\": \"{label}\"}}").into_bytes()
            }
            (_, 6) => vec![b'"'],
            _ => format!("{secret}{separator}{label}").into_bytes(),
        };
        file.extend(row);
        file.extend_from_slice(random.choose(&[&b"\n"[..], b"\r\n", b"\n\n", b"\xff\n"])?);
        Ok(std::ops::ControlFlow::Continue(()))
    })?;
    Ok(file)
}
