/** Short names for what the API answers with; the shapes themselves are generated. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Me = Schemas["Me"];
export type Service = Schemas["Service"];
export type Revision = Schemas["Revision"];
export type RevisionVariable = Schemas["Variable"];
export type Target = Schemas["Target"];
export type ReleaseSummary = Schemas["Release"];
export type Release = Schemas["ReleaseDetail"];
export type Risk = Schemas["Risk"];
export type Check = Schemas["Check"];
export type Diff = Schemas["Diff"];
export type DiffResource = Schemas["DiffResource"];
export type Diagnostics = Schemas["Diagnostics"];
export type DiagnosticResource = Schemas["DiagResource"];
export type TimelineEvent = Schemas["Event"];
export type InboxItem = Schemas["InboxItem"];
export type InboxItemDetail = Schemas["InboxItemDetail"];
export type InboxAction = Schemas["InboxAction"];
export type Environment = Schemas["Environment"];
export type EnvironmentNode = Schemas["Node"];
export type InstallTask = Schemas["InstallTask"];
export type InstallStep = Schemas["InstallStep"];
export type LogPage = Schemas["LogPage"];
