import { PageHeader } from "@/components/PageHeader";

export function ReleaseListPage() {
  return <PageHeader title="Releases" />;
}
