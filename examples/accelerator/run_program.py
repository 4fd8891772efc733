"""Runs the program of a training on whatever JAX finds: a GPU, a TPU, a processor.

    python examples/accelerator/run_program.py --program=runs/any_81f/program

Needs jax and numpy, and neither TensorFlow nor this project. Goes on where an earlier call ended,
leaves `outcome.npz` in the folder after the last step, and `progress.npz` with every `--save_every`
seconds and at the end of `--seconds`.
"""

from __future__ import annotations

import argparse
import functools
import json
import pathlib
import time

import jax
import numpy as np
from jax import export
from jax._src.interpreters import mlir
from jax._src.lib import _jax
from jax._src.lib.mlir import ir
from jax._src.lib.mlir.dialects import hlo as stablehlo

jax.config.update("jax_enable_x64", True)  # the counts of steps have 64 bits


def main() -> None:
    """Makes the steps that are left."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, required=True, help="folder")
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after so long")
    parser.add_argument("--save_every", type=float, default=300, help="seconds")
    parser.add_argument("--log_every", type=int, default=500, help="steps; 0: not at all")
    given = parser.parse_args()
    training = Training(given.program)
    training.run(given.seconds, given.save_every, given.log_every)


class Training:
    """The programs of a folder, compiled, and how far their training is."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.facts = json.loads((folder / "program.json").read_text())
        self.rates = dict(np.load(folder / "rates.npz"))
        progress = folder / "progress.npz"
        kept = dict(np.load(progress if progress.is_file() else folder / "start.npz"))
        self.first, self.seconds = int(kept.pop("step", 0)), float(kept.pop("seconds", 0))
        kept.pop("made_on", None)
        changed = set(self.facts["step"]["results"]) - set(self.facts["step"]["terms"])
        self.state = {name: jax.device_put(kept[name]) for name in changed}
        self.fixed = {name: jax.device_put(x) for name, x in kept.items() if name not in changed}
        self.table, self.validation = (
            {name: jax.device_put(x) for name, x in np.load(folder / f"{name_of}.npz").items()}
            for name_of in ("table", "validation")
        )
        rates = self._rates(0)
        self.fixed = {name: x for name, x in self.fixed.items() if name not in rates}
        self._step = self._compiled("step", self.table, rates)
        self._errors = self._compiled("errors", self.validation, rates)

    def run(self, seconds: float, save_every: float, log_every: int) -> None:
        """Makes the steps that are left, as far as the seconds reach; prints how they go."""
        start = saved = time.monotonic()
        last = len(self.rates["learning_rate"])
        for step in range(self.first, last):
            values = self._rates(step) | draws(self.facts, step, self.facts["rows"])
            terms, self.state = self._step(self.state, self.fixed | self.table, values)
            if log_every and ((step + 1) % log_every == 0 or step + 1 == last):
                terms = {name: float(value) for name, value in terms.items()} | self.errors()
                now = self.seconds + time.monotonic() - start
                print(json.dumps({"step": step + 1, "seconds": round(now, 1)} | terms), flush=True)
            now = time.monotonic()
            over = now - start > seconds
            if over or now - saved > save_every:
                self._save("progress", step + 1, now - start)
                saved = now
            if over:
                return
        self._save("outcome", last, time.monotonic() - start)

    def errors(self, batches: int = 4) -> dict[str, float]:
        """Of the averaged weights, on the same examples every time."""
        values = self.state | self.fixed
        averaged = {weight: values[average] for weight, average in self.facts["averages"].items()}
        found = []
        for batch in range(batches):
            varying = draws(self.facts, batch, self.facts["validation_rows"], kind=2)
            state = {name: values[name] for name in self.state} | averaged
            terms, _ = self._errors(state, self.fixed | self.validation, self._rates(0) | varying)
            found.append({name: float(value) for name, value in terms.items()})
        return {name: float(np.mean([of[name] for of in found])) for name in found[0]}

    def _rates(self, step: int) -> dict[str, np.ndarray]:
        of = self.facts["rates"].items()
        return {variable: self.rates[name][step] for name, names in of for variable in names}

    def _save(self, name: str, step: int, seconds: float) -> None:
        values = {key: np.asarray(value) for key, value in (self.fixed | self.state).items()}
        values |= {key: np.asarray(value) for key, value in self._rates(step - 1).items()}
        values |= {"step": step, "seconds": self.seconds + seconds}
        temporary = self.folder / f"{name}.part.npz"
        np.savez(temporary, **values, made_on=jax.devices()[0].device_kind)
        temporary.replace(self.folder / f"{name}.npz")

    def _compiled(self, name: str, table: dict, rates: dict):
        """`(state, fixed, varying)` -> the terms and the next state, compiled for the device."""
        facts = self.facts[name]
        state, fixed, varying = (
            {key: jax.ShapeDtypeStruct(np.shape(x), x.dtype) for key, x in values.items()}
            for values in (self.state, self.fixed | table, rates | draws(self.facts, 0, 1))
        )
        values = {
            key: jax.core.ShapedArray(x.shape, x.dtype)
            for key, x in (state | fixed | varying).items()
        }
        terms = {key: jax.core.ShapedArray((), np.dtype(np.float32)) for key in facts["terms"]}
        avals = tuple(values[key] for key in facts["arguments"])
        results = tuple((values | terms)[key] for key in facts["results"])
        program = exported(serialized((self.folder / f"{name}.mlir").read_text()), avals, results)

        def step(state: dict, fixed: dict, varying: dict):
            given = state | fixed | varying
            found = program.call(*(given[key] for key in facts["arguments"]))
            given |= dict(zip(facts["results"], found, strict=True))
            return {key: given[key] for key in facts["terms"]}, {key: given[key] for key in state}

        donated = () if name == "errors" else (0,)
        return jax.jit(step, donate_argnums=donated).lower(state, fixed, varying).compile()


def draws(facts: dict, step: int, rows: int, kind: int = 0) -> dict[str, np.ndarray]:
    """Which of the rows a step visits, and the seeds of all that it draws; follow from its number.

    There may be fewer rows than a batch has examples; then they are visited again.
    """
    size = facts["batch_size"]
    epoch, number = divmod(step, max(1, min(facts["steps_per_epoch"], rows // size)))
    order = np.resize(order_of_epoch(rows, facts["seed"], kind, epoch), max(rows, size))
    seeds = np.random.default_rng([facts["seed"], kind + 1, step])
    return {
        "rows": order[number * size : (number + 1) * size].astype(np.int32),
        "seeds": seeds.integers(-(2**31), 2**31, facts["seeds"]).astype(np.int32),
    }


@functools.lru_cache(maxsize=2)
def order_of_epoch(rows: int, seed: int, kind: int, epoch: int) -> np.ndarray:
    """All rows in the order in which an epoch visits them."""
    return np.random.default_rng([seed, kind, epoch]).permutation(rows)


def exported(program: bytes, arguments: tuple, results: tuple) -> export.Exported:
    """A program as if JAX had made it, which is how JAX can call it."""
    none_in, none_out = (None,) * len(arguments), (None,) * len(results)
    return export.Exported(
        fun_name="program",
        in_tree=jax.tree.structure((arguments, {})),
        in_avals=arguments,
        out_tree=jax.tree.structure(results),
        out_avals=results,
        _in_named_shardings=none_in,
        _out_named_shardings=none_out,
        in_shardings_hlo=none_in,
        out_shardings_hlo=none_out,
        nr_devices=1,
        platforms=(jax.default_backend().replace("gpu", "cuda"),),
        ordered_effects=(),
        unordered_effects=(),
        disabled_safety_checks=(),
        mlir_module_serialized=program,
        calling_convention_version=export.maximum_supported_calling_convention_version,
        module_kept_var_idx=tuple(range(len(arguments))),
        uses_global_constants=False,
        _get_vjp=None,
    )


def serialized(program: str) -> bytes:
    """The text of a program in the form in which JAX keeps them."""
    with mlir.make_ir_context():
        module = ir.Module.parse(program)
        now = stablehlo.StablehloCompatibilityRequirement.NONE
        version = stablehlo.get_version_from_compatibility_requirement(now)
        return _jax.mlir.serialize_portable_artifact(module, version, False)


if __name__ == "__main__":
    main()
