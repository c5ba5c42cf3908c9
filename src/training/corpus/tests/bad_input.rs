//! Every fault is told with its place and with what was expected, and quotes no comment.

use super::*;

fn refusal(read: Read) -> String {
    match read {
        Ok((samples, report)) => panic!("expected an error, found {samples:?} and {report:?}"),
        Err(error) => error.to_string(),
    }
}

/// What the report says of the bad rows, and how many rows were good.
fn faults(read: Read) -> (Vec<String>, usize) {
    let (samples, report) = read.unwrap();
    assert_eq!(report.rows(), samples.len() as u64);
    assert_eq!(
        report.bad_rows.total(),
        report.bad_rows.first().len() as u64
    );
    let faults = report.bad_rows.first().iter().map(BadRow::to_string);
    (faults.collect(), samples.len())
}

#[test]
fn names_the_columns_it_found_where_one_is_missing() {
    assert_eq!(
        refusal(read(Format::Csv, "id,title\n1,a\n")),
        "in/blog.txt: no text column; columns found: `id`, `title`; name it with --text-column"
    );
    assert_eq!(
        refusal(read(Format::JsonLines, "{\"text\": \"a\", \"stars\": 5}\n")),
        "in/blog.txt: no label column; columns found: `stars`, `text`; \
         name one with --spam-column, --toxic-column or --label-column"
    );
    let comment_as_header = "This is a wonderful thing that I would never print,1\n";
    assert_eq!(
        refusal(read(Format::Csv, comment_as_header)),
        "in/blog.txt: no text column; columns found: (50 characters; is the header row missing?), \
         `1`; name it with --text-column"
    );
    assert_eq!(
        refusal(read(Format::Csv, "text,spam,spam\na,1,0\n")),
        "in/blog.txt: two columns are named `spam`; rename one, or name another with --spam-column"
    );
    assert_eq!(
        refusal(read(Format::Csv, "")),
        "in/blog.txt: expected a header row with column names, found nothing"
    );
}

#[test]
fn names_the_flag_whose_column_is_missing() {
    let options = |columns| ReadOptions {
        columns,
        ..ReadOptions::default()
    };
    let spam = Columns {
        spam: Some("junk".into()),
        ..Columns::default()
    };
    assert_eq!(
        refusal(read_with(options(spam), Format::Csv, b"text,label\na,1\n")),
        "in/blog.txt: no column `junk` as --spam-column says; columns found: `text`, `label`"
    );
    let group = Columns {
        group: Some("thread_id".into()),
        ..Columns::default()
    };
    assert_eq!(
        refusal(read_with(options(group), Format::Csv, b"text,spam\na,1\n")),
        "--group-column: no file has a column `thread_id`"
    );
}

#[test]
fn asks_for_the_head_of_a_plain_label() {
    assert_eq!(
        refusal(read(Format::Csv, "text,class\na,1\n")),
        "in/blog.txt:2: column `class` says yes or no (`1`), not of what: \
         add --head spam or --head toxicity"
    );
}

#[test]
fn refuses_what_is_not_utf_8_text() {
    let utf_16: Vec<u8> = "\u{feff}text,spam\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        refusal(read_with(ReadOptions::default(), Format::Csv, &utf_16)),
        "in/blog.txt: expected UTF-8 text, found UTF-16: \
         convert it with `iconv -f UTF-16 -t UTF-8 old > new`"
    );
    assert!(refusal(read(Format::Csv, "t\0e\0x\0t\0,\0")).contains("iconv -f UTF-16LE -t UTF-8"));
    assert!(refusal(read(Format::Csv, "\u{1f}\u{1b}[2J,b\n")).contains("`\u{fffd}\u{fffd}[2J`"));
    assert_eq!(
        refusal(read(Format::JsonLines, "[{\"text\": \"a\", \"spam\": 1}]")),
        "in/blog.txt: expected JSON Lines (one object a line), found a JSON array: \
         convert it with `jq -c '.[]' array.json > lines.jsonl`"
    );
}

#[test]
fn tells_what_is_wrong_with_each_line_of_json() {
    let mut input =
        b"{\"text\": \"good\", \"spam\": 1}\n{\"text\": \"caf\xe9\", \"spam\": 1}\n".to_vec();
    input.extend(
        [
            "{\"text\": \"secret\", spam: 1}",
            "[1]",
            "{\"text\": 5, \"spam\": 1}",
            "{\"text\": \" \", \"spam\": 1}",
            "{\"spam\": 1}",
            "{\"text\": \"secret\"}",
            "{\"text\": \"secret\", \"spam\": 0.7}",
            "{\"text\": \"secret\", \"toxic\": \"some secret words\"}",
            "{\"text\": \"secret\", \"toxic\": [1]}",
            "{\"text\": \"secret\", \"toxic\": \"spam\"}",
            "{\"text\": \"secret\", \"spam\": 1, \"lang\": {}}",
            "{\"text\": \"last\", \"toxic\": 0}",
        ]
        .join("\n")
        .into_bytes(),
    );
    let (faults, good) = faults(read_with(ReadOptions::default(), Format::JsonLines, &input));
    assert_eq!(good, 2);
    assert_eq!(
        faults,
        [
            "in/blog.txt:2: expected UTF-8, found another encoding at byte 14 of the line \
         (convert the file, for instance with `iconv -f WINDOWS-1252 -t UTF-8`)",
            "in/blog.txt:3: expected a JSON object, found broken JSON at byte 20: key must be a string",
            "in/blog.txt:4: expected a JSON object, found an array",
            "in/blog.txt:5: column `text`: expected text, found a number",
            "in/blog.txt:6: column `text` has an empty text",
            "in/blog.txt:7: the row has no text column (name it with --text-column)",
            "in/blog.txt:8: the row has no label",
            "in/blog.txt:9: column `spam`: expected 0 or 1 (true/false, yes/no, spam/ham), or empty, found `0.7`",
            "in/blog.txt:10: column `toxic`: expected 0 or 1 (true/false, yes/no, toxic/civil), or empty, found text of 17 characters",
            "in/blog.txt:11: column `toxic`: expected 0 or 1 (true/false, yes/no, toxic/civil), or empty, found an array",
            "in/blog.txt:12: column `toxic`: expected 0 or 1 (true/false, yes/no, toxic/civil), or empty, found `spam`",
            "in/blog.txt:13: column `lang`: expected text, found an object",
        ]
    );
}

#[test]
fn tells_what_is_wrong_with_each_row_of_csv() {
    let input =
        b"text,label\n\"two\nlines\",maybe\na,spam,x\r\n\r\nlatin \xe9,ham\nb,\n,ham\nc,ham\n";
    let (faults, good) = faults(read_with(ReadOptions::default(), Format::Csv, input));
    assert_eq!(good, 1);
    assert_eq!(
        faults,
        [
            "in/blog.txt:2: column `label`: expected spam, ham, toxic or civil (0 or 1 with --head), or empty, found `maybe`",
            "in/blog.txt:4: expected 2 fields as in the header row, found 3",
            "in/blog.txt:6: column `text`: expected UTF-8, found another encoding at byte 7 of the field \
         (convert the file, for instance with `iconv -f WINDOWS-1252 -t UTF-8`)",
            "in/blog.txt:7: the row has no label",
            "in/blog.txt:8: column `text` has an empty text",
        ]
    );
}

#[test]
fn two_columns_may_not_contradict_each_other() {
    let options = ReadOptions {
        columns: Columns {
            spam: Some("spam".into()),
            label: Some("label".into()),
            ..Columns::default()
        },
        ..ReadOptions::default()
    };
    let input = b"text,spam,label\na,1,spam\nb,1,ham\n";
    let (faults, good) = faults(read_with(options, Format::Csv, input));
    assert_eq!(good, 1);
    assert_eq!(
        faults,
        ["in/blog.txt:3: two columns contradict each other on spam"]
    );
}

#[test]
fn notices_rows_joined_by_a_stray_quote() {
    let joined = "text\tspam\n\"so I said\t1\nfine\t0\n\"no\"\t0\nb\t1\n";
    let (found, good) = faults(read(Format::Tsv, joined));
    assert_eq!(good, 1);
    assert_eq!(
        found,
        [
            "in/blog.txt:2: a quote is unpaired, so rows up to line 4 may be joined in this one \
         (write quotes inside a quoted field twice, or read the file with --unquoted)"
        ]
    );
    let (found, good) = faults(read(Format::Csv, "text,spam\na,1\n\"b,0\nc,1"));
    assert_eq!(good, 1);
    assert!(
        found[0].contains("rows up to line 4 may be joined"),
        "{found:?}"
    );

    let options = ReadOptions {
        unquoted: true,
        ..ReadOptions::default()
    };
    let (samples, _) = read_with(options, Format::Tsv, joined.as_bytes()).unwrap();
    assert_eq!(samples.len(), 4);
    assert_eq!(samples[0].text, "\"so I said");
}

#[test]
fn passes_over_rows_that_are_too_long_and_reads_on() {
    let long = "x".repeat(3 * MAX_ROW_BYTES);
    let json = format!("{{\"text\":\"{long}\",\"spam\":1}}\n{{\"text\":\"a\",\"spam\":1}}\n");
    let (found, good) = faults(read(Format::JsonLines, &json));
    assert_eq!(good, 1);
    assert_eq!(
        found,
        ["in/blog.txt:1: the row is longer than 1048576 bytes"]
    );

    let commas = ",".repeat(10_000);
    let csv = format!("text,spam\n{long},1\na,1\n{commas}\nb,1\n\"{long}");
    let (found, good) = faults(read(Format::Csv, &csv));
    assert_eq!(good, 2);
    assert_eq!(
        found,
        [
            "in/blog.txt:2: the row is longer than 1048576 bytes",
            "in/blog.txt:4: the row is longer than 1048576 bytes",
            "in/blog.txt:6: the row is longer than 1048576 bytes and inside quotes: \
             is one unpaired? (--unquoted reads quotes as plain characters)",
        ]
    );
}

#[test]
fn strict_reading_names_the_bad_rows_and_stops_after_some() {
    let options = || ReadOptions {
        strict: true,
        ..ReadOptions::default()
    };
    let input = b"text,spam\na,1\nb,2\nc,0\nd,3\n";
    assert_eq!(
        refusal(read_with(options(), Format::Csv, input)),
        "in/blog.txt:3: column `spam`: expected 0 or 1 (true/false, yes/no, spam/ham), or empty, found `2`\n\
         in/blog.txt:5: column `spam`: expected 0 or 1 (true/false, yes/no, spam/ham), or empty, found `3`\n\
         2 bad rows; --strict passes over none"
    );
    let many = format!("text,spam\n{}", "a,?\n".repeat(1000));
    let said = refusal(read_with(options(), Format::Csv, many.as_bytes()));
    assert_eq!(said.lines().count(), 21);
    assert!(
        said.ends_with("stopped reading after 20 bad rows; --strict passes over none"),
        "{said}"
    );
    assert!(read_with(options(), Format::Csv, b"text,spam\na,1\n").is_ok());
}

#[test]
fn recognises_every_wide_encoding_in_any_script() {
    let urdu = "متن,سپام\nبہت اچھا مضمون ہے,0\n".repeat(20);
    for text in [
        "text,spam\na,1\n",
        "{\"text\": \"a\", \"spam\": 1}\n",
        &urdu,
    ] {
        let wide = text.encode_utf16();
        let little: Vec<u8> = wide.clone().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = wide.flat_map(u16::to_be_bytes).collect();
        let four: Vec<u8> = text
            .chars()
            .flat_map(|c| u32::from(c).to_le_bytes())
            .collect();
        for (mark, bytes, encoding) in [
            (&b""[..], &little, "-f UTF-16LE "),
            (b"", &big, "-f UTF-16BE "),
            (b"\xff\xfe", &little, "-f UTF-16 "),
            (b"\xfe\xff", &big, "-f UTF-16 "),
            (b"\xff\xfe\0\0", &four, "-f UTF-32 "),
        ] {
            let file = [mark, bytes].concat();
            for format in [Format::Csv, Format::JsonLines] {
                let said = refusal(read_with(ReadOptions::default(), format, &file));
                assert!(said.contains(encoding), "{encoding}: {said}");
            }
        }
    }
}

#[test]
fn a_nul_byte_in_a_text_is_no_encoding() {
    let file = format!("text,spam\n{}a\0b,1\n", "a civil comment,0\n".repeat(9));
    let (samples, _) = read(Format::Csv, &file).unwrap();
    assert_eq!(samples.len(), 10);
}

#[test]
fn names_the_place_in_a_header_row_of_another_encoding() {
    assert_eq!(
        refusal(read_with(
            ReadOptions::default(),
            Format::Csv,
            b"text,cat\xe9gorie\na,1\n"
        )),
        "in/blog.txt: expected a header row with column names, found another encoding than UTF-8 \
         at byte 4 of column 2 (convert the file, for instance with `iconv -f WINDOWS-1252 -t UTF-8`)"
    );
}

#[test]
fn says_how_fields_are_separated_where_there_is_but_one() {
    let said = refusal(read(Format::Csv, "text;spam\na;1\n"));
    assert!(
        said.contains("`text;spam` (one column: the fields of .csv are separated by commas"),
        "{said}"
    );
}

#[test]
fn what_is_left_out_is_counted_by_cause() {
    let input = b"text,spam\na,1\nb,2\nc,\n,1\nd,x\n\xe9,1\n";
    let (_, report) = read_with(ReadOptions::default(), Format::Csv, input).unwrap();
    let counted: Vec<_> = report.bad_rows.by_cause().iter().collect();
    assert_eq!(
        counted,
        [
            (&Cause::WrongEncoding, &1),
            (&Cause::NoText, &1),
            (&Cause::UnknownLabel, &2),
            (&Cause::NoLabel, &1),
        ]
    );
}
