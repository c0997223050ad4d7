//! `rolecall metrics`: a running server's counters, as scrapers read them or as JSON.

use super::remote::Server;
use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::process::ExitCode;

/// Prints the counters.
pub(super) async fn run(server: Server) -> Result<ExitCode> {
    let text = server.ask("GetMetrics", &[]).await?.text("Text").unwrap_or_default();
    if !server.wants_json() {
        return super::say(text.trim_end());
    }
    let families = families(&text).context("the server's counters are not in the OpenMetrics text format")?;
    super::say(&format!("{:#}", json!({ "Families": families })))
}

/// A metric with all its values (OpenMetrics 1.0, `MetricFamily`).
#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Family {
    name: String,
    help: String,
    r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    samples: Vec<Sample>,
}

/// One value; a number, or what no JSON number is, as text.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Sample {
    name: String,
    labels: Map<String, Value>,
    value: Value,
}

/// What a text in the OpenMetrics format says; samples stand behind what is said of their family.
fn families(text: &str) -> Result<Vec<Family>> {
    let mut all: Vec<Family> = Vec::new();
    for line in text.lines().take_while(|line| *line != "# EOF") {
        if let Some(said) = line.strip_prefix("# ") {
            let mut words = said.splitn(3, ' ');
            let (about, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let said = words.next().unwrap_or_default();
            if all.last().is_none_or(|family| family.name != name) {
                all.push(Family { name: name.to_owned(), ..Family::default() });
            }
            describe(all.last_mut().context("no family")?, about, said);
        } else {
            let sample = sample(line).with_context(|| format!("no sample: {line}"))?;
            let family = all.last_mut().with_context(|| format!("of no family: {line}"))?;
            family.samples.push(sample);
        }
    }
    Ok(all)
}

fn describe(family: &mut Family, about: &str, said: &str) {
    match about {
        "HELP" => family.help = unescaped(said),
        "TYPE" => said.clone_into(&mut family.r#type),
        "UNIT" => family.unit = Some(said.to_owned()),
        _ => {}
    }
}

/// `name value` or `name{label="value",…} value`.
fn sample(line: &str) -> Option<Sample> {
    let (labels, value) = match line.split_once('{') {
        Some((_, rest)) => {
            let (labels, value) = read_labels(rest)?;
            (labels, value.trim_start())
        }
        None => (Map::new(), line.split_once(' ')?.1),
    };
    let name = line.split(['{', ' ']).next().filter(|name| !name.is_empty())?.to_owned();
    let value = value.split(' ').next()?;
    let whole = value.parse::<i64>().map(Value::from);
    let number = whole.or_else(|_| value.parse::<f64>().map(|number| json!(number)));
    let value = number.ok().map(|number| if number.is_null() { json!(value) } else { number })?;
    Some(Sample { name, labels, value })
}

/// The labels at the begin of a text, and what stands behind their brace.
fn read_labels(mut text: &str) -> Option<(Map<String, Value>, &str)> {
    let mut labels = Map::new();
    loop {
        text = text.trim_start_matches(',');
        if let Some(rest) = text.strip_prefix('}') {
            return Some((labels, rest));
        }
        let (name, rest) = text.split_once("=\"")?;
        let end = closing_quote(rest)?;
        labels.insert(name.to_owned(), unescaped(rest.get(..end)?).into());
        text = rest.get(end..)?.strip_prefix('"')?;
    }
}

/// Where the quotation mark is that no backslash stands before.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        match letter {
            '\\' => match rest.next() {
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_read_with_what_they_mean_and_all_their_values() {
        let text = "# HELP a What\\nit is.\n# TYPE a counter\na_total{x=\"1\",y=\"q\\\"}, \\\\\"} 5\na_total{x=\"2\"} 1.5\n\
                    # HELP b_seconds Time.\n# TYPE b_seconds gauge\n# UNIT b_seconds seconds\nb_seconds -3\n\
                    b_other{} NaN\n# EOF\nnothing here\n";
        let read = json!(families(text).unwrap());
        let expected = json!([
            {"Name": "a", "Help": "What\nit is.", "Type": "counter", "Samples": [
                {"Name": "a_total", "Labels": {"x": "1", "y": "q\"}, \\"}, "Value": 5},
                {"Name": "a_total", "Labels": {"x": "2"}, "Value": 1.5},
            ]},
            {"Name": "b_seconds", "Help": "Time.", "Type": "gauge", "Unit": "seconds", "Samples": [
                {"Name": "b_seconds", "Labels": {}, "Value": -3},
                {"Name": "b_other", "Labels": {}, "Value": "NaN"},
            ]},
        ]);
        assert_eq!(read, expected);
    }

    #[test]
    fn what_is_no_such_text_is_refused() {
        for text in ["a 1\n", "# TYPE a gauge\na\n", "# TYPE a gauge\na{x=\"1} 2\n", "# TYPE a gauge\na x\n"]
        {
            assert!(families(text).is_err(), "{text}");
        }
    }
}
