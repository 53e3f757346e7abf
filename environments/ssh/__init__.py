"""Work on hosts over SSH: connections, pinned host keys, detached jobs, artifact transfer.

Framework-free: knows nothing of Django, raises the errors of `config.core.errors`.
"""
