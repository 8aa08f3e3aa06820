"""Yahoo and FRED on the loopback, for tests that use the real client."""

from tests.loopback.answers import Request
from tests.loopback.replay import Replay
from tests.loopback.server import Loopback
from tests.loopback.world import World

__all__ = ["Loopback", "Replay", "Request", "World"]
