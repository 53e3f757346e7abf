"""Real hosts to test on: containers that run systemd and OpenSSH, made and removed here.

Standard library and the docker command only, so it runs before anything else is installed.
"""

from tests.lab.docker import LabError, unavailable_reason
from tests.lab.host import Host
from tests.lab.lab import Lab

__all__ = ["Host", "Lab", "LabError", "unavailable_reason"]
