//! Between a cost and the decimal number it is written as.

use serde::{Serialize, Serializer};

use super::{Cost, MAX, NotACost, ONE};

/// How far a double may lie from the thousandth that was written.
const NEAR: f64 = 1e-6;

impl TryFrom<f64> for Cost {
    type Error = NotACost;

    fn try_from(number: f64) -> Result<Self, NotACost> {
        let thousandths = (number * f64::from(ONE)).round();
        let is_near = (number * f64::from(ONE) - thousandths).abs() < NEAR;
        if !is_near || !(0.0..=f64::from(MAX * ONE)).contains(&thousandths) {
            return Err(NotACost(number));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is whole and in range"
        )]
        Ok(Self(thousandths as u32))
    }
}

impl From<Cost> for f64 {
    fn from(cost: Cost) -> Self {
        Self::from(cost.thousandths()) / Self::from(ONE)
    }
}

/// A whole number where it is one.
impl Serialize for Cost {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.thousandths().is_multiple_of(ONE) {
            serializer.serialize_u32(self.thousandths() / ONE)
        } else {
            serializer.serialize_f64((*self).into())
        }
    }
}
