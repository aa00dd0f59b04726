//! The proxy by itself: its file is understood, with a certificate as well; what it answers without a replica has the
//! form of the service's own problems; and what is for the inside stays inside.

use std::process::Command;

use serde_json::Value;

use super::caller::Caller;
use super::stage::{Proxy, Replica, free_address, proxy_file};
use super::{run, text_of, tool};

/// Bytes of a body beyond which the proxy passes nothing on.
fn most_bytes() -> u64 {
    let file = text_of("deploy/proxy/haproxy.cfg");
    let rest = file.split("content-length) gt ").nth(1).unwrap();
    rest.split(' ').next().unwrap().parse().unwrap()
}

/// Whatever an operation takes goes through, and what is a little too large goes to be refused in the service's words.
#[test]
fn the_proxy_passes_on_twice_the_largest_body_of_the_document() {
    let document: Value = serde_json::from_str(&text_of("openapi/openapi.json")).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.values().flat_map(|path| path.as_object().unwrap().values());
    let largest = operations.filter_map(|one| one["x-max-body-bytes"].as_u64()).max().unwrap();
    assert_eq!(most_bytes(), 2 * largest);
}

#[test]
fn without_a_replica_the_proxy_answers_as_the_service_would() {
    let Some(haproxy) = tool("haproxy") else { return };
    let replicas = [Replica::new("attune-1"), Replica::new("attune-2")];
    let proxy = Proxy::start(&haproxy, &[&replicas[0], &replicas[1]]);
    proxy.wait_for(0);
    let caller = Caller::new(proxy.api, "");
    for method in ["GET", "POST"] {
        let refused =
            caller.send(method, "/v1/clients?name=Hollis", &[], None).unwrap().expect(503);
        assert_eq!(refused.header("content-type"), "application/problem+json");
        assert_eq!(refused.header("retry-after"), "2");
        assert_eq!(refused.header("access-control-allow-origin"), "*");
        assert_eq!(refused.header("access-control-expose-headers"), "retry-after");
        let problem = refused.json();
        assert_eq!((&problem["code"], &problem["status"]), (&"overloaded".into(), &503.into()));
    }
    for page in ["/healthz", "/readyz", "/metrics", "/METRICS", "/metrics/"] {
        let answer = Caller::new(proxy.api, "").get(page).expect(404);
        assert_eq!(answer.json()["code"], "not_found", "{page}");
    }
    // A body that the service would not take is not passed on, and a head that is too large is not read.
    let length = (most_bytes() + 1).to_string();
    let length = [("Content-Length", length.as_str())];
    let large = Caller::new(proxy.api, "").send("POST", "/v1/clients", &length, None).unwrap();
    assert_eq!(large.expect(413).json()["code"], "payload_too_large");
    let heavy = "x".repeat(30_000);
    let answer = Caller::new(proxy.api, "").send("GET", "/v1/me", &[("X-Heavy", &heavy)], None);
    assert!(answer.map_or(true, |answer| answer.status == 400), "nothing of it is passed on");
    let log = proxy.log();
    assert!(!log.contains("Hollis") && !log.contains("/v1"), "a path was logged: {log}");
    Caller::new(proxy.operations, "").get("/healthz").expect(200);
    Caller::new(proxy.operations, "").get("/v1/me").expect(404);
}

/// Every problem that the proxy writes has the members of the service's own, a code that is on a page, and readers of
/// any origin.
#[test]
fn problems_of_the_proxy_have_the_form_of_the_services() {
    let file = text_of("deploy/proxy/haproxy.cfg");
    let guide = text_of("docs/how-to/run-in-production.md");
    let mut found = 0;
    for line in file.lines().filter(|line| line.trim().starts_with("http-error ")) {
        let text = line.split('\'').nth(1).unwrap();
        let problem: Value = serde_json::from_str(text).unwrap();
        let status = line.split(' ').skip_while(|word| *word != "status").nth(1).unwrap();
        assert_eq!(problem["status"].to_string(), status);
        let shape = [
            "allowed_transitions",
            "code",
            "detail",
            "errors",
            "request_id",
            "status",
            "title",
            "type",
        ];
        assert!(shape.iter().all(|member| problem.get(member).is_some()), "{text}");
        let code = problem["code"].as_str().unwrap();
        let known = attune::error::Code::ALL
            .iter()
            .any(|one| one.as_str() == code && one.status().as_u16().to_string() == status);
        assert!(known || guide.contains(&format!("`{code}`")), "{code} is explained nowhere");
        assert!(line.contains(" hdr Access-Control-Allow-Origin \"*\""), "{line}");
        let exposed = line.contains(" hdr Access-Control-Expose-Headers retry-after ");
        assert_eq!(exposed, line.contains(" hdr Retry-After "), "{line}");
        found += 1;
    }
    assert_eq!(found, 6);
}

/// The guide's lines for TLS, in the place where it says that they go.
#[test]
fn the_proxy_takes_the_certificate_that_the_guide_speaks_of() {
    let (Some(haproxy), Some(openssl)) = (tool("haproxy"), tool("openssl")) else { return };
    let guide = text_of("docs/how-to/run-in-production.md");
    let block = guide.split("```text\n").find(|block| block.contains("ssl crt")).unwrap();
    let lines = block.split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (key, certificate) = (folder.path().join("key"), folder.path().join("certificate"));
    let made = Command::new(openssl)
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ])
        .args(["-days", "1", "-subj", "/CN=attune.test", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .unwrap();
    assert!(made.status.success());
    let both = [certificate, key].map(|file| std::fs::read_to_string(file).unwrap()).concat();
    let pem = folder.path().join("attune.pem");
    std::fs::write(&pem, both).unwrap();
    let replicas = [Replica::new("attune-1"), Replica::new("attune-2")];
    let bare = proxy_file(free_address(), free_address(), &[&replicas[0], &replicas[1]]);
    let bound = bare.lines().find(|line| line.starts_with("    bind 127.0.0.1:")).unwrap();
    let with_tls =
        bare.replacen(bound, lines, 1).replace("/run/secrets/certificate", pem.to_str().unwrap());
    let file = folder.path().join("haproxy.cfg");
    for text in [bare, with_tls] {
        std::fs::write(&file, text).unwrap();
        let (valid, said) = run(&haproxy, &["-c", "-f", file.to_str().unwrap()]);
        assert!(valid, "{said}");
    }
}
