//! Reading the layout, and what its checksum cannot show.

use super::{ArtefactError, DIGEST_BYTES, ENTRY_BYTES, Header, Support, WeightEntry};
use crate::verdict::Head;

pub(super) fn length(value: usize) -> Result<u32, ArtefactError> {
    u32::try_from(value).map_err(|_| ArtefactError::Damaged("larger than the format allows"))
}

/// What the checksum cannot show: a file made wrong by a wrong program.
pub(super) fn check(header: &Header, entries: &[WeightEntry]) -> Result<(), ArtefactError> {
    for head in Head::ALL {
        let fit = header.heads.get(head).fit;
        let [first, second] = fit.length;
        let parameters = [fit.prior, fit.gain, first, second, fit.knee, fit.above];
        if !parameters.iter().all(|parameter| parameter.is_finite()) {
            return Err(ArtefactError::Damaged("its parameters are not finite"));
        }
        if fit.gain < 0.0 || fit.above <= 0.0 {
            return Err(ArtefactError::Damaged(
                "its scores would fall as weights grow",
            ));
        }
    }
    if entries.first().is_some_and(|e| e.key == 0)
        || entries.windows(2).any(|pair| pair[0].key >= pair[1].key)
    {
        return Err(ArtefactError::Damaged("its keys are not in order"));
    }
    Ok(())
}

pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], ArtefactError> {
        let (taken, rest) = self
            .0
            .split_at_checked(len)
            .ok_or(ArtefactError::Damaged("cut off"))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn u32(&mut self) -> Result<u32, ArtefactError> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    pub(super) fn entries(&mut self) -> Result<Vec<WeightEntry>, ArtefactError> {
        let count = self.u32()? as usize;
        let expected = count
            .checked_mul(ENTRY_BYTES)
            .ok_or(ArtefactError::Damaged("cut off"))?;
        let bytes = self.take(expected)?;
        Ok(bytes
            .chunks_exact(ENTRY_BYTES)
            .map(|b| WeightEntry {
                key: u32::from_le_bytes([b[0], b[1], b[2], b[3]]),
                weights: [
                    i16::from_le_bytes([b[4], b[5]]),
                    i16::from_le_bytes([b[6], b[7]]),
                ],
            })
            .collect())
    }

    pub(super) fn supports(&mut self, count: usize) -> Result<Vec<Support>, ArtefactError> {
        let bytes = self.take(count)?;
        Ok(bytes.iter().copied().map(Support::from_byte).collect())
    }

    /// Nothing but the digest is left.
    pub(super) fn end(&self) -> Result<(), ArtefactError> {
        if self.0.len() == DIGEST_BYTES {
            Ok(())
        } else {
            Err(ArtefactError::Damaged("it has bytes left over"))
        }
    }
}
