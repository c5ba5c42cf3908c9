//! What one program writes is what this one reads.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::label::Label;

fn any_sample() -> impl Strategy<Value = LabelledSample> {
    let words = "[ -~\n\r\"\t,؀-ۿ🙂]{0,20}[a-zب\"🙂]";
    let trimmed = "([a-z\",🙂]{1,8})?";
    let label = (any::<Option<bool>>(), any::<Option<bool>>())
        .prop_map(|(spam, toxicity)| Label { spam, toxicity })
        .prop_filter("judged", Label::is_judged);
    (words, trimmed, trimmed, label, trimmed, trimmed).prop_map(
        |(text, name, url, label, language, group)| LabelledSample {
            text,
            name,
            url,
            label,
            language,
            group,
            source: "blog".into(),
        },
    )
}

fn as_json_line(sample: &LabelledSample) -> String {
    let row = json!({
        "text": sample.text, "name": sample.name, "url": sample.url, "spam": sample.label.spam,
        "toxic": sample.label.toxicity, "lang": sample.language, "group": sample.group,
    });
    format!("{row}\n")
}

fn as_separated(samples: &[LabelledSample], separator: u8) -> Vec<u8> {
    let mut builder = csv::WriterBuilder::new();
    builder.delimiter(separator);
    // A bare CR ends a record as well, and the writer knows it only with this terminator.
    builder.terminator(csv::Terminator::CRLF);
    let mut writer = builder.from_writer(Vec::new());
    let header = ["text", "name", "url", "spam", "toxic", "lang", "group"];
    writer.write_record(header).unwrap();
    for sample in samples {
        let said = |judged: Option<bool>| judged.map_or("", |truth| if truth { "1" } else { "0" });
        let record = [
            &sample.text,
            &sample.name,
            &sample.url,
            said(sample.label.spam),
            said(sample.label.toxicity),
            &sample.language,
            &sample.group,
        ];
        writer.write_record(record).unwrap();
    }
    writer.into_inner().unwrap()
}

fn fields(samples: &[LabelledSample]) -> Vec<serde_json::Value> {
    samples
        .iter()
        .map(|s| serde_json::to_value(s).unwrap())
        .collect()
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(samples in prop::collection::vec(any_sample(), 0..12)) {
        let json: String = samples.iter().map(as_json_line).collect();
        let files = [
            (Format::JsonLines, json.into_bytes()),
            (Format::Csv, as_separated(&samples, b',')),
            (Format::Tsv, as_separated(&samples, b'\t')),
        ];
        for (format, file) in files {
            let (read, report) = read_with(ReadOptions::default(), format, &file).unwrap();
            prop_assert_eq!(report.bad_rows.first(), &[]);
            prop_assert_eq!(fields(&read), fields(&samples));
        }
    }

    #[test]
    fn any_bytes_give_samples_faults_or_an_error(mut bytes: Vec<u8>, header in any::<bool>()) {
        if header {
            bytes.splice(0..0, *b"text,spam\n");
        }
        for format in [Format::JsonLines, Format::Csv, Format::Tsv] {
            if let Ok((samples, report)) = read_with(ReadOptions::default(), format, &bytes) {
                prop_assert_eq!(report.rows(), samples.len() as u64);
            }
        }
    }

    #[test]
    fn how_the_input_arrives_changes_nothing(
        samples in prop::collection::vec(any_sample(), 0..6),
        capacity in 1..40_usize,
    ) {
        let file = as_separated(&samples, b',');
        let mut read = Vec::new();
        let mut reader = Reader::new(ReadOptions::default(), |sample| read.push(sample));
        let input = std::io::BufReader::with_capacity(capacity, &file[..]);
        reader.read_from(input, Format::Csv, "blog.csv").unwrap();
        drop(reader);
        prop_assert_eq!(fields(&read), fields(&samples));
    }
}
