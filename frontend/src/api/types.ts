/** Short names for what the API answers with; the shapes themselves are generated. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Me = Schemas["Me"];
export type Service = Schemas["Service"];
export type Revision = Schemas["Revision"];
export type RevisionVariable = Schemas["Variable"];
export type Target = Schemas["Target"];
export type ReleaseSummary = Schemas["ReleaseList"];
export type Release = Schemas["Release"];
export type ReleaseStep = Schemas["ReleaseStep"];
export type Risk = Schemas["Risk"];
export type Check = Schemas["Check"];
export type Diff = Schemas["Diff"];
export type DiffResource = Schemas["DiffResource"];
export type Diagnostics = Schemas["Diagnostics"];
export type DiagnosticResource = Schemas["DiagnosedResource"];
export type Metrics = Schemas["Metrics"];
export type Figures = Schemas["Figures"];
export type ServiceFigures = Schemas["ServiceFigures"];
export type MetricsDay = Schemas["Day"];
export type Cluster = Schemas["Cluster"];
export type ClusterAnswer = Schemas["Checked"];
export type TimelineEvent = Schemas["Event"];
export type InboxItem = Schemas["InboxItem"];
export type InboxItemDetail = Schemas["InboxDetail"];
export type InboxAction = Schemas["InboxAction"];
export type Environment = Schemas["Environment"];
export type EnvironmentNode = Schemas["Node"];
export type InstallTask = Schemas["Task"];
export type InstallStep = Schemas["Step"];
export type LogPage = Schemas["LogPage"];
