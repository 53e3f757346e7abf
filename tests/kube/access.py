"""Who may do what on the stand-in: tokens, certificates, rules, and the reviews that ask."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.kube import answers
from tests.kube.answers import Served

Rule = Mapping[
    str, str
]  # verb, resource (`deployments.apps`, `pods/log`, `*`), namespace ("": all)


@dataclass
class Access:
    """Users by their tokens; a user without rules may do everything."""

    users: dict[str, str] = field(default_factory=dict)  # token -> name
    rules: dict[str, list[Rule]] = field(default_factory=dict)  # of limited users

    def add(self, name: str, rules: Iterable[Rule] | None = None) -> str:
        """A token of this user."""
        token = secrets.token_hex(16)
        self.users[token] = name
        if rules is not None:
            self.rules[name] = list(rules)
        return token

    def allows(self, user: str, verb: str, resource: str, namespace: str) -> bool:
        if user == "system:anonymous":
            return False
        if user not in self.rules:
            return True
        return any(
            rule["verb"] in (verb, "*")
            and rule["resource"] in (resource, "*")
            and rule.get("namespace", "") in (namespace, "")
            for rule in self.rules[user]
        )

    def check(
        self, user: str, verb: str, served: Served, part: str, namespace: str, name: str
    ) -> None:
        """Raises Refusal 403 in the API's words."""
        if self.allows(user, verb, with_part(served.name, part), namespace):
            return
        plural = f"{served.plural}/{part}" if part else served.plural
        where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
        text = (
            f'User "{user}" cannot {verb} resource "{plural}" in API group "{served.group}" {where}'
        )
        raise answers.forbidden(served, name, text)

    def review(self, user: str, kind: str, spec: Mapping[str, Any]) -> dict[str, Any]:
        """The status of a SelfSubjectAccessReview or SelfSubjectRulesReview."""
        if kind == "SelfSubjectRulesReview":
            return self._rules_review(user, str(spec.get("namespace", "")))
        asked = spec.get("resourceAttributes") or {}
        group, plural = asked.get("group", ""), asked.get("resource", "")
        resource = with_part(f"{plural}.{group}" if group else plural, asked.get("subresource", ""))
        verb, namespace = asked.get("verb", ""), asked.get("namespace", "")
        return {"allowed": self.allows(user, verb, resource, namespace)}

    def _rules_review(self, user: str, namespace: str) -> dict[str, Any]:
        everything = {"verb": "*", "resource": "*", "namespace": ""}
        rules = [
            {"verbs": [rule["verb"]], "apiGroups": [group], "resources": [plural]}
            for rule in self.rules.get(user, [everything])
            if rule.get("namespace", "") in (namespace, "")
            for plural, group in [_split(rule["resource"])]
        ]
        return {"resourceRules": rules, "nonResourceRules": [], "incomplete": False}


def with_part(resource: str, part: str) -> str:
    """`pods/log`, `deployments.apps/status`."""
    return f"{resource}/{part}" if part else resource


def _split(resource: str) -> tuple[str, str]:
    """Plural with its part, and group."""
    if resource == "*":
        return "*", "*"
    name, _, part = resource.partition("/")
    plural, _, group = name.partition(".")
    return with_part(plural, part), group
