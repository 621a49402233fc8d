//! Networks that detectors name: run where guardc was built for it, refused with a reason elsewhere.

use guard_engine::{Networks, Surroundings};
use std::sync::Arc;

/// What runs networks; none where guardc was built without.
#[cfg(feature = "onnx")]
#[expect(clippy::unnecessary_wraps, reason = "without the feature there is none")]
pub(crate) fn runtime() -> Option<Arc<dyn Networks>> {
    Some(Arc::new(guard_onnx::OnnxNetworks))
}

/// What runs networks; none where guardc was built without.
#[cfg(not(feature = "onnx"))]
pub(crate) fn runtime() -> Option<Arc<dyn Networks>> {
    None
}

/// An engine's surroundings that run networks and nothing else.
pub(crate) fn surroundings() -> Surroundings {
    Surroundings { networks: runtime(), ..Surroundings::default() }
}

/// The networks among the models of a package that cannot be used, and why.
pub(crate) fn unusable(models: &[(Arc<str>, Arc<[u8]>)]) -> Vec<(Arc<str>, Arc<str>)> {
    let find = |path: &str| models.iter().find(|(known, _)| **known == *path);
    let why = |(path, bytes): &(Arc<str>, Arc<[u8]>)| {
        let folder = guard_types::onnx_folder(path)?;
        let tokenizer = find(&format!("{folder}{}", guard_types::TOKENIZER));
        let why = problem(bytes, tokenizer.map(|(_, bytes)| &**bytes))?;
        Some((Arc::clone(path), why.into()))
    };
    models.iter().filter_map(why).collect()
}

fn problem(network: &[u8], tokenizer: Option<&[u8]>) -> Option<String> {
    match runtime() {
        Some(networks) => networks.load(network, tokenizer).err().map(|error| error.to_string()),
        None => Some(
            "this guardc runs no ONNX networks: it was built without `--features onnx`".to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_that_cannot_run_is_named_with_the_reason() {
        let file = |path: &str| (path.into(), b"not a network".as_slice().into());
        let found = unusable(&[file("a.model"), file("models/b.onnx")]);
        let [(path, why)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(&**path, "models/b.onnx");
        assert_eq!(why.contains("--features onnx"), runtime().is_none(), "{why}");
    }
}
