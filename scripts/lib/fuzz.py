"""Sends generated requests to every operation of the document, once for each of three actors.

    python scripts/lib/fuzz.py --attune target/debug/attune --schemathesis BIN --logs DIRECTORY

Each actor has a demo of their own on a free loopback port, so that what one run archives or revokes
does not starve the next. Exits with 1 on any server error or any answer that breaks the document.
Needs Python 3.11 and nothing else; ATTUNE_FUZZ_SEED, ATTUNE_FUZZ_EXAMPLES and ATTUNE_FUZZ_JOBS
override the seed, the examples for each operation and the number of actors at a time.
"""

import argparse
import base64
import concurrent.futures
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "openapi" / "openapi.json"
CONFIGURATION = ROOT / "tools" / "schemathesis.toml"
ACTORS = ("practice_admin", "clinician", "partner_a")
SEED = int(os.environ.get("ATTUNE_FUZZ_SEED", "20260101"))
EXAMPLES = int(os.environ.get("ATTUNE_FUZZ_EXAMPLES", "100"))
JOBS = int(os.environ.get("ATTUNE_FUZZ_JOBS", min(len(ACTORS), os.cpu_count() or 1)))
# Operations that take nothing of which a hundred different requests could be made.
FINITE = {"GET /.well-known/jwks.json"}
# What an actor may not call although they hold its scope: only those who see every client may, or only clinicians,
# or whoever supervises the author of a note.
OWNER_ONLY = {
    ("clinician", "POST /v1/session-notes/{session_note_id}/cosign"),
    ("clinician", "PUT /v1/clients/by-external-id/{external_id}"),
    ("practice_admin", "POST /v1/programs"),
    ("practice_admin", "POST /v1/reviews"),
    ("practice_admin", "POST /v1/session-notes"),
    ("practice_admin", "POST /v1/session-summaries"),
}
# Rounds for one actor at the most, each with a seed of its own.
MOST_ROUNDS = 8
START_SECONDS = 90
RUN_SECONDS = 2400

stopping = threading.Event()


class Demo:
    """`attune demo` on a free loopback port, ended when the block is left."""

    def __init__(self, attune, directory, log):
        self.attune, self.log = attune, log
        self.credentials_file = directory / "credentials.json"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"

    def __enter__(self):
        command = [self.attune, "demo", "--listen", self.address, "--credentials", self.credentials_file,
                   "--credential-rate", "0", "--practice-rate", "0"]
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                command, cwd=self.credentials_file.parent, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self.credentials = self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _wait(self):
        host, port = self.address.split(":")
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None and not stopping.is_set():
            try:
                socket.create_connection((host, int(port)), timeout=1).close()
                return json.loads(self.credentials_file.read_text())
            except (OSError, ValueError):
                time.sleep(0.1)
        raise RuntimeError(f"attune demo did not start; see {self.log}")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def wait(process):
    """The exit code of a process, which is ended when its time is over or this program is told to stop."""
    deadline = time.monotonic() + RUN_SECONDS
    while process.poll() is None:
        if stopping.wait(0.2) or time.monotonic() > deadline:
            process.terminate()
            process.wait(timeout=20)
            raise RuntimeError("stopped" if stopping.is_set() else f"schemathesis took more than {RUN_SECONDS} s")
    return process.returncode


def strings(value):
    """Every string in a JSON value."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for item in inner for text in strings(item)]


def id_parameters(document):
    """The prefix of the ids that each path parameter takes, read off its example."""
    parameters = list(document.get("components", {}).get("parameters", {}).values())
    for item in document["paths"].values():
        parameters += item.get("parameters", [])
        for operation in item.values():
            parameters += operation.get("parameters", []) if isinstance(operation, dict) else []
    prefixes = {}
    for parameter in (one for one in parameters if one.get("in") == "path"):
        schema = parameter.get("schema", {})
        for example in [parameter.get("example"), schema.get("example"), *schema.get("examples", [])]:
            if isinstance(example, str) and "_" in example:
                prefixes[parameter["name"]] = example.split("_")[0]
    return prefixes


def forbidden(document, token):
    """The operations that a token may not call: it holds none of the scopes that they demand."""
    payload = token.split(".")[1]
    held = set(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["scope"].split())
    for label in operations(document):
        method, path = label.split(" ")
        security = document["paths"][path][method.lower()].get("security", [])
        if security and not any(held.issuperset(scopes) for one in security for scopes in one.values()):
            yield label


def configuration(document, ids, actor, token):
    """The committed configuration, half of all path ids taken from the demo's own records, and no warning of
    a refused token where the document says that it is refused."""
    text = CONFIGURATION.read_text()
    refused = [label for owner, label in OWNER_ONLY if owner == actor]
    for label in [*forbidden(document, token), *refused]:
        text += f'\n[[operations]]\ninclude-name = "{label}"\nwarnings = false\n'
    for name, prefix in id_parameters(document).items():
        known = sorted({text for text in strings(ids) if text.startswith(f"{prefix}_")})
        if known:
            text += f'\n[dictionaries.{name}]\nvalues = {json.dumps(known)}\n'
            text += f'[parameters."path.{name}"]\ndictionary = "{name}"\nprobability = 0.5\n'
    return text


def count(events):
    """Requests for each operation, and answers for each status code, from the run's event file."""
    requests, statuses = Counter(), Counter()
    with open(events) as lines:
        for line in lines:
            recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
            interactions = recorder.get("interactions", {})
            for case, interaction in interactions.items():
                value = recorder["cases"].get(case, {}).get("value", {})
                requests[f"{value.get('method')} {value.get('path')}"] += 1
                response = interaction.get("response") or {}
                statuses[response.get("status_code", "no answer")] += 1
    return requests, statuses


class Tally:
    """What came of the runs with one actor's token."""

    def __init__(self):
        self.requests, self.statuses = Counter(), Counter()
        self.failures, self.errors, self.seconds, self.passed = [], [], 0.0, True

    def add(self, status, report, events):
        requests, statuses = count(events)
        self.requests += requests
        self.statuses += statuses
        self.failures += report["failures"]
        self.errors += report["errors"]
        self.seconds += report["running_time"]
        self.passed &= status == 0

    def few(self, document):
        """The operations that got too few requests, and could get more."""
        return [key for key in operations(document) if self.requests[key] < EXAMPLES and key not in FINITE]

    def server_errors(self):
        return sum(number for code, number in self.statuses.items() if code == "no answer" or code >= 500)


def send(options, demo, directory, token, seed, only, log):
    """One run of schemathesis, for these operations or for all. Its exit code and report; None if it did not run."""
    settings = directory / "schemathesis.toml"
    report, events = directory / f"report-{seed}", directory / f"events-{seed}"
    command = [options.schemathesis, "--config-file", settings, "run", DOCUMENT]
    command += ["--url", f"http://{demo.address}", "--seed", str(seed), "--max-examples", str(EXAMPLES)]
    command += ["--no-color", "--report", "ndjson,json", "--report-ndjson-path", events, "--report-json-path", report]
    for label in only:
        command += ["--include-name", label]
    environment = os.environ | {"ATTUNE_TOKEN": token, "NO_PROXY": "*"}
    with open(log, "a") as output:
        status = wait(subprocess.Popen(
            command, cwd=directory, env=environment,
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        ))  # fmt: skip
    return (status, json.loads(report.read_text()), events) if report.exists() else None


def run(actor, options, document):
    """All operations with one actor's token; those that got too few requests again, with another seed.
    Returns what to print and whether it passed."""
    if stopping.is_set():
        return f"{actor}: not run", False
    log = options.logs / f"schemathesis-{actor}.log"
    log.unlink(missing_ok=True)
    tally, only = Tally(), []
    with tempfile.TemporaryDirectory(prefix="attune-fuzz-") as name:
        directory = pathlib.Path(name)
        with Demo(options.attune, directory, options.logs / f"demo-{actor}.log") as demo:
            token = demo.credentials["tokens"][actor]
            settings = configuration(document, demo.credentials.get("ids"), actor, token)
            (directory / "schemathesis.toml").write_text(settings)
            for seed in range(SEED, SEED + MOST_ROUNDS):
                came_of_it = send(options, demo, directory, token, seed, only, log)
                if came_of_it is None:
                    return f"{actor}: schemathesis did not run; see {log}", False
                tally.add(*came_of_it)
                only = tally.few(document)
                if not only or not tally.passed:
                    break
            alive = demo.process.poll() is None
    return describe(actor, tally, document, alive, log, options)


def describe(actor, tally, document, alive, log, options):
    few = tally.few(document)
    errors, violations = tally.server_errors(), sum(failure["count"] for failure in tally.failures)
    passed = tally.passed and alive and not few and errors == 0 and violations == 0 and not tally.errors
    counts = [tally.requests[key] for key in operations(document) if key not in FINITE]
    lines = [
        f"{actor}: seed {SEED}, {len(counts)} operations, {sum(tally.requests.values())} requests "
        f"({min(counts)} to {max(counts)} each, median {statistics.median(counts):g}), "
        f"{errors} server errors, {violations} violations, {len(tally.errors)} errors of the tool, "
        f"{tally.seconds:.0f} s",
        "  answers: " + ", ".join(f"{number} × {code}" for code, number in sorted(tally.statuses.items(), key=str)),
    ]
    if few:
        lines.append(f"  fewer than {EXAMPLES} for: " + ", ".join(f"{key} ({tally.requests[key]})" for key in few))
    if not alive:
        lines.append(f"  attune ended during the run; see {options.logs / f'demo-{actor}.log'}")
    if not passed:
        lines += [f"  {one['title']}: {one['count']} in {', '.join(one['operations'])}" for one in tally.failures]
        lines += [f"  {json.dumps(error)}" for error in tally.errors]
        lines.append(f"  the requests that reproduce each are in {log}")
    return "\n".join(lines), passed


def operations(document):
    """`GET /v1/clients` for each operation."""
    methods = ("get", "put", "post", "patch", "delete", "head", "options", "trace")
    return [f"{method.upper()} {path}" for path, item in document["paths"].items() for method in methods if method in item]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for option in ("--attune", "--schemathesis", "--logs"):
        parser.add_argument(option, required=True, type=lambda path: pathlib.Path(path).resolve())
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    document = json.loads(DOCUMENT.read_text())
    passed = True
    with concurrent.futures.ThreadPoolExecutor(max_workers=JOBS) as pool:
        for text, good in pool.map(lambda actor: run(actor, options, document), ACTORS):
            print(text, flush=True)
            passed &= good
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
