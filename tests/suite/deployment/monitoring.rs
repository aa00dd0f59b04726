//! Alerts and dashboard: every figure that they name exists, each alert fires when it should, and each says where to
//! look first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use super::{path_of, run, text_of, tool, yaml_of};
use crate::support::database::on_postgres;

const GUIDE: &str = "docs/how-to/run-in-production.md";
const ALERTS: &str = "deploy/prometheus/alerts.yml";

/// Kind and labels of each metric, as the page of metrics has them.
pub fn metrics() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let page = text_of("docs/reference/metrics.md");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [name, kind, labels, meaning] = cells[..] else { panic!("four cells: {row}") };
        assert!(!meaning.is_empty(), "{row}");
        let labels = labels.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        (name.trim_matches('`').to_owned(), (kind.to_owned(), labels))
    })
    .collect()
}

/// Every alert: its name, and all of it.
fn alerts() -> Vec<(String, Value)> {
    let rules = yaml_of(ALERTS);
    let groups = rules["groups"].as_array().unwrap().clone();
    let all = groups.iter().flat_map(|group| group["rules"].as_array().unwrap().clone());
    all.map(|alert| (alert["alert"].as_str().unwrap().to_owned(), alert)).collect()
}

/// Title and expressions of every panel, as Prometheus is asked them.
fn panels() -> Vec<(String, Vec<String>)> {
    let dashboard: Value = serde_json::from_str(&text_of("deploy/grafana/attune.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let of_panel = |panel: &Value| {
        let targets = panel["targets"].as_array().cloned().unwrap_or_default();
        let ask = |target: &Value| {
            let text = target["expr"].as_str().unwrap();
            text.replace("$__rate_interval", "1m").replace("$instance", ".*")
        };
        (panel["title"].as_str().unwrap().to_owned(), targets.iter().map(ask).collect())
    };
    panels.iter().map(of_panel).collect()
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// Names of metrics in an expression, each with the labels that it is filtered by.
fn named(expression: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for (start, _) in expression.match_indices(|letter: char| letter.is_ascii_lowercase()) {
        let inside = expression[..start].chars().next_back().is_some_and(is_word);
        let word: String =
            expression[start..].chars().take_while(|letter| is_word(*letter)).collect();
        let ours =
            ["attune_", "process_", "haproxy_"].iter().any(|prefix| word.starts_with(prefix));
        if inside || !(ours || word == "up") {
            continue;
        }
        let rest = &expression[start + word.len()..];
        let filters =
            rest.strip_prefix('{').and_then(|rest| rest.split('}').next()).unwrap_or_default();
        let labels = filters.split(',').filter_map(|one| one.split(['=', '!']).next());
        let labels = labels.map(|label| label.trim().to_owned()).filter(|label| !label.is_empty());
        found.push((word, labels.collect()));
    }
    found
}

/// What Prometheus itself adds to everything that it reads.
const OF_PROMETHEUS: [&str; 2] = ["job", "instance"];

fn check(place: &str, expression: &str) -> usize {
    let metrics = metrics();
    let used = named(expression);
    assert!(!used.is_empty(), "{place} asks nothing: {expression}");
    for (name, filters) in &used {
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| {
            let family = name.strip_suffix(end)?;
            metrics.get(family).filter(|(kind, _)| kind == "histogram")
        });
        let (kind, labels) =
            metrics.get(name).filter(|(kind, _)| kind != "histogram").or(family).unwrap_or_else(
                || panic!("{place}: {name} is on the page of metrics in no such form"),
            );
        for label in filters {
            let known = labels.contains(label) || OF_PROMETHEUS.contains(&label.as_str());
            assert!(known || label == "le", "{place}: {name} has no label {label}");
        }
        let counted = expression.contains(&format!("rate({name}"))
            || expression.contains(&format!("increase({name}"))
            || expression.contains(&format!("resets({name}"));
        assert_eq!(counted, kind != "gauge", "{place}: a {kind} is asked otherwise: {expression}");
    }
    used.len()
}

#[test]
fn every_figure_of_alerts_and_dashboard_is_on_the_page_of_metrics() {
    let mut uses = 0;
    for (name, alert) in alerts() {
        uses += check(&name, alert["expr"].as_str().unwrap());
    }
    let panels = panels();
    for (title, expressions) in &panels {
        uses += expressions.iter().map(|expression| check(title, expression)).sum::<usize>();
    }
    println!("{} alerts, {} panels, {uses} uses of metrics", alerts().len(), panels.len());
    for row in ["Requests", "Database", "Worker", "Process", "Limits"] {
        assert!(panels.iter().any(|(title, _)| title == row), "no row {row}");
    }
    // And the other way round: a figure that nobody looks at needs no collecting.
    let asked: Vec<String> = panels.into_iter().flat_map(|(_, asked)| asked).collect();
    for name in metrics().keys().filter(|name| name.starts_with("attune_")) {
        assert!(asked.iter().any(|one| one.contains(name.as_str())), "{name} is on no panel");
    }
}

/// None on PostgreSQL too: what it looks at has no database, and one of the two runs is enough.
fn promtool() -> Option<PathBuf> {
    if on_postgres() { None } else { tool("promtool") }
}

/// The anchor that a heading gets.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|letter| letter.is_alphanumeric() || "-_".contains(*letter)).collect()
}

#[test]
fn every_alert_says_what_is_wrong_and_where_to_look_first() {
    let guide = text_of(GUIDE);
    let anchors: BTreeSet<String> = guide
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| anchor(line.trim_start_matches('#').trim()))
        .collect();
    for (name, alert) in alerts() {
        let word =
            |pointer: &str| alert.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        assert!(["page", "ticket"].contains(&word("/labels/severity")), "{name}");
        assert!(word("/annotations/summary").ends_with('.'), "{name}");
        let (page, place) = word("/annotations/runbook").split_once('#').expect(&name);
        assert_eq!(page, GUIDE, "{name}");
        assert!(anchors.contains(place), "{name}: {GUIDE} has no heading for #{place}");
        assert!(
            guide.contains(&format!("| `{name}` | {} |", word("/labels/severity"))),
            "{name} is in no table"
        );
    }
}

#[test]
fn each_alert_fires_when_it_should_and_not_before() {
    let tests = yaml_of("tests/suite/deployment/alerts_test.yml");
    let tests: Vec<Value> = tests["tests"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|test| test["alert_rule_test"].as_array().unwrap().clone())
        .collect();
    for (name, _) in alerts() {
        let of_alert = tests.iter().filter(|test| test["alertname"] == name);
        let (fires, silent): (Vec<_>, Vec<_>) =
            of_alert.partition(|test| test["exp_alerts"].is_array());
        assert!(!fires.is_empty() && !silent.is_empty(), "{name} is not tried");
    }
    let Some(promtool) = promtool() else { return };
    let (right, said) = run(
        &promtool,
        &["check", "config", path_of("deploy/prometheus/prometheus.yml").to_str().unwrap()],
    );
    assert!(right, "{said}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alerts_test.yml");
    let rules = path_of(ALERTS);
    let text = text_of("tests/suite/deployment/alerts_test.yml");
    std::fs::write(&file, text.replace("[ALERTS]", &format!("[{}]", rules.display()))).unwrap();
    let (passed, said) = run(&promtool, &["test", "rules", file.to_str().unwrap()]);
    assert!(passed, "{said}");
    println!("{} alerts, {} moments looked at", alerts().len(), tests.len());
}

/// Each as a rule of its own, which is how promtool reads an expression.
#[test]
fn prometheus_understands_every_panel() {
    let Some(promtool) = promtool() else { return };
    let mut rules = String::from("groups:\n  - name: panels\n    rules:\n");
    let asked: Vec<String> = panels().into_iter().flat_map(|(_, asked)| asked).collect();
    for (number, expression) in asked.iter().enumerate() {
        let quoted = serde_json::to_string(expression).unwrap();
        writeln!(rules, "      - {{ record: \"panel_{number}\", expr: {quoted} }}").unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("panels.yml");
    std::fs::write(&file, rules).unwrap();
    let (right, said) = run(&promtool, &["check", "rules", file.to_str().unwrap()]);
    assert!(right, "{said}");
    println!("{} expressions", asked.len());
}
