"""Runs hooks: steps whose output also tells facts, secrets and progress."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.db import transaction

from config.core import logs
from config.core.secrets import Secret
from environments.install import facts
from environments.install.directives import Directive, Directives, is_directive
from environments.install.work import TRANSFER
from environments.models import HostStep, InstallStep
from environments.steps import StepRunner

REASON: Final = "REASON"
# What a hook may give as the reason of its failure (contract, "Errors").
REASONS: Final = frozenset({"ipvs_unavailable", "vip_not_unique"})
_MESSAGE: Final = 200  # characters, as the column has
_END_OF_LOG: Final = 4096  # bytes


@dataclass(frozen=True, kw_only=True)
class HookRunner(StepRunner):
    def take(self, step: HostStep, output: Iterable[bytes]) -> None:
        """Stores what a step says together with what that means: who takes over finds both, or
        neither. Nothing is heard after the log's cut."""
        directives = Directives(at_line_start=self._is_at_line_start(step))
        unread, unmasked = b"", b""
        for data in output:
            text, read, found = directives.take(unread + data, final=False)
            unread = (unread + data)[read:]
            unmasked = self._heard(step, unmasked + text, found, final=False)
            if step.log_cut:
                return
        text, _, found = directives.take(unread, final=True)
        self._heard(step, unmasked + text, found, final=True)

    def finish(self, step: HostStep, status: str, *, reason_code: str = "", **changes: Any) -> str:
        if said := changes.get("said", b"") or self._last_words(step, reason_code):
            changes["message"] = said.decode(errors="replace").replace("\0", "").strip()[:_MESSAGE]
        if reason_code == "step_failed":
            told = self.ask(partial(facts.told, step, REASON))
            reason_code = told if told in REASONS else reason_code
            super().finish(step, status, reason_code=reason_code, **changes)
            # Only now: who takes over in between asks again. The next attempt has its own.
            self.ask(partial(facts.forget, step, REASON))
            return status
        return super().finish(step, status, reason_code=reason_code, **changes)

    def cancel(self, step: HostStep) -> bool:
        """A transfer has nothing on its host to end, and may wait for one that takes no more:
        without the connection it sees that it is over."""
        if step.hook != TRANSFER:
            return super().cancel(step)
        self.connect(step).close()
        return True

    def _last_words(self, step: HostStep, reason_code: str) -> bytes:
        """Of a hook that failed by itself: mostly they say why."""
        if reason_code != "step_failed":
            return b""
        start = max(step.attempt_offset, step.log_bytes - _END_OF_LOG)
        read = partial(logs.read_bytes, self.log_model, step.pk, start, _END_OF_LOG)
        lines = [line.strip() for line in self.ask(read).splitlines()]
        return next((line for line in reversed(lines) if line and not is_directive(line)), b"")

    def _is_at_line_start(self, step: HostStep) -> bool:
        if step.log_bytes == step.attempt_offset:
            return True
        last = self.ask(partial(logs.read_bytes, self.log_model, step.pk, step.log_bytes - 1, 1))
        return last == b"\n"

    def _heard(
        self, step: HostStep, text: bytes, found: Sequence[Directive], *, final: bool
    ) -> bytes:
        """What of `text` has to wait for what follows, as it may be the beginning of a secret."""
        self.redactor.add(Secret(said.value) for said in found if said.verb == "secret")
        ready, taken = self.redactor.take(text, final=final)
        if found:
            self.ask(partial(self._learn, step, ready, found))
        else:
            self.keep(step, ready)
        return text[taken:]

    def _learn(self, step: HostStep, ready: bytes, found: Sequence[Directive]) -> None:
        with transaction.atomic():
            self.keep(step, ready)
            for said in found:
                if said.verb == "progress":
                    message = self.redactor.json(said.value)[:_MESSAGE]
                    self.write(step, percent=int(said.name), message=message)
                elif isinstance(step, InstallStep):
                    value = said.value if said.verb == "secret" else self.redactor.json(said.value)
                    facts.learn(step, said.name, value, is_secret=said.verb == "secret")
