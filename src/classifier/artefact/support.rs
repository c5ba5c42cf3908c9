//! How well a model knows a feature.

/// Steps for each doubling.
const STEPS: f64 = 8.0;

/// How much of a feature the rows held that a model learned from: the mean square of
/// its value (its count over the root of the comment's size), in 255 steps of an
/// eighth of a doubling up to 1. It says how far scores move, in the mean over those
/// rows, when the feature's weight is changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Support(u8);

impl Support {
    /// The nearest step; what is beyond 1 counts as 1, and 0 is 0.
    #[must_use]
    pub fn of_mean_square(mean_square: f64) -> Self {
        if mean_square <= 0.0 {
            return Self(0);
        }
        let step = (f64::from(u8::MAX) + STEPS * mean_square.log2()).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped"
        )]
        Self(step.clamp(1.0, f64::from(u8::MAX)) as u8)
    }

    /// The mean square it stands for.
    #[must_use]
    pub fn mean_square(self) -> f64 {
        if self.0 == 0 {
            return 0.0;
        }
        ((f64::from(self.0) - f64::from(u8::MAX)) / STEPS).exp2()
    }

    pub(super) const fn byte(self) -> u8 {
        self.0
    }

    pub(super) const fn from_byte(byte: u8) -> Self {
        Self(byte)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ends_are_kept() {
        for (given, kept) in [(0.0, 0.0), (-1.0, 0.0), (1.0, 1.0), (7.0, 1.0)] {
            let found = Support::of_mean_square(given).mean_square();
            assert!((found - kept).abs() < 1e-12, "{given} {found}");
        }
        assert!(Support::of_mean_square(1e-30).mean_square() > 0.0);
    }

    proptest! {
        #[test]
        fn what_is_kept_is_near(exponent in -31.0..0.0_f64) {
            let given = exponent.exp2();
            let ratio = Support::of_mean_square(given).mean_square() / given;
            prop_assert!((0.95..1.05).contains(&ratio), "{ratio}");
        }
    }
}
