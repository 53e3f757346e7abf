import type { InstallTask } from "@/api/types";

const KINDS: Record<string, string> = {
  install: "Install",
  lvs_vip: "Virtual IP",
  verify: "Verify",
  uninstall: "Uninstall",
};

/** "Install compose 1.2.0 #4" */
export const taskTitle = ({ id, kind, bundle, version }: InstallTask): string =>
  [KINDS[kind] ?? kind, bundle, version, `#${id}`].filter(Boolean).join(" ");
