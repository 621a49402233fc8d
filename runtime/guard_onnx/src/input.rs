//! What a network wants to read, and texts cut into windows of it.

use crate::limits::OVERLAP_PARTS;
use guard_engine::NetworkError;
use tokenizers::{Encoding, Tokenizer, TruncationParams};
use tract_onnx::prelude::{DatumType, Tensor, TractResult};

/// What one input of a network holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The tokens, or the bytes.
    Text,
    /// One where there is text, zero where there is padding.
    Mask,
    /// Zeros: all is one text.
    Segment,
}

/// One input of a network.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input {
    role: Role,
    of_64_bits: bool,
}

/// How a text becomes numbers.
#[derive(Debug)]
pub(crate) enum Reader {
    Tokens(Box<Tokenizer>),
    /// This many positions a window.
    Bytes(usize),
}

impl Role {
    fn of(name: &str, has_tokenizer: bool) -> Result<Self, NetworkError> {
        match (name, has_tokenizer) {
            ("input_ids", true) | ("bytes", false) => Ok(Self::Text),
            ("attention_mask", _) => Ok(Self::Mask),
            ("token_type_ids", true) => Ok(Self::Segment),
            ("input_ids", false) => Err(NetworkError::new(
                "it reads tokens, and there is no `tokenizer.json` beside it",
            )),
            _ => Err(NetworkError::new(format!("its input `{name}` is none that can be filled"))),
        }
    }
}

impl Input {
    /// An input by its name and the type of its numbers.
    pub(crate) fn new(
        name: &str,
        datum: DatumType,
        has_tokenizer: bool,
    ) -> Result<Self, NetworkError> {
        let role = Role::of(name, has_tokenizer)?;
        if datum != DatumType::I64 && datum != DatumType::I32 {
            let message = format!("its input `{name}` is of {datum:?}, not of whole numbers");
            return Err(NetworkError::new(message));
        }
        Ok(Self { role, of_64_bits: datum == DatumType::I64 })
    }

    /// Whether the text itself comes in here.
    pub(crate) fn is_text(self) -> bool {
        self.role == Role::Text
    }

    /// The values of one window, padded to `fixed` positions where the network fixes them.
    pub(crate) fn tensor(self, window: &[u32], fixed: Option<usize>) -> TractResult<Tensor> {
        let value = |number: &u32| match self.role {
            Role::Text => i64::from(*number),
            Role::Mask => 1,
            Role::Segment => 0,
        };
        let mut row: Vec<i64> = window.iter().map(value).collect();
        row.resize(fixed.unwrap_or(window.len()), 0);
        let tensor = Tensor::from_shape(&[1, row.len()], &row)?;
        if self.of_64_bits {
            return Ok(tensor);
        }
        Ok(tensor.cast_to::<i32>()?.into_owned())
    }
}

impl Reader {
    /// With the file of a tokenizer, or over bytes.
    pub(crate) fn new(tokenizer: Option<&[u8]>, window: usize) -> Result<Self, NetworkError> {
        let Some(file) = tokenizer else { return Ok(Self::Bytes(window)) };
        let refused = |error: tokenizers::Error| {
            NetworkError::new(format!("its `tokenizer.json` cannot be used: {error}"))
        };
        let mut tokenizer = Tokenizer::from_bytes(file).map_err(refused)?;
        // The file's own cut would leave the rest of a text unread.
        let cut = TruncationParams {
            max_length: window,
            stride: window / OVERLAP_PARTS,
            ..TruncationParams::default()
        };
        tokenizer.with_padding(None).with_truncation(Some(cut)).map_err(refused)?;
        Ok(Self::Tokens(Box::new(tokenizer)))
    }

    /// The windows of a text; one at least, and together all of it.
    pub(crate) fn windows(&self, text: &str) -> Result<Vec<Vec<u32>>, NetworkError> {
        match self {
            Self::Bytes(window) => Ok(windows_of_bytes(text.as_bytes(), *window)),
            Self::Tokens(tokenizer) => {
                let failed = |error: tokenizers::Error| NetworkError::new(error.to_string());
                let encoding = tokenizer.encode_fast(text, true).map_err(failed)?;
                let ids = |encoding: &Encoding| encoding.get_ids().to_vec();
                let further = encoding.get_overflowing().iter().map(ids);
                Ok(std::iter::once(ids(&encoding)).chain(further).collect())
            }
        }
    }
}

fn windows_of_bytes(bytes: &[u8], window: usize) -> Vec<Vec<u32>> {
    let step = window - window / OVERLAP_PARTS;
    let mut windows = Vec::new();
    let mut rest = bytes;
    loop {
        let (here, is_last) = match rest.get(..window) {
            Some(here) => (here, rest.len() == window),
            None => (rest, true),
        };
        windows.push(here.iter().copied().map(u32::from).collect());
        if is_last {
            return windows;
        }
        rest = rest.get(step..).unwrap_or_default();
    }
}
