//! What kind of place a link leads to, by its host.
//!
//! Hosts that a model has seen are features of their own. The kind says the same of those it has
//! not: one shortener hides its target as well as another.

use super::Link;

/// The signal of where `link` leads to, for places of a kind that advertisements or sources love.
pub(super) fn signal(link: &Link) -> Option<&'static str> {
    of_domain(&link.domain).or_else(|| is_public_body(&link.host).then_some("link:public-body"))
}

fn of_domain(domain: &str) -> Option<&'static str> {
    Some(match domain {
        "bit.ly" | "goo.gl" | "tinyurl.com" | "adf.ly" | "ow.ly" | "is.gd" | "v.gd" | "buff.ly"
        | "cutt.ly" | "rb.gy" | "shorturl.at" | "rebrand.ly" | "tiny.cc" | "bl.ink" | "s.id"
        | "linktr.ee" | "shorte.st" | "bc.vc" | "ouo.io" | "dlvr.it" | "fb.me" | "t.ly" => {
            "link:shortener"
        }
        "gofundme.com"
        | "gofund.me"
        | "kickstarter.com"
        | "indiegogo.com"
        | "patreon.com"
        | "change.org"
        | "chng.it"
        | "avaaz.org"
        | "causes.com"
        | "launchgood.com"
        | "justgiving.com"
        | "fundrazr.com"
        | "ipetitions.com"
        | "thepetitionsite.com"
        | "ko-fi.com"
        | "buymeacoffee.com"
        | "paypal.me"
        | "youcaring.com"
        | "giveforward.com"
        | "ketto.org"
        | "milaap.org"
        | "crowdfunder.co.uk"
        | "petitions24.com" => "link:appeal",
        "wa.me" | "whatsapp.com" | "t.me" | "telegram.me" | "discord.gg" | "discord.com"
        | "m.me" | "signal.me" | "line.me" | "skype.com" | "viber.com" => "link:contact",
        "facebook.com" | "twitter.com" | "x.com" | "instagram.com" | "tiktok.com"
        | "pinterest.com" | "tumblr.com" | "vk.com" | "ask.fm" | "snapchat.com" | "tsu.co"
        | "threads.net" | "linkedin.com" | "myspace.com" => "link:social",
        "soundcloud.com" | "bandcamp.com" | "reverbnation.com" | "mixcloud.com"
        | "audiomack.com" | "datpiff.com" | "spotify.com" | "hulkshare.com" | "twitch.tv"
        | "vimeo.com" | "dailymotion.com" | "rumble.com" => "link:performance",
        "amazon.com" | "amazon.co.uk" | "amazon.de" | "amazon.in" | "amzn.to" | "ebay.com"
        | "ebay.co.uk" | "etsy.com" | "aliexpress.com" | "daraz.pk" | "teespring.com"
        | "redbubble.com" | "gumroad.com" | "fiverr.com" | "shopify.com" | "olx.com.pk" => {
            "link:shop"
        }
        _ => return None,
    })
}

/// Whether `host` is of a government, a university or a body of many states: names that nobody can
/// simply buy.
fn is_public_body(host: &str) -> bool {
    let mut labels = host.rsplit('.');
    let (last, before) = (labels.next(), labels.next());
    let is_reserved =
        |label| matches!(label, "gov" | "gob" | "gouv" | "edu" | "ac" | "mil" | "int");
    // Of a country: `gov.pk`, `ac.uk`.
    last.is_some_and(|last| is_reserved(last) && last != "ac")
        || last.is_some_and(|last| last.len() == 2) && before.is_some_and(is_reserved)
        || before == Some("wikipedia")
}

#[cfg(test)]
mod tests {
    use super::super::links;
    use super::*;

    fn of(text: &str) -> Option<&'static str> {
        links(text).first().and_then(signal)
    }

    #[test]
    fn a_link_shows_where_it_leads() {
        for (text, kind) in [
            ("https://bit.ly/3x", Some("link:shortener")),
            ("www.gofundme.com/f/x", Some("link:appeal")),
            ("chat.whatsapp.com/x", Some("link:contact")),
            ("https://m.facebook.com/x", Some("link:social")),
            ("https://soundcloud.com/x", Some("link:performance")),
            // Known for what it holds, and a feature by its host.
            ("https://youtu.be/x", None),
            ("https://www.amazon.co.uk/dp/1", Some("link:shop")),
            (
                "https://www.finance.gov.pk/survey",
                Some("link:public-body"),
            ),
            ("https://www.who.int/x", Some("link:public-body")),
            (
                "https://en.wikipedia.org/wiki/Sitar",
                Some("link:public-body"),
            ),
            ("https://www.dawn.com/news/1", None),
            ("https://not-gov.pk.shop.test/", None),
            ("http://x.ac/", None),
        ] {
            assert_eq!(of(text), kind, "{text}");
        }
    }
}
