"""A folder that TensorFlow Serving serves a model from: its versions, and the configuration of the
server.
"""

from __future__ import annotations

import contextlib
import pathlib
import re
from collections.abc import Iterator

from anatomy_tf.errors import InputError
from anatomy_tf.export.saved_model import write_saved_model
from anatomy_tf.export.serving.server_page import MARK, serving_readme
from anatomy_tf.files import new_folder, replacing
from anatomy_tf.installation import check_installed
from anatomy_tf.models.lifter import AnatomyLifter

MODELS_CONFIG, BATCHING_CONFIG, README = "models.config", "batching.config", "README.md"
CONTAINER_FOLDER = "/models"
"""Where the server finds the folder."""

LARGEST_VERSION = 2**63 - 1

BATCHING = """\
# Requests that wait at the same time are lifted in one batch, by signature. How, is in
# docs/serving.md.
max_batch_size { value: 64 }
# A batch is filled up to one of these sizes, so that a GPU meets few shapes. The last has to be
# max_batch_size.
allowed_batch_sizes: [1, 2, 4, 8, 16, 32, 64]
# The longest that a request waits for others.
batch_timeout_micros { value: 1000 }
# How many batches may wait; requests beyond are refused.
max_enqueued_batches { value: 64 }
# As many as the server has cores.
num_batch_threads { value: 4 }
# Clips of different lengths share a batch. Each then has to tell its number of `frames`.
pad_variable_length_inputs: true
"""


@contextlib.contextmanager
def new_version(
    model: AnatomyLifter,
    serving_dir: pathlib.Path | str,
    name: str,
    version: int,
    keypoint_set: str | None = None,
) -> Iterator[pathlib.Path]:
    """An empty folder for `write_version`, which becomes `<name>/<version>` when the block ends
    well.

    Beside the models' folders are then

    - `models.config`: the models that the server serves, each in its newest version. One that is
      there is kept, and gets an entry for `name` if it has none.
    - `batching.config`: how requests are batched. One that is there is kept.
    - `README.md`: how to start the server, and how to ask `model`. One that is there is kept,
      unless an earlier export wrote it.

    A server that runs takes the version over when it is whole.

    Args:
      serving_dir: folder of the server; may serve other models too.
      name: what requests call the model.
      version: a number from 1, such as `next_version` gives.
      keypoint_set: as in `write_saved_model`.

    Raises:
      InputError: TensorFlow Serving's API is not installed; `name` or `version` is none; the
        version is there already; `models.config` cannot be read; or something cannot be written.
        Nothing has changed then.
    """
    check_installed(
        "tensorflow_serving", "serving", "a serving folder needs tensorflow-serving-api"
    )
    if not re.fullmatch(r"[A-Za-z]\w{0,63}", name, re.ASCII):
        raise InputError(f"name {name!r}: must be letters, digits and _, and begin with a letter")
    serving_dir = pathlib.Path(serving_dir)
    if not 1 <= version <= LARGEST_VERSION:
        raise InputError(f"version {version}: must be from 1 to {LARGEST_VERSION}")
    page = serving_readme(model, name, keypoint_set)
    texts = {
        MODELS_CONFIG: models_config(serving_dir / MODELS_CONFIG, name),
        BATCHING_CONFIG: None if (serving_dir / BATCHING_CONFIG).exists() else BATCHING,
        README: page if _is_ours(serving_dir / README) else None,
    }
    with new_folder(serving_dir / name / str(version)) as folder:
        yield folder
        with contextlib.ExitStack() as outputs:
            for file, text in texts.items():
                if text is not None:
                    path = outputs.enter_context(replacing(serving_dir / file))
                    path.write_text(text, encoding="utf-8")


def write_version(
    model: AnatomyLifter,
    folder: pathlib.Path,
    name: str,
    card: str = "",
    keypoint_set: str | None = None,
) -> None:
    """Writes what `write_saved_model` does, with requests that warm the server up
    (`write_warmup`).
    """
    # It needs an extra, which the rest of the exports does not.
    from anatomy_tf.export.serving.warm_up import write_warmup

    write_saved_model(model, folder, card, keypoint_set)
    write_warmup(folder, name)


def next_version(serving_dir: pathlib.Path | str, name: str) -> int:
    """The number after the newest version of a model in a serving folder; 1 where there is none."""
    folder = pathlib.Path(serving_dir) / name
    paths = folder.iterdir() if folder.is_dir() else ()
    return 1 + max((int(p.name) for p in paths if re.fullmatch(r"[0-9]{1,19}", p.name)), default=0)


def models_config(path: pathlib.Path, name: str) -> str | None:
    """The text of `models.config` with an entry for the model; None where it has one already.

    Raises:
      InputError: there is one that cannot be read, or has no list of models to add to.
    """
    entry = (
        f'  config {{\n    name: "{name}"\n    base_path: "{CONTAINER_FOLDER}/{name}"\n'
        '    model_platform: "tensorflow"\n  }\n'
    )
    if not path.exists():
        return f"model_config_list {{\n{entry}}}\n"
    try:
        text = path.read_text(encoding="utf-8")
        names = _names(text)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a configuration of models ({error})") from error
    if name in names:
        return None
    head, brace, tail = text.rpartition("}")
    extended = f"{head.rstrip()}\n{entry}{brace}{tail}"
    with contextlib.suppress(ValueError):
        if _names(extended) == [*names, name]:
            return extended
    raise InputError(f"{path}: has no list of models at its end; add {name} by hand")


def _names(text: str) -> list[str]:
    """The models in the text of a `models.config`; a ValueError if it is none."""
    from google.protobuf import text_format
    from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

    try:
        config = text_format.Parse(text, ModelServerConfig())
    except text_format.ParseError as error:
        raise ValueError(*error.args) from error
    return [model.name for model in config.model_config_list.config]


def _is_ours(path: pathlib.Path) -> bool:
    """Whether a file of this name may be written: there is none yet, or an older one of this
    module.
    """
    if not path.is_file():
        return not path.exists()
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK.encode()
