import { PageHeader } from "@/components/PageHeader";

export function EnvironmentListPage() {
  return <PageHeader title="Environments" />;
}
