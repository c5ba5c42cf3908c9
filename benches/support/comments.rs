//! Comments of about 200 characters, written for the benchmarks: a dozen of the
//! kinds a news site gets, so that every path through the text code is taken.

use std::fmt;

use moderato::grpc::proto::{Page, Submission};

/// One comment.
pub struct Sample {
    /// What kind it is.
    pub name: &'static str,
    /// What the reader typed.
    pub text: &'static str,
}

/// Its name, by which it is chosen and reported.
impl fmt::Display for Sample {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name)
    }
}

/// Name of the one that stands for all where there can be but one.
pub const TYPICAL: &str = "english";

/// All of them.
#[rustfmt::skip]
pub const SAMPLES: &[Sample] = &[
    Sample { name: "plain_english", text: "the new bus timetable leaves our side of town without a single \
        service after seven in the evening, and nobody at the council seems to have asked the nurses who \
        finish their shift at eight how they are to get home" },
    Sample { name: "english", text: "I have lived on Canal Road since 1998 and have never seen the drains \
        cleaned before the monsoon. The Mayor's promise of \"40 new pumps\" was made in March; it is now \
        July. Could the Gazette ask where they are?" },
    Sample { name: "capitals_and_dots", text: "WHY does NOBODY talk about this... The SAME contractor got \
        the bridge, the school AND the hospital wing!!! I wrote to them twice.... no answer. Somebody \
        should PLEASE look at the tender papers!!!!" },
    Sample { name: "links", text: "The full report is at https://audit.example.org/2026/water.pdf and the \
        summary at www.example.com/water - page 14 has the figures you left out. The ministry's own table \
        (data.example.net) says 31 %, not 13 %." },
    Sample { name: "emoji", text: "What a match 🎉🎉 my father took me to this ground when I was six and today \
        I took my daughter 😊 she shouted so much that she has no voice left 😂 thank you for the lovely \
        photographs 👍🏽 see you all at the final ⚽" },
    Sample { name: "typeset", text: "“Nobody could have known” – that’s what the board said in 2019, and it’s \
        what they’re saying now… The café next door knew, the night porter knew, and your paper’s own \
        archive knew. Señor Ruiz wrote it all down." },
    Sample { name: "spam_offer", text: "Work from home and earn $4,500 every week, no experience needed! My \
        cousin bought a car after 2 months. Limited places, click http://cash-from-home.example/join now \
        or message us on WhatsApp +1 555 0142 today" },
    Sample { name: "urdu", text: "میں پچھلے بیس سال سے اس محلے میں رہ رہا ہوں اور ہر برسات میں یہی حال ہوتا ہے۔ \
        گلیوں میں پانی کھڑا رہتا ہے، بچے سکول نہیں جا سکتے، اور دفتر والے کہتے ہیں کہ فنڈ نہیں ملا۔ آخر یہ پیسہ \
        کہاں خرچ ہوتا ہے؟ کوئی تو جواب دے۔" },
    Sample { name: "urdu_and_english", text: "بالکل درست لکھا آپ نے، لیکن report میں یہ نہیں بتایا گیا کہ tender \
        کس کمپنی کو ملا اور budget کتنا تھا۔ Last year بھی یہی ہوا تھا، پھر inquiry committee بنی اور نتیجہ صفر۔ \
        Please follow up ضرور کریں، شکریہ۔" },
    Sample { name: "roman_urdu", text: "bhai sahab baat yeh hai ke har saal yehi wada hota hai aur har saal \
        bijli ka bill do guna ho jata hai, gareeb aadmi kahan jaye? aap log sirf khabar laga dete hain, \
        kabhi wazir se sawal bhi to pooch liya karein na" },
    Sample { name: "disguised", text: "Bеst рriсеs оn vіаgrа аnd сіаlіs, nо рrеsсriрtiоn! Ｆｒｅｅ  ｓｈｉｐｐｉｎｇ to \
        eve\u{200B}ry cou\u{200B}ntry, 𝟱𝟬% 𝗼𝗳𝗳 𝘁𝗼𝗱𝗮𝘆 оnly. Wrіtе tо us аt рills-dеpоt dоt ехаmplе аnd gеt 1O \
        tаblеts as a gіft, dіsсrееt раckagе" },
    Sample { name: "html", text: "<p>Dear editor,<br>I &amp; my neighbours <b>strongly object</b> to the &quot;park \
        and ride&quot; plan.</p><p>See <a href=\"https://plans.example.org/objections?id=77\">our letter</a> &ndash; \
        it has <i>612</i> signatures.&nbsp;Regards</p>" },
];

/// A whole submission with the text of `sample`, as a site's form sends it. Those of
/// different `reader`s share no quota but the site's and, fifty by fifty, the page's.
pub fn submission(sample: &Sample, reader: u64) -> Submission {
    // A /8 has room for 16 million readers; a private one would not be counted.
    let [.., a, b, c] = reader.to_be_bytes();
    Submission {
        name: "Nadia Rehman".into(),
        email: format!("reader-{reader}@example.org"),
        text: sample.text.into(),
        ip_address: format!("11.{a}.{b}.{c}"),
        user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".into(),
        referrer: "https://news.example.org/".into(),
        page: Some(Page {
            id: format!("story-{}", reader / 50),
            url: "https://news.example.org/city/drains-before-the-monsoon".into(),
            title: "Drains still blocked weeks before the monsoon".into(),
        }),
        form_duration_ms: Some(48_000),
        locale: "en".into(),
        ..Submission::default()
    }
}
