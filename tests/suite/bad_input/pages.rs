//! Every problem has a page, and every page a problem.

use std::collections::BTreeSet;

use attune::error::Code;

use crate::support::TestApp;

#[actix_web::test]
async fn the_type_of_every_problem_leads_to_its_page() {
    let app = TestApp::start().await;
    for code in Code::ALL {
        let page = app.anybody().get(&format!("/docs/errors/{}", code.as_str())).await.expect(200);
        let text = String::from_utf8(page.body.clone()).unwrap();
        assert!(page.header("content-type").starts_with("text/markdown"), "{code:?}");
        assert!(text.contains(code.as_str()) || text.contains(code.title()), "{code:?}");
        assert!(text.contains(code.status().as_str()), "{code:?} does not name its status");
    }
    app.anybody().get("/docs/errors/no_such_code").await.expect(404);
    println!("{} codes, each with its page", Code::ALL.len());
}

#[test]
fn pages_and_their_index_are_those_of_the_codes() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/errors");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let pages: BTreeSet<String> = names
        .filter_map(|name| {
            name.to_str().and_then(|name| name.strip_suffix(".md")).map(str::to_owned)
        })
        .filter(|name| name != "README")
        .collect();
    let codes: BTreeSet<String> = Code::ALL.iter().map(|code| code.as_str().to_owned()).collect();
    assert_eq!(pages, codes);
    let index = std::fs::read_to_string(format!("{folder}/README.md")).unwrap();
    for code in codes {
        assert!(index.contains(&code), "{code} is not in the index");
    }
}
