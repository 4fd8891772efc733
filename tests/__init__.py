import os

# The tests compile much and compute little, so the compiler need not try hard. Set before
# TensorFlow is loaded, and passed on to the processes that tests start.
_QUICKLY = "--xla_backend_optimization_level=0"
if _QUICKLY not in os.environ.get("XLA_FLAGS", ""):
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_QUICKLY}".strip()
