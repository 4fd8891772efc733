"""Human3.6M, from its own archives or from the files that papers share: `docs/data_human36m.md`
tells how.
"""
