"""Sends generated requests to every operation of the document, for each of three actors on each database.

    python scripts/lib/fuzz.py --attune target/debug/attune --schemathesis BIN --logs DIRECTORY
                               [--database sqlite|postgres]

Without --database it takes both. Each run has a demo of its own on a free loopback port and a database
of its own, so that what one archives or revokes does not starve the next. Exits with 1 on any server
error or any answer that breaks the document. Needs Python 3.11 and nothing else; PostgreSQL wants a build
with it, `psql` on PATH and ATTUNE_TEST_POSTGRES_URL, as scripts/test sets it. ATTUNE_FUZZ_SEED,
ATTUNE_FUZZ_EXAMPLES and ATTUNE_FUZZ_JOBS override the seed, the examples for each operation in each of
the six runs (25, beside the bounds of every value, which take most of the time) and the number of runs at
a time.

    ATTUNE_FUZZ_EXAMPLES=100 scripts/test --only fuzz

is the long run: all actors on both databases.
"""

import argparse
import base64
import concurrent.futures
import itertools
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter

from demo import DATABASES, Demo, stopping

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "openapi" / "openapi.json"
CONFIGURATION = ROOT / "tools" / "schemathesis.toml"
ACTORS = ("practice_admin", "clinician", "partner_a")
SEED = int(os.environ.get("ATTUNE_FUZZ_SEED", "20260101"))
EXAMPLES = int(os.environ.get("ATTUNE_FUZZ_EXAMPLES", "25"))
JOBS = int(os.environ.get("ATTUNE_FUZZ_JOBS", min(len(ACTORS) * len(DATABASES), os.cpu_count() or 1)))
# Operations that take nothing of which so many different requests could be made.
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
# Rounds for one run at the most, each with a seed of its own.
MOST_ROUNDS = 8
RUN_SECONDS = 2400


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
    outside = list(forbidden(document, token))
    for label in [*outside, *refused]:
        text += f'\n[[operations]]\ninclude-name = "{label}"\nwarnings = false\n'
        method, path = label.split(" ")
        if label in outside and "requestBody" in document["paths"][path][method.lower()]:
            # It is refused by its scope before anybody looks at the body, whose bounds tell nothing.
            text += "phases.coverage.enabled = false\n"
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
    """What came of the runs with one actor's token, to which the operations outside its scopes are closed."""

    def __init__(self, outside):
        self.outside = outside
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
        """The operations that got too few requests, and could get more. One is enough to see that it is refused."""
        least = {key: 1 if key in self.outside else EXAMPLES for key in operations(document) if key not in FINITE}
        return [key for key, number in least.items() if self.requests[key] < number]

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


def run(actor, database, options, document):
    """All operations with one actor's token on one database; those that got too few requests again, with another
    seed. Returns what to print and whether it passed."""
    name = f"{actor} on {database}"
    if stopping.is_set():
        return f"{name}: not run", False
    log, of_demo = (options.logs / f"{program}-{actor}-{database}.log" for program in ("schemathesis", "demo"))
    log.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="attune-fuzz-") as folder, DATABASES[database]() as place:
        directory = pathlib.Path(folder)
        with Demo(options.attune, place, directory, of_demo) as demo:
            token = demo.credentials["tokens"][actor]
            tally, only = Tally(set(forbidden(document, token))), []
            settings = configuration(document, demo.credentials.get("ids"), actor, token)
            (directory / "schemathesis.toml").write_text(settings)
            for seed in range(SEED, SEED + MOST_ROUNDS):
                came_of_it = send(options, demo, directory, token, seed, only, log)
                if came_of_it is None:
                    return f"{name}: schemathesis did not run; see {log}", False
                tally.add(*came_of_it)
                only = tally.few(document)
                if not only or not tally.passed:
                    break
            alive = demo.process.poll() is None
    ended = None if alive else of_demo
    return describe(name, tally, document, ended, log)


def describe(name, tally, document, ended, log):
    """What to print of a run, and whether it passed. `ended` is the log of a service that did not outlive it."""
    few = tally.few(document)
    errors, violations = tally.server_errors(), sum(failure["count"] for failure in tally.failures)
    passed = tally.passed and not ended and not few and errors == 0 and violations == 0 and not tally.errors
    outside = [key for key in operations(document) if key in tally.outside]
    counts = [tally.requests[key] for key in operations(document) if key not in FINITE and key not in outside]
    lines = [
        f"{name}: seed {SEED}, {len(counts)} operations and {len(outside)} closed ones, "
        f"{sum(tally.requests.values())} requests ({min(counts)} to {max(counts)} each, "
        f"median {statistics.median(counts):g}), "
        f"{errors} server errors, {violations} violations, {len(tally.errors)} errors of the tool, "
        f"{tally.seconds:.0f} s",
        "  answers: " + ", ".join(f"{number} × {code}" for code, number in sorted(tally.statuses.items(), key=str)),
    ]
    if few:
        lines.append(f"  fewer than {EXAMPLES} for: " + ", ".join(f"{key} ({tally.requests[key]})" for key in few))
    if ended:
        lines.append(f"  attune ended during the run; see {ended}")
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
    parser.add_argument("--database", choices=DATABASES, help="one alone; without it, both")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    document = json.loads(DOCUMENT.read_text())
    runs = list(itertools.product(ACTORS, [options.database] if options.database else DATABASES))
    passed = True
    with concurrent.futures.ThreadPoolExecutor(max_workers=JOBS) as pool:
        for text, good in pool.map(lambda pair: run(*pair, options, document), runs):
            print(text, flush=True)
            passed &= good
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
