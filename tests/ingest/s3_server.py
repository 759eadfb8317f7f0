"""moto's S3 server in a process of its own: real HTTP on 127.0.0.1, objects in its memory."""

from __future__ import annotations

import importlib.util
import itertools
import os
import socket
import subprocess
import sys
import time

HAS_MOTO = all(importlib.util.find_spec(name) for name in ("moto", "flask", "flask_cors", "boto3"))


class S3Server:
    """`environment` leads any client to it; each bucket is new."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.environment = {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": "someone",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
        }
        self._numbers = itertools.count()
        last = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                assert time.monotonic() < last, "moto's server did not start"
                assert self.process.poll() is None, "moto's server ended"
                time.sleep(0.1)

    def client(self):
        import boto3

        told = {"aws_access_key_id": "someone", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
        return boto3.client("s3", endpoint_url=self.address, **told)

    def new_bucket(self) -> str:
        name = f"bucket-{os.getpid()}-{next(self._numbers)}"
        self.client().create_bucket(Bucket=name)
        return name

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
