//! A scanner as bytes. They hold the detectors and not their tables: what is read is compiled by
//! the code and within the limits that compiled it first, so hostile bytes can name other patterns
//! and do nothing worse.

use super::{Detector, ScanError, Scanner};
use crate::limits;

/// What the bytes begin with: a name, and the version of what follows.
const MAGIC: &[u8; 8] = b"gdscan\x00\x01";

pub(crate) fn to_bytes(detectors: &[Detector]) -> Vec<u8> {
    // Writing to a `Vec` cannot fail, and every field has a wire form.
    let body = postcard::to_stdvec(detectors).unwrap_or_default();
    [MAGIC.as_slice(), &body].concat()
}

pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Scanner, ScanError> {
    if bytes.len() > limits::SCANNER_BYTES_MAX {
        return Err(ScanError::new("these detectors are too many bytes"));
    }
    let body = bytes
        .strip_prefix(MAGIC)
        .ok_or_else(|| ScanError::new("these bytes are no detectors of this version"))?;
    let (detectors, rest) = postcard::take_from_bytes::<Vec<Detector>>(body)
        .map_err(|_| ScanError::new("these bytes are damaged"))?;
    if !rest.is_empty() {
        return Err(ScanError::new("something follows these bytes"));
    }
    Scanner::compile(&detectors)
}
