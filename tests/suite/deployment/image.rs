//! The image and the secrets: their steps run in a folder, outside of any container.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use attune::db::DatabaseUrl;
use attune::seal::RootKeySource;
use serde_json::Value;

use super::compose::{compose, environment};
use super::{ATTUNE, path_of, run, text_of, texts};

fn assemble(folder: &Path) -> (bool, String) {
    run(&path_of("deploy/assemble-image"), &[ATTUNE, folder.to_str().unwrap()])
}

/// Path and mode of every file below a folder.
fn files_below(folder: &Path) -> BTreeMap<String, u32> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let metadata = path.symlink_metadata().unwrap();
            if metadata.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, metadata.permissions().mode() & 0o7777);
            }
        }
    }
    found
}

/// Number of the user for whom the image is made.
fn user_of_the_image() -> String {
    let script = text_of("deploy/assemble-image");
    let line = script.lines().find_map(|line| line.strip_prefix("readonly USER_ID=")).unwrap();
    line.to_owned()
}

#[test]
fn the_image_holds_the_service_its_check_its_licences_and_its_user() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("image");
    let (made, said) = assemble(&image);
    assert!(made, "{said}");
    assert_eq!(said.trim(), format!("attune {}", env!("CARGO_PKG_VERSION")));
    let expected = [
        ("etc/group", 0o644),
        ("etc/passwd", 0o644),
        ("usr/local/bin/attune", 0o755),
        ("usr/local/bin/attune-healthy", 0o755),
        ("usr/share/doc/attune/LICENSE-APACHE", 0o644),
        ("usr/share/doc/attune/LICENSE-MIT", 0o644),
    ];
    let expected = expected.map(|(name, mode)| (name.to_owned(), mode));
    assert_eq!(files_below(&image), BTreeMap::from(expected), "and nothing else");

    let users = std::fs::read_to_string(image.join("etc/passwd")).unwrap();
    let number = user_of_the_image();
    let user = format!("attune:x:{number}:{number}::/nonexistent:/usr/sbin/nologin\n");
    assert!(users.starts_with(&text_of("/etc/passwd")) && users.ends_with(&user));

    let (printed, document) = run(&image.join("usr/local/bin/attune"), &["openapi"]);
    assert!(printed && document.contains("\"openapi\": \"3.1.0\""));
    let (again, said) = assemble(&image);
    assert!(!again && said.contains("is not empty"), "{said}");
}

#[test]
fn the_dockerfile_runs_these_steps_and_no_others() {
    let dockerfile = text_of("Dockerfile");
    let number = user_of_the_image();
    for line in [
        "RUN deploy/assemble-image target/dist/attune /image\n",
        "COPY --from=build /image/ /\n",
        &format!("USER {number}:{number}\n"),
        "ENTRYPOINT [\"attune\"]\n",
        "CMD [\"attune-healthy\"]\n",
    ] {
        assert!(dockerfile.contains(line), "no {line}");
    }
    assert_eq!(dockerfile.matches("COPY").count(), 2, "the sources, and the image");
    let build = dockerfile.lines().find(|line| line.contains("cargo build")).unwrap();
    let manifest = text_of("Cargo.toml");
    let features = build.split("--features ").nth(1).unwrap().split(' ').next().unwrap();
    for feature in features.split(',') {
        let there = manifest.contains(&format!("\n{feature} = ["));
        assert!(there, "{feature} is no feature");
    }
    assert!(build.contains("--profile dist") && manifest.contains("[profile.dist]"));
    let rust = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap();
    assert!(dockerfile.contains(&format!("FROM rust:{}-slim", rust.trim_matches('"'))));
}

/// Whatever git does not keep goes into no image either.
#[test]
fn nothing_private_is_sent_to_the_engine() {
    let left_out = text_of(".dockerignore");
    let left_out: Vec<&str> = left_out.lines().collect();
    let ignored = text_of(".gitignore");
    for line in ignored.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let pattern = line.strip_prefix('/').map_or_else(|| format!("**/{line}"), str::to_owned);
        assert!(left_out.contains(&pattern.as_str()), ".dockerignore lacks {pattern}");
    }
    assert!(left_out.contains(&".git/"));
}

/// Answers one request with this status; returns the port, and the thread that has its request line.
fn answering(status: &'static str) -> (u16, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // A shell writes line by line, and who answers the first of them would be gone before the last.
        let mut head = String::new();
        let mut lines = BufReader::new(stream.try_clone().unwrap());
        while !head.ends_with("\r\n\r\n") && lines.read_line(&mut head).unwrap() > 0 {}
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").unwrap();
        head.lines().next().unwrap_or_default().to_owned()
    });
    (port, thread)
}

#[test]
fn the_health_check_of_the_image_tells_ready_from_not_ready_and_gone() {
    let check = |port: u16| run(&path_of("deploy/attune-healthy"), &[&port.to_string()]).0;
    let (port, asked) = answering("200 OK");
    assert!(check(port));
    assert_eq!(asked.join().unwrap(), "GET /readyz HTTP/1.1");
    let (port, asked) = answering("503 Service Unavailable");
    assert!(!check(port));
    asked.join().unwrap();
    assert!(!check(port), "nobody listens there any more");
    let compose = compose();
    for name in ["attune-1", "attune-2"] {
        let service = &compose["services"][name];
        assert_eq!(texts(&service["healthcheck"]["test"]), ["CMD", "attune-healthy"]);
        assert!(environment(service).contains_key("ATTUNE_OPERATIONS_LISTEN"), "its port");
    }
}

#[test]
fn secrets_are_made_once_and_never_again() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("secrets");
    let make = || run(&path_of("deploy/make-secrets"), &[folder.to_str().unwrap()]);
    let (made, said) = make();
    assert!(made, "{said}");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let files = files_below(&folder);
    assert!(files.values().all(|mode| *mode == 0o400), "{files:?}");

    RootKeySource::File(folder.join("root-key")).load().expect("a key that the service takes");
    let password = read("postgres-password");
    let address = format!("postgres://attune:{}@postgres/attune\n", password.trim());
    assert_eq!(read("database-url"), address);
    if cfg!(feature = "postgres") {
        address.trim().parse::<DatabaseUrl>().expect("an address that the service takes");
    }
    assert_ne!(read("root-key").trim(), password.trim());

    // Each file of the compose file is made, and for the user that reads it.
    let compose = compose();
    let as_root = std::fs::metadata(&folder).unwrap().uid() == 0;
    for (name, secret) in compose["secrets"].as_object().unwrap() {
        assert_eq!(secret["file"], format!("./deploy/secrets/{name}"));
        assert!(files.contains_key(name), "{name} is not made");
        for (service, reader) in compose["services"].as_object().unwrap() {
            if !texts(&reader["secrets"]).contains(name) {
                continue;
            }
            let user = reader["user"].as_str().unwrap();
            let owner = std::fs::metadata(folder.join(name)).unwrap().uid();
            let owned = format!("{owner}:{owner}") == user;
            let told = said.contains(&format!("chown {user} "));
            assert!(if as_root { owned } else { told }, "{service} cannot read {name}");
        }
    }
    assert_eq!(files.len(), compose["secrets"].as_object().map_or(0, serde_json::Map::len));

    let (again, said) = make();
    assert!(!again && said.contains("nothing in it is overwritten"), "{said}");
    assert_eq!(read("postgres-password"), password);
    let left = std::fs::read_dir(parent.path()).unwrap().count();
    assert_eq!(left, 1, "no folder is left behind");
}

/// What the image is said to be by the compose file, which runs it as another user than root.
#[test]
fn the_services_run_as_the_user_of_the_image() {
    let number = user_of_the_image();
    let compose = compose();
    let ours = |service: &&Value| service["image"].as_str().unwrap().starts_with("attune:");
    let services = compose["services"].as_object().unwrap();
    for service in services.values().filter(ours) {
        assert_eq!(service["user"], format!("{number}:{number}"));
    }
}
