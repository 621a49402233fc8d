//! `guardc measure --spans`: the places that detectors find, type by type, against the labelled ones.

use crate::args::{MeasureArguments, MeasureFormat};
use crate::exit::{Answer, Exit, Failure};
use crate::measure::{Chosen, Declarations, SpanRow, SpanScores, Wanted, each_labelled, number};
use crate::output::Output;
use crate::report::shown_on_one_line;
use serde_json::json;
use std::io::Write;

/// Prints a row for each type and source, and one for each type.
pub(crate) fn run(arguments: &MeasureArguments, out: &mut Output) -> Answer {
    let declared = Declarations::load(arguments.policy.as_deref(), out)?;
    let mut wanted = Vec::new();
    for pair in &arguments.spans {
        let Some((kind, names)) = pair.split_once('=') else {
            return Err(Failure::usage(format!(
                "`{pair}` is no pair such as `EMAIL=std.pii.email`"
            )));
        };
        wanted.push(Wanted { kind: kind.to_owned(), spans: declared.spans(names)? });
    }
    let unit = arguments.unit.as_deref().unwrap_or_default();
    let mut scores = SpanScores::default();
    let chosen = Chosen {
        tasks: &arguments.task,
        sources: &arguments.source,
        without: &arguments.without,
        only: &arguments.only,
    };
    for file in &arguments.files {
        each_labelled(file, &chosen, |text| {
            if text.unit == unit {
                if unit.is_empty() {
                    scores.add(&text, &mut wanted);
                } else {
                    scores.add_whole(&text, &mut wanted);
                }
            }
            Ok(())
        })?;
    }
    if scores.rows.is_empty() {
        return Err(Failure::broke("there is no text to measure"));
    }
    match arguments.format {
        MeasureFormat::Pretty => pretty(&scores, &wanted, out)?,
        MeasureFormat::Json => as_json(&scores, &wanted, out)?,
    }
    for (kind, what, place, text) in scores.misses.iter().take(arguments.misses) {
        let (place, text) = (shown_on_one_line(place), shown_on_one_line(text));
        writeln!(out, "{kind} {what} `{place}` in: {text}")?;
    }
    Ok(Exit::Clean)
}

/// Precision, recall and F1 of a row.
fn figures(row: SpanRow) -> [f64; 4] {
    let share = |of: usize, all: usize| number(of) / number(all.max(1));
    let (precision, recall) = (share(row.same, row.found), share(row.same, row.labelled));
    let f1 = share(2 * row.same, row.found + row.labelled);
    [precision, recall, f1, share(2 * row.exact, row.found + row.labelled)]
}

fn total(scores: &SpanScores, kind: &str) -> SpanRow {
    let rows = scores.rows.iter().filter(|((of, _), _)| of == kind);
    rows.fold(SpanRow::default(), |sum, (_, row)| SpanRow {
        labelled: sum.labelled + row.labelled,
        found: sum.found + row.found,
        same: sum.same + row.same,
        exact: sum.exact + row.exact,
    })
}

fn pretty(scores: &SpanScores, wanted: &[Wanted], out: &mut Output) -> Answer<()> {
    writeln!(out, "labelled  found   same precision recall    F1  exact  type, source")?;
    let mut line = |row: &SpanRow, name: &str| -> Answer<()> {
        let SpanRow { labelled, found, same, .. } = row;
        let [precision, recall, f1, exact] = figures(*row);
        let name = shown_on_one_line(name);
        writeln!(
            out,
            "{labelled:>8} {found:>6} {same:>6}    {precision:>6.3} {recall:>6.3} {f1:>6.3} {exact:>6.3}  {name}"
        )?;
        Ok(())
    };
    for ((kind, source), row) in &scores.rows {
        line(row, &format!("{kind}, {source}"))?;
    }
    for Wanted { kind, .. } in wanted {
        line(&total(scores, kind), kind)?;
    }
    let (texts, flagged) = scores.clean;
    if texts > 0 {
        writeln!(out, "{flagged} of {texts} texts without any were flagged")?;
    }
    Ok(())
}

/// One object a line: a type's total has no source; the last line has `"summary": true`.
fn as_json(scores: &SpanScores, wanted: &[Wanted], out: &mut Output) -> Answer<()> {
    let object = |kind: &str, source: Option<&str>, row: SpanRow| {
        let [precision, recall, f1, exact] = figures(row);
        json!({
            "type": kind, "source": source, "labelled": row.labelled, "found": row.found, "same": row.same,
            "precision": precision, "recall": recall, "f1": f1, "f1_exact": exact,
        })
    };
    for ((kind, source), row) in &scores.rows {
        writeln!(out, "{}", object(kind, Some(source), *row))?;
    }
    for Wanted { kind, .. } in wanted {
        writeln!(out, "{}", object(kind, None, total(scores, kind)))?;
    }
    let (texts, flagged) = scores.clean;
    writeln!(
        out,
        "{}",
        json!({ "summary": true, "clean_texts": texts, "clean_flagged": flagged })
    )?;
    Ok(())
}
