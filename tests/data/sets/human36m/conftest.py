import pytest


@pytest.fixture(scope="session")
def motion(cmu_test_clips):
    """Real motion: `(T, 17, 3)` metres in world space."""
    return cmu_test_clips[0].joints[:40]
