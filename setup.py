"""Packaging of anatomy-tf."""

import pathlib

from setuptools import find_packages, setup

HERE = pathlib.Path(__file__).parent
TEST = ["ai-edge-litert>=2.0", "hypothesis>=6.100", "pytest>=8.0", "ruff>=0.12", "scipy>=1.14"]
PICTURES = ["matplotlib>=3.8"]

setup(
    name="anatomy-tf",
    version="0.1.0",
    description="3D human pose from 2D keypoints in video: bone directions and bone lengths",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.10",
    packages=find_packages(include=["anatomy_tf", "anatomy_tf.*"]),
    package_data={"anatomy_tf.data": ["cmu/*"]},
    install_requires=[
        "absl-py>=2.1",
        "keras>=3.5",
        "numpy>=1.26",
        "tensorboard>=2.17",
        "tensorflow>=2.17",
    ],
    extras_require={
        "pictures": PICTURES,
        "reference": ["torch>=2.0"],
        "test": TEST + PICTURES,
    },
)
