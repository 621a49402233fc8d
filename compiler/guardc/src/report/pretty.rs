//! Findings for people, drawn by ariadne; the only file that knows it.
//!
//! Ariadne is given character offsets into text that is safe to show. Its own byte offsets are not
//! used: it takes the character offset of a label in a second file for a byte offset, which is a
//! wrong line number at best and a cut through a character at worst.

use super::escape::{ShownSource, shown, shown_on_one_line};
use super::{Sources, severity_word};
use ariadne::{Cache, Color, Config, Fmt, IndexType, LabelAttach, Report, ReportKind, Source};
use guard_diagnostic::{Diagnostic, Label, Severity};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

/// Draws findings, and keeps the texts it has made ready.
#[derive(Debug)]
pub(crate) struct Pretty<'a> {
    sources: &'a Sources,
    ready: BTreeMap<Arc<str>, Ready>,
    colour: bool,
}

#[derive(Debug)]
struct Ready {
    shown: ShownSource,
    drawn: Source<String>,
    shown_path: String,
}

impl<'a> Pretty<'a> {
    /// A drawer over these texts.
    pub(crate) fn new(sources: &'a Sources, colour: bool) -> Self {
        Self { sources, ready: BTreeMap::new(), colour }
    }

    /// Draws one finding.
    pub(crate) fn write(&mut self, diagnostic: &Diagnostic, out: &mut dyn Write) -> io::Result<()> {
        let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.related);
        labels.for_each(|label| self.make_ready(&label.file));
        match self.range(&diagnostic.primary) {
            Some(primary) => self.draw(diagnostic, primary, out)?,
            None => self.write_without_text(diagnostic, out)?,
        }
        write_remark("help", diagnostic.help.as_deref(), out)?;
        write_remark("note", diagnostic.note.as_deref(), out)?;
        writeln!(out)
    }

    fn make_ready(&mut self, name: &Arc<str>) {
        let Some(file) = self.sources.file(name) else { return };
        self.ready.entry(Arc::clone(name)).or_insert_with(|| {
            let shown = ShownSource::new(&file.text);
            let drawn = Source::from(shown.text.clone());
            let shown_path = shown_on_one_line(&file.shown_path).into_owned();
            Ready { shown, drawn, shown_path }
        });
    }

    fn range(&self, label: &Label) -> Option<Range<usize>> {
        let ready = self.ready.get(&label.file)?;
        Some(ready.shown.characters(label.span.start as usize, label.span.end as usize))
    }

    fn draw(
        &mut self,
        diagnostic: &Diagnostic,
        primary: Range<usize>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let colour = colour(diagnostic.severity);
        let config = Config::new()
            .with_index_type(IndexType::Char)
            .with_label_attach(LabelAttach::Start)
            .with_color(self.colour);
        let file = Arc::clone(&diagnostic.primary.file);
        let mut report = Report::build(ReportKind::Error, (file, primary)).with_config(config);
        for (order, label) in (0_i32..).zip(self.labels_in_order(diagnostic)) {
            let Some(range) = self.range(label) else { continue };
            let label_colour = if std::ptr::eq(label, &raw const diagnostic.primary) {
                colour
            } else {
                Color::Blue
            };
            report.add_label(
                ariadne::Label::new((Arc::clone(&label.file), range))
                    .with_message(shown_on_one_line(&label.text))
                    .with_color(label_colour)
                    .with_order(order),
            );
        }
        let mut drawn = Vec::new();
        report.finish().write(ReadySources(&self.ready), &mut drawn)?;
        self.write_headline(diagnostic, colour, out)?;
        // Its own headline has another form; and it leaves spaces at the ends of lines.
        let drawn = String::from_utf8_lossy(&drawn);
        drawn.lines().skip(1).try_for_each(|line| writeln!(out, "{}", line.trim_end()))
    }

    fn write_headline(
        &self,
        diagnostic: &Diagnostic,
        colour: Color,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let word = format!("{}[{}]", severity_word(diagnostic.severity), diagnostic.code);
        let headline = shown_on_one_line(&diagnostic.headline);
        if self.colour {
            writeln!(out, "{}: {headline}", word.fg(colour))
        } else {
            writeln!(out, "{word}: {headline}")
        }
    }

    /// The labels of the primary's file by where they stand, then those of other files, so that
    /// ariadne draws each file once.
    fn labels_in_order<'d>(&self, diagnostic: &'d Diagnostic) -> Vec<&'d Label> {
        let mut labels: Vec<&Label> =
            std::iter::once(&diagnostic.primary).chain(&diagnostic.related).collect();
        labels.sort_by_key(|label| {
            let elsewhere = label.file != diagnostic.primary.file;
            let line = self.sources.file(&label.file).map(|file| {
                file.line_column((label.span.end.max(label.span.start + 1) - 1) as usize).line
            });
            (elsewhere, &label.file, line)
        });
        labels
    }

    /// For findings about files that have no text here.
    fn write_without_text(&self, diagnostic: &Diagnostic, out: &mut dyn Write) -> io::Result<()> {
        self.write_headline(diagnostic, colour(diagnostic.severity), out)?;
        let path = self.sources.shown_path(&diagnostic.primary.file);
        let label = diagnostic.primary.text.as_str();
        if label.is_empty() {
            writeln!(out, "  in {}", shown_on_one_line(path))
        } else {
            writeln!(out, "  in {}: {}", shown_on_one_line(path), shown_on_one_line(label))
        }
    }
}

fn colour(severity: Severity) -> Color {
    match severity {
        Severity::Error => Color::Red,
        Severity::Warning => Color::Yellow,
    }
}

/// Writes `help: …` where there is one; further lines are indented.
pub(super) fn write_remark(word: &str, text: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    match text {
        Some(text) => writeln!(out, "{word}: {}", shown(text).replace('\n', "\n      ")),
        None => Ok(()),
    }
}

/// The texts in the form in which ariadne asks for them.
struct ReadySources<'a>(&'a BTreeMap<Arc<str>, Ready>);

impl Cache<Arc<str>> for ReadySources<'_> {
    type Storage = String;

    fn fetch(&mut self, id: &Arc<str>) -> Result<&Source<String>, impl fmt::Debug> {
        self.0.get(id).map(|ready| &ready.drawn).ok_or("no such file")
    }

    fn display<'a>(&self, id: &'a Arc<str>) -> Option<impl fmt::Display + 'a> {
        Some(self.0.get(id).map_or_else(|| id.to_string(), |ready| ready.shown_path.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::escape::must_be_escaped;
    use guard_diagnostic::Anchor;
    use guard_grammar::span::Span;
    use proptest::prelude::*;

    fn label(file: &str, start: u32, end: u32, text: &str) -> Label {
        let span = Span::new(start, end);
        Label { file: file.into(), anchor: Anchor::File, span, text: text.to_owned() }
    }

    fn drawn(sources: &Sources, diagnostic: &Diagnostic) -> String {
        let mut out = Vec::new();
        Pretty::new(sources, false).write(diagnostic, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn two_files(first: &str, second: &str) -> Sources {
        let mut sources = Sources::default();
        sources.add("a.guard".into(), "pkg/a.guard".to_owned(), first.into());
        sources.add("b.guard".into(), "pkg/b.guard".to_owned(), second.into());
        sources
    }

    #[test]
    fn a_finding_looks_as_the_style_guide_says() {
        let sources =
            two_files("guard 1\nwhén recepient from x\n", "tool pay(recipient: string)\n");
        let finding = Diagnostic::error(
            "G0214",
            "tool `pay` has no argument `recepient`",
            label("a.guard", 14, 23, "not an argument of `pay`"),
        )
        .with_related(label("b.guard", 9, 18, "`recipient` is declared here"))
        .with_help("write `recipient`")
        .with_note("the file is refused");
        assert_eq!(
            drawn(&sources, &finding),
            "\
error[G0214]: tool `pay` has no argument `recepient`
   ╭─[ pkg/a.guard:2:6 ]
   │
 2 │ whén recepient from x
   │      ┬────────
   │      ╰────────── not an argument of `pay`
   │
   ├─[ pkg/b.guard:1:10 ]
   │
 1 │ tool pay(recipient: string)
   │          ┬────────
   │          ╰────────── `recipient` is declared here
───╯
help: write `recipient`
note: the file is refused

"
        );
    }

    #[test]
    fn a_source_cannot_steer_the_terminal() {
        let sources = two_files("guard 1 \u{1b}[31m \u{202e} evil\u{9b}\n", "");
        let finding =
            Diagnostic::error("G0001", "no `\u{1b}]0;x\u{7}`", label("a.guard", 8, 12, "\u{1b}"))
                .with_help("\u{202e}")
                .with_note("\u{0}");
        let text = drawn(&sources, &finding);
        assert!(!text.chars().any(must_be_escaped), "{text}");
        assert!(text.contains("\\u{1b}[31m \\u{202e} evil\\u{9b}"), "{text}");
    }

    #[test]
    fn colour_is_written_only_when_asked_for() {
        let sources = two_files("guard 1\n", "");
        let finding = Diagnostic::error("G0001", "x", label("a.guard", 0, 5, "y"));
        assert!(!drawn(&sources, &finding).contains('\u{1b}'));
        let mut out = Vec::new();
        Pretty::new(&sources, true).write(&finding, &mut out).unwrap();
        assert!(out.contains(&0x1b));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn any_span_over_any_text_is_drawn_with_its_snippet(
            first in "(?s).{0,60}",
            second in "[aé\u{202e}\r\n\t👍]{0,40}",
            spans in prop::array::uniform3((0_u32..200, 0_u32..200)),
        ) {
            let sources = two_files(&first, &second);
            let [one, two, three] = spans;
            let finding = Diagnostic::error("G0001", "headline", label("a.guard", one.0, one.1, "one"))
                .with_related(label("b.guard", two.0, two.1, "two"))
                .with_related(label("a.guard", three.0, three.1, "three"));
            let text = drawn(&sources, &finding);
            prop_assert!(!text.chars().any(must_be_escaped), "{}", text);
            for said in ["one", "two", "three"] {
                prop_assert!(text.contains(said), "`{}` is missing in:\n{}", said, text);
            }
        }
    }
}
