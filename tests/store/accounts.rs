//! What every store promises of accounts, through the library that uses it.

use std::net::IpAddr;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use moderato::accounts::{AccountError, Accounts, By, Invalid, SessionLife, SignedIn, Throttle};
use moderato::moderator::{ModeratorName, Role};
use moderato::site::{SiteAccess, SiteId};
use moderato::store::Store;
use moderato::store::accounts::{AccountChange, LinkFor};
use sqlx::{AnyConnection, Connection as _};

use super::stores::{on_both, sqlite};

const PASSWORD: &str = "correct horse battery";
const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn accounts(store: Store) -> Accounts {
    let life = SessionLife {
        idle: Duration::from_hours(1),
        longest: Duration::from_hours(10),
    };
    Accounts::new(store, Throttle::new().unwrap(), life)
}

fn name(text: &str) -> ModeratorName {
    text.parse().unwrap()
}

/// Stands still, so that ages are exact.
fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn after(minutes: i64) -> Timestamp {
    now() + SignedDuration::from_mins(minutes)
}

/// The first admin, signed in.
async fn founded(accounts: &Accounts) -> SignedIn {
    let link = accounts.founders_link(now()).await.unwrap().unwrap();
    let secret = link.secret.expose();
    accounts
        .use_link(secret, "Ayesha", PASSWORD, now())
        .await
        .unwrap()
}

#[tokio::test]
async fn the_first_link_makes_one_admin_once() {
    on_both(|store| async move {
        let accounts = accounts(store);
        let old = accounts.founders_link(now()).await.unwrap().unwrap();
        let link = accounts.founders_link(now()).await.unwrap().unwrap();
        let looked = accounts.link(old.secret.expose(), now()).await;
        assert!(
            matches!(looked, Err(AccountError::LinkNotGood)),
            "a later one replaced it"
        );
        let secret = link.secret.expose();
        assert_eq!(
            accounts.link(secret, now()).await.unwrap(),
            LinkFor::Founder
        );
        let late = accounts.link(secret, link.expires_at).await;
        assert!(matches!(late, Err(AccountError::LinkNotGood)));
        let short = accounts.use_link(secret, "Ayesha", "short", now()).await;
        let refused = short.unwrap_err();
        assert!(matches!(
            refused,
            AccountError::Invalid(Invalid::PasswordTooShort(5))
        ));

        let race = (0..4).map(|number| {
            let accounts = accounts.clone();
            async move {
                accounts
                    .use_link(secret, &format!("A{number}"), PASSWORD, now())
                    .await
            }
        });
        let outcomes = futures::future::join_all(race).await;
        let admins: Vec<_> = outcomes.into_iter().filter_map(Result::ok).collect();
        assert_eq!(admins.len(), 1);
        assert_eq!(admins[0].moderator.role, Role::Admin);
        assert_eq!(accounts.everybody().await.unwrap().len(), 1);
        assert!(accounts.founders_link(now()).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn sessions_end_on_sign_out_idleness_and_age() {
    on_both(|store| async move {
        let accounts = accounts(store);
        founded(&accounts).await;
        let enter = async || {
            accounts
                .sign_in("ayesha ", PASSWORD, HERE, now())
                .await
                .unwrap()
        };
        let who = async |session: &SignedIn, at| {
            let found = accounts.signed_in(session.secret.expose(), at).await;
            found.unwrap().map(|found| found.moderator.name.to_string())
        };
        let (one, other) = (enter().await, enter().await);
        assert_ne!(one.secret, other.secret);
        assert_eq!(
            who(&one, after(59)).await.as_deref(),
            Some("Ayesha"),
            "and goes on"
        );
        assert_eq!(who(&one, after(118)).await.as_deref(), Some("Ayesha"));
        assert_eq!(who(&other, after(60)).await, None, "an hour idle");
        accounts.sign_out(&one).await.unwrap();
        assert_eq!(who(&one, now()).await, None);
        assert_eq!(
            accounts.signed_in("", now()).await.unwrap().map(|_| ()),
            None
        );

        let long = enter().await;
        for minutes in (0..600).step_by(50) {
            assert!(who(&long, after(minutes)).await.is_some(), "{minutes}");
        }
        assert_eq!(who(&long, after(600)).await, None, "ten hours old");
    })
    .await;
}

#[tokio::test]
async fn who_does_not_fit_is_not_told_why() {
    on_both(|store| async move {
        let accounts = accounts(store);
        let admin = By::Moderator(founded(&accounts).await.moderator);
        accounts
            .add("Bilal", Role::Moderator, &admin, now())
            .await
            .unwrap();
        let twice = accounts
            .add(" BILAL", Role::Admin, &admin, now())
            .await
            .unwrap_err();
        assert!(
            matches!(twice, AccountError::Invalid(Invalid::NameTaken(_))),
            "{twice}"
        );
        for (name, password) in [
            ("Ayesha", "incorrect horse battery"),
            ("nobody", PASSWORD),
            ("Bilal", ""),
            ("<b>", PASSWORD),
            ("Ayesha", &"x".repeat(100_000)),
        ] {
            let refused = accounts
                .sign_in(name, password, HERE, now())
                .await
                .unwrap_err();
            assert!(
                matches!(refused, AccountError::WrongCredentials),
                "{name}: {refused}"
            );
        }
        let mut last = None;
        for _ in 0..9 {
            last = accounts
                .sign_in("Ayesha", "wrong wrong wrong", HERE, now())
                .await
                .err();
        }
        assert!(
            matches!(last, Some(AccountError::TooManyAttempts { .. })),
            "{last:?}"
        );
        let right = accounts.sign_in("Ayesha", PASSWORD, HERE, now()).await;
        assert!(matches!(right, Err(AccountError::TooManyAttempts { .. })));
    })
    .await;
}

#[tokio::test]
async fn disabling_ends_all_that_lets_somebody_in() {
    on_both(|store| async move {
        let accounts = accounts(store);
        let admin = By::Moderator(founded(&accounts).await.moderator);
        let (_, link) = accounts
            .add("Bilal", Role::Operator, &admin, now())
            .await
            .unwrap();
        let link = link.secret.expose();
        let session = accounts
            .use_link(link, "another name", PASSWORD, now())
            .await
            .unwrap();
        assert_eq!(
            session.moderator.name.as_str(),
            "Bilal",
            "who has an account keeps the name"
        );
        let bilal = By::Moderator(session.moderator.clone());
        let own = &name("Bilal");
        let token = accounts
            .new_token(own, "cron", None, &bilal, now())
            .await
            .unwrap();
        let presented = async |at| accounts.presented(token.expose(), HERE, at).await;
        assert_eq!(presented(after(1)).await.unwrap().role, Role::Operator);
        let link = accounts.reset_password(own, &admin, now()).await.unwrap();

        accounts
            .change(own, AccountChange::Disable, &admin, now())
            .await
            .unwrap();
        let session = session.secret.expose();
        assert!(accounts.signed_in(session, now()).await.unwrap().is_none());
        assert!(matches!(
            presented(now()).await,
            Err(AccountError::NoSuchToken)
        ));
        assert!(accounts.link(link.secret.expose(), now()).await.is_err());
        assert!(
            accounts
                .sign_in("Bilal", PASSWORD, HERE, now())
                .await
                .is_err()
        );
        accounts
            .change(own, AccountChange::Enable, &admin, now())
            .await
            .unwrap();
        assert!(accounts.signed_in(session, now()).await.unwrap().is_none());
        accounts
            .sign_in("Bilal", PASSWORD, HERE, now())
            .await
            .unwrap();

        let events = accounts.events(20).await.unwrap();
        let told: Vec<_> = events
            .iter()
            .rev()
            .map(|e| (&*e.by, &*e.action, &*e.subject))
            .collect();
        assert!(told.contains(&("Ayesha", "disabled", "Bilal")), "{told:?}");
        assert!(
            told.contains(&("Ayesha", "became the first admin", "Ayesha")),
            "{told:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn only_admins_say_who_signs_in_and_one_is_left() {
    on_both(|store| async move {
        let accounts = accounts(store);
        let admin = By::Moderator(founded(&accounts).await.moderator);
        let add = async |name: &str, role| {
            let (added, _) = accounts.add(name, role, &admin, now()).await.unwrap();
            By::Moderator(added)
        };
        let moderator = add("Bilal", Role::Moderator).await;
        let operator = add("Celine", Role::Operator).await;
        for by in [&moderator, &operator] {
            let added = accounts.add("D", Role::Moderator, by, now()).await;
            assert!(matches!(added, Err(AccountError::NotAllowed(Role::Admin))));
            let change = AccountChange::Role(Role::Admin);
            let changed = accounts.change(&name("Bilal"), change, by, now()).await;
            assert!(matches!(changed, Err(AccountError::NotAllowed(_))));
            let token = accounts
                .new_token(&name("Ayesha"), "x", None, by, now())
                .await;
            assert!(matches!(token, Err(AccountError::NotAllowed(_))));
        }
        let change = async |whose: &str, change, by: &By| {
            accounts.change(&name(whose), change, by, now()).await
        };
        let own = change("Ayesha", AccountChange::Disable, &admin).await;
        assert!(matches!(own, Err(AccountError::OwnAccount)));
        for last in [AccountChange::Disable, AccountChange::Role(Role::Operator)] {
            let refused = change("Ayesha", last, &By::CommandLine).await;
            assert!(matches!(refused, Err(AccountError::LastAdmin)));
        }
        let nobody = change("Zed", AccountChange::Disable, &admin).await;
        assert!(matches!(nobody, Err(AccountError::NoSuchModerator)));
        change("Bilal", AccountChange::Role(Role::Admin), &admin)
            .await
            .unwrap();
        change("Ayesha", AccountChange::Disable, &By::CommandLine)
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_moderator_is_limited_to_sites_and_an_operator_is_not() {
    on_both(|store| async move {
        let accounts = accounts(store);
        let admin = By::Moderator(founded(&accounts).await.moderator);
        let sites = ["daily", "weekly"].map(|id| SiteId::new(id).unwrap());
        let only = SiteAccess::only(sites.clone());
        let (added, _) = accounts
            .add("Bilal", Role::Moderator, &admin, now())
            .await
            .unwrap();
        assert_eq!(added.sites(), SiteAccess::All);
        let bilal = name("Bilal");
        let change = async |change| accounts.change(&bilal, change, &admin, now()).await;
        let none = change(AccountChange::Sites(SiteAccess::only([]))).await;
        assert!(matches!(none, Err(AccountError::Invalid(Invalid::NoSite))));
        change(AccountChange::Sites(only.clone())).await.unwrap();
        let found = async || {
            let everybody = accounts.everybody().await.unwrap();
            let bilal = everybody.into_iter().find(|known| known.name == bilal);
            bilal.unwrap()
        };
        assert_eq!(found().await.sites(), only);
        let token = accounts
            .new_token(&bilal, "tool", None, &admin, now())
            .await
            .unwrap();
        let presented = accounts.presented(token.expose(), HERE, now()).await;
        assert_eq!(presented.unwrap().sites(), only);
        // As an operator he sees all, and cannot be limited; again a moderator, he is.
        change(AccountChange::Role(Role::Operator)).await.unwrap();
        assert_eq!(found().await.sites(), SiteAccess::All);
        let refused = change(AccountChange::Sites(only.clone())).await;
        assert!(matches!(
            refused,
            Err(AccountError::Invalid(Invalid::NotLimited(Role::Operator)))
        ));
        change(AccountChange::Role(Role::Moderator)).await.unwrap();
        assert_eq!(found().await.sites(), only);
        change(AccountChange::Sites(SiteAccess::All)).await.unwrap();
        assert_eq!(found().await.sites(), SiteAccess::All);
        let told = accounts.events(20).await.unwrap();
        let told: Vec<_> = told.iter().map(|event| &*event.action).collect();
        assert!(told.contains(&"limited to daily weekly"), "{told:?}");
        assert!(told.contains(&"given all sites"), "{told:?}");
    })
    .await;
}

#[tokio::test]
async fn tokens_end_when_they_should_and_show_no_secret() {
    on_both(|store| async move {
        let accounts = accounts(store);
        let admin = By::Moderator(founded(&accounts).await.moderator);
        let own = &name("Ayesha");
        let life = Some(Duration::from_hours(1));
        let token = accounts
            .new_token(own, "  cron  ", life, &admin, now())
            .await
            .unwrap();
        let good = async |at| match accounts.presented(token.expose(), HERE, at).await {
            Ok(moderator) => moderator.name == *own,
            Err(AccountError::NoSuchToken) => false,
            Err(error) => panic!("{error}"),
        };
        assert!(good(after(59)).await && !good(after(60)).await);
        let blank = accounts.new_token(own, " ", None, &admin, now()).await;
        assert!(matches!(
            blank,
            Err(AccountError::Invalid(Invalid::Label(0)))
        ));
        let listed = accounts.tokens(own, &admin, now()).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].label, "cron");
        assert_eq!(listed[0].used_at, Some(after(59)));
        assert!(!format!("{listed:?}").contains(token.expose()));
        assert!(
            accounts
                .revoke_token(own, &listed[0].id, &admin, now())
                .await
                .unwrap()
        );
        assert!(
            !accounts
                .revoke_token(own, &listed[0].id, &admin, now())
                .await
                .unwrap()
        );
        assert!(!good(now()).await);
    })
    .await;
}

#[tokio::test]
async fn a_good_token_lets_in_while_nothing_can_be_written() {
    let (store, folder) = sqlite();
    let accounts = accounts(store);
    let admin = By::Moderator(founded(&accounts).await.moderator);
    let own = &name("Ayesha");
    let token = accounts.new_token(own, "cron", None, &admin, now()).await;
    let token = token.unwrap();
    let file = folder.path().join("moderato.sqlite");
    let mut tables = AnyConnection::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    let refuse = "CREATE TRIGGER refuse BEFORE UPDATE ON api_tokens \
                  BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END";
    sqlx::query(refuse).execute(&mut tables).await.unwrap();
    let presented = async |at| accounts.presented(token.expose(), HERE, at).await;
    assert_eq!(presented(now()).await.unwrap().name, *own);
    let used_at = async || accounts.tokens(own, &admin, now()).await.unwrap()[0].used_at;
    assert_eq!(used_at().await, None);
    let mend = "DROP TRIGGER refuse";
    sqlx::query(mend).execute(&mut tables).await.unwrap();
    for minutes in [1, 60, 61] {
        assert_eq!(presented(after(minutes)).await.unwrap().name, *own);
        let written = after(if minutes < 61 { 1 } else { 61 });
        assert_eq!(used_at().await, Some(written), "each hour at most");
    }
}
