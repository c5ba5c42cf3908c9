//! Small charts to the letter, and what holds of all.

use proptest::prelude::*;

use super::*;

fn chart(marks: Vec<Mark>) -> Chart {
    Chart {
        id: "c".into(),
        title: "Title".into(),
        description: "What it shows".into(),
        x: Axis {
            label: "across".into(),
            scale: Scale::Linear { from: 0.0, to: 1.0 },
            ticks: vec![Tick {
                at: 0.5,
                label: "half".into(),
            }],
        },
        y: Axis {
            label: "up".into(),
            scale: Scale::Linear { from: 0.0, to: 1.0 },
            ticks: Vec::new(),
        },
        marks,
    }
}

fn line(points: Vec<(f64, f64)>) -> Mark {
    Mark::Line {
        series: Series::First,
        name: "line".into(),
        points,
    }
}

/// One element a line.
fn elements(svg: &str) -> String {
    svg.replace("><", ">\n<")
}

#[test]
fn draws_a_line_with_its_axes_and_legend() {
    let svg = chart(vec![line(vec![(0.0, 0.0), (0.001, 0.001), (1.0, 0.5)])]).svg();
    insta::assert_snapshot!(elements(&svg));
}

#[test]
fn draws_bars_points_guides_and_thresholds() {
    let svg = chart(vec![
        Mark::Bars {
            series: Series::First,
            name: "bars".into(),
            bars: vec![Bar {
                from: 0.0,
                to: 0.5,
                base: 0.0,
                height: 0.25,
                tip: "a quarter".into(),
            }],
        },
        Mark::Points {
            series: Series::Second,
            name: "points".into(),
            points: vec![Point {
                x: 0.5,
                y: 0.5,
                weight: 1.0,
                name: "here".into(),
                tip: "the middle".into(),
            }],
        },
        Mark::Guide {
            name: "chance".into(),
            points: [(0.0, 0.0), (1.0, 1.0)],
        },
        Mark::Threshold {
            x: 0.9,
            name: "reject 0.98".into(),
        },
    ])
    .svg();
    insta::assert_snapshot!(elements(&svg));
}

#[test]
fn probabilities_near_certainty_stand_apart() {
    let scale = Axis::log_odds("score", 7.0).scale;
    assert!((scale.place(0.5) - 0.5).abs() < 1e-12);
    assert!(scale.place(0.99) - scale.place(0.98) > 0.04);
    assert!(scale.place(0.0).abs() < 1e-12 && (scale.place(1.0) - 1.0).abs() < 1e-12);
}

#[test]
fn ticks_are_round_and_few() {
    for most in [0.0007, 0.013, 0.3, 0.51, 1.0] {
        let axis = Axis::percent("share", most);
        assert!((2..=6).contains(&axis.ticks.len()), "{most}: {axis:?}");
        assert!(axis.scale.place(most) <= 1.0 && axis.scale.place(most * 1.001) > 0.5);
    }
    for most in [0.0, 1.0, 3.0, 7.0, 49.0, 501.0, 1_000_000.0] {
        let axis = Axis::count("comments", most);
        assert!((2..=6).contains(&axis.ticks.len()), "{most}: {axis:?}");
        assert!(axis.scale.place(most) <= 1.0 && axis.scale.place(most * 0.99) < 1.0);
    }
    assert_eq!(Axis::count("comments", 4_321.0).ticks[5].label, "5,000");
    let both = Axis::both_ways("share", 0.3);
    assert_eq!(both.ticks.len() % 2, 1, "{both:?}");
}

proptest! {
    #[test]
    fn whatever_is_drawn_stays_inside_and_is_escaped(
        points in prop::collection::vec((any::<f64>(), any::<f64>()), 0..20),
        text in any::<String>(),
    ) {
        let mut chart = chart(vec![
            line(points),
            Mark::Threshold { x: f64::NAN, name: text.clone() },
        ]);
        chart.title = text.clone();
        chart.description.clone_from(&text);
        let svg = chart.svg();
        prop_assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        let tags = svg.matches('<').count();
        let plain = Chart { title: String::new(), description: String::new(), ..chart.clone() };
        prop_assert_eq!(tags, plain.svg().matches('<').count());
        prop_assert!(!svg.contains(|c: char| c.is_control()));
    }
}
