"""`attune demo` for one run of generated requests, on a database of its own that is gone afterwards."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
import uuid

START_SECONDS = 90

stopping = threading.Event()


class Sqlite:
    """A file that lies where the demo puts it, and goes with it."""

    arguments = ()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Postgres:
    """A database on the server whose maintenance database ATTUNE_TEST_POSTGRES_URL names; `psql` is on PATH."""

    def __init__(self):
        self.maintenance = os.environ["ATTUNE_TEST_POSTGRES_URL"]
        self.database = f"attune_fuzz_{uuid.uuid4().hex[:12]}"
        self.arguments = ("--database", f"{self.maintenance.rsplit('/', 1)[0]}/{self.database}")

    def __enter__(self):
        self._run(f"CREATE DATABASE {self.database}")
        return self

    def __exit__(self, *_):
        self._run(f"DROP DATABASE {self.database} WITH (FORCE)")

    def _run(self, sql):
        command = ["psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--command={sql}", self.maintenance]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


DATABASES = {"sqlite": Sqlite, "postgres": Postgres}


class Demo:
    """`attune demo` on a free loopback port, ended when the block is left."""

    def __init__(self, attune, database, directory, log):
        self.attune, self.database, self.log = attune, database, log
        self.credentials_file = directory / "credentials.json"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"

    def __enter__(self):
        command = [self.attune, "demo", "--listen", self.address, "--credentials", self.credentials_file,
                   "--credential-rate", "0", "--practice-rate", "0", *self.database.arguments]
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
