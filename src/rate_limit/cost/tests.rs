use super::*;

fn settings(toml: &str) -> Result<CostSettings, String> {
    toml::from_str(toml).map_err(|error: toml::de::Error| error.to_string())
}

fn costs(toml: &str) -> Costs {
    Costs::resolve(settings(toml).unwrap())
}

const PLAIN: Weight = Weight {
    links: 0,
    spam: false,
    trusted: false,
};

#[test]
fn an_ordinary_comment_costs_one_and_the_rest_adds_up() {
    let of = |weight| costs("").of(weight).to_string();
    assert_eq!(of(PLAIN), "1");
    assert_eq!(of(Weight { links: 3, ..PLAIN }), "2.5");
    let spam = Weight {
        links: 1,
        spam: true,
        ..PLAIN
    };
    assert_eq!(of(spam), "3.5");
    let trusted = true;
    assert_eq!(of(Weight { trusted, ..PLAIN }), "0.5");
    assert_eq!(of(Weight { trusted, ..spam }), "1.75");
}

#[test]
fn none_costs_more_than_the_most_and_sums_do_not_overflow() {
    let many = Weight {
        links: u32::MAX,
        ..PLAIN
    };
    assert_eq!(costs("").of(many).to_string(), "5");
    let dear = costs("link = 100\nmax = 100\ntrusted = 100");
    assert_eq!(dear.of(many).to_string(), "100");
    let trusted = Weight {
        trusted: true,
        ..many
    };
    assert_eq!(dear.of(trusted).to_string(), "100");
}

#[test]
fn a_trusted_author_may_cost_nothing() {
    let trusted = Weight {
        trusted: true,
        ..PLAIN
    };
    assert_eq!(costs("trusted = 0").of(trusted), Cost::NOTHING);
    assert_eq!(costs("trusted = 0").of(PLAIN), Cost::ONE);
}

#[test]
fn products_round_up_to_a_thousandth() {
    let third = Cost::try_from(0.333).unwrap();
    assert_eq!(third.by(third).thousandths(), 111);
    assert_eq!(Cost::ONE.by(third), third);
}

#[test]
fn numbers_are_read_exactly_or_refused() {
    for (number, thousandths) in [("0", 0), ("2", 2_000), ("0.3", 300), ("99.999", 99_999)] {
        let read = settings(&format!("link = {number}")).unwrap();
        assert_eq!(read.link.unwrap().thousandths(), thousandths, "{number}");
    }
    for bad in ["-1", "0.0001", "100.001", "inf", "nan", "1e300"] {
        let told = settings(&format!("link = {bad}")).unwrap_err();
        let expected = "expected a number from 0 to 100 with at most three decimals, found";
        assert!(told.contains(expected), "{bad}: {told}");
    }
    let told = settings("link = \"one\"").unwrap_err();
    assert!(told.contains("expected f64"), "{told}");
}

#[test]
fn the_nearest_layer_that_says_something_counts() {
    let site = settings("link = 2").unwrap();
    let installation = settings("link = 3\nspam = 4").unwrap();
    let resolved = site.or(&installation).or(&CostSettings::built_in());
    let expected = settings("link = 2\nspam = 4\ntrusted = 0.5\nmax = 5").unwrap();
    assert_eq!(resolved, expected);
}

#[test]
fn it_is_printed_as_it_is_read() {
    let printed = toml::to_string(&CostSettings::built_in()).unwrap();
    assert_eq!(printed, "link = 0.5\nspam = 2\ntrusted = 0.5\nmax = 5\n");
    assert_eq!(settings(&printed).unwrap(), CostSettings::built_in());
}
