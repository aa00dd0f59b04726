//! The compose file: every name in it means something, to the service or to another part of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;

use super::{keys, path_of, text_of, texts, yaml_of};
use crate::configuration::settings;

/// A file with the address of a database.
fn address_file() -> String {
    static FILE: OnceLock<String> = OnceLock::new();
    let make = || {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("database-url");
        std::fs::write(&file, "sqlite:elsewhere.db").unwrap();
        file.display().to_string()
    };
    FILE.get_or_init(make).clone()
}

pub fn compose() -> Value {
    yaml_of("docker-compose.yml")
}

fn services(compose: &Value) -> Vec<(String, Value)> {
    let services = compose["services"].as_object().unwrap().clone();
    services.into_iter().collect()
}

/// Services that run this project's image.
fn ours(compose: &Value) -> Vec<(String, Value)> {
    let is_ours = |service: &Value| service["image"].as_str().unwrap().starts_with("attune:");
    services(compose).into_iter().filter(|(_, service)| is_ours(service)).collect()
}

pub fn environment(service: &Value) -> BTreeMap<String, String> {
    let all = service["environment"].as_object().unwrap();
    // A number or a word like `true` would reach the container as YAML sees fit.
    all.iter()
        .map(|(name, value)| (name.clone(), value.as_str().expect("quoted").to_owned()))
        .collect()
}

/// `ENV` of the Dockerfile.
fn environment_of_the_image() -> BTreeMap<String, String> {
    let dockerfile = text_of("Dockerfile").replace("\\\n", " ");
    let lines = dockerfile.lines().filter_map(|line| line.strip_prefix("ENV "));
    let pairs = lines.flat_map(str::split_whitespace).filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The command line that is this environment, as far as the service has its settings. `serve` takes all of them.
fn arguments(environment: &BTreeMap<String, String>) -> Vec<String> {
    let known = settings();
    let mut arguments = ["attune", "serve"].map(str::to_owned).to_vec();
    for (name, value) in environment {
        match known.get(name) {
            // Read at once, and made on the operator's machine alone.
            Some((flag, _)) if value == "/run/secrets/database-url" => {
                arguments.extend([flag.clone(), address_file()]);
            }
            Some((flag, _)) => arguments.extend([flag.clone(), value.clone()]),
            None => panic!("{name} is no setting"),
        }
    }
    arguments
}

#[test]
fn every_variable_of_the_compose_file_is_a_setting_and_its_value_makes_sense() {
    let compose = compose();
    let mut tried = 0;
    let understood = |words: &[String]| {
        attune::cli::command().try_get_matches_from(words).unwrap_or_else(|error| panic!("{error}"))
    };
    let of_services = ours(&compose).into_iter().map(|(_, service)| {
        understood(&[vec!["attune".to_owned()], texts(&service["command"])].concat());
        environment(&service)
    });
    for environment in of_services.chain([environment_of_the_image()]) {
        understood(&arguments(&environment));
        tried += environment.len();
    }
    println!("{tried} variables, each a setting");
    assert!(tried > 15, "only {tried}");
}

#[test]
fn what_the_compose_file_refers_to_is_declared() {
    let compose = compose();
    let names: BTreeSet<String> = keys(&compose["services"]).into_iter().collect();
    let mut used: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (name, service) in services(&compose) {
        let secrets = texts(&service["secrets"]);
        for value in keys(&service["environment"]).iter().map(|key| &service["environment"][key]) {
            if let Some(secret) =
                value.as_str().and_then(|value| value.strip_prefix("/run/secrets/"))
            {
                assert!(secrets.iter().any(|one| one == secret), "{name} is not given {secret}");
            }
        }
        used.entry("secrets").or_default().extend(secrets);
        used.entry("networks").or_default().extend(texts(&service["networks"]));
        for volume in texts(&service["volumes"]) {
            let source = volume.split(':').next().unwrap();
            if let Some(file) = source.strip_prefix("./") {
                assert!(path_of(file).exists(), "{name} mounts {file}");
                assert!(volume.ends_with(":ro"), "{name} could write {file}");
            } else {
                used.entry("volumes").or_default().insert(source.to_owned());
            }
        }
        if let Some(folder) = service["build"].as_str() {
            assert!(path_of(folder).join("Dockerfile").is_file(), "{name}");
        }
        for other in keys(&service["depends_on"]) {
            assert!(names.contains(&other), "{name} waits for {other}");
            let awaited = &compose["services"][&other];
            match service["depends_on"][&other]["condition"].as_str().unwrap() {
                "service_healthy" => assert!(awaited["healthcheck"]["test"].is_array(), "{other}"),
                "service_completed_successfully" => assert_eq!(awaited["restart"], "no", "{other}"),
                condition => panic!("{name}: {condition}"),
            }
        }
    }
    for (kind, used) in used {
        let declared: BTreeSet<String> = keys(&compose[kind]).into_iter().collect();
        assert_eq!(used, declared, "{kind}: used, and declared");
    }
}

#[test]
fn every_service_is_kept_small() {
    for (name, service) in services(&compose()) {
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(texts(&service["cap_drop"]), ["ALL"], "{name}");
        assert_eq!(texts(&service["security_opt"]), ["no-new-privileges:true"], "{name}");
        assert!(service["mem_limit"].is_string(), "{name} may take all memory");
        let user = service["user"].as_str().unwrap_or_default();
        let number = user.split(':').next().unwrap().parse::<u32>();
        assert!(number.is_ok_and(|number| number > 0), "{name} runs as `{user}`");
        let once = service["restart"] == "no";
        assert!(once || service["restart"] == "unless-stopped", "{name}");
        let checked = service["healthcheck"]["test"].is_array();
        assert!(checked || once, "{name}: nobody sees whether it is well");
        for port in texts(&service["ports"]) {
            assert!(port.starts_with("127.0.0.1:"), "{name} is open to the world at {port}");
        }
    }
}

/// `:8080` of `attune-1:8080`.
fn port_of(address: &str) -> &str {
    address.rsplit_once(':').unwrap_or_else(|| panic!("no port in {address}")).1
}

fn share_a_network(compose: &Value, one: &str, other: &str) -> bool {
    let networks = |name: &str| texts(&compose["services"][name]["networks"]);
    networks(one).iter().any(|network| networks(other).contains(network))
}

#[test]
fn ports_agree_between_services_proxy_and_prometheus() {
    let compose = compose();
    let proxy = text_of("deploy/proxy/haproxy.cfg");
    let replicas: Vec<String> = ours(&compose)
        .into_iter()
        .filter(|(_, service)| texts(&service["command"]) == ["serve"])
        .map(|(name, service)| {
            let environment = environment(&service);
            let (listen, operations) =
                (&environment["ATTUNE_LISTEN"], &environment["ATTUNE_OPERATIONS_LISTEN"]);
            let (api, inside) = (port_of(listen), port_of(operations));
            let server = format!("    server {name} {name}:{api} check port {inside}\n");
            assert_eq!(proxy.matches(&server).count(), 2, "for reading and for writing: {server}");
            assert!(
                share_a_network(&compose, &name, "proxy")
                    && share_a_network(&compose, &name, "prometheus")
            );
            assert!(service["ports"].is_null(), "{name} is reached by the proxy alone");
            let expose = format!("EXPOSE {api} {inside}\n");
            assert!(text_of("Dockerfile").contains(&expose), "{expose}");
            format!("{name}:{inside}")
        })
        .collect();
    assert_eq!(replicas.len(), 2);
    assert_eq!(proxy.matches("\n    server ").count(), 4, "and no other server");

    let bound: BTreeSet<&str> =
        proxy.lines().filter_map(|line| line.trim().strip_prefix("bind :")).collect();
    let published = &texts(&compose["services"]["proxy"]["ports"])[0];
    assert!(bound.contains(port_of(published)), "{published}");
    let check = texts(&compose["services"]["proxy"]["healthcheck"]["test"]).concat();
    let inside = check.rsplit_once('/').unwrap().1;
    assert!(bound.contains(inside) && inside != port_of(published), "{check}");

    let prometheus = yaml_of("deploy/prometheus/prometheus.yml");
    let targets = |job: &str| {
        let jobs = prometheus["scrape_configs"].as_array().unwrap();
        let job = jobs.iter().find(|one| one["job_name"] == job).unwrap();
        texts(&job["static_configs"][0]["targets"])
    };
    assert_eq!(targets("attune"), replicas);
    assert_eq!(targets("proxy"), [format!("proxy:{inside}")]);
    assert!(share_a_network(&compose, "prometheus", "proxy"));
    let published = &texts(&compose["services"]["prometheus"]["ports"])[0];
    assert_eq!(targets("prometheus"), [format!("127.0.0.1:{}", port_of(published))]);
    let grafana = yaml_of("deploy/grafana/provisioning/datasources/prometheus.yml");
    let source = format!("http://prometheus:{}", port_of(published));
    assert_eq!(grafana["datasources"][0]["url"], source);
    assert!(share_a_network(&compose, "grafana", "prometheus"));
    let folder = yaml_of("deploy/grafana/provisioning/dashboards/attune.yml");
    let folder = folder["providers"][0]["options"]["path"].as_str().unwrap().to_owned();
    let mounted = texts(&compose["services"]["grafana"]["volumes"]);
    assert!(mounted.iter().any(|volume| volume.contains(&format!(":{folder}/"))), "{folder}");
}

fn seconds(value: &Value) -> u32 {
    value.as_str().and_then(|text| text.strip_suffix('s')?.parse().ok()).expect("seconds")
}

/// The database's superuser is nobody whom the service could be.
#[test]
fn the_service_owns_its_database_and_is_no_superuser() {
    let compose = compose();
    let postgres = &compose["services"]["postgres"];
    let environment = environment(postgres);
    // The address that deploy/make-secrets makes is held against this name in `image`.
    assert_ne!(environment["POSTGRES_USER"], "attune");
    assert_ne!(environment["POSTGRES_DB"], "attune", "made by the file, with its owner");
    let mounted = texts(&postgres["volumes"]);
    let script =
        mounted.iter().find_map(|volume| volume.split_once(":/docker-entrypoint-initdb.d/"));
    let (script, _) = script.expect("a file that is run once");
    let script = text_of(script.trim_start_matches("./"));
    for statement in [
        "\\getenv password POSTGRES_PASSWORD\n",
        "\nCREATE ROLE attune LOGIN PASSWORD :'password';\n",
        "\nCREATE DATABASE attune OWNER attune;\n",
        "\nALTER ROLE CURRENT_USER PASSWORD NULL;\n",
    ] {
        assert!(script.contains(statement), "no {statement}");
    }
    let secret = environment["POSTGRES_PASSWORD_FILE"].strip_prefix("/run/secrets/").unwrap();
    assert_eq!(texts(&postgres["secrets"]), [secret]);
    let check = texts(&postgres["healthcheck"]["test"]);
    for word in ["--username=attune", "--dbname=attune"] {
        assert!(check.iter().any(|one| one == word), "{check:?}");
    }
}

/// Of two who wait for each other the inner one gives up first.
#[test]
fn times_and_numbers_agree() {
    let compose = compose();
    let proxy = text_of("deploy/proxy/haproxy.cfg");
    let timeout = |name: &str| -> u32 {
        let line =
            proxy.lines().find_map(|line| line.trim().strip_prefix(&format!("timeout {name} ")));
        line.and_then(|rest| rest.strip_suffix('s')?.parse().ok()).expect(name)
    };
    let head: u32 = settings()["ATTUNE_REQUEST_DEADLINE_SECONDS"].1.parse().unwrap();
    assert!((head + 1..=head + 10).contains(&timeout("http-request")), "heads");
    assert!((head + 1..=head + 10).contains(&timeout("client")), "bodies");
    // A request waits for the database for 10 seconds at the most, and a statement takes 15 (configuration.md).
    assert!((26..=40).contains(&timeout("server")), "answers");
    let readiness = text_of("src/operations/readiness.rs");
    let patience = readiness.split("const PATIENCE: Duration = Duration::from_secs(").nth(1);
    let patience: u32 = patience.and_then(|rest| rest.split(')').next()?.parse().ok()).unwrap();
    assert!((patience + 1..=patience + 2).contains(&timeout("check")), "readiness");

    let drain: u32 = settings()["ATTUNE_DRAIN_SECONDS"].1.parse().unwrap();
    let mut connections = 0;
    for (name, service) in ours(&compose) {
        let environment = environment(&service);
        let Some(shutdown) = environment.get("ATTUNE_SHUTDOWN_SECONDS") else { continue };
        let drain =
            environment.get("ATTUNE_DRAIN_SECONDS").map_or(drain, |own| own.parse().unwrap());
        let ends_within = drain + shutdown.parse::<u32>().unwrap();
        assert!(
            seconds(&service["stop_grace_period"]) > ends_within,
            "{name} is killed while it ends"
        );
        connections += environment["ATTUNE_DATABASE_THREADS"].parse::<u32>().unwrap();
    }
    // PostgreSQL's default of 100, three of which are its owner's; a command takes two.
    assert!(connections > 0 && connections + 10 < 97, "{connections} connections");
}
