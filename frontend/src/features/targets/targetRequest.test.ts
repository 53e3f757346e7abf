import { expect, it } from "vitest";

import type { Environment } from "@/api/types";

import { targetRequest } from "./targetRequest";

const environment = (runtime_type: Environment["runtime_type"]) =>
  ({ id: 5, project_id: 2, runtime_type }) as Environment;

const FIELDS = {
  name: " shop ",
  clusterId: 9,
  namespace: " shop ",
  maxParallel: "3",
  autoRollback: true,
};

it("puts a Kubernetes target on its cluster", () => {
  expect(targetRequest(FIELDS, environment("k8s"))).toEqual({
    name: "shop",
    project_id: 2,
    environment_id: 5,
    runtime_type: "k8s",
    cluster_id: 9,
    namespace: "shop",
    auto_rollback: true,
  });
});

it("leaves a Compose target without one, whatever was chosen before", () => {
  expect(targetRequest(FIELDS, environment("compose"))).toEqual({
    name: "shop",
    project_id: 2,
    environment_id: 5,
    runtime_type: "compose",
    max_parallel: 3,
    auto_rollback: true,
  });
});
