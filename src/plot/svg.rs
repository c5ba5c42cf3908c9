//! Marks made SVG.

use std::fmt::{self, Write};

use super::{Bar, Chart, Mark, Point, Series};

// In units of the view box; a page shows some 1.2 pixels for each.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 310.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 46.0;
const BOTTOM: f64 = 50.0;
/// About the width of a character of the legend.
const CHARACTER: f64 = 6.6;
/// The same of a threshold's name.
const NARROW_CHARACTER: f64 = 6.2;
/// Points closer than this to the last are not drawn.
const NEAR: f64 = 0.7;

pub(super) fn draw(chart: &Chart) -> String {
    let mut svg = String::new();
    // Writing to a string cannot fail.
    let _ = Drawing { chart }.write(&mut svg);
    svg
}

struct Drawing<'a> {
    chart: &'a Chart,
}

impl Drawing<'_> {
    fn write(&self, svg: &mut String) -> fmt::Result {
        let Chart {
            id,
            title,
            description,
            ..
        } = self.chart;
        let id = Escaped(id);
        write!(
            svg,
            "<svg class=\"plot\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\
             <title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>",
            Escaped(title),
            Escaped(description)
        )?;
        self.axes(svg)?;
        for mark in &self.chart.marks {
            self.mark(svg, mark)?;
        }
        self.thresholds(svg)?;
        self.legend(svg)?;
        svg.push_str("</svg>");
        Ok(())
    }

    fn x(&self, value: f64) -> f64 {
        let place = self.chart.x.scale.place(value);
        LEFT + place * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        let place = self.chart.y.scale.place(value);
        HEIGHT - BOTTOM - place * (HEIGHT - TOP - BOTTOM)
    }

    fn axes(&self, svg: &mut String) -> fmt::Result {
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        for tick in &self.chart.x.ticks {
            let x = self.x(tick.at);
            write!(
                svg,
                "<path class=\"grid\" d=\"M{x:.1} {TOP}V{bottom}\"/>\
                 <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                bottom + 17.0,
                Escaped(&tick.label)
            )?;
        }
        for tick in &self.chart.y.ticks {
            let y = self.y(tick.at);
            write!(
                svg,
                "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{right}\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 6.0,
                y + 4.0,
                Escaped(&tick.label)
            )?;
        }
        write!(
            svg,
            "<path class=\"axis\" d=\"M{LEFT} {TOP}V{bottom}H{right}\"/>\
             <text class=\"label\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
             <text class=\"label\" transform=\"translate(14 {:.1})rotate(-90)\" text-anchor=\"middle\">{}</text>",
            LEFT.midpoint(right),
            HEIGHT - 10.0,
            Escaped(&self.chart.x.label),
            TOP.midpoint(bottom),
            Escaped(&self.chart.y.label)
        )
    }

    fn mark(&self, svg: &mut String, mark: &Mark) -> fmt::Result {
        match mark {
            Mark::Line { series, points, .. } => {
                write!(svg, "<path class=\"line {}\" d=\"", series.class())?;
                self.path(svg, points)?;
                svg.push_str("\"/>");
                Ok(())
            }
            Mark::Guide { points, .. } => {
                svg.push_str("<path class=\"guide\" d=\"");
                self.path(svg, points)?;
                svg.push_str("\"/>");
                Ok(())
            }
            Mark::Bars { series, bars, .. } => {
                bars.iter().try_for_each(|bar| self.bar(svg, *series, bar))
            }
            Mark::Points { series, points, .. } => points
                .iter()
                .try_for_each(|point| self.point(svg, *series, point)),
            Mark::Threshold { .. } => Ok(()),
        }
    }

    fn path(&self, svg: &mut String, points: &[(f64, f64)]) -> fmt::Result {
        let mut drawn: Option<(f64, f64)> = None;
        for (at, &(x, y)) in points.iter().enumerate() {
            let (x, y) = (self.x(x), self.y(y));
            let near = drawn.is_some_and(|(a, b)| (a - x).abs() < NEAR && (b - y).abs() < NEAR);
            if near && at + 1 < points.len() {
                continue;
            }
            let command = if drawn.is_none() { 'M' } else { 'L' };
            write!(svg, "{command}{x:.1} {y:.1}")?;
            drawn = Some((x, y));
        }
        Ok(())
    }

    fn bar(&self, svg: &mut String, series: Series, bar: &Bar) -> fmt::Result {
        let (left, right) = (self.x(bar.from), self.x(bar.to));
        let (base, end) = (self.y(bar.base), self.y(bar.base + bar.height));
        write!(
            svg,
            "<rect class=\"bar {}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{}</title></rect>",
            series.class(),
            left + 0.5,
            base.min(end),
            (right - left - 1.0).max(0.5),
            (base - end).abs(),
            Escaped(&bar.tip)
        )
    }

    fn point(&self, svg: &mut String, series: Series, point: &Point) -> fmt::Result {
        write!(
            svg,
            "<circle class=\"point {}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"{:.1}\"><title>{}</title></circle>",
            series.class(),
            self.x(point.x),
            self.y(point.y),
            3.0 + 7.0 * point.weight.clamp(0.0, 1.0).sqrt(),
            Escaped(&point.tip)
        )?;
        if point.name.is_empty() {
            return Ok(());
        }
        // Below and beside, where a curve that bends as they do leaves room.
        let width = NARROW_CHARACTER * point.name.chars().count() as f64;
        let x = self.x(point.x).min(WIDTH - RIGHT - width - 9.0);
        write!(
            svg,
            "<text class=\"mark\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            x + 9.0,
            self.y(point.y) + 15.0,
            Escaped(&point.name)
        )
    }

    /// Their names stand one below the other, so that two close lines do not write over each
    /// other, and on the side where there is room.
    fn thresholds(&self, svg: &mut String) -> fmt::Result {
        let mut row = TOP + 11.0;
        for mark in &self.chart.marks {
            let Mark::Threshold { x, name } = mark else {
                continue;
            };
            let x = self.x(*x);
            let width = NARROW_CHARACTER * name.chars().count() as f64;
            let (anchor, side) = if x + width + 4.0 > WIDTH {
                ("end", -4.0)
            } else {
                ("start", 4.0)
            };
            write!(
                svg,
                "<path class=\"threshold\" d=\"M{x:.1} {TOP}V{}\"/>\
                 <text class=\"mark\" x=\"{:.1}\" y=\"{row:.1}\" text-anchor=\"{anchor}\">{}</text>",
                HEIGHT - BOTTOM,
                x + side,
                Escaped(name)
            )?;
            row += 15.0;
        }
        Ok(())
    }

    fn legend(&self, svg: &mut String) -> fmt::Result {
        let (mut x, mut y) = (LEFT, 14.0);
        for mark in &self.chart.marks {
            let (class, name) = match mark {
                Mark::Line { series, name, .. } => (format!("line {}", series.class()), name),
                Mark::Points { series, name, .. } | Mark::Bars { series, name, .. } => {
                    (format!("swatch {}", series.class()), name)
                }
                Mark::Guide { name, .. } => ("guide".to_owned(), name),
                Mark::Threshold { .. } => continue,
            };
            let width = 40.0 + CHARACTER * name.chars().count() as f64;
            if x > LEFT && x + width > WIDTH {
                (x, y) = (LEFT, y + 18.0);
            }
            write!(
                svg,
                "<path class=\"{class}\" d=\"M{x:.1} {:.1}h18\"/><text x=\"{:.1}\" y=\"{y:.1}\">{}</text>",
                y - 4.0,
                x + 23.0,
                Escaped(name)
            )?;
            x += width;
        }
        Ok(())
    }
}

/// Text as it may stand in an element or a quoted attribute.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => formatter.write_str("&amp;")?,
                '<' => formatter.write_str("&lt;")?,
                '>' => formatter.write_str("&gt;")?,
                '"' => formatter.write_str("&quot;")?,
                '\n' | '\t' => formatter.write_char(' ')?,
                control if control.is_control() => formatter.write_char('\u{fffd}')?,
                other => formatter.write_char(other)?,
            }
        }
        Ok(())
    }
}
