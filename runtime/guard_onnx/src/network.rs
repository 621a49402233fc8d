//! A network from its file, and the score of a text.

use crate::input::{Input, Reader};
use crate::limits::{TEXT_BYTES_MAX, WINDOW_MAX, WINDOW_MIN};
use crate::output::Meaning;
use guard_engine::{Network, NetworkError, Networks};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tract_onnx::pb::ModelProto;
use tract_onnx::prelude::{
    DatumType, Framework, InferenceFact, InferenceModel, InferenceModelExt, IntoRunnable, TValue,
    TVec, ToDim, TractResult, TypedRunnableModel,
};
use tract_onnx::tract_hir::infer::Factoid;

/// Runs networks in this process, on the thread that asks.
#[derive(Debug, Clone, Copy, Default)]
pub struct OnnxNetworks;

impl Networks for OnnxNetworks {
    fn load(
        &self,
        weights: &[u8],
        tokenizer: Option<&[u8]>,
    ) -> Result<Box<dyn Network>, NetworkError> {
        let network = contained(|| OnnxNetwork::load(weights, tokenizer))?;
        // What cannot run is found out now, and not on the first event.
        network.score("a")?;
        Ok(Box::new(network))
    }
}

#[derive(Debug)]
struct OnnxNetwork {
    plan: Arc<TypedRunnableModel>,
    inputs: Vec<Input>,
    meaning: Meaning,
    reader: Reader,
    /// How many positions the network fixes.
    fixed: Option<usize>,
}

impl Network for OnnxNetwork {
    fn score(&self, text: &str) -> Result<f64, NetworkError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(NetworkError::new("the text is longer than is read"));
        }
        contained(|| {
            let mut highest = 0.0_f64;
            for window in self.reader.windows(text)? {
                // Nothing cannot be read: a network over bytes sees one zero.
                let window = if window.is_empty() { vec![0] } else { window };
                highest = highest.max(self.window(&window)?);
            }
            Ok(highest)
        })
    }
}

impl OnnxNetwork {
    fn load(weights: &[u8], tokenizer: Option<&[u8]>) -> Result<Self, NetworkError> {
        let onnx = tract_onnx::onnx();
        let mut file = weights;
        let proto = onnx.proto_model_for_read(&mut file).map_err(refused)?;
        let mut model = onnx.model_for_proto_model(&proto).map_err(refused)?;
        let inputs = inputs(&model, tokenizer.is_some())?;
        let fixed = fixed_positions(&model, &inputs)?;
        let width = match fixed {
            Some(positions) => positions.to_dim(),
            None => model.symbols.sym("positions").to_dim(),
        };
        for index in 0..inputs.len() {
            let fact = model.input_fact(index).map_err(refused)?;
            let datum = fact.datum_type.concretize().unwrap_or(DatumType::I64);
            let fact = InferenceFact::dt_shape(datum, [1.to_dim(), width.clone()]);
            model.set_input_fact(index, fact).map_err(refused)?;
        }
        let meaning = choose_output(&proto, &mut model)?;
        let plan = model.into_optimized().and_then(IntoRunnable::into_runnable).map_err(refused)?;
        let reader = Reader::new(tokenizer, fixed.unwrap_or(WINDOW_MAX))?;
        Ok(Self { plan, inputs, meaning, reader, fixed })
    }

    fn window(&self, window: &[u32]) -> Result<f64, NetworkError> {
        let tensor = |input: &Input| Ok(TValue::from(input.tensor(window, self.fixed)?));
        let inputs: TractResult<TVec<TValue>> = self.inputs.iter().map(tensor).collect();
        let outputs = inputs.and_then(|inputs| self.plan.run(inputs)).map_err(refused)?;
        let output = outputs.first().ok_or_else(|| NetworkError::new("it has no output"))?;
        let values = output.to_plain_array_view::<f32>().map_err(refused)?;
        let values: Vec<f32> = values.iter().copied().collect();
        self.meaning.probability(&values)
    }
}

/// The network's inputs in its own order; one of them takes the text.
fn inputs(model: &InferenceModel, has_tokenizer: bool) -> Result<Vec<Input>, NetworkError> {
    let outlets = model.input_outlets().map_err(refused)?;
    let mut inputs = Vec::new();
    for outlet in outlets {
        let fact = model.outlet_fact(*outlet).map_err(refused)?;
        let datum = fact.datum_type.concretize().unwrap_or(DatumType::I64);
        inputs.push(Input::new(&model.node(outlet.node).name, datum, has_tokenizer)?);
    }
    if inputs.iter().filter(|input| input.is_text()).count() != 1 {
        return Err(NetworkError::new("it has no input for a text"));
    }
    Ok(inputs)
}

/// How many positions a network fixes; none where it takes any number.
fn fixed_positions(
    model: &InferenceModel,
    inputs: &[Input],
) -> Result<Option<usize>, NetworkError> {
    let index = inputs.iter().position(|input| input.is_text()).unwrap_or_default();
    let shape = &model.input_fact(index).map_err(refused)?.shape;
    let positions = shape.dim(1).and_then(|dim| dim.concretize()).and_then(|dim| dim.to_i64().ok());
    let Some(positions) = positions.and_then(|positions| usize::try_from(positions).ok()) else {
        return Ok(None);
    };
    if (WINDOW_MIN..=WINDOW_MAX).contains(&positions) {
        Ok(Some(positions))
    } else {
        let bounds = format!("{WINDOW_MIN} to {WINDOW_MAX}");
        Err(NetworkError::new(format!("it reads {positions} positions, not {bounds}")))
    }
}

/// Leaves the network the first output of numbers with a fraction.
fn choose_output(proto: &ModelProto, model: &mut InferenceModel) -> Result<Meaning, NetworkError> {
    let declared = proto.graph.iter().flat_map(|graph| &graph.output);
    let outlets = model.output_outlets().map_err(refused)?.to_vec();
    for (outlet, declared) in outlets.into_iter().zip(declared) {
        let datum = model.outlet_fact(outlet).map_err(refused)?.datum_type.concretize();
        if datum.is_none_or(|datum| datum == DatumType::F32) {
            model.select_output_outlets(&[outlet]).map_err(refused)?;
            return Ok(Meaning::of(&declared.name));
        }
    }
    Err(NetworkError::new("it has no output of float32"))
}

fn refused(error: impl std::fmt::Display) -> NetworkError {
    // Of the chain of causes the first line is the one for an author.
    let message = error.to_string();
    NetworkError::new(message.lines().next().unwrap_or_default())
}

/// A panic in somebody else's code is an error here.
fn contained<T>(work: impl FnOnce() -> Result<T, NetworkError>) -> Result<T, NetworkError> {
    let panicked = |_| Err(NetworkError::new("it cannot be run"));
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(panicked)
}
