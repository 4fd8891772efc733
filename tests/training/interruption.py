"""Ctrl-C in the middle of a training."""

from anatomy_tf.training.progress import Progress


def interrupt_after(monkeypatch, steps: int):
    """Ctrl-C in the middle of a run, at a moment of the signal's choosing."""
    update = Progress.update

    def interrupted(self, step, loss):
        update(self, step, loss)
        if step == steps:
            raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "update", interrupted)
