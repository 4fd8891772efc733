"""Poses as viewers and game engines read them."""

import json
import struct

import numpy as np
import pytest
import trimesh

from anatomy_tf.geometry.rest_pose import joints_at, rest_and_turns
from anatomy_tf.poses.side_colours import LEFT, MIDDLE, RIGHT
from tests.poses.test_formats import some_poses

TO_CAMERA = np.array([1, -1, -1])


def expected(poses) -> np.ndarray:
    """`(N, J, 3)` joints of the body with bones of constant length, y up, the lowest at 0."""
    lengths = poses.lengths.mean(axis=0)
    rest, turns = rest_and_turns(poses.directions * TO_CAMERA, poses.skeleton)
    joints = joints_at(rest, turns, lengths, poses.skeleton)
    return joints - [0, joints[..., 1].min(), 0]


class Glb:
    """A file as the specification of glTF 2.0 describes it."""

    def __init__(self, path):
        content = path.read_bytes()
        magic, version, length = struct.unpack_from("<4sII", content)
        assert (magic, version, length) == (b"glTF", 2, len(content))
        size, kind = struct.unpack_from("<I4s", content, 12)
        assert kind == b"JSON" and size % 4 == 0
        self.json = json.loads(content[20 : 20 + size])
        start = 20 + size
        size, kind = struct.unpack_from("<I4s", content, start)
        assert kind == b"BIN\0" and start + 8 + size == len(content)
        self.binary = content[start + 8 :]
        (animation,) = self.json["animations"]
        self.turns = {}
        for channel in animation["channels"]:
            assert channel["target"]["path"] == "rotation"
            sampler = animation["samplers"][channel["sampler"]]
            self.times = self.array(sampler["input"])[:, 0]
            self.turns[channel["target"]["node"]] = self.array(sampler["output"])

    def array(self, number):
        accessor = self.json["accessors"][number]
        assert accessor["componentType"] == 5126
        columns = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[accessor["type"]]
        start = self.json["bufferViews"][accessor["bufferView"]]["byteOffset"]
        count = accessor["count"] * columns
        return np.frombuffer(self.binary, "<f4", count, start).reshape(-1, columns)

    def places(self, frame):
        """The places of all nodes in a frame of the animation, by name."""
        found = {}

        def follow(number, turn, place):
            node = self.json["nodes"][number]
            place = place + turn @ node.get("translation", [0, 0, 0])
            quaternion = node.get("rotation", [0, 0, 0, 1])
            if number in self.turns:
                quaternion = self.turns[number][frame]
            assert node["name"] not in found
            found[node["name"]] = place
            for child in node.get("children", []):
                follow(child, turn @ matrix(quaternion), place)

        for root in self.json["scenes"][0]["nodes"]:
            follow(root, np.eye(3), np.zeros(3))
        return found

    def joints(self, frame, poses, before=""):
        places = self.places(frame)
        return np.array([places[before + name] for name in poses.skeleton.joint_names])


def matrix(quaternion):
    *axis, w = quaternion
    assert np.linalg.norm(quaternion) == pytest.approx(1, abs=1e-6)
    cross = np.cross(np.eye(3), axis)
    return np.eye(3) + 2 * w * cross + 2 * cross @ cross


def test_a_reader_of_meshes_shows_the_first_frame(poses, tmp_path):
    poses.save(tmp_path / "walk.glb")
    scene = trimesh.load_scene(tmp_path / "walk.glb")
    joints = expected(poses)[0]
    for name, joint in zip(poses.skeleton.joint_names, joints, strict=True):
        np.testing.assert_allclose(scene.graph.get(name)[0][:3, 3], joint, atol=1e-3)
    for near, far in poses.skeleton.bones:
        place, mesh = scene.graph.get(f"{poses.skeleton.joint_names[far]} bone")
        ends = [place @ [0, along, 0, 1] for along in (0, 1)]
        np.testing.assert_allclose(np.array(ends)[:, :3], joints[[near, far]], atol=1e-3)
        side = "left" if far in poses.skeleton.left else None
        side = side or ("right" if far in poses.skeleton.right else "middle")
        assert scene.geometry[mesh].visual.material.name == side
    for mesh in scene.geometry.values():
        assert mesh.is_watertight and mesh.volume > 0  # faces look outward


def test_the_animation_is_the_persons_motion(poses, tmp_path):
    poses.save(tmp_path / "walk.glb")
    file = Glb(tmp_path / "walk.glb")
    np.testing.assert_allclose(file.times, np.arange(len(poses)) / poses.fps, rtol=1e-6)
    for frame in (0, 1, len(poses) // 2, len(poses) - 1):
        np.testing.assert_allclose(file.joints(frame, poses), expected(poses)[frame], atol=1e-4)
    for turns in file.turns.values():  # viewers go from one to the next, on the short way
        assert (np.sum(turns[1:] * turns[:-1], axis=1) > 0.9).all()


def test_it_is_as_long_as_the_video_and_holds_poses_where_there_are_none(some, tmp_path):
    some.save(tmp_path / "walk.glb")
    file = Glb(tmp_path / "walk.glb")
    assert len(file.times) == 50
    for frame, row in ((0, 0), (5, 0), (19, 14), (25, 14), (30, 15), (49, 24)):
        np.testing.assert_allclose(file.joints(frame, some), expected(some)[row], atol=1e-4)


def test_people_stand_side_by_side_in_one_animation(two, tmp_path):
    two.save(tmp_path / "walk.glb")
    file = Glb(tmp_path / "walk.glb")
    roots = [file.json["nodes"][root]["name"] for root in file.json["scenes"][0]["nodes"]]
    assert roots == ["person3", "person7"]
    for column, person in enumerate(two.people):
        poses = two.of_person(person)
        found = file.joints(9, two, f"person{person}_")
        row = np.searchsorted(poses.frame, 9, side="right") - 1
        np.testing.assert_allclose(found, expected(poses)[row] + [1.4 * column, 0, 0], atol=1e-4)


def test_any_skeleton_and_a_bone_without_length(tmp_path):
    poses = some_poses()
    poses.lengths[:, 1] = 0
    poses.save(tmp_path / "poses.glb")
    assert Glb(tmp_path / "poses.glb").joints(3, poses, "person0_").shape == (4, 3)
    assert trimesh.load_scene(tmp_path / "poses.glb").is_valid


def test_colours_are_those_of_pictures(poses, tmp_path):
    poses.save(tmp_path / "walk.glb")
    for material, colour in zip(
        Glb(tmp_path / "walk.glb").json["materials"], (LEFT, RIGHT, MIDDLE), strict=True
    ):
        light = np.array(material["pbrMetallicRoughness"]["baseColorFactor"][:3])
        shown = np.where(light < 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
        assert "#" + bytes(np.round(255 * shown).astype(np.uint8).tolist()).hex() == colour
