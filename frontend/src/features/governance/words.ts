import type { Policy, RiskRule } from "@/api/types";

export const TIERS = ["development", "staging", "production"] as const;
export const ACTIONS = ["apply", "rollback", "install", "vip"] as const;
export const PRIORITIES = ["P0", "P1", "P2", "P3"] as const;

export const TIER_LABELS = {
  development: "Development",
  staging: "Staging",
  production: "Production",
} as const;

export const ACTION_LABELS: Record<Policy["action"], string> = {
  apply: "Apply",
  rollback: "Roll back",
  install: "Install",
  vip: "Virtual IP",
};

/** Every finding of a preview that a policy can forbid, in the order of the API. */
export const RULE_LABELS: Record<RiskRule, string> = {
  first_release: "First release",
  production: "Production",
  freeze: "Freeze",
  large_change: "Large change",
  deletes: "Deletes something",
  replaces: "Replaces something",
  privileged: "Privileged container",
  docker_socket: "Docker socket",
  host_mount: "Mounts of the host",
  host_namespace: "Namespaces of the host",
  shared_namespace: "Shared namespaces",
  capabilities: "Added capabilities",
  security_options: "Weakened security options",
  devices: "Devices of the host",
  moving_tag: "Moving image tag",
  unpinned_image: "Image without a digest",
  no_health_check: "No health check",
  cluster_scoped: "Objects of the whole cluster",
  cluster_role: "Cluster roles",
  other_namespace: "Another namespace",
  field_conflict: "Fields that others manage",
  takes_fields: "Takes over fields",
  install: "Installation",
  install_in_use: "Installation where something runs",
  install_in_production: "Installation in production",
  uninstall: "Removal of a runtime",
};

export const options = <T extends string>(labels: Record<T, string>) =>
  Object.entries<string>(labels).map(([value, label]) => ({ value, label }));

export const isRule = (value: string): value is RiskRule => value in RULE_LABELS;
