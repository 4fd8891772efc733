"""Live keypoints of any detector, in pixels -> 3D joints, frame by frame."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anatomy_tf.data.detections.arrays import checked_keypoints, checked_resolution
from anatomy_tf.data.joint_order import JointOrderWatch
from anatomy_tf.data.keypoint_sets import conversion, convert, keypoint_names
from anatomy_tf.geometry.screen import pixels_to_screen, screen_focal
from anatomy_tf.inference.stream import Streamer
from anatomy_tf.models.length_frames import LengthFrames
from anatomy_tf.models.lifter import AnatomyLifter
from anatomy_tf.skeleton import Skeleton


class LiveStream:
    """Runs a causal model over a detector's keypoints as they come, of one person or of several.

    A keypoint that was not seen stays where it was seen last, until it is seen again. May be used
    from several threads, which then take turns; two videos need two of them.

        live = anatomy_tf.load("device_81f").stream((1920, 1080), keypoint_set="coco17")
        joints = live.push(keypoints, scores)  # (17, 2) pixels of COCO's joints -> (17, 3) metres

    Args:
      model: a causal model.
      resolution: (width, height) of the image in pixels.
      keypoint_set: what the `J` keypoints are, of `KEYPOINT_SETS`.
      people: how many people are lifted in one call; None for one, without an axis for it.
      length_frames: which of the frames seen give the bone lengths; None is the model's own choice.
      focal: focal length in pixels, which models in the keypoint frame `person` read; None is the
        guess of `screen_focal`.

    Raises:
      InputError: the model is not causal, the set unknown or without any joint of the model, or an
        argument out of range.
    """

    def __init__(
        self,
        model: AnatomyLifter,
        resolution: tuple[int, int],
        keypoint_set: str,
        people: int | None = None,
        length_frames: LengthFrames | None = None,
        focal: float | None = None,
    ):
        names = keypoint_names(keypoint_set)
        self._target = model.skeleton.joint_names
        conversion(names, self._target)
        self._resolution = checked_resolution(resolution)
        self._names = names
        self._people = people
        self._watch = JointOrderWatch(names, model.skeleton, "keypoints")
        self._focal = screen_focal(self._resolution, focal)
        self._streamer = Streamer(model, people, length_frames, unseen="hold", focal=self._focal)

    @property
    def people(self) -> int | None:
        """How many are lifted in one call; None for one, without an axis for it."""
        return self._people

    @property
    def skeleton(self) -> Skeleton:
        """What the joints are that come out."""
        return self._streamer.model.skeleton

    def reset(self, person: int | None = None) -> None:
        """Forgets the frames of one person, or of all: what comes next begins a clip.

        Raises:
          InputError: there is no such person.
        """
        self._streamer.reset(person)

    def push(
        self, keypoints: npt.ArrayLike, scores: npt.ArrayLike | None = None
    ) -> npt.NDArray[np.float32]:
        """Joints of the model in metres, `(J', 3)`, of the frame that follows those pushed before.

        Args:
          keypoints: `(J, 2)` pixels, or `(N, J, 2)` of several frames; with `people`, `(P, J, 2)`
            or `(P, N, J, 2)`. NaN, or (0, 0), where nothing was seen. The joints come in the same
            form.
          scores: in the same form, without the last axis: 0, not seen, to 1; None is all seen.

        Raises:
          InputError: another shape, no numbers, or values that are no pixels or not of the keypoint
            set; the stream is as before then.
        """
        return self._streamer.push(*self._screen(keypoints, scores))

    def push_with_rays(
        self, keypoints: npt.ArrayLike, scores: npt.ArrayLike | None = None
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """What `push` gives; and of the model's joints the rays, `(J', 2)` x / z and y / z of where
        they were seen, NaN where they were not, and the scores `(J',)`.
        """
        screen, seen = self._screen(keypoints, scores)
        return self._streamer.push(screen, seen), screen / self._focal, seen

    def _screen(
        self, keypoints: npt.ArrayLike, scores: npt.ArrayLike | None
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Keypoints and scores of the model's joints, in screen coordinates; NaN where not seen."""
        axes = (2, 3) if self._people is None else (3, 4)
        pixels, seen = checked_keypoints(keypoints, scores, len(self._names), axes)
        self._watch.look(pixels, seen)
        converted, seen = convert(pixels, seen, self._names, self._target)
        screen = pixels_to_screen(converted, self._resolution)
        screen[seen == 0] = np.nan
        return screen, seen
