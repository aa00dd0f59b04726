//! Links, places and tables of pages, held against the tree and the code.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use attune::auth::scopes::{ActorKind, Scope};
use attune::error::Code;
use attune::state::{Machine, Status};
use attune::{
    activities, alerts, assignments, clients, couples, holds, joint_confirmations, programs,
    session_notes, session_summaries, sessions, time_proposals, treatments,
};

use super::{ROOT, name_of, pages, pages_below, split, text_of};

#[test]
fn links_between_pages_lead_somewhere() {
    let mut broken = Vec::new();
    for (page, text) in pages() {
        let (_, prose) = split(&text);
        for target in prose.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            let outside = target.starts_with("http") || file.is_empty();
            if !outside && !page.parent().unwrap().join(file).exists() {
                broken.push(format!("{}: {target}", name_of(&page)));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn places_in_the_repository_that_pages_name_are_there() {
    let folders = [
        "src/",
        "tests/",
        "docs/",
        "scripts/",
        "migrations/",
        "openapi/",
        "tools/",
        "benches/",
        "deploy/",
        ".ci/",
    ];
    let mut missing = Vec::new();
    for (page, text) in pages() {
        let (_, prose) = split(&text);
        for code in prose.split('`').skip(1).step_by(2) {
            let path = code.split("::").next().unwrap_or_default();
            let is_path = folders.iter().any(|folder| path.starts_with(folder));
            let is_pattern = path.contains([' ', '*', '<', '{', '…']) || path.contains("NNNN");
            // What an operator makes there is no part of the repository.
            let is_pattern = is_pattern || path.starts_with("deploy/secrets");
            if is_path && !is_pattern && !Path::new(ROOT).join(path).exists() {
                missing.push(format!("{}: {code}", name_of(&page)));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// A comment that cites a rule of the study leads somewhere.
#[test]
fn every_rule_that_a_comment_cites_is_on_the_page_of_the_domain() {
    let page = text_of("docs/reference/domain.md");
    let (mut cited, mut missing) = (0, Vec::new());
    for file in sources(&Path::new(ROOT).join("src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for rest in text.split("`domain` ").skip(1) {
            let number = rest.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap();
            let number = number.trim_end_matches('.');
            let rule = rest[number.len()..].strip_prefix(", rule ").map_or("", |rule| &rule[..1]);
            let row =
                if number.is_empty() { "| README, rule 13 |" } else { &format!("| {number} |") };
            if !page.contains(row) || !page.contains(&format!("\n{rule}")) {
                missing.push(format!("{}: {number} {rule}", name_of(&file)));
            }
            cited += 1;
        }
    }
    assert!(cited > 50, "only {cited}");
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Every file of code below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found
}

/// Fails with the table that the page should hold.
#[track_caller]
fn holds(page: &str, table: &str) {
    assert!(text_of(page).contains(table), "{page} should hold\n\n{table}");
}

#[test]
fn the_page_of_scopes_holds_every_scope() {
    let mut table = String::from("| Scope | Allows | May be held by |\n| --- | --- | --- |\n");
    for scope in Scope::ALL {
        let holders: Vec<&str> = scope
            .holders()
            .iter()
            .map(|holder| match holder {
                ActorKind::Admin => "administrator",
                ActorKind::Clinician => "clinician",
                ActorKind::Client => "client",
                ActorKind::Service => "service",
            })
            .collect();
        writeln!(table, "| `{}` | {} | {} |", scope.as_str(), scope.meaning(), holders.join(", "))
            .unwrap();
    }
    holds("docs/reference/scopes.md", &table);
}

fn machine_table<S: Status>(machine: &Machine<S>) -> String {
    let mut table = String::from("| Transition | From | To |\n| --- | --- | --- |\n");
    for transition in machine.0 {
        let from: Vec<String> =
            transition.from.iter().map(|from| format!("`{}`", from.word())).collect();
        writeln!(
            table,
            "| `{}` | {} | `{}` |",
            transition.name,
            from.join(", "),
            transition.to.word()
        )
        .unwrap();
    }
    table
}

#[test]
fn the_page_of_state_machines_holds_every_transition() {
    let page = "docs/reference/state-machines.md";
    holds(page, &machine_table(&clients::transitions::MACHINE));
    holds(page, &machine_table(&couples::transitions::MACHINE));
    holds(page, &machine_table(&treatments::transitions::MACHINE));
    holds(page, &machine_table(&activities::MACHINE));
    holds(page, &machine_table(&assignments::MACHINE));
    holds(page, &machine_table(&alerts::MACHINE));
    holds(page, &machine_table(&holds::MACHINE));
    holds(page, &machine_table(&programs::MACHINE));
    holds(page, &machine_table(&sessions::MACHINE));
    holds(page, &machine_table(&session_notes::MACHINE));
    holds(page, &machine_table(&session_summaries::MACHINE));
    holds(page, &machine_table(&time_proposals::MACHINE));
    holds(page, &machine_table(&joint_confirmations::MACHINE));
}

#[test]
fn every_code_of_a_problem_is_in_the_index_of_errors() {
    let mut table = String::from("| Code | Status | Title |\n| --- | --- | --- |\n");
    for code in Code::ALL {
        let (name, status, title) = (code.as_str(), code.status().as_u16(), code.title());
        writeln!(table, "| [`{name}`]({name}.md) | {status} | {title} |").unwrap();
        assert!(
            code.page().starts_with(&format!("# `{name}`\n\n**{status}** · {title}\n")),
            "{name}.md"
        );
    }
    holds("docs/reference/errors/README.md", &table);
}

#[test]
fn every_decision_is_in_its_index() {
    let index = text_of("docs/adr/README.md");
    let mut found = Vec::new();
    pages_below(&Path::new(ROOT).join("docs/adr"), &mut found);
    for page in found {
        let file = page.file_name().unwrap().to_string_lossy().into_owned();
        assert!(
            file == "README.md" || index.contains(&format!("({file})")),
            "docs/adr/README.md lacks {file}"
        );
    }
}
