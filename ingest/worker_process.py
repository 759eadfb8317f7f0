"""`python -m ingest.worker_process`: the child that `ingest.serve` starts; not a command for people."""

from ingest.serve import child

if __name__ == "__main__":
    child()
