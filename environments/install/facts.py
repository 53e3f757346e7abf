"""What hooks found out, for the hooks after them: variables of their environment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from config.core.fields import reveal
from config.core.secrets import Secret
from environments.models import EnvironmentInstallTask, HostStep, InstallFact, InstallStep


def learn(step: InstallStep, name: str, value: str, *, is_secret: bool) -> None:
    """The last word of a node on a name counts."""
    fact = InstallFact.objects.filter(run=step.run, node=step.node, name=name).first()
    fact = fact or InstallFact(run=step.run, node=step.node, name=name)
    fact.is_secret = is_secret
    fact.value, fact.secret_value = ("", Secret(value)) if is_secret else (value, Secret(""))
    fact.save()


def told(step: HostStep, name: str) -> str | None:
    """What the step's node said of a name that is no secret."""
    rows = InstallFact.objects.filter(run=step.run, node=step.node, name=name, is_secret=False)
    return rows.values_list("value", flat=True).first()


def forget(step: HostStep, name: str) -> None:
    InstallFact.objects.filter(run=step.run, node=step.node, name=name).delete()


def secrets_of(task: EnvironmentInstallTask) -> list[Secret]:
    """What must not show in anything its hooks print from now on."""
    return [reveal(fact, "secret_value") for fact in task.facts.filter(is_secret=True)]


def secret(task: EnvironmentInstallTask, name: str) -> Secret | None:
    """The secret of that name, of the node that was added first."""
    fact = task.facts.filter(is_secret=True, name=name).order_by("node_id").first()
    return reveal(fact, "secret_value") if fact else None


def known(task: EnvironmentInstallTask) -> list[InstallFact]:
    """What its hooks found out so far."""
    return list(task.facts.select_related("node").order_by("node_id"))


def variables(step: InstallStep, known: Iterable[InstallFact]) -> dict[str, str | Secret]:
    """SLIPWAY_FACT_NAME: the node's own, else that of the node that was added first.
    SLIPWAY_FACTS_NAME: "NODE=VALUE …" of all that are one word and no secret."""
    found: dict[str, str | Secret] = {}
    everybody: defaultdict[str, list[str]] = defaultdict(list)
    for fact in known:
        value = reveal(fact, "secret_value") if fact.is_secret else fact.value
        name = f"SLIPWAY_FACT_{fact.name}"
        if fact.node_id == step.node_id or name not in found:
            found[name] = value
        if not fact.is_secret and len(fact.value.split()) == 1:
            everybody[f"SLIPWAY_FACTS_{fact.name}"].append(f"{fact.node.name}={fact.value}")
    return found | {name: " ".join(words) for name, words in everybody.items()}
