"""3D human pose from 2D keypoints in video, by bone directions and bone lengths.

Follows Chen et al., "Anatomy-aware 3D Human Pose Estimation with Bone-based Pose Decomposition";
sections and equations in the docstrings are that paper's.
"""

__version__ = "0.1.0"
