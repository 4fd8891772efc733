"""Work in processes of their own, to be killed."""

import os
import traceback
from collections.abc import Callable


def forked(work: Callable[[], int]) -> int:
    """The number of a process that does `work` and ends with the code that it gives; nothing of
    TensorFlow may have been computed before.
    """
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = work()
    except BaseException:
        traceback.print_exc()
    os._exit(code)


def has_ended(process: int) -> bool:
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def exit_code(process: int) -> int:
    """Once it has ended; negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
