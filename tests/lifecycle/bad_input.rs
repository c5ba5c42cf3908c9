//! What cannot be trained, registered or promoted is refused in words, and what is live
//! stays so.

use super::candidates::{import, rows, train};
use super::daemon::folder;
use super::small_disk::SmallDisk;
use super::terminal::{json, refused, run};

#[test]
fn labels_that_say_too_little_make_no_candidate() {
    let folder = folder("");
    let here = folder.path();
    let none = refused(here, &["train", "--from-labels"]);
    assert!(none.contains("spam has no labels"), "{none}");
    import(here, &rows(0, 3));
    let three = refused(here, &["train", "--from-labels"]);
    assert!(
        three.contains("spam has 3 labels, at least 10 are needed"),
        "{three}"
    );
    let spam_alone = rows(4, 60)
        .lines()
        .filter(|row| row.contains("true"))
        .fold(String::new(), |rows, row| rows + row + "\n");
    import(here, &spam_alone);
    let one_class = refused(here, &["train", "--from-labels"]);
    assert!(
        one_class.contains("30 positive and 1 negative labels"),
        "{one_class}"
    );
    let unknown = refused(here, &["train", "--from-labels", "--weight", "rumour=2"]);
    assert!(
        unknown.contains("no labels of that source; found rows"),
        "{unknown}"
    );
    assert_eq!(json(here, &["models", "list"]).len(), 1, "the base alone");
}

#[test]
fn what_is_no_model_of_this_version_is_not_registered() {
    let folder = folder("");
    let here = folder.path();
    std::fs::write(here.join("foreign"), "GIF89a").unwrap();
    let foreign = refused(here, &["models", "import", "foreign"]);
    assert!(foreign.contains("not a Moderato artefact"), "{foreign}");
    let base = moderato::classifier::BASE;
    std::fs::write(here.join("cut"), &base[..base.len() / 2]).unwrap();
    let cut = refused(here, &["models", "import", "cut"]);
    assert!(cut.contains("damaged artefact"), "{cut}");
    let unknown = refused(here, &["models", "show", "m-00"]);
    assert!(unknown.contains("there is no model m-00"), "{unknown}");
    let wrong = refused(here, &["models", "show", "latest"]);
    assert!(
        wrong.contains("expected live, base, or a model's name"),
        "{wrong}"
    );
}

#[test]
fn a_disk_that_fills_while_an_artefact_is_written_leaves_nothing_behind() {
    let Some(disk) = SmallDisk::mount(6) else {
        eprintln!("skipped: mounting a small disk takes root");
        return;
    };
    let data = disk.path().join("data");
    let folder = folder(&format!("data_dir = {:?}", data.display().to_string()));
    let here = folder.path();
    import(here, &rows(0, 40));
    let ballast = disk.path().join("ballast");
    std::fs::write(&ballast, vec![0; 2 << 20]).unwrap();
    let (code, _, complained) = run(here, &["train", "--from-labels"]);
    assert_eq!(code, Some(1), "{complained}");
    assert!(
        complained.contains("cannot be reached or is full"),
        "{complained}"
    );
    std::fs::remove_file(&ballast).unwrap();
    assert_eq!(json(here, &["models", "list"]).len(), 1, "the base alone");
}

#[test]
fn a_model_that_was_tampered_with_is_not_promoted() {
    let folder = folder("");
    let here = folder.path();
    import(here, &rows(0, 40));
    let model = train(here);
    let database = here.join("moderato-data/moderato.sqlite");
    let change = |sql: &str| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            use sqlx::Connection as _;
            let url = format!("sqlite://{}", database.display());
            let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
            let sql = sqlx::AssertSqlSafe(sql.to_owned());
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        });
    };
    change("UPDATE model_artefacts SET artefact = substr(artefact, 1, 1000)");
    let (code, _, complained) = run(here, &["models", "promote", &model]);
    assert_eq!(code, Some(1));
    assert!(complained.contains("damaged artefact"), "{complained}");

    // A whole artefact under another's name.
    std::fs::write(here.join("base.moderato"), moderato::classifier::BASE).unwrap();
    let imported = &json(here, &["models", "import", "base.moderato"])[0]["model"];
    let base = imported.as_str().unwrap();
    change(&format!(
        "UPDATE model_artefacts SET artefact = \
         (SELECT artefact FROM model_artefacts WHERE id = '{base}') WHERE id = '{model}'"
    ));
    let (code, _, complained) = run(here, &["models", "promote", &model]);
    assert_eq!(code, Some(1));
    assert!(
        complained.contains("it was exchanged, and is not used"),
        "{complained}"
    );
    let live = &json(here, &["models", "show", "live"])[0];
    assert_eq!(live["origin"], "base");
}
