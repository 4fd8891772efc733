"""The page that goes with a folder for TensorFlow Serving: how to start the server, and how to ask
this model.
"""

from __future__ import annotations

import textwrap

from anatomy_tf.export.pixels import KeypointInput
from anatomy_tf.models.lifter import AnatomyLifter

MARK = "<!-- written by anatomy-tf with every export; changes are lost -->"


def serving_readme(model: AnatomyLifter, name: str, keypoint_set: str | None = None) -> str:
    """The text for a serving folder with `model` as the newest version of `name`, which takes the
    keypoints of a set of `KEYPOINT_SETS`, or the model's own joints.
    """
    joints, count = model.skeleton.num_joints, model.skeleton.num_bones
    keypoints = KeypointInput(model.skeleton, keypoint_set).names
    bones = f", `directions` `(clips, frames, {count}, 3)`, and `lengths` of the bones in metres"
    return _README.format(
        mark=MARK,
        name=name,
        joints=joints,
        names=textwrap.fill(", ".join(model.skeleton.joint_names), 100),
        taken=keypoint_set or "the model's own joints",
        keypoints=len(keypoints),
        keypoint_names=textwrap.fill(", ".join(keypoints), 100),
        others=bones if model.frame_network else "",
        stream=_STREAM if model.causal else _NO_STREAM,
    )


_README = """\
{mark}

# {name}

Start the server in this folder:

```sh
docker run --rm -p 8500:8500 -p 8501:8501 -v "$PWD:/models:ro" tensorflow/serving \\
  --model_config_file=/models/models.config \\
  --enable_batching --batching_parameters_file=/models/batching.config
```

It serves the newest version in `{name}/`, answers gRPC on port 8500 and REST on port 8501, and
takes a new version over while it runs.

It takes {keypoints} keypoints, {taken}, in this order:

{keypoint_names}

It gives {joints} joints, in this order:

{names}

`{name}/<version>/assets.extra/metadata.json` has their parents, all inputs and outputs, and the
model's card.

## Whole clips

| input | type | shape | |
| --- | --- | --- | --- |
| `keypoints` | float32 | `(clips, frames, {keypoints}, 2)` | pixels; NaN where not seen |
| `image_size` | float32 | `(clips, 2)` | width and height in pixels |
| `visibility` | float32 | `(clips, frames, {keypoints})` | scores from 0 to 1; gRPC fills in 1 |
| `frames` | int32 | `(clips,)` | how many frames are no padding; gRPC fills in -1: all |

Out come `joints` `(clips, frames, {joints}, 3)` in metres, relative to the root joint (x right,
y down, z forward){others}. `lift_flip` averages with the mirrored clip. With batching, send
`frames`, and take only so many frames of the answer: clips that share a batch are padded to the
longest.

REST fills in nothing; all inputs have to be sent:

```sh
python3 -c '
import json
inputs = {{"keypoints": [[[[960, 540]] * {keypoints}] * 3], "image_size": [[1920, 1080]],
          "visibility": [[[1] * {keypoints}] * 3], "frames": [3]}}
print(json.dumps({{"signature_name": "lift", "inputs": inputs}}))
' > request.json
curl -d @request.json http://localhost:8501/v1/models/{name}:predict
```

gRPC, after `pip install tensorflow-serving-api`:

```python
import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis.predict_pb2 import PredictRequest
from tensorflow_serving.apis.prediction_service_pb2_grpc import PredictionServiceStub

server = PredictionServiceStub(grpc.insecure_channel("localhost:8500"))
request = PredictRequest()
request.model_spec.name = "{name}"
request.model_spec.signature_name = "lift"
keypoints = np.full((1, 3, {keypoints}, 2), 540, np.float32)
request.inputs["keypoints"].CopyFrom(tf.make_tensor_proto(keypoints))
request.inputs["image_size"].CopyFrom(tf.make_tensor_proto([[1920.0, 1080.0]]))
request.inputs["frames"].CopyFrom(tf.make_tensor_proto([3]))
joints = tf.make_ndarray(server.Predict(request, timeout=10).outputs["joints"])
```

## Streams

{stream}
"""
_STREAM = """\
`stream` lifts the next frames of streams. It takes `keypoints`, `image_size` and `visibility` as
above, and all inputs whose name begins with `state_`: zeros for the first frame, and then what came
out under the same name. gRPC fills in the zeros of one stream. With batching, send one frame a
request."""
_NO_STREAM = "None: the model reads frames to come. A causal model has a signature `stream`."
