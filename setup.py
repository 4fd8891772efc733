"""Packaging of anatomy-tf."""

import pathlib
import re

from setuptools import find_packages, setup

HERE = pathlib.Path(__file__).parent
VERSION_FILE = (HERE / "anatomy_tf" / "version.py").read_text(encoding="utf-8")
VERSION = re.search(r'^__version__ = "(.+)"$', VERSION_FILE, re.MULTILINE)[1]
SHIPPED = ("configs", "saved_models", "tools")
"""Folders at the top that are inside the package once it is installed: `anatomy_tf/shipped.py`."""
ONNX = ["onnx>=1.16", "tf2onnx>=1.17"]
SERVING = ["tensorflow-serving-api>=2.17"]
BEAM = ["apache-beam>=2.70"]
DOCS = ["sphinx>=7.4", "myst-parser>=3.0"]
TEST = [
    "onnxruntime>=1.18",
    "hypothesis>=6.100",
    "kubernetes-validate>=1.30",
    "mdformat>=0.7.22",
    "mdformat-gfm>=0.4",
    "mypy>=1.11",
    "pybvh>=0.9",
    "pytest>=8.0",
    "pytest-xdist>=3.6",
    "ruff>=0.12",
    "setuptools>=70.1",
    "trimesh>=4.6",
]
ADDONS = ["tensorflow==2.15.*", "tensorflow-addons==0.23.0"]
ADDONS_TEST = ["hypothesis>=6.100", "pytest>=8.0", "pytest-xdist>=3.6"]
"""Not part of `TEST`, whose packages need a TensorFlow that addons do not run with."""
PICTURES = ["matplotlib>=3.8"]
HUMAN36M = ["cdflib>=1.3"]
MPI_INF_3DHP = ["h5py>=3.10"]
C3D = ["ezc3d>=1.5"]
MOCAP = ["scipy>=1.14"]
VIDEO = ["av>=14.0", "ai-edge-litert>=2.0", "pillow>=10.0"]

setup(
    name="anatomy-tf",
    version=VERSION,
    description="3D human pose from 2D keypoints in video: bone directions and bone lengths",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.10",
    packages=[
        *find_packages(include=["anatomy_tf", "anatomy_tf.*"]),
        *(f"anatomy_tf.{folder}" for folder in SHIPPED),
    ],
    package_dir={f"anatomy_tf.{folder}": folder for folder in SHIPPED},
    package_data={
        "anatomy_tf.configs": ["**/*.cfg"],
        "anatomy_tf.saved_models": ["**/*"],
        "anatomy_tf.data.sets": ["cmu/*", "humaneva_cameras.json", "human36m/*.json"],
        "anatomy_tf.data.motion": ["mappings/*.txt"],
        "anatomy_tf.poses.writers": ["page.html"],
        "anatomy_tf.video": ["sample/*"],
    },
    entry_points={"console_scripts": ["anatomy-tf = anatomy_tf.commands:main"]},
    install_requires=[
        "absl-py>=2.1",
        "keras>=2.15,!=3.0.*,!=3.1.*,!=3.2.*,!=3.3.*,!=3.4.*",
        "numpy>=1.26",
        "tensorboard>=2.15",
        "tensorflow>=2.15.1,!=2.16.*",
    ],
    extras_require={
        "addons": ADDONS,
        "addons-test": ADDONS + ADDONS_TEST,
        "beam": BEAM,
        "c3d": C3D,
        "docs": DOCS,
        "pictures": PICTURES,
        "reference": ["torch>=2.0"],
        "human36m": HUMAN36M,
        "mocap": MOCAP,
        "mpi-inf-3dhp": MPI_INF_3DHP,
        "onnx": ONNX,
        "serving": SERVING,
        "test": TEST
        + BEAM
        + DOCS
        + PICTURES
        + HUMAN36M
        + MOCAP
        + MPI_INF_3DHP
        + C3D
        + ONNX
        + SERVING
        + VIDEO,
        "video": VIDEO,
    },
)
