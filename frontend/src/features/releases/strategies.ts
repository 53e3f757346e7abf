import type { Release } from "@/api/types";

type Strategy = Release["strategy"];
type Runtime = Release["runtime_type"];

/** What each strategy means for what runs, in one line per runtime. */
export const STRATEGIES: Record<Strategy, { label: string } & Record<Runtime, string>> = {
  rolling: {
    label: "Rolling",
    compose:
      "Only what differs is replaced, host by host; where it can, the new container starts beside the old one.",
    k8s: "The cluster replaces pods step by step, as each workload's own update strategy says.",
  },
  recreate: {
    label: "Recreate",
    compose: "Every container is stopped and made anew, changed or not: expect a short outage.",
    k8s: "Deployments, stateful sets and daemon sets are deleted and made anew: expect an outage.",
  },
};

export const readStrategy = (value: string): Strategy =>
  value === "recreate" ? "recreate" : "rolling";
