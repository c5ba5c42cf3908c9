//! Who reads no further, such as `head`, has what they wanted.

use super::candidates::{import, rows};
use super::daemon::{folder, moderato};
use super::terminal::said;

#[test]
fn a_reader_that_went_away_is_no_failure() {
    let folder = folder("");
    let here = folder.path();
    import(here, &rows(0, 40));
    // Held back: one of each two contradicts the other.
    let contradiction =
        |spam| format!("{{\"text\": \"the road past the school was mended\", \"spam\": {spam}}}\n");
    import(here, &contradiction(true));
    import(here, &contradiction(false));
    said(here, &["moderators", "add", "ayesha"]);
    for arguments in [
        &["labels", "list"][..],
        &["labels", "list", "--json"],
        &["labels", "guard"],
        &["labels", "export"],
        &["labels", "export", "--format", "csv"],
        &["labels", "retract", "--domain", "example.com"],
        &["models", "list"],
        &["models", "show", "base"],
        &["models", "explain", "--token", "veeam"],
        &["models", "diff", "base", "live"],
        &["replay", "--candidate", "live"],
        &["moderators", "list"],
        &["webhooks", "new-secret"],
        &["webhooks", "redeliver", "--site", "default", "--all"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = moderato(here).args(arguments).stdout(writer).output();
        let ended = ended.unwrap();
        let complained = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}: {complained}");
        assert!(
            !complained.contains("moderato:"),
            "{arguments:?}: {complained}"
        );
    }
}
