//! Detectors: what their declarations describe, and the questions that rules ask them.

use crate::asked::{Asked, TextQuestion};
use crate::infer::Checker;
use crate::origins::asked;
use crate::ty::Ty;
use crate::typed::{Namespace, Typed, Value};
use guard_db::{Db, Package, parse};
use guard_diagnostic::{Anchor, Diagnostic, closest};
use guard_grammar::ast::{
    self, Argument, ArgumentValue, CompareOp, DetectorDecl, DetectorSource, DurationLiteral,
    ItemKind, Name, NearWords, Path, StringLiteral,
};
use guard_grammar::span::Span;
use guard_hir::{Declaration, Module, Reporter, module_name};
use guard_plan::limits::SERVICE_MS_MAX;
use guard_plan::{Detector, Model, ModelForm, Near, Service, TextKind, Validator};
use guard_value::canonical_text;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The files of models that a package and the standard library have, by path.
pub type Models = BTreeMap<Arc<str>, ModelFile>;

/// The file of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFile {
    /// All of it.
    pub bytes: Arc<[u8]>,
    /// Why it cannot be used, where who runs it has said so.
    pub unusable: Option<Arc<str>>,
}

/// The name of a tokenizer's file, which stands beside its network.
pub const TOKENIZER: &str = "tokenizer.json";

/// How far from a match a word of its context may stand where nothing is said, in bytes.
const WITHIN: u32 = 60;

/// The validators by their names in the language.
const VALIDATORS: &[(&str, Validator)] = &[
    ("luhn", Validator::Luhn),
    ("card", Validator::Card),
    ("iban", Validator::Iban),
    ("us_ssn", Validator::UsSsn),
    ("us_itin", Validator::UsItin),
    ("us_aba", Validator::UsAba),
    ("uk_nhs", Validator::UkNhs),
    ("uk_nino", Validator::UkNino),
    ("au_abn", Validator::AuAbn),
    ("au_acn", Validator::AuAcn),
    ("au_tfn", Validator::AuTfn),
    ("au_medicare", Validator::AuMedicare),
    ("sg_nric", Validator::SgNric),
    ("in_aadhaar", Validator::InAadhaar),
    ("in_pan", Validator::InPan),
    ("es_nif", Validator::EsNif),
    ("es_nie", Validator::EsNie),
    ("it_fiscal_code", Validator::ItFiscalCode),
    ("it_vat", Validator::ItVat),
    ("pl_pesel", Validator::PlPesel),
    ("fi_personal_id", Validator::FiPersonalId),
    ("kr_rrn", Validator::KrRrn),
    ("de_tax_id", Validator::DeTaxId),
    ("base58check", Validator::Base58Check),
    ("bech32", Validator::Bech32),
    ("ip", Validator::Ip),
    ("jwt", Validator::Jwt),
    ("password", Validator::Password),
    ("phone", Validator::Phone),
    ("private_url", Validator::PrivateUrl),
    ("random_value", Validator::RandomValue),
];

/// A declared detector.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Declared {
    /// It finds spans.
    Patterns(Arc<Detector>),
    /// It scores a text.
    Model(Arc<Model>),
    /// It scores a text outside of the process.
    Service(Arc<Service>),
}

/// The detectors that a package and the standard library declare: the module's name and the detector, in
/// the order of the files. Those that cannot be used are left out; [`crate::check_item`] says why.
pub fn declared_detectors(db: &dyn Db, package: Package) -> Vec<(Arc<str>, Declared)> {
    let models = models(db, package);
    let mut found = Vec::new();
    for file in package.files(db) {
        for item in &parse(db, *file).items {
            if let ItemKind::Detector(decl) = &*item.kind(db) {
                let anchor = Anchor::Item(item.key(db));
                let mut reporter = Reporter::new(file.path(db), anchor);
                let declared = declared(decl, &models, &mut reporter);
                found.extend(declared.map(|found| (module_name(&file.path(db)), found)));
            }
        }
    }
    found
}

/// The models of a package.
pub(crate) fn models(db: &dyn Db, package: Package) -> Models {
    let unusable: BTreeMap<&str, &Arc<str>> =
        package.unusable_models(db).iter().map(|(path, why)| (&**path, why)).collect();
    let files = package.models(db).iter().map(|(path, bytes)| {
        let unusable = unusable.get(&**path).map(|why| Arc::clone(why));
        (Arc::clone(path), ModelFile { bytes: Arc::clone(bytes), unusable })
    });
    files.collect()
}

/// Says what is wrong with a detector, that of its patterns included.
pub(crate) fn check(decl: &DetectorDecl, models: &Models, reporter: &mut Reporter) {
    let DetectorSource::Patterns { patterns, .. } = &decl.source else {
        declared(decl, models, reporter);
        return;
    };
    if let Some(Declared::Patterns(detector)) = declared(decl, models, reporter) {
        usable(&detector, patterns, decl.name.span, reporter);
    }
}

/// What a declaration describes; what is wrong with it is reported, but for its patterns.
pub(crate) fn declared(
    decl: &DetectorDecl,
    models: &Models,
    reporter: &mut Reporter,
) -> Option<Declared> {
    match &decl.source {
        DetectorSource::Patterns { patterns, check, near } => {
            let detector = Detector {
                name: decl.name.text.clone(),
                patterns: patterns.iter().map(|pattern| pattern.value.clone()).collect(),
                validator: match check {
                    Some(check) => Some(validator(check, reporter)?),
                    None => None,
                },
                near: match near {
                    Some(near) => Some(context(near, decl.name.span, reporter)?),
                    None => None,
                },
            };
            Some(Declared::Patterns(Arc::new(detector)))
        }
        DetectorSource::Model(path) => model(decl, path, models, reporter),
        DetectorSource::Service { url, timeout, on_error } => {
            service(decl, url, timeout.as_ref(), on_error.as_ref(), reporter)
        }
    }
}

fn usable(detector: &Detector, patterns: &[StringLiteral], name: Span, reporter: &mut Reporter) {
    let Err(problem) = guard_match::detect::check(detector) else { return };
    let pattern = problem.pattern().and_then(|index| patterns.get(index));
    let span = pattern.map_or(name, |pattern| pattern.span);
    let error =
        reporter.error("G0250", span, "the detector cannot be used", problem.reason().message());
    reporter.push(error);
}

fn model(
    decl: &DetectorDecl,
    path: &StringLiteral,
    models: &Models,
    reporter: &mut Reporter,
) -> Option<Declared> {
    let Some(file) = models.get(path.value.as_str()) else {
        let headline = format!("there is no model `{}`", path.value);
        let error = reporter.error("G0250", path.span, headline, "no such file in this package");
        let known = models.keys().map(|known| &**known);
        let error = match closest(&path.value, known) {
            Some(meant) => error.with_help(format!("write `\"{meant}\"`")),
            None => error.with_help(
                "a model is a file `….model` or `….onnx` of the package, named by its path",
            ),
        };
        reporter.push(error);
        return None;
    };
    let form = form_of(&path.value, file, models).map_err(|why| {
        reporter.push(reporter.error("G0250", path.span, "the model cannot be used", why));
    });
    let (name, form, weights) = (decl.name.text.clone(), form.ok()?, file.bytes.to_vec());
    Some(Declared::Model(Arc::new(Model { name, form, weights })))
}

/// What a model's file is, or why it cannot be used.
fn form_of(path: &str, file: &ModelFile, models: &Models) -> Result<ModelForm, String> {
    if let Some(why) = &file.unusable {
        return Err(why.to_string());
    }
    match onnx_folder(path) {
        Some(folder) => {
            let tokenizer = models.get(format!("{folder}{TOKENIZER}").as_str());
            Ok(ModelForm::Onnx { tokenizer: tokenizer.map(|tokenizer| tokenizer.bytes.to_vec()) })
        }
        None => match guard_model::Model::from_bytes(&file.bytes) {
            Ok(_) => Ok(ModelForm::Linear),
            Err(problem) => Err(problem.to_string()),
        },
    }
}

/// The folder of a file that is an ONNX network, with its `/`.
pub fn onnx_folder(path: &str) -> Option<&str> {
    let file = path.strip_suffix(".onnx")?;
    Some(file.rfind('/').and_then(|end| file.get(..=end)).unwrap_or(""))
}

/// `service "http://…" timeout 200ms on error deny`.
fn service(
    decl: &DetectorDecl,
    url: &StringLiteral,
    timeout: Option<&DurationLiteral>,
    on_error: Option<&Name>,
    reporter: &mut Reporter,
) -> Option<Declared> {
    let is_http =
        canonical_text(TextKind::Url, &url.value).is_some_and(|url| url.starts_with("http://"));
    let wrong = |span: Span, headline: String, label: &str, help: &str| {
        reporter.error("G0250", span, headline, label).with_help(help)
    };
    let timeout_ms = timeout.and_then(|timeout| u32::try_from(timeout.milliseconds?).ok());
    let timeout_ms = timeout_ms.filter(|ms| (1..=SERVICE_MS_MAX).contains(ms));
    let passes = match on_error.map(|then| then.text.as_str()) {
        Some("deny") => Some(false),
        Some("allow") => Some(true),
        _ => None,
    };
    let error = match (is_http, timeout_ms, passes) {
        (true, Some(timeout_ms), Some(passes_on_error)) => {
            let (name, url) = (decl.name.text.clone(), url.value.clone());
            let service = Service { name, url, timeout_ms, passes_on_error };
            return Some(Declared::Service(Arc::new(service)));
        }
        (false, ..) => wrong(
            url.span,
            format!("`{}` is no address of a service", url.value),
            "not an address that begins with http://",
            "run a service that needs encryption behind a proxy on the same machine",
        ),
        (_, None, _) => wrong(
            timeout.map_or(url.span, |timeout| timeout.span),
            format!("a service has from 1 ms to {} s for its answer", SERVICE_MS_MAX / 1000),
            "how long is not said, or too long",
            "write `timeout 200ms` behind the address",
        ),
        (_, _, None) => wrong(
            on_error.map_or(url.span, |then| then.span),
            "what follows where the service does not answer is not said".to_owned(),
            "neither `deny` nor `allow`",
            "write `on error deny`: the score is unknown then, and rules that refuse fire",
        ),
    };
    reporter.push(error);
    None
}

/// `luhn(it)`, `entropy(it) >= 3.5`.
fn validator(check: &ast::Expr, reporter: &mut Reporter) -> Option<Validator> {
    if let ast::ExprKind::Compare(CompareOp::GreaterOrEqual, left, right) = &check.kind
        && called(left) == Some("entropy")
        && let Some(bits) = number(right)
    {
        // At most 8 bits a byte.
        let millibits = bits * 1000.0;
        if (0.0..=8000.0).contains(&millibits) {
            let millibits_min = format!("{millibits:.0}").parse().ok()?;
            return Some(Validator::Entropy { millibits_min });
        }
    }
    let known = called(check).and_then(|name| VALIDATORS.iter().find(|(known, _)| *known == name));
    if let Some((_, validator)) = known {
        return Some(*validator);
    }
    let error = reporter.error("G0250", check.span, "this is no check of a match", "not a check");
    let names = VALIDATORS.iter().map(|(name, _)| *name);
    let error = match called(check).and_then(|name| closest(name, names)) {
        Some(meant) => error.with_help(format!("write `{meant}(it)`")),
        None => error
            .with_help("write `luhn(it)`, another check of the reference, or `entropy(it) >= 3.5`"),
    };
    reporter.push(error);
    None
}

/// The name of a function that is called with `it`.
fn called(expr: &ast::Expr) -> Option<&str> {
    let ast::ExprKind::Call(callee, arguments) = &expr.kind else { return None };
    let (ast::ExprKind::Name(name), [Argument { name: None, value: ArgumentValue::Value(it), .. }]) =
        (&callee.kind, arguments.as_slice())
    else {
        return None;
    };
    matches!(&it.kind, ast::ExprKind::Name(it) if it == "it").then_some(name)
}

fn number(expr: &ast::Expr) -> Option<f64> {
    match &expr.kind {
        #[expect(clippy::cast_precision_loss, reason = "compared with 8 next")]
        ast::ExprKind::Int(value) => value.map(|value| value as f64),
        ast::ExprKind::Float(digits) => digits.replace('_', "").parse().ok(),
        _ => None,
    }
}

fn context(near: &NearWords, name: Span, reporter: &mut Reporter) -> Option<Near> {
    let window = near.within.map_or(Some(WITHIN), |within| u32::try_from(within).ok());
    let window =
        window.filter(|window| (1..=guard_match::limits::NEAR_WINDOW_MAX).contains(window));
    let Some(window) = window else {
        let most = guard_match::limits::NEAR_WINDOW_MAX;
        let headline = format!("`within` is 1 to {most} bytes");
        let error =
            reporter.error("G0250", name, headline, "the window of this detector's context");
        reporter.push(error);
        return None;
    };
    Some(Near { words: near.words.iter().map(|word| word.value.clone()).collect(), window })
}

/// The declaration that `card` or `pii.card` names, if it is a detector's.
pub(crate) fn named<'m>(module: &'m Module, names: &[&str]) -> Option<&'m Declaration> {
    let found = match names {
        [name] => module.name(name),
        [of, name] => module.name_of(of, name),
        _ => None,
    };
    found.filter(|decl| matches!(&*decl.kind, ItemKind::Detector(_)))
}

/// What is written where a detector is named.
fn names_of(expr: &ast::Expr) -> Option<Vec<&str>> {
    match &expr.kind {
        ast::ExprKind::Name(name) => Some(vec![name]),
        ast::ExprKind::Field(of, name) => {
            let mut names = names_of(of)?;
            names.push(&name.text);
            Some(names)
        }
        _ => None,
    }
}

impl Checker<'_> {
    /// The detector that an expression names; nothing where it names none.
    pub(crate) fn detector(&self, expr: &ast::Expr) -> Option<Declaration> {
        let ast::ExprKind::Name(first) = names_of_root(expr)? else { return None };
        // A name that stands for a value of the rule is that value.
        if self.locals.iter().any(|(local, _)| local == first) {
            return None;
        }
        named(&self.module, &names_of(expr)?).cloned()
    }

    /// `text finds pii.card`.
    pub(crate) fn finds(
        &mut self,
        text: &ast::Expr,
        detector: &ast::Expr,
        at: Span,
    ) -> Option<Typed> {
        let decl = self.detector(detector)?;
        let span = self.at(at);
        let ItemKind::Detector(of) = &*decl.kind else { return None };
        let mut elsewhere = self.reporter.another();
        let declared = declared(of, &self.signatures.models, &mut elsewhere);
        let found = match declared {
            Some(Declared::Patterns(found)) => found,
            Some(Declared::Model(_) | Declared::Service(_)) => {
                let name = &of.name.text;
                let headline = format!("`{name}` scores a text, and finds nothing in it");
                let error = self
                    .error("G0212", detector.span, headline, "a model")
                    .with_help(format!("compare its score: `{name}.score(text) >= 0.9`"));
                return Some(self.wrong(at, error));
            }
            // Its declaration says what is wrong.
            None => {
                self.failed = true;
                return Some(Typed::error(span));
            }
        };
        let typed = self.infer(text);
        if matches!(typed.value, Value::Namespace(Namespace::Arguments)) {
            return Some(asked(Ty::Bool, Asked::FoundInCall(found), span));
        }
        Some(self.asked_of_text(&typed, TextQuestion::Finds(found), Ty::Bool, at))
    }

    /// `injection.score(text)`.
    pub(crate) fn score(&mut self, decl: &Declaration, arguments: &[Argument], at: Span) -> Typed {
        let span = self.at(at);
        let ItemKind::Detector(of) = &*decl.kind else { return Typed::error(span) };
        let mut elsewhere = self.reporter.another();
        let question = match declared(of, &self.signatures.models, &mut elsewhere) {
            Some(Declared::Model(model)) => TextQuestion::Score(model),
            Some(Declared::Service(service)) => TextQuestion::Consult(service),
            Some(Declared::Patterns(_)) => {
                let name = &of.name.text;
                let headline = format!("`{name}` finds places in a text, and has no score");
                let error = self
                    .error("G0212", at, headline, "a detector with patterns")
                    .with_help(format!("write `text finds {name}`"));
                return self.wrong(at, error);
            }
            None => {
                self.failed = true;
                return Typed::error(span);
            }
        };
        let [Argument { name: None, value: ArgumentValue::Value(text), .. }] = arguments else {
            let error = self.error("G0205", at, "`score` takes one text", "of which text?");
            return self.wrong(at, error);
        };
        let typed = self.infer(text);
        self.asked_of_text(&typed, question, Ty::Float, at)
    }

    /// What is asked of a text of the event.
    pub(crate) fn asked_of_text(
        &mut self,
        typed: &Typed,
        what: TextQuestion,
        ty: Ty,
        at: Span,
    ) -> Typed {
        let span = self.at(at);
        if typed.is_error() || !self.is_present(typed) {
            return Typed::error(span);
        }
        match (&typed.ty, &typed.value) {
            (Ty::Text(_), Value::Place(place)) if self.is_of_event(place) => {
                asked(ty, Asked::Text { subject: place.clone(), what }, span)
            }
            _ => {
                let words = typed.ty.words();
                let error = self
                    .error(
                        "G0251",
                        at,
                        "a detector looks at texts of the event",
                        format!("this is {words}"),
                    )
                    .with_help("name a text of the event: `text`, an argument, an element of one");
                self.wrong(at, error)
            }
        }
    }
}

fn names_of_root(expr: &ast::Expr) -> Option<&ast::ExprKind> {
    match &expr.kind {
        ast::ExprKind::Field(of, _) => names_of_root(of),
        kind @ ast::ExprKind::Name(_) => Some(kind),
        _ => None,
    }
}

/// The detectors of `redact pii.iban, pii.card in …`; what does not exist is reported.
pub(crate) fn of_paths(
    module: &Module,
    paths: &[Path],
    models: &Models,
    reporter: &mut Reporter,
) -> Option<Vec<Arc<Detector>>> {
    let mut found = Vec::with_capacity(paths.len());
    let mut is_complete = true;
    for path in paths {
        let names: Vec<&str> = path.segments.iter().map(|name| name.text.as_str()).collect();
        let Some(decl) = named(module, &names) else {
            if !module.is_partial {
                let error = unknown(module, path, reporter);
                reporter.push(error);
            }
            is_complete = false;
            continue;
        };
        let ItemKind::Detector(of) = &*decl.kind else { continue };
        match declared(of, models, &mut reporter.another()) {
            Some(Declared::Patterns(detector)) => found.push(detector),
            Some(Declared::Model(_) | Declared::Service(_)) => {
                let headline =
                    format!("`{}` scores a text, and finds nothing in it", path.dotted());
                let error = reporter.error("G0252", path.span, headline, "nothing to replace");
                reporter.push(error.with_help("name a detector with patterns"));
                is_complete = false;
            }
            // Its declaration says what is wrong.
            None => is_complete = false,
        }
    }
    found.sort();
    found.dedup();
    is_complete.then_some(found)
}

fn unknown(module: &Module, path: &Path, reporter: &Reporter) -> Diagnostic {
    let headline = format!("there is no detector `{}`", path.dotted());
    let error = reporter.error("G0251", path.span, headline, "not declared here");
    let detectors = module.names().filter(|(_, d)| matches!(&*d.kind, ItemKind::Detector(_)));
    let last = path.segments.last().map_or("", |name| name.text.as_str());
    match closest(last, detectors.map(|(name, _)| name)) {
        Some(meant) => error.with_help(format!("write `{meant}`")),
        None => error.with_help("declare it with `detector`, or `use` the module that does"),
    }
}
