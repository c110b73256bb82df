"""Fixtures of the tests of the window; a module that needs another scan has its own of the same name."""

import pytest

from medgan_viewer.core.document import OpenSeries
from tests.ui import view_fixtures as scans


@pytest.fixture
def opened() -> OpenSeries:
    """Return the simulated head."""
    return scans.opened_series("ct", scans.stack_of(scans.ball()))
