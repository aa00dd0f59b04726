//! Queries of every operation that takes one: refused with the name of what is wrong, or known to the last member.

use std::collections::BTreeSet;

use attune::error::Place;
use attune::http::contract::Operation;

use super::{CONTRACT, hunt, spoil};
use crate::support::document::Document;

struct Query {
    operation: &'static Operation,
    names: BTreeSet<String>,
    fitting: Vec<u8>,
}

/// Every operation with parameters, and a query that has them all.
fn queries() -> Vec<Query> {
    let document = Document::read();
    let all = document
        .operations_of_v1()
        .into_iter()
        .filter(crate::support::document::Operation::takes_a_query);
    all.map(|one| {
        let mut of_contract = CONTRACT.operations();
        let (.., operation) = of_contract.find(|(.., found)| found.id == one.id).unwrap();
        let pairs = one.placed("query").map(|parameter| {
            let value = document.sample(&parameter.schema);
            let value = value.as_array().map_or(&value, |entries| &entries[0]);
            let value = value.as_str().map_or(value.to_string(), str::to_owned);
            format!("{}={}", parameter.name, value.replace('+', "%2B"))
        });
        let names = one.placed("query").map(|parameter| parameter.name.clone()).collect();
        Query { operation, names, fitting: pairs.collect::<Vec<_>>().join("&").into_bytes() }
    })
    .collect()
}

#[test]
fn a_spoiled_query_names_what_is_wrong_or_is_known_to_the_last_member() {
    let all = queries();
    hunt(
        "filters",
        2_000,
        |chance| {
            let index = chance.below(all.len());
            let other = chance.below(all.len());
            let seeds = [
                all[index].fitting.clone(),
                all[index].fitting.clone(),
                all[other].fitting.clone(),
            ];
            let words = [
                "&",
                "=",
                "%",
                "%zz",
                "%00",
                "%F0%9F%90%A4",
                "%FF",
                "+",
                ",",
                ";",
                "&&",
                "limit=",
                "cursor=",
            ];
            let mut input = vec![u8::try_from(index).unwrap()];
            let whole = chance.below(8) == 0;
            input.extend(if whole {
                seeds[0].clone()
            } else {
                spoil::bytes(chance, &seeds, &words)
            });
            input
        },
        |input| {
            let Some((index, text)) = input.split_first() else { return false };
            let Some(query) = all.get(usize::from(*index)) else { return false };
            let (value, faults) = query.operation.read_query(&String::from_utf8_lossy(text));
            for fault in &faults {
                let name = fault.pointer.strip_prefix('/').unwrap_or(&fault.pointer);
                let name = name.split('/').next().unwrap_or_default();
                assert_eq!(fault.place, Place::Query);
                assert!(name.is_empty() || query.names.contains(name), "{fault:?}");
            }
            let members = value.as_object().unwrap();
            assert!(members.keys().all(|name| query.names.contains(name)), "{value}");
            faults.is_empty()
        },
    );
}
