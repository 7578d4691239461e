"""Give the tests the two services on this machine."""

from loopback import data, services, token

__all__ = ["data", "services", "token"]
