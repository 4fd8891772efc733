"""tools/train.py in a process that kills itself before the step that the environment names."""

import os
import pathlib
import runpy
import signal
import sys

from anatomy_tf.training.unread_steps import UnreadSteps

if os.environ["DIES_AT"]:
    add = UnreadSteps.add

    def die(self, step):
        if step.number == int(os.environ["DIES_AT"]):
            os.kill(os.getpid(), signal.SIGKILL)
        add(self, step)

    UnreadSteps.add = die

sys.argv[0] = str(pathlib.Path(__file__).parents[2] / "tools" / "train.py")
runpy.run_path(sys.argv[0], run_name="__main__")
