//! A filtered list, deep in it: where a clinician is after some pages of a couple's submissions.

use std::rc::Rc;

use attune::db::id::SubmissionId;
use serde_json::Value;

use crate::Outcome;
use crate::people::People;
use crate::scenario::{Ask, Expected, Group, Scenario, Sort, get, head};
use crate::server::{self, Servers, Which};

/// The service's page.
pub const PAGE: &str = "GET deep filtered page";
/// Its limit: the same statement.
const PAGE_BARE: &str = "bare page statement";
/// Entries of a page.
pub const LIMIT: i64 = 50;
/// How many pages lie before it, where there are so many.
const DEPTH: usize = 5;
/// Couples whose lists are read.
const COUPLES: usize = 20;

/// Turns the pages of some couples' lists to where the measured page begins.
pub fn group(servers: &Servers, people: &People, clinician: &str) -> Outcome<Group> {
    let (mut paths, mut bare_paths) = (Vec::new(), Vec::new());
    for couple in people.caseload.iter().take(COUPLES) {
        let list =
            format!("/v1/submissions?couple_id={couple}&status=submitted,amended&limit={LIMIT}");
        let (mut path, mut after) = (list.clone(), None);
        for _ in 0..DEPTH {
            let page = page(servers, &path, clinician)?;
            let last = page.pointer("/data").and_then(Value::as_array).and_then(|data| data.last());
            let last = last.and_then(|last| last.pointer("/id")).and_then(Value::as_str);
            let (Some(cursor), Some(last)) =
                (page.pointer("/next_cursor").and_then(Value::as_str), last)
            else {
                break;
            };
            path = format!("{list}&cursor={cursor}");
            after = Some(last.parse::<SubmissionId>().map_err(|_| "a list of something else")?);
        }
        let after = after.ok_or("a couple's list has one page alone")?;
        bare_paths.push(format!("/page/{}/{couple}/{after}", people.clinician));
        paths.push(path);
    }
    let any = |paths: Vec<String>, head: String| -> Ask {
        Rc::new(move |chance, request| {
            let path = paths.get(chance.below(paths.len())).map(String::as_str).unwrap_or_default();
            get(request, path, &head);
            Expected::READ
        })
    };
    let service =
        Scenario::of_service(PAGE, Sort::Read, Some(PAGE_BARE), any(paths, clinician.to_owned()));
    let scenarios = vec![service, Scenario::bare(PAGE_BARE, any(bare_paths, head(None)))];
    Ok(Group { scenarios })
}

fn page(servers: &Servers, path: &str, head: &str) -> Outcome<Value> {
    let mut request = Vec::new();
    get(&mut request, path, head);
    let body = server::exchange(servers.address(Which::Service), &request)?;
    Ok(serde_json::from_slice(&body)?)
}
