"""The scripts that start workers name every worker the same others."""

import json
import os
import pathlib
import subprocess

import kubernetes_validate
import pytest
import yaml

FOLDER = pathlib.Path(__file__).parents[2] / "examples" / "cluster"
STAND_INS = {
    "scontrol": 'printf "node1\\nnode2\\n"',
    "srun": 'shift; for SLURM_PROCID in 0 1; do export SLURM_PROCID; "$@"; done',
    "python": 'echo "$TF_CONFIG" | tr -d "\\n"; echo; echo "$@"',
    "anatomy-tf": 'echo "$TF_CONFIG" | tr -d "\\n"; echo; echo "$@"',
}


@pytest.fixture
def environment(tmp_path):
    """Where only stand-ins of Slurm and of the training are found."""
    for name, code in STAND_INS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{code}\n")
        (tmp_path / name).chmod(0o755)
    return os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}


def output(command, environment) -> list[str]:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_slurm(environment):
    environment |= {"SLURM_JOB_NODELIST": "node[1-2]"}
    command = ["bash", FOLDER / "slurm.sh", "--output_dir=a b"]
    lines = output(command, environment)
    for index in (0, 1):
        assert json.loads(lines[2 * index]) == {
            "cluster": {"worker": ["node1:29400", "node2:29400"]},
            "task": {"type": "worker", "index": index},
        }
        words = "tools/train.py --strategy=multi_worker --resume --output_dir=a b"
        assert lines[2 * index + 1] == words


@pytest.fixture(scope="module")
def manifest():
    return list(yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text(encoding="utf-8")))


def test_kubernetes_takes_the_manifest(manifest):
    for resource in manifest:
        kubernetes_validate.validate(resource, "1.29", strict=True)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(
            manifest[1] | {"spec": {"completions": "two"}}, "1.29", strict=True
        )


def test_pods_name_the_pods_that_there_are(manifest, environment):
    service, job = manifest
    spec = job["spec"]
    pod = spec["template"]["spec"]
    container = pod["containers"][0]
    assert pod["subdomain"] == service["metadata"]["name"]
    assert service["spec"]["selector"] == {"job-name": job["metadata"]["name"]}
    assert spec["completions"] == spec["parallelism"]
    port = service["spec"]["ports"][0]["port"]
    assert container["ports"] == [{"containerPort": port}]
    workers = {variable["name"]: variable["value"] for variable in container["env"]}
    environment |= {**workers, "JOB_COMPLETION_INDEX": "1"}
    config, words = output([*container["command"], *container["args"]], environment)
    name = job["metadata"]["name"]
    assert json.loads(config) == {
        "cluster": {
            "worker": [
                f"{name}-{index}.{pod['subdomain']}:{port}" for index in range(spec["completions"])
            ]
        },
        "task": {"type": "worker", "index": 1},
    }
    assert "--strategy=multi_worker --resume" in words
