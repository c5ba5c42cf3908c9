//! Files in, samples and faults out.

mod bad_input;
mod round_trip;

use std::env;
use std::path::PathBuf;

use super::*;
use crate::label::LabelledSample;
use crate::verdict::Head;

type Read = Result<(Vec<LabelledSample>, ReadReport), Error>;

fn read_with(options: ReadOptions, format: Format, input: &[u8]) -> Read {
    let mut samples = Vec::new();
    let mut reader = Reader::new(options, |sample| samples.push(sample));
    reader.read_from(input, format, "in/blog.txt")?;
    let report = reader.finish()?;
    Ok((samples, report))
}

fn read(format: Format, input: &str) -> Read {
    read_with(ReadOptions::default(), format, input.as_bytes())
}

fn labels(read: Read) -> Vec<(Option<bool>, Option<bool>)> {
    let (samples, report) = read.unwrap();
    assert!(
        report.bad_rows.first().is_empty(),
        "{:?}",
        report.bad_rows.first()
    );
    let label = |sample: &LabelledSample| (sample.label.spam, sample.label.toxicity);
    samples.iter().map(label).collect()
}

#[test]
fn reads_json_lines_with_keys_that_vary() {
    let (samples, report) = read(
        Format::JsonLines,
        "\u{feff}{\"text\": \"a\", \"spam\": 1, \"lang\": \"en\", \"group\": 7}\r\n\n\
         {\"text\": \" b \", \"spam\": null, \"toxic\": false, \"name\": \"N\", \"url\": \"u\"}\n",
    )
    .unwrap();
    let [a, b] = &samples[..] else {
        panic!("expected two samples, found {samples:?}")
    };
    assert_eq!(
        (a.text.as_str(), a.language.as_str(), a.group.as_str()),
        ("a", "en", "7")
    );
    assert_eq!(a.source, "blog");
    assert_eq!(
        (b.text.as_str(), b.name.as_str(), b.url.as_str()),
        (" b ", "N", "u")
    );
    assert_eq!((a.label.spam, a.label.toxicity), (Some(true), None));
    assert_eq!((b.label.spam, b.label.toxicity), (None, Some(false)));
    assert_eq!((report.files[0].rows, report.files[0].bad_rows), (2, 0));
    assert_eq!(report.files[0].columns[&Role::Language], "lang");
}

#[test]
fn reads_csv_with_quotes_and_the_youtube_columns() {
    let options = ReadOptions {
        head: Some(Head::Spam),
        ..ReadOptions::default()
    };
    let input = "COMMENT_ID,AUTHOR,DATE,CONTENT,CLASS\r\n\
                 x,Ann,,\"one, \"\"two\"\"\nthree\",1\r\n\r\ny,Bob,,5\" disk,0";
    let (samples, _) = read_with(options, Format::Csv, input.as_bytes()).unwrap();
    assert_eq!(samples[0].text, "one, \"two\"\nthree");
    assert_eq!(samples[0].name, "Ann");
    assert_eq!(samples[1].text, "5\" disk");
    assert_eq!(samples[1].label.spam, Some(false));
}

#[test]
fn reads_words_into_the_head_they_name() {
    let read = read(
        Format::Tsv,
        "v1\tv2\t\nham\ta\t\nSpam\tb\t\ntoxic\tc\t\ncivil\td\t\n",
    );
    assert_eq!(
        labels(read),
        [
            (Some(false), None),
            (Some(true), None),
            (None, Some(true)),
            (None, Some(false))
        ]
    );
}

#[test]
fn reads_columns_as_named() {
    let options = ReadOptions {
        columns: Columns {
            text: Some("Body".into()),
            toxic: Some("rude".into()),
            ..Columns::default()
        },
        ..ReadOptions::default()
    };
    let input = b"text,body,rude\nx,a,yes\n";
    let (samples, _) = read_with(options, Format::Csv, input).unwrap();
    assert_eq!(samples[0].text, "a");
    assert_eq!(samples[0].label.toxicity, Some(true));
}

#[test]
fn counts_more_bad_rows_than_it_keeps() {
    let input = format!("text,spam\n{}", "a,?\n".repeat(1000));
    let (samples, report) = read(Format::Csv, &input).unwrap();
    assert!(samples.is_empty());
    assert_eq!(report.bad_rows.total(), 1000);
    assert_eq!(report.bad_rows.first().len(), BadRows::KEPT);
    assert_eq!(report.files[0].bad_rows, 1000);
}

#[test]
fn reads_files_by_the_format_their_names_promise() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    write("b.jsonl", "{\"text\": \"b\", \"spam\": 1}\n");
    write("a.csv", "text,spam\na,0\n");
    let odd = write("c.txt", "text\tspam\nc,1\n");
    let (samples, report) =
        read_paths(&[folder.path().to_owned()], ReadOptions::default()).unwrap();
    let texts: Vec<_> = samples
        .iter()
        .map(|s| (s.source.as_str(), s.text.as_str()))
        .collect();
    assert_eq!(texts, [("a", "a"), ("b", "b")]);
    let odd = [odd];
    assert_eq!(report.ignored, odd);
    let error = read_paths(&odd, ReadOptions::default()).unwrap_err();
    assert!(
        error.to_string().starts_with("cannot tell the format of "),
        "{error}"
    );
}

#[test]
fn reads_the_shared_corpora_without_a_bad_row() {
    let shared = env::var_os("MODERATO_SHARED_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let folder = shared.join("data/train");
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    let (samples, report) = read_paths(&[folder], ReadOptions::default()).unwrap();
    assert_eq!(report.bad_rows.first(), &[]);
    assert_eq!(report.files.len(), 12);
    assert_eq!(samples.len(), 145_478);
}
