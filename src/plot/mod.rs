//! Charts as SVG that stands in a page: no script, no colours of its own, readable without seeing.
//!
//! A [`Chart`] is axes and [`Mark`]s; [`Chart::svg`] draws it. Colours, light and dark, come from
//! [`STYLE`], and every series also has a dash or a place of its own, since not everybody tells
//! colours apart. A chart has a title and a description that says in words what it shows. Knows
//! nothing of comments and models.
//!
//! Our own, because the plotting crates write fixed colours and bare shapes into their SVG
//! (plotters, charming's static export) or need a script in the page (charming, plotly).

mod axis;
mod mark;
mod svg;

#[cfg(test)]
mod tests;

pub use axis::{Axis, Scale, Tick};
pub use mark::{Bar, Mark, Point, Series};

/// The style sheet of all charts; goes once into the page.
pub const STYLE: &str = include_str!("plot.css");

/// A chart of one area with two axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Name for the page to refer to, unlike any other on it: letters, digits and hyphens.
    pub id: String,
    /// What it is, in a few words.
    pub title: String,
    /// What it shows, for who cannot see it: the figures that matter, in a sentence or two.
    pub description: String,
    /// From left to right.
    pub x: Axis,
    /// From below to above.
    pub y: Axis,
    /// What is drawn, in this order.
    pub marks: Vec<Mark>,
}

impl Chart {
    /// The chart as an `svg` element, all text in it escaped.
    #[must_use]
    pub fn svg(&self) -> String {
        svg::draw(self)
    }
}
