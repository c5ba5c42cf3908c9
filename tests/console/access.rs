//! Who gets in, and what keeps others out, asked by plain HTTP.

use std::fmt::Write as _;
use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};

use super::newsroom::{Newsroom, PASSWORD, comment};
use super::served::moderato;

/// Somebody at a browser that follows nothing by itself.
pub struct Visitor {
    client: Client,
    pub base: String,
    cookie: String,
    token: String,
}

impl Visitor {
    fn new(base: &str) -> Self {
        // The client wants one, though it speaks no TLS here.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().redirect(redirect::Policy::none());
        Self {
            client: client.build().unwrap(),
            base: base.to_owned(),
            cookie: String::new(),
            token: String::new(),
        }
    }

    fn with(&self, request: RequestBuilder) -> RequestBuilder {
        request.header("cookie", &self.cookie)
    }

    pub async fn get(&self, path: &str) -> Response {
        let url = format!("{}{path}", self.base);
        self.with(self.client.get(url)).send().await.unwrap()
    }

    fn posting(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let pairs = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", escaped(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let post = self.client.post(format!("{}{path}", self.base)).body(body);
        self.with(post.header("content-type", "application/x-www-form-urlencoded"))
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        self.posting(path, fields).send().await.unwrap()
    }

    /// As a form of a page of the session does.
    pub async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let token = ("form_token", &*self.token);
        self.post(path, &[fields, &[token]].concat()).await
    }

    /// Has a moderator of that name added, who comes at once.
    pub async fn with_moderator(&self, name: &str) -> Self {
        let fields = [("name", name), ("role", "moderator")];
        let added = self.send("/console/moderators", &fields).await;
        let added = added.text().await.unwrap();
        let secret = added.split("/console/welcome/").nth(1).unwrap();
        let path = format!("/console/welcome/{}", secret.split('"').next().unwrap());
        Self::welcome(&self.base, &path, "").await
    }

    /// Takes the session that an answer begins.
    async fn keep(&mut self, answer: &Response) {
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        cookie
            .split(';')
            .next()
            .unwrap()
            .clone_into(&mut self.cookie);
        let page = self.get("/console").await.text().await.unwrap();
        let token = page.split("data-form-token=\"").nth(1).unwrap();
        token.split('"').next().unwrap().clone_into(&mut self.token);
    }

    pub async fn welcome(base: &str, path: &str, name: &str) -> Self {
        let mut visitor = Self::new(base);
        let fields = [("name", name), ("password", PASSWORD), ("again", PASSWORD)];
        let answer = visitor.post(path, &fields).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
        visitor.keep(&answer).await;
        visitor
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        write!(escaped, "%{byte:02X}").unwrap();
    }
    escaped
}

pub async fn founded(config: &str) -> (Newsroom, Visitor) {
    let newsroom = Newsroom::open(config);
    let link = newsroom.link.clone();
    let (base, path) = link.split_at(link.find("/console").unwrap());
    let admin = Visitor::welcome(base, path, "Ayesha").await;
    (newsroom, admin)
}

#[tokio::test]
async fn a_change_takes_the_form_token_and_a_page_of_our_own() {
    let (newsroom, admin) = founded("").await;
    let held = newsroom.hold(comment("Bilal", "Is this held?"), 1).await;
    let decision = [("comment", &*held), ("action", "approve")];
    let changes: [(&str, &[(&str, &str)]); 15] = [
        ("/console/decide", &decision),
        ("/console/undo", &decision),
        ("/console/blind", &[("sample", "x")]),
        ("/console/blind/apply", &[("sample", "x")]),
        ("/console/models/train", &[]),
        ("/console/models/replay", &[("model", "base")]),
        ("/console/models/promote", &[("model", "base")]),
        ("/console/models/roll-back", &[]),
        ("/console/models/end-canary", &[]),
        ("/console/sign-out", &[]),
        ("/console/account/tokens", &[("label", "x")]),
        ("/console/account/tokens/revoke", &[("token", "x")]),
        ("/console/moderators", &[("name", "Eve"), ("role", "admin")]),
        (
            "/console/moderators/change",
            &[("name", "Eve"), ("action", "link")],
        ),
        (
            &held
                .replace("sites/default", "/console")
                .replace("comments/", "comments/default/"),
            &[("action", "claim")],
        ),
    ];
    let token = &*admin.token;
    let wrong = "0".repeat(64);
    for (path, fields) in changes {
        for forged in ["", &wrong, &token[..63]] {
            let fields = [fields, &[("form_token", forged)]].concat();
            assert_eq!(admin.post(path, &fields).await.status(), 403, "{path}");
        }
        let fields = [fields, &[("form_token", token)]].concat();
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "http://127.0.0.1:1"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let answer = admin
                .posting(path, &fields)
                .header(name, value)
                .send()
                .await;
            assert_eq!(answer.unwrap().status(), 403, "{path} {name}: {value}");
        }
        let stranger = Visitor::new(&admin.base);
        let answer = stranger.post(path, &fields).await;
        assert_eq!(answer.headers()["location"], "/console/sign-in", "{path}");
    }
    let page = admin.get("/console").await.text().await.unwrap();
    assert!(
        page.contains(&format!("data-item=\"{held}\"")),
        "nothing was changed"
    );
    let origin = admin.posting(
        "/console/decide",
        &[&decision[..], &[("form_token", token)]].concat(),
    );
    let answer = origin.header("origin", &admin.base).send().await.unwrap();
    assert_eq!(answer.status(), 303);
}

#[tokio::test]
async fn every_answer_is_guarded_and_no_other_name_is_answered_to() {
    let (_newsroom, admin) = founded("").await;
    for path in [
        "/console",
        "/console/sign-in",
        "/console/nowhere",
        "/console/comments/x/y",
        "/",
    ] {
        let answer = admin.get(path).await;
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("referrer-policy"), "same-origin");
        assert_eq!(header("cache-control"), "no-store");
    }
    for host in ["evil.example", "127.0.0.1.evil.example", "192.0.2.1"] {
        let url = format!("{}/console", admin.base);
        let request = admin.with(admin.client.get(url)).header("host", host);
        assert_eq!(request.send().await.unwrap().status(), 421, "{host}");
    }
    let page = admin.get("/console/nowhere").await;
    assert_eq!(page.status(), 404);
    assert!(page.text().await.unwrap().contains("There is no such page"));
    for path in ["/healthz", "/readyz", "/metrics"] {
        let url = format!("{}{path}", admin.base);
        let answer = admin
            .client
            .get(url)
            .header("host", "evil.example")
            .send()
            .await;
        assert_eq!(
            answer.unwrap().status(),
            200,
            "{path} is for probes, whatever they call it"
        );
    }
}

#[tokio::test]
async fn roles_are_enforced_where_the_page_shows_no_button() {
    let (newsroom, admin) = founded("").await;
    let added = admin
        .send(
            "/console/moderators",
            &[("name", "Bilal"), ("role", "moderator")],
        )
        .await;
    let page = added.text().await.unwrap();
    let path = page
        .split("/console/welcome/")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let path = format!("/console/welcome/{path}");
    let bilal = Visitor::welcome(&admin.base, &path, "Bilal").await;
    assert_eq!(bilal.get(&path).await.status(), 410, "a link is good once");
    assert_eq!(bilal.get("/console/moderators").await.status(), 403);
    for (path, fields) in [
        ("/console/moderators", [("name", "Eve"), ("role", "admin")]),
        (
            "/console/moderators/change",
            [("name", "Ayesha"), ("action", "disable")],
        ),
    ] {
        assert_eq!(bilal.send(path, &fields).await.status(), 403, "{path}");
    }
    let held = newsroom.hold(comment("C", "Is this held?"), 1).await;
    let decided = admin
        .send(
            "/console/decide",
            &[("comment", &held), ("action", "approve")],
        )
        .await;
    assert_eq!(decided.status(), 303);
    let undone = bilal.send("/console/undo", &[("comment", &held)]).await;
    let to = undone.headers()["location"].to_str().unwrap().to_owned();
    assert!(
        to.contains("n=0&kept=1"),
        "what another decided takes an operator: {to}"
    );
    // Disabled, they are out at once.
    let disabled = [("name", "Bilal"), ("action", "disable")];
    assert_eq!(
        admin
            .send("/console/moderators/change", &disabled)
            .await
            .status(),
        303
    );
    assert_eq!(bilal.get("/console").await.status(), 303);
}

#[tokio::test]
async fn attempts_to_sign_in_are_limited_and_sessions_expire() {
    let (_newsroom, admin) = founded("[console]\nsession_longest = \"5s\"\n").await;
    let visitor = Visitor::new(&admin.base);
    let mut seen = Vec::new();
    for _ in 0..8 {
        let fields = [("name", "Ayesha"), ("password", "not the password")];
        seen.push(
            visitor
                .post("/console/sign-in", &fields)
                .await
                .status()
                .as_u16(),
        );
    }
    assert_eq!(seen[..5], [401; 5]);
    assert_eq!(seen[5..], [429; 3]);
    let expired = async { while admin.get("/console/counts").await.status() == 200 {} };
    tokio::time::timeout(Duration::from_secs(30), expired)
        .await
        .unwrap();
    let answer = admin.get("/console/history?who=a").await;
    let to = answer.headers()["location"].to_str().unwrap();
    assert_eq!(to, "/console/sign-in?back=%2Fconsole%2Fhistory%3Fwho%3Da");
}

#[tokio::test]
async fn behind_a_proxy_with_tls_cookies_are_kept_to_it() {
    let config = "[console]\npublic_url = \"https://moderation.example.org\"\n";
    let newsroom = Newsroom::open(config);
    let link = newsroom.link.clone();
    let path = link.strip_prefix("https://moderation.example.org").unwrap();
    let visitor = Visitor::new(&format!("http://{}", newsroom.served.http));
    assert_eq!(
        visitor.get("/console").await.status(),
        421,
        "not by its inner name"
    );
    let fields = [
        ("name", "Ayesha"),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ];
    let request = visitor
        .posting(path, &fields)
        .header("host", "moderation.example.org");
    let answer = request
        .header("origin", "https://moderation.example.org")
        .send()
        .await
        .unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-moderato-session="), "{cookie}");
    assert!(
        cookie.contains("Secure") && cookie.contains("HttpOnly"),
        "{cookie}"
    );
}

#[tokio::test]
async fn the_command_line_says_who_may_sign_in() {
    let (newsroom, admin) = founded("").await;
    let run = |arguments: &[&str]| {
        let output = moderato(&newsroom.served.folder)
            .arg("moderators")
            .args(arguments)
            .output();
        let output = output.unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        (
            output.status.code(),
            told,
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, link, _) = run(&["add", "Bilal", "--role", "operator"]);
    assert_eq!(code, Some(0));
    let path = link.trim().split_once(":8080").unwrap().1;
    let bilal = Visitor::welcome(&admin.base, path, "Bilal").await;
    let (_, list, _) = run(&["list"]);
    assert!(
        list.contains("operator") && list.contains("active") && list.contains("Bilal"),
        "{list}"
    );
    assert_eq!(
        run(&["token", "Bilal", "--label", "cron", "--days", "7"])
            .1
            .trim()
            .len(),
        64
    );
    assert_eq!(run(&["disable", "Bilal"]).0, Some(0));
    assert_eq!(bilal.get("/console").await.status(), 303);
    for refused in [
        &["disable", "Ayesha"][..],
        &["add", "bilal"],
        &["role", "Zed", "admin"],
    ] {
        let (code, _, told) = run(refused);
        assert_eq!(code, Some(2), "{told}");
    }
}
