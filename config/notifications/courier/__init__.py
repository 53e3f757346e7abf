"""The courier: a process of its own that takes one message outside, and has nothing to lose.

It knows the one channel's URL and message, and no key, database or setting of Slipway; it connects
to public addresses only, writes no file, starts no program, and ends itself at its deadline. It is
started by `config.notifications.sending` as a package of its own name, so that it loads nothing
else of Slipway: modules here import each other relatively, and nothing of Django.
"""

from typing import Final

# Of a webhook's signing secret: the rest is its key in base64.
SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - no secret by itself
