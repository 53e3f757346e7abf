"""The cluster that an environment's hosts make up: connected once it is installed.

The install allowed it, so nobody is asked for a permission here.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from clusters import services
from clusters.models import Cluster, ClusterSource
from config.core.errors import KubeconfigInvalid
from config.core.secrets import Secret
from environments.models import Environment, EnvironmentInstallTask

# The fact that a bundle's hook reports: an administrator's kubeconfig, base64 on one line.
FACT: Final = "KUBECONFIG"
_LONGEST_NAME: Final = 63


def connect(task: EnvironmentInstallTask, kubeconfig: Secret) -> None:
    """The environment's cluster is the one that `kubeconfig` (base64) leads to, and can be released
    to from now on; one that is connected already gets these credentials. Repeatable.

    Raises KubeconfigInvalid or KubeconfigForbiddenField for what is no kubeconfig, and the errors
    of reaching a cluster, with a `hint`; what was connected stays as it was then.
    """
    text = _decoded(kubeconfig)
    environment = Environment.objects.select_related("project", "cluster").get(
        pk=task.environment_id
    )
    cluster = _known(environment, text)
    if cluster is None:
        cluster = services.import_managed(
            project=environment.project, name=_free_name(environment), kubeconfig=text
        )
    else:
        services.rotate_managed(cluster, kubeconfig=text)
    Environment.objects.filter(pk=environment.pk).update(cluster=cluster)


def disconnect(task: EnvironmentInstallTask) -> None:
    """Its cluster is no more. The row goes with it, unless deployment targets are in it: then it
    stays, unreachable and without credentials, until the environment is installed again."""
    environment = Environment.objects.select_related("cluster").get(pk=task.environment_id)
    if environment.cluster is not None:
        services.dismantle(environment.cluster)


def _decoded(kubeconfig: Secret) -> Secret:
    try:
        return Secret(base64.b64decode(kubeconfig.reveal(), validate=True).decode())
    except (binascii.Error, UnicodeDecodeError):
        text = f"The fact {FACT} is not a kubeconfig in base64."
        error = {"path": "", "line": 0, "message": text}
        raise KubeconfigInvalid(text, errors=[error], contexts=[]) from None


def _known(environment: Environment, kubeconfig: Secret) -> Cluster | None:
    """The environment's own, or one at that address that a worker stored and then died; another's
    is left alone. A cluster keeps its address, so that another address is another cluster."""
    others = Environment.objects.exclude(pk=environment.pk).exclude(cluster=None)
    ours = Cluster.objects.filter(
        project=environment.project_id, source=ClusterSource.PLATFORM_MANAGED
    ).exclude(pk__in=others.values("cluster"))
    candidates = [environment.cluster] if environment.cluster else []
    for cluster in [*candidates, *ours]:
        if services.leads_to(cluster, kubeconfig):
            return cluster
    return None


def _free_name(environment: Environment) -> str:
    """The environment's own, or with a number where another cluster of the project has it."""
    taken = set(
        Cluster.objects.filter(project=environment.project_id).values_list("name", flat=True)
    )
    name, number = environment.name[:_LONGEST_NAME], 1
    while name in taken:
        number += 1
        suffix = f"-{number}"
        name = environment.name[: _LONGEST_NAME - len(suffix)] + suffix
    return name
