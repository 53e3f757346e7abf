export const RUNTIME_LABELS = { compose: "Docker Compose", k8s: "Kubernetes" } as const;
