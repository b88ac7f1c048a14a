"""What every panel promises, the fake and the one without pins included."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from moodbox.adapters.inbox import Inbox
from moodbox.adapters.panel import GpioPanel, NullPanel
from moodbox.config import PanelConfig
from moodbox.core.ports import Light, Panel
from tests.support.fake_panel import FakePanel

MAKERS: dict[str, Callable[[], Panel]] = {
    "fake": FakePanel,
    "none": NullPanel,
    "pins": lambda: GpioPanel(
        Inbox(), PanelConfig(), pin_factory=MockFactory(pin_class=MockPWMPin)
    ),
}


@pytest.fixture(params=MAKERS)
def panel(request: pytest.FixtureRequest) -> Panel:
    return MAKERS[request.param]()


def test_every_pattern_can_follow_every_other_and_itself(panel: Panel) -> None:
    for before in Light:
        for after in Light:
            panel.show(before)
            panel.show(after)
    panel.close()


def test_closing_twice_is_harmless(panel: Panel) -> None:
    panel.show(Light.TROUBLE)
    panel.close()
    panel.close()
