import type { Environment } from "@/api/types";

/** What the form for a new target holds. */
export interface TargetFields {
  name: string;
  clusterId: number | null;
  namespace: string;
  maxParallel: string;
  autoRollback: boolean;
}

export const EMPTY_TARGET: TargetFields = {
  name: "",
  clusterId: null,
  namespace: "",
  maxParallel: "1",
  autoRollback: false,
};

/** The request for a new target: its runtime is its environment's, and only a Kubernetes target is
 * on a cluster, only a Compose one switches hosts. */
export function targetRequest(fields: TargetFields, environment: Environment) {
  const { id: environment_id, project_id, runtime_type } = environment;
  const { name, autoRollback: auto_rollback } = fields;
  const shared = { name: name.trim(), project_id, environment_id, runtime_type, auto_rollback };
  return runtime_type === "k8s"
    ? { ...shared, cluster_id: fields.clusterId, namespace: fields.namespace.trim() }
    : { ...shared, max_parallel: Number(fields.maxParallel) };
}
