import signal

import pytest

from tests.mocap_folder import write_mocap_folder
from tests.tools.processes import run

# A shell's background job ignores Ctrl-C, and so would the tools that the tests start and
# interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

TINY = """
--filter_widths=3,3
--channels=8
--sub_networks=1
--sampled_frames=4
--batch_size=16
--steps_per_epoch=3
--epochs=2
--statistics_batches=2
"""


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory, cmu):
    return write_mocap_folder(tmp_path_factory.mktemp("mocap"), cmu)


@pytest.fixture(scope="session")
def config(tmp_path_factory):
    path = tmp_path_factory.mktemp("config") / "tiny.cfg"
    path.write_text(f"# a comment\n{TINY}")
    return path


@pytest.fixture(scope="session")
def trained(tmp_path_factory, data_dir, config):
    output_dir = tmp_path_factory.mktemp("runs") / "trained"
    code, out, errors = run(
        *("train", f"--flagfile={config}", f"--data_dir={data_dir}"),
        *(f"--output_dir={output_dir}", "--export"),
    )
    assert (code, errors) == (0, [])
    return output_dir, out
