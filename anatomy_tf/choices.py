"""What models can be told by name; a module of its own, since help is shown before TensorFlow is
loaded.
"""

KEYPOINT_FRAMES = ("screen", "person")
"""The paper's screen coordinates, or the frame of a camera that looks at the person."""

VISIBILITY = ("attention", "concatenation", "none")
"""How visibility scores enter: weighed by the keypoints' features, beside the keypoints, or not at
all.
"""

LENGTH_NETWORKS = ("attention", "mean", "direct")
"""The paper's; the same without weights for the frames; and lengths regressed directly, averaged
over frames.
"""

ANATOMY_ASSEMBLIES = ("released", "kinematic")
"""Directions and lengths make the joints, with learned weights or along the skeleton (eq. 1)."""
ASSEMBLIES = (*ANATOMY_ASSEMBLIES, "joints", "bones")
"""The baselines know no bone lengths: `joints` regresses joints, `bones` whole bone vectors."""

MODES = ("all", "random", "firstframes", "consecutive")
"""Which frames of a clip give its bone lengths: see `LengthFrames`."""
