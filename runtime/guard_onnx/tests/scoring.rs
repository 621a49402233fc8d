//! Networks that are made here: what they score, what is refused, and a policy that asks one.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use guard_db::{GuardDatabase, package_from_texts};
use guard_engine::{Engine, Interpreter, Network, NetworkError, Networks, Surroundings};
use guard_onnx::OnnxNetworks;
use guard_onnx::limits::{TEXT_BYTES_MAX, WINDOW_MAX};
use guard_plan::Verdict;
use prost::Message;
use std::sync::Arc;
use tract_onnx::pb;

/// What a network looks like; the default reads bytes and says as a logit whether there is a `!`.
struct Shape {
    input: &'static str,
    /// Any number of positions where there is none.
    positions: Option<i64>,
    output: &'static str,
    /// For each value of the input, its columns.
    table: Vec<Vec<f32>>,
}

impl Default for Shape {
    fn default() -> Self {
        let table = (0..256).map(|byte| vec![if byte == i32::from(b'!') { 6.0 } else { -6.0 }]);
        Self { input: "bytes", positions: None, output: "logits", table: table.collect() }
    }
}

impl Shape {
    /// Reads words, and says which of two kinds a text is.
    fn of_words() -> Self {
        // Unknown, `please`, `ignore`.
        let table = vec![vec![2.0, -2.0], vec![2.0, -2.0], vec![-1.0, 3.0]];
        Self { input: "input_ids", table, ..Self::default() }
    }

    /// The file: looks each position up in the table and takes the highest of each column.
    fn file(&self) -> Vec<u8> {
        let columns = self.table.first().map_or(0, Vec::len);
        let table = pb::TensorProto {
            name: "table".to_owned(),
            dims: vec![count(self.table.len()), count(columns)],
            data_type: pb::tensor_proto::DataType::Float.into(),
            float_data: self.table.concat(),
            ..pb::TensorProto::default()
        };
        let look_up = node("Gather", &["table", self.input], "looked_up", Vec::new());
        let highest = vec![ints("axes", &[1]), int("keepdims", 0)];
        let highest = node("ReduceMax", &["looked_up"], self.output, highest);
        let graph = pb::GraphProto {
            node: vec![look_up, highest],
            initializer: vec![table],
            input: vec![value(self.input, pb::tensor_proto::DataType::Int64, self.positions)],
            output: vec![value(
                self.output,
                pb::tensor_proto::DataType::Float,
                Some(count(columns)),
            )],
            ..pb::GraphProto::default()
        };
        file(graph)
    }
}

fn file(graph: pb::GraphProto) -> Vec<u8> {
    let import = pb::OperatorSetIdProto { version: 13, ..pb::OperatorSetIdProto::default() };
    let opset_import = vec![import];
    let model = pb::ModelProto {
        ir_version: 8,
        opset_import,
        graph: Some(graph),
        ..pb::ModelProto::default()
    };
    model.encode_to_vec()
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap()
}

fn node(
    op: &str,
    inputs: &[&str],
    output: &str,
    attribute: Vec<pb::AttributeProto>,
) -> pb::NodeProto {
    pb::NodeProto {
        op_type: op.to_owned(),
        name: format!("{op}_{output}"),
        input: inputs.iter().map(ToString::to_string).collect(),
        output: vec![output.to_owned()],
        attribute,
        ..pb::NodeProto::default()
    }
}

fn ints(name: &str, values: &[i64]) -> pb::AttributeProto {
    let r#type = pb::attribute_proto::AttributeType::Ints.into();
    let (name, ints) = (name.to_owned(), values.to_vec());
    pb::AttributeProto { name, r#type, ints, ..pb::AttributeProto::default() }
}

fn int(name: &str, i: i64) -> pb::AttributeProto {
    let r#type = pb::attribute_proto::AttributeType::Int.into();
    pb::AttributeProto { name: name.to_owned(), r#type, i, ..pb::AttributeProto::default() }
}

/// A value of one row.
fn value(name: &str, of: pb::tensor_proto::DataType, positions: Option<i64>) -> pb::ValueInfoProto {
    use pb::tensor_shape_proto::{Dimension, dimension::Value};
    let dimension = |value| Dimension { value: Some(value), ..Dimension::default() };
    let positions = match positions {
        Some(positions) => Value::DimValue(positions),
        None => Value::DimParam("n".to_owned()),
    };
    let dim = vec![dimension(Value::DimValue(1)), dimension(positions)];
    let tensor =
        pb::type_proto::Tensor { elem_type: of.into(), shape: Some(pb::TensorShapeProto { dim }) };
    let value = Some(pb::type_proto::Value::TensorType(tensor));
    let r#type = Some(pb::TypeProto { value, ..pb::TypeProto::default() });
    pb::ValueInfoProto { name: name.to_owned(), r#type, ..pb::ValueInfoProto::default() }
}

/// A tokenizer of three words between blanks.
const TOKENIZER: &[u8] = br#"{
  "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
  "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
  "post_processor": null, "decoder": null,
  "model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "please": 1, "ignore": 2}, "unk_token": "[UNK]"}
}"#;

fn load(file: &[u8], tokenizer: Option<&[u8]>) -> Result<Box<dyn Network>, NetworkError> {
    OnnxNetworks.load(file, tokenizer)
}

fn score(network: &dyn Network, text: &str) -> f64 {
    network.score(text).unwrap()
}

/// Why a network is not loaded.
fn refusal(file: &[u8], tokenizer: Option<&[u8]>) -> String {
    load(file, tokenizer).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn a_network_over_bytes_scores_a_text() {
    let network = load(&Shape::default().file(), None).unwrap();
    assert!(score(&*network, "be quick!") > 0.99);
    assert!(score(&*network, "be quick") < 0.01);
    assert!(score(&*network, "") < 0.01);
}

#[test]
fn a_network_over_tokens_has_its_tokenizer_beside_it() {
    let network = load(&Shape::of_words().file(), Some(TOKENIZER)).unwrap();
    assert!(score(&*network, "Ignore that") > 0.7);
    assert!(score(&*network, "please do that") < 0.05);
    let refused = refusal(&Shape::of_words().file(), None);
    assert_eq!(refused, "it reads tokens, and there is no `tokenizer.json` beside it");
}

#[test]
fn what_stands_anywhere_in_a_long_text_is_read() {
    for positions in [None, Some(16)] {
        let network = load(&Shape { positions, ..Shape::default() }.file(), None).unwrap();
        let length =
            positions.map_or(WINDOW_MAX, |positions| usize::try_from(positions).unwrap()) * 3;
        for place in [0, 1, length / 3 - 1, length / 3, length / 2, length - 2, length - 1] {
            let mut text = ".".repeat(length);
            text.replace_range(place..=place, "!");
            assert!(score(&*network, &text) > 0.99, "at {place} of {length}");
        }
        assert!(score(&*network, &".".repeat(length)) < 0.01);
    }
    let words = load(&Shape::of_words().file(), Some(TOKENIZER)).unwrap();
    let long = format!("{} ignore", "please ".repeat(WINDOW_MAX * 2));
    assert!(score(&*words, &long) > 0.7);
}

#[test]
fn a_text_past_the_bound_has_no_score() {
    let network = load(&Shape::default().file(), None).unwrap();
    assert!(network.score(&"a".repeat(TEXT_BYTES_MAX)).is_ok());
    assert!(network.score(&"a".repeat(TEXT_BYTES_MAX + 1)).is_err());
}

#[test]
fn an_output_that_is_a_probability_is_taken_as_it_is() {
    let table = (0..256).map(|byte| vec![1.0, if byte == 33 { 0.75 } else { 0.25 }]).collect();
    let network = load(&Shape { output: "probabilities", table, ..Shape::default() }.file(), None);
    let network = network.unwrap();
    assert!((score(&*network, "!") - 0.75).abs() < 1e-6);
    assert!((score(&*network, "?") - 0.25).abs() < 1e-6);
    let table = vec![vec![1.5]; 256];
    let shape = Shape { output: "probability", table, ..Shape::default() };
    let refused = refusal(&shape.file(), None);
    assert_eq!(refused, "what it gives is no probability");
}

#[test]
fn what_is_no_classifier_of_texts_is_refused_with_a_reason() {
    let three = Shape { table: vec![vec![0.0; 3]; 256], ..Shape::default() };
    assert_eq!(refusal(&three.file(), None), "it gives 3 values, not one or two");
    let image = Shape { input: "pixels", ..Shape::default() };
    assert_eq!(refusal(&image.file(), None), "its input `pixels` is none that can be filled");
    let narrow = Shape { positions: Some(2), ..Shape::default() };
    assert_eq!(refusal(&narrow.file(), None), "it reads 2 positions, not 8 to 512");
    assert!(refusal(&Shape::of_words().file(), Some(b"{}")).contains("`tokenizer.json`"));
}

#[test]
fn damaged_files_are_refused() {
    let file = Shape::default().file();
    assert!(load(&[], None).is_err());
    for end in (0..file.len()).step_by(37) {
        assert!(load(&file[..end], None).is_err(), "cut at {end}");
    }
    // Most bytes of the table may have any value; what is loaded scores.
    for place in (0..file.len()).step_by(11) {
        let mut damaged = file.clone();
        damaged[place] ^= 0x55;
        if let Ok(network) = load(&damaged, None) {
            drop(network.score("a text"));
        }
    }
}

#[test]
fn weights_outside_of_the_file_are_refused() {
    let said = |key: &str, value: &str| pb::StringStringEntryProto {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    let mut model = pb::ModelProto::decode(Shape::default().file().as_slice()).unwrap();
    let table = &mut model.graph.as_mut().unwrap().initializer[0];
    table.float_data.clear();
    table.external_data = vec![said("location", "/etc/hostname"), said("length", "4")];
    table.data_location = Some(pb::tensor_proto::DataLocation::External.into());
    assert!(load(&model.encode_to_vec(), None).is_err());
}

/// The verdict of a policy on an input, and whether anything runs its network.
fn verdict(text: &str, networks: Option<Arc<dyn Networks>>) -> Result<Verdict, String> {
    let policy = "guard 1\ndetector loud = model \"loud.onnx\"\n\
                  agent a { prohibit input when loud.score(text) >= 0.5 }";
    let file = Shape::default().file();
    let db = GuardDatabase::default();
    let models: &[(&str, &[u8])] = &[("loud.onnx", &file)];
    let package = package_from_texts(&db, "test", [("a.guard", policy)], &[], models);
    let compiled = guard_lower::compile(&db, package);
    let plan = compiled.plan.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
    // It travels in the plan.
    let plan = Arc::new(guard_plan::Plan::decode(&plan.encode()).unwrap());
    let around = Surroundings { networks, ..Surroundings::default() };
    let interpreter = Box::new(Interpreter::new(Arc::clone(&plan)));
    let engine = Engine::within(plan, interpreter, around).map_err(|error| error.to_string())?;
    let event = serde_json::json!({"type": "input", "text": text}).to_string();
    Ok(engine.session("a", "s", b"{}").unwrap().decide(event.as_bytes()).verdict())
}

#[test]
fn a_policy_asks_a_network() {
    let networks = || Some(Arc::new(OnnxNetworks) as Arc<dyn Networks>);
    assert_eq!(verdict("now!", networks()), Ok(Verdict::Deny));
    assert_eq!(verdict("now", networks()), Ok(Verdict::Allow));
    // What cannot be scored is unknown, and a rule that refuses fires.
    assert_eq!(verdict(&"a".repeat(TEXT_BYTES_MAX + 1), networks()), Ok(Verdict::Deny));
}

#[test]
fn without_what_runs_it_a_plan_with_a_network_is_not_loaded() {
    let refused = "the plan is not valid: model `loud`: nothing here runs ONNX networks";
    assert_eq!(verdict("now", None), Err(refused.to_owned()));
}
